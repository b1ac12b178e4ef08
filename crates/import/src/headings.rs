//! Headings: which column holds what, whoever named it.

use crate::columns::{ColumnState, FileColumn, FileSource};
use crate::finding::{Severity, cut};
use crate::heading_names::{PUPILS, USERS};
use crate::{Column, Finding, FindingCode, Mapping, Table};

/// What a heading is known as, and how well: of two columns for one thing the lower rank is read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Known {
    pub(crate) column: Column,
    rank: u8,
}

/// What the headings of one kind of file are known as.
#[derive(Debug)]
pub struct Vocabulary {
    /// What one row is, such as "user".
    pub(crate) each: &'static str,
    /// Names with only letters and digits and in small letters, what each means, and how well: of two columns for one
    /// thing the lower rank is read.
    pub(crate) names: &'static [(&'static str, Column, u8)],
    /// The columns without which no row can be taken.
    pub(crate) mandatory: &'static [Column],
    /// Columns of which a file needs at least one.
    pub(crate) either: &'static [Column],
    /// The template's columns, in their order.
    pub(crate) template: &'static [Column],
    /// Columns that are no part of the template, and are written back where a file has them.
    pub(crate) beside_template: &'static [Column],
    /// Whether the file may be an export of another system, whose words have meanings of their own.
    pub(crate) systems: bool,
}

impl Vocabulary {
    /// Files of users.
    pub const USERS: &'static Self = &Self {
        each: "user",
        names: USERS,
        mandatory: &[Column::FirstName, Column::LastName, Column::Email],
        either: &[],
        template: &crate::TEMPLATE,
        beside_template: &[Column::UserRole],
        systems: true,
    };

    /// Files of pupils.
    pub const PUPILS: &'static Self = &Self {
        each: "pupil",
        names: PUPILS,
        mandatory: &[Column::PupilFirstName, Column::PupilLastName, Column::DateOfBirth],
        // A pupil is known by the UPN or the reference.
        either: &[Column::PupilUpn, Column::Reference],
        template: &crate::PUPIL_TEMPLATE,
        beside_template: &[],
        systems: false,
    };

    /// What a heading is known as; none when it is not.
    pub(crate) fn known(&self, heading: &str) -> Option<Known> {
        known(heading, self.names)
    }

    /// Whether headings are all those of the template.
    fn is_template(&self, headings: &[String]) -> bool {
        let has = |column: &Column| headings.iter().any(|heading| heading == column.heading());
        self.template.iter().all(has)
    }
}

/// What a heading is known as among names; none when it is not.
fn known(heading: &str, names: &[(&str, Column, u8)]) -> Option<Known> {
    let by_name = |key: &str| by_name(key, names);
    let whole = key(heading);
    if whole.contains("password") || matches!(whole.as_str(), "pwd" | "passwd" | "passphrase") {
        return Some(Known {
            column: Column::Password,
            rank: 0,
        });
    }
    // Entra names its columns twice, "First name [givenName]"; Google adds "[Required]"; others number them.
    let inside = heading
        .split_once('[')
        .and_then(|(_, rest)| rest.split_once(']'))
        .map(|(name, _)| key(name));
    let outside = key(&without_brackets(heading));
    by_name(&whole)
        .or_else(|| inside.as_deref().and_then(by_name))
        .or_else(|| by_name(&outside))
        .or_else(|| {
            let unnumbered = outside.trim_end_matches(|c: char| c.is_ascii_digit());
            let whole_unnumbered = whole.trim_end_matches(|c: char| c.is_ascii_digit());
            by_name(whole_unnumbered)
                .or_else(|| by_name(unnumbered))
                .filter(|k| k.column.repeats())
        })
}

fn by_name(key: &str, names: &[(&str, Column, u8)]) -> Option<Known> {
    names
        .iter()
        .find(|(name, ..)| *name == key)
        .map(|(_, column, rank)| Known {
            column: *column,
            rank: *rank,
        })
}

/// A heading with only its letters and digits, in small letters: what is compared of it.
pub(crate) fn key(heading: &str) -> String {
    heading
        .chars()
        .filter(|c| c.is_alphanumeric())
        .flat_map(char::to_lowercase)
        .collect()
}

