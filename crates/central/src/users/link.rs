//! One link at a time, from the user's or the establishment's side: made, changed, ended, taken away.

use async_trait::async_trait;
use lac_domain::{LinkId, Role, UserId, UserStatus};
use lac_wire::{ChangedLink, LinkEntry, NewLink};

use super::edit::touched;
use super::invite::{is_linked, send_invitation};
use super::links::{self, Plan, StoredLink};
use super::tell::{Told, tell};
use crate::access::Affected;
use crate::both;
use crate::error::{Failure, Refusal};
use crate::writer::{Job, Tx};

/// What is done with one link.
pub(super) enum LinkOne {
    /// Made.
    New(NewLink),
    /// Given another capacity or other dates.
    Change(LinkId, ChangedLink),
    /// Taken away at once: one that has begun ends yesterday and stays in the history.
    Remove(LinkId),
}

#[async_trait]
impl Job for LinkOne {
    type Output = UserId;

    async fn run(&self, tx: &mut Tx) -> Result<UserId, Failure> {
        let (user, wanted) = match self {
            Self::New(new) => (new.user_id, entry_of(new)),
            Self::Change(id, changed) => {
                let (user, link) = find(tx, *id).await?;
                let wanted = LinkEntry {
                    id: Some(*id),
                    establishment_id: link.establishment_id,
                    capacity: changed.capacity,
                    start: Some(changed.start),
                    end: changed.end,
                };
                (user, wanted)
            }
            Self::Remove(id) => return remove(tx, *id).await,
        };
        link(tx, user, wanted).await?;
        Ok(user)
    }
}

fn entry_of(new: &NewLink) -> LinkEntry {
    LinkEntry {
        id: None,
        establishment_id: new.establishment_id,
        capacity: new.capacity,
        start: new.start,
        end: new.end,
    }
}

async fn find(tx: &mut Tx, id: LinkId) -> Result<(UserId, StoredLink), Failure> {
    let sql = "SELECT user_id FROM establishment_links WHERE id = $1";
    let user: Option<UserId> = both!(tx.conn(), c => sqlx::query_scalar(sql).bind(id).fetch_optional(c).await)?;
    let missing = || Refusal::not_found().denied("link.change", "link", id.0);
    let user = user.ok_or_else(missing)?;
    let links = links::stored(tx, user).await?;
    let link = links.into_iter().find(|link| link.id == id).ok_or_else(missing)?;
    Ok((user, link))
}

async fn remove(tx: &mut Tx, id: LinkId) -> Result<UserId, Failure> {
    let (user, link) = find(tx, id).await?;
    let today = tx.today();
    if link.end_on.is_some_and(|end| end < today) {
        return Ok(user);
    }
    let yesterday = today.pred_opt().filter(|day| link.start_on <= *day);
    if let Some(yesterday) = yesterday {
        let ended = LinkEntry {
            end: Some(yesterday),
            ..kept(&link)
        };
        self::link(tx, user, ended).await?;
        return Ok(user);
    }
    let before = links::stored(tx, user).await?;
    let kept: Vec<LinkEntry> = before.iter().filter(|one| one.id != id).map(kept).collect();
    apply(tx, user, &before, &kept).await?;
    Ok(user)
}

fn kept(link: &StoredLink) -> LinkEntry {
    LinkEntry {
        id: Some(link.id),
        establishment_id: link.establishment_id,
        capacity: link.capacity,
        start: Some(link.start_on),
        end: link.end_on,
    }
}

/// Links a user to an establishment, or changes a link that is there, beside the links that they have. Nothing is
/// written before it is judged.
///
/// # Errors
/// A refusal that says what is at fault, or what failed.
pub(super) async fn link(tx: &mut Tx, user: UserId, wanted: LinkEntry) -> Result<(), Failure> {
    let before = links::stored(tx, user).await?;
    let others = before.iter().filter(|link| Some(link.id) != wanted.id);
    let mut entries: Vec<LinkEntry> = others.map(kept).collect();
    entries.push(wanted);
    apply(tx, user, &before, &entries).await
}

#[derive(sqlx::FromRow)]
struct Row {
    #[sqlx(try_from = "String")]
    role: Role,
    #[sqlx(try_from = "String")]
    status: UserStatus,
    invitation_held: bool,
}

async fn apply(tx: &mut Tx, user: UserId, before: &[StoredLink], entries: &[LinkEntry]) -> Result<(), Failure> {
    let sql = "SELECT role, status, invitation_held FROM users WHERE id = $1";
    let row: Option<Row> = both!(tx.conn(), c => sqlx::query_as(sql).bind(user).fetch_optional(c).await)?;
    let row = row.ok_or_else(|| Refusal::not_found().denied("link.change", "user", user.0))?;
    let plan = links::plan(row.role, entries, before, tx.today())?;
    if plan.is_empty() {
        return Ok(());
    }
    links::apply(tx, user, &plan).await?;
    let sql = "UPDATE users SET revision = revision + 1 WHERE id = $1";
    both!(tx.conn(), c => sqlx::query(sql).bind(user).execute(c).await.map(|_| ()))?;
    tx.note_user_change(user, &["links"]).await?;
    if row.status == UserStatus::Invited && row.invitation_held && is_linked(tx, user).await? {
        send_invitation(tx, user).await?;
    }
    tell_of(tx, user, before, &plan).await?;
    tx.refresh_access(&Affected::Users(vec![user])).await
}

/// Those who saw a pupil with them before are told too, so this comes before access is worked out again.
async fn tell_of(tx: &mut Tx, user: UserId, before: &[StoredLink], plan: &Plan) -> Result<(), Failure> {
    let told = Told {
        user,
        everyone: false,
        establishments: touched(before, &plan.establishments()),
        shown_otherwise: true,
        entitled_otherwise: true,
    };
    Ok(tell(tx, &told).await?)
}
