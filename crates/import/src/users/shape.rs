//! Judging all that can be judged without the store, row by row.

use std::collections::HashSet;

use lac_domain::{Role, email_key};

use super::cells::Judged;
use super::rows::{UserRow, UserRows};
use super::{Counts, Wanted};
use crate::row_shape;
use crate::{Column, Columns, FileColumn, FileSource, Finding, FindingCode, Severity, Table, TableRow};

/// OneRoster's roles of people who work at a school; the others are pupils and their families.
const ONE_ROSTER_STAFF: [&str; 4] = ["teacher", "administrator", "aide", "proctor"];

/// A file's rows after everything was judged that needs no store.
#[derive(Clone, Debug)]
pub struct Shape {
    pub(super) rows: UserRows,
    // As `rows`: whether a finding keeps the row out.
    pub(super) refused: Vec<bool>,
    // As `rows`: the first row with the same e-mail address, or the row itself.
    pub(super) group: Vec<usize>,
    pub(super) findings: Vec<Finding>,
    pub(super) counts: Counts,
    pub(super) blocked: bool,
    // Rows kept out that say nothing, or whose file is at fault as a whole.
    pub(super) unreadable: Vec<u32>,
    pub(super) columns: Vec<FileColumn>,
    pub(super) email_place: Option<usize>,
}

/// Where each thing stands in the file.
pub(super) struct Places {
    first_name: Option<usize>,
    last_name: Option<usize>,
    pub(super) job_title: Option<usize>,
    pub(super) email: Option<usize>,
    pub(super) phone: Option<usize>,
    pub(super) role: Option<usize>,
    urns: Vec<usize>,
    upns: Vec<usize>,
    one_roster: bool,
    one_roster_role: Option<usize>,
    one_roster_status: Option<usize>,
    one_roster_enabled: Option<usize>,
    entra: bool,
    width: usize,
    delimiter: &'static str,
}

impl Places {
    fn of(table: &Table, columns: &Columns) -> Self {
        Self {
            first_name: columns.place(Column::FirstName),
            last_name: columns.place(Column::LastName),
            job_title: columns.place(Column::JobTitle),
            email: columns.place(Column::Email),
            phone: columns.place(Column::Phone),
            role: columns.place(Column::UserRole),
            urns: columns.places(Column::Urn).collect(),
            upns: columns.places(Column::Upn).collect(),
            one_roster: columns.source() == FileSource::OneRoster,
            one_roster_role: columns.place(Column::OneRosterRole),
            one_roster_status: columns.place(Column::OneRosterStatus),
            one_roster_enabled: columns.place(Column::OneRosterEnabled),
            entra: columns.source() == FileSource::Entra,
            width: columns.width(),
            delimiter: table.delimiter().display_name(),
        }
    }

    /// The last place that a row must reach. Excel leaves out the empty cells at the end of a row where sixteen
    /// rows together have none, so a row need only reach what its user needs.
    fn reach(&self, role: Role) -> usize {
        let urn = self.urns.first().copied().filter(|_| role.is_linked());
        [self.first_name, self.last_name, self.email, urn]
            .into_iter()
            .flatten()
            .max()
            .unwrap_or(0)
    }
}

impl Shape {
    /// Judges a table whose columns are recognised. `role` is that of every row that names none.
    #[must_use]
    pub fn of(table: &Table, columns: &Columns, role: Role) -> Self {
        let mut shape = Self {
            rows: UserRows::default(),
            refused: Vec::new(),
            group: Vec::new(),
            findings: columns.findings().to_vec(),
            counts: Counts {
                rows_read: table.row_count(),
                ..Counts::default()
            },
            blocked: columns.findings().iter().any(|f| f.severity == Severity::Error),
            unreadable: Vec::new(),
            columns: columns.all().to_vec(),
            email_place: columns.place(Column::Email),
        };
        if shape.blocked {
            shape.unreadable = table.rows().map(|row| row.number()).collect();
            return shape;
        }
        let places = Places::of(table, columns);
        shape.rows.reserve(table.rows().len());
        let mut last_role = None;
        for row in table.rows() {
            if row.is_left_out() {
                shape.counts.rows_left_out += 1;
                continue;
            }
            if places.one_roster && shape.pass_over(row, &places) {
                continue;
            }
            if places.entra && is_example(row) {
                shape.counts.rows_skipped_example += 1;
                continue;
            }
            shape.judge_row(row, &places, role, &mut last_role);
        }
        if places.urns.is_empty() && shape.rows.iter().any(|row| row.role.is_linked()) {
            shape.findings.push(no_urn_column(table.heading_row()));
        }
        shape.judge_beside_each_other(&places);
        shape
    }

