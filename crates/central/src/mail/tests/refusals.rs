use chrono::TimeDelta;
use lac_domain::Role;
use lac_wire::Page;

use super::*;
use crate::both_engines;
use crate::test_support::answer;

async fn need_attention(store: &TestStore) -> Vec<UserId> {
    let la = store.super_user.on_another_device(store).await;
    let page: Page<User> = la.client.get("/v1/users?needs_attention=true").await.json();
    page.rows.into_iter().map(|row| row.id).collect()
}

both_engines! {
    async fn a_temporary_refusal_is_tried_again_ever_later(store: &TestStore) {
        let no = "450 4.2.0 greylisted, Eleanor.Bold@example.org";
        let acts = [Act::Recipient(no), Act::Data(no), Act::Text(no), Act::Recipient(no), Act::Recipient(no)];
        let server = Server::start(&acts).await;
        let smtp = over_smtp(store, server.port).await;
        invite(store, "Eleanor", "Bold").await;
        for (tries, minutes) in (1..).zip([1, 2, 4, 8, 16]) {
            assert_eq!(send(&smtp).await, 0);
            let [(state, tried, doubts, problem)] = &rows(store).await[..] else { panic!("not one mail") };
            assert_eq!((&**state, *tried, *doubts), ("waiting", tries, 0));
            let problem = problem.as_ref().unwrap();
            assert!(problem.contains("for now (450 4.2.0)") && !problem.contains('@'), "{problem}");
            // Jitter is a quarter: not before three quarters of the pause, certainly after five.
            let pause = TimeDelta::minutes(minutes);
            store.clock.advance(pause * 3 / 4 - TimeDelta::seconds(1));
            assert_eq!(send(&smtp).await, 0);
            assert_eq!(rows(store).await[0].1, tries, "too early");
            store.clock.advance(pause / 2 + TimeDelta::seconds(2));
        }
        assert_eq!(send(&smtp).await, 1);
        assert_eq!(server.taken(), ["Eleanor.Bold@example.org"]);
        assert_eq!(states(store).await, ["sent"]);
        smtp.close().await;
    }

    async fn a_refused_mail_keeps_no_other_waiting(store: &TestStore) {
        let server = Server::start(&[Act::Recipient("450 busy"), Act::Take, Act::Recipient("550 5.1.1 unknown")]).await;
        let smtp = over_smtp(store, server.port).await;
        for name in ["Eleanor", "Obadiah", "Bertie", "Mark"] {
            invite(store, name, "Lee").await;
        }
        assert_eq!(send(&smtp).await, 2);
        assert_eq!(states(store).await, ["waiting", "sent", "failed", "sent"]);
        assert_eq!(server.connections(), 1);
        smtp.close().await;
    }

    async fn a_permanent_refusal_is_seen_by_la_roles(store: &TestStore) {
        let no = "550 5.1.1 <Eleanor.Bold@example.org>: unknown";
        let server = Server::start(&[Act::Recipient(no)]).await;
        let smtp = over_smtp(store, server.port).await;
        let eleanor = invite(store, "Eleanor", "Bold").await;
        let slope = invite(store, "Obadiah", "Slope").await;
        let cursor = store.super_user.cursor().await;
        assert_eq!(need_attention(store).await, []);
        assert_eq!(send(&smtp).await, 1);
        let why = "the mail server refused the e-mail address (550 5.1.1)";
        assert_eq!(rows(store).await[0], ("failed".to_owned(), 1, 0, Some(why.to_owned())));
        assert_eq!(need_attention(store).await, [eleanor]);
        assert_eq!(user(store, eleanor).await.invitation.unwrap().undelivered.as_deref(), Some(why));
        let shown = store.store.mail_queue().await.unwrap().to_string();
        assert!(shown.contains("Waiting: 0\nBeing sent: 0\nSent in the last 90 days: 1\nFailed in the last 90 days: 1\n"), "{shown}");
        assert!(shown.ends_with(&format!("9:00am on 23 November 2026, invitation to Eleanor.Bold@example.org: {why}")), "{shown}");
        assert_eq!(user(store, slope).await.invitation.unwrap().undelivered, None);
        let told = store.super_user.changes(cursor).await;
        assert!(told.iter().any(|entity| matches!(entity, lac_wire::Entity::Person(person) if person.id == eleanor)), "{told:?}");
        let mut conn = store.store.read().await.unwrap();
        let sql = "SELECT detail FROM audit_events WHERE action = 'invitation.undelivered'";
        let trail: Vec<String> = both!(&mut conn, c => sqlx::query_scalar(sql).fetch_all(c).await).unwrap();
        assert_eq!(trail.len(), 1);
        assert!(trail[0].contains("550 5.1.1") && !trail[0].contains('@'), "{trail:?}");
        drop(conn);
        store.clock.advance(TimeDelta::hours(5));
        assert_eq!(send(&smtp).await, 0, "not tried again");
        // Sent again by a person, it is well.
        let la = store.super_user.on_another_device(store).await;
        assert!(la.client.post(&format!("/v1/users/{eleanor}/invitations"), &()).await.status.is_success());
        assert_eq!(send(&smtp).await, 1);
        assert_eq!(need_attention(store).await, []);
        assert_eq!(user(store, eleanor).await.invitation.unwrap().undelivered, None);
        smtp.close().await;
    }

    async fn what_is_refused_of_the_store_is_no_mails_fault(store: &TestStore) {
        let server = Server::start(&[Act::Sender("550 5.7.60 may not send as this sender")]).await;
        let smtp = over_smtp(store, server.port).await;
        invite(store, "Eleanor", "Bold").await;
        invite(store, "Obadiah", "Slope").await;
        assert_eq!(send(&smtp).await, 0);
        assert_eq!(server.connections(), 1, "the other is not tried as well");
        let why = "the mail server refused the sender's address of --mail-from (550 5.7.60)";
        assert_eq!(rows(store).await, [("waiting".to_owned(), 1, 0, Some(why.to_owned())), ("waiting".to_owned(), 0, 0, None)]);
        assert_eq!(send(&smtp).await, 0);
        assert_eq!(server.connections(), 1, "the server is left alone for a while");
        store.clock.advance(TimeDelta::minutes(1));
        assert_eq!(send(&smtp).await, 2);
        smtp.close().await;
    }

    async fn a_code_that_ran_out_is_not_sent(store: &TestStore) {
        let server = Server::start(&[Act::Recipient("450 busy")]).await;
        let smtp = over_smtp(store, server.port).await;
        let eleanor = invite(store, "Eleanor", "Bold").await;
        assert_eq!(send(&smtp).await, 0);
        store.clock.advance(TimeDelta::hours(25));
        assert_eq!(send(&smtp).await, 0);
        assert_eq!((states(store).await, server.got().len()), (vec!["failed".to_owned()], 0));
        assert_eq!(need_attention(store).await, [eleanor]);
        smtp.close().await;
    }

    async fn news_that_nobody_takes_is_given_up_and_the_next_message_makes_a_new_mail(store: &TestStore) {
        let server = Server::start(&[Act::Recipient("450 busy")]).await;
        let smtp = over_smtp(store, server.port).await;
        let slope = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let about = write_to_super_user(store, &slope).await;
        assert_eq!(send(&smtp).await, 0);
        store.clock.advance(TimeDelta::days(11));
        assert_eq!(send(&smtp).await, 0);
        assert_eq!(states(store).await, ["failed"]);
        slope.command(answer(store, about, "Are you there?")).await;
        assert_eq!(send(&smtp).await, 1);
        assert!(server.got()[0].text.contains("2 are unread."));
        smtp.close().await;
    }

    async fn an_address_that_is_not_ascii_goes_as_it_is(store: &TestStore) {
        let server = Server::start(&[]).await;
        let smtp = over_smtp(store, server.port).await;
        invite(store, "Zoë", "Lee").await;
        assert_eq!(send(&smtp).await, 1);
        let got = &server.got()[0];
        assert_eq!((&*got.to, &*got.header("To")), ("Zoë.Lee@example.org", "Zoë.Lee@example.org"));
        smtp.close().await;
    }

    async fn long_done_mails_are_forgotten(store: &TestStore) {
        let server = Server::start(&[Act::Take, Act::Recipient("550 no")]).await;
        let smtp = over_smtp(store, server.port).await;
        for name in ["Eleanor", "Obadiah"] {
            invite(store, name, "Lee").await;
        }
        assert_eq!(send(&smtp).await, 1);
        store.clock.advance(TimeDelta::days(89));
        assert!(store.store.prune().await.is_ok());
        assert_eq!(states(store).await.len(), 2);
        store.clock.advance(TimeDelta::days(2));
        assert!(store.store.prune().await.is_ok());
        assert_eq!(states(store).await.len(), 0);
        smtp.close().await;
    }
}
