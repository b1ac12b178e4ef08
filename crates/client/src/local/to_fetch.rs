//! What has still to be fetched, noted in the transaction that found it out.

use lac_domain::{ConversationId, PupilId};
use sqlx::SqliteConnection;
use uuid::Uuid;

use crate::failure::Failure;

/// Something that has still to be fetched.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub(crate) enum ToFetch {
    /// The people whom the user may see, anew.
    People,
    /// The history of a pupil who came into view.
    History(PupilId),
    /// A conversation with its messages: it is not held whole.
    Conversation(ConversationId),
    /// The reminders, anew.
    Reminders,
    /// The whole held set.
    Everything,
}

impl ToFetch {
    fn parts(self) -> (&'static str, Uuid) {
        match self {
            Self::People => ("people", Uuid::nil()),
            Self::History(pupil) => ("history", pupil.0),
            Self::Conversation(conversation) => ("conversation", conversation.0),
            Self::Reminders => ("reminders", Uuid::nil()),
            Self::Everything => ("everything", Uuid::nil()),
        }
    }

    /// Notes it.
    pub(crate) async fn note(self, conn: &mut SqliteConnection) -> Result<(), Failure> {
        let (kind, id) = self.parts();
        sqlx::query("INSERT INTO to_fetch (kind, id) VALUES ($1, $2) ON CONFLICT DO NOTHING")
            .bind(kind)
            .bind(id)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// It was fetched, or need not be any more.
    pub(crate) async fn done(self, conn: &mut SqliteConnection) -> Result<(), Failure> {
        let (kind, id) = self.parts();
        sqlx::query("DELETE FROM to_fetch WHERE kind = $1 AND id = $2")
            .bind(kind)
            .bind(id)
            .execute(conn)
            .await?;
        Ok(())
    }

    /// Everything is being fetched from now on: whatever was noted before comes with it.
    pub(crate) async fn begin_everything(conn: &mut SqliteConnection) -> Result<(), Failure> {
        sqlx::query("DELETE FROM to_fetch WHERE kind <> 'everything'")
            .execute(conn)
            .await?;
        Ok(())
    }

    /// All that has still to be fetched.
    pub(crate) async fn all(conn: &mut SqliteConnection) -> Result<Vec<Self>, Failure> {
        // The whole before its parts, and histories before single conversations: the one may bring the other.
        let sql = "SELECT kind, id FROM to_fetch ORDER BY kind = 'everything' DESC, kind DESC, id";
        let rows: Vec<(String, Uuid)> = sqlx::query_as(sql).fetch_all(conn).await?;
        Ok(rows
            .into_iter()
            .map(|(kind, id)| match kind.as_str() {
                "people" => Self::People,
                "reminders" => Self::Reminders,
                "history" => Self::History(id.into()),
                "conversation" => Self::Conversation(id.into()),
                _ => Self::Everything,
            })
            .collect())
    }
}
