//! Bytes into text: what a file is, how its text is encoded, and a reader that decodes it piece by piece.

use std::io::{self, BufRead, Read};

use encoding_rs::{CoderResult, Decoder, Encoding, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use serde::{Deserialize, Serialize};

use crate::{FileError, FileKind, MAX_BYTES};

/// How much of a file is looked at to tell what it is.
pub(crate) const SNIFFED: usize = 64 * 1024;
/// How much text is decoded at a time.
const PIECE: usize = 64 * 1024;

/// How a file's text is encoded.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub enum TextEncoding {
    /// UTF-8 without a byte order mark.
    Utf8,
    /// UTF-8 with a byte order mark, as Excel's "CSV UTF-8" has.
    Utf8Bom,
    /// UTF-16, low byte first: Excel's "Unicode Text".
    Utf16Le,
    /// UTF-16, high byte first.
    Utf16Be,
    /// Windows-1252: Excel's plain "CSV" in Western Europe.
    Windows1252,
    /// An encoding that this version does not know.
    #[serde(other)]
    Unknown,
}

impl TextEncoding {
    /// The encoding as people call it.
    #[must_use]
    pub fn display_name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf8Bom => "UTF-8 with a byte order mark",
            Self::Utf16Le => "UTF-16",
            Self::Utf16Be => "UTF-16 (big endian)",
            Self::Windows1252 => "Windows-1252",
            Self::Unknown => "unknown",
        }
    }

    fn decoder(self) -> Decoder {
        let encoding: &'static Encoding = match self {
            Self::Utf8 | Self::Utf8Bom | Self::Unknown => UTF_8,
            Self::Utf16Le => UTF_16LE,
            Self::Utf16Be => UTF_16BE,
            Self::Windows1252 => WINDOWS_1252,
        };
        encoding.new_decoder_without_bom_handling()
    }
}

/// Reads a whole file into memory, never more than [`MAX_BYTES`] and one byte to know that there is more.
///
/// # Errors
/// When it is bigger, or cannot be read.
pub fn read_bounded(reader: impl Read) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    reader.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > MAX_BYTES {
        Err(FileError::TOO_BIG)
    } else {
        Ok(bytes)
    }
}

/// Tells the encoding of a file's bytes, and where its text begins (after a byte order mark).
///
/// # Errors
/// When there are no bytes, or they are not text; the sentence says what they look like.
pub fn detect(bytes: &[u8]) -> Result<(TextEncoding, &[u8]), FileError> {
    if bytes.is_empty() {
        return Err(FileError::Empty);
    }
    let head = &bytes[..bytes.len().min(SNIFFED)];
    if let Some(kind) = kind_of(head) {
        return Err(FileError::NotCsv(kind));
    }
    if let Some(text) = bytes.strip_prefix(b"\xEF\xBB\xBF") {
        return checked(TextEncoding::Utf8Bom, text);
    }
    if let Some(text) = bytes.strip_prefix(b"\xFF\xFE") {
        return checked(TextEncoding::Utf16Le, text);
    }
    if let Some(text) = bytes.strip_prefix(b"\xFE\xFF") {
        return checked(TextEncoding::Utf16Be, text);
    }
    if let Some(encoding) = utf16_without_mark(head) {
        return checked(encoding, bytes);
    }
    let encoding = if Encoding::utf8_valid_up_to(bytes) == bytes.len() {
        TextEncoding::Utf8
    } else {
        TextEncoding::Windows1252
    };
    checked(encoding, bytes)
}

/// Decodes a whole file. For big ones [`crate::Table`] decodes piece by piece instead.
///
/// # Errors
/// As [`detect`].
pub fn decode(bytes: &[u8]) -> Result<(String, TextEncoding), FileError> {
    let (encoding, body) = detect(bytes)?;
    let mut text = Vec::with_capacity(body.len());
    Decoding::new(encoding, body).read_to_end(&mut text)?;
    // The decoder writes nothing but UTF-8, so nothing is lost here.
    Ok((String::from_utf8_lossy(&text).into_owned(), encoding))
}

/// Refuses what decodes to too many control characters to be text.
fn checked(encoding: TextEncoding, body: &[u8]) -> Result<(TextEncoding, &[u8]), FileError> {
    let head = &body[..body.len().min(SNIFFED)];
    let controls = match encoding {
        TextEncoding::Utf16Le => head
            .as_chunks::<2>()
            .0
            .iter()
            .filter(|unit| unit[1] == 0 && is_control(unit[0]))
            .count(),
        TextEncoding::Utf16Be => head
            .as_chunks::<2>()
            .0
            .iter()
            .filter(|unit| unit[0] == 0 && is_control(unit[1]))
            .count(),
        _ => head.iter().filter(|b| is_control(**b)).count(),
    };
    // A stray control character in a name is a finding of its row; many of them are no text.
    if controls > 4 && controls * 50 > head.len() {
        return Err(FileError::NotCsv(FileKind::Binary));
    }
    Ok((encoding, body))
}

