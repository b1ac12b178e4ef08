//! The files that are added, made up.

use std::fmt::Write as _;

use crate::Outcome;

const ESTABLISHMENTS: usize = 2_000;
const FIRST: [&str; 8] = [
    "Amara", "Benjamin", "Chloe", "Dilip", "Eleanor", "Farah", "Gareth", "Hanna",
];
const LAST: [&str; 8] = [
    "Okafor",
    "Hartley",
    "Pemberton",
    "Raman",
    "Whitlock",
    "Siddiqui",
    "Llewellyn",
    "Kowalczyk",
];

pub fn establishments() -> Outcome<String> {
    let mut file = "URN,EstablishmentName,EstablishmentStatus (name),Postcode\n".to_owned();
    for number in 0..ESTABLISHMENTS {
        let urn = 100_000 + number;
        writeln!(file, "{urn},School Number {number},Open,BA1 {}AB", number % 10)?;
    }
    Ok(file)
}

/// A file of so many Designated Teachers, each of an establishment.
pub fn users(rows: usize) -> Outcome<String> {
    let mut file = "User First Name,User Last Name,Job Title,Email,Phone,School Reference Number (URN)\n".to_owned();
    for number in 0..rows {
        let (first, last) = (FIRST[number % 8], LAST[number / 8 % 8]);
        let urn = 100_000 + number % ESTABLISHMENTS;
        writeln!(
            file,
            "{first},{last}{number},Designated Teacher,{first}.{last}{number}@example.org,01632 {number:06},{urn}"
        )?;
    }
    Ok(file)
}
