//! The files of an SSDA903 return on this device: told apart by their headings, and sent to the store together.

use lac_import::ReturnPart;

use super::fake_store::{Answer, FakeStore};
use crate::view::*;

const HEADER: &[u8] = b"CHILD,SEX,DOB,ETHNIC,UPN\r\nR1,1,04/05/2014,WBRI,\r\nR2,1,04/05/2013,WBRI,\r\n";
const EPISODES: &[u8] = b"child,decom,rne,ls,dec,rec\r\nR1,10/01/2025,S,C2,,\r\n";
const READ: &str = r#"{"id":"0195f3a0-0000-7000-8000-000000000001",
    "counts":{"children":2,"episodes":1,"short_breaks":0,"episodes_refused":0,"periods":1,"open_periods":1},
    "errors":0,"warnings":0,"header_findings":[],"episode_findings":[],
    "compared":{"known":0,"same":0,"to_open":0,"to_close":0,"later_here":0,"differ":0},"not_known":["R1"]}"#;

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

    store.next("/v1/care-returns", Answer::Raw(200, READ, None));
    let request = ReadReturn {
        header: header.path,
        episodes: episodes.path,
        as_at: "2026-03-31".parse().unwrap(),
    };
    let read = desk.app.read_care_return(desk.account, request.clone()).await.unwrap();
    assert_eq!((read.counts.children, read.not_known), (2, vec!["R1".to_owned()]));
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
