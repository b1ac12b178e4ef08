//! Passwords: how strong one must be, hashing, and checking, with as little to learn from the time as can be.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use lac_wire::{ErrorCode, Private};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::error::{Refusal, StoreError};
use crate::random::random;

/// The fewest characters of a password.
pub const PASSWORD_CHARACTERS: usize = 12;
/// The most bytes of a password that are taken.
const PASSWORD_BYTES: usize = 1000;
/// The lowest score of zxcvbn (0 to 4) that is taken.
const STRENGTH: u8 = 3;
/// Hashes worked out at the same time; each takes 19 MiB.
const AT_ONCE: usize = 4;

/// Hashes and checks passwords on threads of their own, a few at a time.
pub struct Passwords {
    permits: Semaphore,
    /// Checked against where there is no account, so that it takes as long.
    nobody: String,
}

fn hasher() -> Result<Argon2<'static>, StoreError> {
    // OWASP's least for Argon2id: 19 MiB, two passes, one lane.
    let params = Params::new(19 * 1024, 2, 1, None).map_err(|error| StoreError::Hashing(error.to_string()))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hash(password: &[u8]) -> Result<String, StoreError> {
    let failed = |error: argon2::password_hash::Error| StoreError::Hashing(error.to_string());
    let salt: [u8; 16] = random()?;
    let hashed: argon2::password_hash::phc::PasswordHash =
        hasher()?.hash_password_with_salt(password, &salt).map_err(failed)?;
    Ok(hashed.to_string())
}

impl Passwords {
    /// Prepares the hash that stands in for accounts that do not exist.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn new() -> Result<Self, StoreError> {
        let unknowable: [u8; 32] = random()?;
        Ok(Self {
            permits: Semaphore::new(AT_ONCE),
            nobody: hash(&unknowable)?,
        })
    }

    /// Hashes a password.
    ///
    /// # Errors
    /// When hashing fails.
    pub async fn hash(&self, password: &Private) -> Result<String, StoreError> {
        let password = Zeroizing::new(password.reveal().as_bytes().to_vec());
        self.on_own_thread(move || hash(&password)).await
    }

    /// Whether a password fits a hash; with no hash it takes as long, and does not.
    ///
    /// # Errors
    /// When hashing fails.
    pub async fn fits(&self, password: &Private, stored: Option<String>) -> Result<bool, StoreError> {
        let known = stored.is_some();
        let stored = stored.unwrap_or_else(|| self.nobody.clone());
        let password = Zeroizing::new(password.reveal().as_bytes().to_vec());
        let fits = self
            .on_own_thread(move || {
                if password.len() > PASSWORD_BYTES {
                    return Ok(false);
                }
                let stored = PasswordHash::new(&stored).map_err(|error| StoreError::Hashing(error.to_string()))?;
                Ok(hasher()?.verify_password(&password, &stored).is_ok())
            })
            .await?;
        Ok(fits && known)
    }

    async fn on_own_thread<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
    ) -> Result<T, StoreError> {
        let _permit = self.permits.acquire().await.map_err(|_| StoreError::Closing)?;
        tokio::task::spawn_blocking(work)
            .await
            .map_err(|error| StoreError::Hashing(error.to_string()))?
    }
}

/// Refuses a password that is short or easily guessed. `own` are words that belong to the person: names,
/// e-mail address, the authority's name.
///
/// # Errors
/// A refusal that says what to do.
pub fn require_strong(password: &Private, own: &[&str]) -> Result<(), Refusal> {
    let weak = |message: &str| Err(Refusal::new(ErrorCode::PasswordWeak, message).about("password"));
    let text = password.reveal();
    if text.chars().count() < PASSWORD_CHARACTERS {
        return weak("This password is too short. Use at least 12 characters; three random words make a good one.");
    }
    if text.len() > PASSWORD_BYTES {
        return weak("This password is too long. Use fewer than 250 characters.");
    }
    let entropy = zxcvbn::zxcvbn(
        &without_own_words(text, own),
        &["secure messages", "virtual school", "teacher"],
    );
    if u8::from(entropy.score()) < STRENGTH {
        return weak(
            "This password is easy to guess. Use three random words that have nothing to do with you or your school.",
        );
    }
    Ok(())
}

/// What is left of a password when the person's own words are taken out: those are the first that others try,
/// and zxcvbn thinks two of them in a row hard to guess.
fn without_own_words(password: &str, own: &[&str]) -> String {
    let mut words: Vec<String> = own
        .iter()
        .flat_map(|text| text.split(|c: char| !c.is_alphanumeric()).chain([*text]))
        .filter(|word| word.chars().count() > 2)
        .map(str::to_lowercase)
        .collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.len()));
    words
        .iter()
        .fold(password.to_lowercase(), |left, word| left.replace(word.as_str(), ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn strength() {
        let own = ["Pat", "Lee", "pat.lee@example.org"];
        for weak in [
            "short",
            "password1234",
            "aaaaaaaaaaaaaaaa",
            "patlee123456",
            "Pat.Lee@example.org",
        ] {
            assert!(require_strong(&weak.into(), &own).is_err(), "{weak}");
        }
        for strong in ["walnut ferry quilted", "horse-battery-staple-7"] {
            assert_eq!(require_strong(&strong.into(), &own), Ok(()), "{strong}");
        }
    }

    #[tokio::test]
    async fn hashing() {
        let passwords = Passwords::new().unwrap();
        let hash = passwords.hash(&"walnut ferry quilted".into()).await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(
            passwords
                .fits(&"walnut ferry quilted".into(), Some(hash.clone()))
                .await
                .unwrap()
        );
        assert!(!passwords.fits(&"walnut ferry quilte".into(), Some(hash)).await.unwrap());
        assert!(!passwords.fits(&"walnut ferry quilted".into(), None).await.unwrap());
    }
}
