//! Files that go with messages: what one is by its content, whatever its name says, and under which name it may lie on
//! a computer. The desktop judges before a file leaves it, the store before it takes it, with this same code.

mod names;
#[cfg(test)]
mod tests;
mod text;
mod zip;

use lac_domain::AttachmentKind;
pub use names::safe_file_name;

/// The biggest attachment that is taken, in bytes: 25 MB.
pub const MAX_ATTACHMENT_BYTES: u64 = 25_000_000;

/// The most attachments that one message may have.
pub const MAX_ATTACHMENTS: usize = 10;

/// What a file is, and what it is called from now on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct JudgedAttachment {
    /// Its kind.
    pub kind: AttachmentKind,
    /// Its name without a folder, harmless on every operating system, and with an ending that fits the kind: it opens
    /// as what it is.
    pub name: String,
}

/// What the first bytes of the old Office files are.
const OLE: &[u8] = &[0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1];

/// Judges a file by its content. Its name matters in two cases only: an ending that makes a computer run the file
/// makes it [`AttachmentKind::Other`], and text is a CSV file when its name says so.
#[must_use]
pub fn judge_attachment(name: &str, bytes: &[u8]) -> JudgedAttachment {
    let name = safe_file_name(name);
    let ending = names::ending(&name);
    let (kind, natural) = if names::runs(&ending) {
        (AttachmentKind::Other, "")
    } else {
        by_content(bytes, &ending)
    };
    JudgedAttachment {
        name: names::with_fitting_ending(name, kind, natural),
        kind,
    }
}

/// The kind, and the ending that such a file has by nature.
fn by_content(bytes: &[u8], ending: &str) -> (AttachmentKind, &'static str) {
    use AttachmentKind as Kind;
    if bytes.starts_with(b"PK") {
        return zip::kind(bytes);
    }
    if bytes.starts_with(OLE) {
        return old_office(bytes, ending);
    }
    if let Some(found) = infer::get(bytes) {
        let natural = found.extension();
        return match found.matcher_type() {
            infer::MatcherType::Image => (Kind::Image, natural),
            _ if natural == "pdf" => (Kind::Pdf, natural),
            // It may carry objects, as the old Office files do.
            _ if natural == "rtf" => (Kind::OldOffice, natural),
            infer::MatcherType::Text => text::kind(bytes, ending),
            _ => (Kind::Other, ""),
        };
    }
    text::kind(bytes, ending)
}

/// Files of Word, Excel and PowerPoint until 2007, which hold macros in streams with names of their own.
fn old_office(bytes: &[u8], ending: &str) -> (AttachmentKind, &'static str) {
    let holds = |name: &str| {
        let wide: Vec<u8> = name.encode_utf16().flat_map(u16::to_le_bytes).collect();
        bytes.windows(wide.len()).any(|window| window == wide)
    };
    let natural = if holds("WordDocument") {
        "doc"
    } else if holds("Workbook") || holds("Book") {
        "xls"
    } else if holds("PowerPoint Document") {
        "ppt"
    } else if holds("__substg1.0_") || ending == "msg" {
        // A mail of Outlook, which may carry anything.
        return (AttachmentKind::Email, "msg");
    } else {
        // Installers are of this form too.
        return (AttachmentKind::Other, "");
    };
    let macros = holds("_VBA_PROJECT") || holds("Macros") || holds("VBA");
    let kind = if macros {
        AttachmentKind::MacroDocument
    } else {
        AttachmentKind::OldOffice
    };
    (kind, natural)
}

/// Why a file of a kind is not taken, in a sentence; nothing where it is. What a computer could run is never taken,
/// whatever the authority says.
#[must_use]
pub fn why_not_taken(kind: AttachmentKind, taken: &[AttachmentKind]) -> Option<&'static str> {
    use AttachmentKind as Kind;
    if kind != Kind::Other && taken.contains(&kind) {
        return None;
    }
    Some(match kind {
        Kind::Other => {
            "This file cannot be sent: a computer might run it, or it is of no kind that is known. Send a PDF, a document or a picture instead."
        }
        Kind::MacroDocument => {
            "This document has macros (programs inside it), and your authority does not take those. Save it as a document without macros, or as a PDF, and attach that."
        }
        Kind::Archive => "Your authority does not take ZIP archives. Attach the files that are in it one by one.",
        _ => "Your authority does not take files of this kind. Save it as a PDF, and attach that.",
    })
}

/// What is said of a file that is too big.
#[must_use]
pub fn too_big() -> &'static str {
    "This file is too big: an attachment may have up to 25 MB. Make it smaller, for example by saving pictures at a lower quality, or send it in parts."
}