fn is_control(byte: u8) -> bool {
    byte < 0x20 && !matches!(byte, b'\t' | b'\n' | b'\r' | 0x0C | 0x1A)
}

/// UTF-16 is told by its NULs: text of Western letters has one in every other place.
fn utf16_without_mark(head: &[u8]) -> Option<TextEncoding> {
    let units = head.as_chunks::<2>().0;
    let low_first = units.iter().filter(|u| u[0] != 0 && u[1] == 0).count();
    let high_first = units.iter().filter(|u| u[0] == 0 && u[1] != 0).count();
    let most = |count: usize| units.len() >= 2 && count * 10 >= units.len() * 7;
    if most(low_first) {
        Some(TextEncoding::Utf16Le)
    } else if most(high_first) {
        Some(TextEncoding::Utf16Be)
    } else {
        None
    }
}

/// What a file is, by its first bytes; none when it may be text.
pub(crate) fn kind_of(head: &[u8]) -> Option<FileKind> {
    let has = |needle: &[u8]| head.windows(needle.len()).any(|w| w == needle);
    let starts = |prefix: &[u8]| head.starts_with(prefix);
    if starts(b"PK\x03\x04") {
        return Some(if has(b"opendocument.spreadsheet") {
            FileKind::OpenDocument
        } else if has(b"word/") {
            FileKind::WordDocument
        } else if has(b"xl/") || has(b"[Content_Types].xml") {
            FileKind::ExcelWorkbook
        } else {
            FileKind::Archive
        });
    }
    let binary: [(&[u8], FileKind); 15] = [
        (b"PK\x05\x06", FileKind::Archive),
        (b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", FileKind::OldExcelWorkbook),
        (b"\x1F\x8B", FileKind::Archive),
        (b"7z\xBC\xAF\x27\x1C", FileKind::Archive),
        (b"Rar!\x1A\x07", FileKind::Archive),
        (b"%PDF-", FileKind::Pdf),
        (b"\x89PNG\r\n\x1A\n", FileKind::Image),
        (b"\xFF\xD8\xFF", FileKind::Image),
        (b"GIF87a", FileKind::Image),
        (b"GIF89a", FileKind::Image),
        (b"II*\0", FileKind::Image),
        (b"MM\0*", FileKind::Image),
        (b"{\\rtf", FileKind::RichText),
        (b"SQLite format 3\0", FileKind::Binary),
        (b"\x7FELF", FileKind::Binary),
    ];
    if let Some((_, kind)) = binary.iter().find(|(prefix, _)| starts(prefix)) {
        return Some(*kind);
    }
    let text = head.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(head).trim_ascii_start();
    let opening = &text[..text.len().min(14)];
    let opens = |prefix: &[u8]| opening.len() >= prefix.len() && opening[..prefix.len()].eq_ignore_ascii_case(prefix);
    if opens(b"<!doctype") || opens(b"<html") || opens(b"<?xml") || opens(b"<table") {
        return Some(FileKind::WebPage);
    }
    let json = text.first().is_some_and(|b| matches!(b, b'{' | b'['))
        && text[1..]
            .trim_ascii_start()
            .first()
            .is_some_and(|b| matches!(b, b'"' | b'{' | b'}' | b']'));
    json.then_some(FileKind::Json)
}

/// A reader of UTF-8 over bytes of any encoding, decoding a piece at a time. What cannot be decoded becomes
/// U+FFFD, which is later a finding of its row.
pub(crate) struct Decoding<'a> {
    decoder: Decoder,
    input: &'a [u8],
    piece: Vec<u8>,
    at: usize,
    end: usize,
    done: bool,
}

impl<'a> Decoding<'a> {
    pub(crate) fn new(encoding: TextEncoding, input: &'a [u8]) -> Self {
        Self {
            decoder: encoding.decoder(),
            input,
            piece: vec![0; PIECE],
            at: 0,
            end: 0,
            done: false,
        }
    }
}

impl BufRead for Decoding<'_> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at == self.end && !self.done {
            let (result, read, written, _) = self.decoder.decode_to_utf8(self.input, &mut self.piece, true);
            self.input = &self.input[read..];
            self.at = 0;
            self.end = written;
            self.done = result == CoderResult::InputEmpty;
        }
        Ok(&self.piece[self.at..self.end])
    }

    fn consume(&mut self, amount: usize) {
        self.at = (self.at + amount).min(self.end);
    }
}

