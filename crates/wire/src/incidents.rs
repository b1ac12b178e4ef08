//! After a data incident: withdrawing a message, and who had what.

use lac_domain::{ConversationId, MessageId, PupilId, Role, Timestamp, UserId};

use crate::Private;

wire_types! {
    /// That a message was withdrawn after a data incident: its text and its files are given to nobody any more.
    pub struct Withdrawn {
        /// When.
        pub at: Timestamp,
        /// By whom: an LA Super User.
        pub by: UserId,
        /// Why; everyone who may read the conversation reads it.
        pub reason: Private,
        /// Whether the conversation's subject was withdrawn with it.
        pub subject: bool,
    }

    /// `POST /v1/messages/{id}/withdrawal`: withdraws a message from everyone.
    pub struct WithdrawMessage {
        /// Why; everyone who may read the conversation reads it.
        pub reason: Private,
        /// Whether the conversation's subject is withdrawn with it.
        pub subject: bool,
    }

    /// A device of somebody who could see a message.
    pub struct ReportDevice {
        /// Its name, as it named itself.
        pub name: String,
        /// When it was last in contact with the store.
        pub last_contact: Timestamp,
        /// Whether it was in contact while the message was there, so that it may have taken it.
        pub took: bool,
        /// When it told that the withdrawn message is gone from it; none until then.
        pub confirmed_at: Option<Timestamp>,
    }

    /// Somebody who could see a message.
    pub struct ReportPerson {
        /// Who.
        pub id: UserId,
        /// First and last name.
        pub name: String,
        /// Their role.
        pub role: Role,
        /// Whether they take part in the conversation.
        pub takes_part: bool,
        /// From when they could see it.
        pub from: Timestamp,
        /// Until when; none where they still can, or could when it was withdrawn.
        pub until: Option<Timestamp>,
        /// When they first read it, as a participant.
        pub read_at: Option<Timestamp>,
        /// When they first opened the pupil's messages or the conversation after it was sent.
        pub opened_at: Option<Timestamp>,
        /// When they first opened or fetched a file that came with it.
        pub file_opened_at: Option<Timestamp>,
        /// When an e-mail first told them that something is unread.
        pub mailed_at: Option<Timestamp>,
        /// Their devices.
        pub devices: Vec<ReportDevice>,
    }

    /// `GET /v1/messages/{id}/report`: who could see a message, who read it, and whose devices took it.
    pub struct MessageReport {
        /// The message.
        pub message_id: MessageId,
        /// Its conversation.
        pub conversation_id: ConversationId,
        /// When it was sent.
        pub sent_at: Timestamp,
        /// Who wrote it.
        pub author: String,
        /// How many files came with it.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub attachments: i64,
        /// That it was withdrawn.
        pub withdrawn: Option<Withdrawn>,
        /// Who withdrew it, by name; empty while nobody did.
        pub withdrawn_by: String,
        /// Who could see it: those who take part, those entitled to read all about the pupil, and those of the Virtual
        /// School who opened it.
        pub people: Vec<ReportPerson>,
        /// How many others of the Virtual School could have opened it and did not.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub others: i64,
        /// When the report was made.
        pub at: Timestamp,
    }

    /// What one person could see of one pupil through a link or an enrolment, and what they did.
    pub struct SightRow {
        /// Who.
        pub user_id: UserId,
        /// First and last name.
        pub user_name: String,
        /// Their role.
        pub role: Role,
        /// The pupil.
        pub pupil_id: PupilId,
        /// The name that schools see.
        pub pupil_name: Private,
        /// From when they could see the pupil.
        pub from: Timestamp,
        /// Until when; none where they still can.
        pub until: Option<Timestamp>,
        /// Whether they could see the pupil in another way too, as far as today's links and assignments tell.
        pub other_ways: bool,
        /// How often they opened the pupil's page or messages.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub reads: i64,
        /// When they did first.
        pub first_read_at: Option<Timestamp>,
        /// When they did last.
        pub last_read_at: Option<Timestamp>,
        /// How many files they opened or fetched.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub files: i64,
        /// How many messages about the pupil they sent.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub sent: i64,
        /// How often they exported the pupil's messages.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub exports: i64,
        /// Their devices that were in contact since, and so may have held the pupil.
        pub devices: Vec<String>,
    }

    /// `GET /v1/links/{id}/report`, `GET /v1/enrolments/{id}/report`: who could see whom through it, and who did.
    pub struct SightReport {
        /// When it was made.
        pub at: Timestamp,
        /// What it is about, as a sentence.
        pub about: Private,
        /// Each pair of a person and a pupil, those who did something first.
        pub rows: Vec<SightRow>,
    }
}
