//! Steps with the time each took, and the table at the end.

use std::time::{Duration, Instant};

use crate::tally::Tally;

/// What came of a step.
pub enum Outcome {
    /// All of it went well.
    Passed(Tally),
    /// Something did not; why, in a few words.
    Failed(Tally, String),
    /// It was left out, and why.
    Skipped(String),
}

struct Row {
    name: &'static str,
    took: Duration,
    outcome: Outcome,
}

/// The steps taken so far.
pub struct Report {
    planned: usize,
    rows: Vec<Row>,
    closing_lines: Vec<String>,
}

impl Report {
    /// A report of so many steps to come.
    pub fn new(planned: usize) -> Self {
        Self {
            planned,
            rows: Vec::new(),
            closing_lines: Vec::new(),
        }
    }

    /// Takes a step, saying so before and after.
    pub fn step(&mut self, name: &'static str, what: &str, work: impl FnOnce(&mut Vec<String>) -> Outcome) {
        println!("\n[{}/{}] {name}: {what}", self.rows.len() + 1, self.planned);
        let started = Instant::now();
        let mut closing_lines = Vec::new();
        let outcome = work(&mut closing_lines);
        let took = started.elapsed();
        let (word, _) = words(&outcome);
        println!(
            "[{}/{}] {name}: {word}, {}",
            self.rows.len() + 1,
            self.planned,
            seconds(took)
        );
        self.closing_lines.extend(closing_lines);
        self.rows.push(Row { name, took, outcome });
    }

    /// Prints the runners' closing lines, the table, and last of all the count; says whether no step failed.
    pub fn close(self) -> bool {
        println!();
        for line in &self.closing_lines {
            println!("{line}");
        }
        println!("\n{:<10} {:>9}  result", "step", "time");
        let mut tally = Tally::default();
        let mut failed = Vec::new();
        for row in &self.rows {
            let (word, detail) = words(&row.outcome);
            println!("{:<10} {:>9}  {word}{detail}", row.name, seconds(row.took));
            match &row.outcome {
                Outcome::Passed(counted) => tally = tally.plus(*counted),
                Outcome::Failed(counted, _) => {
                    tally = tally.plus(*counted);
                    failed.push(row.name);
                }
                Outcome::Skipped(_) => {}
            }
        }
        println!();
        if !failed.is_empty() {
            println!(
                "{} of {} steps failed: {}",
                failed.len(),
                self.rows.len(),
                failed.join(", ")
            );
        }
        println!("{} passed, {} failed", tally.passed, tally.failed);
        failed.is_empty()
    }
}

fn words(outcome: &Outcome) -> (&'static str, String) {
    match outcome {
        Outcome::Passed(tally) if *tally == Tally::default() => ("ok", String::new()),
        Outcome::Passed(tally) => ("ok", format!(" ({} tests)", tally.passed)),
        Outcome::Failed(_, why) => ("FAILED", format!(" ({why})")),
        Outcome::Skipped(why) => ("skipped", format!(" ({why})")),
    }
}

/// `0.4 s`, `12.3 s`, `3 min 5 s`.
pub fn seconds(span: Duration) -> String {
    if span.as_secs() < 60 {
        format!("{:.1} s", span.as_secs_f64())
    } else {
        format!("{} min {} s", span.as_secs() / 60, span.as_secs() % 60)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_failed_step_fails_the_whole() {
        let mut report = Report::new(3);
        report.step("fmt", "the format", |_| Outcome::Passed(Tally::default()));
        report.step("unit", "unit tests", |_| {
            Outcome::Failed(Tally { passed: 4, failed: 1 }, "exit".into())
        });
        report.step("deny", "licences", |_| Outcome::Skipped("not installed".into()));
        assert!(!report.close());
        let mut report = Report::new(1);
        report.step("unit", "unit tests", |_| {
            Outcome::Passed(Tally { passed: 4, failed: 0 })
        });
        assert!(report.close());
    }

    #[test]
    fn times_are_said_as_people_say_them() {
        assert_eq!(seconds(Duration::from_millis(1234)), "1.2 s");
        assert_eq!(seconds(Duration::from_secs(185)), "3 min 5 s");
    }
}
