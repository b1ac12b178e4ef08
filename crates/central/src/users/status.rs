//! Making a user inactive, and having one come back, beside the whole edit: for things done to many at once.

use lac_domain::{EstablishmentId, Role, UserId, UserStatus};
use lac_wire::LeftPupils;

use super::add::hold_invitations;
use super::invite::{is_linked, send_invitation};
use super::leaving::{Leaver, take_back_invitation};
use super::links;
use super::tell::{Told, tell};
use crate::access::Affected;
use crate::accounts::forget_second_factor;
use crate::both;
use crate::error::{Failure, Refusal};
use crate::scope::Scope;
use crate::writer::Tx;

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "String")]
    role: Role,
    #[sqlx(try_from = "String")]
    status: UserStatus,
    first_name: String,
    last_name: String,
}

async fn load(tx: &mut Tx, user: UserId) -> Result<Row, Failure> {
    let sql = "SELECT role, status, first_name, last_name FROM users WHERE id = $1";
    let row: Option<Row> = both!(tx.conn(), c => sqlx::query_as(sql).bind(user).fetch_optional(c).await)?;
    Ok(row.ok_or_else(|| Refusal::not_found().denied("user.edit", "user", user.0))?)
}

/// Makes a user inactive, and signs them out everywhere. Nothing is written before it is judged.
///
/// # Errors
/// A refusal where they may not be, or their pupils are undecided; or what failed.
pub(super) async fn make_inactive(
    tx: &mut Tx,
    scope: Scope,
    user: UserId,
    decided: Option<LeftPupils>,
) -> Result<(), Failure> {
    let row = load(tx, user).await?;
    if row.status == UserStatus::Inactive {
        return Err(Refusal::field("status", "This user is inactive already.").into());
    }
    let name = format!("{} {}", row.first_name, row.last_name);
    let leaver = Leaver {
        user,
        role: row.role,
        status: row.status,
        name: &name,
    };
    leaver.require_free_to_go(tx).await?;
    leaver.settle_pupils(tx, scope, decided).await?;
    take_back_invitation(tx, user).await?;
    write(tx, user, &row, UserStatus::Inactive).await?;
    tx.end_sessions(user).await
}

/// Has an inactive user come back, by a new invitation; a Designated Teacher without a link gets it when there is one.
///
/// # Errors
/// A refusal where the user is not inactive, or what failed.
pub(super) async fn come_back(tx: &mut Tx, user: UserId) -> Result<(), Failure> {
    let row = load(tx, user).await?;
    if row.status != UserStatus::Inactive {
        return Err(Refusal::field("status", "This user is not inactive.").into());
    }
    write(tx, user, &row, UserStatus::Invited).await?;
    // Their phone may be another by now: they set the second step up anew, as who is new.
    forget_second_factor(tx, user).await?;
    if row.role.is_linked() && !is_linked(tx, user).await? {
        hold_invitations(tx, &[user].into()).await?;
        return Ok(());
    }
    send_invitation(tx, user).await
}

async fn write(tx: &mut Tx, user: UserId, row: &Row, status: UserStatus) -> Result<(), Failure> {
    // Who comes back by an invitation chooses a new password.
    let sql = "UPDATE users SET revision = revision + 1, status = $2, invitation_held = FALSE,
                 password_hash = CASE WHEN $2 = 'invited' THEN NULL ELSE password_hash END WHERE id = $1";
    both!(tx.conn(), c => sqlx::query(sql).bind(user).bind(status.as_str()).execute(c).await.map(|_| ()))?;
    tx.note_user_change(user, &["status"]).await?;
    let detail = serde_json::json!({ "fields": ["status"], "status": [row.status.as_str(), status.as_str()] });
    tx.audit("user.changed", "user", Some(user.0), &detail);
    let links = links::stored(tx, user).await?;
    let establishments: std::collections::BTreeSet<EstablishmentId> =
        links.iter().map(|link| link.establishment_id).collect();
    let told = Told {
        user,
        everyone: row.role.is_la(),
        establishments,
        shown_otherwise: true,
        entitled_otherwise: true,
    };
    // Those who saw a pupil with them before are told too, so this comes before access is worked out again.
    tell(tx, &told).await?;
    tx.refresh_access(&Affected::Users(vec![user])).await
}
