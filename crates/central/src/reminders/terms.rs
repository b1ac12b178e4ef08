//! The authority's school terms.

use async_trait::async_trait;
use lac_domain::calendar::judge_terms;
use lac_wire::TermDates;

use crate::access::Affected;
use crate::error::{Failure, Refusal};
use crate::settings::keep_term_dates;
use crate::writer::{Audience, Changed, Job, Tx};

/// The most school days after which an unread message makes a reminder, and the most terms.
const MOST: (u32, usize) = (30, 30);

/// Keeps the terms. They decide how long a handover lasts, so who sees whom is worked out anew.
pub(super) struct SetTerms(pub(super) TermDates);

#[async_trait]
impl Job for SetTerms {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let mut dates = self.0.clone();
        dates.terms.sort_by_key(|term| term.first);
        judge_terms(&dates.terms).map_err(|message| Refusal::field("terms", message))?;
        if dates.terms.len() > MOST.1 {
            return Err(Refusal::field("terms", "These are too many terms. Keep those of the next years.").into());
        }
        if !(1..=MOST.0).contains(&dates.unread_after_days) {
            let message = format!("Enter a number of school days from 1 to {}.", MOST.0);
            return Err(Refusal::field("unread_after_days", message).into());
        }
        keep_term_dates(tx.conn(), &dates).await?;
        tx.refresh_access(&Affected::Everyone).await?;
        tx.change(Audience::Everyone, Changed::Me);
        let detail = serde_json::json!({ "terms": dates.terms, "unread_after_days": dates.unread_after_days });
        tx.audit("authority.terms_set", "store", None, &detail);
        Ok(())
    }
}
