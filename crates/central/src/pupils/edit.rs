//! Editing a pupil's record, but for dates of care and enrolments, which are changed one by one.

use async_trait::async_trait;
use chrono::NaiveDate;
use lac_domain::{PupilId, Role, UserId, name_key};
use lac_wire::{EditPupil, PupilEntry};
use serde_json::json;

use super::entry::{self, Judged};
use super::head::{Head, finish, require_users};
use super::{dates, write};
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::scope::Scope;
use crate::writer::{Job, Tx};

/// Edits a pupil; answers their id.
pub(super) struct Edit {
    pub scope: Scope,
    pub pupil: PupilId,
    pub edit: EditPupil,
}

/// The row as it is.
#[derive(sqlx::FromRow)]
struct Row {
    known_as: String,
    legal_first_name: String,
    legal_last_name: String,
    former_names: String,
    born: NaiveDate,
    upn: Option<String>,
    reference: Option<String>,
    reception_year: Option<i64>,
    caseworker_id: Option<UserId>,
    social_worker_id: Option<UserId>,
    social_worker_name: String,
    social_worker_team: String,
    social_worker_phone: String,
    ehcp: bool,
    out_of_authority: bool,
    no_school_since: Option<NaiveDate>,
    no_school_reason: String,
    held_from_schools_until: Option<NaiveDate>,
}

impl Row {
    /// The names of the fields that an entry would change: for the trail, which holds no values.
    fn differing(&self, entry: &PupilEntry, judged: &Judged) -> Vec<&'static str> {
        let names = &judged.names;
        let fields = [
            ("known_as", self.known_as != names.known_as),
            ("legal_first_name", self.legal_first_name != names.legal_first_name),
            ("legal_last_name", self.legal_last_name != names.legal_last_name),
            ("former_names", self.former_names != judged.former_names),
            ("born", self.born != entry.born),
            (
                "upn",
                self.upn.as_deref() != judged.upn.as_ref().map(|upn| upn.as_str()),
            ),
            ("reference", self.reference != names.reference),
            ("year_group", self.reception_year != judged.reception_year),
            ("caseworker_id", self.caseworker_id != entry.caseworker_id),
            ("social_worker_id", self.social_worker_id != entry.social_worker_id),
            (
                "social_worker_name",
                self.social_worker_name != judged.social_worker_name,
            ),
            (
                "social_worker_team",
                self.social_worker_team != judged.social_worker_team,
            ),
            (
                "social_worker_phone",
                self.social_worker_phone != judged.social_worker_phone,
            ),
            ("ehcp", self.ehcp != entry.ehcp),
            ("out_of_authority", self.out_of_authority != entry.out_of_authority),
            ("no_school_since", self.no_school_since != entry.no_school_since),
            ("no_school_reason", self.no_school_reason != judged.no_school_reason),
            (
                "held_from_schools_until",
                self.held_from_schools_until != entry.held_from_schools_until,
            ),
        ];
        fields
            .into_iter()
            .filter(|(_, differs)| *differs)
            .map(|(field, _)| field)
            .collect()
    }
}

#[async_trait]
impl Job for Edit {
    type Output = PupilId;

    async fn run(&self, tx: &mut Tx) -> Result<PupilId, Failure> {
        let (pupil, entry) = (self.pupil, &self.edit.entry);
        let head = Head::of(tx, self.scope, pupil, "pupil.edit").await?;
        head.require_open(tx, pupil, Some(self.edit.revision)).await?;
        let judged = entry::judge(entry, tx.today())?;
        let row = load(tx, pupil).await?;
        if row.born != entry.born {
            let (care, enrolments) = (
                super::care::stored(tx, pupil).await?,
                super::enrolments::stored(tx, pupil).await?,
            );
            let first = care
                .iter()
                .map(|one| one.start)
                .chain(enrolments.iter().map(|one| one.start))
                .min();
            dates::born_before(entry.born, first)?;
        }
        self.require_people(tx, &row).await?;
        write::require_unused(tx, judged.upn.as_ref(), judged.names.reference.as_deref(), Some(pupil)).await?;

        let fields = row.differing(entry, &judged);
        if fields.is_empty() {
            return Ok(pupil);
        }
        update(tx, pupil, entry, &judged).await?;
        write::replace_words(tx, pupil, &judged.names, &judged.former_names, judged.upn.as_ref()).await?;
        finish(tx, pupil, "pupil.changed", json!({ "fields": fields })).await?;
        Ok(pupil)
    }
}

impl Edit {
    /// The caseworker has an LA role, the social worker is one; who was set before stays whatever has become of them.
    async fn require_people(&self, tx: &mut Tx, row: &Row) -> Result<(), Failure> {
        let entry = &self.edit.entry;
        if let Some(user) = entry.caseworker_id.filter(|_| entry.caseworker_id != row.caseworker_id) {
            let found = require_users(tx, "caseworker_id", &[user]).await?;
            if found.iter().any(|(_, role)| !role.is_la()) {
                let message = "The caseworker must be an LA User or LA Super User. Choose another user.";
                return Err(Refusal::field("caseworker_id", message).into());
            }
        }
        if let Some(user) = entry
            .social_worker_id
            .filter(|_| entry.social_worker_id != row.social_worker_id)
        {
            let found = require_users(tx, "social_worker_id", &[user]).await?;
            if found.iter().any(|(_, role)| *role != Role::SocialWorker) {
                let message = "The user who was chosen is not a Social Worker. Choose another one, or type a name.";
                return Err(Refusal::field("social_worker_id", message).into());
            }
        }
        Ok(())
    }
}

async fn load(tx: &mut Tx, pupil: PupilId) -> Result<Row, StoreError> {
    let sql = "SELECT known_as, legal_first_name, legal_last_name, former_names, born, upn, reference, reception_year,
                 caseworker_id, social_worker_id, social_worker_name, social_worker_team, social_worker_phone, ehcp,
                 out_of_authority, no_school_since, no_school_reason, held_from_schools_until
               FROM pupils WHERE id = $1";
    Ok(both!(tx.conn(), c => sqlx::query_as(sql).bind(pupil).fetch_one(c).await)?)
}

async fn update(tx: &mut Tx, pupil: PupilId, entry: &PupilEntry, judged: &Judged) -> Result<(), StoreError> {
    let sql = "UPDATE pupils SET known_as = $2, known_as_key = $3, legal_first_name = $4, legal_last_name = $5,
                 former_names = $6, born = $7, upn = $8, reference = $9, reception_year = $10, caseworker_id = $11,
                 social_worker_id = $12, social_worker_name = $13, social_worker_team = $14, social_worker_phone = $15,
                 ehcp = $16, out_of_authority = $17, no_school_since = $18, no_school_reason = $19,
                 held_from_schools_until = $20
               WHERE id = $1";
    let names = &judged.names;
    let upn = judged.upn.as_ref().map(|upn| upn.as_str());
    both!(tx.conn(), c => sqlx::query(sql)
        .bind(pupil).bind(&names.known_as).bind(name_key(&names.known_as)).bind(&names.legal_first_name)
        .bind(&names.legal_last_name).bind(&judged.former_names).bind(entry.born).bind(upn).bind(&names.reference)
        .bind(judged.reception_year).bind(entry.caseworker_id).bind(entry.social_worker_id)
        .bind(&judged.social_worker_name).bind(&judged.social_worker_team).bind(&judged.social_worker_phone)
        .bind(entry.ehcp).bind(entry.out_of_authority).bind(entry.no_school_since).bind(&judged.no_school_reason)
        .bind(entry.held_from_schools_until)
        .execute(c).await.map(|_| ()))?;
    Ok(())
}
