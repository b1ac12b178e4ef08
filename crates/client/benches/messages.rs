//! Opening a conversation, listing conversations and searching on a device that holds 100,000 messages, each beside the
//! raw query on the same SQLCipher file. Run by `cargo xtask bench messages`.

mod desk;

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use desk::{
    Desk, ME, OTHER, Outcome, ROUNDS, Store, conversation_of, first_fetch, id, median, messages, open_with_key,
};
use lac_client::view::{ConversationFilter, Folder, OpenConversation};
use lac_domain::{ConversationId, UserId};
use sqlx::{AssertSqlSafe, Connection, SqliteConnection};

/// How often each is measured in a round, in turn with the raw query.
const TIMES: usize = 31;

/// What is typed, and the raw query for the numbers of its first page.
const SEARCHES: [(&str, &str, &str); 5] = [
    (
        "a rare word",
        "wisteria",
        "SELECT rowid AS number FROM messages_fts WHERE messages_fts MATCH '\"wisteria\"*' ORDER BY rowid DESC LIMIT 50",
    ),
    (
        "a common word",
        "school",
        "SELECT rowid AS number FROM messages_fts WHERE messages_fts MATCH '\"school\"*' ORDER BY rowid DESC LIMIT 50",
    ),
    (
        "a phrase",
        "\"school school\"",
        "SELECT rowid AS number FROM messages_fts WHERE messages_fts MATCH '\"school school\"' ORDER BY rowid DESC LIMIT 50",
    ),
    (
        "who wrote",
        "from:me",
        "SELECT number FROM messages WHERE author_id = $1 ORDER BY number DESC LIMIT 50",
    ),
    (
        "a common word and who wrote",
        "school from:me",
        "SELECT rowid AS number FROM messages_fts WHERE messages_fts MATCH '\"school\"*'
           AND +rowid IN (SELECT number FROM messages WHERE author_id = $1) ORDER BY rowid DESC LIMIT 50",
    ),
];

#[tokio::main]
async fn main() -> Outcome<()> {
    let messages = messages();
    let store = Store::start(&messages).await?;
    let folder = tempfile::tempdir()?;
    let (desk, _) = first_fetch(folder.path(), &store).await?;
    let path = file_in(folder.path()).ok_or("the desktop's file was not found")?;
    let key = desk
        .app
        .host()
        .keys()
        .into_iter()
        .next()
        .ok_or("the keyring is empty")?;
    let mut raw = open_with_key(&path, &key).await?;
    for round in 1..=ROUNDS {
        open(&desk, &mut raw, round).await?;
        list(&desk, &mut raw, round).await?;
        for search in SEARCHES {
            find(&desk, &mut raw, round, search).await?;
        }
    }
    raw.close().await?;
    desk.app.close().await;
    Ok(())
}

/// The biggest file below a folder: the account's own.
fn file_in(folder: &Path) -> Option<PathBuf> {
    let mut found: Vec<(u64, PathBuf)> = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).ok()?.flatten() {
            let path = entry.path();
            match entry.metadata() {
                Ok(about) if about.is_dir() => folders.push(path),
                Ok(about) if path.extension().is_some_and(|end| end == "db") => found.push((about.len(), path)),
                _ => {}
            }
        }
    }
    found.into_iter().max().map(|(_, path)| path)
}

fn tell(round: usize, what: &str, times: [Vec<Duration>; 2]) {
    let [raw, ours] = times.map(median);
    println!(
        "round {round}: {what}: {ours:.2?}, the raw query {raw:.2?}: {:.2} x (goal: at most 1.5 x)",
        ours.as_secs_f64() / raw.as_secs_f64()
    );
}

