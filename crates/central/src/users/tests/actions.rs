use lac_domain::{Capacity, Role, UserActionId};
use lac_wire::{
    ActOnUsers, ActionFailure, ActionState, ErrorCode, LeftPupils, Page, UserAct, UserAction, UserFilter, WhichUsers,
};

use super::*;
use crate::both_engines;
use crate::test_support::{TestPupil, new_uuid};

fn act(which: WhichUsers, act: UserAct) -> ActOnUsers {
    ActOnUsers {
        id: UserActionId(new_uuid()),
        which,
        act,
    }
}

fn these(ids: impl IntoIterator<Item = UserId>) -> WhichUsers {
    WhichUsers::These {
        ids: ids.into_iter().collect(),
    }
}

async fn begin(store: &TestStore, asked: &ActOnUsers) -> UserAction {
    store.super_user.client.post("/v1/users/actions", asked).await.json()
}

/// Begins it, and goes on until it is over.
async fn done(store: &TestStore, asked: &ActOnUsers) -> (UserAction, Vec<ActionFailure>) {
    let begun = begin(store, asked).await;
    store
        .store
        .go_on_with_user_actions()
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let client = &store.super_user.client;
    let path = format!("/v1/users/actions/{}", begun.id);
    let (mut failures, mut after) = (Vec::new(), String::new());
    loop {
        let page: Page<ActionFailure> = client.get(&format!("{path}/failures?limit=2{after}")).await.json();
        failures.extend(page.rows);
        let Some(next) = page.after else { break };
        after = format!("&after={next}");
    }
    (client.get(&path).await.json(), failures)
}

