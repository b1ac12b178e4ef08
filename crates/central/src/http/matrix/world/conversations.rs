//! What is written in the authority of the matrix, and from whom it is hidden.

use lac_domain::{ConversationId, PupilId};
use lac_wire::{Command, CommandReply, NewMessage, Recipient};

use super::{HiddenFrom, Text, Thing, World};
use crate::test_support::{TestUser, message, new_uuid};

impl World<'_> {
    pub(super) async fn hidden(
        &mut self,
        from: &TestUser,
        pupil: Option<PupilId>,
        confidential: bool,
        recipients: Vec<Recipient>,
        word: &str,
        hidden_from: HiddenFrom,
    ) {
        let id = self
            .begins(from, pupil, confidential, recipients, word, hidden_from)
            .await;
        self.conversations.push(Thing { id: id.0, hidden_from });
    }

    pub(super) async fn begins(
        &mut self,
        from: &TestUser,
        pupil: Option<PupilId>,
        confidential: bool,
        recipients: Vec<Recipient>,
        word: &str,
        hidden_from: HiddenFrom,
    ) -> ConversationId {
        let conversation_id = ConversationId(new_uuid());
        let (subject, body) = (
            format!("{word} subject of the matrix"),
            format!("{word} body of the matrix"),
        );
        let (file, content) = (
            format!("{word} attachment.txt"),
            format!("{word} content of the matrix"),
        );
        let attachment = from.attach(&file, content.as_bytes()).await;
        self.attachments.insert(conversation_id.0, attachment.0);
        let command = Command::StartConversation {
            conversation_id,
            subject: subject.clone().into(),
            pupil_id: pupil,
            confidential,
            recipients,
            message: NewMessage {
                attachments: vec![attachment],
                ..message(self.store, &body)
            },
        };
        let _: CommandReply = from.command(command).await.json();
        self.texts
            .extend([subject, body, file, content].map(|text| Text { text, hidden_from }));
        conversation_id
    }
}
