//! Judging against what the store knows, and gathering rows into users.

use std::collections::{HashMap, HashSet};

use lac_domain::{EstablishmentStatus, Role};

use super::rows::UserRow;
use super::{Counts, ExistingUsers, JudgedUser, Judgement, Known, Shape, UserOutcome};
use crate::finding::at_column;
use crate::{Column, FileColumn, Finding, FindingCode, Severity};

/// What was found in a file, and whom its good rows make: as places among its rows, since there may be very many.
/// [`Shape::users`] gives them one by one.
#[derive(Clone, Debug)]
pub struct Weighed {
    /// Whether the file as a whole is at fault, so that no row can be taken until it is mended.
    pub blocked: bool,
    /// The rows that have an error, in order.
    pub refused_rows: Vec<u32>,
    /// Every finding: errors first, then by row and column.
    pub findings: Vec<Finding>,
    /// The counts.
    pub counts: Counts,
    users: Vec<Who>,
    // The places of the rows of one user after the first, by the first.
    more: HashMap<usize, Vec<usize>>,
}

/// A user: the place of their first good row, and what is done with them.
#[derive(Clone, Copy, Debug)]
struct Who {
    first: usize,
    outcome: UserOutcome,
}

impl Shape {
    /// The judgement as far as it goes without a store: nobody exists yet, and every URN and UPN of the right
    /// form is taken to be known.
    #[must_use]
    pub fn preview(self) -> Judgement {
        let (refused, findings) = (self.refused.clone(), self.findings.clone());
        let weighed = self.gather(refused, findings, &HashMap::new(), ExistingUsers::Refuse);
        self.whole(weighed)
    }

    /// The whole judgement. `known` holds the store's answers for [`Shape::wanted`].
    #[must_use]
    pub fn judge(self, known: &Known, existing: ExistingUsers) -> Judgement {
        let weighed = self.weigh(known, existing);
        self.whole(weighed)
    }

    /// The same judgement, with its users as places among these rows.
    #[must_use]
    pub fn weigh(&self, known: &Known, existing: ExistingUsers) -> Weighed {
        let (mut refused, mut findings) = (self.refused.clone(), self.findings.clone());
        let email_column = self.email_place.and_then(|place| self.columns.get(place));
        let named = self.columns.iter().find(|c| c.column == Some(Column::UserRole));
        let role_column = named.or(email_column);
        for (row, refused) in self.rows().zip(&mut refused) {
            let before = findings.len();
            judge_establishments(&row, known, &self.columns, &mut findings);
            judge_pupils(&row, known, &self.columns, &mut findings);
            if let Some(role) = known.users.get(row.email_key).filter(|_| !row.email_key.is_empty()) {
                let fixed = known.fixed_roles.get(row.email_key).map(String::as_str);
                findings.push(existing_user(&row, *role, fixed, existing, email_column, role_column));
            }
            *refused |= findings[before..].iter().any(|f| f.severity == Severity::Error);
        }
        self.gather(refused, findings, &known.users, existing)
    }

    /// The users of a judgement of these rows, by their first row.
    pub fn users<'a>(&'a self, weighed: &'a Weighed) -> impl ExactSizeIterator<Item = JudgedUser> + 'a {
        weighed.users.iter().map(|who| {
            let mut user = first_row(&self.rows.get(who.first), who.outcome);
            if let Some(more) = weighed.more.get(&who.first) {
                let mut gathered = Gathered::new(&user);
                for place in more {
                    gathered.add(&mut user, &self.rows.get(*place));
                }
            }
            user.not_linked_yet = user.role.is_linked() && user.urns.is_empty();
            user
        })
    }

    fn whole(&self, weighed: Weighed) -> Judgement {
        Judgement {
            users: self.users(&weighed).collect(),
            blocked: weighed.blocked,
            refused_rows: weighed.refused_rows,
            findings: weighed.findings,
            counts: weighed.counts,
        }
    }

