use lac_domain::Role;
use lac_import::{ExistingUsers, FindingCode as Code};
use lac_wire::{ErrorCode, Import, ImportRow, MendImport};

use super::*;
use crate::both_engines;

const FILE: &[u8] = b"User First Name,User Last Name,Email,School Reference Number (URN)\r\n\
    Eleanor,Bold,eleanor.bold at example.org,100008\r\n\
    Mark,Robarts,mark.robarts@example.org,199999\r\n\
    ,Crawley,grace.crawley@example.org,100005\r\n\
    Obadiah,Slope,obadiah.slope@example.org\r\n";

both_engines! {
    async fn cells_are_mended_one_by_one_and_judged_again(store: &TestStore) {
        let priya = authority(store).await;
        let import = put(&priya, new_import(), FILE).await;
        assert_eq!((import.counts.rows_refused, import.counts.to_create, import.mended_cells), (4, 0, 0));
        let kinds: Vec<(Code, u32)> = import.finding_kinds.iter().map(|kind| (kind.code, kind.count)).collect();
        assert_eq!(kinds.len(), 4);
        assert!(kinds.contains(&(Code::BadEmail, 1)) && kinds.contains(&(Code::TooFewCells, 1)), "{kinds:?}");

        let first = MendImport { revision: 1, cells: vec![cell(2, 2, "eleanor.bold@example.org")], ..MendImport::default() };
        let mended: Import = mend(&priya, import.id, &first).await.json();
        assert_eq!((mended.revision, mended.counts.rows_refused, mended.mended_cells), (2, 3, 1));
        assert!(mended.finding_kinds.iter().all(|kind| kind.code != Code::BadEmail));
        // The same again, as after a lost reply: nothing changes, and nobody is told that it did.
        let again: Import = mend(&priya, import.id, &first).await.json();
        assert_eq!(again, mended);
        // Another window that still shows the first revision is told.
        let other = MendImport { revision: 1, cells: vec![cell(3, 3, "100005")], ..MendImport::default() };
        assert_eq!(mend(&priya, import.id, &other).await.code(), ErrorCode::ImportRevised);

        let rest = MendImport {
            revision: 2,
            cells: vec![cell(3, 3, "100005"), cell(4, 0, "Grace"), cell(5, 3, "100008")],
            ..MendImport::default()
        };
        let whole: Import = mend(&priya, import.id, &rest).await.json();
        assert_eq!((whole.counts.rows_refused, whole.counts.to_create, whole.mended_cells), (0, 4, 4));
        let done: Import = commit(&priya, &whole, true).await.json();
        assert_eq!(done.result.unwrap().created, 4);
        let found: Page<lac_wire::User> = priya.client.get("/v1/users?search=grace%20crawley").await.json();
        assert_eq!(found.rows.len(), 1);
        // What is committed is mended no more.
        let late = MendImport { revision: 3, leave_out: vec![2], ..MendImport::default() };
        assert_eq!(mend(&priya, import.id, &late).await.code(), ErrorCode::ImportRevised);
    }

    async fn the_file_itself_stays_as_it_came_and_what_is_mended_is_sealed(store: &TestStore) {
        let priya = authority(store).await;
        let import = put(&priya, new_import(), FILE).await;
        let sql = "SELECT COUNT(*) FROM imports WHERE mended_cells = 0 AND sealed_file IS NOT NULL";
        assert_eq!(count(store, sql).await, 1);
        let file = sealed(store, "SELECT sealed_file FROM imports").await;
        let change = MendImport { revision: 1, cells: vec![cell(4, 0, "Clementina")], ..MendImport::default() };
        assert_eq!(mend(&priya, import.id, &change).await.status, 200);
        assert_eq!(sealed(store, "SELECT sealed_file FROM imports").await, file);
        for sql in ["SELECT sealed_mends FROM imports", "SELECT sealed_recognised FROM imports"] {
            let bytes = sealed(store, sql).await;
            assert!(!bytes.windows(10).any(|window| window == b"Clementina"), "{sql}");
        }
    }

    async fn rows_are_left_out_and_taken_back(store: &TestStore) {
        let priya = authority(store).await;
        let import = put(&priya, new_import(), FILE).await;
        let out = MendImport { revision: 1, leave_out: vec![2, 3, 5], ..MendImport::default() };
        let left: Import = mend(&priya, import.id, &out).await.json();
        let counts = left.counts;
        assert_eq!((counts.rows_left_out, counts.rows_skipped, counts.rows_refused, counts.errors), (3, 3, 1, 1));
        assert_eq!(counts.rows_accepted + counts.rows_refused + counts.rows_skipped, counts.rows_read);
        let back = MendImport { revision: 2, take_back: vec![3], ..MendImport::default() };
        let taken: Import = mend(&priya, import.id, &back).await.json();
        assert_eq!((taken.revision, taken.counts.rows_left_out, taken.counts.rows_refused), (3, 2, 2));
        let row: ImportRow = priya.client.get(&format!("/v1/imports/{}/rows/2", import.id)).await.json();
        assert!(row.left_out && row.findings.is_empty());
    }

    async fn a_row_is_read_with_its_cells_and_findings(store: &TestStore) {
        let priya = authority(store).await;
        let import = put(&priya, new_import(), FILE).await;
        let change = MendImport { revision: 1, cells: vec![cell(2, 1, "Bold-Arabin")], ..MendImport::default() };
        assert_eq!(mend(&priya, import.id, &change).await.status, 200);
        let row: ImportRow = priya.client.get(&format!("/v1/imports/{}/rows/2", import.id)).await.json();
        let cells: Vec<(&str, bool)> = row.cells.iter().map(|cell| (cell.value.as_str(), cell.mended)).collect();
        assert_eq!(cells, [
            ("Eleanor", false), ("Bold-Arabin", true), ("eleanor.bold at example.org", false), ("100008", false),
        ]);
        assert_eq!((row.findings.len(), row.findings[0].code, row.left_out), (1, Code::BadEmail, false));
        assert_eq!(priya.client.get(&format!("/v1/imports/{}/rows/77", import.id)).await.code(), ErrorCode::NotFound);
        let csv = priya.client.get(&format!("/v1/imports/{}/refused.csv", import.id)).await;
        assert!(String::from_utf8(csv.body).unwrap().contains("Bold-Arabin"));
    }

    async fn what_cannot_be_mended_is_refused_with_a_sentence(store: &TestStore) {
        let priya = authority(store).await;
        let import = put(&priya, new_import(), b"Email,First name,Surname,Password\nann@example.org,Ann,Lee,Secret-1\n").await;
        for (change, field) in [
            (MendImport { revision: 1, cells: vec![cell(9, 0, "x")], ..MendImport::default() }, "cells"),
            (MendImport { revision: 1, cells: vec![cell(2, 3, "another")], ..MendImport::default() }, "cells"),
            (MendImport { revision: 1, cells: vec![cell(2, 0, &"x".repeat(1_001))], ..MendImport::default() }, "cells"),
            (MendImport { revision: 1, leave_out: vec![1], ..MendImport::default() }, "leave_out"),
        ] {
            let error = mend(&priya, import.id, &change).await.error();
            assert_eq!((error.code, error.field.as_deref()), (ErrorCode::FieldInvalid, Some(field)));
            assert!(error.message.ends_with('.'), "{}", error.message);
        }
        let worker = store.user(Role::SocialWorker, "Obadiah", "Slope").await;
        let change = MendImport { revision: 1, leave_out: vec![2], ..MendImport::default() };
        assert_eq!(mend(&worker, import.id, &change).await.code(), ErrorCode::Forbidden);
    }

    async fn what_becomes_of_those_who_exist_is_chosen_again(store: &TestStore) {
        let priya = authority(store).await;
        store.user(Role::DesignatedTeacher, "Mark", "Robarts").await;
        let file = b"First name,Surname,Email,URN\nMark,Robarts,mark.robarts@example.org,100005\n";
        let import = put(&priya, new_import(), file).await;
        assert_eq!((import.existing, import.counts.rows_refused), (ExistingUsers::Refuse, 1));
        let change = MendImport { revision: 1, existing: Some(ExistingUsers::Update), ..MendImport::default() };
        let judged: Import = mend(&priya, import.id, &change).await.json();
        assert_eq!((judged.existing, judged.counts.rows_refused, judged.counts.to_update), (ExistingUsers::Update, 0, 1));
    }

    async fn findings_are_filtered_by_kind_and_by_row(store: &TestStore) {
        let priya = authority(store).await;
        let import = put(&priya, new_import(), FINDINGS).await;
        let total: u32 = import.finding_kinds.iter().map(|kind| kind.count).sum();
        assert_eq!(total, 11);
        let of_kind = findings(&priya, import.id, "code=email_names_differ").await;
        assert_eq!(of_kind.rows.iter().map(|finding| finding.row).collect::<Vec<_>>(), [9, 10]);
        let of_row = findings(&priya, import.id, "row=12").await;
        assert_eq!((of_row.rows.len(), of_row.rows[0].code), (1, Code::UnknownUrn));
        let none = findings(&priya, import.id, "code=email_names_differ&severity=warning").await;
        assert_eq!(none.rows, []);
        let paged = findings(&priya, import.id, "code=email_names_differ&limit=1").await;
        let next = findings(&priya, import.id, &format!("code=email_names_differ&limit=1&after={}", paged.after.unwrap())).await;
        assert_eq!((next.rows[0].row, next.after), (10, None));
    }
}

async fn sealed(store: &TestStore, sql: &'static str) -> Vec<u8> {
    let mut conn = store.store.read().await.unwrap();
    both!(&mut conn, c => sqlx::query_scalar(sql).fetch_one(c).await).unwrap()
}
