//! What a user may no longer see leaves no byte on the device, for whatever reason: files made without a key are looked
//! through, with their write-ahead logs, indexes of words and free pages. The user's own unsent words stay.

use lac_central::storage::Engine;
use lac_central::test_support::{TestStore, TestUser, message, new_uuid, to};
use lac_client::view::{Draft, DraftRef, NewDraft, RecipientChoice};
use lac_domain::{ConversationId, EnrolmentKind, EstablishmentId, PupilId, Role};
use lac_wire::{
    AddPupil, CareChange, CarePeriodEntry, ChangeAssignments, ChangeBar, ChangeCare, ChangeEnrolment,
    ChangeRestriction, Command, EnrolmentChange, EnrolmentEntry, NewAssignment, Pupil, PupilRecord, Recipient,
};

use crate::desktop::Desktop;
use crate::served::Served;

/// How often a desktop may catch up until nothing is left.
const TRIES: usize = 10;

/// Why the teacher no longer sees a pupil.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Why {
    Moved,
    CareEnded,
    Barred,
    Restricted,
    LinkEnded,
}

/// A pupil, and the words that stand nowhere but in what is held about them: names, subject, body.
struct Secret {
    why: Why,
    upn: &'static str,
    first: &'static str,
    last: &'static str,
    subject: &'static str,
    body: &'static str,
}

const SECRETS: [Secret; 5] = [
    Secret {
        why: Why::Moved,
        upn: "M801200006001",
        first: "Xanthippe",
        last: "Quagmire",
        subject: "zephyrine",
        body: "marmalade",
    },
    Secret {
        why: Why::CareEnded,
        upn: "B801200006002",
        first: "Thistledown",
        last: "Bergamot",
        subject: "aardvark",
        body: "kingfisher",
    },
    Secret {
        why: Why::Barred,
        upn: "Q801200006003",
        first: "Ottoline",
        last: "Fiddlewood",
        subject: "juniper",
        body: "velocipede",
    },
    Secret {
        why: Why::Restricted,
        upn: "E801200006004",
        first: "Peregrine",
        last: "Nightshade",
        subject: "gossamer",
        body: "hollyhock",
    },
    Secret {
        why: Why::LinkEnded,
        upn: "U801200006005",
        first: "Lysander",
        last: "Wimborne",
        subject: "damselfly",
        body: "yarrowroot",
    },
];

impl Secret {
    fn words(&self) -> [&'static str; 5] {
        [self.first, self.last, self.subject, self.body, self.upn]
    }

    /// Those of its words that are among the bytes, wholly or by their beginning: an index keeps beginnings to find its
    /// pages by.
    fn found_in(&self, bytes: &[u8]) -> Vec<&'static str> {
        let found = |word: &&str| {
            let word = word.to_ascii_lowercase();
            let beginning = if word.starts_with(char::is_alphabetic) && word.len() < 13 {
                &word[..5]
            } else {
                &word
            };
            bytes
                .windows(beginning.len())
                .any(|window| window == beginning.as_bytes())
        };
        self.words().into_iter().filter(|word| found(word)).collect()
    }
}

struct World<'a> {
    store: &'a TestStore,
    schools: [EstablishmentId; 2],
    teacher: Desktop,
    la: Desktop,
}

