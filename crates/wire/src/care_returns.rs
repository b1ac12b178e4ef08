//! The SSDA903 return: what it proposes about times in care, and what a person decides.

use chrono::NaiveDate;
use lac_domain::{CareProposalId, CareReturnId, PupilId, Timestamp};
use lac_import::{Finding, ReturnCounts};

use crate::Private;

wire_types! {
    /// `POST /v1/care-returns`: reads a return. It changes no pupil: it only makes proposals, in place of those that
    /// waited before.
    pub struct ReadCareReturn {
        /// The day for which the return stands, the last of its year: 31 March.
        pub as_at: NaiveDate,
        /// `header.csv`, its bytes in base64.
        pub header: Private,
        /// `episodes.csv`, its bytes in base64.
        pub episodes: Private,
    }

    /// What was read of a return.
    pub struct CareReturn {
        /// Its id.
        pub id: CareReturnId,
        /// What was counted of its files.
        pub counts: ReturnCounts,
        /// How many findings there are: errors, then warnings.
        pub errors: u32,
        /// How many of them are warnings.
        pub warnings: u32,
        /// The first findings of `header.csv`.
        pub header_findings: Vec<Finding>,
        /// The first findings of `episodes.csv`.
        pub episode_findings: Vec<Finding>,
        /// What it comes to beside what is held.
        pub compared: CareReturnCompared,
        /// The `CHILD` numbers of children who are not known here yet; nothing is proposed for them.
        pub not_known: Vec<String>,
    }

    /// What a return comes to beside what is held.
    #[derive(Copy, Eq, Default)]
    pub struct CareReturnCompared {
        /// Children of the return who are known here by `CHILD` or UPN.
        pub known: u32,
        /// Times in care that are held just so.
        pub same: u32,
        /// Care periods that would be added.
        pub to_open: u32,
        /// Care periods that would get their end.
        pub to_close: u32,
        /// Times in care of which something later is held here, which stands.
        pub later_here: u32,
        /// Times in care that differ in a way that a person has to look at on the pupil's page.
        pub differ: u32,
    }

    /// A return that was read: `GET /v1/care-returns`. What became of its proposals counts those alone that are about
    /// pupils whom the reader of the list may see.
    pub struct PastCareReturn {
        /// Its id.
        pub id: CareReturnId,
        /// The day for which it stood.
        pub as_at: NaiveDate,
        /// When it was read.
        pub read_at: Timestamp,
        /// First and last name of who read it; none on the store's own command line.
        pub read_by: Option<String>,
        /// Rows of `header.csv`.
        pub children: u32,
        /// Rows of `episodes.csv`.
        pub episodes: u32,
        /// How many of its findings are errors.
        pub errors: u32,
        /// How many of its findings are warnings.
        pub warnings: u32,
        /// Proposals that still wait.
        pub waiting: u32,
        /// Proposals that were confirmed and done.
        pub done: u32,
        /// Proposals that were let go.
        pub let_go: u32,
        /// Proposals that were confirmed and could not be done.
        pub refused: u32,
    }

    /// A time in care as it is held.
    #[derive(Copy, Eq)]
    pub struct CareTime {
        /// The first day in care.
        pub start: NaiveDate,
        /// The first day no longer in care, if it ended.
        pub end: Option<NaiveDate>,
    }

    /// A proposal that waits for a person.
    pub struct CareProposal {
        /// Its id.
        pub id: CareProposalId,
        /// About whom.
        pub pupil_id: PupilId,
        /// The name that schools see.
        pub known_as: Private,
        /// The authority's own number.
        pub reference: Option<String>,
        /// Whether a care period that is held would end; otherwise one would be added.
        pub closes: bool,
        /// The first day in care.
        pub start: NaiveDate,
        /// The first day no longer in care, if it ended.
        pub end: Option<NaiveDate>,
        /// The day for which the return stood.
        pub as_at: NaiveDate,
        /// What it would do, as a sentence.
        pub sentence: String,
        /// The times in care that are held of the pupil now, the earliest first.
        pub held: Vec<CareTime>,
    }

    /// `POST /v1/care-proposals/decisions`: takes or leaves proposals.
    pub struct DecideCareProposals {
        /// Which; all that the reader may see when none are given.
        pub ids: Option<Vec<CareProposalId>>,
        /// Whether they are done; otherwise they are let go.
        pub take: bool,
    }

    /// What came of a decision.
    pub struct CareDecision {
        /// How many were done, or let go.
        pub done: u32,
        /// Those that could not be done, and why; they are let go.
        pub refused: Vec<CareRefusal>,
    }

    /// A proposal that could not be done.
    pub struct CareRefusal {
        /// About whom.
        pub pupil_id: PupilId,
        /// The name that schools see.
        pub known_as: Private,
        /// Why, as a sentence.
        pub why: String,
    }
}
