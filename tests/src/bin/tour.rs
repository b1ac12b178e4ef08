//! Tells the story of the product: on a screen of its own (`--out FOLDER`), or on this computer's, leaving the
//! two windows open until Ctrl+C (`--stay`). `cargo xtask demo` calls it.

use std::path::PathBuf;
use std::process::ExitCode;

use lac_tests::support::{Outcome, Trouble};
use lac_tests::tale;

#[tokio::main]
async fn main() -> ExitCode {
    match run().await {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            eprintln!("\n{trouble}");
            ExitCode::FAILURE
        }
    }
}

async fn run() -> Outcome {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match arguments.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["--out", folder] => {
            let folder = PathBuf::from(folder);
            let told = tale::tell(&folder).await;
            println!("The account and its pictures: {}", folder.join("story.md").display());
            told
        }
        ["--stay"] => tale::stay().await,
        _ => Err(Trouble::new("Say --out FOLDER, or --stay.")),
    }
}
