//! What becomes of each link and enrolment that is carried from one establishment to another. Plain code over plain
//! data.

use chrono::NaiveDate;
use lac_domain::access::Days;
use uuid::Uuid;

/// A link or an enrolment, as far as carrying it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece {
    pub id: Uuid,
    pub of: Uuid,
    pub days: Days,
}

/// What is to be done with a piece.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// It belongs to the other establishment as it is.
    Whole(Uuid),
    /// It ends the day before, and its rest begins there.
    Cut { id: Uuid, rest: Days },
    /// It ends the day before (or goes, when it had not begun), and what is there already covers its rest.
    Into {
        id: Uuid,
        gone: bool,
        there: Uuid,
        days: Days,
    },
}

impl Step {
    /// The piece.
    pub fn id(self) -> Uuid {
        match self {
            Self::Whole(id) | Self::Cut { id, .. } | Self::Into { id, .. } => id,
        }
    }
}

/// Works out the steps. Pieces that end before the day stay where they are.
pub(super) fn steps(pieces: &[Piece], there: &[Piece], on: Option<NaiveDate>) -> Vec<Step> {
    let mut there = there.to_vec();
    let mut steps = Vec::with_capacity(pieces.len());
    for piece in pieces {
        let begun_before = on.filter(|on| piece.days.start < *on);
        let rest = Days {
            start: begun_before.unwrap_or(piece.days.start),
            end: piece.days.end,
        };
        if rest.end.is_some_and(|end| end < rest.start) {
            continue;
        }
        let met = there
            .iter_mut()
            .find(|other| other.of == piece.of && other.days.overlaps(&rest));
        steps.push(match met {
            Some(other) => {
                other.days = Days {
                    start: other.days.start.min(rest.start),
                    end: other.days.end.zip(rest.end).map(|(one, two)| one.max(two)),
                };
                Step::Into {
                    id: piece.id,
                    gone: begun_before.is_none(),
                    there: other.id,
                    days: other.days,
                }
            }
            None if begun_before.is_some() => Step::Cut { id: piece.id, rest },
            None => Step::Whole(piece.id),
        });
    }
    steps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn piece(id: u128, of: u128, start: &str, end: Option<&str>) -> Piece {
        Piece {
            id: Uuid::from_u128(id),
            of: Uuid::from_u128(of),
            days: Days {
                start: day(start),
                end: end.map(day),
            },
        }
    }

    #[test]
    fn what_has_begun_is_cut_and_what_begins_later_moves_whole() {
        let on = Some(day("2026-09-01"));
        let pieces = [
            piece(1, 10, "2024-09-01", None),
            piece(2, 11, "2026-09-01", Some("2027-07-20")),
            piece(3, 12, "2024-09-01", Some("2026-08-31")),
        ];
        let rest = Days {
            start: day("2026-09-01"),
            end: None,
        };
        assert_eq!(
            steps(&pieces, &[], on),
            [
                Step::Cut {
                    id: Uuid::from_u128(1),
                    rest
                },
                Step::Whole(Uuid::from_u128(2)),
            ]
        );
    }

    #[test]
    fn what_is_there_already_takes_in_what_comes() {
        let there = [piece(9, 10, "2026-10-01", None), piece(8, 11, "2026-10-01", None)];
        let pieces = [
            piece(1, 10, "2024-09-01", Some("2027-01-01")),
            piece(2, 10, "2027-02-01", None),
        ];
        let days = Days {
            start: day("2026-09-01"),
            end: None,
        };
        let into = |id, gone| Step::Into {
            id: Uuid::from_u128(id),
            gone,
            there: Uuid::from_u128(9),
            days,
        };
        assert_eq!(
            steps(&pieces, &there, Some(day("2026-09-01"))),
            [into(1, false), into(2, true)]
        );
        // Whole, with no day: what ended is carried too.
        let ended = [piece(1, 10, "2020-09-01", Some("2021-07-20"))];
        assert_eq!(steps(&ended, &there, None), [Step::Whole(Uuid::from_u128(1))]);
    }
}
