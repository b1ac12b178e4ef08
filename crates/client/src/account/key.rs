//! The key of an account's file, in the operating system's keyring.

use crate::computer::{Computer, random};
use crate::host::SecretError;
use crate::local::Key;
use crate::view::{AccountId, LocalCode, Problem};

/// What the keyring says of a key.
pub(super) enum Held {
    /// It holds one.
    Key(Key),
    /// It works, and holds none, or one that is none.
    Lost,
}

/// What a person is told when the keyring cannot be used.
fn unavailable(error: &SecretError) -> Problem {
    tracing::error!(%error, "the keyring cannot be used");
    Problem::local(
        LocalCode::KeyringUnavailable,
        "This computer's password store (keyring) is locked or missing, so your messages cannot be opened. Nothing is \
         lost. Unlock it, or restart the computer and sign in to it as usual, then open the application again.",
    )
}

/// Reads a key. "No entry" alone proves nothing: some keyrings say so while they cannot be used at all.
pub(super) async fn read(computer: &Computer, account: AccountId) -> Result<Held, Problem> {
    let name = name_of(account);
    let answer = computer
        .keyring(move |host| match host.get_secret(&name) {
            Err(SecretError::Missing) => {
                let probe = format!("{name}/probe");
                host.set_secret(&probe, b"probe")?;
                let read = host.get_secret(&probe);
                host.delete_secret(&probe)?;
                if read.as_deref() == Ok(b"probe") {
                    Ok(None)
                } else {
                    Err(SecretError::Unavailable(
                        "what was written could not be read".to_owned(),
                    ))
                }
            }
            other => other.map(Some),
        })
        .await;
    match answer {
        Ok(Some(bytes)) => Ok(Key::from_slice(&bytes).map_or(Held::Lost, Held::Key)),
        Ok(None) => Ok(Held::Lost),
        Err(error) => Err(unavailable(&error)),
    }
}

/// The key for a file that is to be made: the one that is held, since a file set aside may need it, or a new one.
/// Only called where there is no file.
pub(super) async fn make(computer: &Computer, account: AccountId) -> Result<Key, Problem> {
    if let Held::Key(key) = read(computer, account).await? {
        return Ok(key);
    }
    let key = Key::new(random()?);
    let (name, written) = (name_of(account), key.clone());
    let read = computer
        .keyring(move |host| {
            host.set_secret(&name, written.bytes())?;
            host.get_secret(&name)
        })
        .await
        .map_err(|error| unavailable(&error))?;
    if read == key.bytes() {
        Ok(key)
    } else {
        Err(unavailable(&SecretError::Unavailable(
            "what was written reads otherwise".to_owned(),
        )))
    }
}

/// Deletes a key.
pub(super) async fn delete(computer: &Computer, account: AccountId) {
    let name = name_of(account);
    if let Err(error) = computer.keyring(move |host| host.delete_secret(&name)).await {
        // Its file is gone: the key opens nothing.
        tracing::warn!(%error, "a key could not be deleted from the keyring");
    }
}

fn name_of(account: AccountId) -> String {
    account.0.to_string()
}
