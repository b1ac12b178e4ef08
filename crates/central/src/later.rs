//! What a big write leaves to be done after its COMMIT, so that other senders need not wait for it: the words by which
//! users are found, and invitations with their mails. Which users are still to come lies in the database, written with
//! the users themselves: one row says it of all whom an import created, in the order of their ids, and a row each of
//! others. It is done in slices, each a transaction of its own, and after a crash it is gone on with. Until then, some
//! seconds after a bulk add of a hundred thousand, a search does not find the last of them.
//!
//! An index on random values is touched all over by every slice, and each page that a slice touches is enciphered and
//! written anew: so slices are as big as others can wait for.

use std::time::Duration;

use async_trait::async_trait;
use lac_domain::{ImportId, UserId, UserStatus};
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use crate::both;
use crate::error::{Failure, StoreError};
use crate::storage::{Bulk, Column, hex_ids};
use crate::store::Store;
use crate::users::{delete_words, insert_words, words};
use crate::writer::{Job, Tx};

/// Up to so many users are done with in the transaction that writes them.
pub(crate) const AT_ONCE: usize = 1_000;
/// Users in one slice, whose words or invitations are written together: some tenths of a second.
const SLICE: i64 = 10_000;
const COLUMNS: &[Column] = &[Column::Id("user_id")];
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
    fn word(self) -> &'static str {
        match self {
            Self::Words => "words",
            Self::Invitations => "invitations",
        }
    }

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
        let mut rows = Bulk::into(self.engine(), work.table(), COLUMNS).or_nothing();
        for user in users {
            rows.add(self.conn(), &[user]).await?;
        }
        rows.finish(self.conn()).await?;
        self.note_later();
        Ok(())
    }

    /// Leaves work on all whom this import created to be done after COMMIT.
    ///
    /// # Errors
    /// When the database fails.
    pub(crate) async fn leave_import_for_later(&mut self, work: Work, import: ImportId) -> Result<(), StoreError> {
        let sql = "INSERT INTO imports_due (import_id, work, after_id) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING";
        both!(self.conn(), c => sqlx::query(sql)
            .bind(import).bind(work.word()).bind(UserId(Uuid::nil())).execute(c).await.map(|_| ()))?;
        self.note_later();
        Ok(())
    }

    /// The import whose work is to be gone on with, and the last user whose is done.
    async fn import_due(&mut self, work: Work) -> Result<Option<(ImportId, UserId)>, StoreError> {
        let sql = "SELECT import_id, after_id FROM imports_due WHERE work = $1 ORDER BY import_id LIMIT 1";
        Ok(both!(self.conn(), c => sqlx::query_as(sql).bind(work.word()).fetch_optional(c).await)?)
    }

    /// Notes how far an import's work has come; none when all is done.
    async fn import_came_to(&mut self, work: Work, import: ImportId, last: Option<UserId>) -> Result<(), StoreError> {
        match last {
            Some(last) => {
                let sql = "UPDATE imports_due SET after_id = $3 WHERE import_id = $1 AND work = $2";
                both!(self.conn(), c => sqlx::query(sql)
                    .bind(import).bind(work.word()).bind(last).execute(c).await.map(|_| ()))?;
            }
            None => {
                let sql = "DELETE FROM imports_due WHERE import_id = $1 AND work = $2";
                both!(self.conn(), c => sqlx::query(sql)
                    .bind(import).bind(work.word()).execute(c).await.map(|_| ()))?;
            }
        }
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

/// A user whose words are to be written, and the texts that they are made from.
type Named = (UserId, String, String, String, String);

/// A slice of the words, read and written in one transaction, so that they are of the users as they are then; answers
/// whether there was anything to do.
struct SomeWords;

#[async_trait]
impl Job for SomeWords {
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, Failure> {
        if let Some((import, after)) = tx.import_due(Work::Words).await? {
            let sql = "SELECT id, first_name, last_name, job_title, email FROM users
                       WHERE import_id = $1 AND id > $2 ORDER BY id LIMIT $3";
            let users: Vec<Named> =
                both!(tx.conn(), c => sqlx::query_as(sql).bind(import).bind(after).bind(SLICE).fetch_all(c).await)?;
            write_words(tx, &users).await?;
            let last = users.last().map(|(user, ..)| *user);
            tx.import_came_to(Work::Words, import, last).await?;
            return Ok(true);
        }
        let sql = "SELECT u.id, u.first_name, u.last_name, u.job_title, u.email
                   FROM user_words_due d JOIN users u ON u.id = d.user_id ORDER BY d.user_id LIMIT $1";
        let users: Vec<Named> = both!(tx.conn(), c => sqlx::query_as(sql).bind(SLICE).fetch_all(c).await)?;
        write_words(tx, &users).await?;
        tx.done_with(Work::Words, users.iter().map(|(user, ..)| *user)).await?;
        Ok(!users.is_empty())
    }
}

/// Puts the words of users in the place of those that they had.
async fn write_words(tx: &mut Tx, users: &[Named]) -> Result<(), StoreError> {
    delete_words(tx, users.iter().map(|(user, ..)| *user)).await?;
    let found_by = users
        .iter()
        .flat_map(|(user, first_name, last_name, job_title, email)| {
            words(first_name, last_name, job_title, email)
                .into_iter()
                .map(|word| (word, *user))
        });
    insert_words(tx, found_by.collect()).await
}

/// A slice of the invitations; answers whether there was anything to do. Somebody may have made a user inactive, invited
/// them, or taken their only link away in between.
struct SomeInvitations;

#[async_trait]
impl Job for SomeInvitations {
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, Failure> {
        if let Some((import, after)) = tx.import_due(Work::Invitations).await? {
            let sql = "SELECT u.id FROM users u
                       WHERE u.import_id = $1 AND u.id > $2 AND u.status = 'invited' AND NOT u.invitation_held
                         AND NOT EXISTS (SELECT 1 FROM invitations i WHERE i.user_id = u.id) ORDER BY u.id LIMIT $3";
            let users: Vec<UserId> =
                both!(tx.conn(), c => sqlx::query_scalar(sql).bind(import).bind(after).bind(SLICE).fetch_all(c).await)?;
            tx.invite_many_now(&users).await?;
            tx.import_came_to(Work::Invitations, import, users.last().copied())
                .await?;
            return Ok(true);
        }
        let sql = "SELECT u.id, u.status, u.invitation_held
                   FROM invitations_due d JOIN users u ON u.id = d.user_id ORDER BY d.user_id LIMIT $1";
        let users: Vec<(UserId, String, bool)> =
            both!(tx.conn(), c => sqlx::query_as(sql).bind(SLICE).fetch_all(c).await)?;
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
        while self.run(None, SomeWords).await? {}
        while self.run(None, SomeInvitations).await? {}
        Ok(())
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
