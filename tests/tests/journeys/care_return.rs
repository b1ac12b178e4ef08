//! The SSDA903 return from a desktop, against a real store: its two files as they are in real life.

use std::path::Path;

use lac_client::view::*;
use lac_import::ReturnPart;
use lac_tests::barsetshire::Town;
use lac_wire::{AddPupil, CareChange, CarePeriodEntry, ChangeCare, DecideCareProposals, Pupil};

use crate::desk::Desk;

async fn add(desk: &Desk, account: AccountId, name: &str, born: &str, reference: &str) -> Pupil {
    let new: AddPupil = serde_json::from_value(serde_json::json!({
        "legal_first_name": name, "legal_last_name": "Reed", "known_as": format!("{name} Reed"),
        "born": born, "upn": null, "reference": reference, "care_periods": [], "enrolments": [],
    }))
    .unwrap();
    desk.app.add_pupil(account, new).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_return_is_read_and_its_proposals_are_confirmed_or_let_go() {
    let town = Town::found().await.unwrap();
    town.people().await.unwrap();
    let (head, account) = Desk::sign_in(&town.store.url(), "priya.shah@example.org").await;
    let app = &head.app;
    let open = add(&head, account, "Tom", "2008-03-27", "566910").await;
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ssda903");
    let file = async |name: &str| {
        let path = folder.join(name).to_string_lossy().into_owned();
        app.look_at_care_return_file(account, CareReturnPath { path })
            .await
            .unwrap()
    };
    let (header, episodes) = (file("header.csv").await, file("episodes.csv").await);
    assert_eq!((header.part, header.rows), (ReturnPart::Header, 2675));
    assert_eq!((episodes.part, episodes.rows), (ReturnPart::Episodes, 5050));
    let request = ReadReturn {
        header: header.path,
        episodes: episodes.path,
        as_at: "2018-03-31".parse().unwrap(),
    };
    let read = app.read_care_return(account, request.clone()).await.unwrap();
    assert_eq!((read.counts.periods, read.counts.short_breaks), (1931, 803));
    let shown = read.header_findings.len() + read.episode_findings.len();
    assert_eq!(
        u32::try_from(shown).unwrap(),
        read.errors + read.warnings,
        "every finding is there"
    );
    let waiting = app.list_care_proposals(account, After::default()).await.unwrap().rows;
    assert_eq!(
        (waiting.len(), waiting[0].pupil_id, waiting[0].held.len()),
        (1, open.id, 0)
    );
    let decide = async |take| {
        let waiting = app.list_care_proposals(account, After::default()).await.unwrap().rows;
        let ids = Some(waiting.iter().map(|one| one.id).collect());
        app.decide_care_proposals(account, DecideCareProposals { ids, take })
            .await
            .unwrap()
    };
    assert_eq!(decide(true).await.done, 1);
    let record = app.get_pupil_record(account, PupilRef { id: open.id }).await.unwrap();
    assert_eq!(record.care_periods[0].start.to_string(), "2016-02-15");
    // A later date that is entered by hand stands.
    let ended = CarePeriodEntry {
        start: record.care_periods[0].start,
        end: Some("2019-06-01".parse().unwrap()),
        end_reason: None,
    };
    let change = CareChange::Change {
        id: record.care_periods[0].id,
        entry: ended,
    };
    let change = ChangeCareRequest {
        id: open.id,
        change: ChangeCare { revision: None, change },
    };
    app.change_care(account, change).await.unwrap();
    let again = app.read_care_return(account, request).await.unwrap();
    assert_eq!((again.compared.later_here, again.compared.to_open), (1, 0));
    let past = app.list_care_returns(account, After::default()).await.unwrap().rows;
    let became: Vec<_> = past.iter().map(|one| (one.waiting, one.done)).collect();
    assert_eq!(became, [(0, 0), (0, 1)]);
    assert_eq!(past[0].read_by.as_deref(), Some("Priya Shah"));
}
