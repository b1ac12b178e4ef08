//! What can go wrong: a code for programs, a sentence or two for people.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $status:literal;)+) => {
        /// Why a request was refused.
        #[derive(Clone, Copy, PartialEq, Eq, Hash, Debug, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
        pub enum ErrorCode {
            $($(#[$doc])* #[serde(rename = $code)] $variant,)+
            /// A code that this version does not know.
            #[serde(other)]
            #[serde(rename = "unknown")]
            Unknown,
        }

        impl ErrorCode {
            /// The code as it is sent.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $code,)+ Self::Unknown => "unknown" }
            }

            /// The HTTP status that goes with it.
            #[must_use]
            pub fn status(self) -> u16 {
                match self { $(Self::$variant => $status,)+ Self::Unknown => 500 }
            }
        }
    };
}

codes! {
    /// No session, or one that ended.
    SignedOut = "session.signed_out", 401;
    /// E-mail and password do not fit, or the account may not sign in.
    SignInFailed = "session.sign_in_failed", 401;
    /// The password is right; a code of the second step must come with it.
    SecondFactorAsked = "session.second_factor_asked", 401;
    /// The code of the second step is wrong, or was used before.
    SecondFactorWrong = "session.second_factor_wrong", 401;
    /// The user must set up the second step of signing in first.
    SecondFactorNeeded = "session.second_factor_needed", 403;
    /// The password must be given again first.
    ConfirmPassword = "session.confirm_password", 403;
    /// The role lacks this action altogether.
    Forbidden = "role.forbidden", 403;
    /// It does not exist, or may not be seen.
    NotFound = "not_found", 404;
    /// The invitation's code is not known.
    InvitationUnknown = "invitation.unknown", 404;
    /// The invitation was used.
    InvitationUsed = "invitation.used", 410;
    /// The invitation has expired, or a newer one was sent.
    InvitationExpired = "invitation.expired", 410;
    /// The code for a new password is not known, has expired or was used.
    PasswordCodeUnknown = "password.code_unknown", 404;
    /// The password is too weak.
    PasswordWeak = "password.weak", 422;
    /// A field is missing or wrong; `field` names it.
    FieldInvalid = "field.invalid", 422;
    /// The e-mail address belongs to another user.
    EmailInUse = "user.email_in_use", 409;
    /// A Designated Teacher needs an establishment.
    EstablishmentNeeded = "user.establishment_needed", 422;
    /// Someone else changed it since it was opened.
    ChangedMeanwhile = "user.changed_meanwhile", 409;
    /// A user who leaves has pupils, and nothing was said of what becomes of them.
    PupilsUndecided = "user.pupils_undecided", 409;
    /// Some of it was decided by somebody else already.
    DecidedAlready = "request.decided_already", 409;
    /// There is an establishment of the same name already.
    EstablishmentSimilar = "establishment.similar", 409;
    /// The last LA Super User, or one's own role, may not be taken away.
    LastSuperUser = "user.last_super_user", 409;
    /// A recipient may not see the pupil that the conversation is about.
    RecipientNotEntitled = "message.recipient_not_entitled", 422;
    /// The sender may not write to a recipient.
    RecipientNotAllowed = "message.recipient_not_allowed", 422;
    /// There is nobody to send it to.
    NoRecipients = "message.no_recipients", 422;
    /// An attachment is of a kind that the authority does not take.
    AttachmentKind = "attachment.kind", 422;
    /// An attachment did not arrive as it was sent.
    AttachmentDamaged = "attachment.damaged", 422;
    /// A message names an attachment that has not arrived whole, or belongs to another message.
    AttachmentMissing = "attachment.missing", 422;
    /// A pupil's UPN belongs to another pupil.
    UpnInUse = "pupil.upn_in_use", 409;
    /// The pupil's record is closed for good.
    PupilClosed = "pupil.closed", 409;
    /// Dates overlap, or the end is before the start.
    Dates = "pupil.dates", 422;
    /// The file cannot be read.
    FileUnreadable = "import.file_unreadable", 422;
    /// The import was judged anew since it was looked at.
    ImportRevised = "import.revised", 409;
    /// Rows were refused, and all or nothing was asked for.
    ImportRefused = "import.refused", 422;
    /// The import was cancelled while it was being committed.
    ImportCancelled = "import.cancelled", 409;
    /// The import cannot be undone.
    ImportNotUndoable = "import.not_undoable", 409;
    /// The same id came with another content.
    IdReused = "command.id_reused", 409;
    /// The command's kind is not known to this store.
    CommandUnknown = "command.unknown", 422;
    /// The cursor is of another epoch, or too old: fetch the held set again.
    ResyncRequired = "sync.resync_required", 410;
    /// The request is not of the form that the contract asks for.
    Malformed = "request.malformed", 400;
    /// The request is too large.
    TooLarge = "request.too_large", 413;
    /// Too many requests; `Retry-After` says when.
    TooMany = "request.too_many", 429;
    /// The store could not do it now.
    Unavailable = "store.unavailable", 503;
    /// The store failed.
    Internal = "store.internal", 500;
}

/// An error, as it travels: `{"error": {…}}`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct ErrorReply {
    /// What went wrong.
    pub error: ErrorBody,
}

/// What went wrong.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[cfg_attr(feature = "ts", derive(ts_rs::TS))]
pub struct ErrorBody {
    /// For programs.
    pub code: ErrorCode,
    /// For people: what happened, and what to do.
    pub message: String,
    /// The field that it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// The request, for the authority's IT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
    /// What was changed since, for `user.changed_meanwhile`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[cfg_attr(feature = "ts", ts(optional))]
    pub changed: Option<crate::ChangedSince>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_of_a_newer_store_are_read_as_unknown() {
        let code: ErrorCode = serde_json::from_str("\"moon.full\"").unwrap();
        assert_eq!(code, ErrorCode::Unknown);
        assert_eq!(serde_json::to_string(&ErrorCode::NotFound).unwrap(), "\"not_found\"");
    }
}
