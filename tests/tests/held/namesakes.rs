//! Two children of one name at two schools: neither teacher's desktop finds, offers or sends anything of the other's.

use lac_central::storage::Engine;
use lac_central::test_support::{TestPupil, TestStore, TestUser, to};
use lac_client::view::*;
use lac_domain::{PupilId, Role};
use lac_wire::{PupilFilter, Recipient};
use serde::Serialize;

use crate::desktop::Desktop;
use crate::served::Served;

/// A teacher's desktop, their child, and what tells of them.
struct Side {
    desktop: Desktop,
    pupil: PupilId,
    marks: Vec<String>,
}

async fn side(store: &TestStore, served: &Served, school: &str, people: [&str; 2]) -> Side {
    let place = store.school(school).await;
    let teacher = store.teacher("Eleanor", people[0], place).await;
    let worker = store.user(Role::SocialWorker, "Mary", people[1]).await;
    let pupil = store.pupil(TestPupil::at("Tom Reed", place)).await;
    store.assign(worker.id, pupil, true).await;
    let words = format!("Secondhand{school}");
    let recipients = vec![to(&teacher), to(&worker)];
    let id = store
        .super_user
        .begins(store, Some(pupil), recipients, &format!("Tom Reed {words}"))
        .await;
    let ids = [
        place.to_string(),
        teacher.id.to_string(),
        worker.id.to_string(),
        pupil.to_string(),
        id.to_string(),
    ];
    let names = [school, people[0], people[1], &words].map(str::to_owned);
    Side {
        desktop: Desktop::sign_in(served.address, teacher).await,
        pupil,
        marks: ids.into_iter().chain(names).collect(),
    }
}

fn tells_nothing_of(other: &Side, said: &impl Serialize, what: &str) {
    let said = serde_json::to_string(said).unwrap();
    for mark in &other.marks {
        assert!(!said.contains(mark.as_str()), "{what} tells {mark}: {said}");
    }
}

/// Everything that one looks for in the window: pupils, messages, people and groups.
async fn looks_for(side: &Side, other: &Side, typed: &str) {
    let (app, account) = (&side.desktop.app, side.desktop.account);
    let filter = PupilFilter {
        search: Some(typed.to_owned()),
        ..PupilFilter::default()
    };
    let pupils = app.list_pupils(account, filter).await.unwrap();
    tells_nothing_of(other, &pupils, "the search for pupils");
    let filter = ConversationFilter {
        folder: None,
        search: Some(typed.to_owned()),
        pupil_id: None,
        after: None,
        limit: None,
    };
    let found = app.list_conversations(account, filter).await.unwrap();
    tells_nothing_of(other, &found, "the search for messages");
    for pupil_id in [None, Some(side.pupil), Some(other.pupil)] {
        let request = FindRecipients {
            search: typed.to_owned(),
            pupil_id,
        };
        let offered = app.find_recipients(account, request).await.unwrap();
        tells_nothing_of(other, &offered, "the recipients offered");
        let groups = offered
            .iter()
            .filter(|one| matches!(one.recipient, Recipient::AroundPupil { .. }));
        assert!(groups.count() <= usize::from(pupil_id == Some(side.pupil)));
    }
}

/// Sends a draft, and tells what the outbox says of it in the end.
async fn sent(side: &Side, pupil: PupilId, recipients: Vec<RecipientChoice>) -> Vec<OutboxRow> {
    let (app, account) = (&side.desktop.app, side.desktop.account);
    let request = NewDraft {
        pupil_id: Some(pupil),
        ..NewDraft::default()
    };
    let draft = app.new_draft(account, request).await.unwrap();
    let kept = DraftRef { id: draft.id };
    let draft = Draft {
        recipients,
        subject: "Tom Reed".into(),
        body: "Tom was late".into(),
        ..draft
    };
    app.save_draft(account, draft).await.unwrap();
    let conversation = app.send_draft(account, kept).await.unwrap().conversation_id;
    loop {
        let rows = app.list_outbox(account, ()).await.unwrap();
        let own: Vec<OutboxRow> = rows
            .into_iter()
            .filter(|row| row.conversation_id == Some(conversation))
            .collect();
        if own.iter().all(|row| row.problem.is_some()) {
            return own;
        }
        app.sync_now(account, ()).await.unwrap();
    }
}

fn someone(user: &TestUser) -> RecipientChoice {
    RecipientChoice {
        recipient: to(user),
        name: "Somebody".to_owned(),
        detail: String::new(),
        people: 1,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_desktop_finds_offers_or_sends_anything_of_the_namesake() {
    TestStore::with(Engine::Sqlite, async |store: &TestStore| {
        let served = Served::start(store).await;
        let sides = [
            side(store, &served, "Riverside", ["Bold", "Thorne"]).await,
            side(store, &served, "Plumstead", ["Robarts", "Crawley"]).await,
        ];
        for (own, other) in [(&sides[0], &sides[1]), (&sides[1], &sides[0])] {
            own.desktop.keeps_to_the_held_set("the beginning").await;
            let mut typed = vec![String::new()];
            typed.extend(
                [
                    "Tom",
                    "reed",
                    "tom reed",
                    "\"Tom Reed\"",
                    "everyone",
                    "designated teachers at",
                    "Secondhand",
                ]
                .map(str::to_owned),
            );
            typed.extend(other.marks.iter().cloned());
            for typed in typed {
                looks_for(own, other, &typed).await;
            }
            let around = RecipientChoice {
                recipient: Recipient::AroundPupil { pupil_id: own.pupil },
                name: "Everyone who can see Tom Reed".to_owned(),
                detail: String::new(),
                people: 3,
            };
            assert!(sent(own, own.pupil, vec![around]).await.is_empty(), "it is sent");
            let virtual_school = || RecipientChoice {
                recipient: Recipient::VirtualSchool,
                ..someone(&store.super_user)
            };
            // What the window never offers is refused without a word of the other child or their people.
            let about_other = sent(own, other.pupil, vec![virtual_school()]).await;
            let to_other = sent(own, own.pupil, vec![someone(&other.desktop.user)]).await;
            for rows in [about_other, to_other] {
                let problem = rows[0].problem.clone().unwrap();
                tells_nothing_of(other, &problem.message, "the refusal");
            }
        }
        for (own, other) in [(&sides[0], &sides[1]), (&sides[1], &sides[0])] {
            own.desktop.keeps_to_the_held_set("what was sent").await;
            let filter = ConversationFilter {
                folder: None,
                search: None,
                pupil_id: Some(own.pupil),
                after: None,
                limit: None,
            };
            let listed = own
                .desktop
                .app
                .list_conversations(own.desktop.account, filter)
                .await
                .unwrap();
            let sent = listed
                .rows
                .iter()
                .filter(|row| row.sending.is_none() && row.notice.is_none());
            assert_eq!(sent.count(), 2);
            tells_nothing_of(other, &listed, "the history");
        }
        for one in sides {
            one.desktop.close().await;
        }
        served.stop().await;
    })
    .await;
}
