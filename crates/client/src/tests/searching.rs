//! Searching: whatever a person types, it is a search and never an error.

use lac_wire::Entity;
use proptest::prelude::*;

use super::samples::*;
use crate::local::LocalStore;
use crate::local::search::{Reading, Typed, find, found_from, numbers};

async fn read(store: &LocalStore, typed: &str) -> Reading {
    let typed = Typed::read(typed, "2026-11-28".parse().unwrap());
    Reading::of(&mut store.reader().await.unwrap(), id(ME), typed)
        .await
        .unwrap()
}

async fn found(store: &LocalStore, typed: &str) -> Vec<i64> {
    let Some(query) = read(store, typed).await.query else {
        return Vec::new();
    };
    let mut conn = store.reader().await.unwrap();
    let found: Vec<i64> = find(&mut conn, &query, i64::MAX, 100)
        .await
        .unwrap()
        .into_iter()
        .map(|found| found.number)
        .collect();
    // The whole of it, page by page, and what was on earlier pages agree.
    let mut all: Vec<i64> = numbers(&mut conn, &query).await.unwrap().into_iter().collect();
    all.sort_unstable_by(|a, b| b.cmp(a));
    assert_eq!(all, found, "{typed}");
    if let Some(last) = found.last() {
        assert!(!found_from(&mut conn, &query, *last).await.unwrap().is_empty());
        assert!(find(&mut conn, &query, *last, 1).await.unwrap().is_empty());
    }
    found
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
    assert!(read(&store, "  -- \" \" ").await.query.is_none());
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

/// Conversations with two people, about two pupils and none.
async fn conditioned(folder: &std::path::Path) -> LocalStore {
    let store = filled(folder).await;
    let mut with_file = message(7, 103, PRIYA, "The plan is here");
    with_file.attachments.push(lac_wire::Attachment {
        id: id(70),
        name: "Education plan.pdf".into(),
        kind: lac_domain::AttachmentKind::Pdf,
        size: 1_000,
    });
    let day = 24 * 60;
    let mut later = message(8, 104, PRIYA, "Taxi again");
    later.sent_at = at(3 * day);
    bring(
        &store,
        &news(),
        [
            Entity::Person(priya()),
            Entity::Person(person(
                5,
                "Tom",
                "Priestley",
                lac_domain::Role::DesignatedTeacher,
                &["Priya School"],
            )),
            Entity::Pupil(pupil(50, "Tom Reed")),
            Entity::Pupil(pupil(51, "Una Khan")),
            Entity::Conversation(conversation(102, "Taxi for Tom", Some(50), 2, 6)),
            Entity::Conversation(conversation(103, "Plan for Una", Some(51), 1, 7)),
            Entity::Conversation(conversation(104, "Taxi for Una", Some(51), 1, 8)),
            Entity::Message(message(5, 102, ME, "The taxi was late")),
            Entity::Message(message(6, 102, 5, "It comes at eight")),
            Entity::Message(with_file),
            Entity::Message(later),
        ],
    )
    .await;
    store
}

#[tokio::test]
async fn conditions_say_who_whom_about_when_and_with_what() {
    let folder = tempfile::tempdir().unwrap();
    let store = conditioned(folder.path()).await;
    assert_eq!(found(&store, "from:me").await, [5, 4]);
    assert_eq!(
        found(&store, "from:priya").await,
        [8, 7, 3, 2, 1],
        "by name, never by the name of a school"
    );
    assert_eq!(found(&store, "from:\"tom priestley\"").await, [6]);
    assert_eq!(
        found(&store, "from:pri taxi").await,
        [8, 6],
        "words of the subject and who wrote"
    );
    assert_eq!(found(&store, "to:me pupil:tom").await, [6]);
    assert_eq!(found(&store, "to:priya taxi").await, [6, 5]);
    assert_eq!(found(&store, "pupil:una").await, [8, 7]);
    assert_eq!(
        found(&store, "pupil:riverside").await,
        [] as [i64; 0],
        "not by the pupil's school"
    );
    assert_eq!(found(&store, "has:attachment").await, [7]);
    assert_eq!(found(&store, "after:24/11/2026").await, [8]);
    assert_eq!(found(&store, "pupil:una before:24/11/2026").await, [7]);
    assert_eq!(
        found(&store, "pupil:una plan has:attachment from:priya after:23 Nov 2026").await,
        [7]
    );
    assert_eq!(found(&store, "pupil:una pupil:tom").await, [] as [i64; 0]);
}

#[tokio::test]
async fn what_is_not_understood_is_told_and_finds_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let store = conditioned(folder.path()).await;
    for (typed, says) in [
        ("taxi from:zebedee", "zebedee"),
        ("pupil:nobody", "nobody"),
        ("before:31/2/2026 taxi", "not a date"),
        ("has:cheese", "has:attachment"),
    ] {
        let reading = read(&store, typed).await;
        assert!(
            reading.query.is_none() && reading.problems[0].contains(says),
            "{typed}: {:?}",
            reading.problems
        );
    }
}
