//! A mail as it goes over the wire: RFC 5322 headers and a plain-text body, in ASCII but for an address that is not.

use base64::Engine as _;
use lac_domain::Timestamp;
use uuid::Uuid;

use super::text::Text;

/// The longest line of an encoded body (RFC 2045).
const LINE: usize = 76;
/// Bytes in one encoded word, which holds 75 characters at most (RFC 2047): 60 in base 64, and its frame.
const WORD: usize = 45;

/// Who a mail is from and to.
pub(super) struct Letter<'a> {
    pub(super) id: Uuid,
    pub(super) from: &'a str,
    pub(super) authority: &'a str,
    pub(super) to: &'a str,
    pub(super) at: Timestamp,
}

impl Letter<'_> {
    /// The whole mail. Its Message-ID is always the same for the same row of the queue, so that a mail which came twice
    /// is known for one.
    pub(super) fn eml(&self, text: &Text) -> String {
        let domain = self.from.rsplit_once('@').map_or("localhost", |(_, domain)| domain);
        let (encoding, body) = encode(&text.body);
        format!(
            "From: {name} <{from}>\r\nTo: {to}\r\nSubject: {subject}\r\nDate: {date}\r\nMessage-ID: <{id}@{domain}>\r\n\
             MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: {encoding}\r\n\
             Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n\r\n{body}",
            name = display_name(self.authority),
            from = one_line(self.from),
            to = one_line(self.to),
            subject = unstructured(&text.subject),
            date = self.at.utc().format("%a, %d %b %Y %H:%M:%S +0000"),
            id = self.id,
            domain = one_line(domain),
        )
    }
}

/// Text without anything that could end a header.
fn one_line(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') {
                ' '
            } else {
                c
            }
        })
        .collect()
}

/// The text of a header such as Subject.
fn unstructured(text: &str) -> String {
    let line = one_line(text);
    // What looks like an encoded word would be read as one.
    if line.is_ascii() && !line.contains("=?") {
        line
    } else {
        encoded_words(&line)
    }
}

/// The name before an address.
fn display_name(name: &str) -> String {
    let line = one_line(name);
    if line.is_ascii() && !line.contains("=?") {
        format!("\"{}\"", line.replace('\\', "\\\\").replace('"', "\\\""))
    } else {
        encoded_words(&line)
    }
}

fn encoded_words(line: &str) -> String {
    let mut pieces = vec![String::new()];
    for c in line.chars() {
        match pieces.last_mut() {
            // A character is never cut.
            Some(piece) if piece.len() + c.len_utf8() <= WORD => piece.push(c),
            _ => pieces.push(c.to_string()),
        }
    }
    let word = |piece: &String| {
        format!(
            "=?UTF-8?B?{}?=",
            base64::engine::general_purpose::STANDARD.encode(piece)
        )
    };
    pieces.iter().map(word).collect::<Vec<_>>().join("\r\n ")
}

/// The body with `\r\n` at its lines' ends, and how it is encoded.
fn encode(body: &str) -> (&'static str, String) {
    let plain = |line: &str| line.len() <= 998 && line.bytes().all(|b| b == b'\t' || (b' '..=b'~').contains(&b));
    if body.lines().all(plain) {
        return ("7bit", body.lines().map(|line| format!("{line}\r\n")).collect());
    }
    (
        "quoted-printable",
        body.lines()
            .map(|line| format!("{}\r\n", quoted_printable(line)))
            .collect(),
    )
}

