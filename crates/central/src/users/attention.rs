//! Why a user needs attention: the rule, in SQL, for lists, counts and rows alike.

use chrono::TimeDelta;
use lac_domain::Timestamp;
use lac_wire::Attention;

/// For so long an invitation may wait before somebody should ask.
pub(super) const PATIENCE: TimeDelta = TimeDelta::days(7);

/// The reasons, in the order in which they are shown.
pub(super) const REASONS: [Attention; 5] = [
    Attention::NotLinked,
    Attention::NotInvited,
    Attention::Undelivered,
    Attention::InvitationExpired,
    Attention::NotTakenUp,
];

/// The newest invitation, not taken up, of the row of `users` that goes by the name `u`.
const OPEN: &str = "FROM invitations i WHERE i.user_id = u.id AND NOT i.replaced AND i.used_at IS NULL";

/// SQL that is true for the row of `users` that goes by the name `u` and needs attention for a reason. **`$1` is the
/// day, `$2` the instant, `$3` the instant less [`PATIENCE`].** False for a reason that is not known.
pub(super) fn needs(reason: Attention) -> String {
    match reason {
        Attention::NotLinked => "(u.role = 'designated_teacher' AND u.status <> 'inactive' AND NOT EXISTS (
             SELECT 1 FROM establishment_links tie
             WHERE tie.user_id = u.id AND (tie.end_on IS NULL OR tie.end_on >= $1)))"
            .to_owned(),
        // Of one whose invitation waits for a link the link is what is missing.
        Attention::NotInvited => {
            format!("(u.status = 'invited' AND NOT u.invitation_held AND NOT EXISTS (SELECT 1 {OPEN}))")
        }
        Attention::Undelivered => format!(
            "(u.status = 'invited' AND EXISTS (SELECT 1 {OPEN} AND EXISTS (SELECT 1 FROM mails m
               WHERE m.user_id = u.id AND m.kind = 'invitation' AND m.state = 'failed' AND m.created_at >= i.created_at)))"
        ),
        Attention::InvitationExpired => {
            format!("(u.status = 'invited' AND EXISTS (SELECT 1 {OPEN} AND i.expires_at <= $2))")
        }
        Attention::NotTakenUp => format!(
            "(u.status = 'invited' AND EXISTS (SELECT 1 {OPEN}) AND EXISTS (SELECT 1 FROM invitations first
               WHERE first.user_id = u.id AND first.created_at <= $3))"
        ),
        Attention::Unknown => "FALSE".to_owned(),
    }
}

/// SQL that is true for a user who needs attention, for whatever reason; parameters as for [`needs`].
pub(super) fn needs_any() -> String {
    format!("({})", REASONS.map(needs).join(" OR "))
}

/// `$3` of [`needs`].
pub(super) fn long_ago(now: Timestamp) -> Timestamp {
    now.plus(-PATIENCE)
}
