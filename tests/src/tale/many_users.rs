//! Several users at once, two people at one user, and who sees which pupil and why.

use lac_wire::{NewLink, Page as PageOf, User};

use super::stage::{Stage, show};
use crate::support::desktop::Desktop;
use crate::support::page::Page;
use crate::support::story::Story;
use crate::support::{Outcome, Trouble};

/// Filters the users, and invites two of them again, of whom one has signed in already.
///
/// # Errors
/// With the step that failed.
pub async fn invite_again(story: &mut Story, head: &Desktop) -> Outcome {
    let page = head.page();
    story
        .step("She looks for the users of one school", async {
            page.click("link", "Users").await?;
            // The search names establishments too: this is the other field.
            page.find("combobox", "Establishment").await?.send_keys("river").await?;
            page.click("option", "Riverside Primary School").await?;
            page.see("users found").await?;
            page.find("link", "Helen Okafor").await?;
            page.find("link", "Amara Obi").await.map(drop)
        })
        .await?;
    story
        .step("She ticks two of them", async {
            page.click("checkbox", "Select Helen Okafor").await?;
            page.click("checkbox", "Select Amara Obi").await?;
            page.see("2 users selected").await
        })
        .await?;
    show(story, page, "Two users selected").await?;
    story
        .step(
            "Their invitations are sent again: one has signed in, and is named",
            async {
                page.click("button", "Send invitations again").await?;
                page.see("Send the invitation again to 2 users?").await?;
                page.click("button", "Send invitations").await?;
                page.see("Invitations were sent to 1 user.").await?;
                page.see("It could not be done with 1 user").await
            },
        )
        .await?;
    show(story, page, "Who was not invited again, and why").await?;
    story
        .step("She closes the result and shows everybody again", async {
            page.click("button", "Close the result").await?;
            page.click("button", "Change Establishment").await?;
            page.see("Adeyemi").await
        })
        .await
}

/// Two people edit the same user: the second is told, and loses nothing.
///
/// # Errors
/// With the step that failed.
pub async fn two_editors(story: &mut Story, stage: &Stage, head: &Desktop) -> Outcome {
    let page = head.page();
    let martin = stage.barsetshire.sign_in("martin.keane@example.org").await?;
    story
        .step("She begins to edit a user", async {
            open(page, "Iris Venn").await?;
            page.click("link", "Edit user").await?;
            page.find("heading", "Edit user").await?;
            page.fill("Job title (optional)", "Assistant headteacher").await
        })
        .await?;
    story
        .step("Meanwhile a colleague links the same user to another school", async {
            let found: PageOf<User> = martin.get("/v1/users?search=venn").await?;
            let iris = found.rows.first().ok_or_else(|| Trouble::new("no Iris Venn"))?;
            let link = NewLink {
                user_id: iris.id,
                establishment_id: stage.barsetshire.establishment("990103")?,
                capacity: lac_domain::Capacity::Cover,
                start: None,
                end: None,
            };
            martin.post::<User>("/v1/links", &link).await.map(drop)
        })
        .await?;
    story
        .step("Saving tells her what he changed, and keeps what she typed", async {
            page.click("button", "Save changes").await?;
            page.see("Martin Keane changed this user while you were editing")
                .await?;
            let typed = page.find("textbox", "Job title").await?.prop("value").await?;
            if typed.as_deref() == Some("Assistant headteacher") {
                Ok(())
            } else {
                Err(Trouble::new("what she typed is gone"))
            }
        })
        .await?;
    show(story, page, "What somebody else changed meanwhile").await?;
    story
        .step("She saves again: both changes stand", async {
            page.click("button", "Save changes").await?;
            page.find("heading", "Iris Venn").await?;
            page.see("Assistant headteacher").await?;
            page.see("Cover").await
        })
        .await
}

/// Assigns pupils to a social worker, hands them over, and asks why the other sees them.
///
/// # Errors
/// With the step that failed.
pub async fn hand_over(story: &mut Story, head: &Desktop) -> Outcome {
    let page = head.page();
    story
        .step("She chooses two pupils for a social worker", async {
            open(page, "David Osei").await?;
            page.click("link", "Pupils assigned").await?;
            page.click("link", "Add or remove pupils").await?;
            page.fill("Search pupils to add", "tom reed").await?;
            page.click("option", "Tom Reed").await?;
            page.fill("Search pupils to add", "ava").await?;
            page.click("option", "Ava Collins").await?;
            page.see("2 to add").await
        })
        .await?;
    story
        .step("How much he reads is a choice that nobody makes for her", async {
            page.click("button", "Save: 2 to add").await?;
            page.see("Choose how much is read").await?;
            show_two(page).await
        })
        .await?;
    show(story, page, "Add or remove pupils").await?;
    story
        .step("She makes it", async {
            page.click("radio", "Everything written about the pupil").await?;
            page.click("button", "Save: 2 to add").await?;
            page.find("heading", "David Osei").await?;
            page.find("link", "Ava Collins").await.map(drop)
        })
        .await?;
    story
        .step("He changes jobs: all his pupils go to a colleague in one step", async {
            page.click("button", "Hand over all pupils to…").await?;
            page.fill("Hand over to", "lister").await?;
            page.click("option", "Karen Lister").await?;
            page.click("radio", "As much as the user before them").await?;
            page.click("button", "Hand over").await?;
            page.see("No pupils assigned").await
        })
        .await?;
    story
        .step("Why can she see Tom? The screen says it", async {
            open(page, "Karen Lister").await?;
            page.click("link", "What they can see").await?;
            page.find("link", "Tom Reed").await?;
            page.see("is assigned to").await
        })
        .await?;
    show(story, page, "What she can see, and why").await?;
    story
        .step("Back to everybody", async {
            page.click("link", "Users").await?;
            page.click("button", "Clear the search").await?;
            page.see("Adeyemi").await
        })
        .await
}

async fn show_two(page: &Page) -> Outcome {
    page.find("option", "Tom Reed").await?;
    page.find("option", "Ava Collins").await.map(drop)
}

async fn open(page: &Page, name: &str) -> Outcome {
    page.click("link", "Users").await?;
    page.find("heading", "Users").await?;
    page.fill("Search by name", name).await?;
    page.click("link", name).await?;
    page.find("heading", name).await.map(drop)
}
