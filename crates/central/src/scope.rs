//! Who is asking. Every read takes a [`Scope`], and what it may not see is not in the answer.
//!
//! The conditions below are SQL in which **`$1` is always the id of the user who asks** ([`Scope::user`]): bind
//! it first. They say what `lac_domain::access` says; for roles other than LA through `pupil_access`, which
//! [`crate::access`] keeps.

use chrono::NaiveDate;
use lac_domain::access::CARE_ENDS_AT_AGE;
use lac_domain::{PupilId, Role, UserId, born_by};
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::{Refusal, StoreError};
use crate::storage::Conn;

/// Who is asking, and on which day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scope {
    /// The user.
    pub user: UserId,
    /// Their role.
    pub role: Role,
    /// The London day.
    pub today: NaiveDate,
}

impl Scope {
    /// The store itself, for what begins on its own command line. By what it may see it is an LA Super User whom no
    /// restricted pupil names; what it reads from a file concerns every pupil all the same.
    #[must_use]
    pub fn of_the_store(today: NaiveDate) -> Self {
        Self {
            user: UserId(uuid::Uuid::nil()),
            role: Role::LaSuperUser,
            today,
        }
    }

    /// Whether the store itself asks.
    #[must_use]
    pub fn is_the_store(&self) -> bool {
        self.user.0.is_nil()
    }

    /// Whether the user has one of the two LA roles.
    #[must_use]
    pub fn is_la(&self) -> bool {
        self.role.is_la()
    }

    /// Refuses who has no LA role.
    ///
    /// # Errors
    /// A refusal, for other roles.
    pub fn require_la(&self) -> Result<(), Refusal> {
        if self.is_la() {
            Ok(())
        } else {
            Err(Refusal::forbidden())
        }
    }

    /// Refuses who is not an LA Super User.
    ///
    /// # Errors
    /// A refusal, for other roles.
    pub fn require_super_user(&self) -> Result<(), Refusal> {
        if self.role == Role::LaSuperUser {
            Ok(())
        } else {
            Err(Refusal::forbidden())
        }
    }

