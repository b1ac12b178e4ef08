//! The application as a whole: accounts, sync, settings, and what the shell tells the page.

use lac_domain::reminders::QuietHours;
use lac_domain::{AttachmentId, ConversationId, ImportId, Timestamp};
use lac_wire::{ImportProgress, Me};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use uuid::Uuid;

use super::Problem;

/// An account on this device: a user at a store.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize, TS)]
#[serde(transparent)]
#[ts(type = "string")]
pub struct AccountId(pub Uuid);

view_types! {
    /// Everything that the page needs before it shows its first screen.
    pub struct AppState {
        /// The application's version.
        pub version: String,
        /// The profile's name; empty for the ordinary one.
        pub profile: String,
        /// The store's address that IT has set for this computer.
        pub store_address: Option<String>,
        /// The accounts on this device.
        pub accounts: Vec<Account>,
        /// Settings of this device.
        pub settings: Settings,
    }

    /// An account on this device.
    pub struct Account {
        /// Its id on this device.
        pub id: AccountId,
        /// The store's address.
        pub store_address: String,
        /// A colour to tell authorities apart: 0 to 5.
        pub colour: u8,
        /// The e-mail address to sign in with.
        pub email: String,
        /// The authority's name.
        pub authority_name: String,
        /// The user as the store last told, while the local store is open.
        pub me: Option<Me>,
        /// Why the account cannot be used as it is: locked, signed out, keyring, a file set aside.
        pub problem: Option<Problem>,
        /// Whether this computer has no keyring, so that the password opens the account each time.
        pub no_keyring: bool,
        /// How it stands with the store.
        pub sync: SyncStatus,
    }

    /// How an account stands with its store.
    #[derive(Default)]
    pub struct SyncStatus {
        /// Whether the store answered the last time it was asked.
        pub online: bool,
        /// Whether it is being asked now.
        pub busy: bool,
        /// When the store last answered.
        pub last_contact: Option<Timestamp>,
        /// The share of the first fetch that is done, 0 to 1, while it runs.
        pub first_fetch: Option<f64>,
        /// Messages and reminders that wait to be sent.
        pub waiting: u32,
        /// Messages and reminders that the store refused; each has its reason.
        pub not_sent: u32,
        /// Conversations with unread messages.
        pub unread: u32,
        /// Reminders that are due.
        pub reminders: u32,
        /// Why the store could not be reached, in a sentence.
        pub problem: Option<String>,
    }

    /// Light or dark.
    #[derive(Copy, Eq, Default)]
    #[serde(rename_all = "snake_case")]
    pub enum Theme {
        /// As the operating system has it.
        #[default]
        System,
        /// Light.
        Light,
        /// Dark.
        Dark,
    }

    /// Settings of this device.
    #[derive(Eq)]
    #[serde(default)]
    pub struct Settings {
        /// Light or dark.
        pub theme: Theme,
        /// Whether the operating system shows notifications of new messages and of reminders.
        pub notifications: bool,
        /// Whether it shows them of notices too.
        pub notices: bool,
        /// Whether they name who wrote.
        pub show_sender: bool,
        /// When none are shown; what comes then is told afterwards.
        pub quiet: Option<Quiet>,
        /// Whether the application starts together with the system: the system itself knows best.
        pub start_with_system: bool,
        /// Whether the first look around was taken or skipped.
        pub shown_around: bool,
        /// Whether a message waits ten seconds after "Send", so that it can be taken back.
        pub undo_send: bool,
    }

    /// Quiet hours, in minutes after midnight in London; they may go over midnight.
    #[derive(Copy, Eq)]
    pub struct Quiet {
        /// The first minute.
        pub from: u32,
        /// The first minute after them.
        pub to: u32,
    }

    /// What the shell tells the page, as the event `lac`.
    #[serde(tag = "kind", rename_all = "snake_case")]
    pub enum UiEvent {
        /// How an account stands with its store changed.
        Sync {
            /// Which account.
            account: AccountId,
            /// How it stands.
            status: SyncStatus,
        },
        /// Held things changed: ask again for what is on the screen.
        Held {
            /// Which account.
            account: AccountId,
        },
        /// The list of accounts, or what one of them can do, changed: ask for the state again.
        Accounts {},
        /// A notification was opened.
        OpenConversation {
            /// Which account.
            account: AccountId,
            /// Which conversation; none when several were merged.
            conversation_id: Option<ConversationId>,
        },
        /// A notification of reminders was opened.
        OpenReminders {
            /// Which account.
            account: AccountId,
        },
        /// A file is on its way to the store to be judged.
        Upload {
            /// Which account.
            account: AccountId,
            /// The share that has left, 0 to 1; then the store judges it.
            share: f64,
        },
        /// An attachment is on its way to the store, or from it.
        Transfer {
            /// Which account.
            account: AccountId,
            /// Which attachment.
            attachment_id: AttachmentId,
            /// The share that has arrived, 0 to 1.
            share: f64,
        },
        /// An import is being committed.
        ImportProgress {
            /// Which account.
            account: AccountId,
            /// Which import.
            id: ImportId,
            /// How far it has come.
            progress: ImportProgress,
        },
        /// A new message is to be begun.
        Compose {},
        /// It is about to lock: what is being written is to be saved now.
        LockSoon {},
        /// Files are dragged over the window, or no longer.
        FileHover {
            /// Whether they are over it now.
            over: bool,
        },
        /// Files were dropped on the window.
        FilesDropped {
            /// Their paths.
            paths: Vec<String>,
        },
    }
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            theme: Theme::System,
            notifications: true,
            notices: true,
            show_sender: false,
            quiet: None,
            start_with_system: false,
            shown_around: false,
            undo_send: true,
        }
    }
}

impl Settings {
    /// Whether nobody is to be disturbed at an instant.
    pub(crate) fn is_quiet(&self, at: Timestamp) -> bool {
        self.quiet
            .is_some_and(|Quiet { from, to }| QuietHours { from, to }.hold(at))
    }
}
