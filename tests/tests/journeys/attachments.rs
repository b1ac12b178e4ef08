//! A file attached with no network, sent through a connection that breaks in the middle and an application that is
//! started anew, and fetched by somebody else through another that breaks too.

use std::path::{Path, PathBuf};

use lac_client::view::*;
use lac_domain::{AttachmentKind, ConversationId};
use lac_tests::barsetshire::Town;
use lac_tests::support::cable::Cable;
use lac_wire::Recipient;

use crate::desk::{Desk, PATIENCE};

/// A text of 8 MB: 31 pieces.
fn long() -> Vec<u8> {
    let line = |n: usize| format!("Line {n}: what was agreed at the meeting on Thursday, and who does it by when.\r\n");
    let mut text: String = (0..100_000).map(line).collect();
    text.truncate(8_000_000);
    text.into_bytes()
}

fn shares(desk: &Desk) -> Vec<f64> {
    let events = desk.host.events();
    let shares = events.iter().filter_map(|event| match event {
        UiEvent::Transfer { share, .. } => Some(*share),
        _ => None,
    });
    shares.collect()
}

impl Desk {
    /// Writes a draft and attaches files to it. Gives it, with what was refused.
    async fn draft_with(&self, account: AccountId, subject: &str, files: &[&Path]) -> (DraftRef, Vec<Problem>) {
        let mut draft = self.app.new_draft(account, NewDraft::default()).await.unwrap();
        draft.recipients.push(RecipientChoice {
            recipient: Recipient::VirtualSchool,
            name: "Virtual School".to_owned(),
            detail: String::new(),
            people: 1,
        });
        draft.subject = subject.into();
        draft.body = "Please see the file.".into();
        let id = draft.id;
        self.app.save_draft(account, draft).await.unwrap();
        self.host.will_attach(files);
        let request = AttachFiles {
            draft_id: id,
            paths: None,
        };
        let attached = self.app.attach_files(account, request).await.unwrap();
        assert_eq!(attached.attachments.len() + attached.refused.len(), files.len());
        (DraftRef { id }, attached.refused)
    }

    /// Waits until more of a file is on its way than this.
    async fn until_share(&self, more_than: f64) {
        let waited = self
            .host
            .until(async |_| shares(self).last().is_some_and(|share| *share > more_than));
        tokio::time::timeout(PATIENCE, waited)
            .await
            .expect("waited in vain for a file to be on its way");
    }