    /// SQL that is true where the user may see the pupil whose id is the SQL expression `pupil`.
    #[must_use]
    pub fn sees_pupil(&self, pupil: &str) -> String {
        if !self.is_la() {
            return format!(
                "EXISTS (SELECT 1 FROM pupil_access sight WHERE sight.user_id = $1 AND sight.pupil_id = {pupil})"
            );
        }
        let adopted = if self.role == Role::LaSuperUser {
            ""
        } else {
            "hidden.adopted OR "
        };
        format!(
            "(NOT EXISTS (SELECT 1 FROM bars barred WHERE barred.user_id = $1 AND barred.pupil_id = {pupil})
              AND NOT EXISTS (SELECT 1 FROM pupils hidden WHERE hidden.id = {pupil} AND ({adopted}
                (hidden.restricted AND NOT EXISTS (SELECT 1 FROM pupil_names named
                   WHERE named.pupil_id = hidden.id AND named.user_id = $1)))))"
        )
    }

    /// SQL that is true where the user takes part in the conversation whose id is the SQL expression.
    #[must_use]
    pub fn takes_part(&self, conversation: &str) -> String {
        format!(
            "EXISTS (SELECT 1 FROM participants part WHERE part.conversation_id = {conversation} AND part.user_id = $1)"
        )
    }

    /// SQL that is true where the user may read the row of `conversations` that goes by the name `alias`.
    #[must_use]
    pub fn reads_conversation(&self, alias: &str) -> String {
        let part = self.takes_part(&format!("{alias}.id"));
        let pupil = format!("{alias}.pupil_id");
        let about_pupil = if self.is_la() {
            // To an LA role that sees the pupil, every conversation about the pupil is open.
            self.sees_pupil(&pupil)
        } else {
            format!(
                "EXISTS (SELECT 1 FROM pupil_access sight WHERE sight.user_id = $1 AND sight.pupil_id = {pupil}
                   AND ({part} OR (sight.reads_all AND NOT {alias}.confidential)))"
            )
        };
        // A notice is for the one whom it was written to.
        format!("(CASE WHEN {pupil} IS NULL THEN {part} ELSE {about_pupil} AND ({alias}.notice IS NULL OR {part}) END)")
    }

    /// SQL that is true where the user may write to the row of `users` that goes by the name `alias`; **`$2` is
    /// the day** ([`Scope::today`]).
    #[must_use]
    pub fn may_write_to(&self, alias: &str) -> String {
        if self.is_la() {
            return "TRUE".to_owned();
        }
        // A pupil whom an LA role sees needs no mention: LA roles are written to in any case.
        format!(
            "({alias}.role IN ('la_user', 'la_super_user')
              OR EXISTS (SELECT 1 FROM pupil_access mine JOIN pupil_access theirs ON theirs.pupil_id = mine.pupil_id
                   WHERE mine.user_id = $1 AND theirs.user_id = {alias}.id)
              OR EXISTS (SELECT 1 FROM establishment_links mine
                   JOIN establishment_links theirs ON theirs.establishment_id = mine.establishment_id
                   WHERE mine.user_id = $1 AND theirs.user_id = {alias}.id
                     AND mine.start_on <= $2 AND (mine.end_on IS NULL OR mine.end_on >= $2)
                     AND theirs.start_on <= $2 AND (theirs.end_on IS NULL OR theirs.end_on >= $2)))"
        )
    }

    /// SQL that is true where the user may see the name of the row of `users` that goes by the name `alias`:
    /// they may write to them, or share a conversation that the user may read, or shared it until they left it; **`$2` is
    /// the day**.
    #[must_use]
    pub fn sees_person(&self, alias: &str) -> String {
        if self.is_la() {
            return "TRUE".to_owned();
        }
        let (write, read) = (self.may_write_to(alias), self.reads_conversation("shared"));
        format!(
            "({alias}.id = $1 OR {write}
              OR EXISTS (SELECT 1 FROM participants other JOIN conversations shared ON shared.id = other.conversation_id
                   WHERE other.user_id = {alias}.id AND {read})
              OR EXISTS (SELECT 1 FROM former_participants other JOIN conversations shared ON shared.id = other.conversation_id
                   WHERE other.user_id = {alias}.id AND {read}))"
        )
    }

    /// A sub-query of the ids of everyone whose name the user may see, the same people as [`Scope::sees_person`]
    /// but driven by indexes, for whole lists; **`$2` is the day**.
    #[must_use]
    pub fn people(&self) -> String {
        if self.is_la() {
            return "(SELECT id FROM users)".to_owned();
        }
        let read = self.reads_conversation("shared");
        format!(
            "(SELECT id FROM users WHERE role IN ('la_user', 'la_super_user') OR id = $1
              UNION SELECT theirs.user_id FROM pupil_access mine
                JOIN pupil_access theirs ON theirs.pupil_id = mine.pupil_id WHERE mine.user_id = $1
              UNION SELECT theirs.user_id FROM establishment_links mine
                JOIN establishment_links theirs ON theirs.establishment_id = mine.establishment_id
                WHERE mine.user_id = $1
                  AND mine.start_on <= $2 AND (mine.end_on IS NULL OR mine.end_on >= $2)
                  AND theirs.start_on <= $2 AND (theirs.end_on IS NULL OR theirs.end_on >= $2)
              UNION SELECT other.user_id FROM conversations shared JOIN participants other ON other.conversation_id = shared.id
                WHERE shared.id IN {ids} AND {read}
              UNION SELECT other.user_id FROM former_participants other JOIN conversations shared ON shared.id = other.conversation_id
                WHERE shared.id IN {ids} AND {read})",
            ids = self.conversations()
        )
    }

    /// A sub-query of the ids of the pupils whose histories a user of an LA role has at hand: those assigned to them
    /// today. Whether they see the pupil is not asked here.
    #[must_use]
    pub fn focus(&self) -> String {
        // The day stands in the text, so that no caller has to bind it.
        format!(
            "(SELECT mine.pupil_id FROM assignments mine WHERE mine.user_id = $1 AND mine.start_on <= '{today}'
               AND (mine.end_on IS NULL OR mine.end_on >= '{today}'))",
            today = self.today
        )
    }

    /// A sub-query of the ids of the conversations that may be the user's to hold: those that they take part in, and
    /// those about the pupils that they see; for LA roles only about those of their focus list.
    /// [`Scope::reads_conversation`] has the last word.
    #[must_use]
    pub fn conversations(&self) -> String {
        let own = "SELECT part.conversation_id FROM participants part WHERE part.user_id = $1";
        if self.is_la() {
            return format!(
                "({own} UNION SELECT about.id FROM conversations about WHERE about.pupil_id IN {})",
                self.focus()
            );
        }
        format!(
            "({own} UNION SELECT about.id FROM pupil_access sight JOIN conversations about ON about.pupil_id = sight.pupil_id
               WHERE sight.user_id = $1)"
        )
    }

    /// Whether the user may see a pupil.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn may_see_pupil(&self, conn: &mut Conn, pupil: PupilId) -> Result<bool, StoreError> {
        let sql = format!(
            "SELECT EXISTS (SELECT 1 FROM pupils p WHERE p.id = $2 AND {})",
            self.sees_pupil("p.id")
        );
        Ok(both!(conn, c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(self.user).bind(pupil).fetch_one(c).await)?)
    }
}

/// SQL that is true where the row of `users` that goes by the name `alias`, whatever its role, may see the pupil whose
/// id is the SQL expression `pupil`.
#[must_use]
pub fn user_sees_pupil(alias: &str, pupil: &str) -> String {
    format!(
        "(CASE WHEN {alias}.role IN ('la_user', 'la_super_user') THEN
            NOT EXISTS (SELECT 1 FROM bars barred WHERE barred.user_id = {alias}.id AND barred.pupil_id = {pupil})
            AND NOT EXISTS (SELECT 1 FROM pupils hidden WHERE hidden.id = {pupil} AND (
              (hidden.adopted AND {alias}.role <> 'la_super_user')
              OR (hidden.restricted AND NOT EXISTS (SELECT 1 FROM pupil_names named
                    WHERE named.pupil_id = hidden.id AND named.user_id = {alias}.id))))
          ELSE EXISTS (SELECT 1 FROM pupil_access sight
            WHERE sight.user_id = {alias}.id AND sight.pupil_id = {pupil}) END)"
    )
}

/// SQL that is true where the row of `pupils` that goes by the name `alias` is looked after on a day, as
/// [`lac_domain::access`] has it: within a time in care, not yet eighteen, and not adopted. The day stands in the text.
#[must_use]
pub fn looked_after(alias: &str, day: NaiveDate) -> String {
    format!(
        "(NOT {alias}.adopted AND {alias}.born > '{grown}' AND EXISTS (SELECT 1 FROM care_periods care
           WHERE care.pupil_id = {alias}.id AND care.start_on <= '{day}' AND (care.end_on IS NULL OR care.end_on > '{day}')))",
        grown = born_by(day, CARE_ENDS_AT_AGE),
    )
}
