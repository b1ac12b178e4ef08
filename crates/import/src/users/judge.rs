//! Judging against what the store knows, and gathering rows into users.

use std::collections::{HashMap, HashSet};

use lac_domain::{EstablishmentStatus, Role};

use super::{Counts, ExistingUsers, JudgedUser, Judgement, Known, Shape, UserOutcome, UserRow};
use crate::finding::at_column;
use crate::{Column, FileColumn, Finding, FindingCode, Severity};

impl Shape {
    /// The judgement as far as it goes without a store: nobody exists yet, and every URN and UPN of the right
    /// form is taken to be known.
    #[must_use]
    pub fn preview(self) -> Judgement {
        self.gather(&HashMap::new(), ExistingUsers::Refuse)
    }

    /// The whole judgement. `known` holds the store's answers for [`Shape::wanted`].
    #[must_use]
    pub fn judge(mut self, known: &Known, existing: ExistingUsers) -> Judgement {
        for (index, row) in self.rows.iter().enumerate() {
            let before = self.findings.len();
            judge_establishments(row, known, &self.columns, &mut self.findings);
            judge_pupils(row, known, &self.columns, &mut self.findings);
            if let Some(role) = known.users.get(&row.email_key).filter(|_| !row.email_key.is_empty()) {
                let email_column = self.email_place.and_then(|place| self.columns.get(place));
                let role_column = self
                    .columns
                    .iter()
                    .find(|c| c.column == Some(Column::UserRole))
                    .or(email_column);
                let fixed = known.fixed_roles.get(&row.email_key).map(String::as_str);
                self.findings
                    .push(existing_user(row, *role, fixed, existing, email_column, role_column));
            }
            self.refused[index] |= self.findings[before..].iter().any(|f| f.severity == Severity::Error);
        }
        self.gather(&known.users, existing)
    }

    /// Makes users of the rows that have no error, and counts.
    fn gather(mut self, users: &HashMap<String, Role>, existing: ExistingUsers) -> Judgement {
        let mut refused_rows = std::mem::take(&mut self.unreadable);
        let mut counts = self.counts;
        let mut gathered: Vec<JudgedUser> = Vec::with_capacity(self.rows.len());
        // Where each group's user is, once it has one.
        let mut place_of: HashMap<usize, Gathered> = HashMap::new();
        let group_sizes = sizes(&self.group);
        for (index, row) in self.rows.into_iter().enumerate() {
            if self.refused[index] {
                refused_rows.push(row.row);
                continue;
            }
            let group = self.group[index];
            if let Some(gathering) = place_of.get_mut(&group) {
                gathering.add(&mut gathered[gathering.place], row);
                continue;
            }
            let outcome = match existing {
                _ if !users.contains_key(&row.email_key) => UserOutcome::Create,
                ExistingUsers::Update => UserOutcome::Update,
                ExistingUsers::Skip | ExistingUsers::Refuse => UserOutcome::Skip,
            };
            let place = gathered.len();
            gathered.push(first_row(row, outcome));
            if group_sizes[group] > 1 {
                place_of.insert(group, Gathered::new(place, &gathered[place]));
            }
        }
        for user in &mut gathered {
            user.not_linked_yet = user.role.is_linked() && user.urns.is_empty();
            count(user, &mut counts);
        }
        refused_rows.sort_unstable();
        counts.rows_refused = u32::try_from(refused_rows.len()).unwrap_or(u32::MAX);
        counts.rows_skipped = counts.rows_skipped_existing
            + counts.rows_skipped_not_staff
            + counts.rows_skipped_not_active
            + counts.rows_skipped_example
            + counts.rows_left_out;
        self.findings.sort_by_key(Finding::order);
        let errors = self.findings.partition_point(|f| f.severity == Severity::Error);
        counts.errors = u32::try_from(errors).unwrap_or(u32::MAX);
        counts.warnings = u32::try_from(self.findings.len() - errors).unwrap_or(u32::MAX);
        Judgement {
            blocked: self.blocked,
            users: gathered,
            refused_rows,
            findings: self.findings,
            counts,
        }
    }
}

/// A user to whom more rows may be added, and what they have already.
struct Gathered {
    place: usize,
    urns: HashSet<lac_domain::Urn>,
    upns: HashSet<lac_domain::Upn>,
}

impl Gathered {
    fn new(place: usize, user: &JudgedUser) -> Self {
        Self {
            place,
            urns: user.urns.iter().cloned().collect(),
            upns: user.upns.iter().cloned().collect(),
        }
    }

    fn add(&mut self, user: &mut JudgedUser, row: UserRow) {
        user.rows.push(row.row);
        if user.job_title.is_empty() {
            user.job_title = row.job_title;
        }
        if user.phone.is_empty() {
            user.phone = row.phone;
        }
        user.urns.extend(
            row.urns
                .into_iter()
                .map(|(_, urn)| urn)
                .filter(|urn| self.urns.insert(urn.clone())),
        );
        user.upns.extend(
            row.upns
                .into_iter()
                .map(|(_, upn)| upn)
                .filter(|upn| self.upns.insert(upn.clone())),
        );
    }
}

