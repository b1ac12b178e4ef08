//! Looking at a file of users before it is sent: how long the desktop takes, and the most memory that it held. Run by
//! `cargo xtask bench import`.

mod desk;

use std::fmt::Write as _;
use std::time::Instant;

use desk::{Outcome, Store, first_fetch};
use lac_client::view::LookAtFile;
use lac_wire::ImportKind;

const SIZES: [usize; 4] = [1_000, 10_000, 100_000, 150_000];

#[tokio::main]
async fn main() -> Outcome<()> {
    let store = Store::start(&[]).await?;
    let folder = tempfile::tempdir()?;
    let (desk, _) = first_fetch(folder.path(), &store).await?;
    for rows in SIZES {
        let path = folder.path().join("staff.csv");
        write_file(&path, rows)?;
        let request = LookAtFile {
            kind: ImportKind::Users,
            path: path.to_string_lossy().into_owned(),
            mapping: Vec::new(),
        };
        let began = Instant::now();
        let looked = desk.app.look_at_file(desk.account, request).await?;
        let took = began.elapsed();
        if looked.recognised.rows as usize != rows {
            return Err("not every row was read".into());
        }
        let memory = memory().map_or("no".to_owned(), |bytes| (bytes / 1_000_000).to_string());
        println!("desktop, {rows} rows: looked at in {took:.2?}; {memory} MB held at most (goal: under 300 MB)");
    }
    desk.app.close().await;
    Ok(())
}

/// The file is not in memory while it is looked at, but for what the desktop itself reads of it.
fn write_file(path: &std::path::Path, rows: usize) -> Outcome<()> {
    let mut file = "User First Name,User Last Name,Job Title,Email,Phone,School Reference Number (URN)\n".to_owned();
    for n in 0..rows {
        let urn = 100_000 + n % 2_000;
        writeln!(
            file,
            "Amara,Okafor{n},Designated Teacher,amara.okafor{n}@example.org,01632 {n:06},{urn}"
        )?;
    }
    std::fs::write(path, file)?;
    Ok(())
}

/// The most memory that this process held, in bytes, where the system tells.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    let kilobytes: u64 = line.split_whitespace().nth(1)?.parse().ok()?;
    Some(kilobytes * 1024)
}
