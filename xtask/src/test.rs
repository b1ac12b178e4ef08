//! `cargo xtask test`: every check, or those asked for, each to its end even when one before it failed.

use std::process::{Command, ExitCode};

use crate::command::{cargo, npm, root, stream};
use crate::interrupt;
use crate::postgres::{self, Durability, Postgres};
use crate::report::{Outcome, Report};
use crate::setup;
use crate::tally::{Tally, closing_lines};
use crate::ui;

/// The steps in their order (the UI first: the desktop is compiled with what it builds), and what each looks at.
const STEPS: &[(&str, &str)] = &[
    ("setup", "system packages and npm packages"),
    ("fmt", "the format of the Rust code"),
    ("ui", "the UI: types, lints, format, unit tests, build"),
    ("clippy", "lints of the Rust code"),
    ("machete", "dependencies that nothing uses"),
    ("deny", "licences, banned crates, sources"),
    ("build", "everything that the tests run"),
    ("unit", "unit and storage tests, on SQLite and PostgreSQL"),
    ("journeys", "a real store and real clients, and what can go wrong"),
    ("window", "the real application in a real window"),
];

/// Which steps run: those named, and for the words left over those that run tests.
struct Plan {
    steps: Vec<&'static str>,
    words: Vec<String>,
}

impl Plan {
    fn new(filters: &[String]) -> Result<Self, String> {
        let named = |filter: &String| STEPS.iter().find(|(name, _)| name == filter).map(|(name, _)| *name);
        let mut wanted: Vec<&str> = filters.iter().filter_map(named).collect();
        let words: Vec<String> = filters
            .iter()
            .filter(|filter| named(filter).is_none())
            .cloned()
            .collect();
        let plain = |character: char| character.is_alphanumeric() || "_-:".contains(character);
        if let Some(odd) = words.iter().find(|word| word.is_empty() || !word.chars().all(plain)) {
            return Err(format!(
                "\"{odd}\" is not part of a test's name: use letters, digits, _ - and :"
            ));
        }
        if filters.is_empty() {
            wanted = STEPS.iter().map(|(name, _)| *name).collect();
        } else if wanted.is_empty() {
            wanted = vec!["ui", "unit", "journeys", "window"];
        }
        let tests_run = ["unit", "journeys", "window"].iter().any(|step| wanted.contains(step));
        let kept = |name: &&str| wanted.contains(name) || *name == "setup" || (*name == "build" && tests_run);
        Ok(Self {
            steps: STEPS.iter().map(|(name, _)| *name).filter(kept).collect(),
            words,
        })
    }
}

