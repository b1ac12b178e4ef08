//! What a big write leaves to be done after its COMMIT, so that other senders need not wait for it: the words by which
//! users are found, and invitations with their mails. Which users are still to come lies in the database, written with
//! the users themselves; it is done in slices, each a transaction of its own, and after a crash it is gone on with.
//! Until then, some seconds after a bulk add of a hundred thousand, a search does not find the last of them.
//!
//! An index on random values is touched all over by every slice, and each page that a slice touches is enciphered and
//! written anew. So words go in by the thousand in their own order, which touches one stretch of their index at a time,
//! while the index on their users, of one batch, is small.

use std::time::Duration;

use async_trait::async_trait;
use lac_domain::{UserId, UserStatus};
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::{Failure, StoreError};
use crate::storage::{Column, JsonRows, hex_ids};
use crate::store::Store;
use crate::users::{delete_words, words};
use crate::writer::{Job, Tx};

/// Up to so many users are done with in the transaction that writes them.
pub(crate) const AT_ONCE: usize = 1_000;
/// Users whose words are sorted together.
const TOGETHER: i64 = 10_000;
/// Words in one slice: about a tenth of a second.
const WORDS: usize = 10_000;
/// Invitations in one slice.
const INVITATIONS: i64 = 1_000;
/// Users in one statement.
const BATCH: usize = 50_000;
/// How often it is looked for what another process left.
const EVERY: Duration = Duration::from_secs(30);

/// Work that is done later; the name of its table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Work {
    /// Write the words by which the users are found.
    Words,
    /// Invite the users who still wait for an invitation.
    Invitations,
}

impl Work {
    fn table(self) -> &'static str {
        match self {
            Self::Words => "user_words_due",
            Self::Invitations => "invitations_due",
        }
    }
}

impl Tx {
    /// Leaves work on these users to be done after COMMIT.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn leave_for_later(&mut self, work: Work, users: &[UserId]) -> Result<(), StoreError> {
        let source = self.engine().rows("$1", &[Column::Id("user_id")]);
        let sql = format!(
            "INSERT INTO {} (user_id) SELECT user_id FROM {source} AS r WHERE true ON CONFLICT DO NOTHING",
            work.table()
        );
        for batch in users.chunks(BATCH) {
            let mut rows = JsonRows::new();
            for user in batch {
                rows.push(&[user]);
            }
            let (sql, json) = (sql.clone(), rows.into_json());
            both!(self.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
        }
        self.note_later();
        Ok(())
    }

    /// Takes back what was left to be done on these users.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn done_with(
        &mut self,
        work: Work,
        users: impl IntoIterator<Item = UserId>,
    ) -> Result<(), StoreError> {
        let (ids, list) = (hex_ids(users), self.engine().ids("$1"));
        let sql = format!("DELETE FROM {} WHERE user_id IN {list}", work.table());
        both!(self.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(ids).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}

/// A user whose words are to be written: the texts that they are made from, and of which revision those are.
#[derive(sqlx::FromRow)]
struct Due {
    id: UserId,
    revision: i64,
    first_name: String,
    last_name: String,
    job_title: String,
    email: String,
}

/// Deletes the words that users had.
struct Forget(Vec<UserId>);

#[async_trait]
impl Job for Forget {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        Ok(delete_words(tx, self.0.iter().copied()).await?)
    }
}

/// A slice of the words, with the users and the revisions that they are of. Those of a user who was changed since are
/// passed over: they are done again.
struct SomeWords(Vec<(String, UserId, i64)>);

#[async_trait]
impl Job for SomeWords {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let columns = [Column::Text("word"), Column::Id("user_id"), Column::Number("revision")];
        let source = tx.engine().rows("$1", &columns);
        let sql = format!(
            "INSERT INTO user_words (word, user_id) SELECT r.word, r.user_id FROM {source} AS r
             JOIN users u ON u.id = r.user_id AND u.revision = r.revision WHERE true ON CONFLICT DO NOTHING"
        );
        let mut rows = JsonRows::new();
        for (word, user, revision) in &self.0 {
            rows.push(&[word, user, revision]);
        }
        let json = rows.into_json();
        both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}

