//! Passwords changed and forgotten, the second step, tokens made anew, and slowing down.

use chrono::TimeDelta;
use lac_domain::{Role, UserId};
use lac_wire::{
    AskForPasswordCode, ChangePassword, ConfirmSecondFactor, ErrorCode, Invitation, LookAtInvitation, Me,
    NewSecondFactor, NewToken, OwnSession, RecoveryCodes, SecondFactorRule, SignIn, SignedIn, UsePasswordCode,
    UserSecondFactor,
};
use totp_rs::{Builder, Secret};

use crate::test_support::{PASSWORD, Reply, TestClient, TestStore, TestUser};
use crate::{both, both_engines};

const NEW: &str = "copper lantern thistle";

/// A sign-in on a device, with a code perhaps.
async fn sign_in(client: &TestClient, email: &str, password: &str, code: Option<&str>) -> Reply {
    let body = SignIn {
        email: email.to_owned(),
        password: password.into(),
        device: lac_wire::Device {
            id: client.device,
            name: "A laptop".to_owned(),
        },
        second_factor: code.map(Into::into),
    };
    client.post("/v1/sessions", &body).await
}

async fn on_a_new_device(store: &TestStore, email: &str, password: &str, code: Option<&str>) -> Reply {
    sign_in(&TestClient::new(&store.store), email, password, code).await
}

/// What an authenticator app shows now.
fn code_of(store: &TestStore, secret: &str) -> String {
    let secret = Secret::try_from_base32(secret).unwrap();
    let app = Builder::new().with_secret(secret).build().unwrap();
    let now = u64::try_from(store.store.now().utc().timestamp()).unwrap();
    app.generate(now).to_string()
}

/// Sets up the second step of a user; answers its secret and the recovery codes.
async fn set_up(store: &TestStore, user: &TestUser) -> (String, Vec<String>) {
    let new: NewSecondFactor = user.client.post("/v1/me/second-factor", &()).await.json();
    let secret = new.secret.reveal().to_owned();
    let code = ConfirmSecondFactor {
        code: code_of(store, &secret).as_str().into(),
    };
    let codes: RecoveryCodes = user.client.post("/v1/me/second-factor/confirm", &code).await.json();
    // The code that was just given is used up.
    store.clock.advance(TimeDelta::seconds(30));
    (
        secret,
        codes.codes.iter().map(|code| code.reveal().to_owned()).collect(),
    )
}

async fn trail(store: &TestStore, action: &str) -> i64 {
    let mut conn = store.store.read().await.unwrap();
    let sql = "SELECT COUNT(*) FROM audit_events WHERE action = $1";
    both!(&mut conn, c => sqlx::query_scalar(sql).bind(action).fetch_one(c).await).unwrap()
}

/// The codes for a forgotten password that were made, once as many are there as are waited for.
async fn password_codes(store: &TestStore, user: UserId, count: i64) -> i64 {
    for _ in 0..10_000 {
        let mut conn = store.store.read().await.unwrap();
        let sql = "SELECT COUNT(*) FROM password_codes WHERE user_id = $1";
        let made: i64 = both!(&mut conn, c => sqlx::query_scalar(sql).bind(user).fetch_one(c).await).unwrap();
        if made >= count {
            return made;
        }
        drop(conn);
        tokio::task::yield_now().await;
    }
    panic!("no code was made");
}

fn code_in(mail: &str) -> String {
    mail.lines()
        .map(str::trim)
        .find(|line| line.len() == 23 && line.matches('-').count() == 3)
        .unwrap()
        .to_owned()
}

