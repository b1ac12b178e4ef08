//! One that was added by hand turns out to be one that GIAS knows: its links and enrolments are carried over.

use async_trait::async_trait;
use lac_domain::EstablishmentId;
use lac_wire::JoinEstablishment;

use super::carry::{self, Way};
use super::{gias, moving, write};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::writer::{Audience, Changed, Job, Tx};

/// Joins one that was added by hand to the one of GIAS with a URN; answers that one.
pub(super) struct Join {
    pub id: EstablishmentId,
    pub asked: JoinEstablishment,
}

#[async_trait]
impl Job for Join {
    type Output = EstablishmentId;

    async fn run(&self, tx: &mut Tx) -> Result<EstablishmentId, Failure> {
        let sql = "SELECT name, postcode, urn FROM establishments WHERE id = $1 AND joined_to IS NULL";
        let row: Option<(String, String, Option<String>)> =
            both!(tx.conn(), c => sqlx::query_as(sql).bind(self.id).fetch_optional(c).await)?;
        let (name, postcode, urn) =
            row.ok_or_else(|| Refusal::not_found().denied("establishment.join", "establishment", self.id.0))?;
        if let Some(urn) = urn {
            let message = format!("{name} has the URN {urn} already, so there is nothing to join.");
            return Err(Refusal::field("urn", message).into());
        }
        let sql = "SELECT id FROM establishments WHERE urn = $1";
        let urn = self.asked.urn.as_str();
        let to: Option<EstablishmentId> =
            both!(tx.conn(), c => sqlx::query_scalar(sql).bind(urn).fetch_optional(c).await)?;
        let to = to.ok_or_else(|| {
            let message = format!(
                "No establishment in the store has the URN {urn}. Check the number, or read the newest file of the DfE first."
            );
            Refusal::field("urn", message)
        })?;
        let way = Way {
            from: self.id,
            to,
            on: None,
        };
        let users = carry::links(tx, way, None).await?;
        let pupils = carry::enrolments(tx, way, None).await?;
        let sql = "UPDATE establishments SET joined_to = $2, revision = revision + 1 WHERE id = $1";
        both!(tx.conn(), c => sqlx::query(sql).bind(self.id).bind(to).execute(c).await.map(|_| ()))?;
        let words = gias::words(&name, None, &postcode);
        write::delete_words(tx, words.into_iter().map(|word| (word, self.id)).collect()).await?;
        let detail = serde_json::json!({ "to": to });
        tx.audit("establishment.joined", "establishment", Some(self.id.0), &detail);
        let detail = serde_json::json!({ "from": self.id });
        tx.audit("establishment.took_in", "establishment", Some(to.0), &detail);
        write::tell_of_carrying(tx, [self.id, to], &users, &pupils);
        // Its name stood on pupils' and people's pages.
        tx.change(Audience::LaRoles, Changed::People);
        moving::refresh(tx, &users, &pupils).await?;
        Ok(to)
    }
}
