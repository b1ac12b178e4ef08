//! The commands of devices: each taken at most once, its answer remembered as ids and built from the rows.

use async_trait::async_trait;
use lac_domain::{ConversationId, MessageId, ReminderId, Role, UserId, UserStatus};
use lac_wire::{Command, CommandEnvelope, CommandReply, ErrorCode, Recipient};
use serde::{Deserialize, Serialize};
use sqlx::AssertSqlSafe;

use super::start::{Start, start};
use super::write::plausible;
use super::{load_conversations, load_messages, marks, send, taking_part};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::http::signed_out;
use crate::reminders::{self, load_reminders};
use crate::scope::Scope;
use crate::storage::hex_ids;
use crate::store::Store;
use crate::writer::{Job, Once, Tx};

/// What became of a command, without any text that somebody wrote.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Taken {
    pub conversation: Option<ConversationId>,
    pub message: Option<MessageId>,
    /// Answers remembered from before there were any have none.
    #[serde(default)]
    pub reminder: Option<ReminderId>,
    pub left_out: Vec<UserId>,
}

impl Taken {
    pub(super) fn of(conversation: ConversationId) -> Self {
        Self {
            conversation: Some(conversation),
            ..Self::default()
        }
    }
}

struct Take {
    /// As the request came in.
    scope: Scope,
    command: Command,
}

#[async_trait]
impl Job for Take {
    type Output = Taken;

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<Taken, Failure> {
        if let Command::SendMessage {
            conversation_id,
            message,
        } = &self.command
        {
            return send::send(tx, self.scope, *conversation_id, message).await;
        }
        let scope = current_scope(tx, self.scope.user).await?;
        let now = tx.now();
        match &self.command {
            Command::StartConversation {
                conversation_id,
                subject,
                pupil_id,
                confidential,
                recipients,
                message,
            } => {
                let content = Start {
                    id: *conversation_id,
                    subject,
                    pupil: *pupil_id,
                    confidential: *confidential,
                    recipients,
                    message,
                };
                start(tx, scope, content).await
            }
            Command::MarkRead { conversation_id, up_to } => marks::mark_read(tx, scope, *conversation_id, *up_to).await,
            Command::MarkUnread { conversation_id } => marks::mark_unread(tx, scope, *conversation_id).await,
            Command::AddParticipants { conversation_id, users } => {
                taking_part::add(tx, scope, *conversation_id, users).await
            }
            Command::Leave { conversation_id } => taking_part::leave(tx, scope, *conversation_id).await,
            Command::Mute { conversation_id, muted } => taking_part::mute(tx, scope, *conversation_id, *muted).await,
            Command::NoteRead { pupil_id, at } => marks::note_read(tx, scope, *pupil_id, plausible(*at, now)).await,
            Command::NoteOpened { attachment_id, at } => {
                marks::note_opened(tx, scope, *attachment_id, plausible(*at, now)).await
            }
            Command::SaveReminder { .. } | Command::FinishReminder { .. } | Command::SnoozeReminder { .. } => {
                Ok(Taken {
                    reminder: Some(reminders::take(tx, scope, &self.command).await?),
                    ..Taken::default()
                })
            }
            Command::SendMessage { .. } | Command::Unknown => Err(unknown_command().into()),
        }
    }
}

/// Who asks, as the store knows them in this transaction: a role may have changed since the request came in.
pub(crate) async fn current_scope(tx: &mut Tx, user: UserId) -> Result<Scope, Failure> {
    let sql = "SELECT role, status FROM users WHERE id = $1";
    let row: Option<(String, String)> = both!(tx.conn(), c => sqlx::query_as(sql).bind(user).fetch_optional(c).await)?;
    let (role, _) = row
        .filter(|(_, status)| status == UserStatus::Active.as_str())
        .ok_or_else(signed_out)?;
    let role = Role::parse(&role).map_err(|_| crate::StoreError::Inconsistent("a stored role is not one"))?;
    Ok(Scope {
        user,
        role,
        today: tx.today(),
    })
}

fn unknown_command() -> Refusal {
    Refusal::new(
        ErrorCode::CommandUnknown,
        "Your Virtual School's store does not know how to do this yet. It needs to be updated first.",
    )
}

/// Commands that a newer store may know are not remembered as refused.
fn is_known(command: &Command) -> bool {
    match command {
        Command::Unknown => false,
        Command::StartConversation { recipients, .. } => !recipients.contains(&Recipient::Unknown),
        _ => true,
    }
}

impl Store {
    /// Takes a command of the device of who asks, at most once, and answers what became of it.
    ///
    /// # Errors
    /// A refusal, remembered like an answer; or what failed.
    pub async fn take_command(&self, scope: Scope, envelope: CommandEnvelope) -> Result<CommandReply, Failure> {
        if !is_known(&envelope.command) {
            return Err(unknown_command().into());
        }
        let content = serde_json::to_vec(&envelope.command)?;
        let once = Once {
            id: envelope.id,
            fingerprint: self.keys().fingerprint(&content),
        };
        let command = envelope.command;
        let taken = self.run_once(scope.user, once, Take { scope, command }).await?;
        self.reply(scope, taken).await
    }

    async fn reply(&self, scope: Scope, taken: Taken) -> Result<CommandReply, Failure> {
        let mut conn = self.read().await?;
        let conversation = load_conversations(&mut conn, self.keys(), scope, taken.conversation)
            .await?
            .pop();
        let message = match taken.message {
            Some(_) => load_messages(&mut conn, self.keys(), scope, taken.message).await?.pop(),
            None => None,
        };
        let reminder = match taken.reminder {
            Some(id) => load_reminders(&mut conn, self.keys(), scope, [id]).await?.pop(),
            None => None,
        };
        let mut left_out = Vec::new();
        if !taken.left_out.is_empty() {
            let sql = format!(
                "SELECT first_name, last_name FROM users WHERE id IN {} ORDER BY name_key, id",
                conn.engine().ids("$1")
            );
            let ids = hex_ids(taken.left_out);
            let names: Vec<(String, String)> =
                both!(&mut conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
            left_out = names
                .into_iter()
                .map(|(first, last)| format!("{first} {last}"))
                .collect();
        }
        Ok(CommandReply {
            conversation,
            message,
            reminder,
            left_out,
        })
    }
}
