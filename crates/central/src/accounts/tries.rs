//! Slowing down who tries too often, by account and by place, so that nobody can lock another out: tries from elsewhere
//! do not count for a device or an address from which the user has signed in before.

use std::net::IpAddr;

use async_trait::async_trait;
use chrono::TimeDelta;
use lac_domain::{DeviceId, SessionId, Timestamp, UserId};
use lac_wire::ErrorCode;

use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::store::Store;
use crate::writer::{Job, Tx};

/// The first wait, in seconds; each further try doubles it.
const FIRST_WAIT: i64 = 10;
/// The longest wait, in seconds.
const LONGEST_WAIT: i64 = 15 * 60;

/// How a kind of try is counted.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Rule {
    /// Distinguishes its keys from those of other rules.
    name: &'static str,
    /// So many are free; then each has to wait.
    free: i64,
    /// The count begins anew after so long; where none is said, only when all went well.
    window: Option<TimeDelta>,
    /// What there were too many of.
    what: &'static str,
}

/// Tries for one account from one place.
static HERE: Rule = Rule {
    name: "here",
    free: 5,
    window: None,
    what: "wrong passwords",
};
/// Tries for one account from places where its user never signed in.
static ACCOUNT: Rule = Rule {
    name: "account",
    free: 50,
    window: Some(TimeDelta::days(1)),
    what: "wrong passwords",
};
/// Tries from one address for whatever accounts.
static ADDRESS: Rule = Rule {
    name: "address",
    free: 100,
    window: Some(TimeDelta::hours(1)),
    what: "wrong passwords from this network",
};
/// Codes of the second step, by account: whoever gets so far knows the password.
static CODE: Rule = Rule {
    name: "code",
    free: 5,
    window: None,
    what: "wrong codes",
};
/// The password given again, by session.
static AGAIN: Rule = Rule {
    name: "again",
    free: 5,
    window: None,
    what: "wrong passwords",
};
/// Asking for codes by e-mail, by address.
static ASKED: Rule = Rule {
    name: "asked",
    free: 30,
    window: Some(TimeDelta::hours(1)),
    what: "requests for a code from this network",
};

/// One count of tries.
#[derive(Debug, Clone)]
pub(super) struct Counter {
    key: Vec<u8>,
    rule: &'static Rule,
}

/// Where a sign-in comes from.
pub(super) struct Places {
    /// Keyed hashes of the account with the device, and with the address.
    hashes: Vec<Vec<u8>>,
}

impl Store {
    fn key(&self, parts: &[&[u8]]) -> Vec<u8> {
        let mut content = Vec::new();
        for part in parts {
            content.extend_from_slice(&(part.len() as u64).to_be_bytes());
            content.extend_from_slice(part);
        }
        self.keys().fingerprint(&content).to_vec()
    }

    fn counter(&self, rule: &'static Rule, parts: &[&[u8]]) -> Counter {
        let parts: Vec<&[u8]> = std::iter::once(rule.name.as_bytes())
            .chain(parts.iter().copied())
            .collect();
        Counter {
            key: self.key(&parts),
            rule,
        }
    }

    /// The places of a sign-in to an account.
    pub(super) fn places(&self, email_key: &str, device: DeviceId, address: Option<IpAddr>) -> Places {
        let email = email_key.as_bytes();
        let device = self.key(&[b"device", email, device.0.as_bytes()]);
        let address = address.map(|address| self.key(&[b"place", email, address.to_string().as_bytes()]));
        Places {
            hashes: std::iter::once(device).chain(address).collect(),
        }
    }

    /// What counts a sign-in to an account. From a place where its user has signed in before only what is tried there.
    pub(super) async fn sign_in_counters(
        &self,
        email_key: &str,
        address: Option<IpAddr>,
        places: &Places,
    ) -> Result<Vec<Counter>, StoreError> {
        let email = email_key.as_bytes();
        let from = address.map_or_else(String::new, |address| address.to_string());
        let mut conn = self.read().await?;
        let mut known = None;
        for hash in &places.hashes {
            let sql = "SELECT EXISTS (SELECT 1 FROM known_places WHERE place_hash = $1)";
            let there: bool = both!(&mut conn, c => sqlx::query_scalar(sql).bind(hash).fetch_one(c).await)?;
            if there && known.is_none() {
                known = Some(hash);
            }
        }
        Ok(match known {
            Some(hash) => vec![self.counter(&HERE, &[email, hash])],
            None => vec![
                self.counter(&HERE, &[email, from.as_bytes()]),
                self.counter(&ACCOUNT, &[email]),
                self.counter(&ADDRESS, &[from.as_bytes()]),
            ],
        })
    }

    /// What counts the codes of a user's second step.
    pub(super) fn code_counter(&self, user: UserId) -> Counter {
        self.counter(&CODE, &[user.0.as_bytes()])
    }

    /// What counts the password given again in a session.
    pub(super) fn again_counter(&self, session: SessionId) -> Counter {
        self.counter(&AGAIN, &[session.0.as_bytes()])
    }

    /// What counts requests for codes by e-mail.
    pub(super) fn asked_counter(&self, address: Option<IpAddr>) -> Counter {
        let from = address.map_or_else(String::new, |address| address.to_string());
        self.counter(&ASKED, &[from.as_bytes()])
    }
}

fn wait_after(tries: i64, free: i64) -> Option<TimeDelta> {
    let beyond = u32::try_from(tries.checked_sub(free)?).ok()?;
    let seconds = FIRST_WAIT.saturating_mul(1_i64.checked_shl(beyond.min(20)).unwrap_or(i64::MAX));
    Some(TimeDelta::seconds(seconds.min(LONGEST_WAIT)))
}

