//! The end of a test's process.
//!
//! sqlx closes a connection on a thread of its own, and SQLCipher frees what all connections share when the process
//! exits. A test may end without closing what it opened, so the two can meet, and the process dies after its test has
//! passed. The application itself closes its files before it exits.

use std::time::{Duration, Instant};

/// How long the threads may take; then the process ends all the same.
const PATIENCE: Duration = Duration::from_secs(10);

struct Wait;

thread_local! {
    static AT_THE_END: Wait = const { Wait };
}

/// Has the calling thread, when it ends, wait until every connection to a file is closed. To be called on the thread
/// that the test runs on: it ends after the test's runtime, and before the process frees anything.
pub fn wait_for_files_at_the_end() {
    AT_THE_END.with(|_| {});
}

impl Drop for Wait {
    fn drop(&mut self) {
        let since = Instant::now();
        while has_open_files() && since.elapsed() < PATIENCE {
            #[allow(
                clippy::disallowed_methods,
                reason = "nothing tells when a thread of sqlx has ended, and no runtime is left"
            )]
            std::thread::sleep(Duration::from_millis(2));
        }
    }
}

/// Whether a thread of sqlx that holds a connection is alive; told from the threads' names, where the system shows them.
fn has_open_files() -> bool {
    let Ok(threads) = std::fs::read_dir("/proc/self/task") else {
        return false;
    };
    threads.flatten().any(|thread| {
        std::fs::read_to_string(thread.path().join("comm")).is_ok_and(|name| name.starts_with("sqlx-sqlite"))
    })
}