/// One line, quoted where it must be, with soft breaks.
fn quoted_printable(line: &str) -> String {
    let (mut out, mut width) = (String::with_capacity(line.len()), 0);
    let last = line.len().saturating_sub(1);
    for (at, byte) in line.bytes().enumerate() {
        let blank = matches!(byte, b' ' | b'\t');
        let plain = (blank && at != last) || (byte.is_ascii_graphic() && byte != b'=');
        let piece = if plain {
            char::from(byte).to_string()
        } else {
            format!("={byte:02X}")
        };
        if width + piece.len() >= LINE {
            out.push_str("=\r\n");
            width = 0;
        }
        width += piece.len();
        out.push_str(&piece);
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn letter<'a>(authority: &'a str, to: &'a str) -> Letter<'a> {
        let at = Timestamp::from_unix_millis(1_795_000_000_000).unwrap();
        Letter {
            id: Uuid::nil(),
            from: "no-reply@barsetshire.example",
            authority,
            to,
            at,
        }
    }

    fn text(subject: &str, body: &str) -> Text {
        Text {
            subject: subject.to_owned(),
            body: body.to_owned(),
        }
    }

    /// Headers, unfolded.
    fn headers(eml: &str) -> Vec<String> {
        let (head, _) = eml.split_once("\r\n\r\n").unwrap();
        head.replace("\r\n ", " ").split("\r\n").map(str::to_owned).collect()
    }

    #[test]
    fn a_mail_is_plain() {
        let eml = letter("Barsetshire Virtual School", "pat@example.org").eml(&text("Secure messages", "One.\nTwo.\n"));
        assert_eq!(
            eml,
            "From: \"Barsetshire Virtual School\" <no-reply@barsetshire.example>\r\nTo: pat@example.org\r\n\
             Subject: Secure messages\r\nDate: Wed, 18 Nov 2026 11:06:40 +0000\r\n\
             Message-ID: <00000000-0000-0000-0000-000000000000@barsetshire.example>\r\nMIME-Version: 1.0\r\n\
             Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\
             Auto-Submitted: auto-generated\r\nX-Auto-Response-Suppress: All\r\n\r\nOne.\r\nTwo.\r\n"
        );
    }

    #[test]
    fn welsh_goes_through() {
        let name = "Ysgol Rithwir Sir Gâr";
        let eml = letter(name, "pat@example.org").eml(&text(&format!("O {name}"), &format!("{name} = da \n")));
        assert!(eml.is_ascii());
        assert!(
            eml.ends_with("\r\n\r\nYsgol Rithwir Sir G=C3=A2r =3D da=20\r\n"),
            "{eml}"
        );
        assert!(headers(&eml)[0].starts_with("From: =?UTF-8?B?"));
    }

    proptest! {
        #[test]
        fn nothing_ends_a_header(authority in "\\PC{0,80}|[\\s\\S]{0,60}", to in "[\\s\\S]{0,40}", body in "[\\s\\S]{0,300}") {
            let eml = letter(&authority, &to).eml(&text(&format!("From {authority}"), &body));
            let headers = headers(&eml);
            prop_assert_eq!(headers.len(), 10);
            let names: Vec<&str> = headers.iter().map(|line| line.split_once(": ").map_or("", |(name, _)| name)).collect();
            prop_assert_eq!(
                names.join(" "),
                "From To Subject Date Message-ID MIME-Version Content-Type Content-Transfer-Encoding Auto-Submitted \
                 X-Auto-Response-Suppress"
            );
            let (head, body) = eml.split_once("\r\n\r\n").unwrap();
            let (from, subject) = (headers[0].rsplit_once(" <").unwrap().0, &headers[2]);
            for header in [from, subject] {
                for word in header.split(' ').filter(|word| word.starts_with("=?")) {
                    prop_assert!(word.len() <= 75, "{word}");
                    let inner = word.strip_prefix("=?UTF-8?B?").unwrap().strip_suffix("?=").unwrap();
                    let bytes = base64::engine::general_purpose::STANDARD.decode(inner).unwrap();
                    prop_assert!(String::from_utf8(bytes).is_ok(), "{head}");
                }
            }
            prop_assert!(body.is_ascii());
            prop_assert!(body.split("\r\n").all(|line| line.len() <= 998 && !line.contains(['\r', '\n'])), "{body:?}");
        }
    }
}
