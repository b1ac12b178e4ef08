//! Sentences about establishments: days and counts in words.

use chrono::NaiveDate;

/// A day as people write it: 4 March 2026.
pub(super) fn day(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

/// A count with its noun: "1 user", "2 users".
pub(super) fn counted(count: u32, noun: &str) -> String {
    if count == 1 {
        format!("1 {noun}")
    } else {
        format!("{count} {noun}s")
    }
}
