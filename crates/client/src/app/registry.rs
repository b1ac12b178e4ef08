//! The list of accounts on this device: `accounts.json`, always whole.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::account::{AccountEntry, Folder};
use crate::computer::Computer;
use crate::failure::Failure;
use crate::local::{Meta, meta};
use crate::view::AccountId;
use crate::whole_file::{Read, aside, read_json, write_json};

/// How many colours there are to tell authorities apart.
const COLOURS: u8 = 6;

#[derive(Default, Serialize, Deserialize)]
struct Written {
    accounts: Vec<AccountEntry>,
}

/// Where the accounts of a profile are.
pub(crate) struct Registry {
    computer: Arc<Computer>,
    folder: PathBuf,
}

impl Registry {
    /// The registry in a profile's folder.
    pub(crate) fn new(computer: &Arc<Computer>, data_dir: &Path) -> Self {
        Self {
            computer: Arc::clone(computer),
            folder: data_dir.to_owned(),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.join("accounts.json")
    }

    /// The folder that holds one folder per account.
    pub(crate) fn accounts_folder(&self) -> PathBuf {
        self.folder.join("accounts")
    }

    /// Reads the list. One that is damaged is set aside and made anew from the accounts' own files, and so is an
    /// account that a crash left out of it.
    pub(crate) async fn read(&self) -> Result<Vec<AccountEntry>, Failure> {
        let file = self.file();
        let mut entries = match read_json::<Written>(&file).await? {
            Read::Value(written) => written.accounts,
            Read::Missing => Vec::new(),
            Read::Damaged => {
                tracing::error!("the list of accounts is damaged; it is set aside and made anew");
                tokio::fs::rename(&file, aside(&file, self.computer.now())).await?;
                Vec::new()
            }
        };
        let listed = entries.len();
        for id in self.folders() {
            if !entries.iter().any(|entry| entry.id == id)
                && let Some(entry) = self.left_out(id).await?
            {
                entries.push(entry);
            }
        }
        if entries.len() > listed {
            self.write(&entries).await?;
        }
        Ok(entries)
    }

    fn folders(&self) -> Vec<AccountId> {
        let Ok(entries) = std::fs::read_dir(self.accounts_folder()) else {
            return Vec::new();
        };
        entries
            .filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok().map(AccountId))
            .collect()
    }

    /// What a folder holds that the list does not name: an account, or the rest of a sign-in or sign-out that did not
    /// come to its end.
    async fn left_out(&self, id: AccountId) -> Result<Option<AccountEntry>, Failure> {
        let folder = Folder::new(&self.computer, &self.accounts_folder(), id);
        if !folder.has_file() && folder.set_aside_files().is_empty() {
            folder.delete().await?;
            return Ok(None);
        }
        let opened = match folder.open().await {
            Ok(opened) => opened,
            Err(problem) => {
                tracing::warn!(account = %id.0, code = ?problem.code, "a folder that the list does not name cannot be opened");
                return Ok(None);
            }
        };
        let mut conn = opened.local.reader().await?;
        let me = meta::me(&mut conn).await?;
        let address = Meta::StoreAddress.get(&mut conn).await?;
        let colour = Meta::Colour
            .get(&mut conn)
            .await?
            .and_then(|text| text.parse().ok())
            .unwrap_or(0);
        let signed_out = Meta::SignedOut.get(&mut conn).await?.is_some();
        drop(conn);
        opened.local.close().await;
        match (me, address) {
            (Some(me), Some(store_address)) if !signed_out => Ok(Some(AccountEntry {
                id,
                store_address,
                email: me.email,
                authority_name: me.authority.name,
                colour,
            })),
            _ => {
                folder.delete().await?;
                Ok(None)
            }
        }
    }

    /// Writes the list.
    pub(crate) async fn write(&self, entries: &[AccountEntry]) -> Result<(), Failure> {
        tokio::fs::create_dir_all(&self.folder).await?;
        write_json(
            &self.file(),
            &Written {
                accounts: entries.to_vec(),
            },
        )
        .await
    }

    /// A colour that the fewest accounts have.
    pub(crate) fn free_colour(entries: &[AccountEntry]) -> u8 {
        (0..COLOURS)
            .min_by_key(|colour| entries.iter().filter(|entry| entry.colour == *colour).count())
            .unwrap_or(0)
    }
}
