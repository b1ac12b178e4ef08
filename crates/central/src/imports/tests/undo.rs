use chrono::TimeDelta;
use lac_domain::{PupilId, Role, UserStatus};
use lac_wire::{
    Assignment, ErrorCode, Import, ImportOutcome, ImportStatus, ImportedOne, Pupil, StayReason, UndoLook, User,
};

use super::commit::give_upn;
use super::*;
use crate::both_engines;
use crate::test_support::{TestPupil, conversation};

const FILE: &str = "User First Name,User Last Name,Job Title,Email,Phone,School Reference Number (URN)\n\
    Eleanor,Bold-Arabin,SENCO,ELEANOR.BOLD@example.org,01632 960001,100008\n\
    Mark,Robarts,SENCO,mark.robarts@example.org,,100005\n\
    Grace,Crawley,,grace.crawley@example.org,,100008\n";

async fn look(user: &TestUser, id: ImportId) -> UndoLook {
    user.client.get(&format!("/v1/imports/{id}/undo")).await.json()
}

async fn undo(user: &TestUser, id: ImportId) -> Reply {
    user.client.post(&format!("/v1/imports/{id}/undo"), &()).await
}

/// The state once Eleanor was edited: then she is found by her words, as everybody is but the users of tests.
async fn spelt(store: &TestStore, by: &TestUser) -> Vec<String> {
    let found: Page<User> = by.client.get("/v1/users?role=designated_teacher").await.json();
    let mut eleanor = found.rows[0].clone();
    eleanor.phone = "01632 960000".to_owned();
    assert_eq!(edit(by, &eleanor).await.status, 200);
    state(store).await
}

/// All rows that an import may change, as text: users, links, words, assignments, access, invitations, mails.
async fn state(store: &TestStore) -> Vec<String> {
    let engine = store.engine();
    let id = |column: &str| match engine {
        crate::storage::Engine::Sqlite => format!("hex({column})"),
        crate::storage::Engine::Postgres => format!("upper(replace({column}::text, '-', ''))"),
    };
    let mut rows = Vec::new();
    for sql in [
        format!(
            "SELECT {} || role || status || first_name || last_name || name_key || email || email_key || job_title
               || phone FROM users ORDER BY 1",
            id("id")
        ),
        format!(
            "SELECT {} || {} || capacity || CAST(start_on AS TEXT) FROM establishment_links ORDER BY 1",
            id("user_id"),
            id("establishment_id")
        ),
        format!("SELECT {} || word FROM user_words ORDER BY 1", id("user_id")),
        format!(
            "SELECT {} || {} FROM assignments ORDER BY 1",
            id("user_id"),
            id("pupil_id")
        ),
        format!(
            "SELECT {} || {} || reason FROM pupil_access ORDER BY 1",
            id("user_id"),
            id("pupil_id")
        ),
        format!(
            "SELECT {} || CAST(used_at AS TEXT) FROM invitations WHERE NOT replaced ORDER BY 1",
            id("user_id")
        ),
        // What was told of a new link stays told.
        format!(
            "SELECT {} || kind FROM mails WHERE kind <> 'unread' ORDER BY 1",
            id("user_id")
        ),
    ] {
        let mut conn = store.store.read().await.unwrap();
        let found: Vec<Option<String>> =
            both!(&mut conn, c => sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_all(c).await).unwrap();
        rows.extend(found.into_iter().flatten());
    }
    rows
}

