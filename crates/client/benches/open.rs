//! Opening a conversation of 50 messages among 100,000, without the painting. Run by `cargo xtask bench open`.

mod desk;

use std::time::Instant;

use desk::{Desk, IN_CONVERSATION, Outcome, ROUNDS, Store, conversation_of, first_fetch, id, median, messages};
use lac_client::view::OpenConversation;

#[tokio::main]
async fn main() -> Outcome<()> {
    let store = Store::start(&messages()).await?;
    let folder = tempfile::tempdir()?;
    let (desk, _) = first_fetch(folder.path(), &store).await?;
    for round in 1..=ROUNDS {
        open(&desk, round).await?;
    }
    desk.app.close().await;
    Ok(())
}

async fn open(desk: &Desk, round: usize) -> Outcome<()> {
    let mut times = Vec::new();
    for number in 0..51 {
        let request = OpenConversation {
            id: id(conversation_of(number * 37)),
            before: None,
        };
        let began = Instant::now();
        let view = desk.app.open_conversation(desk.account, request).await?;
        times.push(began.elapsed());
        if view.messages.len() != 50 {
            return Err("a conversation is not whole".into());
        }
    }
    println!(
        "round {round}: opening a conversation of {IN_CONVERSATION}: {:.2?} (goal: 30 ms, painted)",
        median(times)
    );
    Ok(())
}
