//! The DfE's files of establishments.

use lac_domain::Timestamp;

wire_types! {
    /// Which of the DfE's files was sent.
    #[derive(Copy, Eq)]
    #[serde(rename_all = "snake_case")]
    pub enum EstablishmentFileKind {
        /// The establishments of England: `edubasealldata….csv`.
        Establishments,
        /// Which became which: `links_edubasealldata….csv`.
        Links,
        /// A kind that this version does not know.
        #[serde(other)]
        Unknown,
    }

    /// `PUT /v1/establishment-imports/{id}`: sends one of the DfE's files; the store judges it and changes nothing.
    pub struct JudgeEstablishments {
        /// The file's name, without its folder.
        pub file_name: String,
        /// Only establishments of these local authorities, by their codes parted by commas; those that are in the store
        /// already are updated all the same. All of England when empty.
        #[serde(default)]
        pub la_codes: String,
    }

    /// What a file would do, or did.
    #[derive(Copy, Eq, Default)]
    pub struct EstablishmentFileCounts {
        /// New ones.
        pub created: u32,
        /// Ones that were there and differ.
        pub updated: u32,
        /// Ones that were there and do not differ.
        pub unchanged: u32,
        /// Of those that differ: ones that were open and are closed now.
        pub closed: u32,
    }

    /// What was found in a file.
    pub struct EstablishmentFileFound {
        /// Rows read.
        pub rows: u32,
        /// Rows refused.
        pub refused: u32,
        /// Rows of other local authorities, left out on purpose.
        pub left_out: u32,
        /// Establishments of the store that the file does not have.
        pub missing: u32,
        /// What would be done: establishments, or changes from one to another.
        pub counts: EstablishmentFileCounts,
        /// How many of those that close now are in use here.
        pub closing_in_use: u32,
        /// Their names, at most twenty.
        pub closing_names: Vec<String>,
        /// How many errors.
        pub errors: u32,
        /// How many warnings.
        pub warnings: u32,
        /// The first two hundred of both, errors first.
        pub findings: Vec<lac_import::Finding>,
    }

    /// One of the DfE's files, judged and perhaps committed.
    pub struct EstablishmentImport {
        /// Its id, made on the device.
        pub id: lac_domain::ImportId,
        /// Which file it is.
        pub kind: EstablishmentFileKind,
        /// The file's name.
        pub file_name: String,
        /// Who sent it: first and last name.
        pub begun_by: String,
        /// When.
        pub begun_at: Timestamp,
        /// When it was committed.
        pub committed_at: Option<Timestamp>,
        /// What was found.
        pub found: EstablishmentFileFound,
        /// What the commit did.
        pub result: Option<EstablishmentFileCounts>,
    }
}
