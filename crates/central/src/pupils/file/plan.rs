//! What a file comes to beside what is held: each pupil by themselves, so that one who cannot be taken keeps no other out.

use std::collections::{BTreeSet, HashSet};

use chrono::NaiveDate;
use lac_domain::{CarePeriodId, EnrolmentId, EnrolmentKind, PupilId, Upn, UserId, email_key};
use lac_import::{Beside, FilePupil, Finding, FindingCode, PupilFile, ReturnedPeriod, Severity, beside};
use lac_wire::{CarePeriodEntry, EnrolmentEntry};

use super::super::dates;
use super::super::sentences::shown;
use super::known::{HeldPupil, Known};

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
    /// Whether care that holds on the file's day, or is open, would end.
    pub ends_care: bool,
}

impl Change {
    pub(super) fn is_empty(&self) -> bool {
        self.id.is_some()
            && self.fields.is_empty()
            && !self.care.iter().any(|one| one.changed)
            && !self.enrolments.iter().any(|one| one.changed)
    }
}

/// What a file comes to.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub changes: Vec<Change>,
    pub findings: Vec<Finding>,
    /// Rows that are not taken.
    pub refused: BTreeSet<u32>,
    pub unchanged: u32,
    /// Pupils who are looked after here and are not in the file: the reference, or the UPN, or else the id.
    pub missing: Vec<String>,
    pub looked_after: usize,
}

impl Plan {
    /// How many pupils' care the file would end.
    pub(super) fn ends(&self) -> usize {
        self.changes.iter().filter(|change| change.ends_care).count()
    }

    /// Whether it would end the care of more than a tenth of those looked after.
    pub(super) fn ends_many(&self) -> bool {
        self.ends() * 10 > self.looked_after
    }

    /// Makes the plan.
    pub(super) fn make(file: &PupilFile, known: &Known, as_at: NaiveDate) -> Self {
        let mut plan = Self {
            findings: file.findings.clone(),
            refused: file.refused.iter().copied().collect(),
            looked_after: known.looked_after.len(),
            ..Self::default()
        };
        let mut met: HashSet<PupilId> = HashSet::new();
        for pupil in &file.pupils {
            let mut one = One {
                pupil,
                known,
                as_at,
                findings: Vec::new(),
            };
            let change = one.change();
            if let Some(id) = one.held().map(|held| held.id) {
                met.insert(id);
            }
            let refused = one.findings.iter().any(|finding| finding.severity == Severity::Error);
            plan.findings.append(&mut one.findings);
            match change.filter(|_| !refused) {
                None => plan.refused.extend(&pupil.rows),
                Some(change) if change.is_empty() => plan.unchanged += 1,
                Some(change) => plan.changes.push(change),
            }
        }
        plan.missing = known
            .looked_after
            .iter()
            .filter(|one| !met.contains(&one.id))
            .map(|one| match (&one.reference, &one.upn) {
                (Some(reference), _) => format!("reference {reference}"),
                (None, Some(upn)) => format!("UPN {upn}"),
                (None, None) => format!("a pupil without reference and UPN ({})", one.id),
            })
            .collect();
        plan.findings
            .sort_by_key(|finding| (finding.severity, finding.row, finding.column_index));
        plan
    }
}

/// One pupil of the file beside the store.
struct One<'a> {
    pupil: &'a FilePupil,
    known: &'a Known,
    as_at: NaiveDate,
    findings: Vec<Finding>,
}