both_engines! {
    async fn undo_after_a_commit_is_the_state_before(store: &TestStore) {
        let priya = authority(store).await;
        let school = store.school("Hogglestock Primary").await;
        let eleanor = store.teacher("Eleanor", "Bold", school).await;
        store.pupil(TestPupil::at("Tom Reed", school)).await;
        let before = spelt(store, &priya).await;
        let import: Import =
            put_as(&priya, new_import(), Role::DesignatedTeacher, "update", FILE.as_bytes()).await.json();
        assert_eq!(commit(&priya, &import, true).await.status, 200);
        assert_ne!(state(store).await, before);
        let looked = look(&priya, import.id).await;
        assert_eq!((looked.refused, looked.to_remove, looked.to_restore, looked.staying), (None, 2, 1, 0));
        let undone: Import = undo(&priya, import.id).await.json();
        assert_eq!(undone.status, ImportStatus::Undone);
        let how = undone.undone.clone().unwrap();
        assert_eq!((how.by.as_str(), how.removed, how.restored, how.stayed), ("Priya Shah", 2, 1, 0));
        assert_eq!(state(store).await, before);
        let user: User = priya.client.get(&format!("/v1/users/{}", eleanor.id)).await.json();
        assert_eq!((user.last_name.as_str(), user.phone.as_str(), user.links.len()), ("Bold", "01632 960000", 1));
        // Once is enough.
        assert_eq!(undo(&priya, import.id).await.json::<Import>(), undone);
        let audited = |action: &'static str| async move {
            let sql = format!("SELECT COUNT(*) FROM audit_events WHERE action = '{action}' AND import_id IS NOT NULL");
            let mut conn = store.store.read().await.unwrap();
            let count: i64 =
                both!(&mut conn, c => sqlx::query_scalar(sqlx::AssertSqlSafe(sql)).fetch_one(c).await).unwrap();
            count
        };
        assert_eq!((audited("user.removed").await, audited("user.restored").await, audited("import.undone").await), (2, 1, 1));
        // The list keeps what it was.
        let list: Page<Import> = priya.client.get("/v1/imports").await.json();
        assert_eq!((list.rows[0].result.unwrap().created, list.rows[0].undone.as_ref().unwrap().removed), (2, 2));
        let rows: Page<ImportedOne> = priya.client.get(&format!("/v1/imports/{}/outcomes", import.id)).await.json();
        assert_eq!(rows.rows.len(), 1);
        assert!(rows.rows[0].undone && rows.rows[0].outcome == ImportOutcome::Updated);
        assert_eq!(look(&priya, import.id).await.refused.as_deref(), Some("This import has been undone already."));
    }

    async fn a_focus_list_ends_with_its_role_and_an_undo_gives_it_back(store: &TestStore) {
        let priya = authority(store).await;
        let school = store.school("Hogglestock Primary").await;
        let zara = store.pupil(TestPupil::at("Zara Khan", school)).await;
        give_upn(store, "B801200005001").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let grace = store.user(Role::LaUser, "Grace", "Crawley").await;
        for pupil in [zara, tom] {
            store.assign(grace.id, pupil, false).await;
        }
        let held = format!("/v1/users/{}/assignments", grace.id);
        let listed = async || {
            let page: Page<Assignment> = priya.client.get(&held).await.json();
            let mut pupils: Vec<PupilId> = page.rows.iter().map(|one| one.pupil.id).collect();
            pupils.sort();
            pupils
        };
        let focus = listed().await;
        assert_eq!(focus.len(), 2);
        let file = "First name,Surname,Email,User Role,Pupil Reference Number (UPN)\n\
            Grace,Crawley,grace.crawley@example.org,Social Worker,B801200005001\n";
        let import: Import = put_as(&priya, new_import(), Role::SocialWorker, "update", file.as_bytes()).await.json();
        let done: Import = commit(&priya, &import, true).await.json();
        assert_eq!(done.result.unwrap().updated, 1);
        // She sees whom the file assigned, and not whom she had only followed.
        let seen: Page<Pupil> = grace.client.get("/v1/pupils").await.json();
        assert_eq!(seen.rows.iter().map(|one| one.id).collect::<Vec<_>>(), [zara]);
        assert_eq!(listed().await, [zara]);
        assert_eq!(undo(&priya, import.id).await.status, 200);
        assert_eq!(listed().await, focus);
    }

    async fn those_with_whom_something_happened_stay_with_the_reason(store: &TestStore) {
        let priya = authority(store).await;
        let school = store.school("Hogglestock Primary").await;
        let eleanor = store.teacher("Eleanor", "Bold", school).await;
        let import: Import =
            put_as(&priya, new_import(), Role::DesignatedTeacher, "update", FILE.as_bytes()).await.json();
        assert_eq!(commit(&priya, &import, true).await.status, 200);
        // Mark takes up his invitation; somebody writes to Grace; Eleanor is edited by hand.
        let mark = take_up(store, "mark.robarts@example.org").await;
        let grace: Page<User> = priya.client.get("/v1/users?search=grace%20crawley").await.json();
        let grace = grace.rows[0].id;
        let recipient = vec![lac_wire::Recipient::User { id: grace }];
        let reply = priya.command(conversation(store, None, recipient, "Welcome")).await;
        assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
        let mut user: User = priya.client.get(&format!("/v1/users/{}", eleanor.id)).await.json();
        user.job_title = "Deputy Head".to_owned();
        assert_eq!(edit(&priya, &user).await.status, 200);

        let looked = look(&priya, import.id).await;
        assert_eq!((looked.to_remove, looked.to_restore, looked.staying), (0, 0, 3));
        let why: Vec<(&str, StayReason)> = looked.rows.iter().map(|one| (one.name.as_str(), one.reason)).collect();
        assert_eq!(why, [
            ("Mark Robarts", StayReason::SignedIn),
            ("Grace Crawley", StayReason::InUse),
            ("Eleanor Bold-Arabin", StayReason::Changed),
        ]);
        assert!(looked.rows.iter().all(|one| one.message.ends_with('.')));
        let path = format!("/v1/imports/{}/undo?limit=2", import.id);
        let first: UndoLook = priya.client.get(&path).await.json();
        let rest: UndoLook = priya.client.get(&format!("{path}&after={}", first.after.unwrap())).await.json();
        assert_eq!((first.rows.len(), rest.rows.len(), rest.after), (2, 1, None));

        let undone: Import = undo(&priya, import.id).await.json();
        let how = undone.undone.unwrap();
        assert_eq!((how.removed, how.restored, how.stayed), (0, 0, 3));
        let user: User = priya.client.get(&format!("/v1/users/{}", mark.id)).await.json();
        assert_eq!(user.status, UserStatus::Active);
    }

    async fn one_who_signed_in_stays_and_the_rest_is_undone(store: &TestStore) {
        let priya = authority(store).await;
        let import = put(&priya, new_import(), GOOD).await;
        assert_eq!(commit(&priya, &import, true).await.status, 200);
        let first: Page<ImportedOne> = priya.client.get(&format!("/v1/imports/{}/outcomes?limit=1", import.id)).await.json();
        let stays = take_up(store, &first.rows[0].detail).await;
        let how = undo(&priya, import.id).await.json::<Import>().undone.unwrap();
        assert_eq!((how.removed, how.stayed), (29, 1));
        assert_eq!(count(store, "SELECT COUNT(*) FROM users WHERE import_id IS NOT NULL").await, 1);
        assert_eq!(priya.client.get(&format!("/v1/users/{}", stays.id)).await.status, 200);
        // Their codes no longer work, and the same file can be added again.
        let again = put_as(&priya, new_import(), Role::DesignatedTeacher, "skip", GOOD).await.json::<Import>();
        assert_eq!((again.counts.to_create, again.counts.to_skip), (29, 1));
    }

    async fn a_role_that_the_file_changed_comes_back_with_its_links(store: &TestStore) {
        let priya = authority(store).await;
        let school = store.school("Hogglestock Primary").await;
        let eleanor = store.teacher("Eleanor", "Bold", school).await;
        store.pupil(TestPupil::at("Tom Reed", school)).await;
        let before = spelt(store, &priya).await;
        let file = "First name,Surname,Email,User Role\nEleanor,Bold,eleanor.bold@example.org,Social Worker\n";
        let import: Import = put_as(&priya, new_import(), Role::LaUser, "update", file.as_bytes()).await.json();
        assert_eq!(import.counts.rows_refused, 0);
        assert_eq!(commit(&priya, &import, true).await.status, 200);
        let user: User = priya.client.get(&format!("/v1/users/{}", eleanor.id)).await.json();
        assert_eq!((user.role, user.links.len()), (Role::SocialWorker, 0));
        assert_eq!(count(store, "SELECT COUNT(*) FROM pupil_access").await, 0);
        assert_eq!(undo(&priya, import.id).await.json::<Import>().undone.unwrap().restored, 1);
        assert_eq!(state(store).await, before);
    }

    async fn what_cannot_be_undone_says_why(store: &TestStore) {
        let priya = authority(store).await;
        let import = put(&priya, new_import(), GOOD).await;
        assert!(look(&priya, import.id).await.refused.unwrap().contains("nothing to undo"));
        assert_eq!(undo(&priya, import.id).await.code(), ErrorCode::ImportNotUndoable);
        assert_eq!(commit(&priya, &import, true).await.status, 200);
        let worker = store.user(Role::LaUser, "Obadiah", "Slope").await;
        assert_eq!(undo(&worker, import.id).await.code(), ErrorCode::Forbidden);
        store.clock.advance(TimeDelta::minutes(16));
        assert_eq!(undo(&priya, import.id).await.code(), ErrorCode::ConfirmPassword);
        store.clock.advance(TimeDelta::days(31));
        assert!(store.store.prune().await.is_ok());
        let priya = priya.on_another_device(store).await;
        assert_eq!(undo(&priya, import.id).await.code(), ErrorCode::ImportNotUndoable);
        assert_eq!(count(store, "SELECT COUNT(*) FROM import_objects WHERE sealed_before IS NOT NULL").await, 0);
    }

    async fn a_barred_user_is_not_forgotten(store: &TestStore) {
        let priya = authority(store).await;
        let school = store.school("Hogglestock Primary").await;
        let pupil = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let import = put(&priya, new_import(), FILE.as_bytes()).await;
        assert_eq!(commit(&priya, &import, true).await.status, 200);
        let mark: Page<User> = priya.client.get("/v1/users?search=mark%20robarts").await.json();
        store.bar(mark.rows[0].id, pupil).await;
        let looked = look(&priya, import.id).await;
        assert_eq!((looked.to_remove, looked.rows[0].reason), (2, StayReason::Changed));
        assert_eq!(undo(&priya, import.id).await.json::<Import>().undone.unwrap().stayed, 1);
        assert_eq!(count(store, "SELECT COUNT(*) FROM bars").await, 1);
    }
}

