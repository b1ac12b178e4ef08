//! The stage: a store, two computers, and the cable between the teacher's and the store.

use std::sync::Arc;

use tokio::sync::Mutex;

use crate::barsetshire::{Barsetshire, PASSWORD, Town};
use crate::support::cable::Cable;
use crate::support::desktop::{Desktop, Launch, axe};
use crate::support::display::Display;
use crate::support::machine::Machine;
use crate::support::page::Page;
use crate::support::story::Story;
use crate::support::{Outcome, Trouble};

/// What the story is played on.
pub struct Stage {
    /// The store, and the schools in it.
    pub town: Town,
    /// The people, pupils and conversations.
    pub barsetshire: Barsetshire,
    /// The Super User's computer.
    pub head_machine: Machine,
    /// The Designated Teacher's computer.
    pub teacher_machine: Machine,
    /// The network between the teacher and the store.
    pub cable: Mutex<Cable>,
}

impl Stage {
    /// Sets everything up.
    ///
    /// # Errors
    /// When something that it needs is missing or does not start.
    pub async fn set() -> Outcome<Self> {
        Self::with(Machine::start().await?, Machine::start().await?).await
    }

    /// Sets everything up, both computers on one screen.
    ///
    /// # Errors
    /// When something that it needs is missing or does not start.
    pub async fn set_on(display: Arc<Display>) -> Outcome<Self> {
        Self::with(
            Machine::start_on(Arc::clone(&display)).await?,
            Machine::start_on(display).await?,
        )
        .await
    }

    async fn with(head_machine: Machine, teacher_machine: Machine) -> Outcome<Self> {
        let town = Town::found().await?;
        let barsetshire = town.people().await?;
        let cable = Mutex::new(Cable::to(town.store.address()).await?);
        Ok(Self {
            town,
            barsetshire,
            head_machine,
            teacher_machine,
            cable,
        })
    }

    /// Opens the Super User's desktop.
    ///
    /// # Errors
    /// When no window comes.
    pub async fn open_head(&self) -> Outcome<Desktop> {
        let launch = Launch::profile("head")?.with("LAC_STORE", &self.town.store.url());
        Desktop::start(self.head_machine.surroundings(), &launch).await
    }

    /// Opens the teacher's desktop, which reaches the store through the cable.
    ///
    /// # Errors
    /// When no window comes.
    pub async fn open_teacher(&self) -> Outcome<Desktop> {
        let url = self.cable.lock().await.url();
        let launch = Launch::profile("teacher")?.with("LAC_STORE", &url);
        Desktop::start(self.teacher_machine.surroundings(), &launch).await
    }
}

/// Pictures a screen, and has axe look at it.
///
/// # Errors
/// When it cannot be pictured, or axe finds something.
pub async fn show(story: &mut Story, page: &Page, caption: &str) -> Outcome {
    story.picture_of_window(page, caption).await?;
    page.is_accessible(caption, &axe()).await
}

/// Signs in through the ordinary screen.
///
/// # Errors
/// When a step of it fails.
pub async fn sign_in(page: &Page, email: &str) -> Outcome {
    page.click("button", "Sign in").await?;
    page.fill("E-mail address", email).await?;
    page.fill("Password", PASSWORD).await?;
    page.click("button", "Sign in").await
}

/// The Super User signs in.
///
/// # Errors
/// With the step that failed.
pub async fn sign_in_head(story: &mut Story, stage: &Stage) -> Outcome<Desktop> {
    let head = story
        .step("The Virtual School Head opens Looked After Call", stage.open_head())
        .await?;
    let page = head.page().clone();
    story
        .step(
            "The store's address is there already, set by IT",
            page.see("Barsetshire Virtual School"),
        )
        .await?;
    show(story, &page, "The way in").await?;
    story
        .step("She signs in", async {
            sign_in(&page, "priya.shah@example.org").await?;
            page.find("navigation", "Main").await?;
            page.see("A look around").await
        })
        .await?;
    show(story, &page, "What needs her").await?;
    story
        .step("She opens her inbox", async {
            page.click("link", "Messages").await?;
            page.see("Reading support this half term").await
        })
        .await?;
    show(story, &page, "Her inbox").await?;
    story
        .step("The local store is sealed, its key is in the keyring", async {
            let mut databases = Vec::new();
            find_databases(&stage.head_machine.surroundings().home(), &mut databases)?;
            match databases.as_slice() {
                [database] if !std::fs::read(database)?.starts_with(b"SQLite format 3") => Ok(()),
                [_] => Err(Trouble::new("the local store is not sealed")),
                several => Err(Trouble::new(format!("{} local stores instead of one", several.len()))),
            }
        })
        .await?;
    Ok(head)
}

fn find_databases(folder: &std::path::Path, found: &mut Vec<std::path::PathBuf>) -> Outcome {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() && !path.is_symlink() {
            find_databases(&path, found)?;
        } else if path.ends_with("store.db") {
            found.push(path);
        }
    }
    Ok(())
}
