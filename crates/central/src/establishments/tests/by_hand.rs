use lac_wire::{Establishment, EstablishmentPage, HistoryEntry, Page};
use serde_json::{Value, json};

use super::*;
use crate::test_support::TestUser;

fn entry(name: &str) -> Value {
    json!({
        "name": name, "kind": "nursery", "address": ["1 High  Street", " Barchester "], "postcode": "ba1 1aa",
        "phone": "01632 960001", "website": "", "head": "", "ofsted_number": "ey123456", "closed_on": null,
    })
}

async fn add(client: &TestClient, name: &str) -> Establishment {
    let body = json!({ "entry": entry(name), "although_similar": false });
    client.post("/v1/establishments", &body).await.json()
}

async fn history(client: &TestClient, id: EstablishmentId) -> Vec<String> {
    let page: Page<HistoryEntry> = client
        .get(&format!("/v1/establishments/{id}/history?limit=50"))
        .await
        .json();
    page.rows.into_iter().map(|entry| entry.what).collect()
}

both_engines! {
    async fn a_setting_without_a_urn_is_added_found_and_edited(store: &TestStore) {
        let client = &store.super_user.client;
        let acorn = add(client, " Acorn  Nursery").await;
        assert_eq!((acorn.name.as_str(), acorn.urn.clone()), ("Acorn Nursery", None));
        assert_eq!((acorn.town.as_str(), acorn.postcode.as_str(), acorn.ofsted_number.as_str()), ("Barchester", "BA1 1AA", "EY123456"));
        assert_eq!(acorn.address, ["1 High Street", "Barchester", "BA1 1AA"]);
        assert_eq!(names(client, "search=acorn&by_hand=true").await, ["Acorn Nursery"]);
        let path = format!("/v1/establishments/{}", acorn.id);
        let mut edited = entry("Oak Nursery");
        edited["closed_on"] = json!("2026-10-31");
        let saved: Establishment = client.put(&path, &json!({ "revision": acorn.revision, "entry": edited })).await.json();
        assert_eq!((saved.revision, saved.status.as_str()), (2, "closed"));
        assert_eq!(names(client, "search=acorn&closed=true").await, [""; 0]);
        assert_eq!(names(client, "search=oak&only_closed=true").await, ["Oak Nursery"]);
        let late = client.put(&path, &json!({ "revision": 1, "entry": entry("Elm Nursery") })).await;
        assert_eq!(late.code(), ErrorCode::ChangedMeanwhile);
        assert_eq!(history(client, acorn.id).await, ["Changed by hand: name, closing date.", "Added by hand."]);
    }

    async fn what_is_wrong_is_named_and_a_second_of_the_same_name_is_asked_about(store: &TestStore) {
        let client = &store.super_user.client;
        add(client, "Acorn Nursery").await;
        let again = client.post("/v1/establishments", &json!({ "entry": entry("acorn nursery"), "although_similar": false })).await.error();
        assert_eq!(again.code, ErrorCode::EstablishmentSimilar);
        assert!(again.message.contains("Acorn Nursery (Barchester, BA1 1AA)"), "{}", again.message);
        let body = json!({ "entry": entry("acorn nursery"), "although_similar": true });
        assert_eq!(client.post("/v1/establishments", &body).await.status, 201);
        for (field, value) in [
            ("name", json!("  ")), ("name", json!("x".repeat(201))), ("ofsted_number", json!("EY 12/3")),
            ("closed_on", json!("2026-11-24")), ("address", json!(["a", "b", "c", "d", "e", "f", "g"])),
        ] {
            let mut bad = entry("Elm Nursery");
            bad[field] = value;
            let error = client.post("/v1/establishments", &json!({ "entry": bad, "although_similar": false })).await.error();
            assert_eq!((error.code, error.field.as_deref()), (ErrorCode::FieldInvalid, Some(field)));
            assert!(error.message.ends_with('.'), "{}", error.message);
        }
        let gias = {
            import(store, GIAS).await;
            find(client, "search=argyle").await.rows.remove(0)
        };
        let refused = client.put(&format!("/v1/establishments/{}", gias.id), &json!({ "revision": 1, "entry": entry("Argyle") })).await.error();
        assert!(refused.message.contains("DfE’s file"), "{}", refused.message);
    }

    async fn a_urn_joins_it_later_and_links_and_enrolments_are_carried_over(store: &TestStore) {
        import(store, GIAS).await;
        let client = &store.super_user.client;
        let argyle = find(client, "search=argyle").await.rows.remove(0);
        let acorn = add(client, "Acorn Nursery").await;
        let eleanor = store.teacher("Eleanor", "Bold", acorn.id).await;
        let mary = store.teacher("Mary", "Thorne", argyle.id).await;
        // Linked to both: the two links become one.
        store.link(mary.id, acorn.id, "2019-09-01", None).await;
        let tom = store.pupil(TestPupil::at("Tom Reed", acorn.id)).await;
        let pupil = format!("/v1/pupils/{tom}/history");
        assert_eq!(eleanor.client.get(&pupil).await.status, 200);
        let cursor = eleanor.cursor().await;
        let path = format!("/v1/establishments/{}/join", acorn.id);
        let unknown = client.post(&path, &json!({ "urn": "999999" })).await.error();
        assert_eq!(unknown.field.as_deref(), Some("urn"));
        let joined: Establishment = client.post(&path, &json!({ "urn": argyle.urn })).await.json();
        assert_eq!(joined.id, argyle.id);
        for teacher in [&eleanor, &mary] {
            assert_eq!(teacher.client.get(&pupil).await.status, 200);
        }
        let page: EstablishmentPage = client.get(&format!("/v1/establishments/{}", argyle.id)).await.json();
        let links: Vec<(String, String)> = page.linked_users.iter().map(|user| (user.name.clone(), user.start.to_string())).collect();
        assert_eq!(links, [("Eleanor Bold".to_owned(), "2020-09-01".to_owned()), ("Mary Thorne".to_owned(), "2019-09-01".to_owned())]);
        assert_eq!(page.pupils, 1);
        // It is in no list any more, and gone from devices.
        assert_eq!(client.get(&format!("/v1/establishments/{}", acorn.id)).await.code(), ErrorCode::NotFound);
        assert_eq!(names(client, "search=acorn&closed=true").await, [""; 0]);
        let told = told_of(&eleanor, &cursor).await;
        assert!(told.contains(&format!("gone {}", acorn.id)) && told.contains(&format!("establishment {}", argyle.id)), "{told:?}");
        assert_eq!(client.post(&path, &json!({ "urn": argyle.urn })).await.code(), ErrorCode::NotFound);
        let what = history(client, argyle.id).await;
        assert!(what.contains(&"Acorn Nursery was joined to this establishment.".to_owned()), "{what:?}");
    }
}

/// What a device is told since a cursor: establishments, and what is gone.
pub(super) async fn told_of(user: &TestUser, cursor: &str) -> Vec<String> {
    let changes: Value = user
        .client
        .get(&format!("/v1/changes?cursor={cursor}&limit=500"))
        .await
        .json();
    let entities = changes["entities"].as_array().unwrap();
    entities
        .iter()
        .map(|entity| {
            format!(
                "{} {}",
                entity["kind"].as_str().unwrap(),
                entity["value"]["id"].as_str().unwrap_or_default()
            )
        })
        .collect()
}