impl World<'_> {
    fn boss(&self) -> &TestUser {
        &self.store.super_user
    }

    /// Adds the pupil, assigned to the LA user, with what is written about them and two of the teacher's own drafts.
    async fn add(&self, secret: &Secret) -> (PupilId, DraftRef) {
        let day = |text: &str| text.parse().unwrap();
        let entry = AddPupil {
            legal_first_name: secret.first.into(),
            legal_last_name: secret.last.into(),
            known_as: format!("{} {}", secret.first, secret.last).as_str().into(),
            born: day("2014-05-04"),
            upn: Some(lac_domain::Upn::parse(secret.upn).unwrap()),
            reference: None,
            care_periods: vec![CarePeriodEntry {
                start: day("2025-01-10"),
                end: None,
                end_reason: None,
            }],
            enrolments: vec![EnrolmentEntry {
                establishment_id: self.schools[0],
                kind: EnrolmentKind::Main,
                start: day("2024-09-03"),
                end: None,
                visible_from: None,
            }],
            held_from_schools_until: None,
        };
        let pupil: Pupil = self.boss().client.post("/v1/pupils", &entry).await.json();
        let new = NewAssignment {
            user_id: self.la.user.id,
            pupil_id: pupil.id,
            start: None,
            end: None,
            reads_all: None,
        };
        let asked = ChangeAssignments {
            add: vec![new],
            ..ChangeAssignments::default()
        };
        assert_eq!(self.boss().client.post("/v1/assignments", &asked).await.status, 200);
        for number in 0..10 {
            let command = Command::StartConversation {
                conversation_id: ConversationId(new_uuid()),
                subject: format!("Number {number} about the {}", secret.subject).as_str().into(),
                pupil_id: Some(pupil.id),
                confidential: false,
                recipients: vec![to(&self.teacher.user)],
                message: message(
                    self.store,
                    &format!("{} likes {} and {number}", secret.first, secret.body),
                ),
            };
            assert_eq!(self.boss().command(command).await.status, 200);
            self.boss()
                .begins(
                    self.store,
                    None,
                    vec![to(&self.teacher.user)],
                    &format!("Ordinary{number}"),
                )
                .await;
        }
        let (app, account) = (&self.teacher.app, self.teacher.account);
        app.sync_now(account, ()).await.unwrap();
        let request = NewDraft {
            pupil_id: Some(pupil.id),
            ..NewDraft::default()
        };
        let draft = app.new_draft(account, request).await.unwrap();
        let around = RecipientChoice {
            recipient: Recipient::AroundPupil { pupil_id: pupil.id },
            name: format!("Everyone who can see {} {}", secret.first, secret.last),
            detail: String::new(),
            people: 2,
        };
        let kept = DraftRef { id: draft.id };
        let draft = Draft {
            recipients: vec![around],
            subject: "My worry".into(),
            body: "What I saw".into(),
            ..draft
        };
        app.save_draft(account, draft).await.unwrap();
        (pupil.id, kept)
    }

    /// Takes the pupil out of the teacher's sight.
    async fn hide(&self, why: Why, pupil: PupilId) {
        let (boss, today) = (&self.boss().client, self.store.store.today());
        let path = |part: &str| format!("/v1/pupils/{pupil}/{part}");
        let reply = match why {
            Why::Moved => {
                let entry = EnrolmentEntry {
                    establishment_id: self.schools[1],
                    kind: EnrolmentKind::Main,
                    start: today,
                    end: None,
                    visible_from: None,
                };
                let change = EnrolmentChange::Add { entry, moves: true };
                let body = ChangeEnrolment { revision: None, change };
                boss.post(&path("enrolments"), &body).await
            }
            Why::CareEnded => {
                let record: PupilRecord = boss.get(&path("record")).await.json();
                let [period] = &record.care_periods[..] else {
                    panic!("{record:?}")
                };
                let entry = CarePeriodEntry {
                    start: period.start,
                    end: Some(today),
                    end_reason: None,
                };
                let change = CareChange::Change { id: period.id, entry };
                boss.post(&path("care-periods"), &ChangeCare { revision: None, change })
                    .await
            }
            Why::Barred => {
                let bar = |user: &TestUser| ChangeBar {
                    user_id: user.id,
                    barred: true,
                };
                assert!(boss.post(&path("bars"), &bar(&self.la.user)).await.status.is_success());
                boss.post(&path("bars"), &bar(&self.teacher.user)).await
            }
            Why::Restricted => {
                let change = ChangeRestriction {
                    restricted: true,
                    named: vec![self.boss().id],
                };
                boss.put(&path("restriction"), &change).await
            }
            Why::LinkEnded => {
                let yesterday = today.pred_opt().unwrap().to_string();
                return self.store.end_links(self.teacher.user.id, &yesterday).await;
            }
        };
        assert!(reply.status.is_success(), "{why:?}: {}", reply.status);
    }
}

/// Catches up until nothing of a pupil is left.
async fn forgets(desktop: &Desktop, secret: &Secret) {
    let mut left = Vec::new();
    for _ in 0..TRIES {
        desktop.app.sync_now(desktop.account, ()).await.unwrap();
        left = secret.found_in(&desktop.bytes());
        if left.is_empty() {
            return;
        }
    }
    panic!(
        "{:?}: on the {}’s device is still {left:?}",
        secret.why, desktop.user.role
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_user_may_no_longer_see_leaves_no_byte_and_their_own_words_stay() {
    TestStore::with(Engine::Sqlite, async |store: &TestStore| {
        let served = Served::start(store).await;
        let schools = [
            store.school("Riverside Primary").await,
            store.school("Plumstead High").await,
        ];
        let teacher = store.teacher("Eleanor", "Bold", schools[0]).await;
        let la = store.user(Role::LaUser, "Grace", "Crawley").await;
        let world = World {
            store,
            schools,
            teacher: Desktop::sign_in_in_clear(served.address, teacher).await,
            la: Desktop::sign_in_in_clear(served.address, la).await,
        };
        let mut added = Vec::new();
        for secret in &SECRETS {
            added.push(world.add(secret).await);
        }
        for desktop in [&world.teacher, &world.la] {
            desktop.app.sync_now(desktop.account, ()).await.unwrap();
            desktop.keeps_to_the_held_set("the beginning").await;
            let bytes = desktop.bytes();
            for secret in &SECRETS {
                assert_eq!(secret.found_in(&bytes), secret.words(), "there to be found");
            }
        }
        for (secret, (pupil, draft)) in SECRETS.iter().zip(added) {
            world.hide(secret.why, pupil).await;
            forgets(&world.teacher, secret).await;
            if matches!(secret.why, Why::Barred | Why::Restricted) {
                forgets(&world.la, secret).await;
            } else {
                world.la.app.sync_now(world.la.account, ()).await.unwrap();
                assert_eq!(
                    secret.found_in(&world.la.bytes()),
                    secret.words(),
                    "the Virtual School keeps it"
                );
            }
            let (app, account) = (&world.teacher.app, world.teacher.account);
            let draft = app.get_draft(account, draft).await.unwrap();
            assert_eq!(
                (draft.subject.reveal(), draft.body.reveal()),
                ("My worry", "What I saw")
            );
            assert_eq!(draft.recipients[0].name, "Everyone who can see this pupil");
        }
        let bytes = world.teacher.bytes();
        let ordinary = b"ordinary7";
        assert!(
            bytes.windows(ordinary.len()).any(|window| window == ordinary),
            "the rest stays"
        );
        world.teacher.close().await;
        world.la.close().await;
        served.stop().await;
    })
    .await;
}
