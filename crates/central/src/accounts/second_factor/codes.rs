//! Checking codes: each is taken once.

use lac_domain::{Timestamp, UserId};
use lac_wire::Private;
use totp_rs::{Builder, Totp};
use uuid::Uuid;

use super::rows::secret_place;
use crate::both;
use crate::error::{Failure, StoreError};
use crate::keys::Keys;
use crate::random::random;
use crate::writer::Tx;

/// How long a code is shown, in seconds.
const STEP: u64 = 30;
/// How many recovery codes there are at a time.
pub(super) const RECOVERY_CODES: usize = 10;
/// Digits and capital letters without those that are taken for another.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What an authenticator app works out from a secret: SHA-1, six digits, 30 seconds, since most apps know nothing else.
fn app(secret: &[u8]) -> Result<Totp, StoreError> {
    Builder::new()
        .with_secret(secret.to_vec())
        .with_skew(0)
        .build()
        .map_err(|_| StoreError::Inconsistent("the secret of a second step is too short"))
}

/// The step whose code this is: the present one or one beside it, and none up to `last`.
pub(super) fn matching_step(secret: &[u8], code: &str, now: Timestamp, last: i64) -> Result<Option<i64>, StoreError> {
    let app = app(secret)?;
    let present = u64::try_from(now.utc().timestamp()).unwrap_or_default() / STEP;
    let mut steps = present.saturating_sub(1)..=present + 1;
    let fits =
        steps.find(|step| i64::try_from(*step).is_ok_and(|step| step > last) && app.check(code, step * STEP).is_some());
    Ok(fits.and_then(|step| i64::try_from(step).ok()))
}

/// A code without spaces and hyphens.
pub(super) fn plain(code: &Private) -> String {
    code.reveal()
        .chars()
        .filter(|c| !c.is_whitespace() && *c != '-')
        .collect()
}

fn is_of_app(code: &str) -> bool {
    code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit())
}

/// Takes a code of the app, or a recovery code; says whether it holds.
pub(super) async fn take(tx: &mut Tx, user: UserId, code: &Private) -> Result<bool, Failure> {
    let code = plain(code);
    if is_of_app(&code) {
        return take_of_app(tx, user, &code).await;
    }
    let (hash, now) = (recovery_hash(&tx.keys(), user, &code), tx.now());
    let sql = "UPDATE recovery_codes SET used_at = $3 WHERE code_hash = $1 AND user_id = $2 AND used_at IS NULL
               RETURNING user_id";
    let taken: Option<UserId> =
        both!(tx.conn(), c => sqlx::query_scalar(sql).bind(hash).bind(user).bind(now).fetch_optional(c).await)?;
    if taken.is_some() {
        tx.audit(
            "session.recovery_code_used",
            "user",
            Some(user.0),
            &serde_json::json!({}),
        );
    }
    Ok(taken.is_some())
}

async fn take_of_app(tx: &mut Tx, user: UserId, code: &str) -> Result<bool, Failure> {
    let sql = "SELECT id, sealed_secret, last_step FROM second_factors WHERE user_id = $1 AND confirmed_at IS NOT NULL";
    let row: Option<(Uuid, Vec<u8>, i64)> =
        both!(tx.conn(), c => sqlx::query_as(sql).bind(user).fetch_optional(c).await)?;
    let Some((id, sealed, last)) = row else {
        return Ok(false);
    };
    let secret = tx.keys().open(secret_place(id), &sealed)?;
    let Some(step) = matching_step(&secret, code, tx.now(), last)? else {
        return Ok(false);
    };
    // Of two sign-ins with the same code at once, one gets in.
    let sql = "UPDATE second_factors SET last_step = $2 WHERE id = $1 AND last_step < $2 RETURNING id";
    let taken: Option<Uuid> =
        both!(tx.conn(), c => sqlx::query_scalar(sql).bind(id).bind(step).fetch_optional(c).await)?;
    Ok(taken.is_some())
}

/// The keyed hash by which a recovery code is found.
fn recovery_hash(keys: &Keys, user: UserId, code: &str) -> Vec<u8> {
    let symbols: String = code
        .chars()
        .map(|symbol| match symbol.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    let mut content = b"recovery code".to_vec();
    content.extend_from_slice(user.0.as_bytes());
    content.extend_from_slice(symbols.as_bytes());
    keys.fingerprint(&content).to_vec()
}

/// Makes recovery codes in place of those before: 80 random bits each, such as `7KQ2-M0D3-XR9T-BWZH`.
pub(super) async fn make_recovery_codes(tx: &mut Tx, user: UserId) -> Result<Vec<Private>, Failure> {
    both!(tx.conn(), c => sqlx::query("DELETE FROM recovery_codes WHERE user_id = $1")
        .bind(user).execute(c).await.map(|_| ()))?;
    let keys = tx.keys();
    let mut codes = Vec::with_capacity(RECOVERY_CODES);
    for _ in 0..RECOVERY_CODES {
        let bytes: [u8; 16] = random()?;
        let symbols: Vec<char> = bytes
            .iter()
            .map(|byte| char::from(ALPHABET[usize::from(byte & 31)]))
            .collect();
        let plain: String = symbols.iter().collect();
        let hash = recovery_hash(&keys, user, &plain);
        let sql = "INSERT INTO recovery_codes (code_hash, user_id) VALUES ($1, $2)";
        both!(tx.conn(), c => sqlx::query(sql).bind(hash).bind(user).execute(c).await.map(|_| ()))?;
        let groups: Vec<String> = symbols.chunks(4).map(|group| group.iter().collect()).collect();
        codes.push(Private::from(groups.join("-")));
    }
    Ok(codes)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_unix_millis(seconds * 1000).unwrap()
    }

    #[test]
    fn codes_are_those_of_rfc_6238_and_hold_for_one_step_either_way() {
        // Appendix B of the RFC, of whose eight digits an app shows the last six.
        let secret = b"12345678901234567890";
        for (seconds, code) in [
            (1_111_111_109, "081804"),
            (1_234_567_890, "005924"),
            (20_000_000_000, "353130"),
        ] {
            let step = seconds / 30;
            assert_eq!(matching_step(secret, code, at(seconds), 0).unwrap(), Some(step));
            assert_eq!(matching_step(secret, code, at(seconds + 30), 0).unwrap(), Some(step));
            assert_eq!(matching_step(secret, code, at(seconds - 30), 0).unwrap(), Some(step));
            assert_eq!(matching_step(secret, code, at(seconds + 60), 0).unwrap(), None);
            assert_eq!(matching_step(secret, code, at(seconds - 60), 0).unwrap(), None);
            assert_eq!(matching_step(secret, code, at(seconds), step).unwrap(), None, "once");
        }
        assert_eq!(matching_step(secret, "287082", at(59), 0).unwrap(), Some(1));
        assert_eq!(matching_step(secret, "+87082", at(59), 0).unwrap(), None);
    }
}
