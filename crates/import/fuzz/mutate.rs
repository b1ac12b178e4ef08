//! Changing a file a little.

use crate::chance::Chance;

/// Files are kept below this, so that many are tried.
pub const MOST_BYTES: usize = 16 * 1024;

/// What means something to a reader.
const WORDS: &[&[u8]] = &[
    b",",
    b";",
    b"\t",
    b"|",
    b"\"",
    b"\"\"",
    b"\r\n",
    b"\n",
    b"\r",
    b"\xEF\xBB\xBF",
    b"\xFF\xFE",
    b"\xFE\xFF",
    b"\0",
    b"\x80",
    b"\xA3",
    b"\x92",
    b"\xC3\xA9",
    b"\xEF\xBF\xBD",
    b"\xE2\x80\x8B",
    b"sep=;\r\n",
    b"=",
    b"'=",
    b"@",
    b".",
    b"First name",
    b"User First Name",
    b"Surname",
    b"Email",
    b"User Role",
    b"Role",
    b"URN",
    b"UPN",
    b"Pupil Reference Number (URN)",
    b"School Reference Number (URN)",
    b"Job title",
    b"Phone",
    b"Password",
    b"sourcedId",
    b"status",
    b"orgSourcedIds",
    b"enabledUser",
    b"userPrincipalName",
    b"Org Unit Path [Required]",
    b"Email Address [Required]",
    b"active",
    b"tobedeleted",
    b"teacher",
    b"student",
    b"Designated Teacher",
    b"Social Worker",
    b"LA Super User",
    b"office@example.org",
    b"ann@example.org",
    b"ANN@EXAMPLE.ORG",
    b"100000",
    b"0",
    b"0.0",
    b"1.00E+05",
    b"B801200005001",
    b"A801200005001",
    b"EstablishmentName",
    b"EstablishmentStatus (name)",
    b"Open",
    b"Closed",
    b"Proposed to open",
    b"31-08-2024",
    b"32-13-0000",
    b"LinkURN",
    b"LinkType",
    b"LinkEstablishedDate",
    b"Successor",
    b"Predecessor",
    b"00",
    b"99999999999",
];

/// Changes a file in a few places; `other` is a file to take pieces from.
pub fn mutate(chance: &mut Chance, file: &mut Vec<u8>, other: &[u8]) {
    for _ in 0..=chance.below(6) {
        once(chance, file, other);
    }
    file.truncate(MOST_BYTES);
}

fn once(chance: &mut Chance, file: &mut Vec<u8>, other: &[u8]) {
    let at = chance.below(file.len() + 1);
    match chance.below(10) {
        0 | 1 => insert(file, at, word(chance)),
        2 => {
            if let Some(byte) = file.get_mut(at) {
                *byte = chance.byte();
            }
        }
        3 => {
            if let Some(byte) = file.get_mut(at) {
                *byte ^= 1 << chance.below(8);
            }
        }
        4 => drop(file.drain(at..(at + 1 + chance.below(30)).min(file.len()).max(at))),
        5 => {
            let piece = piece(chance, file);
            insert(file, at, &piece);
        }
        6 => {
            let piece = piece(chance, other);
            insert(file, at, &piece);
        }
        7 => swap_lines(chance, file),
        8 => {
            // A cell is replaced by a word.
            let is_edge = |byte: &u8| matches!(byte, b',' | b'\n' | b'\r' | b';' | b'\t');
            let from = file[..at].iter().rposition(is_edge).map_or(0, |edge| edge + 1);
            let to = file[at..].iter().position(is_edge).map_or(file.len(), |edge| at + edge);
            file.splice(from..to, word(chance).iter().copied());
        }
        _ => {
            // The whole file in another encoding, or another delimiter.
            if let (0, Ok(text)) = (chance.below(4), std::str::from_utf8(file)) {
                let units = text.encode_utf16();
                *file = [0xFF, 0xFE]
                    .into_iter()
                    .chain(units.flat_map(u16::to_le_bytes))
                    .collect();
            } else {
                let delimiter = *chance.of(b";\t|,".as_slice());
                file.iter_mut()
                    .filter(|byte| **byte == b',')
                    .for_each(|byte| *byte = delimiter);
            }
        }
    }
}

fn word(chance: &mut Chance) -> &'static [u8] {
    let word: &&[u8] = chance.of(WORDS);
    word
}

fn insert(file: &mut Vec<u8>, at: usize, piece: &[u8]) {
    file.splice(at..at, piece.iter().copied());
}

/// A piece of a file: a line or two, or less.
fn piece(chance: &mut Chance, file: &[u8]) -> Vec<u8> {
    let from = chance.below(file.len() + 1);
    let to = (from + chance.below(200)).min(file.len());
    file[from..to].to_vec()
}

fn swap_lines(chance: &mut Chance, file: &mut Vec<u8>) {
    let mut lines: Vec<&[u8]> = file.split_inclusive(|byte| *byte == b'\n').collect();
    if lines.len() > 1 {
        let (one, other) = (chance.below(lines.len()), chance.below(lines.len()));
        lines.swap(one, other);
        *file = lines.concat();
    }
}
