//! A child comes into care, moves school and leaves care, told on two real windows: the head of the Virtual School does
//! it, and the teacher's window shows it by itself, with no click there.

use std::path::Path;

use chrono::{Datelike, Days, NaiveDate};
use lac_wire::{Page as Rows, Pupil};
use thirtyfour::WebElement;

use super::stage::{Stage, show, sign_in};
use crate::barsetshire::{Session, now};
use crate::support::desktop::Desktop;
use crate::support::page::Page;
use crate::support::story::Story;
use crate::support::{Outcome, Trouble};

const CHILD: &str = "Jess Harding";
const OLD_SCHOOL: &str = "Riverside Primary School";
const NEW_SCHOOL: &str = "Northfield School";

/// Tells it, and leaves its pictures and its account in a folder.
///
/// # Errors
/// With the first step that failed.
pub async fn tell_moves(folder: &Path) -> Outcome {
    let mut story = Story::begin(folder, "Into care, to another school, and out of care")?;
    let stage = story
        .step("A store is set up for Barsetshire, a fictional authority", Stage::set())
        .await?;
    let today = now().london_date();
    let head = story
        .step("The Virtual School Head signs in", async {
            let head = stage.open_head().await?;
            sign_in(head.page(), "priya.shah@example.org").await?;
            head.page().find("navigation", "Main").await?;
            Ok(head)
        })
        .await?;
    let teacher = story
        .step("Riverside's Designated Teacher opens her list of pupils", async {
            let teacher = stage.open_teacher().await?;
            sign_in(teacher.page(), "helen.okafor@example.org").await?;
            teacher.page().click("link", "Pupils").await?;
            teacher.page().see("Tom Reed").await?;
            Ok(teacher)
        })
        .await?;
    let northfield = story
        .step("A teacher of Northfield is signed in as well", async {
            stage.barsetshire.sign_in("femi.balogun@example.org").await
        })
        .await?;

    into_care(&mut story, &head, &teacher, &northfield, today).await?;
    move_of_school(&mut story, &head, &teacher, &northfield, today).await?;
    out_of_care(&mut story, &head, &teacher, &northfield).await?;
    story
        .step("The head finds all of it on the child's timeline", async {
            head.page().click("link", "Timeline and changes").await?;
            head.page().see("Who changed what").await?;
            head.page().see(NEW_SCHOOL).await
        })
        .await?;
    show(&mut story, head.page(), "The timeline").await
}

async fn into_care(
    story: &mut Story,
    head: &Desktop,
    teacher: &Desktop,
    northfield: &Session,
    today: NaiveDate,
) -> Outcome {
    let page = head.page();
    story
        .step(
            "The head adds a child who came into care: what is missing is said",
            async {
                page.click("link", "Pupils").await?;
                page.click("link", "Add pupil").await?;
                page.find("heading", "Add pupil").await?;
                page.fill("Legal first name", "Jessica").await?;
                page.fill("Known as (optional)", CHILD).await?;
                page.click("button", "Add pupil").await?;
                page.see("There is a problem").await?;
                page.see("Enter the legal last name.").await?;
                page.see("Enter the date of birth.").await
            },
        )
        .await?;
    show(story, page, "Add pupil, with what is missing").await?;
    story
        .step("A UPN with a wrong check letter is told as it is typed", async {
            page.fill("Legal last name", "Harding").await?;
            enter_day(page, "Date of birth", &born(today)).await?;
            page.fill("Unique pupil number, UPN (optional)", "A801200005001")
                .await?;
            page.see("does not fit its").await
        })
        .await?;
    story
        .step("She picks the school, and reads from when it sees the child", async {
            page.fill("Unique pupil number, UPN (optional)", "B801200005001")
                .await?;
            page.fill("School or other setting (optional)", "riverside").await?;
            page.click("option", OLD_SCHOOL).await?;
            // Care that began today could not end today.
            enter_day(page, "First day in care", &(today - Days::new(1))).await?;
            enter_day(page, "First day there", &(today - Days::new(60))).await?;
            page.see(&format!("{OLD_SCHOOL} sees the child as soon as this is saved"))
                .await
        })
        .await?;
    show(story, page, "Add pupil, filled in").await?;
    story
        .step("She adds the child", async {
            page.click("button", "Add pupil").await?;
            page.find("heading", CHILD).await?;
            page.see("Looked after").await
        })
        .await?;
    show(story, page, "The pupil's page").await?;
    story
        .step(
            "The teacher of Riverside sees the child by herself",
            teacher.page().see(CHILD),
        )
        .await?;
    show(story, teacher.page(), "The child in the teacher's list").await?;
    story
        .step("The teacher of Northfield does not", async {
            match sees(northfield).await? {
                false => Ok(()),
                true => Err(Trouble::new("Northfield sees the child")),
            }
        })
        .await?;
    story
        .step("The head reads who can see the child, and why", async {
            page.click("link", "Who can see Jess").await?;
            page.see("Helen Okafor").await?;
            page.see(OLD_SCHOOL).await
        })
        .await?;
    show(story, page, "Who can see the child").await
}