    async fn attachment(&self, account: AccountId, id: ConversationId) -> (AttachmentRef, AttachmentView) {
        let view = self
            .app
            .open_conversation(account, OpenConversation { id, before: None })
            .await
            .unwrap();
        let message = &view.messages[0];
        let attachment = message.attachments[0].clone();
        let message_id = message.number.map(|_| message.id);
        (
            AttachmentRef {
                message_id,
                id: attachment.id,
                although_it_can_run: false,
            },
            attachment,
        )
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_goes_from_desk_to_desk_through_cables_that_break() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let mut cable = Cable::to(town.store.address()).await.unwrap();
    let code = barsetshire.invitation("nasreen.malik@example.org").unwrap();
    let (teacher, account) = Desk::take_up(&cable.url(), &code).await;
    let mut other_cable = Cable::to(town.store.address()).await.unwrap();
    let (head, head_account) = Desk::sign_in(&other_cable.url(), "priya.shah@example.org").await;

    // With no network it is attached, judged and queued; a program in disguise is refused at once.
    cable.cut().await;
    let files = tempfile::tempdir().unwrap();
    let file = |name: &str, bytes: &[u8]| -> PathBuf {
        let path = files.path().join(name);
        std::fs::write(&path, bytes).unwrap();
        path
    };
    let bytes = long();
    let (plan, program) = (
        file("Plan for Zara.txt", &bytes),
        file("Photo.jpg", b"MZ\x90\0\x03\0\0\0\x04\0\0\0"),
    );
    let (draft, refused) = teacher.draft_with(account, "The plan", &[&plan, &program]).await;
    assert_eq!(refused.len(), 1);
    assert!(
        refused[0].message.starts_with("Photo.jpg: This file cannot be sent"),
        "{}",
        refused[0]
    );
    std::fs::remove_file(plan).unwrap();
    let conversation = teacher.app.send_draft(account, draft).await.unwrap().conversation_id;
    teacher
        .until(account, "the message to wait", |held| {
            held.sync.waiting == 1 && !held.sync.online
        })
        .await;

    // The connection comes back, breaks in the middle of the file, and the application is started anew.
    cable.mend().await.unwrap();
    teacher.app.sync_now(account, ()).await.unwrap();
    teacher.until_share(0.2).await;
    cable.cut().await;
    teacher
        .until(account, "the cut to be noticed", |held| !held.sync.online)
        .await;
    let before = shares(&teacher);
    assert!(*before.last().unwrap() < 1.0, "it was cut in the middle");
    let teacher = teacher.reopen().await;
    assert!(
        head.app
            .list_conversations(head_account, inbox())
            .await
            .unwrap()
            .rows
            .iter()
            .all(|row| row.id != conversation),
        "a message does not come before its files"
    );
    cable.mend().await.unwrap();
    teacher
        .until(account, "the message to leave", |held| {
            held.sync.waiting == 0 && held.sync.online
        })
        .await;
    let after = shares(&teacher).split_off(before.len());
    assert!(after[0] > 0.2, "it goes on where it was: {after:?}");

    // It is with the head, who has nothing of the file yet; fetching it breaks too, and goes on.
    head.until_text(head_account, conversation, "Please see the file.")
        .await;
    let row = head
        .app
        .list_conversations(head_account, inbox())
        .await
        .unwrap()
        .rows
        .remove(0);
    assert!(row.id == conversation && row.attachments);
    let (request, attachment) = head.attachment(head_account, conversation).await;
    assert_eq!(
        (attachment.name.reveal(), attachment.kind),
        ("Plan for Zara.txt", AttachmentKind::Text)
    );
    assert_eq!(
        (attachment.size, attachment.can_run, attachment.held),
        (8_000_000, false, false)
    );
    let app = std::sync::Arc::clone(&head.app);
    let opening = tokio::spawn({
        let request = request.clone();
        async move { app.open_attachment(head_account, request).await }
    });
    head.until_share(0.2).await;
    other_cable.cut().await;
    let problem = opening.await.unwrap().unwrap_err();
    assert!(
        problem.is_local(LocalCode::Offline) && problem.message.contains("What has come of it is kept"),
        "{problem}"
    );
    assert!(head.host.opened_files().is_empty());
    let fetched = shares(&head).len();
    other_cable.mend().await.unwrap();
    head.app.open_attachment(head_account, request.clone()).await.unwrap();
    assert!(shares(&head)[fetched] > 0.2, "no piece is fetched twice");
    let copy = head.host.opened_files().remove(0);
    assert!(copy.starts_with(head.folder.path()));
    assert!(std::fs::read(&copy).unwrap() == bytes);

    // It opens offline from now on; the copy is gone when the application is closed.
    other_cable.cut().await;
    assert!(head.attachment(head_account, conversation).await.1.held);
    let saved = files.path().join("Saved.txt");
    head.host.will_save(Some(&saved));
    head.app.save_attachment(head_account, request).await.unwrap().unwrap();
    assert!(std::fs::read(saved).unwrap() == bytes);
    head.app.close().await;
    assert!(!copy.exists());

    // Somebody who is not in the conversation learns nothing of it, not even that it is there.
    let nobody = AttachmentRef {
        message_id: None,
        id: attachment.id,
        although_it_can_run: false,
    };
    let code = barsetshire.invitation("ruth.adeyemi@example.org").unwrap();
    let (ruth, ruths) = Desk::take_up(&town.store.url(), &code).await;
    assert!(
        ruth.app
            .open_attachment(ruths, nobody)
            .await
            .unwrap_err()
            .is_local(LocalCode::Gone)
    );
}

fn inbox() -> ConversationFilter {
    ConversationFilter {
        folder: Some(Folder::Inbox),
        search: None,
        pupil_id: None,
        after: None,
        limit: None,
    }
}
