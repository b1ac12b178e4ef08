//! What an import says of one row and column, in words for the person who has the file open.

use serde::{Deserialize, Serialize};

use lac_domain::PupilId;

use crate::{Column, FileColumn};

/// How many characters of a cell a finding repeats.
pub const VALUE_CHARS: usize = 100;

/// Whether a finding keeps its row out.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Severity {
    /// The row is not taken.
    Error,
    /// The row is taken.
    Warning,
}

/// One thing that is wrong with, or worth knowing of, a row or the whole file.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Finding {
    /// The row, by the number that Excel shows (the heading row of most files is 1). A finding on the heading
    /// row is about the whole file.
    pub row: u32,
    /// The heading of the column, as the file has it; none when the finding is about the row.
    pub column: Option<String>,
    /// The column's place, from 0: headings may repeat. None when the finding is about the row.
    pub column_index: Option<u32>,
    /// What the column was recognised as.
    pub field: Option<Column>,
    /// What the cell holds, at most [`VALUE_CHARS`] characters of it; empty for a blank cell.
    pub value: String,
    /// Whether the row is kept out.
    pub severity: Severity,
    /// What is wrong, for programs.
    pub code: FindingCode,
    /// What is wrong and how to mend it, for people.
    pub message: String,
    /// The pupil of the store of whom it says something; it stays in the store, which tells it only to those who may
    /// see the pupil.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "openapi", schema(ignore))]
    #[cfg_attr(feature = "ts", ts(skip))]
    pub about: Option<PupilId>,
}

impl Finding {
    /// A finding about a row as a whole, with no column.
    pub(crate) fn of_row(
        row: u32,
        severity: Severity,
        code: FindingCode,
        value: &str,
        message: impl Into<String>,
    ) -> Self {
        Self {
            row,
            column: None,
            column_index: None,
            field: None,
            value: cut(value),
            severity,
            code,
            message: message.into(),
            about: None,
        }
    }

    /// A finding about a row as a whole, for those who judge rows beside what they know.
    #[must_use]
    pub fn about_row(row: u32, severity: Severity, code: FindingCode, message: String) -> Self {
        Self::of_row(row, severity, code, "", message)
    }

    /// The order in which findings are shown: errors first, then by row, then by column.
    pub(crate) fn order(&self) -> (Severity, u32, Option<u32>, FindingCode) {
        (self.severity, self.row, self.column_index, self.code)
    }
}

/// A finding about a cell.
pub(crate) fn at_column(
    row: u32,
    column: Option<&FileColumn>,
    severity: Severity,
    code: FindingCode,
    value: &str,
    message: String,
) -> Finding {
    Finding {
        column: column.map(|c| c.heading.clone()),
        column_index: column.map(|c| c.index),
        field: column.and_then(|c| c.column).filter(|c| *c != Column::Unknown),
        ..Finding::of_row(row, severity, code, value, message)
    }
}

/// A cell's text, cut to [`VALUE_CHARS`] characters.
pub(crate) fn cut(value: &str) -> String {
    value
        .char_indices()
        .nth(VALUE_CHARS)
        .map_or(value, |(end, _)| &value[..end])
        .to_owned()
}

/// What a finding is about. Only grows; `Unknown` stands for a code from a newer version.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum FindingCode {
    /// The file has no column for something that every user needs.
    MissingColumn,
    /// Two columns say that they are the same thing; the first is read.
    RepeatedColumn,
    /// A quotation mark is opened and never closed: nothing after it can be read.
    UnclosedQuote,
    /// The row ends before the columns that it needs.
    TooFewCells,
    /// The row has text beyond the last heading.
    TooManyCells,
    /// No first name.
    MissingFirstName,
    /// No last name.
    MissingLastName,
    /// No e-mail address.
    MissingEmail,
    /// Not an e-mail address.
    BadEmail,
    /// The address of an office, not of a person.
    SharedMailbox,
    /// Rows with one e-mail address and different names.
    EmailNamesDiffer,
    /// Rows with one e-mail address and different roles.
    EmailRolesDiffer,
    /// A user of the authority has this e-mail address, and users who exist are refused.
    EmailInUse,
    /// A user of the authority has this e-mail address; the row is skipped or updates them, as chosen.
    UserExists,
    /// A user of the authority has this e-mail address and another role, which the row itself does not name.
    UserRoleDiffers,
    /// A user of the authority has this e-mail address and another role, which the row changes.
    UserRoleChanges,
    /// A user of the authority has this e-mail address and a role that may not be taken away.
    UserRoleFixed,
    /// The row says nothing that an earlier row did not.
    RepeatedRow,
    /// Rows of one user with different job titles or phone numbers; the first is taken.
    DetailsDiffer,
    /// Not a URN.
    BadUrn,
    /// No establishment of the store has this URN.
    UnknownUrn,
    /// The establishment is closed.
    EstablishmentClosed,
    /// URN `0`: the user is not linked yet.
    UrnZero,
    /// No URN: the user is not linked yet.
    UrnBlank,
    /// A URN for a role that is not linked to establishments: not read.
    UrnIgnored,
    /// Not a UPN.
    BadUpn,
    /// The UPN's check letter is wrong.
    UpnCheckLetter,
    /// No pupil has this UPN.
    UnknownUpn,
    /// A UPN for a role that is not assigned pupils: not read.
    UpnIgnored,
    /// Not a role.
    UnknownRole,
    /// The role is LA Super User.
    SuperUserRole,
    /// Longer than the field may be.
    TooLong,
    /// Holds a character that cannot be typed, such as a tab or line break.
    ControlCharacter,
    /// Holds a character that was lost before the file came here.
    LostCharacter,
    /// A phone number with letters in it.
    PhoneLetters,
    /// An establishment without a name.
    MissingName,
    /// Not a status of an establishment.
    UnknownStatus,
    /// Not a date of the form dd-mm-yyyy.
    BadDate,
    /// The row has more cells than there are headings, so its later cells do not belong to the headings above them.
    CellsOutOfLine,
    /// A child of a return without the authority's own number.
    MissingReference,
    /// A child who is in the return's list twice.
    RepeatedChild,
    /// A child who is in the return's episodes and not in its list.
    UnknownChild,
    /// A UPN that another child of the same file has.
    RepeatedUpn,
    /// An end that lies before its beginning.
    EndBeforeStart,
    /// A day after the one that the return stands for.
    AfterTheReturn,
    /// A reason for ending, and no day on which it ended.
    EndReasonWithoutEnd,
    /// An episode that begins before an earlier one ends.
    EpisodesOverlap,
    /// An episode that begins later than the one before says.
    EpisodesGap,
    /// An episode that says that another follows, and none does.
    NoEpisodeFollows,
    /// A kind of enrolment that there is none of.
    UnknownKind,
    /// A social worker who is no user, or no Social Worker.
    UnknownWorker,
    /// A UPN that differs from the one held, which is kept.
    UpnKept,
    /// A reference or UPN that belongs to another child than the row says.
    OtherPupil,
    /// A reference or UPN of a record that takes no changes any more.
    PupilClosed,
    /// Dates that do not go with those that are held.
    DatesClash,
    /// A pupil who exists, and pupils who exist are refused or skipped.
    PupilExists,
    /// A time in care that lasts and would end.
    CareEnds,
    /// A pupil who is looked after and not in the file. Nothing is done to them.
    MissingFromFile,
    /// A code that this version does not know.
    #[serde(other)]
    Unknown,
}
