//! Taking a pupil's history out of the product.

use lac_domain::Timestamp;

use crate::Private;

/// The most characters that the reason of an export, a withdrawal or a report may have.
pub const REASON_LIMIT: usize = 500;

wire_types! {
    /// The form of a file of messages.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum ExportFormat {
        /// Pages to be read and printed.
        Pdf,
        /// A table, a message in each row.
        Csv,
        /// A form that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// `POST /v1/pupils/{id}/history/exports`: notes that a file of the pupil's messages is about to be written, before
    /// it is.
    pub struct NoteExport {
        /// The form of the file.
        pub format: ExportFormat,
        /// Why.
        pub reason: Private,
        /// How many messages it will hold.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub messages: i64,
        /// Whether those are only what a filter left.
        pub filtered: bool,
    }

    /// An export was noted.
    pub struct ExportNoted {
        /// When, by the store's clock: it stands on the file.
        pub at: Timestamp,
    }
}
