//! What mails say. They name the authority, and no person, subject or pupil; and they hold no link, so that people
//! learn to trust none.

use lac_domain::Timestamp;

/// Subject and body of a mail; its lines end with `\n`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Text {
    pub(super) subject: String,
    pub(super) body: String,
}

/// An invitation.
pub(super) fn invitation(authority: &str, code: &str, until: Timestamp) -> Text {
    let until = in_london(until);
    Text {
        subject: format!("Your invitation to Secure Messages from {authority}"),
        body: format!(
            "{authority} has invited you to Secure Messages.\n\n\
             Your one-time code is:\n\n    {code}\n\n\
             It can be used once, until {until}.\n\n\
             What to do: open Secure Messages on your work computer, choose\n\
             \"I have an invitation\", and enter the code. Keep the code to yourself.\n\n\
             If the code has expired, ask {authority} to send a new one.\n\
             If you did not expect this e-mail, you can delete it.\n\n\
             This e-mail has no link.\n"
        ),
    }
}

/// Says to the address that an account had that it has another now. It names neither.
pub(super) fn address_before(authority: &str, at: Timestamp) -> Text {
    let at = in_london(at);
    Text {
        subject: format!("Your e-mail address for Secure Messages from {authority}"),
        body: format!(
            "{authority} changed the e-mail address of your account for Secure Messages\n\
             at {at}. This address can no longer be used to sign in, and nothing\n\
             more is sent to it. Your password is the same as before.\n\n\
             If you did not ask for this, tell {authority} today.\n\n\
             This e-mail has no link.\n"
        ),
    }
}

/// Says to the address that an account has now that it is the one to sign in with.
pub(super) fn address_after(authority: &str, at: Timestamp) -> Text {
    let at = in_london(at);
    Text {
        subject: format!("Your e-mail address for Secure Messages from {authority}"),
        body: format!(
            "{authority} changed the e-mail address of your account for Secure Messages\n\
             at {at}. From now on, sign in with this address. Your password is the\n\
             same as before.\n\n\
             If you did not ask for this, tell {authority} today.\n\n\
             This e-mail has no link.\n"
        ),
    }
}

/// A one-time code for a password that was forgotten.
pub(super) fn password_code(authority: &str, code: &str, until: Timestamp) -> Text {
    let until = in_london(until);
    Text {
        subject: format!("Your code for a new password for Secure Messages from {authority}"),
        body: format!(
            "Someone asked for a new password for your account for Secure Messages\n\
             from {authority}. If it was you, your one-time code is:\n\n    {code}\n\n\
             It can be used once, until {until}.\n\n\
             What to do: in Secure Messages on your work computer, where you asked\n\
             for this code, enter it and choose a new password.\n\n\
             If you did not ask for it, do nothing: your password stays as it is. Give\n\
             the code to nobody, whoever asks.\n\n\
             This e-mail has no link.\n"
        ),
    }
}

/// Says that something about how an account signs in was changed; `what` is the mail's kind.
pub(super) fn changed(what: &str, authority: &str, at: Timestamp) -> Text {
    let said = match what {
        "password_changed" => {
            "The password of your account was changed. Every other computer that\nyou were signed in on was signed out."
        }
        "second_factor_set_up" => {
            "The second step of signing in to your account was set up: from now on an\nauthenticator app gives a code for each sign-in."
        }
        "second_factor_removed" => "The second step of signing in to your account was taken away.",
        _ => {
            "The second step of signing in to your account was reset, and you were\nsigned out everywhere. You set it up anew when you sign in next."
        }
    };
    let at = in_london(at);
    Text {
        subject: format!("Your account for Secure Messages from {authority}"),
        body: format!(
            "{said}\n\nThis was done at {at}.\n\n\
             If it was not you, and you did not ask for it, tell {authority} today.\n\n\
             This e-mail has no link.\n"
        ),
    }
}

/// Says that there are unread messages.
pub(super) fn unread(authority: &str, count: i64) -> Text {
    let unread = if count == 1 {
        "1 is unread".to_owned()
    } else {
        format!("{count} are unread")
    };
    Text {
        subject: format!("Secure messages from {authority}"),
        body: format!(
            "{authority} has sent you secure messages; {unread}.\n\
             To read them, open Secure Messages on your work computer.\n\
             This e-mail has no link.\n"
        ),
    }
}

/// An instant as a person in England reads it: `9:05am on 4 March 2026`.
pub(super) fn in_london(at: Timestamp) -> String {
    at.london().format("%-I:%M%P on %-d %B %Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_says_until_when_its_code_can_be_used() {
        let at: Timestamp = serde_json::from_str("\"2026-07-01T12:05:00Z\"").unwrap();
        let text = invitation("Barsetshire Virtual School", "7KQ2M-0D3XR", at);
        assert!(text.body.contains("\n    7KQ2M-0D3XR\n"), "{}", text.body);
        assert!(
            text.body.contains("It can be used once, until 1:05pm on 1 July 2026."),
            "{}",
            text.body
        );
        assert!(text.body.contains("This e-mail has no link."));
        assert!(!text.body.contains("http"));
    }

    #[test]
    fn the_count_is_grammatical() {
        assert!(
            unread("B", 1)
                .body
                .starts_with("B has sent you secure messages; 1 is unread.\n")
        );
        assert!(
            unread("B", 2)
                .body
                .starts_with("B has sent you secure messages; 2 are unread.\n")
        );
    }
}
