//! Mails over real SMTP, on both engines.

mod faults;
mod refusals;
mod sending;
mod server;
mod tls;

use std::time::Duration;

use lac_domain::{Role, UserId};
use lac_wire::{AddUser, User, UserEntry};

use self::server::{Act, Server};
use crate::config::{Smtp, SmtpTls};
use crate::test_support::{TestStore, TestUser, to};
use crate::{Store, both};

/// Opens the same store once more, as another process would, with a mail server.
async fn over_smtp(store: &TestStore, port: u16) -> Store {
    with_smtp(
        store,
        Smtp {
            host: "127.0.0.1".to_owned(),
            port,
            tls: SmtpTls::None,
            sign_in: None,
            ca_file: None,
            patience: Duration::from_secs(20),
        },
    )
    .await
}

async fn with_smtp(store: &TestStore, smtp: Smtp) -> Store {
    let mut config = store.store.config().clone();
    config.mail_dir = None;
    config.mail_from = "secure-messages@barsetshire.example".to_owned();
    config.smtp = Some(smtp);
    Store::open(config, store.clock.clone()).await.unwrap()
}

/// Sends what waits; answers how many went.
async fn send(store: &Store) -> usize {
    store.send_mails().await.unwrap_or_else(|error| panic!("{error}"))
}

/// Adds a social worker and invites them by mail, a moment later than the one before.
async fn invite(store: &TestStore, first_name: &str, last_name: &str) -> UserId {
    store.clock.advance(chrono::TimeDelta::milliseconds(1));
    let entry = UserEntry {
        role: Role::SocialWorker,
        first_name: first_name.to_owned(),
        last_name: last_name.to_owned(),
        job_title: String::new(),
        email: format!("{first_name}.{last_name}@example.org"),
        phone: String::new(),
        links: vec![],
    };
    let adding = AddUser {
        entry,
        link_later: true,
        invite: true,
    };
    store
        .super_user
        .client
        .post("/v1/users", &adding)
        .await
        .json::<User>()
        .id
}

/// A user as an LA role sees them, at whatever time the test has come to.
async fn user(store: &TestStore, id: UserId) -> User {
    let la = store.super_user.on_another_device(store).await;
    la.client.get(&format!("/v1/users/{id}")).await.json()
}

/// Has someone write to the Super User.
async fn write_to_super_user(store: &TestStore, from: &TestUser) -> lac_domain::ConversationId {
    from.begins(store, None, vec![to(&store.super_user)], "Could we speak?")
        .await
}

/// State, tries, doubts, problem of every mail, the oldest first.
async fn rows(store: &TestStore) -> Vec<(String, i64, i64, Option<String>)> {
    let mut conn = store.store.read().await.unwrap();
    let sql = "SELECT state, tries, doubts, problem FROM mails ORDER BY created_at, id";
    both!(&mut conn, c => sqlx::query_as(sql).fetch_all(c).await).unwrap()
}

async fn states(store: &TestStore) -> Vec<String> {
    rows(store).await.into_iter().map(|row| row.0).collect()
}
