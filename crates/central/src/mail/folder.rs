//! Mails as files of a folder, each there whole or not at all. The same mail has the same file, however often it is
//! written.

use std::io::Write as _;
use std::path::Path;

use super::queue::Claimed;

/// Writes a mail.
pub(super) async fn write(folder: &Path, mail: &Claimed, eml: String) -> std::io::Result<()> {
    let (folder, name) = (folder.to_owned(), file_name(mail));
    tokio::task::spawn_blocking(move || write_whole(&folder, &name, &eml))
        .await
        .map_err(std::io::Error::other)?
}

fn file_name(mail: &Claimed) -> String {
    format!("{}-{}.eml", mail.created_at.utc().format("%Y%m%dT%H%M%S"), mail.id)
}

fn write_whole(folder: &Path, name: &str, text: &str) -> std::io::Result<()> {
    std::fs::create_dir_all(folder)?;
    let draft = folder.join(format!(".{name}.part"));
    let mut file = std::fs::File::create(&draft)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    std::fs::rename(&draft, folder.join(name))
}
