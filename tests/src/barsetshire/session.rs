//! Someone signed in at the store, without a desktop.

use lac_domain::{CommandId, ConversationId, DeviceId, ImportId, MessageId, PupilId, Timestamp, UserId};
use lac_wire::{
    AcceptInvitation, Command, CommandEnvelope, CommandReply, Device, IDEMPOTENCY_KEY_HEADER, NewMessage, Recipient,
    SignedIn,
};
use serde::Serialize;
use serde::de::DeserializeOwned;

use super::PASSWORD;
use crate::support::{Outcome, Trouble};

/// The present instant: tests of whole programs run on the machine's clock, as the programs do.
#[must_use]
#[allow(clippy::disallowed_methods, reason = "the programs under test read the same clock")]
pub fn now() -> Timestamp {
    Timestamp::new(chrono::Utc::now())
}

/// Ten random bytes for an id.
fn random() -> Outcome<[u8; 10]> {
    let mut bytes = [0; 10];
    getrandom::fill(&mut bytes).map_err(Trouble::during("no randomness"))?;
    Ok(bytes)
}

/// Someone signed in at the store, without a desktop.
#[derive(Clone)]
pub struct Session {
    http: reqwest::Client,
    base: String,
    token: String,
    /// Who they are.
    pub me: UserId,
}

impl Session {
    /// Takes up an invitation with [`PASSWORD`].
    ///
    /// # Errors
    /// When the store refuses it.
    pub async fn take_up(base: &str, code: &str) -> Outcome<Self> {
        let http = reqwest::Client::builder()
            .no_proxy()
            .build()
            .map_err(Trouble::during("no HTTP client"))?;
        let request = AcceptInvitation {
            code: code.into(),
            password: PASSWORD.into(),
            device: Device {
                id: DeviceId::from_parts(now(), random()?),
                name: "Set-up".to_owned(),
            },
            second_factor: None,
        };
        let reply = http
            .post(format!("{base}/v1/invitations/accept"))
            .json(&request)
            .send()
            .await;
        let signed_in: SignedIn = read(reply, "an invitation was not taken").await?;
        Ok(Self {
            http,
            base: base.to_owned(),
            token: signed_in.token.into_inner(),
            me: signed_in.me.id,
        })
    }

    /// Reads from the store.
    ///
    /// # Errors
    /// When the store refuses, with its reason.
    pub async fn get<T: DeserializeOwned>(&self, path: &str) -> Outcome<T> {
        let request = self.http.get(format!("{}{path}", self.base)).bearer_auth(&self.token);
        read(request.send().await, path).await
    }

    /// Asks the store to do something.
    ///
    /// # Errors
    /// When the store refuses, with its reason.
    pub async fn post<T: DeserializeOwned>(&self, path: &str, body: &impl Serialize) -> Outcome<T> {
        let key = CommandId::from_parts(now(), random()?);
        let request = self
            .http
            .post(format!("{}{path}", self.base))
            .header(IDEMPOTENCY_KEY_HEADER, key.to_string())
            .bearer_auth(&self.token)
            .json(body);
        read(request.send().await, path).await
    }

    /// Sends a file.
    ///
    /// # Errors
    /// When the store refuses, with its reason.
    pub async fn put_file<T: DeserializeOwned>(&self, path: &str, file: Vec<u8>) -> Outcome<T> {
        let key = CommandId::from_parts(now(), random()?);
        let request = self
            .http
            .put(format!("{}{path}", self.base))
            .header(IDEMPOTENCY_KEY_HEADER, key.to_string())
            .header("content-type", "application/octet-stream")
            .bearer_auth(&self.token)
            .body(file);
        read(request.send().await, path).await
    }

    /// A new id.
    ///
    /// # Errors
    /// When the system gives no random bytes.
    pub fn new_import() -> Outcome<ImportId> {
        Ok(ImportId::from_parts(now(), random()?))
    }

    /// Begins a conversation, and says which one it is.
    ///
    /// # Errors
    /// When the store refuses, with its reason.
    pub async fn start(
        &self,
        to: Vec<Recipient>,
        pupil: Option<PupilId>,
        subject: &str,
        body: &str,
    ) -> Outcome<ConversationId> {
        let conversation_id = ConversationId::from_parts(now(), random()?);
        self.command(Command::StartConversation {
            conversation_id,
            subject: subject.into(),
            pupil_id: pupil,
            confidential: false,
            recipients: to,
            message: message(body)?,
        })
        .await?;
        Ok(conversation_id)
    }

    /// Adds a message to a conversation.
    ///
    /// # Errors
    /// When the store refuses, with its reason.
    pub async fn reply(&self, conversation_id: ConversationId, body: &str) -> Outcome<CommandReply> {
        self.command(Command::SendMessage {
            conversation_id,
            message: message(body)?,
        })
        .await
    }

    /// Sends a command.
    ///
    /// # Errors
    /// When the store refuses, with its reason.
    pub async fn command(&self, command: Command) -> Outcome<CommandReply> {
        let envelope = CommandEnvelope {
            id: CommandId::from_parts(now(), random()?),
            command,
        };
        self.post("/v1/commands", &envelope).await
    }
}

fn message(body: &str) -> Outcome<NewMessage> {
    let written_at = now();
    Ok(NewMessage {
        id: MessageId::from_parts(written_at, random()?),
        body: body.into(),
        written_at,
        attachments: Vec::new(),
    })
}

async fn read<T: DeserializeOwned>(reply: reqwest::Result<reqwest::Response>, what: &str) -> Outcome<T> {
    let reply = reply.map_err(Trouble::during(what))?;
    let status = reply.status();
    let text = reply.text().await.map_err(Trouble::during(what))?;
    if !status.is_success() {
        return Err(Trouble::new(format!("{what}: {status}: {text}")));
    }
    let text = if text.is_empty() { "null" } else { &text };
    serde_json::from_str(text).map_err(Trouble::during(what))
}
