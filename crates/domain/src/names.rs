//! Keys by which names and e-mail addresses are compared and sorted, the same on every engine.

use unicode_normalization::{UnicodeNormalization, char::is_combining_mark};

/// The key of a person's or establishment's name: compatibility forms folded, letter case and accents
/// ignored, white space run together. "José  O’Neil" and "jose o'neil" have the same key.
#[must_use]
pub fn name_key(name: &str) -> String {
    // Nearly every name is ASCII, and a file has a hundred thousand of them.
    if name.is_ascii() {
        let mut key = String::with_capacity(name.len());
        for word in name.split_whitespace() {
            if !key.is_empty() {
                key.push(' ');
            }
            key.push_str(word);
        }
        key.make_ascii_lowercase();
        return key;
    }
    let folded: String = name
        .nfkd()
        .filter(|c| !is_combining_mark(*c))
        .map(|c| match c {
            '\u{2018}' | '\u{2019}' | '\u{02bc}' => '\'',
            '\u{2010}'..='\u{2015}' => '-',
            other => other,
        })
        .flat_map(char::to_lowercase)
        .collect();
    folded.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// An e-mail address, of the form that the product accepts: something, `@`, and a domain with a dot.
/// Kept as written; compared by [`email_key`].
///
/// # Errors
/// A sentence for the person, when the text is not such an address.
pub fn parse_email(text: &str) -> Result<String, EmailError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(EmailError::Missing);
    }
    if text.chars().count() > 254 {
        return Err(EmailError::Long);
    }
    let Some((local, domain)) = text.rsplit_once('@') else {
        return Err(EmailError::Form);
    };
    let bad = |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\\\"".contains(c);
    let domain_ok = domain.contains('.')
        && domain
            .split('.')
            .all(|label| !label.is_empty() && label.len() <= 63 && !label.starts_with('-') && !label.ends_with('-'))
        && domain.chars().all(|c| c.is_alphanumeric() || c == '-' || c == '.');
    if local.is_empty()
        || local.len() > 64
        || local.contains('@')
        || local.chars().any(bad)
        || local.starts_with('.')
        || local.ends_with('.')
        || local.contains("..")
        || !domain_ok
    {
        return Err(EmailError::Form);
    }
    Ok(text.to_owned())
}

/// Why a text is not an e-mail address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum EmailError {
    /// There is none.
    #[error("Enter an e-mail address.")]
    Missing,
    /// Longer than an address may be (254 characters, RFC 5321).
    #[error("This e-mail address is too long. Enter one of at most 254 characters.")]
    Long,
    /// Not of the form `name@example.org`.
    #[error("This is not an e-mail address. Enter one in the form name@example.org.")]
    Form,
}

/// The key by which e-mail addresses are compared: letter case ignored.
#[must_use]
pub fn email_key(email: &str) -> String {
    let email = email.trim();
    // Nearly every address is ASCII, and a file has a hundred thousand of them.
    if email.is_ascii() {
        return email.to_ascii_lowercase();
    }
    email.nfkc().flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_ignore_case_accents_and_spacing() {
        assert_eq!(name_key("  José   O\u{2019}Neil "), "jose o'neil");
        assert_eq!(name_key("ŁUKASZ"), name_key("łukasz"));
        assert_eq!(name_key(" St  Mary's\tC.E. "), "st mary's c.e.");
        assert_eq!(name_key("\u{b}a \u{1c}b"), name_key("\u{b}a \u{1c}b\u{301}"));
        assert_eq!(email_key(" Pat.Lee@Example.ORG"), "pat.lee@example.org");
    }

    #[test]
    fn addresses() {
        for good in ["a@b.example", "o'neil.pat+x@school.example.org", "é@école.example"] {
            assert_eq!(parse_email(good).as_deref(), Ok(good));
        }
        for bad in [
            "x",
            "a@b",
            "a b@c.example",
            "a@@c.example",
            "@c.example",
            "a@c..example",
            "a.@c.example",
            "a@-c.example",
        ] {
            assert_eq!(parse_email(bad), Err(EmailError::Form), "{bad}");
        }
        assert_eq!(parse_email(" "), Err(EmailError::Missing));
    }
}
