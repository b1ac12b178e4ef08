use chrono::NaiveDate;
use lac_domain::PupilId;
use lac_wire::{PupilNote, PupilRecord};

use super::*;
use crate::both_engines;
use crate::imports::{PupilFileCommand, PupilFolderCommand};

#[derive(clap::Parser)]
enum Line {
    Pupils(PupilFileCommand),
    PupilsFolder(PupilFolderCommand),
}

async fn says<const N: usize>(store: &TestStore, arguments: [&str; N]) -> (u8, String) {
    let line = <Line as clap::Parser>::try_parse_from(["import"].into_iter().chain(arguments)).unwrap();
    let mut out = Vec::new();
    let code = match line {
        Line::Pupils(command) => command.run(&store.store, &mut out).await,
        Line::PupilsFolder(command) => command.run(&store.store, &mut out).await,
    };
    (
        code.unwrap_or_else(|error| panic!("{error}")),
        String::from_utf8(out).unwrap(),
    )
}

struct Files(tempfile::TempDir);

impl Files {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, rows: &[&str]) -> String {
        let path = self.0.path().join(name);
        std::fs::write(&path, format!("{HEADINGS}\r\n{}\r\n", rows.join("\r\n"))).unwrap();
        path.to_string_lossy().into_owned()
    }
}

