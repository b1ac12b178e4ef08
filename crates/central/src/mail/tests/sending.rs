use chrono::TimeDelta;
use lac_domain::Role;
use lac_wire::{Command, Recipient};

use super::*;
use crate::both_engines;
use crate::test_support::{TestPupil, answer};

both_engines! {
    async fn an_invitation_arrives_with_its_code(store: &TestStore) {
        let server = Server::start(&[]).await;
        let smtp = over_smtp(store, server.port).await;
        invite(store, "Eleanor", "Bold").await;
        invite(store, "Obadiah", "Slope").await;
        assert_eq!(send(&smtp).await, 2);
        assert_eq!(server.connections(), 1, "one conversation for both");
        let [first, second] = &server.got()[..] else { panic!("not two mails") };
        assert_eq!((&*first.from, &*first.to), ("secure-messages@barsetshire.example", "Eleanor.Bold@example.org"));
        assert_eq!(second.to, "Obadiah.Slope@example.org");
        assert_eq!(first.header("From"), "\"Barsetshire Virtual School\" <secure-messages@barsetshire.example>");
        assert_eq!(first.header("To"), "Eleanor.Bold@example.org");
        assert_eq!(first.header("Subject"), "Your invitation to Secure Messages from Barsetshire Virtual School");
        assert_eq!(first.header("Date"), "Mon, 23 Nov 2026 09:00:00 +0000");
        assert_eq!(first.header("Auto-Submitted"), "auto-generated");
        assert!(first.header("Message-ID").ends_with("@barsetshire.example>"));
        assert_ne!(first.header("Message-ID"), second.header("Message-ID"));
        assert!(first.text.contains("It can be used once, until 9:00am on 24 November 2026."), "{}", first.text);
        let code = first.text.split("\r\n    ").nth(1).unwrap().split("\r\n").next().unwrap();
        let eleanor = TestUser::accept(&smtp, code).await;
        assert_eq!(eleanor.email, "Eleanor.Bold@example.org");
        assert_eq!(send(&smtp).await, 0);
        assert_eq!(server.got().len(), 2, "nothing twice");
        assert_eq!(states(store).await, ["sent", "sent"]);
        let mut conn = store.store.read().await.unwrap();
        let sql = "SELECT COUNT(*) FROM mails WHERE sealed_detail IS NOT NULL";
        let kept: i64 = both!(&mut conn, c => sqlx::query_scalar(sql).fetch_one(c).await).unwrap();
        assert_eq!(kept, 0, "no code is kept");
        drop(conn);
        smtp.close().await;
    }

    async fn no_mail_holds_a_name_or_a_word_that_someone_wrote(store: &TestStore) {
        let server = Server::start(&[]).await;
        let smtp = over_smtp(store, server.port).await;
        let school = store.school("Hogglestock Primary").await;
        let teacher = store.teacher("Theophilus", "Grantly", school).await;
        let tom = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let about = teacher.begins(store, Some(tom), vec![Recipient::VirtualSchool], "Absent since Monday").await;
        let reply = answer(store, about, "Thank you for letting us know");
        assert_eq!(store.super_user.command(reply).await.status, 200);
        invite(store, "Eleanor", "Bold").await;
        assert_eq!(send(&smtp).await, 3);
        let unread = server.got().into_iter().find(|mail| mail.to == "septimus.harding@example.org").unwrap();
        let (_, body) = unread.text.split_once("\r\n\r\n").unwrap();
        assert_eq!(
            body,
            "Barsetshire Virtual School has sent you secure messages; 1 is unread.\r\n\
             To read them, open Secure Messages on your work computer.\r\nThis e-mail has no link.\r\n"
        );
        let mut words: Vec<String> = ["Reading", "books", "Absent", "Monday", "Thank", "letting", "Hogglestock"].map(str::to_owned).into();
        words.extend(names(store).await);
        assert!(words.len() > 12, "{words:?}");
        for mail in server.got() {
            // The address is whose it is.
            let text = mail.text.replace(&format!("To: {}\r\n", mail.to), "").to_lowercase();
            assert!(text.len() < mail.text.len());
            assert!(!text.contains("http") && !text.contains("www."), "{text}");
            for word in &words {
                let found = text.split(|c: char| !c.is_alphanumeric()).any(|part| part == word.to_lowercase());
                assert!(!found, "{word} in {text}");
            }
        }
        smtp.close().await;
    }

    async fn news_is_merged_and_only_of_what_is_still_unread(store: &TestStore) {
        let server = Server::start(&[]).await;
        let smtp = over_smtp(store, server.port).await;
        let slope = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let first = write_to_super_user(store, &slope).await;
        slope.command(answer(store, first, "And one more thing")).await;
        assert_eq!(send(&smtp).await, 1);
        assert!(server.got()[0].text.contains("2 are unread."), "{:?}", server.got());
        // One in a quarter of an hour.
        slope.command(answer(store, first, "And another")).await;
        slope.command(answer(store, first, "And the last")).await;
        assert_eq!(send(&smtp).await, 0);
        store.clock.advance(TimeDelta::minutes(16));
        assert_eq!(send(&smtp).await, 1);
        assert!(server.got()[1].text.contains("4 are unread."));
        // What was read meanwhile is no news.
        store.clock.advance(TimeDelta::minutes(16));
        slope.command(answer(store, first, "Never mind")).await;
        let mut conn = store.store.read().await.unwrap();
        let newest: i64 = both!(&mut conn, c => sqlx::query_scalar("SELECT MAX(number) FROM messages").fetch_one(c).await).unwrap();
        drop(conn);
        let read = Command::MarkRead { conversation_id: first, up_to: newest };
        assert_eq!(store.super_user.command(read).await.status, 200);
        assert_eq!(send(&smtp).await, 0);
        assert_eq!(server.got().len(), 2);
        assert_eq!(states(store).await, ["sent", "sent", "dropped"]);
        smtp.close().await;
    }

    async fn the_queue_outlives_the_store(store: &TestStore) {
        let server = Server::start(&[Act::Recipient("451 4.3.0 try later")]).await;
        let before = over_smtp(store, server.port).await;
        invite(store, "Eleanor", "Bold").await;
        assert_eq!(send(&before).await, 0);
        before.close().await;
        let after = over_smtp(store, server.port).await;
        assert_eq!(send(&after).await, 0, "it waits for its time");
        store.clock.advance(TimeDelta::minutes(2));
        assert_eq!(send(&after).await, 1);
        after.close().await;
        let later = over_smtp(store, server.port).await;
        store.clock.advance(TimeDelta::hours(3));
        assert_eq!(send(&later).await, 0);
        assert_eq!(server.taken(), ["Eleanor.Bold@example.org"]);
        later.close().await;
    }

    async fn two_processes_send_each_mail_once(store: &TestStore) {
        let server = Server::start(&[]).await;
        let (one, other) = (over_smtp(store, server.port).await, over_smtp(store, server.port).await);
        for n in 0..12 {
            invite(store, &format!("Pat{n}"), "Lee").await;
        }
        let (sent, more) = tokio::join!(send(&one), send(&other));
        assert_eq!(sent + more, 12);
        let mut taken = server.taken();
        taken.sort();
        taken.dedup();
        assert_eq!((taken.len(), server.got().len()), (12, 12));
        one.close().await;
        other.close().await;
    }

    async fn held_and_stale_invitations_are_not_sent(store: &TestStore) {
        let server = Server::start(&[]).await;
        let smtp = over_smtp(store, server.port).await;
        // A Designated Teacher who is not linked yet: held, and never queued.
        let entry = UserEntry {
            role: Role::DesignatedTeacher, first_name: "Francis".into(), last_name: "Arabin".into(), job_title: String::new(),
            email: "francis.arabin@example.org".into(), phone: String::new(), links: vec![],
        };
        let adding = AddUser { entry, link_later: true, invite: true };
        assert_eq!(store.super_user.client.post("/v1/users", &adding).await.status, 201);
        assert_eq!(send(&smtp).await, 0);
        // Invited again before the first mail left: only the newer code is of use.
        let eleanor = invite(store, "Eleanor", "Bold").await;
        store.clock.advance(TimeDelta::milliseconds(1));
        let again = store.super_user.client.post(&format!("/v1/users/{eleanor}/invitations"), &()).await;
        assert!(again.status.is_success(), "{again:?}");
        // Made inactive before it left.
        let slope = invite(store, "Obadiah", "Slope").await;
        store.make_inactive(slope).await;
        // Held again before it left.
        let stanhope = invite(store, "Bertie", "Stanhope").await;
        let mut conn = store.store.write_for_tests().await;
        let sql = "UPDATE users SET invitation_held = TRUE WHERE id = $1";
        both!(&mut conn, c => sqlx::query(sql).bind(stanhope).execute(c).await.map(|_| ())).unwrap();
        conn.commit().await.unwrap();
        assert_eq!(send(&smtp).await, 1);
        assert_eq!(server.taken(), ["Eleanor.Bold@example.org"]);
        assert_eq!(states(store).await, ["dropped", "sent", "dropped", "dropped"]);
        smtp.close().await;
    }

    async fn with_no_way_out_mails_wait(store: &TestStore) {
        let mut config = store.store.config().clone();
        config.mail_dir = None;
        let silent = Store::open(config, store.clock.clone()).await.unwrap();
        invite(store, "Eleanor", "Bold").await;
        assert_eq!(send(&silent).await, 0);
        assert_eq!(rows(store).await, [("waiting".to_owned(), 0, 0, None)]);
        silent.close().await;
        // Once there is a folder, they go there, each as one file.
        let mails = store.mails().await;
        assert_eq!(mails.len(), 1);
        assert!(mails[0].contains("To: Eleanor.Bold@example.org\r\n"));
    }
}

/// Every part of every name in the data.
async fn names(store: &TestStore) -> Vec<String> {
    let mut conn = store.store.read().await.unwrap();
    let sql = "SELECT first_name FROM users UNION SELECT last_name FROM users UNION SELECT known_as FROM pupils
               UNION SELECT legal_first_name FROM pupils UNION SELECT legal_last_name FROM pupils";
    let names: Vec<String> = both!(&mut conn, c => sqlx::query_scalar(sql).fetch_all(c).await).unwrap();
    names
        .iter()
        .flat_map(|name| name.split_whitespace())
        .map(str::to_owned)
        .collect()
}
