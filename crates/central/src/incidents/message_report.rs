//! Who could see a message, who read it, and whose devices took it.

use std::collections::{BTreeMap, HashMap, HashSet};

use lac_domain::{AttachmentId, ConversationId, MessageId, PupilId, Timestamp, UserId};
use lac_wire::{MessageReport, ReportDevice, ReportPerson, Withdrawn};
use serde_json::Value;
use sqlx::AssertSqlSafe;
use uuid::Uuid;

use super::acts::{Act, devices, in_contact_since, names, on};
use super::times::{self, Time};
use crate::both;
use crate::error::{Failure, Refusal, StoreError};
use crate::messages::{About, load_messages};
use crate::scope::{Scope, user_sees_pupil};
use crate::storage::{Conn, hex_ids};
use crate::store::Store;

/// Somebody who could see a message.
#[derive(Debug, Clone)]
pub(super) struct Seer {
    pub id: UserId,
    takes_part: bool,
    time: Time,
}

/// Everyone who could see a message from when it was sent until it was withdrawn: who takes part, who could read all
/// about the pupil, and who of the Virtual School opened it.
pub(super) async fn who_could_see(
    conn: &mut Conn,
    about: About,
    message: MessageId,
    sent_at: Timestamp,
    until: Option<Timestamp>,
) -> Result<Vec<Seer>, StoreError> {
    let sql = "SELECT p.user_id, p.joined_at, u.role FROM participants p JOIN users u ON u.id = p.user_id
               WHERE p.conversation_id = $1";
    let parts: Vec<(UserId, Timestamp, String)> =
        both!(conn, c => sqlx::query_as(sql).bind(about.id).fetch_all(c).await)?;
    let always = Time {
        from: sent_at,
        until: None,
    };
    let mut seers: BTreeMap<UserId, Seer> = BTreeMap::new();
    let times = match about.pupil {
        Some(pupil) => times::of_pupils(conn, &[pupil]).await?,
        None => times::Times::new(),
    };
    let latest = |user: UserId, from: Timestamp| {
        let times = about.pupil.and_then(|pupil| times.get(&(user, pupil)))?;
        times.iter().rev().find_map(|time| time.within(from, until))
    };
    for (id, joined_at, role) in &parts {
        let from = sent_at.max(*joined_at);
        // Taking part never outlives being entitled to the pupil; LA roles are entitled without a note of it.
        let time = if about.pupil.is_none() || role.starts_with("la_") {
            Time { from, ..always }.within(from, until)
        } else {
            latest(*id, from)
        };
        if let Some(time) = time {
            seers.insert(
                *id,
                Seer {
                    id: *id,
                    takes_part: true,
                    time,
                },
            );
        }
    }
    let Some(pupil) = about.pupil else {
        return Ok(seers.into_values().collect());
    };
    if !about.confidential {
        let reads_all = reads_all(conn, pupil).await?;
        for (id, _) in times.keys() {
            if !seers.contains_key(id)
                && reads_all.contains(id)
                && let Some(time) = latest(*id, sent_at)
            {
                seers.insert(
                    *id,
                    Seer {
                        id: *id,
                        takes_part: false,
                        time,
                    },
                );
            }
        }
    }
    let opened = opened(conn, about.id, Some(pupil), message, sent_at).await?;
    let of_virtual_school = names(conn, opened.iter().map(|act| act.by)).await?;
    for act in opened {
        let la = of_virtual_school.get(&act.by).is_some_and(|name| name.role.is_la());
        if la && until.is_none_or(|until| act.at < until) {
            seers.entry(act.by).or_insert(Seer {
                id: act.by,
                takes_part: false,
                time: always,
            });
        }
    }
    Ok(seers.into_values().collect())
}

/// Who could or can read all that is written about a pupil.
async fn reads_all(conn: &mut Conn, pupil: PupilId) -> Result<HashSet<UserId>, StoreError> {
    let sql = "SELECT user_id FROM pupil_access WHERE pupil_id = $1 AND reads_all
               UNION SELECT user_id FROM pupil_access_ended WHERE pupil_id = $1 AND reads_all";
    let ids: Vec<UserId> = both!(conn, c => sqlx::query_scalar(sql).bind(pupil).fetch_all(c).await)?;
    Ok(ids.into_iter().collect())
}

