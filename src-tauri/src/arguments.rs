//! What the application is started with, and what IT has set for the computer.

use std::path::{Path, PathBuf};

use clap::Parser;
use serde::Deserialize;

/// Looked After Call: secure messages about looked-after children.
#[derive(Parser, Debug, Default)]
#[command(version)]
pub struct Arguments {
    /// Keep this person's accounts apart from others' on the same computer
    #[arg(long, default_value = "", value_parser = profile_name)]
    pub profile: String,
    /// Open the window put away: for a start together with the system
    #[arg(long)]
    pub minimised: bool,
}

/// A profile's name becomes part of a folder's and of a keyring entry's name.
fn profile_name(text: &str) -> Result<String, String> {
    if text.len() <= 40 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-') {
        Ok(text.to_owned())
    } else {
        Err("A profile's name is at most 40 letters, digits and hyphens.".to_owned())
    }
}

/// The file that IT may put beside the application.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct RolledOut {
    /// The store's address.
    store: String,
}

/// The store's address that IT has set: the variable `LAC_STORE`, or else `store` in the file
/// `looked-after-call.toml` beside the application.
pub fn rolled_out_store() -> Option<String> {
    let set = std::env::var("LAC_STORE")
        .ok()
        .filter(|address| !address.trim().is_empty());
    set.or_else(|| beside_application().and_then(|file| store_in(&file)))
}

fn beside_application() -> Option<PathBuf> {
    Some(std::env::current_exe().ok()?.parent()?.join("looked-after-call.toml"))
}

fn store_in(file: &Path) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    match toml::from_str::<RolledOut>(&text) {
        Ok(rolled_out) => Some(rolled_out.store),
        Err(error) => {
            tracing::warn!(%error, "looked-after-call.toml is not read");
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn profiles_are_plain_words() {
        assert!(profile_name("teacher-2").is_ok());
        assert!(profile_name("../other").is_err());
        assert!(profile_name(&"x".repeat(41)).is_err());
    }

    #[test]
    fn the_store_comes_from_the_file_beside_the_application() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("looked-after-call.toml");
        assert_eq!(store_in(&file), None);
        std::fs::write(&file, "store = \"https://store.example.org\"\n").unwrap();
        assert_eq!(store_in(&file).as_deref(), Some("https://store.example.org"));
        std::fs::write(&file, "shop = 1\n").unwrap();
        assert_eq!(store_in(&file), None);
    }
}
