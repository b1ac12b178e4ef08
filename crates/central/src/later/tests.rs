use lac_domain::Role;
use lac_import::ExistingUsers;

use super::AT_ONCE;
use crate::imports::ImportCommand;
use crate::storage::Conn;
use crate::test_support::TestStore;
use crate::{both, both_engines};

async fn count(store: &TestStore, sql: &'static str) -> i64 {
    let mut conn = store.store.read().await.unwrap();
    let count: i64 = both!(&mut conn, c => sqlx::query_scalar(sql).fetch_one(c).await).unwrap();
    count
}

async fn run(store: &TestStore, sql: &'static str) {
    let mut conn = store.store.write_for_tests().await;
    both!(&mut conn, c => sqlx::query(sql).execute(c).await.map(|_| ())).unwrap();
    Conn::commit(conn).await.unwrap();
}

/// How many users a search finds.
async fn found(store: &TestStore, search: &str) -> usize {
    let path = format!("/v1/users?limit=200&search={search}");
    let page: lac_wire::Page<serde_json::Value> = store.super_user.client.get(&path).await.json();
    page.rows.len()
}

/// Adds one user more than are done with at once, all to be invited.
async fn add_many(store: &TestStore) {
    let mut file = "User First Name,User Last Name,Email\n".to_owned();
    for n in 0..=AT_ONCE {
        file.push_str(&format!("Amara,Okafor{n},amara.okafor{n}@example.org\n"));
    }
    let path = store.folder().join("staff.csv");
    std::fs::write(&path, file).unwrap();
    let add = ImportCommand::Users {
        file: path,
        role: Role::SocialWorker,
        dry_run: false,
        existing: ExistingUsers::Refuse,
        all_or_nothing: true,
        invite: crate::Invite::Now,
        map: Vec::new(),
    };
    let mut out = Vec::new();
    let code = add.run(&store.store, &mut out).await.unwrap();
    assert_eq!(code, 0, "{}", String::from_utf8_lossy(&out));
}

const INVITED: &str = "SELECT COUNT(*) FROM invitations WHERE NOT replaced AND used_at IS NULL";
const DUE: &str = "SELECT (SELECT COUNT(*) FROM user_words_due) + (SELECT COUNT(*) FROM invitations_due)
                     + (SELECT COUNT(*) FROM imports_due)";

fn all() -> i64 {
    i64::try_from(AT_ONCE).unwrap() + 1
}

both_engines! {
    async fn a_big_add_is_found_and_invited_after_its_commit_each_once(store: &TestStore) {
        let before = count(store, INVITED).await;
        add_many(store).await;
        assert_eq!(count(store, DUE).await, 2, "one row of all their words, one of all their invitations");
        assert_eq!(found(store, "okafor7").await, 0);
        assert_eq!(count(store, INVITED).await, before);
        let hashed = "SELECT COUNT(*) FROM users WHERE import_id IS NOT NULL AND password_hash IS NOT NULL";
        assert_eq!(count(store, hashed).await, 0, "no password is hashed");

        store.store.catch_up().await.unwrap();
        assert_eq!(count(store, DUE).await, 0);
        assert_eq!(found(store, "okafor77").await, 11, "77 and 770 to 779");
        assert_eq!(count(store, INVITED).await, before + all());
        let mails = "SELECT COUNT(*) FROM mails WHERE kind = 'invitation' AND state = 'waiting'";
        assert_eq!(count(store, mails).await, all());
        let words = count(store, "SELECT COUNT(*) FROM user_words").await;

        // Nothing more comes of doing it again.
        store.store.catch_up().await.unwrap();
        assert_eq!(count(store, INVITED).await, before + all());
        assert_eq!(count(store, "SELECT COUNT(*) FROM user_words").await, words);
    }

    async fn what_changed_in_between_is_heeded(store: &TestStore) {
        add_many(store).await;
        run(store, "UPDATE users SET status = 'inactive' WHERE email_key = 'amara.okafor1@example.org'").await;
        run(store, "UPDATE users SET invitation_held = TRUE WHERE email_key = 'amara.okafor2@example.org'").await;
        run(store, "DELETE FROM users WHERE email_key = 'amara.okafor3@example.org'").await;
        run(store, "UPDATE users SET last_name = 'Trollope', revision = revision + 1 WHERE email_key = 'amara.okafor5@example.org'").await;
        let code = store.store.run(None, crate::InviteByEmail("amara.okafor4@example.org".into())).await.unwrap();
        let before = count(store, INVITED).await;
        store.store.catch_up().await.unwrap();
        assert_eq!(count(store, INVITED).await, before + all() - 4);
        assert_eq!(count(store, DUE).await, 0);
        assert_eq!(found(store, "trollope").await, 1);
        let code = serde_json::json!({ "code": code });
        let looked = store.super_user.client.post("/v1/invitations/look", &code).await;
        assert_eq!(looked.status, 200, "the code that was shown still works");
    }

    async fn words_that_are_no_longer_a_user_s_go(store: &TestStore) {
        store.user(Role::LaUser, "Grace", "Adu").await;
        run(store, "INSERT INTO user_words (word, user_id) SELECT 'outdated', id FROM users WHERE first_name = 'Grace'").await;
        run(store, "DELETE FROM user_words WHERE word = 'grace'").await;
        run(store, "INSERT INTO user_words_due (user_id) SELECT id FROM users WHERE first_name = 'Grace'").await;
        assert_eq!(found(store, "outdated").await, 1);
        store.store.catch_up().await.unwrap();
        assert_eq!((found(store, "outdated").await, found(store, "grace").await), (0, 1));
    }
}
