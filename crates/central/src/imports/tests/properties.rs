//! What holds for any file, through the whole store. `LAC_SEED` repeats a run.

use axum::http::{Method, StatusCode};
use lac_domain::{Role, UserId};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};

use super::{authority, commit, new_import, put};
use crate::storage::Engine;
use crate::test_support::{TestStore, TestUser, new_uuid, store_cases};
use crate::{both, both_engines};

/// Cells that are often right and often nearly so. The names and addresses are few, so that they meet.
fn cell(column: usize) -> BoxedStrategy<String> {
    let pool: &[&str] = match column {
        0 => &["Ann", "Ann", "Bo", "Zoë", "", "=Ann", "Ann\nMary"],
        1 => &["Lee", "Lee", "O’Neil", "Reed \"R\"", ""],
        2 => &["Teacher", "SENCO", ""],
        3 => &[
            "ann@example.org",
            "ANN@example.org",
            "bo@example.org",
            "cy@example.org",
            "di@example.org",
            "office@example.org",
            "zoë@example.org",
            "nobody",
            "",
        ],
        4 => &["100000", "100000", "124930", "133102", "0", "", "999999", "1.00E+05"],
        _ => &["Designated Teacher", "Social Worker", "", "", "Head"],
    };
    proptest::sample::select(pool).prop_map(str::to_owned).boxed()
}

/// A file: mostly sensible rows.
fn file() -> impl Strategy<Value = Vec<u8>> {
    let row: Vec<BoxedStrategy<String>> = (0..6).map(cell).collect();
    proptest::collection::vec(row, 1..10).prop_map(|rows| {
        let mut text = "First name,Surname,Job title,Email,URN,User Role\n".to_owned();
        for row in rows {
            let cells: Vec<String> = row
                .iter()
                .map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")))
                .collect();
            text.push_str(&cells.join(","));
            text.push('\n');
        }
        text.into_bytes()
    })
}

pub(super) fn runner() -> TestRunner {
    let seed = match std::env::var("LAC_SEED") {
        Ok(seed) => seed.parse().expect("LAC_SEED is a number"),
        Err(_) => getrandom::u64().unwrap(),
    };
    println!("LAC_SEED={seed}");
    let mut bytes = [0; 32];
    bytes[..8].copy_from_slice(&seed.to_le_bytes());
    TestRunner::new_with_rng(Config::default(), TestRng::from_seed(RngAlgorithm::ChaCha, &bytes))
}

/// All that an import may change of users, in words.
async fn state(store: &TestStore) -> Vec<String> {
    store.store.catch_up().await.unwrap();
    let mut conn = store.store.read().await.unwrap();
    type User = (
        UserId,
        String,
        String,
        String,
        String,
        String,
        String,
        String,
        String,
        String,
        bool,
    );
    let sql =
        "SELECT id, role, status, first_name, last_name, name_key, email, email_key, job_title, phone, invitation_held
               FROM users ORDER BY id";
    let users: Vec<User> = both!(&mut conn, c => sqlx::query_as(sql).fetch_all(c).await).unwrap();
    let sql = "SELECT user_id, establishment_id, capacity, start_on, end_on FROM establishment_links ORDER BY 1, 2";
    type Link = (
        UserId,
        lac_domain::EstablishmentId,
        String,
        chrono::NaiveDate,
        Option<chrono::NaiveDate>,
    );
    let links: Vec<Link> = both!(&mut conn, c => sqlx::query_as(sql).fetch_all(c).await).unwrap();
    let sql = "SELECT word, user_id FROM user_words";
    let mut words: Vec<(String, UserId)> = both!(&mut conn, c => sqlx::query_as(sql).fetch_all(c).await).unwrap();
    words.sort_unstable();
    let lines = users.iter().map(|user| format!("{user:?}"));
    let links = links.iter().map(|link| format!("{link:?}"));
    lines
        .chain(links)
        .chain(words.iter().map(|word| format!("{word:?}")))
        .collect()
}

pub(super) fn number(value: &Value, path: &[&str]) -> u64 {
    let found = path.iter().fold(value, |value, key| &value[*key]);
    found.as_u64().unwrap_or_else(|| panic!("{path:?} in {value}"))
}

async fn users(store: &TestStore) -> u64 {
    let users = super::count(store, "SELECT COUNT(*) FROM users").await;
    u64::try_from(users).unwrap()
}

/// Judges, commits twice, undoes; what must hold after each.
async fn holds(store: &TestStore, priya: &TestUser, file: &[u8], existing: &str, role: Role) {
    let id = new_import();
    let path = format!(
        "/v1/imports/{id}?kind=users&role={}&existing={existing}&file_name=staff.csv",
        role.as_str()
    );
    let client = &priya.client;
    let judged: Value = client
        .send_bytes(Method::PUT, &path, file.to_vec(), "text/csv", new_uuid())
        .await
        .json();
    let (before, users_before) = (state(store).await, users(store).await);
    let body = json!({ "revision": judged["revision"], "all_or_nothing": false, "invite": true });
    let commit = format!("/v1/imports/{id}/commit");
    let reply = client.post(&commit, &body).await;
    if judged["blocked"] == true {
        assert_ne!(reply.status, StatusCode::OK);
        assert_eq!(state(store).await, before);
        return;
    }
    let committed: Value = reply.json();
    let counts = |name| number(&committed, &["counts", name]);
    assert_eq!(
        counts("rows_accepted") + counts("rows_skipped") + counts("rows_refused"),
        counts("rows_read"),
        "every row is accounted for"
    );
    let result = |name| number(&committed, &["result", name]);
    assert_eq!(result("refused"), counts("rows_refused"));
    assert_eq!(result("skipped"), counts("rows_skipped"));
    assert!(result("created") + result("updated") <= counts("rows_accepted"));
    assert_eq!(users(store).await, users_before + result("created"));

    let after = state(store).await;
    let again: Value = client.post(&commit, &body).await.json();
    assert_eq!(again["result"], committed["result"]);
    assert_eq!(state(store).await, after, "committing twice is committing once");

    let undone = client.post(&format!("/v1/imports/{id}/undo"), &json!({})).await;
    assert_eq!(undone.status, StatusCode::OK, "{:?}", undone.body);
    assert_eq!(state(store).await, before, "an undo gives back the state before");
}

both_engines! {
    async fn any_file_adds_up_is_added_once_and_can_be_undone(store: &TestStore) {
        let priya = authority(store).await;
        // Somebody whom the files name too.
        let existing = b"First name,Surname,Email,URN\nAnn,Lee,ann@example.org,100000\nBo,Reed,bo@example.org,124930\n";
        let id = new_import();
        let judged = put(&priya, id, existing).await;
        assert_eq!(commit(&priya, &judged, true).await.status, StatusCode::OK);
        let cases = store_cases(if store.engine() == Engine::Sqlite { 60 } else { 15 });
        let mut runner = runner();
        let choices = (
            file(),
            proptest::sample::select(vec!["refuse", "skip", "update"]),
            proptest::sample::select(vec![Role::DesignatedTeacher, Role::SocialWorker]),
        );
        for case in 0..cases {
            let (file, existing, role) = choices.new_tree(&mut runner).unwrap().current();
            // Shown only where it fails.
            println!("case {case}: {existing}, {role:?}\n{}", String::from_utf8_lossy(&file));
            // Time passes, so that the password was given lately all the same.
            holds(store, &priya, &file, existing, role).await;
        }
    }
}
