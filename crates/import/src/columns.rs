//! What a column of a file may be, and what became of each.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// What a column of a file of users or pupils holds.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum Column {
    /// First name. Mandatory.
    FirstName,
    /// Last name. Mandatory.
    LastName,
    /// Job title.
    JobTitle,
    /// E-mail address. Mandatory.
    Email,
    /// Phone number.
    Phone,
    /// URN of an establishment; the column may repeat.
    Urn,
    /// UPN of a pupil; the column may repeat.
    Upn,
    /// The row's role, which overrides the file's.
    UserRole,
    /// OneRoster's `role` (teacher, student…): says which rows are staff.
    OneRosterRole,
    /// OneRoster's `status` (active, tobedeleted): says which rows count.
    OneRosterStatus,
    /// OneRoster's `enabledUser` (true, false): says which rows count.
    OneRosterEnabled,
    /// A pupil's UPN, in a file of pupils.
    PupilUpn,
    /// A pupil's legal first name. Mandatory.
    PupilFirstName,
    /// A pupil's legal last name. Mandatory.
    PupilLastName,
    /// The name of a pupil that schools see.
    KnownAs,
    /// A pupil's date of birth. Mandatory.
    DateOfBirth,
    /// URN of the establishment that a pupil is enrolled at.
    SchoolUrn,
    /// The kind of the enrolment.
    EnrolmentKind,
    /// The first day of the enrolment.
    OnRollFrom,
    /// The last day of the enrolment.
    OnRollTo,
    /// The first day in care.
    CareStarted,
    /// The first day no longer in care.
    CareEnded,
    /// The e-mail address of a pupil's social worker.
    SocialWorkerEmail,
    /// The authority's own number of a pupil.
    Reference,
    /// A password. Never read and never kept.
    Password,
    /// Not read, because somebody said so or because it is a note of our own.
    Ignored,
    /// A kind that this version does not know: not read.
    #[serde(other)]
    Unknown,
}

impl Column {
    /// The heading of the template for this column.
    #[must_use]
    pub fn heading(self) -> &'static str {
        match self {
            Self::FirstName => "User First Name",
            Self::LastName => "User Last Name",
            Self::JobTitle => "Job Title",
            Self::Email => "Email",
            Self::Phone => "Phone",
            Self::Urn => "School Reference Number (URN)",
            Self::Upn => "Pupil Reference Number (UPN)",
            Self::UserRole => "User Role",
            Self::OneRosterRole => "role",
            Self::OneRosterStatus => "status",
            Self::OneRosterEnabled => "enabledUser",
            Self::PupilUpn => "UPN",
            Self::PupilFirstName => "Pupil First Name",
            Self::PupilLastName => "Pupil Last Name",
            Self::KnownAs => "Known As",
            Self::DateOfBirth => "Date of Birth",
            Self::SchoolUrn => "School Reference Number (URN)",
            Self::EnrolmentKind => "Enrolment Kind",
            Self::OnRollFrom => "On Roll From",
            Self::OnRollTo => "On Roll To",
            Self::CareStarted => "Care Started",
            Self::CareEnded => "Care Ended",
            Self::SocialWorkerEmail => "Social Worker Email",
            Self::Reference => "Reference",
            Self::Password => "Password",
            Self::Ignored | Self::Unknown => "(not used)",
        }
    }

    /// Whether a file may have several of these, all of them read.
    #[must_use]
    pub fn repeats(self) -> bool {
        matches!(self, Self::Urn | Self::Upn)
    }
}

/// What a person said that columns are, by the column's place from 0. Overrides what was recognised, but for a
/// password column, which stays unread.
pub type Mapping = BTreeMap<usize, Column>;

/// What a person said that one column is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ColumnChoice {
    /// The column's place, from 0.
    pub index: u32,
    /// What it holds; `ignored` when it is not to be read.
    pub column: Column,
}

impl ColumnChoice {
    /// Choices as a [`Mapping`]; of two for one column the later counts.
    #[must_use]
    pub fn mapping(choices: &[Self]) -> Mapping {
        let place = |index| usize::try_from(index).unwrap_or(usize::MAX);
        choices
            .iter()
            .map(|choice| (place(choice.index), choice.column))
            .collect()
    }
}

/// How a column came to be read, or not.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum ColumnState {
    /// Its heading is known.
    Recognised,
    /// A person said what it is.
    Chosen,
    /// A person said what it is for an earlier file with the same headings.
    Remembered,
    /// Its heading is not known: not read.
    Unrecognised,
    /// Known, and not read on purpose.
    Ignored,
    /// Known, but another column of the file says the same and is read.
    Repeated,
    /// A state that this version does not know.
    #[serde(other)]
    Unknown,
}

/// One column of a file, and what became of it.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct FileColumn {
    /// Its place, from 0.
    pub index: u32,
    /// Its letters in a spreadsheet: A, B, … AA.
    pub letters: String,
    /// Its heading, as the file has it.
    pub heading: String,
    /// What it holds; none when its heading is not known.
    pub column: Option<Column>,
    /// How it came to be read, or not.
    pub state: ColumnState,
}

impl FileColumn {
    /// Whether it is read as this.
    pub(crate) fn is_read_as(&self, column: Column) -> bool {
        self.column == Some(column) && self.state.is_read()
    }
}

impl ColumnState {
    /// Whether a column in this state is read.
    pub(crate) fn is_read(self) -> bool {
        matches!(self, Self::Recognised | Self::Chosen | Self::Remembered)
    }
}

/// Which system's headings a file has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum FileSource {
    /// The template's own.
    Template,
    /// OneRoster's `users.csv`.
    OneRoster,
    /// Microsoft Entra's bulk files.
    Entra,
    /// Google Workspace's.
    Google,
    /// Some other list.
    Other,
    /// A source that this version does not know.
    #[serde(other)]
    Unknown,
}
