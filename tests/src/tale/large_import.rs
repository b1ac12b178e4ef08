//! A large file, judged and committed, while the window goes on drawing.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use super::bulk_add;
use super::stage::{Stage, sign_in};
use crate::support::frames::{self, Frames};
use crate::support::{Outcome, Trouble};

/// Longer than a large import takes, even in a build for tests on a busy machine.
const LONG: Duration = Duration::from_secs(1800);

/// How long the window is watched while nothing happens in it.
const IDLE: Duration = Duration::from_secs(5);

/// What was measured.
#[derive(Clone, Copy, Debug)]
pub struct Measured {
    /// While nothing happened: what the machine itself allows, beside which the others are to be read.
    pub idle: Frames,
    /// While the file was read, sent and judged, until its findings were on the screen.
    pub judging: Frames,
    /// While it was committed, until its result was on the screen.
    pub committing: Frames,
}

/// Adds so many users from a file, of whom one in ten has a finding, and counts the window's frames meanwhile.
///
/// # Errors
/// With the step that failed.
pub async fn frames_of(rows: u32) -> Outcome<Measured> {
    let stage = Stage::set().await?;
    let head = stage.open_head().await?;
    let page = head.page();
    sign_in(page, "priya.shah@example.org").await?;
    page.find("navigation", "Main").await?;
    let file = stage.head_machine.surroundings().home().join("large.csv");
    write_file(&file, rows)?;
    bulk_add::begin(page).await?;
    bulk_add::choose(&stage, page, &file).await?;
    page.see("Is this what the file holds?").await?;

    frames::begin(page).await?;
    tokio::time::sleep(IDLE).await;
    let idle = frames::end(page).await?;

    let patient = page.with_patience(LONG);
    frames::begin(page).await?;
    page.click("button", "Check the file").await?;
    patient.see("What was found in the file").await?;
    patient.see("The URN is 0").await?;
    let judging = frames::end(page).await?;

    page.click("button", "Continue").await?;
    page.click("radio", "Later, when I say so").await?;
    frames::begin(page).await?;
    page.click("button", "Add").await?;
    patient.see("users were added").await?;
    let committing = frames::end(page).await?;
    Ok(Measured {
        idle,
        judging,
        committing,
    })
}

fn write_file(file: &Path, rows: u32) -> Outcome {
    let mut text = String::from("User First Name,User Last Name,Email,School Reference Number (URN)\n");
    for row in 0..rows {
        let urn = if row % 10 == 3 { 0 } else { 990_101 + row % 12 };
        writeln!(text, "Ann,Number{row},ann.number{row}@example.org,{urn}").map_err(Trouble::during("a large file"))?;
    }
    Ok(std::fs::write(file, text)?)
}
