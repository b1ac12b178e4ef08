//! The desktop ends without closing anything, at any moment of writing and sending.

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex};

use lac_client::App;
use lac_client::test_support::TestHost;
use lac_client::view::{AccountId, DraftRef, FindRecipients, NewDraft};
use lac_tests::barsetshire::Town;
use lac_tests::support::cable::Cable;
use lac_wire::Recipient;

use crate::chance::{Chance, rounds};
use crate::clock::hasty;
use crate::desk::Desk;

const CRASHES: usize = 12;

/// What the application has confirmed to the person before it crashed.
#[derive(Default)]
struct Confirmed {
    saved: BTreeSet<String>,
    sent: BTreeSet<String>,
}

/// Writes drafts without end, and sends every second one.
async fn write(app: Arc<App<TestHost>>, account: AccountId, round: usize, confirmed: Arc<Mutex<Confirmed>>) {
    for count in 0.. {
        let words = format!("Crash {round}, message {count}");
        let mut draft = app.new_draft(account, NewDraft::default()).await.unwrap();
        let request = FindRecipients {
            search: String::new(),
            pupil_id: None,
        };
        let choices = app.find_recipients(account, request).await.unwrap();
        draft.recipients = choices
            .into_iter()
            .filter(|choice| choice.recipient == Recipient::VirtualSchool)
            .collect();
        draft.subject = words.as_str().into();
        draft.body = words.as_str().into();
        let id = draft.id;
        app.save_draft(account, draft).await.unwrap();
        confirmed.lock().unwrap().saved.insert(words.clone());
        if count % 2 == 0 {
            app.send_draft(account, DraftRef { id }).await.unwrap();
            confirmed.lock().unwrap().sent.insert(words);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_desktop_that_crashes_keeps_every_word_and_sends_it_once() {
    let mut chance = Chance::new();
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    barsetshire.sign_in("owen.bell@example.org").await.unwrap();
    let (head, head_account) = Desk::sign_in_by(hasty(), &town.store.url(), "priya.shah@example.org").await;
    let mut cable = Cable::to(town.store.address()).await.unwrap();
    let (mut owen, account) = Desk::sign_in_by(hasty(), &cable.url(), "owen.bell@example.org").await;

    let confirmed = Arc::new(Mutex::new(Confirmed::default()));
    for round in 0..rounds(CRASHES) {
        match chance.below(3) {
            0 => cable.cut().await,
            1 => {
                cable.mend().await.unwrap();
                cable.lose_answers();
            }
            _ => cable.mend().await.unwrap(),
        }
        let writer = tokio::spawn(write(Arc::clone(&owen.app), account, round, Arc::clone(&confirmed)));
        chance.moment(250).await;
        writer.abort();
        assert!(
            writer.await.unwrap_err().is_cancelled(),
            "nothing that was written was refused by this computer"
        );
        owen = owen.crash(hasty()).await;
    }
    cable.mend().await.unwrap();
    owen.until_all_sent(account).await;

    let confirmed = std::mem::take(&mut *confirmed.lock().unwrap());
    assert!(
        confirmed.saved.len() > CRASHES && !confirmed.sent.is_empty(),
        "the crashes left time to write"
    );
    let drafts: Vec<String> = owen
        .app
        .list_drafts(account, ())
        .await
        .unwrap()
        .iter()
        .map(|draft| {
            assert_eq!(draft.subject, draft.body);
            draft.body.reveal().to_owned()
        })
        .collect();
    let last = head.host.until(async |_| {
        let inbox = head.inbox(head_account).await;
        confirmed
            .sent
            .iter()
            .all(|words| inbox.iter().any(|(_, subject)| subject == words))
    });
    tokio::time::timeout(crate::desk::PATIENCE, last)
        .await
        .expect("all that was sent arrives");
    head.app.sync_now(head_account, ()).await.unwrap();
    let mut arrived = Vec::new();
    for (id, subject) in head.inbox(head_account).await {
        if subject.starts_with("Crash ") {
            assert_eq!(
                head.texts(head_account, id).await,
                [subject.as_str()],
                "its one message"
            );
            assert_eq!(owen.letters(account, id).await, head.letters(head_account, id).await);
            arrived.push(subject);
        }
    }
    for words in &confirmed.saved {
        let copies = |of: &[String]| of.iter().filter(|other| *other == words).count();
        assert_eq!(
            copies(&drafts) + copies(&arrived),
            1,
            "{words}: once, as a draft or at the store"
        );
        assert!(
            !confirmed.sent.contains(words) || copies(&arrived) == 1,
            "{words} was sent"
        );
    }
    let all: Vec<&String> = drafts.iter().chain(&arrived).collect();
    assert_eq!(
        all.len(),
        all.iter().collect::<BTreeSet<_>>().len(),
        "nothing is there twice"
    );
}
