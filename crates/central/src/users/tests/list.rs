use chrono::TimeDelta;
use lac_domain::{Role, UserId};
use lac_wire::{AddUser, ErrorCode, Page, User};

use super::*;
use crate::both_engines;

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
}
