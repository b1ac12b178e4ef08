//! Adding a user, one at a time.

use std::collections::BTreeSet;

use async_trait::async_trait;
use lac_domain::{UserId, UserStatus};
use lac_wire::{AddUser, ErrorCode};

use super::entry::{self, Entry};
use super::links;
use super::rows::{NewUser, insert_users, sort_key};
use super::tell::{Told, tell};
use crate::access::Affected;
use crate::accounts::NewCode;
use crate::both;
use crate::error::{Failure, Refusal};
use crate::writer::{Job, Tx};

/// Adds a user; answers their id.
pub(super) struct Add(pub AddUser);

#[async_trait]
impl Job for Add {
    type Output = UserId;

    async fn run(&self, tx: &mut Tx) -> Result<UserId, Failure> {
        add(tx, &self.0).await
    }
}

/// Adds a user, linked and invited as is asked; answers their id.
///
/// # Errors
/// A refusal that says what is at fault, or what failed.
pub(super) async fn add(tx: &mut Tx, adding: &AddUser) -> Result<UserId, Failure> {
    let AddUser {
        entry,
        link_later,
        invite,
    } = adding;
    let judged = entry::judge(entry)?;
    let plan = links::plan(judged.role, &entry.links, &[], tx.today())?;
    if judged.role.is_linked() && !plan.linked && !link_later {
        return Err(establishment_needed().into());
    }
    require_free_email(tx, &judged.email_key, None).await?;

    let id: UserId = tx.new_id()?;
    let held = judged.role.is_linked() && !plan.linked;
    insert_users(tx, &[new_user(id, &judged)]).await?;
    let detail = serde_json::json!({ "role": judged.role.as_str(), "links": plan.added.len() });
    tx.audit("user.created", "user", Some(id.0), &detail);
    links::apply(tx, id, &plan).await?;
    tx.refresh_access(&Affected::Users(vec![id])).await?;
    let told = Told {
        user: id,
        everyone: judged.role.is_la(),
        establishments: plan.establishments(),
        shown_otherwise: false,
        entitled_otherwise: true,
    };
    tell(tx, &told).await?;
    match (*invite, held) {
        (true, false) => {
            tx.invite(id, NewCode::Mailed).await?;
        }
        (true, true) => hold_invitations(tx, &BTreeSet::from([id])).await?,
        (false, _) => {}
    }
    Ok(id)
}

fn new_user(id: UserId, judged: &Entry) -> NewUser {
    NewUser {
        id,
        role: judged.role,
        status: UserStatus::Invited,
        first_name: judged.first_name.clone(),
        last_name: judged.last_name.clone(),
        name_key: sort_key(&judged.first_name, &judged.last_name),
        email: judged.email.clone(),
        email_key: judged.email_key.clone(),
        job_title: judged.job_title.clone(),
        phone: judged.phone.clone(),
        import: None,
    }
}

/// The refusal of a Designated Teacher without an establishment.
pub(super) fn establishment_needed() -> Refusal {
    Refusal::new(
        ErrorCode::EstablishmentNeeded,
        "A Designated Teacher needs an establishment. Choose one, or say that you will link them later.",
    )
    .about("links")
}

/// Refuses an e-mail address that another user has, letter case ignored.
///
/// # Errors
/// A refusal, or what failed.
pub(super) async fn require_free_email(tx: &mut Tx, email_key: &str, own: Option<UserId>) -> Result<(), Failure> {
    let sql = "SELECT id FROM users WHERE email_key = $1";
    let holder: Option<UserId> =
        both!(tx.conn(), c => sqlx::query_scalar(sql).bind(email_key).fetch_optional(c).await)?;
    if holder.is_none() || holder == own {
        return Ok(());
    }
    let message = "Another user of this authority has this e-mail address. Enter another, or edit that user.";
    Err(Refusal::new(ErrorCode::EmailInUse, message).about("email").into())
}

/// Notes that invitations were asked for, and wait until these users are linked.
///
/// # Errors
/// When the database fails.
pub(crate) async fn hold_invitations(tx: &mut Tx, users: &BTreeSet<UserId>) -> Result<(), Failure> {
    if users.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "UPDATE users SET invitation_held = TRUE WHERE id IN {}",
        tx.engine().ids("$1")
    );
    let ids = crate::storage::hex_ids(users.iter().copied());
    both!(tx.conn(), c => sqlx::query(sqlx::AssertSqlSafe(sql)).bind(ids).execute(c).await.map(|_| ()))?;
    Ok(())
}
