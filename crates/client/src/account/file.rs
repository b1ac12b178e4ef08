//! An account's folder: its file is opened, made, set aside or deleted here, and nowhere else.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use lac_domain::DeviceId;
use lac_wire::Private;

use super::OpenedCopies;
use super::key::{Held, Keep, Unsealed, locked};
use crate::computer::Computer;
use crate::failure::{Failure, SqliteTrouble, disk_full, sqlite_trouble};
use crate::host::SecretError;
use crate::local::{Key, LocalStore, Meta, OpenError, meta};
use crate::view::{AccountId, LocalCode, Problem};
use crate::whole_file::{aside, write};

/// The file's name in the account's folder.
const FILE: &str = "store.db";
/// What SQLite may put beside it.
const BESIDE: [&str; 2] = ["-wal", "-shm"];
/// The key, sealed under the password, on a computer with no keyring; and that of a file which was set aside.
const SEALED_KEY: &str = ".key";

/// An account's folder.
pub(crate) struct Folder {
    computer: Arc<Computer>,
    account: AccountId,
    path: PathBuf,
}

/// A file that was opened.
pub(crate) struct OpenedFile {
    pub(crate) local: LocalStore,
    /// The device's id, made with the file.
    pub(crate) device: DeviceId,
}

impl Folder {
    /// The folder of an account, below that of all accounts.
    pub(crate) fn new(computer: &Arc<Computer>, accounts: &Path, account: AccountId) -> Self {
        Self {
            computer: Arc::clone(computer),
            account,
            path: accounts.join(account.0.to_string()),
        }
    }

    fn file(&self) -> PathBuf {
        self.path.join(FILE)
    }

    fn keep(&self) -> Keep {
        Keep::new(&self.computer, self.account, with_suffix(&self.file(), SEALED_KEY))
    }

    /// Where copies of opened attachments lie.
    pub(crate) fn copies(&self) -> OpenedCopies {
        OpenedCopies::in_folder(self.path.join("opened"))
    }

    /// Whether the file is there.
    pub(crate) fn has_file(&self) -> bool {
        self.file().exists()
    }

    /// Whether the key lies sealed beside the file, since the computer has no keyring.
    pub(crate) fn has_key_beside(&self) -> bool {
        self.keep().is_beside()
    }

    /// Takes the open key away, where a sealed one is left; says whether it is the sealed one alone that is left.
    pub(crate) async fn hide_key(&self) -> Result<bool, SecretError> {
        self.keep().hide().await
    }

    /// Opens the sealed key with a password.
    pub(crate) async fn unseal(&self, password: &Private) -> Result<Unsealed, Problem> {
        self.keep().unseal(password).await
    }

    /// Whether the file can be opened without a password.
    pub(crate) async fn is_unsealed(&self) -> Result<bool, Problem> {
        Ok(matches!(self.keep().read().await?, Held::Key(_)))
    }

    /// Keeps the key of an open file sealed under a password too.
    pub(crate) async fn seal(&self, local: &LocalStore, password: &Private) -> Result<(), Problem> {
        match local.key() {
            Some(key) => self.keep().seal(key, password).await,
            None => Ok(()),
        }
    }

    /// Opens the file that is there. One that cannot be opened is set aside, never overwritten; with the keyring
    /// locked it stays untouched, and with the account locked it stays closed.
    pub(crate) async fn open(&self) -> Result<OpenedFile, Problem> {
        let file = self.file();
        if !file.exists() {
            return Err(self.set_aside_before().unwrap_or_else(crate::api::signed_out));
        }
        match self.keep().read().await? {
            Held::Key(key) => self.open_with(&key).await,
            Held::Sealed => Err(locked()),
            Held::Lost => {
                tracing::error!(account = %self.account.0, "the keyring has lost the key of a local store");
                Err(self.set_aside()?)
            }
        }
    }

    /// Opens the file with the key that its password opened, and leaves that with the keyring.
    pub(crate) async fn open_unsealed(&self, key: &Key) -> Result<OpenedFile, Problem> {
        self.keep().show(key).await?;
        self.open_with(key).await
    }

    async fn open_with(&self, key: &Key) -> Result<OpenedFile, Problem> {
        match LocalStore::open(&self.file(), key, false).await {
            Ok(local) => match self.device_of(&local).await {
                Ok(device) => Ok(OpenedFile { local, device }),
                Err(failure) => {
                    local.close().await;
                    Err(failure.into())
                }
            },
            Err(OpenError::Unreadable) => {
                tracing::error!(account = %self.account.0, "a local store cannot be read");
                Err(self.set_aside()?)
            }
            Err(error) => Err(self.not_opened(error)),
        }
    }

