use chrono::NaiveDate;
use lac_domain::Role;
use lac_wire::{Away, Entity, ErrorCode, Me, Person, SetAway, User};

use crate::both_engines;
use crate::test_support::TestUser;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

async fn set(user: &TestUser, until: Option<&str>, cover: Option<&TestUser>) -> crate::test_support::Reply {
    let away = SetAway {
        until: until.map(day),
        cover: cover.map(|cover| cover.id),
    };
    user.client.put("/v1/me/away", &away).await
}

async fn seen(reader: &TestUser, of: &TestUser) -> Person {
    let all = reader.all("/v1/held?part=people").await;
    let found = all.into_iter().find_map(|one| match one {
        Entity::Person(person) if person.id == of.id => Some(person),
        _ => None,
    });
    found.expect("they are seen")
}

both_engines! {
    async fn who_is_away_is_shown_so_with_their_cover_until_they_are_back(store: &TestStore) {
        let school = store.school("Riverside Primary").await;
        let (bold, webb) =
            (store.teacher("Eleanor", "Bold", school).await, store.teacher("Anna", "Webb", school).await);
        let cursor = store.super_user.cursor().await;
        let me: Me = set(&bold, Some("2027-01-05"), Some(&webb)).await.json();
        let away = Away { until: day("2027-01-05"), cover: Some(webb.id) };
        assert_eq!(me.away, Some(away));
        assert_eq!(seen(&webb, &bold).await.away, Some(Away { cover: None, ..away }), "nobody is told to write to themselves");
        assert_eq!(seen(&store.super_user, &bold).await.away, Some(away));
        let told = store.super_user.changes(cursor).await;
        assert!(told.iter().any(|one| matches!(one, Entity::Person(p) if p.id == bold.id && p.away == Some(away))));
        let user: User = store.super_user.client.get(&format!("/v1/users/{}", bold.id)).await.json();
        let shown = user.away.unwrap();
        assert_eq!((shown.until, shown.cover_name.as_deref()), (day("2027-01-05"), Some("Anna Webb")));

        // A cover whom the reader may not write to, or who left, is not named.
        store.make_inactive(webb.id).await;
        assert_eq!(seen(&store.super_user, &bold).await.away, Some(Away { cover: None, ..away }));

        let me: Me = set(&bold, None, None).await.json();
        assert_eq!(me.away, None);
        assert_eq!(seen(&store.super_user, &bold).await.away, None);

        // On the day itself they are back, though nobody said so.
        set(&bold, Some("2026-11-25"), None).await;
        assert!(seen(&store.super_user, &bold).await.away.is_some());
        store.clock.advance(chrono::TimeDelta::days(2));
        let again = store.super_user.on_another_device(store).await;
        assert_eq!(seen(&again, &bold).await.away, None);
    }

    async fn what_cannot_be_said_of_being_away(store: &TestStore) {
        let school = store.school("Riverside Primary").await;
        let bold = store.teacher("Eleanor", "Bold", school).await;
        let stranger = store.user(Role::SocialWorker, "Mary", "Thorne").await;
        for until in ["2026-11-23", "2020-01-01", "2028-01-05"] {
            let error = set(&bold, Some(until), None).await.error();
            assert_eq!((error.code, error.field.as_deref()), (ErrorCode::FieldInvalid, Some("until")), "{until}");
        }
        let error = set(&bold, Some("2026-12-01"), Some(&bold)).await.error();
        assert_eq!(error.field.as_deref(), Some("cover"));
        assert_eq!(set(&bold, Some("2026-12-01"), Some(&stranger)).await.code(), ErrorCode::RecipientNotAllowed);
    }
}
