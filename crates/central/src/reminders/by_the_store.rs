//! The store's reminders and the authority's: what there is to remind of is worked out from what the store holds, and
//! compared with the reminders that are there. So none is made twice, and one whose cause is gone goes too.

use std::collections::HashMap;
use std::sync::atomic::Ordering;

use async_trait::async_trait;
use chrono::{NaiveDate, TimeDelta};
use lac_domain::reminders::{morning_of, term_moments};
use lac_domain::{ConversationId, EstablishmentId, PupilId, ReminderId, ReminderKind, Timestamp, UserId};
use sqlx::AssertSqlSafe;

use super::rows::text_place;
use crate::both;
use crate::error::{Failure, StoreError};
use crate::establishments::nobody_to_read_at_all;
use crate::keys::Keys;
use crate::scope::user_sees_pupil;
use crate::settings;
use crate::storage::{Bulk, Column, Conn, hex_ids};
use crate::store::Store;
use crate::writer::{Audience, Changed, Job, Tx};

/// How often it is worked out, and at once on a new day.
const EVERY: TimeDelta = TimeDelta::hours(1);
/// Days of the term are shown so long before, and so long after.
const TERM_BEFORE: TimeDelta = TimeDelta::days(14);
const TERM_AFTER: TimeDelta = TimeDelta::days(14);
/// An invitation that nobody took up for so long.
const INVITED: TimeDelta = TimeDelta::days(7);
/// Messages older than this are no longer waited for.
const MESSAGES: TimeDelta = TimeDelta::days(60);

/// A reminder that there should be.
#[derive(Debug, Clone)]
struct Wanted {
    cause: String,
    kind: ReminderKind,
    /// Whose it is; otherwise everyone's for a term, and LA roles' for the others.
    owner: Option<UserId>,
    text: String,
    pupil: Option<PupilId>,
    conversation: Option<ConversationId>,
    establishment: Option<EstablishmentId>,
    due: Timestamp,
}

impl Wanted {
    fn of(kind: ReminderKind, cause: String, text: String, due: Timestamp) -> Self {
        Self {
            cause,
            kind,
            owner: None,
            text,
            pupil: None,
            conversation: None,
            establishment: None,
            due,
        }
    }

    fn audience(&self) -> (&'static str, Audience) {
        match (self.owner, self.kind) {
            (Some(owner), _) => ("user", Audience::User(owner)),
            (None, ReminderKind::Term) => ("everyone", Audience::Everyone),
            (None, _) => ("la_roles", Audience::LaRoles),
        }
    }
}

/// A reminder of the store that there is.
#[derive(sqlx::FromRow)]
struct There {
    id: ReminderId,
    cause: String,
    owner_id: Option<UserId>,
    audience: String,
    sealed_text: Vec<u8>,
    due_at: Timestamp,
}

impl There {
    fn audience(&self) -> Audience {
        match (self.owner_id, self.audience.as_str()) {
            (Some(owner), _) => Audience::User(owner),
            (None, "everyone") => Audience::Everyone,
            (None, _) => Audience::LaRoles,
        }
    }
}

impl Store {
    /// Works the store's reminders out, once an hour and at once on a new day, whenever it is asked.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remind(&self) -> Result<(), Failure> {
        let before = Timestamp::from_unix_millis(self.reminded_at().load(Ordering::Acquire));
        let now = self.now();
        // A clock that was set back does not hold them up.
        let due = before.is_none_or(|before| {
            now < before || now.since(before) >= EVERY || before.london_date() != now.london_date()
        });
        if due { self.remind_now().await } else { Ok(()) }
    }

    /// Works the store's reminders out now.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn remind_now(&self) -> Result<(), Failure> {
        let now = self.now();
        let (wanted, there) = {
            let mut conn = self.read().await?;
            (wanted(&mut conn, now).await?, there(&mut conn).await?)
        };
        let change = Difference::of(wanted, &there, self.keys())?;
        if !change.is_empty() {
            self.run(None, change).await?;
        }
        self.reminded_at()
            .store(now.utc().timestamp_millis(), Ordering::Release);
        Ok(())
    }
}

async fn there(conn: &mut Conn) -> Result<Vec<There>, StoreError> {
    let sql = "SELECT id, cause, owner_id, audience, sealed_text, due_at FROM reminders WHERE cause IS NOT NULL";
    Ok(both!(conn, c => sqlx::query_as(sql).fetch_all(c).await)?)
}

