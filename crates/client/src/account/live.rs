//! How an account stands with its store at this moment: what no restart needs to remember.

use lac_domain::Timestamp;
use lac_wire::ErrorCode;

use crate::view::{Problem, ProblemCode};

/// How an account stands with its store at this moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Live {
    /// Whether the store answered the last time it was asked.
    pub(crate) online: bool,
    /// How many things ask it now.
    pub(crate) busy: u32,
    /// When it last answered.
    pub(crate) last_contact: Option<Timestamp>,
    /// The share of the first fetch that is done.
    pub(crate) first_fetch: Option<f64>,
    /// Why it could not be reached.
    pub(crate) trouble: Option<String>,
    /// The session has ended.
    pub(crate) signed_out: Option<Problem>,
    /// The store asks for a second step to be set up before anything else.
    pub(crate) second_step: Option<Problem>,
    /// The latest time ever seen: the computer's clock may be set back.
    pub(crate) latest: Option<Timestamp>,
}

/// Whether the store asks for a second step of signing in to be set up.
pub(super) fn asks_for_second_step(problem: &Problem) -> bool {
    problem.code == ProblemCode::Store(ErrorCode::SecondFactorNeeded)
}
