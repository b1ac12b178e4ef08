//! Which kinds of attachments the authority takes.

use async_trait::async_trait;
use clap::Args;
use lac_domain::AttachmentKind;
use std::io::Write;

use crate::error::{Failure, Refusal, StoreError};
use crate::settings;
use crate::store::Store;
use crate::writer::{Audience, Changed, Job, Tx};

/// `lac-central attachments`: shows which kinds are taken, or says it anew.
#[derive(Debug, Args)]
pub struct AttachmentKinds {
    /// The kinds to take from now on, separated by commas: pdf, word, excel, power_point, old_office, open_document,
    /// text, csv, image, email, macro_document, archive
    #[arg(long, value_delimiter = ',')]
    take: Option<Vec<String>>,
}

impl AttachmentKinds {
    /// Does it.
    ///
    /// # Errors
    /// When a kind is not known, or the database fails.
    pub async fn run(self, store: &Store, out: &mut impl Write) -> Result<u8, Failure> {
        if let Some(words) = self.take {
            let kinds: Result<Vec<_>, _> = words.iter().map(|word| AttachmentKind::parse(word)).collect();
            let kinds = kinds.map_err(|error| Refusal::field("take", error.to_string()))?;
            store.run(None, TakeAttachmentKinds(kinds)).await?;
        }
        let kinds = {
            let mut conn = store.read().await?;
            settings::load(&mut conn).await?.attachment_kinds
        };
        for kind in kinds {
            writeln!(out, "{:15} {kind}", kind.as_str()).map_err(StoreError::File)?;
        }
        Ok(0)
    }
}

/// Sets the kinds; every device is told.
pub struct TakeAttachmentKinds(pub Vec<AttachmentKind>);

#[async_trait]
impl Job for TakeAttachmentKinds {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        if self.0.contains(&AttachmentKind::Other) {
            let message = "What a computer could run, or what is of no known kind, is never taken.";
            return Err(Refusal::field("take", message).into());
        }
        settings::change(tx.conn(), |settings| settings.attachment_kinds = Some(self.0.clone())).await?;
        tx.change(Audience::Everyone, Changed::Me);
        tx.audit(
            "settings.changed",
            "store",
            None,
            &serde_json::json!({ "attachment_kinds": self.0 }),
        );
        Ok(())
    }
}
