//! What the user may no longer see leaves nothing behind: no row, no word, no byte. The file is opened without a key
//! here, so that its bytes can be searched.

use lac_domain::PupilId;
use lac_wire::{Command, Entity, NewMessage, Recipient};

use super::samples::*;
use crate::local::{LocalStore, conversations, drafts, outbox, pupils};
use crate::view::{Draft, RecipientChoice};

/// Words that stand nowhere but in what is purged.
const SECRETS: [&str; 8] = [
    "xylophone",
    "quagmire",
    "zephyrine",
    "marmalade",
    "aardvark",
    "kingfisher",
    "thistledown",
    "bergamot",
];

fn bytes_of(folder: &std::path::Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        bytes.extend(std::fs::read(entry.unwrap().path()).unwrap().to_ascii_lowercase());
    }
    bytes
}

fn holds(bytes: &[u8], word: &str) -> bool {
    bytes.windows(word.len()).any(|window| window == word.as_bytes())
}

async fn filled(store: &LocalStore) {
    let mut entities = vec![
        Entity::Person(priya()),
        Entity::Pupil(pupil(50, "Thistledown Bergamot")),
        Entity::Pupil(pupil(51, "Zara Khan")),
        Entity::Conversation(conversation(100, "About the xylophone", Some(50), 40, 4000)),
        Entity::Conversation(conversation(101, "Something else", Some(51), 2000, 3999)),
    ];
    for n in 1..=2000_i64 {
        // Enough other words that the index has many pages, with the secret ones among them.
        let body = format!("Ordinary message {n} with word{n} and term{} in it", n * 7919 % 2000);
        entities.push(Entity::Message(message(n * 2 - 1, 101, PRIYA, &body)));
        if n % 50 == 0 {
            let secret = SECRETS[usize::try_from(n / 50).unwrap() % SECRETS.len()];
            let body = format!("Marmalade {secret}{n} quagmire zephyrine aardvark kingfisher and {secret}");
            entities.push(Entity::Message(message(n * 2, 100, PRIYA, &body)));
        }
    }
    for page in entities.chunks(500) {
        bring(store, &news(), page.to_vec()).await;
    }
    // Rows that grow divide the pages of the table, which leaves copies between the rows of a page.
    for round in 1..6 {
        let conversations = (0..300).map(|n| {
            let (pupil, subject) = match n % 3 {
                0 => (50, "About the xylophone"),
                _ => (51, "Something quite else"),
            };
            let subject = format!("{subject}{}", " again".repeat(round));
            Entity::Conversation(conversation(200 + n, &subject, Some(pupil), 0, 0))
        });
        bring(store, &news(), conversations.collect::<Vec<_>>()).await;
    }
}

#[tokio::test]
async fn a_purge_leaves_no_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::open_plain(&folder.path().join("store.db")).await;
    filled(&store).await;
    assert!(store.leave_no_trace().await.unwrap());
    let before = bytes_of(folder.path());
    for secret in SECRETS {
        assert!(holds(&before, secret), "{secret} is there to be found");
    }
    bring(&store, &news(), [Entity::ScopeRevoked { pupil_id: id(50) }]).await;
    assert!(store.leave_no_trace().await.unwrap());
    let after = bytes_of(folder.path());
    for secret in SECRETS {
        // The index keeps beginnings of words to find its pages by; four letters would already tell.
        for length in 4..=secret.len() {
            assert!(
                !holds(&after, &secret[..length]),
                "{} is still there",
                &secret[..length]
            );
        }
    }
    assert!(holds(&after, "word1999"), "the rest stays");
    let mut conn = store.reader().await.unwrap();
    assert!(pupils::get(&mut conn, id(50)).await.unwrap().is_none());
    assert!(conversations::get(&mut conn, id(100)).await.unwrap().is_none());
    assert_eq!(
        conversations::get(&mut conn, id(101))
            .await
            .unwrap()
            .unwrap()
            .held_count,
        2000
    );
    drop(conn);
    let mut tx = store.begin().await.unwrap();
    sqlx::query("INSERT INTO messages_fts (messages_fts, rank) VALUES ('integrity-check', 1)")
        .execute(&mut *tx)
        .await
        .unwrap();
}

fn around(pupil: PupilId, name: &str) -> RecipientChoice {
    RecipientChoice {
        recipient: Recipient::AroundPupil { pupil_id: pupil },
        name: format!("Everyone who can see {name}"),
        detail: String::new(),
        people: 3,
    }
}

#[tokio::test]
async fn drafts_and_the_outbox_outlive_entitlement_under_no_name() {
    let folder = tempfile::tempdir().unwrap();
    let store = LocalStore::open_plain(&folder.path().join("store.db")).await;
    bring(
        &store,
        &news(),
        [
            Entity::Pupil(pupil(50, "Thistledown Bergamot")),
            Entity::Conversation(conversation(100, "About the xylophone", Some(50), 0, 0)),
        ],
    )
    .await;
    let draft = Draft {
        id: id(60),
        conversation_id: None,
        pupil_id: Some(id(50)),
        confidential: false,
        recipients: vec![around(id(50), "Thistledown Bergamot")],
        subject: "My worry".into(),
        body: "What I saw".into(),
        saved_at: None,
        attachments: Vec::new(),
    };
    let reply = Command::SendMessage {
        conversation_id: id(100),
        message: NewMessage {
            id: id(61),
            body: "My reply".into(),
            written_at: at(1),
            attachments: Vec::new(),
        },
    };
    let mut tx = store.begin().await.unwrap();
    drafts::put(&mut tx, &draft, at(1)).await.unwrap();
    outbox::push(&mut tx, id(62), &reply, Some(&draft), at(1))
        .await
        .unwrap();
    tx.commit().await.unwrap();

    bring(&store, &news(), [Entity::ScopeRevoked { pupil_id: id(50) }]).await;
    assert!(store.leave_no_trace().await.unwrap());
    let mut conn = store.reader().await.unwrap();
    let kept = drafts::get(&mut conn, id(60)).await.unwrap().unwrap();
    assert_eq!((kept.subject.reveal(), kept.body.reveal()), ("My worry", "What I saw"));
    assert_eq!(kept.recipients[0].name, "Everyone who can see this pupil");
    assert_eq!(outbox::all(&mut conn).await.unwrap().len(), 1);
    drop(conn);
    let bytes = bytes_of(folder.path());
    assert!(holds(&bytes, "my reply"));
    for secret in ["thistledown", "bergamot", "xylophone"] {
        assert!(!holds(&bytes, secret), "{secret} is still there");
    }
}
