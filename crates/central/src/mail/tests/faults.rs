use chrono::TimeDelta;
use lac_domain::Role;

use super::*;
use crate::both_engines;
use crate::mail::queue::{Outcome, Turn};
use crate::test_support::answer;

/// A store that gives a silent server only a moment.
/// A store that waits for the mail server no longer than so long: enough for one that answers, on a busy machine too.
async fn impatient(store: &TestStore, port: u16, patience: Duration) -> Store {
    let smtp = Smtp {
        host: "127.0.0.1".to_owned(),
        port,
        tls: SmtpTls::None,
        sign_in: None,
        ca_file: None,
        patience,
    };
    with_smtp(store, smtp).await
}

both_engines! {
    async fn a_server_that_is_down_loses_nothing(store: &TestStore) {
        let port = Server::start(&[]).await.stop().await;
        let smtp = over_smtp(store, port).await;
        invite(store, "Eleanor", "Bold").await;
        invite(store, "Obadiah", "Slope").await;
        for tries in 1..=4 {
            assert_eq!(send(&smtp).await, 0);
            let rows = rows(store).await;
            assert!(rows.iter().all(|(state, _, doubts, _)| state == "waiting" && *doubts == 0), "{rows:?}");
            assert_eq!(rows.iter().map(|row| row.1).sum::<i64>(), tries, "one mail a time, and not all of them");
            store.clock.advance(TimeDelta::minutes(30));
        }
        let problems: Vec<String> = rows(store).await.into_iter().filter_map(|row| row.3).collect();
        assert!(problems.iter().all(|why| why.contains("could not be spoken to (the connection: connection refused)")), "{problems:?}");
        let shown = store.store.mail_queue().await.unwrap().to_string();
        let waiting = "Waiting: 2, the oldest since 9:00am on 23 November 2026; the last problem: the mail server could not";
        assert!(shown.starts_with(waiting), "{shown}");
        let server = Server::with(&[], server::Encryption::None, None, port).await;
        assert_eq!(send(&smtp).await, 2);
        assert_eq!(server.taken().len(), 2);
        smtp.close().await;
    }

    async fn a_silent_server_is_left_and_the_mail_waits(store: &TestStore) {
        let server = Server::start(&[Act::Silent]).await;
        let smtp = impatient(store, server.port, Duration::from_millis(500)).await;
        invite(store, "Eleanor", "Bold").await;
        assert_eq!(send(&smtp).await, 0);
        let why = "the mail server did not answer in time (the e-mail address)";
        assert_eq!(rows(store).await, [("waiting".to_owned(), 1, 0, Some(why.to_owned()))]);
        smtp.close().await;
        let patient = over_smtp(store, server.port).await;
        store.clock.advance(TimeDelta::minutes(2));
        assert_eq!(send(&patient).await, 1);
        assert_eq!(server.got().len(), 1, "the first time it was never handed over");
        patient.close().await;
    }

    async fn a_cut_before_the_text_is_certain_not_to_be_taken(store: &TestStore) {
        let server = Server::start(&[Act::CutAtData]).await;
        let smtp = over_smtp(store, server.port).await;
        invite(store, "Eleanor", "Bold").await;
        assert_eq!(send(&smtp).await, 0);
        assert_eq!(rows(store).await[0].2, 0, "no doubt");
        store.clock.advance(TimeDelta::minutes(2));
        assert_eq!(send(&smtp).await, 1);
        assert_eq!(server.got().len(), 1);
        smtp.close().await;
    }

    async fn a_mail_that_may_have_arrived_is_sent_once_more_and_known_for_the_same(store: &TestStore) {
        let server = Server::start(&[Act::CutAfterText, Act::Take]).await;
        let smtp = over_smtp(store, server.port).await;
        invite(store, "Eleanor", "Bold").await;
        assert_eq!(send(&smtp).await, 0);
        assert_eq!((rows(store).await[0].0.as_str(), rows(store).await[0].2), ("waiting", 1));
        store.clock.advance(TimeDelta::minutes(10));
        assert_eq!(send(&smtp).await, 0, "not soon: the server may still be at work on it");
        store.clock.advance(TimeDelta::minutes(10));
        assert_eq!(send(&smtp).await, 1);
        let [first, second] = &server.got()[..] else { panic!("not two") };
        assert_eq!(first.header("Message-ID"), second.header("Message-ID"));
        assert_eq!(server.taken().len(), 1);
        smtp.close().await;
    }

    async fn a_mail_is_never_sent_a_third_time(store: &TestStore) {
        let server = Server::start(&[Act::SilentAfterText, Act::CutAfterText]).await;
        let smtp = impatient(store, server.port, Duration::from_millis(500)).await;
        let eleanor = invite(store, "Eleanor", "Bold").await;
        for _ in 0..6 {
            assert_eq!(send(&smtp).await, 0);
            store.clock.advance(TimeDelta::hours(2));
        }
        assert_eq!(server.got().len(), 2);
        let (state, _, _, problem) = rows(store).await.remove(0);
        assert_eq!(state, "failed");
        assert!(problem.unwrap().starts_with("it may have arrived: "));
        assert!(user(store, eleanor).await.invitation.unwrap().undelivered.is_some(), "someone has to look");
        smtp.close().await;
    }

    async fn what_a_store_was_sending_when_it_ended_is_taken_up(store: &TestStore) {
        let server = Server::start(&[]).await;
        let smtp = over_smtp(store, server.port).await;
        invite(store, "Eleanor", "Bold").await;
        // As a process leaves it that is killed between the claim and the note.
        let turn = Turn { by: crate::test_support::new_uuid(), done: None, claim: true };
        let Ok(Some(claimed)) = smtp.run(None, turn).await else { panic!("nothing claimed") };
        assert_eq!(send(&smtp).await, 0, "it is claimed");
        store.clock.advance(TimeDelta::minutes(19));
        assert_eq!(send(&smtp).await, 0, "it is still claimed");
        store.clock.advance(TimeDelta::minutes(2));
        assert_eq!(send(&smtp).await, 0, "it may have arrived");
        assert_eq!(rows(store).await[0].2, 1);
        store.clock.advance(TimeDelta::minutes(20));
        assert_eq!(send(&smtp).await, 1);
        assert_eq!(server.got()[0].header("Message-ID"), format!("<{}@barsetshire.example>", claimed.id));
        // The process that was not dead after all has no say in it any more.
        let late = Outcome::Failed("late".to_owned());
        let turn = Turn { by: crate::test_support::new_uuid(), done: Some((claimed, late)), claim: false };
        assert!(matches!(smtp.run(None, turn).await, Ok(None)));
        assert_eq!(states(store).await, ["sent"]);
        smtp.close().await;
    }

    async fn news_in_doubt_gives_way_to_newer_news(store: &TestStore) {
        let server = Server::start(&[Act::SilentAfterText, Act::Take]).await;
        let smtp = impatient(store, server.port, Duration::from_secs(3)).await;
        let slope = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let about = write_to_super_user(store, &slope).await;
        // A message that comes while the mail is being sent queues another.
        let sending = tokio::spawn({
            let smtp = smtp.clone();
            async move { send(&smtp).await }
        });
        while server.got().is_empty() {
            tokio::task::yield_now().await;
        }
        assert_eq!(slope.command(answer(store, about, "And one more thing")).await.status, 200);
        assert_eq!(sending.await.unwrap(), 0);
        let mut found = states(store).await;
        found.sort();
        assert_eq!(found, ["dropped", "waiting"]);
        store.clock.advance(TimeDelta::minutes(10));
        assert_eq!(send(&smtp).await, 0, "the first may have arrived");
        store.clock.advance(TimeDelta::minutes(10));
        assert_eq!(send(&smtp).await, 1);
        assert!(server.got()[1].text.contains("2 are unread."));
        smtp.close().await;
    }

    async fn a_store_that_closes_takes_nothing_more_on(store: &TestStore) {
        let server = Server::start(&[Act::Silent]).await;
        let smtp = over_smtp(store, server.port).await;
        invite(store, "Eleanor", "Bold").await;
        invite(store, "Obadiah", "Slope").await;
        let sending = tokio::spawn(crate::mail::send_for_ever(smtp.clone()));
        while server.begun() == 0 {
            tokio::task::yield_now().await;
        }
        smtp.begin_closing();
        sending.await.unwrap();
        // Not tried, as far as the mail goes: nothing was handed over.
        assert!(rows(store).await.iter().all(|row| *row == ("waiting".to_owned(), 0, 0, None)), "{:?}", rows(store).await);
        smtp.close().await;
        let next = over_smtp(store, server.port).await;
        assert_eq!(send(&next).await, 2);
        assert_eq!(server.got().len(), 2);
        next.close().await;
    }
}
