//! Lists of values as one JSON parameter.

use std::fmt::Write as _;

use chrono::{NaiveDate, SecondsFormat};
use lac_domain::Timestamp;
use sqlx::Arguments as _;
use sqlx::error::BoxDynError;
use sqlx::sqlite::SqliteArguments;
use uuid::Uuid;

use super::Engine;

/// A column of a [`JsonRows`]: its name in SQL, and what it holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Column {
    /// An id.
    Id(&'static str),
    /// A text.
    Text(&'static str),
    /// A whole number.
    Number(&'static str),
    /// True or false.
    Bool(&'static str),
    /// A day.
    Day(&'static str),
    /// An instant.
    Instant(&'static str),
    /// Bytes.
    Bytes(&'static str),
}

impl Column {
    /// Its name in SQL.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Id(name)
            | Self::Text(name)
            | Self::Number(name)
            | Self::Bool(name)
            | Self::Day(name)
            | Self::Instant(name)
            | Self::Bytes(name) => name,
        }
    }
}

impl Engine {
    /// A sub-query of the ids in a parameter that [`hex_ids`] made: `WHERE id IN {engine.ids("$1")}`.
    #[must_use]
    pub fn ids(self, parameter: &str) -> String {
        match self {
            Self::Sqlite => format!("(SELECT unhex(value) FROM json_each({parameter}))"),
            Self::Postgres => format!("(SELECT value::uuid FROM jsonb_array_elements_text({parameter}::jsonb))"),
        }
    }

    /// A sub-query of the texts in a parameter that is a JSON array of strings.
    #[must_use]
    pub fn texts(self, parameter: &str) -> String {
        match self {
            Self::Sqlite => format!("(SELECT value FROM json_each({parameter}))"),
            Self::Postgres => format!("(SELECT value FROM jsonb_array_elements_text({parameter}::jsonb))"),
        }
    }

    /// A sub-query with named columns of the rows in a parameter that [`JsonRows`] made:
    /// `INSERT INTO t (a, b) SELECT a, b FROM {engine.rows("$1", &[…])} AS r`.
    /// On SQLite an `ON CONFLICT` after it needs a `WHERE true` before it.
    #[must_use]
    pub fn rows(self, parameter: &str, columns: &[Column]) -> String {
        let columns: Vec<String> = columns
            .iter()
            .enumerate()
            .map(|(at, column)| self.column(at, *column))
            .collect();
        let columns = columns.join(", ");
        match self {
            Self::Sqlite => format!("(SELECT {columns} FROM json_each({parameter}))"),
            Self::Postgres => format!("(SELECT {columns} FROM jsonb_array_elements({parameter}::jsonb) AS j(value))"),
        }
    }

    fn column(self, at: usize, column: Column) -> String {
        let cell = format!("value ->> {at}");
        match (self, column) {
            (Self::Sqlite, Column::Id(name) | Column::Bytes(name)) => format!("unhex({cell}) AS {name}"),
            (
                Self::Sqlite,
                Column::Text(name)
                | Column::Number(name)
                | Column::Bool(name)
                | Column::Day(name)
                | Column::Instant(name),
            )
            | (Self::Postgres, Column::Text(name)) => format!("{cell} AS {name}"),
            (Self::Postgres, Column::Id(name)) => format!("({cell})::uuid AS {name}"),
            (Self::Postgres, Column::Number(name)) => format!("({cell})::bigint AS {name}"),
            (Self::Postgres, Column::Bool(name)) => format!("({cell})::boolean AS {name}"),
            (Self::Postgres, Column::Day(name)) => format!("({cell})::date AS {name}"),
            (Self::Postgres, Column::Instant(name)) => format!("({cell})::timestamptz AS {name}"),
            (Self::Postgres, Column::Bytes(name)) => format!("decode({cell}, 'hex') AS {name}"),
        }
    }
}

/// Ids as a JSON array of hexadecimal texts, for [`Engine::ids`].
#[must_use]
pub fn hex_ids<T: Into<Uuid>>(ids: impl IntoIterator<Item = T>) -> String {
    let mut json = String::from("[");
    let mut buffer = Uuid::encode_buffer();
    for id in ids {
        if json.len() > 1 {
            json.push(',');
        }
        json.push('"');
        json.push_str(id.into().simple().encode_lower(&mut buffer));
        json.push('"');
    }
    json.push(']');
    json
}

/// Rows for [`Engine::rows`], each with its cells in the order of the columns.
#[derive(Debug, Clone, Default)]
pub struct JsonRows {
    json: String,
    count: usize,
}

/// A cell of a [`JsonRows`], or of rows that are written in bulk.
pub trait Cell: Sync {
    /// Writes the cell as JSON, in the form that the sub-query reads. Straight into the text: a bulk add has millions.
    fn write(&self, json: &mut String);

    /// Binds the cell to a statement on SQLite, as what the sub-query would make of it.
    ///
    /// # Errors
    /// When it cannot be bound.
    fn bind(&self, values: &mut SqliteArguments) -> Result<(), BoxDynError>;
}

/// Binds a value as sqlx does.
macro_rules! bind_as {
    (|$self:ident| $value:expr) => {
        fn bind(&$self, values: &mut SqliteArguments) -> Result<(), BoxDynError> {
            values.add($value)
        }
    };
}

/// Writes a text that needs no escaping.
fn write_plain(json: &mut String, text: &str) {
    json.push('"');
    json.push_str(text);
    json.push('"');
}

impl Cell for Uuid {
    fn write(&self, json: &mut String) {
        write_plain(json, self.simple().encode_lower(&mut Uuid::encode_buffer()));
    }

    bind_as!(|self| *self);
}

impl Cell for str {
    fn write(&self, json: &mut String) {
        json.push('"');
        let mut rest = self;
        // What JSON does not take as it is: quotation marks, backslashes and control characters.
        while let Some(at) = rest.find(|c: char| c == '"' || c == '\\' || c < ' ') {
            let (plain, from) = rest.split_at(at);
            json.push_str(plain);
            let mut characters = from.chars();
            if let Some(odd) = characters.next() {
                json.push_str("\\u00");
                for digit in [u32::from(odd) >> 4, u32::from(odd) & 15] {
                    json.extend(char::from_digit(digit, 16));
                }
            }
            rest = characters.as_str();
        }
        json.push_str(rest);
        json.push('"');
    }

    bind_as!(|self| self);
}

impl Cell for &str {
    fn write(&self, json: &mut String) {
        (**self).write(json);
    }

    bind_as!(|self| *self);
}

impl Cell for String {
    fn write(&self, json: &mut String) {
        self.as_str().write(json);
    }

    bind_as!(|self| self.as_str());
}

impl Cell for i64 {
    fn write(&self, json: &mut String) {
        // Writing to a text cannot fail.
        let _ = write!(json, "{self}");
    }

    bind_as!(|self| *self);
}

impl Cell for bool {
    fn write(&self, json: &mut String) {
        json.push_str(if *self { "true" } else { "false" });
    }

    bind_as!(|self| *self);
}

impl Cell for NaiveDate {
    fn write(&self, json: &mut String) {
        let _ = write!(json, "\"{self}\"");
    }

    bind_as!(|self| *self);
}

impl Cell for Timestamp {
    fn write(&self, json: &mut String) {
        // The form in which sqlx writes an instant on SQLite, so that texts compare as instants do.
        write_plain(json, &self.utc().to_rfc3339_opts(SecondsFormat::AutoSi, false));
    }

    bind_as!(|self| self.utc());
}

impl Cell for Vec<u8> {
    fn write(&self, json: &mut String) {
        json.push('"');
        for byte in self {
            for digit in [byte >> 4, byte & 15] {
                json.extend(char::from_digit(digit.into(), 16));
            }
        }
        json.push('"');
    }

    bind_as!(|self| self.as_slice());
}

macro_rules! id_cells {
    ($($id:ident),+) => {$(
        impl Cell for lac_domain::$id {
            fn write(&self, json: &mut String) {
                self.0.write(json);
            }

            bind_as!(|self| self.0);
        }
    )+};
}

id_cells!(
    UserId,
    EstablishmentId,
    PupilId,
    CarePeriodId,
    CareProposalId,
    EnrolmentId,
    LinkId,
    AssignmentId,
    ConversationId,
    MessageId,
    AttachmentId,
    ReminderId,
    ListId,
    ImportId,
    CommandId,
    DeviceId,
    SessionId,
    InvitationId,
    ColleagueRequestId,
    UserActionId
);

impl<T: Cell> Cell for Option<T> {
    fn write(&self, json: &mut String) {
        match self {
            Some(cell) => cell.write(json),
            None => json.push_str("null"),
        }
    }

    fn bind(&self, values: &mut SqliteArguments) -> Result<(), BoxDynError> {
        match self {
            Some(cell) => cell.bind(values),
            None => values.add(None::<i64>),
        }
    }
}

impl JsonRows {
    /// No rows yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a row.
    pub fn push(&mut self, cells: &[&dyn Cell]) {
        self.json.push(if self.count == 0 { '[' } else { ',' });
        for (nth, cell) in cells.iter().enumerate() {
            self.json.push(if nth == 0 { '[' } else { ',' });
            cell.write(&mut self.json);
        }
        self.json.push_str(if cells.is_empty() { "[]" } else { "]" });
        self.count += 1;
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The parameter to bind.
    #[must_use]
    pub fn json(&self) -> String {
        self.clone().into_json()
    }

    /// The same, without a copy of what may be many megabytes.
    #[must_use]
    pub fn into_json(mut self) -> String {
        self.json.push_str(if self.count == 0 { "[]" } else { "]" });
        self.json
    }
}
