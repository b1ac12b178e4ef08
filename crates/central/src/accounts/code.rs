//! One-time codes: 100 random bits in Crockford's base 32, four groups of five.

use sha2::{Digest, Sha256};

use crate::error::StoreError;
use crate::random::random;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const SYMBOLS: usize = 20;

/// A new code, such as `7KQ2M-0D3XR-9TBWZ-H4N8P`.
///
/// # Errors
/// When the system gives no random bytes.
pub(crate) fn new_code() -> Result<String, StoreError> {
    let bytes: [u8; SYMBOLS] = random()?;
    let symbols: Vec<char> = bytes
        .iter()
        .map(|byte| char::from(ALPHABET[usize::from(byte & 31)]))
        .collect();
    let groups: Vec<String> = symbols.chunks(5).map(|group| group.iter().collect()).collect();
    Ok(groups.join("-"))
}

/// The hash by which a code is looked up; letter case, hyphens and spaces are ignored, and the letters that
/// are taken for digits are read as those.
pub(crate) fn hash_code(code: &str) -> Vec<u8> {
    let symbols: String = code
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|symbol| match symbol.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect();
    Sha256::digest(symbols.as_bytes()).to_vec()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_read_as_people_type_them() {
        let code = new_code().unwrap();
        assert_eq!(code.len(), 23);
        assert_ne!(code, new_code().unwrap());
        assert_eq!(
            hash_code("7kq2m od3xr-9tbwz h4n8p"),
            hash_code("7KQ2M-0D3XR-9TBWZ-H4N8P")
        );
        assert_eq!(hash_code("IL"), hash_code("11"));
        assert_ne!(hash_code("7KQ2M"), hash_code("7KQ2N"));
    }
}
