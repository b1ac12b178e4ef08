//! A pupil's history as a file: noted by the store first, of what the store gives now.

use lac_domain::Role;
use lac_wire::{Entity, ErrorCode, ExportFormat, HeldPart, Message};

use super::desk::Desk;
use super::fake_store::{Answer, FakeStore};
use super::samples::*;
use crate::view::*;

/// An LA user's desktop with Tom's history in the store: two conversations, and a notice that is none of them.
async fn with_history(folder: &std::path::Path) -> (FakeStore, Desk) {
    let store = FakeStore::start().await;
    let mut notice = conversation(102, "New to care: Tom Reed", Some(50), 1, 9);
    notice.notice = Some(lac_domain::NoticeKind::NewToCare);
    let from_system = Message {
        author_id: None,
        ..message(9, 102, PRIYA, "Tom is new to care")
    };
    store.inside(|inside| {
        inside.role = Some(Role::LaUser);
        inside.held = vec![
            (HeldPart::Pupils, vec![Entity::Pupil(pupil(50, "Tom Reed")).into()]),
            (HeldPart::People, vec![Entity::Person(priya()).into()]),
        ];
        inside.history = [
            Entity::Pupil(pupil(50, "Tom Reed")),
            Entity::Conversation(conversation(100, "Taxi", Some(50), 2, 8)),
            Entity::Conversation(conversation(101, "Plan", Some(50), 1, 4)),
            Entity::Conversation(notice),
            Entity::Message(message(3, 100, PRIYA, "=cmd|' /C calc'!A0")),
            Entity::Message(message(4, 101, ME, "The plan is ready")),
            Entity::Message(message(8, 100, ME, "The taxi came")),
            Entity::Message(from_system),
        ]
        .map(Into::into)
        .to_vec();
    });
    let desk = store.desk(folder).await;
    (store, desk)
}

fn asked(format: ExportFormat, search: Option<&str>) -> ExportHistory {
    ExportHistory {
        pupil_id: id(50),
        format,
        reason: " The review on Thursday ".into(),
        search: search.map(Into::into),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_history_is_written_as_a_table_and_as_pages_once_it_is_noted() {
    let folder = tempfile::tempdir().unwrap();
    let (store, desk) = with_history(folder.path()).await;
    let path = folder.path().join("messages.csv");
    desk.host.will_save(Some(&path));
    let saved = desk
        .app
        .export_history(desk.account, asked(ExportFormat::Csv, None))
        .await;
    assert_eq!(saved.unwrap().unwrap().messages, 3);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(
        text.contains("Priya Shah,Taxi,\"Helen Okafor, Priya Shah\",No,'=cmd|' /C calc'!A0,"),
        "{text}"
    );
    assert!(
        !text.contains("new to care"),
        "a notice is no conversation about the pupil"
    );
    let lines: Vec<&str> = text.lines().collect();
    assert!(
        lines[1].starts_with("23/11/2026 09:03") && lines[3].starts_with("23/11/2026 09:08"),
        "{lines:?}"
    );
    let noted = store.inside(|inside| inside.exports.clone());
    assert_eq!((noted.len(), noted[0].messages, noted[0].filtered), (1, 3, false));
    assert_eq!(noted[0].reason.reveal(), "The review on Thursday");

    let pages = folder.path().join("messages.pdf");
    desk.host.will_save(Some(&pages));
    let saved = desk
        .app
        .export_history(desk.account, asked(ExportFormat::Pdf, Some("taxi from:me")))
        .await;
    assert_eq!(
        saved.unwrap().unwrap().messages,
        1,
        "words of the subject, and who wrote"
    );
    assert!(std::fs::read(&pages).unwrap().starts_with(b"%PDF-"));
    assert!(store.inside(|inside| inside.exports[1].filtered));
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_reason_a_match_or_leave_nothing_is_written() {
    let folder = tempfile::tempdir().unwrap();
    let (store, desk) = with_history(folder.path()).await;
    let path = folder.path().join("messages.csv");
    let export = async |request: ExportHistory| desk.app.export_history(desk.account, request).await;
    let none = ExportHistory {
        reason: "  ".into(),
        ..asked(ExportFormat::Csv, None)
    };
    assert_eq!(export(none).await.unwrap_err().field.as_deref(), Some("reason"));
    assert!(export(asked(ExportFormat::Csv, Some("wisteria"))).await.is_err());
    let odd = export(asked(ExportFormat::Csv, Some("before:soon"))).await.unwrap_err();
    assert!(
        odd.message.contains("soon") && odd.field.as_deref() == Some("filter"),
        "{odd}"
    );
    assert_eq!(store.inside(|inside| inside.exports.len()), 0, "nothing was noted");
    // The store asks for the password first, or does not let the pupil be seen any more.
    for code in [ErrorCode::ConfirmPassword, ErrorCode::NotFound] {
        desk.host.will_save(Some(&path));
        store.next(
            "/v1/pupils/00000000-0000-7000-8000-000000000032/history/exports",
            Answer::Refuse(code),
        );
        let refused = export(asked(ExportFormat::Csv, None)).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::Store(code));
        assert!(!path.exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn la_roles_are_told_what_a_search_does_not_reach() {
    let folder = tempfile::tempdir().unwrap();
    let (_store, desk) = with_history(folder.path()).await;
    let read = async |text: &str| {
        let request = SearchText { text: text.into() };
        desk.app.read_search(desk.account, request).await.unwrap()
    };
    let reading = read("taxi pupil:tom \"late Again\"").await;
    assert_eq!(reading.marks, ["again", "late", "taxi"]);
    assert!(reading.partial && reading.problems.is_empty());
    assert_eq!(reading.not_held[0].known_as.reveal(), "Tom Reed");
    // Opened, it is held, and searched.
    let about_tom = ConversationFilter {
        folder: None,
        search: None,
        pupil_id: Some(id(50)),
        after: None,
        limit: None,
    };
    desk.app
        .list_conversations(desk.account, about_tom.clone())
        .await
        .unwrap();
    desk.until_so(async || read("pupil:tom").await.not_held.is_empty())
        .await;
    let search = ConversationFilter {
        search: Some("pupil:tom from:priya".to_owned()),
        pupil_id: None,
        ..about_tom
    };
    desk.until_so(async || {
        let found = desk.app.list_conversations(desk.account, search.clone()).await.unwrap();
        found.rows.len() == 1 && found.rows[0].subject.reveal() == "Taxi"
    })
    .await;
    assert!(read("from:zebedee").await.problems[0].reveal().contains("zebedee"));
    assert_eq!(read("  ").await, SearchReading::default());
}
