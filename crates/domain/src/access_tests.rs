use uuid::Uuid;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn school(n: u128) -> EstablishmentId {
    EstablishmentId(Uuid::from_u128(n))
}

fn user(role: Role) -> UserFacts {
    UserFacts {
        id: UserId(Uuid::from_u128(900)),
        role,
        status: UserStatus::Active,
        links: vec![],
        assignments: vec![],
    }
}

fn teacher_at(n: u128) -> UserFacts {
    let days = Days {
        start: day("2020-01-01"),
        end: None,
    };
    UserFacts {
        links: vec![(school(n), days)],
        ..user(Role::DesignatedTeacher)
    }
}

fn main_at(n: u128, start: &str, end: Option<&str>) -> EnrolmentFacts {
    let start = day(start);
    EnrolmentFacts {
        establishment: school(n),
        kind: EnrolmentKind::Main,
        days: Days {
            start,
            end: end.map(day),
        },
        visible_from: crate::calendar::working_days_before(start, 10),
        handover_ended: false,
    }
}

fn tom(enrolments: Vec<EnrolmentFacts>) -> PupilFacts {
    PupilFacts {
        id: PupilId(Uuid::from_u128(1)),
        born: day("2014-05-04"),
        adopted: false,
        restricted: false,
        named: vec![],
        barred: vec![],
        held_from_schools_until: None,
        care: vec![CareFacts {
            start: day("2025-01-10"),
            end: None,
        }],
        enrolments,
    }
}

fn sees(user: &UserFacts, pupil: &PupilFacts, on: &str) -> bool {
    entitlement(user, pupil, day(on), &SchoolCalendar::default()).is_some()
}

#[test]
fn a_teacher_sees_the_looked_after_pupils_of_linked_establishments_and_no_other() {
    let pupil = tom(vec![main_at(1, "2024-09-03", None)]);
    assert!(sees(&teacher_at(1), &pupil, "2025-01-10"));
    assert!(!sees(&teacher_at(1), &pupil, "2025-01-09"), "not in care yet");
    assert!(!sees(&teacher_at(2), &pupil, "2025-01-10"), "another school");
    assert!(!sees(&user(Role::DesignatedTeacher), &pupil, "2025-01-10"), "no link");
    let mut ended = teacher_at(1);
    ended.links[0].1.end = Some(day("2025-02-01"));
    assert!(sees(&ended, &pupil, "2025-02-01"));
    assert!(!sees(&ended, &pupil, "2025-02-02"));
    let inactive = UserFacts {
        status: UserStatus::Inactive,
        ..teacher_at(1)
    };
    assert!(!sees(&inactive, &pupil, "2025-01-10"));
}

#[test]
fn care_ends_on_its_end_day_and_on_the_eighteenth_birthday() {
    let mut pupil = tom(vec![main_at(1, "2024-09-03", None)]);
    assert!(sees(&teacher_at(1), &pupil, "2032-05-03"));
    assert!(!sees(&teacher_at(1), &pupil, "2032-05-04"));
    assert!(sees(&user(Role::LaUser), &pupil, "2032-05-04"));
    pupil.care[0].end = Some(day("2026-01-01"));
    assert!(sees(&teacher_at(1), &pupil, "2025-12-31"));
    assert!(!sees(&teacher_at(1), &pupil, "2026-01-01"));
}

#[test]
fn the_new_school_sees_ten_working_days_before_and_the_old_one_keeps_sight_over_the_summer() {
    let pupil = tom(vec![
        main_at(1, "2024-09-03", Some("2026-07-21")),
        main_at(2, "2026-09-03", None),
    ]);
    for on in ["2026-07-22", "2026-08-20", "2026-09-02"] {
        assert!(sees(&teacher_at(1), &pupil, on), "{on}");
    }
    assert!(!sees(&teacher_at(1), &pupil, "2026-09-03"));
    assert!(!sees(&teacher_at(2), &pupil, "2026-08-18"));
    assert!(sees(&teacher_at(2), &pupil, "2026-08-19"));
    let mut ended = pupil.clone();
    ended.enrolments[0].handover_ended = true;
    assert!(sees(&teacher_at(1), &ended, "2026-07-21"));
    assert!(!sees(&teacher_at(1), &ended, "2026-07-22"));
}

#[test]
fn a_handover_lasts_ten_school_weeks_at_most_and_needs_a_next_school() {
    let long = tom(vec![
        main_at(1, "2024-09-03", Some("2026-07-21")),
        main_at(2, "2027-01-05", None),
    ]);
    assert!(sees(&teacher_at(1), &long, "2026-11-15"));
    assert!(!sees(&teacher_at(1), &long, "2026-11-16"));
    let cancelled = tom(vec![main_at(1, "2024-09-03", Some("2026-07-21"))]);
    assert!(!sees(&teacher_at(1), &cancelled, "2026-07-22"));
}

