//! The store's database is an older copy of itself after an accident.

use std::path::Path;

use lac_client::view::NewDraft;
use lac_tests::barsetshire::Town;
use lac_tests::support::cable::Cable;
use lac_wire::Recipient;

use crate::clock::hasty;
use crate::desk::Desk;

/// Copies the files of a stopped store's database, where they are; what the other place had of them is gone.
fn copy_database(from: &Path, to: &Path) {
    for name in ["store.db", "store.db-wal", "store.db-shm"] {
        let (from, to) = (from.join(name), to.join(name));
        if to.exists() {
            std::fs::remove_file(&to).unwrap();
        }
        if from.exists() {
            std::fs::copy(from, to).unwrap();
        }
    }
    assert!(to.join("store.db").exists());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_copy_of_the_store_takes_no_one_s_drafts_nor_what_waits() {
    let mut town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    barsetshire.sign_in("graham.stott@example.org").await.unwrap();
    let (head, head_account) = Desk::sign_in_by(hasty(), &town.store.url(), "priya.shah@example.org").await;
    let mut cable = Cable::to(town.store.address()).await.unwrap();
    let (graham, account) = Desk::sign_in_by(hasty(), &cable.url(), "graham.stott@example.org").await;
    let conversation = graham
        .send(account, Recipient::VirtualSchool, "Before", "In the copy.")
        .await;
    head.until_text(head_account, conversation, "In the copy.").await;
    graham.until_all_sent(account).await;

    town.store.stop();
    let copy = tempfile::tempdir().unwrap();
    copy_database(town.store.folder(), copy.path());
    town.store.serve().await.unwrap();
    for text in ["After the copy, 1.", "After the copy, 2."] {
        graham.reply(account, conversation, text).await;
        head.until_text(head_account, conversation, text).await;
    }
    graham.until_all_sent(account).await;
    graham.app.sync_now(account, ()).await.unwrap();

    cable.cut().await;
    graham.reply(account, conversation, "Waiting over the accident.").await;
    let mut draft = graham
        .app
        .new_draft(
            account,
            NewDraft {
                conversation_id: Some(conversation),
                ..NewDraft::default()
            },
        )
        .await
        .unwrap();
    draft.body = "A draft over the accident.".into();
    graham.app.save_draft(account, draft).await.unwrap();
    town.store.stop();
    copy_database(copy.path(), town.store.folder());
    town.store.serve().await.unwrap();
    cable.mend().await.unwrap();

    graham.until_all_sent(account).await;
    head.until_text(head_account, conversation, "Waiting over the accident.")
        .await;
    let drafts = graham.app.list_drafts(account, ()).await.unwrap();
    assert_eq!(
        drafts.iter().map(|draft| draft.body.reveal()).collect::<Vec<_>>(),
        ["A draft over the accident."]
    );

    // Everyone comes to hold what the store now holds; new messages go both ways.
    head.reply(head_account, conversation, "We are back.").await;
    graham.until_text(account, conversation, "We are back.").await;
    let (other, other_account) = Desk::sign_in_by(hasty(), &town.store.url(), "priya.shah@example.org").await;
    let at_store = other.letters(other_account, conversation).await;
    let texts: Vec<&str> = at_store.iter().map(|letter| letter.2.as_str()).collect();
    assert_eq!(texts, ["In the copy.", "Waiting over the accident.", "We are back."]);
    for (desk, account) in [(&head, head_account), (&graham, account)] {
        let same = desk
            .host
            .until(async |_| desk.letters(account, conversation).await == at_store);
        if tokio::time::timeout(crate::desk::PATIENCE, same).await.is_err() {
            panic!(
                "this desktop holds other messages: {:?}",
                desk.letters(account, conversation).await
            );
        }
    }
    town.store.stop();
    town.store.run(["audit", "verify"]).unwrap();
}
