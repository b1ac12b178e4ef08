//! Getting in safely: the second step, other devices, changed and forgotten passwords, against a real store.

use chrono::TimeDelta;
use lac_client::view::*;
use lac_tests::barsetshire::{PASSWORD, Town, code_in, now};
use lac_tests::support::wait::{LONG_ENOUGH, until};
use lac_wire::{ChangePassword, ConfirmSecondFactor, ErrorCode, RecoveryCodes};
use totp_rs::{Builder, Secret};

use crate::desk::Desk;

const NEW: &str = "copper-lantern-Thursday-61";

/// What an authenticator app shows at an instant from now on.
fn shown(secret: &str, later: TimeDelta) -> String {
    let secret = Secret::try_from_base32(secret.replace(' ', "")).unwrap();
    let app = Builder::new().with_secret(secret).build().unwrap();
    let at = u64::try_from(now().plus(later).utc().timestamp()).unwrap();
    app.generate(at).to_string()
}

/// Sets up the second step; answers its secret and the recovery codes.
async fn set_up(desk: &Desk, account: AccountId) -> (String, RecoveryCodes) {
    let begun = desk.app.begin_second_factor(account, ()).await.unwrap();
    let secret = begun.secret.reveal().to_owned();
    let wrong = ConfirmSecondFactor { code: "no code".into() };
    let refused = desk.app.confirm_second_factor(account, wrong).await.unwrap_err();
    assert_eq!(refused.code, ProblemCode::Store(ErrorCode::SecondFactorWrong));
    let code = ConfirmSecondFactor {
        code: shown(&secret, TimeDelta::zero()).as_str().into(),
    };
    let codes = desk.app.confirm_second_factor(account, code).await.unwrap();
    (secret, codes)
}

