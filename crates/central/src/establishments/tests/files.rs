use axum::http::Method;
use lac_wire::{EstablishmentFileKind, EstablishmentImport, Page};

use super::*;
use crate::test_support::{Reply, new_uuid};

async fn send(client: &TestClient, id: uuid::Uuid, query: &str, file: &[u8]) -> Reply {
    let path = format!("/v1/establishment-imports/{id}?{query}");
    client
        .send_bytes(Method::PUT, &path, file.to_vec(), "text/csv", new_uuid())
        .await
}

async fn judge(client: &TestClient, query: &str, file: &[u8]) -> EstablishmentImport {
    send(client, new_uuid(), query, file).await.json()
}

async fn commit(client: &TestClient, id: lac_domain::ImportId) -> EstablishmentImport {
    client
        .post(&format!("/v1/establishment-imports/{id}/commit"), &())
        .await
        .json()
}

both_engines! {
    async fn a_file_from_the_window_is_judged_first_and_then_carried_out_once(store: &TestStore) {
        let client = &store.super_user.client;
        let one = judge(client, "file_name=C:%5Cedubasealldata.csv", GIAS).await;
        assert_eq!((one.kind, one.file_name.as_str()), (EstablishmentFileKind::Establishments, "edubasealldata.csv"));
        let found = &one.found;
        assert_eq!((found.rows, found.counts.created, found.counts.updated, found.refused, found.warnings), (19, 19, 0, 0, 10));
        assert_eq!(found.findings.len(), 10);
        assert_eq!(count(store, "SELECT COUNT(*) FROM establishments").await, 0);
        let done = commit(client, one.id).await;
        assert_eq!(done.result.unwrap().created, 19);
        assert_eq!(commit(client, one.id).await, done);
        assert_eq!(count(store, "SELECT COUNT(*) FROM establishments").await, 19);
        assert_eq!(count(store, "SELECT COUNT(*) FROM establishment_imports WHERE content IS NOT NULL").await, 0);
        assert_eq!(send(client, one.id.0, "file_name=again.csv", GIAS).await.code(), ErrorCode::ImportRevised);
        // A second one: what changes, what closes while it is in use, what the file has no more.
        let argyle = find(client, "search=argyle").await.rows.remove(0);
        store.link(store.super_user.id, argyle.id, "2026-01-01", None).await;
        let lines: Vec<String> = String::from_utf8_lossy(GIAS).lines().map(ToOwned::to_owned).collect();
        let changed: Vec<String> = lines[..lines.len() - 1].iter()
            .map(|line| if line.contains("Argyle Primary School") { line.replacen(",\"Open\",", ",\"Closed\",", 1).replacen(",Open,", ",Closed,", 1) } else { line.clone() })
            .collect();
        let again = judge(client, "file_name=edubasealldata.csv", changed.join("\n").as_bytes()).await.found;
        assert_eq!((again.counts.updated, again.counts.closed, again.counts.unchanged, again.missing), (1, 1, 17, 1));
        assert_eq!((again.closing_in_use, again.closing_names), (1, vec!["Argyle Primary School".to_owned()]));
        let past: Page<EstablishmentImport> = client.get("/v1/establishment-imports").await.json();
        assert_eq!(past.rows.len(), 1, "what was only judged is no import");
    }

    async fn a_file_can_be_narrowed_to_local_authorities(store: &TestStore) {
        let client = &store.super_user.client;
        let one = judge(client, "file_name=a.csv&la_codes=202", GIAS).await.found;
        assert!(one.counts.created > 0 && one.counts.created + one.left_out == 19, "{one:?}");
        let bad = send(client, new_uuid(), "file_name=a.csv&la_codes=Camden", GIAS).await.error();
        assert_eq!(bad.field.as_deref(), Some("la_codes"));
        // What is in the store already is kept up to date wherever it lies.
        import(store, GIAS).await;
        let one = judge(client, "file_name=a.csv&la_codes=202", GIAS).await.found;
        assert_eq!((one.counts.unchanged, one.left_out), (19, 0));
    }

    async fn the_links_file_is_known_by_its_headings(store: &TestStore) {
        let client = &store.super_user.client;
        let links = b"URN,LinkURN,LinkName,LinkType,LinkEstablishedDate\n100001,100002,B,Successor,\n12,100003,C,Successor,\n";
        let one = judge(client, "file_name=links.csv", links).await;
        assert_eq!((one.kind, one.found.rows, one.found.refused, one.found.counts.created), (EstablishmentFileKind::Links, 2, 1, 1));
        assert_eq!(commit(client, one.id).await.result.unwrap().created, 1);
        let again = judge(client, "file_name=links.csv", links).await.found.counts;
        assert_eq!((again.created, again.unchanged), (0, 1));
    }

    async fn what_is_no_such_file_is_refused_in_a_sentence(store: &TestStore) {
        let client = &store.super_user.client;
        for (file, words) in [
            (&b""[..], "empty"), (b"PK\x03\x04\x14\x00", "CSV"), (b"First name,Last name\nAnn,Lee\n", "edubasealldata"),
            (b"URN,LinkURN\n1,2\n", "links_edubasealldata"),
        ] {
            let error = send(client, new_uuid(), "file_name=a.csv", file).await.error();
            assert_eq!(error.code, ErrorCode::FileUnreadable);
            assert!(error.message.contains(words), "{}", error.message);
        }
        let user = store.user(Role::LaUser, "Mark", "Robarts").await;
        assert_eq!(send(&user.client, new_uuid(), "file_name=a.csv", GIAS).await.code(), ErrorCode::Forbidden);
        let id = judge(client, "file_name=a.csv", GIAS).await.id;
        assert_eq!(user.client.post(&format!("/v1/establishment-imports/{id}/commit"), &()).await.code(), ErrorCode::Forbidden);
        // What nobody carried out goes after a day.
        store.clock.advance(chrono::TimeDelta::hours(25));
        store.store.prune().await.unwrap();
        assert_eq!(count(store, "SELECT COUNT(*) FROM establishment_imports").await, 0);
    }
}
