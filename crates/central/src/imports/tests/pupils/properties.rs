//! What holds for any file of pupils, through the whole store. `LAC_SEED` repeats a run.

use axum::http::StatusCode;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use serde_json::{Value, json};

use super::super::properties::{number, runner};
use super::*;
use crate::both_engines;
use crate::storage::Engine;
use crate::test_support::store_cases;

/// Cells that are often right and often nearly so. The numbers and names are few, so that they meet.
fn cell(column: usize) -> BoxedStrategy<String> {
    let pool: &[&str] = match column {
        0 => &["B801200005001", "", "", "X1", "A801200005001"],
        1 => &["Tom", "Tom", "Una", "", "=Tom"],
        2 => &["Reed", "Reed", "Slope", ""],
        3 => &["", "Tommy", "Una S"],
        4 => &["04/05/2014", "04/05/2014", "04/05/2014", "2013-05-04", "31/02/2014", ""],
        5 => &["100001", "100002", "", "0", "999999"],
        6 => &["", "Main", "Dual", "Often"],
        7 => &["03/09/2024", "16/11/2026", "", "01/01/2010"],
        8 => &["", "", "21/07/2026", "01/01/2020"],
        9 => &["10/01/2025", "10/01/2025", "", "01/06/2026"],
        10 => &["", "", "20/11/2026", "01/01/2025"],
        11 => &["", "josiah.crawley@example.org", "nobody"],
        _ => &["R1", "R2", "R3", "R4", ""],
    };
    proptest::sample::select(pool).prop_map(str::to_owned).boxed()
}

fn rows() -> impl Strategy<Value = Vec<u8>> {
    let row: Vec<BoxedStrategy<String>> = (0..13).map(cell).collect();
    proptest::collection::vec(row, 1..8).prop_map(|rows| {
        let lines: Vec<String> = rows.iter().map(|row| row.join(",")).collect();
        file(&lines.iter().map(String::as_str).collect::<Vec<_>>())
    })
}

/// Judges, commits twice, undoes; what must hold after each.
async fn holds(store: &TestStore, grace: &TestUser, file: &[u8], existing: &str) {
    let judged: Import = put_as(grace, new_import(), &format!("existing={existing}"), file)
        .await
        .json();
    let before = state(store).await;
    let body = json!({
        "revision": judged.revision, "all_or_nothing": false, "invite": false, "ends_care": judged.counts.ends_care,
    });
    let path = format!("/v1/imports/{}/commit", judged.id);
    let committed: Value = grace.client.post(&path, &body).await.json();
    let counts = |name| number(&committed, &["counts", name]);
    assert_eq!(
        counts("rows_accepted") + counts("rows_skipped") + counts("rows_refused"),
        counts("rows_read"),
        "every row is accounted for"
    );
    let result = |name| number(&committed, &["result", name]);
    assert_eq!(result("refused"), counts("rows_refused"));
    assert_eq!(result("skipped"), counts("rows_skipped"));
    assert_eq!(result("created"), counts("to_create"));
    assert_eq!(result("updated"), counts("to_update"));

    let after = state(store).await;
    let again: Value = grace.client.post(&path, &body).await.json();
    assert_eq!(again["result"], committed["result"]);
    assert_eq!(state(store).await, after, "committing twice is committing once");
    if existing == "update" {
        let same: Import = put_as(grace, new_import(), "existing=update", file).await.json();
        let again = (same.counts.to_create, same.counts.to_update, same.counts.ends_care);
        assert_eq!(again, (0, 0, 0), "{:?}", same.counts);
    }

    let undone = undo(grace, judged.id).await;
    assert_eq!(undone.status, StatusCode::OK, "{:?}", undone.body);
    assert_eq!(state(store).await, before, "an undo gives back the state before");
}

both_engines! {
    async fn any_file_adds_up_is_taken_once_and_can_be_undone(store: &TestStore) {
        let (one, two) = schools(store).await;
        store.teacher("Eleanor", "Bold", one).await;
        store.teacher("Mark", "Robarts", two).await;
        store.user(Role::SocialWorker, "Josiah", "Crawley").await;
        let grace = la_user(store).await;
        // Pupils whom the files name too.
        let una = ",Una,Slope,,04/05/2014,100002,,03/09/2024,,10/01/2025,,,R2";
        assert_eq!(take(&grace, &file(&[TOM, una])).await.result.unwrap().created, 2);
        let cases = store_cases(if store.engine() == Engine::Sqlite { 60 } else { 15 });
        let mut runner = runner();
        let choices = (rows(), proptest::sample::select(vec!["refuse", "skip", "update", "update"]));
        for case in 0..cases {
            let (file, existing) = choices.new_tree(&mut runner).unwrap().current();
            // Shown only where it fails.
            println!("case {case}: {existing}\n{}", String::from_utf8_lossy(&file));
            holds(store, &grace, &file, existing).await;
        }
    }
}
