//! Users added in bulk from a CSV file, through the system's own dialogs.

use std::path::Path;

use super::stage::{Stage, show};
use crate::barsetshire::fixtures;
use crate::support::Outcome;
use crate::support::desktop::Desktop;
use crate::support::dialogs;
use crate::support::page::Page;
use crate::support::story::Story;

/// Thirty good rows.
///
/// # Errors
/// With the step that failed.
pub async fn good_rows(story: &mut Story, stage: &Stage, head: &Desktop) -> Outcome {
    let page = head.page();
    let folder = stage.head_machine.surroundings().home();
    let template = folder.join("template.csv");
    story
        .step("Bulk add users: she chooses the role and saves the template", async {
            page.click("link", "Users").await?;
            page.click("link", "Bulk add users").await?;
            page.click("radio", "Designated Teacher").await?;
            page.click("button", "Continue").await?;
            page.click("button", "Save the template").await?;
            dialogs::save_file(stage.head_machine.surroundings(), "Save as", &template).await?;
            holds(&template, "User First Name,User Last Name,Job Title,Email,Phone").await
        })
        .await?;
    show(story, page, "Bulk add choosing a file").await?;
    story
        .step("She chooses a file with thirty rows", choose(stage, page, "users.csv"))
        .await?;
    show(story, page, "What was recognised").await?;
    story
        .step("The store judges it: thirty users, nothing to mend", async {
            page.click("button", "Check the file").await?;
            page.see("30 users will be added").await
        })
        .await?;
    show(story, page, "Thirty good rows").await?;
    story
        .step("She adds them", async {
            page.click("button", "Add 30 users").await?;
            page.see("30 users were added").await
        })
        .await?;
    show(story, page, "The result of thirty good rows").await
}

/// Seven errors and three warnings.
///
/// # Errors
/// With the step that failed.
pub async fn findings(story: &mut Story, stage: &Stage, head: &Desktop) -> Outcome {
    let page = head.page();
    story
        .step("Another file has seven errors and three warnings", async {
            page.click("link", "Users").await?;
            page.click("link", "Bulk add users").await?;
            page.click("radio", "Designated Teacher").await?;
            page.click("button", "Continue").await?;
            choose(stage, page, "users-with-findings.csv").await?;
            page.click("button", "Check the file").await?;
            page.see("6 users will be added").await
        })
        .await?;
    show(story, page, "Every finding with row column and sentence").await?;
    story
        .step("Each is named by row, column and a sentence", async {
            let sentences = [
                "There is no first name",
                "ivy.nolan at example.org",
                "s.parry@example.org",
                "Priya.Shah@EXAMPLE.org",
                "No establishment here has the URN 999999",
                "This row has 4 cells",
                "This row has text in cell 8",
                "The URN is 0",
                "There is no URN",
                "the UPN is not read",
            ];
            for sentence in sentences {
                page.see(sentence).await?;
            }
            Ok(())
        })
        .await?;
    story
        .step("She takes the good rows", async {
            page.click("button", "Add 6 users").await?;
            page.see("6 users were added").await
        })
        .await?;
    show(story, page, "The good rows were taken").await
}

async fn choose(stage: &Stage, page: &Page, file: &str) -> Outcome {
    page.click("button", "Choose a file").await?;
    let path = fixtures().join(file);
    dialogs::open_file(stage.head_machine.surroundings(), "Choose a file of users", &path).await?;
    page.see(file).await
}

async fn holds(file: &Path, text: &str) -> Outcome {
    crate::support::wait::until(
        &format!("{} to be written", file.display()),
        crate::support::wait::LONG_ENOUGH,
        || async {
            Ok(std::fs::read_to_string(file)
                .is_ok_and(|found| found.contains(text))
                .then_some(()))
        },
    )
    .await
}
