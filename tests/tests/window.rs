//! The story on the real application in real windows, with a real keyring and a real notification daemon.

use std::path::Path;

use lac_tests::support::Outcome;
use lac_tests::tale;

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_path_from_a_csv_file_to_a_notification() -> Outcome {
    tale::tell(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/window")).await
}
