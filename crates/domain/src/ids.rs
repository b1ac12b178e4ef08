//! Ids: UUID version 7, a type of its own per thing, so that one is never taken for another.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::Timestamp;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        #[cfg_attr(feature = "sqlx", derive(sqlx::Type), sqlx(transparent))]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
        pub struct $name(pub Uuid);

        impl $name {
            /// Makes an id of version 7 from a moment and ten random bytes, both the caller's own:
            /// this crate reads no clock and draws no randomness.
            #[must_use]
            pub fn from_parts(at: Timestamp, random: [u8; 10]) -> Self {
                Self(uuid::Builder::from_unix_timestamp_millis(at.unix_millis(), &random).into_uuid())
            }

            /// The id as bytes, in network order.
            #[must_use]
            pub fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                self.0.fmt(f)
            }
        }

        impl std::fmt::Debug for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }

        impl std::str::FromStr for $name {
            type Err = uuid::Error;
            fn from_str(text: &str) -> Result<Self, Self::Err> {
                Uuid::parse_str(text).map(Self)
            }
        }

        impl From<Uuid> for $name {
            fn from(id: Uuid) -> Self {
                Self(id)
            }
        }

        impl From<$name> for Uuid {
            fn from(id: $name) -> Self {
                id.0
            }
        }
    )+};
}

ids! {
    /// A store's epoch: made by `init`, and anew by `restore`.
    EpochId,
    /// A user: a person with an account.
    UserId,
    /// An establishment, by the store's own id (its URN may be missing or change).
    EstablishmentId,
    /// A pupil, by the store's own id.
    PupilId,
    /// A care period of a pupil.
    CarePeriodId,
    /// An SSDA903 return that was read.
    CareReturnId,
    /// A proposal of a return about a care period.
    CareProposalId,
    /// An enrolment of a pupil at an establishment.
    EnrolmentId,
    /// A link between a user and an establishment.
    LinkId,
    /// An assignment of a user to a pupil.
    AssignmentId,
    /// A conversation.
    ConversationId,
    /// A message.
    MessageId,
    /// A file that goes with a message; made on the device.
    AttachmentId,
    /// An import: one bulk add.
    ImportId,
    /// A reminder; one's own is made on the device.
    ReminderId,
    /// A list of people that a user made; made on the device.
    ListId,
    /// A command, made on the device; the store answers the same command the same way for good.
    CommandId,
    /// A draft, known to its device alone.
    DraftId,
    /// A device; made with its local database, it outlives sign-ins.
    DeviceId,
    /// A session of a user on a device.
    SessionId,
    /// An invitation.
    InvitationId,
    /// A Designated Teacher's request for a colleague.
    ColleagueRequestId,
    /// Something done to many users at once; made on the device.
    UserActionId,
}
