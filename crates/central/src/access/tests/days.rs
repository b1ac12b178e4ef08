//! Days that pass over a real store: end dates, `visible from` and handover over summer and Easter, a move back, a move
//! that is cancelled. Between the days that are looked at nobody asks anything: the store sleeps through the midnights.

use chrono::{Datelike, NaiveDate, TimeDelta};
use lac_domain::{PupilId, Timestamp};
use lac_wire::{ChangeEnrolment, EnrolmentChange, EnrolmentEntry, PupilRecord};

use crate::both_engines;
use crate::test_support::{TestPupil, TestStore, TestUser};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Half past midnight in London at the beginning of a day, or half past eleven in the evening at its end.
fn instant(on: NaiveDate, late: bool) -> Timestamp {
    let (hour, minute) = if late { (23, 30) } else { (0, 30) };
    let last_sunday = |month: u32| {
        let last = NaiveDate::from_ymd_opt(on.year(), month, 31).unwrap();
        last - TimeDelta::days(i64::from(last.weekday().num_days_from_sunday()))
    };
    // In summer the clocks of London are an hour ahead.
    let summer = last_sunday(3) < on && on < last_sunday(10);
    let utc = on.and_hms_opt(hour, minute, 0).unwrap() - TimeDelta::hours(i64::from(summer));
    Timestamp::new(utc.and_utc())
}

/// Turns to each day in order, and looks at its beginning and at its end who of two is shown a pupil, as they would who
/// sign in on that day.
async fn days(store: &TestStore, pupil: PupilId, users: [&TestUser; 2], table: &[(&str, bool, bool)]) {
    for (on, first, second) in table {
        store.clock.set(instant(day(on), false));
        for (user, sees) in users.into_iter().zip([first, second]) {
            let here = user.on_another_device(store).await;
            for late in [false, true] {
                store.clock.set(instant(day(on), late));
                assert_eq!(store.store.today(), day(on));
                let reply = here.client.get(&format!("/v1/pupils/{pupil}")).await;
                let expected = if *sees { 200 } else { 404 };
                assert_eq!(reply.status, expected, "{} on {on}, late: {late}", user.email);
            }
            store.clock.set(instant(day(on), false));
        }
    }
}

async fn change(store: &TestStore, pupil: PupilId, change: EnrolmentChange) -> PupilRecord {
    let client = store.super_user.on_another_device(store).await.client;
    let path = format!("/v1/pupils/{pupil}/enrolments");
    client
        .post(&path, &ChangeEnrolment { revision: None, change })
        .await
        .json()
}

fn main_at(school: lac_domain::EstablishmentId, start: &str) -> EnrolmentEntry {
    EnrolmentEntry {
        establishment_id: school,
        kind: lac_domain::EnrolmentKind::Main,
        start: day(start),
        end: None,
        visible_from: None,
    }
}

both_engines! {
    async fn a_move_over_easter_and_one_back_over_summer(store: &TestStore) {
        let (one, two) = (store.school("Riverside Primary").await, store.school("Plumstead High").await);
        let users = [&store.teacher("Eleanor", "Bold", one).await, &store.teacher("Mark", "Robarts", two).await];
        let pupil = TestPupil {
            enrolments: vec![
                (one, day("2024-09-03"), Some(day("2027-03-25"))),
                (two, day("2027-04-12"), Some(day("2027-07-20"))),
                (one, day("2027-09-02"), None),
            ],
            ..TestPupil::at("Tom Reed", one)
        };
        let pupil = store.pupil(pupil).await;
        days(store, pupil, users, &[
            ("2027-03-24", true, false),
            // Ten working days before 12 April, Good Friday and Easter Monday left out.
            ("2027-03-25", true, true),
            ("2027-04-11", true, true),
            ("2027-04-12", false, true),
            ("2027-07-20", false, true),
            // Back: the second keeps sight until the first begins again, which sees ten working days before.
            ("2027-07-21", false, true),
            ("2027-08-17", false, true),
            ("2027-08-18", true, true),
            ("2027-09-01", true, true),
            ("2027-09-02", true, false),
        ]).await;
    }

    async fn a_move_that_is_cancelled_while_both_schools_see_the_pupil(store: &TestStore) {
        let (one, two) = (store.school("Riverside Primary").await, store.school("Plumstead High").await);
        let users = [&store.teacher("Eleanor", "Bold", one).await, &store.teacher("Mark", "Robarts", two).await];
        let pupil = store.pupil(TestPupil::at("Tom Reed", one)).await;
        let moved = change(store, pupil, EnrolmentChange::Add { entry: main_at(two, "2027-09-02"), moves: true }).await;
        let id = moved.pupil.enrolments.iter().find(|one| one.establishment_id == two).unwrap().id;
        days(store, pupil, users, &[("2027-07-21", true, false), ("2027-08-18", true, true)]).await;
        change(store, pupil, EnrolmentChange::CancelMove { id }).await;
        days(store, pupil, users, &[("2027-08-18", true, false), ("2027-09-02", true, false)]).await;
    }

    async fn links_care_and_childhood_end_at_midnight_in_london(store: &TestStore) {
        let school = store.school("Riverside Primary").await;
        let (stays, goes) = (store.teacher("Eleanor", "Bold", school).await, store.user(lac_domain::Role::DesignatedTeacher, "Mark", "Robarts").await);
        store.link(goes.id, school, "2026-12-01", Some("2027-06-30")).await;
        let pupil = TestPupil { born: day("2009-08-15"), ..TestPupil::at("Una Reed", school) };
        let pupil = store.pupil(pupil).await;
        days(store, pupil, [&stays, &goes], &[
            ("2026-11-30", true, false),
            ("2026-12-01", true, true),
            // In summer the day in London begins an hour before that of UTC.
            ("2027-06-30", true, true),
            ("2027-07-01", true, false),
            ("2027-08-14", true, false),
            ("2027-08-15", false, false),
        ]).await;
    }
}
