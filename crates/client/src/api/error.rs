//! Why the store did not do what it was asked, and what a person is told of it.

use std::error::Error;
use std::time::Duration;

use lac_wire::{ErrorBody, ErrorCode};

use super::Address;
use crate::failure::Failure;
use crate::view::{LocalCode, Problem};

/// Why the store did not do what it was asked.
#[derive(Debug)]
pub(crate) enum ApiError {
    /// The store did not answer.
    Unreachable {
        /// For the person.
        problem: Problem,
        /// Whether it is certain that the request did not reach it.
        not_sent: bool,
    },
    /// The store answered that it cannot now.
    Later {
        /// For the person.
        problem: Problem,
        /// When to try again, where it said.
        retry_after: Option<Duration>,
        /// Whether it said so itself, and so did not take the request; not somebody on the way, or an accident.
        not_taken: bool,
        /// Whether it is the whole store that cannot, rather than this one request.
        whole_store: bool,
    },
    /// The store refused it, for good.
    Refused(ErrorBody),
    /// The session has ended.
    SignedOut(Problem),
    /// This device failed.
    Failed(Failure),
}

impl From<Failure> for ApiError {
    fn from(failure: Failure) -> Self {
        Self::Failed(failure)
    }
}

impl From<ApiError> for Problem {
    fn from(error: ApiError) -> Self {
        match error {
            ApiError::Unreachable { problem, .. } | ApiError::Later { problem, .. } | ApiError::SignedOut(problem) => {
                problem
            }
            ApiError::Refused(body) => body.into(),
            ApiError::Failed(failure) => failure.into(),
        }
    }
}

impl ApiError {
    /// Whether the store refused with this code.
    pub(crate) fn is_refused(&self, code: ErrorCode) -> bool {
        matches!(self, Self::Refused(body) if body.code == code)
    }

    /// What `reqwest` met on the way.
    pub(crate) fn of_transport(error: &reqwest::Error, address: &Address) -> Self {
        let chain = chain(error);
        // The address of a route may hold an id; the chain below it holds none.
        tracing::info!(error = %chain, "the store did not answer");
        if chain.contains(FILE_FAILED) {
            return Self::Failed(Failure::File(std::io::Error::other(
                "the file could not be read to its end",
            )));
        }
        let not_sent = error.is_connect() || error.is_builder();
        Self::Unreachable {
            problem: Problem::local(LocalCode::Offline, sentence(error, &chain, address)),
            not_sent,
        }
    }

    /// Something that is no store answered.
    pub(crate) fn not_a_store(address: &Address) -> Self {
        let message = if address.is_loopback() {
            format!(
                "What answers at {} is not a store of Looked After Call. Check the address.",
                address.as_str()
            )
        } else {
            format!(
                "What answered is not the store at {}. On a guest or hotel network, open a web browser and sign in to \
                 the network first, then try again. Otherwise check the address.",
                address.host()
            )
        };
        Self::Unreachable {
            problem: Problem::local(LocalCode::NotAStore, message),
            not_sent: false,
        }
    }
}

/// What the error says that a body gives when its file cannot be read to the end.
pub(super) const FILE_FAILED: &str = "the file to be sent could not be read";

fn sentence(error: &reqwest::Error, chain: &str, address: &Address) -> String {
    let host = address.host();
    if error.is_timeout() {
        "The store did not answer in time. Check this computer's connection, and try again in a few minutes.".to_owned()
    } else if ["certificate", "tls", "TLS", "handshake"]
        .iter()
        .any(|word| chain.contains(word))
    {
        format!(
            "The connection to {host} is not safe: this computer does not trust the certificate that was shown. Check \
             this computer's date and time. If they are right, ask your IT support to look at the network and the store's certificate."
        )
    } else if chain.contains("dns error") || chain.contains("lookup address") {
        format!(
            "No computer with the name {host} could be found. Check this computer's connection, and that the store's address is right."
        )
    } else if error.is_connect() {
        format!(
            "Nothing answers at {host}. Check this computer's connection; if other pages open, the store may be switched off for a while."
        )
    } else {
        "The connection to the store was lost. Check this computer's connection, and try again.".to_owned()
    }
}

/// An error with its causes, without addresses.
fn chain(error: &reqwest::Error) -> String {
    let mut text = String::from(if error.is_timeout() { "timed out" } else { "failed" });
    let mut cause = error.source();
    while let Some(inner) = cause {
        text.push_str(": ");
        text.push_str(&inner.to_string());
        cause = inner.source();
    }
    text
}

/// The answer for a session that ended.
pub(crate) fn signed_out() -> Problem {
    Problem::local(
        LocalCode::SignedOut,
        "You have been signed out. Sign in again to go on; what you wrote on this computer is still here.",
    )
}

/// What a person is told when the store cannot now.
pub(super) fn cannot_now(retry_after: Option<Duration>) -> Problem {
    let when = match retry_after.map(|wait| wait.as_secs()) {
        Some(seconds @ 2..=90) => format!("in {seconds} seconds"),
        Some(seconds @ 91..) => format!("in {} minutes", seconds.div_ceil(60)),
        _ => "in a few minutes".to_owned(),
    };
    Problem::local(
        LocalCode::Offline,
        format!("The store cannot do this at the moment. Try again {when}."),
    )
}
