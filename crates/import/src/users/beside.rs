//! Judging rows beside each other: those with one e-mail address are one user, or a mistake.

use std::collections::{HashMap, HashSet};

use lac_domain::{Role, Upn, Urn, name_key};

use super::Shape;
use super::shape::Places;
use crate::finding::at_column;
use crate::{Finding, FindingCode, Severity};

/// How many other rows a finding names before it only counts them.
const ROWS_NAMED: usize = 5;

impl Shape {
    /// Finds the rows of one e-mail address, and what does not fit between them.
    pub(super) fn judge_beside_each_other(&mut self, places: &Places) {
        let mut first_of: HashMap<&str, usize> = HashMap::with_capacity(self.rows.len());
        let mut several: HashMap<usize, Vec<usize>> = HashMap::new();
        self.group.reserve(self.rows.len());
        for (index, row) in self.rows.iter().enumerate() {
            let first = if row.email_key.is_empty() {
                index
            } else {
                *first_of.entry(row.email_key).or_insert(index)
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
                .filter(|i| !self.rows.get(*i).first_name.is_empty() && !self.rows.get(*i).last_name.is_empty())
                .collect();
            let names: HashSet<(String, String)> = named
                .iter()
                .map(|i| self.rows.get(*i))
                .map(|row| (name_key(row.first_name), name_key(row.last_name)))
                .collect();
            let roles: HashSet<Role> = members.iter().map(|i| self.rows.get(*i).role).collect();
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
                .map(|i| self.rows.get(*i).row);
            let row = self.rows.get(index);
            let value = if code == FindingCode::EmailRolesDiffer {
                row.role.display_name()
            } else {
                row.email
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
        let first = self.rows.get(members[0]);
        for (nth, &index) in members.iter().enumerate() {
            let row = self.rows.get(index);
            let more_urns = row.urns.iter().filter(|(_, urn)| urns.insert(urn)).count();
            let more_upns = row.upns.iter().filter(|(_, upn)| upns.insert(upn)).count();
            if nth == 0 || self.refused[index] {
                continue;
            }
            for (place, this, that, what) in [
                (places.job_title, row.job_title, first.job_title, "job title"),
                (places.phone, row.phone, first.phone, "phone number"),
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
