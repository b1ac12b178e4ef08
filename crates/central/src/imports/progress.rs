//! How far a commit or an undo has come, and whether it was asked to stop. It is of this process alone and of this
//! moment, so it lies in memory.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use lac_domain::ImportId;
use lac_wire::{ErrorCode, ImportPhase, ImportProgress};

use crate::error::Refusal;

/// The imports that are being committed or undone now.
#[derive(Default)]
pub(crate) struct Running(Mutex<Runs>);

/// By import: how far it has come, and how many requests run it.
type Runs = HashMap<ImportId, (Arc<Progress>, u32)>;

/// How far one of them has come.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    // The phase's place in `PHASES`, times 1,000, and the thousandths of the whole that are done.
    at: AtomicU32,
    cancelled: AtomicBool,
}

const PHASES: [ImportPhase; 4] = [
    ImportPhase::Reading,
    ImportPhase::Judging,
    ImportPhase::Writing,
    ImportPhase::Finishing,
];
/// The thousandths that are done when each phase begins, and when the last ends.
const BEGINS: [u32; 5] = [0, 100, 200, 950, 1_000];

/// Keeps an import among the running ones until it is dropped.
pub(crate) struct Guard<'a> {
    running: &'a Running,
    id: ImportId,
    progress: Arc<Progress>,
}

impl Running {
    /// Begins to run one. When it runs already, as when its request came again after its answer was lost, both share
    /// what is known of it.
    pub fn begin(&self, id: ImportId) -> Guard<'_> {
        let mut runs = self.lock();
        let (progress, requests) = runs.entry(id).or_default();
        *requests += 1;
        let progress = Arc::clone(progress);
        drop(runs);
        Guard {
            running: self,
            id,
            progress,
        }
    }

    /// How far one has come; none when it does not run.
    pub fn find(&self, id: ImportId) -> Option<Arc<Progress>> {
        self.lock().get(&id).map(|(progress, _)| Arc::clone(progress))
    }

    fn lock(&self) -> MutexGuard<'_, Runs> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Guard<'_> {
    /// What the work reports to.
    pub fn progress(&self) -> Arc<Progress> {
        Arc::clone(&self.progress)
    }
}

impl Drop for Guard<'_> {
    fn drop(&mut self) {
        let mut running = self.running.lock();
        if let Some((_, requests)) = running.get_mut(&self.id) {
            *requests -= 1;
            if *requests == 0 {
                running.remove(&self.id);
            }
        }
    }
}

impl Progress {
    /// Reports that so much of a phase is done, 0 to 1.
    ///
    /// # Errors
    /// A refusal when it was cancelled; what was written is rolled back by that.
    pub fn report(&self, phase: ImportPhase, share: f64) -> Result<(), Refusal> {
        if self.cancelled.load(Ordering::Acquire) {
            let message = "You cancelled this, so nothing was changed.";
            return Err(Refusal::new(ErrorCode::ImportCancelled, message));
        }
        let nth = PHASES.iter().position(|one| *one == phase).unwrap_or(0);
        let (from, to) = (BEGINS[nth], BEGINS[nth + 1]);
        #[allow(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share between 0 and 1 of at most a thousand"
        )]
        let done = (f64::from(to - from) * share.clamp(0.0, 1.0)) as u32;
        let nth = u32::try_from(nth).unwrap_or(0);
        self.at.store(nth * 10_000 + from + done, Ordering::Release);
        Ok(())
    }

    /// Asks it to stop. It does so at its next step, unless it has come to finishing.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::Release);
    }

    /// As the contract gives it.
    pub fn view(&self) -> ImportProgress {
        let at = self.at.load(Ordering::Acquire);
        let nth = usize::try_from(at / 10_000).unwrap_or(0).min(PHASES.len() - 1);
        ImportProgress {
            phase: PHASES[nth],
            share: f64::from(at % 10_000) / 1_000.0,
            cancelled: self.cancelled.load(Ordering::Acquire),
        }
    }
}

#[cfg(test)]
mod tests {
    use lac_domain::ImportId;

    use super::*;

    #[test]
    fn what_runs_is_known_until_it_ends() {
        let (running, id) = (Running::default(), ImportId(uuid::Uuid::from_u128(1)));
        let guard = running.begin(id);
        guard.progress().report(ImportPhase::Writing, 0.5).unwrap();
        let seen = running.find(id).unwrap().view();
        assert_eq!((seen.phase, seen.cancelled), (ImportPhase::Writing, false));
        assert!((seen.share - 0.575).abs() < 0.001, "{}", seen.share);
        running.find(id).unwrap().cancel();
        let refusal = guard.progress().report(ImportPhase::Finishing, 0.0).unwrap_err();
        assert_eq!(refusal.code, ErrorCode::ImportCancelled);
        drop(guard);
        assert!(running.find(id).is_none());
    }
}
