//! Lists of values as one JSON parameter.

use chrono::{NaiveDate, SecondsFormat};
use lac_domain::Timestamp;
use serde_json::Value;
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

/// A cell of a [`JsonRows`].
pub trait Cell {
    /// The cell as JSON, in the form that the sub-query reads.
    fn json(&self) -> Value;
}

impl Cell for Uuid {
    fn json(&self) -> Value {
        Value::String(self.simple().to_string())
    }
}

impl Cell for &str {
    fn json(&self) -> Value {
        Value::String((*self).to_owned())
    }
}

impl Cell for String {
    fn json(&self) -> Value {
        Value::String(self.clone())
    }
}

impl Cell for i64 {
    fn json(&self) -> Value {
        Value::from(*self)
    }
}

impl Cell for bool {
    fn json(&self) -> Value {
        Value::Bool(*self)
    }
}

impl Cell for NaiveDate {
    fn json(&self) -> Value {
        Value::String(self.to_string())
    }
}

impl Cell for Timestamp {
    fn json(&self) -> Value {
        // The form in which sqlx writes an instant on SQLite, so that texts compare as instants do.
        Value::String(self.utc().to_rfc3339_opts(SecondsFormat::AutoSi, false))
    }
}

impl Cell for Vec<u8> {
    fn json(&self) -> Value {
        Value::String(hex::encode(self))
    }
}

macro_rules! id_cells {
    ($($id:ident),+) => {$(
        impl Cell for lac_domain::$id {
            fn json(&self) -> Value {
                self.0.json()
            }
        }
    )+};
}

id_cells!(
    UserId,
    EstablishmentId,
    PupilId,
    CarePeriodId,
    EnrolmentId,
    LinkId,
    AssignmentId,
    ConversationId,
    MessageId,
    ImportId,
    CommandId,
    DeviceId,
    SessionId,
    InvitationId
);

impl<T: Cell> Cell for Option<T> {
    fn json(&self) -> Value {
        self.as_ref().map_or(Value::Null, Cell::json)
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
        self.json
            .push_str(&Value::Array(cells.iter().map(|cell| cell.json()).collect()).to_string());
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
        if self.count == 0 {
            "[]".to_owned()
        } else {
            format!("{}]", self.json)
        }
    }
}
