//! The contract between the desktop and the central store: what is asked, what is answered, what changed,
//! and what can go wrong. Version 1 only grows: unknown fields are ignored, an unknown entity is skipped.

/// Derives what every type of the contract has.
macro_rules! wire_types {
    ($($item:item)*) => {$(
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
        $item
    )*};
}

mod accounts;
mod assignments;
mod attachments;
mod care_returns;
mod changes;
mod colleagues;
mod commands;
mod conversations;
mod errors;
mod establishment_files;
mod establishments;
mod histories;
mod home;
mod imports;
mod incidents;
mod private;
mod pupil_records;
mod pupils;
mod recipients;
mod reminders;
mod security;
mod sight;
mod trail;
mod user_actions;
mod users;

pub use accounts::*;
pub use assignments::*;
pub use attachments::*;
pub use care_returns::*;
pub use changes::*;
pub use colleagues::*;
pub use commands::*;
pub use conversations::*;
pub use errors::*;
pub use establishment_files::*;
pub use establishments::*;
pub use histories::*;
pub use home::*;
pub use imports::*;
pub use incidents::*;
pub use private::Private;
pub use pupil_records::*;
pub use pupils::*;
pub use recipients::*;
pub use reminders::*;
pub use security::*;
pub use sight::*;
pub use trail::*;
pub use user_actions::*;
pub use users::*;

/// The version of the contract that this code speaks.
pub const VERSION: u32 = 1;

/// The most rows that a page of a list holds.
pub const PAGE_LIMIT: u32 = 200;

/// The most entities that a page of the held set or of changes holds.
pub const HELD_PAGE_LIMIT: u32 = 1000;

/// The header that carries a request's id, made by the store where the caller sends none.
pub const REQUEST_ID_HEADER: &str = "x-request-id";

/// The header that makes a request other than a read happen once: a UUID made by the caller.
pub const IDEMPOTENCY_KEY_HEADER: &str = "idempotency-key";

/// Which page of a list is asked for, where the list has no other conditions.
#[derive(Clone, Debug, Default, PartialEq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct PageQuery {
    /// Where to go on, from the page before.
    pub after: Option<String>,
    /// How many rows, at most 200.
    pub limit: Option<u32>,
}

/// A page of a list.
// Not in `wire_types!`: utoipa's derive cannot see a type parameter that comes out of a macro.
#[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct Page<T> {
    /// The rows.
    pub rows: Vec<T>,
    /// What to send as `after` for the next page; none when this is the last.
    pub after: Option<String>,
}
