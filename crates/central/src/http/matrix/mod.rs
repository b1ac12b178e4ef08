//! Every endpoint of the contract by every role: with what they may have, with what they may not, and signed out.
//! The table is held against the OpenAPI document, so that an endpoint without a row fails by its name.

mod ask;
mod assigned;
mod row;
mod table;
mod world;

use std::collections::BTreeSet;

use lac_domain::UserId;
use lac_wire::ErrorCode;
use serde_json::json;
use uuid::Uuid;

use crate::test_support::{PASSWORD, TestClient, TestStore, new_uuid};
use crate::{Affected, both, both_engines};
use ask::{Answer, ask, send};
use row::{Needs, Object, Row};
use table::TABLE;
use world::{Actor, Sql, World, done};

/// The objects that were denied to a user, as the trail has them.
async fn denied(store: &TestStore, user: UserId) -> Vec<Option<Uuid>> {
    let sql = "SELECT object_id FROM audit_events WHERE action = 'request.denied' AND actor = $1 ORDER BY number";
    let mut conn = store.store.read().await.unwrap();
    both!(&mut conn, c => sqlx::query_scalar(sql).bind(user).fetch_all(c).await).unwrap()
}

/// Holds that a refusal says nothing of anybody.
fn says_nothing(world: &World<'_>, answer: &Answer, of: &str) {
    let body = answer.body.to_lowercase();
    assert!(!body.contains('@'), "{of}: {}", answer.body);
    for text in &world.texts {
        assert!(
            !body.contains(&text.text.to_lowercase()),
            "{of} tells {}: {}",
            text.text,
            answer.body
        );
    }
}

/// Holds that a reply has nothing in it that is not for the role.
fn tells_no_more(world: &World<'_>, actor: &Actor, answer: &Answer, of: &str) {
    for text in world.texts.iter().filter(|text| (text.hidden_from)(actor.user.role)) {
        assert!(
            !answer.body.contains(&text.text),
            "{of} tells {}: {}",
            text.text,
            answer.body
        );
    }
    if !actor.user.role.is_la() {
        let others = answer.body.replace(&actor.user.email, "");
        assert!(
            !others.contains("@example.org"),
            "{of} tells an address: {}",
            answer.body
        );
    }
}

/// The device that a row is asked from: one of its own where the session ends by it.
async fn client_for(world: &World<'_>, row: &Row, actor: &Actor) -> TestClient {
    match (row.needs, row.endpoint) {
        (Needs::Nobody, _) => TestClient::new(&world.store.store),
        (_, "DELETE /v1/session") => actor.user.on_another_device(world.store).await.client,
        _ => actor.user.client.clone(),
    }
}

#[test]
fn every_endpoint_of_the_contract_has_its_row() {
    let document = serde_json::to_value(super::openapi()).unwrap();
    let contract: BTreeSet<String> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, methods)| {
            let methods = methods.as_object().unwrap().keys();
            methods.map(move |method| format!("{} {path}", method.to_uppercase()))
        })
        .collect();
    let rows: BTreeSet<String> = TABLE.iter().map(|row| row.endpoint.to_owned()).collect();
    let missing: Vec<_> = contract.difference(&rows).collect();
    assert!(missing.is_empty(), "endpoints without a row in the table: {missing:?}");
    let gone: Vec<_> = rows.difference(&contract).collect();
    assert!(
        gone.is_empty(),
        "rows of endpoints that are not in the contract: {gone:?}"
    );
    // A command has rows of its own, since all commands come to one endpoint.
    let commands = document["components"]["schemas"]["Command"]["oneOf"]
        .as_array()
        .unwrap();
    let mut asked = 0;
    for command in commands {
        let kind = command["properties"]["kind"]["enum"][0].as_str().unwrap();
        if kind == "unknown" {
            continue;
        }
        let has_row = |row: &Row| row.endpoint == "POST /v1/commands" && row.way.split(' ').next() == Some(kind);
        assert!(TABLE.iter().any(has_row), "the command {kind} has no row in the table");
        asked += 1;
    }
    assert!(asked >= 5, "the contract's commands were not found: {asked}");
}

