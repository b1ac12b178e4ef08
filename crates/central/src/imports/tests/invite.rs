use chrono::TimeDelta;
use lac_wire::{CommitImport, ErrorCode, Import};

use super::*;
use crate::both_engines;

const FILE: &[u8] = b"First name,Surname,Email,URN\nAnn,Lee,ann.lee@example.org,100008\n\
    Bob,Reed,bob.reed@example.org,100005\nJonah,Strand,jonah.strand@example.org,0\n";

async fn committed(store: &TestStore, user: &TestUser, after: Option<TimeDelta>) -> Import {
    let import = put(user, new_import(), FILE).await;
    let body = CommitImport {
        revision: 1,
        all_or_nothing: true,
        invite: false,
        invite_at: after.map(|after| store.store.now().plus(after)),
        ends_care: None,
    };
    user.client
        .post(&format!("/v1/imports/{}/commit", import.id), &body)
        .await
        .json()
}

both_engines! {
    async fn invitations_are_sent_later_in_one_go(store: &TestStore) {
        let priya = authority(store).await;
        let import = committed(store, &priya, None).await;
        assert_eq!((import.invited_at, import.result.unwrap().invited), (None, 0));
        assert!(store.mails().await.is_empty());
        let path = format!("/v1/imports/{}/invite", import.id);
        let invited: Import = priya.client.post(&path, &()).await.json();
        assert_eq!((invited.invited_at.is_some(), invited.result.unwrap().invited), (true, 2));
        assert_eq!(store.mails().await.len(), 2);
        // The teacher who is not linked yet waits for a link.
        assert_eq!(count(store, "SELECT COUNT(*) FROM users WHERE invitation_held").await, 1);
        let again: Import = priya.client.post(&path, &()).await.json();
        assert_eq!((again, store.mails().await.len()), (invited, 2));
    }

    async fn invitations_are_sent_at_a_set_time_once(store: &TestStore) {
        let priya = authority(store).await;
        let import = committed(store, &priya, Some(TimeDelta::hours(12))).await;
        assert!(import.invite_at.is_some() && import.invited_at.is_none());
        store.clock.advance(TimeDelta::hours(11));
        assert!(store.store.send_due_invitations().await.is_ok());
        assert!(store.mails().await.is_empty());
        store.clock.advance(TimeDelta::hours(1));
        for _ in 0..2 {
            assert!(store.store.send_due_invitations().await.is_ok());
        }
        assert_eq!(store.mails().await.len(), 2);
        let priya = priya.on_another_device(store).await;
        let import: Import = priya.client.get(&format!("/v1/imports/{}", import.id)).await.json();
        assert_eq!((import.invited_at, import.result.unwrap().invited), (Some(store.store.now()), 2));
    }

    async fn a_set_time_that_is_no_time_to_come_is_refused(store: &TestStore) {
        let priya = authority(store).await;
        let import = put(&priya, new_import(), FILE).await;
        for (invite, after) in [(false, -1), (false, 0), (true, 60), (false, 366 * 24 * 60)] {
            let body = CommitImport {
                revision: 1,
                all_or_nothing: true,
                invite,
                invite_at: Some(store.store.now().plus(TimeDelta::minutes(after))),
                ends_care: None,
            };
            let reply = priya.client.post(&format!("/v1/imports/{}/commit", import.id), &body).await;
            assert_eq!((reply.code(), reply.error().field.as_deref()), (ErrorCode::FieldInvalid, Some("invite_at")));
        }
        let early = priya.client.post(&format!("/v1/imports/{}/invite", import.id), &()).await;
        assert_eq!(early.code(), ErrorCode::ImportRefused);
    }

    async fn nobody_is_invited_twice_or_after_an_undo(store: &TestStore) {
        let priya = authority(store).await;
        let import = committed(store, &priya, Some(TimeDelta::hours(12))).await;
        let ann: Page<lac_wire::User> = priya.client.get("/v1/users?search=ann%20lee").await.json();
        assert_eq!(priya.client.post(&format!("/v1/users/{}/invitations", ann.rows[0].id), &()).await.status, 200);
        let path = format!("/v1/imports/{}/invite", import.id);
        assert_eq!(priya.client.post(&path, &()).await.json::<Import>().result.unwrap().invited, 1);
        store.clock.advance(TimeDelta::hours(13));
        assert!(store.store.send_due_invitations().await.is_ok());
        assert_eq!(store.mails().await.len(), 2);
    }
}
