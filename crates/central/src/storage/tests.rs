use lac_domain::{Timestamp, UserId};
use sqlx::AssertSqlSafe;

use super::{Column, Db, Engine, JsonRows, OpenError, hex_ids};
use crate::test_support::new_uuid;
use crate::{Database, Keys, both, both_engines};

both_engines! {
    async fn rows_of_every_kind_come_back_as_they_were_given(store: &TestStore) {
        let conn = store.store.read().await.unwrap();
        let at = Timestamp::from_unix_millis(1_795_432_100_120).unwrap();
        let day = at.london_date();
        let id = UserId(new_uuid());
        let text = "O’Neil \"the\" \\ é\n😀";
        let mut rows = JsonRows::new();
        rows.push(&[&id, &text, &i64::MAX, &true, &day, &at, &vec![0_u8, 255, 7]]);
        rows.push(&[&None::<UserId>, &None::<String>, &-1_i64, &false, &None::<chrono::NaiveDate>, &None::<Timestamp>, &Vec::<u8>::new()]);
        let columns = [
            Column::Id("a"), Column::Text("b"), Column::Number("c"), Column::Bool("d"), Column::Day("e"), Column::Instant("f"),
            Column::Bytes("g"),
        ];
        // Through a table, since it is its columns that the values must fit.
        let create = match conn.engine() {
            Engine::Sqlite => "CREATE TEMP TABLE t (a BLOB, b TEXT, c INTEGER, d INTEGER, e TEXT, f TEXT, g BLOB) STRICT",
            Engine::Postgres => "CREATE TEMP TABLE t (a uuid, b text, c bigint, d boolean, e date, f timestamptz, g bytea)",
        };
        conn.rollback().await.unwrap();
        let mut conn = store.store.write_for_tests().await;
        both!(&mut conn, c => sqlx::query(create).execute(c).await.map(|_| ())).unwrap();
        let sql = format!("INSERT INTO t SELECT a, b, c, d, e, f, g FROM {} AS r", conn.engine().rows("$1", &columns));
        let json = rows.json();
        both!(&mut conn, c => sqlx::query(AssertSqlSafe(sql)).bind(json).execute(c).await.map(|_| ())).unwrap();
        type Row = (Option<UserId>, Option<String>, i64, bool, Option<chrono::NaiveDate>, Option<Timestamp>, Vec<u8>);
        let back: Vec<Row> = both!(&mut conn, c => sqlx::query_as("SELECT * FROM t ORDER BY c DESC").fetch_all(c).await).unwrap();
        assert_eq!(back[0], (Some(id), Some(text.to_owned()), i64::MAX, true, Some(day), Some(at), vec![0, 255, 7]));
        assert_eq!(back[1], (None, None, -1, false, None, None, vec![]));
        // Written so and bound so, values are equal: instants too, which are text on SQLite.
        let sql = format!(
            "SELECT COUNT(*) FROM t WHERE a IN {} AND b IN {} AND f = $3 AND f <= $3 AND e = $4",
            conn.engine().ids("$1"), conn.engine().texts("$2")
        );
        let (ids, texts) = (hex_ids([id, UserId(new_uuid())]), serde_json::json!([text, "x"]).to_string());
        let found: i64 = both!(&mut conn, c => sqlx::query_scalar(AssertSqlSafe(sql))
            .bind(ids).bind(texts).bind(at).bind(day).fetch_one(c).await).unwrap();
        assert_eq!(found, 1);
        conn.rollback().await.unwrap();
    }

    async fn instants_sort_as_they_follow_each_other(store: &TestStore) {
        let mut conn = store.store.read().await.unwrap();
        let base = 1_795_432_100_000_i64;
        let mut rows = JsonRows::new();
        for millis in [999, 0, 100, 1_000, 10, 1] {
            rows.push(&[&Timestamp::from_unix_millis(base + millis).unwrap()]);
        }
        let sql = format!("SELECT f FROM {} AS r ORDER BY f", conn.engine().rows("$1", &[Column::Instant("f")]));
        let back: Vec<Timestamp> = both!(&mut conn, c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(rows.json()).fetch_all(c).await).unwrap();
        let millis: Vec<i64> = back.iter().map(|at| at.utc().timestamp_millis() - base).collect();
        assert_eq!(millis, [0, 1, 10, 100, 999, 1_000]);
    }

    async fn nothing_that_people_wrote_lies_in_clear(store: &TestStore) {
        let other = store.user(lac_domain::Role::LaUser, "Obadiah", "Slope").await;
        let command = crate::test_support::conversation(store, None, vec![crate::test_support::to(&other)], "Zebrafish in the corridor");
        assert_eq!(store.super_user.command(command).await.status, 200);
        let everything = match store.engine() {
            Engine::Sqlite => {
                let mut bytes = Vec::new();
                for entry in std::fs::read_dir(store.folder()).unwrap() {
                    let path = entry.unwrap().path();
                    if path.file_name().unwrap().to_string_lossy().starts_with("store.db") {
                        bytes.extend(std::fs::read(path).unwrap());
                    }
                }
                assert!(bytes.len() > 100_000 && !bytes.starts_with(b"SQLite format 3"));
                bytes
            }
            Engine::Postgres => {
                let mut conn = store.store.read().await.unwrap();
                let mut text = String::new();
                for table in ["conversations", "messages", "participants", "commands", "changes", "audit_events", "mails"] {
                    let sql = format!("SELECT COALESCE(string_agg(encode(convert_to(CAST(t AS text), 'UTF8'), 'escape'), ''), '') FROM {table} t");
                    text += &both!(&mut conn, c => sqlx::query_scalar::<_, String>(AssertSqlSafe(sql)).fetch_one(c).await).unwrap();
                    let sql = format!("SELECT COUNT(*) FROM {table}");
                    let rows: i64 = both!(&mut conn, c => sqlx::query_scalar(AssertSqlSafe(sql)).fetch_one(c).await).unwrap();
                    assert!(rows > 0, "{table}");
                }
                text.into_bytes()
            }
        };
        // Bytes that the database shows in hexadecimal are looked for in that form too.
        for word in ["Zebrafish", "Reading books", "Obadiah", "corridor"] {
            for form in [word.to_owned(), hex::encode(word)] {
                let found = everything.windows(form.len()).any(|window| window == form.as_bytes());
                assert!(!found, "{form}");
            }
        }
    }
}

#[tokio::test]
async fn a_wrong_key_is_named_as_such_and_a_store_that_is_not_there_too() {
    let folder = tempfile::tempdir().unwrap();
    let database = Database::Sqlite(folder.path().join("store.db"));
    let keys = Keys::generate().unwrap();
    assert!(matches!(
        Db::open(&database, &keys.database, false).await,
        Err(OpenError::Missing(_))
    ));
    Db::open(&database, &keys.database, true).await.unwrap().close().await;
    let other = Keys::generate().unwrap();
    assert!(matches!(
        Db::open(&database, &other.database, false).await,
        Err(OpenError::WrongKey(_))
    ));
    Db::open(&database, &keys.database, false).await.unwrap().close().await;
    std::fs::write(folder.path().join("store.db"), vec![b'x'; 8192]).unwrap();
    assert!(matches!(
        Db::open(&database, &keys.database, false).await,
        Err(OpenError::WrongKey(_))
    ));
}