/// The heading without what stands in square or round brackets, and without "Required" at its end.
fn without_brackets(heading: &str) -> String {
    let mut depth = 0_u32;
    let text: String = heading
        .chars()
        .filter(|c| match c {
            '[' | '(' => {
                depth += 1;
                false
            }
            ']' | ')' => {
                depth = depth.saturating_sub(1);
                false
            }
            _ => depth == 0,
        })
        .collect();
    let text = text.trim();
    text.strip_suffix("Required").unwrap_or(text).to_owned()
}

/// The columns of a file and what is read from each.
#[derive(Clone, Debug)]
pub struct Columns {
    all: Vec<FileColumn>,
    source: FileSource,
    findings: Vec<Finding>,
}

impl Columns {
    /// Recognises a table's headings; `mapping` overrides what was recognised.
    #[must_use]
    pub fn recognise(table: &Table, mapping: &Mapping) -> Self {
        Self::recognise_with(table, mapping, &Mapping::new())
    }

    /// Recognises a table's headings. What a person said overrides what was recognised; what somebody said before of
    /// the same headings speaks only for those that are not recognised.
    #[must_use]
    pub fn recognise_with(table: &Table, mapping: &Mapping, remembered: &Mapping) -> Self {
        let headings = table.headings();
        let vocabulary = table.vocabulary();
        let source = if vocabulary.systems {
            source_of(headings)
        } else if vocabulary.is_template(headings) {
            FileSource::Template
        } else {
            FileSource::Other
        };
        let mut ranks = Vec::with_capacity(headings.len());
        let mut all = Vec::with_capacity(headings.len());
        for (index, heading) in headings.iter().enumerate() {
            let known = if source == FileSource::OneRoster {
                one_roster(heading).or_else(|| vocabulary.known(heading))
            } else {
                vocabulary.known(heading)
            };
            let chosen = mapping
                .get(&index)
                .copied()
                .filter(|_| known.map(|k| k.column) != Some(Column::Password));
            let (column, state) = match (chosen, known) {
                (Some(Column::Ignored | Column::Password | Column::Unknown), _) => {
                    (Some(Column::Ignored), ColumnState::Ignored)
                }
                (Some(column), _) => (Some(column), ColumnState::Chosen),
                (
                    None,
                    Some(Known {
                        column: column @ (Column::Password | Column::Ignored),
                        ..
                    }),
                ) => (Some(column), ColumnState::Ignored),
                (None, Some(known)) => (Some(known.column), ColumnState::Recognised),
                (None, None) => match remembered.get(&index).copied() {
                    None | Some(Column::Unknown | Column::Password) => (None, ColumnState::Unrecognised),
                    Some(Column::Ignored) => (Some(Column::Ignored), ColumnState::Ignored),
                    Some(column) => (Some(column), ColumnState::Remembered),
                },
            };
            // What a person chose comes before whatever was recognised.
            ranks.push(match state {
                ColumnState::Chosen => None,
                // Whatever has a known heading comes before what was said of another file.
                ColumnState::Remembered => Some(u8::MAX),
                _ => known.map(|k| k.rank),
            });
            let number = u32::try_from(index).unwrap_or(u32::MAX);
            all.push(FileColumn {
                index: number,
                letters: letters(index),
                heading: heading.clone(),
                column,
                state,
            });
        }
        let mut columns = Self {
            all,
            source,
            findings: Vec::new(),
        };
        columns.settle_repeated(table.heading_row(), &ranks);
        columns.find_missing(table);
        columns
    }

    /// Every column of the file, in its order.
    #[must_use]
    pub fn all(&self) -> &[FileColumn] {
        &self.all
    }

    /// Whose headings they are.
    #[must_use]
    pub fn source(&self) -> FileSource {
        self.source
    }

