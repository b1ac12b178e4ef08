//! What is in the window, found as a person finds it: by what a thing is and what it is called.

use std::path::Path;
use std::time::Duration;

use serde_json::{Value, json};
use thirtyfour::prelude::*;

use super::wait::{LONG_ENOUGH, until};
use super::{Outcome, Trouble};

const FIND: &str = include_str!("find.js");

/// A page under WebDriver. Whatever is asked for is waited for.
#[derive(Clone)]
pub struct Page {
    driver: WebDriver,
    patience: Duration,
}

impl Page {
    /// The page that a driver shows.
    #[must_use]
    pub fn new(driver: WebDriver) -> Self {
        Self {
            driver,
            patience: LONG_ENOUGH,
        }
    }

    /// The same page, waited for so long and no longer.
    #[must_use]
    pub fn with_patience(&self, patience: Duration) -> Self {
        Self {
            driver: self.driver.clone(),
            patience,
        }
    }

    /// The driver, for what has no word here.
    #[must_use]
    pub fn driver(&self) -> &WebDriver {
        &self.driver
    }

    /// The visible thing of this role (`button`, `textbox`, `row`…) whose name is this, or else contains it; the
    /// first of several.
    ///
    /// # Errors
    /// When it does not come, with a list of what is there instead.
    pub async fn find(&self, role: &str, name: &str) -> Outcome<WebElement> {
        self.find_in(None, role, name).await
    }

    /// The same, inside another thing: the button of this row.
    ///
    /// # Errors
    /// When it does not come, with a list of what is there instead.
    pub async fn find_in(&self, inside: Option<&WebElement>, role: &str, name: &str) -> Outcome<WebElement> {
        let what = format!("{role} \"{name}\"");
        let found = until(&what, self.patience, || async {
            Ok(self.matches(inside, role, Some(name)).await?.into_iter().next())
        });
        match found.await {
            Ok(element) => Ok(element),
            Err(trouble) => Err(Trouble(format!("{trouble}. There are: {}", self.there().await))),
        }
    }

    /// All visible things of this role, at once, without waiting.
    ///
    /// # Errors
    /// When the window does not answer.
    pub async fn all(&self, role: &str) -> Outcome<Vec<WebElement>> {
        self.matches(None, role, None).await
    }

    /// Whether there is such a thing now, without waiting.
    ///
    /// # Errors
    /// When the window does not answer.
    pub async fn has(&self, role: &str, name: &str) -> Outcome<bool> {
        Ok(!self.matches(None, role, Some(name)).await?.is_empty())
    }

    /// Clicks it, when it is there and can be clicked.
    ///
    /// # Errors
    /// When it does not come, or stays covered or greyed out.
    pub async fn click(&self, role: &str, name: &str) -> Outcome {
        self.click_in(None, role, name).await
    }

    /// Clicks a thing inside another.
    ///
    /// # Errors
    /// When it does not come, or stays covered or greyed out.
    pub async fn click_in(&self, inside: Option<&WebElement>, role: &str, name: &str) -> Outcome {
        self.find_in(inside, role, name).await?;
        until(&format!("{role} \"{name}\" to take a click"), self.patience, || async {
            // Found anew each time: a page that redraws itself makes a new one.
            let found = self.matches(inside, role, Some(name)).await?.into_iter().next();
            let element = found.ok_or_else(|| Trouble::new("it is gone"))?;
            if !element.is_enabled().await? {
                return Err(Trouble::new("it is greyed out"));
            }
            if matches!(role, "radio" | "checkbox") {
                // The drawn one, or its label, lies over it: a click at that place is the click that counts.
                self.driver
                    .execute("arguments[0].click()", vec![element.to_json()?])
                    .await?;
            } else {
                element.click().await?;
            }
            Ok(Some(()))
        })
        .await
    }

    /// Types into the field of this name, in place of what is in it.
    ///
    /// # Errors
    /// When there is no such field, or it does not take the text.
    pub async fn fill(&self, name: &str, text: &str) -> Outcome {
        let field = self.field(name).await?;
        field.clear().await?;
        field.send_keys(text).await?;
        let value = field.prop("value").await?.unwrap_or_default();
        if value == text {
            Ok(())
        } else {
            Err(Trouble(format!("\"{name}\" holds \"{value}\" after typing \"{text}\"")))
        }
    }

