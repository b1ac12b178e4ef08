//! A device's place in the store's changes: the store's epoch and a number, opaque to the device.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use lac_domain::EpochId;
use lac_wire::ErrorCode;
use uuid::Uuid;

use crate::both;
use crate::error::{Refusal, StoreError};
use crate::storage::Conn;

/// A place in the changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Cursor {
    pub epoch: EpochId,
    pub seq: i64,
}

/// How far the store's changes go, in the snapshot that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, sqlx::FromRow)]
pub(super) struct Extent {
    pub epoch: EpochId,
    pub seq: i64,
    pub pruned_seq: i64,
}

pub(super) async fn extent(conn: &mut Conn) -> Result<Extent, StoreError> {
    let sql = "SELECT store.epoch, counter.seq, counter.pruned_seq FROM store JOIN counter ON counter.id = store.id";
    Ok(both!(conn, c => sqlx::query_as(sql).fetch_one(c).await)?)
}

impl Cursor {
    pub(super) fn text(self) -> String {
        let mut bytes = self.epoch.as_bytes().to_vec();
        bytes.extend_from_slice(&self.seq.to_be_bytes());
        URL_SAFE_NO_PAD.encode(bytes)
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        let (epoch, seq) = bytes.split_first_chunk::<16>()?;
        Some(Self {
            epoch: EpochId(Uuid::from_bytes(*epoch)),
            seq: i64::from_be_bytes(seq.try_into().ok()?),
        })
    }

    /// Reads a device's cursor; refuses one from which it cannot go on.
    pub(super) fn go_on(text: &str, extent: Extent) -> Result<Self, Refusal> {
        Self::parse(text)
            .filter(|cursor| cursor.epoch == extent.epoch && (extent.pruned_seq..=extent.seq).contains(&cursor.seq))
            .ok_or_else(|| {
                Refusal::new(
                    ErrorCode::ResyncRequired,
                    "This computer was last up to date too long ago. Everything will be fetched again; nothing that you wrote is lost.",
                )
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_epoch_a_pruned_number_and_one_to_come_need_everything_anew() {
        let epoch = EpochId(Uuid::from_u128(1));
        let extent = Extent {
            epoch,
            seq: 20,
            pruned_seq: 10,
        };
        for (seq, fits) in [(9, false), (10, true), (20, true), (21, false)] {
            let cursor = Cursor { epoch, seq };
            assert_eq!(Cursor::go_on(&cursor.text(), extent).is_ok(), fits, "{seq}");
        }
        let other = Cursor {
            epoch: EpochId(Uuid::from_u128(2)),
            seq: 15,
        };
        assert_eq!(
            Cursor::go_on(&other.text(), extent).unwrap_err().code,
            ErrorCode::ResyncRequired
        );
        assert_eq!(Cursor::go_on("%", extent).unwrap_err().code, ErrorCode::ResyncRequired);
    }
}
