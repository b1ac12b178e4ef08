//! Times in care and at establishments of one pupil of a file, beside those that are held.

use chrono::NaiveDate;
use lac_domain::{CarePeriodId, EnrolmentId, EnrolmentKind, EstablishmentId, PupilId};
use lac_import::{Beside, Column, FileEnrolment, FindingCode, ReturnedPeriod, Severity, beside};
use lac_wire::{CarePeriodEntry, EnrolmentEntry};

use super::one::One;
use super::plan::Dated;
use crate::pupils::sentences::shown;

impl One<'_> {
    /// Times in care as they shall be, and the day on which one that is open would end.
    pub(super) fn care(
        &mut self,
        id: Option<PupilId>,
    ) -> (Vec<Dated<CarePeriodId, CarePeriodEntry>>, Option<NaiveDate>) {
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
        let mut ends_care = None;
        for (start, end) in self.pupil.care.clone() {
            let said = ReturnedPeriod {
                start,
                end,
                rows: self.pupil.rows.clone(),
            };
            match beside(&said, held, self.way.as_at) {
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
                    ends_care = Some(end);
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
                        Column::CareStarted,
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

    /// Enrolments as they shall be.
    pub(super) fn enrolments(&mut self, id: Option<PupilId>) -> Vec<Dated<EnrolmentId, EnrolmentEntry>> {
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
            let Some(place) = self.place(&one) else { continue };
            let same = |held: &&mut Dated<EnrolmentId, EnrolmentEntry>| {
                held.entry.establishment_id == place && held.entry.start == one.start
            };
            if let Some(held) = all.iter_mut().find(same) {
                // An end that is held and lies after the file's day is news to the file.
                let end = one.end.or(held.entry.end.filter(|end| *end > self.way.as_at));
                if one.end.is_none() && end != held.entry.end {
                    let message = "The enrolment has ended here, and not in the file. Nothing was changed: look at the pupil’s page.";
                    let at = (one.row, Column::OnRollTo);
                    self.say(at, Severity::Warning, FindingCode::DatesClash, message.to_owned());
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

    /// Where an enrolment of the file is; none, and said, where no establishment here has its URN.
    fn place(&mut self, one: &FileEnrolment) -> Option<EstablishmentId> {
        let (known, at) = (self.known, (one.row, Column::SchoolUrn));
        let Some(place) = known.places.get(one.urn.as_str()) else {
            let message = format!(
                "No establishment here has the URN {}. Check it, or read the newest GIAS file first.",
                one.urn
            );
            self.say(at, Severity::Error, FindingCode::UnknownUrn, message);
            return None;
        };
        if place.closed && one.end.is_none() {
            let message = format!(
                "{} ({}) is closed. If the school became an academy it has a new URN: enter that one. The enrolment is made as it is.",
                place.name, one.urn
            );
            self.say(at, Severity::Warning, FindingCode::EstablishmentClosed, message);
        }
        Some(place.id)
    }
}
