//! How many tests ran and failed, read from the runners' own closing lines.

/// Tests that runners reported.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Those that passed.
    pub passed: u64,
    /// Those that failed, timed out, or could not be started.
    pub failed: u64,
}

impl Tally {
    /// Both together.
    pub fn plus(self, other: Self) -> Self {
        Self {
            passed: self.passed + other.passed,
            failed: self.failed + other.failed,
        }
    }

    /// The sum over all closing lines in a program's output.
    pub fn read(lines: &[String]) -> Self {
        lines
            .iter()
            .filter_map(|line| closing_line(line))
            .fold(Self::default(), Self::plus)
    }
}

/// The closing lines themselves, as the runners wrote them.
pub fn closing_lines(lines: &[String]) -> impl Iterator<Item = &str> {
    lines
        .iter()
        .map(String::as_str)
        .filter(|line| closing_line(line).is_some())
}

/// What a line says of tests, if it is the closing line of nextest, `cargo test` or vitest.
fn closing_line(line: &str) -> Option<Tally> {
    let line = line.trim();
    if let Some(rest) = line.strip_prefix("Summary [") {
        let (_, counts) = rest.split_once(" run: ")?;
        return Some(counted(&without_parentheses(counts), ','));
    }
    if let Some(rest) = line.strip_prefix("test result: ") {
        let (_, counts) = rest.split_once(". ")?;
        return Some(counted(counts, ';'));
    }
    let counts = line.strip_prefix("Tests ")?;
    let said = counts.contains(" passed") || counts.contains(" failed");
    said.then(|| counted(&without_parentheses(counts), '|'))
}

/// Adds up parts like `3 passed` and `1 timed out`.
fn counted(counts: &str, separator: char) -> Tally {
    let mut tally = Tally::default();
    for part in counts.split(separator) {
        let Some((number, word)) = part.trim().split_once(' ') else {
            continue;
        };
        let Ok(number) = number.parse::<u64>() else { continue };
        match word.trim() {
            "passed" => tally.passed += number,
            "failed" | "timed out" | "exec failed" => tally.failed += number,
            _ => {}
        }
    }
    tally
}

/// `4 passed (1 slow, 1 flaky), 1 failed` is `4 passed , 1 failed`.
fn without_parentheses(text: &str) -> String {
    let mut depth = 0_u32;
    text.chars()
        .filter(|character| match character {
            '(' => {
                depth += 1;
                false
            }
            ')' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Tally {
        Tally::read(&text.lines().map(str::to_owned).collect::<Vec<_>>())
    }

    #[test]
    fn nextest_is_understood() {
        assert_eq!(
            read("     Summary [   0.012s] 5 tests run: 5 passed, 2 skipped"),
            Tally { passed: 5, failed: 0 }
        );
        assert_eq!(
            read(
                "  Summary [  61.1s] 9 tests run: 6 passed (2 slow, 1 flaky), 1 failed, 1 timed out, 1 exec failed, 0 skipped"
            ),
            Tally { passed: 6, failed: 3 }
        );
        assert_eq!(
            read("     Summary [   0.000s] 0 tests run: 0 passed, 7 skipped"),
            Tally::default()
        );
    }

    #[test]
    fn cargo_test_is_added_up() {
        let text = "test result: ok. 5 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\
                    test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.1s";
        assert_eq!(read(text), Tally { passed: 7, failed: 3 });
    }

    #[test]
    fn vitest_is_understood_and_its_files_are_not_counted() {
        let text = " Test Files  1 failed | 2 passed (3)\n      Tests  1 failed | 11 passed | 4 skipped (16)";
        assert_eq!(read(text), Tally { passed: 11, failed: 1 });
    }

    #[test]
    fn other_lines_say_nothing() {
        assert_eq!(
            read("Tests are good for you\n5 passed\nPASS [ 0.1s] a::b"),
            Tally::default()
        );
    }
}
