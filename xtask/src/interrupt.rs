//! Ctrl+C (and a polite kill) heard as a flag, so that what was started is stopped before this program ends.

use std::sync::{Condvar, Mutex, PoisonError};
use std::time::Duration;

static HEARD: Mutex<bool> = Mutex::new(false);
static CHANGED: Condvar = Condvar::new();

/// Begins to listen. Fails when the system refuses a handler.
pub fn listen() -> Result<(), ctrlc::Error> {
    ctrlc::set_handler(|| {
        *HEARD.lock().unwrap_or_else(PoisonError::into_inner) = true;
        CHANGED.notify_all();
    })
}

/// Whether Ctrl+C was heard.
pub fn heard() -> bool {
    *HEARD.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Rests for a while, or until Ctrl+C; says whether it was heard.
pub fn pause(span: Duration) -> bool {
    let guard = HEARD.lock().unwrap_or_else(PoisonError::into_inner);
    let (guard, _) = CHANGED
        .wait_timeout_while(guard, span, |heard| !*heard)
        .unwrap_or_else(PoisonError::into_inner);
    *guard
}

/// Rests for a moment even after Ctrl+C: for waiting until something that was told to stop has stopped.
#[expect(
    clippy::disallowed_methods,
    reason = "there is no event to wait for: the end of a process is asked for"
)]
pub fn brief_rest() {
    std::thread::sleep(Duration::from_millis(20));
}

/// Waits until Ctrl+C.
pub fn wait() {
    while !pause(Duration::from_secs(3600)) {}
}
