//! Rows of users as they are written.

use lac_domain::{ImportId, Role, UserId, UserStatus, name_key};

use super::words;
use crate::error::StoreError;
use crate::storage::{Bulk, Column};
use crate::writer::Tx;

const COLUMNS: &[Column] = &[
    Column::Id("id"),
    Column::Text("role"),
    Column::Text("status"),
    Column::Text("first_name"),
    Column::Text("last_name"),
    Column::Text("name_key"),
    Column::Text("email"),
    Column::Text("email_key"),
    Column::Text("job_title"),
    Column::Text("phone"),
    Column::Id("import_id"),
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
    let mut rows = Bulk::into(tx.engine(), "users", COLUMNS).same(
        &[Column::Number("revision"), Column::Instant("created_at")],
        &[&1_i64, &tx.now()],
    )?;
    for user in users {
        rows.add(
            tx.conn(),
            &[
                &user.id,
                &user.role.as_str(),
                &user.status.as_str(),
                &user.first_name,
                &user.last_name,
                &user.name_key,
                &user.email,
                &user.email_key,
                &user.job_title,
                &user.phone,
                &user.import,
            ],
        )
        .await?;
    }
    rows.finish(tx.conn()).await?;
    words::insert_words_of(tx, users).await
}
