//! Whom a message would reach, own lists, and being away, as the screens show them.

use chrono::NaiveDate;
use lac_domain::{ConversationId, ListId, PupilId, UserId};
use lac_wire::{Private, Recipient};

use super::RecipientChoice;

view_types! {
    /// Whom a message is being written to.
    pub struct ChosenRecipients {
        /// The pupil that it is about.
        pub pupil_id: Option<PupilId>,
        /// Whom it is for.
        pub recipients: Vec<Recipient>,
    }

    /// Somebody by name.
    pub struct NamedPerson {
        /// Who.
        pub user_id: UserId,
        /// First and last name.
        pub name: String,
    }

    /// Somebody who is away.
    pub struct AwayPerson {
        /// Who.
        pub user_id: UserId,
        /// First and last name.
        pub name: String,
        /// The day on which they are back.
        pub until: NaiveDate,
        /// Who covers for them, where a message may be sent to that person and it is not for them already.
        pub cover: Option<RecipientChoice>,
    }

    /// What is to be said of those whom a message is for, before it is sent.
    #[derive(Default)]
    pub struct RecipientReport {
        /// How many people it reaches, each once, as the store counts; none where it could not be asked.
        pub people: Option<u32>,
        /// Whether the store said who is entitled to the pupil. Otherwise it is what this device knows.
        pub sure: bool,
        /// Those chosen by name who may not see the pupil.
        pub not_entitled: Vec<NamedPerson>,
        /// How many of the groups chosen may not see the pupil: it does not go to them.
        pub left_out: u32,
        /// Those chosen by name who can no longer be written to.
        pub inactive: Vec<NamedPerson>,
        /// Those chosen by name who are away.
        pub away: Vec<AwayPerson>,
    }

    /// Adds people to a conversation.
    pub struct AddPeople {
        /// Which conversation.
        pub id: ConversationId,
        /// Who joins it.
        pub users: Vec<UserId>,
    }

    /// Mutes a conversation, or has it be heard again.
    pub struct MuteConversation {
        /// Which one.
        pub id: ConversationId,
        /// Whether it is muted.
        pub muted: bool,
    }

    /// An own list, as it is shown.
    pub struct OwnListView {
        /// Which one.
        pub id: ListId,
        /// Its name.
        pub name: Private,
        /// Who is on it, in order.
        pub members: Vec<ListMember>,
    }

    /// Somebody on an own list.
    pub struct ListMember {
        /// Who.
        pub user_id: UserId,
        /// First and last name; "Someone you can no longer see" where that is so.
        pub name: String,
        /// Role and place, in short.
        pub detail: String,
        /// Whether they can be written to.
        pub reachable: bool,
    }

    /// Makes an own list, or changes it.
    pub struct SaveOwnList {
        /// Which one; none for a new one.
        pub id: Option<ListId>,
        /// Its name.
        pub name: Private,
        /// Who shall be on it.
        pub members: Vec<UserId>,
    }

    /// An own list, by id.
    pub struct ListRef {
        /// Which one.
        pub id: ListId,
    }

    /// That the user is away.
    pub struct OwnAway {
        /// The day on which they are back.
        pub until: NaiveDate,
        /// Who covers for them.
        pub cover: Option<NamedPerson>,
    }
}
