use chrono::TimeDelta;
use lac_domain::{Role, UserId};
use lac_wire::{AddUser, Attention, ErrorCode, Page, User, UserCounts, UserFilter, UserSort};

use super::*;
use crate::both_engines;
use crate::test_support::TestPupil;

async fn names(store: &TestStore, query: &str) -> Vec<String> {
    let page: Page<User> = store.super_user.client.get(&format!("/v1/users?{query}")).await.json();
    page.rows
        .iter()
        .map(|row| format!("{} {}", row.first_name, row.last_name))
        .collect()
}

async fn add(store: &TestStore, role: Role, first_name: &str, last_name: &str, links: Vec<LinkEntry>) -> UserId {
    let adding = AddUser {
        entry: entry(role, first_name, last_name, links),
        link_later: true,
        invite: true,
    };
    store
        .super_user
        .client
        .post("/v1/users", &adding)
        .await
        .json::<User>()
        .id
}

both_engines! {
    async fn users_are_found_by_words_of_theirs_and_of_their_establishments(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        add(store, Role::DesignatedTeacher, "Eleanor", "O\u{2019}Bold", vec![link_to(school)]).await;
        add(store, Role::SocialWorker, "Obadiah", "Slope", vec![]).await;
        for (search, found) in [
            ("eleanor", vec!["Eleanor O\u{2019}Bold"]),
            ("o%27bold%20el", vec!["Eleanor O\u{2019}Bold"]),
            ("bold", vec!["Eleanor O\u{2019}Bold"]),
            ("OBADIAH.SL", vec!["Obadiah Slope"]),
            ("headteacher", vec!["Eleanor O\u{2019}Bold", "Obadiah Slope"]),
            ("head%20slope", vec!["Obadiah Slope"]),
            ("lope", vec![]),
        ] {
            assert_eq!(names(store, &format!("search={search}")).await, found, "{search}");
        }
        // The school of a test has no words; one that is read from a file has.
        let file = "URN,EstablishmentName,EstablishmentStatus (name)\n100008,Argyle Primary School,Open\n";
        let file = crate::establishments::read_gias(file.as_bytes()).unwrap();
        assert!(store.store.import_establishments(&file).await.is_ok());
        let page: Page<lac_wire::Establishment> = store.super_user.client.get("/v1/establishments?search=argyle").await.json();
        add(store, Role::DesignatedTeacher, "Mark", "Robarts", vec![link_to(page.rows[0].id)]).await;
        assert_eq!(names(store, "search=argyle%20mark").await, ["Mark Robarts"]);
        assert_eq!(names(store, &format!("establishment_id={}", page.rows[0].id)).await, ["Mark Robarts"]);
    }

    async fn filters_and_what_needs_attention(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        add(store, Role::DesignatedTeacher, "Ada", "Arabin", vec![link_to(school)]).await;
        add(store, Role::DesignatedTeacher, "Ben", "Bunce", vec![]).await;
        add(store, Role::SocialWorker, "Cyd", "Crawley", vec![]).await;
        let dee = store.teacher("Dee", "Dale", school).await;
        assert_eq!(names(store, "role=designated_teacher").await, ["Ada Arabin", "Ben Bunce", "Dee Dale"]);
        assert_eq!(names(store, "status=active").await, ["Dee Dale", "Septimus Harding"]);
        assert_eq!(names(store, "needs_attention=true").await, ["Ben Bunce"]);
        store.clock.advance(TimeDelta::hours(25));
        let fresh = store.super_user.on_another_device(store).await;
        let page: Page<User> = fresh.client.get("/v1/users?needs_attention=true").await.json();
        let waiting: Vec<&str> = page.rows.iter().map(|row| row.first_name.as_str()).collect();
        assert_eq!(waiting, ["Ada", "Ben", "Cyd"]);
        store.end_links(dee.id, "2026-11-23").await;
        let page: Page<User> = fresh.client.get("/v1/users?needs_attention=true&role=designated_teacher&status=active").await.json();
        assert_eq!(page.rows[0].first_name, "Dee");
    }

    async fn the_list_goes_on_in_order_of_last_and_first_name(store: &TestStore) {
        for (first, last) in [("Zoe", "Arabin"), ("Ada", "Arabin"), ("\u{c9}lodie", "Bunce"), ("Ben", "bunce")] {
            add(store, Role::SocialWorker, first, last, vec![]).await;
        }
        let all = ["Ada Arabin", "Zoe Arabin", "Ben bunce", "\u{c9}lodie Bunce", "Septimus Harding"];
        assert_eq!(names(store, "").await, all);
        let client = &store.super_user.client;
        let (mut paged, mut after) = (Vec::new(), String::new());
        loop {
            let page: Page<User> = client.get(&format!("/v1/users?limit=2{after}")).await.json();
            paged.extend(page.rows.iter().map(|row| format!("{} {}", row.first_name, row.last_name)));
            let Some(next) = page.after else { break };
            after = format!("&after={next}");
        }
        assert_eq!(paged, all);
        assert_eq!(client.get("/v1/users?role=headmaster").await.code(), ErrorCode::Malformed);
    }

    async fn each_need_of_attention_is_a_filter_and_has_its_count(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        add(store, Role::DesignatedTeacher, "Ada", "Arabin", vec![link_to(school)]).await;
        add(store, Role::DesignatedTeacher, "Ben", "Bunce", vec![]).await;
        let cyd = AddUser { entry: entry(Role::SocialWorker, "Cyd", "Crawley", vec![]), link_later: false, invite: false };
        let _: User = store.super_user.client.post("/v1/users", &cyd).await.json();
        store.clock.advance(TimeDelta::hours(25));
        let fresh = store.super_user.on_another_device(store).await;
        let found = async |client: &crate::test_support::TestClient, query: &str| -> Vec<String> {
            let page: Page<User> = client.get(&format!("/v1/users?{query}")).await.json();
            page.rows.into_iter().map(|row| row.first_name).collect()
        };
        assert_eq!(found(&fresh.client, "attention=not_linked").await, ["Ben"]);
        assert_eq!(found(&fresh.client, "attention=not_invited").await, ["Cyd"]);
        assert_eq!(found(&fresh.client, "attention=invitation_expired").await, ["Ada"]);
        assert_eq!(found(&fresh.client, "attention=not_taken_up").await, [""; 0]);
        assert_eq!(found(&fresh.client, "needs_attention=true").await, ["Ada", "Ben", "Cyd"]);
        let counts: UserCounts = fresh.client.get("/v1/users/counts").await.json();
        let one_each = UserCounts { total: 4, not_linked: 1, not_invited: 1, undelivered: 0, invitation_expired: 1, not_taken_up: 0 };
        assert_eq!(counts, one_each);
        // The total is that of the filter, the needs those of who would be found without it.
        let counts: UserCounts = fresh.client.get("/v1/users/counts?attention=not_linked").await.json();
        assert_eq!(counts, UserCounts { total: 1, ..one_each });
        let counts: UserCounts = fresh.client.get("/v1/users/counts?role=social_worker").await.json();
        assert_eq!((counts.total, counts.not_linked, counts.not_invited), (1, 0, 1));
        let counts: UserCounts = fresh.client.get("/v1/users/counts?search=ad").await.json();
        assert_eq!((counts.total, counts.not_linked, counts.invitation_expired), (1, 0, 1));
        // Sent again meanwhile, it is not expired, and yet nobody has taken one up for a week.
        store.clock.advance(TimeDelta::days(6));
        let fresh = store.super_user.on_another_device(store).await;
        let page: Page<User> = fresh.client.get("/v1/users?search=ada").await.json();
        let path = format!("/v1/users/{}/invitations", page.rows[0].id);
        let ada: User = fresh.client.post(&path, &()).await.json();
        assert_eq!(ada.needs, [Attention::NotTakenUp]);
        assert_eq!(found(&fresh.client, "attention=not_taken_up").await, ["Ada"]);
    }

    async fn the_list_is_sorted_by_what_is_asked_forwards_and_backwards(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        add(store, Role::SocialWorker, "Ada", "Arabin", vec![]).await;
        store.clock.advance(TimeDelta::minutes(5));
        store.teacher("Ben", "Bunce", school).await;
        store.clock.advance(TimeDelta::minutes(5));
        store.user(Role::LaUser, "Cyd", "Crawley").await;
        for (sort, expected) in [
            ("name", ["Ada", "Ben", "Cyd", "Septimus"]),
            ("role", ["Ben", "Septimus", "Cyd", "Ada"]),
            ("status", ["Ben", "Cyd", "Septimus", "Ada"]),
            ("last_signed_in", ["Ada", "Septimus", "Ben", "Cyd"]),
        ] {
            let mut backwards = expected;
            backwards.reverse();
            for (way, expected) in [("false", expected), ("true", backwards)] {
                let (mut paged, mut after) = (Vec::new(), String::new());
                loop {
                    let path = format!("/v1/users?sort={sort}&descending={way}&limit=1{after}");
                    let page: Page<User> = store.super_user.client.get(&path).await.json();
                    paged.extend(page.rows.into_iter().map(|row| row.first_name));
                    let Some(next) = page.after else { break };
                    after = format!("&after={next}");
                }
                assert_eq!(paged, expected, "{sort} {way}");
            }
        }
        let client = &store.super_user.client;
        let page: Page<User> = client.get("/v1/users?sort=role&limit=1").await.json();
        let other = format!("/v1/users?sort=last_signed_in&after={}", page.after.unwrap());
        assert_eq!(client.get(&other).await.code(), ErrorCode::Malformed);
    }

    async fn a_row_counts_the_pupils_whom_the_reader_may_see_too(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let mut pupils = Vec::new();
        for name in ["Tom Reed", "Una Brook", "Wilf Hart"] {
            pupils.push(store.pupil(TestPupil::at(name, school)).await);
        }
        let teacher = store.teacher("Ben", "Bunce", school).await;
        let worker = store.user(Role::SocialWorker, "Ada", "Arabin").await;
        store.assign(worker.id, pupils[0], true).await;
        store.assign(store.super_user.id, pupils[1], true).await;
        store.bar(store.super_user.id, pupils[2]).await;
        let page: Page<User> = store.super_user.client.get("/v1/users").await.json();
        let counts: Vec<(u32, Option<u32>)> = page.rows.iter().map(|row| (row.pupils_assigned, row.pupils_seen)).collect();
        assert_eq!(counts, [(1, Some(1)), (0, Some(2)), (1, None)]);
        assert_eq!(page.rows[1].id, teacher.id);
    }

    async fn an_address_that_exists_is_offered_while_it_is_typed(store: &TestStore) {
        let ada = add(store, Role::SocialWorker, "Ada", "Arabin", vec![]).await;
        add(store, Role::SocialWorker, "Ada", "Arabinson", vec![]).await;
        let offered = async |typed: &str| -> Vec<UserId> {
            let found: Vec<User> = store.super_user.client.get(&format!("/v1/users/lookup?email={typed}")).await.json();
            found.into_iter().map(|user| user.id).collect()
        };
        assert_eq!(offered("ad").await, []);
        assert_eq!(offered("ADA.arabin").await.len(), 2);
        assert_eq!(offered("ada.arabin@example.org").await, [ada]);
        assert_eq!(offered("arabin").await, []);
        let teacher = store.teacher("Ben", "Bunce", store.school("Hogglestock Primary").await).await;
        assert_eq!(teacher.client.get("/v1/users/lookup?email=ada.").await.code(), ErrorCode::Forbidden);
    }

    async fn every_order_and_filter_is_read_from_an_index(store: &TestStore) {
        let mut filters = vec![UserFilter::default()];
        for sort in [UserSort::Role, UserSort::Status, UserSort::LastSignedIn] {
            filters.push(UserFilter { sort: Some(sort), ..UserFilter::default() });
        }
        filters.push(UserFilter { role: Some(Role::LaUser), ..UserFilter::default() });
        filters.push(UserFilter { status: Some(UserStatus::Invited), ..UserFilter::default() });
        filters.push(UserFilter { search: Some("ada".to_owned()), ..UserFilter::default() });
        filters.push(UserFilter { needs_attention: true, ..UserFilter::default() });
        for filter in filters {
            let sql = crate::users::list::page_sql(&filter, store.store.now());
            let plan = plan(store, &sql).await;
            let read_whole = plan.iter().any(|step| {
                // SQLite says SCAN with no index; PostgreSQL, kept from sequential reads where it can be, Seq Scan.
                (step.starts_with("SCAN") && !step.contains("INDEX")) || step.contains("Seq Scan on users")
            });
            let sorted = plan.iter().any(|step| step.contains("TEMP B-TREE FOR ORDER BY"));
            // What is found by its own index, not by the order's, is few enough to be sorted.
            let narrowed = filter.search.is_some() || filter.needs_attention;
            assert!(!read_whole && (narrowed || !sorted), "{filter:?}: {plan:#?}");
        }
    }
}

