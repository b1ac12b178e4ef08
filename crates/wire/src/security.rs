//! Passwords that are changed or forgotten, the second step of signing in, and a session's token made anew.

use lac_domain::Timestamp;

use crate::Private;

wire_types! {
    /// `POST /v1/me/password`: changes one's password. Every other session of the user ends.
    pub struct ChangePassword {
        /// The password so far.
        pub current: Private,
        /// The new one.
        pub password: Private,
    }

    /// `POST /v1/password-codes`: asks for a code by e-mail, for a password that was forgotten. The answer is the same
    /// whether or not there is such an account.
    pub struct AskForPasswordCode {
        /// The e-mail address to sign in with.
        pub email: String,
    }

    /// `POST /v1/password-codes/use`: sets a new password. Every session of the user ends.
    pub struct UsePasswordCode {
        /// The one-time code.
        pub code: Private,
        /// The password that its user chose.
        pub password: Private,
    }

    /// How it stands with one's own second step of signing in.
    #[derive(Eq, Default)]
    pub struct OwnSecondFactor {
        /// Since when there is one; none where there is none.
        pub set_up_at: Option<Timestamp>,
        /// Whether the role must have one.
        pub required: bool,
        /// Until when the user may do without, where they must have one and have none.
        pub due_at: Option<Timestamp>,
        /// How many recovery codes are left.
        pub recovery_codes_left: u32,
    }

    /// `POST /v1/me/second-factor`: what an authenticator app needs to know. It counts only once its first code was given.
    pub struct NewSecondFactor {
        /// The secret in base 32, to be typed.
        pub secret: Private,
        /// The same as an `otpauth` address, for a QR code.
        pub address: Private,
    }

    /// `POST /v1/me/second-factor/confirm`: the first code that the app shows.
    pub struct ConfirmSecondFactor {
        /// Six digits.
        pub code: Private,
    }

    /// Ten codes, each for one sign-in without the app. They are shown once and kept by nobody but their user.
    pub struct RecoveryCodes {
        /// The codes.
        pub codes: Vec<Private>,
    }

    /// `PUT /v1/authority/second-factor`: for whom the second step is required.
    #[derive(Copy, Eq)]
    pub struct SecondFactorRule {
        /// Whether roles other than LA may do without.
        pub relaxed: bool,
    }

    /// A user's second step, as LA Super Users see it.
    #[derive(Copy, Eq)]
    pub struct UserSecondFactor {
        /// Since when there is one; none where there is none.
        pub set_up_at: Option<Timestamp>,
        /// Whether their role must have one.
        pub required: bool,
    }

    /// `POST /v1/session/token`: a new token for this session. The one before holds until the new one is used.
    pub struct NewToken {
        /// The token.
        pub token: Private,
    }
}