    /// The rows as they were read, but for those with too few cells and those passed over.
    #[must_use]
    pub fn rows(&self) -> impl ExactSizeIterator<Item = UserRow<'_>> {
        self.rows.iter()
    }

    /// What to look up in the store before [`Shape::judge`].
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        let emails = self.rows.iter().zip(0..);
        let emails = emails.filter(|(row, i)| self.group[*i] == *i && !row.email_key.is_empty());
        let mut wanted = Wanted {
            emails: emails.map(|(row, _)| row.email_key.to_owned()).collect(),
            urns: each_once(self.rows.urns()),
            upns: each_once(self.rows.upns()),
        };
        wanted.emails.sort_unstable();
        wanted.urns.sort_unstable();
        wanted.upns.sort_unstable();
        wanted
    }

    /// Whether a row of OneRoster's is no active member of staff.
    fn pass_over(&mut self, row: TableRow<'_>, places: &Places) -> bool {
        let is = |place: Option<usize>, words: &[&str]| {
            let cell = place.map_or("", |place| row.cell(place));
            // A bulk file leaves the status blank, and a file without the column says nothing of it.
            cell.is_empty() || words.iter().any(|word| cell.eq_ignore_ascii_case(word))
        };
        let active = is(places.one_roster_status, &["active"]) && is(places.one_roster_enabled, &["true"]);
        let counted = if !active {
            &mut self.counts.rows_skipped_not_active
        } else if !is(places.one_roster_role, &ONE_ROSTER_STAFF) {
            &mut self.counts.rows_skipped_not_staff
        } else {
            return false;
        };
        *counted += 1;
        true
    }

    fn judge_row(
        &mut self,
        row: TableRow<'_>,
        places: &Places,
        file_role: Role,
        last_role: &mut Option<(String, Role)>,
    ) {
        let mut judged = Judged {
            row,
            columns: &self.columns,
            findings: &mut self.findings,
            refused: false,
        };
        // The role decides what the row must hold; what is wrong with it is said only where its cells are in place.
        let role_cell = places.role.map_or("", |place| row.cell(place));
        let likely_role = if role_cell.is_empty() {
            file_role
        } else {
            Role::parse(role_cell).unwrap_or(file_role)
        };
        let reach = places.reach(likely_role);
        if let Some(message) = row_shape::too_few(row, reach, &self.columns) {
            judged.error(None, "", FindingCode::TooFewCells, message);
            self.unreadable.push(row.number());
            return;
        }
        if let Some((value, message)) = row_shape::too_many(row, places.width, places.delimiter) {
            judged.error(None, value, FindingCode::TooManyCells, message);
        }
        let role = judged.role(places.role, file_role, last_role);
        let first_name = judged.name(places.first_name, FindingCode::MissingFirstName, "first name");
        let last_name = judged.name(places.last_name, FindingCode::MissingLastName, "last name");
        let job_title = judged.job_title(places.job_title);
        let email = judged.email(places.email);
        let phone = judged.phone(places.phone);
        let urns = if role.is_linked() {
            judged.urns(&places.urns, places.one_roster)
        } else {
            judged.ignore_urns(&places.urns, role);
            Vec::new()
        };
        let upns = if role == Role::DesignatedTeacher {
            judged.ignore_upns(&places.upns);
            Vec::new()
        } else {
            judged.upns(&places.upns)
        };
        self.refused.push(judged.refused);
        let email_key = if email.is_empty() {
            String::new()
        } else {
            email_key(&email)
        };
        self.rows.push(UserRow {
            row: row.number(),
            first_name: &first_name,
            last_name: &last_name,
            job_title: &job_title,
            email: &email,
            email_key: &email_key,
            phone: &phone,
            role,
            role_named: !role_cell.is_empty(),
            urns: &urns,
            upns: &upns,
        });
    }
}

fn each_once<'a, T: std::hash::Hash + Eq + Clone + 'a>(all: impl Iterator<Item = &'a T>) -> Vec<T> {
    all.collect::<HashSet<_>>().into_iter().cloned().collect()
}

/// Whether a row is the one of examples that Entra's template has below its headings, and asks to be replaced.
fn is_example(row: TableRow<'_>) -> bool {
    let first = (0..row.len())
        .map(|place| row.cell(place))
        .find(|cell| !cell.is_empty());
    first.is_some_and(|cell| {
        cell.get(..8)
            .is_some_and(|start| start.eq_ignore_ascii_case("Example:"))
    })
}

fn no_urn_column(heading_row: u32) -> Finding {
    Finding {
        column: Some(Column::Urn.heading().to_owned()),
        field: Some(Column::Urn),
        ..Finding::of_row(
            heading_row,
            Severity::Warning,
            FindingCode::MissingColumn,
            "",
            format!(
                "The file has no column “{}”, so none of its Designated Teachers is linked yet. Their invitations are held, and no pupil is seen, until a link to an establishment is made.",
                Column::Urn.heading()
            ),
        )
    }
}
