//! Making, changing and deleting a list.

use async_trait::async_trait;
use lac_domain::{ListId, UserId, name_key};
use lac_wire::{LIST_MEMBERS_LIMIT, LIST_NAME_LIMIT, LISTS_LIMIT, SaveList};
use sqlx::AssertSqlSafe;

use super::rows::{name_place, own_lists};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::scope::Scope;
use crate::storage::{Column, JsonRows, hex_ids};
use crate::writer::{Audience, Changed, Job, Tx};

/// Makes a list, or changes it.
pub(super) struct Save {
    pub(super) scope: Scope,
    pub(super) id: ListId,
    pub(super) list: SaveList,
}

#[async_trait]
impl Job for Save {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let (user, id) = (self.scope.user, self.id);
        let owner = owner(tx, id).await?;
        if owner.is_some_and(|owner| owner != user) {
            return Err(Refusal::not_found().denied("list.save", "list", id.0).into());
        }
        let name = self.list.name.reveal().trim();
        check_name(name)?;
        let keys = tx.keys();
        let before = own_lists(tx.conn(), &keys, user).await?;
        if before
            .iter()
            .any(|list| list.id != id && name_key(list.name.reveal()) == name_key(name))
        {
            return Err(Refusal::field("name", "You have a list of this name already. Enter another name.").into());
        }
        if owner.is_none() && before.len() >= LISTS_LIMIT {
            let message = format!("You have {LISTS_LIMIT} lists already. Delete one that you no longer need first.");
            return Err(Refusal::field("name", message).into());
        }
        let held: Vec<UserId> = before
            .into_iter()
            .filter(|list| list.id == id)
            .flat_map(|list| list.members)
            .collect();
        let members = self.members(tx, &held).await?;
        let sealed = keys.seal(name_place(id), name.as_bytes())?;
        let sql = "INSERT INTO own_lists (id, owner_id, sealed_name) VALUES ($1, $2, $3)
                   ON CONFLICT (id) DO UPDATE SET sealed_name = excluded.sealed_name";
        both!(tx.conn(), c => sqlx::query(sql).bind(id).bind(user).bind(sealed).execute(c).await.map(|_| ()))?;
        both!(tx.conn(), c => sqlx::query("DELETE FROM own_list_members WHERE list_id = $1")
            .bind(id).execute(c).await.map(|_| ()))?;
        let mut rows = JsonRows::new();
        for (place, member) in (0_i64..).zip(&members) {
            rows.push(&[member, &place]);
        }
        let source = tx
            .engine()
            .rows("$2", &[Column::Id("user_id"), Column::Number("place")]);
        let sql = format!(
            "INSERT INTO own_list_members (list_id, user_id, place) SELECT $1, r.user_id, r.place FROM {source} AS r"
        );
        let json = rows.into_json();
        both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(id).bind(json).execute(c).await.map(|_| ()))?;
        tx.change(Audience::User(user), Changed::Me);
        tx.audit(
            "list.saved",
            "list",
            Some(id.0),
            &serde_json::json!({ "members": members }),
        );
        Ok(())
    }
}

impl Save {
    /// Who shall be on it, each once. Someone new must be one whom the user may write to; who was on it before may
    /// have left since, and stays until they are taken off.
    async fn members(&self, tx: &mut Tx, held: &[UserId]) -> Result<Vec<UserId>, Failure> {
        let mut members: Vec<UserId> = Vec::with_capacity(self.list.members.len());
        for member in &self.list.members {
            if !members.contains(member) {
                members.push(*member);
            }
        }
        if members.is_empty() {
            return Err(Refusal::field("members", "Choose who is on this list.").into());
        }
        if members.len() > LIST_MEMBERS_LIMIT {
            let message = format!("A list may have {LIST_MEMBERS_LIMIT} people. Make two lists of this one.");
            return Err(Refusal::field("members", message).into());
        }
        let new: Vec<UserId> = members
            .iter()
            .copied()
            .filter(|member| !held.contains(member))
            .collect();
        let sql = format!(
            "SELECT u.id FROM users u WHERE u.id IN {} AND u.id <> $1 AND u.status <> 'inactive' AND {}",
            tx.engine().ids("$3"),
            self.scope.may_write_to("u")
        );
        let ids = hex_ids(new.iter().copied());
        let (user, today) = (self.scope.user, self.scope.today);
        let found: Vec<UserId> = both!(tx.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(user).bind(today).bind(ids).fetch_all(c).await)?;
        if let Some(unknown) = new.iter().find(|id| !found.contains(id)) {
            return Err(Refusal::field(
                "members",
                "One of the people you chose could not be found, or you cannot write to them. Take them off the list.",
            )
            .denied("message.address", "user", unknown.0)
            .into());
        }
        Ok(members)
    }
}

/// Deletes a list.
pub(super) struct Delete {
    pub(super) scope: Scope,
    pub(super) id: ListId,
}

#[async_trait]
impl Job for Delete {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let (user, id) = (self.scope.user, self.id);
        if owner(tx, id).await? != Some(user) {
            return Err(Refusal::not_found().denied("list.delete", "list", id.0).into());
        }
        both!(tx.conn(), c => sqlx::query("DELETE FROM own_list_members WHERE list_id = $1")
            .bind(id).execute(c).await.map(|_| ()))?;
        both!(tx.conn(), c => sqlx::query("DELETE FROM own_lists WHERE id = $1").bind(id).execute(c).await.map(|_| ()))?;
        tx.change(Audience::User(user), Changed::Me);
        tx.audit("list.deleted", "list", Some(id.0), &serde_json::json!({}));
        Ok(())
    }
}

async fn owner(tx: &mut Tx, id: ListId) -> Result<Option<UserId>, Failure> {
    let sql = "SELECT owner_id FROM own_lists WHERE id = $1";
    Ok(both!(tx.conn(), c => sqlx::query_scalar(sql).bind(id).fetch_optional(c).await)?)
}

fn check_name(name: &str) -> Result<(), Refusal> {
    match name.chars().count() {
        0 => Err(Refusal::field("name", "Enter a name for the list.")),
        long if long > LIST_NAME_LIMIT => Err(Refusal::field(
            "name",
            format!("This name is too long. Use at most {LIST_NAME_LIMIT} characters."),
        )),
        _ if name.chars().any(char::is_control) => Err(Refusal::field("name", "Write the name on one line.")),
        _ => Ok(()),
    }
}