async fn move_of_school(
    story: &mut Story,
    head: &Desktop,
    teacher: &Desktop,
    northfield: &Session,
    today: NaiveDate,
) -> Outcome {
    let page = head.page();
    story
        .step("The teacher has the child's page open", async {
            teacher.page().click("link", CHILD).await?;
            teacher.page().find("heading", CHILD).await?;
            teacher.page().see(OLD_SCHOOL).await
        })
        .await?;
    show(story, teacher.page(), "The child's page at the teacher's").await?;
    story
        .step("The head moves the child to Northfield from today", async {
            page.click("link", "Overview").await?;
            page.click("button", "Move to another school").await?;
            page.fill("New school", "northfield").await?;
            page.click("option", NEW_SCHOOL).await?;
            enter_day(page, "First day there", &today).await
        })
        .await?;
    show(story, page, "The move").await?;
    story
        .step("She saves the move", async {
            page.click("button", "Save the move").await?;
            page.find("link", NEW_SCHOOL).await.map(drop)
        })
        .await?;
    story
        .step("The child's page at the teacher's is gone by itself", async {
            teacher.page().see_no_more(CHILD).await
        })
        .await?;
    show(story, teacher.page(), "What the teacher sees of it now").await?;
    story
        .step("Her list and her search hold the child no more", async {
            teacher.page().click("link", "Pupils").await?;
            teacher.page().see("Tom Reed").await?;
            teacher.page().fill("Search", "jess").await?;
            teacher.page().see("No pupil found").await
        })
        .await?;
    story
        .step("The teacher of Northfield sees the child now", async {
            match sees(northfield).await? {
                true => Ok(()),
                false => Err(Trouble::new("Northfield does not see the child")),
            }
        })
        .await
}

async fn out_of_care(story: &mut Story, head: &Desktop, teacher: &Desktop, northfield: &Session) -> Outcome {
    let page = head.page();
    story
        .step("The head ends the care of the child", async {
            page.click("button", "End care").await?;
            page.find("heading", "End care").await?;
            page.choose("Why it ended", "Returned home").await?;
            Ok(())
        })
        .await?;
    show(story, page, "The end of care").await?;
    story
        .step("No school sees the child from then on", async {
            let form = page.find("form", "End care").await?;
            page.click_in(Some(&form), "button", "End care").await?;
            page.see("Not looked after today").await?;
            match sees(northfield).await? {
                false => Ok(()),
                true => Err(Trouble::new("Northfield still sees the child")),
            }
        })
        .await?;
    show(story, page, "The pupil's page after care").await?;
    story
        .step(
            "A child of the teacher's own leaves care: he goes from her list by himself",
            async {
                teacher.page().click("button", "Clear the search").await?;
                teacher.page().see("Tom Reed").await?;
                page.click("link", "Pupils").await?;
                page.fill("Search", "tom reed").await?;
                page.click("link", "Tom Reed").await?;
                page.find("heading", "Tom Reed").await?;
                page.click("button", "End care").await?;
                let form = page.find("form", "End care").await?;
                page.click_in(Some(&form), "button", "End care").await?;
                page.see("Not looked after today").await?;
                teacher.page().see_no_more("Tom Reed").await
            },
        )
        .await?;
    show(story, teacher.page(), "The teacher's list afterwards").await?;
    story
        .step("The head goes back to the child", async {
            page.click("link", "Pupils").await?;
            page.fill("Search", "jess").await?;
            page.click("link", CHILD).await?;
            page.find("heading", CHILD).await.map(drop)
        })
        .await
}

/// Whether the store lists the child to someone.
async fn sees(session: &Session) -> Outcome<bool> {
    let rows: Rows<Pupil> = session.get("/v1/pupils?limit=200").await?;
    Ok(rows.rows.iter().any(|pupil| pupil.known_as.reveal() == CHILD))
}

/// A child of nine or ten years.
fn born(today: NaiveDate) -> NaiveDate {
    today - Days::new(10 * 365)
}

async fn enter_day(page: &Page, legend: &str, day: &NaiveDate) -> Outcome {
    let group = page.find("group", legend).await?;
    let parts = [
        ("Day", day.day().to_string()),
        ("Month", day.month().to_string()),
        ("Year", day.year().to_string()),
    ];
    for (name, text) in parts {
        let field: WebElement = page.find_in(Some(&group), "textbox", name).await?;
        field.clear().await?;
        field.send_keys(&text).await?;
    }
    Ok(())
}
