//! What needs the user, finding, and the lock, on the real application in a real window with a real keyring.

use std::path::Path;

use lac_tests::support::Outcome;
use lac_tests::tale;

#[tokio::test(flavor = "multi_thread")]
async fn a_window_is_locked_and_its_password_opens_it_with_no_network() -> Outcome {
    tale::tell_lock(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/window-lock")).await
}