#[test]
fn a_move_back_shows_the_pupil_to_the_first_school_again() {
    let pupil = tom(vec![
        main_at(1, "2024-09-03", Some("2026-03-27")),
        main_at(2, "2026-04-14", Some("2026-05-22")),
        main_at(1, "2026-06-01", None),
    ]);
    assert!(sees(&teacher_at(1), &pupil, "2026-04-01"), "Easter handover");
    assert!(!sees(&teacher_at(1), &pupil, "2026-04-20"));
    assert!(sees(&teacher_at(2), &pupil, "2026-05-28"), "half-term handover");
    assert!(sees(&teacher_at(1), &pupil, "2026-06-01"));
    assert!(!sees(&teacher_at(2), &pupil, "2026-06-01"));
}

#[test]
fn bars_restrictions_holds_and_adoption() {
    let teacher = teacher_at(1);
    let la = user(Role::LaUser);
    let open = tom(vec![main_at(1, "2024-09-03", None)]);
    let barred = PupilFacts {
        barred: vec![teacher.id],
        ..open.clone()
    };
    assert!(!sees(&teacher, &barred, "2026-01-05"));
    let restricted = PupilFacts {
        restricted: true,
        ..open.clone()
    };
    assert!(!sees(&teacher, &restricted, "2026-01-05"));
    assert!(!sees(&la, &restricted, "2026-01-05"));
    assert!(!sees(&user(Role::LaSuperUser), &restricted, "2026-01-05"));
    let named = PupilFacts {
        named: vec![teacher.id],
        ..restricted
    };
    assert!(sees(&teacher, &named, "2026-01-05"));
    assert!(
        !sees(
            &UserFacts {
                links: vec![],
                ..teacher.clone()
            },
            &named,
            "2026-01-05"
        ),
        "naming is no link"
    );
    let held = PupilFacts {
        held_from_schools_until: Some(day("2026-02-01")),
        ..open.clone()
    };
    assert!(!sees(&teacher, &held, "2026-01-31"));
    assert!(sees(&teacher, &held, "2026-02-01"));
    let adopted = PupilFacts { adopted: true, ..open };
    assert!(!sees(&teacher, &adopted, "2026-01-05"));
    assert!(!sees(&la, &adopted, "2026-01-05"));
    assert!(sees(&user(Role::LaSuperUser), &adopted, "2026-01-05"));
}

#[test]
fn an_assignment_says_what_may_be_read() {
    let pupil = tom(vec![]);
    let days = Days {
        start: day("2025-03-01"),
        end: Some(day("2025-06-30")),
    };
    let worker = UserFacts {
        assignments: vec![AssignmentFacts {
            pupil: pupil.id,
            days,
            reads_all: false,
        }],
        ..user(Role::SocialWorker)
    };
    let entitled = entitlement(&worker, &pupil, day("2025-03-01"), &SchoolCalendar::default());
    assert_eq!(
        entitled,
        Some(Entitlement {
            reason: AccessReason::Assignment,
            reads_all: false
        })
    );
    assert!(!sees(&worker, &pupil, "2025-07-01"));
    let about = ConversationFacts {
        about_pupil: true,
        confidential: false,
        notice: false,
    };
    assert!(!may_read(Role::SocialWorker, entitled, false, about));
    assert!(may_read(Role::SocialWorker, entitled, true, about));
}

#[test]
fn reading_a_conversation() {
    let all = Some(Entitlement {
        reason: AccessReason::Authority,
        reads_all: true,
    });
    let about = |about_pupil, confidential| ConversationFacts {
        about_pupil,
        confidential,
        notice: false,
    };
    assert!(may_read(Role::DesignatedTeacher, None, true, about(false, false)));
    assert!(!may_read(Role::LaSuperUser, None, false, about(false, false)));
    assert!(
        !may_read(Role::DesignatedTeacher, None, true, about(true, false)),
        "taking part ends with entitlement"
    );
    assert!(may_read(Role::DesignatedTeacher, all, false, about(true, false)));
    assert!(!may_read(Role::DesignatedTeacher, all, false, about(true, true)));
    assert!(may_read(Role::LaUser, all, false, about(true, true)));
}

