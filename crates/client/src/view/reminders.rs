//! Reminders as the screens show them.

use chrono::NaiveDate;
use lac_domain::{ConversationId, PupilId, ReminderId, Repeat, Timestamp};
use lac_wire::{Private, Reminder};

view_types! {
    /// A reminder, with the names of what it is about.
    pub struct ReminderRow {
        /// The reminder.
        pub reminder: Reminder,
        /// When it is to come: due, or snoozed until.
        pub at: Timestamp,
        /// The pupil that it is about: known as.
        pub pupil_name: Option<Private>,
        /// The subject of the conversation that it is about.
        pub subject: Option<Private>,
    }

    /// The reminders that this device holds.
    pub struct Reminders {
        /// Due now, in the order in which they became due.
        pub due: Vec<ReminderRow>,
        /// Still to come.
        pub upcoming: Vec<ReminderRow>,
        /// Done, the last first.
        pub done: Vec<ReminderRow>,
    }

    /// Makes or changes a reminder of one's own.
    pub struct SaveReminder {
        /// Which one; none for a new one.
        pub id: Option<ReminderId>,
        /// What it says.
        pub text: Private,
        /// The pupil that it is about.
        pub pupil_id: Option<PupilId>,
        /// The conversation that it is made from.
        pub conversation_id: Option<ConversationId>,
        /// The day on which it is due, in London.
        pub on: NaiveDate,
        /// The time of that day: hours and minutes, `09:00`.
        pub time: String,
        /// How it comes again once it is done.
        pub repeat: Option<Repeat>,
    }

    /// How long a reminder is put off.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum Snooze {
        /// For an hour.
        Hour,
        /// Until tomorrow at nine.
        Tomorrow,
        /// Until next Monday at nine.
        NextWeek,
    }

    /// Has a reminder come later.
    pub struct SnoozeReminder {
        /// Which one.
        pub id: ReminderId,
        /// How long it is put off.
        pub snooze: Snooze,
    }

    /// A reminder, by id.
    pub struct ReminderRef {
        /// Which one.
        pub id: ReminderId,
    }
}
