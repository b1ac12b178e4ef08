//! Reading lists back, each for its owner.

use std::collections::HashMap;

use lac_domain::{ListId, UserId, name_key};
use lac_wire::OwnList;

use crate::both;
use crate::error::StoreError;
use crate::keys::Keys;
use crate::seal::Place;
use crate::storage::Conn;

/// Where a list's name is sealed.
pub(super) fn name_place(id: ListId) -> Place {
    Place::new("own_lists", id, "sealed_name")
}

/// The lists of a user, in order of name.
///
/// # Errors
/// When the database fails, or a name cannot be opened.
pub(crate) async fn own_lists(conn: &mut Conn, keys: &Keys, user: UserId) -> Result<Vec<OwnList>, StoreError> {
    let sql = "SELECT id, sealed_name FROM own_lists WHERE owner_id = $1";
    let rows: Vec<(ListId, Vec<u8>)> = both!(conn, c => sqlx::query_as(sql).bind(user).fetch_all(c).await)?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let sql = "SELECT m.list_id, m.user_id FROM own_list_members m JOIN own_lists l ON l.id = m.list_id
               WHERE l.owner_id = $1 ORDER BY m.list_id, m.place";
    let members: Vec<(ListId, UserId)> = both!(conn, c => sqlx::query_as(sql).bind(user).fetch_all(c).await)?;
    let mut of: HashMap<ListId, Vec<UserId>> = HashMap::new();
    for (list, member) in members {
        of.entry(list).or_default().push(member);
    }
    let mut lists = Vec::with_capacity(rows.len());
    for (id, sealed) in rows {
        let name = String::from_utf8(keys.open(name_place(id), &sealed)?)
            .map_err(|_| StoreError::Inconsistent("the name of a list is not UTF-8"))?;
        lists.push(OwnList {
            id,
            name: name.into(),
            members: of.remove(&id).unwrap_or_default(),
        });
    }
    lists.sort_by_cached_key(|list| (name_key(list.name.reveal()), list.id));
    Ok(lists)
}
