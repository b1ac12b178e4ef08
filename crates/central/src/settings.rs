//! The authority's row: its name, its settings, the store's epoch.

use chrono::NaiveDate;
use lac_domain::calendar::SchoolCalendar;
use lac_domain::{AttachmentKind, EpochId};
use lac_wire::TermDates;
use serde::{Deserialize, Serialize};

use crate::both;
use crate::error::StoreError;
use crate::storage::Conn;

/// The store's one row about itself.
#[derive(Debug, Clone)]
pub struct StoreRow {
    /// The epoch: cursors of another are refused.
    pub epoch: EpochId,
    /// The authority's name.
    pub authority_name: String,
    /// The number for a child in danger, perhaps empty.
    pub danger_phone: String,
    /// The sender's name on notifications.
    pub notification_sender: String,
    /// After so many days without contact a desktop locks.
    pub offline_days: i64,
    /// The London day for which `pupil_access` was last worked out.
    pub access_as_of: NaiveDate,
    /// When schools are closed.
    pub calendar: SchoolCalendar,
    /// The kinds of attachments that are taken.
    pub attachment_kinds: Vec<AttachmentKind>,
    /// The school terms, and what goes by them.
    pub term_dates: TermDates,
    /// Whether roles other than LA may do without the second step of signing in.
    pub second_factor_relaxed: bool,
}

/// The settings that no query looks into, as JSON.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Settings {
    /// When schools are closed.
    pub calendar: SchoolCalendar,
    /// The kinds of attachments that are taken; none said, the ordinary ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attachment_kinds: Option<Vec<AttachmentKind>>,
    /// After so many school days a message that was not read makes a reminder; none for the ordinary number.
    pub unread_after_days: Option<u32>,
}

impl Settings {
    fn term_dates(&self) -> TermDates {
        let ordinary = TermDates::default();
        TermDates {
            terms: self.calendar.terms.clone(),
            unread_after_days: self.unread_after_days.unwrap_or(ordinary.unread_after_days),
        }
    }
}

/// Loads the row.
///
/// # Errors
/// When the database fails, or the store was never set up.
pub async fn load(conn: &mut Conn) -> Result<StoreRow, StoreError> {
    find(conn)
        .await?
        .ok_or(StoreError::Inconsistent("the store was not set up"))
}

/// Loads the row, if the store was set up.
///
/// # Errors
/// When the database fails.
pub async fn find(conn: &mut Conn) -> Result<Option<StoreRow>, StoreError> {
    let sql = "SELECT epoch, authority_name, danger_phone, notification_sender, offline_days, access_as_of, settings,
                 second_factor_relaxed FROM store WHERE id = 1";
    type Row = (EpochId, String, String, String, i64, NaiveDate, String, bool);
    let row: Option<Row> = both!(conn, c => sqlx::query_as(sql).fetch_optional(c).await)?;
    let Some((epoch, authority_name, danger_phone, notification_sender, offline_days, access_as_of, settings, relaxed)) =
        row
    else {
        return Ok(None);
    };
    let settings: Settings = serde_json::from_str(&settings)?;
    Ok(Some(StoreRow {
        epoch,
        authority_name,
        danger_phone,
        notification_sender,
        offline_days,
        access_as_of,
        term_dates: settings.term_dates(),
        second_factor_relaxed: relaxed,
        calendar: settings.calendar,
        attachment_kinds: settings
            .attachment_kinds
            .unwrap_or_else(|| AttachmentKind::ORDINARY.to_vec()),
    }))
}

/// Keeps the school terms, and what goes by them.
///
/// # Errors
/// When the database fails.
pub(crate) async fn keep_term_dates(conn: &mut Conn, dates: &TermDates) -> Result<(), StoreError> {
    change(conn, |settings| {
        settings.calendar.terms.clone_from(&dates.terms);
        settings.unread_after_days = Some(dates.unread_after_days);
    })
    .await
}

/// Changes settings that no query looks into.
///
/// # Errors
/// When the database fails.
pub(crate) async fn change(conn: &mut Conn, with: impl FnOnce(&mut Settings)) -> Result<(), StoreError> {
    let sql = "SELECT settings FROM store WHERE id = 1";
    let text: String = both!(conn, c => sqlx::query_scalar(sql).fetch_one(c).await)?;
    let mut settings: Settings = serde_json::from_str(&text)?;
    with(&mut settings);
    let text = serde_json::to_string(&settings)?;
    both!(conn, c => sqlx::query("UPDATE store SET settings = $1 WHERE id = 1").bind(text).execute(c).await.map(|_| ()))?;
    Ok(())
}
