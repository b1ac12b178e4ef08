//! What was written, and whether it is all there, once, in one order.

use lac_client::view::{AccountId, ConversationFilter, Folder, OpenConversation};
use lac_domain::{ConversationId, MessageId};

use crate::desk::{Desk, PATIENCE};

/// A message as a desktop holds it: its number, id and text.
pub type Letter = (i64, MessageId, String);

impl Desk {
    /// All messages of a conversation that the store has numbered, page by page, in their order.
    pub async fn letters(&self, account: AccountId, id: ConversationId) -> Vec<Letter> {
        let mut pages = Vec::new();
        let mut before = None;
        loop {
            let view = self
                .app
                .open_conversation(account, OpenConversation { id, before })
                .await
                .unwrap();
            let page: Vec<Letter> = view
                .messages
                .iter()
                .filter_map(|message| Some((message.number?, message.id, message.body.reveal().to_owned())))
                .collect();
            pages.push(page);
            before = view.before;
            if before.is_none() {
                break;
            }
        }
        let letters: Vec<Letter> = pages.into_iter().rev().flatten().collect();
        assert!(
            letters.is_sorted_by(|one, other| one.0 < other.0),
            "numbers rise: {letters:?}"
        );
        letters
    }

    /// Waits until nothing waits to be sent, and checks that nothing was refused.
    pub async fn until_all_sent(&self, account: AccountId) {
        self.until(account, "everything to leave", |held| {
            held.sync.waiting == 0 && held.sync.online
        })
        .await;
        assert!(
            self.app.list_outbox(account, ()).await.unwrap().is_empty(),
            "the outbox is empty"
        );
    }

    /// Waits until a conversation holds so many messages.
    pub async fn until_count(&self, account: AccountId, id: ConversationId, count: usize) {
        let waited = self
            .host
            .until(async |_| self.letters(account, id).await.len() >= count);
        if tokio::time::timeout(PATIENCE, waited).await.is_err() {
            panic!(
                "waited in vain for {count} messages: {:?}",
                self.letters(account, id).await
            );
        }
    }

    /// The conversations of the inbox: id and subject.
    pub async fn inbox(&self, account: AccountId) -> Vec<(ConversationId, String)> {
        let (mut all, mut after) = (Vec::new(), None);
        loop {
            let filter = ConversationFilter {
                folder: Some(Folder::Inbox),
                search: None,
                pupil_id: None,
                after,
                limit: Some(200),
            };
            let page = self.app.list_conversations(account, filter).await.unwrap();
            let rows = page.rows.into_iter();
            all.extend(rows.map(|row| (row.id, row.subject.reveal().to_owned())));
            after = page.after;
            if after.is_none() {
                return all;
            }
        }
    }
}
