//! The one function that writes `pupil_access`.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use lac_domain::access::{AccessReason, Entitlement, PupilFacts, UserFacts, entitlement};
use lac_domain::{EstablishmentId, PupilId, UserId, UserStatus};
use sqlx::AssertSqlSafe;

use super::facts::{self, AccessRow, Which};
use super::{Affected, ends};
use crate::both;
use crate::error::Failure;
use crate::notices::Cause;
use crate::settings;
use crate::storage::{Column, JsonRows};
use crate::writer::{Audience, Changed, Tx};

type Pair = (UserId, PupilId);

/// What is stored of an entitlement.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Stored {
    reason: &'static str,
    establishment: Option<EstablishmentId>,
    reads_all: bool,
}

impl Stored {
    /// None for LA roles, which need no row.
    fn of(entitlement: Entitlement) -> Option<Self> {
        let (reason, establishment) = match entitlement.reason {
            AccessReason::Enrolment(at) => ("enrolment", Some(at)),
            AccessReason::Handover(at) => ("handover", Some(at)),
            AccessReason::Assignment => ("assignment", None),
            AccessReason::Authority => return None,
        };
        Some(Self {
            reason,
            establishment,
            reads_all: entitlement.reads_all,
        })
    }

    fn is(&self, row: &AccessRow) -> bool {
        self.reason == row.reason && self.establishment == row.establishment_id && self.reads_all == row.reads_all
    }
}

pub(super) async fn refresh(tx: &mut Tx, affected: &Affected) -> Result<(), Failure> {
    let (users, pupils, before) = load(tx, affected).await?;
    let calendar = settings::load(tx.conn()).await?.calendar;
    let only: Option<HashSet<PupilId>> = match affected {
        Affected::Pupils(ids) => Some(ids.iter().copied().collect()),
        Affected::Users(_) | Affected::Everyone => None,
    };
    let after = work_out(&users, &pupils, only.as_ref(), |user, pupil| {
        entitlement(user, pupil, tx.today(), &calendar).and_then(Stored::of)
    });
    let mut gone = Vec::new();
    let mut unchanged = HashSet::new();
    let mut replaced = Vec::new();
    for row in &before {
        let pair = (row.user_id, row.pupil_id);
        match after.get(&pair) {
            None => gone.push(row),
            Some(stored) if stored.is(row) => {
                unchanged.insert(pair);
            }
            Some(stored) => {
                if stored.reads_all != row.reads_all {
                    replaced.push(pair);
                }
            }
        }
    }
    let known: HashSet<Pair> = before.iter().map(|row| (row.user_id, row.pupil_id)).collect();
    let written: Vec<(&Pair, &Stored)> = after.iter().filter(|(pair, _)| !unchanged.contains(*pair)).collect();
    write_ended(tx, &gone).await?;
    delete(tx, gone.iter().map(|row| (row.user_id, row.pupil_id))).await?;
    write(tx, &written).await?;
    let granted: Vec<Pair> = written
        .iter()
        .map(|(pair, _)| **pair)
        .filter(|pair| !known.contains(pair))
        .collect();
    let revoked: Vec<Pair> = gone.iter().map(|row| (row.user_id, row.pupil_id)).collect();
    tell(tx, &revoked, &granted, &replaced);
    let active: HashSet<UserId> = users
        .iter()
        .filter(|user| user.status == UserStatus::Active)
        .map(|user| user.id)
        .collect();
    for (user, pupil) in granted.iter().copied().filter(|(user, _)| active.contains(user)) {
        tx.notice(Cause::NewChild { user, pupil });
    }
    ends::tell(tx, &users, &pupils, after.keys(), &before, &calendar).await?;
    if let Affected::Pupils(ids) = affected {
        // LA roles have no rows here: their devices look at the pupil again, and find it gone where they are barred.
        for pupil in ids {
            tx.change(Audience::LaRoles, Changed::Pupil(*pupil));
            tx.change(Audience::Pupil(*pupil), Changed::Pupil(*pupil));
        }
    }
    Ok(())
}

async fn load(tx: &mut Tx, affected: &Affected) -> Result<(Vec<UserFacts>, Vec<PupilFacts>, Vec<AccessRow>), Failure> {
    let conn = tx.conn();
    Ok(match affected {
        Affected::Users(ids) => {
            let which = Which::These(ids.clone());
            let users = facts::users(conn, &which).await?;
            let at: BTreeSet<EstablishmentId> = users.iter().flat_map(|u| u.links.iter().map(|(at, _)| *at)).collect();
            let mut pupils: BTreeSet<PupilId> = facts::pupils_at(conn, &at.into_iter().collect::<Vec<_>>())
                .await?
                .into_iter()
                .collect();
            pupils.extend(users.iter().flat_map(|u| u.assignments.iter().map(|a| a.pupil)));
            let pupils = facts::pupils(conn, &Which::These(pupils.into_iter().collect())).await?;
            (users, pupils, facts::access_of_users(conn, &which).await?)
        }
        Affected::Pupils(ids) => {
            let which = Which::These(ids.clone());
            let pupils = facts::pupils(conn, &which).await?;
            let at: BTreeSet<EstablishmentId> = pupils
                .iter()
                .flat_map(|p| p.enrolments.iter().map(|e| e.establishment))
                .collect();
            let users: BTreeSet<UserId> = facts::users_around(conn, &at.into_iter().collect::<Vec<_>>(), ids)
                .await?
                .into_iter()
                .collect();
            let users = facts::users(conn, &Which::These(users.into_iter().collect())).await?;
            (users, pupils, facts::access_to_pupils(conn, &which).await?)
        }
        Affected::Everyone => {
            let users = facts::users_with_ties(conn).await?;
            let users = facts::users(conn, &Which::These(users)).await?;
            let pupils = facts::pupils(conn, &Which::All).await?;
            (users, pupils, facts::access_of_users(conn, &Which::All).await?)
        }
    })
}

