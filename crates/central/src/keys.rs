//! The authority's keys, in a file outside the database that only its owner can read.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use hkdf::Hkdf;
use serde::{Deserialize, Serialize};
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::error::StoreError;
use crate::random::random;

/// 32 secret bytes; never shown by `Debug`, wiped when dropped.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct Secret([u8; 32]);

impl Secret {
    /// New random bytes.
    ///
    /// # Errors
    /// When the system gives none.
    pub fn generate() -> Result<Self, StoreError> {
        Ok(Self(random()?))
    }

    /// The bytes.
    #[must_use]
    pub fn bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// The bytes in hexadecimal.
    #[must_use]
    pub fn hex(&self) -> String {
        hex::encode(self.0)
    }

    fn from_hex(text: &str) -> Option<Self> {
        let mut bytes = [0; 32];
        hex::decode_to_slice(text.trim(), &mut bytes).ok()?;
        Some(Self(bytes))
    }
}

impl From<[u8; 32]> for Secret {
    fn from(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// A sealing key and the number by which sealed values name it.
#[derive(Debug, Clone)]
pub struct SealingKey {
    /// Its number; 1 is the first.
    pub id: u32,
    /// The key.
    pub key: Secret,
}

/// All keys of a key file.
#[derive(Debug, Clone)]
pub struct Keys {
    /// SQLCipher's raw key.
    pub database: Secret,
    /// For fingerprints of commands, for good.
    fingerprint: Secret,
    /// Sealing keys; the last is the newest, and seals.
    sealing: Vec<SealingKey>,
}

/// Why a key file could not be used.
#[derive(Debug, thiserror::Error)]
pub enum KeyFileError {
    /// It is not there or cannot be read.
    #[error(
        "The key file {path} cannot be read: {why}. Without it the store cannot be opened: put it back, or name it with --key-file."
    )]
    Unreadable {
        /// Where.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// Its content is not a key file's.
    #[error("The key file {path} is damaged: {why}.")]
    Damaged {
        /// Where.
        path: PathBuf,
        /// Why, without content.
        why: &'static str,
    },
    /// Others than its owner can read it.
    #[error(
        "The key file {0} can be read by others than its owner. Run `chmod 600` on it, and consider who may have copied it."
    )]
    Open(PathBuf),
    /// It exists, and is never overwritten.
    #[error(
        "There is a key file at {0} already. It is never overwritten: move it away first if you are sure that no store needs it."
    )]
    Exists(PathBuf),
    /// It could not be written.
    #[error("The key file {path} cannot be written: {why}.")]
    Unwritable {
        /// Where.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// The system gave no random bytes.
    #[error(transparent)]
    Store(#[from] StoreError),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    database_key: String,
    fingerprint_key: String,
    sealing: Vec<SealingEntry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SealingEntry {
    id: u32,
    key: String,
}

impl Keys {
    /// New keys, all random.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn generate() -> Result<Self, StoreError> {
        Ok(Self {
            database: Secret::generate()?,
            fingerprint: Secret::generate()?,
            sealing: vec![SealingKey {
                id: 1,
                key: Secret::generate()?,
            }],
        })
    }

    /// Reads a key file.
    ///
    /// # Errors
    /// When it is missing, damaged, or open to others than its owner.
    pub fn read(path: &Path) -> Result<Self, KeyFileError> {
        let unreadable = |why| KeyFileError::Unreadable {
            path: path.to_owned(),
            why,
        };
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            if std::fs::metadata(path).map_err(unreadable)?.permissions().mode() & 0o077 != 0 {
                return Err(KeyFileError::Open(path.to_owned()));
            }
        }
        let mut text = std::fs::read_to_string(path).map_err(unreadable)?;
        let file = toml::from_str::<KeyFile>(&text);
        text.zeroize();
        let damaged = |why| KeyFileError::Damaged {
            path: path.to_owned(),
            why,
        };
        let file = file.map_err(|_| damaged("it is not the TOML that `lac-central init` writes"))?;
        let secret = |hex: &str| Secret::from_hex(hex).ok_or_else(|| damaged("a key is not 64 hexadecimal digits"));
        let mut sealing = file
            .sealing
            .iter()
            .map(|entry| {
                Ok(SealingKey {
                    id: entry.id,
                    key: secret(&entry.key)?,
                })
            })
            .collect::<Result<Vec<_>, KeyFileError>>()?;
        sealing.sort_by_key(|key| key.id);
        if sealing.is_empty() || sealing.windows(2).any(|pair| pair[0].id == pair[1].id) {
            return Err(damaged("it has no sealing key, or two with one number"));
        }
        Ok(Self {
            database: secret(&file.database_key)?,
            fingerprint: secret(&file.fingerprint_key)?,
            sealing,
        })
    }

    /// Writes a new key file that only its owner can read; one that exists is never overwritten.
    ///
    /// # Errors
    /// When there is one already, or it cannot be written.
    pub fn write_new(&self, path: &Path) -> Result<(), KeyFileError> {
        let mut text = String::from(
            "# The keys of a Looked After Call store. Without this file its data cannot be read by anyone.\n\
             # Keep a copy in a safe place, never beside a backup of the database.\n",
        );
        // Writing to a String cannot fail.
        let _ = writeln!(
            text,
            "database_key = \"{}\"\nfingerprint_key = \"{}\"",
            self.database.hex(),
            self.fingerprint.hex()
        );
        for key in &self.sealing {
            let _ = writeln!(text, "\n[[sealing]]\nid = {}\nkey = \"{}\"", key.id, key.key.hex());
        }
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(path).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        text.zeroize();
        written.map_err(|why| match why.kind() {
            std::io::ErrorKind::AlreadyExists => KeyFileError::Exists(path.to_owned()),
            _ => KeyFileError::Unwritable {
                path: path.to_owned(),
                why,
            },
        })
    }

    /// The key that seals.
    #[must_use]
    pub fn newest(&self) -> Option<&SealingKey> {
        self.sealing.last()
    }

    /// A sealing key by its number.
    #[must_use]
    pub fn sealing(&self, id: u32) -> Option<&Secret> {
        self.sealing.iter().find(|key| key.id == id).map(|key| &key.key)
    }

    /// A keyed hash (HMAC-SHA-256) by which the same request is known again without keeping its content.
    #[must_use]
    pub fn fingerprint(&self, content: &[u8]) -> [u8; 32] {
        // HKDF's extract step is HMAC with the salt as its key (RFC 5869, section 2.2).
        Hkdf::<Sha256>::extract(Some(self.fingerprint.bytes()), content)
            .0
            .into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_file_is_read_back_and_never_overwritten() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.toml");
        let keys = Keys::generate().unwrap();
        keys.write_new(&path).unwrap();
        let read = Keys::read(&path).unwrap();
        assert_eq!(read.database.hex(), keys.database.hex());
        assert_eq!(read.fingerprint(b"x"), keys.fingerprint(b"x"));
        assert_ne!(read.fingerprint(b"x"), keys.fingerprint(b"y"));
        assert!(matches!(keys.write_new(&path), Err(KeyFileError::Exists(_))));
        std::fs::write(&path, "database_key = \"short\"").unwrap();
        assert!(matches!(Keys::read(&path), Err(KeyFileError::Damaged { .. })));
    }

    #[cfg(unix)]
    #[test]
    fn a_key_file_that_others_can_read_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("keys.toml");
        Keys::generate().unwrap().write_new(&path).unwrap();
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Keys::read(&path), Err(KeyFileError::Open(_))));
    }
}
