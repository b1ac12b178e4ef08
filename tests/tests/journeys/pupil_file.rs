//! Pupils from the authority's own file, on the desktops themselves.

use std::path::Path;

use lac_client::view::*;
use lac_import::{Column, ExistingUsers, FindingCode};
use lac_tests::barsetshire::Town;
use lac_wire::{
    CommitImport, FindingFilter, Import, ImportKind, ImportOutcome, ImportStatus, MendImport, MendedCell, OutcomeFilter,
};

use crate::desk::{Desk, PATIENCE};

const HEADINGS: &str = "UPN,Pupil First Name,Pupil Last Name,Known As,Date of Birth,School Reference Number (URN),\
    Enrolment Kind,On Roll From,On Roll To,Care Started,Care Ended,Social Worker Email,Reference";

async fn judge(desk: &Desk, account: AccountId, path: &Path) -> Import {
    let path = path.to_string_lossy().into_owned();
    let look = LookAtFile {
        kind: ImportKind::Pupils,
        path: path.clone(),
        mapping: Vec::new(),
    };
    let chosen = desk.app.look_at_file(account, look).await.unwrap();
    assert!(chosen.recognised.findings.is_empty(), "{:?}", chosen.recognised);
    let request = JudgeFile {
        kind: ImportKind::Pupils,
        path,
        role: None,
        existing: ExistingUsers::Update,
        as_at: None,
        mapping: Vec::new(),
    };
    desk.app.judge_file(account, request).await.unwrap()
}

fn findings_of(import: &Import) -> FindingsOf {
    FindingsOf {
        id: import.id,
        filter: FindingFilter::default(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_one_refused_cell_is_mended_taken_seen_at_school_and_undone() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let (owen, owen_account) = Desk::take_up(
        &town.store.url(),
        &barsetshire.invitation("owen.bell@example.org").unwrap(),
    )
    .await;
    let (ruth, ruth_account) = Desk::take_up(
        &town.store.url(),
        &barsetshire.invitation("ruth.adeyemi@example.org").unwrap(),
    )
    .await;
    let (owen_held, ruth_held) = (owen.pupils(owen_account).await, ruth.pupils(ruth_account).await);

    // An LA User, not a Super User, has a list in which one date is none.
    let (grace, account) = Desk::sign_in(&town.store.url(), "grace.adu@example.org").await;
    let path = grace.folder.path().join("into care.csv");
    let row = ",Wilfred,Thorne,Wilf Thorne,31/02/2016,990104,,02/09/2026,,01/10/2026,,,BC-9001";
    std::fs::write(&path, format!("{HEADINGS}\r\n{row}\r\n")).unwrap();
    let judged = judge(&grace, account, &path).await;
    let counts = judged.counts;
    assert_eq!((counts.to_create, counts.rows_refused, counts.rows_read), (0, 1, 1));
    // Everyone else in care is missing from so short a list, and stays as they are.
    assert!(counts.missing > 0 && counts.ends_care == 0);
    let found = grace
        .app
        .list_findings(account, findings_of(&judged))
        .await
        .unwrap()
        .rows;
    let refused = &found[0];
    assert_eq!(
        (refused.row, refused.code, refused.field),
        (2, FindingCode::BadDate, Some(Column::DateOfBirth))
    );
    let mend = MendImport {
        revision: judged.revision,
        cells: vec![MendedCell {
            row: 2,
            column: refused.column_index.unwrap(),
            value: "28/02/2016".to_owned(),
        }],
        ..MendImport::default()
    };
    let mended = grace
        .app
        .mend_import(account, MendRequest { id: judged.id, mend })
        .await
        .unwrap();
    assert_eq!(
        (mended.counts.to_create, mended.counts.rows_refused, mended.mended_cells),
        (1, 0, 1)
    );

    let commit = CommitImport {
        revision: mended.revision,
        all_or_nothing: true,
        invite: false,
        invite_at: None,
        ends_care: None,
    };
    let request = CommitRequest { id: mended.id, commit };
    let done = grace.app.commit_import(account, request).await.unwrap();
    assert_eq!(done.result.unwrap().created, 1);

    // The teacher of that school sees the child by itself; another teacher does not.
    let appears = owen
        .host
        .until(async |_| owen.pupils(owen_account).await.contains(&"Wilf Thorne".to_owned()));
    tokio::time::timeout(PATIENCE, appears)
        .await
        .expect("the child appears");
    ruth.app.sync_now(ruth_account, ()).await.unwrap();
    assert_eq!(ruth.pupils(ruth_account).await, ruth_held);
    let outcomes = OutcomesOf {
        id: done.id,
        filter: OutcomeFilter {
            outcome: Some(ImportOutcome::Created),
            ..OutcomeFilter::default()
        },
    };
    let added = grace.app.list_import_outcomes(account, outcomes).await.unwrap().rows;
    assert_eq!(
        (added.len(), added[0].name.as_str(), added[0].detail.as_str()),
        (1, "Wilf Thorne", "Reference BC-9001")
    );

    // A colleague sees that there was an import, and none of its rows.
    let (colin, colin_account) = Desk::take_up(
        &town.store.url(),
        &barsetshire.invitation("colin.draper@example.org").unwrap(),
    )
    .await;
    let listed = colin
        .app
        .list_imports(colin_account, After::default())
        .await
        .unwrap()
        .rows;
    let seen = listed.iter().find(|one| one.id == done.id).unwrap();
    assert!(seen.rows_hidden && seen.recognised.is_none() && seen.kind == ImportKind::Pupils);
    assert!(
        colin
            .app
            .list_findings(colin_account, findings_of(&done))
            .await
            .is_err()
    );

    let look = UndoOf {
        id: done.id,
        after: None,
    };
    let look = grace.app.look_at_undo(account, look).await.unwrap();
    assert_eq!((look.to_remove, look.staying), (1, 0));
    let undone = grace.app.undo_import(account, ImportRef { id: done.id }).await.unwrap();
    assert_eq!(
        (undone.status, undone.undone.unwrap().removed),
        (ImportStatus::Undone, 1)
    );
    let goes = owen.host.until(async |_| owen.pupils(owen_account).await == owen_held);
    tokio::time::timeout(PATIENCE, goes)
        .await
        .expect("the child is gone again");
}
