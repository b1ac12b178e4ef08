//! Rows of users as they are written.

use lac_domain::{ImportId, Role, UserId, UserStatus, name_key};
use sqlx::AssertSqlSafe;

use super::words;
use crate::both;
use crate::error::StoreError;
use crate::storage::{Column, JsonRows};
use crate::writer::Tx;

/// Users in one statement: as many as memory bears, since SQLite keeps a copy of each page that was there before a
/// statement and is changed by it, and on indexes of names and addresses every statement changes every page.
const BATCH: usize = 50_000;

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
    let now = tx.now();
    let columns = [
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
    for batch in users.chunks(BATCH) {
        let mut rows = JsonRows::new();
        for user in batch {
            rows.push(&[
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
            ]);
        }
        let source = tx.engine().rows("$1", &columns);
        let sql = format!(
            "INSERT INTO users (id, revision, role, status, first_name, last_name, name_key, email, email_key, job_title,
               phone, created_at, import_id)
             SELECT id, 1, role, status, first_name, last_name, name_key, email, email_key, job_title,
               phone, $2, import_id FROM {source} AS r"
        );
        let json = rows.into_json();
        both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).bind(now).execute(c).await.map(|_| ()))?;
    }
    words::insert_words_of(tx, users).await
}
