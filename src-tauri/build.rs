//! Tells Tauri which commands there are, from the one table of UI commands.

#[macro_use]
#[path = "../crates/client/src/ui_commands.rs"]
mod table;

macro_rules! names {
    (app { $($a:ident($ar:ty) -> $ap:ty;)* } account { $($b:ident($br:ty) -> $bp:ty;)* }) => {
        &[$(stringify!($a),)* $(stringify!($b),)*]
    };
}

const NAMES: &[&str] = ui_commands!(names);

fn main() -> Result<(), Box<dyn std::error::Error>> {
    println!("cargo:rerun-if-changed=../crates/client/src/ui_commands.rs");
    let commands = tauri_build::AppManifest::new().commands(NAMES);
    tauri_build::try_build(tauri_build::Attributes::new().app_manifest(commands))?;
    Ok(())
}
