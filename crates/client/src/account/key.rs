//! The key of an account's file. It stands in the operating system's keyring twice: open, while the account is, and
//! sealed under the account's password, which is all that is left while it is locked. On a computer with no keyring
//! the sealed one lies beside the file, and the open one nowhere.

use std::path::PathBuf;
use std::sync::Arc;

use lac_wire::Private;

use super::sealing;
use crate::computer::{Computer, random};
use crate::failure::Failure;
use crate::host::{Host, SecretError};
use crate::local::Key;
use crate::view::{AccountId, LocalCode, Problem};
use crate::whole_file;

/// What there is of a key.
pub(super) enum Held {
    /// It is open.
    Key(Key),
    /// Only its sealed form is there: the account is locked.
    Sealed,
    /// The keyring works, and holds none, or one that is none.
    Lost,
}

/// What a password opens.
pub(crate) enum Unsealed {
    /// The key.
    Key(Key),
    /// Nothing: it is another password.
    Wrong,
    /// There is no sealed key.
    None,
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

/// What a person is told of an account that is locked.
pub(crate) fn locked() -> Problem {
    Problem::local(
        LocalCode::Locked,
        "Looked After Call is locked. Give your password to unlock it.",
    )
}

/// Where an account's key is kept.
pub(super) struct Keep {
    computer: Arc<Computer>,
    account: AccountId,
    /// Where the sealed key lies on a computer with no keyring.
    file: PathBuf,
}

impl Keep {
    /// Where the key of an account is kept, beside whose file this one is.
    pub(super) fn new(computer: &Arc<Computer>, account: AccountId, file: PathBuf) -> Self {
        Self {
            computer: Arc::clone(computer),
            account,
            file,
        }
    }

    fn open_name(&self) -> String {
        self.account.0.to_string()
    }

    fn sealed_name(&self) -> String {
        format!("{}/sealed", self.account.0)
    }

    /// Reads the key. "No entry" alone proves nothing: some keyrings say so while they cannot be used at all.
    pub(super) async fn read(&self) -> Result<Held, Problem> {
        match self.look().await {
            Err(SecretError::Absent) if self.file.exists() => Ok(Held::Sealed),
            answer => answer.map_err(|error| unavailable(&error)),
        }
    }

    async fn look(&self) -> Result<Held, SecretError> {
        let (name, sealed) = (self.open_name(), self.sealed_name());
        let answer = self.computer.keyring(move |host| match host.get_secret(&name) {
            Err(SecretError::Missing) => {
                if is_there(host, &sealed)? {
                    return Ok(Err(Held::Sealed));
                }
                probe(host, &name)?;
                Ok(Err(Held::Lost))
            }
            other => other.map(Ok),
        });
        Ok(match answer.await? {
            Ok(bytes) => Key::from_slice(&bytes).map_or(Held::Lost, Held::Key),
            Err(held) => held,
        })
    }

    /// The key for a file that is to be made: the open one that is held, since a file set aside may need it, or a new
    /// one. Only called where there is no file; to be sealed before anything is written.
    pub(super) async fn make(&self) -> Result<Key, Problem> {
        match self.look().await {
            Ok(Held::Key(key)) => return Ok(key),
            Ok(Held::Sealed | Held::Lost) | Err(SecretError::Absent) => {}
            Err(error) => return Err(unavailable(&error)),
        }
        let key = Key::new(random()?);
        self.show(&key).await?;
        Ok(key)
    }