/// Counts a try before it is looked at, so that many at once count as many.
pub(super) struct BeginTry(pub(super) Vec<Counter>);

#[async_trait]
impl Job for BeginTry {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let now = tx.now();
        let mut counts = Vec::with_capacity(self.0.len());
        for counter in &self.0 {
            let sql = "SELECT tries, slowed_until, since FROM wrong_tries WHERE key_hash = $1";
            let row: Option<(i64, Option<Timestamp>, Timestamp)> =
                both!(tx.conn(), c => sqlx::query_as(sql).bind(&counter.key).fetch_optional(c).await)?;
            let (tries, slowed_until, since) = row.unwrap_or((0, None, now));
            if let Some(until) = slowed_until
                && now < until
            {
                return Err(slowed(until.since(now), counter.rule).into());
            }
            let over = counter.rule.window.is_some_and(|window| now.since(since) >= window);
            counts.push(if over { (0, now) } else { (tries, since) });
        }
        for (counter, (tries, since)) in self.0.iter().zip(counts) {
            let tries = tries + 1;
            let until = wait_after(tries, counter.rule.free).map(|wait| now.plus(wait));
            let sql = "INSERT INTO wrong_tries (key_hash, tries, slowed_until, since, at) VALUES ($1, $2, $3, $4, $5)
                       ON CONFLICT (key_hash) DO UPDATE SET tries = $2, slowed_until = $3, since = $4, at = $5";
            both!(tx.conn(), c => sqlx::query(sql)
                .bind(&counter.key).bind(tries).bind(until).bind(since).bind(now).execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }
}

fn slowed(wait: TimeDelta, rule: &Rule) -> Refusal {
    let seconds = wait.num_seconds().max(0).unsigned_abs() + 1;
    let message = format!(
        "There were several {}. Wait {} and try again.",
        rule.what,
        in_words(seconds)
    );
    Refusal {
        retry_after: Some(seconds),
        ..Refusal::new(ErrorCode::TooMany, message)
    }
}

fn in_words(seconds: u64) -> String {
    match seconds {
        0..=1 => "a second".to_owned(),
        2..=90 => format!("{seconds} seconds"),
        _ => format!("{} minutes", seconds.div_ceil(60)),
    }
}

/// What was tried went well: the counts of this account and place are forgotten; of those that others share, this try is
/// taken back.
pub(super) async fn forget_tries(tx: &mut Tx, counters: &[Counter]) -> Result<(), StoreError> {
    for counter in counters {
        let sql = match counter.rule.window {
            None => "DELETE FROM wrong_tries WHERE key_hash = $1",
            Some(_) => {
                "UPDATE wrong_tries SET tries = tries - 1,
                   slowed_until = CASE WHEN tries > $2 THEN slowed_until ELSE NULL END WHERE key_hash = $1 AND tries > 0"
            }
        };
        let free = counter.rule.free;
        both!(tx.conn(), c => {
            let query = sqlx::query(sql).bind(&counter.key);
            let query = if counter.rule.window.is_some() { query.bind(free) } else { query };
            query.execute(c).await.map(|_| ())
        })?;
    }
    Ok(())
}

/// The same by itself.
pub(super) struct ForgetTries(pub(super) Vec<Counter>);

#[async_trait]
impl Job for ForgetTries {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        Ok(forget_tries(tx, &self.0).await?)
    }
}

/// Remembers from where a user has signed in.
pub(super) async fn know_places(tx: &mut Tx, user: UserId, places: &Places) -> Result<(), StoreError> {
    let now = tx.now();
    for hash in &places.hashes {
        let sql = "INSERT INTO known_places (place_hash, user_id, last_at) VALUES ($1, $2, $3)
                   ON CONFLICT (place_hash) DO UPDATE SET user_id = $2, last_at = $3";
        both!(tx.conn(), c => sqlx::query(sql).bind(hash).bind(user).bind(now).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// For so long a place is known after it was last signed in from.
const PLACES_KEPT: TimeDelta = TimeDelta::days(180);
/// Counts older than this are deleted.
const TRIES_KEPT: TimeDelta = TimeDelta::days(2);
/// Codes for forgotten passwords are deleted so long after they ran out.
const CODES_KEPT: TimeDelta = TimeDelta::days(30);

/// Deletes counts, places and codes that are long past.
pub(crate) async fn forget_past_tries(tx: &mut Tx) -> Result<(), StoreError> {
    let now = tx.now();
    for (sql, kept) in [
        ("DELETE FROM wrong_tries WHERE at < $1", TRIES_KEPT),
        ("DELETE FROM known_places WHERE last_at < $1", PLACES_KEPT),
        ("DELETE FROM password_codes WHERE expires_at < $1", CODES_KEPT),
    ] {
        both!(tx.conn(), c => sqlx::query(sql).bind(now.plus(-kept)).execute(c).await.map(|_| ()))?;
    }
    Ok(())
}

/// Puts a failed try into the trail, for an account that exists.
pub(super) struct Failed(pub(super) UserId, pub(super) &'static str);

#[async_trait]
impl Job for Failed {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        tx.audit(self.1, "user", Some(self.0.0), &serde_json::json!({}));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_grow_and_end() {
        assert_eq!(wait_after(4, 5), None);
        assert_eq!(wait_after(5, 5), Some(TimeDelta::seconds(10)));
        assert_eq!(wait_after(7, 5), Some(TimeDelta::seconds(40)));
        assert_eq!(wait_after(1_000_000, 5), Some(TimeDelta::seconds(LONGEST_WAIT)));
        assert_eq!(in_words(61), "61 seconds");
        assert_eq!(in_words(121), "3 minutes");
    }
}
