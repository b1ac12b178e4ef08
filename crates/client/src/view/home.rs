//! What needs the user today, and finding anything.

use lac_domain::{ConversationId, EstablishmentId, PupilId, Role, UserId};
use lac_wire::Private;

use super::{ConversationRow, ReminderRow};

view_types! {
    /// What needs the user today, as far as this device knows it.
    pub struct Home {
        /// How many conversations with people have unread messages.
        pub unread: u32,
        /// The newest of them.
        pub unread_rows: Vec<ConversationRow>,
        /// How many notices are unread.
        pub notices: u32,
        /// How many reminders are due.
        pub due: u32,
        /// The first of them.
        pub due_rows: Vec<ReminderRow>,
        /// Pupils who are new to the user, the newest first, of whom they have not read yet.
        pub new_pupils: Vec<NewPupil>,
        /// How many messages the store refused.
        pub not_sent: u32,
        /// How many drafts there are.
        pub drafts: u32,
        /// For LA roles: looked-after pupils with no social worker who is known.
        pub no_social_worker: Option<u32>,
        /// For LA roles: looked-after pupils who are enrolled nowhere today.
        pub no_school: Option<u32>,
    }

    /// A pupil who is new to the user.
    pub struct NewPupil {
        /// The notice that told it.
        pub conversation_id: ConversationId,
        /// Who.
        pub pupil_id: PupilId,
        /// The name that schools see.
        pub known_as: Private,
        /// The year group today, and where the pupil is.
        pub detail: String,
    }

    /// Finds anything by the beginnings of words.
    pub struct FindAnything {
        /// What was typed.
        pub search: String,
    }

    /// What was found on this device: a few of each.
    #[derive(Default)]
    pub struct FoundAnything {
        /// Pupils.
        pub pupils: Vec<FoundPupil>,
        /// People.
        pub people: Vec<FoundPerson>,
        /// Establishments.
        pub establishments: Vec<FoundEstablishment>,
        /// Conversations, the newest first.
        pub conversations: Vec<ConversationRow>,
    }

    /// A pupil who was found.
    pub struct FoundPupil {
        /// Who.
        pub id: PupilId,
        /// The name that schools see.
        pub known_as: Private,
        /// The year group today, and where the pupil is.
        pub detail: String,
    }

    /// A person who was found.
    pub struct FoundPerson {
        /// Who.
        pub id: UserId,
        /// First and last name.
        pub name: String,
        /// Job title or role, and where.
        pub detail: String,
        /// Their role.
        pub role: Role,
        /// Whether the user may write to them.
        pub may_write: bool,
    }

    /// An establishment that was found.
    pub struct FoundEstablishment {
        /// Which.
        pub id: EstablishmentId,
        /// Its name.
        pub name: String,
        /// Its town and URN.
        pub detail: String,
    }
}
