//! What the UI asks about establishments.

use lac_domain::{EstablishmentId, ImportId};
use lac_wire::{EditEstablishment, HistoryFilter, JoinEstablishment, MoveEstablishment};

view_types! {
    /// An edit of an establishment that was added by hand.
    pub struct EditEstablishmentRequest {
        /// Which establishment.
        pub id: EstablishmentId,
        /// The edit.
        pub edit: EditEstablishment,
    }

    /// Joins one that was added by hand to the one of GIAS with a URN.
    pub struct JoinEstablishmentRequest {
        /// Which establishment.
        pub id: EstablishmentId,
        /// To which.
        pub join: JoinEstablishment,
    }

    /// Moves users and enrolments from an establishment to the one that came after.
    pub struct MoveEstablishmentRequest {
        /// From which establishment.
        pub id: EstablishmentId,
        /// What moves, where to and when.
        pub to: MoveEstablishment,
    }

    /// A page of an establishment's history.
    pub struct EstablishmentHistoryOf {
        /// Which establishment.
        pub id: EstablishmentId,
        /// Which page.
        pub filter: HistoryFilter,
    }

    /// A file of the DfE that was chosen.
    pub struct EstablishmentFile {
        /// Its path on this computer.
        pub path: String,
        /// Its name, without the folder.
        pub name: String,
        /// Its size in bytes.
        #[ts(type = "number")]
        pub bytes: u64,
    }

    /// Sends a file of the DfE to the store to be judged.
    pub struct JudgeEstablishmentFile {
        /// Its path on this computer.
        pub path: String,
        /// Only these local authorities, by their codes parted by commas; all of England when empty.
        pub la_codes: String,
    }

    /// An import of a file of the DfE, by id.
    pub struct EstablishmentImportRef {
        /// Which import.
        pub id: ImportId,
    }
}
