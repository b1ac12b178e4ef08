//! Searching the words of messages. What a person types is never an error.

use sqlx::SqliteConnection;

use super::words::words_of;
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

/// The numbers of messages that match, the newest first: those below `before`.
pub(crate) async fn find(
    conn: &mut SqliteConnection,
    query: &SearchQuery,
    before: i64,
    limit: i64,
) -> Result<Vec<i64>, Failure> {
    let sql = "SELECT rowid FROM messages_fts WHERE messages_fts MATCH $1 AND rowid < $2 ORDER BY rowid DESC LIMIT $3";
    Ok(sqlx::query_scalar(sql)
        .bind(&query.text)
        .bind(before)
        .bind(limit)
        .fetch_all(conn)
        .await?)
}

/// A message that was found: its number, its conversation, and its words.
pub(crate) type Found = (i64, lac_domain::ConversationId, String);

/// The messages with these numbers, the newest first.
pub(crate) async fn messages(conn: &mut SqliteConnection, numbers: &[i64]) -> Result<Vec<Found>, Failure> {
    let sql = "SELECT number, conversation_id, body FROM messages
               WHERE number IN (SELECT value FROM json_each($1)) ORDER BY number DESC";
    Ok(sqlx::query_as(sql)
        .bind(super::lists::number_list(numbers.iter().copied()))
        .fetch_all(conn)
        .await?)
}

/// Whether a conversation has a match from a number on: it was on an earlier page then.
pub(crate) async fn found_from(
    conn: &mut SqliteConnection,
    query: &SearchQuery,
    conversation: lac_domain::ConversationId,
    from: i64,
) -> Result<bool, Failure> {
    let sql = "SELECT EXISTS (SELECT 1 FROM messages_fts WHERE messages_fts MATCH $1 AND rowid IN (
                   SELECT number FROM messages WHERE conversation_id = $2 AND number >= $3))";
    Ok(sqlx::query_scalar(sql)
        .bind(&query.text)
        .bind(conversation)
        .bind(from)
        .fetch_one(conn)
        .await?)
}
