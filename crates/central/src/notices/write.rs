//! Writes the notices of a batch: a few set-based queries find whom the causes concern, and a few statements write all.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use lac_domain::notices::{Reader, TOLD_ONE_BY_ONE, concerns};
use lac_domain::{ConversationId, EstablishmentId, MessageId, NoticeKind, PupilId, Role, UserId};
use sqlx::AssertSqlSafe;

use super::text::{self, Text};
use super::{Cause, Noted};
use crate::both;
use crate::error::StoreError;
use crate::messages::{body_place, conversation_key_place, subject_place};
use crate::scope::user_sees_pupil;
use crate::storage::{Column, JsonRows, hex_ids};
use crate::writer::{Audience, Changed, MessageNote, Tx};

/// Rows in one statement.
const BATCH: usize = 5_000;

impl Cause {
    fn kind(self) -> NoticeKind {
        match self {
            Self::NewToCare { .. } => NoticeKind::NewToCare,
            Self::SchoolMove { .. } => NoticeKind::SchoolMove,
            Self::NewChild { .. } => NoticeKind::NewChild,
            Self::AccessEnds { .. } => NoticeKind::AccessEnds,
            Self::NewEstablishment { .. } => NoticeKind::NewEstablishment,
            Self::BulkAddFinished { .. } => NoticeKind::BulkAddFinished,
        }
    }

    fn pupil(self) -> Option<PupilId> {
        match self {
            Self::NewToCare { pupil, .. }
            | Self::SchoolMove { pupil, .. }
            | Self::NewChild { pupil, .. }
            | Self::AccessEnds { pupil, .. } => Some(pupil),
            Self::NewEstablishment { .. } | Self::BulkAddFinished { .. } => None,
        }
    }

    /// The one user whom it can concern; none where that is for the rule to say.
    fn user(self) -> Option<UserId> {
        match self {
            Self::NewToCare { .. } | Self::SchoolMove { .. } => None,
            Self::NewChild { user, .. }
            | Self::AccessEnds { user, .. }
            | Self::NewEstablishment { user, .. }
            | Self::BulkAddFinished { user, .. } => Some(user),
        }
    }
}

/// An active user whom a cause may concern.
#[derive(sqlx::FromRow)]
struct Candidate {
    user_id: UserId,
    #[sqlx(try_from = "String")]
    role: Role,
    pupil_id: Option<PupilId>,
    sees: bool,
}

/// A notice that is to be written.
struct Notice {
    kind: NoticeKind,
    user: UserId,
    pupil: Option<PupilId>,
    text: Text,
}

impl Tx {
    /// Writes the notices of all causes of the batch.
    pub(crate) async fn write_notices(&mut self) -> Result<(), StoreError> {
        let noted = self.take_causes();
        if noted.is_empty() {
            return Ok(());
        }
        let noted = self.without_first_schools(noted).await?;
        let found = self.whom_they_concern(&noted).await?;
        if found.is_empty() {
            return Ok(());
        }
        let names = self.names_of(&noted).await?;
        let notices = merged(found, &names);
        for batch in notices.chunks(BATCH) {
            self.write_some_notices(batch).await?;
        }
        Ok(())
    }