impl Read for Decoding<'_> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let piece = self.fill_buf()?;
        let n = piece.len().min(into.len());
        into[..n].copy_from_slice(&piece[..n]);
        self.consume(n);
        Ok(n)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn utf16(text: &str, little: bool, mark: bool) -> Vec<u8> {
        let units = mark.then_some(0xFEFF).into_iter().chain(text.encode_utf16());
        units
            .flat_map(|u| if little { u.to_le_bytes() } else { u.to_be_bytes() })
            .collect()
    }

    #[test]
    fn each_encoding_is_told_and_decoded() {
        let text = "User First Name,Email\r\nZoë,zoe@example.org\r\n";
        let cases = [
            (text.as_bytes().to_vec(), TextEncoding::Utf8),
            ([b"\xEF\xBB\xBF", text.as_bytes()].concat(), TextEncoding::Utf8Bom),
            (utf16(text, true, true), TextEncoding::Utf16Le),
            (utf16(text, false, true), TextEncoding::Utf16Be),
            (utf16(text, true, false), TextEncoding::Utf16Le),
            (utf16(text, false, false), TextEncoding::Utf16Be),
            (WINDOWS_1252.encode(text).0.into_owned(), TextEncoding::Windows1252),
        ];
        for (bytes, encoding) in cases {
            assert_eq!(decode(&bytes).unwrap(), (text.to_owned(), encoding));
        }
    }

    #[test]
    fn a_long_text_is_decoded_across_pieces() {
        let text = "é,€,“x”\r\n".repeat(20_000);
        let (decoded, encoding) = decode(&WINDOWS_1252.encode(&text).0).unwrap();
        assert_eq!((decoded == text, encoding), (true, TextEncoding::Windows1252));
        assert!(decode(&utf16(&text, true, true)).unwrap().0 == text);
    }

    #[test]
    fn what_is_no_text_is_named() {
        let refused = |bytes: &[u8]| match detect(bytes) {
            Err(FileError::NotCsv(kind)) => Some(kind),
            _ => None,
        };
        assert_eq!(
            refused(b"PK\x03\x04....[Content_Types].xml...xl/workbook.xml"),
            Some(FileKind::ExcelWorkbook)
        );
        assert_eq!(
            refused(b"PK\x03\x04....mimetypeapplication/vnd.oasis.opendocument.spreadsheet"),
            Some(FileKind::OpenDocument)
        );
        assert_eq!(refused(b"PK\x03\x04....users.csv"), Some(FileKind::Archive));
        assert_eq!(
            refused(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1...."),
            Some(FileKind::OldExcelWorkbook)
        );
        assert_eq!(refused(b"%PDF-1.7"), Some(FileKind::Pdf));
        assert_eq!(refused(b"\x89PNG\r\n\x1A\n"), Some(FileKind::Image));
        assert_eq!(refused(b"  <html><table>"), Some(FileKind::WebPage));
        assert_eq!(refused(b"[{\"email\": 1}]"), Some(FileKind::Json));
        assert_eq!(refused(&[0; 64]), Some(FileKind::Binary));
        let noise: Vec<u8> = (0..2000_u32)
            .map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        assert_eq!(refused(&noise), Some(FileKind::Binary));
        assert!(matches!(detect(b""), Err(FileError::Empty)));
        let sentence = FileError::NotCsv(FileKind::ExcelWorkbook).to_string();
        assert!(
            sentence.starts_with("This is an Excel workbook. In Excel choose File, Save As"),
            "{sentence}"
        );
    }

    #[test]
    fn one_stray_control_character_is_still_text() {
        assert_eq!(detect(b"a\x01b,c").unwrap().0, TextEncoding::Utf8);
    }

    #[test]
    fn reading_stops_one_byte_past_the_limit() {
        struct Endless(u64);
        impl Read for Endless {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                self.0 += into.len() as u64;
                into.fill(b'a');
                Ok(into.len())
            }
        }
        let mut endless = Endless(0);
        assert!(matches!(read_bounded(&mut endless), Err(FileError::TooBig { .. })));
        assert_eq!(endless.0, MAX_BYTES + 1);
    }

    proptest! {
        #[test]
        fn any_bytes_decode_or_are_refused(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
            if let Ok((text, TextEncoding::Utf8)) = decode(&bytes) {
                prop_assert_eq!(text.as_bytes(), &bytes[..]);
            }
        }
    }
}
