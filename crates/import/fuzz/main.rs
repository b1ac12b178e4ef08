//! Fuzzing of the readers on the stable toolchain, by `cargo xtask fuzz [SECONDS]`: files are mutated without end, and
//! one that leads a reader somewhere new (another encoding, delimiter, heading, error or finding) is kept and mutated
//! in turn. A file that panics, breaks what must hold, or takes too long is written beside the corpus, and ends the run.
//! `LAC_SEED` repeats a run.

mod chance;
mod mutate;
mod targets;

use std::collections::HashSet;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use chance::Chance;
use targets::{TARGETS, Target};

/// How long a run is when nobody says.
const SECONDS: u64 = 60;
/// A file of at most [`mutate::MOST_BYTES`] that takes longer is a fault too.
const PATIENCE: Duration = Duration::from_secs(2);

/// What a run did with one target.
struct Run {
    target: Target,
    corpus: Vec<Vec<u8>>,
    seen: HashSet<u64>,
    executions: u64,
}

fn main() -> ExitCode {
    let seconds = std::env::args().nth(1).map_or(Ok(SECONDS), |text| text.parse());
    let Ok(seconds) = seconds else {
        eprintln!("How many seconds? A whole number, such as 600.");
        return ExitCode::FAILURE;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/fuzz");
    let seed = std::env::var("LAC_SEED").ok().and_then(|seed| seed.parse().ok());
    let seed = seed.unwrap_or_else(|| std::time::UNIX_EPOCH.elapsed().map_or(1, |since| since.as_secs()));
    println!("LAC_SEED={seed}, {seconds} s");
    let mut chance = Chance::new(seed);
    let mut runs: Vec<Run> = TARGETS.iter().map(|target| Run::new(*target)).collect();
    // What a reader says when it panics is for the one who looks at the file.
    let end = Instant::now() + Duration::from_secs(seconds);
    let mut turn = 0;
    while Instant::now() < end {
        let run = &mut runs[turn];
        turn = (turn + 1) % TARGETS.len();
        for _ in 0..200 {
            let file = run.next(&mut chance);
            if let Err(why) = run.try_file(&file) {
                let path = keep(&folder, run.target.name, &file);
                eprintln!("{}: {why}. The file is {}", run.target.name, path.display());
                return ExitCode::FAILURE;
            }
        }
    }
    for run in &runs {
        println!(
            "{}: {} executions, {} ways seen, {} files in the corpus, nothing panicked",
            run.target.name,
            run.executions,
            run.seen.len(),
            run.corpus.len()
        );
    }
    ExitCode::SUCCESS
}

fn keep(folder: &Path, name: &str, file: &[u8]) -> PathBuf {
    let path = folder.join(format!("{name}.csv"));
    if let Err(error) = std::fs::create_dir_all(folder).and_then(|()| std::fs::write(&path, file)) {
        eprintln!("It could not be written: {error}");
    }
    path
}

impl Run {
    fn new(target: Target) -> Self {
        let mut run = Self {
            target,
            corpus: Vec::new(),
            seen: HashSet::new(),
            executions: 0,
        };
        for seed in (target.seeds)() {
            run.corpus.push(seed.clone());
            // Its ways are known from the beginning; a seed that fails is found again at once.
            if let Ok(ways) = (target.run)(&seed) {
                run.seen.extend(ways);
            }
        }
        run
    }

    fn next(&self, chance: &mut Chance) -> Vec<u8> {
        let mut file = chance.of(&self.corpus).clone();
        let other = chance.of(&self.corpus);
        mutate::mutate(chance, &mut file, other);
        file
    }

    fn try_file(&mut self, file: &[u8]) -> Result<(), String> {
        let began = Instant::now();
        let ways = catch_unwind(AssertUnwindSafe(|| (self.target.run)(file)))
            .map_err(|_| "it panicked; the message is above".to_owned())??;
        if began.elapsed() > PATIENCE {
            return Err(format!("it took {:.1?}", began.elapsed()));
        }
        self.executions += 1;
        let before = self.seen.len();
        self.seen.extend(ways);
        if self.seen.len() > before {
            self.corpus.push(file.to_vec());
        }
        Ok(())
    }
}
