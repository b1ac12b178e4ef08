//! Rows of users as they are written.

use lac_domain::{ImportId, Role, UserId, UserStatus, name_key};

use super::words;
use crate::error::StoreError;
use crate::storage::{Bulk, Column};
use crate::writer::Tx;

const COLUMNS: &[Column] = &[
    Column::Id("id"),
    Column::Text("role"),
    Column::Text("first_name"),
    Column::Text("last_name"),
    Column::Text("name_key"),
    Column::Text("email"),
    Column::Text("email_key"),
    Column::Text("job_title"),
    Column::Text("phone"),
];

/// A user to be written.
#[derive(Debug, Clone)]
pub(crate) struct NewUser {
    pub id: UserId,
    pub role: Role,
    pub status: UserStatus,
    pub first_name: String,
    pub last_name: String,
    /// [`sort_key`].
    pub name_key: String,
    pub email: String,
    /// [`lac_domain::email_key`].
    pub email_key: String,
    pub job_title: String,
    pub phone: String,
    /// The import that they came by.
    pub import: Option<ImportId>,
}

/// The key by which users are sorted: last name, then first name.
pub(crate) fn sort_key(first_name: &str, last_name: &str) -> String {
    name_key(&format!("{last_name} {first_name}"))
}

/// Writes new users with the words by which they are found.
///
/// # Errors
/// When the database fails; an e-mail address that is in use is a unique violation.
pub(crate) async fn insert_users(tx: &mut Tx, users: &[NewUser]) -> Result<(), StoreError> {
    insert_user_rows(tx, users).await?;
    words::insert_words_of(tx, users).await
}

/// Writes new users, whose words are written elsewhere.
///
/// # Errors
/// As [`insert_users`].
pub(crate) async fn insert_user_rows(tx: &mut Tx, users: &[NewUser]) -> Result<(), StoreError> {
    for alike in users.chunk_by(|one, other| (one.status, one.import) == (other.status, other.import)) {
        let Some(first) = alike.first() else { continue };
        let mut rows = Bulk::into(tx.engine(), "users", COLUMNS).same(
            &[
                Column::Number("revision"),
                Column::Text("status"),
                Column::Instant("created_at"),
                Column::Id("import_id"),
            ],
            &[&1_i64, &first.status.as_str(), &tx.now(), &first.import],
        )?;
        for user in alike {
            rows.add(
                tx.conn(),
                &[
                    &user.id,
                    &user.role.as_str(),
                    &user.first_name,
                    &user.last_name,
                    &user.name_key,
                    &user.email,
                    &user.email_key,
                    &user.job_title,
                    &user.phone,
                ],
            )
            .await?;
        }
        rows.finish(tx.conn()).await?;
    }
    Ok(())
}
