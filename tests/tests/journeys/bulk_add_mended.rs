//! A file that is mapped, mended in place, committed, and taken back.

use lac_client::view::*;
use lac_domain::Role;
use lac_import::{Column, ColumnChoice, ColumnState, ExistingUsers};
use lac_tests::barsetshire::Town;
use lac_tests::support::wait::{LONG_ENOUGH, until};
use lac_wire::{CommitImport, ImportKind, ImportStatus, MendImport, MendedCell, OutcomeFilter, StayReason};

use crate::bulk_add::user_count;
use crate::desk::Desk;

/// A file whose headings are not all known, with two faults that can be mended in place.
const ODD: &str = "Given,Family,Contact,URN\r\n\
    Ann,Lee,ann.lee at example.org,990103\r\n\
    Bob,Reed,bob.reed@example.org,999999\r\n\
    Cy,Hall,cy.hall@example.org,990103\r\n\
    Di,Kent,di.kent@example.org,990103\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_file_is_mapped_mended_in_place_committed_and_undone_but_for_one_who_signed_in() {
    let town = Town::found().await.unwrap();
    let (head, account) = Desk::take_up(&town.store.url(), &town.first_code).await;
    let path = head.folder.path().join("odd.csv");
    std::fs::write(&path, ODD).unwrap();
    let path = path.to_string_lossy().into_owned();
    let said = |index, column| ColumnChoice { index, column };
    let mapping = vec![
        said(0, Column::FirstName),
        said(1, Column::LastName),
        said(2, Column::Email),
    ];
    let look = |mapping| LookAtFile {
        kind: ImportKind::Users,
        path: path.clone(),
        mapping,
    };
    let looked = head.app.look_at_file(account, look(Vec::new())).await.unwrap();
    assert!(
        !looked.recognised.findings.is_empty(),
        "three columns are not known yet"
    );
    let mapped = head.app.look_at_file(account, look(mapping.clone())).await.unwrap();
    assert!(mapped.recognised.findings.is_empty());
    let request = JudgeFile {
        kind: ImportKind::Users,
        path: path.clone(),
        role: Some(Role::DesignatedTeacher),
        existing: ExistingUsers::Refuse,
        as_at: None,
        mapping,
    };
    let import = head.app.judge_file(account, request).await.unwrap();
    assert_eq!((import.counts.to_create, import.counts.rows_refused), (2, 2));
    // The next such file is known on this desk and on any other.
    let known = head.app.look_at_file(account, look(Vec::new())).await.unwrap();
    assert!(
        known
            .recognised
            .columns
            .iter()
            .all(|column| column.state != ColumnState::Unrecognised)
    );

    // Two cells are mended where they stand, one after the other; a row is left out.
    let row = head
        .app
        .get_import_row(account, ImportRowRef { id: import.id, row: 2 })
        .await
        .unwrap();
    assert_eq!(
        (row.cells[2].value.as_str(), row.findings.len()),
        ("ann.lee at example.org", 1)
    );
    let mut standing = import;
    for (row, column, value) in [(2, 2, "ann.lee@example.org"), (3, 3, "990103")] {
        let cell = MendedCell {
            row,
            column,
            value: value.to_owned(),
        };
        let mend = MendImport {
            revision: standing.revision,
            cells: vec![cell],
            ..MendImport::default()
        };
        standing = head
            .app
            .mend_import(account, MendRequest { id: standing.id, mend })
            .await
            .unwrap();
    }
    assert_eq!(
        (
            standing.counts.to_create,
            standing.counts.rows_refused,
            standing.mended_cells
        ),
        (4, 0, 2)
    );
    let mend = MendImport {
        revision: standing.revision,
        leave_out: vec![5],
        ..MendImport::default()
    };
    let standing = head
        .app
        .mend_import(account, MendRequest { id: standing.id, mend })
        .await
        .unwrap();
    assert_eq!((standing.counts.to_create, standing.counts.rows_left_out), (3, 1));

    let commit = CommitImport {
        revision: standing.revision,
        all_or_nothing: true,
        invite: false,
        invite_at: None,
        ends_care: None,
    };
    let id = standing.id;
    let done = head
        .app
        .commit_import(account, CommitRequest { id, commit })
        .await
        .unwrap();
    assert_eq!((done.result.unwrap().created, done.invited_at), (3, None));
    let invited = head.app.invite_created(account, ImportRef { id }).await.unwrap();
    assert_eq!(
        (invited.result.unwrap().invited, invited.invited_at.is_some()),
        (3, true)
    );

    let mails = town.store.mails();
    let code = until("the invitation", LONG_ENOUGH, async || {
        Ok(Some(lac_tests::barsetshire::invitation_in(
            &mails,
            "bob.reed@example.org",
        )?))
    });
    let code = code.await.unwrap();
    let (_bob, _) = Desk::take_up(&town.store.url(), &code).await;
    let looked = head
        .app
        .look_at_undo(account, UndoOf { id, after: None })
        .await
        .unwrap();
    assert_eq!((looked.to_remove, looked.staying), (2, 1));
    assert_eq!(
        (looked.rows[0].name.as_str(), looked.rows[0].reason),
        ("Bob Reed", StayReason::SignedIn)
    );
    let undone = head.app.undo_import(account, ImportRef { id }).await.unwrap();
    let how = undone.undone.unwrap();
    assert_eq!((undone.status, how.removed, how.stayed), (ImportStatus::Undone, 2, 1));
    assert_eq!(user_count(&head, account).await, 2);
    let request = OutcomesOf {
        id,
        filter: OutcomeFilter::default(),
    };
    let left = head.app.list_import_outcomes(account, request).await.unwrap().rows;
    assert_eq!(
        left.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(),
        ["Bob Reed"]
    );
}
