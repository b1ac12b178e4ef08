//! The second step of signing in: codes of an authenticator app (RFC 6238), and recovery codes for when it is not at hand.

mod codes;
mod own;
mod rows;
mod rule;

use lac_domain::UserId;
use lac_wire::{ErrorCode, Private};

pub(crate) use own::{Begin, Confirm, MakeRecoveryCodes, Remove};
pub(crate) use rows::{forget_second_factor, own_second_factor, set_up_at};
pub use rule::ResetByEmail;
pub(crate) use rule::{Reset, SetRule};

use super::tries::{BeginTry, Counter, Failed, forget_tries};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::store::Store;
use crate::writer::Tx;

/// What was given as the second step, with its count of tries; nothing where the user has none.
pub(super) struct Given(Option<(Private, Vec<Counter>)>);

fn asked() -> Refusal {
    Refusal::new(
        ErrorCode::SecondFactorAsked,
        "Enter the code that your authenticator app shows now.",
    )
    .about("code")
}

fn wrong() -> Refusal {
    Refusal::new(
        ErrorCode::SecondFactorWrong,
        "This code is wrong, or it was used already. Wait for the next one that the app shows, and enter that.",
    )
    .about("code")
}

impl Store {
    /// Before someone whose password was right gets in: counts a try of their code, where they have a second step.
    ///
    /// # Errors
    /// A refusal that asks for the code, or for patience.
    pub(super) async fn begin_second_step(&self, user: UserId, code: Option<Private>) -> Result<Given, Failure> {
        let set_up = {
            let mut conn = self.read().await?;
            set_up_at(&mut conn, user).await?
        };
        if set_up.is_none() {
            return Ok(Given(None));
        }
        let code = code.filter(|code| !code.reveal().trim().is_empty()).ok_or_else(asked)?;
        let counter = vec![self.code_counter(user)];
        self.run(None, BeginTry(counter.clone())).await?;
        Ok(Given(Some((code, counter))))
    }

    /// Notes in the trail when it was the code that was wrong; says whether it was.
    pub(super) async fn second_step_failed(&self, user: UserId, failure: &Failure) -> Result<bool, Failure> {
        let wrong = matches!(failure, Failure::Refused(refusal) if refusal.code == ErrorCode::SecondFactorWrong);
        if wrong {
            self.run(None, Failed(user, "session.second_factor_failed")).await?;
        }
        Ok(wrong)
    }
}

impl Given {
    /// Takes the code, once.
    ///
    /// # Errors
    /// A refusal where it is wrong, or where the user has set up a second step meanwhile.
    pub(super) async fn take(&self, tx: &mut Tx, user: UserId) -> Result<(), Failure> {
        match &self.0 {
            Some((code, counter)) => {
                if !codes::take(tx, user, code).await? {
                    return Err(wrong().into());
                }
                forget_tries(tx, counter).await?;
            }
            None if set_up_at(tx.conn(), user).await?.is_some() => return Err(asked().into()),
            None => {}
        }
        Ok(())
    }
}

/// Begins the days during which a user may do without, at their first sign-in.
pub(super) async fn begin_grace(tx: &mut Tx, user: UserId) -> Result<(), Failure> {
    let due = tx
        .now()
        .plus(chrono::TimeDelta::days(lac_domain::second_factor::GRACE_DAYS));
    let sql = "UPDATE users SET second_factor_due = $2 WHERE id = $1 AND second_factor_due IS NULL";
    both!(tx.conn(), c => sqlx::query(sql).bind(user).bind(due).execute(c).await.map(|_| ()))?;
    Ok(())
}
