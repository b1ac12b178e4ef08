//! What the UI asks after a data incident.

use lac_domain::{EnrolmentId, LinkId, MessageId, Timestamp};
use lac_wire::{Private, WithdrawMessage};

view_types! {
    /// A message, by id.
    pub struct MessageRef {
        /// Which one.
        pub id: MessageId,
    }

    /// Withdraws a message.
    pub struct WithdrawMessageRequest {
        /// Which one.
        pub id: MessageId,
        /// How.
        pub withdraw: WithdrawMessage,
    }

    /// What a report of sight is about.
    #[serde(tag = "kind", rename_all = "snake_case")]
    pub enum SightOf {
        /// A user's link to an establishment.
        Link {
            /// Which one.
            id: LinkId,
        },
        /// A pupil's enrolment.
        Enrolment {
            /// Which one.
            id: EnrolmentId,
        },
    }

    /// That a message was withdrawn, as it stands in its place.
    pub struct WithdrawnView {
        /// Who withdrew it, by name.
        pub by: String,
        /// When.
        pub at: Timestamp,
        /// Why.
        pub reason: Private,
    }
}
