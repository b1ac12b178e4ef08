//! What a big write leaves to be done after its COMMIT, so that other senders need not wait for it: the words by which
//! users are found, and invitations with their mails. Which users are still to come lies in the database, written with
//! the users themselves; it is done in slices, each a transaction of its own, and after a crash where it was left.
//! Until then, a second or two after a bulk add of thousands, a search does not find the last of them.

use std::time::Duration;

use async_trait::async_trait;
use lac_domain::{UserId, UserStatus};
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::{Failure, StoreError};
use crate::storage::{Column, JsonRows, hex_ids};
use crate::store::Store;
use crate::users::replace_words_now;
use crate::writer::{Job, Tx};

/// Up to so many users are done with in the transaction that writes them.
pub(crate) const AT_ONCE: usize = 1_000;
/// Users in one slice: a few hundredths of a second.
const SLICE: i64 = 500;
/// Users in one statement.
const BATCH: usize = 10_000;
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
            let (sql, json) = (sql.clone(), rows.json());
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

/// A slice of the words; answers whether there was anything to do.
struct SomeWords;

/// The texts of a user from which their words are made.
#[derive(sqlx::FromRow)]
struct Texts {
    id: UserId,
    first_name: String,
    last_name: String,
    job_title: String,
    email: String,
}

#[async_trait]
impl Job for SomeWords {
    type Output = bool;

    async fn run(&self, tx: &mut Tx) -> Result<bool, Failure> {
        let sql = "SELECT u.id, u.first_name, u.last_name, u.job_title, u.email
                   FROM user_words_due d JOIN users u ON u.id = d.user_id ORDER BY d.user_id LIMIT $1";
        let users: Vec<Texts> = both!(tx.conn(), c => sqlx::query_as(sql).bind(SLICE).fetch_all(c).await)?;
        let texts = users.iter().map(|user| {
            let texts = [&*user.first_name, &user.last_name, &user.job_title, &user.email];
            (user.id, texts)
        });
        replace_words_now(tx, texts).await?;
        tx.done_with(Work::Words, users.iter().map(|user| user.id)).await?;
        Ok(!users.is_empty())
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
            both!(tx.conn(), c => sqlx::query_as(sql).bind(SLICE).fetch_all(c).await)?;
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
