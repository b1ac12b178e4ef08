//! Judging the cells of one row: what can be told without the store.

use lac_domain::{EmailError, Role, Upn, Urn, parse_email};

use super::mailbox::is_shared;
use super::{JOB_TITLE_CHARS, NAME_CHARS, PHONE_CHARS};
use crate::finding::{at_column, cut};
use crate::{FileColumn, Finding, FindingCode, Severity, TableRow};

/// A row while it is judged: where its findings go, and whether one of them keeps it out.
pub(super) struct Judged<'a> {
    pub(super) row: TableRow<'a>,
    pub(super) columns: &'a [FileColumn],
    pub(super) findings: &'a mut Vec<Finding>,
    pub(super) refused: bool,
}

impl<'a> Judged<'a> {
    pub(super) fn error(&mut self, place: Option<usize>, value: &str, code: FindingCode, message: impl Into<String>) {
        self.refused = true;
        self.find(Severity::Error, place, value, code, message.into());
    }

    pub(super) fn warn(&mut self, place: Option<usize>, value: &str, code: FindingCode, message: impl Into<String>) {
        self.find(Severity::Warning, place, value, code, message.into());
    }

    fn find(&mut self, severity: Severity, place: Option<usize>, value: &str, code: FindingCode, message: String) {
        self.findings.push(at_column(
            self.row.number(),
            place.and_then(|p| self.columns.get(p)),
            severity,
            code,
            value,
            message,
        ));
    }