/// Asks the rule for each user and each pupil whom a link or an assignment might show them: no other can be
/// shown, since the rule needs one of the two.
fn work_out(
    users: &[UserFacts],
    pupils: &[PupilFacts],
    only: Option<&HashSet<PupilId>>,
    rule: impl Fn(&UserFacts, &PupilFacts) -> Option<Stored>,
) -> BTreeMap<Pair, Stored> {
    let by_id: HashMap<PupilId, &PupilFacts> = pupils.iter().map(|pupil| (pupil.id, pupil)).collect();
    let mut at: HashMap<EstablishmentId, BTreeSet<PupilId>> = HashMap::new();
    for pupil in pupils {
        for enrolment in &pupil.enrolments {
            at.entry(enrolment.establishment).or_default().insert(pupil.id);
        }
    }
    let mut after = BTreeMap::new();
    for user in users {
        let mut candidates: BTreeSet<PupilId> = user.assignments.iter().map(|assignment| assignment.pupil).collect();
        for (establishment, _) in &user.links {
            candidates.extend(at.get(establishment).into_iter().flatten());
        }
        for id in candidates {
            if only.is_none_or(|only| only.contains(&id))
                && let Some(pupil) = by_id.get(&id)
                && let Some(stored) = rule(user, pupil)
            {
                after.insert((user.id, id), stored);
            }
        }
    }
    after
}

async fn write_ended(tx: &mut Tx, gone: &[&AccessRow]) -> Result<(), Failure> {
    if gone.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    let mut rows = JsonRows::new();
    for row in gone {
        rows.push(&[&row.user_id, &row.pupil_id, &row.reads_all, &now]);
    }
    let columns = [
        Column::Id("user_id"),
        Column::Id("pupil_id"),
        Column::Bool("reads_all"),
        Column::Instant("ended_at"),
    ];
    let source = tx.engine().rows("$1", &columns);
    let sql = format!(
        "INSERT INTO pupil_access_ended (user_id, pupil_id, reads_all, ended_at)
         SELECT user_id, pupil_id, reads_all, ended_at FROM {source} AS r WHERE true
         ON CONFLICT (user_id, pupil_id) DO UPDATE SET reads_all = excluded.reads_all, ended_at = excluded.ended_at"
    );
    let json = rows.json();
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
    Ok(())
}

async fn delete(tx: &mut Tx, pairs: impl Iterator<Item = Pair>) -> Result<(), Failure> {
    let mut rows = JsonRows::new();
    for (user, pupil) in pairs {
        rows.push(&[&user, &pupil]);
    }
    if rows.is_empty() {
        return Ok(());
    }
    let source = tx.engine().rows("$1", &[Column::Id("user_id"), Column::Id("pupil_id")]);
    let sql =
        format!("DELETE FROM pupil_access WHERE (user_id, pupil_id) IN (SELECT user_id, pupil_id FROM {source} AS r)");
    let json = rows.json();
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
    Ok(())
}

async fn write(tx: &mut Tx, written: &[(&Pair, &Stored)]) -> Result<(), Failure> {
    if written.is_empty() {
        return Ok(());
    }
    let now = tx.now();
    let mut rows = JsonRows::new();
    for ((user, pupil), stored) in written {
        rows.push(&[
            user,
            pupil,
            &stored.reason,
            &stored.establishment,
            &stored.reads_all,
            &now,
        ]);
    }
    let columns = [
        Column::Id("user_id"),
        Column::Id("pupil_id"),
        Column::Text("reason"),
        Column::Id("establishment_id"),
        Column::Bool("reads_all"),
        Column::Instant("since"),
    ];
    let source = tx.engine().rows("$1", &columns);
    let sql = format!(
        "INSERT INTO pupil_access (user_id, pupil_id, reason, establishment_id, reads_all, since)
         SELECT user_id, pupil_id, reason, establishment_id, reads_all, since FROM {source} AS r WHERE true
         ON CONFLICT (user_id, pupil_id) DO UPDATE SET reason = excluded.reason,
           establishment_id = excluded.establishment_id, reads_all = excluded.reads_all"
    );
    let json = rows.json();
    both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ()))?;
    Ok(())
}

/// Notes what the devices must be told: the pupil's history comes or goes; who reads more or less than
/// before drops it and fetches it again; and those around the pupil see other people.
fn tell(tx: &mut Tx, revoked: &[Pair], granted: &[Pair], replaced: &[Pair]) {
    for (user, pupil) in revoked.iter().chain(replaced) {
        tx.change(Audience::User(*user), Changed::ScopeRevoked(*pupil));
    }
    for (user, pupil) in granted.iter().chain(replaced) {
        tx.change(Audience::User(*user), Changed::ScopeGranted(*pupil));
    }
    for (user, pupil) in revoked.iter().chain(granted) {
        tx.change(Audience::User(*user), Changed::People);
        tx.change(Audience::Pupil(*pupil), Changed::People);
    }
    for (action, pairs) in [("access.revoked", revoked), ("access.granted", granted)] {
        for (user, pupil) in pairs {
            tx.audit(action, "pupil", Some(pupil.0), &serde_json::json!({ "user": user }));
        }
    }
}