async fn open(desk: &Desk, raw: &mut SqliteConnection, round: usize) -> Outcome<()> {
    let mut times = [Vec::new(), Vec::new()];
    for number in 0..TIMES {
        let asked: ConversationId = id(conversation_of(i64::try_from(number)? * 37));
        let began = Instant::now();
        let _: (String, i64) = sqlx::query_as("SELECT subject, read_up_to FROM conversations WHERE id = $1")
            .bind(asked)
            .fetch_one(&mut *raw)
            .await?;
        let _: Vec<(UserId, i64, String)> = sqlx::query_as(
            "SELECT p.user_id, p.read_up_to, coalesce(o.payload, '') FROM participants p
             LEFT JOIN people o ON o.id = p.user_id WHERE p.conversation_id = $1",
        )
        .bind(asked)
        .fetch_all(&mut *raw)
        .await?;
        let rows: Vec<(i64, Vec<u8>, String, i64)> = sqlx::query_as(
            "SELECT number, id, body, sent_at FROM messages WHERE conversation_id = $1 ORDER BY number DESC LIMIT 51",
        )
        .bind(asked)
        .fetch_all(&mut *raw)
        .await?;
        times[0].push(began.elapsed());
        let request = OpenConversation {
            id: asked,
            before: None,
        };
        let began = Instant::now();
        let view = desk.app.open_conversation(desk.account, request).await?;
        times[1].push(began.elapsed());
        if rows.len() != view.messages.len() {
            return Err("a conversation is not whole".into());
        }
    }
    tell(round, "opening a conversation of 50", times);
    Ok(())
}

async fn list(desk: &Desk, raw: &mut SqliteConnection, round: usize) -> Outcome<()> {
    let mut times = [Vec::new(), Vec::new()];
    for _ in 0..TIMES {
        let began = Instant::now();
        let rows: Vec<(Vec<u8>, String, String, i64)> = sqlx::query_as(
            "SELECT id, subject, excerpt, last_at FROM conversations WHERE mine = 1 ORDER BY sort_key DESC, id LIMIT 101",
        )
        .fetch_all(&mut *raw)
        .await?;
        with_names(raw, rows.iter().map(|row| &row.0)).await?;
        times[0].push(began.elapsed());
        let began = Instant::now();
        let page = desk
            .app
            .list_conversations(desk.account, filter(Some(Folder::Inbox), None, 100))
            .await?;
        times[1].push(began.elapsed());
        if page.rows.len() != 100 || rows.len() != 101 {
            return Err("a page of the list is not whole".into());
        }
    }
    tell(round, "listing 100 conversations", times);
    Ok(())
}

async fn find(
    desk: &Desk,
    raw: &mut SqliteConnection,
    round: usize,
    (name, typed, numbers): (&str, &str, &str),
) -> Outcome<()> {
    let mut times = [Vec::new(), Vec::new()];
    let sql = format!(
        "SELECT f.number, m.body, c.subject, c.last_at, c.id FROM ({numbers}) f
         CROSS JOIN messages m ON m.number = f.number CROSS JOIN conversations c ON c.id = m.conversation_id"
    );
    for _ in 0..TIMES {
        let began = Instant::now();
        let query = sqlx::query_as(AssertSqlSafe(sql.clone()));
        let query = if numbers.contains("$1") {
            query.bind(id::<UserId>(ME))
        } else {
            query
        };
        let found: Vec<(i64, String, String, i64, Vec<u8>)> = query.fetch_all(&mut *raw).await?;
        with_names(raw, found.iter().map(|row| &row.4)).await?;
        times[0].push(began.elapsed());
        let began = Instant::now();
        let page = desk
            .app
            .list_conversations(desk.account, filter(None, Some(typed), 50))
            .await?;
        times[1].push(began.elapsed());
        if found.is_empty() || page.rows.is_empty() {
            return Err(format!("{name}: nothing was found").into());
        }
    }
    tell(round, &format!("searching, {name}"), times);
    Ok(())
}

/// Who takes part in conversations, as a list has to name them.
async fn with_names<'a>(raw: &mut SqliteConnection, ids: impl Iterator<Item = &'a Vec<u8>>) -> Outcome<()> {
    let list: Vec<String> = ids
        .map(|id| id.iter().map(|byte| format!("{byte:02X}")).collect())
        .collect();
    let _: Vec<(Vec<u8>, String)> = sqlx::query_as(
        "SELECT p.conversation_id, coalesce(o.payload, '') FROM json_each($1) j
         CROSS JOIN participants p ON p.conversation_id = unhex(j.value) LEFT JOIN people o ON o.id = p.user_id
         WHERE p.user_id <> $2",
    )
    .bind(serde_json::to_string(&list)?)
    .bind(id::<UserId>(OTHER))
    .fetch_all(raw)
    .await?;
    Ok(())
}

fn filter(folder: Option<Folder>, search: Option<&str>, limit: u32) -> ConversationFilter {
    ConversationFilter {
        folder,
        search: search.map(str::to_owned),
        pupil_id: None,
        after: None,
        limit: Some(limit),
    }
}
