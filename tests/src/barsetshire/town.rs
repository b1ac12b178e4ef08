//! A store with Barsetshire's schools, as a program of its own, ready for its first user.

use std::path::{Path, PathBuf};

use super::{Barsetshire, LA_STAFF, code_in};
use crate::support::store::Store;
use crate::support::{Outcome, Trouble};

/// The folder of Barsetshire's files.
#[must_use]
pub fn fixtures() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/barsetshire")
}

/// A store that was set up from the command line and serves.
pub struct Town {
    /// The store.
    pub store: Store,
    /// The one-time code of the Virtual School Head, as `init` printed it.
    pub first_code: String,
}

impl Town {
    /// Sets a store up on SQLite: `init`, `import establishments`, `serve`.
    ///
    /// # Errors
    /// With what the store said.
    pub async fn found() -> Outcome<Self> {
        Self::in_store(Store::new()?).await
    }

    /// Sets a store up that has no data yet.
    ///
    /// # Errors
    /// With what the store said.
    pub async fn in_store(mut store: Store) -> Outcome<Self> {
        let head = LA_STAFF[0];
        let said = store.run([
            "init",
            "--authority-name",
            "Barsetshire Virtual School",
            "--danger-phone",
            "01632 960999",
            "--email",
            head.email,
            "--first-name",
            head.first,
            "--last-name",
            head.last,
        ])?;
        let first_code = code_in(&said).ok_or_else(|| Trouble::new(format!("init printed no code: {said}")))?;
        let schools = fixtures().join("establishments.csv");
        store.run(["import".as_ref(), "establishments".as_ref(), schools.as_os_str()])?;
        store.serve().await?;
        Ok(Self { store, first_code })
    }

    /// Fills it with Barsetshire's people, pupils and conversations.
    ///
    /// # Errors
    /// When the store refuses something, with its reason.
    pub async fn people(&self) -> Outcome<Barsetshire> {
        Barsetshire::found(&self.store.url(), &self.store.mails(), &self.first_code).await
    }
}