both_engines! {
    async fn invitations_go_to_those_who_may_have_one_and_the_rest_is_named(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let waiting = store.invited(Role::SocialWorker, "Ada", "Arabin").await;
        let unlinked = store.invited(Role::DesignatedTeacher, "Ben", "Bunce").await;
        let active = store.teacher("Cyd", "Crawley", school).await;
        let asked = act(these([waiting, unlinked, active.id, waiting]), UserAct::Invite);
        let begun = begin(store, &asked).await;
        assert_eq!((begun.state, begun.total, begun.done, begun.failed), (ActionState::Running, 3, 0, 0));
        assert_eq!(begun.begun_by, "Septimus Harding");
        let (over, failures) = done(store, &asked).await;
        assert_eq!((over.state, over.total, over.done, over.failed), (ActionState::Done, 3, 1, 2));
        assert_eq!(over.ended_at, Some(store.store.now()));
        let why: Vec<(&str, bool)> = failures.iter().map(|one| (one.name.as_str(), one.why.ends_with('.'))).collect();
        assert_eq!(why, [("Ben Bunce", true), ("Cyd Crawley", true)]);
        assert!(failures[0].why.contains("not linked to an establishment"), "{failures:?}");
        assert_eq!(store.mails().await.len(), 1);
        assert!(actions(store, waiting).await.contains(&"user.invited".to_owned()));
        // The same once more is the same action; the same id with something else is refused.
        let again = begin(store, &asked).await;
        assert_eq!((again.state, again.done), (ActionState::Done, 1));
        let other = ActOnUsers { act: UserAct::MakeActive, ..asked };
        assert_eq!(store.super_user.client.post("/v1/users/actions", &other).await.code(), ErrorCode::IdReused);
    }

    async fn all_that_a_filter_finds_are_linked_slice_by_slice(store: &TestStore) {
        let (school, other) = (store.school("Hogglestock Primary").await, store.school("Plumstead High").await);
        store.pupil(TestPupil::at("Tom Reed", school)).await;
        let mut teachers = Vec::new();
        for number in 0..120 {
            teachers.push(store.invited(Role::DesignatedTeacher, &format!("T{number}"), "Teacher").await);
        }
        store.link(teachers[0], school, "2026-01-01", None).await;
        store.user(Role::SocialWorker, "Ada", "Arabin").await;
        let filter = UserFilter { role: Some(Role::DesignatedTeacher), limit: Some(1), ..UserFilter::default() };
        let link = UserAct::Link { establishment_id: school, capacity: Capacity::Office, start: None, end: None };
        // All but two, one of whom the filter would not find.
        let except = vec![teachers[7], store.super_user.id];
        let which = WhichUsers::Matching { filter, except };
        let (over, failures) = done(store, &act(which, link)).await;
        assert_eq!((over.total, over.done, over.failed), (119, 118, 1));
        assert!(failures[0].why.contains("overlap"), "{failures:?}");
        let seen: Page<User> = store.super_user.client.get(&format!("/v1/users?establishment_id={school}&limit=200")).await.json();
        assert_eq!(seen.rows.len(), 119);
        assert!(seen.rows.iter().all(|row| row.id != teachers[7]));
        assert!(seen.rows.iter().all(|row| row.pupils_seen == Some(1)));
        let nobody = UserFilter { establishment_id: Some(other), ..UserFilter::default() };
        let error = store.super_user.client.post("/v1/users/actions", &act(WhichUsers::Matching { filter: nobody, except: Vec::new() }, UserAct::Invite)).await.error();
        assert_eq!(error.field.as_deref(), Some("which"));
    }

    async fn who_is_made_inactive_is_signed_out_and_the_last_super_user_stays(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        let (worker, heir) = (store.user(Role::SocialWorker, "Obadiah", "Slope").await, store.user(Role::SocialWorker, "Mary", "Bold").await);
        store.assign(worker.id, tom, true).await;
        let all = || these([teacher.id, worker.id, store.super_user.id]);
        let (over, failures) = done(store, &act(all(), UserAct::MakeInactive { pupils: None })).await;
        assert_eq!((over.done, over.failed), (1, 2));
        assert!(failures[0].why.contains("has 1 pupil assigned"), "{failures:?}");
        assert!(failures[1].why.contains("your own role"), "{failures:?}");
        assert_eq!(teacher.client.get("/v1/me").await.code(), ErrorCode::SignedOut);
        let pupils = Some(LeftPupils::HandOver { to: heir.id, reads_all: None });
        let (over, _) = done(store, &act(these([worker.id]), UserAct::MakeInactive { pupils })).await;
        assert_eq!(over.done, 1);
        let page: Page<lac_wire::Pupil> = heir.client.get("/v1/pupils").await.json();
        assert_eq!(page.rows.len(), 1);
        // They come back by an invitation.
        let (over, failures) = done(store, &act(these([teacher.id, heir.id]), UserAct::MakeActive)).await;
        assert_eq!((over.done, over.failed), (1, 1));
        assert_eq!(failures[0].why, "This user is not inactive.");
        assert!(is_invited(&get(store, teacher.id).await));
    }

    async fn what_is_cancelled_stops_and_what_was_done_stays(store: &TestStore) {
        let mut ids = Vec::new();
        for number in 0..3 {
            ids.push(store.invited(Role::SocialWorker, &format!("W{number}"), "Worker").await);
        }
        let asked = act(these(ids), UserAct::Invite);
        begin(store, &asked).await;
        let path = format!("/v1/users/actions/{}", asked.id);
        let cancelled: UserAction = store.super_user.client.post(&format!("{path}/cancel"), &()).await.json();
        assert_eq!((cancelled.state, cancelled.done), (ActionState::Cancelled, 0));
        let (over, _) = done(store, &asked).await;
        assert_eq!((over.state, over.done), (ActionState::Cancelled, 0));
        assert_eq!(store.mails().await.len(), 0);
    }

    async fn who_may_not_do_it_any_more_does_nothing_more(store: &TestStore) {
        let worker = store.invited(Role::SocialWorker, "Ada", "Arabin").await;
        let grace = store.user(Role::LaSuperUser, "Grace", "Crawley").await;
        let asked = act(these([worker]), UserAct::Invite);
        let _: UserAction = grace.client.post("/v1/users/actions", &asked).await.json();
        store.make_inactive(grace.id).await;
        store.store.go_on_with_user_actions().await.unwrap_or_else(|error| panic!("{error}"));
        let path = format!("/v1/users/actions/{}", asked.id);
        let over: UserAction = store.super_user.client.get(&path).await.json();
        assert_eq!((over.state, over.done), (ActionState::Cancelled, 0));
    }
}