/// Notes that the words of users are written, but for those who were changed since.
struct Written(Vec<(UserId, i64)>);

#[async_trait]
impl Job for Written {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let columns = [Column::Id("user_id"), Column::Number("revision")];
        let source = tx.engine().rows("$1", &columns);
        let sql = format!(
            "DELETE FROM user_words_due WHERE user_id IN (SELECT u.id FROM {source} AS r
             JOIN users u ON u.id = r.user_id AND u.revision = r.revision)"
        );
        let mut rows = JsonRows::new();
        for (user, revision) in &self.0 {
            rows.push(&[user, revision]);
        }
        let json = rows.into_json();
        both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}

/// A slice of the invitations; answers whether there was anything to do.
struct SomeInvitations;

#[async_trait]
impl Job for SomeInvitations {
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, Failure> {
        let sql = "SELECT u.id, u.status, u.invitation_held
                   FROM invitations_due d JOIN users u ON u.id = d.user_id ORDER BY d.user_id LIMIT $1";
        let users: Vec<(UserId, String, bool)> =
            both!(tx.conn(), c => sqlx::query_as(sql).bind(INVITATIONS).fetch_all(c).await)?;
        // Somebody may have made one inactive, or taken the only link away, in between.
        let invited: Vec<UserId> = users
            .iter()
            .filter(|(_, status, held)| status == UserStatus::Invited.as_str() && !held)
            .map(|(user, ..)| *user)
            .collect();
        tx.invite_many_now(&invited).await?;
        tx.done_with(Work::Invitations, users.iter().map(|(user, ..)| *user))
            .await?;
        Ok(!users.is_empty())
    }
}

impl Store {
    /// Does what big writes left to be done. Others that write get their turn between any two slices.
    ///
    /// # Errors
    /// When the database fails; what was not done stays to be done.
    pub async fn catch_up(&self) -> Result<(), Failure> {
        while self.write_some_words().await? {}
        while self.run(None, SomeInvitations).await? {}
        Ok(())
    }

    /// Writes the words of a batch of users; answers whether there was any.
    async fn write_some_words(&self) -> Result<bool, Failure> {
        let sql = "SELECT u.id, u.revision, u.first_name, u.last_name, u.job_title, u.email
                   FROM user_words_due d JOIN users u ON u.id = d.user_id ORDER BY d.user_id LIMIT $1";
        let users: Vec<Due> = {
            let mut conn = self.read().await?;
            both!(&mut conn, c => sqlx::query_as(sql).bind(TOGETHER).fetch_all(c).await)?
        };
        if users.is_empty() {
            return Ok(false);
        }
        self.run(None, Forget(users.iter().map(|user| user.id).collect()))
            .await?;
        let mut words: Vec<(String, UserId, i64)> = users
            .iter()
            .flat_map(|user| {
                words(&user.first_name, &user.last_name, &user.job_title, &user.email)
                    .into_iter()
                    .map(move |word| (word, user.id, user.revision))
            })
            .collect();
        words.sort_unstable();
        while !words.is_empty() {
            let rest = words.split_off(words.len().min(WORDS));
            self.run(None, SomeWords(words)).await?;
            words = rest;
        }
        let written = users.iter().map(|user| (user.id, user.revision)).collect();
        self.run(None, Written(written)).await?;
        Ok(true)
    }
}

/// Does what there is to do when the store opens, and whenever there is more, until the store closes.
pub(crate) async fn catch_up_for_ever(store: Store) {
    let mut closing = store.closing();
    loop {
        if let Err(error) = store.catch_up().await {
            tracing::error!(%error, "what was left to be done could not be; it will be tried again");
        }
        tokio::select! {
            () = store.left_for_later().notified() => {}
            () = tokio::time::sleep(EVERY) => {}
            _ = closing.wait_for(|closing| *closing) => return,
        }
    }
}

#[cfg(test)]
mod tests;
