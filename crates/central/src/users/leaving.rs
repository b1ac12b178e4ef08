//! A user who leaves: the last LA Super User stays, and somebody decides what becomes of the pupils.

use lac_domain::{Role, UserId, UserStatus};
use lac_wire::{ErrorCode, LeftPupils};

use crate::assignments::{count_left, hand_over, leave_without};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::scope::Scope;
use crate::writer::Tx;

/// A user who may leave, or change role.
pub(super) struct Leaver<'a> {
    pub user: UserId,
    pub role: Role,
    pub status: UserStatus,
    /// First and last name.
    pub name: &'a str,
}

impl Leaver<'_> {
    /// Keeps one's own role and status, and the last LA Super User who can sign in.
    ///
    /// # Errors
    /// The refusal, or what failed.
    pub async fn require_free_to_go(&self, tx: &mut Tx) -> Result<(), Failure> {
        let refuse = |message| Err(Refusal::new(ErrorCode::LastSuperUser, message).about("role").into());
        if tx.actor() == Some(self.user) {
            return refuse("You cannot take your own role away or make yourself inactive. Ask another LA Super User.");
        }
        if self.role != Role::LaSuperUser || self.status != UserStatus::Active {
            return Ok(());
        }
        let sql = "SELECT COUNT(*) FROM users WHERE role = 'la_super_user' AND status = 'active' AND id <> $1";
        let others: i64 = both!(tx.conn(), c => sqlx::query_scalar(sql).bind(self.user).fetch_one(c).await)?;
        if others > 0 {
            return Ok(());
        }
        refuse("This is the last LA Super User who can sign in. Make someone else an LA Super User first.")
    }

    /// Does with the pupils of a Social Worker or Other Professional what was decided; a focus list is nobody's loss.
    ///
    /// # Errors
    /// The refusal where there are pupils and nothing was decided, or the one who takes over may not; or what failed.
    pub async fn settle_pupils(&self, tx: &mut Tx, scope: Scope, decided: Option<LeftPupils>) -> Result<(), Failure> {
        if self.role.is_la() || self.role.is_linked() {
            return Ok(());
        }
        let pupils = count_left(tx.conn(), scope, self.user).await?;
        if pupils == 0 {
            return Ok(());
        }
        match decided {
            Some(LeftPupils::HandOver { to, reads_all }) => {
                hand_over(tx, scope, self.user, to, scope.today, reads_all).await?;
                Ok(())
            }
            Some(LeftPupils::Leave) => leave_without(tx, scope, self.user).await,
            None | Some(LeftPupils::Unknown) => Err(self.undecided(pupils).into()),
        }
    }

    fn undecided(&self, pupils: usize) -> Refusal {
        let (pupils, them) = match pupils {
            1 => ("1 pupil".to_owned(), "this pupil"),
            many => (format!("{many} pupils"), "them"),
        };
        let message = format!(
            "{} has {pupils} assigned. Choose who takes {them} over, or say that you leave {them} without.",
            self.name
        );
        Refusal::new(ErrorCode::PupilsUndecided, message).about("pupils")
    }
}

/// Takes back the invitation of a user that is open; answers until when it could have been used.
///
/// # Errors
/// When the database fails.
pub(super) async fn take_back_invitation(tx: &mut Tx, user: UserId) -> Result<Vec<lac_domain::Timestamp>, Failure> {
    let sql = "UPDATE invitations SET replaced = TRUE WHERE user_id = $1 AND NOT replaced AND used_at IS NULL
               RETURNING expires_at";
    let taken = both!(tx.conn(), c => sqlx::query_scalar(sql).bind(user).fetch_all(c).await)?;
    // A mail that has not left yet would bring a code that no longer works.
    let sql = "UPDATE mails SET state = 'dropped', sealed_detail = NULL
               WHERE user_id = $1 AND kind = 'invitation' AND state = 'waiting'";
    both!(tx.conn(), c => sqlx::query(sql).bind(user).execute(c).await.map(|_| ()))?;
    Ok(taken)
}
