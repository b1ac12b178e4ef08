//! Why a conversation with the mail server failed, in words for whoever runs the store. A server's own words often hold
//! the address, so only its codes are kept of them.

use std::error::Error as _;

use lettre::transport::smtp::Error;

/// A step of the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// Connecting, and the greeting.
    Connect,
    /// Beginning TLS.
    Encrypt,
    /// Signing in.
    SignIn,
    /// Who the mail is from.
    Sender,
    /// Who it is for.
    Recipient,
    /// Asking leave to send its text.
    Data,
    /// Its text.
    Text,
    /// Forgetting a mail that was refused.
    Reset,
}

impl Step {
    /// What the server refused or broke off.
    fn object(self) -> &'static str {
        match self {
            Self::Connect => "the connection",
            Self::Encrypt => "the encryption",
            Self::SignIn => "the user name or password of --smtp-user",
            Self::Sender => "the sender's address of --mail-from",
            Self::Recipient => "the e-mail address",
            Self::Data | Self::Text => "the mail",
            Self::Reset => "the next mail",
        }
    }

    /// The words for no answer in time.
    pub(super) fn silent(self) -> String {
        format!("the mail server did not answer in time ({})", self.object())
    }
}

/// The words for an error.
pub(super) fn words(step: Step, error: &Error) -> String {
    let object = step.object();
    if let Some(code) = error.status() {
        let codes = match enhanced(error) {
            Some(more) => format!("{code} {more}"),
            None => code.to_string(),
        };
        let for_now = if error.is_permanent() { "" } else { " for now" };
        return format!("the mail server refused {object}{for_now} ({codes})");
    }
    if step == Step::SignIn && error.is_client() {
        return "the mail server offers no way to sign in that the store knows".to_owned();
    }
    if error.is_response() {
        return format!("the mail server broke off or was not understood ({object})");
    }
    match cause(error) {
        Some(cause) => format!("the mail server could not be spoken to ({object}: {cause})"),
        None => format!("the mail server could not be spoken to ({object})"),
    }
}

/// The code of RFC 3463 that many servers begin their words with, such as 5.1.1.
fn enhanced(error: &Error) -> Option<String> {
    let text = error.source()?.to_string();
    let word = text.split_whitespace().next()?;
    let parts: Vec<&str> = word.split('.').collect();
    let number = |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
    (parts.len() == 3 && parts.iter().all(number)).then(|| word.to_owned())
}

/// What the system or TLS says of the connection: nothing of a mail.
fn cause(error: &Error) -> Option<String> {
    let mut source = error.source();
    let mut words = None;
    while let Some(error) = source {
        words = Some(match error.downcast_ref::<std::io::Error>() {
            Some(io) if io.get_ref().is_none() => io.kind().to_string(),
            _ => error.to_string(),
        });
        source = error.source();
    }
    words
}
