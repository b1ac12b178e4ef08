//! The first page of a search over 100,000 messages, newest first, beside the same query put to SQLite bare, with the
//! rows that it names. Run by
//! `cargo xtask bench search`.

mod desk;

use std::path::Path;
use std::time::Instant;

use desk::{Desk, Outcome, ROUNDS, Store, bare_inserts, first_fetch, median, messages, open_bare};
use lac_client::view::ConversationFilter;
use sqlx::Connection;

/// Rare, common, a phrase, a beginning: what a person types, and the same for the index.
const SEARCHES: [(&str, &str, &str); 4] = [
    ("rare", "wisteria", "\"wisteria\"*"),
    ("common", "school", "\"school\"*"),
    ("phrase", "\"school school\"", "\"school school\""),
    ("beginning", "w1", "\"w1\"*"),
];

#[tokio::main]
async fn main() -> Outcome<()> {
    let messages = messages();
    let store = Store::start(&messages).await?;
    let folder = tempfile::tempdir()?;
    let bare = folder.path().join("bare.db");
    bare_inserts(&bare, &messages).await?;
    let (desk, _) = first_fetch(folder.path(), &store).await?;
    for round in 1..=ROUNDS {
        search(&desk, &bare, round).await?;
    }
    desk.app.close().await;
    Ok(())
}

async fn search(desk: &Desk, bare: &Path, round: usize) -> Outcome<()> {
    let mut conn = open_bare(bare).await?;
    for (name, typed, matched) in SEARCHES {
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..21 {
            let began = Instant::now();
            let sql = "SELECT f.number, m.body, c.subject, c.last_at FROM (
                           SELECT rowid AS number FROM messages_fts WHERE messages_fts MATCH $1 ORDER BY rowid DESC LIMIT 50) f
                       CROSS JOIN messages m ON m.number = f.number CROSS JOIN conversations c ON c.id = m.conversation_id";
            let found: Vec<(i64, String, String, i64)> = sqlx::query_as(sql).bind(matched).fetch_all(&mut conn).await?;
            times[0].push(began.elapsed());
            let filter = ConversationFilter {
                folder: None,
                search: Some(typed.to_owned()),
                pupil_id: None,
                after: None,
                limit: Some(50),
            };
            let began = Instant::now();
            let page = desk.app.list_conversations(desk.account, filter).await?;
            times[1].push(began.elapsed());
            if found.is_empty() || page.rows.is_empty() {
                return Err(format!("{name}: nothing was found").into());
            }
        }
        let [raw, ours] = times.map(median);
        println!(
            "round {round}: search, {name}: first page {ours:.2?}, the bare query {raw:.2?}: {:.2} x (goal: at most 1.5 x)",
            ours.as_secs_f64() / raw.as_secs_f64()
        );
    }
    conn.close().await?;
    Ok(())
}
