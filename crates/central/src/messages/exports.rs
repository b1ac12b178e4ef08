//! Noting that somebody takes a pupil's history out of the product: who, whose, why, how many messages. The desktop
//! writes the file, of what it was given; it does so only once this is noted.

use async_trait::async_trait;
use lac_domain::{PupilId, Timestamp};
use lac_wire::{ExportFormat, NoteExport, Private, REASON_LIMIT};
use serde_json::json;

use super::command::current_scope;
use crate::error::{Failure, Refusal};
use crate::scope::Scope;
use crate::writer::{Job, Tx};

/// A reason as it is kept, without white space around it. Refuses one that is missing or too long.
pub(crate) fn check_reason(reason: &Private) -> Result<String, Refusal> {
    let reason = reason.reveal().trim();
    if reason.is_empty() {
        return Err(Refusal::field("reason", "Enter the reason."));
    }
    if reason.chars().count() > REASON_LIMIT {
        return Err(Refusal::field(
            "reason",
            format!("This reason is too long. Use at most {REASON_LIMIT} characters."),
        ));
    }
    Ok(reason.to_owned())
}

/// Notes an export; answers when.
pub(super) struct Note {
    pub scope: Scope,
    pub pupil: PupilId,
    pub export: NoteExport,
}

#[async_trait]
impl Job for Note {
    type Output = Timestamp;

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<Timestamp, Failure> {
        let scope = current_scope(tx, self.scope.user).await?;
        if !scope.may_see_pupil(tx.conn(), self.pupil).await? {
            return Err(Refusal::not_found()
                .denied("history.export", "pupil", self.pupil.0)
                .into());
        }
        let reason = check_reason(&self.export.reason)?;
        if self.export.format == ExportFormat::Unknown {
            return Err(Refusal::field("format", "Choose a PDF or a CSV file.").into());
        }
        let detail = json!({
            "format": self.export.format,
            "reason": reason,
            "messages": self.export.messages,
            "filtered": self.export.filtered,
        });
        tx.audit("history.exported", "pupil", Some(self.pupil.0), &detail);
        Ok(tx.now())
    }
}
