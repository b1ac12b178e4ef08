//! Whom a notice concerns, beside the rule of who sees which pupil: nobody is told of a pupil whom they may not see.

use crate::{NoticeKind, Role};

/// From so many days before its end a user is told that their access to a pupil ends.
pub const ACCESS_ENDS_WITHIN_DAYS: u64 = 14;
/// So many things of one kind, at one time, are told of one by one; more of them in one notice.
pub const TOLD_ONE_BY_ONE: usize = 5;

/// Someone whom a notice might be for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Reader<'a> {
    /// Their role.
    pub role: Role,
    /// May see the pupil that it is about today; true where it is about none.
    pub sees: bool,
    /// Came to see, or was assigned to, the pupil at this very moment.
    pub newly: bool,
    /// Did themselves what it tells of.
    pub did_it: bool,
    /// The kinds that they do not want; only LA roles may choose.
    pub unwanted: &'a [NoticeKind],
}

/// The kinds that a user of a role may choose not to be told of.
#[must_use]
pub fn may_choose(role: Role) -> bool {
    role.is_la()
}

/// The kinds that are ever written to users of a role.
#[must_use]
pub fn kinds_for(role: Role) -> Vec<NoticeKind> {
    NoticeKind::ALL
        .iter()
        .copied()
        .filter(|kind| match kind {
            NoticeKind::NewEstablishment => role.is_linked(),
            NoticeKind::AccessEnds => !role.is_la(),
            NoticeKind::BulkAddFinished => role.is_la(),
            NoticeKind::NewToCare | NoticeKind::SchoolMove | NoticeKind::NewChild => true,
            NoticeKind::Other => false,
        })
        .collect()
}

/// Whether a notice of a kind is for a reader.
#[must_use]
pub fn concerns(kind: NoticeKind, reader: &Reader<'_>) -> bool {
    if !reader.sees || !kinds_for(reader.role).contains(&kind) {
        return false;
    }
    if may_choose(reader.role) && reader.unwanted.contains(&kind) {
        return false;
    }
    match kind {
        // Who comes to see the child at the same moment is told that alone.
        NoticeKind::NewToCare | NoticeKind::SchoolMove => !reader.newly && !reader.did_it,
        NoticeKind::NewChild => reader.newly && !reader.did_it,
        NoticeKind::NewEstablishment => !reader.did_it,
        NoticeKind::AccessEnds => true,
        NoticeKind::BulkAddFinished => reader.did_it,
        NoticeKind::Other => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const READER: Reader<'static> = Reader {
        role: Role::DesignatedTeacher,
        sees: true,
        newly: false,
        did_it: false,
        unwanted: &[],
    };

    #[test]
    fn nobody_is_told_of_a_pupil_whom_they_may_not_see() {
        for role in Role::ALL {
            for kind in NoticeKind::ALL {
                for (newly, did_it) in [(false, false), (true, false), (false, true), (true, true)] {
                    let reader = Reader {
                        role: *role,
                        sees: false,
                        newly,
                        did_it,
                        unwanted: &[],
                    };
                    assert!(!concerns(*kind, &reader), "{kind} {reader:?}");
                }
            }
        }
    }

    #[test]
    fn who_comes_to_see_a_child_is_told_that_alone() {
        let newly = Reader { newly: true, ..READER };
        assert!(concerns(NoticeKind::NewChild, &newly));
        assert!(!concerns(NoticeKind::NewToCare, &newly) && !concerns(NoticeKind::SchoolMove, &newly));
        assert!(concerns(NoticeKind::SchoolMove, &READER) && !concerns(NoticeKind::NewChild, &READER));
    }

    #[test]
    fn la_roles_choose_which_and_others_do_not() {
        let unwanted = &[NoticeKind::SchoolMove];
        assert!(!concerns(
            NoticeKind::SchoolMove,
            &Reader {
                role: Role::LaUser,
                unwanted,
                ..READER
            }
        ));
        assert!(concerns(NoticeKind::SchoolMove, &Reader { unwanted, ..READER }));
        assert!(!concerns(
            NoticeKind::SchoolMove,
            &Reader {
                role: Role::LaUser,
                did_it: true,
                ..READER
            }
        ));
        assert!(concerns(
            NoticeKind::BulkAddFinished,
            &Reader {
                role: Role::LaSuperUser,
                did_it: true,
                ..READER
            }
        ));
        assert!(!concerns(
            NoticeKind::BulkAddFinished,
            &Reader { did_it: true, ..READER }
        ));
    }
}
