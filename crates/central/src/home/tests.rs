use axum::http::Method;
use chrono::TimeDelta;
use lac_domain::{ImportId, Role};
use lac_wire::{CommandReply, CommitImport, ErrorCode, Import, ImportKind, StoreHome, Unread};

use crate::both_engines;
use crate::test_support::{TestPupil, TestUser, answer, new_uuid, to};

async fn home(user: &TestUser) -> StoreHome {
    user.client.get("/v1/home").await.json()
}

/// Two rows, one of which has no e-mail address.
const FILE: &str = "User First Name,User Last Name,Job Title,Email,Phone,School Reference Number (URN),Pupil Reference Number (UPN)\r\n\
                    Mary,Bold,Mentor,mary.bold@example.org,,,\r\nJohn,Bold,Mentor,,,,\r\n";

async fn import(user: &TestUser) -> ImportId {
    let id = ImportId(new_uuid());
    let path = format!("/v1/imports/{id}?kind=users&role=la_user&existing=refuse&file_name=staff.csv");
    let bytes = FILE.as_bytes().to_vec();
    let judged: Import = user
        .client
        .send_bytes(Method::PUT, &path, bytes, "text/csv", new_uuid())
        .await
        .json();
    let body = CommitImport {
        revision: judged.revision,
        all_or_nothing: false,
        invite: false,
        invite_at: None,
        ends_care: None,
    };
    let committed: Import = user
        .client
        .post(&format!("/v1/imports/{id}/commit"), &body)
        .await
        .json();
    assert_eq!(committed.result.unwrap().refused, 1);
    id
}

both_engines! {
    async fn home_names_schools_where_nobody_can_read_and_goes_by_what_one_may_see(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let la = store.user(Role::LaUser, "Lily", "Dale").await;
        assert_eq!(home(&la).await, StoreHome::default());
        let tom = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let told = home(&la).await;
        assert_eq!((told.nobody_to_read, told.without_reader[0].name.as_str()), (1, "Hogglestock Primary"));
        store.bar(la.id, tom).await;
        assert_eq!(home(&la).await.nobody_to_read, 0, "of a child whom one may not see nothing is counted");
        assert_eq!(home(&store.super_user).await.nobody_to_read, 1);
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        assert_eq!(home(&store.super_user).await.nobody_to_read, 0);
        assert_eq!(teacher.client.get("/v1/home").await.code(), ErrorCode::Forbidden);
    }

    async fn home_brings_up_ones_own_imports_that_refused_rows(store: &TestStore) {
        let other = store.user(Role::LaSuperUser, "Grace", "Crawley").await;
        let id = import(&store.super_user).await;
        let told = home(&store.super_user).await.refused_imports;
        assert_eq!((told.len(), told[0].id, told[0].kind, told[0].refused), (1, id, ImportKind::Users, 1));
        assert_eq!(told[0].file_name, "staff.csv");
        assert!(home(&other).await.refused_imports.is_empty());
        store.clock.advance(TimeDelta::days(15));
        // Her session has ended meanwhile.
        let later = store.super_user.on_another_device(store).await;
        assert!(home(&later).await.refused_imports.is_empty(), "not for ever");
    }

    async fn what_is_unread_is_counted_without_a_word_of_it(store: &TestStore) {
        let la = store.user(Role::LaUser, "Lily", "Dale").await;
        let unread = async || la.client.get("/v1/unread").await.json::<Unread>();
        assert_eq!(unread().await, Unread::default());
        let sent = store.super_user.begins(store, None, vec![to(&la)], "Words").await;
        assert_eq!(unread().await, Unread { messages: 1, notices: 0, conversations: 1 });
        let _: CommandReply = store.super_user.command(answer(store, sent, "And more")).await.json();
        assert_eq!(unread().await, Unread { messages: 2, notices: 0, conversations: 1 });
        assert_eq!(store.super_user.client.get("/v1/unread").await.json::<Unread>(), Unread::default());
    }
}
