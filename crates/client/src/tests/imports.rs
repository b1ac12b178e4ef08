//! Files of users on this device: each that cannot be taken has a sentence of its own.

use lac_domain::Role;
use lac_import::ExistingUsers;

use super::fake_store::FakeStore;
use crate::view::*;

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
        let problem = desk
            .app
            .look_at_file(desk.account, FilePath { path: path.clone() })
            .await
            .unwrap_err();
        assert!(problem.is_local(LocalCode::File), "{problem:?}");
        assert!(problem.message.ends_with('.'), "{problem:?}");
        sentences.insert(problem.message);
        let request = JudgeFile {
            path,
            role: Role::LaUser,
            existing: ExistingUsers::Refuse,
        };
        assert!(desk.app.judge_file(desk.account, request).await.is_err());
    }
    assert_eq!(sentences.len(), 5, "{sentences:?}");
    assert!(store.inside(|inside| inside.asked.iter().all(|(method, _, _)| method != "PUT")));

    desk.host.will_choose(Some(&good));
    let chosen = desk.app.choose_file(desk.account, ()).await.unwrap().unwrap();
    assert_eq!((chosen.name.as_str(), chosen.recognised.rows), ("users.csv", 1));
    assert!(desk.app.choose_file(desk.account, ()).await.unwrap().is_none());

    // This store takes no imports: the file leaves whole, its name and role in the query, and is refused in a sentence.
    let request = JudgeFile {
        path: chosen.path,
        role: Role::SocialWorker,
        existing: ExistingUsers::Update,
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
    assert!(desk.app.save_template(desk.account, ()).await.unwrap().is_none());
    let chosen = folder.path().join("template.csv");
    desk.host.will_save(Some(&chosen));
    let saved = desk.app.save_template(desk.account, ()).await.unwrap().unwrap();
    assert_eq!(saved.path, chosen.to_string_lossy());
    assert_eq!(std::fs::read(&chosen).unwrap(), lac_import::template(1));
    desk.host
        .will_save(Some(&folder.path().join("no/such/folder/template.csv")));
    assert!(
        desk.app
            .save_template(desk.account, ())
            .await
            .unwrap_err()
            .is_local(LocalCode::File)
    );
}
