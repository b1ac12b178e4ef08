//! Into care, to another school and out of care, seen by themselves on two real windows.

use std::path::Path;

use lac_tests::support::Outcome;
use lac_tests::tale;

#[tokio::test(flavor = "multi_thread")]
async fn a_child_comes_into_care_moves_and_leaves_care_on_both_windows_by_themselves() -> Outcome {
    tale::tell_moves(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/window-moves")).await
}
