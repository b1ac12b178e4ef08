use lac_domain::{EstablishmentId, Role, UserStatus};
use lac_wire::{AddUser, ErrorCode, User, UserEntry};

use super::*;
use crate::both_engines;
use crate::test_support::{TestPupil, new_uuid};

both_engines! {
    async fn a_teacher_who_is_added_is_linked_invited_and_sees_their_pupils(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let before = newest_change(store).await;
        let reply = store.super_user.client.post("/v1/users", &teacher_at(school)).await;
        assert_eq!(reply.status, 201);
        let user: User = reply.json();
        assert_eq!((user.status, user.revision, user.not_linked), (UserStatus::Invited, 1, false));
        assert_eq!((user.links.len(), user.links[0].establishment_name.as_str()), (1, "Hogglestock Primary"));
        assert_eq!(user.links[0].start, store.store.today());
        assert!(is_invited(&user));
        let mails = store.mails().await;
        assert_eq!(mails.len(), 1);
        assert!(mails[0].contains("Eleanor.Bold@example.org") && !mails[0].contains("Hogglestock"), "{}", mails[0]);
        assert_eq!(actions(store, user.id).await, ["user.created", "link.created", "user.invited"]);
        let sql = "SELECT pupil_id FROM pupil_access WHERE user_id = $1";
        let mut conn = store.store.read().await.unwrap();
        let seen: Vec<lac_domain::PupilId> =
            both!(&mut conn, c => sqlx::query_scalar(sql).bind(user.id).fetch_all(c).await).unwrap();
        assert_eq!(seen, [tom]);
        let told = changes(store, before).await;
        for expected in [("la_roles", "person"), ("establishment", "person"), ("user", "scope_granted"), ("user", "me"), ("user", "people")] {
            let expected = (expected.0.to_owned(), expected.1.to_owned());
            assert!(told.contains(&expected), "{expected:?} is not in {told:?}");
        }
    }

    async fn a_teacher_needs_an_establishment_unless_that_comes_later(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let client = &store.super_user.client;
        let mut adding = teacher_at(school);
        adding.entry.links.clear();
        let error = client.post("/v1/users", &adding).await.error();
        assert_eq!((error.code, error.field.as_deref()), (ErrorCode::EstablishmentNeeded, Some("links")));
        let later = AddUser { link_later: true, ..adding };
        let user: User = client.post("/v1/users", &later).await.json();
        assert!(user.not_linked && user.invitation.is_none());
        assert_eq!(store.mails().await.len(), 0);
        let again = format!("/v1/users/{}/invitations", user.id);
        assert_eq!(client.post(&again, &()).await.code(), ErrorCode::EstablishmentNeeded);
        // The invitation that was held goes out with the link.
        let mut edit = same(&user);
        edit.entry.links.push(link_to(school));
        let linked: User = put(store, user.id, &edit).await.json();
        assert!(!linked.not_linked && is_invited(&linked));
        assert_eq!(store.mails().await.len(), 1);
        assert!(client.post(&again, &()).await.json::<User>().invitation.is_some());
        assert_eq!(store.mails().await.len(), 2);
    }

    async fn each_field_at_fault_is_named(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let good = teacher_at(school);
        let with = |entry: UserEntry| AddUser { entry, ..good.clone() };
        let client = &store.super_user.client;
        let mut worker = good.entry.clone();
        worker.role = Role::SocialWorker;
        let twice = [good.entry.links.clone(), good.entry.links.clone()].concat();
        for (code, field, bad) in [
            (ErrorCode::FieldInvalid, "first_name", with(UserEntry { first_name: String::new(), ..good.entry.clone() })),
            (ErrorCode::FieldInvalid, "last_name", with(UserEntry { last_name: "x".repeat(101), ..good.entry.clone() })),
            (ErrorCode::FieldInvalid, "email", with(UserEntry { email: "nonsense".to_owned(), ..good.entry.clone() })),
            (ErrorCode::EmailInUse, "email", with(UserEntry { email: "SEPTIMUS.Harding@example.org".to_owned(), ..good.entry.clone() })),
            (ErrorCode::FieldInvalid, "phone", with(UserEntry { phone: "\u{7}".to_owned(), ..good.entry.clone() })),
            (ErrorCode::FieldInvalid, "links", with(worker)),
            (ErrorCode::FieldInvalid, "links", with(UserEntry { links: twice, ..good.entry.clone() })),
            (ErrorCode::FieldInvalid, "links", teacher_at(EstablishmentId(new_uuid()))),
        ] {
            let error = client.post("/v1/users", &bad).await.error();
            assert_eq!((error.code, error.field.as_deref()), (code, Some(field)), "{}", error.message);
        }
        assert_eq!(store.mails().await.len(), 0);
    }

    async fn only_super_users_add_and_only_la_roles_read(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let la_user = store.user(Role::LaUser, "Grace", "Crawley").await;
        let teacher = store.teacher("Mark", "Robarts", school).await;
        let path = format!("/v1/users/{}", teacher.id);
        for client in [&la_user.client, &teacher.client] {
            assert_eq!(client.post("/v1/users", &teacher_at(school)).await.code(), ErrorCode::Forbidden);
            let edit = same(&get(store, teacher.id).await);
            assert_eq!(client.put(&path, &edit).await.code(), ErrorCode::Forbidden);
            assert_eq!(client.post(&format!("{path}/invitations"), &()).await.code(), ErrorCode::Forbidden);
        }
        assert_eq!(la_user.client.get(&path).await.json::<User>().email, "Mark.Robarts@example.org");
        assert_eq!(teacher.client.get(&path).await.code(), ErrorCode::Forbidden);
        assert_eq!(teacher.client.get("/v1/users").await.code(), ErrorCode::Forbidden);
        assert_eq!(la_user.client.get(&format!("/v1/users/{}", new_uuid())).await.code(), ErrorCode::NotFound);
        let denied = "SELECT COUNT(*) FROM audit_events WHERE action = 'request.denied'";
        let mut conn = store.store.read().await.unwrap();
        let denied: i64 = both!(&mut conn, c => sqlx::query_scalar(denied).fetch_one(c).await).unwrap();
        assert_eq!(denied, 9, "six edits, two reads, and one of nobody");
    }

    async fn the_same_request_twice_adds_one_user_and_sends_one_mail(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let (key, adding) = (new_uuid(), teacher_at(school));
        let post = || store.super_user.client.send(axum::http::Method::POST, "/v1/users", Some(&adding), key);
        let (first, again): (User, User) = (post().await.json(), post().await.json());
        assert_eq!(first, again);
        assert_eq!(store.mails().await.len(), 1);
    }
}
