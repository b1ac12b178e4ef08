use lac_import::{Column, ColumnChoice, ColumnState, FindingCode as Code};
use lac_wire::{ErrorCode, Import, ImportKind, MendImport, RememberedMapping, RememberedQuery};

use super::*;
use crate::both_engines;

const FILE: &[u8] = b"Given,Family,Contact,Site\nAnn,Lee,ann.lee@example.org,100008\n";

async fn put_mapped(user: &TestUser, id: ImportId, mapping: &[ColumnChoice], file: &[u8]) -> Reply {
    let json = serde_json::to_string(mapping).unwrap();
    let mapping: String = json.bytes().map(|byte| format!("%{byte:02X}")).collect();
    let path = format!(
        "/v1/imports/{id}?kind=users&role=designated_teacher&existing=refuse&file_name=staff.csv&mapping={mapping}"
    );
    user.client
        .send_bytes(Method::PUT, &path, file.to_vec(), "text/csv", new_uuid())
        .await
}

fn choices() -> Vec<ColumnChoice> {
    let columns = [Column::FirstName, Column::LastName, Column::Email, Column::Urn];
    (0..)
        .zip(columns)
        .map(|(index, column)| ColumnChoice { index, column })
        .collect()
}

fn states(import: &Import) -> Vec<ColumnState> {
    let columns = import.recognised.as_ref().unwrap().columns.iter();
    columns.map(|column| column.state).collect()
}

both_engines! {
    async fn what_a_person_says_of_columns_is_remembered_for_the_same_headings(store: &TestStore) {
        let priya = authority(store).await;
        let unknown = put(&priya, new_import(), FILE).await;
        assert!(unknown.blocked && states(&unknown).contains(&ColumnState::Unrecognised));
        let mapped: Import = put_mapped(&priya, new_import(), &choices(), FILE).await.json();
        assert_eq!((mapped.blocked, mapped.counts.to_create), (false, 1));
        assert_eq!(states(&mapped), [ColumnState::Chosen; 4]);

        // The next file with the same headings, in another order and spelling, is known.
        let next = b"SITE;contact;Given;Family\n100005;bob.reed@example.org;Bob;Reed\n";
        let import = put(&priya, new_import(), next).await;
        assert_eq!((import.blocked, import.counts.to_create), (false, 1));
        assert_eq!(states(&import), [ColumnState::Remembered; 4]);
        let query = RememberedQuery {
            kind: ImportKind::Users,
            headings: ["Family", "Site", "Given", "Contact"].map(str::to_owned).to_vec(),
        };
        let found: RememberedMapping = priya.client.post("/v1/imports/mapping", &query).await.json();
        let found: Vec<Column> = found.columns.iter().map(|choice| choice.column).collect();
        assert_eq!(found, [Column::LastName, Column::Urn, Column::FirstName, Column::Email]);
        // It is committed as it was judged.
        assert_eq!(commit(&priya, &import, true).await.json::<Import>().result.unwrap().created, 1);
        // Other headings are others.
        let other = RememberedQuery { kind: ImportKind::Users, headings: vec!["Given".to_owned()] };
        let none: RememberedMapping = priya.client.post("/v1/imports/mapping", &other).await.json();
        assert_eq!(none.columns, []);
    }

    async fn columns_are_chosen_on_a_file_that_was_judged(store: &TestStore) {
        let priya = authority(store).await;
        let import = put(&priya, new_import(), FILE).await;
        let change = MendImport { revision: 1, mapping: Some(choices()), ..MendImport::default() };
        let mapped: Import = mend(&priya, import.id, &change).await.json();
        assert_eq!((mapped.revision, mapped.blocked, mapped.counts.to_create), (2, false, 1));
        let fewer = MendImport { revision: 2, mapping: Some(choices()[..2].to_vec()), ..MendImport::default() };
        let blocked: Import = mend(&priya, import.id, &fewer).await.json();
        assert!(blocked.blocked && blocked.finding_kinds.iter().any(|kind| kind.code == Code::MissingColumn));
    }

    async fn a_password_is_neither_read_nor_kept(store: &TestStore) {
        let priya = authority(store).await;
        let file = b"Email,First name,Surname,Initial password\nann.lee@example.org,Ann,Lee,Hunter-22\n";
        let mut mapping = vec![ColumnChoice { index: 3, column: Column::JobTitle }];
        let import: Import = put_mapped(&priya, new_import(), &mapping, file).await.json();
        assert_eq!(import.recognised.as_ref().unwrap().columns[3].state, ColumnState::Ignored);
        let sample = serde_json::to_string(&import.recognised).unwrap();
        assert!(!sample.contains("Hunter"), "{sample}");
        // Not even in the file that is kept: it is opened here as a commit opens it.
        let row = crate::imports::rows::find(&mut store.store.read().await.unwrap(), import.id).await.unwrap().unwrap();
        let kept = crate::imports::receive::open_file(&store.store, &row).await.unwrap_or_else(|error| panic!("{error}"));
        assert_eq!(kept, b"Email,First name,Surname,Initial password\nann.lee@example.org,Ann,Lee,\n");
        mapping[0].column = Column::Password;
        assert_eq!(put_mapped(&priya, new_import(), &mapping, file).await.status, 200);
        let hashed = "SELECT COUNT(*) FROM users WHERE password_hash IS NOT NULL AND import_id IS NOT NULL";
        assert_eq!(commit(&priya, &import, false).await.status, 200);
        assert_eq!(count(store, hashed).await, 0);
    }

    async fn a_mapping_of_another_form_is_refused(store: &TestStore) {
        let priya = authority(store).await;
        let path = format!(
            "/v1/imports/{}?kind=users&role=la_user&existing=refuse&file_name=x.csv&mapping=no",
            new_import()
        );
        let reply = priya.client.send_bytes(Method::PUT, &path, FILE.to_vec(), "text/csv", new_uuid()).await;
        assert_eq!((reply.code(), reply.error().field.as_deref()), (ErrorCode::FieldInvalid, Some("mapping")));
        let path = format!("/v1/imports/{}?kind=users&existing=refuse&file_name=x.csv", new_import());
        let reply = priya.client.send_bytes(Method::PUT, &path, FILE.to_vec(), "text/csv", new_uuid()).await;
        assert_eq!((reply.code(), reply.error().field.as_deref()), (ErrorCode::FieldInvalid, Some("role")));
    }
}
