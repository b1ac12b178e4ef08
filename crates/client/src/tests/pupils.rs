//! Pupils on this device: the list with its parts, filters and orders; and what is asked of the store.

use lac_domain::{PupilId, Role};
use lac_wire::{
    CareChange, ChangeBar, ChangeCare, ChangeEnrolment, ChangeRestriction, CloseForAdoption, EnrolmentChange, Entity,
    ErrorCode, HeldPart, Pupil, PupilFilter, PupilSort,
};

use super::desk::Desk;
use super::fake_store::{Answer, FakeStore};
use super::samples::*;
use crate::view::*;

async fn with_pupils() -> (FakeStore, tempfile::TempDir) {
    let plain = |number, name: &str| pupil(number, name);
    let ben = Pupil {
        born: "2012-02-01".parse().unwrap(),
        year_group: 9,
        mine: true,
        ..plain(51, "Ben Archer")
    };
    let cyd = Pupil {
        looked_after: false,
        enrolments: vec![],
        ..plain(52, "Cyd Bell")
    };
    let dee = Pupil {
        mine: true,
        social_worker: Some(lac_wire::SocialWorker {
            user_id: None,
            name: "Josiah Crawley".into(),
            team: "Team North".to_owned(),
            phone: String::new(),
        }),
        ..plain(53, "Dee ~ Cox")
    };
    let store = FakeStore::start().await;
    store.inside(|inside| {
        inside.role = Some(Role::LaUser);
        let pupils = [plain(50, "Ada Ash"), ben, cyd, dee];
        let rows = pupils.into_iter().map(|pupil| Entity::Pupil(pupil).into());
        inside.held = vec![(HeldPart::Pupils, rows.collect())];
    });
    (store, tempfile::tempdir().unwrap())
}