both_engines! {
    async fn matrix_of_roles_each_gets_what_it_may_and_nothing_else(store: &TestStore) {
        let world = World::build(store).await;
        for row in TABLE {
            for actor in &world.actors {
                let of = format!("{} by {}", row.name(), actor.user.role);
                let client = client_for(&world, row, actor).await;
                let id = world.entitled(row, actor).await;
                let before = denied(store, actor.user.id).await.len();
                let answer = send(&world, &client, &ask(&world, row, actor, id)).await;
                if row.is_for(actor.user.role) {
                    assert_eq!(answer.status, row.ok, "{of}: {}", answer.body);
                    if row.needs != Needs::Nobody {
                        tells_no_more(&world, actor, &answer, &of);
                    }
                    assert_eq!(denied(store, actor.user.id).await.len(), before, "{of}");
                    continue;
                }
                assert_eq!((answer.status, answer.code()), (403, ErrorCode::Forbidden), "{of}: {}", answer.body);
                says_nothing(&world, &answer, &of);
                let absent = send(&world, &client, &ask(&world, row, actor, new_uuid())).await;
                assert_eq!(answer, absent, "{of}: what is there and what is not");
                assert_eq!(denied(store, actor.user.id).await.len(), before + 2, "{of} is in the trail");
            }
        }
    }

    async fn matrix_of_hidden_objects_each_is_answered_as_if_it_did_not_exist(store: &TestStore) {
        let world = World::build(store).await;
        let mut hidden_things = 0;
        let mut wrong: Vec<String> = Vec::new();
        for row in TABLE.iter().filter(|row| row.object != Object::Nothing) {
            for actor in world.actors.iter().filter(|actor| row.is_for(actor.user.role)) {
                let of = format!("{} by {}", row.name(), actor.user.role);
                let client = &actor.user.client;
                let before = denied(store, actor.user.id).await.len();
                let nothing = new_uuid();
                let absent = send(&world, client, &ask(&world, row, actor, nothing)).await;
                let mut asked = vec![Some(nothing)];
                if !matches!(
                    row.object,
                    Object::NewImport | Object::NewAttachment | Object::NewList
                ) {
                    if absent.status != row.hidden {
                        wrong.push(format!("{of}, not there: {} {}", absent.status, absent.body));
                    }
                    says_nothing(&world, &absent, &of);
                }
                for id in world.hidden_from(row, actor.user.role).await {
                    let answer = send(&world, client, &ask(&world, row, actor, id)).await;
                    if answer != absent {
                        wrong.push(format!("{of}: hidden {answer:?}, not there {absent:?}"));
                    }
                    asked.push(Some(id));
                    hidden_things += 1;
                }
                // Groups and conditions of lists that turn out empty deny nothing.
                let noted = !matches!(
                    row.object,
                    Object::EstablishmentNamed | Object::NewImport | Object::NewAttachment | Object::NewList
                );
                let trail = denied(store, actor.user.id).await.split_off(before);
                if trail != if noted { asked.clone() } else { Vec::new() } {
                    wrong.push(format!("{of}: asked for {asked:?}, in the trail {trail:?}"));
                }
            }
        }
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
        assert!(hidden_things > 100, "{hidden_things}");
    }

    async fn matrix_of_sessions_none_but_a_live_one_is_let_in(store: &TestStore) {
        let world = World::build(store).await;
        let mut strangers = Vec::new();
        for (number, actor) in world.actors.iter().enumerate() {
            let role = actor.user.role;
            let [ended, expired] =
                [actor.user.on_another_device(store).await, actor.user.on_another_device(store).await];
            assert_eq!(ended.client.delete("/v1/session").await.status, 204);
            let sql = "UPDATE sessions SET expires_at = created_at WHERE id = $1";
            let id = world.session_of(&expired).await;
            done(store, Sql(sql, vec![id.0], Affected::Users(vec![actor.user.id]))).await;
            let inactive = store.user(role, &format!("Inactive{number}"), "Penhallow").await;
            store.make_inactive(inactive.id).await;
            // Inactive, with the session's row still there.
            let frozen = store.user(role, &format!("Frozen{number}"), "Penhallow").await;
            let sql = "UPDATE users SET status = 'inactive' WHERE id = $1";
            done(store, Sql(sql, vec![frozen.id.0], Affected::Users(vec![frozen.id]))).await;
            strangers.extend([
                (actor, "signed out", TestClient::new(&store.store)),
                (actor, "with a made-up token", TestClient::new(&store.store).with_token("bm8gdG9rZW4")),
                (actor, "with a token of no form", TestClient::new(&store.store).with_token("no token")),
                (actor, "after signing out", ended.client),
                (actor, "with an expired session", expired.client),
                (actor, "made Inactive", inactive.client),
                (actor, "Inactive with a session", frozen.client),
            ]);
        }
        let mut objects = Vec::new();
        for row in TABLE.iter().filter(|row| row.needs != Needs::Nobody) {
            let actor = world.actors.last().unwrap();
            objects.push((row, world.entitled(row, actor).await));
        }
        let mut first: Option<Answer> = None;
        for (actor, how, client) in &strangers {
            refuses_all(&world, &objects, (actor, how, client), &mut first).await;
        }
        // The sessions of a laptop that lay in a drawer.
        store.clock.advance(chrono::TimeDelta::days(15));
        for actor in &world.actors {
            refuses_all(&world, &objects, (actor, "long idle", &actor.user.client), &mut first).await;
        }
    }

    async fn matrix_of_sign_in_tells_nobody_whether_an_account_exists(store: &TestStore) {
        let world = World::build(store).await;
        let sign_in = TABLE.iter().find(|row| row.endpoint == "POST /v1/sessions").unwrap();
        let stranger = TestClient::new(&store.store);
        let mut first: Option<Answer> = None;
        for (number, actor) in world.actors.iter().enumerate() {
            let inactive = store.user(actor.user.role, &format!("Inactive{number}"), "Penhallow").await;
            store.make_inactive(inactive.id).await;
            let invited = format!("Newcomer{number}.Featherstonehaugh@example.org");
            for (how, email, password) in [
                ("Inactive", inactive.email.as_str(), PASSWORD),
                ("not there", "nobody.at.all@example.org", PASSWORD),
                ("not taken up", invited.as_str(), PASSWORD),
                ("a wrong password", actor.user.email.as_str(), "gravel orchard pennant"),
            ] {
                // Each address slows down by itself, so that no two tries are of one.
                let email = if how == "not there" { format!("{number}.{email}") } else { email.to_owned() };
                let mut asked = ask(&world, sign_in, actor, Uuid::nil());
                let device = json!({ "id": new_uuid(), "name": "A laptop" });
                asked.body(&json!({ "email": email, "password": password, "device": device }));
                let answer = send(&world, &stranger, &asked).await;
                let of = format!("signing in: {how}, {}", actor.user.role);
                assert_eq!(answer.code(), ErrorCode::SignInFailed, "{of}");
                says_nothing(&world, &answer, &of);
                assert_eq!(&answer, first.get_or_insert_with(|| answer.clone()), "{of}");
            }
        }
    }
}

/// Holds that someone without a live session gets the same short answer from every endpoint.
async fn refuses_all(
    world: &World<'_>,
    objects: &[(&Row, Uuid)],
    (actor, how, client): (&Actor, &str, &TestClient),
    first: &mut Option<Answer>,
) {
    for (row, id) in objects {
        let of = format!("{} {how}, {}", row.name(), actor.user.role);
        let answer = send(world, client, &ask(world, row, actor, *id)).await;
        assert_eq!(
            (answer.status, answer.code()),
            (401, ErrorCode::SignedOut),
            "{of}: {}",
            answer.body
        );
        says_nothing(world, &answer, &of);
        assert_eq!(&answer, first.get_or_insert_with(|| answer.clone()), "{of}");
    }
}
