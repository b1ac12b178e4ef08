use chrono::TimeDelta;
use lac_domain::Role;
use lac_wire::{ErrorCode, Page, TrailAction, TrailRow};

use crate::both_engines;
use crate::test_support::{TestPupil, TestStore, to};

async fn rows(store: &TestStore, query: &str) -> Vec<TrailRow> {
    let path = format!("/v1/trail?limit=200{query}");
    let page: Page<TrailRow> = store.super_user.client.get(&path).await.json();
    page.rows
}

both_engines! {
    async fn the_trail_is_filtered_by_who_what_whom_and_day(store: &TestStore) {
        let user = store.user(Role::LaUser, "Obadiah", "Slope").await;
        store.clock.advance(TimeDelta::days(3));
        let user_again = user.on_another_device(store).await;
        let all = rows(store, "").await;
        assert!(all.windows(2).all(|pair| pair[0].number > pair[1].number), "the newest first");
        let by = rows(store, &format!("&by={}", user.id)).await;
        assert!(!by.is_empty() && by.iter().all(|row| row.by.as_deref() == Some("Obadiah Slope")), "{by:?}");
        let of = rows(store, &format!("&user_id={}&action=session.begun", user.id)).await;
        assert_eq!(of.iter().map(|row| row.what.as_str()).collect::<Vec<_>>(), ["Signed in", "Signed in"]);
        assert_eq!(of[0].about.as_ref().map(lac_wire::Private::reveal), Some("Obadiah Slope"));
        let days = |from: &str, to: &str| format!("&user_id={}&action=session.begun&from={from}&to={to}", user_again.id);
        assert_eq!(rows(store, &days("2026-11-26", "2026-11-26")).await.len(), 1);
        assert_eq!(rows(store, &days("2026-11-23", "2026-11-25")).await.len(), 1);
        assert_eq!(rows(store, &days("2026-11-27", "2026-12-31")).await.len(), 0);
        assert_eq!(rows(store, &days("2020-01-01", "2026-11-22")).await.len(), 0);
        // Page by page brings the same.
        let mut paged = Vec::new();
        let mut after = String::new();
        loop {
            let path = format!("/v1/trail?limit=2{after}");
            let page: Page<TrailRow> = store.super_user.client.get(&path).await.json();
            paged.extend(page.rows.into_iter().map(|row| row.number));
            match page.after {
                Some(next) => after = format!("&after={next}"),
                None => break,
            }
        }
        let numbers: Vec<i64> = all.iter().map(|row| row.number).collect();
        assert_eq!(paged[paged.len() - numbers.len()..], numbers[..]);
        let actions: Vec<TrailAction> = store.super_user.client.get("/v1/trail/actions").await.json();
        assert!(actions.iter().any(|action| action.words == "Signed in"));
    }

    async fn the_trail_of_a_pupil_whom_one_may_not_see_is_not_there(store: &TestStore) {
        let school = store.school("Hogglestock Primary").await;
        let tom = store.pupil(TestPupil::at("Tom Reed", school)).await;
        let path = format!("/v1/trail?pupil_id={tom}");
        assert_eq!(store.super_user.client.get(&path).await.status, 200);
        // What was done to what is written about him belongs to it; a pupil is no user.
        let teacher = store.teacher("Theophilus", "Grantly", school).await;
        teacher.begins(store, Some(tom), vec![to(&store.super_user)], "one").await;
        let of = rows(store, &format!("&pupil_id={tom}&action=conversation.started")).await;
        assert_eq!(of.len(), 1);
        assert_eq!(rows(store, &format!("&user_id={tom}")).await, []);
        store.bar(store.super_user.id, tom).await;
        assert_eq!(store.super_user.client.get(&path).await.code(), ErrorCode::NotFound);
        let colleague = store.user(Role::LaUser, "Obadiah", "Slope").await;
        assert_eq!(colleague.client.get("/v1/trail").await.code(), ErrorCode::Forbidden);
        assert_eq!(colleague.client.get("/v1/trail.csv").await.code(), ErrorCode::Forbidden);
    }

    async fn the_trail_is_exported_safely_and_that_is_in_the_trail(store: &TestStore) {
        store.user(Role::LaUser, "=cmd|calc", "Slope").await;
        let reply = store.super_user.client.get("/v1/trail.csv").await;
        assert_eq!(reply.status, 200);
        let text = String::from_utf8(reply.body).unwrap();
        assert!(text.starts_with("\u{FEFF}Number,When (London),Who,What,About,Import\r\n"), "{text}");
        assert!(text.contains("'=cmd|calc Slope") && !text.contains(",=cmd"), "{text}");
        let exported = rows(store, "&action=trail.exported").await;
        assert_eq!(exported.len(), 1);
        assert_eq!(exported[0].by.as_deref(), Some("Septimus Harding"));
        store.clock.advance(TimeDelta::minutes(16));
        let late = store.super_user.client.get("/v1/trail.csv").await;
        assert_eq!(late.code(), ErrorCode::ConfirmPassword);
    }
}
