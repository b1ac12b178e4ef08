mod actions;
mod add;
mod away;
mod colleagues;
mod edit;
mod list;
mod page;

use lac_domain::{Capacity, EstablishmentId, Role, UserId, UserStatus};
use lac_wire::{AddUser, EditUser, Link, LinkEntry, User, UserEntry};

use crate::both;
use crate::test_support::{Reply, TestStore};

fn link_to(establishment: EstablishmentId) -> LinkEntry {
    LinkEntry {
        id: None,
        establishment_id: establishment,
        capacity: Capacity::DesignatedTeacher,
        start: None,
        end: None,
    }
}

fn kept(link: &Link) -> LinkEntry {
    LinkEntry {
        id: Some(link.id),
        establishment_id: link.establishment_id,
        capacity: link.capacity,
        start: Some(link.start),
        end: link.end,
    }
}

fn entry(role: Role, first_name: &str, last_name: &str, links: Vec<LinkEntry>) -> UserEntry {
    UserEntry {
        role,
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        job_title: "Deputy Headteacher".to_owned(),
        email: format!("{first_name}.{last_name}@example.org"),
        phone: "01632 960123".to_owned(),
        links,
    }
}

fn teacher_at(establishment: EstablishmentId) -> AddUser {
    let entry = entry(Role::DesignatedTeacher, "Eleanor", "Bold", vec![link_to(establishment)]);
    AddUser {
        entry,
        link_later: false,
        invite: true,
    }
}

/// An edit that changes nothing.
fn same(user: &User) -> EditUser {
    EditUser {
        revision: user.revision,
        entry: UserEntry {
            role: user.role,
            first_name: user.first_name.clone(),
            last_name: user.last_name.clone(),
            job_title: user.job_title.clone(),
            email: user.email.clone(),
            phone: user.phone.clone(),
            links: user.links.iter().map(kept).collect(),
        },
        status: user.status,
        pupils: None,
    }
}

async fn get(store: &TestStore, id: UserId) -> User {
    store.super_user.client.get(&format!("/v1/users/{id}")).await.json()
}

async fn put(store: &TestStore, id: UserId, edit: &EditUser) -> Reply {
    store.super_user.client.put(&format!("/v1/users/{id}"), edit).await
}

async fn actions(store: &TestStore, id: UserId) -> Vec<String> {
    let sql = "SELECT action FROM audit_events WHERE object_id = $1 ORDER BY number";
    let mut conn = store.store.read().await.unwrap();
    both!(&mut conn, c => sqlx::query_scalar(sql).bind(id).fetch_all(c).await).unwrap()
}

async fn changes(store: &TestStore, after: i64) -> Vec<(String, String)> {
    let sql = "SELECT audience_kind, entity_kind FROM changes WHERE seq > $1 ORDER BY seq";
    let mut conn = store.store.read().await.unwrap();
    both!(&mut conn, c => sqlx::query_as(sql).bind(after).fetch_all(c).await).unwrap()
}

async fn newest_change(store: &TestStore) -> i64 {
    let mut conn = store.store.read().await.unwrap();
    both!(&mut conn, c => sqlx::query_scalar("SELECT seq FROM counter").fetch_one(c).await).unwrap()
}

fn is_invited(user: &User) -> bool {
    user.status == UserStatus::Invited && user.invitation.is_some()
}
