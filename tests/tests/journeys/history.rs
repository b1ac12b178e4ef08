//! A pupil's history on the desktop of somebody who becomes entitled today: read, searched and exported, while the store
//! notes it; and gone again with the entitlement.

use lac_client::view::*;
use lac_domain::PupilId;
use lac_tests::barsetshire::Town;
use lac_wire::{ExportFormat, Page, Recipient, TrailRow};

use crate::desk::{Desk, PATIENCE};

fn about(pupil: PupilId, search: Option<&str>) -> ConversationFilter {
    ConversationFilter {
        folder: None,
        search: search.map(str::to_owned),
        pupil_id: Some(pupil),
        after: None,
        limit: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_searched_and_exported_by_a_teacher_and_the_store_knows_it() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let (helen, account) = Desk::sign_in(&town.store.url(), "helen.okafor@example.org").await;
    let pupils = helen
        .app
        .list_pupils(account, lac_wire::PupilFilter::default())
        .await
        .unwrap();
    let pupil = pupils.rows.first().unwrap().clone();
    let everyone = vec![Recipient::AroundPupil { pupil_id: pupil.id }];
    for (subject, body) in [
        ("Transport", "=cmd|' /C calc'!A0"),
        ("The plan", "Zażółć gęślą jaźń, said the carer"),
    ] {
        barsetshire
            .head
            .start(everyone.clone(), Some(pupil.id), subject, body)
            .await
            .unwrap();
    }
    let arrived = helen.host.until(async |_| {
        let all = helen
            .app
            .list_conversations(account, about(pupil.id, None))
            .await
            .unwrap();
        let subjects: Vec<&str> = all.rows.iter().map(|row| row.subject.reveal()).collect();
        subjects.contains(&"Transport") && subjects.contains(&"The plan")
    });
    tokio::time::timeout(PATIENCE, arrived)
        .await
        .expect("both conversations come");
    let found = helen
        .app
        .list_conversations(account, about(pupil.id, Some("jazn from:priya has:attachment")))
        .await
        .unwrap();
    assert!(found.rows.is_empty(), "no file came with it");
    let found = helen
        .app
        .list_conversations(account, about(pupil.id, Some("jazn from:priya after:today")))
        .await
        .unwrap();
    assert_eq!(found.rows[0].subject.reveal(), "The plan");

    let export = |format| ExportHistory {
        pupil_id: pupil.id,
        format,
        reason: "The annual review".into(),
        search: None,
    };
    let (csv, pdf) = (helen.folder.path().join("m.csv"), helen.folder.path().join("m.pdf"));
    helen.host.will_save(Some(&csv));
    let saved = helen
        .app
        .export_history(account, export(ExportFormat::Csv))
        .await
        .unwrap()
        .unwrap();
    assert!(saved.messages >= 2);
    let text = std::fs::read_to_string(&csv).unwrap();
    assert!(
        text.contains(",'=cmd|' /C calc'!A0,") && text.contains("Zażółć gęślą jaźń"),
        "{text}"
    );
    helen.host.will_save(Some(&pdf));
    helen
        .app
        .export_history(account, export(ExportFormat::Pdf))
        .await
        .unwrap()
        .unwrap();
    assert!(std::fs::read(&pdf).unwrap().starts_with(b"%PDF-"));

    // Who exported what, and why, is told to a Super User.
    let path = format!("/v1/users/{}/trail", barsetshire.users["helen.okafor@example.org"]);
    let trail: Page<TrailRow> = barsetshire.head.get(&path).await.unwrap();
    let exports = trail.rows.iter().filter(|row| row.what.contains("Exported"));
    let told: Vec<&str> = exports.map(|row| row.what.as_str()).collect();
    assert_eq!(told.len(), 2, "{:?}", trail.rows);
    assert!(told[0].ends_with("for: The annual review"), "{told:?}");
}
