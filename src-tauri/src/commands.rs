//! The UI commands as Tauri commands, made from the one table; each calls `client` and nothing else.

use std::sync::Arc;

use lac_client::App;
use lac_client::view::*;
use lac_domain::{DraftId, ReminderId, Timestamp};
use lac_import::Finding;
use lac_wire::*;
use tauri::{Runtime, State};

use crate::host::Shell;

macro_rules! register {
    (app { $($a:ident($ar:ty) -> $ap:ty;)* } account { $($b:ident($br:ty) -> $bp:ty;)* }) => {
        $(#[tauri::command]
        async fn $a(app: State<'_, Arc<App<Shell>>>, request: $ar) -> Result<$ap, Problem> {
            app.$a(request).await
        })*
        $(#[tauri::command]
        async fn $b(app: State<'_, Arc<App<Shell>>>, account: AccountId, request: $br) -> Result<$bp, Problem> {
            app.$b(account, request).await
        })*

        /// Answers the page's calls.
        pub fn handler<R: Runtime>() -> impl Fn(tauri::ipc::Invoke<R>) -> bool + Send + Sync + 'static {
            tauri::generate_handler![$($a,)* $($b,)*]
        }

        #[cfg(test)]
        const NAMES: &[&str] = &[$(stringify!($a),)* $(stringify!($b),)*];
    };
}
lac_client::ui_commands!(register);

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::NAMES;

    /// What Rust registers, what the window is allowed, and what the UI calls are the same set.
    #[test]
    fn the_three_lists_of_commands_agree() {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let registered: BTreeSet<String> = NAMES.iter().map(|name| (*name).to_owned()).collect();

        let capability = std::fs::read_to_string(here.join("capabilities/main.json")).unwrap();
        let capability: serde_json::Value = serde_json::from_str(&capability).unwrap();
        let allowed: BTreeSet<String> = capability["permissions"]
            .as_array()
            .unwrap()
            .iter()
            .filter_map(|permission| permission.as_str().unwrap().strip_prefix("allow-"))
            .map(|name| name.replace('-', "_"))
            .collect();
        assert_eq!(registered, allowed, "src-tauri/capabilities/main.json");

        let called = called_in(&here.join("../ui/src"));
        let unknown: Vec<_> = called.difference(&registered).collect();
        let uncalled: Vec<_> = registered.difference(&called).collect();
        assert!(unknown.is_empty(), "the UI calls what is not registered: {unknown:?}");
        assert!(
            uncalled.is_empty(),
            "registered, and never called by the UI: {uncalled:?}"
        );
    }

    /// The names of commands that stand as the first argument of a call in the UI's sources.
    fn called_in(folder: &Path) -> BTreeSet<String> {
        let mut names = BTreeSet::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap();
            if path.is_dir() {
                if name != "bindings" {
                    names.extend(called_in(&path));
                }
            } else if (name.ends_with(".ts") || name.ends_with(".svelte")) && !name.contains(".test.") {
                let text = std::fs::read_to_string(&path).unwrap();
                for (at, _) in text.match_indices("('") {
                    let rest = &text[at + 2..];
                    let word: String = rest
                        .chars()
                        .take_while(|c| c.is_ascii_lowercase() || *c == '_')
                        .collect();
                    if rest[word.len()..].starts_with('\'') && NAMES.contains(&word.as_str()) {
                        names.insert(word);
                    }
                }
            }
        }
        names
    }
}
