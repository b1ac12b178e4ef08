//! Users added in bulk from a CSV file: saved, filled, dropped on the window, mended in place, committed, undone.

use std::path::{Path, PathBuf};

use thirtyfour::Key;

use super::stage::{Stage, show};
use crate::barsetshire::{Session, fixtures};
use crate::support::desktop::Desktop;
use crate::support::page::Page;
use crate::support::story::Story;
use crate::support::wait::{LONG_ENOUGH, until};
use crate::support::{Outcome, Trouble};
use crate::support::{dialogs, drop};

/// Thirty good rows, from the template to thirty users.
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
    let filled = story
        .step("She fills it with thirty rows", async { fill(&template) })
        .await?;
    story
        .step("She drags the file over the window: it says what will happen", async {
            let over = async { page.see("Let go to choose this file").await };
            drop::drop_file(stage.head_machine.surroundings(), head, &filled, over).await
        })
        .await?;
    story
        .step("She lets it go: its columns are recognised", async {
            page.see("template filled.csv").await?;
            page.see("This is the template of Looked After Call").await
        })
        .await?;
    head.place(40, 10, 1280, 800).await?;
    show(story, page, "What was recognised").await?;
    story
        .step("The store judges it: thirty users, nothing to mend", async {
            page.click("button", "Check the file").await?;
            page.see("30 users will be added.").await
        })
        .await?;
    show(story, page, "Thirty good rows and the choices").await?;
    story
        .step("She adds them, and they are invited at once", async {
            page.click("button", "Add 30 users").await?;
            page.see("30 users were added").await?;
            page.see("30 invitations sent").await?;
            page.find("link", "Chloé Fontaine").await.map(std::mem::drop)
        })
        .await?;
    show(story, page, "The result of thirty good rows").await
}

/// What is wrong is named, mended in place, left out, added; then undone for all but the one who has signed in.
///
/// # Errors
/// With the step that failed.
pub async fn findings(story: &mut Story, stage: &Stage, head: &Desktop) -> Outcome {
    let page = head.page();
    story
        .step("Another file has errors and warnings", async {
            begin(page).await?;
            choose(stage, page, &fixtures().join("users-with-findings.csv")).await?;
            page.click("button", "Check the file").await?;
            page.see("6 users will be added, 7 rows will not be taken.").await
        })
        .await?;
    story
        .step("Each is named by row, column and a sentence", named(page))
        .await?;
    show(story, page, "Every finding with row column and sentence").await?;
    mend(story, page).await?;
    story
        .step("She leaves a row out by hand, and takes it back", async {
            page.fill("Row", "12").await?;
            page.click("button", "Look at it").await?;
            page.find("heading", "Row 12").await?;
            page.click("button", "Leave it out").await?;
            page.see("Row 12 is left out.").await?;
            page.click("button", "Take row 12 back").await?;
            page.see("Row 12 is taken back.").await
        })
        .await?;
    story
        .step("Only the errors of one kind", async {
            page.choose("Show", "Warnings (4)").await?;
            page.see_no_more("This row has 4 cells").await?;
            page.choose("Show", "All (9)").await
        })
        .await?;
    story
        .step("She takes the good rows, and invites nobody yet", async {
            page.click("button", "Continue").await?;
            page.see("8 users will be added, 5 rows will not be taken.").await?;
            page.click("radio", "Later, when I say so").await
        })
        .await?;
    show(story, page, "The choices before anything is changed").await?;
    story
        .step("She adds them", async {
            page.click("button", "Add 8 users").await?;
            page.see("8 users were added").await?;
            page.see("Nobody has been invited yet").await
        })
        .await?;
    show(story, page, "The good rows were taken").await?;
    refused_rows(story, stage, page).await?;
    undo(story, stage, page).await
}

async fn named(page: &Page) -> Outcome {
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
}

/// Two cells, one with the mouse and one with the keyboard alone.
async fn mend(story: &mut Story, page: &Page) -> Outcome {
    story
        .step("She clicks the empty first name of row 6 and types it", async {
            page.click("cell", "row 6, User First Name").await?;
            page.find("textbox", "User First Name, row 6").await?;
            page.press("Jo").await
        })
        .await?;
    show(story, page, "A cell mended in place").await?;
    story
        .step(
            "Enter saves it: the row is judged at once, and she stands on the next",
            async {
                page.press(Key::Enter.value().to_string()).await?;
                page.see("Row 6 has no error now.").await?;
                page.see("7 users will be added, 6 rows will not be taken.").await
            },
        )
        .await?;
    story
        .step("With the keyboard alone she mends the address of row 7", async {
            page.press(Key::F2.value().to_string()).await?;
            page.find("textbox", "Email, row 7").await?;
            page.press("ivy.nolan@example.org").await?;
            page.press(Key::Enter.value().to_string()).await?;
            page.see("Row 7 has no error now.").await?;
            page.see("8 users will be added, 5 rows will not be taken.").await
        })
        .await?;
    show(story, page, "Two cells mended and the row around the next").await
}

async fn refused_rows(story: &mut Story, stage: &Stage, page: &Page) -> Outcome {
    let file = stage.head_machine.surroundings().home().join("to mend.csv");
    story
        .step("She saves the refused rows, each with what to mend", async {
            page.click("button", "Save the refused rows").await?;
            dialogs::save_file(stage.head_machine.surroundings(), "Save as", &file).await?;
            holds(&file, "What to mend").await?;
            holds(&file, "Leo,Barnes").await
        })
        .await
}

