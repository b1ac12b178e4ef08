//! Searching: whatever a person types, it is a search and never an error.

use lac_wire::Entity;
use proptest::prelude::*;

use super::samples::*;
use crate::local::LocalStore;
use crate::local::search::{SearchQuery, find};

async fn found(store: &LocalStore, typed: &str) -> Vec<i64> {
    match SearchQuery::parse(typed) {
        Some(query) => find(&mut store.reader().await.unwrap(), &query, i64::MAX, 100)
            .await
            .unwrap()
            .into_iter()
            .map(|found| found.number)
            .collect(),
        None => Vec::new(),
    }
}

async fn filled(folder: &std::path::Path) -> LocalStore {
    let store = sealed(folder).await;
    bring(
        &store,
        &news(),
        [
            Entity::Conversation(conversation(100, "Attendance of Tom", None, 2, 2)),
            Entity::Conversation(conversation(101, "Café trip", None, 2, 4)),
            Entity::Message(message(1, 100, PRIYA, "He was late on Monday, Tuesday and Friday.")),
            Entity::Message(message(2, 100, PRIYA, "Exclusion is not what we want")),
            Entity::Message(message(3, 101, PRIYA, "The coach leaves at 9:30 O'Neil's gate")),
            Entity::Message(message(4, 101, ME, "Friday and Monday then")),
        ],
    )
    .await;
    store
}

#[tokio::test]
async fn words_are_found_by_their_beginnings_newest_first() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path()).await;
    assert_eq!(found(&store, "attend").await, [2, 1], "subjects count");
    assert_eq!(found(&store, "MONDAY").await, [4, 1]);
    assert_eq!(
        found(&store, "tom excl").await,
        [2],
        "one word in the subject, one in the text"
    );
    assert_eq!(found(&store, "cafe").await, [4, 3], "accents don't matter");
    assert_eq!(
        found(&store, "\"Monday, Tuesday\"").await,
        [1],
        "quotation marks make a phrase"
    );
    assert_eq!(found(&store, "“monday friday”").await, [] as [i64; 0]);
    assert_eq!(found(&store, "o'neil").await, [3]);
    assert_eq!(found(&store, "9:30").await, [3]);
}

#[tokio::test]
async fn what_would_be_an_operator_is_a_word() {
    let folder = tempfile::tempdir().unwrap();
    let store = filled(folder.path()).await;
    for odd in [
        "\"",
        "\"\"",
        "\"\"\"",
        "*",
        "^",
        "-",
        "+",
        "(",
        ")",
        "()",
        "NEAR(",
        "AND",
        "OR",
        "NOT",
        "tom AND",
        "NOT tom",
        "subject:",
        "body : x",
        "{subject}",
        "a\"b",
        "x*y",
        "tom)",
        "'",
        "';--",
        "\\",
        "%",
        "_",
        "\u{0}",
        "tom\u{0}",
        "…",
        "NEAR(a b, 3)",
        "🚌",
        "ß",
        "İ",
        "- - -",
        "\"unclosed phrase",
        "col:\"a\"",
        "\u{301}",
    ] {
        found(&store, odd).await;
    }
    assert_eq!(found(&store, "not").await, [2], "NOT is the word that it is");
    assert!(found(&store, "(((").await.is_empty());
    assert_eq!(SearchQuery::parse("  -- \" \" "), None);
}

#[test]
fn no_text_is_an_error() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let store = runtime.block_on(filled(folder.path()));
    proptest!(|(typed in "\\PC{0,40}|[\"*^():\\-+{} a-zNEARDOT]{0,30}")| {
        runtime.block_on(found(&store, &typed));
    });
    // A word of a message, however it is dressed up, finds it.
    proptest!(|(before in "[ -!#-/:-@\u{2013}…]{0,5}", after in "[ -!#-/:-@\u{2013}…]{0,5}", length in 4_usize..=9)| {
        let typed = format!("{before}{}{after}", &"Exclusion"[..length]);
        prop_assert_eq!(runtime.block_on(found(&store, &typed)), [2]);
    });
}
