//! What concerns a user today, as far as only the store knows it.

use lac_domain::{EstablishmentId, ImportId, Timestamp};

use crate::ImportKind;

wire_types! {
    /// How much a user has not read: `GET /v1/unread`. Numbers alone, for a desktop that is locked.
    #[derive(Copy, Eq, Default)]
    pub struct Unread {
        /// Messages by people.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub messages: i64,
        /// Notices.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub notices: i64,
        /// The conversations that both lie in.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub conversations: i64,
    }

    /// An establishment by its name.
    #[derive(Eq)]
    pub struct EstablishmentBrief {
        /// Its id.
        pub id: EstablishmentId,
        /// Its name.
        pub name: String,
    }

    /// An import of the user's own that refused rows.
    #[derive(Eq)]
    pub struct RefusedImport {
        /// Which.
        pub id: ImportId,
        /// Of what kind.
        pub kind: ImportKind,
        /// The name of its file.
        pub file_name: String,
        /// When it was committed.
        pub committed_at: Timestamp,
        /// How many rows it refused.
        pub refused: u32,
    }

    /// `GET /v1/home`: what needs someone of the authority today, as far as only the store knows it.
    #[derive(Eq, Default)]
    pub struct StoreHome {
        /// How many establishments have a looked-after pupil whom the user may see, and nobody to read a message.
        pub nobody_to_read: u32,
        /// The first of them, by name.
        pub without_reader: Vec<EstablishmentBrief>,
        /// The user's own imports of the last two weeks that refused rows, the newest first.
        pub refused_imports: Vec<RefusedImport>,
    }
}