    /// A pupil's first enrolment is no move.
    async fn without_first_schools(&mut self, noted: Vec<Noted>) -> Result<Vec<Noted>, StoreError> {
        let moved = |noted: &Noted| match noted.cause {
            Cause::SchoolMove { pupil, on } => Some((pupil, on)),
            _ => None,
        };
        let mut rows = JsonRows::new();
        for (pupil, on) in noted.iter().filter_map(moved) {
            rows.push(&[&pupil, &on]);
        }
        if rows.is_empty() {
            return Ok(noted);
        }
        let source = self
            .engine()
            .rows("$1", &[Column::Id("pupil_id"), Column::Day("on_day")]);
        let sql = format!(
            "SELECT r.pupil_id FROM {source} AS r WHERE EXISTS (SELECT 1 FROM enrolments n
               WHERE n.pupil_id = r.pupil_id AND n.kind = 'main' AND n.start_on < r.on_day)"
        );
        let json = rows.into_json();
        let before: Vec<PupilId> =
            both!(self.conn(), c => sqlx::query_scalar(AssertSqlSafe(sql)).bind(json).fetch_all(c).await)?;
        let before: HashSet<PupilId> = before.into_iter().collect();
        let keep = |one: &Noted| moved(one).is_none_or(|(pupil, _)| before.contains(&pupil));
        Ok(noted.into_iter().filter(keep).collect())
    }

    /// Asks the rule about each cause and each user whom it may concern; each kind, user and pupil once.
    async fn whom_they_concern(&mut self, noted: &[Noted]) -> Result<Vec<(UserId, Cause)>, StoreError> {
        let around: BTreeSet<PupilId> = noted
            .iter()
            .filter(|one| one.cause.user().is_none())
            .filter_map(|one| one.cause.pupil())
            .collect();
        let mut candidates = self.around(&around).await?;
        candidates.extend(self.alone(noted).await?);
        let roles: HashMap<UserId, Role> = candidates.iter().map(|one| (one.user_id, one.role)).collect();
        let sees: HashSet<(UserId, Option<PupilId>)> = candidates
            .iter()
            .filter(|one| one.sees)
            .map(|one| (one.user_id, one.pupil_id))
            .collect();
        let mut of_pupil: HashMap<PupilId, BTreeSet<UserId>> = HashMap::new();
        for one in &candidates {
            if let Some(pupil) = one.pupil_id {
                of_pupil.entry(pupil).or_default().insert(one.user_id);
            }
        }
        let unwanted = self.unwanted(roles.keys().copied()).await?;
        let newly: HashSet<(UserId, PupilId)> = noted
            .iter()
            .filter_map(|one| match one.cause {
                Cause::NewChild { user, pupil } => Some((user, pupil)),
                _ => None,
            })
            .collect();
        let (mut found, mut told) = (Vec::new(), HashSet::new());
        for Noted { cause, by } in noted {
            let (kind, pupil) = (cause.kind(), cause.pupil());
            let users: Vec<UserId> = match (cause.user(), pupil) {
                (Some(user), _) => vec![user],
                (None, Some(pupil)) => of_pupil.get(&pupil).into_iter().flatten().copied().collect(),
                (None, None) => Vec::new(),
            };
            for user in users {
                let Some(role) = roles.get(&user) else { continue };
                let reader = Reader {
                    role: *role,
                    sees: sees.contains(&(user, pupil)),
                    newly: pupil.is_some_and(|pupil| newly.contains(&(user, pupil))),
                    did_it: *by == Some(user),
                    unwanted: unwanted.get(&user).map_or(&[], Vec::as_slice),
                };
                let once = (
                    kind,
                    user,
                    pupil,
                    matches!(cause, Cause::NewEstablishment { .. }).then_some(found.len()),
                );
                if concerns(kind, &reader) && told.insert(once) {
                    found.push((user, *cause));
                }
            }
        }
        Ok(found)
    }

    /// The active users who may see pupils.
    async fn around(&mut self, pupils: &BTreeSet<PupilId>) -> Result<Vec<Candidate>, StoreError> {
        if pupils.is_empty() {
            return Ok(Vec::new());
        }
        let ids = self.engine().rows("$1", &[Column::Id("pupil_id")]);
        let sql = format!(
            "SELECT u.id AS user_id, u.role, r.pupil_id, TRUE AS sees FROM {ids} AS r
             JOIN users u ON u.role IN ('la_user', 'la_super_user') AND u.status = 'active' AND {}
             UNION ALL
             SELECT u.id, u.role, a.pupil_id, TRUE FROM {ids} AS r JOIN pupil_access a ON a.pupil_id = r.pupil_id
             JOIN users u ON u.id = a.user_id AND u.status = 'active' AND u.role NOT IN ('la_user', 'la_super_user')",
            user_sees_pupil("u", "r.pupil_id")
        );
        let mut rows = JsonRows::new();
        for pupil in pupils {
            rows.push(&[pupil]);
        }
        let json = rows.into_json();
        Ok(both!(self.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(json).fetch_all(c).await)?)
    }

    /// The active users whom one cause names, and whether they may see its pupil.
    async fn alone(&mut self, noted: &[Noted]) -> Result<Vec<Candidate>, StoreError> {
        let pairs: BTreeSet<(UserId, Option<PupilId>)> = noted
            .iter()
            .filter_map(|one| Some((one.cause.user()?, one.cause.pupil())))
            .collect();
        if pairs.is_empty() {
            return Ok(Vec::new());
        }
        let mut rows = JsonRows::new();
        for (user, pupil) in &pairs {
            rows.push(&[user, pupil]);
        }
        let source = self
            .engine()
            .rows("$1", &[Column::Id("user_id"), Column::Id("pupil_id")]);
        let sql = format!(
            "SELECT u.id AS user_id, u.role, r.pupil_id, (r.pupil_id IS NULL OR {}) AS sees
             FROM {source} AS r JOIN users u ON u.id = r.user_id WHERE u.status = 'active'",
            user_sees_pupil("u", "r.pupil_id")
        );
        let json = rows.into_json();
        Ok(both!(self.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(json).fetch_all(c).await)?)
    }

    async fn unwanted(
        &mut self,
        users: impl Iterator<Item = UserId>,
    ) -> Result<HashMap<UserId, Vec<NoticeKind>>, StoreError> {
        let sql = format!(
            "SELECT user_id, kind FROM unwanted_notices WHERE user_id IN {}",
            self.engine().ids("$1")
        );
        let ids = hex_ids(users);
        let rows: Vec<(UserId, String)> =
            both!(self.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
        let mut unwanted: HashMap<UserId, Vec<NoticeKind>> = HashMap::new();
        for (user, kind) in rows {
            unwanted.entry(user).or_default().extend(NoticeKind::parse(&kind).ok());
        }
        Ok(unwanted)
    }

    async fn names_of(&mut self, noted: &[Noted]) -> Result<Names, StoreError> {
        let pupils: BTreeSet<PupilId> = noted.iter().filter_map(|one| one.cause.pupil()).collect();
        let establishments: BTreeSet<EstablishmentId> = noted
            .iter()
            .filter_map(|one| match one.cause {
                Cause::NewEstablishment { establishment, .. } => Some(establishment),
                _ => None,
            })
            .collect();
        let list = self.engine().ids("$1");
        let mut names = Names::default();
        if !pupils.is_empty() {
            let (sql, ids) = (
                format!("SELECT id, known_as FROM pupils WHERE id IN {list}"),
                hex_ids(pupils),
            );
            let rows: Vec<(PupilId, String)> =
                both!(self.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
            names.pupils = rows.into_iter().collect();
        }
        if !establishments.is_empty() {
            let sql = format!("SELECT id, name FROM establishments WHERE id IN {list}");
            let ids = hex_ids(establishments);
            let rows: Vec<(EstablishmentId, String)> =
                both!(self.conn(), c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
            names.establishments = rows.into_iter().collect();
        }
        Ok(names)
    }

    async fn write_some_notices(&mut self, notices: &[Notice]) -> Result<(), StoreError> {
        let (keys, now) = (self.keys(), self.now());
        let (mut conversations, mut participants) = (JsonRows::new(), JsonRows::new());
        let mut counts: BTreeMap<NoticeKind, usize> = BTreeMap::new();
        for notice in notices {
            let (id, message): (ConversationId, MessageId) = (self.new_id()?, self.new_id()?);
            let (key, sealed_key) = keys.new_own_key(conversation_key_place(id))?;
            let sealed_subject = key.seal(subject_place(id), notice.text.subject.as_bytes())?;
            let sealed_body = key.seal(body_place(message), notice.text.body.as_bytes())?;
            conversations.push(&[&id, &sealed_key, &sealed_subject, &notice.pupil, &notice.kind.as_str()]);
            participants.push(&[&id, &notice.user]);
            self.add_message(MessageNote {
                id: message,
                conversation: id,
                pupil: notice.pupil,
                author: None,
                sealed_body,
                written_at: now,
                sent_at: now,
                // Who has just added a file sits at the desk.
                by_mail: notice.kind != NoticeKind::BulkAddFinished,
            });
            self.change(Audience::User(notice.user), Changed::Message(message));
            *counts.entry(notice.kind).or_default() += 1;
        }
        let columns = [
            Column::Id("id"),
            Column::Bytes("sealed_key"),
            Column::Bytes("sealed_subject"),
            Column::Id("pupil_id"),
            Column::Text("notice"),
        ];
        let source = self.engine().rows("$1", &columns);
        let sql = format!(
            "INSERT INTO conversations (id, sealed_key, sealed_subject, pupil_id, confidential, notice, started_at,
               message_count, last_number)
             SELECT id, sealed_key, sealed_subject, pupil_id, FALSE, notice, $2, 0, 0 FROM {source} AS r"
        );
        let json = conversations.into_json();
        both!(self.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).bind(now).execute(c).await.map(|_| ()))?;
        let source = self.engine().rows("$1", &[Column::Id("id"), Column::Id("user_id")]);
        let sql = format!(
            "INSERT INTO participants (conversation_id, user_id, joined_at, read_up_to)
             SELECT id, user_id, $2, 0 FROM {source} AS r"
        );
        let json = participants.into_json();
        both!(self.conn(), c => sqlx::query(AssertSqlSafe(sql)).bind(json).bind(now).execute(c).await.map(|_| ()))?;
        for (kind, count) in counts {
            let detail = serde_json::json!({ "kind": kind.as_str(), "count": count });
            self.audit("notices.written", "store", None, &detail);
        }
        Ok(())
    }
}

