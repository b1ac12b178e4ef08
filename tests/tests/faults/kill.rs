//! The store is killed, again and again, while desktops send and pull.

use lac_tests::barsetshire::Town;
use lac_wire::Recipient;

use crate::chance::{Chance, rounds};
use crate::clock::hasty;
use crate::desk::Desk;

/// How often it is killed. In each round each desktop writes one message.
const KILLS: usize = 20;

#[tokio::test(flavor = "multi_thread")]
async fn a_store_killed_at_any_moment_loses_nothing_and_keeps_nothing_twice() {
    let mut chance = Chance::new();
    let mut town = Town::found().await.unwrap();
    town.people().await.unwrap();
    let url = town.store.url();
    let (head, head_account) = Desk::sign_in_by(hasty(), &url, "priya.shah@example.org").await;
    let (helen, helen_account) = Desk::sign_in_by(hasty(), &url, "helen.okafor@example.org").await;
    let conversation = helen
        .send(helen_account, Recipient::VirtualSchool, "Twenty kills", "The first.")
        .await;
    head.until_text(head_account, conversation, "The first.").await;

    let mut written = vec!["The first.".to_owned()];
    for round in 0..rounds(KILLS) {
        for (desk, account, name) in [(&head, head_account, "Priya"), (&helen, helen_account, "Helen")] {
            let text = format!("{name}, round {round}.");
            desk.reply(account, conversation, &text).await;
            written.push(text);
        }
        // Under the first durations nothing has arrived, beyond the last everything has.
        chance.moment(120).await;
        town.store.kill();
        town.store.serve().await.unwrap();
    }

    head.until_all_sent(head_account).await;
    helen.until_all_sent(helen_account).await;
    head.until_count(head_account, conversation, written.len()).await;
    helen.until_count(helen_account, conversation, written.len()).await;
    let at_head = head.letters(head_account, conversation).await;
    assert_eq!(
        helen.letters(helen_account, conversation).await,
        at_head,
        "the same, in the same order"
    );
    let mut texts: Vec<String> = at_head.iter().map(|letter| letter.2.clone()).collect();
    for name in ["Priya", "Helen"] {
        let own: Vec<&String> = texts.iter().filter(|text| text.starts_with(name)).collect();
        let wrote: Vec<&String> = written.iter().filter(|text| text.starts_with(name)).collect();
        assert_eq!(
            own, wrote,
            "each one's messages stand in the order in which they were written"
        );
    }
    texts.sort();
    written.sort();
    assert_eq!(texts, written, "each exactly once");

    // A computer that was not there fetches the same from what the store has kept.
    let (other, other_account) = Desk::sign_in_by(hasty(), &url, "priya.shah@example.org").await;
    assert_eq!(other.letters(other_account, conversation).await, at_head);
    town.store.stop();
    town.store.run(["audit", "verify"]).unwrap();
}
