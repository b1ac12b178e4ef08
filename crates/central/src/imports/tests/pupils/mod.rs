//! Imports of pupils.

mod command;
mod commit;
mod judge;
mod properties;
mod sight;
mod undo;

use axum::http::Method;
use lac_domain::{EstablishmentId, ImportId, Role};
use lac_wire::{CommitImport, Import, Page, Pupil};

use super::{count, findings, mend, new_import};
use crate::both;
use crate::test_support::{Reply, TestStore, TestUser, new_uuid};

const HEADINGS: &str = "UPN,Pupil First Name,Pupil Last Name,Known As,Date of Birth,School Reference Number (URN),Enrolment Kind,On Roll From,On Roll To,Care Started,Care Ended,Social Worker Email,Reference";
const TOM: &str =
    "B801200005001,Tom,Reed,Tommy Reed,04/05/2014,100001,,03/09/2024,,10/01/2025,,josiah.crawley@example.org,R1";
const UNA: &str = ",Una,Slope,,04/05/2013,100002,,03/09/2024,,10/01/2025,,,R2";

/// A file with the template's headings.
fn file(rows: &[&str]) -> Vec<u8> {
    format!("{HEADINGS}\r\n{}\r\n", rows.join("\r\n")).into_bytes()
}

/// A file of looked-after pupils, the first so many of whom have left care.
fn many(all: usize, gone: usize) -> Vec<u8> {
    let row = |at: usize| {
        let ended = if at < gone { "20/11/2026" } else { "" };
        format!(",Ada,Reed,,04/05/2014,,,,,10/01/2025,{ended},,R{at}")
    };
    let rows: Vec<String> = (0..all).map(row).collect();
    file(&rows.iter().map(String::as_str).collect::<Vec<_>>())
}

/// An LA User, who imports pupils and no users.
async fn la_user(store: &TestStore) -> TestUser {
    store.user(Role::LaUser, "Grace", "Crawley").await
}

/// Gives a new school its URN.
async fn urn(store: &TestStore, name: &str, urn: &str) -> EstablishmentId {
    let school = store.school(name).await;
    let mut conn = store.store.write_for_tests().await;
    let sql = "UPDATE establishments SET urn = $2 WHERE id = $1";
    both!(&mut conn, c => sqlx::query(sql).bind(school).bind(urn).execute(c).await.map(|_| ())).unwrap();
    conn.commit().await.unwrap();
    school
}

async fn schools(store: &TestStore) -> (EstablishmentId, EstablishmentId) {
    (
        urn(store, "Riverside Primary", "100001").await,
        urn(store, "Plumstead High", "100002").await,
    )
}

async fn put_as(user: &TestUser, id: ImportId, query: &str, file: &[u8]) -> Reply {
    let path = format!("/v1/imports/{id}?kind=pupils&file_name=pupils.csv&{query}");
    user.client
        .send_bytes(Method::PUT, &path, file.to_vec(), "text/csv", new_uuid())
        .await
}

async fn put(user: &TestUser, file: &[u8]) -> Import {
    put_as(user, new_import(), "existing=update", file).await.json()
}

async fn commit_with(user: &TestUser, import: &Import, all_or_nothing: bool, ends_care: Option<u32>) -> Reply {
    let body = CommitImport {
        revision: import.revision,
        all_or_nothing,
        invite: false,
        invite_at: None,
        ends_care,
    };
    user.client
        .post(&format!("/v1/imports/{}/commit", import.id), &body)
        .await
}

async fn commit(user: &TestUser, import: &Import) -> Import {
    commit_with(user, import, false, None).await.json()
}

/// Judges and commits.
async fn take(user: &TestUser, file: &[u8]) -> Import {
    let judged = put(user, file).await;
    commit(user, &judged).await
}

async fn undo(user: &TestUser, id: ImportId) -> Reply {
    user.client.post(&format!("/v1/imports/{id}/undo"), &()).await
}

async fn pupils(user: &TestUser) -> Vec<Pupil> {
    user.client.get("/v1/pupils").await.json::<Page<Pupil>>().rows
}

async fn names(user: &TestUser) -> Vec<String> {
    let rows = pupils(user).await;
    rows.iter().map(|pupil| pupil.known_as.reveal().to_owned()).collect()
}

/// All rows that an import of pupils may change, as text, but for revisions.
async fn state(store: &TestStore) -> Vec<String> {
    let engine = store.engine();
    let id = |column: &str| match engine {
        crate::storage::Engine::Sqlite => format!("COALESCE(hex({column}), '')"),
        crate::storage::Engine::Postgres => format!("COALESCE(upper(replace({column}::text, '-', '')), '')"),
    };
    let text = |column: &str| format!("COALESCE(CAST({column} AS TEXT), '') || '/'");
    let mut rows = Vec::new();
    for sql in [
        format!(
            "SELECT {} || known_as || known_as_key || legal_first_name || legal_last_name || {} || {} || {} || {} ||
               social_worker_name FROM pupils ORDER BY 1",
            id("id"),
            text("born"),
            text("upn"),
            text("reference"),
            id("social_worker_id")
        ),
        format!(
            "SELECT {} || {} || {} FROM care_periods ORDER BY 1",
            id("pupil_id"),
            text("start_on"),
            text("end_on")
        ),
        format!(
            "SELECT {} || {} || kind || {} || {} || {} || {} FROM enrolments ORDER BY 1",
            id("pupil_id"),
            id("establishment_id"),
            text("start_on"),
            text("end_on"),
            text("visible_from"),
            text("handover_ended")
        ),
        format!(
            "SELECT {} || word || {} FROM pupil_words ORDER BY 1",
            id("pupil_id"),
            text("la_only")
        ),
        format!(
            "SELECT {} || {} || reason FROM pupil_access ORDER BY 1",
            id("user_id"),
            id("pupil_id")
        ),
    ] {
        let mut conn = store.store.read().await.unwrap();
        let found: Vec<String> =
            both!(&mut conn, c => sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(c).await).unwrap();
        rows.extend(found);
    }
    rows
}
