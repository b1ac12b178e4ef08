//! What the words of Looked After Call mean: ids, roles, URN, UPN, dates, and who may see, read and write
//! what. Plain code over plain data: no I/O, no clock, no randomness.

mod ids;
mod names;
mod time;
mod upn;
mod urn;
mod words;

pub mod access;
pub mod audit;
pub mod calendar;
pub mod notices;
pub mod reminders;
pub mod second_factor;

pub use ids::*;
pub use names::{EmailError, email_key, name_key, parse_email};
pub use time::{Timestamp, birthday, born_by};
pub use upn::{Upn, UpnError};
pub use urn::{Urn, UrnError};
pub use words::{
    AttachmentKind, Capacity, CareEndReason, EmailFrequency, EnrolmentKind, EstablishmentStatus, NoticeKind,
    ReminderKind, Repeat, Role, SettingKind, TermName, UnknownWord, UserStatus,
};
