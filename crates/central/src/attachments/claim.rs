//! A message takes the files that it names: each has arrived, is its author's, and belongs to no other message.

use lac_domain::{AttachmentId, ConversationId, MessageId, UserId};
use lac_import::MAX_ATTACHMENTS;
use lac_wire::ErrorCode;
use sqlx::AssertSqlSafe;

use super::rows::key_place;
use crate::both;
use crate::error::{Failure, Refusal};
use crate::seal::OwnKey;
use crate::storage::{Column, JsonRows, hex_ids};
use crate::writer::Tx;

impl Tx {
    /// Gives files to a message; from now on their keys are sealed by its conversation's. `key` is that.
    pub(crate) async fn claim_attachments(
        &mut self,
        author: UserId,
        (conversation, message): (ConversationId, MessageId),
        key: &OwnKey,
        ids: &[AttachmentId],
    ) -> Result<(), Failure> {
        if ids.is_empty() {
            return Ok(());
        }
        if ids.len() > MAX_ATTACHMENTS {
            let message = format!(
                "A message may have at most {MAX_ATTACHMENTS} attachments. Send the others with another message."
            );
            return Err(Refusal::field("attachments", message).into());
        }
        let sql = format!(
            "SELECT id, sealed_key FROM attachments
             WHERE id IN {} AND user_id = $2 AND kind IS NOT NULL AND message_id IS NULL",
            self.engine().ids("$1")
        );
        let list = hex_ids(ids.iter().copied());
        let found: Vec<(AttachmentId, Vec<u8>)> =
            both!(self.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(list).bind(author).fetch_all(c).await)?;
        let keys = self.keys();
        let mut rows = JsonRows::new();
        for (position, id) in (0_i64..).zip(ids) {
            let Some((_, sealed)) = found.iter().find(|(found, _)| found == id) else {
                return Err(missing());
            };
            let own = keys.own_key(key_place(*id), sealed)?;
            rows.push(&[id, &position, &key.seal_key(key_place(*id), &own)?]);
        }
        if found.len() != ids.len() {
            // One that is named twice.
            return Err(missing());
        }
        let columns = [Column::Id("id"), Column::Number("place"), Column::Bytes("sealed")];
        let source = self.engine().rows("$3", &columns);
        let sql = format!(
            "UPDATE attachments SET conversation_id = $1, message_id = $2, position = r.place, sealed_key = r.sealed
             FROM {source} AS r WHERE attachments.id = r.id"
        );
        let json = rows.into_json();
        both!(self.conn(), c => sqlx::query(AssertSqlSafe(sql))
            .bind(conversation).bind(message).bind(json).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}

fn missing() -> Failure {
    Refusal::new(
        ErrorCode::AttachmentMissing,
        "An attachment of this message has not arrived, so the message was not sent. Try again; if it happens again, attach the file anew.",
    )
    .about("attachments")
    .into()
}
