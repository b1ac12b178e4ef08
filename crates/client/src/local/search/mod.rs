//! Searching messages: by words, and by who wrote them, whom they went to, which pupil they are about, and when. What a
//! person types is never an error.

mod typed;

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDate;
use lac_domain::{ConversationId, PupilId, Timestamp, UserId};
use sqlx::{FromRow, QueryBuilder, Sqlite, SqliteConnection};
pub(crate) use typed::Typed;

use super::lists::hex_list;
use super::words::words_of;
use super::{ConversationEntry, conversations, millis, people, pupils};
use crate::failure::Failure;

/// A search, made safe for the index: all of its words must be found, each by its beginning, words in quotation marks
/// together, and every condition must hold.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct SearchQuery {
    /// In the language of FTS5.
    words: Option<String>,
    /// Folded beginnings of the words, to find them again in a message.
    prefixes: Vec<String>,
    conditions: Vec<Condition>,
}

/// What must hold of a message besides its words. Each is asked of an index.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    From(BTreeSet<UserId>),
    To(BTreeSet<UserId>),
    About(BTreeSet<PupilId>),
    Before(i64),
    After(i64),
    Attachment,
}

/// A search as it was understood.
#[derive(Debug, Default)]
pub(crate) struct Reading {
    /// None where nothing is looked for, or something was not understood.
    pub(crate) query: Option<SearchQuery>,
    /// What was not understood, in sentences.
    pub(crate) problems: Vec<String>,
    /// The pupils that conditions name.
    pub(crate) pupils: BTreeSet<PupilId>,
}

impl Reading {
    /// Understands what was typed, by the people and pupils whom this device knows.
    pub(crate) async fn of(conn: &mut SqliteConnection, me: UserId, typed: Typed) -> Result<Self, Failure> {
        let mut reading = Self::default();
        let mut conditions = Vec::new();
        for (names, is_from) in [(&typed.from, true), (&typed.to, false)] {
            for name in names {
                let found = find_people(&mut *conn, me, name).await?;
                if found.is_empty() {
                    reading.problems.push(format!(
                        "Nobody whose name begins with “{name}” is known on this computer."
                    ));
                }
                conditions.push(if is_from {
                    Condition::From(found)
                } else {
                    Condition::To(found)
                });
            }
        }
        for name in &typed.pupil {
            let found = pupils::find_by_name(&mut *conn, &prefixes_of(name)).await?;
            let found: BTreeSet<PupilId> = found.into_iter().map(|pupil| pupil.id).collect();
            if found.is_empty() {
                reading.problems.push(format!(
                    "No pupil whose name begins with “{name}” is known on this computer."
                ));
            }
            reading.pupils.extend(&found);
            conditions.push(Condition::About(found));
        }
        conditions.extend(typed.before.map(|day| Condition::Before(midnight(day))));
        conditions.extend(typed.after.map(|day| Condition::After(midnight(day))));
        conditions.extend(typed.attachment.then_some(Condition::Attachment));
        let words = typed.fts();
        reading.problems.extend(typed.problems.iter().cloned());
        let asks = words.is_some() || !conditions.is_empty();
        if asks && reading.problems.is_empty() {
            reading.query = Some(SearchQuery {
                words,
                prefixes: words_of(typed.marked()).into_iter().collect(),
                conditions,
            });
        }
        Ok(reading)
    }
}

fn prefixes_of(name: &str) -> Vec<String> {
    words_of([name]).into_iter().collect()
}

/// The beginning of a day in London, as messages are stored.
fn midnight(day: NaiveDate) -> i64 {
    millis(Timestamp::from_london(day.and_time(chrono::NaiveTime::MIN)))
}

async fn find_people(conn: &mut SqliteConnection, me: UserId, name: &str) -> Result<BTreeSet<UserId>, Failure> {
    if name.eq_ignore_ascii_case("me") {
        return Ok(BTreeSet::from([me]));
    }
    let prefixes = prefixes_of(name);
    if prefixes.is_empty() {
        return Ok(BTreeSet::new());
    }
    people::find_by_name(conn, &prefixes).await
}

impl SearchQuery {
    /// Messages about one pupil alone.
    pub(crate) fn within(mut self, pupil: PupilId) -> Self {
        self.conditions.push(Condition::About(BTreeSet::from([pupil])));
        self
    }

    /// The folded beginnings of the words.
    pub(crate) fn prefixes(&self) -> &[String] {
        &self.prefixes
    }

