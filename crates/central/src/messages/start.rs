//! Begins a conversation.

use lac_domain::{ConversationId, PupilId, UserId};
use lac_wire::{ErrorCode, NewMessage, Private, Recipient};

use super::command::Taken;
use super::late::Standing;
use super::recipients::{Asked, allowed, candidates};
use super::rows::{conversation_key_place, subject_place};
use super::write::{About, check_body, check_subject, id_reused};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::scope::Scope;
use crate::writer::{Changed, Tx};

/// The command's content.
pub(super) struct Start<'a> {
    pub id: ConversationId,
    pub subject: &'a Private,
    pub pupil: Option<PupilId>,
    pub confidential: bool,
    pub recipients: &'a [Recipient],
    pub message: &'a NewMessage,
}

/// Whom it goes to, and whom it does not.
struct Goes {
    to: Vec<UserId>,
    /// Of those, whose names others must be shown: LA roles are seen by everyone.
    to_be_seen: Vec<UserId>,
    left_out: Vec<UserId>,
    late: bool,
}

pub(super) async fn start(tx: &mut Tx, scope: Scope, start: Start<'_>) -> Result<Taken, Failure> {
    let subject = check_subject(start.subject)?;
    check_body(&start.message.body)?;
    let sql = "SELECT EXISTS (SELECT 1 FROM conversations WHERE id = $1)";
    let taken: bool = both!(tx.conn(), c => sqlx::query_scalar(sql).bind(start.id).fetch_one(c).await)?;
    if taken {
        return Err(id_reused().into());
    }
    tx.require_new_message(start.message.id).await?;
    let goes = goes(tx, scope, &start).await?;
    let about = About {
        id: start.id,
        pupil: start.pupil,
        confidential: start.confidential,
    };
    let (key, sealed_key) = tx.keys().new_own_key(conversation_key_place(start.id))?;
    let sealed_subject = key.seal(subject_place(start.id), subject.as_bytes())?;
    let now = tx.now();
    let sql =
        "INSERT INTO conversations (id, sealed_key, sealed_subject, pupil_id, confidential, started_by, started_at,
                 message_count, last_number) VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0)";
    both!(tx.conn(), c => sqlx::query(sql)
        .bind(start.id).bind(sealed_key).bind(sealed_subject).bind(start.pupil).bind(start.confidential)
        .bind(scope.user).bind(now).execute(c).await.map(|_| ()))?;
    tx.add_participants(start.id, goes.to.iter().copied().chain([scope.user]))
        .await?;
    tx.claim_attachments(
        scope.user,
        (start.id, start.message.id),
        &key,
        &start.message.attachments,
    )
    .await?;
    tx.write_message(about, scope.user, &key, start.message)?;
    // Who shares a conversation may see each other's names.
    for person in goes
        .to_be_seen
        .iter()
        .copied()
        .chain((!scope.is_la()).then_some(scope.user))
    {
        tx.tell_readers(about, Changed::Person(person));
    }
    let detail = serde_json::json!({
        "message": start.message.id, "pupil": start.pupil, "confidential": start.confidential, "to": goes.to,
        "left_out": goes.left_out, "late": goes.late, "attachments": start.message.attachments,
    });
    tx.audit("conversation.started", "conversation", Some(start.id.0), &detail);
    Ok(Taken {
        conversation: Some(start.id),
        message: Some(start.message.id),
        left_out: goes.left_out,
        ..Taken::default()
    })
}

async fn goes(tx: &mut Tx, scope: Scope, start: &Start<'_>) -> Result<Goes, Failure> {
    let standing = match start.pupil {
        None => Standing::Now,
        Some(pupil) => tx.standing(scope, pupil).await?,
    };
    let pupil = match (standing, start.pupil) {
        (Standing::Never, pupil) => {
            return Err(Refusal::not_found()
                .denied("conversation.start", "pupil", pupil.map(Into::into))
                .into());
        }
        (Standing::Now, _) | (_, None) => None,
        (Standing::Before { .. }, Some(pupil)) => Some(pupil),
    };
    let chosen = candidates(tx.conn(), scope, start.recipients, start.pupil).await?;
    let Some(pupil) = pupil else {
        let to = allowed(chosen, Asked::Send)?;
        return Ok(Goes {
            to_be_seen: to
                .iter()
                .filter(|person| !person.role.is_la())
                .map(|person| person.id)
                .collect(),
            to: to.into_iter().map(|person| person.id).collect(),
            left_out: Vec::new(),
            late: false,
        });
    };
    let (mut to, others): (Vec<_>, Vec<_>) = chosen
        .into_iter()
        .partition(|person| person.role.is_la() && person.entitled);
    to.retain(|person| person.role.is_la());
    let mut to: Vec<UserId> = to.into_iter().map(|person| person.id).collect();
    if to.is_empty() {
        to = tx.la_roles_entitled(pupil, scope.user).await?;
    }
    if to.is_empty() {
        return Err(Refusal::new(
            ErrorCode::NoRecipients,
            "Nobody in the Virtual School can receive this at the moment. Telephone them.",
        )
        .about("recipients")
        .into());
    }
    let by_name: Vec<UserId> = others
        .iter()
        .filter(|person| person.by_name)
        .map(|person| person.id)
        .collect();
    let left_out = tx.once_around(pupil, &by_name).await?;
    Ok(Goes {
        to,
        to_be_seen: Vec::new(),
        left_out,
        late: true,
    })
}