    /// Puts the open key into the keyring, where there is one.
    pub(super) async fn show(&self, key: &Key) -> Result<(), Problem> {
        let (name, written) = (self.open_name(), key.clone());
        let answer = self.computer.keyring(move |host| {
            host.set_secret(&name, written.bytes())?;
            host.get_secret(&name)
        });
        match answer.await {
            Ok(read) if read == key.bytes() => Ok(()),
            Ok(_) => Err(unavailable(&SecretError::Unavailable(
                "what was written reads otherwise".to_owned(),
            ))),
            Err(SecretError::Absent) => Ok(()),
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// Takes the open key away, where a sealed one is left; says whether it is the sealed one alone that is left.
    pub(super) async fn hide(&self) -> Result<bool, SecretError> {
        let (name, sealed) = (self.open_name(), self.sealed_name());
        let answer = self.computer.keyring(move |host| {
            if !is_there(host, &sealed)? {
                return Ok(false);
            }
            host.delete_secret(&name)?;
            Ok(true)
        });
        match answer.await {
            Err(SecretError::Absent) => Ok(self.file.exists()),
            other => other,
        }
    }

    /// Keeps the key sealed under a password too, in place of what was sealed before.
    pub(super) async fn seal(&self, key: &Key, password: &Private) -> Result<(), Problem> {
        let (key, account, password) = (key.clone(), self.account, password.clone());
        let sealed = tokio::task::spawn_blocking(move || sealing::seal(&key, account, &password)).await;
        let sealed = sealed.map_err(|error| Failure::File(std::io::Error::other(error)))??;
        let (name, written) = (self.sealed_name(), sealed.clone());
        let answer = self.computer.keyring(move |host| host.set_secret(&name, &written));
        match answer.await {
            Err(SecretError::Absent) => Ok(whole_file::write(&self.file, sealed).await?),
            other => other.map_err(|error| unavailable(&error)),
        }
    }

    /// The sealed key as it stands, with nothing opened.
    pub(super) async fn sealed(&self) -> Result<Option<Vec<u8>>, Problem> {
        let name = self.sealed_name();
        match self.computer.keyring(move |host| host.get_secret(&name)).await {
            Ok(bytes) => Ok(Some(bytes)),
            Err(SecretError::Missing) => Ok(None),
            Err(SecretError::Absent) => match tokio::fs::read(&self.file).await {
                Ok(bytes) => Ok(Some(bytes)),
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
                Err(error) => Err(Failure::File(error).into()),
            },
            Err(error) => Err(unavailable(&error)),
        }
    }

    /// Opens the sealed key with a password.
    pub(super) async fn unseal(&self, password: &Private) -> Result<Unsealed, Problem> {
        let Some(sealed) = self.sealed().await? else {
            return Ok(Unsealed::None);
        };
        let (account, password) = (self.account, password.clone());
        let opened = tokio::task::spawn_blocking(move || sealing::open(&sealed, account, &password)).await;
        let opened = opened.map_err(|error| Failure::File(std::io::Error::other(error)))??;
        Ok(opened.map_or(Unsealed::Wrong, Unsealed::Key))
    }

    /// Whether the sealed key lies beside the file, since the computer has no keyring.
    pub(super) fn is_beside(&self) -> bool {
        self.file.exists()
    }

    /// Deletes the key in both forms.
    pub(super) async fn delete(&self) {
        let names = [self.open_name(), self.sealed_name()];
        let deleted = self
            .computer
            .keyring(move |host| names.iter().try_for_each(|name| host.delete_secret(name)));
        match deleted.await {
            // What lay beside the file went with its folder.
            Ok(()) | Err(SecretError::Absent) => {}
            // Its file is gone: the key opens nothing.
            Err(error) => tracing::warn!(%error, "a key could not be deleted from the keyring"),
        }
    }
}

fn is_there(host: &dyn Host, name: &str) -> Result<bool, SecretError> {
    match host.get_secret(name) {
        Ok(_) => Ok(true),
        Err(SecretError::Missing) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Fails where the keyring does not hold what is written to it.
fn probe(host: &dyn Host, name: &str) -> Result<(), SecretError> {
    let probe = format!("{name}/probe");
    host.set_secret(&probe, b"probe")?;
    let read = host.get_secret(&probe);
    host.delete_secret(&probe)?;
    if read.as_deref() == Ok(b"probe") {
        return Ok(());
    }
    Err(SecretError::Unavailable(
        "what was written could not be read".to_owned(),
    ))
}
