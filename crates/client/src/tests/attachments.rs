//! Attachments on their way out: kept with their drafts, and sent before their message.

use std::path::Path;

use lac_domain::{AttachmentKind, ConversationId};
use lac_wire::{Command, ErrorCode};

use super::desk::Desk;
use super::fake_store::{Answer, FakeStore};
use super::samples::*;
use crate::local::attachments;
use crate::view::*;

/// A text of many pieces.
pub(super) fn long() -> Vec<u8> {
    (0..40_000)
        .map(|n| format!("Line {n} of the quagmire\r\n"))
        .collect::<String>()
        .into_bytes()
}

impl Desk {
    pub(super) async fn attach(&self, draft: DraftRef, files: &[&Path]) -> Attached {
        let paths = files.iter().map(|path| path.to_string_lossy().into_owned()).collect();
        let request = AttachFiles {
            draft_id: draft.id,
            paths: Some(paths),
        };
        self.app.attach_files(self.account, request).await.unwrap()
    }

    async fn begin(&self, body: &str) -> DraftRef {
        self.draft(NewDraft::default(), "A plan", body).await
    }

    pub(super) async fn view(&self, id: ConversationId) -> ConversationView {
        self.app
            .open_conversation(self.account, OpenConversation { id, before: None })
            .await
            .unwrap()
    }

    /// Waits until nothing waits to be sent, or something was refused.
    async fn settled(&self) {
        self.until(|state| state.accounts[0].sync.waiting == 0).await;
    }
}

pub(super) fn file(folder: &Path, name: &str, bytes: &[u8]) -> std::path::PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path
}

pub(super) fn open(message: &MessageView, at: usize) -> AttachmentRef {
    AttachmentRef {
        message_id: message.number.map(|_| message.id),
        id: message.attachments[at].id,
        although_it_can_run: false,
    }
}

