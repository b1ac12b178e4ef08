//! axe, run on the page in the window.

use std::path::Path;

use serde::Deserialize;

use super::page::Page;
use super::{Outcome, Trouble};

/// Something that axe found wrong.
#[derive(Clone, Debug, Deserialize)]
pub struct Violation {
    /// The rule's id, such as `color-contrast`.
    pub id: String,
    /// What the rule asks, in English.
    pub help: String,
    /// How bad: `minor`, `moderate`, `serious`, `critical`.
    pub impact: Option<String>,
    /// Each place: its HTML, and what is wrong there.
    pub nodes: Vec<Place>,
}

/// One place where a rule is broken.
#[derive(Clone, Debug, Deserialize)]
pub struct Place {
    /// The element, as HTML.
    pub html: String,
    /// What is wrong with it, and how to mend it.
    #[serde(rename = "failureSummary", default)]
    pub why: String,
}

impl Page {
    /// Everything that axe finds against WCAG 2.2 AA on the page as it is now. `axe` is the file `axe.min.js`.
    ///
    /// # Errors
    /// When the file is not there, or axe itself fails.
    pub async fn violations(&self, axe: &Path) -> Outcome<Vec<Violation>> {
        let there = self
            .driver()
            .execute("return typeof window.axe === 'object'", vec![])
            .await?;
        if there.json() != &serde_json::Value::Bool(true) {
            let source = std::fs::read_to_string(axe).map_err(Trouble::during(format!("{}", axe.display())))?;
            self.driver().execute(source, vec![]).await?;
        }
        let script = "const done = arguments[arguments.length - 1]; \
            const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']; \
            axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] }) \
               .then((result) => done({ violations: result.violations }), (error) => done({ failed: String(error) }));";
        let said = self.driver().execute_async(script, vec![]).await?;
        let answer: Answer = said.convert()?;
        match answer {
            Answer::Violations { violations } => Ok(violations),
            Answer::Failed { failed } => Err(Trouble(format!("axe failed: {failed}"))),
        }
    }

    /// Fails when axe finds anything on this screen.
    ///
    /// # Errors
    /// With each rule that is broken and where.
    pub async fn is_accessible(&self, screen: &str, axe: &Path) -> Outcome {
        let violations = self.violations(axe).await?;
        if violations.is_empty() {
            return Ok(());
        }
        let mut sentence = format!("axe finds fault with {screen}:");
        for violation in &violations {
            sentence.push_str(&format!("\n- {}: {}", violation.id, violation.help));
            for place in &violation.nodes {
                sentence.push_str(&format!("\n    {}\n    {}", place.html, place.why.replace('\n', " ")));
            }
        }
        Err(Trouble(sentence))
    }
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Answer {
    Violations { violations: Vec<Violation> },
    Failed { failed: String },
}