impl One<'_> {
    fn say(&mut self, severity: Severity, code: FindingCode, row: u32, message: String) {
        self.findings.push(Finding::about_row(row, severity, code, message));
    }

    fn row(&self) -> u32 {
        self.pupil.rows.first().copied().unwrap_or_default()
    }

    fn error(&mut self, code: FindingCode, message: impl Into<String>) {
        self.say(Severity::Error, code, self.row(), message.into());
    }

    fn warn(&mut self, code: FindingCode, message: impl Into<String>) {
        self.say(Severity::Warning, code, self.row(), message.into());
    }

    /// The pupil who is held: known by the reference, or else by the UPN.
    fn held(&self) -> Option<&HeldPupil> {
        let of_reference = self
            .pupil
            .reference
            .as_ref()
            .and_then(|text| self.known.by_reference.get(text));
        let of_upn = self
            .pupil
            .upn
            .as_ref()
            .and_then(|upn| self.known.by_upn.get(upn.as_str()));
        self.known.pupils.get(of_reference.or(of_upn)?)
    }

    fn change(&mut self) -> Option<Change> {
        let held = self.held().cloned();
        if !self.is_the_same_child(held.as_ref()) {
            return None;
        }
        let pupil = self.pupil;
        let social_worker = self.social_worker();
        let (care, ends_care) = self.care(held.as_ref().map(|held| held.id));
        let enrolments = self.enrolments(held.as_ref().map(|held| held.id));
        let entries: Vec<CarePeriodEntry> = care.iter().map(|one| one.entry.clone()).collect();
        if let Err(refusal) = dates::care_periods(pupil.born, &entries) {
            self.error(FindingCode::DatesClash, refusal.message);
        }
        let entries: Vec<EnrolmentEntry> = enrolments.iter().map(|one| one.entry.clone()).collect();
        if let Err(refusal) = dates::enrolments(pupil.born, &entries) {
            self.error(FindingCode::DatesClash, refusal.message);
        }
        let mut change = Change {
            id: held.as_ref().map(|held| held.id),
            first_name: pupil.first_name.clone(),
            last_name: pupil.last_name.clone(),
            known_as: pupil.known_as.clone(),
            former_names: held.as_ref().map_or(String::new(), |held| held.former_names.clone()),
            born: pupil.born,
            upn: pupil.upn.clone(),
            reference: pupil.reference.clone(),
            social_worker,
            fields: Vec::new(),
            care,
            enrolments,
            ends_care,
        };
        match &held {
            Some(held) => self.beside(held, &mut change),
            None if change.known_as.is_empty() => {
                change.known_as = format!("{} {}", change.first_name, change.last_name);
            }
            None => {}
        }
        Some(change)
    }

    /// Holds that a number that is known does not lead to another child, nor to a record that is closed for good.
    fn is_the_same_child(&mut self, held: Option<&HeldPupil>) -> bool {
        let Some(held) = held else { return true };
        if held.adopted {
            let message = "The reference or UPN of this row belongs to a record that takes no changes any more. Nothing was done.";
            self.error(FindingCode::PupilClosed, message);
            return false;
        }
        if held.born != self.pupil.born {
            let message = format!(
                "The pupil with this reference or UPN was born on {} here, and on {} in the file. If it is the same child, correct the date of birth in one of the two; otherwise correct the reference or UPN.",
                shown(held.born),
                shown(self.pupil.born)
            );
            self.error(FindingCode::OtherPupil, message);
            return false;
        }
        let other_reference =
            held.reference.is_some() && self.pupil.reference.is_some() && held.reference != self.pupil.reference;
        let of_upn = self
            .pupil
            .upn
            .as_ref()
            .and_then(|upn| self.known.by_upn.get(upn.as_str()));
        if other_reference || of_upn.is_some_and(|id| *id != held.id) {
            let message =
                "The reference and the UPN of this row belong to two different pupils here. Correct one of them.";
            self.error(FindingCode::OtherPupil, message);
            return false;
        }
        true
    }

    /// What the file says otherwise than the record. What it leaves blank stays.
    fn beside(&mut self, held: &HeldPupil, change: &mut Change) {
        if change.known_as.is_empty() {
            change.known_as = held.known_as.clone();
        }
        match held.upn.as_deref().map(Upn::parse) {
            Some(Ok(upn)) if change.upn.is_none() => change.upn = Some(upn),
            Some(Ok(upn)) if change.upn.as_ref() != Some(&upn) && !upn.is_temporary() => {
                self.warn(FindingCode::UpnKept, "The UPN differs from the one that is held, which is kept. Change it on the pupil’s page if the file is right.");
                change.upn = Some(upn);
            }
            _ => {}
        }
        change.reference = change.reference.take().or_else(|| held.reference.clone());
        change.social_worker = change.social_worker.or(held.social_worker_id);
        let fields = [
            ("legal_first_name", held.legal_first_name != change.first_name),
            ("legal_last_name", held.legal_last_name != change.last_name),
            ("known_as", held.known_as != change.known_as),
            ("upn", held.upn.as_deref() != change.upn.as_ref().map(Upn::as_str)),
            ("reference", held.reference != change.reference),
            ("social_worker_id", held.social_worker_id != change.social_worker),
        ];
        change.fields = fields
            .into_iter()
            .filter(|(_, differs)| *differs)
            .map(|(field, _)| field)
            .collect();
    }

    fn social_worker(&mut self) -> Option<UserId> {
        let email = email_key(&self.pupil.social_worker_email);
        if email.is_empty() {
            return None;
        }
        match self.known.workers.get(&email) {
            Some((user, true)) => return Some(*user),
            Some((_, false)) => self.warn(
                FindingCode::UnknownWorker,
                "The user with this social worker’s e-mail address has another role. No social worker was set.",
            ),
            None => self.warn(
                FindingCode::UnknownWorker,
                "There is no user with this social worker’s e-mail address. Add them, and they are set by the next file.",
            ),
        }
        None
    }

    /// Times in care as they shall be, and whether one that lasts would end.
    fn care(&mut self, id: Option<PupilId>) -> (Vec<Dated<CarePeriodId, CarePeriodEntry>>, bool) {
        let none = Vec::new();
        let held = id.and_then(|id| self.known.care.get(&id)).unwrap_or(&none);
        let mut care: Vec<Dated<CarePeriodId, CarePeriodEntry>> = held
            .iter()
            .map(|period| Dated {
                id: Some(period.id),
                entry: CarePeriodEntry {
                    start: period.start,
                    end: period.end,
                    end_reason: None,
                },
                changed: false,
            })
            .collect();
        let mut ends_care = false;
        for (start, end) in self.pupil.care.clone() {
            let said = ReturnedPeriod {
                start,
                end,
                rows: self.pupil.rows.clone(),
            };
            match beside(&said, held, self.as_at) {
                Beside::Same | Beside::LaterHere => {}
                Beside::Open { start, end } => care.push(Dated {
                    id: None,
                    entry: CarePeriodEntry {
                        start,
                        end,
                        end_reason: None,
                    },
                    changed: true,
                }),
                Beside::Close { period, end } => {
                    ends_care = true;
                    for one in care.iter_mut().filter(|one| one.id == Some(period)) {
                        one.entry.end = Some(end);
                        one.changed = true;
                    }
                }
                Beside::Differs {
                    start: held_start,
                    end: held_end,
                } => {
                    let held_end = held_end.map_or("not ended".to_owned(), |end| format!("ended on {}", shown(end)));
                    self.warn(
                        FindingCode::DatesClash,
                        format!(
                            "Care started on {} here ({held_end}), which the file says otherwise. Nothing was changed: look at the pupil’s page.",
                            shown(held_start)
                        ),
                    );
                }
            }
        }
        (care, ends_care)
    }

    fn enrolments(&mut self, id: Option<PupilId>) -> Vec<Dated<EnrolmentId, EnrolmentEntry>> {
        let held = id.and_then(|id| self.known.enrolments.get(&id));
        let mut all: Vec<Dated<EnrolmentId, EnrolmentEntry>> = held
            .into_iter()
            .flatten()
            .map(|one| Dated {
                id: Some(one.id),
                entry: EnrolmentEntry {
                    establishment_id: one.establishment,
                    kind: one.kind,
                    start: one.start,
                    end: one.end,
                    visible_from: Some(one.visible_from),
                },
                changed: false,
            })
            .collect();
        let mut said = self.pupil.enrolments.clone();
        said.sort_by_key(|one| one.start);
        for one in said {
            let Some(place) = self.known.places.get(one.urn.as_str()).copied() else {
                let message = format!(
                    "No establishment here has the URN {}. Check it, or read the newest GIAS file first.",
                    one.urn
                );
                self.say(Severity::Error, FindingCode::UnknownUrn, one.row, message);
                continue;
            };
            let same = |held: &&mut Dated<EnrolmentId, EnrolmentEntry>| {
                held.entry.establishment_id == place && held.entry.start == one.start
            };
            if let Some(held) = all.iter_mut().find(same) {
                // An end that is held and lies after the file's day is news to the file.
                let end = one.end.or(held.entry.end.filter(|end| *end > self.as_at));
                if one.end.is_none() && end != held.entry.end {
                    let message = "The enrolment has ended here, and not in the file. Nothing was changed: look at the pupil’s page.";
                    self.say(Severity::Warning, FindingCode::DatesClash, one.row, message.to_owned());
                    continue;
                }
                if held.entry.end != end || held.entry.kind != one.kind {
                    held.entry.end = end;
                    held.entry.kind = one.kind;
                    held.changed = true;
                }
                continue;
            }
            // A new Main school ends the one before it, as a move by hand does.
            if one.kind == EnrolmentKind::Main
                && let Some(last) = one.start.pred_opt()
            {
                let leaves = |held: &&mut Dated<EnrolmentId, EnrolmentEntry>| {
                    held.entry.kind == EnrolmentKind::Main && held.entry.start <= last && held.entry.end.is_none()
                };
                for held in all.iter_mut().filter(leaves) {
                    held.entry.end = Some(last);
                    held.changed = true;
                }
            }
            all.push(Dated {
                id: None,
                entry: EnrolmentEntry {
                    establishment_id: place,
                    kind: one.kind,
                    start: one.start,
                    end: one.end,
                    visible_from: None,
                },
                changed: true,
            });
        }
        all
    }
}
