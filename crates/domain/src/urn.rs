//! The GIAS unique reference number (URN) of an establishment.

use serde::{Deserialize, Serialize};

/// A URN as "Get Information About Schools" (DfE) gives it: five to seven digits, kept as text and never
/// calculated with. Seven leaves room for the numbers that the DfE has said will follow.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema), schema(value_type = String))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS), ts(type = "string"))]
pub struct Urn(String);

/// Why a text is not a URN.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{0}” is not a URN. A URN is five to seven digits, such as 100000; find it on the school’s GIAS page.")]
pub struct UrnError(String);

impl Urn {
    /// Reads a URN; white space around it is ignored, and so is the `.0` that a spreadsheet may add.
    ///
    /// # Errors
    /// When the text is not five to seven digits.
    pub fn parse(text: &str) -> Result<Self, UrnError> {
        let trimmed = text.trim();
        let digits = trimmed.strip_suffix(".0").unwrap_or(trimmed);
        if (5..=7).contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit()) && !digits.starts_with('0') {
            Ok(Self(digits.to_owned()))
        } else {
            Err(UrnError(trimmed.chars().take(40).collect()))
        }
    }

    /// The URN as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::fmt::Display for Urn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}

impl TryFrom<String> for Urn {
    type Error = UrnError;
    fn try_from(text: String) -> Result<Self, UrnError> {
        Self::parse(&text)
    }
}

impl From<Urn> for String {
    fn from(urn: Urn) -> Self {
        urn.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_gias_and_spreadsheets_write() {
        assert_eq!(Urn::parse(" 100000 ").unwrap().as_str(), "100000");
        assert_eq!(Urn::parse("100000.0").unwrap().as_str(), "100000");
        for bad in ["", "0", "12", "10000a", "12345678", "1e5", "-10000", "００００００"] {
            assert!(Urn::parse(bad).is_err(), "{bad}");
        }
    }
}