async fn record(store: &TestStore, id: PupilId) -> PupilRecord {
    store
        .super_user
        .client
        .get(&format!("/v1/pupils/{id}/record"))
        .await
        .json()
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

both_engines! {
    async fn a_file_adds_changes_and_leaves_alone(store: &TestStore) {
        let (one, two) = (urn(store, "Riverside Primary", "100001").await, urn(store, "Plumstead High", "100002").await);
        let (here, there) = (store.teacher("Eleanor", "Bold", one).await, store.teacher("Mark", "Robarts", two).await);
        let worker = store.user(Role::SocialWorker, "Josiah", "Crawley").await;
        let files = Files::new();
        let path = files.put("a.csv", &[TOM, UNA, ",Vic,,,04/05/2013,,,,,,,,R3"]);
        let imports = async || count(store, "SELECT COUNT(*) FROM imports").await;
        let (code, said) = says(store, ["pupils", &path, "--dry-run"]).await;
        assert_eq!(imports().await, 0, "what is only said is not kept");
        assert!(code == 1 && said.contains("2 to add") && said.contains("Nothing was changed."), "{said}");
        assert_eq!(pupils(&store.super_user).await, []);
        let (code, said) = says(store, ["pupils", &path]).await;
        assert!(code == 1 && said.contains("1 rows refused") && said.ends_with("Done.\n"), "{said}");
        assert!(said.contains("Row 4, Pupil Last Name: error:"), "{said}");
        assert_eq!((names(&here).await, names(&there).await), (vec!["Tommy Reed".to_owned()], vec!["Una Slope".to_owned()]));
        let tom = pupils(&here).await[0].id;
        let made = record(store, tom).await;
        assert_eq!(made.pupil.social_worker.as_ref().and_then(|one| one.user_id), Some(worker.id));

        // The same again changes nothing.
        let (code, said) = says(store, ["pupils", &path]).await;
        assert!(code == 1 && said.contains("0 to add, 0 to change, 2 unchanged"), "{said}");
        assert_eq!(record(store, tom).await.revision, made.revision);

        // Tom has moved, and got another name.
        let moved = "B801200005001,Thomas,Reed,,04/05/2014,100002,,16/11/2026,,10/01/2025,,,R1";
        let (code, said) = says(store, ["pupils", &files.put("b.csv", &[moved, UNA])]).await;
        assert!(code == 0 && said.contains("1 to change, 1 unchanged"), "{said}");
        let after = record(store, tom).await;
        assert_eq!(after.pupil.legal_first_name.as_ref().unwrap().reveal(), "Thomas");
        assert_eq!(after.pupil.known_as.reveal(), "Tommy Reed", "what the file leaves blank stays");
        let ends: Vec<_> = after.pupil.enrolments.iter().map(|one| (one.start, one.end)).collect();
        assert_eq!(ends, [(day("2024-09-03"), Some(day("2026-11-15"))), (day("2026-11-16"), None)]);
        assert_eq!((names(&here).await.len(), names(&there).await.len()), (0, 2));
        let notes: Page<PupilNote> = store.super_user.client.get(&format!("/v1/pupils/{tom}/notes")).await.json();
        assert_eq!(notes.rows.len(), 4);
        assert!(notes.rows.iter().all(|note| note.who.is_none()));
    }

    async fn missing_pupils_are_listed_and_never_closed(store: &TestStore) {
        urn(store, "Riverside Primary", "100001").await;
        urn(store, "Plumstead High", "100002").await;
        let files = Files::new();
        says(store, ["pupils", &files.put("a.csv", &[TOM, UNA])]).await;
        let (code, said) = says(store, ["pupils", &files.put("b.csv", &[UNA])]).await;
        assert!(code == 0 && said.contains("Looked after here, and not in the file: reference R1."), "{said}");
        assert!(pupils(&store.super_user).await.iter().all(|pupil| pupil.looked_after));
    }

    async fn a_file_that_ends_care_for_many_changes_nothing_and_asks(store: &TestStore) {
        let files = Files::new();
        let row = |number: usize, ended: &str| format!(",Ada,Reed,,04/05/2014,,,,,10/01/2025,{ended},,R{number}");
        let write = |name: &str, gone: usize| {
            let rows: Vec<String> = (0..20).map(|number| row(number, if number < gone { "20/11/2026" } else { "" })).collect();
            files.put(name, &rows.iter().map(String::as_str).collect::<Vec<_>>())
        };
        says(store, ["pupils", &write("a.csv", 0)]).await;
        let many = write("b.csv", 3);
        let (code, said) = says(store, ["pupils", &many]).await;
        assert!(code == 2 && said.contains("would end the care of 3 of 20"), "{said}");
        let looked_after = async || pupils(&store.super_user).await.iter().filter(|one| one.looked_after).count();
        assert_eq!(looked_after().await, 20);
        // A tenth is not more than a tenth.
        let (code, _) = says(store, ["pupils", &write("c.csv", 2)]).await;
        assert_eq!((code, looked_after().await), (0, 18));
        let (code, said) = says(store, ["pupils", &many, "--confirm"]).await;
        assert!(code == 0, "{said}");
        assert_eq!(looked_after().await, 17);
    }

    async fn no_number_leads_to_another_child_nor_to_a_closed_record(store: &TestStore) {
        urn(store, "Riverside Primary", "100001").await;
        urn(store, "Plumstead High", "100002").await;
        let files = Files::new();
        says(store, ["pupils", &files.put("a.csv", &[TOM, UNA])]).await;
        let tom = pupils(&store.super_user).await.iter().find(|one| one.known_as.reveal() == "Tommy Reed").unwrap().id;
        let others = [
            "B801200005001,Tom,Reed,,05/05/2014,,,,,,,,",
            "B801200005001,Tom,Reed,,04/05/2014,,,,,,,,R2",
            "B801200005001,Tom,Reed,,04/05/2014,,,,,,,,R9",
        ];
        for row in others {
            let (code, said) = says(store, ["pupils", &files.put("b.csv", &[row])]).await;
            assert!(code == 1 && said.contains("0 to add, 0 to change"), "{said}");
        }
        let adoption = serde_json::json!({ "on": "2026-11-20" });
        let path = format!("/v1/pupils/{tom}/adoption");
        assert_eq!(store.super_user.client.post(&path, &adoption).await.status, 204);
        let (code, said) = says(store, ["pupils", &files.put("c.csv", &[TOM, UNA])]).await;
        assert!(code == 1 && said.contains("takes no changes from a file") && said.contains("1 unchanged"), "{said}");
        assert!(record(store, tom).await.pupil.adopted);
    }

    async fn a_later_date_that_is_held_stands(store: &TestStore) {
        urn(store, "Riverside Primary", "100001").await;
        let files = Files::new();
        says(store, ["pupils", &files.put("a.csv", &[TOM])]).await;
        let tom = pupils(&store.super_user).await[0].id;
        let id = record(store, tom).await.care_periods[0].id;
        let change = serde_json::json!({ "revision": null, "change": {
            "kind": "change", "id": id, "entry": { "start": "2025-01-10", "end": "2026-11-22" },
        }});
        assert_eq!(store.super_user.client.post(&format!("/v1/pupils/{tom}/care-periods"), &change).await.status, 200);
        // The file is of the day before, and does not know.
        let (code, said) = says(store, ["pupils", &files.put("b.csv", &[TOM]), "--as-at", "2026-11-21"]).await;
        assert!(code == 0 && said.contains("1 unchanged"), "{said}");
        assert_eq!(record(store, tom).await.care_periods[0].end, Some(day("2026-11-22")));
    }

    async fn a_folder_is_emptied_each_file_with_its_report(store: &TestStore) {
        urn(store, "Riverside Primary", "100001").await;
        let files = Files::new();
        let folder = files.0.path().to_string_lossy().into_owned();
        files.put("night.csv", &[TOM]);
        std::fs::write(files.0.path().join("broken.csv"), "a,b\r\n1,2\r\n").unwrap();
        std::fs::write(files.0.path().join("note.txt"), "not a file of pupils").unwrap();
        let (code, said) = says(store, ["pupils-folder", &folder, "--once", "--every", "1"]).await;
        assert_eq!(code, 0, "{said}");
        assert_eq!(pupils(&store.super_user).await.len(), 1);
        let list = |part: &str| {
            let mut names: Vec<String> = std::fs::read_dir(files.0.path().join(part)).unwrap()
                .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
            names.sort();
            names
        };
        assert_eq!(list("taken"), ["2026-11-23 09.00.00 night.csv", "2026-11-23 09.00.00 night.txt"]);
        assert_eq!(list("stopped"), ["2026-11-23 09.00.00 broken.csv", "2026-11-23 09.00.00 broken.txt"]);
        assert!(files.0.path().join("note.txt").exists() && !files.0.path().join("night.csv").exists());
        let lock = std::fs::File::open(files.0.path().join(".looked-after-call.lock")).unwrap();
        lock.lock().unwrap();
        let (code, said) = says(store, ["pupils-folder", &folder, "--once", "--every", "1"]).await;
        assert!(code == 2 && said.contains("Another program"), "{said}");
    }
}
