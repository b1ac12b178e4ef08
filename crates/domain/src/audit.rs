//! The audit trail's chain: each event's hash covers its canonical bytes and the hash before it, so that an
//! event altered, removed or moved is found.

use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::Timestamp;

/// The hash of an event and of all before it.
pub type ChainHash = [u8; 32];

/// What stands before the first event.
pub const CHAIN_START: ChainHash = [0; 32];

/// An audit event as it is chained. Texts are the application's own words and ids, never content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditFacts<'a> {
    /// Its number: one more than the event's before it.
    pub number: i64,
    /// When the store recorded it.
    pub at: Timestamp,
    /// Who did it, where someone signed in did.
    pub actor: Option<Uuid>,
    /// What was done, as a fixed word such as `user.created`.
    pub action: &'a str,
    /// What kind of thing it was done to.
    pub object_kind: &'a str,
    /// To which one.
    pub object_id: Option<Uuid>,
    /// The import it was part of.
    pub import_id: Option<Uuid>,
    /// More, as JSON text.
    pub detail: &'a str,
}

impl AuditFacts<'_> {
    /// The bytes that are hashed: a format number, then each field with its length in eight bytes before
    /// it, so that no two events share their bytes; an absent field has the length 2^64 − 1.
    #[must_use]
    pub fn canonical_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![1];
        let mut field = |value: Option<&[u8]>| {
            let length = value.map_or(u64::MAX, |v| v.len() as u64);
            bytes.extend_from_slice(&length.to_be_bytes());
            bytes.extend_from_slice(value.unwrap_or_default());
        };
        field(Some(&self.number.to_be_bytes()));
        field(Some(&self.at.unix_millis().to_be_bytes()));
        field(self.actor.as_ref().map(|id| id.as_bytes().as_slice()));
        field(Some(self.action.as_bytes()));
        field(Some(self.object_kind.as_bytes()));
        field(self.object_id.as_ref().map(|id| id.as_bytes().as_slice()));
        field(self.import_id.as_ref().map(|id| id.as_bytes().as_slice()));
        field(Some(self.detail.as_bytes()));
        bytes
    }

    /// The hash of this event, given the one before it.
    #[must_use]
    pub fn chain(&self, before: &ChainHash) -> ChainHash {
        let mut hash = Sha256::new();
        hash.update(before);
        hash.update(self.canonical_bytes());
        hash.finalize().into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_and_the_order_count() {
        let at = Timestamp::from_unix_millis(1_000).unwrap();
        let id = Uuid::from_u128(7);
        let base = AuditFacts {
            number: 1,
            at,
            actor: Some(id),
            action: "user.created",
            object_kind: "user",
            object_id: Some(id),
            import_id: None,
            detail: "{}",
        };
        let hash = base.chain(&CHAIN_START);
        let others = [
            AuditFacts { number: 2, ..base },
            AuditFacts {
                at: Timestamp::from_unix_millis(1_001).unwrap(),
                ..base
            },
            AuditFacts { actor: None, ..base },
            AuditFacts {
                action: "user.change",
                object_kind: "duser",
                ..base
            },
            AuditFacts {
                object_id: None,
                import_id: Some(id),
                ..base
            },
            AuditFacts { detail: "{ }", ..base },
        ];
        for other in others {
            assert_ne!(other.chain(&CHAIN_START), hash, "{other:?}");
        }
        assert_ne!(base.chain(&hash), hash);
        assert_eq!(base.chain(&CHAIN_START), hash);
    }
}