/// What was done to a message's conversation, pupil and files since it was sent that opens it.
async fn opened(
    conn: &mut Conn,
    conversation: ConversationId,
    pupil: Option<PupilId>,
    message: MessageId,
    from: Timestamp,
) -> Result<Vec<Act>, StoreError> {
    let sql = "SELECT id FROM attachments WHERE message_id = $1";
    let files: Vec<AttachmentId> = both!(conn, c => sqlx::query_scalar(sql).bind(message).fetch_all(c).await)?;
    let objects = std::iter::once(conversation.0).chain(pupil.map(|pupil| pupil.0));
    let acts = on(conn, objects.chain(files.iter().map(|file| file.0)), from).await?;
    Ok(acts.into_iter().filter(|act| act.is_one_of(OPENS)).collect())
}

/// What opens a conversation, a history or a file.
const OPENS: &[&str] = &[
    "conversation.read",
    "conversation.fetched",
    "history.read",
    "history.fetched",
    "history.exported",
    "attachment.opened",
    "attachment.fetched",
];

#[derive(sqlx::FromRow)]
struct Found {
    conversation_id: ConversationId,
    pupil_id: Option<PupilId>,
    confidential: bool,
}

/// The report on a message; for LA Super Users who may read its conversation.
///
/// # Errors
/// A refusal, or what failed.
pub(super) async fn report(store: &Store, scope: Scope, message: MessageId) -> Result<MessageReport, Failure> {
    scope.require_super_user()?;
    let mut guard = store.read().await?;
    let conn = &mut guard;
    let found = load_messages(conn, store.keys(), scope, [message]).await?.pop();
    let found = found.ok_or_else(|| Refusal::not_found().denied("message.report", "message", message.0))?;
    let sql = "SELECT id AS conversation_id, pupil_id, confidential FROM conversations WHERE id = $1";
    let conversation: Found = both!(conn, c => sqlx::query_as(sql).bind(found.conversation_id).fetch_one(c).await)?;
    let about = About {
        id: conversation.conversation_id,
        pupil: conversation.pupil_id,
        confidential: conversation.confidential,
    };
    let until = found.withdrawn.as_ref().map(|withdrawn| withdrawn.at);
    let seers = who_could_see(conn, about, message, found.sent_at, until).await?;
    let ids: Vec<UserId> = seers.iter().map(|seer| seer.id).collect();
    let opened = opened(conn, about.id, about.pupil, message, found.sent_at).await?;
    let also = found
        .author_id
        .into_iter()
        .chain(found.withdrawn.as_ref().map(|one| one.by));
    let names = names(conn, ids.iter().copied().chain(also)).await?;
    let mailed = mailed(conn, &ids, found.sent_at).await?;
    let mut devices = report_devices(conn, &ids, message, found.sent_at, found.withdrawn.as_ref()).await?;
    let mut people: Vec<ReportPerson> = seers
        .into_iter()
        .filter_map(|seer| {
            let name = names.get(&seer.id)?;
            let first = |holds: &dyn Fn(&Act) -> bool| {
                let own = opened
                    .iter()
                    .filter(|act| act.by == seer.id && until.is_none_or(|until| act.at < until));
                own.filter(|act| holds(act)).map(|act| act.at).next()
            };
            let read = |act: &Act| {
                act.action == "conversation.read"
                    && act.detail.get("up_to").and_then(Value::as_i64).unwrap_or(0) >= found.number
            };
            Some(ReportPerson {
                id: seer.id,
                name: name.name.clone(),
                role: name.role,
                takes_part: seer.takes_part,
                from: seer.time.from,
                until: seer.time.until.filter(|end| Some(*end) != until),
                read_at: first(&read),
                opened_at: first(&|act| {
                    act.is_one_of(&[
                        "history.read",
                        "history.fetched",
                        "history.exported",
                        "conversation.fetched",
                    ])
                }),
                file_opened_at: first(&|act| act.is_one_of(&["attachment.opened", "attachment.fetched"])),
                mailed_at: mailed
                    .get(&seer.id)
                    .copied()
                    .filter(|at| until.is_none_or(|until| *at < until)),
                devices: devices.remove(&seer.id).unwrap_or_default(),
            })
        })
        .collect();
    let key = |person: &ReportPerson| {
        let had = person.read_at.or(person.opened_at).or(person.file_opened_at);
        (
            had.is_none(),
            names.get(&person.id).map(|name| name.name_key.clone()),
            person.id,
        )
    };
    people.sort_by_cached_key(key);
    let author = found.author_id.and_then(|author| names.get(&author));
    let by = found.withdrawn.as_ref().and_then(|withdrawn| names.get(&withdrawn.by));
    Ok(MessageReport {
        message_id: message,
        conversation_id: about.id,
        sent_at: found.sent_at,
        author: author.map(|name| name.name.clone()).unwrap_or_default(),
        attachments: count_files(conn, message).await?,
        withdrawn_by: by.map(|name| name.name.clone()).unwrap_or_default(),
        withdrawn: found.withdrawn,
        others: others(conn, about.pupil, &ids).await?,
        people,
        at: store.now(),
    })
}