/// Runs the plan. The error says why nothing could be run; a failed check is in the report and the exit code.
pub fn run(filters: &[String]) -> Result<ExitCode, String> {
    let plan = Plan::new(filters)?;
    let has_nextest = setup::has_subcommand("nextest");
    let mut report = Report::new(plan.steps.len());
    let mut server: Option<Result<Postgres, String>> = None;
    let mut ran = Tally::default();
    for (name, what) in STEPS.iter().filter(|(name, _)| plan.steps.contains(name)) {
        if interrupt::heard() {
            return Err("Stopped.".into());
        }
        report.step(name, what, |closing| {
            let mut step = Step {
                closing,
                tally: Tally::default(),
            };
            let done = match *name {
                "setup" => setup::packages().and_then(|()| ui::packages()).map(|()| None),
                "fmt" => step.runs([cargo().args(["fmt", "--all", "--check"])]),
                "ui" => step.ui(&plan.words),
                "clippy" => ui::build().and_then(|()| {
                    step.runs([cargo().args(["clippy", "--workspace", "--all-targets", "--", "-D", "warnings"])])
                }),
                "machete" => step.machete(),
                "deny" => step.deny(),
                "build" => ui::build().and_then(|()| {
                    // One selection for all, so that no dependency is built twice with different features.
                    step.runs([cargo().args(["build", "--workspace", "--lib", "--bins", "--tests"])])
                }),
                tests => address(&mut server).and_then(|url| step.tests(tests, &plan.words, has_nextest, &url)),
            };
            let tally = step.tally;
            ran = ran.plus(tally);
            match done {
                Ok(None) => Outcome::Passed(tally),
                Ok(Some(skipped)) => Outcome::Skipped(skipped),
                Err(why) => Outcome::Failed(tally, why),
            }
        });
    }
    let passed = report.close();
    if !plan.words.is_empty() && ran == Tally::default() {
        return Err(format!("No test has \"{}\" in its name.", plan.words.join("\" or \"")));
    }
    Ok(if passed { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// The address of the PostgreSQL for tests: the one that the environment names, or one of our own, started once.
fn address(server: &mut Option<Result<Postgres, String>>) -> Result<String, String> {
    if let Ok(url) = std::env::var(postgres::VARIABLE) {
        return Ok(url);
    }
    server
        .get_or_insert_with(|| Postgres::start(Durability::None))
        .as_ref()
        .map(Postgres::url)
        .map_err(Clone::clone)
}

/// A step under way: what its programs said of tests.
struct Step<'a> {
    closing: &'a mut Vec<String>,
    tally: Tally,
}

/// Nothing to say, or why the step was left out; the error is why it failed.
type Done = Result<Option<String>, String>;

impl Step<'_> {
    /// Runs programs, each to its end; fails when any did.
    fn runs<'c>(&mut self, commands: impl IntoIterator<Item = &'c mut Command>) -> Done {
        let mut failed = Vec::new();
        for command in commands {
            let shown = shown(command);
            println!("$ {shown}");
            let finished = stream(command)?;
            self.closing.extend(closing_lines(&finished.lines).map(str::to_owned));
            self.tally = self.tally.plus(Tally::read(&finished.lines));
            if !finished.success {
                failed.push(shown);
            }
        }
        if failed.is_empty() {
            Ok(None)
        } else {
            Err(failed.join("; "))
        }
    }

    fn ui(&mut self, words: &[String]) -> Done {
        ui::packages()?;
        if !words.is_empty() {
            return self.runs([npm()
                .args(["run", "test", "--", "--passWithNoTests", "-t"])
                .arg(words.join("|"))]);
        }
        self.runs([
            npm().args(["run", "check"]),
            npm().args(["run", "test"]),
            npm().args(["run", "build"]),
        ])
    }

    fn machete(&mut self) -> Done {
        if !setup::has_subcommand("machete") {
            println!("cargo install cargo-machete --locked");
            if !stream(cargo().args(["install", "cargo-machete", "--locked"]))?.success {
                return Ok(Some(
                    "not there, and could not be had: cargo install cargo-machete --locked".into(),
                ));
            }
        }
        self.runs([cargo().args(["machete"])])
    }

    fn deny(&mut self) -> Done {
        if !setup::has_subcommand("deny") {
            return Ok(Some("to have it: cargo install cargo-deny --locked".into()));
        }
        self.runs([cargo().args(["deny", "check", "licenses", "bans", "sources"])])
    }

    fn tests(&mut self, step: &str, words: &[String], has_nextest: bool, postgres: &str) -> Done {
        if !has_nextest {
            return self.plain_tests(step, words, postgres);
        }
        let mut expression = match step {
            "unit" => "not package(lac-tests)".to_owned(),
            "journeys" => "package(lac-tests) and not binary(~window)".to_owned(),
            _ => "package(lac-tests) and binary(~window)".to_owned(),
        };
        if !words.is_empty() {
            let any: Vec<String> = words.iter().map(|word| named(word)).collect();
            expression = format!("({expression}) and ({})", any.join(" or "));
        }
        let mut nextest = cargo();
        nextest.env(postgres::VARIABLE, postgres);
        nextest
            .args([
                "nextest",
                "run",
                "--workspace",
                "--no-fail-fast",
                "--no-tests=pass",
                "-E",
            ])
            .arg(expression);
        let mut documented = cargo();
        documented.args(["test", "--workspace", "--doc"]);
        if step == "unit" && words.is_empty() {
            self.runs([&mut nextest, &mut documented])
        } else {
            self.runs([&mut nextest])
        }
    }

    /// The same with cargo's own runner, where nextest is not installed.
    fn plain_tests(&mut self, step: &str, words: &[String], postgres: &str) -> Done {
        let mut test = cargo();
        test.env(postgres::VARIABLE, postgres).args(["test", "--no-fail-fast"]);
        match step {
            "unit" => {
                test.args(["--workspace", "--exclude", "lac-tests"]);
            }
            _ => {
                let windows = step == "window";
                test.args(["--package", "lac-tests"]);
                if windows {
                    // Each of them has desktops of its own: one at a time is as much as a small machine bears.
                    test.env("RUST_TEST_THREADS", "1");
                } else {
                    test.arg("--lib");
                }
                let files = std::fs::read_dir(root().join("tests/tests")).map_err(|error| format!("tests: {error}"))?;
                let names = files.flatten().filter_map(|file| file.file_name().into_string().ok());
                for name in names.filter_map(|name| name.strip_suffix(".rs").map(str::to_owned)) {
                    if name.contains("window") == windows {
                        test.args(["--test", &name]);
                    }
                }
            }
        }
        test.arg("--").args(words);
        self.runs([&mut test])
    }
}