async fn wanted(conn: &mut Conn, now: Timestamp) -> Result<Vec<Wanted>, StoreError> {
    let today = now.london_date();
    let row = settings::load(conn).await?;
    let mut wanted: Vec<Wanted> = term_moments(&row.calendar.terms)
        .into_iter()
        .filter(|moment| now.plus(TERM_BEFORE) >= moment.due && now <= moment.due.plus(TERM_AFTER))
        .map(|moment| Wanted::of(ReminderKind::Term, moment.key, moment.text, moment.due))
        .collect();
    wanted.extend(invitations(conn, now).await?);
    wanted.extend(not_linked(conn, today).await?);
    wanted.extend(nobody_to_read(conn, today).await?);
    let days = row.term_dates.unread_after_days;
    // Whole school days count, so today does not yet.
    let yesterday = today.pred_opt().unwrap_or(today);
    let since = midnight_after(row.calendar.school_days_before(yesterday, days));
    wanted.extend(unread(conn, now, since.min(now), days).await?);
    Ok(wanted)
}

/// The end of a day in London.
fn midnight_after(day: NaiveDate) -> Timestamp {
    Timestamp::from_london(day.succ_opt().unwrap_or(day).and_time(chrono::NaiveTime::MIN))
}

fn of(count: i64, one: &str, many: &str) -> String {
    if count == 1 {
        format!("1 {one}")
    } else {
        format!("{count} {many}")
    }
}

async fn invitations(conn: &mut Conn, now: Timestamp) -> Result<Option<Wanted>, StoreError> {
    let sql = "SELECT COUNT(*) FROM users u WHERE u.status = 'invited' AND NOT u.invitation_held
                 AND EXISTS (SELECT 1 FROM invitations i WHERE i.user_id = u.id AND i.created_at <= $1)";
    let count: i64 = both!(conn, c => sqlx::query_scalar(sql).bind(now.plus(-INVITED)).fetch_one(c).await)?;
    let text = format!(
        "{} not taken up for 7 days or more. Open Users to send them again.",
        of(count, "invitation was", "invitations were")
    );
    let kind = ReminderKind::InvitationsWaiting;
    Ok((count > 0).then(|| Wanted::of(kind, "invitations".to_owned(), text, now)))
}

async fn not_linked(conn: &mut Conn, today: NaiveDate) -> Result<Option<Wanted>, StoreError> {
    let sql = "SELECT COUNT(*) FROM users u WHERE u.role = 'designated_teacher' AND u.status <> 'inactive'
                 AND NOT EXISTS (SELECT 1 FROM establishment_links l
                       WHERE l.user_id = u.id AND (l.end_on IS NULL OR l.end_on >= $1))";
    let count: i64 = both!(conn, c => sqlx::query_scalar(sql).bind(today).fetch_one(c).await)?;
    let text = format!(
        "{} not linked to an establishment, and no pupil is seen. Open Users to link them.",
        of(count, "Designated Teacher is", "Designated Teachers are")
    );
    let due = morning_of(today);
    Ok((count > 0).then(|| Wanted::of(ReminderKind::NotLinked, "not_linked".to_owned(), text, due)))
}

/// Establishments with a looked-after pupil, and nobody to read a message.
async fn nobody_to_read(conn: &mut Conn, today: NaiveDate) -> Result<Vec<Wanted>, StoreError> {
    let sql = format!(
        "SELECT e.id, e.name FROM establishments e WHERE e.id IN (SELECT n.establishment_id FROM enrolments n
           WHERE n.end_on IS NULL OR n.end_on >= $1) AND {} ORDER BY e.id",
        nobody_to_read_at_all(today)
    );
    let rows: Vec<(EstablishmentId, String)> =
        both!(conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(today).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|(id, name)| {
            let text = format!("{name} has a looked-after pupil, and nobody there can read a message.");
            let kind = ReminderKind::NobodyToRead;
            Wanted {
                establishment: Some(id),
                ..Wanted::of(kind, format!("nobody:{id}"), text, morning_of(today))
            }
        })
        .collect())
}

#[derive(sqlx::FromRow)]
struct Unread {
    author_id: UserId,
    conversation_id: ConversationId,
    pupil_id: Option<PupilId>,
    people: i64,
}

/// Messages that were sent before an instant, and that someone who takes part and may read them has not read.
async fn unread(conn: &mut Conn, now: Timestamp, since: Timestamp, days: u32) -> Result<Vec<Wanted>, StoreError> {
    let sql = format!(
        "SELECT m.author_id, v.id AS conversation_id, v.pupil_id, COUNT(DISTINCT u.id) AS people
         FROM messages m JOIN conversations v ON v.id = m.conversation_id
         JOIN participants p ON p.conversation_id = v.id AND p.read_up_to < m.number
         JOIN users u ON u.id = p.user_id JOIN users a ON a.id = m.author_id
         WHERE v.notice IS NULL AND m.author_id <> u.id AND u.status = 'active' AND a.status = 'active'
           AND m.sent_at < $1 AND m.sent_at >= $2
           AND (v.pupil_id IS NULL OR ({} AND {}))
         GROUP BY m.author_id, v.id, v.pupil_id ORDER BY v.id, m.author_id",
        user_sees_pupil("u", "v.pupil_id"),
        user_sees_pupil("a", "v.pupil_id"),
    );
    let rows: Vec<Unread> = both!(conn, c => sqlx::query_as(AssertSqlSafe(sql))
        .bind(since).bind(now.plus(-MESSAGES)).fetch_all(c).await)?;
    Ok(rows
        .into_iter()
        .map(|row| {
            let text = format!(
                "{} not read what you wrote more than {} ago.",
                of(row.people, "person has", "people have"),
                of(i64::from(days), "school day", "school days")
            );
            let cause = format!("unread:{}:{}", row.conversation_id, row.author_id);
            Wanted {
                owner: Some(row.author_id),
                conversation: Some(row.conversation_id),
                pupil: row.pupil_id,
                ..Wanted::of(ReminderKind::MessageUnread, cause, text, now)
            }
        })
        .collect())
}

