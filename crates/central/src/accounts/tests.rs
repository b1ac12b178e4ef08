use chrono::TimeDelta;
use lac_domain::Role;
use lac_wire::{ErrorCode, Invitation, LookAtInvitation, Me, OwnSession, SignIn, SignedIn};

use super::NewCode;
use crate::both_engines;
use crate::test_support::{PASSWORD, TestClient, TestUser};

fn device(client: &TestClient) -> lac_wire::Device {
    lac_wire::Device {
        id: client.device,
        name: "A laptop".to_owned(),
    }
}

async fn sign_in(client: &TestClient, email: &str, password: &str) -> crate::test_support::Reply {
    let body = SignIn {
        email: email.to_owned(),
        password: password.into(),
        device: device(client),
        second_factor: None,
    };
    client.post("/v1/sessions", &body).await
}

both_engines! {
    async fn an_invitation_is_looked_at_and_taken_up_once(store: &TestStore) {
        let again = store.store.run(None, crate::InviteByEmail("SEPTIMUS.harding@example.org".to_owned())).await;
        let Ok(code) = again else { panic!("not invited") };
        let client = TestClient::new(&store.store);
        let look = LookAtInvitation { code: code.to_lowercase().replace('-', " ").as_str().into() };
        let found: Invitation = client.post("/v1/invitations/look", &look).await.json();
        assert_eq!((found.first_name.as_str(), found.last_name.as_str()), ("Septimus", "Harding"));
        let weak = lac_wire::AcceptInvitation { code: code.as_str().into(), password: "septimus harding".into(), device: device(&client), second_factor: None };
        assert_eq!(client.post("/v1/invitations/accept", &weak).await.code(), ErrorCode::PasswordWeak);
        let user = TestUser::accept(&store.store, &code).await;
        let me: Me = user.client.get("/v1/me").await.json();
        assert_eq!((me.role, me.authority.offline_days), (Role::LaSuperUser, 14));
        assert_eq!(client.post("/v1/invitations/look", &look).await.code(), ErrorCode::InvitationUsed);
        // A password set anew ends the sessions before it.
        assert_eq!(store.super_user.client.get("/v1/me").await.code(), ErrorCode::SignedOut);
        let unknown = LookAtInvitation { code: "00000-00000".into() };
        assert_eq!(client.post("/v1/invitations/look", &unknown).await.code(), ErrorCode::InvitationUnknown);
    }

    async fn only_the_newest_invitation_works_and_for_a_day(store: &TestStore) {
        let invite = || store.store.run(None, crate::InviteByEmail("septimus.harding@example.org".to_owned()));
        let (Ok(old), Ok(new)) = (invite().await, invite().await) else { panic!("not invited") };
        let client = TestClient::new(&store.store);
        let look = |code: &str| LookAtInvitation { code: code.into() };
        assert_eq!(client.post("/v1/invitations/look", &look(&old)).await.code(), ErrorCode::InvitationExpired);
        store.clock.advance(TimeDelta::hours(23));
        assert_eq!(client.post("/v1/invitations/look", &look(&new)).await.status, 200);
        store.clock.advance(TimeDelta::hours(1));
        assert_eq!(client.post("/v1/invitations/look", &look(&new)).await.code(), ErrorCode::InvitationExpired);
    }

    async fn signing_in_and_out(store: &TestStore) {
        let client = TestClient::new(&store.store);
        let signed_in: SignedIn = sign_in(&client, "Septimus.Harding@EXAMPLE.org ", PASSWORD).await.json();
        let client = client.with_token(signed_in.token.reveal());
        let sessions: Vec<OwnSession> = client.get("/v1/sessions").await.json();
        assert_eq!(sessions.len(), 2);
        let other = sessions.iter().find(|session| !session.current).unwrap();
        assert_eq!(client.delete(&format!("/v1/sessions/{}", other.id)).await.status, 204);
        assert_eq!(store.super_user.client.get("/v1/me").await.code(), ErrorCode::SignedOut);
        assert_eq!(client.delete(&format!("/v1/sessions/{}", other.id)).await.code(), ErrorCode::NotFound);
        assert_eq!(client.delete("/v1/session").await.status, 204);
        assert_eq!(client.get("/v1/me").await.code(), ErrorCode::SignedOut);
        assert_eq!(TestClient::new(&store.store).get("/v1/me").await.code(), ErrorCode::SignedOut);
    }

    async fn wrong_passwords_slow_any_address_down_alike(store: &TestStore) {
        let client = TestClient::new(&store.store);
        let mut answers = Vec::new();
        for email in ["septimus.harding@example.org", "nobody@example.org"] {
            let mut codes = Vec::new();
            for _ in 0..6 {
                let reply = sign_in(&client, email, "wrong").await.error();
                codes.push((reply.code, reply.message));
            }
            answers.push(codes);
        }
        assert_eq!(answers[0], answers[1]);
        assert_eq!(answers[0][4].0, ErrorCode::SignInFailed);
        assert_eq!(answers[0][5].0, ErrorCode::TooMany);
        assert_eq!(sign_in(&client, "septimus.harding@example.org", PASSWORD).await.code(), ErrorCode::TooMany);
        store.clock.advance(TimeDelta::seconds(10));
        assert_eq!(sign_in(&client, "septimus.harding@example.org", PASSWORD).await.status, 200, "never locked");
        assert_eq!(sign_in(&client, "septimus.harding@example.org", "wrong").await.code(), ErrorCode::SignInFailed);
    }

    async fn an_inactive_user_is_out_at_once(store: &TestStore) {
        let user = store.user(Role::LaUser, "Obadiah", "Slope").await;
        assert_eq!(user.client.get("/v1/me").await.status, 200);
        store.make_inactive(user.id).await;
        assert_eq!(user.client.get("/v1/me").await.code(), ErrorCode::SignedOut);
        let client = TestClient::new(&store.store);
        assert_eq!(sign_in(&client, &user.email, PASSWORD).await.code(), ErrorCode::SignInFailed);
    }

    async fn sessions_end_unused_after_14_days_and_in_any_case_after_90(store: &TestStore) {
        let client = &store.super_user.client;
        for _ in 0..8 {
            store.clock.advance(TimeDelta::days(11));
            assert_eq!(client.get("/v1/me").await.status, 200);
            // The last use is noted beside the request: a read of the row waits for the writer to have done it.
            wait_for_touch(store).await;
        }
        store.clock.advance(TimeDelta::days(2));
        assert_eq!(client.get("/v1/me").await.code(), ErrorCode::SignedOut, "90 days");
        let other = store.super_user.on_another_device(store).await;
        store.clock.advance(TimeDelta::days(14));
        assert_eq!(other.client.get("/v1/me").await.code(), ErrorCode::SignedOut, "unused");
    }

    async fn a_mailed_invitation_holds_the_code_and_no_name(store: &TestStore) {
        struct Invite(lac_domain::UserId);
        #[async_trait::async_trait]
        impl crate::Job for Invite {
            type Output = String;
            async fn run(&self, tx: &mut crate::Tx) -> Result<String, crate::Failure> {
                tx.invite(self.0, NewCode::Mailed).await
            }
        }
        let Ok(code) = store.store.run(None, Invite(store.super_user.id)).await else { panic!("not invited") };
        let mails = store.mails().await;
        assert_eq!(mails.len(), 1);
        assert!(mails[0].contains(&code), "{}", mails[0]);
        assert!(mails[0].contains("To: septimus.harding@example.org\r\n"));
        assert!(!mails[0].contains("Septimus"), "{}", mails[0]);
        assert_eq!(store.mails().await.len(), 1, "sent once");
    }
}

async fn wait_for_touch(store: &crate::test_support::TestStore) {
    let now = store.store.now();
    for _ in 0..1000 {
        let mut conn = store.store.read().await.unwrap();
        let sql = "SELECT COUNT(*) FROM sessions WHERE last_used_at = $1";
        let touched: i64 = crate::both!(&mut conn, c => sqlx::query_scalar(sql).bind(now).fetch_one(c).await).unwrap();
        if touched > 0 {
            return;
        }
        tokio::task::yield_now().await;
    }
    panic!("the last use was not noted");
}
