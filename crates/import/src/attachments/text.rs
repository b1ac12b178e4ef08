//! Text, and e-mails that were saved as text.

use lac_domain::AttachmentKind;

/// The kind of what may be text.
pub(super) fn kind(bytes: &[u8], ending: &str) -> (AttachmentKind, &'static str) {
    if bytes.starts_with(b"#!") || !is_text(bytes) {
        return (AttachmentKind::Other, "");
    }
    if is_email(bytes) {
        return (AttachmentKind::Email, "eml");
    }
    match ending {
        "csv" | "tsv" | "tab" => (AttachmentKind::Csv, "csv"),
        _ => (AttachmentKind::Text, "txt"),
    }
}

/// Whether bytes are text in UTF-16 with its mark, or in an encoding that keeps ASCII: no control characters but those
/// that lay out lines.
fn is_text(bytes: &[u8]) -> bool {
    if bytes.starts_with(&[0xFF, 0xFE]) || bytes.starts_with(&[0xFE, 0xFF]) {
        let little = bytes[0] == 0xFF;
        let units = bytes.chunks_exact(2).map(|pair| {
            let pair = [pair[0], pair[1]];
            if little {
                u16::from_le_bytes(pair)
            } else {
                u16::from_be_bytes(pair)
            }
        });
        return bytes.len().is_multiple_of(2)
            && char::decode_utf16(units).all(|c| c.is_ok_and(|c| !c.is_control() || "\t\r\n\u{C}".contains(c)));
    }
    !bytes.is_empty()
        && bytes
            .iter()
            .all(|byte| !byte.is_ascii_control() || matches!(byte, b'\t' | b'\r' | b'\n' | 0x0C))
}

/// Whether text begins with the lines that an e-mail begins with.
fn is_email(bytes: &[u8]) -> bool {
    const HEADERS: &[&str] = &[
        "received",
        "from",
        "to",
        "date",
        "subject",
        "message-id",
        "mime-version",
        "return-path",
        "delivered-to",
        "content-type",
        "dkim-signature",
        "x-received",
    ];
    let head = String::from_utf8_lossy(&bytes[..bytes.len().min(16 * 1024)]).to_lowercase();
    let mut found = 0;
    for (at, line) in head.lines().enumerate() {
        if line.is_empty() {
            break;
        }
        // What is indented goes on from the line before.
        if at > 0 && line.starts_with([' ', '\t']) {
            continue;
        }
        match line.split_once(':') {
            Some((name, _)) if HEADERS.contains(&name) => found += 1,
            Some((name, _)) if !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') => {}
            _ => return false,
        }
    }
    found >= 3
}
