//! Receiving a file: announced, then piece after piece; judged when it is whole. The same piece twice, or a piece that
//! came out of order, changes nothing: the answer says where the next one begins.

use async_trait::async_trait;
use lac_domain::{AttachmentId, AttachmentKind, UserId};
use lac_import::{JudgedAttachment, MAX_ATTACHMENT_BYTES, judge_attachment, safe_file_name, too_big, why_not_taken};
use lac_wire::{AttachmentProgress, ErrorCode, NewAttachment};
use sha2::{Digest, Sha256};

use super::rows::{self, Upload, key_place, name_place, piece_place};
use crate::both;
use crate::error::{Failure, Refusal};
use crate::imports::on_own_thread;
use crate::keys::Keys;
use crate::scope::Scope;
use crate::settings;
use crate::store::Store;
use crate::writer::{Job, Tx};

/// What one user may have sent that no message names, in bytes: twenty of the biggest files.
const UNCLAIMED: i64 = 500_000_000;

fn refused(code: ErrorCode, message: &str) -> Refusal {
    Refusal::new(code, message).about("attachments")
}

/// A keyed hash by which the same content is known again.
fn fingerprint(keys: &Keys, sha256: &str, size: i64) -> [u8; 32] {
    keys.fingerprint(format!("attachment {size} {sha256}").as_bytes())
}

fn progress(upload: &Upload) -> AttachmentProgress {
    AttachmentProgress {
        received: upload.received,
        complete: upload.kind.is_some(),
    }
}

/// Announces a file, or says how much of it has arrived.
pub(super) async fn announce(
    store: &Store,
    scope: Scope,
    id: AttachmentId,
    new: &NewAttachment,
) -> Result<AttachmentProgress, Failure> {
    if new.size < 1 {
        return Err(Refusal::field("attachments", "This file is empty. Attach another one.").into());
    }
    if u64::try_from(new.size).is_ok_and(|size| size > MAX_ATTACHMENT_BYTES) {
        return Err(refused(ErrorCode::TooLarge, too_big()).into());
    }
    let sha256 = new.sha256.to_ascii_lowercase();
    if hex::decode(&sha256).is_ok_and(|bytes| bytes.len() == 32) {
        let fingerprint = fingerprint(store.keys(), &sha256, new.size);
        let found = {
            let mut conn = store.read().await?;
            rows::upload(&mut conn, id).await?
        };
        let upload = match found {
            Some(upload) => upload,
            None => {
                let (own, sealed_key) = store.keys().new_own_key(key_place(id))?;
                let name = safe_file_name(new.name.reveal());
                let job = Announce {
                    id,
                    size: new.size,
                    fingerprint: fingerprint.to_vec(),
                    sealed_name: own.seal(name_place(id), name.as_bytes())?,
                    sealed_key,
                };
                store.run(Some(scope.user), job).await?
            }
        };
        if upload.user_id != scope.user || upload.fingerprint != fingerprint {
            return Err(refused(
                ErrorCode::IdReused,
                "Another file was sent in the place of this one. Take it out, and attach it again.",
            )
            .into());
        }
        return finish(store, upload).await;
    }
    Err(Refusal::new(
        ErrorCode::Malformed,
        "The store did not understand this request. The application may need an update.",
    )
    .into())
}

/// Finds a file that the user is sending.
pub(super) async fn own_upload(store: &Store, scope: Scope, id: AttachmentId) -> Result<Upload, Failure> {
    let mut conn = store.read().await?;
    let found = rows::upload(&mut conn, id).await?;
    let own = found.filter(|upload| upload.user_id == scope.user);
    Ok(own.ok_or_else(|| Refusal::not_found().denied("attachment.send", "attachment", id.0))?)
}

/// Takes a piece.
pub(super) async fn take_piece(
    store: &Store,
    upload: Upload,
    offset: i64,
    bytes: &[u8],
) -> Result<AttachmentProgress, Failure> {
    let length = i64::try_from(bytes.len()).unwrap_or(i64::MAX);
    if upload.kind.is_some() || offset != upload.received || bytes.is_empty() {
        return finish(store, upload).await;
    }
    if length > upload.size - upload.received {
        return Err(refused(
            ErrorCode::AttachmentDamaged,
            "More of this file arrived than was announced. Take it out, and attach it again.",
        )
        .into());
    }
    let own = store.keys().own_key(key_place(upload.id), &upload.sealed_key)?;
    let job = Piece {
        id: upload.id,
        offset,
        length,
        sealed: own.seal(piece_place(upload.id, offset), bytes)?,
    };
    let upload = store.run(Some(upload.user_id), job).await?;
    finish(store, upload).await
}

/// Judges a file that has arrived whole. One that is not what it was said to be, or of a kind that is not taken, is
/// deleted, so that it can be sent anew.
async fn finish(store: &Store, upload: Upload) -> Result<AttachmentProgress, Failure> {
    if upload.kind.is_some() || upload.received < upload.size {
        return Ok(progress(&upload));
    }
    let (pieces, taken) = {
        let mut conn = store.read().await?;
        let taken = settings::load(&mut conn).await?.attachment_kinds;
        (rows::pieces(&mut conn, upload.id).await?, taken)
    };
    let (working, of) = (store.clone(), upload.clone());
    let verdict = on_own_thread(move || judge(working.keys(), &of, pieces, &taken)).await?;
    let (id, user) = (upload.id, upload.user_id);
    match verdict {
        Ok((kind, sealed_name)) => {
            let upload = store.run(Some(user), Finish { id, kind, sealed_name }).await?;
            Ok(progress(&upload))
        }
        Err(refusal) => {
            store
                .run(
                    Some(user),
                    Discard {
                        id,
                        why: refusal.code.as_str(),
                    },
                )
                .await?;
            Err(refusal.into())
        }
    }
}

