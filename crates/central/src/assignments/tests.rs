use lac_domain::{AssignmentId, PupilId, Role, UserId};
use lac_wire::{
    Assignment, AssignmentsChanged, ChangeAssignments, ChangedAssignment, ErrorCode, HandOverPupils, HandedOver,
    NewAssignment, Page, Pupil, PupilBrief, UserBrief,
};

use crate::both;
use crate::test_support::{Reply, TestPupil, TestStore, TestUser, new_uuid};

fn to(user: UserId, pupil: PupilId, reads_all: Option<bool>) -> NewAssignment {
    NewAssignment {
        user_id: user,
        pupil_id: pupil,
        start: None,
        end: None,
        reads_all,
    }
}

async fn change(by: &TestUser, asked: &ChangeAssignments) -> Reply {
    by.client.post("/v1/assignments", asked).await
}

async fn assign(by: &TestUser, add: Vec<NewAssignment>) -> Reply {
    let asked = ChangeAssignments {
        add,
        ..ChangeAssignments::default()
    };
    change(by, &asked).await
}

async fn of_user(by: &TestUser, user: UserId, query: &str) -> Vec<Assignment> {
    let path = format!("/v1/users/{user}/assignments?{query}");
    by.client.get(&path).await.json::<Page<Assignment>>().rows
}

fn pupils(rows: &[Assignment]) -> Vec<&str> {
    rows.iter().map(|row| row.pupil.known_as.reveal()).collect()
}

async fn sees(user: &TestUser) -> Vec<String> {
    let page: Page<Pupil> = user.client.get("/v1/pupils").await.json();
    page.rows
        .iter()
        .map(|pupil| pupil.known_as.reveal().to_owned())
        .collect()
}

async fn restrict(store: &TestStore, pupil: PupilId) {
    let mut conn = store.store.write_for_tests().await;
    let sql = "UPDATE pupils SET restricted = TRUE WHERE id = $1";
    both!(&mut conn, c => sqlx::query(sql).bind(pupil).execute(c).await.map(|_| ())).unwrap();
    conn.commit().await.unwrap();
}

/// A word by which a pupil or user of a test is found: those that the API adds have their own.
async fn word(store: &TestStore, sql: &'static str, word: &str, id: uuid::Uuid) {
    let mut conn = store.store.write_for_tests().await;
    both!(&mut conn, c => sqlx::query(sql).bind(word).bind(id).execute(c).await.map(|_| ())).unwrap();
    conn.commit().await.unwrap();
}

async fn trail(store: &TestStore, object: uuid::Uuid) -> Vec<String> {
    let sql = "SELECT action FROM audit_events WHERE object_id = $1 ORDER BY number";
    let mut conn = store.store.read().await.unwrap();
    both!(&mut conn, c => sqlx::query_scalar(sql).bind(object).fetch_all(c).await).unwrap()
}

