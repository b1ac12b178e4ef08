use lac_domain::{Role, UserStatus};
use lac_wire::{CommitImport, ErrorCode, Import, ImportPhase, ImportStatus, Page, Pupil, User};

use super::*;
use crate::both_engines;
use crate::imports::commit::Commit;
use crate::imports::receive::reopen;
use crate::imports::rows;
use crate::test_support::{TestPupil, TestUser};

both_engines! {
    async fn thirty_good_rows_are_thirty_users_once_however_often_they_are_sent(store: &TestStore) {
        let priya = authority(store).await;
        let import = put(&priya, new_import(), GOOD).await;
        let path = format!("/v1/imports/{}/commit", import.id);
        let body = CommitImport { revision: 1, all_or_nothing: true, invite: true, invite_at: None, ends_care: None };
        // The reply is lost: the same request again, then the same commit as a new request.
        let key = new_uuid();
        let first: Import = priya.client.send(Method::POST, &path, Some(&body), key).await.json();
        let after_first = everything(store).await;
        let again: Import = priya.client.send(Method::POST, &path, Some(&body), key).await.json();
        let anew: Import = priya.client.post(&path, &body).await.json();
        assert_eq!((&again, &anew), (&first, &first));
        assert_eq!(everything(store).await, after_first);
        let result = first.result.unwrap();
        assert_eq!((result.created, result.updated, result.refused, result.invited), (30, 0, 0, 30));
        assert_eq!(first.status, ImportStatus::Committed);
        assert_eq!(count(store, "SELECT COUNT(*) FROM users WHERE import_id IS NOT NULL").await, 30);
        assert_eq!(count(store, "SELECT COUNT(*) FROM establishment_links WHERE import_id IS NOT NULL").await, 30);
        assert_eq!(store.mails().await.len(), 30);
        let sql = "SELECT COUNT(*) FROM audit_events WHERE action = 'user.created' AND import_id IS NOT NULL";
        assert_eq!(count(store, sql).await, 30);
        assert_eq!(count(store, "SELECT COUNT(*) FROM audit_events WHERE action = 'import.committed'").await, 1);
        let found: Page<User> = priya.client.get("/v1/users?search=rosalind%20everett").await.json();
        assert_eq!(found.rows[0].links[0].urn.as_deref(), Some("100001"));
        assert_eq!(put_as(&priya, import.id, Role::LaUser, "skip", GOOD).await.code(), ErrorCode::ImportRevised);
    }

    async fn the_good_rows_of_a_file_with_faults_are_taken_and_held_where_not_linked(store: &TestStore) {
        let priya = authority(store).await;
        let import = put(&priya, new_import(), FINDINGS).await;
        let done: Import = commit(&priya, &import, false).await.json();
        let result = done.result.unwrap();
        assert_eq!((result.created, result.refused, result.invited), (6, 8, 4));
        let waiting: Page<User> = priya.client.get("/v1/users?needs_attention=true").await.json();
        let names: Vec<&str> = waiting.rows.iter().map(|user| user.first_name.as_str()).collect();
        assert_eq!(names, ["Kezia", "Jonah"]);
        assert!(waiting.rows.iter().all(|user| user.not_linked && user.invitation.is_none()));
        let marcus: Page<User> = priya.client.get("/v1/users?search=marcus%20bell").await.json();
        assert_eq!((marcus.rows.len(), marcus.rows[0].links.len()), (1, 2));
        assert_eq!(count(store, "SELECT COUNT(*) FROM users WHERE invitation_held").await, 2);
        assert_eq!(store.mails().await.len(), 4);
    }

    async fn all_or_nothing_takes_nothing_when_a_row_is_refused(store: &TestStore) {
        let priya = authority(store).await;
        let import = put(&priya, new_import(), FINDINGS).await;
        let before = everything(store).await;
        let error = commit(&priya, &import, true).await.error();
        assert_eq!(error.code, ErrorCode::ImportRefused);
        assert!(error.message.starts_with("8 rows have errors"), "{}", error.message);
        assert_eq!(everything(store).await, before);
        let import: Import = priya.client.get(&format!("/v1/imports/{}", import.id)).await.json();
        assert_eq!(import.status, ImportStatus::Judged);
        assert_eq!(commit(&priya, &import, false).await.status, 200);
    }

    async fn what_changed_since_the_judging_is_found_by_the_commit(store: &TestStore) {
        let priya = authority(store).await;
        let import = put(&priya, new_import(), GOOD).await;
        // Somebody adds one of them by hand meanwhile.
        store.user(Role::SocialWorker, "Amara", "Okafor").await;
        assert_eq!(commit(&priya, &import, true).await.code(), ErrorCode::ImportRefused);
        let done: Import = commit(&priya, &import, false).await.json();
        let result = done.result.unwrap();
        assert_eq!((result.created, result.refused, done.counts.rows_refused), (29, 1, 1));
        let found = findings(&priya, import.id, "").await;
        assert_eq!((found.rows.len(), found.rows[0].row), (1, 2));
        let stale = CommitImport { revision: 7, all_or_nothing: false, invite: false, invite_at: None, ends_care: None };
        let other = put(&priya, new_import(), FINDINGS).await;
        let reply = priya.client.post(&format!("/v1/imports/{}/commit", other.id), &stale).await;
        assert_eq!(reply.code(), ErrorCode::ImportRevised);
    }

    async fn teachers_and_assigned_users_see_their_pupils_at_once(store: &TestStore) {
        let priya = authority(store).await;
        let page: Page<lac_wire::Establishment> = priya.client.get("/v1/establishments?search=100008").await.json();
        store.pupil(TestPupil::at("Tom Reed", page.rows[0].id)).await;
        give_upn(store, "B801200005001").await;
        let file = "User First Name,User Last Name,Email,School Reference Number (URN),User Role,Pupil Reference Number (UPN)\n\
            Eleanor,Bold,eleanor.bold@example.org,100008,Designated Teacher,\n\
            Mark,Robarts,mark.robarts@example.org,100005,Designated Teacher,\n\
            Obadiah,Slope,obadiah.slope@example.org,,Social Worker,B801200005001\n";
        let import = put(&priya, new_import(), file.as_bytes()).await;
        assert_eq!(import.counts.errors, 0);
        assert_eq!(commit(&priya, &import, true).await.status, 200);
        assert_eq!(count(store, "SELECT COUNT(*) FROM pupil_access WHERE reason = 'enrolment' AND reads_all").await, 1);
        assert_eq!(count(store, "SELECT COUNT(*) FROM pupil_access WHERE reason = 'assignment' AND NOT reads_all").await, 1);
        let mails = store.mails().await;
        let mail = mails.iter().find(|mail| mail.contains("obadiah.slope")).unwrap();
        let code = mail.split_whitespace().find(|word| word.len() == 23 && word.matches('-').count() == 3).unwrap();
        let slope = TestUser::accept(&store.store, code).await;
        let pupils: Page<Pupil> = slope.client.get("/v1/pupils").await.json();
        assert_eq!(pupils.rows.len(), 1);
        let user: User = priya.client.get(&format!("/v1/users/{}", slope.id)).await.json();
        assert_eq!(user.status, UserStatus::Active);
    }

    async fn a_commit_is_watched_and_cancelled_until_it_ends(store: &TestStore) {
        let priya = authority(store).await;
        let import = put(&priya, new_import(), GOOD).await;
        let before = everything(store).await;
        let path = format!("/v1/imports/{}", import.id);
        let row = rows::find(&mut store.store.read().await.unwrap(), import.id).await.unwrap().unwrap();
        let guard = store.store.running_imports().begin(import.id);
        assert!(guard.progress().report(ImportPhase::Writing, 0.5).is_ok());
        let seen: Import = priya.client.get(&path).await.json();
        let progress = seen.progress.unwrap();
        assert!(progress.phase == ImportPhase::Writing && progress.share > 0.5 && !progress.cancelled);
        let asked: Import = priya.client.post(&format!("{path}/cancel"), &()).await.json();
        assert!(asked.progress.unwrap().cancelled);
        let job = Commit {
            id: import.id,
            scope: priya.scope(store),
            commit: CommitImport { revision: 1, all_or_nothing: true, invite: true, invite_at: None, ends_care: None },
            opened: reopen(&store.store, row).await.unwrap_or_else(|error| panic!("{error}")),
            progress: guard.progress(),
        };
        let Err(crate::Failure::Refused(refusal)) = store.store.run(Some(priya.id), job).await else {
            panic!("a cancelled commit went on");
        };
        assert_eq!(refusal.code, ErrorCode::ImportCancelled);
        drop(guard);
        assert_eq!(everything(store).await, before);
        let still: Import = priya.client.get(&path).await.json();
        assert_eq!((still.status, still.progress), (ImportStatus::Judged, None));
        // It can be committed afterwards; then there is nothing to cancel.
        assert_eq!(commit(&priya, &import, true).await.status, 200);
        let late: Import = priya.client.post(&format!("{path}/cancel"), &()).await.json();
        assert_eq!((late.status, late.progress), (ImportStatus::Committed, None));
    }

    async fn a_commit_asks_for_the_password_again(store: &TestStore) {
        let priya = authority(store).await;
        let import = put(&priya, new_import(), GOOD).await;
        store.clock.advance(chrono::TimeDelta::minutes(16));
        assert_eq!(commit(&priya, &import, true).await.code(), ErrorCode::ConfirmPassword);
    }
}

/// Gives every pupil, of whom there is one, a UPN.
pub(super) async fn give_upn(store: &TestStore, upn: &'static str) {
    struct GiveUpn(&'static str);
    #[async_trait::async_trait]
    impl crate::Job for GiveUpn {
        type Output = ();
        async fn run(&self, tx: &mut crate::Tx) -> Result<(), crate::Failure> {
            both!(tx.conn(), c => sqlx::query("UPDATE pupils SET upn = $1").bind(self.0).execute(c).await.map(|_| ()))?;
            Ok(())
        }
    }
    store
        .store
        .run(None, GiveUpn(upn))
        .await
        .unwrap_or_else(|error| panic!("{error}"));
}
