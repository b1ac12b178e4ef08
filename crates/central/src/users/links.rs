//! Establishment links of a user: what an entry asks for beside what there is, and writing the difference.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use lac_domain::access::Days;
use lac_domain::{Capacity, EstablishmentId, ImportId, LinkId, Role, UserId};
use lac_wire::LinkEntry;
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::notices::Cause;
use crate::storage::{Bulk, Column, hex_ids};
use crate::writer::Tx;

/// The most links that one user may have.
const MOST_LINKS: usize = 200;

const COLUMNS: &[Column] = &[Column::Id("id"), Column::Id("user_id"), Column::Id("establishment_id")];

/// A link that is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct NewLink {
    pub id: LinkId,
    pub user: UserId,
    pub establishment: EstablishmentId,
    pub capacity: Capacity,
    pub days: Days,
    pub import: Option<ImportId>,
}

/// A link as it is stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct StoredLink {
    pub id: LinkId,
    pub establishment_id: EstablishmentId,
    #[sqlx(try_from = "String")]
    pub capacity: Capacity,
    pub start_on: NaiveDate,
    pub end_on: Option<NaiveDate>,
}

impl StoredLink {
    fn days(&self) -> Days {
        Days {
            start: self.start_on,
            end: self.end_on,
        }
    }
}

/// What an entry's links ask for, beside those that there are.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plan {
    /// To be made: where, in what capacity, when.
    pub added: Vec<(EstablishmentId, Capacity, Days)>,
    /// To be changed: as it was, and as it shall be.
    pub changed: Vec<(StoredLink, StoredLink)>,
    /// To be removed.
    pub removed: Vec<StoredLink>,
    /// Whether a link holds today or later, once this is done.
    pub linked: bool,
    /// Whether any link is left, ended ones too.
    pub any: bool,
}

impl Plan {
    /// Whether there is nothing to do.
    pub fn is_empty(&self) -> bool {
        self.added.is_empty() && self.changed.is_empty() && self.removed.is_empty()
    }

    /// The establishments whose links change.
    pub fn establishments(&self) -> BTreeSet<EstablishmentId> {
        let added = self.added.iter().map(|(id, ..)| *id);
        let changed = self.changed.iter().map(|(_, after)| after.establishment_id);
        added
            .chain(changed)
            .chain(self.removed.iter().map(|link| link.establishment_id))
            .collect()
    }
}

fn refuse<T>(message: impl Into<String>) -> Result<T, Refusal> {
    Err(Refusal::field("links", message))
}

/// Works out what an entry's links ask for.
///
/// # Errors
/// A refusal that says which link is at fault.
pub(super) fn plan(
    role: Role,
    entries: &[LinkEntry],
    before: &[StoredLink],
    today: NaiveDate,
) -> Result<Plan, Refusal> {
    if !role.is_linked() && !entries.is_empty() {
        return refuse(format!(
            "A user with the role {role} is not linked to establishments. Take the establishments out."
        ));
    }
    if entries.len() > MOST_LINKS {
        return refuse(format!("A user can have at most {MOST_LINKS} establishment links."));
    }
    let stored: HashMap<LinkId, &StoredLink> = before.iter().map(|link| (link.id, link)).collect();
    let mut plan = Plan::default();
    let mut kept = BTreeSet::new();
    let mut all: Vec<(EstablishmentId, Days)> = Vec::with_capacity(entries.len());
    for entry in entries {
        let found = match entry.id {
            None => None,
            Some(id) => match stored.get(&id) {
                Some(link) if kept.insert(id) => Some(**link),
                _ => {
                    return refuse(
                        "One of these links is no longer there. Close this user, open them again, and make the change anew.",
                    );
                }
            },
        };
        let start = entry.start.or(found.map(|link| link.start_on)).unwrap_or(today);
        let days = Days { start, end: entry.end };
        if days.end.is_some_and(|end| end < start) {
            return refuse("The last day of a link is before its first day. Check both dates.");
        }
        all.push((entry.establishment_id, days));
        match found {
            None => plan.added.push((entry.establishment_id, entry.capacity, days)),
            Some(link) if link.establishment_id != entry.establishment_id => {
                return refuse("A link cannot be moved to another establishment. End it, and add a new one.");
            }
            Some(link) => {
                let after = StoredLink {
                    capacity: entry.capacity,
                    start_on: start,
                    end_on: entry.end,
                    ..link
                };
                if after != link {
                    plan.changed.push((link, after));
                }
            }
        }
    }
    for (at, (establishment, days)) in all.iter().enumerate() {
        if all[at + 1..]
            .iter()
            .any(|(other, others)| other == establishment && days.overlaps(others))
        {
            return refuse(
                "Two links to the same establishment overlap. Take one out, or end the first before the second starts.",
            );
        }
    }
    plan.linked = all.iter().any(|(_, days)| days.end.is_none_or(|end| today <= end));
    plan.any = !all.is_empty();
    plan.removed = before.iter().filter(|link| !kept.contains(&link.id)).copied().collect();
    Ok(plan)
}

