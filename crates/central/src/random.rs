//! Random bytes, and ids made from them.

use lac_domain::Timestamp;
use uuid::Uuid;

use crate::error::StoreError;

/// Random bytes from the operating system.
///
/// # Errors
/// When the system gives none.
pub fn random<const N: usize>() -> Result<[u8; N], StoreError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|error| StoreError::Random(error.to_string()))?;
    Ok(bytes)
}

/// A new id of version 7: `let id: UserId = new_id(now)?`.
///
/// # Errors
/// When the system gives no random bytes.
pub fn new_id<T: From<Uuid>>(at: Timestamp) -> Result<T, StoreError> {
    let random = random()?;
    Ok(uuid::Builder::from_unix_timestamp_millis(at.unix_millis(), &random)
        .into_uuid()
        .into())
}

/// Random bytes that are fetched at once, since each call to the system costs more than an id does.
const AT_ONCE: usize = 512;

/// Makes ids of version 7 that ascend, also within one millisecond (RFC 9562, section 6.2, method 2: each is the one
/// before it and a random number more). Rows written in their order grow each index on them at its end; random ones
/// would touch every page of it, which a bulk add of 100,000 users pays for ten times over.
#[derive(Debug)]
pub(crate) struct AscendingIds {
    at: Timestamp,
    /// The bits below the instant: 74 of them, the uppermost clear at first, so that they never run over.
    low: u128,
    steps: [u8; AT_ONCE],
    used: usize,
}

impl AscendingIds {
    /// None made yet.
    pub fn new(at: Timestamp) -> Self {
        Self {
            at,
            low: 0,
            steps: [0; AT_ONCE],
            used: AT_ONCE,
        }
    }

    /// The next id.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn make(&mut self, at: Timestamp) -> Result<Uuid, StoreError> {
        if self.low == 0 || at != self.at {
            self.at = at;
            self.low = u128::from_be_bytes(random()?) >> (128 - 73);
        } else {
            self.low += 1 + u128::from(self.step()?);
        }
        // 12 bits stand before the variant's two, 62 behind them; the builder overwrites what lies between.
        let (high, low) = ((self.low >> 62).to_be_bytes(), self.low.to_be_bytes());
        let mut bytes = [0; 10];
        bytes[..2].copy_from_slice(&high[14..]);
        bytes[2..].copy_from_slice(&low[8..]);
        Ok(uuid::Builder::from_unix_timestamp_millis(self.at.unix_millis(), &bytes).into_uuid())
    }

    fn step(&mut self) -> Result<u32, StoreError> {
        if self.used == AT_ONCE {
            self.steps = random()?;
            self.used = 0;
        }
        let step = self.steps[self.used..].first_chunk().copied().unwrap_or_default();
        self.used += size_of::<u32>();
        Ok(u32::from_be_bytes(step))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_ascend_and_keep_their_form() {
        let at = |millis| Timestamp::from_unix_millis(millis).unwrap();
        let mut ids = AscendingIds::new(at(0));
        let mut before = Uuid::nil();
        for n in 0..20_000 {
            let id = ids.make(at(1_795_432_100_000 + n / 5_000)).unwrap();
            assert!(id > before, "{before} {id}");
            assert_eq!((id.get_version_num(), id.get_variant()), (7, uuid::Variant::RFC4122));
            before = id;
        }
        // Another's at the same instant are elsewhere.
        let (mut one, mut other) = (AscendingIds::new(at(0)), AscendingIds::new(at(0)));
        assert_ne!(one.make(at(5)).unwrap(), other.make(at(5)).unwrap());
    }
}