    /// Adds a query that gives the numbers that match, within bounds.
    fn push_numbers(&self, sql: &mut QueryBuilder<Sqlite>, from: i64, before: i64) {
        match &self.words {
            Some(words) => {
                sql.push("SELECT rowid AS number FROM messages_fts WHERE messages_fts MATCH ");
                sql.push_bind(words.clone());
                sql.push(" AND rowid < ").push_bind(before);
                sql.push(" AND rowid >= ").push_bind(from);
                for condition in &self.conditions {
                    // The plus keeps the index of words from being asked for each number by itself.
                    sql.push(" AND +rowid IN (");
                    condition.push(sql, from, before);
                    sql.push(")");
                }
            }
            None => {
                for (at, condition) in self.conditions.iter().enumerate() {
                    if at > 0 {
                        sql.push(" INTERSECT ");
                    }
                    condition.push(sql, from, before);
                }
            }
        }
    }
}

impl Condition {
    /// Adds a query that gives the numbers of which the condition holds, within bounds, by an index of its own.
    fn push(&self, sql: &mut QueryBuilder<Sqlite>, from: i64, before: i64) {
        // An index is named where it might be passed over for the order of the numbers, by which every text is read.
        let number = match self {
            Self::From(people) => {
                sql.push("SELECT m.number AS number FROM messages m WHERE m.author_id ");
                match people.iter().next() {
                    // Of one person the index has the newest at hand.
                    Some(person) if people.len() == 1 => sql.push("= ").push_bind(*person),
                    _ => sql
                        .push("IN (SELECT unhex(value) FROM json_each(")
                        .push_bind(hex_list(people.iter().copied()))
                        .push("))"),
                };
                "m.number"
            }
            Self::To(people) => {
                sql.push("SELECT m.number AS number FROM json_each(");
                sql.push_bind(hex_list(people.iter().copied()));
                sql.push(
                    ") j CROSS JOIN participants p ON p.user_id = unhex(j.value)
                     CROSS JOIN messages m ON m.conversation_id = p.conversation_id
                     WHERE m.author_id IS NOT p.user_id",
                );
                "m.number"
            }
            Self::About(pupils) => {
                sql.push("SELECT m.number AS number FROM json_each(");
                sql.push_bind(hex_list(pupils.iter().copied()));
                sql.push(
                    ") j CROSS JOIN conversations c ON c.pupil_id = unhex(j.value)
                     CROSS JOIN messages m ON m.conversation_id = c.id WHERE true",
                );
                "m.number"
            }
            Self::Before(at) => {
                sql.push("SELECT m.number AS number FROM messages m INDEXED BY messages_by_time WHERE m.sent_at < ")
                    .push_bind(*at);
                "+m.number"
            }
            Self::After(at) => {
                sql.push("SELECT m.number AS number FROM messages m INDEXED BY messages_by_time WHERE m.sent_at >= ")
                    .push_bind(*at);
                "+m.number"
            }
            Self::Attachment => {
                sql.push(
                    "SELECT m.number AS number FROM messages m INDEXED BY messages_with_attachments
                     WHERE m.attachments IS NOT NULL",
                );
                "+m.number"
            }
        };
        sql.push(" AND ").push(number).push(" < ").push_bind(before);
        sql.push(" AND ").push(number).push(" >= ").push_bind(from);
    }
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
    let mut sql = QueryBuilder::new("SELECT f.number, m.body || m.attachment_names AS body, ");
    sql.push(conversations::columns_of("c")).push(" FROM (");
    if query.words.is_none() {
        sql.push("SELECT number FROM (");
    }
    query.push_numbers(&mut sql, 0, before);
    sql.push(if query.words.is_none() {
        ") ORDER BY number DESC LIMIT "
    } else {
        " ORDER BY rowid DESC LIMIT "
    });
    sql.push_bind(limit);
    sql.push(") f CROSS JOIN messages m ON m.number = f.number CROSS JOIN conversations c ON c.id = m.conversation_id");
    Ok(sql.build_query_as().fetch_all(conn).await?)
}

/// The conversations with a match from a number on: they were on an earlier page.
pub(crate) async fn found_from(
    conn: &mut SqliteConnection,
    query: &SearchQuery,
    from: i64,
) -> Result<HashSet<ConversationId>, Failure> {
    let mut sql = QueryBuilder::new("SELECT DISTINCT m.conversation_id FROM (");
    query.push_numbers(&mut sql, from, i64::MAX);
    sql.push(") f CROSS JOIN messages m ON m.number = f.number");
    let ids: Vec<ConversationId> = sql.build_query_scalar().fetch_all(conn).await?;
    Ok(ids.into_iter().collect())
}

/// The numbers of all messages that match.
pub(crate) async fn numbers(conn: &mut SqliteConnection, query: &SearchQuery) -> Result<HashSet<i64>, Failure> {
    let mut sql = QueryBuilder::new("");
    query.push_numbers(&mut sql, 0, i64::MAX);
    let found: Vec<i64> = sql.build_query_scalar().fetch_all(conn).await?;
    Ok(found.into_iter().collect())
}
