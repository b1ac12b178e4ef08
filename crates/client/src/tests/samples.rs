//! Fictional people, pupils, conversations and messages.

use lac_domain::{
    ConversationId, EnrolmentId, EnrolmentKind, EpochId, EstablishmentId, MessageId, PupilId, Role, Timestamp, UserId,
    UserStatus,
};
use lac_wire::{Authority, Conversation, Enrolment, Entity, MaybeEntity, Me, Message, Participant, Person, Pupil};
use uuid::Uuid;

use crate::local::{Context, LocalStore, apply};

/// An id made of a number.
pub(crate) fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(0x0000_0000_0000_7000_8000_0000_0000_0000 | number).into()
}

pub(crate) const ME: u128 = 1;
pub(crate) const PRIYA: u128 = 2;

pub(crate) fn at(minute: i64) -> Timestamp {
    let start: Timestamp = serde_json::from_str("\"2026-11-23T09:00:00Z\"").unwrap();
    start.plus(chrono::TimeDelta::minutes(minute))
}

pub(crate) fn me() -> Me {
    Me {
        id: id(ME),
        role: Role::DesignatedTeacher,
        first_name: "Helen".to_owned(),
        last_name: "Okafor".to_owned(),
        email: "helen.okafor@example.org".to_owned(),
        job_title: "Designated Teacher".to_owned(),
        establishments: vec![id::<EstablishmentId>(900)],
        authority: Authority {
            name: "Barsetshire Virtual School".to_owned(),
            danger_phone: "01632 960999".to_owned(),
            notification_sender: "Secure Messages".to_owned(),
            offline_days: 14,
            attachment_kinds: lac_domain::AttachmentKind::ORDINARY.to_vec(),
            term_dates: lac_wire::TermDates::default(),
            second_factor_relaxed: false,
        },
        epoch: id::<EpochId>(7),
        today: "2026-11-23".parse().unwrap(),
        notifications: lac_wire::NotificationChoices::default(),
        away: None,
        lists: Vec::new(),
        second_factor: lac_wire::OwnSecondFactor::default(),
    }
}

pub(crate) fn person(number: u128, first: &str, last: &str, role: Role, places: &[&str]) -> Person {
    Person {
        id: id(number),
        first_name: first.to_owned(),
        last_name: last.to_owned(),
        role,
        job_title: String::new(),
        establishments: places.iter().map(|place| (*place).to_owned()).collect(),
        may_write: true,
        status: UserStatus::Active,
        email: None,
        phone: None,
        away: None,
    }
}

pub(crate) fn priya() -> Person {
    person(PRIYA, "Priya", "Shah", Role::LaSuperUser, &[])
}

pub(crate) fn pupil(number: u128, known_as: &str) -> Pupil {
    Pupil {
        id: id(number),
        known_as: known_as.into(),
        legal_first_name: None,
        legal_last_name: None,
        born: "2015-05-04".parse().unwrap(),
        year_group: 6,
        upn: None,
        reference: None,
        looked_after: true,
        enrolments: vec![Enrolment {
            id: id::<EnrolmentId>(number + 1000),
            establishment_id: id::<EstablishmentId>(900),
            establishment_name: "Riverside Primary".to_owned(),
            kind: EnrolmentKind::Main,
            start: "2026-09-01".parse().unwrap(),
            end: None,
            visible_from: "2026-08-18".parse().unwrap(),
        }],
        ehcp: false,
        social_worker: None,
        caseworker: None,
        mine: false,
        restricted: false,
        adopted: false,
    }
}

pub(crate) fn conversation(number: u128, subject: &str, pupil: Option<u128>, messages: i64, last: i64) -> Conversation {
    Conversation {
        id: id::<ConversationId>(number),
        subject: subject.into(),
        pupil_id: pupil.map(id::<PupilId>),
        confidential: false,
        notice: None,
        participants: [ME, PRIYA]
            .map(|user| Participant {
                user_id: id::<UserId>(user),
                read_up_to: 0,
                read_at: None,
            })
            .to_vec(),
        started_at: at(0),
        message_count: messages,
        last_number: last,
        muted: false,
    }
}

pub(crate) fn message(number: i64, conversation: u128, author: u128, body: &str) -> Message {
    Message {
        id: id::<MessageId>(10_000 + u128::from(number.unsigned_abs())),
        conversation_id: id(conversation),
        number,
        author_id: Some(id(author)),
        body: body.into(),
        sent_at: at(number),
        written_at: at(number),
        attachments: Vec::new(),
        withdrawn: None,
    }
}

/// News for this user.
pub(crate) fn news() -> Context {
    Context {
        me: id(ME),
        generation: 1,
        news: true,
        deferred: false,
    }
}

/// Applies entities in a transaction of their own.
pub(crate) async fn bring(
    store: &LocalStore,
    context: &Context,
    entities: impl IntoIterator<Item = Entity>,
) -> Vec<ConversationId> {
    let mut tx = store.begin().await.unwrap();
    let entities: Vec<MaybeEntity> = entities.into_iter().map(MaybeEntity::from).collect();
    let applied = apply(&mut tx, context, entities).await.unwrap();
    tx.commit().await.unwrap();
    applied
        .arrived
        .into_iter()
        .map(|arrived| arrived.conversation_id)
        .collect()
}

/// A sealed store in a folder.
pub(crate) async fn sealed(folder: &std::path::Path) -> LocalStore {
    LocalStore::open(&folder.join("store.db"), &crate::local::Key::new([1; 32]), true)
        .await
        .unwrap()
}