/// One of them takes up the invitation; the undo leaves that one, says why, and removes the others.
async fn undo(story: &mut Story, stage: &Stage, page: &Page) -> Outcome {
    story
        .step("She invites them now: those who are linked", async {
            page.click("button", "Invite them now").await?;
            page.see("6 invitations sent").await
        })
        .await?;
    story
        .step("One of them takes up the invitation and signs in", async {
            let rosa = "rosa.eden@example.org";
            // The mail leaves by itself, a moment after the import.
            let sent = || async { Ok(stage.barsetshire.invitation(rosa).ok()) };
            let code = until("the invitation of Rosa Eden", LONG_ENOUGH, sent).await?;
            Session::take_up(&stage.barsetshire.base, &code)
                .await
                .map(std::mem::drop)
        })
        .await?;
    story
        .step("It was the wrong file: the undo says who stays, and why", async {
            page.click("button", "Undo this import").await?;
            page.see("7 users will be removed").await?;
            page.see("1 user stays as they are").await?;
            page.find("link", "Rosa Eden").await?;
            page.see("rosa.eden@example.org").await?;
            page.see("signed in").await
        })
        .await?;
    show(story, page, "What an undo would do and for whom it cannot").await?;
    story
        .step("She undoes it for the rest", async {
            page.click("button", "Undo it for 7 users").await?;
            page.see("This import was undone").await?;
            page.see("7 users removed and 1 user left as they are").await?;
            page.find("link", "Rosa Eden").await?;
            match page.text().await?.contains("Ivy Nolan") {
                true => Err(Trouble::new("Ivy Nolan is still there")),
                false => Ok(()),
            }
        })
        .await?;
    show(story, page, "The import was undone").await?;
    story
        .step("The past imports tell of both", async {
            page.click("link", "Past imports").await?;
            page.see("template filled.csv").await?;
            page.see("30 added").await?;
            page.see("Undone").await?;
            page.see("1 stayed").await
        })
        .await?;
    show(story, page, "Past imports").await
}

/// Headings that nobody knows are mapped by hand once, and are known from then on.
///
/// # Errors
/// With the step that failed.
pub async fn unknown_headings(story: &mut Story, stage: &Stage, head: &Desktop) -> Outcome {
    let page = head.page();
    let file = stage.head_machine.surroundings().home().join("from the office.csv");
    let text = "First name;Kin;Write to;DfE;Initial password\n\
                Theo;Marsh;theo.marsh@example.org;990112;Hunter-2-Hunter\n";
    std::fs::write(&file, text)?;
    story
        .step(
            "A file of the office has headings of its own: she says what they are",
            async {
                begin(page).await?;
                choose(stage, page, &file).await?;
                page.see("What do the columns hold?").await?;
                page.see("3 headings are not known").await?;
                page.choose("What is column B, Kin?", "User Last Name").await?;
                page.choose("What is column C, Write to?", "Email").await?;
                page.choose("What is column D, DfE?", "School Reference Number (URN)")
                    .await
            },
        )
        .await?;
    show(story, page, "Saying what the columns hold").await?;
    story
        .step("The password in it is never read", async {
            page.see("A password: never read").await?;
            match page.text().await?.contains("Hunter") {
                true => Err(Trouble::new("a password is on the screen")),
                false => Ok(()),
            }
        })
        .await?;
    story
        .step("The store judges it with that", async {
            page.click("button", "Continue").await?;
            page.see("Is this what the file holds?").await?;
            page.click("button", "Check the file").await?;
            page.see("1 user will be added").await
        })
        .await?;
    story
        .step("The next file with these headings is recognised as it is", async {
            begin(page).await?;
            choose(stage, page, &file).await?;
            page.see("Is this what the file holds?").await?;
            page.see("theo.marsh@example.org").await
        })
        .await?;
    show(story, page, "Headings that are remembered").await
}

/// Opens bulk add, as far as the choice of the file.
///
/// # Errors
/// With the step that failed.
pub(super) async fn begin(page: &Page) -> Outcome {
    page.click("link", "Users").await?;
    page.click("link", "Bulk add users").await?;
    page.click("radio", "Designated Teacher").await?;
    page.click("button", "Continue").await
}

/// Chooses a file with the system's own dialog.
///
/// # Errors
/// When no dialog comes, or it does not close on the file.
pub(super) async fn choose(stage: &Stage, page: &Page, file: &Path) -> Outcome {
    page.click("button", "Choose a file").await?;
    dialogs::open_file(stage.head_machine.surroundings(), "Choose a file of users", file).await
}

/// Fills the template with the rows of Barsetshire's own file, as a person does in Excel; the file's path.
fn fill(template: &Path) -> Outcome<PathBuf> {
    let headings = std::fs::read_to_string(template)?;
    let users = std::fs::read_to_string(fixtures().join("users.csv"))?;
    let rows: String = users.lines().skip(1).map(|line| format!("{line}\r\n")).collect();
    let filled = template.with_file_name("template filled.csv");
    std::fs::write(&filled, format!("{}\r\n{rows}", headings.trim_end()))?;
    Ok(filled)
}

async fn holds(file: &Path, text: &str) -> Outcome {
    let written = || async {
        let found = std::fs::read_to_string(file);
        Ok(found.is_ok_and(|found| found.contains(text)).then_some(()))
    };
    until(&format!("{} to be written", file.display()), LONG_ENOUGH, written).await
}