#[derive(Default)]
struct Names {
    pupils: HashMap<PupilId, String>,
    establishments: HashMap<EstablishmentId, String>,
}

impl Names {
    fn text(&self, cause: Cause) -> Text {
        let pupil = |id: PupilId| self.pupils.get(&id).map_or("A child", String::as_str);
        match cause {
            Cause::NewToCare { pupil: id, from } => text::new_to_care(pupil(id), from),
            Cause::SchoolMove { pupil: id, on } => text::school_move(pupil(id), on),
            Cause::NewChild { pupil: id, .. } => text::new_child(pupil(id)),
            Cause::AccessEnds { pupil: id, last, .. } => text::access_ends(pupil(id), last),
            Cause::NewEstablishment {
                establishment, from, ..
            } => {
                let name = self.establishments.get(&establishment);
                text::new_establishment(name.map_or("an establishment", String::as_str), from)
            }
            Cause::BulkAddFinished {
                kind,
                created,
                updated,
                refused,
                ..
            } => text::bulk_add_finished(kind, created, updated, refused),
        }
    }
}

/// A few of a kind are told one by one, many in one notice that names no child.
fn merged(found: Vec<(UserId, Cause)>, names: &Names) -> Vec<Notice> {
    let mut of_user: BTreeMap<(UserId, NoticeKind), Vec<Cause>> = BTreeMap::new();
    for (user, cause) in found {
        of_user.entry((user, cause.kind())).or_default().push(cause);
    }
    let mut notices = Vec::new();
    for ((user, kind), causes) in of_user {
        if causes.len() > TOLD_ONE_BY_ONE {
            notices.push(Notice {
                kind,
                user,
                pupil: None,
                text: text::many(kind, causes.len()),
            });
        } else {
            notices.extend(causes.into_iter().map(|cause| Notice {
                kind,
                user,
                pupil: cause.pupil(),
                text: names.text(cause),
            }));
        }
    }
    notices
}
