//! What was answered to requests that may come twice: looked up and written once per batch.

use lac_domain::{CommandId, UserId};
use sqlx::AssertSqlSafe;

use super::tx::Answer;
use super::{Once, Tx};
use crate::both;
use crate::error::StoreError;
use crate::storage::{Column, JsonRows};

impl Tx {
    /// Looks up the answers given before to the requests of a batch.
    pub(super) async fn look_up_answers(&mut self, requests: Vec<(UserId, CommandId)>) -> Result<(), StoreError> {
        let mut rows = JsonRows::new();
        for (user, command) in requests {
            rows.push(&[&user, &command]);
        }
        if rows.is_empty() {
            return Ok(());
        }
        let asked = self
            .engine()
            .rows("$1", &[Column::Id("user_id"), Column::Id("command_id")]);
        let sql = format!(
            "SELECT a.user_id, a.command_id, a.fingerprint, a.answer FROM {asked} AS r
             JOIN commands a ON a.user_id = r.user_id AND a.command_id = r.command_id"
        );
        let json = rows.json();
        let found: Vec<(UserId, CommandId, Vec<u8>, String)> =
            both!(self.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(json).fetch_all(c).await)?;
        self.remembered = found
            .into_iter()
            .map(|(user, command, fingerprint, answer)| ((user, command), (fingerprint, answer)))
            .collect();
        Ok(())
    }

    /// The fingerprint and the answer of a request that came before, perhaps earlier in this batch.
    pub(super) fn answer_before(&self, user: UserId, command: CommandId) -> Option<(&[u8], &str)> {
        let of_batch = self
            .notes
            .answers
            .iter()
            .find(|answer| answer.user == user && answer.once.id == command);
        let of_batch = of_batch.map(|answer| (answer.once.fingerprint.as_slice(), answer.answer.as_str()));
        of_batch.or_else(|| {
            let (fingerprint, answer) = self.remembered.get(&(user, command))?;
            Some((fingerprint.as_slice(), answer.as_str()))
        })
    }

    /// Has an answer remembered, for good.
    pub(super) fn remember(&mut self, user: UserId, once: Once, answer: String) {
        let at = self.now();
        self.notes.answers.push(Answer { user, once, answer, at });
    }

    /// Writes the answers of the batch.
    pub(super) async fn write_answers(&mut self) -> Result<(), StoreError> {
        if self.notes.answers.is_empty() {
            return Ok(());
        }
        let mut rows = JsonRows::new();
        for answer in &self.notes.answers {
            let fingerprint = answer.once.fingerprint.to_vec();
            rows.push(&[&answer.user, &answer.once.id, &fingerprint, &answer.answer, &answer.at]);
        }
        let columns = [
            Column::Id("user_id"),
            Column::Id("command_id"),
            Column::Bytes("fingerprint"),
            Column::Text("answer"),
            Column::Instant("at"),
        ];
        let source = self.engine().rows("$1", &columns);
        let sql = format!(
            "INSERT INTO commands (user_id, command_id, fingerprint, answer, at)
             SELECT user_id, command_id, fingerprint, answer, at FROM {source} AS r"
        );
        let json = rows.json();
        both!(self.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
