//! The list of pupils: its order, its filters, and that each of its queries is answered from an index.

use chrono::NaiveDate;
use lac_domain::{EstablishmentId, PupilId, Role, UserId};
use lac_wire::{Page, Pupil, PupilFilter, PupilSort};

use super::list::{Part, Query, query};
use crate::both_engines;
use crate::scope::Scope;
use crate::storage::{Conn, Engine};
use crate::test_support::{TestClient, TestPupil, new_uuid};

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

async fn names(client: &TestClient, query: &str) -> Vec<String> {
    let page: Page<Pupil> = client.get(&format!("/v1/pupils?{query}")).await.json();
    page.rows.iter().map(|row| row.known_as.reveal().to_owned()).collect()
}

/// The names of a list, fetched so many at a time.
async fn by_pages(client: &TestClient, query: &str, limit: usize) -> Vec<String> {
    let mut all = Vec::new();
    let mut after = String::new();
    loop {
        let page: Page<Pupil> = client
            .get(&format!("/v1/pupils?{query}&limit={limit}{after}"))
            .await
            .json();
        assert!(page.rows.len() <= limit);
        all.extend(page.rows.iter().map(|row| row.known_as.reveal().to_owned()));
        match page.after {
            Some(key) => after = format!("&after={key}"),
            None => return all,
        }
    }
}

/// The steps of a plan that read a whole table.
async fn whole_tables(conn: &mut Conn, query: Query) -> Vec<String> {
    let explained = |prefix: &str| Query {
        sql: format!("{prefix} {}", query.sql),
        binds: query.binds.clone(),
    };
    match conn.engine() {
        Engine::Sqlite => {
            let steps: Vec<(i64, i64, i64, String)> = explained("EXPLAIN QUERY PLAN").fetch(conn).await.unwrap();
            steps
                .into_iter()
                .map(|step| step.3)
                .filter(|step| step.starts_with("SCAN") && !step.contains("INDEX") && !step.contains("CONSTANT"))
                .collect()
        }
        Engine::Postgres => {
            // Few rows make any plan as good as another; so those that read a whole table are taken only for want of one.
            conn.run("SET LOCAL enable_seqscan = off").await.unwrap();
            let lines: Vec<(String,)> = explained("EXPLAIN").fetch(conn).await.unwrap();
            lines
                .into_iter()
                .map(|line| line.0)
                .filter(|line| line.contains("Seq Scan"))
                .collect()
        }
    }
}

/// Every condition by itself, and all of them together.
fn filters() -> Vec<PupilFilter> {
    let whole = PupilFilter {
        search: Some("tom riverside".to_owned()),
        establishment_id: Some(EstablishmentId(new_uuid())),
        year_group: Some(7),
        looked_after: Some(true),
        no_school: Some(true),
        no_social_worker: Some(true),
        ..PupilFilter::default()
    };
    let mut filters = vec![
        PupilFilter::default(),
        PupilFilter {
            search: whole.search.clone(),
            ..PupilFilter::default()
        },
        PupilFilter {
            establishment_id: whole.establishment_id,
            ..PupilFilter::default()
        },
        PupilFilter {
            year_group: Some(7),
            ..PupilFilter::default()
        },
        PupilFilter {
            looked_after: Some(false),
            ..PupilFilter::default()
        },
        PupilFilter {
            no_school: Some(true),
            ..PupilFilter::default()
        },
        PupilFilter {
            no_social_worker: Some(true),
            ..PupilFilter::default()
        },
        whole,
    ];
    for sort in [PupilSort::Youngest, PupilSort::Oldest] {
        let sorted: Vec<_> = filters[..8]
            .iter()
            .map(|one| PupilFilter {
                sort: Some(sort),
                ..one.clone()
            })
            .collect();
        filters.extend(sorted);
    }
    filters
}

