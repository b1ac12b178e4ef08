mod by_hand;
mod files;
mod in_use;
mod plans;
mod successions;

use lac_domain::{EstablishmentId, Role};
use lac_import::FindingCode;
use lac_wire::{ErrorCode, Establishment, EstablishmentPage, Page};

use super::{EstablishmentCounts, read_gias};
use crate::test_support::{TestClient, TestPupil, TestStore};
use crate::{both, both_engines};

const GIAS: &[u8] = include_bytes!("../../../../../tests/fixtures/gias/edubasealldata-18-rows.csv");

async fn import(store: &TestStore, file: &[u8]) -> EstablishmentCounts {
    store
        .store
        .import_establishments(&read_gias(file).unwrap())
        .await
        .unwrap_or_else(|error| panic!("{error}"))
}

async fn find(client: &TestClient, query: &str) -> Page<Establishment> {
    client.get(&format!("/v1/establishments?{query}")).await.json()
}

async fn names(client: &TestClient, query: &str) -> Vec<String> {
    find(client, query).await.rows.into_iter().map(|row| row.name).collect()
}

async fn count(store: &TestStore, sql: &'static str) -> i64 {
    let mut conn = store.store.read().await.unwrap();
    both!(&mut conn, c => sqlx::query_scalar(sql).fetch_one(c).await).unwrap()
}

both_engines! {
    async fn a_gias_download_is_read_once_and_again_changes_nothing(store: &TestStore) {
        let first = import(store, GIAS).await;
        assert_eq!(first, EstablishmentCounts { created: 19, updated: 0, unchanged: 0, closed: 0 });
        let words = count(store, "SELECT COUNT(*) FROM establishment_words").await;
        let changes = count(store, "SELECT COUNT(*) FROM changes").await;
        let again = import(store, GIAS).await;
        assert_eq!(again, EstablishmentCounts { created: 0, updated: 0, unchanged: 19, closed: 0 });
        assert_eq!(count(store, "SELECT COUNT(*) FROM establishments").await, 19);
        assert_eq!(count(store, "SELECT COUNT(*) FROM establishment_words").await, words);
        assert_eq!(count(store, "SELECT COUNT(*) FROM changes").await, changes);
    }

    async fn only_what_differs_is_written_and_found_by_its_new_name(store: &TestStore) {
        import(store, GIAS).await;
        let client = &store.super_user.client;
        let argyle = find(client, "search=argyle").await.rows.remove(0);
        store.link(store.super_user.id, argyle.id, "2026-01-01", None).await;
        let changed = String::from_utf8_lossy(GIAS).replace("Argyle Primary School", "Camden Star Academy");
        let counts = import(store, changed.as_bytes()).await;
        assert_eq!(counts, EstablishmentCounts { created: 0, updated: 1, unchanged: 18, closed: 0 });
        assert_eq!(names(client, "search=argyle").await, [""; 0]);
        let star = find(client, "search=star%20acad").await.rows.remove(0);
        assert_eq!((star.id, star.name.as_str()), (argyle.id, "Camden Star Academy"));
        let told = "SELECT COUNT(*) FROM changes WHERE entity_kind = 'establishment' AND audience_kind = 'establishment'";
        assert_eq!(count(store, told).await, 1);
        let trail = "SELECT COUNT(*) FROM audit_events WHERE action = 'establishment.updated'";
        assert_eq!(count(store, trail).await, 1);
    }

    async fn establishments_are_found_by_the_beginnings_of_words(store: &TestStore) {
        import(store, GIAS).await;
        let client = &store.super_user.client;
        for search in ["sir%20john", "JOHN%20cass%27s", "cass%E2%80%99", "100000", "EC3A%205DE", "ec3a5de", "ec3a%20sir"] {
            assert_eq!(names(client, &format!("search={search}")).await, ["Sir John Cass's Foundation Primary School"], "{search}");
        }
        assert_eq!(names(client, "search=ohn").await, [""; 0]);
        assert_eq!(names(client, "search=st%20paul").await, ["St Paul's Academy", "St Paul's Cathedral School"]);
        // Closed ones are there when they are asked for.
        assert_eq!(names(client, "search=sherborne").await, [""; 0]);
        assert_eq!(names(client, "search=sherborne&closed=true").await, ["Sherborne Nursery School"]);
    }

    async fn lists_go_on_from_page_to_page_in_order_of_name(store: &TestStore) {
        import(store, GIAS).await;
        let client = &store.super_user.client;
        let all = names(client, "closed=true&limit=200").await;
        assert_eq!(all.len(), 19);
        assert!(all.is_sorted_by_key(|name| lac_domain::name_key(name)));
        let mut page = find(client, "closed=true&limit=7").await;
        let mut paged: Vec<String> = Vec::new();
        loop {
            paged.extend(page.rows.into_iter().map(|row| row.name));
            let Some(after) = page.after else { break };
            page = find(client, &format!("closed=true&limit=7&after={after}")).await;
        }
        assert_eq!(paged, all);
        assert_eq!(client.get("/v1/establishments?after=nonsense").await.code(), ErrorCode::Malformed);
    }

    async fn others_than_la_roles_see_the_establishments_that_concern_them(store: &TestStore) {
        let (own, other, elsewhere) =
            (store.school("Hogglestock Primary").await, store.school("Plumstead High").await, store.school("Framley School").await);
        let teacher = store.teacher("Eleanor", "Bold", own).await;
        let tom = store.pupil(TestPupil::at("Tom Reed", other)).await;
        let worker = store.user(Role::SocialWorker, "Obadiah", "Slope").await;
        store.assign(worker.id, tom, true).await;
        assert_eq!(names(&teacher.client, "").await, ["Hogglestock Primary"]);
        assert_eq!(names(&worker.client, "").await, ["Plumstead High"]);
        assert_eq!(names(&worker.client, "search=framley").await, [""; 0]);
        assert_eq!(names(&store.super_user.client, "in_use=true").await, ["Hogglestock Primary", "Plumstead High"]);
        let path = |id: EstablishmentId| format!("/v1/establishments/{id}");
        for (client, id) in [(&teacher.client, other), (&worker.client, elsewhere)] {
            assert_eq!(client.get(&path(id)).await.code(), ErrorCode::NotFound);
        }
        assert_eq!(count(store, "SELECT COUNT(*) FROM audit_events WHERE action = 'request.denied'").await, 2);
        let page: EstablishmentPage = worker.client.get(&path(other)).await.json();
        assert_eq!((page.linked_users.len(), page.pupils), (0, 1));
        let page: EstablishmentPage = store.super_user.client.get(&path(own)).await.json();
        assert_eq!((page.linked_users[0].name.as_str(), page.pupils), ("Eleanor Bold", 0));
        assert_eq!(TestClient::new(&store.store).get("/v1/establishments").await.code(), ErrorCode::SignedOut);
    }
}

#[test]
fn a_urn_that_comes_twice_is_refused_the_second_time() {
    let file = "URN,EstablishmentName,EstablishmentStatus (name)\n100000,First,Open\n100000,Second,Open\n,Third,Open\n";
    let read = read_gias(file.as_bytes()).unwrap();
    assert_eq!((read.rows.len(), read.refused), (1, 2));
    assert_eq!(read.findings[0].code, FindingCode::RepeatedRow);
    assert!(
        read.findings[0].message.contains("Row 2"),
        "{}",
        read.findings[0].message
    );
}
