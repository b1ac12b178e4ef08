//! What the devices are told of an import: of each user where they are few, otherwise that people have changed.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use lac_domain::{ConversationId, EstablishmentId, PupilId, Role, UserId};
use sqlx::AssertSqlSafe;

use super::plan::Done;
use crate::both;
use crate::error::StoreError;
use crate::storage::hex_ids;
use crate::writer::{Audience, Changed, Tx};

/// Up to so many users devices are told of each; beyond, that people have changed.
pub(super) const TOLD_ONE_BY_ONE: usize = 200;

/// Whom the devices are told of.
#[derive(Default)]
pub(super) struct Telling {
    count: usize,
    /// The first of them, each with whom they concern.
    first: Vec<(UserId, Audience)>,
    /// Whom all of them concern.
    audiences: HashSet<Audience>,
    /// Where they are linked, with the first of them.
    at: BTreeMap<EstablishmentId, Vec<UserId>>,
    /// Those who existed before.
    pub known: Vec<UserId>,
}

impl Telling {
    /// Takes one in.
    pub fn add(&mut self, tx: &mut Tx, done: &Done) {
        // Who has an LA role has no row of access whose coming would tell their device.
        if done.role.is_la() && !done.created {
            for pupil in &done.pupils {
                tx.change(Audience::User(done.user), Changed::Pupil(*pupil));
            }
        }
        // To LA roles everyone may write.
        let audience = if done.role.is_la() || done.role_before.is_some_and(Role::is_la) {
            Audience::Everyone
        } else {
            Audience::LaRoles
        };
        self.count += 1;
        self.audiences.insert(audience);
        let named = self.first.len() < TOLD_ONE_BY_ONE;
        if named {
            self.first.push((done.user, audience));
        }
        for establishment in &done.establishments {
            let users = self.at.entry(*establishment).or_default();
            if named {
                users.push(done.user);
            }
        }
    }

    /// Tells the devices.
    pub async fn tell(self, tx: &mut Tx) -> Result<(), StoreError> {
        let few = self.count <= TOLD_ONE_BY_ONE;
        if few {
            for (user, audience) in self.first {
                tx.change(audience, Changed::Person(user));
            }
        } else {
            for audience in self.audiences {
                tx.change(audience, Changed::People);
            }
        }
        for (establishment, users) in self.at {
            // The establishment may be in use for the first time.
            tx.change(Audience::LaRoles, Changed::Establishment(establishment));
            if few {
                for user in users {
                    tx.change(Audience::Establishment(establishment), Changed::Person(user));
                }
            } else {
                tx.change(Audience::Establishment(establishment), Changed::People);
            }
        }
        tell_of_known(tx, &self.known, BTreeSet::new()).await
    }
}

/// Users who exist are known to others, and hold something themselves. `left` are establishments that they were linked
/// to until now.
pub(super) async fn tell_of_known(
    tx: &mut Tx,
    users: &[UserId],
    left: BTreeSet<EstablishmentId>,
) -> Result<(), StoreError> {
    if users.is_empty() {
        return Ok(());
    }
    for user in users {
        tx.change(Audience::User(*user), Changed::Me);
        tx.change(Audience::User(*user), Changed::People);
    }
    for establishment in left {
        // It may be in use no longer.
        tx.change(Audience::LaRoles, Changed::Establishment(establishment));
        tx.change(Audience::Establishment(establishment), Changed::People);
    }
    let ids = hex_ids(users.iter().copied());
    let list = tx.engine().ids("$1");
    let sql = format!("SELECT DISTINCT establishment_id FROM establishment_links WHERE user_id IN {list}");
    let at: Vec<EstablishmentId> =
        both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(&ids).fetch_all(c).await)?;
    for establishment in at {
        tx.change(Audience::Establishment(establishment), Changed::People);
    }
    let sql = format!("SELECT DISTINCT pupil_id FROM pupil_access WHERE user_id IN {list}");
    let seen: Vec<PupilId> =
        both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(&ids).fetch_all(c).await)?;
    for pupil in seen {
        tx.change(Audience::Pupil(pupil), Changed::People);
    }
    let sql = format!("SELECT DISTINCT conversation_id FROM participants WHERE user_id IN {list}");
    let shared: Vec<ConversationId> =
        both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(&ids).fetch_all(c).await)?;
    for conversation in shared {
        tx.change(Audience::Conversation(conversation), Changed::People);
    }
    Ok(())
}