async fn count_files(conn: &mut Conn, message: MessageId) -> Result<i64, StoreError> {
    let sql = "SELECT COUNT(*) FROM attachments WHERE message_id = $1";
    Ok(both!(conn, c => sqlx::query_scalar(sql).bind(message).fetch_one(c).await)?)
}

/// When each was first told by mail, since an instant, that something is unread.
async fn mailed(conn: &mut Conn, users: &[UserId], from: Timestamp) -> Result<HashMap<UserId, Timestamp>, StoreError> {
    let sql = format!(
        "SELECT user_id, sent_at FROM mails WHERE user_id IN {} AND kind = 'unread' AND state = 'sent' AND sent_at >= $2
         ORDER BY sent_at",
        conn.engine().ids("$1")
    );
    let ids = hex_ids(users.iter().copied());
    let rows: Vec<(UserId, Timestamp)> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).bind(from).fetch_all(c).await)?;
    let mut first = HashMap::new();
    for (user, at) in rows {
        first.entry(user).or_insert(at);
    }
    Ok(first)
}

/// The devices of those who could see a message: as they were noted when it was withdrawn, or as they are now.
async fn report_devices(
    conn: &mut Conn,
    users: &[UserId],
    message: MessageId,
    sent_at: Timestamp,
    withdrawn: Option<&Withdrawn>,
) -> Result<HashMap<UserId, Vec<ReportDevice>>, StoreError> {
    let mut of: HashMap<UserId, Vec<ReportDevice>> = HashMap::new();
    if withdrawn.is_some() {
        let sql = "SELECT user_id, device_name, last_contact, confirmed_at, device_id FROM withdrawal_devices
                   WHERE message_id = $1 ORDER BY user_id, last_contact DESC, device_id";
        type Row = (UserId, String, Timestamp, Option<Timestamp>, Uuid);
        let rows: Vec<Row> = both!(conn, c => sqlx::query_as(sql).bind(message).fetch_all(c).await)?;
        for (user, name, last_contact, confirmed_at, _) in rows {
            of.entry(user).or_default().push(ReportDevice {
                name,
                last_contact,
                took: true,
                confirmed_at,
            });
        }
        return Ok(of);
    }
    for device in devices(conn, users.iter().copied()).await? {
        let took = in_contact_since(&device, sent_at);
        of.entry(device.user_id).or_default().push(ReportDevice {
            name: device.device_name,
            last_contact: device.last_used_at,
            took,
            confirmed_at: None,
        });
    }
    Ok(of)
}

/// How many of the Virtual School may see the pupil and are not among those listed.
async fn others(conn: &mut Conn, pupil: Option<PupilId>, listed: &[UserId]) -> Result<i64, StoreError> {
    let Some(pupil) = pupil else { return Ok(0) };
    let sql = format!(
        "SELECT COUNT(*) FROM users u WHERE u.role IN ('la_user', 'la_super_user') AND u.status <> 'inactive' AND {}
           AND u.id NOT IN {}",
        user_sees_pupil("u", "$1"),
        conn.engine().ids("$2")
    );
    let ids = hex_ids(listed.iter().copied());
    Ok(both!(conn, c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(pupil).bind(ids).fetch_one(c).await)?)
}