/// How the engine reads a statement, step by step, its parameters filled in.
async fn plan(store: &TestStore, sql: &str) -> Vec<String> {
    let day = "'2026-11-23'";
    let (now, ago) = ("'2026-11-23T09:00:00+00:00'", "'2026-11-16T09:00:00+00:00'");
    let mut sql = sql.replace("$10", "'adb'").replace("$9", "'ada'");
    for (name, value) in [
        ("$1", day),
        ("$2", now),
        ("$3", ago),
        ("$4", "'la_user'"),
        ("$5", "'invited'"),
    ] {
        sql = sql.replace(name, value);
    }
    let mut conn = store.store.write_for_tests().await;
    match &mut conn {
        crate::storage::Conn::Sqlite(transaction) => {
            let sql = sqlx::AssertSqlSafe(format!("EXPLAIN QUERY PLAN {sql}"));
            let rows: Vec<(i64, i64, i64, String)> = sqlx::query_as(sql).fetch_all(&mut **transaction).await.unwrap();
            rows.into_iter().map(|row| row.3).collect()
        }
        crate::storage::Conn::Postgres(transaction) => {
            sqlx::raw_sql("SET LOCAL enable_seqscan = off")
                .execute(&mut **transaction)
                .await
                .unwrap();
            let sql = sqlx::AssertSqlSafe(format!("EXPLAIN {sql}"));
            sqlx::query_scalar(sql).fetch_all(&mut **transaction).await.unwrap()
        }
    }
}
