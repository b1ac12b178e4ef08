//! What a mail says.

use lac_domain::Timestamp;

/// A mail ready to be written.
pub(super) struct Letter<'a> {
    pub(super) id: uuid::Uuid,
    pub(super) from: &'a str,
    pub(super) authority: &'a str,
    pub(super) to: &'a str,
    pub(super) at: Timestamp,
}

/// The text of an invitation.
pub(super) fn invitation(authority: &str, code: &str) -> String {
    format!(
        "{authority} has invited you to Secure Messages.\r\n\r\n\
         Your one-time code is:\r\n\r\n    {code}\r\n\r\n\
         It can be used once, in the next 24 hours. Open Secure Messages on your work computer, choose\r\n\
         \"I have an invitation\", and enter the code.\r\n\r\n\
         If the code has expired, ask {authority} to send a new one.\r\n\
         This e-mail has no link.\r\n"
    )
}

/// The text that says there are unread messages.
pub(super) fn unread(authority: &str, count: i64) -> String {
    let unread = if count == 1 { "1 is unread".to_owned() } else { format!("{count} are unread") };
    format!(
        "{authority} has sent you secure messages; {unread}.\r\n\
         To read them, open Secure Messages on your work computer.\r\n\
         This e-mail has no link.\r\n"
    )
}

/// One line without anything that could end a header.
fn header(text: &str) -> String {
    let line: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    if line.is_ascii() {
        line
    } else {
        use base64::Engine as _;
        // RFC 2047: an encoded word holds at most 75 characters; each piece here stays below that.
        let chars: Vec<char> = line.chars().collect();
        let words: Vec<String> = chars
            .chunks(10)
            .map(|piece| {
                let piece: String = piece.iter().collect();
                format!("=?UTF-8?B?{}?=", base64::engine::general_purpose::STANDARD.encode(piece))
            })
            .collect();
        words.join("\r\n ")
    }
}

impl Letter<'_> {
    /// The whole message, RFC 5322 with a plain-text body.
    pub(super) fn eml(&self, subject: &str, body: &str) -> String {
        let from = match self.authority.is_ascii() {
            true => format!("\"{}\" <{}>", self.authority.replace(['"', '\\'], "'"), header(self.from)),
            false => format!("{} <{}>", header(self.authority), header(self.from)),
        };
        format!(
            "From: {from}\r\nTo: {to}\r\nSubject: {subject}\r\nDate: {date}\r\nMessage-ID: <{id}@secure-messages>\r\n\
             MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\
             Auto-Submitted: auto-generated\r\n\r\n{body}",
            to = header(self.to),
            subject = header(subject),
            date = self.at.utc().to_rfc2822(),
            id = self.id,
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mail_is_plain() {
        let at = Timestamp::from_unix_millis(1_795_000_000_000).unwrap();
        let letter = Letter {
            id: uuid::Uuid::nil(), from: "no-reply@example.org", authority: "Barsetshire Virtual School",
            to: "pat@example.org\r\nBcc: x@example.org", at,
        };
        let eml = letter.eml("Secure messages", &unread("Barsetshire Virtual School", 3));
        assert!(eml.contains("To: pat@example.org  Bcc: x@example.org\r\n"), "{eml}");
        assert!(eml.contains("has sent you secure messages; 3 are unread."));
        assert!(header("Ysgol Rhithwir Sir Gâr").starts_with("=?UTF-8?B?"));
    }
}