async fn edit(by: &TestUser, user: &User) -> Reply {
    let links: Vec<serde_json::Value> = user
        .links
        .iter()
        .map(|link| {
            serde_json::json!({
                "id": link.id, "establishment_id": link.establishment_id, "capacity": link.capacity,
                "start": link.start, "end": link.end,
            })
        })
        .collect();
    let body = serde_json::json!({
        "revision": user.revision, "status": user.status,
        "entry": {
            "role": user.role, "first_name": user.first_name, "last_name": user.last_name, "email": user.email,
            "job_title": user.job_title, "phone": user.phone, "links": links,
        },
    });
    by.client.put(&format!("/v1/users/{}", user.id), &body).await
}

/// Every table that names a user is one that goes with them, or one that an undo asks about first: otherwise a user whom
/// an import created could not be removed.
#[tokio::test]
async fn every_table_that_names_a_user_is_thought_of() {
    TestStore::with(crate::storage::Engine::Sqlite, async |store: &TestStore| {
        let sql = "SELECT m.name FROM sqlite_master m, pragma_foreign_key_list(m.name) f
                   WHERE m.type = 'table' AND f.\"table\" = 'users' AND f.on_delete <> 'CASCADE' GROUP BY m.name ORDER BY 1";
        let mut conn = store.store.read().await.unwrap();
        let tables: Vec<String> = both!(&mut conn, c => sqlx::query_scalar(sql).fetch_all(c).await).unwrap();
        // Who began, asked for, decided or undid something has signed in, so that no undo removes them; a pupil's record,
        // the request for a colleague and who is away forget a user who is removed (ON DELETE SET NULL).
        let thought_of = [
            "away",
            "care_returns",
            "colleague_requests",
            "establishment_imports",
            "imports",
            "participants",
            "pupils",
            "successions",
            "user_actions",
        ];
        assert_eq!(tables, thought_of);
    })
    .await;
}
