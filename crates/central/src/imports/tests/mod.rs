mod columns;
mod command_line;
mod commit;
mod existing;
mod invite;
mod judge;
mod mend;
mod outcomes;
mod properties;
mod pupils;
mod undo;

use axum::http::Method;
use lac_domain::{ImportId, Role};
use lac_wire::{CommitImport, Import, MendImport, MendedCell, Page};

use crate::both;
use crate::establishments::read_gias;
use crate::test_support::{Reply, TestStore, TestUser, new_uuid};

const GOOD: &[u8] = include_bytes!("../../../../../tests/fixtures/import/users-good-30.csv");
const FINDINGS: &[u8] = include_bytes!("../../../../../tests/fixtures/import/users-findings.csv");
const GIAS: &[u8] = include_bytes!("../../../../../tests/fixtures/gias/edubasealldata-18-rows.csv");

/// The authority of the fixtures: the DfE's schools, and its Super User Priya Shah.
async fn authority(store: &TestStore) -> TestUser {
    let file = read_gias(GIAS).unwrap();
    store
        .store
        .import_establishments(&file)
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    store.user(Role::LaSuperUser, "Priya", "Shah").await
}

fn new_import() -> ImportId {
    ImportId(new_uuid())
}

async fn put_as(user: &TestUser, id: ImportId, role: Role, existing: &str, file: &[u8]) -> Reply {
    let path = format!(
        "/v1/imports/{id}?kind=users&role={}&existing={existing}&file_name=staff.csv",
        role.as_str()
    );
    user.client
        .send_bytes(Method::PUT, &path, file.to_vec(), "text/csv", new_uuid())
        .await
}

async fn put(user: &TestUser, id: ImportId, file: &[u8]) -> Import {
    put_as(user, id, Role::DesignatedTeacher, "refuse", file).await.json()
}

async fn commit(user: &TestUser, import: &Import, all_or_nothing: bool) -> Reply {
    let body = CommitImport {
        revision: import.revision,
        all_or_nothing,
        invite: true,
        invite_at: None,
        ends_care: None,
    };
    user.client
        .post(&format!("/v1/imports/{}/commit", import.id), &body)
        .await
}

async fn findings(user: &TestUser, id: ImportId, query: &str) -> Page<lac_import::Finding> {
    user.client
        .get(&format!("/v1/imports/{id}/findings?{query}"))
        .await
        .json()
}

async fn count(store: &TestStore, sql: &'static str) -> i64 {
    let mut conn = store.store.read().await.unwrap();
    both!(&mut conn, c => sqlx::query_scalar(sql).fetch_one(c).await).unwrap()
}

/// What a file may change: users, links, words, assignments, invitations, mails.
async fn everything(store: &TestStore) -> i64 {
    let sql = "SELECT (SELECT COUNT(*) FROM users) + (SELECT COUNT(*) FROM establishment_links)
                 + (SELECT COUNT(*) FROM user_words) + (SELECT COUNT(*) FROM assignments)
                 + (SELECT COUNT(*) FROM invitations) + (SELECT COUNT(*) FROM mails) + (SELECT COUNT(*) FROM changes)";
    count(store, sql).await
}

async fn mend(user: &TestUser, id: ImportId, mend: &MendImport) -> Reply {
    let path = format!("/v1/imports/{id}");
    user.client.send(Method::PATCH, &path, Some(mend), new_uuid()).await
}

fn cell(row: u32, column: u32, value: &str) -> MendedCell {
    MendedCell {
        row,
        column,
        value: value.to_owned(),
    }
}

/// Takes up the invitation that was mailed to this address.
async fn take_up(store: &TestStore, address: &str) -> TestUser {
    let mails = store.mails().await;
    let mail = mails.iter().find(|mail| mail.contains(address)).unwrap();
    let is_code = |word: &&str| word.len() == 23 && word.matches('-').count() == 3;
    let code = mail.split_whitespace().find(is_code).unwrap();
    TestUser::accept(&store.store, code).await
}