type Verdict = Result<(AttachmentKind, Vec<u8>), Refusal>;

fn judge(
    keys: &Keys,
    upload: &Upload,
    pieces: Vec<(i64, Vec<u8>)>,
    taken: &[AttachmentKind],
) -> Result<Verdict, Failure> {
    let own = keys.own_key(key_place(upload.id), &upload.sealed_key)?;
    let mut bytes = Vec::with_capacity(usize::try_from(upload.size).unwrap_or_default());
    for (start, sealed) in pieces {
        bytes.extend(own.open(piece_place(upload.id, start), &sealed)?);
    }
    let sha256 = hex::encode(Sha256::digest(&bytes));
    let arrived = fingerprint(keys, &sha256, i64::try_from(bytes.len()).unwrap_or(i64::MAX));
    if arrived.as_slice() != upload.fingerprint {
        return Ok(Err(refused(
            ErrorCode::AttachmentDamaged,
            "An attachment did not arrive as it was sent. Try again; if it happens again, attach the file anew.",
        )));
    }
    let name = own.open_text(name_place(upload.id), &upload.sealed_name)?;
    let JudgedAttachment { kind, name } = judge_attachment(&name, &bytes);
    if let Some(why) = why_not_taken(kind, taken) {
        return Ok(Err(refused(ErrorCode::AttachmentKind, why)));
    }
    Ok(Ok((kind, own.seal(name_place(upload.id), name.as_bytes())?)))
}

async fn again(tx: &mut Tx, id: AttachmentId) -> Result<Upload, Failure> {
    let found = rows::upload(tx.conn(), id).await?;
    Ok(found.ok_or_else(|| {
        refused(
            ErrorCode::AttachmentMissing,
            "An attachment is no longer there. Try again; if it happens again, attach the file anew.",
        )
    })?)
}

struct Announce {
    id: AttachmentId,
    size: i64,
    fingerprint: Vec<u8>,
    sealed_key: Vec<u8>,
    sealed_name: Vec<u8>,
}

#[async_trait]
impl Job for Announce {
    type Output = Upload;

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<Upload, Failure> {
        let (user, now): (Option<UserId>, _) = (tx.actor(), tx.now());
        let sql =
            "SELECT CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM attachments WHERE user_id = $1 AND message_id IS NULL";
        let unclaimed: i64 = both!(tx.conn(), c => sqlx::query_scalar(sql).bind(user).fetch_one(c).await)?;
        if unclaimed + self.size > UNCLAIMED {
            return Err(refused(
                ErrorCode::TooLarge,
                "Too many files were sent that belong to no message yet. Send or delete those messages first; what nobody sends is forgotten after 7 days.",
            )
            .into());
        }
        let sql =
            "INSERT INTO attachments (id, user_id, size, fingerprint, received, sealed_key, sealed_name, touched_at)
                   VALUES ($1, $2, $3, $4, 0, $5, $6, $7) ON CONFLICT (id) DO NOTHING";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(self.id).bind(user).bind(self.size).bind(&self.fingerprint).bind(&self.sealed_key)
            .bind(&self.sealed_name).bind(now).execute(c).await.map(|_| ()))?;
        again(tx, self.id).await
    }
}

struct Piece {
    id: AttachmentId,
    offset: i64,
    length: i64,
    sealed: Vec<u8>,
}

#[async_trait]
impl Job for Piece {
    type Output = Upload;

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<Upload, Failure> {
        let now = tx.now();
        // Of two that send the same piece at once, one writes it.
        let sql = "UPDATE attachments SET received = received + $3, touched_at = $4
                   WHERE id = $1 AND received = $2 AND kind IS NULL RETURNING id";
        let taken: Option<AttachmentId> = both!(tx.conn(), c => sqlx::query_scalar(sql)
            .bind(self.id).bind(self.offset).bind(self.length).bind(now).fetch_optional(c).await)?;
        if taken.is_some() {
            let sql = "INSERT INTO attachment_pieces (attachment_id, start, sealed_bytes) VALUES ($1, $2, $3)";
            both!(tx.conn(), c => sqlx::query(sql)
                .bind(self.id).bind(self.offset).bind(&self.sealed).execute(c).await.map(|_| ()))?;
        }
        again(tx, self.id).await
    }
}

struct Finish {
    id: AttachmentId,
    kind: AttachmentKind,
    sealed_name: Vec<u8>,
}

#[async_trait]
impl Job for Finish {
    type Output = Upload;

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<Upload, Failure> {
        let sql = "UPDATE attachments SET kind = $2, sealed_name = $3 WHERE id = $1 AND kind IS NULL RETURNING size";
        let size: Option<i64> = both!(tx.conn(), c => sqlx::query_scalar(sql)
            .bind(self.id).bind(self.kind.as_str()).bind(&self.sealed_name).fetch_optional(c).await)?;
        if let Some(size) = size {
            let detail = serde_json::json!({ "kind": self.kind.as_str(), "size": size });
            tx.audit("attachment.arrived", "attachment", Some(self.id.0), &detail);
        }
        again(tx, self.id).await
    }
}

struct Discard {
    id: AttachmentId,
    why: &'static str,
}

#[async_trait]
impl Job for Discard {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let sql = "DELETE FROM attachments WHERE id = $1 AND kind IS NULL AND message_id IS NULL";
        both!(tx.conn(), c => sqlx::query(sql).bind(self.id).execute(c).await.map(|_| ()))?;
        let detail = serde_json::json!({ "why": self.why });
        tx.audit("attachment.refused", "attachment", Some(self.id.0), &detail);
        Ok(())
    }
}
