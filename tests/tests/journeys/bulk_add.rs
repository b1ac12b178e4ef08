//! Bulk add: from a file to users, once.

use lac_client::view::*;
use lac_domain::{Role, UserStatus};
use lac_import::{ExistingUsers, FindingCode, Severity};
use lac_tests::barsetshire::{Town, fixtures};
use lac_tests::support::cable::Cable;
use lac_wire::{CommitImport, FindingFilter, Import, ImportKind, ImportStatus, UserFilter};

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

pub async fn user_count(desk: &Desk, account: AccountId) -> usize {
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
