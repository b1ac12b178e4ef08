//! One pupil of a file beside the store: what is to be said of them, and what would be done.

use chrono::NaiveDate;
use lac_domain::{Upn, UserId, email_key};
use lac_import::{Column, ExistingUsers, FilePupil, Finding, FindingCode, PupilFile, Severity};
use lac_wire::{CarePeriodEntry, EnrolmentEntry};

use super::super::findings::CLOSED;
use super::known::{HeldPupil, Known};
use super::plan::{Change, Way};
use crate::pupils::dates;
use crate::pupils::sentences::shown;

/// One pupil of the file beside the store.
pub(super) struct One<'a> {
    pub file: &'a PupilFile,
    pub pupil: &'a FilePupil,
    pub known: &'a Known,
    pub way: Way,
    pub findings: Vec<Finding>,
}

impl One<'_> {
    pub(super) fn say(&mut self, at: (u32, Column), severity: Severity, code: FindingCode, message: String) {
        let (row, column) = at;
        let value = self.value(column);
        let finding = self.file.finding(row, column, severity, code, &value, message);
        let about = self.held().map(|held| held.id);
        self.findings.push(Finding { about, ..finding });
    }

    pub(super) fn row(&self) -> u32 {
        self.pupil.rows.first().copied().unwrap_or_default()
    }

    fn error(&mut self, column: Column, code: FindingCode, message: impl Into<String>) {
        self.say((self.row(), column), Severity::Error, code, message.into());
    }

    pub(super) fn warn(&mut self, column: Column, code: FindingCode, message: impl Into<String>) {
        self.say((self.row(), column), Severity::Warning, code, message.into());
    }

    /// What the file has there, as far as a finding repeats it.
    fn value(&self, column: Column) -> String {
        let pupil = self.pupil;
        match column {
            Column::PupilUpn => pupil.upn.as_ref().map(ToString::to_string).unwrap_or_default(),
            Column::Reference => pupil.reference.clone().unwrap_or_default(),
            Column::SocialWorkerEmail => pupil.social_worker_email.clone(),
            Column::DateOfBirth => pupil.born.format("%d/%m/%Y").to_string(),
            _ => String::new(),
        }
    }

    /// The column by which the pupil is known.
    fn number(&self) -> Column {
        if self.pupil.reference.is_some() {
            Column::Reference
        } else {
            Column::PupilUpn
        }
    }

    /// Holds that two pupils of the file do not lead to one record.
    pub(super) fn is_met_once(&mut self, first: u32) {
        let is_refused = self.findings.iter().any(|finding| finding.severity == Severity::Error);
        if first != self.row() && !is_refused {
            let message = format!(
                "This row leads to the same pupil as row {first}, one by the reference and one by the UPN. Give both rows both numbers, or take one out."
            );
            self.error(self.number(), FindingCode::RepeatedChild, message);
        }
    }

    /// Says whose care ends, so that a person who is asked about it can look at whom.
    pub(super) fn say_that_care_ends(&mut self, end: NaiveDate) {
        let (end, pupil) = (shown(end), self.pupil);
        let message = match &pupil.reference {
            _ if !self.way.by_the_store => {
                let name = format!("{} {}", pupil.first_name, pupil.last_name);
                format!("{name}’s care ends on {end}, as this file says.")
            }
            Some(reference) => format!("Care ends on {end}, as this file says (reference {reference})."),
            None => format!(
                "Care ends on {end}, as this file says (UPN {}).",
                self.value(Column::PupilUpn)
            ),
        };
        self.warn(Column::CareEnded, FindingCode::CareEnds, message);
    }

    /// The pupil who is held: known by the reference, or else by the UPN.
    pub(super) fn held(&self) -> Option<&HeldPupil> {
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

    pub(super) fn change(&mut self) -> Option<Change> {
        let held = self.held().cloned();
        if !self.is_the_same_child(held.as_ref()) {
            return None;
        }
        let pupil = self.pupil;
        if let Some(held) = held.as_ref().filter(|_| self.way.existing != ExistingUsers::Update) {
            return self.left_alone(held);
        }
        if held.is_none()
            && let Err(refusal) = dates::born(pupil.born, self.way.as_at)
        {
            self.error(Column::DateOfBirth, FindingCode::BadDate, refusal.message);
        }
        let social_worker = self.social_worker();
        let (care, ends_care) = self.care(held.as_ref().map(|held| held.id));
        let enrolments = self.enrolments(held.as_ref().map(|held| held.id));
        let entries: Vec<CarePeriodEntry> = care.iter().map(|one| one.entry.clone()).collect();
        if let Err(refusal) = dates::care_periods(pupil.born, &entries) {
            self.error(Column::CareStarted, FindingCode::DatesClash, refusal.message);
        }
        let entries: Vec<EnrolmentEntry> = enrolments.iter().map(|one| one.entry.clone()).collect();
        if let Err(refusal) = dates::enrolments(pupil.born, &entries) {
            self.error(Column::OnRollFrom, FindingCode::DatesClash, refusal.message);
        }
        let mut change = Change {
            former_names: held.as_ref().map_or(String::new(), |held| held.former_names.clone()),
            social_worker,
            care,
            enrolments,
            ends_care,
            ..Change::of(held.as_ref().map(|held| held.id), pupil)
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

    /// Says that a pupil exists, where such are not to be changed.
    fn left_alone(&mut self, held: &HeldPupil) -> Option<Change> {
        let refused = self.way.existing == ExistingUsers::Refuse;
        let (severity, message) = if refused {
            let message = "A pupil here has this UPN or reference already. Take the row out, or choose to skip or update pupils who exist.";
            (Severity::Error, message)
        } else {
            let message = "A pupil here has this UPN or reference already. The row is skipped, as you chose.";
            (Severity::Warning, message)
        };
        for row in &self.pupil.rows {
            self.say(
                (*row, self.number()),
                severity,
                FindingCode::PupilExists,
                message.to_owned(),
            );
        }
        (!refused).then(|| Change::left(held.id, self.pupil))
    }

    /// Holds that a number that is known does not lead to another child, nor to a record that is closed for good, nor to
    /// one whom who asks may not see: of the last two nothing is told, not even which it is.
    fn is_the_same_child(&mut self, held: Option<&HeldPupil>) -> bool {
        let Some(held) = held else { return true };
        let pupil = self.pupil;
        let of_upn = pupil.upn.as_ref().and_then(|upn| self.known.by_upn.get(upn.as_str()));
        let other = of_upn
            .filter(|id| **id != held.id)
            .and_then(|id| self.known.pupils.get(id));
        let closed = |one: &HeldPupil| one.adopted || !(one.seen || self.way.by_the_store);
        if closed(held) || other.is_some_and(closed) {
            self.error(self.number(), FindingCode::PupilClosed, CLOSED);
            return false;
        }
        if held.born != pupil.born {
            let message = format!(
                "The pupil with this reference or UPN was born on {} here, and on {} in the file. If it is the same child, correct the date of birth in one of the two; otherwise correct the reference or UPN.",
                shown(held.born),
                shown(pupil.born)
            );
            self.error(Column::DateOfBirth, FindingCode::OtherPupil, message);
            return false;
        }
        let other_reference =
            held.reference.is_some() && pupil.reference.is_some() && held.reference != pupil.reference;
        if other_reference || other.is_some() {
            let message =
                "The reference and the UPN of this row belong to two different pupils here. Correct one of them.";
            self.error(Column::PupilUpn, FindingCode::OtherPupil, message);
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
                self.warn(Column::PupilUpn, FindingCode::UpnKept, "The UPN differs from the one that is held, which is kept. Change it on the pupil’s page if the file is right.");
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
                Column::SocialWorkerEmail,
                FindingCode::UnknownWorker,
                "The user with this social worker’s e-mail address has another role. No social worker was set.",
            ),
            None => self.warn(
                Column::SocialWorkerEmail,
                FindingCode::UnknownWorker,
                "There is no user with this social worker’s e-mail address. Add them, and they are set by the next file.",
            ),
        }
        None
    }
}
