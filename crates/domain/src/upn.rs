//! The unique pupil number (UPN).

use serde::{Deserialize, Serialize};

/// The letters that a check letter may be, and the index of a temporary UPN's last letter
/// (DfE, "Unique pupil numbers": I, O and S are left out).
const LETTERS: &[u8; 23] = b"ABCDEFGHJKLMNPQRTUVWXYZ";

/// A UPN of the right form: a check letter, then eleven digits, then a digit, or a letter for a temporary one.
/// The check letter may be wrong: people type what their system holds, so that only warns.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
pub struct Upn(String);

/// Why a text is not a UPN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a UPN. A UPN is a letter (never I, O or S), then 12 digits; the last may be a letter.")]
pub struct UpnError(String);

impl Upn {
    /// Reads a UPN; white space and letter case are forgiven.
    ///
    /// # Errors
    /// When the text is not of the form; a wrong check letter is no error, see [`Upn::check_letter_fits`].
    pub fn parse(text: &str) -> Result<Self, UpnError> {
        let upn: String = text
            .chars()
            .filter(|c| !c.is_whitespace())
            .map(|c| c.to_ascii_uppercase())
            .collect();
        let b = upn.as_bytes();
        let fits = b.len() == 13
            && LETTERS.contains(&b[0])
            && b[1..12].iter().all(u8::is_ascii_digit)
            && (b[12].is_ascii_digit() || LETTERS.contains(&b[12]));
        if fits {
            Ok(Self(upn))
        } else {
            Err(UpnError(text.trim().chars().take(40).collect()))
        }
    }

    /// Whether the first letter is the one that the other twelve characters ask for.
    #[must_use]
    pub fn check_letter_fits(&self) -> bool {
        self.0.as_bytes().first() == Some(&self.right_check_letter())
    }

    /// Whether this is a temporary UPN (a letter in the last place).
    #[must_use]
    pub fn is_temporary(&self) -> bool {
        self.0.as_bytes().last().is_some_and(u8::is_ascii_uppercase)
    }

    /// What is odd about it, as a sentence: a check letter that does not fit, or that it is temporary.
    #[must_use]
    pub fn warning(&self) -> Option<String> {
        if !self.check_letter_fits() {
            return Some(format!(
                "The first letter of the UPN {self} does not fit its other characters, so it may be mistyped. Check it with the school."
            ));
        }
        self.is_temporary().then(|| {
            format!("The UPN {self} is a temporary one. Ask the school for the permanent UPN when it is known.")
        })
    }

    /// The UPN as text, 13 characters in capitals.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    fn right_check_letter(&self) -> u8 {
        let sum: usize = self
            .0
            .bytes()
            .skip(1)
            .zip(2..)
            .map(|(b, weight)| {
                let value = if b.is_ascii_digit() {
                    usize::from(b - b'0')
                } else {
                    LETTERS.iter().position(|l| *l == b).unwrap_or(0)
                };
                value * weight
            })
            .sum();
        LETTERS[sum % LETTERS.len()]
    }
}

impl std::fmt::Display for Upn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Upn {
    type Error = UpnError;
    fn try_from(text: String) -> Result<Self, UpnError> {
        Self::parse(&text)
    }
}

impl From<Upn> for String {
    fn from(upn: Upn) -> Self {
        upn.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_letters() {
        assert!(Upn::parse("B801200005001").unwrap().check_letter_fits());
        assert!(!Upn::parse("A801200005001").unwrap().check_letter_fits());
        assert_eq!(Upn::parse(" b8012 00005001 ").unwrap().as_str(), "B801200005001");
        assert!(Upn::parse("A80120000500A").unwrap().is_temporary());
    }

    #[test]
    fn form() {
        for bad in [
            "",
            "I801200005001",
            "B80120000500",
            "B8012000050011",
            "B80120000500S",
            "BB01200005001",
            "É801200005001",
        ] {
            assert!(Upn::parse(bad).is_err(), "{bad}");
        }
    }
}
