//! Real services for tests, each in a temporary folder and on a free port or display, each stopped when dropped:
//! a screen, a D-Bus, a keyring, a notification daemon, the application in a real window, and a network that can
//! be cut. Debian's programs do the work; `cargo xtask setup` installs them.

pub mod accessibility;
pub mod bus;
pub mod cable;
pub mod desktop;
pub mod dialogs;
pub mod display;
pub mod drop;
pub mod frames;
pub mod keyring;
pub mod machine;
pub mod notifications;
pub mod page;
pub mod process;
pub mod store;
pub mod story;
pub mod wait;

/// What went wrong in the harness, or what a test waited for in vain, in a sentence.
#[derive(Clone)]
pub struct Trouble(pub String);

/// What the harness answers.
pub type Outcome<T = ()> = Result<T, Trouble>;

impl Trouble {
    /// A sentence.
    pub fn new(sentence: impl Into<String>) -> Self {
        Self(sentence.into())
    }

    /// For `map_err`: what was being done, and the reason why it failed.
    pub fn during<E: std::fmt::Display>(what: impl Into<String>) -> impl FnOnce(E) -> Self {
        let what = what.into();
        move |error| Self(format!("{what}: {error}"))
    }
}

impl std::fmt::Display for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

// A test that ends in an error prints its Debug: that should read as the sentence it is.
impl std::fmt::Debug for Trouble {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for Trouble {}

impl From<std::io::Error> for Trouble {
    fn from(error: std::io::Error) -> Self {
        Self(error.to_string())
    }
}

impl From<thirtyfour::error::WebDriverError> for Trouble {
    fn from(error: thirtyfour::error::WebDriverError) -> Self {
        Self(error.to_string())
    }
}
