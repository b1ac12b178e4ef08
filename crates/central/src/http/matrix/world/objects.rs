//! What each row of the matrix is asked for: something that whoever asks may have, and all that they may not.

use lac_domain::{AttachmentId, PupilId, Role, SessionId};
use lac_wire::{Command, CommandReply, OwnSession};
use uuid::Uuid;

use super::super::ask::{ask, send};
use super::super::row::{Object, Row};
use super::super::table::TABLE;
use super::{Actor, Thing, World};
use crate::both;
use crate::test_support::{TestPupil, TestStore, TestUser, answer, new_uuid};

impl World<'_> {
    /// A user as the form for adding and editing users holds them.
    pub fn entry(&self, first_name: &str, last_name: &str) -> serde_json::Value {
        serde_json::json!({
            "role": Role::SocialWorker, "first_name": first_name, "last_name": last_name, "job_title": "",
            "email": format!("{first_name}.{last_name}@example.org"), "phone": "", "links": [],
        })
    }

    /// Tom's record as it is, for an edit that changes nothing.
    pub fn record(&self) -> serde_json::Value {
        serde_json::json!({
            "legal_first_name": "Tom", "legal_last_name": "Vellichor", "former_names": "", "known_as": "Tom Vellichor",
            "born": "2014-05-04", "upn": null, "reference": null, "year_group": null, "caseworker_id": null,
            "social_worker_id": null, "social_worker_name": "", "social_worker_team": "", "social_worker_phone": "",
            "ehcp": false, "out_of_authority": false, "no_school_since": null, "no_school_reason": "",
            "held_from_schools_until": null,
        })
    }

    /// A month in the past by a role, and a day of it, so that what two roles add does not overlap.
    pub fn month_of(&self, role: Role) -> [String; 2] {
        let year = if role == Role::LaUser { 2019 } else { 2020 };
        [format!("{year}-03-02"), format!("{year}-03-30")]
    }

    /// What a row is asked for by somebody who may have it.
    pub async fn entitled(&self, row: &Row, actor: &Actor) -> Uuid {
        match row.object {
            Object::Nothing => Uuid::nil(),
            Object::Pupil | Object::PupilWrittenAbout | Object::PupilToRestrict => self.tom,
            Object::PupilToClose => {
                let pupil = TestPupil::at("Wilhelmina Nightjar", self.school);
                self.store.pupil(pupil).await.0
            }
            Object::Recipient => self.xanthippe.id.0,
            Object::Establishment | Object::EstablishmentNamed => self.school.0,
            Object::User | Object::InvitedUser => self.invited,
            Object::UserAction => self.action().await,
            Object::ColleagueRequest => self.request().await,
            Object::Unlinked => self.unlinked().await,
            Object::Link => self.link_of_stranger().await,
            Object::FutureLink => self.future_link().await,
            Object::NewlyAssigned => self.newcomer().await,
            Object::Assignment => self.assignment_to(PupilId(self.tom)).await.unwrap().0,
            Object::Conversation => self.shared.0,
            Object::Message => self.fresh_message().await,
            Object::Enrolment => {
                self.rows_of("SELECT id FROM enrolments WHERE pupil_id = $1", &[self.tom])
                    .await[0]
            }
            Object::ConversationToLeave => {
                let with = vec![crate::test_support::to(&self.xanthippe)];
                actor
                    .user
                    .begins(self.store, None, with, "A sentence of no weight")
                    .await
                    .0
            }
            Object::OwnList => self.list_of(&actor.user).await,
            Object::Reminder => Self::reminder_of(self.store, &actor.user).await,
            Object::Session => self.session_of(&actor.user.on_another_device(self.store).await).await.0,
            Object::HandEstablishment => self.store.school("Skulpit’s Nursery").await.0,
            Object::OldEstablishment => self.old.0,
            Object::EstablishmentImport => self.judged("PUT /v1/establishment-imports/{id}").await,
            Object::NewImport | Object::NewAttachment | Object::NewList => new_uuid(),
            Object::Attachment => self.attachments[&self.shared.0],
            Object::Upload => self.upload(&actor.user).await,
            Object::Import => self.judged("PUT /v1/imports/{id}").await,
            Object::CommittedImport => self.committed().await,
        }
    }

    /// A message of the shared conversation that nothing else of the matrix asks for.
    async fn fresh_message(&self) -> Uuid {
        let from = &self.actors.last().unwrap().user;
        let reply: CommandReply = from
            .command(answer(self.store, self.shared, "Of no weight"))
            .await
            .json();
        reply.message.unwrap().id.0
    }

    /// The ids that a query gives for each of some ids, which it names as `$1`.
    async fn rows_of(&self, sql: &'static str, ids: &[Uuid]) -> Vec<Uuid> {
        let mut all: Vec<Uuid> = Vec::new();
        let mut conn = self.store.store.read().await.unwrap();
        for id in ids {
            let found: Vec<Uuid> = both!(&mut conn, c => sqlx::query_scalar(sql).bind(id).fetch_all(c).await).unwrap();
            all.extend(found);
        }
        all
    }

    /// A list of a user's own.
    async fn list_of(&self, user: &TestUser) -> Uuid {
        let id = new_uuid();
        let list = lac_wire::SaveList {
            name: format!("List {id}").into(),
            members: vec![if user.id == self.xanthippe.id {
                self.store.super_user.id
            } else {
                self.xanthippe.id
            }],
        };
        let saved = user.client.put(&format!("/v1/me/lists/{id}"), &list).await;
        assert_eq!(saved.status, 200);
        id
    }

    /// A reminder of a user's own.
    async fn reminder_of(store: &TestStore, user: &TestUser) -> Uuid {
        let id = new_uuid();
        let reminder = lac_wire::NewReminder {
            id: id.into(),
            text: "Reminder of the matrix".into(),
            pupil_id: None,
            conversation_id: None,
            due_at: store.store.now(),
            repeat: None,
        };
        let _: CommandReply = user.command(Command::SaveReminder { reminder }).await.json();
        id
    }

    /// An import that the LA Super User judged.
    async fn judged(&self, endpoint: &str) -> Uuid {
        let id = new_uuid();
        let judge = TABLE.iter().find(|row| row.endpoint == endpoint).unwrap();
        let super_user = self.actors.last().unwrap();
        let answer = send(self, &super_user.user.client, &ask(self, judge, super_user, id)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        id
    }

    /// A file that a user has announced.
    async fn upload(&self, user: &TestUser) -> Uuid {
        let id = AttachmentId(new_uuid());
        user.announce(id, "Notes.txt", b"Of no weight").await;
        id.0
    }

    /// An import that the LA Super User committed.
    async fn committed(&self) -> Uuid {
        let id = self.judged("PUT /v1/imports/{id}").await;
        let commit = TABLE
            .iter()
            .find(|row| row.endpoint == "POST /v1/imports/{id}/commit")
            .unwrap();
        let super_user = self.actors.last().unwrap();
        let answer = send(self, &super_user.user.client, &ask(self, commit, super_user, id)).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        id
    }

    /// The session of a user's device.
    pub async fn session_of(&self, user: &TestUser) -> SessionId {
        let sessions: Vec<OwnSession> = user.client.get("/v1/sessions").await.json();
        sessions.into_iter().find(|session| session.current).unwrap().id
    }

    /// What a row is asked for by somebody of a role who may not have it.
    pub async fn hidden_from(&self, row: &Row, role: Role) -> Vec<Uuid> {
        let of = |things: &[Thing]| -> Vec<Uuid> {
            let hidden = things.iter().filter(|thing| (thing.hidden_from)(role));
            hidden.map(|thing| thing.id).collect()
        };
        match row.object {
            Object::Pupil | Object::PupilToClose => [of(&self.pupils), of(&self.pupils_before)].concat(),
            Object::PupilToRestrict => {
                let mut hidden = [of(&self.pupils), of(&self.pupils_before)].concat();
                hidden.retain(|id| role != Role::LaSuperUser || *id != self.restricted);
                hidden
            }
            Object::PupilWrittenAbout => of(&self.pupils),
            Object::Assignment => self.assignments_to(&of(&self.pupils)).await,
            Object::Conversation if row.way == "send_message" => {
                // Who took part while they could see the pupil may add to it for the Virtual School.
                let ids = of(&self.conversations);
                ids[..ids.len() - 1].to_vec()
            }
            Object::Attachment => {
                // What was opened while they could see the pupil may be noted afterwards.
                let ids = of(&self.conversations);
                let kept = ids.len() - usize::from(row.way == "note_opened");
                ids[..kept].iter().map(|id| self.attachments[id]).collect()
            }
            Object::Message => {
                let sql = "SELECT id FROM messages WHERE conversation_id = $1";
                self.rows_of(sql, &of(&self.conversations)).await
            }
            Object::Enrolment => {
                let sql = "SELECT id FROM enrolments WHERE pupil_id = $1";
                self.rows_of(sql, &[of(&self.pupils), of(&self.pupils_before)].concat())
                    .await
            }
            // Those of others, on their way and arrived.
            Object::Upload => vec![self.upload(&self.stranger).await, self.upload(&self.xanthippe).await],
            Object::Conversation | Object::ConversationToLeave => of(&self.conversations),
            Object::OwnList => vec![self.list_of(&self.xanthippe).await],
            Object::Establishment | Object::EstablishmentNamed if !role.is_la() => vec![self.elsewhere.0],
            Object::Recipient if !role.is_la() => vec![self.stranger.id.0],
            Object::Reminder => vec![Self::reminder_of(self.store, &self.stranger).await],
            Object::Session => vec![
                self.session_of(&self.stranger).await.0,
                self.session_of(&self.xanthippe).await.0,
            ],
            // To LA roles every user, import and establishment is open; others may not use these at all.
            _ => Vec::new(),
        }
    }
}
