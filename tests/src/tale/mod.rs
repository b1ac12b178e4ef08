//! The story of the product, told by driving two real windows: from a CSV file to a notification. The window
//! test tells it to find out whether it still holds; the demo tells it to show it.

mod bulk_add;
mod establishments;
mod large_import;
mod lock;
mod many_users;
mod moves;
mod offline;
mod stage;
mod users;

use std::path::Path;
use std::sync::Arc;

use crate::barsetshire::PASSWORD;
use crate::support::display::Display;
use crate::support::story::Story;
use crate::support::{Outcome, Trouble};

pub use large_import::{Measured, frames_of};
pub use lock::tell_lock;
pub use moves::tell_moves;
pub use stage::Stage;

/// Tells the whole story, and leaves its pictures and its account in a folder.
///
/// # Errors
/// With the first step that failed.
pub async fn tell(folder: &Path) -> Outcome {
    let mut story = Story::begin(folder, "From a CSV file to a notification")?;
    let stage = story
        .step("A store is set up for Barsetshire, a fictional authority", Stage::set())
        .await?;
    let head = stage::sign_in_head(&mut story, &stage).await?;
    bulk_add::good_rows(&mut story, &stage, &head).await?;
    bulk_add::findings(&mut story, &stage, &head).await?;
    bulk_add::unknown_headings(&mut story, &stage, &head).await?;
    users::add_and_edit(&mut story, &head).await?;
    many_users::invite_again(&mut story, &head).await?;
    many_users::two_editors(&mut story, &stage, &head).await?;
    many_users::hand_over(&mut story, &head).await?;
    users::look_around(&mut story, &head).await?;
    offline::message(&mut story, &stage, &head).await?;
    establishments::become_an_academy(&mut story, &stage, &head).await?;
    Ok(())
}

/// Opens both desktops on this computer's own screen, signed in, and leaves them open until Ctrl+C.
///
/// # Errors
/// When something does not start.
pub async fn stay() -> Outcome {
    let display = Display::present().ok_or_else(|| Trouble::new("This computer has no screen. Use --tour."))?;
    let stage = Stage::set_on(Arc::new(display)).await?;
    let head = stage.open_head().await?;
    stage::sign_in(head.page(), "priya.shah@example.org").await?;
    let teacher = stage.open_teacher().await?;
    stage::sign_in(teacher.page(), "helen.okafor@example.org").await?;
    println!("Two desktops are open: the Virtual School Head's and a Designated Teacher's.");
    println!("Everyone's password is {PASSWORD}. Ctrl+C ends the demo, and deletes its data.");
    tokio::signal::ctrl_c().await?;
    Ok(())
}
