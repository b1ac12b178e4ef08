//! Bulk add: from a file to users, once.

use lac_client::view::*;
use lac_domain::{Role, UserStatus};
use lac_import::{Column, ColumnChoice, ColumnState, ExistingUsers, FindingCode, Severity};
use lac_tests::barsetshire::{Town, fixtures};
use lac_tests::support::cable::Cable;
use lac_tests::support::wait::{LONG_ENOUGH, until};
use lac_wire::{
    CommitImport, FindingFilter, Import, ImportKind, ImportStatus, MendImport, MendedCell, OutcomeFilter, StayReason,
    UserFilter,
};

use crate::desk::Desk;

async fn judge(desk: &Desk, account: AccountId, file: &str) -> Import {
    let path = fixtures().join(file).to_string_lossy().into_owned();
    let chosen = desk
        .app
        .look_at_file(
            account,
            LookAtFile {
                kind: ImportKind::Users,
                path: path.clone(),
                mapping: Vec::new(),
            },
        )
        .await
        .unwrap();
    assert!(chosen.recognised.findings.is_empty());
    let request = JudgeFile {
        kind: ImportKind::Users,
        path,
        role: Some(Role::DesignatedTeacher),
        existing: ExistingUsers::Refuse,
        as_at: None,
        mapping: Vec::new(),
    };
    desk.app.judge_file(account, request).await.unwrap()
}

