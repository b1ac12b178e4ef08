//! Who must sign in with a second step.

use crate::Role;

/// For so many days after the first sign-in one may do without.
pub const GRACE_DAYS: i64 = 14;

/// Whether a role must have a second step; `relaxed` is the authority's leave for roles other than LA.
#[must_use]
pub fn is_required(role: Role, relaxed: bool) -> bool {
    role.is_la() || !relaxed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_authority_can_relax_it_for_all_but_la_roles() {
        for role in Role::ALL {
            assert!(is_required(*role, false));
            assert_eq!(is_required(*role, true), role.is_la(), "{role}");
        }
    }
}