    /// Chooses an option of the drop-down list of this name.
    ///
    /// # Errors
    /// When there is no such list or option.
    pub async fn choose(&self, name: &str, option: &str) -> Outcome {
        let list = self.find("combobox", name).await?;
        let script = "const [list, text] = arguments; \
            const option = [...list.options].find((option) => option.text.trim() === text); \
            if (!option) return [...list.options].map((option) => option.text.trim()).join(', '); \
            list.value = option.value; list.dispatchEvent(new Event('input', { bubbles: true })); \
            list.dispatchEvent(new Event('change', { bubbles: true })); return null;";
        let said = self
            .driver
            .execute(script, vec![list.to_json()?, json!(option)])
            .await?;
        match said.json() {
            Value::Null => Ok(()),
            options => Err(Trouble(format!("\"{name}\" has no \"{option}\"; it has: {options}"))),
        }
    }

    /// Presses keys where the cursor is: text, or `Key::Enter` and the like, or `Key::Control + "k"`.
    ///
    /// # Errors
    /// When the window does not answer.
    pub async fn press(&self, keys: impl Into<TypingData>) -> Outcome {
        let element = self.driver.active_element().await?;
        Ok(element.send_keys(keys).await?)
    }

    /// Waits until the page shows this text somewhere; spaces and line breaks count as one space.
    ///
    /// # Errors
    /// When it does not come, with what is shown instead.
    pub async fn see(&self, text: &str) -> Outcome {
        let what = format!("\"{text}\" to be seen");
        let found = until(&what, self.patience, || async {
            Ok(self.text().await?.contains(text).then_some(()))
        });
        match found.await {
            Ok(()) => Ok(()),
            Err(trouble) => Err(Trouble(format!("{trouble}. The page says: {}", self.text().await?))),
        }
    }

    /// Waits until the page no longer shows this text.
    ///
    /// # Errors
    /// When it stays.
    pub async fn see_no_more(&self, text: &str) -> Outcome {
        until(&format!("\"{text}\" to go away"), self.patience, || async {
            Ok((!self.text().await?.contains(text)).then_some(()))
        })
        .await
    }

    /// The visible text of the page, with spaces and line breaks as one space.
    ///
    /// # Errors
    /// When the window does not answer.
    pub async fn text(&self) -> Outcome<String> {
        let said = self
            .driver
            .execute("return document.body.innerText.replace(/\\s+/g, ' ').trim()", vec![])
            .await?;
        Ok(said.json().as_str().unwrap_or_default().to_owned())
    }

    /// A picture of the page, as a PNG file, once it has stopped moving.
    ///
    /// # Errors
    /// When it cannot be taken or written.
    pub async fn screenshot(&self, to: &Path) -> Outcome {
        // WebKit pictures the frame that it painted last, which may be of before the newest change.
        let settle = "const done = arguments[arguments.length - 1]; \
            const frame = (n) => (n ? requestAnimationFrame(() => frame(n - 1)) : setTimeout(done, 250)); \
            document.fonts.ready.then(() => frame(3));";
        self.driver.execute_async(settle, vec![]).await?;
        Ok(self.driver.screenshot(to).await?)
    }

    async fn field(&self, name: &str) -> Outcome<WebElement> {
        let what = format!("a field \"{name}\"");
        let found = until(&what, self.patience, || async {
            for role in ["textbox", "searchbox", "combobox", "spinbutton"] {
                if let Some(field) = self.matches(None, role, Some(name)).await?.into_iter().next() {
                    return Ok(Some(field));
                }
            }
            Ok(None)
        });
        match found.await {
            Ok(element) => Ok(element),
            Err(trouble) => Err(Trouble(format!("{trouble}. There are: {}", self.there().await))),
        }
    }

    async fn matches(&self, inside: Option<&WebElement>, role: &str, name: Option<&str>) -> Outcome<Vec<WebElement>> {
        let inside = inside.map(WebElement::to_json).transpose()?.unwrap_or(Value::Null);
        Ok(self
            .driver
            .execute(FIND, vec![json!(role), json!(name), inside])
            .await?
            .elements()?)
    }

    /// What can be found now, for a message.
    async fn there(&self) -> String {
        match self
            .driver
            .execute(FIND, vec![Value::Null, Value::Null, Value::Null])
            .await
        {
            Ok(said) => said.convert::<Vec<String>>().unwrap_or_default().join(", "),
            Err(error) => format!("(the window does not answer: {error})"),
        }
    }
}
