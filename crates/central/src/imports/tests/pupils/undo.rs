use chrono::TimeDelta;
use lac_wire::{ErrorCode, ImportStatus, PupilNote, StayReason, UndoLook};

use super::*;
use crate::both_engines;
use crate::test_support::{conversation, to};

async fn look(user: &TestUser, id: ImportId) -> UndoLook {
    user.client.get(&format!("/v1/imports/{id}/undo")).await.json()
}

async fn pupil(user: &TestUser, known_as: &str) -> Pupil {
    let all = pupils(user).await;
    all.into_iter().find(|one| one.known_as.reveal() == known_as).unwrap()
}

both_engines! {
    async fn an_undo_is_the_state_before(store: &TestStore) {
        let (one, two) = schools(store).await;
        let (here, there) = (store.teacher("Eleanor", "Bold", one).await, store.teacher("Mark", "Robarts", two).await);
        store.user(Role::SocialWorker, "Josiah", "Crawley").await;
        let grace = la_user(store).await;
        let empty = state(store).await;
        let first = take(&grace, &file(&[TOM, UNA])).await;
        let before = state(store).await;
        assert_eq!((names(&here).await.len(), names(&there).await.len()), (1, 1));

        // Tom moves, gets another name and another worker; Una leaves care; Vic comes.
        let moved = "B801200005001,Thomas,Reed,Tom,04/05/2014,100002,,16/11/2026,,10/01/2025,,,R1";
        let left = UNA.replace("10/01/2025,", "10/01/2025,20/11/2026");
        let vic = ",Vic,Reed,,04/05/2013,100001,,03/09/2024,,10/01/2025,,,R3";
        let judged = put(&grace, &file(&[moved, &left, vic])).await;
        let second: Import = commit_with(&grace, &judged, true, Some(1)).await.json();
        let result = second.result.unwrap();
        assert_eq!((result.created, result.updated), (1, 2));
        assert_eq!((names(&here).await, names(&there).await), (vec!["Vic Reed".to_owned()], vec!["Tom".to_owned()]));

        let seen = look(&grace, second.id).await;
        assert_eq!((seen.to_remove, seen.to_restore, seen.staying), (1, 2, 0));
        let undone: Import = undo(&grace, second.id).await.json();
        let done = undone.undone.unwrap();
        assert_eq!((undone.status, done.removed, done.restored, done.stayed), (ImportStatus::Undone, 1, 2, 0));
        assert_eq!(state(store).await, before);
        assert_eq!((names(&here).await.len(), names(&there).await.len()), (1, 1));
        let tom = pupil(&grace, "Tommy Reed").await;
        let notes: Page<PupilNote> = grace.client.get(&format!("/v1/pupils/{}/notes", tom.id)).await.json();
        assert!(notes.rows.iter().any(|note| note.text == "Took back what an import had changed."), "{notes:?}");
        // The same again changes nothing, and the import before was changed by this one: its pupils stay.
        undo(&grace, second.id).await;
        assert_eq!(state(store).await, before);
        let seen = look(&grace, first.id).await;
        assert_eq!((seen.to_remove, seen.staying), (0, 2));
        assert_ne!(before, empty);
    }

    async fn those_who_were_added_are_gone_with_all_that_was_theirs(store: &TestStore) {
        let (one, _) = schools(store).await;
        let here = store.teacher("Eleanor", "Bold", one).await;
        let grace = la_user(store).await;
        let empty = state(store).await;
        let done = take(&grace, &file(&[TOM, UNA])).await;
        assert_eq!(names(&here).await.len(), 1);
        undo(&grace, done.id).await;
        assert_eq!((state(store).await, names(&here).await), (empty, Vec::new()));
        assert_eq!(count(store, "SELECT COUNT(*) FROM pupil_access_ended").await, 0);
        // They can be added again.
        assert_eq!(take(&grace, &file(&[TOM, UNA])).await.result.unwrap().created, 2);
    }

    async fn who_was_written_about_or_changed_since_stays_and_it_is_said_why(store: &TestStore) {
        let (one, _) = schools(store).await;
        let here = store.teacher("Eleanor", "Bold", one).await;
        let grace = la_user(store).await;
        let vic = ",Vic,Reed,,04/05/2013,100001,,03/09/2024,,10/01/2025,,,R3";
        let done = take(&grace, &file(&[TOM, UNA, vic])).await;
        let (tom, una) = (pupil(&grace, "Tommy Reed").await.id, pupil(&grace, "Una Slope").await.id);
        let told = conversation(store, Some(tom), vec![to(&here)], "Hello");
        assert_eq!(grace.command(told).await.status, 200);
        let change = serde_json::json!({ "revision": null, "change": {
            "kind": "add", "entry": { "start": "2020-01-10", "end": "2020-02-10" },
        }});
        assert_eq!(grace.client.post(&format!("/v1/pupils/{una}/care-periods"), &change).await.status, 200);
        let seen = look(&grace, done.id).await;
        assert_eq!((seen.to_remove, seen.staying), (1, 2));
        let mut why: Vec<_> = seen.rows.iter().map(|row| (row.name.as_str(), row.reason)).collect();
        why.sort_by_key(|(name, _)| *name);
        assert_eq!(why, [("Tommy Reed", StayReason::InUse), ("Una Slope", StayReason::Changed)]);
        assert!(seen.rows.iter().all(|row| row.message.ends_with('.')));
        let undone: Import = undo(&grace, done.id).await.json();
        let undone = undone.undone.unwrap();
        assert_eq!((undone.removed, undone.stayed), (1, 2));
        let mut left = names(&grace).await;
        left.sort();
        assert_eq!(left, ["Tommy Reed", "Una Slope"]);
    }

    async fn a_pupil_who_was_changed_since_keeps_what_they_have(store: &TestStore) {
        schools(store).await;
        let grace = la_user(store).await;
        take(&grace, &file(&[TOM, UNA])).await;
        let renamed = [TOM.replace("Tommy Reed", "Tom"), UNA.replace("Una,Slope,,", "Una,Slope,Uny,")];
        let done = take(&grace, &file(&[&renamed[0], &renamed[1]])).await;
        take(&grace, &file(&[&TOM.replace("Tommy Reed", "Thomas")])).await;
        let seen = look(&grace, done.id).await;
        assert_eq!((seen.to_restore, seen.staying), (1, 1));
        assert_eq!((seen.rows[0].name.as_str(), seen.rows[0].reason), ("Thomas", StayReason::Changed));
        undo(&grace, done.id).await;
        let mut left = names(&grace).await;
        left.sort();
        assert_eq!(left, ["Thomas", "Una Slope"]);
    }

    async fn after_thirty_days_nothing_is_undone(store: &TestStore) {
        schools(store).await;
        let grace = la_user(store).await;
        let done = take(&grace, &file(&[TOM])).await;
        store.clock.advance(TimeDelta::days(31));
        let grace = grace.on_another_device(store).await;
        assert!(look(&grace, done.id).await.refused.is_some());
        assert_eq!(undo(&grace, done.id).await.code(), ErrorCode::ImportNotUndoable);
    }
}
