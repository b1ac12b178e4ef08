use lac_domain::{Role, UserStatus};
use lac_wire::{EditUser, ErrorCode, LeftPupils, LinkEntry, Me, Page, Pupil, User};

use super::*;
use crate::both_engines;
use crate::test_support::TestPupil;

both_engines! {
    async fn links_are_added_ended_and_removed_and_sight_follows(store: &TestStore) {
        let (one, two) = (store.school("Hogglestock Primary").await, store.school("Plumstead High").await);
        store.pupil(TestPupil::at("Tom Reed", one)).await;
        store.pupil(TestPupil::at("Ada Quiverful", two)).await;
        let teacher = store.teacher("Eleanor", "Bold", one).await;
        let sees = async || {
            let page: Page<Pupil> = teacher.client.get("/v1/pupils").await.json();
            page.rows.iter().map(|row| row.known_as.reveal().to_owned()).collect::<Vec<_>>()
        };
        assert_eq!(sees().await, ["Tom Reed"]);
        let user = get(store, teacher.id).await;
        let mut edit = same(&user);
        edit.entry.links.push(link_to(two));
        let user: User = put(store, teacher.id, &edit).await.json();
        assert_eq!((user.revision, user.links.len()), (3, 2));
        assert_eq!(sees().await, ["Ada Quiverful", "Tom Reed"]);
        // The last day of the first link was yesterday.
        let mut edit = same(&user);
        let first = edit.entry.links.iter_mut().find(|link| link.establishment_id == one).unwrap();
        first.end = store.store.today().pred_opt();
        let user: User = put(store, teacher.id, &edit).await.json();
        assert_eq!((user.links.len(), sees().await), (2, vec!["Ada Quiverful".to_owned()]));
        let mut edit = same(&user);
        edit.entry.links.retain(|link| link.establishment_id == one);
        let user: User = put(store, teacher.id, &edit).await.json();
        assert!(user.not_linked && user.links.len() == 1);
        assert_eq!(sees().await, [""; 0]);
        let me: Me = teacher.client.get("/v1/me").await.json();
        assert_eq!(me.establishments, []);
        let trail = actions(store, teacher.id).await;
        for action in ["link.created", "link.ended", "link.removed"] {
            assert_eq!(trail.iter().filter(|done| *done == action).count(), 1, "{action} in {trail:?}");
        }
    }

    async fn every_link_cannot_simply_be_taken_out(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        let mut edit = same(&get(store, teacher.id).await);
        edit.entry.links.clear();
        assert_eq!(put(store, teacher.id, &edit).await.code(), ErrorCode::EstablishmentNeeded);
        let gone = LinkEntry { id: Some(crate::test_support::new_uuid().into()), ..link_to(school) };
        edit.entry.links = vec![gone];
        let error = put(store, teacher.id, &edit).await.error();
        assert_eq!((error.code, error.field.as_deref()), (ErrorCode::FieldInvalid, Some("links")));
    }

    async fn who_edits_an_old_copy_is_told(store: &TestStore) {
        let worker = store.user(Role::SocialWorker, "Obadiah", "Slope").await;
        let user = get(store, worker.id).await;
        let mut edit = same(&user);
        edit.entry.job_title = "Chaplain".to_owned();
        let changed: User = put(store, worker.id, &edit).await.json();
        assert_eq!((changed.revision, changed.job_title.as_str()), (user.revision + 1, "Chaplain"));
        assert_eq!(put(store, worker.id, &edit).await.code(), ErrorCode::ChangedMeanwhile);
        // An edit that changes nothing keeps the revision.
        let unchanged: User = put(store, worker.id, &same(&changed)).await.json();
        assert_eq!(unchanged.revision, changed.revision);
        let taken = EditUser {
            entry: lac_wire::UserEntry { email: "Septimus.Harding@example.org".to_owned(), ..same(&changed).entry },
            ..same(&changed)
        };
        assert_eq!(put(store, worker.id, &taken).await.code(), ErrorCode::EmailInUse);
    }

    async fn who_is_made_inactive_is_signed_out_at_once_and_comes_back_by_an_invitation(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        let edit = EditUser { status: UserStatus::Inactive, ..same(&get(store, teacher.id).await) };
        let user: User = put(store, teacher.id, &edit).await.json();
        assert_eq!(user.status, UserStatus::Inactive);
        assert_eq!(teacher.client.get("/v1/me").await.code(), ErrorCode::SignedOut);
        let active = EditUser { status: UserStatus::Active, ..same(&user) };
        let error = put(store, teacher.id, &active).await.error();
        assert_eq!((error.code, error.field.as_deref()), (ErrorCode::FieldInvalid, Some("status")));
        let again = format!("/v1/users/{}/invitations", teacher.id);
        assert_eq!(store.super_user.client.post(&again, &()).await.code(), ErrorCode::FieldInvalid);
        let invited = EditUser { status: UserStatus::Invited, ..same(&user) };
        let user: User = put(store, teacher.id, &invited).await.json();
        assert_eq!((user.status, user.invitation.is_some()), (UserStatus::Invited, false));
        assert!(is_invited(&store.super_user.client.post(&again, &()).await.json::<User>()));
        let mails = store.mails().await;
        let code = mails[0].split_whitespace().find(|word| word.len() == 23 && word.matches('-').count() == 3).unwrap();
        let back = crate::test_support::TestUser::accept(&store.store, code).await;
        assert_eq!(back.id, teacher.id);
        assert_eq!(store.super_user.client.post(&again, &()).await.code(), ErrorCode::FieldInvalid);
    }

    async fn the_last_super_user_and_ones_own_role_stay(store: &TestStore) {
        let first = get(store, store.super_user.id).await;
        let mut edit = same(&first);
        edit.entry.role = Role::LaUser;
        assert_eq!(put(store, first.id, &edit).await.code(), ErrorCode::LastSuperUser);
        let inactive = EditUser { status: UserStatus::Inactive, ..same(&first) };
        assert_eq!(put(store, first.id, &inactive).await.code(), ErrorCode::LastSuperUser);
        let second = store.user(Role::LaSuperUser, "Grace", "Crawley").await;
        let path = format!("/v1/users/{}", first.id);
        let demoted: User = second.client.put(&path, &edit).await.json();
        assert_eq!(demoted.role, Role::LaUser);
        assert_eq!(store.super_user.client.put(&path, &same(&demoted)).await.code(), ErrorCode::Forbidden);
    }

    async fn a_wrong_address_takes_its_invitation_with_it(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let user: User = store.super_user.client.post("/v1/users", &teacher_at(school)).await.json();
        assert_eq!(store.mails().await.len(), 1);
        let mut edit = same(&user);
        edit.entry.email = "eleanor.harding@example.org".to_owned();
        let user: User = put(store, user.id, &edit).await.json();
        assert!(is_invited(&user));
        let mails = store.mails().await;
        assert_eq!(mails.len(), 2);
        let code = |mail: &str| {
            mail.split_whitespace().find(|word| word.len() == 23 && word.matches('-').count() == 3).unwrap().to_owned()
        };
        let client = crate::test_support::TestClient::new(&store.store);
        let mut refused = Vec::new();
        for mail in &mails {
            let look = lac_wire::LookAtInvitation { code: code(mail).as_str().into() };
            let reply = client.post("/v1/invitations/look", &look).await;
            refused.push((mail.contains("eleanor.harding@example.org"), reply.status.is_success()));
        }
        refused.sort_unstable();
        assert_eq!(refused, [(false, false), (true, true)]);
    }

    async fn a_new_role_brings_its_own_sight(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        store.pupil(TestPupil::at("Tom Reed", school)).await;
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        let before = newest_change(store).await;
        let mut edit = same(&get(store, teacher.id).await);
        edit.entry.role = Role::LaUser;
        assert_eq!(put(store, teacher.id, &edit).await.code(), ErrorCode::FieldInvalid);
        edit.entry.links.clear();
        let user: User = put(store, teacher.id, &edit).await.json();
        assert_eq!((user.role, user.not_linked), (Role::LaUser, false));
        let told = changes(store, before).await;
        for expected in [("everyone", "person"), ("user", "me"), ("establishment", "person"), ("pupil", "person")] {
            let expected = (expected.0.to_owned(), expected.1.to_owned());
            assert!(told.contains(&expected), "{expected:?} is not in {told:?}");
        }
        let page: Page<Pupil> = teacher.client.get("/v1/pupils").await.json();
        assert_eq!(page.rows.len(), 1);
    }

    async fn a_focus_list_becomes_nobodys_sight_of_pupils(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let grace = store.user(Role::LaUser, "Grace", "Crawley").await;
        store.assign(grace.id, tom, true).await;
        let as_role = async |role: Role| {
            let mut edit = same(&get(store, grace.id).await);
            edit.entry.role = role;
            assert_eq!(put(store, grace.id, &edit).await.status, 200);
            let page: Page<Pupil> = grace.client.get("/v1/pupils").await.json();
            page.rows.iter().map(|row| row.mine).collect::<Vec<_>>()
        };
        assert_eq!(as_role(Role::LaSuperUser).await, [true], "another LA role keeps the list");
        assert_eq!(as_role(Role::SocialWorker).await, [false; 0], "what they would read, nobody has chosen");
        assert_eq!(as_role(Role::LaUser).await, [false]);
    }

    async fn the_second_of_two_is_told_who_changed_what(store: &TestStore) {
        let worker = store.user(Role::SocialWorker, "Obadiah", "Slope").await;
        let grace = store.user(Role::LaSuperUser, "Grace", "Crawley").await;
        let seen = get(store, worker.id).await;
        let path = format!("/v1/users/{}", worker.id);
        let mut theirs = same(&seen);
        theirs.entry.job_title = "Chaplain".to_owned();
        theirs.entry.phone = String::new();
        let after: User = grace.client.put(&path, &theirs).await.json();
        let mut ours = same(&seen);
        ours.entry.last_name = "Slopes".to_owned();
        let error = put(store, worker.id, &ours).await.error();
        assert_eq!(error.code, ErrorCode::ChangedMeanwhile);
        let changed = error.changed.unwrap();
        assert_eq!((changed.revision, changed.changes.len()), (after.revision, 1));
        assert_eq!(changed.changes[0].by.as_deref(), Some("Grace Crawley"));
        assert_eq!(changed.changes[0].at, store.store.now());
        assert_eq!(changed.changes[0].fields, ["job_title"]);
        // With the revision of now, what was typed is taken as it is.
        ours.revision = changed.revision;
        let both: User = put(store, worker.id, &ours).await.json();
        assert_eq!(both.last_name, "Slopes");
    }

    async fn the_pupils_of_who_leaves_are_somebodys_decision(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let mut pupils = Vec::new();
        for name in ["Tom Reed", "Una Brook"] {
            pupils.push(store.pupil(TestPupil::at(name, school)).await);
        }
        let (worker, heir) = (store.user(Role::SocialWorker, "Obadiah", "Slope").await, store.user(Role::SocialWorker, "Mary", "Bold").await);
        for pupil in &pupils {
            store.assign(worker.id, *pupil, true).await;
        }
        let mut edit = EditUser { status: UserStatus::Inactive, ..same(&get(store, worker.id).await) };
        let error = put(store, worker.id, &edit).await.error();
        assert_eq!((error.code, error.field.as_deref()), (ErrorCode::PupilsUndecided, Some("pupils")));
        assert!(error.message.starts_with("Obadiah Slope has 2 pupils assigned."), "{}", error.message);
        edit.pupils = Some(LeftPupils::HandOver { to: heir.id, reads_all: Some(false) });
        let gone: User = put(store, worker.id, &edit).await.json();
        assert_eq!((gone.status, gone.pupils_assigned), (UserStatus::Inactive, 0));
        let page: Page<Pupil> = heir.client.get("/v1/pupils").await.json();
        assert_eq!(page.rows.len(), 2);
        // Left without, they have nobody; and a focus list asks nothing.
        let edit = EditUser { status: UserStatus::Inactive, pupils: Some(LeftPupils::Leave), ..same(&get(store, heir.id).await) };
        let gone: User = put(store, heir.id, &edit).await.json();
        assert_eq!(gone.pupils_assigned, 0);
        assert!(actions(store, heir.id).await.contains(&"user.left_pupils".to_owned()));
        let la = store.user(Role::LaUser, "Grace", "Crawley").await;
        store.assign(la.id, pupils[0], true).await;
        let edit = EditUser { status: UserStatus::Inactive, ..same(&get(store, la.id).await) };
        assert!(put(store, la.id, &edit).await.status.is_success());
    }

    async fn a_new_address_is_told_to_both_and_signs_in(store: &TestStore) {
        let worker = store.user(Role::SocialWorker, "Obadiah", "Slope").await;
        let mut edit = same(&get(store, worker.id).await);
        edit.entry.email = "o.slope@example.org".to_owned();
        store.clock.advance(chrono::TimeDelta::minutes(16));
        assert_eq!(put(store, worker.id, &edit).await.code(), ErrorCode::ConfirmPassword);
        let fresh = store.super_user.on_another_device(store).await;
        let path = format!("/v1/users/{}", worker.id);
        let _: User = fresh.client.put(&path, &edit).await.json();
        let mails = store.mails().await;
        let told: Vec<&String> = mails.iter().filter(|mail| mail.contains("changed the e-mail address")).collect();
        assert_eq!(told.len(), 2);
        for (address, word) in [("Obadiah.Slope@example.org", "no longer be used"), ("o.slope@example.org", "sign in with this address")] {
            let mail = told.iter().find(|mail| mail.contains(&format!("To: {address}")) || mail.contains(&format!("To: <{address}>")));
            let mail = mail.unwrap_or_else(|| panic!("no mail to {address} in {told:?}"));
            assert!(mail.contains(word), "{mail}");
            assert!(!mail.contains("Obadiah Slope") && !mail.contains("Harding"), "{mail}");
        }
        let moved = crate::test_support::TestUser { email: "o.slope@example.org".to_owned(), ..worker };
        assert_eq!(moved.on_another_device(store).await.id, moved.id);
    }
}
