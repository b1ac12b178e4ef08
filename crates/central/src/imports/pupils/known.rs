//! What the store knows of what a file of pupils names, in a few queries for any number of rows.

use std::collections::{BTreeSet, HashMap};

use chrono::NaiveDate;
use lac_domain::{
    CarePeriodId, EnrolmentId, EnrolmentKind, EstablishmentId, EstablishmentStatus, PupilId, Role, Upn, UserId,
    email_key,
};
use lac_import::{HeldPeriod, PupilFile};
use serde_json::json;
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::StoreError;
use crate::scope::{Scope, looked_after};
use crate::storage::{Conn, hex_ids};

/// A pupil who is held.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct HeldPupil {
    pub id: PupilId,
    pub revision: i64,
    pub known_as: String,
    pub legal_first_name: String,
    pub legal_last_name: String,
    pub former_names: String,
    pub born: NaiveDate,
    pub upn: Option<String>,
    pub reference: Option<String>,
    pub adopted: bool,
    pub social_worker_id: Option<UserId>,
    pub social_worker_name: String,
    /// Whether who asks may see the pupil.
    pub seen: bool,
}

/// An enrolment that is held.
#[derive(Debug, Clone)]
pub(super) struct HeldEnrolment {
    pub id: EnrolmentId,
    pub establishment: EstablishmentId,
    pub kind: EnrolmentKind,
    pub start: NaiveDate,
    pub end: Option<NaiveDate>,
    pub visible_from: NaiveDate,
    pub handover_ended: bool,
}

/// A pupil who is looked after on the file's day.
#[derive(Debug, Clone, sqlx::FromRow)]
pub(super) struct LookedAfter {
    pub id: PupilId,
    pub known_as: String,
    pub reference: Option<String>,
    pub upn: Option<String>,
}

/// An establishment that the file names.
#[derive(Debug, Clone)]
pub(super) struct Place {
    pub id: EstablishmentId,
    pub name: String,
    pub closed: bool,
}

/// All of it.
#[derive(Default)]
pub(super) struct Known {
    pub pupils: HashMap<PupilId, HeldPupil>,
    pub by_reference: HashMap<String, PupilId>,
    pub by_upn: HashMap<String, PupilId>,
    pub care: HashMap<PupilId, Vec<HeldPeriod>>,
    pub enrolments: HashMap<PupilId, Vec<HeldEnrolment>>,
    /// Establishments by URN.
    pub places: HashMap<String, Place>,
    /// Users by the key of their e-mail address, and whether they are Social Workers.
    pub workers: HashMap<String, (UserId, bool)>,
    /// Everyone who is looked after on the file's day.
    pub looked_after: Vec<LookedAfter>,
}

