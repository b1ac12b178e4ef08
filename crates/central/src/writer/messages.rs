//! The messages of a batch: numbered and written together, and the mails that say that they wait.

use std::collections::{BTreeSet, HashMap};

use lac_domain::{ConversationId, UserId};
use sqlx::AssertSqlSafe;

use super::Tx;
use crate::both;
use crate::error::StoreError;
use crate::scope::user_sees_pupil;
use crate::storage::{Column, JsonRows};

impl Tx {
    /// Writes the messages, the first with this number, and counts them in their conversations.
    pub(super) async fn write_messages(&mut self, first: i64) -> Result<(), StoreError> {
        if self.notes.messages.is_empty() {
            return Ok(());
        }
        let mut messages = JsonRows::new();
        let mut conversations: HashMap<ConversationId, (i64, i64)> = HashMap::new();
        for (number, note) in (first..).zip(&self.notes.messages) {
            messages.push(&[
                &note.id,
                &note.conversation,
                &number,
                &note.author,
                &note.sealed_body,
                &note.sent_at,
                &note.written_at,
            ]);
            let entry = conversations.entry(note.conversation).or_default();
            *entry = (entry.0 + 1, number);
        }
        let columns = [
            Column::Id("id"),
            Column::Id("conversation_id"),
            Column::Number("number"),
            Column::Id("author_id"),
            Column::Bytes("sealed_body"),
            Column::Instant("sent_at"),
            Column::Instant("written_at"),
        ];
        let source = self.engine().rows("$1", &columns);
        let sql = format!(
            "INSERT INTO messages (id, conversation_id, number, author_id, sealed_body, sent_at, written_at)
             SELECT id, conversation_id, number, author_id, sealed_body, sent_at, written_at FROM {source} AS r"
        );
        let json = messages.json();
        both!(self.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
        let mut touched = JsonRows::new();
        for (conversation, (count, newest)) in &conversations {
            touched.push(&[conversation, count, newest]);
        }
        let columns = [Column::Id("id"), Column::Number("count"), Column::Number("newest")];
        let rows = self.engine().rows("$1", &columns);
        let sql = format!(
            "UPDATE conversations SET message_count = message_count + r.count, last_number = r.newest
             FROM {rows} AS r WHERE conversations.id = r.id"
        );
        let json = touched.json();
        both!(self.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
        Ok(())
    }

    /// Queues mails for the participants of the conversations that messages were added to: who has signed in before, may
    /// read them, and did not write them.
    pub(super) async fn queue_mails_of_messages(&mut self) -> Result<(), StoreError> {
        let written: BTreeSet<_> = self
            .notes
            .messages
            .iter()
            .filter(|note| note.by_mail)
            .map(|note| (note.conversation, note.pupil, note.author))
            .collect();
        if written.is_empty() {
            return Ok(());
        }
        let mut rows = JsonRows::new();
        for (conversation, pupil, author) in &written {
            rows.push(&[conversation, pupil, author]);
        }
        let columns = [
            Column::Id("conversation_id"),
            Column::Id("pupil_id"),
            Column::Id("author_id"),
        ];
        let source = self.engine().rows("$1", &columns);
        let sql = format!(
            "SELECT DISTINCT u.id, e.email FROM {source} AS r JOIN participants p ON p.conversation_id = r.conversation_id
             JOIN users u ON u.id = p.user_id LEFT JOIN notification_choices e ON e.user_id = u.id
             WHERE (r.author_id IS NULL OR u.id <> r.author_id) AND u.status = 'active' AND NOT p.muted
               AND (r.pupil_id IS NULL OR {})
               AND NOT EXISTS (SELECT 1 FROM mails m WHERE m.user_id = u.id AND m.kind = 'unread' AND m.state = 'waiting')",
            user_sees_pupil("u", "r.pupil_id")
        );
        let json = rows.json();
        let people: Vec<(UserId, Option<String>)> =
            both!(self.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(json).fetch_all(c).await)?;
        self.queue_unread_mails(&people).await
    }
}
