//! Users one by one, and a look around the other screens.

use super::stage::show;
use crate::support::Outcome;
use crate::support::desktop::Desktop;
use crate::support::page::Page;
use crate::support::story::Story;

/// Adds a user by hand and edits them.
///
/// # Errors
/// With the step that failed.
pub async fn add_and_edit(story: &mut Story, head: &Desktop) -> Outcome {
    let page = head.page();
    story
        .step(
            "She adds one user by hand: what is missing is said at its field",
            async {
                page.click("link", "Users").await?;
                page.click("link", "Add user").await?;
                page.click("radio", "Designated Teacher").await?;
                page.fill("First name", "Iris").await?;
                page.fill("E-mail address", "iris.venn@example").await?;
                page.click("button", "Add user").await?;
                page.see("There is a problem").await
            },
        )
        .await?;
    show(story, page, "Add user, with what is missing").await?;
    story
        .step("She mends it, and picks the school by its postcode", async {
            page.fill("Last name", "Venn").await?;
            page.fill("E-mail address", "iris.venn@example.org").await?;
            page.fill("Job title (optional)", "Designated Teacher").await?;
            link_to(page, "BC8 6BX", "Boxall Hill School").await?;
            page.click("button", "Add user").await?;
            page.find("heading", "Iris Venn").await.map(drop)
        })
        .await?;
    show(story, page, "The user's page").await?;
    story
        .step("She edits the user: another school, found by part of its name", async {
            page.click("link", "Edit user").await?;
            page.find("heading", "Edit user").await?;
            link_to(page, "greshams inf", "Greshamsbury Infant School").await?;
            page.fill("Telephone (optional)", "01632 960777").await?;
            page.click("button", "Save changes").await?;
            page.find("heading", "Iris Venn").await?;
            page.see("Greshamsbury Infant School").await?;
            page.see("01632 960777").await
        })
        .await?;
    show(story, page, "The user with two schools").await
}

async fn link_to(page: &Page, typed: &str, name: &str) -> Outcome {
    let field = if page.has("combobox", "Another establishment").await? {
        "Another establishment"
    } else {
        "Establishment"
    };
    page.fill(field, typed).await?;
    page.click("option", name).await?;
    page.find("button", &format!("Remove {name}")).await.map(drop)
}

/// Pictures the screens that the story does not pass through.
///
/// # Errors
/// With the step that failed.
pub async fn look_around(story: &mut Story, head: &Desktop) -> Outcome {
    let page = head.page();
    story
        .step("The users", async {
            page.click("link", "Users").await?;
            page.see("Adeyemi").await
        })
        .await?;
    show(story, page, "The users").await?;
    story
        .step("The establishments", async {
            page.click("link", "Establishments").await?;
            page.see("Riverside Primary School").await
        })
        .await?;
    show(story, page, "The establishments").await?;
    story
        .step("An establishment, and who is linked to it", async {
            page.fill("Search", "river").await?;
            page.click("link", "Riverside Primary School").await?;
            page.see("Helen Okafor").await
        })
        .await?;
    show(story, page, "An establishment").await?;
    story
        .step("A pupil, and what was written about them", async {
            page.click("link", "Pupils").await?;
            page.fill("Search", "tom reed").await?;
            page.click("link", "Tom Reed").await?;
            page.see("Reading support this half term").await
        })
        .await?;
    show(story, page, "A pupil").await?;
    story
        .step("The settings", async {
            page.click("link", "Settings").await?;
            page.find("heading", "Settings").await.map(drop)
        })
        .await?;
    show(story, page, "The settings").await?;
    story
        .step("A dark window", async {
            page.click("radio", "Dark").await?;
            page.click("link", "Messages").await?;
            page.see("Reading support this half term").await
        })
        .await?;
    show(story, page, "Her inbox in the dark").await?;
    story
        .step("And light again", async {
            page.click("link", "Settings").await?;
            page.click("radio", "Light").await?;
            page.click("link", "Messages").await
        })
        .await
}
