//! A school becomes an academy: the DfE's two files, and one step that takes its teachers and pupils along.

use super::stage::{Stage, show};
use crate::barsetshire::fixtures;
use crate::support::Outcome;
use crate::support::desktop::Desktop;
use crate::support::dialogs;
use crate::support::page::Page;
use crate::support::story::Story;

/// Reads both files and moves everybody.
///
/// # Errors
/// With the step that failed.
pub async fn become_an_academy(story: &mut Story, stage: &Stage, head: &Desktop) -> Outcome {
    let page = head.page();
    story
        .step("A year later she reads the DfE's new file of establishments", async {
            page.click("link", "Establishments").await?;
            page.click("link", "Read a DfE file").await?;
            choose(stage, page, "establishments-a-year-later.csv").await?;
            page.click("button", "Check the file").await?;
            page.see("1 establishment in use here closes with this file: Riverside Primary School")
                .await
        })
        .await?;
    show(story, page, "What the DfE's file would do").await?;
    story
        .step("Then which became which", async {
            page.click("button", "Read in 2 establishments").await?;
            page.see("1 new, 1 changed").await?;
            page.click("button", "Read the links file too").await?;
            choose(stage, page, "links.csv").await?;
            page.click("button", "Check the file").await?;
            page.click("button", "Read in 1 change").await?;
            page.click("link", "Changes to look at").await?;
            page.see("Riverside Primary School became Riverside Academy on 1 September 2026")
                .await
        })
        .await?;
    show(story, page, "Changes of establishments to look at").await?;
    story
        .step("She moves its users and pupils in one step", async {
            page.click("button", "Move them to Riverside Academy").await?;
            page.click("button", "Move them all").await?;
            page.see("Nothing to look at").await?;
            page.click("link", "Establishments").await?;
            page.click("link", "Riverside Academy").await?;
            page.see("Helen Okafor").await
        })
        .await?;
    show(story, page, "The academy and who is linked to it").await
}

async fn choose(stage: &Stage, page: &Page, file: &str) -> Outcome {
    page.click("button", "Choose a file").await?;
    dialogs::open_file(
        stage.head_machine.surroundings(),
        "Choose a file of the DfE",
        &fixtures().join(file),
    )
    .await?;
    page.see(file).await
}