impl Known {
    /// Asks for all that a file names. Those looked after are those whom who asks may see; to the store itself, everyone.
    pub(super) async fn load(
        conn: &mut Conn,
        scope: Scope,
        file: &PupilFile,
        as_at: NaiveDate,
    ) -> Result<Self, StoreError> {
        let mut known = Self::default();
        known.load_pupils(conn, scope, file).await?;
        known.load_dates(conn).await?;
        known.load_places(conn, file).await?;
        known.load_workers(conn, file).await?;
        let seen = if scope.is_the_store() {
            "$1 = $1".to_owned()
        } else {
            scope.sees_pupil("p.id")
        };
        let sql = format!(
            "SELECT p.id, p.known_as, p.reference, p.upn FROM pupils p WHERE {} AND {seen} ORDER BY p.known_as_key, p.id",
            looked_after("p", as_at)
        );
        known.looked_after = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
            .bind(scope.user).fetch_all(c).await)?;
        Ok(known)
    }

    async fn load_pupils(&mut self, conn: &mut Conn, scope: Scope, file: &PupilFile) -> Result<(), StoreError> {
        let references: Vec<&str> = file
            .pupils
            .iter()
            .filter_map(|pupil| pupil.reference.as_deref())
            .collect();
        let upns: Vec<&str> = file
            .pupils
            .iter()
            .filter_map(|pupil| pupil.upn.as_ref().map(Upn::as_str))
            .collect();
        let engine = conn.engine();
        let sql = format!(
            "SELECT p.id, p.revision, p.known_as, p.legal_first_name, p.legal_last_name, p.former_names, p.born, p.upn,
               p.reference, p.adopted, p.social_worker_id, p.social_worker_name, {} AS seen
             FROM pupils p WHERE p.reference IN {} OR p.upn IN {}",
            scope.sees_pupil("p.id"),
            engine.texts("$2"),
            engine.texts("$3")
        );
        let (references, upns) = (json!(references).to_string(), json!(upns).to_string());
        let rows: Vec<HeldPupil> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
            .bind(scope.user).bind(references).bind(upns).fetch_all(c).await)?;
        for row in rows {
            if let Some(reference) = &row.reference {
                self.by_reference.insert(reference.clone(), row.id);
            }
            if let Some(upn) = &row.upn {
                self.by_upn.insert(upn.clone(), row.id);
            }
            self.pupils.insert(row.id, row);
        }
        Ok(())
    }

    async fn load_dates(&mut self, conn: &mut Conn) -> Result<(), StoreError> {
        let ids = hex_ids(self.pupils.keys().copied());
        let list = conn.engine().ids("$1");
        let sql = format!("SELECT pupil_id, id, start_on, end_on FROM care_periods WHERE pupil_id IN {list}");
        type CareRow = (PupilId, CarePeriodId, NaiveDate, Option<NaiveDate>);
        let rows: Vec<CareRow> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(&ids).fetch_all(c).await)?;
        for (pupil, id, start, end) in rows {
            self.care.entry(pupil).or_default().push(HeldPeriod { id, start, end });
        }
        let sql = format!(
            "SELECT pupil_id, id, establishment_id, kind, start_on, end_on, visible_from, handover_ended FROM enrolments
             WHERE pupil_id IN {list}"
        );
        type EnrolmentRow = (
            PupilId,
            EnrolmentId,
            EstablishmentId,
            String,
            NaiveDate,
            Option<NaiveDate>,
            NaiveDate,
            bool,
        );
        let rows: Vec<EnrolmentRow> =
            both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(&ids).fetch_all(c).await)?;
        for (pupil, id, establishment, kind, start, end, visible_from, handover_ended) in rows {
            let kind = kind
                .try_into()
                .map_err(|_| StoreError::Inconsistent("an unknown kind of enrolment"))?;
            let held = HeldEnrolment {
                id,
                establishment,
                kind,
                start,
                end,
                visible_from,
                handover_ended,
            };
            self.enrolments.entry(pupil).or_default().push(held);
        }
        Ok(())
    }

    async fn load_places(&mut self, conn: &mut Conn, file: &PupilFile) -> Result<(), StoreError> {
        let urns: BTreeSet<&str> = file
            .pupils
            .iter()
            .flat_map(|pupil| pupil.enrolments.iter().map(|one| one.urn.as_str()))
            .collect();
        let sql = format!(
            "SELECT urn, id, name, status FROM establishments WHERE urn IN {}",
            conn.engine().texts("$1")
        );
        let urns = json!(urns).to_string();
        let rows: Vec<(String, EstablishmentId, String, String)> =
            both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(urns).fetch_all(c).await)?;
        for (urn, id, name, status) in rows {
            let closed = status == EstablishmentStatus::Closed.as_str();
            self.places.insert(urn, Place { id, name, closed });
        }
        Ok(())
    }

    async fn load_workers(&mut self, conn: &mut Conn, file: &PupilFile) -> Result<(), StoreError> {
        let emails: BTreeSet<String> = file
            .pupils
            .iter()
            .map(|pupil| email_key(&pupil.social_worker_email))
            .filter(|email| !email.is_empty())
            .collect();
        let sql = format!(
            "SELECT email_key, id, role FROM users WHERE status <> 'inactive' AND email_key IN {}",
            conn.engine().texts("$1")
        );
        let emails = json!(emails).to_string();
        let rows: Vec<(String, UserId, String)> =
            both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(emails).fetch_all(c).await)?;
        let worker = |role: &str| role == Role::SocialWorker.as_str();
        self.workers = rows
            .into_iter()
            .map(|(email, id, role)| (email, (id, worker(&role))))
            .collect();
        Ok(())
    }
}
