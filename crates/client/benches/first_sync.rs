//! The first fetch of 100,000 messages into the sealed local store, beside bare inserts of the same rows, with the same
//! index of words, into a file of the same kind. Run by `cargo xtask bench first_sync`.

mod desk;

use desk::{MESSAGES, Outcome, ROUNDS, Store, bare_inserts, first_fetch, messages};

#[tokio::main]
async fn main() -> Outcome<()> {
    let messages = messages();
    let store = Store::start(&messages).await?;
    for round in 1..=ROUNDS {
        let folder = tempfile::tempdir()?;
        let bare = bare_inserts(&folder.path().join("bare.db"), &messages).await?;
        let (desk, fetched) = first_fetch(folder.path(), &store).await?;
        println!(
            "round {round}: first fetch of {MESSAGES} messages {fetched:.2?}, bare inserts {bare:.2?}: {:.2} x (goal: at most 2 x)",
            fetched.as_secs_f64() / bare.as_secs_f64()
        );
        desk.app.close().await;
    }
    Ok(())
}