#[test]
fn writing() {
    use Role::{DesignatedTeacher as Dt, LaUser as La, SocialWorker as Sw};
    assert!(may_write_to(Dt, La, false, false) && may_write_to(La, Dt, false, false));
    assert!(!may_write_to(Dt, Sw, false, false));
    assert!(may_write_to(Dt, Sw, true, false) && may_write_to(Dt, Dt, false, true));
}

/// The last day before the first one without entitlement, looked for day by day.
fn until_by_counting(user: &UserFacts, pupil: &PupilFacts, from: &str) -> Option<NaiveDate> {
    let calendar = SchoolCalendar::default();
    let days = day(from).iter_days().take(366 * 20);
    let ends = days.skip(1).find(|d| entitlement(user, pupil, *d, &calendar).is_none());
    ends.and_then(|d| d.pred_opt())
}

#[test]
fn until_when_somebody_is_entitled_is_the_day_before_the_first_without() {
    let moves = [
        vec![main_at(1, "2024-09-03", None)],
        vec![main_at(1, "2024-09-03", Some("2026-07-21"))],
        vec![
            main_at(1, "2024-09-03", Some("2026-07-21")),
            main_at(2, "2026-09-03", None),
        ],
        vec![
            main_at(1, "2024-09-03", Some("2026-03-27")),
            main_at(2, "2027-01-05", None),
        ],
        vec![
            main_at(1, "2024-09-03", Some("2026-03-27")),
            main_at(2, "2026-04-14", Some("2026-05-22")),
            main_at(1, "2026-06-01", None),
        ],
    ];
    let mut linked_till_june = teacher_at(1);
    linked_till_june.links[0].1.end = Some(day("2026-06-15"));
    for enrolments in moves {
        let open = tom(enrolments);
        let mut ending = open.clone();
        ending.care[0].end = Some(day("2026-10-01"));
        let mut held = open.clone();
        held.held_from_schools_until = Some(day("2026-02-01"));
        for pupil in [open, ending, held] {
            for user in [teacher_at(1), linked_till_june.clone()] {
                for from in ["2026-02-02", "2026-03-30", "2026-06-05"] {
                    if !sees(&user, &pupil, from) {
                        continue;
                    }
                    let told = entitled_until(&user, &pupil, day(from), &SchoolCalendar::default());
                    assert_eq!(told, until_by_counting(&user, &pupil, from), "{from} {pupil:?}");
                }
            }
        }
    }
    let pupil = tom(vec![main_at(1, "2024-09-03", None)]);
    let until = |user| entitled_until(&user, &pupil, day("2026-02-02"), &SchoolCalendar::default());
    assert_eq!(until(teacher_at(1)), Some(day("2032-05-03")), "the eighteenth birthday");
    assert_eq!(until(user(Role::LaUser)), None);
}

#[test]
fn handovers_over_easter_and_summer_and_moves_that_are_cancelled() {
    // The last day at school 1; the first at school 2, if any; the days on which 1 sees the pupil first and no longer.
    let table = [
        // Over Easter: until the next school begins.
        ("2026-03-27", Some("2026-04-14"), "2026-04-13", "2026-04-14"),
        // Over summer: the holidays do not count.
        ("2026-07-21", Some("2026-09-03"), "2026-09-02", "2026-09-03"),
        // Ten school weeks at most.
        ("2026-07-21", Some("2027-04-19"), "2026-11-15", "2026-11-16"),
        // The next begins the day after.
        ("2026-03-27", Some("2026-03-28"), "2026-03-27", "2026-03-28"),
        // A move that is cancelled: no next school is known, so there is no handover.
        ("2026-07-21", None, "2026-07-21", "2026-07-22"),
    ];
    for (last, next, seen, unseen) in table {
        let mut enrolments = vec![main_at(1, "2024-09-03", Some(last))];
        enrolments.extend(next.map(|start| main_at(2, start, None)));
        let pupil = tom(enrolments);
        assert!(sees(&teacher_at(1), &pupil, seen), "{last} {next:?}");
        assert!(!sees(&teacher_at(1), &pupil, unseen), "{last} {next:?}");
        if let Some(start) = next {
            let visible = crate::calendar::working_days_before(day(start), 10);
            assert!(sees(&teacher_at(2), &pupil, &visible.to_string()));
            assert!(!sees(&teacher_at(2), &pupil, &visible.pred_opt().unwrap().to_string()));
        }
    }
    // Cancelled altogether: the first school's enrolment is open again, and the other never sees the pupil.
    let stayed = tom(vec![main_at(1, "2024-09-03", None)]);
    assert!(sees(&teacher_at(1), &stayed, "2026-12-01"));
    assert!(!sees(&teacher_at(2), &stayed, "2026-12-01"));
}
