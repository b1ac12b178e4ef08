//! What the UI asks about the SSDA903 return.

use lac_import::ReturnPart;

view_types! {
    /// A file of a return that was chosen or dropped.
    pub struct CareReturnFile {
        /// Its path on this computer.
        pub path: String,
        /// Its name, without the folder.
        pub name: String,
        /// Which of the two it is, told by its headings.
        pub part: ReturnPart,
        /// Its rows below the headings.
        pub rows: u32,
    }

    /// A file by its path, as it was dropped on the window.
    pub struct CareReturnPath {
        /// Its path on this computer.
        pub path: String,
    }

    /// Has the store read a return.
    pub struct ReadReturn {
        /// The path of `header.csv` on this computer.
        pub header: String,
        /// The path of `episodes.csv` on this computer.
        pub episodes: String,
        /// The day for which the return stands, the last of its year: 31 March.
        pub as_at: chrono::NaiveDate,
    }
}
