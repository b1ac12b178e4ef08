//! Files that are archives within: documents of Office and LibreOffice, and archives as such. Only the list of what is
//! in one is read; nothing is unpacked.

use lac_domain::AttachmentKind;

/// The kind, and the ending that goes with it.
pub(super) fn kind(bytes: &[u8]) -> (AttachmentKind, &'static str) {
    use AttachmentKind as Kind;
    let Some(names) = names(bytes) else {
        return (Kind::Other, "");
    };
    let begins = |with: &str| names.iter().any(|name| name.starts_with(with));
    let is = |what: &str| names.iter().any(|name| name == what);
    if is("[content_types].xml") {
        let macros = names.iter().any(|name| {
            name.ends_with("vbaproject.bin") || name.contains("/macrosheets/") || name.contains("/activex/")
        });
        // What is embedded may be a program, or a document with macros of its own.
        let objects = names.iter().any(|name| {
            name.contains("/embeddings/")
                && [".bin", ".exe", ".docm", ".xlsm", ".pptm"]
                    .iter()
                    .any(|end| name.ends_with(end))
        });
        let (plain, natural, with_macros) = if begins("word/") {
            (Kind::Word, "docx", "docm")
        } else if begins("xl/") {
            (Kind::Excel, "xlsx", "xlsm")
        } else if begins("ppt/") {
            (Kind::PowerPoint, "pptx", "pptm")
        } else {
            return (Kind::Other, "");
        };
        return if macros || objects {
            (Kind::MacroDocument, with_macros)
        } else {
            (plain, natural)
        };
    }
    // An OpenDocument file begins with its kind, not packed.
    let mime = bytes.get(38..).unwrap_or_default();
    if bytes.get(30..38) == Some(b"mimetype".as_slice())
        && let Some(rest) = mime.strip_prefix(b"application/vnd.oasis.opendocument.")
    {
        let natural = match () {
            () if rest.starts_with(b"spreadsheet") => "ods",
            () if rest.starts_with(b"presentation") => "odp",
            () if rest.starts_with(b"graphics") => "odg",
            () => "odt",
        };
        return if begins("basic/") || begins("scripts/") || begins("object") {
            (Kind::MacroDocument, natural)
        } else {
            (Kind::OpenDocument, natural)
        };
    }
    // Programs for Java and Android are archives too.
    if is("meta-inf/manifest.mf") || is("androidmanifest.xml") || is("appxmanifest.xml") {
        return (Kind::Other, "");
    }
    (Kind::Archive, "zip")
}

/// The names of what is in an archive, in small letters with forward slashes, from its central directory; none where
/// it has no whole one.
fn names(bytes: &[u8]) -> Option<Vec<String>> {
    const END: &[u8] = b"PK\x05\x06";
    const ENTRY: &[u8] = b"PK\x01\x02";
    let last = bytes.len().checked_sub(22)?;
    let end = (last.saturating_sub(65_535)..=last)
        .rev()
        .find(|at| bytes[*at..].starts_with(END))?;
    let count = number16(bytes, end + 10)?;
    let mut at = usize::try_from(number32(bytes, end + 16)?).ok()?;
    let mut names = Vec::with_capacity(count);
    for _ in 0..count {
        let entry = bytes.get(at..)?;
        if !entry.starts_with(ENTRY) {
            return None;
        }
        let (name, extra, comment) = (number16(entry, 28)?, number16(entry, 30)?, number16(entry, 32)?);
        let name_bytes = entry.get(46..46 + name)?;
        names.push(String::from_utf8_lossy(name_bytes).to_lowercase().replace('\\', "/"));
        at += 46 + name + extra + comment;
    }
    (!names.is_empty()).then_some(names)
}

fn number16(bytes: &[u8], at: usize) -> Option<usize> {
    let pair = bytes.get(at..at.checked_add(2)?)?;
    Some(usize::from(u16::from_le_bytes([pair[0], pair[1]])))
}

fn number32(bytes: &[u8], at: usize) -> Option<u32> {
    let four = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes([four[0], four[1], four[2], four[3]]))
}
