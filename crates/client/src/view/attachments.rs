//! Files that go with messages.

use lac_domain::{AttachmentId, AttachmentKind, DraftId, MessageId};
use lac_wire::Private;

use super::Problem;

view_types! {
    /// A file that goes with a message.
    pub struct AttachmentView {
        /// Its id.
        pub id: AttachmentId,
        /// Its file's name.
        pub name: Private,
        /// What it is, by its content.
        pub kind: AttachmentKind,
        /// How many bytes it has.
        #[ts(type = "number")]
        pub size: i64,
        /// Whether it can hold something that runs, so that the person is warned before it is opened.
        pub can_run: bool,
        /// Whether all of it is on this device.
        pub held: bool,
    }

    /// An attachment: of a message that the store has, or of a draft or a message that waits.
    pub struct AttachmentRef {
        /// The message that it came with; none for one of a draft or of a message that waits.
        pub message_id: Option<MessageId>,
        /// Which one.
        pub id: AttachmentId,
        /// The person was warned that it can run, and opens it all the same.
        pub although_it_can_run: bool,
    }

    /// Files to be attached to a draft.
    pub struct AttachFiles {
        /// The draft, which is kept already.
        pub draft_id: DraftId,
        /// Where the files are; left out, the person is asked.
        pub paths: Option<Vec<String>>,
    }

    /// What came of attaching files.
    pub struct Attached {
        /// The files of the draft now.
        pub attachments: Vec<AttachmentView>,
        /// Those that were not attached: each with its name, and why.
        pub refused: Vec<Problem>,
    }

    /// A file of a draft.
    pub struct AttachmentOfDraft {
        /// The draft.
        pub draft_id: DraftId,
        /// Which file.
        pub id: AttachmentId,
    }
}