both_engines! {
    async fn a_password_is_changed_and_every_other_device_is_signed_out(store: &TestStore) {
        let user = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let other = user.on_another_device(store).await;
        let change = |current: &str, password: &str| ChangePassword { current: current.into(), password: password.into() };
        let wrong = user.client.post("/v1/me/password", &change("no such password", NEW)).await.error();
        assert_eq!((wrong.code, wrong.field.as_deref()), (ErrorCode::SignInFailed, Some("current")));
        let weak = user.client.post("/v1/me/password", &change(PASSWORD, "obadiah slope 12")).await.error();
        assert_eq!((weak.code, weak.field.as_deref()), (ErrorCode::PasswordWeak, Some("password")));
        let same = user.client.post("/v1/me/password", &change(PASSWORD, PASSWORD)).await;
        assert_eq!(same.code(), ErrorCode::PasswordWeak);
        assert_eq!(other.client.get("/v1/me").await.status, 200, "nothing has happened yet");

        assert_eq!(user.client.post("/v1/me/password", &change(PASSWORD, NEW)).await.status, 204);
        assert_eq!(user.client.get("/v1/me").await.status, 200, "this device stays signed in");
        assert_eq!(other.client.get("/v1/me").await.code(), ErrorCode::SignedOut);
        // Asked again because the answer was lost: nothing more is done.
        assert_eq!(user.client.post("/v1/me/password", &change(PASSWORD, NEW)).await.status, 204);
        assert_eq!(trail(store, "password.changed").await, 1);
        assert_eq!(on_a_new_device(store, &user.email, PASSWORD, None).await.code(), ErrorCode::SignInFailed);
        assert_eq!(on_a_new_device(store, &user.email, NEW, None).await.status, 200);
        let mails = store.mails().await;
        assert_eq!(mails.len(), 1);
        assert!(mails[0].contains("The password of your account was changed.") && !mails[0].contains("Obadiah Slope"), "{}", mails[0]);
    }

    async fn a_forgotten_password_is_set_anew_by_a_code_that_works_once(store: &TestStore) {
        let user = store.user(Role::DesignatedTeacher, "Eleanor", "Bold").await;
        let stranger = TestClient::new(&store.store);
        let ask = |email: &str| AskForPasswordCode { email: email.to_owned() };
        let known = stranger.post("/v1/password-codes", &ask("ELEANOR.bold@example.org")).await;
        let unknown = stranger.post("/v1/password-codes", &ask("nobody@example.org")).await;
        assert_eq!((known.status, known.body), (unknown.status, unknown.body));
        assert_eq!(password_codes(store, user.id, 1).await, 1);
        let mails = store.mails().await;
        assert_eq!(mails.len(), 1, "nobody else gets one");
        let code = code_in(&mails[0]);
        assert!(!mails[0].contains("Eleanor Bold") && mails[0].contains("This e-mail has no link."));

        let look = LookAtInvitation { code: code.to_lowercase().as_str().into() };
        let found: Invitation = stranger.post("/v1/password-codes/look", &look).await.json();
        assert_eq!(found.first_name, "Eleanor");
        let using = |password: &str| UsePasswordCode { code: code.as_str().into(), password: password.into() };
        assert_eq!(stranger.post("/v1/password-codes/use", &using("eleanor bold!")).await.code(), ErrorCode::PasswordWeak);
        assert_eq!(user.client.get("/v1/me").await.status, 200);
        assert_eq!(stranger.post("/v1/password-codes/use", &using(NEW)).await.status, 204);
        assert_eq!(user.client.get("/v1/me").await.code(), ErrorCode::SignedOut, "every session ends");
        assert_eq!(stranger.post("/v1/password-codes/use", &using(NEW)).await.status, 204, "after a lost answer");
        assert_eq!(
            stranger.post("/v1/password-codes/use", &using("another gravel orchard")).await.code(),
            ErrorCode::PasswordCodeUnknown,
            "once",
        );
        assert_eq!(on_a_new_device(store, &user.email, PASSWORD, None).await.code(), ErrorCode::SignInFailed);
        assert_eq!(on_a_new_device(store, &user.email, NEW, None).await.status, 200);
        assert_eq!((trail(store, "password.code_sent").await, trail(store, "password.set_by_code").await), (1, 1));
        assert_eq!(store.mails().await.len(), 2, "told by e-mail");
    }

    async fn codes_for_passwords_last_an_hour_and_nobody_can_spoil_anothers(store: &TestStore) {
        let user = store.user(Role::DesignatedTeacher, "Eleanor", "Bold").await;
        let stranger = TestClient::new(&store.store);
        for count in 1..=3 {
            stranger.post("/v1/password-codes", &AskForPasswordCode { email: user.email.clone() }).await;
            password_codes(store, user.id, count).await;
        }
        // More than three in an hour are not sent, and the answer is the same.
        let fourth = stranger.post("/v1/password-codes", &AskForPasswordCode { email: user.email.clone() }).await;
        assert_eq!(fourth.status, 204);
        let first = code_in(&store.mails().await[0]);
        assert_eq!(store.mails().await.len(), 3);
        let look = LookAtInvitation { code: first.as_str().into() };
        assert_eq!(stranger.post("/v1/password-codes/look", &look).await.status, 200, "the first holds still");
        store.clock.advance(TimeDelta::hours(1));
        assert_eq!(stranger.post("/v1/password-codes/look", &look).await.code(), ErrorCode::PasswordCodeUnknown);
        // Whoever asks for codes for many slows down.
        let mut last = None;
        for number in 0..40 {
            let email = format!("nobody.{number}@example.org");
            last = Some(stranger.post("/v1/password-codes", &AskForPasswordCode { email }).await);
        }
        assert_eq!(last.unwrap().code(), ErrorCode::TooMany);
    }

    async fn the_second_step_is_set_up_and_asked_for_and_a_code_is_taken_once(store: &TestStore) {
        let user = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let none = user.client.post("/v1/me/second-factor/confirm", &ConfirmSecondFactor { code: "123456".into() }).await;
        assert_eq!(none.error().field.as_deref(), Some("code"));
        let new: NewSecondFactor = user.client.post("/v1/me/second-factor", &()).await.json();
        assert!(new.address.reveal().starts_with("otpauth://totp/Secure%20Messages:Obadiah.Slope%40example.org?secret="));
        // Begun is not set up: nothing is asked for yet.
        assert_eq!(on_a_new_device(store, &user.email, PASSWORD, None).await.status, 200);

        let (secret, codes) = set_up(store, &user).await;
        assert_eq!((codes.len(), codes[0].len()), (10, 19));
        let me: Me = user.client.get("/v1/me").await.json();
        assert_eq!((me.second_factor.required, me.second_factor.recovery_codes_left), (true, 10));
        assert!(me.second_factor.set_up_at.is_some() && me.second_factor.due_at.is_none());
        let asked = on_a_new_device(store, &user.email, PASSWORD, None).await.error();
        assert_eq!((asked.code, asked.field.as_deref()), (ErrorCode::SecondFactorAsked, Some("code")));
        assert_eq!(on_a_new_device(store, &user.email, "wrong", None).await.code(), ErrorCode::SignInFailed);

        let code = code_of(store, &secret);
        let spaced = format!("{} {}", &code[..3], &code[3..]);
        assert_eq!(on_a_new_device(store, &user.email, PASSWORD, Some(&spaced)).await.status, 200);
        assert_eq!(on_a_new_device(store, &user.email, PASSWORD, Some(&code)).await.code(), ErrorCode::SecondFactorWrong);
        // The phone's clock may be half a minute off, either way.
        store.clock.advance(TimeDelta::seconds(60));
        let before = code_of(store, &secret);
        store.clock.advance(TimeDelta::seconds(30));
        assert_eq!(on_a_new_device(store, &user.email, PASSWORD, Some(&before)).await.status, 200);
        store.clock.advance(TimeDelta::seconds(30));
        assert_eq!(on_a_new_device(store, &user.email, PASSWORD, Some(&before)).await.code(), ErrorCode::SecondFactorWrong);

        // A recovery code works once, as it is typed.
        let typed = codes[3].to_lowercase().replace('-', " ");
        assert_eq!(on_a_new_device(store, &user.email, PASSWORD, Some(&typed)).await.status, 200);
        assert_eq!(on_a_new_device(store, &user.email, PASSWORD, Some(&typed)).await.code(), ErrorCode::SecondFactorWrong);
        let anew: RecoveryCodes = user.client.post("/v1/me/recovery-codes", &()).await.json();
        assert_eq!(on_a_new_device(store, &user.email, PASSWORD, Some(&codes[4])).await.code(), ErrorCode::SecondFactorWrong);
        assert_eq!(on_a_new_device(store, &user.email, PASSWORD, Some(anew.codes[0].reveal())).await.status, 200);
        assert_eq!((trail(store, "session.recovery_code_used").await, trail(store, "second_factor.set_up").await), (2, 1));
        assert!(store.mails().await[0].contains("second step of signing in to your account was set up"));
    }

    async fn what_is_kept_of_the_second_step_is_sealed(store: &TestStore) {
        let user = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let (secret, codes) = set_up(store, &user).await;
        let raw = Secret::try_from_base32(&secret).unwrap();
        let mut conn = store.store.read().await.unwrap();
        let sealed: Vec<u8> = both!(&mut conn, c => sqlx::query_scalar("SELECT sealed_secret FROM second_factors WHERE user_id = $1")
            .bind(user.id).fetch_one(c).await).unwrap();
        assert!(!sealed.windows(20).any(|part| part == raw.as_bytes()));
        let hashes: Vec<Vec<u8>> = both!(&mut conn, c => sqlx::query_scalar("SELECT code_hash FROM recovery_codes")
            .fetch_all(c).await).unwrap();
        let plain = codes[0].replace('-', "");
        assert!(hashes.len() == 10 && hashes.iter().all(|hash| hash.len() == 32 && !hash.windows(16).any(|part| part == plain.as_bytes())));
    }

    async fn wrong_codes_slow_down_also_who_knows_the_password(store: &TestStore) {
        let user = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let (secret, _) = set_up(store, &user).await;
        for number in 0..5 {
            let wrong = on_a_new_device(store, &user.email, PASSWORD, Some("not a code")).await.code();
            assert_eq!(wrong, ErrorCode::SecondFactorWrong, "{number}");
            // The right password between two codes gives no new tries.
            assert_eq!(on_a_new_device(store, &user.email, PASSWORD, None).await.code(), ErrorCode::SecondFactorAsked);
        }
        let right = code_of(store, &secret);
        assert_eq!(on_a_new_device(store, &user.email, PASSWORD, Some(&right)).await.code(), ErrorCode::TooMany);
        store.clock.advance(TimeDelta::seconds(30));
        let right = code_of(store, &secret);
        assert_eq!(on_a_new_device(store, &user.email, PASSWORD, Some(&right)).await.status, 200, "never locked");
        assert_eq!(trail(store, "session.second_factor_failed").await, 5);
    }

    async fn after_the_days_of_grace_nothing_works_but_setting_it_up(store: &TestStore) {
        let user = store.user(Role::DesignatedTeacher, "Eleanor", "Bold").await;
        store.second_step_due_in(user.id, TimeDelta::days(14)).await;
        let me: Me = user.client.get("/v1/me").await.json();
        assert_eq!(me.second_factor.due_at, Some(store.store.now().plus(TimeDelta::days(14))));
        store.clock.advance(TimeDelta::days(13));
        let user = user.on_another_device(store).await;
        assert_eq!(user.client.get("/v1/pupils").await.status, 200);
        store.clock.advance(TimeDelta::days(1));
        for path in ["/v1/pupils", "/v1/changes?cursor=x", "/v1/events"] {
            assert_eq!(user.client.get(path).await.code(), ErrorCode::SecondFactorNeeded, "{path}");
        }
        assert_eq!(user.client.get("/v1/me").await.status, 200);
        assert_eq!(user.client.post("/v1/me/second-factor", &()).await.code(), ErrorCode::ConfirmPassword);
        let password = lac_wire::ConfirmPassword { password: PASSWORD.into() };
        assert_eq!(user.client.post("/v1/session/confirm", &password).await.status, 204);
        set_up(store, &user).await;
        assert_eq!(user.client.get("/v1/pupils").await.status, 200);
    }

    async fn the_authority_can_relax_it_for_all_but_la_roles(store: &TestStore) {
        let teacher = store.user(Role::DesignatedTeacher, "Eleanor", "Bold").await;
        let colleague = store.user(Role::LaUser, "Obadiah", "Slope").await;
        set_up(store, &teacher).await;
        set_up(store, &colleague).await;
        let kept = teacher.client.delete("/v1/me/second-factor").await.error();
        assert_eq!(kept.field.as_deref(), Some("second_factor"));
        let relax = |relaxed| SecondFactorRule { relaxed };
        assert_eq!(colleague.client.put("/v1/authority/second-factor", &relax(true)).await.code(), ErrorCode::Forbidden);
        assert_eq!(store.super_user.client.put("/v1/authority/second-factor", &relax(true)).await.status, 200);
        let me: Me = teacher.client.get("/v1/me").await.json();
        assert!(me.authority.second_factor_relaxed && !me.second_factor.required);
        assert_eq!(teacher.client.delete("/v1/me/second-factor").await.status, 204);
        assert_eq!(colleague.client.delete("/v1/me/second-factor").await.code(), ErrorCode::FieldInvalid);
        store.second_step_due_in(teacher.id, TimeDelta::zero()).await;
        assert_eq!(teacher.client.get("/v1/pupils").await.status, 200);
        // Required again: everyone gets their days.
        assert_eq!(store.super_user.client.put("/v1/authority/second-factor", &relax(false)).await.status, 200);
        assert_eq!(teacher.client.get("/v1/pupils").await.status, 200);
        assert_eq!(trail(store, "authority.second_factor_rule_set").await, 2);
    }

    async fn a_super_user_resets_the_second_step_of_another(store: &TestStore) {
        let user = store.user(Role::DesignatedTeacher, "Eleanor", "Bold").await;
        set_up(store, &user).await;
        let of = |id: UserId| format!("/v1/users/{id}/second-factor");
        let head = &store.super_user.client;
        let seen: UserSecondFactor = head.get(&of(user.id)).await.json();
        assert!(seen.set_up_at.is_some() && seen.required);
        let reset = |id: UserId| format!("{}/reset", of(id));
        let left: UserSecondFactor = head.post(&reset(user.id), &()).await.json();
        assert_eq!(left.set_up_at, None);
        assert_eq!(user.client.get("/v1/me").await.code(), ErrorCode::SignedOut);
        let again: SignedIn = on_a_new_device(store, &user.email, PASSWORD, None).await.json();
        let again = TestClient::new(&store.store).with_token(again.token.reveal());
        assert_eq!(again.get("/v1/pupils").await.code(), ErrorCode::SecondFactorNeeded, "no days of grace");
        set_up(store, &store.super_user).await;
        assert_eq!(head.post(&reset(store.super_user.id), &()).await.code(), ErrorCode::FieldInvalid, "not one’s own");
        assert_eq!(trail(store, "second_factor.reset").await, 1);
        assert!(store.mails().await.iter().any(|mail| mail.contains("was reset")));
        // From the command line, where nobody else is left.
        let email = "septimus.harding@example.org".to_owned();
        assert!(store.store.run(None, crate::ResetByEmail(email)).await.is_ok());
    }

    async fn a_token_is_made_anew_and_the_one_before_ends_the_session_when_it_is_used_again(store: &TestStore) {
        let user = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let old = user.client.clone();
        let lost: NewToken = old.post("/v1/session/token", &()).await.json();
        let next: NewToken = old.post("/v1/session/token", &()).await.json();
        assert_eq!(old.get("/v1/me").await.status, 200, "until the new one is used");
        let new = old.clone().with_token(next.token.reveal());
        let never = old.clone().with_token(lost.token.reveal());
        assert_eq!(new.get("/v1/me").await.status, 200);
        assert_eq!(never.get("/v1/me").await.code(), ErrorCode::SignedOut, "an answer that was lost");
        store.clock.advance(TimeDelta::seconds(100));
        assert_eq!(old.get("/v1/me").await.status, 200, "a request that was on its way");
        assert_eq!(new.get("/v1/me").await.status, 200);
        store.clock.advance(TimeDelta::seconds(30));
        assert_eq!(old.get("/v1/me").await.code(), ErrorCode::SignedOut);
        assert_eq!(new.get("/v1/me").await.code(), ErrorCode::SignedOut, "one of the two is a thief");
        assert_eq!(trail(store, "session.token_reused").await, 1);
    }

    async fn a_user_signs_every_other_device_out(store: &TestStore) {
        let user = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let others = [user.on_another_device(store).await, user.on_another_device(store).await];
        let left: Vec<OwnSession> = user.client.post("/v1/sessions/end-others", &()).await.json();
        assert!(left.len() == 1 && left[0].current);
        for other in others {
            assert_eq!(other.client.get("/v1/me").await.code(), ErrorCode::SignedOut);
        }
    }

    async fn nobody_can_lock_another_out_of_a_device_that_they_use(store: &TestStore) {
        let user = store.user(Role::LaUser, "Obadiah", "Slope").await;
        // Someone tries from ever new devices, until all that are not known are slowed down.
        for _ in 0..6 {
            on_a_new_device(store, &user.email, "a wrong password", None).await;
        }
        assert_eq!(on_a_new_device(store, &user.email, PASSWORD, None).await.code(), ErrorCode::TooMany);
        assert_eq!(sign_in(&user.client, &user.email, PASSWORD, None).await.status, 200, "the laptop that they use");
        // Wrong passwords on that laptop slow that laptop down.
        for _ in 0..5 {
            assert_eq!(sign_in(&user.client, &user.email, "wrong", None).await.code(), ErrorCode::SignInFailed);
        }
        assert_eq!(sign_in(&user.client, &user.email, PASSWORD, None).await.code(), ErrorCode::TooMany);
    }
}