    /// What is wrong with the file as a whole. An error here means that no row can be taken.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// The places, from 0, of the columns that are read as this; at most one, but for those that repeat.
    pub fn places(&self, column: Column) -> impl Iterator<Item = usize> + '_ {
        self.all
            .iter()
            .enumerate()
            .filter_map(move |(index, c)| c.is_read_as(column).then_some(index))
    }

    /// The place of the column that is read as this.
    #[must_use]
    pub fn place(&self, column: Column) -> Option<usize> {
        self.places(column).next()
    }

    /// How many columns count: up to the last that has a heading, or that a person said what it is.
    pub(crate) fn width(&self) -> usize {
        self.all
            .iter()
            .rposition(|c| !c.heading.is_empty() || c.column.is_some())
            .map_or(0, |last| last + 1)
    }

    /// Of several columns for one thing only the best is read, and the first of equals.
    fn settle_repeated(&mut self, heading_row: u32, ranks: &[Option<u8>]) {
        for index in 0..self.all.len() {
            let Some(column) = self.all[index].column.filter(|c| !c.repeats()) else {
                continue;
            };
            let read = |c: &FileColumn| c.is_read_as(column);
            if !read(&self.all[index]) {
                continue;
            }
            let best = (0..self.all.len())
                .filter(|i| read(&self.all[*i]))
                .min_by_key(|i| (ranks[*i], *i));
            let Some(best) = best.filter(|best| *best != index) else {
                continue;
            };
            self.all[index].state = ColumnState::Repeated;
            if ranks[best] == ranks[index] {
                let (this, first) = (&self.all[index], &self.all[best]);
                self.findings.push(Finding {
                    column: Some(this.heading.clone()),
                    column_index: Some(this.index),
                    field: Some(column),
                    ..Finding::of_row(
                        heading_row,
                        Severity::Warning,
                        FindingCode::RepeatedColumn,
                        &this.heading,
                        format!(
                            "Columns {} and {} both say “{}”. Column {} is read. If it should be the other, take one of them out.",
                            first.letters,
                            this.letters,
                            column.heading(),
                            first.letters,
                        ),
                    )
                });
            }
        }
    }

    fn find_missing(&mut self, table: &Table) {
        let vocabulary = table.vocabulary();
        let advice = if self.all.iter().any(|c| lac_domain::parse_email(&c.heading).is_ok()) {
            "The first row seems to be a person: put the headings of the template above it."
        } else {
            "Put it in the first row, or say which column it is."
        };
        let mut missing = |column: Column, which: String| {
            self.findings.push(Finding {
                column: Some(column.heading().to_owned()),
                field: Some(column),
                ..Finding::of_row(
                    table.heading_row(),
                    Severity::Error,
                    FindingCode::MissingColumn,
                    "",
                    format!(
                        "The file has no column {which} which every {} needs. {advice}",
                        vocabulary.each
                    ),
                )
            });
        };
        let places: Vec<Column> = self
            .all
            .iter()
            .filter(|c| c.state.is_read())
            .filter_map(|c| c.column)
            .collect();
        for column in vocabulary.mandatory.iter().filter(|column| !places.contains(column)) {
            missing(*column, format!("“{}”,", column.heading()));
        }
        if let Some(first) = vocabulary.either.first()
            && !vocabulary.either.iter().any(|column| places.contains(column))
        {
            let names: Vec<String> = vocabulary.either.iter().map(|c| format!("“{}”", c.heading())).collect();
            missing(*first, format!("{}, one of", names.join(" or ")));
        }
        if let Some(row) = table.unclosed_row() {
            self.findings.push(Finding::of_row(
                row,
                Severity::Error,
                FindingCode::UnclosedQuote,
                &cut(table.unclosed_start()),
                format!(
                    "A quotation mark is opened in row {row} and never closed, so nothing after it can be read. \
                     Take it out or close it, save the file, and choose it again."
                ),
            ));
        }
    }
}

/// OneRoster's own meanings, which differ from those that the same words have elsewhere.
fn one_roster(heading: &str) -> Option<Known> {
    let column = match key(heading).as_str() {
        "role" => Column::OneRosterRole,
        "status" => Column::OneRosterStatus,
        "enableduser" => Column::OneRosterEnabled,
        _ => return None,
    };
    Some(Known { column, rank: 0 })
}

fn source_of(headings: &[String]) -> FileSource {
    let keys: Vec<String> = headings.iter().map(|h| key(h)).collect();
    let has = |name: &str| keys.iter().any(|k| k == name);
    let ends = |name: &str| keys.iter().any(|k| k.contains(name));
    if has("sourcedid") && (has("givenname") || has("familyname")) {
        FileSource::OneRoster
    } else if ends("userprincipalname") {
        FileSource::Entra
    } else if ends("orgunitpath") {
        FileSource::Google
    } else if ["userfirstname", "userlastname", "email"].into_iter().all(has) {
        FileSource::Template
    } else {
        FileSource::Other
    }
}

/// A column's letters in a spreadsheet.
fn letters(index: usize) -> String {
    let (mut rest, mut letters) = (index + 1, Vec::new());
    while rest > 0 {
        rest -= 1;
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        rest /= 26;
    }
    letters.iter().rev().collect()
}