/// Loads a user's links.
pub(super) async fn stored(tx: &mut Tx, user: UserId) -> Result<Vec<StoredLink>, StoreError> {
    let sql = "SELECT id, establishment_id, capacity, start_on, end_on FROM establishment_links WHERE user_id = $1
               ORDER BY start_on, id";
    Ok(both!(tx.conn(), c => sqlx::query_as(sql).bind(user).fetch_all(c).await)?)
}

/// Writes a plan, with a row in the trail for each link.
pub(super) async fn apply(tx: &mut Tx, user: UserId, plan: &Plan) -> Result<(), Failure> {
    require_establishments(tx, plan).await?;
    let mut new = Vec::with_capacity(plan.added.len());
    for (establishment, capacity, days) in &plan.added {
        let link = NewLink {
            id: tx.new_id()?,
            user,
            establishment: *establishment,
            capacity: *capacity,
            days: *days,
            import: None,
        };
        tx.audit(
            "link.created",
            "user",
            Some(user.0),
            &detail(link.id, *establishment, *capacity, *days),
        );
        new.push(link);
    }
    insert_links(tx, &new).await?;
    for (before, after) in &plan.changed {
        let sql = "UPDATE establishment_links SET capacity = $2, start_on = $3, end_on = $4 WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(after.id).bind(after.capacity.as_str()).bind(after.start_on).bind(after.end_on)
            .execute(c).await.map(|_| ()))?;
        let action = if before.end_on.is_none() && after.end_on.is_some() {
            "link.ended"
        } else {
            "link.changed"
        };
        tx.audit(
            action,
            "user",
            Some(user.0),
            &detail(after.id, after.establishment_id, after.capacity, after.days()),
        );
    }
    for link in &plan.removed {
        let sql = "DELETE FROM establishment_links WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(sql).bind(link.id).execute(c).await.map(|_| ()))?;
        tx.audit(
            "link.removed",
            "user",
            Some(user.0),
            &detail(link.id, link.establishment_id, link.capacity, link.days()),
        );
    }
    Ok(())
}

fn detail(id: LinkId, establishment: EstablishmentId, capacity: Capacity, days: Days) -> serde_json::Value {
    serde_json::json!({
        "link": id, "establishment": establishment, "capacity": capacity.as_str(), "start": days.start, "end": days.end,
    })
}

async fn require_establishments(tx: &mut Tx, plan: &Plan) -> Result<(), Failure> {
    let wanted: BTreeSet<EstablishmentId> = plan.added.iter().map(|(id, ..)| *id).collect();
    if wanted.is_empty() {
        return Ok(());
    }
    let sql = format!(
        "SELECT COUNT(*) FROM establishments WHERE id IN {}",
        tx.engine().ids("$1")
    );
    let ids = hex_ids(wanted.iter().copied());
    let found: i64 = both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(ids).fetch_one(c).await)?;
    if usize::try_from(found) == Ok(wanted.len()) {
        return Ok(());
    }
    Err(Refusal::field(
        "links",
        "One of these establishments could not be found. Choose it again.",
    )
    .into())
}

/// Notes that a user is told of a new link.
pub(crate) fn tell_of_link(tx: &mut Tx, link: &NewLink) {
    tx.notice(Cause::NewEstablishment {
        user: link.user,
        establishment: link.establishment,
        from: link.days.start,
    });
}

/// Writes new links, many in one statement.
///
/// # Errors
/// When the database fails.
pub(crate) async fn insert_links(tx: &mut Tx, links: &[NewLink]) -> Result<(), StoreError> {
    let what = |link: &NewLink| (link.capacity, link.days, link.import);
    for alike in links.chunk_by(|one, other| what(one) == what(other)) {
        let Some(first) = alike.first() else { continue };
        let mut rows = Bulk::into(tx.engine(), "establishment_links", COLUMNS).same(
            &[
                Column::Text("capacity"),
                Column::Day("start_on"),
                Column::Day("end_on"),
                Column::Id("import_id"),
            ],
            &[
                &first.capacity.as_str(),
                &first.days.start,
                &first.days.end,
                &first.import,
            ],
        )?;
        for link in alike {
            // Whom an import creates is not told of each link: they see all of it when they first sign in.
            if link.import.is_none() {
                tell_of_link(tx, link);
            }
            rows.add(tx.conn(), &[&link.id, &link.user, &link.establishment])
                .await?;
        }
        rows.finish(tx.conn()).await?;
    }
    Ok(())
}

#[cfg(test)]
#[path = "links_tests.rs"]
mod tests;
