//! The files of an SSDA903 return on this device: told apart by their headings, and sent to the store together.

use lac_import::ReturnPart;

use super::fake_store::FakeStore;
use crate::view::*;

const HEADER: &[u8] = b"CHILD,SEX,DOB,ETHNIC,UPN\r\nR1,1,04/05/2014,WBRI,\r\nR2,1,04/05/2013,WBRI,\r\n";
const EPISODES: &[u8] = b"child,decom,rne,ls,dec,rec\r\nR1,10/01/2025,S,C2,,\r\n";

#[tokio::test(flavor = "multi_thread")]
async fn files_are_told_by_their_headings_whatever_their_names() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    let put = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let (first, second) = (put("a.csv", EPISODES), put("b.csv", HEADER));
    desk.host.will_choose(Some(&first));
    let episodes = desk
        .app
        .choose_care_return_file(desk.account, ())
        .await
        .unwrap()
        .unwrap();
    assert_eq!(
        (episodes.part, episodes.rows, episodes.name.as_str()),
        (ReturnPart::Episodes, 1, "a.csv")
    );
    assert!(
        desk.app
            .choose_care_return_file(desk.account, ())
            .await
            .unwrap()
            .is_none()
    );
    let path = second.to_string_lossy().into_owned();
    let dropped = CareReturnPath { path };
    let header = desk.app.look_at_care_return_file(desk.account, dropped).await.unwrap();
    assert_eq!((header.part, header.rows), (ReturnPart::Header, 2));
    let mut sentences = std::collections::BTreeSet::new();
    for bad in [
        put("users.csv", b"First name,Last name\r\nAnn,Lee\r\n"),
        put("reviews.csv", b"CHILD,DOB,REVIEW\r\nR1,04/05/2014,01/06/2017\r\n"),
        put("book.xlsx", b"PK\x03\x04\x14\0xl/workbook.xml"),
        folder.path().join("gone.csv"),
    ] {
        let path = bad.to_string_lossy().into_owned();
        let problem = desk
            .app
            .look_at_care_return_file(desk.account, CareReturnPath { path })
            .await
            .unwrap_err();
        assert!(
            problem.is_local(LocalCode::File) && problem.message.ends_with('.'),
            "{problem:?}"
        );
        sentences.insert(problem.message);
    }
    assert_eq!(sentences.len(), 4, "{sentences:?}");

    // This store reads no returns: both files leave in one request, and it is refused.
    let request = ReadReturn {
        header: header.path,
        episodes: episodes.path,
        as_at: "2026-03-31".parse().unwrap(),
    };
    let refused = desk
        .app
        .read_care_return(desk.account, request.clone())
        .await
        .unwrap_err();
    assert!(!refused.is_local(LocalCode::File), "{refused:?}");
    // A file that went away meanwhile is told, and nothing is sent.
    std::fs::remove_file(&first).unwrap();
    let problem = desk.app.read_care_return(desk.account, request).await.unwrap_err();
    assert!(problem.is_local(LocalCode::File), "{problem:?}");
    let posts = |inside: &mut super::fake_store::Inside| {
        let asked = inside.asked.iter();
        asked
            .filter(|(method, path, _)| method == "POST" && path == "/v1/care-returns")
            .count()
    };
    assert_eq!(store.inside(posts), 1);
}
