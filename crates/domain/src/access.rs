//! Who may see which pupil, read which conversation, and write to whom. These functions are the rule: the
//! store keeps their results, and every screen and reply rests on them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::calendar::{HANDOVER_SCHOOL_WEEKS, SchoolCalendar};
use crate::words::EnrolmentKind;
use crate::{EstablishmentId, PupilId, Role, UserId, UserStatus, birthday};

/// A person is no longer looked after from this birthday on (Children Act 1989, section 22 with section 105).
pub const CARE_ENDS_AT_AGE: i32 = 18;

/// A run of days from `start` to `end`, both included; open where there is no end.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Days {
    /// The first day.
    pub start: NaiveDate,
    /// The last day, if one is known.
    pub end: Option<NaiveDate>,
}

impl Days {
    /// Whether a day lies in the run.
    #[must_use]
    pub fn holds(&self, day: NaiveDate) -> bool {
        self.start <= day && self.end.is_none_or(|end| day <= end)
    }

    /// Whether two runs share a day.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        self.end.is_none_or(|end| other.start <= end) && other.end.is_none_or(|end| self.start <= end)
    }
}

/// A care period as the rules need it: looked after from `start`, no longer on `end`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct CareFacts {
    /// The first day in care.
    pub start: NaiveDate,
    /// The first day no longer in care, if it ended.
    pub end: Option<NaiveDate>,
}

/// An enrolment as the rules need it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct EnrolmentFacts {
    /// Where.
    pub establishment: EstablishmentId,
    /// Of what kind.
    pub kind: EnrolmentKind,
    /// From the first to the last day there.
    pub days: Days,
    /// From when the establishment may see the pupil.
    pub visible_from: NaiveDate,
    /// Set when an LA user pressed "End access now": no handover after this enrolment.
    pub handover_ended: bool,
}

/// A pupil as the rules need it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct PupilFacts {
    /// Which pupil.
    pub id: PupilId,
    /// Date of birth.
    pub born: NaiveDate,
    /// Closed for good because the child was adopted.
    pub adopted: bool,
    /// A restricted pupil is seen only by the users it names.
    pub restricted: bool,
    /// The users whom a restricted pupil names.
    pub named: Vec<UserId>,
    /// Users who never see this pupil.
    pub barred: Vec<UserId>,
    /// Until (not including) this day no establishment sees the pupil.
    pub held_from_schools_until: Option<NaiveDate>,
    /// Times in care.
    pub care: Vec<CareFacts>,
    /// Times at establishments.
    pub enrolments: Vec<EnrolmentFacts>,
}

/// An assignment as the rules need it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct AssignmentFacts {
    /// To which pupil.
    pub pupil: PupilId,
    /// On which days.
    pub days: Days,
    /// Reads all that was written about the pupil, or only conversations they are part of.
    pub reads_all: bool,
}

/// A user as the rules need it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct UserFacts {
    /// Which user.
    pub id: UserId,
    /// Their role.
    pub role: Role,
    /// Where the account stands.
    pub status: UserStatus,
    /// Establishment links.
    pub links: Vec<(EstablishmentId, Days)>,
    /// Assignments.
    pub assignments: Vec<AssignmentFacts>,
}

/// Why a user sees a pupil.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum AccessReason {
    /// The pupil is enrolled (or about to be) at an establishment linked to the user.
    Enrolment(EstablishmentId),
    /// The pupil left a linked establishment, and the next one has not begun.
    Handover(EstablishmentId),
    /// The user is assigned to the pupil.
    Assignment,
    /// The user works for the authority.
    Authority,
}

/// What a user's entitlement to a pupil is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Entitlement {
    /// The first reason that gives it, widest first.
    pub reason: AccessReason,
    /// Reads every conversation about the pupil that is not confidential; otherwise only their own.
    pub reads_all: bool,
}

impl PupilFacts {
    /// Whether the pupil is looked after on a day.
    #[must_use]
    pub fn looked_after(&self, day: NaiveDate) -> bool {
        !self.adopted
            && day < birthday(self.born, CARE_ENDS_AT_AGE)
            && self
                .care
                .iter()
                .any(|c| c.start <= day && c.end.is_none_or(|end| day < end))
    }

    /// The establishments that may see the pupil on a day, and why.
    #[must_use]
    pub fn sighted(&self, day: NaiveDate, calendar: &SchoolCalendar) -> Vec<AccessReason> {
        if !self.looked_after(day) || self.held_from_schools_until.is_some_and(|until| day < until) {
            return Vec::new();
        }
        let mut reasons: Vec<AccessReason> = self
            .enrolments
            .iter()
            .filter(|e| e.visible_from <= day && e.days.end.is_none_or(|end| day <= end))
            .map(|e| AccessReason::Enrolment(e.establishment))
            .collect();
        if let Some((old, until)) = self.handover(day, calendar)
            && day < until
        {
            reasons.push(AccessReason::Handover(old));
        }
        reasons.sort_unstable();
        reasons.dedup();
        reasons
    }

