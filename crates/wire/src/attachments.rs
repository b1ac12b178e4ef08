//! Files that go with messages: sent in pieces before the message, fetched in pieces when they are opened.

use lac_domain::{AttachmentId, AttachmentKind};
use serde::{Deserialize, Deserializer};

use crate::Private;

/// The most bytes that one piece of an attachment may have.
pub const PIECE_LIMIT: usize = 1024 * 1024;

wire_types! {
    /// An attachment of a message.
    pub struct Attachment {
        /// Its id, made on the device that attached it.
        pub id: AttachmentId,
        /// Its file's name, without a folder.
        pub name: Private,
        /// What it is, by its content.
        #[serde(deserialize_with = "kind_or_other")]
        pub kind: AttachmentKind,
        /// How many bytes it has.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub size: i64,
    }

    /// `PUT /v1/attachments/{id}`: announces a file that is to be sent, or asks how much of it has arrived.
    pub struct NewAttachment {
        /// Its file's name.
        pub name: Private,
        /// How many bytes it has.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub size: i64,
        /// The SHA-256 of its content, in hexadecimal.
        pub sha256: String,
    }

    /// Where the piece belongs that is sent (`PUT /v1/attachments/{id}/pieces`), or from where the file is to be
    /// given (`GET /v1/attachments/{id}`).
    pub struct PieceQuery {
        /// How many bytes come before it.
        #[serde(default)]
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub offset: i64,
    }

    /// How far an attachment has arrived.
    pub struct AttachmentProgress {
        /// The next piece begins here.
        #[cfg_attr(feature = "ts", ts(type = "number"))]
        pub received: i64,
        /// It arrived whole, and is what it was said to be: a message may name it.
        pub complete: bool,
    }
}

/// A kind that this version does not know is another kind of file, of which a person is warned.
fn kind_or_other<'de, D: Deserializer<'de>>(deserializer: D) -> Result<AttachmentKind, D::Error> {
    let word = String::deserialize(deserializer)?;
    Ok(AttachmentKind::parse(&word).unwrap_or(AttachmentKind::Other))
}

/// Kinds that this version does not know are left out.
pub(crate) fn known_kinds<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<AttachmentKind>, D::Error> {
    let words = Vec::<String>::deserialize(deserializer)?;
    Ok(words
        .iter()
        .filter_map(|word| AttachmentKind::parse(word).ok())
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kind_of_a_newer_store_is_another_kind() {
        let text = r#"{"id":"00000000-0000-7000-8000-000000000001","name":"a","kind":"hologram","size":1}"#;
        let attachment: Attachment = serde_json::from_str(text).unwrap();
        assert_eq!(attachment.kind, AttachmentKind::Other);
    }
}