/// What has to be done so that there is what there should be.
struct Difference {
    made: Vec<Wanted>,
    changed: Vec<(ReminderId, Wanted)>,
    gone: Vec<(ReminderId, Audience)>,
}

impl Difference {
    fn of(wanted: Vec<Wanted>, there: &[There], keys: &Keys) -> Result<Self, StoreError> {
        let mut left: HashMap<&str, &There> = there.iter().map(|one| (one.cause.as_str(), one)).collect();
        let (mut made, mut changed) = (Vec::new(), Vec::new());
        for one in wanted {
            let Some(was) = left.remove(one.cause.as_str()) else {
                made.push(one);
                continue;
            };
            // A day of the term may have been moved; the others are due from when they were first seen.
            let due = if one.kind == ReminderKind::Term {
                one.due
            } else {
                was.due_at
            };
            let says_the_same = keys.open(text_place(was.id), &was.sealed_text)? == one.text.as_bytes();
            if !says_the_same || was.due_at != due {
                changed.push((was.id, Wanted { due, ..one }));
            }
        }
        let mut gone: Vec<(ReminderId, Audience)> = left.values().map(|one| (one.id, one.audience())).collect();
        gone.sort_by_key(|(id, _)| *id);
        Ok(Self { made, changed, gone })
    }

    fn is_empty(&self) -> bool {
        self.made.is_empty() && self.changed.is_empty() && self.gone.is_empty()
    }
}

const COLUMNS: &[Column] = &[
    Column::Id("id"),
    Column::Text("kind"),
    Column::Text("audience"),
    Column::Id("owner_id"),
    Column::Text("cause"),
    Column::Bytes("sealed_text"),
    Column::Id("pupil_id"),
    Column::Id("conversation_id"),
    Column::Id("establishment_id"),
    Column::Instant("due_at"),
    Column::Instant("created_at"),
];

#[async_trait]
impl Job for Difference {
    type Output = ();

    fn exclusive(&self) -> bool {
        false
    }

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let (keys, now) = (tx.keys(), tx.now());
        // Another process may have made some of them meanwhile.
        let mut rows = Bulk::into(tx.engine(), "reminders", COLUMNS).or_nothing();
        let mut told = Vec::with_capacity(self.made.len());
        for one in &self.made {
            let id: ReminderId = tx.new_id()?;
            let sealed = keys.seal(text_place(id), one.text.as_bytes())?;
            let (audience, whom) = one.audience();
            rows.add(
                tx.conn(),
                &[
                    &id,
                    &one.kind.as_str(),
                    &audience,
                    &one.owner,
                    &one.cause,
                    &sealed,
                    &one.pupil,
                    &one.conversation,
                    &one.establishment,
                    &one.due,
                    &now,
                ],
            )
            .await?;
            told.push((whom, id));
        }
        rows.finish(tx.conn()).await?;
        for (whom, id) in told {
            tx.change(whom, Changed::Reminder(id));
        }
        for (id, one) in &self.changed {
            let sealed = keys.seal(text_place(*id), one.text.as_bytes())?;
            let sql = "UPDATE reminders SET sealed_text = $2, due_at = $3 WHERE id = $1";
            both!(tx.conn(), c => sqlx::query(sql)
                .bind(*id).bind(sealed).bind(one.due).execute(c).await.map(|_| ()))?;
            tx.change(one.audience().1, Changed::Reminder(*id));
        }
        let sql = format!("DELETE FROM reminders WHERE id IN {}", tx.engine().ids("$1"));
        let ids = hex_ids(self.gone.iter().map(|(id, _)| *id));
        both!(tx.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(ids).execute(c).await.map(|_| ()))?;
        for (id, audience) in &self.gone {
            tx.change(*audience, Changed::Reminder(*id));
        }
        let detail = serde_json::json!({
            "made": self.made.len(), "changed": self.changed.len(), "gone": self.gone.len(),
        });
        tx.audit("reminders.worked_out", "store", None, &detail);
        Ok(())
    }
}