/// What a word selects: the tests, packages and files of tests in whose name it is. nextest refuses an expression that
/// names a package or a file that there is not.
fn named(word: &str) -> String {
    let mut any = vec![format!("test(~{word})")];
    let (packages, files) = (names_in("crates"), names_in("tests/tests"));
    let packages = packages.iter().map(|name| format!("lac-{name}"));
    if packages
        .chain(["lac-tests".into(), "looked-after-call".into()])
        .any(|name| name.contains(word))
    {
        any.push(format!("package(~{word})"));
    }
    if files.iter().any(|name| name.contains(word)) {
        any.push(format!("binary(~{word})"));
    }
    any.join(" or ")
}

/// The names in a folder of the project, without their endings.
fn names_in(folder: &str) -> Vec<String> {
    let entries = std::fs::read_dir(root().join(folder)).into_iter().flatten().flatten();
    let names = entries.filter_map(|entry| entry.file_name().into_string().ok());
    names.map(|name| name.trim_end_matches(".rs").to_owned()).collect()
}

/// A command as one would type it.
fn shown(command: &Command) -> String {
    let program = command.get_program().to_string_lossy();
    let program = program.rsplit(['/', '\\']).next().unwrap_or(&program);
    let words = command.get_args().map(|word| {
        let word = word.to_string_lossy();
        if word.contains([' ', '(', '|']) {
            format!("'{word}'")
        } else {
            word.into_owned()
        }
    });
    std::iter::once(program.to_owned())
        .chain(words)
        .collect::<Vec<_>>()
        .join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plan(filters: &[&str]) -> Plan {
        Plan::new(&filters.iter().map(|filter| (*filter).to_owned()).collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn with_no_filter_every_step_runs() {
        assert_eq!(plan(&[]).steps.len(), STEPS.len());
    }

    #[test]
    fn a_step_is_named_and_brings_what_it_needs() {
        assert_eq!(plan(&["window"]).steps, ["setup", "build", "window"]);
        assert_eq!(plan(&["fmt", "deny"]).steps, ["setup", "fmt", "deny"]);
    }

    #[test]
    fn other_words_are_parts_of_tests_names() {
        let plan = plan(&["import"]);
        assert_eq!(plan.steps, ["setup", "ui", "build", "unit", "journeys", "window"]);
        assert_eq!(plan.words, ["import"]);
    }

    #[test]
    fn a_step_and_a_word_narrow_the_step() {
        let plan = plan(&["unit", "import"]);
        assert_eq!(
            (plan.steps, plan.words),
            (vec!["setup", "build", "unit"], vec!["import".to_owned()])
        );
    }

    #[test]
    fn a_word_that_nextest_would_misread_is_refused() {
        assert!(Plan::new(&["a)b".to_owned()]).is_err());
    }

    #[test]
    fn commands_are_shown_as_typed() {
        let mut command = Command::new("/usr/bin/cargo");
        command.args(["nextest", "run", "-E", "not package(x)"]);
        assert_eq!(shown(&command), "cargo nextest run -E 'not package(x)'");
    }
}
