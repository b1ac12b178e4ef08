//! The end of a batch: one lock on the counter row, numbers for all messages and changes, one more stretch
//! of the audit chain.

use lac_domain::Timestamp;
use lac_domain::audit::{AuditFacts, ChainHash};
use uuid::Uuid;

use super::Tx;
use super::tx::AuditNote;
use crate::both;
use crate::error::StoreError;
use crate::storage::{Bulk, Cell, Column};

const CHANGES: &[Column] = &[
    Column::Number("seq"),
    Column::Text("audience_kind"),
    Column::Id("audience_id"),
    Column::Text("entity_kind"),
    Column::Id("entity_id"),
];
/// What each audit event has by itself.
const OWN_OF_EVENTS: &[Column] = &[
    Column::Number("number"),
    Column::Id("object_id"),
    Column::Text("detail"),
    Column::Bytes("hash"),
];
/// What [`common`] gives.
const COMMON_OF_EVENTS: &[Column] = &[
    Column::Instant("at"),
    Column::Id("actor"),
    Column::Text("action"),
    Column::Text("object_kind"),
    Column::Id("import_id"),
];
const ALL_OF_EVENTS: &[Column] = &[
    OWN_OF_EVENTS[0],
    OWN_OF_EVENTS[1],
    OWN_OF_EVENTS[2],
    OWN_OF_EVENTS[3],
    COMMON_OF_EVENTS[0],
    COMMON_OF_EVENTS[1],
    COMMON_OF_EVENTS[2],
    COMMON_OF_EVENTS[3],
    COMMON_OF_EVENTS[4],
];

/// What many audit events of one job have in common.
fn common(note: &AuditNote) -> (Timestamp, Option<Uuid>, &'static str, &'static str, Option<Uuid>) {
    (note.at, note.actor, note.action, note.object_kind, note.import_id)
}

impl Tx {
    /// Numbers and chains all that was noted, just before COMMIT. Answers the newest number, if any was given.
    pub(super) async fn number(&mut self) -> Result<Option<i64>, StoreError> {
        self.write_answers().await?;
        self.write_notices().await?;
        self.queue_mails_of_messages().await?;
        let changes = self.distinct_changes();
        let (messages, audits) = (self.notes.messages.len(), self.notes.audits.len());
        if changes.is_empty() && messages == 0 && audits == 0 {
            return Ok(None);
        }
        let numbers = i64::try_from(changes.len() + messages).unwrap_or(i64::MAX);
        let events = i64::try_from(audits).unwrap_or(i64::MAX);
        let sql = "UPDATE counter SET seq = seq + $1, audit_number = audit_number + $2 WHERE id = 1
                   RETURNING seq, audit_number, audit_head";
        let (seq, audit_number, head): (i64, i64, Vec<u8>) =
            both!(self.conn(), c => sqlx::query_as(sql).bind(numbers).bind(events).fetch_one(c).await)?;
        let first = seq - numbers + 1;
        self.write_messages(first).await?;
        let first_change = first + i64::try_from(messages).unwrap_or(i64::MAX);
        let at = self.now();
        let mut rows = Bulk::into(self.engine(), "changes", CHANGES).same(&[Column::Instant("at")], &[&at])?;
        for (number, (audience, changed)) in (first_change..).zip(changes) {
            let ((audience_kind, audience_id), (entity_kind, entity_id)) = (audience.parts(), changed.parts());
            rows.add(
                self.conn(),
                &[&number, &audience_kind, &audience_id, &entity_kind, &entity_id],
            )
            .await?;
        }
        rows.finish(self.conn()).await?;
        let head = ChainHash::try_from(head).map_err(|_| StoreError::Inconsistent("the audit head is not 32 bytes"))?;
        self.chain_audits(audit_number - events + 1, head).await?;
        Ok((numbers > 0).then_some(seq))
    }

    /// Writes the audit events, which follow a hash.
    async fn chain_audits(&mut self, first: i64, mut head: ChainHash) -> Result<(), StoreError> {
        let audits = std::mem::take(&mut self.notes.audits);
        if audits.is_empty() {
            return Ok(());
        }
        // A bulk add has the same of all in most columns: that is sent once. Otherwise all go together.
        let mut groups: Vec<&[AuditNote]> = audits.chunk_by(|one, other| common(one) == common(other)).collect();
        let alike = groups.len() * 8 <= audits.len();
        if !alike {
            groups = vec![&audits];
        }
        let mut numbered = (first..).zip(&audits);
        for group in groups {
            let mut rows = match group.first() {
                Some(first) if alike => {
                    let (at, actor, action, object_kind, import_id) = common(first);
                    Bulk::into(self.engine(), "audit_events", OWN_OF_EVENTS)
                        .same(COMMON_OF_EVENTS, &[&at, &actor, &action, &object_kind, &import_id])?
                }
                _ => Bulk::into(self.engine(), "audit_events", ALL_OF_EVENTS),
            };
            for (number, note) in numbered.by_ref().take(group.len()) {
                let (at, actor, action, object_kind, import_id) = common(note);
                let facts = AuditFacts {
                    number,
                    at,
                    actor,
                    action,
                    object_kind,
                    object_id: note.object_id,
                    import_id,
                    detail: &note.detail,
                };
                head = facts.chain(&head);
                let hash = head.to_vec();
                let own: [&dyn Cell; 4] = [&number, &note.object_id, &note.detail, &hash];
                let all: [&dyn Cell; 9] = [
                    own[0],
                    own[1],
                    own[2],
                    own[3],
                    &at,
                    &actor,
                    &action,
                    &object_kind,
                    &import_id,
                ];
                rows.add(self.conn(), if alike { &own } else { &all }).await?;
            }
            rows.finish(self.conn()).await?;
        }
        let head = head.to_vec();
        both!(self.conn(), c => sqlx::query("UPDATE counter SET audit_head = $1 WHERE id = 1")
            .bind(head).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
