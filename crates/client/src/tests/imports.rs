//! Files of users on this device: each that cannot be taken has a sentence of its own.

use lac_domain::{ImportId, Role};
use lac_import::{Column, ColumnChoice, ColumnState, ExistingUsers};
use lac_wire::{CommitImport, ImportKind, MendImport};

use super::fake_store::{Answer, FakeStore};
use crate::view::*;

const TEMPLATE: TemplateOf = TemplateOf {
    kind: ImportKind::Users,
};

fn look(path: &str) -> LookAtFile {
    LookAtFile {
        kind: ImportKind::Users,
        path: path.to_owned(),
        mapping: Vec::new(),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn files_are_looked_at_before_anything_is_sent() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let good = put(
        "users.csv",
        b"User First Name,User Last Name,Email\r\nAnn,Lee,ann.lee@example.org\r\n",
    );
    let big = folder.path().join("big.csv");
    std::fs::File::create(&big).unwrap().set_len(100_000_001).unwrap();
    let mut sentences = std::collections::BTreeSet::new();
    for bad in [
        folder.path().to_owned(),
        put("empty.csv", b""),
        put("book.xlsx", b"PK\x03\x04\x14\0xl/workbook.xml"),
        big,
        folder.path().join("gone.csv"),
    ] {
        let path = bad.to_string_lossy().into_owned();
        let problem = desk.app.look_at_file(desk.account, look(&path)).await.unwrap_err();
        assert!(problem.is_local(LocalCode::File), "{problem:?}");
        assert!(problem.message.ends_with('.'), "{problem:?}");
        sentences.insert(problem.message);
        let request = JudgeFile {
            kind: ImportKind::Users,
            path,
            role: Some(Role::LaUser),
            existing: ExistingUsers::Refuse,
            as_at: None,
            mapping: Vec::new(),
        };
        assert!(desk.app.judge_file(desk.account, request).await.is_err());
    }
    assert_eq!(sentences.len(), 5, "{sentences:?}");
    assert!(store.inside(|inside| inside.asked.iter().all(|(method, _, _)| method != "PUT")));

    desk.host.will_choose(Some(&good));
    let chosen = desk
        .app
        .choose_file(
            desk.account,
            ChooseFile {
                kind: ImportKind::Users,
            },
        )
        .await
        .unwrap()
        .unwrap();
    assert_eq!((chosen.name.as_str(), chosen.recognised.rows), ("users.csv", 1));
    assert!(
        desk.app
            .choose_file(
                desk.account,
                ChooseFile {
                    kind: ImportKind::Users
                }
            )
            .await
            .unwrap()
            .is_none()
    );

    // This store takes no imports: the file leaves whole, its name and role in the query, and is refused in a sentence.
    let request = JudgeFile {
        kind: ImportKind::Users,
        path: chosen.path,
        role: Some(Role::SocialWorker),
        existing: ExistingUsers::Update,
        as_at: None,
        mapping: Vec::new(),
    };
    assert!(desk.app.judge_file(desk.account, request).await.is_err());
    let (path, key) = store.inside(|inside| {
        inside
            .asked
            .iter()
            .find(|(method, _, _)| method == "PUT")
            .map(|(_, path, key)| (path.clone(), key.clone()))
            .unwrap()
    });
    assert!(
        path.contains("file_name=users.csv") && path.contains("role=social_worker") && path.contains("existing=update"),
        "{path}"
    );
    assert!(path.contains(&key), "the import's id makes it once");
    assert!(
        desk.host
            .events()
            .iter()
            .any(|event| matches!(event, UiEvent::Upload { share, .. } if *share >= 1.0))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_template_is_saved_whole_where_the_person_chooses() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    assert!(desk.app.save_template(desk.account, TEMPLATE).await.unwrap().is_none());
    let chosen = folder.path().join("template.csv");
    desk.host.will_save(Some(&chosen));
    let saved = desk.app.save_template(desk.account, TEMPLATE).await.unwrap().unwrap();
    assert_eq!(saved.path, chosen.to_string_lossy());
    assert_eq!(std::fs::read(&chosen).unwrap(), lac_import::template(1));
    desk.host.will_save(Some(&chosen));
    let pupils = TemplateOf {
        kind: ImportKind::Pupils,
    };
    desk.app.save_template(desk.account, pupils).await.unwrap().unwrap();
    assert_eq!(std::fs::read(&chosen).unwrap(), lac_import::pupil_template());
    desk.host
        .will_save(Some(&folder.path().join("no/such/folder/template.csv")));
    assert!(
        desk.app
            .save_template(desk.account, TEMPLATE)
            .await
            .unwrap_err()
            .is_local(LocalCode::File)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_leaves_this_device_in_no_form() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    let path = folder.path().join("google.csv");
    let file = "First Name [Required],Last Name [Required],Email Address [Required],Password [Required],Org Unit Path [Required]\n\
                Ann,Lee,ann.lee@example.org,Hunter-2-and-more,/Staff\n";
    std::fs::write(&path, file).unwrap();
    let path = path.to_string_lossy().into_owned();
    let chosen = desk.app.look_at_file(desk.account, look(&path)).await.unwrap();
    let shown = serde_json::to_string(&chosen).unwrap();
    assert!(!shown.contains("Hunter"), "{shown}");
    let request = JudgeFile {
        kind: ImportKind::Users,
        path: path.clone(),
        role: Some(Role::LaUser),
        existing: ExistingUsers::Refuse,
        // Not even when somebody says that it is something else.
        as_at: None,
        mapping: vec![ColumnChoice {
            index: 3,
            column: Column::JobTitle,
        }],
    };
    assert!(desk.app.judge_file(desk.account, request).await.is_err());
    let sent = store.inside(|inside| inside.files.clone());
    assert!(!sent.is_empty());
    for body in sent {
        let text = String::from_utf8(body).unwrap();
        assert_eq!(text, file.replace("Hunter-2-and-more", ""));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_preview_follows_what_is_said_of_columns_and_what_is_remembered() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    let path = folder.path().join("odd.csv");
    std::fs::write(&path, "Given,Surname,Email\nAnn,Lee,ann.lee@example.org\n").unwrap();
    let path = path.to_string_lossy().into_owned();
    let choice = ColumnChoice {
        index: 0,
        column: Column::FirstName,
    };
    let state = |chosen: &ChosenFile| chosen.recognised.columns[0].state;

    let unknown = desk.app.look_at_file(desk.account, look(&path)).await.unwrap();
    assert_eq!(
        (state(&unknown), unknown.recognised.findings.len()),
        (ColumnState::Unrecognised, 1)
    );
    let said = LookAtFile {
        mapping: vec![choice],
        ..look(&path)
    };
    let chosen = desk.app.look_at_file(desk.account, said).await.unwrap();
    assert_eq!(
        (state(&chosen), chosen.recognised.findings.len()),
        (ColumnState::Chosen, 0)
    );
    store.inside(|inside| inside.remembered = vec![choice]);
    let remembered = desk.app.look_at_file(desk.account, look(&path)).await.unwrap();
    assert_eq!(state(&remembered), ColumnState::Remembered);
    // A file whose headings are all known asks nothing.
    let asked = || {
        store.inside(|inside| {
            inside
                .asked
                .iter()
                .filter(|(_, path, _)| path.ends_with("/mapping"))
                .count()
        })
    };
    let before = asked();
    std::fs::write(&path, "First name,Surname,Email\nAnn,Lee,ann.lee@example.org\n").unwrap();
    desk.app.look_at_file(desk.account, look(&path)).await.unwrap();
    assert_eq!(asked(), before);
}

#[tokio::test(flavor = "multi_thread")]
async fn each_command_of_an_import_asks_the_store_for_its_own() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    let (app, account) = (&desk.app, desk.account);
    let id: ImportId = super::samples::id(77);
    let commit = CommitImport {
        revision: 3,
        all_or_nothing: true,
        invite: false,
        invite_at: None,
        ends_care: None,
    };
    let mend = MendImport {
        revision: 2,
        leave_out: vec![4],
        ..MendImport::default()
    };
    assert!(app.mend_import(account, MendRequest { id, mend }).await.is_err());
    assert!(app.get_import_row(account, ImportRowRef { id, row: 9 }).await.is_err());
    assert!(app.commit_import(account, CommitRequest { id, commit }).await.is_err());
    assert!(app.cancel_import(account, ImportRef { id }).await.is_err());
    assert!(app.look_at_undo(account, UndoOf { id, after: None }).await.is_err());
    assert!(app.undo_import(account, ImportRef { id }).await.is_err());
    assert!(app.invite_created(account, ImportRef { id }).await.is_err());
    let filter = lac_wire::OutcomeFilter {
        outcome: Some(lac_wire::ImportOutcome::Updated),
        ..lac_wire::OutcomeFilter::default()
    };
    assert!(
        app.list_import_outcomes(account, OutcomesOf { id, filter })
            .await
            .is_err()
    );
    let asked: Vec<String> = store.inside(|inside| {
        let own = inside.asked.iter().filter(|(_, path, _)| path.contains("/v1/imports/"));
        own.map(|(method, path, _)| format!("{method} {}", path.replace(&id.to_string(), "{id}")))
            .collect()
    });
    assert_eq!(
        asked,
        [
            "PATCH /v1/imports/{id}",
            "GET /v1/imports/{id}/rows/9",
            "POST /v1/imports/{id}/commit",
            "POST /v1/imports/{id}/cancel",
            "GET /v1/imports/{id}/undo",
            "POST /v1/imports/{id}/undo",
            "POST /v1/imports/{id}/invite",
            "GET /v1/imports/{id}/outcomes?outcome=updated",
        ]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_no_longer_waits_for_a_file_to_be_judged_stops_it() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    let path = folder.path().join("users.csv");
    std::fs::write(&path, "First name,Surname,Email\r\nAnn,Lee,ann.lee@example.org\r\n").unwrap();
    store.next("/v1/imports/", Answer::Hang);
    let request = JudgeFile {
        kind: ImportKind::Users,
        path: path.to_string_lossy().into_owned(),
        role: Some(Role::LaUser),
        existing: ExistingUsers::Skip,
        as_at: None,
        mapping: Vec::new(),
    };
    let (app, account) = (std::sync::Arc::clone(&desk.app), desk.account);
    let judging = tokio::spawn(async move { app.judge_file(account, request).await });
    while store.inside(|inside| inside.asked.iter().all(|(method, _, _)| method != "PUT")) {
        tokio::task::yield_now().await;
    }
    desk.app.stop_judging(desk.account, ()).await.unwrap();
    let stopped = judging.await.unwrap().unwrap_err();
    assert_eq!(stopped.code, ProblemCode::Store(lac_wire::ErrorCode::ImportCancelled));
    desk.app.stop_judging(desk.account, ()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_of_pupils_is_looked_at_by_its_own_headings_and_sent_with_its_day() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    let path = folder.path().join("pupils.csv");
    let text = "Forename,Surname,DOB,CHILD,URN\r\nTom,Reed,04/05/2014,R1,100001\r\n";
    std::fs::write(&path, text).unwrap();
    let path = path.to_string_lossy().into_owned();
    let look = LookAtFile {
        kind: ImportKind::Pupils,
        path: path.clone(),
        mapping: Vec::new(),
    };
    let chosen = desk.app.look_at_file(desk.account, look).await.unwrap();
    let columns: Vec<_> = chosen.recognised.columns.iter().filter_map(|one| one.column).collect();
    use Column::{DateOfBirth, PupilFirstName, PupilLastName, Reference, SchoolUrn};
    assert_eq!(
        columns,
        [PupilFirstName, PupilLastName, DateOfBirth, Reference, SchoolUrn]
    );
    assert!(chosen.recognised.findings.is_empty());

    let request = JudgeFile {
        kind: ImportKind::Pupils,
        path,
        role: None,
        existing: ExistingUsers::Update,
        as_at: Some("2026-11-20".parse().unwrap()),
        mapping: Vec::new(),
    };
    // What the store would say is not asked here; what it is asked is.
    let _ = desk.app.judge_file(desk.account, request).await;
    let asked = store.inside(|inside| inside.asked.clone());
    let put = asked.iter().find(|(method, _, _)| method == "PUT").unwrap();
    assert!(
        put.1.contains("kind=pupils") && put.1.contains("as_at=2026-11-20"),
        "{put:?}"
    );
    assert!(!put.1.contains("role="), "{put:?}");
}
