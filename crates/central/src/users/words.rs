//! The words by which a user is found.

use std::collections::BTreeSet;

use lac_domain::UserId;
use sqlx::AssertSqlSafe;

use super::rows::NewUser;
use crate::both;
use crate::error::StoreError;
use crate::later::{self, Work};
use crate::search::{add_whole, add_words};
use crate::storage::{Bulk, Column, hex_ids};
use crate::writer::Tx;

const COLUMNS: &[Column] = &[Column::Text("word"), Column::Id("user_id")];

/// The words of a user: of the names and the job title, and the e-mail address with the parts of it that stand before
/// the `@`.
pub(crate) fn words(first_name: &str, last_name: &str, job_title: &str, email: &str) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for text in [first_name, last_name, job_title] {
        add_words(&mut words, text);
    }
    add_whole(&mut words, email);
    let local = email.rsplit_once('@').map_or(email, |(local, _)| local);
    // Each part by itself: all of them together begin the whole address.
    for part in local
        .split(|c: char| !c.is_alphanumeric())
        .filter(|part| part.chars().nth(1).is_some())
    {
        add_whole(&mut words, part);
    }
    words
}

/// Writes the words of new users.
pub(crate) async fn insert_words_of(tx: &mut Tx, users: &[NewUser]) -> Result<(), StoreError> {
    let found_by = users.iter().flat_map(|user| {
        words(&user.first_name, &user.last_name, &user.job_title, &user.email)
            .into_iter()
            .map(|word| (word, user.id))
    });
    insert_words(tx, found_by.collect()).await
}

/// Writes words. Sorted first, so that the index grows in its own order.
pub(crate) async fn insert_words(tx: &mut Tx, mut words: Vec<(String, UserId)>) -> Result<(), StoreError> {
    words.sort_unstable();
    let mut rows = Bulk::into(tx.engine(), "user_words", COLUMNS);
    for (word, user) in &words {
        rows.add(tx.conn(), &[word, user]).await?;
    }
    rows.finish(tx.conn()).await
}

/// Deletes the words of users, before new ones are written.
pub(crate) async fn delete_words(tx: &mut Tx, users: impl IntoIterator<Item = UserId>) -> Result<(), StoreError> {
    let sql = format!("DELETE FROM user_words WHERE user_id IN {}", tx.engine().ids("$1"));
    let ids = hex_ids(users);
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(ids).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Puts new words in the place of those that users had: their first and last names, job titles and e-mail addresses.
/// At once where they are few, otherwise after COMMIT.
pub(crate) async fn replace_words<'a>(
    tx: &mut Tx,
    users: impl Iterator<Item = (UserId, [&'a str; 4])>,
) -> Result<(), StoreError> {
    let users: Vec<_> = users.collect();
    if users.len() > later::AT_ONCE {
        let ids: Vec<UserId> = users.iter().map(|(user, _)| *user).collect();
        return tx.leave_for_later(Work::Words, &ids).await;
    }
    let (mut ids, mut found_by) = (Vec::new(), Vec::new());
    for (user, [first_name, last_name, job_title, email]) in users {
        ids.push(user);
        found_by.extend(
            words(first_name, last_name, job_title, email)
                .into_iter()
                .map(|word| (word, user)),
        );
    }
    if ids.is_empty() {
        return Ok(());
    }
    delete_words(tx, ids).await?;
    insert_words(tx, found_by).await
}