#[tokio::test]
async fn a_draft_s_files_survive_a_crash_and_leave_with_its_message() {
    let (mut store, folder, files) = (
        FakeStore::start().await,
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let desk = store.desk(folder.path()).await;
    let bytes = long();
    let (plan, photo) = (
        file(files.path(), "Plan.txt", &bytes),
        file(files.path(), "Tom.png", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    );
    store.stop().await;
    let draft = desk.begin("Please see the plan").await;
    let attached = desk.attach(DraftRef { id: draft.id }, &[&plan, &photo]).await;
    assert_eq!(attached.refused, []);
    let kinds: Vec<_> = attached
        .attachments
        .iter()
        .map(|one| (one.kind, one.can_run, one.held))
        .collect();
    assert_eq!(
        kinds,
        [
            (AttachmentKind::Text, false, true),
            (AttachmentKind::Image, false, true)
        ]
    );
    // What is on the disk no longer matters.
    std::fs::remove_file(&plan).unwrap();
    std::fs::remove_file(&photo).unwrap();

    let desk = desk.reopen().await;
    let mut kept = desk
        .app
        .get_draft(desk.account, DraftRef { id: draft.id })
        .await
        .unwrap();
    assert_eq!(kept.attachments, attached.attachments);
    // A draft that is saved without saying anything of its files keeps them.
    kept.attachments.clear();
    desk.app.save_draft(desk.account, kept).await.unwrap();
    assert_eq!(
        desk.app.list_drafts(desk.account, ()).await.unwrap()[0]
            .attachments
            .len(),
        2
    );
    let conversation = desk
        .app
        .send_draft(desk.account, DraftRef { id: draft.id })
        .await
        .unwrap()
        .conversation_id;
    assert_eq!(desk.outbox().await[0].attachments, 2);
    let waiting = desk.view(conversation).await.messages.remove(0);
    assert_eq!(waiting.attachments, attached.attachments);

    let desk = desk.reopen().await;
    store.start_again().await;
    desk.app.sync_now(desk.account, ()).await.unwrap();
    desk.settled().await;
    store.inside(|inside| {
        let [envelope] = &inside.commands[..] else {
            panic!("one command, once")
        };
        let Command::StartConversation { message, .. } = &envelope.command else {
            panic!()
        };
        assert_eq!(
            message.attachments,
            attached.attachments.iter().map(|one| one.id).collect::<Vec<_>>()
        );
        assert!(inside.uploads[&message.attachments[0].to_string()].1 == bytes);
    });
    // The sender has it here already, and opens it with no network.
    let sent = desk.view(conversation).await.messages.remove(0);
    assert!(sent.number.is_some() && sent.attachments.iter().all(|one| one.held));
    store.stop().await;
    desk.app.open_attachment(desk.account, open(&sent, 0)).await.unwrap();
    let copy = desk.host.opened_files().remove(0);
    assert_eq!(copy.file_name().unwrap(), "Plan.txt");
    assert!(std::fs::read(&copy).unwrap() == bytes);
    desk.app.close().await;
    assert!(!copy.exists(), "copies go when the application is closed");
}

#[tokio::test]
async fn sending_goes_on_where_it_was_cut_and_holds_up_nobody() {
    let (store, folder, files) = (
        FakeStore::start().await,
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let desk = store.desk(folder.path()).await;
    let plan = file(files.path(), "Plan.txt", &long());
    let draft = desk.begin("With a file").await;
    let id = desk.attach(DraftRef { id: draft.id }, &[&plan]).await.attachments[0].id;
    // The second piece arrives, but its answer is lost.
    store.next("/v1/attachments/", Answer::Lose);
    // Both at once, so that the second is there before the file is through.
    let other = desk.draft(NewDraft::default(), "Without", "No file").await;
    let (with, without) = tokio::join!(
        desk.app.send_draft(desk.account, draft),
        desk.app.send_draft(desk.account, other)
    );
    let (with, without) = (with.unwrap().conversation_id, without.unwrap().conversation_id);
    desk.settled().await;
    store.inside(|inside| {
        let order: Vec<_> = inside
            .commands
            .iter()
            .map(|one| one.command.conversation_id().unwrap())
            .collect();
        assert_eq!(
            order,
            [without, with],
            "a message without files does not wait for those of another"
        );
        let pieces: Vec<&str> = inside
            .asked
            .iter()
            .filter(|(_, path, _)| path.contains("/pieces"))
            .map(|(_, path, _)| path.rsplit_once("offset=").unwrap().1)
            .collect();
        let expected: Vec<String> = (0..long().len())
            .step_by(256 * 1024)
            .map(|start| start.to_string())
            .collect();
        assert_eq!(pieces, expected, "no piece twice");
        assert!(inside.uploads[&id.to_string()].1 == long());
        let announced = inside
            .asked
            .iter()
            .filter(|(method, path, _)| method == "PUT" && path.ends_with(&id.to_string()));
        assert_eq!(announced.count(), 2, "once more after the cut");
    });
    let told = desk
        .host
        .events()
        .iter()
        .filter(|event| matches!(event, UiEvent::Transfer { attachment_id, .. } if *attachment_id == id))
        .count();
    assert!(told > 2, "{told}");
}

#[tokio::test]
async fn a_refused_file_keeps_the_text_and_the_message_is_never_sent_without_it() {
    let (store, folder, files) = (
        FakeStore::start().await,
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let desk = store.desk(folder.path()).await;
    let plan = file(files.path(), "Plan.txt", b"The plan");
    let draft = desk.begin("With a file").await;
    desk.attach(DraftRef { id: draft.id }, &[&plan]).await;
    store.next("/v1/attachments/", Answer::Refuse(ErrorCode::AttachmentKind));
    desk.app.send_draft(desk.account, draft).await.unwrap();
    desk.until(|state| state.accounts[0].sync.not_sent == 1).await;
    let row = desk.outbox().await.remove(0);
    assert_eq!((row.state, row.excerpt.reveal()), (SendState::NotSent, "With a file"));
    assert_eq!(row.problem.unwrap().code, ProblemCode::Store(ErrorCode::AttachmentKind));
    assert!(store.inside(|inside| inside.commands.is_empty()));
    // Edited, it has its file again; deleted, nothing is left of it.
    let id = desk
        .app
        .take_back(
            desk.account,
            OutboxRef {
                command_id: row.command_id,
            },
        )
        .await
        .unwrap();
    let back = desk.app.get_draft(desk.account, DraftRef { id }).await.unwrap();
    assert_eq!((back.body.reveal(), back.attachments.len()), ("With a file", 1));
    let request = AttachmentOfDraft {
        draft_id: id,
        id: back.attachments[0].id,
    };
    assert_eq!(desk.app.remove_attachment(desk.account, request).await.unwrap(), []);
    desk.attach(DraftRef { id }, &[&plan]).await;
    desk.app.delete_draft(desk.account, DraftRef { id }).await.unwrap();
    let open = desk.app.opened(desk.account).unwrap();
    assert!(
        attachments::all_ids(&mut open.local.reader().await.unwrap())
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn what_cannot_be_attached_is_told_in_a_sentence() {
    let (store, folder, files) = (
        FakeStore::start().await,
        tempfile::tempdir().unwrap(),
        tempfile::tempdir().unwrap(),
    );
    let desk = store.desk(folder.path()).await;
    let draft = desk.begin("With files").await;
    let at = |name: &str, bytes: &[u8]| file(files.path(), name, bytes);
    let big = at("Film.pdf", b"%PDF-1.7");
    std::fs::File::options()
        .write(true)
        .open(&big)
        .unwrap()
        .set_len(25_000_001)
        .unwrap();
    let program = at("Plan.pdf", b"MZ\x90\0\x03\0\0\0");
    let (empty, good) = (at("Empty.txt", b""), at("Good.txt", b"Good morning"));
    let missing = files.path().join("Missing.txt");
    let attached = desk
        .attach(
            DraftRef { id: draft.id },
            &[&big, &program, &empty, files.path(), &missing, &good, &good],
        )
        .await;
    assert_eq!(attached.attachments.len(), 1, "the others are attached all the same");
    let said: Vec<&str> = attached
        .refused
        .iter()
        .map(|problem| problem.message.as_str())
        .collect();
    for (said, part) in said.iter().zip([
        "Film.pdf: This file is too big",
        "Plan.pdf: This file cannot be sent",
        "Empty.txt: This file is empty",
        "This is a folder",
        "no longer there",
        "attached already",
    ]) {
        assert!(said.contains(part), "{said} / {part}");
    }
    assert_eq!(said.len(), 6);
    let many: Vec<_> = (0..11)
        .map(|n| at(&format!("{n}.txt"), format!("File {n}").as_bytes()))
        .collect();
    let many: Vec<&Path> = many.iter().map(|path| path.as_path()).collect();
    let attached = desk.attach(DraftRef { id: draft.id }, &many).await;
    assert_eq!((attached.attachments.len(), attached.refused.len()), (10, 2));
    // Chosen in the dialog, and to a draft that is gone.
    let gone = AttachFiles {
        draft_id: id(99),
        paths: None,
    };
    desk.host.will_attach(&[&good]);
    assert!(
        desk.app
            .attach_files(desk.account, gone)
            .await
            .unwrap_err()
            .is_local(LocalCode::Gone)
    );
    assert!(
        store.inside(|inside| inside.uploads.is_empty()),
        "nothing leaves before the message is sent"
    );
}
