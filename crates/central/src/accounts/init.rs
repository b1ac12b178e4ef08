//! Setting up a store: its key file, its database, its first LA Super User.

use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use lac_domain::audit::CHAIN_START;
use lac_domain::{EpochId, Role, UserId, UserStatus, email_key, name_key, parse_email};

use super::invitations::NewCode;
use crate::both;
use crate::clock::Clock;
use crate::config::{Config, Database};
use crate::error::{Failure, Refusal, StoreError};
use crate::keys::Keys;
use crate::settings;
use crate::storage::{Db, OpenError};
use crate::store::Store;
use crate::users::{NewUser, insert_users};
use crate::writer::{Job, Tx};

/// The first LA Super User.
#[derive(Debug, Clone)]
pub struct FirstUser {
    /// First name.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// E-mail address.
    pub email: String,
}

/// What a new store is told.
#[derive(Debug, Clone)]
pub struct Setup {
    /// The authority's name, such as "Barsetshire Virtual School".
    pub authority_name: String,
    /// The telephone number for a child in danger, perhaps empty.
    pub danger_phone: String,
    /// Its first LA Super User.
    pub first_user: FirstUser,
}

/// Why a store could not be set up.
#[derive(Debug, thiserror::Error)]
pub enum InitError {
    /// What was entered cannot be used.
    #[error("{0}")]
    Entry(String),
    /// The database or the key file could not be made.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// The folder could not be made.
    #[error("The folder {0} cannot be made: {1}.")]
    Folder(String, std::io::Error),
    /// Writing the first rows failed.
    #[error("The store could not be set up: {0}")]
    Failed(String),
}

impl Store {
    /// Sets up a new store and opens it. Answers it with the one-time code of the first user. A key file that
    /// is there already is used, and never overwritten.
    ///
    /// # Errors
    /// When there is a store already, or something cannot be made.
    pub async fn init(config: Config, clock: Arc<dyn Clock>, setup: Setup) -> Result<(Self, String), InitError> {
        let name = setup.authority_name.trim();
        if name.is_empty() {
            return Err(InitError::Entry("Enter the authority's name.".to_owned()));
        }
        parse_email(&setup.first_user.email).map_err(|error| InitError::Entry(error.to_string()))?;
        if let Database::Sqlite(path) = &config.database {
            if path.exists() {
                return Err(OpenError::Exists(path.display().to_string()).into());
            }
            make_folder(path)?;
        }
        make_folder(&config.key_file)?;
        let keys = if config.key_file.exists() {
            Keys::read(&config.key_file).map_err(OpenError::from)?
        } else {
            let keys = Keys::generate().map_err(OpenError::from)?;
            keys.write_new(&config.key_file).map_err(OpenError::from)?;
            keys
        };
        let db = Db::open(&config.database, &keys.database, true).await?;
        let begun = begin(&db, &clock, &setup).await;
        match begun {
            Ok(true) => {}
            Ok(false) => {
                db.close().await;
                return Err(OpenError::Exists(format!("{:?}", config.database)).into());
            }
            Err(error) => {
                db.close().await;
                return Err(OpenError::from(error).into());
            }
        }
        let store = Self::with(config, keys, db, clock).await?;
        match store.run(None, MakeFirstUser(setup.first_user)).await {
            Ok(code) => Ok((store, code)),
            Err(failure) => {
                store.close().await;
                Err(InitError::Failed(failure.to_string()))
            }
        }
    }
}

fn make_folder(file: &Path) -> Result<(), InitError> {
    let Some(folder) = file.parent().filter(|folder| !folder.as_os_str().is_empty()) else {
        return Ok(());
    };
    std::fs::create_dir_all(folder).map_err(|error| InitError::Folder(folder.display().to_string(), error))
}

/// Writes the rows that the store must have before anything else; answers false when they are there.
async fn begin(db: &Db, clock: &Arc<dyn Clock>, setup: &Setup) -> Result<bool, StoreError> {
    let mut conn = db.write(true).await?;
    if settings::find(&mut conn).await?.is_some() {
        conn.rollback().await?;
        return Ok(false);
    }
    let now = clock.now();
    let epoch: EpochId = crate::random::new_id(now)?;
    let settings = serde_json::to_string(&settings::Settings::default())?;
    let sql = "INSERT INTO store (id, epoch, authority_name, danger_phone, notification_sender, offline_days, settings,
                 access_as_of, created_at) VALUES (1, $1, $2, $3, 'Secure Messages', 14, $4, $5, $6)";
    both!(&mut conn, c => sqlx::query(sql)
        .bind(epoch).bind(setup.authority_name.trim()).bind(setup.danger_phone.trim()).bind(settings)
        .bind(now.london_date()).bind(now).execute(c).await.map(|_| ()))?;
    let sql = "INSERT INTO counter (id, seq, pruned_seq, audit_number, audit_head) VALUES (1, 0, 0, 0, $1)";
    both!(&mut conn, c => sqlx::query(sql).bind(CHAIN_START.to_vec()).execute(c).await.map(|_| ()))?;
    conn.commit().await?;
    Ok(true)
}

struct MakeFirstUser(FirstUser);

#[async_trait]
impl Job for MakeFirstUser {
    type Output = String;

    async fn run(&self, tx: &mut Tx) -> Result<String, Failure> {
        let id: UserId = tx.new_id()?;
        let email = parse_email(&self.0.email).map_err(|error| Refusal::field("email", error.to_string()))?;
        let user = NewUser {
            id,
            role: Role::LaSuperUser,
            status: UserStatus::Invited,
            first_name: self.0.first_name.trim().to_owned(),
            last_name: self.0.last_name.trim().to_owned(),
            name_key: name_key(&format!("{} {}", self.0.last_name, self.0.first_name)),
            email_key: email_key(&email),
            email,
            job_title: String::new(),
            phone: String::new(),
            import: None,
        };
        insert_users(tx, &[user]).await?;
        tx.audit("store.initialised", "store", None, &serde_json::json!({}));
        tx.audit(
            "user.created",
            "user",
            Some(id.0),
            &serde_json::json!({ "role": Role::LaSuperUser.as_str() }),
        );
        Ok(tx.invite(id, NewCode::Shown).await?)
    }
}
