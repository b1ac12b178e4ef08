//! The DfE's file of all England: 50,000 rows of 120 columns read, judged, and written into an empty store, then read
//! again with nothing new, and once more with every tenth row changed; beside reading the file's bytes alone. The most
//! memory that the process held is printed. Run by `cargo xtask bench establishments`.

use std::fmt::Write as _;
use std::path::Path;
use std::sync::Arc;
use std::time::Instant;

use lac_central::{Config, FirstUser, Setup, Store, SystemClock, read_gias};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const ROWS: usize = 50_000;
const COLUMNS: usize = 120;

#[tokio::main]
async fn main() -> Outcome<()> {
    let folder = tempfile::tempdir()?;
    for rows in [ROWS / 2, ROWS] {
        let (first, second) = (file(rows, ""), file(rows, " CE"));
        let store = set_up(&folder.path().join(rows.to_string())).await?;
        println!("{rows} rows, {:.1} MB:", megabytes(first.len()));
        let begun = Instant::now();
        let sum: u64 = first.iter().map(|byte| u64::from(*byte)).sum();
        println!("  looking at every byte: {:.2?} ({sum})", begun.elapsed());
        for (what, bytes) in [
            ("all new", &first),
            ("nothing new", &first),
            ("every tenth changed", &second),
        ] {
            let begun = Instant::now();
            let read = read_gias(bytes.as_slice())?;
            let reading = begun.elapsed();
            let done = store
                .import_establishments(&read)
                .await
                .map_err(|error| error.to_string())?;
            println!(
                "  {what}: read in {reading:.2?}, written in {:.2?}: {done:?}",
                begun.elapsed() - reading
            );
        }
        store.close().await;
    }
    println!(
        "the most memory held: {}",
        peak().unwrap_or_else(|| "not known here".to_owned())
    );
    Ok(())
}

#[allow(clippy::cast_precision_loss, reason = "for people")]
fn megabytes(bytes: usize) -> f64 {
    bytes as f64 / 1_000_000.0
}

/// The most memory that the process held, as Linux tells it.
fn peak() -> Option<String> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    Some(line.trim_start_matches("VmHWM:").trim().to_owned())
}

/// A file in the form of the DfE's; every tenth name ends otherwise.
fn file(rows: usize, every_tenth: &str) -> Vec<u8> {
    let named = [
        "URN",
        "LA (code)",
        "LA (name)",
        "EstablishmentNumber",
        "EstablishmentName",
        "TypeOfEstablishment (name)",
        "EstablishmentStatus (name)",
        "OpenDate",
        "CloseDate",
        "PhaseOfEducation (name)",
        "Street",
        "Town",
        "Postcode",
        "TelephoneNum",
        "SchoolWebsite",
        "HeadFirstName",
        "HeadLastName",
    ];
    let mut text = named.join(",");
    for column in named.len()..COLUMNS {
        let _ = write!(text, ",Column {column}");
    }
    let filler = ",Not applicable".repeat(COLUMNS - named.len());
    for row in 0..rows {
        let ending = if row % 10 == 0 { every_tenth } else { "" };
        let _ = write!(
            text,
            "\r\n{urn},{la},Authority {la},{number:04},\"{name} {row} School{ending}\",Community school,Open,01-09-1994,,\
             Primary,{row} School Lane,Barchester,BA{area} {row}AA,01632960{row:03},www.school{row}.example.org,Ann,Lee{filler}",
            urn = 100_000 + row,
            la = 201 + row % 150,
            number = row % 10_000,
            name = ["Riverside", "Hilltop", "St Anne's", "Oakfield"][row % 4],
            area = row % 90,
        );
    }
    text.into_bytes()
}

async fn set_up(folder: &Path) -> Outcome<Store> {
    std::fs::create_dir_all(folder)?;
    let first_user = FirstUser {
        first_name: "Septimus".to_owned(),
        last_name: "Harding".to_owned(),
        email: "septimus.harding@example.org".to_owned(),
    };
    let setup = Setup {
        authority_name: "Barsetshire Virtual School".to_owned(),
        danger_phone: String::new(),
        first_user,
    };
    let (store, _) = Store::init(Config::in_folder(folder), Arc::new(SystemClock), setup).await?;
    Ok(store)
}
