//! Secrets in the operating system's keyring. These calls block: not for an async thread.

use lac_client::host::SecretError;

/// The service under which the keyring shows the application's entries.
const SERVICE: &str = "Looked After Call";

/// One secret of one profile.
pub struct Secret {
    entry: keyring::Entry,
}

impl Secret {
    /// The secret of a name.
    ///
    /// # Errors
    /// When the machine has no keyring.
    pub fn new(profile: &str, name: &str) -> Result<Self, SecretError> {
        let user = if profile.is_empty() {
            name.to_owned()
        } else {
            format!("{profile}/{name}")
        };
        keyring::Entry::new(SERVICE, &user)
            .map(|entry| Self { entry })
            .map_err(|error| error_of(&error))
    }

    /// Its bytes.
    ///
    /// # Errors
    /// When there is none, or the keyring can't be used.
    pub fn get(&self) -> Result<Vec<u8>, SecretError> {
        self.entry.get_secret().map_err(|error| error_of(&error))
    }

    /// Sets its bytes.
    ///
    /// # Errors
    /// When the keyring can't be used.
    pub fn set(&self, bytes: &[u8]) -> Result<(), SecretError> {
        self.entry.set_secret(bytes).map_err(|error| error_of(&error))
    }

    /// Deletes it; it is no error when there is none.
    ///
    /// # Errors
    /// When the keyring can't be used.
    pub fn delete(&self) -> Result<(), SecretError> {
        match self.entry.delete_credential() {
            Ok(()) | Err(keyring::Error::NoEntry) => Ok(()),
            Err(error) => Err(error_of(&error)),
        }
    }
}

fn error_of(error: &keyring::Error) -> SecretError {
    match error {
        keyring::Error::NoEntry => SecretError::Missing,
        keyring::Error::NoDefaultStore => SecretError::Absent,
        other => SecretError::Unavailable(other.to_string()),
    }
}
