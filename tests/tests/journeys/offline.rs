//! A message written with no network, kept through a restart, and sent when the network is back.

use lac_client::view::{ConversationFilter, Folder, SendState};
use lac_tests::barsetshire::Town;
use lac_tests::support::cable::Cable;
use lac_wire::Recipient;

use crate::desk::{Desk, PATIENCE};

#[tokio::test(flavor = "multi_thread")]
async fn a_message_written_offline_survives_a_restart_and_leaves_by_itself() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let (head, head_account) = Desk::sign_in(&town.store.url(), "priya.shah@example.org").await;
    let before = head.host.notifications().len();
    assert_eq!(before, 0, "nothing is announced that was there before the first fetch");

    let mut cable = Cable::to(town.store.address()).await.unwrap();
    let code = barsetshire.invitation("nasreen.malik@example.org").unwrap();
    let (teacher, account) = Desk::take_up(&cable.url(), &code).await;

    cable.cut().await;
    let conversation = teacher
        .send(
            account,
            Recipient::VirtualSchool,
            "Trip on Friday",
            "Zara may come along after all.",
        )
        .await;
    teacher
        .until(account, "the message to wait", |held| {
            held.sync.waiting == 1 && !held.sync.online
        })
        .await;

    let teacher = teacher.reopen().await;
    let outbox = teacher.app.list_outbox(account, ()).await.unwrap();
    assert_eq!(outbox.len(), 1);
    assert_eq!(outbox[0].subject.reveal(), "Trip on Friday");
    assert_ne!(outbox[0].state, SendState::NotSent);
    assert_eq!(
        teacher.texts(account, conversation).await,
        ["Zara may come along after all."]
    );

    cable.mend().await.unwrap();
    teacher
        .until(account, "the message to leave by itself", |held| {
            held.sync.waiting == 0 && held.sync.online
        })
        .await;
    assert!(teacher.app.list_outbox(account, ()).await.unwrap().is_empty());

    let told = head.host.until(async |host| !host.notifications().is_empty());
    tokio::time::timeout(PATIENCE, told).await.expect("a notification");
    let notification = head.host.notifications().remove(0);
    assert_eq!(notification.title, "Secure Messages");
    assert_eq!(notification.body, "You have a new secure message");
    assert_eq!(notification.conversation, Some(conversation));

    head.until_text(head_account, conversation, "Zara may come along after all.")
        .await;
    head.reply(head_account, conversation, "Good. I have told her carer.")
        .await;
    teacher
        .until_text(account, conversation, "Good. I have told her carer.")
        .await;
    let told = teacher.host.until(async |host| !host.notifications().is_empty());
    tokio::time::timeout(PATIENCE, told)
        .await
        .expect("a notification of the reply");

    // Opened and read here, it is read on the other side too.
    teacher
        .app
        .mark_read(account, lac_client::view::ConversationRef { id: conversation })
        .await
        .unwrap();
    let unread = ConversationFilter {
        folder: Some(Folder::Unread),
        search: None,
        pupil_id: None,
        after: None,
        limit: None,
    };
    assert!(
        !teacher
            .app
            .list_conversations(account, unread)
            .await
            .unwrap()
            .rows
            .iter()
            .any(|c| c.id == conversation)
    );
    let seen = head.host.until(async |_| {
        let request = lac_client::view::OpenConversation {
            id: conversation,
            before: None,
        };
        let view = head.app.open_conversation(head_account, request).await.unwrap();
        view.messages
            .iter()
            .any(|m| m.mine && m.read_by.iter().any(|by| by.name == "Nasreen Malik"))
    });
    tokio::time::timeout(PATIENCE, seen)
        .await
        .expect("the head sees that it was read");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_whose_reply_is_lost_is_not_sent_twice() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let mut cable = Cable::to(town.store.address()).await.unwrap();
    let code = barsetshire.invitation("ruth.adeyemi@example.org").unwrap();
    let (teacher, account) = Desk::take_up(&cable.url(), &code).await;
    let (head, head_account) = Desk::sign_in(&town.store.url(), "priya.shah@example.org").await;

    cable.lose_answers();
    let conversation = teacher
        .send(account, Recipient::VirtualSchool, "Once", "Only once, please.")
        .await;
    // The store has it, the teacher does not know.
    head.until_text(head_account, conversation, "Only once, please.").await;
    teacher.until(account, "the doubt", |held| held.sync.waiting == 1).await;
    cable.mend().await.unwrap();
    teacher
        .until(account, "the message to be confirmed", |held| held.sync.waiting == 0)
        .await;
    assert_eq!(teacher.texts(account, conversation).await, ["Only once, please."]);
    assert_eq!(head.texts(head_account, conversation).await, ["Only once, please."]);
    // None where she had it open before it was announced; never two.
    assert!(head.host.notifications().len() <= 1);
}