    /// Makes users of the rows that have no error, and counts.
    fn gather(
        &self,
        refused: Vec<bool>,
        mut findings: Vec<Finding>,
        exist: &HashMap<String, Role>,
        existing: ExistingUsers,
    ) -> Weighed {
        let mut refused_rows = self.unreadable.clone();
        let mut counts = self.counts;
        let mut users: Vec<Who> = Vec::with_capacity(self.rows.len());
        let mut more: HashMap<usize, Vec<usize>> = HashMap::new();
        // The first good row of each group of several, by the group.
        let mut first_of: HashMap<usize, usize> = HashMap::new();
        let group_sizes = sizes(&self.group);
        for (place, row) in self.rows().enumerate() {
            if refused[place] {
                refused_rows.push(row.row);
                continue;
            }
            let group = self.group[place];
            if group_sizes[group] > 1 {
                let first = *first_of.entry(group).or_insert(place);
                if first != place {
                    more.entry(first).or_default().push(place);
                    continue;
                }
            }
            let outcome = match existing {
                _ if !exist.contains_key(row.email_key) => UserOutcome::Create,
                ExistingUsers::Update => UserOutcome::Update,
                ExistingUsers::Skip | ExistingUsers::Refuse => UserOutcome::Skip,
            };
            users.push(Who { first: place, outcome });
        }
        for who in &users {
            let others = more.get(&who.first).map_or(&[][..], Vec::as_slice);
            let mut rows = std::iter::once(&who.first)
                .chain(others)
                .map(|place| self.rows.get(*place));
            let linked = rows.any(|row| !row.urns.is_empty());
            let not_linked_yet = self.rows.get(who.first).role.is_linked() && !linked;
            count(who.outcome, others.len() + 1, not_linked_yet, &mut counts);
        }
        refused_rows.sort_unstable();
        counts.rows_refused = u32::try_from(refused_rows.len()).unwrap_or(u32::MAX);
        counts.rows_skipped = counts.rows_skipped_existing
            + counts.rows_skipped_not_staff
            + counts.rows_skipped_not_active
            + counts.rows_skipped_example
            + counts.rows_left_out;
        findings.sort_by_key(Finding::order);
        let errors = findings.partition_point(|f| f.severity == Severity::Error);
        counts.errors = u32::try_from(errors).unwrap_or(u32::MAX);
        counts.warnings = u32::try_from(findings.len() - errors).unwrap_or(u32::MAX);
        Weighed {
            blocked: self.blocked,
            refused_rows,
            findings,
            counts,
            users,
            more,
        }
    }
}

/// What a user has already, to whom more rows are added.
struct Gathered {
    urns: HashSet<lac_domain::Urn>,
    upns: HashSet<lac_domain::Upn>,
}

impl Gathered {
    fn new(user: &JudgedUser) -> Self {
        Self {
            urns: user.urns.iter().cloned().collect(),
            upns: user.upns.iter().cloned().collect(),
        }
    }

    fn add(&mut self, user: &mut JudgedUser, row: &UserRow<'_>) {
        user.rows.push(row.row);
        if user.job_title.is_empty() {
            row.job_title.clone_into(&mut user.job_title);
        }
        if user.phone.is_empty() {
            row.phone.clone_into(&mut user.phone);
        }
        let urns = row.urns.iter().map(|(_, urn)| urn);
        user.urns
            .extend(urns.filter(|urn| self.urns.insert((*urn).clone())).cloned());
        let upns = row.upns.iter().map(|(_, upn)| upn);
        user.upns
            .extend(upns.filter(|upn| self.upns.insert((*upn).clone())).cloned());
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

fn first_row(row: &UserRow<'_>, outcome: UserOutcome) -> JudgedUser {
    JudgedUser {
        rows: vec![row.row],
        outcome,
        first_name: row.first_name.to_owned(),
        last_name: row.last_name.to_owned(),
        job_title: row.job_title.to_owned(),
        email: row.email.to_owned(),
        email_key: row.email_key.to_owned(),
        phone: row.phone.to_owned(),
        role: row.role,
        urns: row.urns.iter().map(|(_, urn)| urn.clone()).collect(),
        upns: row.upns.iter().map(|(_, upn)| upn.clone()).collect(),
        not_linked_yet: false,
    }
}

fn count(outcome: UserOutcome, rows: usize, not_linked_yet: bool, counts: &mut Counts) {
    let rows = u32::try_from(rows).unwrap_or(u32::MAX);
    match outcome {
        UserOutcome::Create => {
            counts.rows_accepted += rows;
            counts.to_create += 1;
            counts.not_linked_yet += u32::from(not_linked_yet);
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

fn judge_establishments(row: &UserRow<'_>, known: &Known, columns: &[FileColumn], findings: &mut Vec<Finding>) {
    for (place, urn) in row.urns {
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

fn judge_pupils(row: &UserRow<'_>, known: &Known, columns: &[FileColumn], findings: &mut Vec<Finding>) {
    for (place, upn) in row.upns {
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
    row: &UserRow<'_>,
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
            row.email,
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
            row.email,
            "A user of this authority has this e-mail address already. The row is skipped, unless you choose that users who exist are updated.".to_owned(),
        ),
        ExistingUsers::Update => (
            email_column,
            Severity::Warning,
            FindingCode::UserExists,
            row.email,
            "A user of this authority has this e-mail address already. They are updated with what this row says, as you chose.".to_owned(),
        ),
    };
    at_column(row.row, column, severity, code, value, message)
}
