//! Passwords that are changed or forgotten, the second step of signing in, and one's own devices.

use lac_domain::SessionId;
use lac_wire::Private;

view_types! {
    /// Asks for a code by e-mail, for a password that was forgotten.
    pub struct ForgottenPassword {
        /// The store's address.
        pub address: String,
        /// The e-mail address to sign in with.
        pub email: String,
    }

    /// Sets a new password by a code from an e-mail.
    pub struct NewPasswordByCode {
        /// The store's address.
        pub address: String,
        /// The one-time code.
        pub code: Private,
        /// The chosen password.
        pub password: Private,
    }

    /// What an authenticator app needs to know, as it is shown.
    pub struct SecondFactorSetUp {
        /// The secret in groups of four letters and digits, to be typed.
        pub secret: Private,
        /// How many squares the QR code has on a side, with its margin.
        pub squares: u32,
        /// Its dark squares, as the path of an SVG in which each square is one unit wide.
        pub path: Private,
    }

    /// One of one's own sessions.
    pub struct SessionRef {
        /// Which.
        pub id: SessionId,
    }
}