    /// The handover that a day lies in: the old establishment, and the day from which it no longer sees the
    /// pupil. There is one only between two `Main` enrolments that are both known.
    #[must_use]
    pub fn handover(&self, day: NaiveDate, calendar: &SchoolCalendar) -> Option<(EstablishmentId, NaiveDate)> {
        let main = || self.enrolments.iter().filter(|e| e.kind == EnrolmentKind::Main);
        if main().any(|e| e.days.holds(day)) {
            return None;
        }
        let (old, last) = main()
            .filter_map(|e| Some((e, e.days.end?)))
            .filter(|(_, end)| *end < day)
            .max_by_key(|(_, end)| *end)?;
        let next = main().map(|e| e.days.start).filter(|start| *start > day).min()?;
        if old.handover_ended {
            return None;
        }
        let limit = calendar.school_weeks_after(last, HANDOVER_SCHOOL_WEEKS).succ_opt()?;
        Some((old.establishment, next.min(limit)))
    }
}

/// What a user may see of a pupil on a day: none, or an entitlement and its reason.
#[must_use]
pub fn entitlement(
    user: &UserFacts,
    pupil: &PupilFacts,
    day: NaiveDate,
    calendar: &SchoolCalendar,
) -> Option<Entitlement> {
    if user.status == UserStatus::Inactive
        || pupil.barred.contains(&user.id)
        || (pupil.restricted && !pupil.named.contains(&user.id))
    {
        return None;
    }
    if user.role.is_la() {
        let hidden = pupil.adopted && user.role != Role::LaSuperUser;
        return (!hidden).then_some(Entitlement {
            reason: AccessReason::Authority,
            reads_all: true,
        });
    }
    if pupil.adopted {
        return None;
    }
    if user.role.is_linked() {
        let linked = |id: &EstablishmentId| user.links.iter().any(|(linked, days)| linked == id && days.holds(day));
        return pupil
            .sighted(day, calendar)
            .into_iter()
            .find(|reason| match reason {
                AccessReason::Enrolment(id) | AccessReason::Handover(id) => linked(id),
                AccessReason::Assignment | AccessReason::Authority => false,
            })
            .map(|reason| Entitlement {
                reason,
                reads_all: true,
            });
    }
    user.assignments
        .iter()
        .filter(|a| a.pupil == pupil.id && a.days.holds(day))
        .max_by_key(|a| a.reads_all)
        .map(|a| Entitlement {
            reason: AccessReason::Assignment,
            reads_all: a.reads_all,
        })
}

/// The last day on which a user who is entitled on `day` still is, as far as dates are known: a link, an assignment, an
/// enrolment, a handover, a care period or the eighteenth birthday ends it. None where no known date does.
#[must_use]
pub fn entitled_until(
    user: &UserFacts,
    pupil: &PupilFacts,
    day: NaiveDate,
    calendar: &SchoolCalendar,
) -> Option<NaiveDate> {
    // Between two neighbours of these days nothing changes, so that asking the rule on each of them is enough.
    let after_last = |end: Option<NaiveDate>| end.and_then(|end| end.succ_opt());
    let mut turns: Vec<NaiveDate> = vec![birthday(pupil.born, CARE_ENDS_AT_AGE)];
    turns.extend(pupil.held_from_schools_until);
    for care in &pupil.care {
        turns.push(care.start);
        turns.extend(care.end);
    }
    for enrolment in &pupil.enrolments {
        turns.extend([enrolment.visible_from, enrolment.days.start]);
        if let Some(gone) = after_last(enrolment.days.end) {
            turns.push(gone);
            turns.extend(pupil.handover(gone, calendar).map(|(_, until)| until));
        }
    }
    turns.extend(pupil.handover(day, calendar).map(|(_, until)| until));
    let links = user.links.iter().map(|(_, days)| days);
    for days in links.chain(user.assignments.iter().map(|assignment| &assignment.days)) {
        turns.push(days.start);
        turns.extend(after_last(days.end));
    }
    turns.retain(|turn| *turn > day);
    turns.sort_unstable();
    turns
        .into_iter()
        .find(|turn| entitlement(user, pupil, *turn, calendar).is_none())
        .and_then(|turn| turn.pred_opt())
}

/// What decides whether a conversation may be read, besides the reader.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ConversationFacts {
    /// Whether it is about a pupil.
    pub about_pupil: bool,
    /// Whether it is confidential.
    pub confidential: bool,
    /// Whether it is a notice of the system.
    pub notice: bool,
}

/// Whether a user may read a conversation. `entitlement` is theirs to its pupil, today; it does not matter
/// where the conversation is about none. Taking part never outlives entitlement to the pupil.
#[must_use]
pub fn may_read(role: Role, entitlement: Option<Entitlement>, participant: bool, about: ConversationFacts) -> bool {
    if !about.about_pupil {
        return participant;
    }
    // A notice is for the one whom it was written to.
    if about.notice && !participant {
        return false;
    }
    let Some(entitlement) = entitlement else { return false };
    participant
        || if about.confidential {
            role.is_la()
        } else {
            entitlement.reads_all
        }
}

/// Whether a user may write to another. LA roles may write to anyone and be written to by anyone; others
/// need a pupil whom both see, or an establishment linked to both.
#[must_use]
pub fn may_write_to(sender: Role, recipient: Role, share_pupil: bool, share_establishment: bool) -> bool {
    sender.is_la() || recipient.is_la() || share_pupil || share_establishment
}

#[cfg(test)]
#[path = "access_tests.rs"]
mod tests;
