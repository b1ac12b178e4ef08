//! Judging all that can be judged without the store: each row by itself, then the rows beside each other.

use std::collections::{HashMap, HashSet};

use lac_domain::{Role, Upn, Urn, email_key, name_key};

use super::cells::{Judged, at_column};
use super::{Counts, UserRow, Wanted};
use crate::{Column, Columns, FileColumn, FileSource, Finding, FindingCode, Severity, Table, TableRow};

/// How many other rows a finding names before it only counts them.
const ROWS_NAMED: usize = 5;

/// OneRoster's roles of people who work at a school; the others are pupils and their families.
const ONE_ROSTER_STAFF: [&str; 4] = ["teacher", "administrator", "aide", "proctor"];

/// A file's rows after everything was judged that needs no store.
#[derive(Clone, Debug)]
pub struct Shape {
    pub(super) rows: Vec<UserRow>,
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
struct Places {
    first_name: Option<usize>,
    last_name: Option<usize>,
    job_title: Option<usize>,
    email: Option<usize>,
    phone: Option<usize>,
    role: Option<usize>,
    urns: Vec<usize>,
    upns: Vec<usize>,
    one_roster: bool,
    one_roster_role: Option<usize>,
    one_roster_status: Option<usize>,
    width: usize,
}

impl Places {
    fn of(columns: &Columns) -> Self {
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
            width: columns.width(),
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
            rows: Vec::new(),
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
        let places = Places::of(columns);
        shape.rows.reserve(table.rows().len());
        let mut last_role = None;
        for row in table.rows() {
            if places.one_roster && shape.pass_over(row, &places) {
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
    pub fn rows(&self) -> &[UserRow] {
        &self.rows
    }

    /// What to look up in the store before [`Shape::judge`].
    #[must_use]
    pub fn wanted(&self) -> Wanted {
        let emails = self
            .rows
            .iter()
            .zip(0..)
            .filter(|(row, i)| self.group[*i] == *i && !row.email_key.is_empty());
        let mut wanted = Wanted {
            emails: emails.map(|(row, _)| row.email_key.clone()).collect(),
            urns: self
                .rows
                .iter()
                .flat_map(|row| &row.urns)
                .map(|(_, urn)| urn)
                .collect::<HashSet<_>>()
                .into_iter()
                .cloned()
                .collect(),
            upns: self
                .rows
                .iter()
                .flat_map(|row| &row.upns)
                .map(|(_, upn)| upn)
                .collect::<HashSet<_>>()
                .into_iter()
                .cloned()
                .collect(),
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
        let counted = if !is(places.one_roster_status, &["active"]) {
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
        if row.len() <= reach {
            let heading = self.columns.get(reach).map_or("", |c| c.heading.as_str());
            let message = format!(
                "This row has {}; it needs {} to reach “{heading}”. Put in the cells that were left out, or leave them blank.",
                cells(row.len()),
                reach + 1,
            );
            judged.error(None, "", FindingCode::TooFewCells, message);
            self.unreadable.push(row.number());
            return;
        }
        if let Some((place, value)) = row.first_filled_from(places.width) {
            let message = format!(
                "This row has text in cell {}, but there are only {} headings. Its cells may be in the wrong columns: \
                 take out what is too much, or put quotation marks around a cell that holds a delimiter.",
                place + 1,
                places.width,
            );
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
            first_name,
            last_name,
            job_title,
            email,
            email_key,
            phone,
            role,
            urns,
            upns,
        });
    }

    /// Finds the rows of one e-mail address, and what does not fit between them.
    fn judge_beside_each_other(&mut self, places: &Places) {
        let mut first_of: HashMap<&str, usize> = HashMap::with_capacity(self.rows.len());
        let mut several: HashMap<usize, Vec<usize>> = HashMap::new();
        self.group.reserve(self.rows.len());
        for (index, row) in self.rows.iter().enumerate() {
            let first = if row.email_key.is_empty() {
                index
            } else {
                *first_of.entry(&row.email_key).or_insert(index)
            };
            if first != index {
                several.entry(first).or_insert_with(|| vec![first]).push(index);
            }
            self.group.push(first);
        }
        drop(first_of);
        for members in several.values() {
            // A row without a name has its own finding, and says nothing against the others.
            let named: Vec<usize> = members
                .iter()
                .copied()
                .filter(|i| !self.rows[*i].first_name.is_empty() && !self.rows[*i].last_name.is_empty())
                .collect();
            let names: HashSet<(String, String)> = named
                .iter()
                .map(|i| (name_key(&self.rows[*i].first_name), name_key(&self.rows[*i].last_name)))
                .collect();
            let roles: HashSet<Role> = members.iter().map(|i| self.rows[*i].role).collect();
            if names.len() > 1 {
                self.refuse_all(&named, places.email, FindingCode::EmailNamesDiffer, |others| {
                    format!("{others} the same e-mail address with another name. Each person needs an address of their own; if it is one person, write the name the same way each time.")
                });
            } else if roles.len() > 1 {
                self.refuse_all(members, places.role, FindingCode::EmailRolesDiffer, |others| {
                    format!("{others} the same e-mail address with another role. A user has one role: write the same in each row.")
                });
            } else {
                self.find_repeated(members, places);
            }
        }
    }

    fn refuse_all(&mut self, members: &[usize], place: Option<usize>, code: FindingCode, say: impl Fn(&str) -> String) {
        let column = place.and_then(|p| self.columns.get(p));
        for &index in members {
            // At most a few are named, so that a file of one address throughout stays quick.
            let others = members
                .iter()
                .filter(|i| **i != index)
                .take(ROWS_NAMED)
                .map(|i| self.rows[*i].row);
            let row = &self.rows[index];
            let value = if code == FindingCode::EmailRolesDiffer {
                row.role.display_name()
            } else {
                &row.email
            };
            let message = say(&name_rows(others, members.len() - 1));
            self.findings
                .push(at_column(row.row, column, Severity::Error, code, value, message));
            self.refused[index] = true;
        }
    }

    /// Of rows that are one user, warns of those that add nothing or say something else.
    fn find_repeated(&mut self, members: &[usize], places: &Places) {
        let (mut urns, mut upns): (HashSet<&Urn>, HashSet<&Upn>) = (HashSet::new(), HashSet::new());
        let first = &self.rows[members[0]];
        for (nth, &index) in members.iter().enumerate() {
            let row = &self.rows[index];
            let more_urns = row.urns.iter().filter(|(_, urn)| urns.insert(urn)).count();
            let more_upns = row.upns.iter().filter(|(_, upn)| upns.insert(upn)).count();
            if nth == 0 || self.refused[index] {
                continue;
            }
            for (place, this, that, what) in [
                (places.job_title, &row.job_title, &first.job_title, "job title"),
                (places.phone, &row.phone, &first.phone, "phone number"),
            ] {
                if !this.is_empty() && !that.is_empty() && this != that {
                    let message = format!(
                        "Row {} has another {what} for the same user. That of row {} is taken.",
                        first.row, first.row
                    );
                    let column = place.and_then(|p| self.columns.get(p));
                    self.findings.push(at_column(
                        row.row,
                        column,
                        Severity::Warning,
                        FindingCode::DetailsDiffer,
                        this,
                        message,
                    ));
                }
            }
            if more_urns + more_upns == 0 {
                let message = format!(
                    "This row is the same user as row {}, and adds no school and no pupil. The user is made once.",
                    first.row
                );
                self.findings.push(Finding::of_row(
                    row.row,
                    Severity::Warning,
                    FindingCode::RepeatedRow,
                    "",
                    message,
                ));
            }
        }
    }
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

/// "Row 4 has", "Rows 4, 6 and 9 have", "Rows 4, 5, 6, 7, 8 and 90 others have".
fn name_rows(named: impl Iterator<Item = u32>, all: usize) -> String {
    let mut rows: Vec<String> = named.map(|row| row.to_string()).collect();
    if all > rows.len() {
        rows.push(format!("{} others", all - rows.len()));
    }
    match rows.as_slice() {
        [] => String::new(),
        [one] => format!("Row {one} has"),
        [start @ .., last] => format!("Rows {} and {last} have", start.join(", ")),
    }
}

fn cells(count: usize) -> String {
    if count == 1 {
        "1 cell".to_owned()
    } else {
        format!("{count} cells")
    }
}
