//! Desktops whose clocks are days off.

use chrono::TimeDelta;
use lac_tests::barsetshire::Town;
use lac_tests::support::cable::Cable;
use lac_wire::Recipient;

use crate::clock::wrong_by;
use crate::desk::Desk;

#[tokio::test(flavor = "multi_thread")]
async fn clocks_two_days_off_change_neither_order_nor_sight() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    barsetshire.sign_in("ruth.adeyemi@example.org").await.unwrap();
    let (ahead, behind) = (TimeDelta::days(2), TimeDelta::days(-2));
    let mut cable = Cable::to(town.store.address()).await.unwrap();
    let (ruth, ruth_account) = Desk::sign_in_by(wrong_by(ahead), &cable.url(), "ruth.adeyemi@example.org").await;
    let (head, head_account) = Desk::sign_in_by(wrong_by(behind), &town.store.url(), "priya.shah@example.org").await;
    let pupils = ruth.pupils(ruth_account).await;
    assert!(!pupils.is_empty());

    let conversation = ruth
        .send(ruth_account, Recipient::VirtualSchool, "What day is it?", "0")
        .await;
    head.until_text(head_account, conversation, "0").await;
    for round in 0..4 {
        let (question, answer) = (format!("{}", 2 * round + 1), format!("{}", 2 * round + 2));
        head.reply(head_account, conversation, &question).await;
        ruth.until_text(ruth_account, conversation, &question).await;
        ruth.reply(ruth_account, conversation, &answer).await;
        head.until_text(head_account, conversation, &answer).await;
    }

    // The clock jumps back four days while the application is closed, and there is no network when it opens.
    cable.cut().await;
    let ruth = ruth.reopen_by(wrong_by(behind)).await;
    assert_eq!(ruth.pupils(ruth_account).await, pupils, "nothing locks");
    ruth.reply(ruth_account, conversation, "9").await;
    ruth.until(ruth_account, "the message to wait", |held| {
        held.sync.waiting == 1 && held.problem.is_none()
    })
    .await;
    cable.mend().await.unwrap();
    head.until_text(head_account, conversation, "9").await;
    ruth.until_all_sent(ruth_account).await;
    // And forward again.
    let ruth = ruth.reopen_by(wrong_by(ahead)).await;
    ruth.up_to_date(ruth_account).await;
    assert_eq!(ruth.pupils(ruth_account).await, pupils);
    head.reply(head_account, conversation, "10").await;
    ruth.until_text(ruth_account, conversation, "10").await;

    let texts: Vec<String> = ruth
        .letters(ruth_account, conversation)
        .await
        .into_iter()
        .map(|letter| letter.2)
        .collect();
    assert_eq!(texts, (0..=10).map(|count| count.to_string()).collect::<Vec<_>>());
    assert_eq!(
        head.letters(head_account, conversation).await,
        ruth.letters(ruth_account, conversation).await
    );
    for (desk, account) in [(&ruth, ruth_account), (&head, head_account)] {
        let state = desk.app.app_state(()).await.unwrap();
        let held = state.accounts.iter().find(|held| held.id == account).unwrap();
        assert!(held.problem.is_none() && held.sync.not_sent == 0, "{held:?}");
    }
}
