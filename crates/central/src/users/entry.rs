//! Judging what a person enters about a user, field by field.

use lac_domain::{Role, email_key, parse_email};
use lac_import::{JOB_TITLE_CHARS, NAME_CHARS, PHONE_CHARS};
use lac_wire::UserEntry;

use crate::error::Refusal;

/// An entry's own fields, tidied; its links are judged in [`super::links`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    pub role: Role,
    pub first_name: String,
    pub last_name: String,
    pub job_title: String,
    pub email: String,
    pub email_key: String,
    pub phone: String,
}

/// Judges an entry.
///
/// # Errors
/// A refusal that names the first field at fault.
pub(super) fn judge(entry: &UserEntry) -> Result<Entry, Refusal> {
    let first_name = name("first_name", "first name", &entry.first_name)?;
    let last_name = name("last_name", "last name", &entry.last_name)?;
    let email = parse_email(&entry.email).map_err(|error| Refusal::field("email", error.to_string()))?;
    // Line breaks and tabs, which come with what is pasted, become spaces.
    let job_title = entry.job_title.split_whitespace().collect::<Vec<_>>().join(" ");
    text("job_title", "job title", &job_title, JOB_TITLE_CHARS)?;
    let phone = entry.phone.trim().to_owned();
    text("phone", "phone number", &phone, PHONE_CHARS)?;
    Ok(Entry {
        role: entry.role,
        first_name,
        last_name,
        job_title,
        email_key: email_key(&email),
        email,
        phone,
    })
}

fn name(field: &str, what: &str, name: &str) -> Result<String, Refusal> {
    let name = name.trim().to_owned();
    if name.is_empty() {
        return Err(Refusal::field(field, format!("Enter the {what} of this user.")));
    }
    text(field, what, &name, NAME_CHARS)?;
    Ok(name)
}

fn text(field: &str, what: &str, text: &str, most: usize) -> Result<(), Refusal> {
    if text.chars().count() > most {
        return Err(Refusal::field(
            field,
            format!("This {what} is longer than {most} characters. Shorten it."),
        ));
    }
    if text.contains(char::is_control) {
        let message = format!("This {what} has a character that cannot be seen. Type it again.");
        return Err(Refusal::field(field, message));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entry() -> UserEntry {
        UserEntry {
            role: Role::DesignatedTeacher,
            first_name: " Eleanor ".to_owned(),
            last_name: "Bold".to_owned(),
            job_title: "Designated Teacher\nand SENCO".to_owned(),
            email: " Eleanor.Bold@example.org".to_owned(),
            phone: String::new(),
            links: Vec::new(),
        }
    }

    #[test]
    fn an_entry_is_tidied() {
        let judged = judge(&entry()).unwrap();
        assert_eq!(
            (judged.first_name.as_str(), judged.job_title.as_str()),
            ("Eleanor", "Designated Teacher and SENCO")
        );
        assert_eq!(
            (judged.email.as_str(), judged.email_key.as_str()),
            ("Eleanor.Bold@example.org", "eleanor.bold@example.org")
        );
    }

    #[test]
    fn each_field_is_judged() {
        let long = "x".repeat(101);
        for (field, bad) in [
            (
                "first_name",
                UserEntry {
                    first_name: "  ".to_owned(),
                    ..entry()
                },
            ),
            (
                "first_name",
                UserEntry {
                    first_name: "El\u{7}a".to_owned(),
                    ..entry()
                },
            ),
            (
                "last_name",
                UserEntry {
                    last_name: long.clone(),
                    ..entry()
                },
            ),
            (
                "job_title",
                UserEntry {
                    job_title: long.clone(),
                    ..entry()
                },
            ),
            (
                "email",
                UserEntry {
                    email: "eleanor.bold".to_owned(),
                    ..entry()
                },
            ),
            (
                "email",
                UserEntry {
                    email: String::new(),
                    ..entry()
                },
            ),
            (
                "phone",
                UserEntry {
                    phone: "1".repeat(41),
                    ..entry()
                },
            ),
        ] {
            let refusal = judge(&bad).unwrap_err();
            assert_eq!(refusal.field.as_deref(), Some(field), "{bad:?}");
        }
    }
}
