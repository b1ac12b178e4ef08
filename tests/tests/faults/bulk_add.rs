//! The store is killed in the middle of a bulk add.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use lac_domain::ImportId;
use lac_tests::barsetshire::{Session, Town};
use lac_tests::support::wait::{LONG_ENOUGH, until};
use serde_json::{Value, json};

use crate::chance::{Chance, soaking};

/// How often it is killed.
const KILLS: usize = 4;

/// Users in a file: enough that their words and invitations are made after COMMIT.
fn rows() -> usize {
    if soaking() { 100_000 } else { 2_500 }
}

fn file(round: usize) -> String {
    let mut file = "User First Name,User Last Name,Job Title,Email\n".to_owned();
    for n in 0..rows() {
        writeln!(
            file,
            "Amara,Okafor{round}x{n},Social Worker,amara.okafor{round}x{n}@example.org"
        )
        .unwrap();
    }
    file
}

async fn judge(head: &Session, id: ImportId, file: String) -> Value {
    let path = format!("/v1/imports/{id}?kind=users&role=social_worker&existing=refuse&file_name=staff.csv");
    head.put_file(&path, file.into_bytes()).await.unwrap()
}

fn commit_of(judged: &Value) -> Value {
    json!({ "revision": judged["revision"], "all_or_nothing": true, "invite": true })
}

/// How many users there are, walked page by page.
async fn users(head: &Session) -> usize {
    let (mut count, mut path) = (0, "/v1/users?limit=200".to_owned());
    loop {
        let page: Value = head.get(&path).await.unwrap();
        count += page["rows"].as_array().unwrap().len();
        match page["after"].as_str() {
            Some(after) => path = format!("/v1/users?limit=200&after={after}"),
            None => return count,
        }
    }
}

async fn is_found(head: &Session, search: &str) -> bool {
    let page: Value = head.get(&format!("/v1/users?search={search}")).await.unwrap();
    page["rows"].as_array().unwrap().len() == 1
}

/// The mails that were written as a whole.
fn written(town: &Town) -> Vec<std::path::PathBuf> {
    let entries = std::fs::read_dir(town.store.mails()).unwrap().flatten();
    let files = entries.map(|entry| entry.path());
    files
        .filter(|file| file.extension().is_some_and(|end| end == "eml"))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bulk_add_that_the_store_was_killed_in_is_whole_or_not_there_and_can_be_sent_again() {
    let mut chance = Chance::new();
    let mut town = Town::found().await.unwrap();
    let head = Session::take_up(&town.store.url(), &town.first_code).await.unwrap();
    let mut there = users(&head).await;
    let mut span = Duration::from_millis(500);
    for round in 0..KILLS {
        let id = Session::new_import().unwrap();
        let judged = judge(&head, id, file(round)).await;
        let commit = commit_of(&judged);
        let path = format!("/v1/imports/{id}/commit");
        let (asking, sent, asked) = (head.clone(), commit.clone(), path.clone());
        let asked = tokio::spawn(async move { asking.post::<Value>(&asked, &sent).await });
        if round == 0 {
            // Killed as soon as it has answered: what is done after COMMIT is not done yet.
            let began = Instant::now();
            asked.await.unwrap().unwrap();
            span = began.elapsed();
        } else {
            chance.moment(usize::try_from(span.as_millis()).unwrap() + 1).await;
        }
        town.store.kill();
        town.store.serve().await.unwrap();

        let import: Value = head.get(&format!("/v1/imports/{id}")).await.unwrap();
        let whole = import["status"] == "committed";
        let count = users(&head).await;
        println!("round {round}: {}, {} users added", import["status"], count - there);
        assert_eq!(count, if whole { there + rows() } else { there }, "all or nothing");
        assert!(whole || round > 0, "what was answered is durable");

        let again: Value = head.post(&path, &commit).await.unwrap();
        assert_eq!(again["status"], "committed");
        assert_eq!(again["result"]["created"], json!(rows()));
        there += rows();
        assert_eq!(users(&head).await, there, "each once");
        for n in [0, rows() / 2, rows() - 1] {
            until("the users to be found", LONG_ENOUGH, || async {
                Ok(is_found(&head, &format!("okafor{round}x{n}")).await.then_some(()))
            })
            .await
            .unwrap();
        }
    }
    // What was being sent when the store was killed may have gone already: it waits until that is known, some minutes.
    until("every invitation to be written", LONG_ENOUGH * 5, || async {
        let cut_off = (KILLS * rows()).saturating_sub(written(&town).len());
        let queue = town.store.run(["mails"])?;
        let sending = queue.lines().find_map(|line| line.strip_prefix("Being sent: "));
        let sending: usize = sending.and_then(|count| count.parse().ok()).unwrap_or(usize::MAX);
        let all = queue.starts_with("Waiting: 0\n") && cut_off <= sending && sending <= KILLS;
        Ok(all.then_some(()))
    })
    .await
    .unwrap();
    let mut addressed = std::collections::BTreeSet::new();
    for mail in written(&town) {
        let text = std::fs::read_to_string(mail).unwrap();
        let to = text.lines().find(|line| line.starts_with("To:")).unwrap().to_owned();
        assert!(addressed.insert(to), "nobody is invited twice");
    }
    town.store.stop();
    town.store.run(["audit", "verify"]).unwrap();
}
