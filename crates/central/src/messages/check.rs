//! Whom a message would reach, asked while it is written. Nothing is sent, and nobody is told.

use lac_wire::{CheckRecipients, RecipientsChecked};

use super::recipients::{candidates, require_seen};
use crate::error::{Failure, Refusal};
use crate::scope::Scope;
use crate::storage::Conn;

/// Answers by the same rule by which the message is taken or refused.
pub(super) async fn check(
    conn: &mut Conn,
    scope: Scope,
    request: &CheckRecipients,
) -> Result<RecipientsChecked, Failure> {
    if let Some(pupil) = request.pupil_id
        && !scope.may_see_pupil(conn, pupil).await?
    {
        return Err(Refusal::not_found().denied("recipients.check", "pupil", pupil.0).into());
    }
    let chosen = candidates(conn, scope, &request.recipients, request.pupil_id).await?;
    require_seen(&chosen)?;
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    let reached = chosen.iter().filter(|one| one.is_reached());
    let in_groups = chosen
        .iter()
        .filter(|one| !one.by_name && one.may_write() && !one.entitled && !one.inactive());
    Ok(RecipientsChecked {
        people: count(reached.count()),
        left_out: count(in_groups.count()),
        not_entitled: chosen
            .iter()
            .filter(|one| one.by_name && !one.entitled)
            .map(|one| one.id)
            .collect(),
    })
}
