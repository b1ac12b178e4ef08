//! Notices: messages that the store writes itself, each to one user, in the transaction of what it tells of. Jobs note
//! causes; whom each concerns is `lac_domain::notices`, asked once for all causes of a batch.

mod choices;
mod routes;
#[cfg(test)]
mod tests;
mod text;
mod write;

use chrono::NaiveDate;
use lac_domain::{EstablishmentId, PupilId, UserId};
use lac_wire::ImportKind;

pub(crate) use choices::choices;
pub(crate) use routes::router;

use crate::writer::Tx;

/// Something of which users are told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cause {
    /// A care period has begun, lately or soon.
    NewToCare {
        /// Of this pupil.
        pupil: PupilId,
        /// Its first day.
        from: NaiveDate,
    },
    /// A pupil's main enrolment has begun, lately or soon.
    SchoolMove {
        /// Of this pupil.
        pupil: PupilId,
        /// Its first day.
        on: NaiveDate,
    },
    /// A user came to see a pupil, or was assigned to one.
    NewChild {
        /// The user.
        user: UserId,
        /// The pupil.
        pupil: PupilId,
    },
    /// A user's access to a pupil ends.
    AccessEnds {
        /// The user.
        user: UserId,
        /// The pupil.
        pupil: PupilId,
        /// The last day.
        last: NaiveDate,
    },
    /// A user was linked to an establishment.
    NewEstablishment {
        /// The user.
        user: UserId,
        /// The establishment.
        establishment: EstablishmentId,
        /// The first day.
        from: NaiveDate,
    },
    /// A bulk add that a user began is finished.
    BulkAddFinished {
        /// The user.
        user: UserId,
        /// What the file was of.
        kind: ImportKind,
        /// How many were created.
        created: u32,
        /// How many were changed.
        updated: u32,
        /// How many rows were refused.
        refused: u32,
    },
}

/// A cause, and who did it.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Noted {
    pub(super) cause: Cause,
    pub(super) by: Option<UserId>,
}

/// What began no longer ago than this is told as news; what is older is history that was entered late.
const NEWS_DAYS: i64 = 30;

impl Tx {
    /// Notes something of which users are told; the notices are written with the batch, just before COMMIT.
    pub(crate) fn notice(&mut self, cause: Cause) {
        let by = self.actor();
        self.note_cause(Noted { cause, by });
    }

    /// Whether what begins on a day, and lasts to a first day no longer, is news today.
    pub(crate) fn is_news(&self, start: NaiveDate, over: Option<NaiveDate>) -> bool {
        let today = self.today();
        (today - start).num_days() <= NEWS_DAYS && over.is_none_or(|over| today < over)
    }
}
