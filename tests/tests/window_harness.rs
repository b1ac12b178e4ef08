//! The harness for windows itself, on WebKit's own small browser: what it finds, what it refuses to find, and that
//! its keyring, its notifications and its windows are real.

use std::path::Path;
use std::time::Duration;

use lac_tests::support::Outcome;
use lac_tests::support::desktop::{Desktop, Launch, axe};
use lac_tests::support::drop;
use lac_tests::support::machine::Machine;
use lac_tests::support::process::{is_alive, output};
use lac_tests::support::wait::LONG_ENOUGH;

const PAGE: &str = r#"<!doctype html><html lang="en"><title>Users</title><main><h1>Add a user</h1>
<label for="first">First name</label><input id="first">
<fieldset><legend>Role</legend><input type="radio" name="r" id="la" style="opacity:0"><label for="la">LA User</label></fieldset>
<label for="colour">Colour</label><select id="colour"><option>Red<option>Blue</select>
<button onclick="said.textContent = `${first.value}, ${colour.value}, ${la.checked}`">Save and
  <span aria-hidden="true">→</span> continue</button>
<button hidden>Secret</button><button disabled>Undo</button><p id="said"></p></main>"#;

fn small_browser() -> Outcome<Launch> {
    Ok(Launch {
        application: drop::small_browser()?,
        arguments: vec!["--automation".into()],
        variables: Vec::new(),
    })
}

async fn show(desktop: &Desktop, folder: &Path, html: &str) -> Outcome {
    let file = folder.join("page.html");
    std::fs::write(&file, html)?;
    Ok(desktop
        .page()
        .driver()
        .goto(format!("file://{}", file.display()))
        .await?)
}

#[tokio::test]
async fn things_are_found_by_what_they_are_and_are_called() -> Outcome {
    let machine = Machine::start().await?;
    let desktop = Desktop::start(machine.surroundings(), &small_browser()?).await?;
    let page = desktop.page();
    show(&desktop, machine.surroundings().folder(), PAGE).await?;
    page.fill("First name", "Zoë O'Hara").await?;
    page.choose("Colour", "Blue").await?;
    page.click("radio", "LA User").await?;
    page.click("button", "Save and continue").await?;
    page.see("Zoë O'Hara, Blue, true").await?;

    assert!(!page.has("button", "Secret").await?, "what is hidden is not found");
    let hasty = page.with_patience(Duration::ZERO);
    let missing = hasty.click("button", "Delete").await.unwrap_err().0;
    assert!(missing.contains("There are: heading \"Add a user\""), "{missing}");
    let resting = hasty.click("button", "Undo").await.unwrap_err().0;
    assert!(resting.contains("greyed out"), "{resting}");
    assert!(hasty.see("Zoe").await.is_err());
    assert!(hasty.choose("Colour", "Green").await.is_err());
    Ok(())
}

#[tokio::test]
async fn axe_finds_a_picture_without_words_and_passes_a_clean_page() -> Outcome {
    let machine = Machine::start().await?;
    let desktop = Desktop::start(machine.surroundings(), &small_browser()?).await?;
    show(&desktop, machine.surroundings().folder(), PAGE).await?;
    desktop.page().is_accessible("the clean page", &axe()).await?;
    let picture = "<img src='data:image/gif;base64,R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7'></main>";
    show(
        &desktop,
        machine.surroundings().folder(),
        &PAGE.replace("</main>", picture),
    )
    .await?;
    let fault = desktop
        .page()
        .is_accessible("the other page", &axe())
        .await
        .unwrap_err()
        .0;
    assert!(fault.contains("image-alt"), "{fault}");
    Ok(())
}

#[tokio::test]
async fn two_windows_are_minimised_closed_and_killed_apart() -> Outcome {
    let machine = Machine::start().await?;
    let one = Desktop::start(machine.surroundings(), &small_browser()?).await?;
    let other = Desktop::start(machine.surroundings(), &small_browser()?).await?;
    one.minimise().await?;
    one.restore().await?;
    let (first, second) = (one.id(), other.id());
    one.close().await?;
    assert!(!is_alive(first) && is_alive(second));
    other.kill();
    assert!(!is_alive(second));
    Ok(())
}

#[tokio::test]
async fn a_notification_is_shown_and_recorded_as_it_was_sent() -> Outcome {
    let machine = Machine::start().await?;
    assert!(machine.notifications().shown()?.is_empty());
    let mut send = machine.surroundings().command("gdbus");
    send.args(["call", "--session", "--dest=org.freedesktop.Notifications"]);
    send.args([
        "--object-path=/org/freedesktop/Notifications",
        "--method=org.freedesktop.Notifications.Notify",
        "--",
    ]);
    send.args([
        "Secure Messages",
        "0",
        "",
        "A summary",
        "It's \"so\"; $HOME\nline 2",
        "[]",
        "{}",
        "-1",
    ]);
    output(&mut send)?;
    let shown = machine.notifications().wait_for(1, LONG_ENOUGH).await?;
    assert_eq!(shown.len(), 1);
    assert_eq!(shown[0].application, "Secure Messages");
    assert_eq!(shown[0].summary, "A summary");
    assert_eq!(shown[0].body, "It's \"so\"; $HOME\nline 2");
    Ok(())
}

#[tokio::test]
async fn two_computers_have_keyrings_of_their_own() -> Outcome {
    let (one, other) = (Machine::start().await?, Machine::start().await?);
    let store = "printf 'the key' | secret-tool store --label=key lac key";
    output(one.surroundings().command("timeout").args(["10", "sh", "-c", store]))?;
    let look = ["10", "secret-tool", "lookup", "lac", "key"];
    assert_eq!(output(one.surroundings().command("timeout").args(look))?, "the key");
    assert!(output(other.surroundings().command("timeout").args(look)).is_err());
    Ok(())
}