crate::both_engines! {
    async fn an_assignment_gives_sight_from_its_first_day_and_the_choice_is_nobody_elses(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let una = store.pupil(TestPupil::at("Una Brook", school)).await;
        let worker = store.user(Role::SocialWorker, "Obadiah", "Slope").await;
        let la = store.user(Role::LaUser, "Grace", "Crawley").await;
        word(store, "INSERT INTO pupil_words (word, pupil_id, la_only) VALUES ($1, $2, FALSE) ON CONFLICT DO NOTHING", "una", una.0).await;
        let unsaid = assign(&la, vec![to(worker.id, tom, None)]).await.error();
        assert_eq!((unsaid.code, unsaid.field.as_deref()), (ErrorCode::FieldInvalid, Some("reads_all")));
        let tomorrow = NewAssignment { start: "2026-11-24".parse().ok(), ..to(worker.id, una, Some(false)) };
        let done: AssignmentsChanged = assign(&la, vec![to(worker.id, tom, Some(true)), tomorrow]).await.json();
        assert_eq!((done.added, done.changed, done.removed), (2, 0, 0));
        assert_eq!(sees(&worker).await, ["Tom Reed"]);
        assert_eq!(pupils(&of_user(&la, worker.id, "").await), ["Tom Reed", "Una Brook"]);
        assert_eq!(pupils(&of_user(&la, worker.id, "search=una").await), ["Una Brook"]);
        // For LA roles it is a list, and nothing is to be chosen.
        let _: AssignmentsChanged = assign(&la, vec![to(la.id, tom, None)]).await.json();
        store.clock.advance(chrono::TimeDelta::days(1));
        assert_eq!(sees(&worker.on_another_device(store).await).await, ["Tom Reed", "Una Brook"]);
        assert_eq!(trail(store, worker.id.0).await.iter().filter(|done| *done == "assignment.created").count(), 2);
        assert!(trail(store, tom.0).await.contains(&"pupil.assigned".to_owned()));
    }

    async fn who_may_not_be_assigned_is_named_with_the_reason(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        let worker = store.user(Role::SocialWorker, "Obadiah", "Slope").await;
        let gone = store.user(Role::SocialWorker, "Mark", "Robarts").await;
        store.make_inactive(gone.id).await;
        let by = &store.super_user;
        for (user, word) in [(teacher.id, "Eleanor Bold"), (gone.id, "Mark Robarts is inactive")] {
            let error = assign(by, vec![to(user, tom, Some(true))]).await.error();
            assert_eq!(error.field.as_deref(), Some("user_id"));
            assert!(error.message.contains(word), "{}", error.message);
        }
        store.bar(worker.id, tom).await;
        let barred = assign(by, vec![to(worker.id, tom, Some(true))]).await.error();
        assert!(barred.message.contains("Obadiah Slope may never see Tom Reed"), "{}", barred.message);
        let back = NewAssignment { end: "2026-11-01".parse().ok(), ..to(worker.id, tom, Some(true)) };
        assert_eq!(assign(by, vec![back]).await.code(), ErrorCode::FieldInvalid);
        assert_eq!(assign(by, vec![to(new_uuid().into(), tom, Some(true))]).await.code(), ErrorCode::NotFound);
        assert_eq!(assign(&teacher, vec![to(worker.id, tom, Some(true))]).await.code(), ErrorCode::Forbidden);
        assert_eq!(of_user(by, worker.id, "").await, []);
    }

    async fn a_day_is_assigned_once_and_all_is_done_or_nothing(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let (tom, una) = (store.pupil(TestPupil::at("Tom Reed", school)).await, store.pupil(TestPupil::at("Una Brook", school)).await);
        let worker = store.user(Role::SocialWorker, "Obadiah", "Slope").await;
        let by = &store.super_user;
        let _: AssignmentsChanged = assign(by, vec![to(worker.id, tom, Some(true))]).await.json();
        let twice = assign(by, vec![to(worker.id, una, Some(true)), to(worker.id, tom, Some(true))]).await.error();
        assert!(twice.message.starts_with("Tom Reed is assigned to this user already"), "{}", twice.message);
        let held = of_user(by, worker.id, "").await;
        assert_eq!(pupils(&held), ["Tom Reed"], "nothing of it was done");
        // The first is ended, and the second begins the day after, in one step.
        let next = NewAssignment { start: "2026-12-02".parse().ok(), ..to(worker.id, tom, Some(false)) };
        let asked = ChangeAssignments {
            add: vec![next],
            change: vec![ChangedAssignment { id: held[0].id, start: held[0].start, end: "2026-12-01".parse().ok(), reads_all: true }],
            remove: vec![],
        };
        let done: AssignmentsChanged = change(by, &asked).await.json();
        assert_eq!((done.added, done.changed), (1, 1));
        assert!(trail(store, worker.id.0).await.contains(&"assignment.ended".to_owned()));
        let missing = ChangeAssignments { remove: vec![AssignmentId(new_uuid())], ..ChangeAssignments::default() };
        assert_eq!(change(by, &missing).await.code(), ErrorCode::NotFound);
    }

    async fn what_is_taken_away_is_history_and_out_of_sight_at_once(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let worker = store.user(Role::OtherProfessional, "Obadiah", "Slope").await;
        let by = &store.super_user;
        let old = NewAssignment { start: "2026-01-05".parse().ok(), ..to(worker.id, tom, Some(true)) };
        let _: AssignmentsChanged = assign(by, vec![old]).await.json();
        assert_eq!(sees(&worker).await, ["Tom Reed"]);
        let held = of_user(by, worker.id, "").await;
        let asked = ChangeAssignments { remove: vec![held[0].id], ..ChangeAssignments::default() };
        let cursor = worker.cursor().await;
        let _: AssignmentsChanged = change(by, &asked).await.json();
        assert_eq!(sees(&worker).await, [""; 0]);
        let told = worker.changes(cursor).await;
        assert!(told.iter().any(|entity| matches!(entity, lac_wire::Entity::ScopeRevoked { .. })), "{told:?}");
        assert_eq!(of_user(by, worker.id, "").await, []);
        let ended = of_user(by, worker.id, "ended=true").await;
        assert_eq!(ended[0].end, "2026-11-22".parse().ok());
        // Again, it is over already.
        let _: AssignmentsChanged = change(by, &asked).await.json();
        // One of today leaves nothing behind.
        let _: AssignmentsChanged = assign(by, vec![to(worker.id, tom, Some(true))]).await.json();
        let held = of_user(by, worker.id, "").await;
        let asked = ChangeAssignments { remove: vec![held[0].id], ..ChangeAssignments::default() };
        let _: AssignmentsChanged = change(by, &asked).await.json();
        assert_eq!(of_user(by, worker.id, "ended=true").await.len(), 1);
    }

    async fn whom_to_assign_is_found_from_both_sides_page_by_page(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let mut all = Vec::new();
        for name in ["Ada Arabin", "Ben Bunce", "Cyd Crawley", "Dee Dale"] {
            all.push(store.pupil(TestPupil::at(name, school)).await);
        }
        let worker = store.user(Role::SocialWorker, "Obadiah", "Slope").await;
        let grace = store.user(Role::LaUser, "Grace", "Crawley").await;
        word(store, "INSERT INTO user_words (word, user_id) VALUES ($1, $2) ON CONFLICT DO NOTHING", "grace", grace.id.0).await;
        store.teacher("Eleanor", "Bold", school).await;
        let by = &store.super_user;
        let _: AssignmentsChanged = assign(by, vec![to(worker.id, all[1], Some(true))]).await.json();
        restrict(store, all[3]).await;
        let path = format!("/v1/users/{}/assignable", worker.id);
        let page: Page<PupilBrief> = by.client.get(&format!("{path}?limit=1")).await.json();
        assert_eq!(page.rows[0].known_as.reveal(), "Ada Arabin");
        assert_eq!(page.rows[0].establishments, ["Hogglestock Primary"]);
        let next = format!("{path}?limit=1&after={}", page.after.unwrap());
        let page: Page<PupilBrief> = by.client.get(&next).await.json();
        assert_eq!((page.rows[0].known_as.reveal(), page.after), ("Cyd Crawley", None));
        let path = format!("/v1/pupils/{}/assignable", all[1]);
        let page: Page<UserBrief> = by.client.get(&path).await.json();
        let names: Vec<&str> = page.rows.iter().map(|row| row.last_name.as_str()).collect();
        assert_eq!(names, ["Crawley", "Harding"]);
        let page: Page<UserBrief> = by.client.get(&format!("{path}?search=gra")).await.json();
        assert_eq!(page.rows.len(), 1);
    }

    async fn around_a_pupil_others_learn_who_works_with_them_and_of_no_focus_list(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let worker = store.user(Role::SocialWorker, "Obadiah", "Slope").await;
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        let by = &store.super_user;
        let later = NewAssignment { start: "2027-01-05".parse().ok(), ..to(store.invited(Role::OtherProfessional, "Mark", "Robarts").await, tom, Some(true)) };
        let add = vec![to(worker.id, tom, Some(false)), to(by.id, tom, None), later];
        let _: AssignmentsChanged = assign(by, add).await.json();
        let path = format!("/v1/pupils/{tom}/assignments");
        let names = |page: Page<Assignment>| page.rows.into_iter().map(|row| row.user.last_name).collect::<Vec<_>>();
        assert_eq!(names(by.client.get(&path).await.json()), ["Harding", "Robarts", "Slope"]);
        assert_eq!(names(teacher.client.get(&path).await.json()), ["Slope"]);
        let other = store.teacher("Mary", "Bold", store.school("Plumstead High").await).await;
        assert_eq!(other.client.get(&path).await.code(), ErrorCode::NotFound);
    }

    async fn all_pupils_go_over_in_one_step_and_nobody_has_one_twice(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let mut all = Vec::new();
        for name in ["Ada Arabin", "Ben Bunce", "Cyd Crawley", "Dee Dale"] {
            all.push(store.pupil(TestPupil::at(name, school)).await);
        }
        let (from, heir) = (store.user(Role::SocialWorker, "Obadiah", "Slope").await, store.user(Role::SocialWorker, "Mary", "Bold").await);
        let by = &store.super_user;
        let old = |pupil, reads_all| NewAssignment { start: "2026-01-05".parse().ok(), ..to(from.id, pupil, Some(reads_all)) };
        let _: AssignmentsChanged = assign(by, vec![old(all[0], true), old(all[1], false), old(all[2], true), old(all[3], true)]).await.json();
        let _: AssignmentsChanged = assign(by, vec![to(heir.id, all[2], Some(false))]).await.json();
        // Nobody who asks may see the fourth, so it stays where it is.
        restrict(store, all[3]).await;
        let path = format!("/v1/users/{}/hand-over", from.id);
        let asked = HandOverPupils { to: heir.id, from: None, reads_all: None };
        let done: HandedOver = by.client.post(&path, &asked).await.json();
        assert_eq!((done.pupils, done.had_already), (3, 1));
        assert_eq!(sees(&from).await, [""; 0]);
        assert_eq!(sees(&heir).await, ["Ada Arabin", "Ben Bunce", "Cyd Crawley"]);
        let held = of_user(by, heir.id, "").await;
        assert_eq!(held.iter().map(|row| row.reads_all).collect::<Vec<_>>(), [true, false, false]);
        assert_eq!(of_user(by, from.id, "ended=true").await[0].end, "2026-11-22".parse().ok());
        let sql = "SELECT COUNT(*) FROM assignments WHERE user_id = $1 AND end_on IS NULL";
        let mut conn = store.store.read().await.unwrap();
        let left: i64 = both!(&mut conn, c => sqlx::query_scalar(sql).bind(from.id).fetch_one(c).await).unwrap();
        assert_eq!(left, 1);
        let again: HandedOver = by.client.post(&path, &asked).await.json();
        assert_eq!(again.pupils, 0);
    }

    async fn a_hand_over_on_a_later_day_leaves_today_as_it_is(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let (from, heir) = (store.user(Role::SocialWorker, "Obadiah", "Slope").await, store.user(Role::OtherProfessional, "Mary", "Bold").await);
        let by = &store.super_user;
        let _: AssignmentsChanged = assign(by, vec![to(from.id, tom, Some(true))]).await.json();
        let path = format!("/v1/users/{}/hand-over", from.id);
        let on = |day: &str| HandOverPupils { to: heir.id, from: day.parse().ok(), reads_all: Some(false) };
        let past = by.client.post(&path, &on("2026-11-20")).await.error();
        assert_eq!(past.field.as_deref(), Some("from"));
        let _: HandedOver = by.client.post(&path, &on("2026-12-01")).await.json();
        assert_eq!((sees(&from).await.len(), sees(&heir).await.len()), (1, 0));
        store.clock.advance(chrono::TimeDelta::days(8));
        let (from, heir) = (from.on_another_device(store).await, heir.on_another_device(store).await);
        assert_eq!((sees(&from).await.len(), sees(&heir).await.len()), (0, 1));
        let same = HandOverPupils { to: from.id, from: None, reads_all: None };
        let fresh = by.on_another_device(store).await;
        assert_eq!(fresh.client.post(&path, &same).await.error().field.as_deref(), Some("to"));
    }

    async fn a_focus_list_is_handed_to_a_social_worker_only_with_a_choice(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let (la, heir) = (store.user(Role::LaUser, "Grace", "Crawley").await, store.user(Role::SocialWorker, "Mary", "Bold").await);
        let by = &store.super_user;
        let _: AssignmentsChanged = assign(by, vec![to(la.id, tom, None)]).await.json();
        let path = format!("/v1/users/{}/hand-over", la.id);
        let unsaid = HandOverPupils { to: heir.id, from: None, reads_all: None };
        assert_eq!(by.client.post(&path, &unsaid).await.error().field.as_deref(), Some("reads_all"));
        let said = HandOverPupils { reads_all: Some(true), ..unsaid };
        let done: HandedOver = by.client.post(&path, &said).await.json();
        assert_eq!(done.pupils, 1);
        assert_eq!(sees(&heir).await, ["Tom Reed"]);
    }
}
