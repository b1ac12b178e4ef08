//! A teacher's window: what needs her, finding a child by keyboard, locking it, and unlocking it with no network.

use std::path::Path;

use thirtyfour::Key;

use super::stage::{Stage, show, sign_in};
use crate::barsetshire::PASSWORD;
use crate::support::process::output;
use crate::support::story::Story;
use crate::support::{Outcome, Trouble};

/// Tells it, and leaves its pictures and its account in a folder.
///
/// # Errors
/// With the first step that failed.
pub async fn tell_lock(folder: &Path) -> Outcome {
    let mut story = Story::begin(folder, "Home, finding, and the lock")?;
    let stage = story
        .step("A store is set up for Barsetshire, a fictional authority", Stage::set())
        .await?;
    let teacher = story
        .step("A teacher signs in and is shown around", async {
            let teacher = stage.open_teacher().await?;
            sign_in(teacher.page(), "helen.okafor@example.org").await?;
            teacher.page().see("A look around: 1 of 4").await?;
            teacher.page().click("button", "Next").await?;
            teacher.page().see("A look around: 2 of 4").await?;
            Ok(teacher)
        })
        .await?;
    let page = teacher.page().clone();
    show(&mut story, &page, "Home").await?;
    story
        .step("She skips the rest", async {
            page.click("button", "Skip").await?;
            page.see_no_more("A look around").await
        })
        .await?;
    story
        .step("Ctrl+K finds a child by the beginning of the name", async {
            page.press(Key::Control + "k").await?;
            page.find("combobox", "Find pupils").await?;
            page.press("tom re").await?;
            page.see("Tom Reed").await
        })
        .await?;
    show(&mut story, &page, "Finding anything").await?;
    story
        .step("Enter opens the child's page", async {
            page.press(Key::Enter.value().to_string()).await?;
            page.find("heading", "Tom Reed").await.map(drop)
        })
        .await?;
    story
        .step("She begins a message, and locks the window before it is saved", async {
            page.press(Key::Control + "n").await?;
            page.fill("Subject", "Half a thought").await?;
            page.press(Key::Control + "l").await?;
            page.find("heading", "Locked").await.map(drop)
        })
        .await?;
    show(&mut story, &page, "Locked").await?;
    story
        .step("Nothing of what was there is left in the window", async {
            let source = page.driver().source().await?;
            match ["Tom Reed", "Half a thought"]
                .iter()
                .find(|text| source.contains(**text))
            {
                Some(text) => Err(Trouble::new(format!("the page still holds {text}"))),
                None => Ok(()),
            }
        })
        .await?;
    story
        .step("The network is gone; a wrong password opens nothing", async {
            stage.cable.lock().await.cut().await;
            page.fill("Password", "not-the-password-1").await?;
            page.click("button", "Unlock").await?;
            page.see("That is not the password").await
        })
        .await?;
    show(&mut story, &page, "A wrong password").await?;
    story
        .step("Hers does, offline, and what she wrote is there", async {
            page.fill("Password", PASSWORD).await?;
            page.click("button", "Unlock").await?;
            page.find("navigation", "Main").await?;
            page.click("link", "Messages").await?;
            page.click("link", "Drafts").await?;
            page.see("Half a thought").await
        })
        .await?;
    show(&mut story, &page, "Unlocked").await?;
    story
        .step("When the computer's own screen is locked, so is the window", async {
            let mut says = stage.teacher_machine.surroundings().command("gdbus");
            says.args(["emit", "--session", "--object-path=/org/gnome/ScreenSaver"]);
            says.args(["--signal=org.gnome.ScreenSaver.ActiveChanged", "true"]);
            output(&mut says)?;
            page.find("heading", "Locked").await.map(drop)
        })
        .await
}
