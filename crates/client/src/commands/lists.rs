//! One's own lists of people, and being away. Both are kept at the store, and come to every device with the user.

use lac_domain::ListId;
use lac_wire::{Me, SaveList, SetAway};
use reqwest::Method;

use super::recipients::{detail, is_reachable};
use super::reminders::keep_me;
use crate::App;
use crate::host::Host;
use crate::local::people;
use crate::view::*;

/// What someone on a list is called who may no longer be seen.
const UNSEEN: &str = "Someone you can no longer see";

impl<H: Host> App<H> {
    /// The user's own lists, in order of name.
    ///
    /// # Errors
    /// When what is held may not be read now.
    pub async fn list_own_lists(&self, account: AccountId, _: ()) -> Result<Vec<OwnListView>, Problem> {
        let open = self.readable(account)?;
        let lists = open.me().map(|me| me.lists).unwrap_or_default();
        let mut conn = open.local.reader().await?;
        let ids = lists.iter().flat_map(|list| list.members.iter().copied());
        let held = people::get_all(&mut conn, ids).await?;
        let member = |id| match held.get(&id) {
            Some(person) => ListMember {
                user_id: id,
                name: format!("{} {}", person.first_name, person.last_name),
                detail: detail(person),
                reachable: is_reachable(person),
            },
            None => ListMember {
                user_id: id,
                name: UNSEEN.to_owned(),
                detail: String::new(),
                reachable: false,
            },
        };
        Ok(lists
            .into_iter()
            .map(|list| OwnListView {
                id: list.id,
                name: list.name,
                members: list.members.into_iter().map(member).collect(),
            })
            .collect())
    }

    /// Makes an own list, or changes it.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn save_own_list(&self, account: AccountId, request: SaveOwnList) -> Result<(), Problem> {
        let open = self.opened(account)?;
        let id = match request.id {
            Some(id) => id,
            None => open.computer.new_id::<ListId>()?,
        };
        let list = SaveList {
            name: request.name,
            members: request.members,
        };
        let path = format!("/v1/me/lists/{id}");
        let me: Me = open.ask(open.api.change(Method::PUT, &path, &list)).await?;
        Ok(keep_me(&open, me).await?)
    }

    /// Deletes an own list.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn delete_own_list(&self, account: AccountId, request: ListRef) -> Result<(), Problem> {
        let open = self.opened(account)?;
        let path = format!("/v1/me/lists/{}", request.id);
        let me: Me = open.ask(open.api.change(Method::DELETE, &path, &())).await?;
        Ok(keep_me(&open, me).await?)
    }

    /// Whether the user is away, with the name of who covers for them.
    ///
    /// # Errors
    /// When what is held may not be read now.
    pub async fn get_away(&self, account: AccountId, _: ()) -> Result<Option<OwnAway>, Problem> {
        let open = self.readable(account)?;
        let today = open.computer.now().london_date();
        let Some(away) = open.me().and_then(|me| me.away).filter(|away| away.until > today) else {
            return Ok(None);
        };
        let cover = match away.cover {
            Some(id) => people::get(&mut *open.local.reader().await?, id).await?,
            None => None,
        };
        Ok(Some(OwnAway {
            until: away.until,
            cover: cover.map(|person| NamedPerson {
                user_id: person.id,
                name: format!("{} {}", person.first_name, person.last_name),
            }),
        }))
    }

    /// Says that the user is away until a day, or is back.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn set_away(&self, account: AccountId, request: SetAway) -> Result<(), Problem> {
        let open = self.opened(account)?;
        let me: Me = open.ask(open.api.change(Method::PUT, "/v1/me/away", &request)).await?;
        Ok(keep_me(&open, me).await?)
    }
}
