use lac_wire::{EstablishmentChoices, EstablishmentPage};

use super::*;

both_engines! {
    async fn those_in_use_come_first_and_the_rest_when_looked_for(store: &TestStore) {
        import(store, GIAS).await;
        let client = &store.super_user.client;
        let paul = find(client, "search=st%20paul").await.rows;
        assert_eq!(names(client, "in_use=true").await, [""; 0]);
        let cathedral = &paul[1];
        let teacher = store.teacher("Eleanor", "Bold", cathedral.id).await;
        assert_eq!(names(client, "in_use_first=true").await, std::slice::from_ref(&cathedral.name));
        assert_eq!(names(client, "in_use_first=true&search=st%20paul").await, [paul[1].name.clone(), paul[0].name.clone()]);
        let row = find(client, "in_use=true").await.rows.remove(0);
        let here = row.here.unwrap();
        assert_eq!((here.users, here.pupils, here.closed_in_use, here.nobody_to_read), (1, 0, false, false));
        // To others than LA roles nothing is counted.
        assert_eq!(find(&teacher.client, "").await.rows[0].here, None);
        store.end_links(teacher.id, "2026-11-22").await;
        assert_eq!(names(client, "in_use=true").await, [""; 0], "a link that ended is none");
    }

    async fn what_needs_attention_is_told(store: &TestStore) {
        let (open, closed) = (store.school("Hogglestock Primary").await, store.school("Plumstead High").await);
        let client = &store.super_user.client;
        let mut tx = store.store.write_for_tests().await;
        both!(&mut tx, c => sqlx::query("UPDATE establishments SET status = 'closed', closed_on = '2026-08-31' WHERE id = $1")
            .bind(closed).execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
        assert_eq!(names(client, "attention=true").await, [""; 0]);
        store.pupil(TestPupil::at("Tom Reed", open)).await;
        let teacher = store.teacher("Eleanor", "Bold", closed).await;
        assert_eq!(names(client, "attention=true").await, ["Hogglestock Primary", "Plumstead High"]);
        let page: EstablishmentPage = client.get(&format!("/v1/establishments/{open}")).await.json();
        assert!(page.warnings[0].contains("nobody is linked"), "{:?}", page.warnings);
        store.link(teacher.id, open, "2026-01-01", None).await;
        store.end_links(teacher.id, "2026-11-22").await;
        let mary = store.teacher("Mary", "Thorne", open).await;
        assert_eq!(names(client, "attention=true").await, [""; 0]);
        // A child who is not looked after is not among the looked-after pupils.
        let page: EstablishmentPage = client.get(&format!("/v1/establishments/{open}")).await.json();
        assert_eq!(page.pupils, 1);
        let mut tx = store.store.write_for_tests().await;
        both!(&mut tx, c => sqlx::query("UPDATE care_periods SET end_on = '2026-11-23'").execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
        let page: EstablishmentPage = client.get(&format!("/v1/establishments/{open}")).await.json();
        assert_eq!(page.pupils, 0);
        store.make_inactive(mary.id).await;
        assert_eq!(names(client, "attention=true").await, [""; 0]);
    }

    async fn lists_are_narrowed_and_sorted(store: &TestStore) {
        import(store, GIAS).await;
        let client = &store.super_user.client;
        let choices: EstablishmentChoices = client.get("/v1/establishments/choices").await.json();
        assert!(choices.phases.contains(&"Primary".to_owned()) && choices.la_names.contains(&"Camden".to_owned()), "{choices:?}");
        let camden = find(client, "la_name=Camden&closed=true").await.rows;
        assert!(!camden.is_empty() && camden.iter().all(|row| row.la_name == "Camden"));
        let primary = find(client, "phase=Primary&closed=true").await.rows;
        assert!(!primary.is_empty() && primary.iter().all(|row| row.phase == "Primary"));
        for (sort, key) in [("local_authority", true), ("phase", false)] {
            let all = find(client, &format!("closed=true&limit=200&sort={sort}")).await.rows;
            let keys: Vec<_> = all.iter().map(|row| if key { &row.la_name } else { &row.phase }).collect();
            assert!(keys.is_sorted(), "{keys:?}");
            let mut paged = Vec::new();
            let mut page = find(client, &format!("closed=true&limit=6&sort={sort}")).await;
            loop {
                paged.append(&mut page.rows);
                let Some(after) = page.after else { break };
                page = find(client, &format!("closed=true&limit=6&sort={sort}&after={after}")).await;
            }
            assert_eq!(paged, all);
        }
    }
}
