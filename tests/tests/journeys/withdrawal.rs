//! A message that went to the wrong person: withdrawn from a desktop, gone from another, and the report tells who had it
//! and that it is gone.

use lac_client::view::*;
use lac_tests::barsetshire::Town;
use lac_wire::{MessageReport, Recipient, SightReport, WithdrawMessage};

use crate::desk::{Desk, PATIENCE};

#[tokio::test(flavor = "multi_thread")]
async fn a_withdrawn_message_goes_from_the_other_desktop_which_confirms_it() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let (helen, helen_account) = Desk::sign_in(&town.store.url(), "helen.okafor@example.org").await;
    let (priya, priya_account) = Desk::sign_in(&town.store.url(), "priya.shah@example.org").await;
    let helen_id = barsetshire.users["helen.okafor@example.org"];
    let to = Recipient::User { id: helen_id };
    let conversation = barsetshire
        .head
        .start(vec![to], None, "For somebody else", "The address is 12 Wisteria Street")
        .await
        .unwrap();
    for (desk, account) in [(&helen, helen_account), (&priya, priya_account)] {
        desk.until_text(account, conversation, "The address is 12 Wisteria Street")
            .await;
    }
    let open = OpenConversation {
        id: conversation,
        before: None,
    };
    let message = priya
        .app
        .open_conversation(priya_account, open.clone())
        .await
        .unwrap()
        .messages[0]
        .id;
    helen
        .app
        .mark_read(helen_account, ConversationRef { id: conversation })
        .await
        .unwrap();
    let report = async || -> MessageReport {
        priya
            .app
            .message_report(priya_account, MessageRef { id: message })
            .await
            .unwrap()
    };
    let helen_in = |report: &MessageReport| report.people.iter().find(|one| one.id == helen_id).cloned().unwrap();
    let until = async |what: &str, holds: &dyn Fn(&MessageReport) -> bool| {
        let waited = async {
            while !holds(&report().await) {
                tokio::time::sleep(std::time::Duration::from_millis(100)).await;
            }
        };
        tokio::time::timeout(PATIENCE, waited)
            .await
            .unwrap_or_else(|_| panic!("waited in vain for {what}"));
    };
    until("Helen to have read it", &|report| helen_in(report).read_at.is_some()).await;

    let request = WithdrawMessageRequest {
        id: message,
        withdraw: WithdrawMessage {
            reason: "Sent to the wrong person".into(),
            subject: false,
        },
    };
    let done = priya.app.withdraw_message(priya_account, request).await.unwrap();
    assert!(helen_in(&done).devices.iter().all(|device| device.took));
    let search = ConversationFilter {
        folder: None,
        search: Some("wisteria".to_owned()),
        pupil_id: None,
        after: None,
        limit: None,
    };
    for (desk, account) in [(&helen, helen_account), (&priya, priya_account)] {
        let gone = desk.host.until(async |_| {
            let view = desk.app.open_conversation(account, open.clone()).await.unwrap();
            view.messages[0].withdrawn.is_some()
        });
        tokio::time::timeout(PATIENCE, gone).await.expect("the line comes");
        let found = desk.app.list_conversations(account, search.clone()).await.unwrap();
        assert!(found.rows.is_empty());
    }
    let line = helen.app.open_conversation(helen_account, open).await.unwrap().messages[0]
        .withdrawn
        .clone();
    assert_eq!(line.unwrap().reason.reveal(), "Sent to the wrong person");
    helen.app.sync_now(helen_account, ()).await.unwrap();
    // The session that Barsetshire itself keeps for her is a device too, and never asks for changes.
    let confirmed = |report: &MessageReport| {
        let devices = helen_in(report).devices;
        devices.iter().any(|device| device.confirmed_at.is_some())
            && devices.iter().any(|device| device.confirmed_at.is_none())
    };
    until("Helen's computer to confirm, and no other", &confirmed).await;

    let csv = priya.folder.path().join("report.csv");
    priya.host.will_save(Some(&csv));
    let of = MessageRef { id: message };
    priya.app.save_message_report(priya_account, of).await.unwrap().unwrap();
    assert!(
        std::fs::read_to_string(&csv)
            .unwrap()
            .contains("Helen Okafor,Designated Teacher,Yes")
    );

    // Helen's link, had it been wrong: whom it showed.
    let user: lac_wire::User = barsetshire.head.get(&format!("/v1/users/{helen_id}")).await.unwrap();
    let link = SightOf::Link { id: user.links[0].id };
    let sight: SightReport = priya.app.sight_report(priya_account, link.clone()).await.unwrap();
    assert!(!sight.rows.is_empty() && sight.rows.iter().all(|row| row.user_id == helen_id));
    priya.host.will_save(Some(&csv));
    priya.app.save_sight_report(priya_account, link).await.unwrap().unwrap();
    assert!(
        std::fs::read_to_string(&csv)
            .unwrap()
            .contains("Whom Helen Okafor could see")
    );
}