fn sign_in(address: &str, email: &str, password: &str, code: Option<&str>) -> SignInHere {
    SignInHere {
        address: address.to_owned(),
        email: email.to_owned(),
        password: password.into(),
        second_factor: code.map(Into::into),
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_invitation_to_a_second_device_that_is_signed_out_from_the_first() {
    let town = Town::found().await.unwrap();
    let (address, email) = (town.store.url(), "priya.shah@example.org");
    let first = Desk::new().await;
    let take_up = |password: &str| TakeUpInvitation {
        address: address.clone(),
        code: town.first_code.as_str().into(),
        password: password.into(),
        second_factor: None,
    };
    for weak in ["short", "priya shah 1234", "password123456"] {
        let refused = first.app.take_up_invitation(take_up(weak)).await.unwrap_err();
        assert_eq!(refused.code, ProblemCode::Store(ErrorCode::PasswordWeak), "{weak}");
        assert!(refused.message.contains("three random words"), "{}", refused.message);
    }
    let account = first.app.take_up_invitation(take_up(PASSWORD)).await.unwrap();
    first.up_to_date(account).await;
    let me = first.app.app_state(()).await.unwrap().accounts.remove(0).me.unwrap();
    assert!(me.second_factor.required && me.second_factor.due_at.is_some());

    let (secret, codes) = set_up(&first, account).await;
    assert_eq!(codes.codes.len(), 10);
    first
        .until(account, "the second step", |held| {
            held.me.as_ref().is_some_and(|me| me.second_factor.set_up_at.is_some())
        })
        .await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("Recovery codes.txt");
    first.host.will_save(Some(&file));
    let saved = first.app.save_recovery_codes(account, codes.clone()).await.unwrap();
    assert!(saved.is_some());
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(codes.codes.iter().all(|code| text.contains(code.reveal())));

    // A second computer is asked for a code: the one used for setting up is used up, the next one works.
    let second = Desk::new().await;
    let asked = second
        .app
        .sign_in(sign_in(&address, email, PASSWORD, None))
        .await
        .unwrap_err();
    assert_eq!(asked.code, ProblemCode::Store(ErrorCode::SecondFactorAsked));
    assert!(
        second.app.app_state(()).await.unwrap().accounts.is_empty(),
        "nothing is left of the try"
    );
    let next = shown(&secret, TimeDelta::seconds(30));
    let there = second
        .app
        .sign_in(sign_in(&address, email, PASSWORD, Some(&next)))
        .await
        .unwrap();
    second.up_to_date(there).await;
    let third = Desk::new().await;
    let again = third
        .app
        .sign_in(sign_in(&address, email, PASSWORD, Some(&next)))
        .await
        .unwrap_err();
    assert_eq!(
        again.code,
        ProblemCode::Store(ErrorCode::SecondFactorWrong),
        "a code is taken once"
    );
    let recovery = codes.codes[0].reveal().to_lowercase();
    third
        .app
        .sign_in(sign_in(&address, email, PASSWORD, Some(&recovery)))
        .await
        .unwrap();

    // The first signs the second out, which sees it within seconds, and keeps what was not sent.
    let devices = first.app.list_own_devices(account, ()).await.unwrap();
    assert_eq!(
        (devices.len(), devices.iter().filter(|device| device.current).count()),
        (3, 1)
    );
    let other = devices
        .iter()
        .filter(|device| !device.current)
        .max_by_key(|device| device.id)
        .unwrap();
    second.app.new_draft(there, NewDraft::default()).await.unwrap();
    let left = first
        .app
        .sign_out_device(account, SessionRef { id: other.id })
        .await
        .unwrap();
    assert_eq!(left.len(), 2);
    let left = first.app.sign_out_other_devices(account, ()).await.unwrap();
    assert_eq!(left.len(), 1);
    second
        .until(there, "being signed out", |held| held.problem.is_some())
        .await;
    let state = second.app.app_state(()).await.unwrap();
    assert!(
        state.accounts[0]
            .problem
            .as_ref()
            .unwrap()
            .is_local(LocalCode::SignedOut)
    );
    let recovery = codes.codes[1].clone();
    let back = SignInAgain {
        password: PASSWORD.into(),
        second_factor: Some(recovery),
    };
    second.app.sign_in_again(there, back).await.unwrap();
    second.up_to_date(there).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_password_is_changed_and_a_forgotten_one_is_set_by_a_code_from_an_e_mail() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let (address, email) = (town.store.url(), "moira.kelly@example.org");
    let (first, account) = Desk::take_up(&address, &barsetshire.invitation(email).unwrap()).await;
    let (second, there) = Desk::sign_in(&address, email).await;
    let change = ChangePassword {
        current: PASSWORD.into(),
        password: NEW.into(),
    };
    first.app.change_password(account, change).await.unwrap();
    second
        .until(there, "being signed out", |held| held.problem.is_some())
        .await;
    first.app.sync_now(account, ()).await.unwrap();
    assert!(
        first.app.app_state(()).await.unwrap().accounts[0].problem.is_none(),
        "this one stays"
    );
    let again = |password: &str| SignInAgain {
        password: password.into(),
        second_factor: None,
    };
    let old = second.app.sign_in_again(there, again(PASSWORD)).await.unwrap_err();
    assert_eq!(old.code, ProblemCode::Store(ErrorCode::SignInFailed));
    second.app.sign_in_again(there, again(NEW)).await.unwrap();

    // Forgotten: a stranger's address is answered alike, and gets nothing.
    let stranger = Desk::new().await;
    let forgotten = |email: &str| ForgottenPassword {
        address: address.clone(),
        email: email.to_owned(),
    };
    stranger
        .app
        .ask_for_password_code(forgotten("nobody@example.org"))
        .await
        .unwrap();
    stranger.app.ask_for_password_code(forgotten(email)).await.unwrap();
    let mails = barsetshire.mails.clone();
    let code = until("the code", LONG_ENOUGH, async || {
        for entry in std::fs::read_dir(&mails)? {
            let text = std::fs::read_to_string(entry?.path())?;
            if text.contains("Your code for a new password") && text.contains(email) {
                return Ok(code_in(&text));
            }
        }
        Ok(None)
    })
    .await
    .unwrap();
    let look = InvitationCode {
        address: address.clone(),
        code: code.as_str().into(),
    };
    assert_eq!(stranger.app.look_at_password_code(look).await.unwrap().email, email);
    let set = |password: &str| NewPasswordByCode {
        address: address.clone(),
        code: code.as_str().into(),
        password: password.into(),
    };
    let weak = stranger.app.use_password_code(set("moira kelly 22")).await.unwrap_err();
    assert_eq!(weak.code, ProblemCode::Store(ErrorCode::PasswordWeak));
    stranger.app.use_password_code(set(PASSWORD)).await.unwrap();
    for (desk, account) in [(&first, account), (&second, there)] {
        desk.until(account, "being signed out", |held| held.problem.is_some())
            .await;
    }
    stranger
        .app
        .sign_in(sign_in(&address, email, PASSWORD, None))
        .await
        .unwrap();
    let used = stranger.app.use_password_code(set(NEW)).await.unwrap_err();
    assert_eq!(used.code, ProblemCode::Store(ErrorCode::PasswordCodeUnknown));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_super_user_helps_a_teacher_who_has_lost_their_phone() {
    let town = Town::found().await.unwrap();
    let barsetshire = town.people().await.unwrap();
    let address = town.store.url();
    let (head, account) = Desk::sign_in(&address, "priya.shah@example.org").await;
    let email = "moira.kelly@example.org";
    let (moira, own) = Desk::take_up(&address, &barsetshire.invitation(email).unwrap()).await;
    set_up(&moira, own).await;
    let user = UserRef {
        id: barsetshire.users[email],
    };
    let seen = head.app.get_user_second_factor(account, user.clone()).await.unwrap();
    assert!(seen.set_up_at.is_some() && seen.required);
    let reset = head.app.reset_second_factor(account, user).await.unwrap();
    assert_eq!(reset.set_up_at, None);
    moira
        .until(own, "being signed out", |held| held.problem.is_some())
        .await;

    // She signs in with her password alone, and must set the second step up before anything else.
    let again = SignInAgain {
        password: PASSWORD.into(),
        second_factor: None,
    };
    moira.app.sign_in_again(own, again).await.unwrap();
    let needed = ProblemCode::Store(ErrorCode::SecondFactorNeeded);
    moira
        .until(own, "being asked for the second step", |held| {
            held.problem.as_ref().is_some_and(|problem| problem.code == needed)
        })
        .await;
    set_up(&moira, own).await;
    moira.until(own, "going on", |held| held.problem.is_none()).await;
    assert!(!moira.pupils(own).await.is_empty());

    // The authority lets schools do without: now she may take it away.
    let kept = moira.app.remove_second_factor(own, ()).await.unwrap_err();
    assert_eq!(kept.code, ProblemCode::Store(ErrorCode::FieldInvalid));
    let rule = lac_wire::SecondFactorRule { relaxed: true };
    head.app.set_second_factor_rule(account, rule).await.unwrap();
    moira.app.remove_second_factor(own, ()).await.unwrap();
    assert!(
        moira.app.new_recovery_codes(own, ()).await.is_err(),
        "there are none without"
    );
}
