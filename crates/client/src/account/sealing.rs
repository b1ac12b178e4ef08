//! An account's key, sealed under its password: what stands in the keyring, or beside the file, while the account is
//! locked. It is worth nothing without the password.
//!
//! A format byte (1), what Argon2id costs (memory in KiB and passes, four bytes each, big-endian), a salt (16), a nonce
//! (24), and the key with its tag (XChaCha20-Poly1305). All that stands before the nonce is bound in, and the account.

use argon2::{Algorithm, Argon2, Params, Version};
use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{XChaCha20Poly1305, XNonce};
use lac_wire::Private;
use zeroize::Zeroizing;

use crate::computer::random;
use crate::failure::Failure;
use crate::local::Key;
use crate::view::AccountId;

const FORMAT: u8 = 1;
/// Beyond OWASP's least for Argon2id: 64 MiB, three passes, one lane; a fifth of a second on an office computer.
const MEMORY: u32 = 64 * 1024;
const PASSES: u32 = 3;
/// What is asked of a computer by a sealed key that was tampered with stays below this.
const MOST: (u32, u32) = (1024 * 1024, 16);
const SALT: usize = 16;
const NONCE: usize = 24;
const HEADER: usize = 1 + 4 + 4 + SALT;
/// No password is longer, in bytes.
const PASSWORD: usize = 1000;

/// Seals a key. It takes a while: not for an async thread.
pub(super) fn seal(key: &Key, account: AccountId, password: &Private) -> Result<Vec<u8>, Failure> {
    let mut sealed = vec![FORMAT];
    sealed.extend_from_slice(&MEMORY.to_be_bytes());
    sealed.extend_from_slice(&PASSES.to_be_bytes());
    sealed.extend_from_slice(&random::<SALT>()?);
    let cipher = cipher(&sealed, password)?;
    let nonce: [u8; NONCE] = random()?;
    let bound = bound(&sealed, account);
    let text = cipher
        .encrypt(
            &XNonce::from(nonce),
            Payload {
                msg: key.bytes(),
                aad: &bound,
            },
        )
        .map_err(|_| Failure::Seal("the key could not be sealed"))?;
    sealed.extend_from_slice(&nonce);
    sealed.extend_from_slice(&text);
    Ok(sealed)
}

/// Opens a sealed key; none where the password is another. It takes a while: not for an async thread.
pub(super) fn open(sealed: &[u8], account: AccountId, password: &Private) -> Result<Option<Key>, Failure> {
    let damaged = Failure::Seal("a sealed key is damaged");
    let Some((header, rest)) = sealed.split_at_checked(HEADER) else {
        return Err(damaged);
    };
    let (Some((nonce, text)), [FORMAT, ..]) = (rest.split_first_chunk::<NONCE>(), header) else {
        return Err(damaged);
    };
    if password.reveal().len() > PASSWORD {
        return Ok(None);
    }
    let opened = cipher(header, password)?.decrypt(
        &XNonce::from(*nonce),
        Payload {
            msg: text,
            aad: &bound(header, account),
        },
    );
    match opened.map(Zeroizing::new) {
        Ok(bytes) => Key::from_slice(&bytes).map(Some).ok_or(damaged),
        Err(_) => Ok(None),
    }
}

fn bound(header: &[u8], account: AccountId) -> Vec<u8> {
    [header, account.0.as_bytes()].concat()
}

/// The cipher whose key is made of the password, at the cost and with the salt that the header says.
fn cipher(header: &[u8], password: &Private) -> Result<XChaCha20Poly1305, Failure> {
    let number = |at: usize| {
        header
            .get(at..at + 4)
            .and_then(|four| four.try_into().ok())
            .map(u32::from_be_bytes)
    };
    let (Some(memory), Some(passes), Some(salt)) = (number(1), number(5), header.get(9..HEADER)) else {
        return Err(Failure::Seal("a sealed key is damaged"));
    };
    if memory > MOST.0 || passes > MOST.1 {
        return Err(Failure::Seal("a sealed key asks for too much"));
    }
    let params =
        Params::new(memory, passes, 1, None).map_err(|_| Failure::Seal("what a sealed key costs is not known"))?;
    let mut key = Zeroizing::new([0_u8; 32]);
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(password.reveal().as_bytes(), salt, key.as_mut_slice())
        .map_err(|_| Failure::Seal("the password could not be worked on"))?;
    Ok(XChaCha20Poly1305::new(&chacha20poly1305::Key::from(*key)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_password_opens_a_key_and_only_for_its_account() {
        let (one, other) = (AccountId(uuid::Uuid::from_u128(1)), AccountId(uuid::Uuid::from_u128(2)));
        let key = Key::new([7; 32]);
        let password = Private::from("kettle-marsh-violin-44");
        let sealed = seal(&key, one, &password).unwrap();
        assert!(!sealed.windows(32).any(|bytes| bytes == key.bytes()));
        let opened = open(&sealed, one, &password).unwrap().unwrap();
        assert_eq!(opened.bytes(), key.bytes());
        assert!(
            open(&sealed, one, &Private::from("kettle-marsh-violin-45"))
                .unwrap()
                .is_none()
        );
        assert!(open(&sealed, one, &Private::from("x".repeat(2000))).unwrap().is_none());
        assert!(open(&sealed, other, &password).unwrap().is_none());
        let mut altered = sealed.clone();
        *altered.last_mut().unwrap() ^= 1;
        assert!(open(&altered, one, &password).unwrap().is_none());
        assert!(open(&sealed[..HEADER + 4], one, &password).is_err());
        let mut dear = sealed;
        dear[1] = 0xff;
        assert!(
            open(&dear, one, &password).is_err(),
            "no computer is made to work for hours"
        );
    }
}
