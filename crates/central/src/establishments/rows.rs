//! Rows of establishments: read as the contract gives them, for lists, pages and devices.

use chrono::NaiveDate;
use lac_domain::{EstablishmentId, EstablishmentStatus, SettingKind, Urn};
use lac_wire::Establishment;
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::StoreError;
use crate::scope::Scope;
use crate::storage::{Conn, hex_ids};

/// The columns of [`Row`], of the table that goes by the name `e`.
pub(super) const COLUMNS: &str = "e.id, e.urn, e.name, e.name_key, e.type_name, e.phase, e.status, e.la_name, e.town, \
     e.postcode, e.address, e.phone, e.website, e.head, e.closed_on, e.kind, e.ofsted_number, e.revision";

#[derive(sqlx::FromRow)]
pub(super) struct Row {
    pub id: EstablishmentId,
    pub urn: Option<String>,
    pub name: String,
    pub name_key: String,
    pub type_name: String,
    pub phase: String,
    #[sqlx(try_from = "String")]
    pub status: EstablishmentStatus,
    pub la_name: String,
    pub town: String,
    pub postcode: String,
    pub address: String,
    pub phone: String,
    pub website: String,
    pub head: String,
    pub closed_on: Option<NaiveDate>,
    pub kind: Option<String>,
    pub ofsted_number: String,
    pub revision: i64,
}

/// A stored URN as the contract gives it.
pub(super) fn stored_urn(urn: &str) -> Result<Urn, StoreError> {
    Urn::parse(urn).map_err(|_| StoreError::Inconsistent("a stored URN is not of the form of one"))
}

impl TryFrom<Row> for Establishment {
    type Error = StoreError;

    fn try_from(row: Row) -> Result<Self, StoreError> {
        let kind = row.kind.as_deref().map(SettingKind::parse).transpose();
        Ok(Self {
            id: row.id,
            urn: row.urn.as_deref().map(stored_urn).transpose()?,
            name: row.name,
            type_name: row.type_name,
            phase: row.phase,
            status: row.status,
            la_name: row.la_name,
            town: row.town,
            postcode: row.postcode,
            address: serde_json::from_str(&row.address)?,
            phone: row.phone,
            website: row.website,
            head: row.head,
            closed_on: row.closed_on,
            kind: kind.map_err(|_| StoreError::Inconsistent("a stored kind of establishment is none"))?,
            ofsted_number: row.ofsted_number,
            revision: row.revision,
            here: None,
        })
    }
}

/// SQL that is true where the user (`$1`) may see the establishment whose id is the SQL expression; **`$2` is the
/// day**. To LA roles all are open; others see those that they are linked to, or whose pupils they see.
pub(crate) fn sees_establishment(scope: Scope, establishment: &str) -> String {
    if scope.is_la() {
        return "TRUE".to_owned();
    }
    format!(
        "(EXISTS (SELECT 1 FROM establishment_links tie WHERE tie.user_id = $1 AND tie.establishment_id = {establishment}
            AND tie.start_on <= $2 AND (tie.end_on IS NULL OR tie.end_on >= $2))
          OR EXISTS (SELECT 1 FROM enrolments place JOIN pupil_access sight ON sight.pupil_id = place.pupil_id
            WHERE place.establishment_id = {establishment} AND sight.user_id = $1
              AND (place.end_on IS NULL OR place.end_on >= $2)))"
    )
}

/// Loads establishments by their ids; those that the user may not see, that do not exist, or that were joined to
/// another are left out.
///
/// # Errors
/// When the database fails.
pub(crate) async fn load_establishments(
    conn: &mut Conn,
    scope: Scope,
    ids: impl IntoIterator<Item = EstablishmentId>,
) -> Result<Vec<Establishment>, StoreError> {
    let sql = format!(
        "SELECT {COLUMNS} FROM establishments e WHERE e.id IN {} AND e.joined_to IS NULL AND {}
         ORDER BY e.name_key, e.id",
        conn.engine().ids("$3"),
        sees_establishment(scope, "e.id"),
    );
    let ids = hex_ids(ids);
    let rows: Vec<Row> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(scope.user).bind(scope.today).bind(ids).fetch_all(c).await)?;
    rows.into_iter().map(Establishment::try_from).collect()
}