    fn not_opened(&self, error: OpenError) -> Problem {
        tracing::error!(account = %self.account.0, %error, "a local store could not be opened");
        match error {
            OpenError::Newer => Problem::local(
                LocalCode::VersionMismatch,
                "A newer version of the application was used on this computer. Open that one, or ask your IT support to update this one. Nothing is lost.",
            ),
            OpenError::Other(error) if sqlite_trouble(&error) == SqliteTrouble::Full => disk_full(),
            _ => Problem::local(
                LocalCode::File,
                "Your messages on this computer could not be opened just now. Nothing is lost. Close the application and open it again; if it happens again, ask your IT support.",
            ),
        }
    }

    /// The device's id; made where a crash left none.
    async fn device_of(&self, local: &LocalStore) -> Result<DeviceId, Failure> {
        let mut tx = local.begin().await?;
        let device = match meta::device_id(&mut tx).await? {
            Some(device) => device,
            None => {
                let device: DeviceId = self.computer.new_id()?;
                Meta::DeviceId.set(&mut tx, &device.to_string()).await?;
                device
            }
        };
        tx.commit().await?;
        Ok(device)
    }

    /// Makes the file, where there is none, and seals its key under a password.
    pub(crate) async fn make(&self, password: &Private) -> Result<OpenedFile, Problem> {
        let file = self.file();
        std::fs::create_dir_all(&self.path).map_err(Failure::File)?;
        if file.exists() {
            let opened = self.open().await?;
            self.seal(&opened.local, password).await?;
            return Ok(opened);
        }
        let keep = self.keep();
        let key = keep.make().await?;
        keep.seal(&key, password).await?;
        let local = LocalStore::open(&file, &key, true)
            .await
            .map_err(|error| self.not_opened(error))?;
        match self.device_of(&local).await {
            Ok(device) => Ok(OpenedFile { local, device }),
            Err(failure) => {
                local.close().await;
                Err(failure.into())
            }
        }
    }

    /// Sets the file aside with what lies beside it, and says so.
    pub(crate) fn set_aside(&self) -> Result<Problem, Problem> {
        let file = self.file();
        let place = aside(&file, self.computer.now());
        let moved = std::fs::rename(&file, &place).and_then(|()| {
            for suffix in BESIDE {
                let from = with_suffix(&file, suffix);
                if from.exists() {
                    std::fs::rename(&from, with_suffix(&place, suffix))?;
                }
            }
            Ok(())
        });
        moved.map_err(|error| {
            tracing::error!(%error, "a local store could not be set aside");
            Problem::local(
                LocalCode::File,
                "Your messages on this computer could not be opened, and the file could not be moved out of the way. Restart the computer and try again.",
            )
        })?;
        Ok(told_of(&place))
    }

    /// Sets the file of a locked account aside with its sealed key: the password that it was locked with opens it.
    pub(crate) async fn set_aside_sealed(&self) -> Result<Problem, Problem> {
        let sealed = self.keep().sealed().await?;
        let problem = self.set_aside()?;
        if let (Some(sealed), Some(place)) = (sealed, self.set_aside_files().last()) {
            write(&with_suffix(place, SEALED_KEY), sealed).await?;
        }
        Ok(problem)
    }

    /// What was told when a file was set aside before, as long as none has taken its place.
    fn set_aside_before(&self) -> Option<Problem> {
        self.set_aside_files().last().map(|place| told_of(place))
    }

    /// Files that were set aside, the oldest first.
    pub(crate) fn set_aside_files(&self) -> Vec<PathBuf> {
        let Ok(entries) = std::fs::read_dir(&self.path) else {
            return Vec::new();
        };
        let mut files: Vec<PathBuf> = entries
            .filter_map(|entry| Some(entry.ok()?.path()))
            .filter(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                let beside = BESIDE.iter().chain([&SEALED_KEY]).any(|suffix| name.ends_with(suffix));
                name.starts_with("store.db.set-aside-") && !beside
            })
            .collect();
        files.sort();
        files
    }

    /// Deletes the folder with all that is in it, then the key. The file must be closed.
    pub(crate) async fn delete(&self) -> Result<(), Failure> {
        match tokio::fs::remove_dir_all(&self.path).await {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error.into()),
            _ => {}
        }
        self.keep().delete().await;
        Ok(())
    }
}

fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn told_of(place: &Path) -> Problem {
    Problem::local(
        LocalCode::FileSetAside,
        format!(
            "The file with your messages on this computer could not be opened, so it was set aside. Sign in again: all \
             that the store has comes back. Messages and drafts that had not been sent yet are in the file {}; keep it, \
             and ask your IT support.",
            place.display()
        ),
    )
}
