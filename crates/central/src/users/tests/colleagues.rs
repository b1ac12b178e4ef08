use lac_domain::{Capacity, ColleagueRequestId, Role};
use lac_wire::{
    ApproveColleague, AskForColleague, ColleagueRequest, ErrorCode, Page, RefuseColleague, RequestState,
    WaitingRequests,
};

use super::*;
use crate::both_engines;
use crate::test_support::{TestUser, new_uuid};

fn colleague(at: EstablishmentId, first_name: &str) -> AskForColleague {
    AskForColleague {
        establishment_id: at,
        first_name: first_name.to_owned(),
        last_name: "Quiverful".to_owned(),
        email: format!("{first_name}.quiverful@example.org"),
        job_title: "SENCO".to_owned(),
    }
}

const APPROVE: ApproveColleague = ApproveColleague {
    capacity: Capacity::Deputy,
    start: None,
    end: None,
};

async fn ask(by: &TestUser, at: EstablishmentId, first_name: &str) -> ColleagueRequest {
    by.client
        .post("/v1/colleagues", &colleague(at, first_name))
        .await
        .json()
}

async fn requests(by: &TestUser, query: &str) -> Vec<ColleagueRequest> {
    let path = format!("/v1/colleagues?{query}");
    by.client.get(&path).await.json::<Page<ColleagueRequest>>().rows
}

both_engines! {
    async fn a_colleague_is_asked_for_approved_invited_and_linked(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        let other = store.teacher("Mary", "Bold", school).await;
        let asked = ask(&teacher, school, "Letty").await;
        assert_eq!((asked.state, asked.asked_by_name.as_str()), (RequestState::Waiting, "Eleanor Bold"));
        let waiting: WaitingRequests = store.super_user.client.get("/v1/colleagues/waiting").await.json();
        assert_eq!(waiting.waiting, 1);
        assert_eq!(requests(&other, "").await, [], "others' requests are nobody's");
        let path = format!("/v1/colleagues/{}/approve", asked.id);
        assert_eq!(teacher.client.post(&path, &APPROVE).await.code(), ErrorCode::Forbidden);
        let done: ColleagueRequest = store.super_user.client.post(&path, &APPROVE).await.json();
        assert_eq!((done.state, done.decided_by.as_deref()), (RequestState::Approved, Some("Septimus Harding")));
        let page: Page<User> = store.super_user.client.get("/v1/users?search=quiverful").await.json();
        let user = &page.rows[0];
        assert!(is_invited(user));
        assert_eq!((user.role, user.links[0].establishment_id, user.links[0].capacity), (Role::DesignatedTeacher, school, Capacity::Deputy));
        assert_eq!(store.mails().await.len(), 1);
        let own = requests(&teacher, "state=approved").await;
        assert_eq!((own.len(), own[0].decided_by.as_deref()), (1, None));
        let again = store.super_user.client.post(&path, &APPROVE).await;
        assert_eq!(again.code(), ErrorCode::DecidedAlready);
        let trail = actions(store, teacher.id).await;
        assert!(trail.contains(&"colleague.asked".to_owned()) && trail.contains(&"colleague.approved".to_owned()), "{trail:?}");
    }

    async fn a_refusal_has_a_reason_that_the_asker_reads(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        let asked = ask(&teacher, school, "Letty").await;
        let path = format!("/v1/colleagues/{}/refuse", asked.id);
        let blank = RefuseColleague { reason: " ".to_owned() };
        assert_eq!(store.super_user.client.post(&path, &blank).await.error().field.as_deref(), Some("reason"));
        let refuse = RefuseColleague { reason: "She left\nlast week.".to_owned() };
        let _: ColleagueRequest = store.super_user.client.post(&path, &refuse).await.json();
        let own = requests(&teacher, "").await;
        assert_eq!((own[0].state, own[0].reason.as_deref()), (RequestState::Refused, Some("She left last week.")));
        let waiting: WaitingRequests = teacher.client.get("/v1/colleagues/waiting").await.json();
        assert_eq!(waiting.waiting, 0);
    }

    async fn who_has_the_address_already_is_told_to_la_roles_alone(store: &TestStore) {
        let (school, other) = (store.school("Hogglestock Primary").await, store.school("Plumstead High").await);
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        let elsewhere = store.teacher("Letty", "Quiverful", other).await;
        store.user(Role::SocialWorker, "Mark", "Quiverful").await;
        let (known, worker) = (ask(&teacher, school, "Letty").await, ask(&teacher, school, "Mark").await);
        assert_eq!((known.existing, worker.existing), (None, None));
        let seen = requests(&store.super_user, "state=waiting").await;
        assert!(seen.iter().any(|row| row.existing.as_ref().is_some_and(|user| user.id == elsewhere.id)));
        let approve = |id: ColleagueRequestId| format!("/v1/colleagues/{id}/approve");
        // A Designated Teacher is linked there too; anybody else is a question.
        let _: ColleagueRequest = store.super_user.client.post(&approve(known.id), &APPROVE).await.json();
        assert_eq!(get(store, elsewhere.id).await.links.len(), 2);
        let error = store.super_user.client.post(&approve(worker.id), &APPROVE).await.error();
        assert_eq!(error.code, ErrorCode::EmailInUse);
        assert!(error.message.contains("Mark Quiverful") && error.message.contains("Social Worker"), "{}", error.message);
    }

    async fn only_for_an_establishment_of_ones_own_and_not_twice(store: &TestStore) {
        let (school, other) = (store.school("Hogglestock Primary").await, store.school("Plumstead High").await);
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        for at in [other, EstablishmentId(new_uuid())] {
            assert_eq!(teacher.client.post("/v1/colleagues", &colleague(at, "Letty")).await.code(), ErrorCode::NotFound);
        }
        ask(&teacher, school, "Letty").await;
        let twice = teacher.client.post("/v1/colleagues", &colleague(school, "LETTY")).await.error();
        assert_eq!(twice.field.as_deref(), Some("email"));
        let wrong = AskForColleague { email: "letty".to_owned(), ..colleague(school, "Letty") };
        assert_eq!(teacher.client.post("/v1/colleagues", &wrong).await.code(), ErrorCode::FieldInvalid);
        let worker = store.user(Role::SocialWorker, "Obadiah", "Slope").await;
        assert_eq!(worker.client.post("/v1/colleagues", &colleague(school, "Letty")).await.code(), ErrorCode::Forbidden);
        for number in 0..19 {
            ask(&teacher, school, &format!("L{number}")).await;
        }
        let more = teacher.client.post("/v1/colleagues", &colleague(school, "More")).await.error();
        assert!(more.message.starts_with("20 of your requests"), "{}", more.message);
    }
}
