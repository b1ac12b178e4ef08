//! Searching the words of messages. What a person types is never an error.

use std::collections::HashSet;

use lac_domain::ConversationId;
use sqlx::{AssertSqlSafe, FromRow, SqliteConnection};

use super::words::words_of;
use super::{ConversationEntry, conversations};
use crate::failure::Failure;

/// What a person searches for, made safe for the index: all of its words must be found, each by its beginning;
/// words in quotation marks must stand together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SearchQuery {
    /// In the language of FTS5: only quoted strings, so that nothing in it is an operator.
    text: String,
    /// Folded beginnings of the words, to find them again in a message.
    prefixes: Vec<String>,
}

/// The most words that are looked for.
const WORDS: usize = 20;

impl SearchQuery {
    /// Reads what a person typed; none where there is no letter and no digit in it.
    pub(crate) fn parse(typed: &str) -> Option<Self> {
        let mut terms = Vec::new();
        let mut prefixes = Vec::new();
        // Every second part stood between quotation marks.
        for (index, part) in typed.split(['"', '\u{201C}', '\u{201D}', '\u{201E}']).enumerate() {
            if index % 2 == 1 {
                let words: Vec<&str> = tokens(part).collect();
                if !words.is_empty() {
                    prefixes.extend(words_of(words.iter().copied()));
                    terms.push(format!("\"{}\"", words.join(" ")));
                }
            } else {
                for word in tokens(part) {
                    prefixes.extend(words_of([word]));
                    terms.push(format!("\"{word}\"*"));
                }
            }
        }
        terms.truncate(WORDS);
        (!terms.is_empty()).then(|| Self {
            text: terms.join(" "),
            prefixes,
        })
    }

    /// The folded beginnings of the words.
    pub(crate) fn prefixes(&self) -> &[String] {
        &self.prefixes
    }
}

/// The words of a text as the index parts them: letters and digits.
fn tokens(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
}

/// A message that was found, with its conversation.
#[derive(Debug, FromRow)]
pub(crate) struct Found {
    pub(crate) number: i64,
    pub(crate) body: String,
    #[sqlx(flatten)]
    pub(crate) conversation: ConversationEntry,
}

/// The messages that match, the newest first: those with numbers below `before`.
pub(crate) async fn find(
    conn: &mut SqliteConnection,
    query: &SearchQuery,
    before: i64,
    limit: i64,
) -> Result<Vec<Found>, Failure> {
    // The order of the joins is said: the index gives the newest first without sorting.
    let sql = format!(
        "SELECT f.number, m.body || m.attachment_names AS body, {} FROM (
             SELECT rowid AS number FROM messages_fts WHERE messages_fts MATCH $1 AND rowid < $2
             ORDER BY rowid DESC LIMIT $3) f
         CROSS JOIN messages m ON m.number = f.number CROSS JOIN conversations c ON c.id = m.conversation_id",
        conversations::columns_of("c")
    );
    Ok(sqlx::query_as(AssertSqlSafe(sql))
        .bind(&query.text)
        .bind(before)
        .bind(limit)
        .fetch_all(conn)
        .await?)
}

/// The conversations with a match from a number on: they were on an earlier page.
pub(crate) async fn found_from(
    conn: &mut SqliteConnection,
    query: &SearchQuery,
    from: i64,
) -> Result<HashSet<ConversationId>, Failure> {
    let sql = "SELECT DISTINCT m.conversation_id FROM messages_fts f CROSS JOIN messages m ON m.number = f.rowid
               WHERE f.messages_fts MATCH $1 AND f.rowid >= $2";
    let ids: Vec<ConversationId> = sqlx::query_scalar(sql)
        .bind(&query.text)
        .bind(from)
        .fetch_all(conn)
        .await?;
    Ok(ids.into_iter().collect())
}
