//! Reminders, and what a user chooses of notices and e-mails.

use lac_domain::calendar::Term;
use lac_domain::{
    ConversationId, EmailFrequency, EstablishmentId, NoticeKind, PupilId, ReminderId, ReminderKind, Repeat, Timestamp,
};

use crate::Private;

wire_types! {
    /// A reminder as it stands for the reader.
    pub struct Reminder {
        /// Its id.
        pub id: ReminderId,
        /// Whose it is, and what makes it.
        pub kind: ReminderKind,
        /// What it says: plain text.
        pub text: Private,
        /// The pupil that it is about.
        pub pupil_id: Option<PupilId>,
        /// The conversation that it was made from, or is about.
        pub conversation_id: Option<ConversationId>,
        /// The establishment that it is about.
        pub establishment_id: Option<EstablishmentId>,
        /// When it is due; a snooze does not change that.
        pub due_at: Timestamp,
        /// How it comes again once it is done.
        pub repeat: Option<Repeat>,
        /// Not before this, since the reader snoozed it.
        pub snoozed_until: Option<Timestamp>,
        /// When the reader was done with it.
        pub done_at: Option<Timestamp>,
    }

    /// A reminder of one's own, as it is saved: made, or changed.
    pub struct NewReminder {
        /// Its id, made on the device.
        pub id: ReminderId,
        /// What it says: at most 500 characters.
        pub text: Private,
        /// The pupil that it is about.
        pub pupil_id: Option<PupilId>,
        /// The conversation that it is made from.
        pub conversation_id: Option<ConversationId>,
        /// When it is due.
        pub due_at: Timestamp,
        /// How it comes again once it is done.
        pub repeat: Option<Repeat>,
    }

    /// `PUT /v1/me/notifications`: how the user is told of what is new.
    #[derive(Eq)]
    pub struct NotificationChoices {
        /// How often by e-mail.
        pub email: EmailFrequency,
        /// The kinds of notices that are not written to the user; only LA roles may choose.
        pub unwanted: Vec<NoticeKind>,
    }

    /// `PUT /v1/authority/terms`: the school terms of the authority, for LA Super Users.
    #[derive(Eq)]
    pub struct TermDates {
        /// The terms: all three of each school year that is named, in order.
        pub terms: Vec<Term>,
        /// After so many school days a message that was not read makes a reminder for its author.
        pub unread_after_days: u32,
    }
}

impl Default for NotificationChoices {
    fn default() -> Self {
        Self {
            email: EmailFrequency::AtOnce,
            unwanted: Vec::new(),
        }
    }
}

impl Default for TermDates {
    fn default() -> Self {
        Self {
            terms: Vec::new(),
            unread_after_days: 3,
        }
    }
}

impl Reminder {
    /// When the reader is to be reminded, unless it is done.
    #[must_use]
    pub fn effective(&self) -> Timestamp {
        self.snoozed_until.map_or(self.due_at, |until| until.max(self.due_at))
    }
}
