use std::path::{Path, PathBuf};

use clap::Parser;
use lac_wire::Import;

use super::*;
use crate::{ImportCommand, both_engines};

#[derive(Parser)]
struct Line {
    #[command(subcommand)]
    command: ImportCommand,
}

async fn run(store: &TestStore, words: &[&str], file: &Path) -> (u8, String) {
    let words = ["import"].iter().chain(words).map(|word| (*word).to_owned());
    let line =
        Line::try_parse_from(words.chain([file.display().to_string()])).unwrap_or_else(|error| panic!("{error}"));
    let mut out = Vec::new();
    let code = line
        .command
        .run(&store.store, &mut out)
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    (code, String::from_utf8(out).unwrap())
}

fn write(store: &TestStore, name: &str, content: &[u8]) -> PathBuf {
    let path = store.folder().join(name);
    std::fs::write(&path, content).unwrap();
    path
}

both_engines! {
    async fn establishments_from_the_command_line(store: &TestStore) {
        let file = write(store, "gias.csv", GIAS);
        let (code, text) = run(store, &["establishments"], &file).await;
        assert_eq!((code, text.lines().count()), (0, 11), "{text}");
        assert!(text.starts_with("warning: row 11: This row has more cells"), "{text}");
        assert!(text.ends_with("19 created, 0 updated, 0 unchanged, 0 refused.\n"), "{text}");
        let (code, text) = run(store, &["establishments"], &file).await;
        assert!(code == 0 && text.ends_with("0 created, 0 updated, 19 unchanged, 0 refused.\n"), "{text}");
        let faulty = b"URN,EstablishmentName,EstablishmentStatus (name)\n12,Nowhere,Open\n";
        let (code, text) = run(store, &["establishments"], &write(store, "faulty.csv", faulty)).await;
        assert!(code == 1 && text.starts_with("error: row 2, URN: "), "{text}");
        for (name, words) in [("users.csv", "URN"), ("nowhere.csv", "no longer there"), (".", "folder")] {
            write(store, "users.csv", GOOD);
            let (code, text) = run(store, &["establishments"], &store.folder().join(name)).await;
            assert!(code == 2 && text.contains(words), "{name}: {text}");
        }
    }

    async fn users_from_the_command_line(store: &TestStore) {
        let priya = authority(store).await;
        let file = write(store, "staff.csv", FINDINGS);
        let before = everything(store).await;
        let words = ["users", "--role", "Designated Teacher"];
        let (code, text) = run(store, &[&words[..], &["--dry-run"]].concat(), &file).await;
        assert_eq!((code, text.lines().count()), (1, 12), "{text}");
        assert!(text.contains("error: row 7, User First Name: There is no first name."), "{text}");
        assert!(text.ends_with("Nothing was changed. 6 users would be created, 0 updated; 0 rows skipped, 8 refused.\n"), "{text}");
        let (code, text) = run(store, &[&words[..], &["--all-or-nothing"]].concat(), &file).await;
        assert!(code == 1 && text.contains("nothing was added"), "{text}");
        assert_eq!(everything(store).await, before);
        let (code, text) = run(store, &[&words[..], &["--invite"]].concat(), &file).await;
        assert_eq!(code, 1);
        assert!(text.ends_with("6 users created, 0 updated; 0 rows skipped, 8 refused; 4 invitations sent.\n"), "{text}");
        let (code, _) = run(store, &words, &write(store, "good.csv", GOOD)).await;
        assert_eq!(code, 0);
        assert_eq!(count(store, "SELECT COUNT(*) FROM users").await, 2 + 6 + 30);
        let page: lac_wire::Page<Import> = priya.client.get("/v1/imports").await.json();
        assert!(page.rows.iter().all(|import| import.begun_by == "Command line"));
        let (code, text) = run(store, &words, &write(store, "empty.csv", b"")).await;
        assert!(code == 2 && text.contains("empty"), "{text}");
    }

    async fn columns_and_invitations_are_told_on_the_command_line(store: &TestStore) {
        authority(store).await;
        let file = write(store, "odd.csv", b"Given;Family;Contact\nAnn;Lee;ann.lee@example.org\n");
        let words = ["users", "--role", "LA User", "--map", "given=first_name", "--map", "Family=last_name"];
        let (code, text) = run(store, &[&words[..], &["--dry-run"]].concat(), &file).await;
        assert!(code == 1 && text.contains("no column “Email”"), "{text}");
        let (code, text) = run(store, &[&words[..], &["--map", "Nowhere=email"]].concat(), &file).await;
        assert!(code == 2 && text.contains("Its headings are: Given, Family, Contact."), "{text}");
        let later = [&words[..], &["--map", "Contact=email", "--invite=2001-01-01T08:00:00Z"]].concat();
        let (code, text) = run(store, &later, &file).await;
        assert!(code == 2 && text.contains("has passed"), "{text}");
        let (code, text) = run(store, &[&words[..], &["--map", "Contact=email"]].concat(), &file).await;
        assert!(code == 0 && text.ends_with("1 users created, 0 updated; 0 rows skipped, 0 refused; 0 invitations sent.\n"), "{text}");
        // What was said of these headings is remembered.
        let next = write(store, "next.csv", b"Given;Family;Contact\nBob;Reed;bob.reed@example.org\n");
        let (code, text) = run(store, &["users", "--role", "LA User", "--invite"], &next).await;
        assert!(code == 0 && text.ends_with("1 invitations sent.\n"), "{text}");
    }
}
