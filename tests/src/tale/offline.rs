//! A message written offline, kept through a restart, sent by itself, announced, read and answered.

use std::time::Duration;

use super::stage::{Stage, show};
use crate::barsetshire::PASSWORD;
use crate::support::desktop::Desktop;
use crate::support::page::Page;
use crate::support::story::Story;
use crate::support::{Outcome, Trouble};

const SUBJECT: &str = "Maya and the school trip";
const TEXT: &str = "Maya would like to come on the trip to the wetlands on Friday. The school pays. Could her social \
                    worker sign the form by Wednesday?";
const ANSWER: &str = "Yes, I will see to it today. Thank you for asking early.";

/// How soon a notification must come, once the message has left.
const SOON: Duration = Duration::from_secs(5);

/// Tells it.
///
/// # Errors
/// With the step that failed.
pub async fn message(story: &mut Story, stage: &Stage, head: &Desktop) -> Outcome {
    let teacher = take_up_invitation(story, stage).await?;
    let page = teacher.page().clone();

    story
        .step("Her network is gone", async {
            stage.cable.lock().await.cut().await;
            page.press(thirtyfour::Key::F5.value().to_string()).await?;
            page.see("Offline").await
        })
        .await?;
    story
        .step("She writes to the Virtual School all the same", async {
            page.click("button", "New message").await?;
            page.fill("To", "Virtual").await?;
            page.click("option", "Virtual School").await?;
            page.fill("Subject", SUBJECT).await?;
            page.fill("Message", TEXT).await?;
            page.see("Saved").await
        })
        .await?;
    show(story, &page, "Writing offline").await?;
    story
        .step("She sends it: it waits", async {
            page.click("button", "Send").await?;
            page.see("1 waiting to be sent").await
        })
        .await?;
    show(story, &page, "Waiting to be sent").await?;

    story
        .step("She closes the application: it asks, and loses nothing", async {
            teacher.ask_to_close().await?;
            tokio::time::sleep(Duration::from_millis(1500)).await;
            Ok(())
        })
        .await?;
    story.picture_of_screen(stage.teacher_machine.display(), "It asks before closing")?;
    story
        .step("Her computer loses its power", async {
            teacher.kill();
            Ok(())
        })
        .await?;
    let teacher = story
        .step("She opens it again, still without a network", stage.open_teacher())
        .await?;
    let page = teacher.page().clone();
    story
        .step("The message still waits in the outbox", async {
            page.see("1 waiting to be sent").await?;
            page.click("link", "Messages").await?;
            page.click("link", "Outbox").await?;
            page.see(SUBJECT).await
        })
        .await?;
    show(story, &page, "The outbox after a restart").await?;

    story.step("The Head puts her window away", head.minimise()).await?;
    let before = stage.head_machine.notifications().shown()?.len();
    story
        .step("The network returns: the message leaves by itself", async {
            stage.cable.lock().await.mend().await?;
            page.see_no_more("waiting to be sent").await
        })
        .await?;
    let shown = story
        .step(
            "The Head's computer announces it",
            stage.head_machine.notifications().wait_for(before + 1, SOON),
        )
        .await?;
    // The daemon records it, then draws it.
    tokio::time::sleep(Duration::from_millis(700)).await;
    story.picture_of_screen(
        stage.head_machine.display(),
        "The notification names nobody and nothing",
    )?;
    story
        .step("The notification names nobody and nothing", async {
            let words = [
                "Maya",
                "wetlands",
                "Malik",
                "Nasreen",
                "Framley",
                "trip",
                "Looked After",
            ];
            let last = shown.last().ok_or_else(|| Trouble::new("no notification"))?;
            let told = format!("{} {} {}", last.application, last.summary, last.body);
            match words.iter().find(|word| told.contains(*word)) {
                Some(word) => Err(Trouble::new(format!("it says {word}: {told}"))),
                None if told.contains("secure message") => Ok(()),
                None => Err(Trouble::new(format!("it says something else: {told}"))),
            }
        })
        .await?;

    let head_page = head.page().clone();
    story
        .step("She opens the window and finds the message", async {
            head.restore().await?;
            open_message(&head_page).await
        })
        .await?;
    show(story, &head_page, "The message has arrived").await?;
    story
        .step("She answers", async {
            head_page.fill("Your reply", ANSWER).await?;
            head_page.click("button", "Send").await?;
            head_page.see_no_more("waiting to be sent").await
        })
        .await?;
    story
        .step("The answer reaches the teacher", async {
            open_message(&page).await?;
            page.see(ANSWER).await
        })
        .await?;
    show(story, &page, "The answer").await?;
    Ok(())
}

async fn open_message(page: &Page) -> Outcome {
    page.click("link", "Inbox").await?;
    page.click("option", SUBJECT).await?;
    page.see("wetlands").await
}

async fn take_up_invitation(story: &mut Story, stage: &Stage) -> Outcome<Desktop> {
    let teacher = story
        .step(
            "A Designated Teacher opens the application on her laptop",
            stage.open_teacher(),
        )
        .await?;
    let page = teacher.page().clone();
    let code = stage.barsetshire.invitation("nasreen.malik@example.org")?;
    story
        .step("She enters the code from her invitation", async {
            page.click("button", "I have an invitation").await?;
            page.fill("Invitation code", &code).await?;
            page.click("button", "Continue").await?;
            page.see("Choose a password").await
        })
        .await?;
    story
        .step("A weak password is refused, with the reason", async {
            page.fill("New password", "nasreen2026").await?;
            page.click("button", "Save the password and sign in").await?;
            page.see("at least 12 characters").await
        })
        .await?;
    show(story, &page, "Choosing a password").await?;
    story
        .step("She chooses a good one and is in", async {
            page.fill("New password", PASSWORD).await?;
            page.click("button", "Save the password and sign in").await?;
            page.find("navigation", "Main").await.map(drop)
        })
        .await?;
    story
        .step("She sees the looked-after pupils of her school", async {
            page.click("link", "Pupils").await?;
            page.see("Framley Park Academy").await?;
            let text = page.text().await?;
            match ["Tom Reed", "Riverside", "Silverbridge"]
                .iter()
                .find(|other| text.contains(*other))
            {
                Some(other) => Err(Trouble::new(format!("she sees {other}"))),
                None => Ok(()),
            }
        })
        .await?;
    show(story, &page, "The teacher's pupils").await?;
    page.click("link", "Messages").await?;
    Ok(teacher)
}
