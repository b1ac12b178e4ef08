//! What the UI asks and is told: the types that cross from Rust to TypeScript, besides those of `wire`.

/// Derives what every type that the UI sees has.
macro_rules! view_types {
    ($($item:item)*) => {$(
        #[derive(Clone, Debug, PartialEq, serde::Serialize, serde::Deserialize, ts_rs::TS)]
        $item
    )*};
}

mod app;
mod attachments;
mod care_returns;
mod drafts;
mod establishments;
mod histories;
mod home;
mod incidents;
mod messages;
mod problem;
mod recipients;
mod reminders;
mod security;
mod setup;
mod users;

pub use app::*;
pub use attachments::*;
pub use care_returns::*;
pub use drafts::*;
pub use establishments::*;
pub use histories::*;
pub use home::*;
pub use incidents::*;
pub use messages::*;
pub use problem::*;
pub use recipients::*;
pub use reminders::*;
pub use security::*;
pub use setup::*;
pub use users::*;
