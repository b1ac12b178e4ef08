//! Sealing what is at rest: XChaCha20-Poly1305 under a key of its own per conversation or import; that key
//! is sealed by the authority's.
//!
//! A sealed value is a format byte (1), the number of the authority's key (4 bytes, big-endian; 0 under a
//! conversation's or import's own key), a nonce (24 bytes), and the ciphertext with its tag. The table, the
//! row, the column and the format are bound in as associated data, so that values cannot be swapped.

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};
use uuid::Uuid;

use crate::error::StoreError;
use crate::keys::{Keys, Secret};
use crate::random::random;

const FORMAT: u8 = 1;
const HEADER: usize = 1 + 4;
const NONCE: usize = 24;

/// Where a sealed value stands; it opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Place {
    /// The table.
    pub table: &'static str,
    /// The row: its id.
    pub row: Uuid,
    /// The column; for one of several values in it, with a number after it.
    pub field: &'static str,
    /// The position of the value where a row's id does not tell it alone, otherwise 0.
    pub position: i64,
}

impl Place {
    /// A column of a row.
    #[must_use]
    pub fn new(table: &'static str, row: impl Into<Uuid>, field: &'static str) -> Self {
        Self {
            table,
            row: row.into(),
            field,
            position: 0,
        }
    }

    /// One of several values under the same id.
    #[must_use]
    pub fn at(self, position: i64) -> Self {
        Self { position, ..self }
    }

    fn associated(&self, header: &[u8]) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(96);
        let position = self.position.to_be_bytes();
        for part in [
            self.table.as_bytes(),
            self.row.as_bytes(),
            self.field.as_bytes(),
            &position,
            header,
        ] {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part);
        }
        bytes
    }

    fn error(&self, why: &'static str) -> StoreError {
        StoreError::Seal {
            table: self.table,
            field: self.field,
            why,
        }
    }
}

fn seal_with(key: &Secret, key_id: u32, place: Place, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
    let nonce: [u8; NONCE] = random()?;
    let mut sealed = vec![FORMAT];
    sealed.extend_from_slice(&key_id.to_be_bytes());
    let aad = place.associated(&sealed);
    sealed.extend_from_slice(&nonce);
    let cipher = XChaCha20Poly1305::new(&Key::from(*key.bytes()));
    let text = cipher
        .encrypt(&XNonce::from(nonce), Payload { msg: plain, aad: &aad })
        .map_err(|_| place.error("it is too long to be sealed"))?;
    sealed.extend_from_slice(&text);
    Ok(sealed)
}

fn key_id(place: Place, sealed: &[u8]) -> Result<u32, StoreError> {
    match sealed {
        [FORMAT, a, b, c, d, ..] => Ok(u32::from_be_bytes([*a, *b, *c, *d])),
        _ => Err(place.error("it is not of a format that this version knows")),
    }
}

fn open_with(key: &Secret, place: Place, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
    let short = || place.error("it is cut short");
    let (header, rest) = sealed.split_at_checked(HEADER).ok_or_else(short)?;
    let (nonce, text) = rest.split_first_chunk::<NONCE>().ok_or_else(short)?;
    let cipher = XChaCha20Poly1305::new(&Key::from(*key.bytes()));
    cipher
        .decrypt(
            &XNonce::from(*nonce),
            Payload {
                msg: text,
                aad: &place.associated(header),
            },
        )
        .map_err(|_| place.error("it was altered or moved, or the key is another"))
}

impl Keys {
    /// Seals a value under the authority's newest key.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn seal(&self, place: Place, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        let key = self
            .newest()
            .ok_or_else(|| place.error("the key file has no sealing key"))?;
        seal_with(&key.key, key.id, place, plain)
    }

    /// Opens a value sealed under one of the authority's keys.
    ///
    /// # Errors
    /// When it was altered or moved, or its key is not in the key file.
    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        let key = self
            .sealing(key_id(place, sealed)?)
            .ok_or_else(|| place.error("the key file lacks its key"))?;
        open_with(key, place, sealed)
    }

    /// Makes a key for one conversation or import; returned with its sealed form, to be stored at `place`.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn new_own_key(&self, place: Place) -> Result<(OwnKey, Vec<u8>), StoreError> {
        let key = Secret::generate()?;
        let sealed = self.seal(place, key.bytes())?;
        Ok((OwnKey(key), sealed))
    }

    /// Opens the sealed key of a conversation or import.
    ///
    /// # Errors
    /// As [`Keys::open`].
    pub fn own_key(&self, place: Place, sealed: &[u8]) -> Result<OwnKey, StoreError> {
        let bytes: [u8; 32] = self
            .open(place, sealed)?
            .try_into()
            .map_err(|_| place.error("the key in it is not of 32 bytes"))?;
        Ok(OwnKey(Secret::from(bytes)))
    }
}

/// The key of one conversation or import.
#[derive(Debug, Clone)]
pub struct OwnKey(Secret);

impl OwnKey {
    /// Seals a value.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn seal(&self, place: Place, plain: &[u8]) -> Result<Vec<u8>, StoreError> {
        seal_with(&self.0, 0, place, plain)
    }

    /// Opens a value.
    ///
    /// # Errors
    /// When it was altered or moved.
    pub fn open(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, StoreError> {
        open_with(&self.0, place, sealed)
    }

    /// Seals another key under this one.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn seal_key(&self, place: Place, key: &Self) -> Result<Vec<u8>, StoreError> {
        self.seal(place, key.0.bytes())
    }

    /// Opens a key that was sealed under this one.
    ///
    /// # Errors
    /// When it was altered or moved.
    pub fn own_key(&self, place: Place, sealed: &[u8]) -> Result<Self, StoreError> {
        let bytes: [u8; 32] = self
            .open(place, sealed)?
            .try_into()
            .map_err(|_| place.error("the key in it is not of 32 bytes"))?;
        Ok(Self(Secret::from(bytes)))
    }

    /// Opens a value that is text.
    ///
    /// # Errors
    /// When it was altered or moved, or is not UTF-8.
    pub fn open_text(&self, place: Place, sealed: &[u8]) -> Result<String, StoreError> {
        String::from_utf8(self.open(place, sealed)?).map_err(|_| place.error("the text in it is not UTF-8"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_where_it_was_put() {
        let keys = Keys::generate().unwrap();
        let place = Place::new("conversations", Uuid::from_u128(1), "sealed_key");
        let (own, sealed_key) = keys.new_own_key(place).unwrap();
        let body = Place::new("messages", Uuid::from_u128(2), "sealed_body");
        let sealed = own.seal(body, b"Tom was upset").unwrap();
        assert!(!sealed.windows(3).any(|w| w == b"Tom"));
        let again = keys.own_key(place, &sealed_key).unwrap();
        assert_eq!(again.open_text(body, &sealed).unwrap(), "Tom was upset");
        for elsewhere in [
            Place::new("messages", Uuid::from_u128(3), "sealed_body"),
            Place::new("messages", Uuid::from_u128(2), "sealed_subject"),
            Place::new("message", Uuid::from_u128(2), "sealed_body"),
            body.at(1),
        ] {
            assert!(own.open(elsewhere, &sealed).is_err(), "{elsewhere:?}");
        }
        let mut altered = sealed.clone();
        for at in 0..altered.len() {
            altered[at] ^= 1;
            assert!(own.open(body, &altered).is_err(), "byte {at}");
            altered[at] ^= 1;
        }
        assert!(own.open(body, &sealed[..20]).is_err());
        assert!(Keys::generate().unwrap().own_key(place, &sealed_key).is_err());
    }
}