/// The names of a list, fetched so many at a time.
async fn names(desk: &Desk, filter: PupilFilter, limit: u32) -> Vec<String> {
    let mut names = Vec::new();
    let mut after = None;
    loop {
        let filter = PupilFilter {
            after,
            limit: Some(limit),
            ..filter.clone()
        };
        let page = desk.app.list_pupils(desk.account, filter).await.unwrap();
        names.extend(page.rows.iter().map(|pupil| pupil.known_as.reveal().to_owned()));
        after = page.after;
        if after.is_none() {
            return names;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pupils_of_one_s_own_come_first_and_filters_hold() {
    let (store, folder) = with_pupils().await;
    let desk = store.desk(folder.path()).await;
    let none = PupilFilter::default;
    let (ada, ben, cyd, dee) = ("Ada Ash", "Ben Archer", "Cyd Bell", "Dee ~ Cox");
    for (filter, expected) in [
        (none(), vec![ben, dee, ada, cyd]),
        (
            PupilFilter {
                mine: Some(true),
                ..none()
            },
            vec![ben, dee],
        ),
        (
            PupilFilter {
                looked_after: Some(false),
                ..none()
            },
            vec![cyd],
        ),
        (
            PupilFilter {
                no_school: Some(true),
                ..none()
            },
            vec![cyd],
        ),
        (
            PupilFilter {
                no_social_worker: Some(true),
                ..none()
            },
            vec![ben, ada, cyd],
        ),
        (
            PupilFilter {
                year_group: Some(9),
                ..none()
            },
            vec![ben],
        ),
        (
            PupilFilter {
                search: Some("riverside".to_owned()),
                ..none()
            },
            vec![ben, dee, ada],
        ),
        (
            PupilFilter {
                search: Some("a".to_owned()),
                ..none()
            },
            vec![ben, ada],
        ),
        (
            PupilFilter {
                establishment_id: Some(id(900)),
                ..none()
            },
            vec![ben, dee, ada],
        ),
        (
            PupilFilter {
                establishment_id: Some(id(901)),
                ..none()
            },
            vec![],
        ),
        (
            PupilFilter {
                sort: Some(PupilSort::Oldest),
                ..none()
            },
            vec![ben, ada, cyd, dee],
        ),
        (
            PupilFilter {
                sort: Some(PupilSort::Youngest),
                ..none()
            },
            vec![dee, cyd, ada, ben],
        ),
    ] {
        for limit in [1, 2, 3, 200] {
            assert_eq!(
                names(&desk, filter.clone(), limit).await,
                expected,
                "{filter:?}, {limit} at a time"
            );
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_are_asked_of_the_store_each_once() {
    let (store, folder) = with_pupils().await;
    let desk = store.desk(folder.path()).await;
    let (app, account) = (&desk.app, desk.account);
    let id = id::<PupilId>(50);
    let day = |text: &str| text.parse().unwrap();
    let page = || PupilPage { id, after: None };
    // Each is refused here, so that only the asking is looked at.
    let refuse = |path: &'static str| store.next(path, Answer::Refuse(ErrorCode::NotFound));
    let asked = |method: &str, path: &str| {
        let path = path.replace("{id}", &id.to_string());
        let count = store.inside(|inside| {
            let asked = std::mem::take(&mut inside.asked);
            asked
                .iter()
                .filter(|(m, p, _)| m == method && p.split('?').next() == Some(&path))
                .count()
        });
        assert_eq!(count, 1, "{method} {path}");
    };
    macro_rules! asks {
        ($($method:literal $path:literal $call:expr;)*) => {$(
            store.inside(|inside| inside.asked.clear());
            refuse(if $path.starts_with("/v1/pupils/") { "/v1/pupils/" } else { $path });
            let problem = $call.await.unwrap_err();
            assert_eq!(problem.code, ProblemCode::Store(ErrorCode::NotFound), $path);
            asked($method, $path);
        )*};
    }
    let remove = CareChange::Remove {
        id: super::samples::id(7),
    };
    let cancel = EnrolmentChange::CancelMove {
        id: super::samples::id(8),
    };
    asks! {
        "GET" "/v1/pupils/{id}/record" app.get_pupil_record(account, PupilRef { id });
        "POST" "/v1/pupils/{id}/care-periods" app.change_care(account, ChangeCareRequest {
            id, change: ChangeCare { revision: Some(1), change: remove },
        });
        "POST" "/v1/pupils/{id}/enrolments" app.change_enrolment(account, ChangeEnrolmentRequest {
            id, change: ChangeEnrolment { revision: Some(1), change: cancel },
        });
        "POST" "/v1/pupils/{id}/handover/end" app.end_handover(account, PupilRef { id });
        "POST" "/v1/pupils/{id}/bars" app.change_bar(account, ChangeBarRequest {
            id, change: ChangeBar { user_id: super::samples::id(PRIYA), barred: true },
        });
        "PUT" "/v1/pupils/{id}/restriction" app.change_restriction(account, ChangeRestrictionRequest {
            id, change: ChangeRestriction { restricted: false, named: vec![] },
        });
        "POST" "/v1/pupils/{id}/adoption" app.close_for_adoption(account, CloseForAdoptionRequest {
            id, close: CloseForAdoption { on: day("2026-11-20") },
        });
        "GET" "/v1/restricted-pupils" app.list_restricted_pupils(account, After::default());
        "GET" "/v1/pupils/{id}/entitled" app.list_entitled(account, page());
        "GET" "/v1/pupils/{id}/timeline" app.pupil_timeline(account, page());
        "GET" "/v1/pupils/{id}/notes" app.pupil_notes(account, page());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_upn_is_judged_as_it_is_typed_and_a_day_worked_out() {
    let store = FakeStore::start().await;
    let folder = tempfile::tempdir().unwrap();
    let desk = store.desk(folder.path()).await;
    let judge = |text: &str| {
        let text = text.to_owned();
        async { desk.app.judge_upn(UpnToJudge { text }).await.unwrap() }
    };
    assert!(judge("B80120000").await.error.unwrap().contains("is not a UPN"));
    let wrong = judge("A801200005001").await;
    assert!(wrong.upn.is_some() && wrong.warning.unwrap().contains("may be mistyped"));
    let right = judge(" b801200005001").await;
    assert_eq!((right.warning, right.error, right.temporary), (None, None, false));
    let start = "2026-04-14".parse().unwrap();
    let seen = desk.app.visible_from(EnrolmentStart { start }).await.unwrap();
    assert_eq!(seen.on, "2026-03-27".parse().unwrap());
}
