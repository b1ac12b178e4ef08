//! A pupil's history as a file.

use lac_domain::PupilId;
use lac_wire::{ExportFormat, Private};

view_types! {
    /// Writes what was written about a pupil into a file of the person's choice.
    pub struct ExportHistory {
        /// Whose history.
        pub pupil_id: PupilId,
        /// The form of the file.
        pub format: ExportFormat,
        /// Why; it stands on the file and in the audit trail.
        pub reason: Private,
        /// Only what this search finds; left out, everything.
        pub search: Option<Private>,
    }

    /// A file of a pupil's messages that was written.
    pub struct ExportedHistory {
        /// Its path on this computer.
        pub path: String,
        /// How many messages it holds.
        pub messages: u32,
    }
}