async fn user_count(desk: &Desk, account: AccountId) -> usize {
    let filter = UserFilter {
        limit: Some(200),
        ..UserFilter::default()
    };
    desk.app.list_users(account, filter).await.unwrap().rows.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn thirty_good_rows_become_thirty_users_once_though_the_reply_is_lost() {
    let town = Town::found().await.unwrap();
    let cable = Cable::to(town.store.address()).await.unwrap();
    let mut cable = cable;
    let (head, account) = Desk::take_up(&cable.url(), &town.first_code).await;
    assert_eq!(user_count(&head, account).await, 1);

    let import = judge(&head, account, "users.csv").await;
    assert_eq!(
        (
            import.counts.rows_read,
            import.counts.rows_refused,
            import.counts.to_create
        ),
        (30, 0, 30)
    );
    assert_eq!(user_count(&head, account).await, 1, "judging creates nothing");

    cable.lose_answers();
    let commit = CommitImport {
        revision: import.revision,
        all_or_nothing: false,
        invite: true,
        invite_at: None,
        ends_care: None,
    };
    let request = CommitRequest {
        id: import.id,
        commit: commit.clone(),
    };
    let lost = head.app.commit_import(account, request.clone()).await;
    assert!(lost.is_err(), "the reply was lost");
    cable.mend().await.unwrap();
    let committed = head.app.commit_import(account, request).await.unwrap();
    assert_eq!(committed.status, ImportStatus::Committed);
    assert_eq!(committed.result.unwrap().created, 30);
    assert_eq!(committed.result.unwrap().invited, 30);
    assert_eq!(user_count(&head, account).await, 31);
    assert_eq!(std::fs::read_dir(town.store.mails()).unwrap().count(), 30);

    let filter = UserFilter {
        search: Some("chloe font".to_owned()),
        ..UserFilter::default()
    };
    let found = head.app.list_users(account, filter).await.unwrap().rows;
    assert_eq!(found.len(), 1);
    assert_eq!(found[0].first_name, "Chloé");
    assert_eq!(found[0].status, UserStatus::Invited);
    assert_eq!(found[0].links[0].urn.as_deref(), Some("990103"));
    let past = head.app.list_imports(account, After::default()).await.unwrap().rows;
    assert_eq!(past.len(), 1);
    assert_eq!(past[0].file_name, "users.csv");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_finding_has_its_row_column_and_sentence_and_the_good_rows_come_through() {
    let town = Town::found().await.unwrap();
    let (head, account) = Desk::take_up(&town.store.url(), &town.first_code).await;
    let import = judge(&head, account, "users-with-findings.csv").await;
    let page = head
        .app
        .list_findings(
            account,
            FindingsOf {
                id: import.id,
                filter: FindingFilter::default(),
            },
        )
        .await
        .unwrap();
    let found: Vec<(u32, Severity, FindingCode)> = page
        .rows
        .iter()
        .map(|finding| (finding.row, finding.severity, finding.code))
        .collect();
    use FindingCode as C;
    let (e, w) = (Severity::Error, Severity::Warning);
    assert_eq!(
        found,
        [
            (6, e, C::MissingFirstName),
            (7, e, C::BadEmail),
            (8, e, C::EmailNamesDiffer),
            (9, e, C::EmailNamesDiffer),
            (10, e, C::EmailInUse),
            (11, e, C::UnknownUrn),
            (12, e, C::TooFewCells),
            (13, e, C::TooManyCells),
            (14, w, C::UrnZero),
            (15, w, C::UrnBlank),
            (16, w, C::UpnIgnored),
        ]
    );
    for finding in &page.rows {
        assert!(
            finding.message.ends_with('.') && finding.message.len() > 20,
            "{}",
            finding.message
        );
        assert!(
            finding.column.is_some() || matches!(finding.code, C::TooFewCells | C::TooManyCells),
            "{finding:?}"
        );
    }
    assert_eq!(user_count(&head, account).await, 1, "judging creates nothing");

    let all = CommitImport {
        revision: import.revision,
        all_or_nothing: true,
        invite: false,
        invite_at: None,
        ends_care: None,
    };
    let refused = head
        .app
        .commit_import(
            account,
            CommitRequest {
                id: import.id,
                commit: all,
            },
        )
        .await;
    assert!(refused.is_err());
    assert_eq!(user_count(&head, account).await, 1, "all or nothing");

    let good = CommitImport {
        revision: import.revision,
        all_or_nothing: false,
        invite: true,
        invite_at: None,
        ends_care: None,
    };
    let committed = head
        .app
        .commit_import(
            account,
            CommitRequest {
                id: import.id,
                commit: good,
            },
        )
        .await
        .unwrap();
    let result = committed.result.unwrap();
    assert_eq!((result.created, result.refused), (6, 8));
    assert_eq!(
        result.invited, 4,
        "two teachers are not linked yet: their invitations are held"
    );
    let filter = UserFilter {
        search: Some("morgan".to_owned()),
        ..UserFilter::default()
    };
    let morgan = head.app.list_users(account, filter).await.unwrap().rows.remove(0);
    assert_eq!(morgan.links.len(), 2, "2 rows, 1 user");
    let filter = UserFilter {
        search: Some("rene".to_owned()),
        ..UserFilter::default()
    };
    assert_eq!(
        head.app.list_users(account, filter).await.unwrap().rows[0].first_name,
        "René"
    );
    let filter = UserFilter {
        needs_attention: true,
        ..UserFilter::default()
    };
    let attention: Vec<_> = head.app.list_users(account, filter).await.unwrap().rows;
    assert_eq!(attention.iter().filter(|user| user.not_linked).count(), 2);

    let saved = head.folder.path().join("refused.csv");
    head.host.will_save(Some(&saved));
    head.app
        .save_refused_rows(account, ImportRef { id: import.id })
        .await
        .unwrap()
        .unwrap();
    let text = std::fs::read_to_string(&saved).unwrap();
    assert!(
        text.contains("Hartley") && text.contains("Otis") && !text.contains("Ren"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_template_is_saved_with_its_headings() {
    let town = Town::found().await.unwrap();
    let (head, account) = Desk::take_up(&town.store.url(), &town.first_code).await;
    let saved = head.folder.path().join("template.csv");
    head.host.will_save(Some(&saved));
    head.app
        .save_template(
            account,
            TemplateOf {
                kind: ImportKind::Users,
            },
        )
        .await
        .unwrap()
        .unwrap();
    let text = std::fs::read_to_string(&saved).unwrap();
    let heading = text.trim_start_matches('\u{feff}').lines().next().unwrap();
    assert_eq!(
        heading,
        "User First Name,User Last Name,Job Title,Email,Phone,School Reference Number (URN),Pupil Reference Number (UPN)"
    );
    head.host.will_save(None);
    assert_eq!(
        head.app
            .save_template(
                account,
                TemplateOf {
                    kind: ImportKind::Users
                }
            )
            .await
            .unwrap(),
        None
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn gias_s_own_file_is_imported_twice_and_the_second_time_changes_nothing() {
    let town = Town::found().await.unwrap();
    let file = fixtures().join("../gias/edubasealldata-18-rows.csv");
    let first = town
        .store
        .run(["import".as_ref(), "establishments".as_ref(), file.as_os_str()])
        .unwrap();
    assert!(first.contains("19 created"), "{first}");
    let second = town
        .store
        .run(["import".as_ref(), "establishments".as_ref(), file.as_os_str()])
        .unwrap();
    assert!(
        second.contains("0 created") && second.contains("0 updated") && second.contains("19 unchanged"),
        "{second}"
    );

    let (head, account) = Desk::take_up(&town.store.url(), &town.first_code).await;
    for search in ["sir john", "100000", "EC3A 5DE", "ec3a5de"] {
        let filter = lac_wire::EstablishmentFilter {
            search: Some(search.to_owned()),
            ..Default::default()
        };
        let found = head.app.list_establishments(account, filter).await.unwrap().rows;
        assert_eq!(found.len(), 1, "{search}");
        assert_eq!(found[0].name, "Sir John Cass's Foundation Primary School");
    }
}

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
