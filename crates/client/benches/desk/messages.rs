//! The rows: messages of 40 words, 50 to a conversation.

use lac_domain::{Timestamp, UserId};
use lac_wire::{Conversation, Message, Participant};
use uuid::Uuid;

use super::{IN_CONVERSATION, ME, MESSAGES, OTHER};

/// All messages, in order.
pub fn messages() -> Vec<Message> {
    (1..=MESSAGES).map(message).collect()
}

pub fn id<T: From<Uuid>>(number: u128) -> T {
    Uuid::from_u128(0x0190_0000_0000_7000_8000_0000_0000_0000 + number).into()
}

pub fn at(second: i64) -> Timestamp {
    let start = chrono::DateTime::UNIX_EPOCH + chrono::TimeDelta::days(20_000);
    Timestamp::new(start + chrono::TimeDelta::seconds(second))
}

/// A message of 40 words: one of them is in a tenth of all, and one in ten of all.
pub fn message(number: i64) -> Message {
    let word = |place: i64| match (place, number % 10, number % 10_000) {
        (7 | 8, 0, _) => "school".to_owned(),
        (20, _, 77) => "wisteria".to_owned(),
        _ => format!("w{}", (number * 31 + place * place * 17) % 5000),
    };
    let body: Vec<String> = (0..40).map(word).collect();
    Message {
        id: id(1_000_000 + u128::from(number.unsigned_abs())),
        conversation_id: id(conversation_of(number)),
        number,
        author_id: Some(id(if number % 3 == 0 { ME } else { OTHER })),
        body: body.join(" ").into(),
        sent_at: at(number),
        written_at: at(number),
        attachments: Vec::new(),
        withdrawn: None,
    }
}

pub fn conversation_of(number: i64) -> u128 {
    1000 + u128::from((number % (MESSAGES / IN_CONVERSATION)).unsigned_abs())
}

pub fn conversations() -> Vec<Conversation> {
    let participant = |user: u128| Participant {
        user_id: id::<UserId>(user),
        read_up_to: 0,
        read_at: None,
    };
    (0..MESSAGES / IN_CONVERSATION)
        .map(|number| Conversation {
            id: id(conversation_of(number)),
            subject: format!("Subject w{number}").into(),
            pupil_id: None,
            confidential: false,
            notice: None,
            participants: vec![participant(ME), participant(OTHER)],
            started_at: at(0),
            message_count: IN_CONVERSATION,
            last_number: MESSAGES - number,
            muted: false,
        })
        .collect()
}
