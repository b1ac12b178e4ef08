//! A story told step by step: each step is done, pictured and written down.

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::display::Display;
use super::page::Page;
use super::{Outcome, Trouble};

/// The account of a story in a folder: `story.md`, and numbered pictures. Written anew after each step, so that it
/// is there too when a later step fails.
pub struct Story {
    folder: PathBuf,
    text: String,
    steps: u32,
    pictures: u32,
}

impl Story {
    /// Begins in a folder; what an earlier telling left there is removed.
    ///
    /// # Errors
    /// When the folder cannot be made or emptied.
    pub fn begin(folder: &Path, title: &str) -> Outcome<Self> {
        std::fs::create_dir_all(folder).map_err(Trouble::during(format!("{}", folder.display())))?;
        for entry in std::fs::read_dir(folder)?.flatten() {
            let path = entry.path();
            let ours = path
                .extension()
                .is_some_and(|extension| extension == "png" || extension == "md");
            if ours && path.is_file() {
                std::fs::remove_file(path)?;
            }
        }
        let story = Self {
            folder: folder.to_owned(),
            text: format!("# {title}\n"),
            steps: 0,
            pictures: 0,
        };
        story.write()?;
        Ok(story)
    }

    /// Does a step: says it, does it, and writes down that it is done and in what time; or how it failed.
    ///
    /// # Errors
    /// The step's own, with its number and title.
    pub async fn step<T>(&mut self, title: &str, work: impl Future<Output = Outcome<T>>) -> Outcome<T> {
        self.steps += 1;
        let number = self.steps;
        println!("{number:>2}. {title}");
        write!(self.text, "\n## {number}. {title}\n\n").map_err(Trouble::during("story"))?;
        let since = Instant::now();
        let outcome = work.await;
        let took = since.elapsed().as_secs_f64();
        match outcome {
            Ok(answer) => {
                println!("    done, {took:.1} s");
                self.note(&format!("Done in {took:.1} s."))?;
                Ok(answer)
            }
            Err(trouble) => {
                println!("    FAILED: {trouble}");
                self.note(&format!("**Failed:** {trouble}"))?;
                Err(Trouble(format!("Step {number}, {title}: {trouble}")))
            }
        }
    }

    /// Writes a paragraph under the step.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn note(&mut self, paragraph: &str) -> Outcome {
        write!(self.text, "{paragraph}\n\n").map_err(Trouble::during("story"))?;
        self.write()
    }

    /// Adds a picture of what is in a window.
    ///
    /// # Errors
    /// When it cannot be taken.
    pub async fn picture_of_window(&mut self, page: &Page, caption: &str) -> Outcome {
        let file = self.next_picture(caption)?;
        page.screenshot(&file).await
    }

    /// Adds a picture of a whole screen: windows, dialogs, notifications.
    ///
    /// # Errors
    /// When it cannot be taken.
    pub fn picture_of_screen(&mut self, display: &Display, caption: &str) -> Outcome {
        let file = self.next_picture(caption)?;
        display.screenshot(&file)
    }

    fn next_picture(&mut self, caption: &str) -> Outcome<PathBuf> {
        self.pictures += 1;
        let words: String = caption
            .chars()
            .map(|c| {
                if c.is_ascii_alphanumeric() {
                    c.to_ascii_lowercase()
                } else {
                    ' '
                }
            })
            .collect();
        let words: Vec<&str> = words.split_whitespace().take(8).collect();
        let name = format!("{:02}-{}.png", self.pictures, words.join("-"));
        self.note(&format!("![{caption}]({name})"))?;
        Ok(self.folder.join(name))
    }

    fn write(&self) -> Outcome {
        Ok(std::fs::write(self.folder.join("story.md"), &self.text)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_account_holds_every_step_and_the_one_that_failed() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("09-old.png"), "old").unwrap();
        let mut story = Story::begin(folder.path(), "A message").unwrap();
        assert_eq!(story.step("Write it", async { Ok(7) }).await.unwrap(), 7);
        let failed = story
            .step("Send it", async { Err::<(), _>(Trouble::new("no network")) })
            .await;
        assert_eq!(failed.unwrap_err().0, "Step 2, Send it: no network");
        let picture = story.next_picture("The teacher's outbox: 1 waiting").unwrap();
        assert_eq!(picture.file_name().unwrap(), "01-the-teacher-s-outbox-1-waiting.png");
        let account = std::fs::read_to_string(folder.path().join("story.md")).unwrap();
        assert!(
            account.contains("## 1. Write it") && account.contains("**Failed:** no network"),
            "{account}"
        );
        assert!(!folder.path().join("09-old.png").exists());
    }
}