/// How many rows are in each group, by the group's first row.
fn sizes(group: &[usize]) -> Vec<u32> {
    let mut sizes = vec![0; group.len()];
    for first in group {
        sizes[*first] += 1;
    }
    sizes
}

fn first_row(row: UserRow, outcome: UserOutcome) -> JudgedUser {
    JudgedUser {
        rows: vec![row.row],
        outcome,
        first_name: row.first_name,
        last_name: row.last_name,
        job_title: row.job_title,
        email: row.email,
        email_key: row.email_key,
        phone: row.phone,
        role: row.role,
        urns: row.urns.into_iter().map(|(_, urn)| urn).collect(),
        upns: row.upns.into_iter().map(|(_, upn)| upn).collect(),
        not_linked_yet: false,
    }
}

fn count(user: &JudgedUser, counts: &mut Counts) {
    let rows = u32::try_from(user.rows.len()).unwrap_or(u32::MAX);
    match user.outcome {
        UserOutcome::Create => {
            counts.rows_accepted += rows;
            counts.to_create += 1;
            counts.not_linked_yet += u32::from(user.not_linked_yet);
        }
        UserOutcome::Update => {
            counts.rows_accepted += rows;
            counts.to_update += 1;
        }
        UserOutcome::Skip | UserOutcome::Unknown => {
            counts.rows_skipped_existing += rows;
            counts.to_skip += 1;
        }
    }
}

fn judge_establishments(row: &UserRow, known: &Known, columns: &[FileColumn], findings: &mut Vec<Finding>) {
    for (place, urn) in &row.urns {
        let column = columns.get(*place as usize);
        match known.establishments.get(urn) {
            None => findings.push(at_column(
                row.row,
                column,
                Severity::Error,
                FindingCode::UnknownUrn,
                urn.as_str(),
                format!("No establishment here has the URN {urn}. Check it on the school’s GIAS page; if it is right, add the establishment first."),
            )),
            Some(establishment) if establishment.status == EstablishmentStatus::Closed => findings.push(at_column(
                row.row,
                column,
                Severity::Warning,
                FindingCode::EstablishmentClosed,
                urn.as_str(),
                format!(
                    "{} ({urn}) is closed. If the school became an academy it has a new URN: enter that one. The link is made as it is.",
                    establishment.name
                ),
            )),
            Some(_) => {}
        }
    }
}

fn judge_pupils(row: &UserRow, known: &Known, columns: &[FileColumn], findings: &mut Vec<Finding>) {
    for (place, upn) in &row.upns {
        if !known.upns.contains(upn) {
            findings.push(at_column(
                row.row,
                columns.get(*place as usize),
                Severity::Error,
                FindingCode::UnknownUpn,
                upn.as_str(),
                format!("No pupil here has the UPN {upn}. Check it, or take it out and assign the pupil later."),
            ));
        }
    }
}

fn existing_user(
    row: &UserRow,
    role: Role,
    fixed: Option<&str>,
    existing: ExistingUsers,
    email_column: Option<&FileColumn>,
    role_column: Option<&FileColumn>,
) -> Finding {
    let (column, severity, code, value, message) = match existing {
        ExistingUsers::Refuse => (
            email_column,
            Severity::Error,
            FindingCode::EmailInUse,
            row.email.as_str(),
            "A user of this authority has this e-mail address already. Take the row out, or choose to skip or update users who exist.".to_owned(),
        ),
        ExistingUsers::Update if role != row.role && row.role_named => match fixed {
            Some(why) => (
                role_column,
                Severity::Error,
                FindingCode::UserRoleFixed,
                row.role.display_name(),
                why.to_owned(),
            ),
            None => (
                role_column,
                Severity::Warning,
                FindingCode::UserRoleChanges,
                row.role.display_name(),
                format!("This user exists and has the role {role}. Their role changes to {}, as this row says.", row.role),
            ),
        },
        ExistingUsers::Update if role != row.role => (
            role_column,
            Severity::Error,
            FindingCode::UserRoleDiffers,
            row.role.display_name(),
            format!("This user exists and has the role {role}. To change it, give the file a column “User Role”; otherwise take the row out."),
        ),
        ExistingUsers::Skip => (
            email_column,
            Severity::Warning,
            FindingCode::UserExists,
            row.email.as_str(),
            "A user of this authority has this e-mail address already. The row is skipped, unless you choose that users who exist are updated.".to_owned(),
        ),
        ExistingUsers::Update => (
            email_column,
            Severity::Warning,
            FindingCode::UserExists,
            row.email.as_str(),
            "A user of this authority has this e-mail address already. They are updated with what this row says, as you chose.".to_owned(),
        ),
    };
    at_column(row.row, column, severity, code, value, message)
}
