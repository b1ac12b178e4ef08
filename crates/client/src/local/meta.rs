//! What the device knows of itself and of its account.

use lac_domain::{DeviceId, Timestamp};
use lac_wire::{HeldPart, Me, Private};
use serde::{Deserialize, Serialize};
use sqlx::SqliteConnection;

use super::ToFetch;
use crate::failure::Failure;

/// A first fetch that has begun and not ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct FirstFetch {
    /// The cursor taken before it began, to follow from.
    pub(crate) cursor: String,
    /// The part to go on with.
    pub(crate) part: HeldPart,
    /// Where in that part.
    pub(crate) after: Option<String>,
    /// The generation of rows that it brings.
    pub(crate) generation: i64,
    /// How many messages have come.
    pub(crate) messages: i64,
    /// How many are to come, as far as is known.
    pub(crate) expected: i64,
}

/// A named value of the table `meta`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Meta {
    /// The device's id, made with the file.
    DeviceId,
    /// The store's address, so that the list of accounts can be made anew from the files.
    StoreAddress,
    /// The colour that tells the authority apart.
    Colour,
    /// The user as the store last told (JSON).
    Me,
    /// The session's token.
    Token,
    /// When the token was made, in milliseconds.
    TokenAt,
    /// Where in the store's changes this device stands.
    Cursor,
    /// A first fetch under way (JSON).
    FirstFetch,
    /// The generation of the newest first fetch.
    Generation,
    /// When the store last answered, in milliseconds.
    LastContact,
    /// The latest time ever seen when the file was opened or the store answered, in milliseconds.
    LatestSeen,
    /// The version of the application that met entities which it did not know.
    UnknownSeenBy,
    /// How many messages came in quiet hours, of which nothing was told yet.
    HeldBack,
    /// Something was purged since the file was last written anew.
    Traces,
    /// The account was signed out and its file is to be deleted.
    SignedOut,
}

impl Meta {
    fn name(self) -> &'static str {
        match self {
            Self::DeviceId => "device_id",
            Self::StoreAddress => "store_address",
            Self::Colour => "colour",
            Self::Me => "me",
            Self::Token => "token",
            Self::TokenAt => "token_at",
            Self::Cursor => "cursor",
            Self::FirstFetch => "first_fetch",
            Self::Generation => "generation",
            Self::LastContact => "last_contact",
            Self::LatestSeen => "latest_seen",
            Self::UnknownSeenBy => "unknown_seen_by",
            Self::HeldBack => "held_back",
            Self::Traces => "traces",
            Self::SignedOut => "signed_out",
        }
    }

    /// Its value.
    pub(crate) async fn get(self, conn: &mut SqliteConnection) -> Result<Option<String>, Failure> {
        Ok(sqlx::query_scalar("SELECT value FROM meta WHERE name = $1")
            .bind(self.name())
            .fetch_optional(conn)
            .await?)
    }

    /// Sets its value.
    pub(crate) async fn set(self, conn: &mut SqliteConnection, value: &str) -> Result<(), Failure> {
        sqlx::query("INSERT INTO meta (name, value) VALUES ($1, $2) ON CONFLICT (name) DO UPDATE SET value = $2")
            .bind(self.name())
            .bind(value)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Takes its value away.
    pub(crate) async fn clear(self, conn: &mut SqliteConnection) -> Result<(), Failure> {
        sqlx::query("DELETE FROM meta WHERE name = $1")
            .bind(self.name())
            .execute(conn)
            .await?;
        Ok(())
    }
}

/// The user as the store last told.
pub(crate) async fn me(conn: &mut SqliteConnection) -> Result<Option<Me>, Failure> {
    Ok(match Meta::Me.get(conn).await? {
        Some(text) => Some(serde_json::from_str(&text)?),
        None => None,
    })
}

/// Keeps the user as the store told. One with another role than before holds other things: all is fetched anew, and
/// what that does not bring is dropped.
pub(crate) async fn set_me(conn: &mut SqliteConnection, me: &Me) -> Result<(), Failure> {
    if self::me(&mut *conn).await?.is_some_and(|before| before.role != me.role) {
        ToFetch::Everything.note(&mut *conn).await?;
    }
    Meta::Me.set(conn, &serde_json::to_string(me)?).await
}

/// The session's token.
pub(crate) async fn token(conn: &mut SqliteConnection) -> Result<Option<Private>, Failure> {
    Ok(Meta::Token.get(conn).await?.map(Private::from))
}

/// The device's id.
pub(crate) async fn device_id(conn: &mut SqliteConnection) -> Result<Option<DeviceId>, Failure> {
    Ok(Meta::DeviceId.get(conn).await?.and_then(|text| text.parse().ok()))
}

/// The first fetch under way.
pub(crate) async fn first_fetch(conn: &mut SqliteConnection) -> Result<Option<FirstFetch>, Failure> {
    Ok(match Meta::FirstFetch.get(conn).await? {
        Some(text) => Some(serde_json::from_str(&text)?),
        None => None,
    })
}

/// Keeps how far a first fetch has come.
pub(crate) async fn set_first_fetch(conn: &mut SqliteConnection, fetch: &FirstFetch) -> Result<(), Failure> {
    Meta::FirstFetch.set(conn, &serde_json::to_string(fetch)?).await
}

/// The generation of the newest first fetch; 0 before any.
pub(crate) async fn generation(conn: &mut SqliteConnection) -> Result<i64, Failure> {
    Ok(Meta::Generation
        .get(conn)
        .await?
        .and_then(|text| text.parse().ok())
        .unwrap_or(0))
}

/// When the store last answered.
pub(crate) async fn last_contact(conn: &mut SqliteConnection) -> Result<Option<Timestamp>, Failure> {
    instant(Meta::LastContact, conn).await
}

/// The latest time ever seen, which it is now at the least; kept, so that a clock that is set back later gains nothing.
pub(crate) async fn see_time(conn: &mut SqliteConnection, now: Timestamp) -> Result<Timestamp, Failure> {
    let latest = instant(Meta::LatestSeen, conn).await?.map_or(now, |seen| seen.max(now));
    Meta::LatestSeen.set(conn, &super::millis(latest).to_string()).await?;
    Ok(latest)
}

async fn instant(of: Meta, conn: &mut SqliteConnection) -> Result<Option<Timestamp>, Failure> {
    let text = of.get(conn).await?;
    Ok(text
        .and_then(|text| text.parse().ok())
        .and_then(Timestamp::from_unix_millis))
}
