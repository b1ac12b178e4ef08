//! Getting in: what a store says of itself, invitations, sign-in, sessions.

use chrono::NaiveDate;
use lac_domain::{DeviceId, EpochId, EstablishmentId, Role, SessionId, Timestamp, UserId};

use crate::{Away, NotificationChoices, OwnList, OwnSecondFactor, Private, TermDates};

wire_types! {
    /// What a store says of itself to anyone: `GET /v1/about`.
    pub struct About {
        /// The newest version of the contract that it speaks.
        pub version: u32,
        /// What it can do beyond version 1's first day, by name.
        pub capabilities: Vec<String>,
        /// The authority's name, such as "Barsetshire Virtual School".
        pub authority_name: String,
    }

    /// The device that signs in.
    pub struct Device {
        /// Made with the device's local database; it outlives sign-ins.
        pub id: DeviceId,
        /// A name that its user would know it by, such as the computer's.
        pub name: String,
    }

    /// `POST /v1/invitations/look`: whom a code is for, before a password is chosen.
    pub struct LookAtInvitation {
        /// The one-time code, in any letter case, with or without hyphens.
        pub code: Private,
    }

    /// Whom an invitation is for.
    pub struct Invitation {
        /// The e-mail address to sign in with.
        pub email: String,
        /// Their first name.
        pub first_name: String,
        /// Their last name.
        pub last_name: String,
        /// Until when the code can be used.
        pub expires_at: Timestamp,
    }

    /// `POST /v1/invitations/accept`: takes up an invitation and signs in.
    pub struct AcceptInvitation {
        /// The one-time code.
        pub code: Private,
        /// The password that its user chose.
        pub password: Private,
        /// The device.
        pub device: Device,
        /// A code of the second step, where they have set one up before.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub second_factor: Option<Private>,
    }

    /// `POST /v1/sessions`: signs in.
    pub struct SignIn {
        /// The e-mail address, in any letter case.
        pub email: String,
        /// The password.
        pub password: Private,
        /// The device.
        pub device: Device,
        /// The code that the authenticator app shows, or a recovery code: asked for with `session.second_factor_asked`.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[cfg_attr(feature = "ts", ts(optional))]
        pub second_factor: Option<Private>,
    }

    /// `POST /v1/session/confirm`: gives the password again, before something that asks for it.
    pub struct ConfirmPassword {
        /// The password.
        pub password: Private,
    }

    /// The answer to a sign-in.
    pub struct SignedIn {
        /// The session's token, 256 random bits; sent as `Authorization: Bearer`.
        pub token: Private,
        /// The session.
        pub session_id: SessionId,
        /// When the session ends, however much it is used.
        pub expires_at: Timestamp,
        /// Who signed in.
        pub me: Me,
    }

    /// One of the signed-in user's own sessions: `GET /v1/sessions`.
    pub struct OwnSession {
        /// The session.
        pub id: SessionId,
        /// The device's name.
        pub device_name: String,
        /// When it was signed in.
        pub created_at: Timestamp,
        /// When it was last used, to within a minute.
        pub last_used_at: Timestamp,
        /// Whether it is the one that asks.
        pub current: bool,
    }

    /// The signed-in user, as they see themselves: `GET /v1/me`.
    pub struct Me {
        /// Their id.
        pub id: UserId,
        /// Their role.
        pub role: Role,
        /// Their first name.
        pub first_name: String,
        /// Their last name.
        pub last_name: String,
        /// Their e-mail address.
        pub email: String,
        /// Their job title, perhaps empty.
        pub job_title: String,
        /// The establishments linked to them today.
        pub establishments: Vec<EstablishmentId>,
        /// The authority.
        pub authority: Authority,
        /// The store's epoch.
        pub epoch: EpochId,
        /// Today, as the store reckons it (Europe/London).
        pub today: NaiveDate,
        /// How they are told of what is new.
        #[serde(default)]
        pub notifications: NotificationChoices,
        /// Whether they are away.
        #[serde(default)]
        pub away: Option<Away>,
        /// Their own lists of people, in order of name.
        #[serde(default)]
        pub lists: Vec<OwnList>,
        /// How it stands with the second step of signing in.
        #[serde(default)]
        pub second_factor: OwnSecondFactor,
    }

    /// What every user of an authority needs to know of it.
    pub struct Authority {
        /// Its name.
        pub name: String,
        /// The telephone number for a child in danger, beside 999; perhaps empty.
        pub danger_phone: String,
        /// The sender's name that the operating system shows on notifications.
        pub notification_sender: String,
        /// After so many days without contact a desktop locks.
        pub offline_days: u32,
        /// The kinds of attachments that it takes; none where its store knows of no attachments.
        #[serde(default, deserialize_with = "crate::attachments::known_kinds")]
        pub attachment_kinds: Vec<lac_domain::AttachmentKind>,
        /// The school terms, and what goes by them.
        #[serde(default)]
        pub term_dates: TermDates,
        /// Whether roles other than LA may do without the second step of signing in.
        #[serde(default)]
        pub second_factor_relaxed: bool,
    }
}