both_engines! {
    async fn every_query_of_pupils_uses_an_index(store: &TestStore) {
        let mut conn = store.store.read().await.unwrap();
        let mut asked = 0;
        for role in [Role::DesignatedTeacher, Role::LaUser, Role::LaSuperUser] {
            let scope = Scope { user: UserId(new_uuid()), role, today: store.store.today() };
            for filter in filters() {
                for part in [Part::Mine, Part::Others, Part::All] {
                    let by_age = filter.sort.unwrap_or_default() != PupilSort::Name;
                    let sort = if by_age { "2014-05-04" } else { "tom" };
                    for after in [None, Some((sort.to_owned(), PupilId(new_uuid())))] {
                        let query = query(scope, &filter, part, after, 51).unwrap();
                        let sql = query.sql.clone();
                        let whole = whole_tables(&mut conn, query).await;
                        assert!(whole.is_empty(), "{role} {part:?}: {whole:?}\n{sql}");
                        asked += 1;
                    }
                }
            }
        }
        assert_eq!(asked, 3 * 24 * 3 * 2);
    }

    async fn la_roles_find_their_own_pupils_first(store: &TestStore) {
        let school = store.school("Riverside Primary").await;
        let mut ids = Vec::new();
        for name in ["Ada", "Ben", "Cyd", "Dee", "Eve", "Fay"] {
            ids.push(store.pupil(TestPupil::at(name, school)).await);
        }
        let grace = store.user(Role::LaUser, "Grace", "Crawley").await;
        for at in [5, 2] {
            store.assign(grace.id, ids[at], true).await;
        }
        let expected = ["Cyd", "Fay", "Ada", "Ben", "Dee", "Eve"];
        for limit in [1, 2, 3, 4, 5, 6, 7] {
            assert_eq!(by_pages(&grace.client, "", limit).await, expected, "{limit} at a time");
        }
        assert_eq!(by_pages(&grace.client, "mine=true", 1).await, ["Cyd", "Fay"]);
        assert_eq!(names(&store.super_user.client, "").await, ["Ada", "Ben", "Cyd", "Dee", "Eve", "Fay"]);
        let teacher = store.teacher("Eleanor", "Bold", school).await;
        assert_eq!(by_pages(&teacher.client, "", 4).await, ["Ada", "Ben", "Cyd", "Dee", "Eve", "Fay"]);
    }

    async fn filters_and_orders_of_the_list(store: &TestStore) {
        let (one, two) = (store.school("Riverside Primary").await, store.school("Plumstead High").await);
        let ada = TestPupil { born: day("2016-09-01"), ..TestPupil::at("Ada", one) };
        let ben = TestPupil { born: day("2016-08-31"), ..TestPupil::at("Ben", two) };
        let cyd = TestPupil { born: day("2014-05-03"), in_care_from: None, ..TestPupil::at("Cyd", one) };
        let dee = TestPupil { born: day("2014-05-04"), enrolments: vec![], ..TestPupil::at("Dee", one) };
        let eve = TestPupil { born: day("2008-11-23"), ..TestPupil::at("Eve", two) };
        let mut ids = Vec::new();
        for pupil in [ada, ben, cyd, dee, eve] {
            ids.push(store.pupil(pupil).await);
        }
        let worker = store.user(Role::SocialWorker, "Josiah", "Crawley").await;
        store.assign(worker.id, ids[0], true).await;
        let la = &store.super_user.client;
        for (query, expected) in [
            ("looked_after=true", &["Ada", "Ben", "Dee"][..]),
            ("looked_after=false", &["Cyd", "Eve"]),
            ("no_school=true", &["Dee"]),
            ("no_social_worker=true", &["Ben", "Cyd", "Dee", "Eve"]),
            ("year_group=5", &["Ada"]),
            ("year_group=6", &["Ben"]),
            ("search=plum", &["Ben", "Eve"]),
            ("search=plum%20ben", &["Ben"]),
            ("sort=youngest&looked_after=true", &["Ada", "Ben", "Dee"]),
            ("sort=oldest", &["Eve", "Cyd", "Dee", "Ben", "Ada"]),
        ] {
            assert_eq!(names(la, query).await, expected, "{query}");
            assert_eq!(by_pages(la, query, 1).await, expected, "{query}, one at a time");
        }
    }

    async fn namesakes_at_two_schools_are_never_mixed_up(store: &TestStore) {
        let (one, two) = (store.school("Riverside Primary").await, store.school("Plumstead High").await);
        let (here, there) = (store.teacher("Eleanor", "Bold", one).await, store.teacher("Mark", "Robarts", two).await);
        let first = store.pupil(TestPupil::at("Tom Reed", one)).await;
        let second = store.pupil(TestPupil::at("Tom Reed", two)).await;
        for (teacher, own, other) in [(&here, first, second), (&there, second, first)] {
            for query in ["", "search=", "sort=oldest", "looked_after=true", "year_group=8", "no_school=true", "mine=true"] {
                let page: Page<Pupil> = teacher.client.get(&format!("/v1/pupils?{query}")).await.json();
                assert!(page.rows.iter().all(|pupil| pupil.id == own), "{query}");
            }
            let unseen = teacher.client.get(&format!("/v1/pupils/{other}")).await;
            let nobody = teacher.client.get(&format!("/v1/pupils/{}", new_uuid())).await;
            assert_eq!((unseen.code(), unseen.error().message), (nobody.code(), nobody.error().message));
            let place = if own == first { two } else { one };
            assert_eq!(names(&teacher.client, &format!("establishment_id={place}")).await, [""; 0]);
        }
    }
}
