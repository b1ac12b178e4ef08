//! Failures of people who are not signed in, counted per address and minute, so that nobody can flood the
//! audit trail.

use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

use async_trait::async_trait;
use lac_domain::Timestamp;

use crate::error::Failure;
use crate::store::Store;
use crate::writer::{Job, Tx};

type Count = (i64, Option<IpAddr>, &'static str);

/// Counts that are not in the trail yet.
#[derive(Default)]
pub(crate) struct AnonymousFailures(Mutex<BTreeMap<Count, u32>>);

fn minute(at: Timestamp) -> i64 {
    at.utc().timestamp() / 60
}

impl AnonymousFailures {
    /// Counts one. `what` is a fixed word such as `sign_in.failed`.
    pub(crate) fn count(&self, at: Timestamp, address: Option<IpAddr>, what: &'static str) {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *counts.entry((minute(at), address, what)).or_default() += 1;
    }

    /// Takes the counts of minutes that are over, or all.
    fn take(&self, before: Option<i64>) -> Vec<(Count, u32)> {
        let mut counts = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let all = std::mem::take(&mut *counts);
        let (over, going): (BTreeMap<_, _>, BTreeMap<_, _>) = all
            .into_iter()
            .partition(|((minute, ..), _)| before.is_none_or(|before| *minute < before));
        *counts = going;
        over.into_iter().collect()
    }
}

struct Flush(Vec<(Count, u32)>);

#[async_trait]
impl Job for Flush {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        for ((minute, address, what), count) in &self.0 {
            let from = Timestamp::from_unix_millis(minute * 60_000);
            let detail = serde_json::json!({ "minute": from, "address": address, "count": count });
            tx.audit(what, "address", None, &detail);
        }
        Ok(())
    }
}

impl Store {
    /// Writes the counts of minutes that are over into the audit trail.
    pub(crate) async fn flush_past_failures(&self) -> Result<(), Failure> {
        self.flush(Some(minute(self.now()))).await
    }

    /// Writes all counts into the audit trail.
    pub(crate) async fn flush_failures(&self) -> Result<(), Failure> {
        self.flush(None).await
    }

    async fn flush(&self, before: Option<i64>) -> Result<(), Failure> {
        let counts = self.failures().take(before);
        if counts.is_empty() {
            Ok(())
        } else {
            self.run(None, Flush(counts)).await
        }
    }
}