    fn cell(&self, place: Option<usize>) -> &'a str {
        place.map_or("", |place| self.row.cell(place))
    }

    /// A first or last name.
    pub(super) fn name(&mut self, place: Option<usize>, missing: FindingCode, what: &str) -> String {
        let name = self.cell(place);
        if name.is_empty() {
            self.error(
                place,
                "",
                missing,
                format!("There is no {what}. Enter the {what} of this user."),
            );
        } else {
            self.text(place, name, what, NAME_CHARS, Severity::Error);
        }
        name.to_owned()
    }

    /// A job title. Line breaks and tabs, which spreadsheets allow within a cell, become spaces.
    pub(super) fn job_title(&mut self, place: Option<usize>) -> String {
        let cell = self.cell(place);
        let title = if cell.contains(char::is_control) {
            cell.split_whitespace().collect::<Vec<_>>().join(" ")
        } else {
            cell.to_owned()
        };
        self.text(place, &title, "job title", JOB_TITLE_CHARS, Severity::Warning);
        title
    }

    /// A phone number.
    pub(super) fn phone(&mut self, place: Option<usize>) -> String {
        let phone = self.cell(place);
        self.text(place, phone, "phone number", PHONE_CHARS, Severity::Warning);
        if phone.chars().any(char::is_alphabetic) && !is_extension(phone) {
            let message = if is_rounded(phone) {
                "Excel has rounded this phone number. Format the column as text, enter the number again, and save the file."
            } else {
                "This phone number has letters in it. Enter digits, such as 020 7946 0000. It is taken as it is."
            };
            self.warn(place, phone, FindingCode::PhoneLetters, message);
        }
        phone.to_owned()
    }

    /// What holds for any text that a person reads: its length, and characters that cannot be read.
    fn text(&mut self, place: Option<usize>, text: &str, what: &str, most: usize, lost: Severity) {
        // In bytes first: nearly every cell is short.
        if text.len() > most && text.chars().count() > most {
            let message = format!(
                "This {what} is longer than {most} characters. Shorten it. If it holds the text of several rows, a quotation mark is missing or too many."
            );
            self.error(place, text, FindingCode::TooLong, message);
        }
        if text.contains(char::is_control) {
            let message =
                format!("This {what} has a tab, a line break or another character that cannot be seen. Type it again.");
            self.error(place, text, FindingCode::ControlCharacter, message);
        }
        if text.contains('\u{FFFD}') {
            let message = format!(
                "A letter of this {what} was lost before the file came here. Type it again, and save the file as “CSV UTF-8”."
            );
            self.findings.push(at_column(
                self.row.number(),
                place.and_then(|p| self.columns.get(p)),
                lost,
                FindingCode::LostCharacter,
                text,
                message,
            ));
            self.refused |= lost == Severity::Error;
        }
    }

    /// An e-mail address as written; empty when it is missing or wrong.
    pub(super) fn email(&mut self, place: Option<usize>) -> String {
        let cell = self.cell(place);
        match parse_email(cell) {
            Ok(email) => {
                if is_shared(&email) {
                    let message = "This looks like a mailbox that several people read. Messages about a child must reach one person: enter the person’s own address, if they have one. It is taken as it is.";
                    self.warn(place, cell, FindingCode::SharedMailbox, message);
                }
                email
            }
            Err(error) => {
                let code = if error == EmailError::Missing {
                    FindingCode::MissingEmail
                } else {
                    FindingCode::BadEmail
                };
                let message = if error == EmailError::Missing {
                    "There is no e-mail address. Enter the e-mail address of this user.".to_owned()
                } else {
                    error.to_string()
                };
                self.error(place, cell, code, message);
                String::new()
            }
        }
    }

    /// The row's own role, where it names one; otherwise the file's.
    pub(super) fn role(&mut self, place: Option<usize>, file: Role, last: &mut Option<(String, Role)>) -> Role {
        let cell = self.cell(place);
        if cell.is_empty() {
            return file;
        }
        // Files name the same role in row after row.
        let role = match last {
            Some((text, role)) if text == cell => Ok(*role),
            _ => Role::parse(cell),
        };
        match role {
            Ok(role) => {
                if role == Role::LaSuperUser {
                    let message = "An LA Super User manages users, imports and settings, and sees all pupils. Check that this is meant.";
                    self.warn(place, cell, FindingCode::SuperUserRole, message);
                }
                if last.as_ref().is_none_or(|(text, _)| text != cell) {
                    *last = Some((cell.to_owned(), role));
                }
                role
            }
            Err(error) => {
                self.error(place, cell, FindingCode::UnknownRole, error.to_string());
                file
            }
        }
    }

    /// The URNs of a row, for a role that is linked to establishments.
    pub(super) fn urns(&mut self, places: &[usize], one_roster: bool) -> Vec<(u32, Urn)> {
        let (mut urns, mut zero, mut bad) = (Vec::new(), None, false);
        for &place in places {
            for piece in pieces(self.row.cell(place)) {
                if piece.trim_end_matches(".0").bytes().all(|b| b == b'0') {
                    zero = zero.or(Some((place, piece)));
                    continue;
                }
                match Urn::parse(piece) {
                    Ok(urn) => push_once(&mut urns, place, urn),
                    // OneRoster leaves it to each system what an organisation's id is.
                    Err(_) if one_roster => {
                        let message = format!(
                            "The organisation “{}” is not given by a URN, so no establishment is linked by it.",
                            cut(piece)
                        );
                        self.warn(Some(place), piece, FindingCode::BadUrn, message);
                        bad = true;
                    }
                    Err(error) => {
                        self.error(Some(place), piece, FindingCode::BadUrn, error.to_string());
                        bad = true;
                    }
                }
            }
        }
        if urns.is_empty() && !bad {
            let held = "The invitation is held, and no pupil is seen, until a link to an establishment is made.";
            match (zero, places.first()) {
                (Some((place, piece)), _) => {
                    self.warn(
                        Some(place),
                        piece,
                        FindingCode::UrnZero,
                        format!("The URN is 0, so this Designated Teacher is not linked yet. {held}"),
                    );
                }
                (None, Some(place)) => {
                    self.warn(
                        Some(*place),
                        "",
                        FindingCode::UrnBlank,
                        format!("There is no URN, so this Designated Teacher is not linked yet. {held}"),
                    );
                }
                // With no such column, the file has one finding for all rows.
                (None, None) => {}
            }
        }
        urns
    }

    /// Warns of URNs for a role that is not linked to establishments.
    pub(super) fn ignore_urns(&mut self, places: &[usize], role: Role) {
        let filled = |place: &&usize| !self.row.cell(**place).bytes().all(|b| b == b'0');
        if let Some(&place) = places.iter().find(filled) {
            let message =
                format!("A user with the role {role} is not linked to establishments, so the URN is not read.");
            self.warn(Some(place), self.row.cell(place), FindingCode::UrnIgnored, message);
        }
    }

    /// The UPNs of a row, for a role that is assigned pupils.
    pub(super) fn upns(&mut self, places: &[usize]) -> Vec<(u32, Upn)> {
        let mut upns = Vec::new();
        for &place in places {
            for piece in pieces(self.row.cell(place)) {
                match Upn::parse(piece) {
                    Ok(upn) => {
                        if !upn.check_letter_fits() {
                            let message = "The first letter of this UPN does not fit its digits. Check it against the pupil’s record. It is looked for as it is.";
                            self.warn(Some(place), piece, FindingCode::UpnCheckLetter, message);
                        }
                        push_once(&mut upns, place, upn);
                    }
                    Err(error) => self.error(Some(place), piece, FindingCode::BadUpn, error.to_string()),
                }
            }
        }
        upns
    }

    /// Warns of UPNs for a Designated Teacher.
    pub(super) fn ignore_upns(&mut self, places: &[usize]) {
        if let Some(&place) = places.iter().find(|place| !self.row.cell(**place).is_empty()) {
            let message = "A Designated Teacher sees the pupils of their establishments and is assigned none, so the UPN is not read.";
            self.warn(Some(place), self.row.cell(place), FindingCode::UpnIgnored, message);
        }
    }
}

/// The values of a cell that may hold several.
fn pieces(cell: &str) -> impl Iterator<Item = &str> {
    cell.split([',', ';', '|', '\n', '\r'])
        .map(str::trim)
        .filter(|piece| !piece.is_empty())
}

fn push_once<T: PartialEq>(values: &mut Vec<(u32, T)>, place: usize, value: T) {
    // A cell may hold a great many; a row's real ones are few.
    if !values.iter().rev().take(64).any(|(_, v)| *v == value) {
        values.push((u32::try_from(place).unwrap_or(u32::MAX), value));
    }
}

/// `1.23457E+11`, as Excel shows a long number.
fn is_rounded(phone: &str) -> bool {
    phone.split_once(['E', 'e']).is_some_and(|(number, power)| {
        number.contains('.')
            && number.chars().all(|c| c.is_ascii_digit() || c == '.')
            && power.trim_start_matches('+').bytes().all(|b| b.is_ascii_digit())
    })
}

/// `020 7946 0000 ext 12`: the letters only say that an extension follows.
fn is_extension(phone: &str) -> bool {
    let letters: String = phone
        .chars()
        .filter(|c| c.is_alphabetic())
        .flat_map(char::to_lowercase)
        .collect();
    matches!(letters.as_str(), "x" | "ext" | "extn" | "extension")
}
