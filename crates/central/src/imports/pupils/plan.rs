//! What a file comes to beside what is held: each pupil by themselves, so that one who cannot be taken keeps no other out.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use lac_domain::{CarePeriodId, EnrolmentId, PupilId, Upn, UserId};
use lac_import::{Counts, ExistingUsers, FilePupil, Finding, FindingCode, PupilFile, Severity};
use lac_wire::{CarePeriodEntry, EnrolmentEntry};

use super::known::Known;
use super::one::One;

/// A care period or enrolment as it shall be: one that is held, or a new one.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Dated<I, E> {
    pub id: Option<I>,
    pub entry: E,
    pub changed: bool,
}

/// What is done to one pupil.
#[derive(Debug, Clone)]
pub(super) struct Change {
    /// None for a pupil who is added.
    pub id: Option<PupilId>,
    pub first_name: String,
    pub last_name: String,
    pub known_as: String,
    pub former_names: String,
    pub born: NaiveDate,
    pub upn: Option<Upn>,
    pub reference: Option<String>,
    pub social_worker: Option<UserId>,
    /// The fields that change, by the names of the trail.
    pub fields: Vec<&'static str>,
    pub care: Vec<Dated<CarePeriodId, CarePeriodEntry>>,
    pub enrolments: Vec<Dated<EnrolmentId, EnrolmentEntry>>,
    /// The day on which care that is open would end.
    pub ends_care: Option<NaiveDate>,
    /// How many rows say so.
    pub rows: u32,
}

impl Change {
    /// What a pupil of the file says by themselves.
    pub(super) fn of(id: Option<PupilId>, pupil: &FilePupil) -> Self {
        Self {
            id,
            first_name: pupil.first_name.clone(),
            last_name: pupil.last_name.clone(),
            known_as: pupil.known_as.clone(),
            former_names: String::new(),
            born: pupil.born,
            upn: pupil.upn.clone(),
            reference: pupil.reference.clone(),
            social_worker: None,
            fields: Vec::new(),
            care: Vec::new(),
            enrolments: Vec::new(),
            ends_care: None,
            rows: number(pupil.rows.len()),
        }
    }

    /// Nothing, for a pupil who is left as they are.
    pub(super) fn left(id: PupilId, pupil: &FilePupil) -> Self {
        Self::of(Some(id), pupil)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.id.is_some()
            && self.fields.is_empty()
            && !self.care.iter().any(|one| one.changed)
            && !self.enrolments.iter().any(|one| one.changed)
    }
}

/// How a file is judged.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    /// The day for which it stands.
    pub as_at: NaiveDate,
    /// What to do with pupils who exist.
    pub existing: ExistingUsers,
    /// Whether nobody asks but the store itself: every pupil may change, and what is said names none.
    pub by_the_store: bool,
}

/// What a file comes to.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub changes: Vec<Change>,
    /// Pupils who are left as they are: nothing differs, or that was asked for.
    pub skipped: Vec<PupilId>,
    pub findings: Vec<Finding>,
    pub counts: Counts,
}

impl Plan {
    /// Makes the plan.
    pub(super) fn make(file: &PupilFile, known: &Known, way: Way) -> Self {
        let mut plan = Self {
            findings: file.findings.clone(),
            counts: Counts {
                rows_read: file.rows,
                rows_left_out: file.left_out,
                rows_skipped: file.left_out,
                looked_after: number(known.looked_after.len()),
                ..Counts::default()
            },
            ..Self::default()
        };
        let mut refused: BTreeSet<u32> = file.refused.iter().copied().collect();
        let mut met: HashMap<PupilId, u32> = HashMap::new();
        for pupil in &file.pupils {
            let mut one = One {
                file,
                pupil,
                known,
                way,
                findings: Vec::new(),
            };
            let change = one.change();
            if let Some(id) = one.held().map(|held| held.id) {
                one.is_met_once(*met.entry(id).or_insert(one.row()));
            }
            let is_refused = one.findings.iter().any(|finding| finding.severity == Severity::Error);
            let ends = change
                .as_ref()
                .and_then(|change| change.ends_care)
                .filter(|_| !is_refused);
            if let Some(end) = ends {
                one.say_that_care_ends(end);
            }
            plan.findings.append(&mut one.findings);
            match change.filter(|_| !is_refused) {
                None => refused.extend(&pupil.rows),
                Some(change) => plan.take(change, way),
            }
        }
        if !file.blocked {
            plan.list_missing(file, known, &met, way);
        }
        let counts = &mut plan.counts;
        counts.rows_refused = number(refused.len());
        plan.findings
            .sort_by_key(|finding| (finding.severity, finding.row, finding.column_index));
        let errors = plan.findings.partition_point(|one| one.severity == Severity::Error);
        counts.errors = number(errors);
        counts.warnings = number(plan.findings.len() - errors);
        plan
    }

    fn take(&mut self, change: Change, way: Way) {
        let counts = &mut self.counts;
        match change.id {
            Some(id) if way.existing == ExistingUsers::Skip || change.is_empty() => {
                counts.rows_skipped += change.rows;
                counts.rows_skipped_existing += change.rows;
                counts.to_skip += 1;
                self.skipped.push(id);
                return;
            }
            Some(_) => counts.to_update += 1,
            None => counts.to_create += 1,
        }
        counts.rows_accepted += change.rows;
        counts.ends_care += u32::from(change.ends_care.is_some());
        self.changes.push(change);
    }

    /// Lists those who are looked after here and are not in the file. Nothing is done to them.
    fn list_missing(&mut self, file: &PupilFile, known: &Known, met: &HashMap<PupilId, u32>, way: Way) {
        for one in known.looked_after.iter().filter(|one| !met.contains_key(&one.id)) {
            let number = match (&one.reference, &one.upn) {
                (Some(reference), _) => format!("reference {reference}"),
                (None, Some(upn)) => format!("UPN {upn}"),
                (None, None) => format!("a pupil without reference and UPN ({})", one.id),
            };
            let who = if way.by_the_store {
                number
            } else {
                format!("{} ({number})", one.known_as)
            };
            let message = format!("Looked after here, and not in the file: {who}. Nothing was changed.");
            let code = FindingCode::MissingFromFile;
            let finding = Finding::about_row(file.heading_row, Severity::Warning, code, message);
            let about = Some(one.id);
            self.findings.push(Finding { about, ..finding });
            self.counts.missing += 1;
        }
    }
}

fn number(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}
