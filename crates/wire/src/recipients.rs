//! Whom a message would reach, own lists of people, and being away.

use chrono::NaiveDate;
use lac_domain::{ListId, PupilId, UserId};

use crate::{Private, Recipient};

/// The most own lists that a user may have.
pub const LISTS_LIMIT: usize = 50;
/// The most people that an own list may have.
pub const LIST_MEMBERS_LIMIT: usize = 100;
/// The most characters that the name of an own list may have.
pub const LIST_NAME_LIMIT: usize = 80;

wire_types! {
    /// `POST /v1/recipients/check`: asks whom a message would reach, and writes nothing.
    pub struct CheckRecipients {
        /// The pupil that it would be about; none for a message about none.
        pub pupil_id: Option<PupilId>,
        /// Whom it would be for.
        pub recipients: Vec<Recipient>,
    }

    /// Whom a message would reach.
    pub struct RecipientsChecked {
        /// How many people, each once.
        pub people: u32,
        /// Those chosen by name who may not see the pupil: with them it would be refused.
        pub not_entitled: Vec<UserId>,
        /// How many members of the groups chosen may not see the pupil: it would not go to them.
        pub left_out: u32,
    }

    /// A list of people that a user made, to write to them at once. Nobody else sees it.
    #[derive(Eq)]
    pub struct OwnList {
        /// Its id, made on the device.
        pub id: ListId,
        /// Its name.
        pub name: Private,
        /// Who is on it, in the order in which they were chosen; also those who can no longer be written to.
        pub members: Vec<UserId>,
    }

    /// `PUT /v1/me/lists/{id}`: makes a list, or changes it.
    #[derive(Eq)]
    pub struct SaveList {
        /// Its name.
        pub name: Private,
        /// Who shall be on it.
        pub members: Vec<UserId>,
    }

    /// Someone is away.
    #[derive(Copy, Eq)]
    pub struct Away {
        /// The day on which they are back.
        pub until: NaiveDate,
        /// Who covers for them, where the reader may write to that person.
        pub cover: Option<UserId>,
    }

    /// `PUT /v1/me/away`: says that the user is away, or is back.
    #[derive(Copy, Eq)]
    pub struct SetAway {
        /// The day on which they are back; none when they are not away.
        pub until: Option<NaiveDate>,
        /// Who covers for them.
        pub cover: Option<UserId>,
    }

    /// That a user is away, as LA roles see it.
    #[derive(Eq)]
    pub struct UserAway {
        /// The day on which they are back.
        pub until: NaiveDate,
        /// First and last name of who covers for them.
        pub cover_name: Option<String>,
    }
}
