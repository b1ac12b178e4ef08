//! Asking for a colleague.

use async_trait::async_trait;
use lac_domain::{ColleagueRequestId, EstablishmentId, Role};
use lac_wire::{AskForColleague, ErrorCode, UserEntry};

use crate::both;
use crate::error::{Failure, Refusal};
use crate::scope::Scope;
use crate::users::entry::{self, Entry};
use crate::writer::{Audience, Changed, Job, Tx};

/// The most requests of one user that wait.
const MOST_WAITING: i64 = 20;

/// Asks for a colleague. Whether anybody has the e-mail address already is not told to who asks.
pub(super) struct Ask {
    /// Who asks.
    pub scope: Scope,
    /// For whom.
    pub asked: AskForColleague,
}

#[async_trait]
impl Job for Ask {
    type Output = ColleagueRequestId;

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<ColleagueRequestId, Failure> {
        self.require_linked(tx).await?;
        let at = self.asked.establishment_id;
        let entry = entry::judge(&entry_of(&self.asked))?;
        self.require_room(tx, &entry).await?;
        let (id, now): (ColleagueRequestId, _) = (tx.new_id()?, tx.now());
        let sql =
            "INSERT INTO colleague_requests (id, asked_by, asked_at, establishment_id, first_name, last_name, email,
                     email_key, job_title, state) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'waiting')";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(id).bind(self.scope.user).bind(now).bind(at).bind(&entry.first_name).bind(&entry.last_name)
            .bind(&entry.email).bind(&entry.email_key).bind(&entry.job_title).execute(c).await.map(|_| ()))?;
        let detail = serde_json::json!({ "request": id, "establishment": at });
        tx.audit("colleague.asked", "user", Some(self.scope.user.0), &detail);
        // Wakes the windows of those who may decide.
        tx.change(Audience::LaRoles, Changed::Person(self.scope.user));
        Ok(id)
    }
}

/// The colleague as the form for adding users would hold them.
pub(super) fn entry_of(asked: &AskForColleague) -> UserEntry {
    UserEntry {
        role: Role::DesignatedTeacher,
        first_name: asked.first_name.clone(),
        last_name: asked.last_name.clone(),
        job_title: asked.job_title.clone(),
        email: asked.email.clone(),
        phone: String::new(),
        links: Vec::new(),
    }
}

impl Ask {
    /// An establishment that one is not linked to today is none that one may ask for.
    async fn require_linked(&self, tx: &mut Tx) -> Result<(), Failure> {
        let at = self.asked.establishment_id;
        let sql = "SELECT establishment_id FROM establishment_links
                   WHERE user_id = $1 AND establishment_id = $2 AND start_on <= $3 AND (end_on IS NULL OR end_on >= $3)
                   LIMIT 1";
        let found: Option<EstablishmentId> = both!(tx.conn(), c => sqlx::query_scalar(sql)
            .bind(self.scope.user).bind(at).bind(self.scope.today).fetch_optional(c).await)?;
        match found {
            Some(_) => Ok(()),
            None => Err(Refusal::not_found()
                .denied("colleague.ask", "establishment", at.0)
                .into()),
        }
    }

    async fn require_room(&self, tx: &mut Tx, entry: &Entry) -> Result<(), Failure> {
        let sql = "SELECT email_key, establishment_id FROM colleague_requests WHERE asked_by = $1 AND state = 'waiting'
                   ORDER BY asked_at LIMIT $2";
        let waiting: Vec<(String, EstablishmentId)> = both!(tx.conn(), c => sqlx::query_as(sql)
            .bind(self.scope.user).bind(MOST_WAITING).fetch_all(c).await)?;
        if waiting.contains(&(entry.email_key.clone(), self.asked.establishment_id)) {
            let message = "You have asked for this colleague already. Your Virtual School has not decided yet.";
            return Err(Refusal::field("email", message).into());
        }
        if i64::try_from(waiting.len()).unwrap_or(i64::MAX) >= MOST_WAITING {
            let message = format!(
                "{MOST_WAITING} of your requests wait to be decided. Ask again when your Virtual School has decided some."
            );
            return Err(Refusal::new(ErrorCode::FieldInvalid, message).into());
        }
        Ok(())
    }
}
