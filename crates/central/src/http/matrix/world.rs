//! A small authority with a user of every role, what all of them may see, and what some or none of them may.

use async_trait::async_trait;
use axum::Router;
use lac_domain::{AttachmentId, ConversationId, EstablishmentId, PupilId, Role, SessionId};
use lac_wire::{Command, CommandReply, NewMessage, OwnSession, Recipient};
use uuid::Uuid;

use super::ask::{ask, send};
use super::table::{Object, Row, TABLE};
use crate::Affected;
use crate::accounts::InviteByEmail;
use crate::both;
use crate::error::Failure;
use crate::test_support::{TestPupil, TestStore, TestUser, message, new_uuid, to};
use crate::writer::{Job, Tx};

/// A user of a role, with the code of an invitation that nobody has taken up.
pub struct Actor {
    /// The user.
    pub user: TestUser,
    /// The code.
    pub code: String,
}

/// Whether something is hidden from a role.
pub type HiddenFrom = fn(Role) -> bool;

/// Something that exists, and the roles that may not know it.
struct Thing {
    id: Uuid,
    hidden_from: HiddenFrom,
}

/// A text of somebody's, and the roles that may not read it.
pub struct Text {
    /// The text.
    pub text: String,
    /// Who may not.
    pub hidden_from: HiddenFrom,
}

/// The authority.
pub struct World<'a> {
    /// Its store.
    pub store: &'a TestStore,
    /// Its endpoints.
    pub router: Router,
    /// A user of every role.
    pub actors: Vec<Actor>,
    /// A cursor from before anything happened.
    pub beginning: String,
    /// A pupil whom all of them may see.
    pub tom: Uuid,
    /// How many fresh days were given out.
    pub days: std::sync::atomic::AtomicU64,
    /// Every name, address, subject and body.
    pub texts: Vec<Text>,
    school: EstablishmentId,
    shared: ConversationId,
    invited: Uuid,
    /// Somebody whom only LA roles may know.
    stranger: TestUser,
    /// A second LA Super User, whose name everyone may know.
    xanthippe: TestUser,
    elsewhere: EstablishmentId,
    /// An establishment that became another, and that one.
    old: EstablishmentId,
    /// What it became.
    pub academy: EstablishmentId,
    pupils: Vec<Thing>,
    /// Of those, the restricted one: every Super User may know that there is one.
    restricted: Uuid,
    /// Pupils whom everyone could see once.
    pupils_before: Vec<Thing>,
    conversations: Vec<Thing>,
    /// Attachments, by the conversation that they are in.
    attachments: std::collections::HashMap<Uuid, Uuid>,
}

/// A statement whose parameters are ids; then a refresh.
pub struct Sql(pub &'static str, pub Vec<Uuid>, pub Affected);

#[async_trait]
impl Job for Sql {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        both!(tx.conn(), c => {
            let mut query = sqlx::query(self.0);
            for id in &self.1 {
                query = query.bind(*id);
            }
            query.execute(c).await.map(|_| ())
        })?;
        tx.refresh_access(&self.2).await
    }
}

/// Runs a job that goes well.
pub async fn done<J: Job>(store: &TestStore, job: J) -> J::Output {
    store
        .store
        .run(None, job)
        .await
        .unwrap_or_else(|error| panic!("{error}"))
}

fn nobody(_: Role) -> bool {
    false
}

fn everyone(_: Role) -> bool {
    true
}

fn all_but_la(role: Role) -> bool {
    !role.is_la()
}

fn all_but_super_users(role: Role) -> bool {
    role != Role::LaSuperUser
}

impl<'a> World<'a> {
    /// Builds it.
    pub async fn build(store: &'a TestStore) -> Self {
        let beginning = store.super_user.cursor().await;
        let (school, elsewhere) = (
            store.school("Hogglestock Primary").await,
            store.school("Plumstead High").await,
        );
        let (old, academy) = (
            store.school("Courcy School").await,
            store.school("Courcy Academy").await,
        );
        for (sql, ids) in [
            ("UPDATE establishments SET urn = '900002' WHERE id = $1", vec![old.0]),
            (
                "UPDATE establishments SET urn = '900001' WHERE id = $1",
                vec![academy.0],
            ),
            (
                "INSERT INTO successions (from_urn, to_urn, kind) VALUES ('900002', '900001', 'became')",
                vec![],
            ),
        ] {
            done(store, Sql(sql, ids, Affected::Users(Vec::new()))).await;
        }
        let xanthippe = store.user(Role::LaSuperUser, "Xanthippe", "Ravenscroft").await;
        let stranger = store.teacher("Bartholomew", "Quillfeather", elsewhere).await;
        let invited = store.invited(Role::SocialWorker, "Ignatius", "Wetherfold").await;
        let mut actors = Vec::new();
        let mut texts = Vec::new();
        for (role, first_name, last_name) in [
            (Role::DesignatedTeacher, "Zephyrine", "Alderthwaite"),
            (Role::SocialWorker, "Ottoline", "Brackenrig"),
            (Role::OtherProfessional, "Peregrine", "Cloudesley"),
            (Role::LaUser, "Leocadia", "Dunwiddy"),
            (Role::LaSuperUser, "Septimus", "Harding"),
        ] {
            let user = match role {
                Role::DesignatedTeacher => store.teacher(first_name, last_name, school).await,
                Role::LaSuperUser => store.super_user.clone(),
                _ => store.user(role, first_name, last_name).await,
            };
            let newcomer = format!("Newcomer{}", actors.len());
            store.invited(role, &newcomer, "Featherstonehaugh").await;
            let code = done(
                store,
                InviteByEmail(format!("{newcomer}.Featherstonehaugh@example.org")),
            )
            .await;
            texts.push(Text {
                text: last_name.to_owned(),
                hidden_from: nobody,
            });
            actors.push(Actor { user, code });
        }
        assert!(
            Role::ALL
                .iter()
                .all(|role| actors.iter().any(|actor| actor.user.role == *role))
        );
        // A second Designated Teacher of the school: nobody writes to themselves.
        store.teacher("Clementine", "Marchbanks", school).await;
        for seen in ["Ravenscroft", "Marchbanks"] {
            texts.push(Text {
                text: seen.to_owned(),
                hidden_from: nobody,
            });
        }
        for unseen in ["Quillfeather", "Wetherfold", "Plumstead High", "Courcy"] {
            texts.push(Text {
                text: unseen.to_owned(),
                hidden_from: all_but_la,
            });
        }
        let mut world = Self {
            store,
            router: store.store.router(),
            actors,
            beginning,
            tom: Uuid::nil(),
            days: std::sync::atomic::AtomicU64::new(0),
            texts,
            school,
            elsewhere,
            old,
            academy,
            shared: ConversationId(Uuid::nil()),
            invited: invited.0,
            stranger,
            xanthippe,
            pupils: Vec::new(),
            restricted: Uuid::nil(),
            pupils_before: Vec::new(),
            conversations: Vec::new(),
            attachments: std::collections::HashMap::new(),
        };
        world.add_what_all_may_see().await;
        world.add_what_is_elsewhere().await;
        world.add_what_is_closed().await;
        world
    }

    /// Somebody of the authority.
    pub fn xanthippe(&self) -> lac_domain::UserId {
        self.xanthippe.id
    }

    /// The school where Tom is.
    pub fn school(&self) -> EstablishmentId {
        self.school
    }

    /// A Designated Teacher elsewhere, whom only LA roles may know.
    pub fn stranger(&self) -> Uuid {
        self.stranger.id.0
    }

    /// Somebody who has not signed in.
    pub fn invited(&self) -> Uuid {
        self.invited
    }

    async fn add_what_all_may_see(&mut self) {
        let tom = self.store.pupil(TestPupil::at("Tom Vellichor", self.school)).await;
        self.assign_all(tom).await;
        self.tom = tom.0;
        self.texts.push(Text {
            text: "Vellichor".to_owned(),
            hidden_from: nobody,
        });
        let to_all: Vec<Recipient> = self.actors[1..].iter().map(|actor| to(&actor.user)).collect();
        self.shared = self
            .begins(&self.actors[0].user.clone(), Some(tom), false, to_all, "Shared", nobody)
            .await;
        // A conversation among LA roles about a pupil whom others see too.
        let (from, super_user) = (self.xanthippe.clone(), vec![to(&self.store.super_user)]);
        self.hidden(&from, Some(tom), true, super_user, "Confidential", all_but_la)
            .await;
    }

    async fn add_what_is_elsewhere(&mut self) {
        let una = self.store.pupil(TestPupil::at("Una Brightwater", self.elsewhere)).await;
        self.pupils.push(Thing {
            id: una.0,
            hidden_from: all_but_la,
        });
        self.texts.push(Text {
            text: "Brightwater".to_owned(),
            hidden_from: all_but_la,
        });
        let (from, xanthippe) = (self.stranger.clone(), vec![to(&self.xanthippe)]);
        self.hidden(&from, Some(una), false, xanthippe.clone(), "Elsewhere", all_but_la)
            .await;
        self.hidden(&from, None, false, xanthippe, "Private", everyone).await;
    }

    /// Pupils of the very school and assigned to the very users, whom they may not see all the same.
    async fn add_what_is_closed(&mut self) {
        let restrict = "UPDATE pupils SET restricted = TRUE WHERE id = $1";
        let adopt = "UPDATE pupils SET adopted = TRUE WHERE id = $1";
        let closed: [(&str, Option<&'static str>, HiddenFrom); 3] = [
            ("Restricta", Some(restrict), everyone),
            ("Adoptia", Some(adopt), all_but_super_users),
            ("Barrington", None, everyone),
        ];
        for (name, sql, hidden_from) in closed {
            let pupil = TestPupil {
                in_care_from: None,
                ..TestPupil::at(&format!("{name} Nightjar"), self.school)
            };
            let pupil = self.store.pupil(pupil).await;
            let (from, super_user) = (self.xanthippe.clone(), vec![to(&self.store.super_user)]);
            self.hidden(&from, Some(pupil), false, super_user, name, hidden_from)
                .await;
            match sql {
                Some(sql) => done(self.store, Sql(sql, vec![pupil.0], Affected::Pupils(vec![pupil]))).await,
                None => self.bar_all(pupil).await,
            }
            let care = "INSERT INTO care_periods (id, pupil_id, start_on) VALUES ($1, $2, '2025-01-10')";
            done(
                self.store,
                Sql(care, vec![new_uuid(), pupil.0], Affected::Pupils(vec![pupil])),
            )
            .await;
            self.assign_all(pupil).await;
            if sql == Some(restrict) {
                self.restricted = pupil.0;
            }
            self.pupils.push(Thing {
                id: pupil.0,
                hidden_from,
            });
            self.texts.push(Text {
                text: name.to_owned(),
                hidden_from,
            });
        }
        // One whom all could see, in a conversation that all took part in.
        let pupil = self.store.pupil(TestPupil::at("Formeria Nightjar", self.school)).await;
        self.assign_all(pupil).await;
        let to_all: Vec<Recipient> = self.actors[1..].iter().map(|actor| to(&actor.user)).collect();
        let id = self
            .begins(
                &self.actors[0].user.clone(),
                Some(pupil),
                false,
                to_all,
                "Formeria",
                everyone,
            )
            .await;
        self.bar_all(pupil).await;
        self.pupils_before.push(Thing {
            id: pupil.0,
            hidden_from: everyone,
        });
        self.conversations_before(id);
    }

    fn conversations_before(&mut self, id: ConversationId) {
        self.conversations.push(Thing {
            id: id.0,
            hidden_from: everyone,
        });
    }

    async fn assign_all(&self, pupil: PupilId) {
        for actor in &self.actors[1..3] {
            self.store.assign(actor.user.id, pupil, true).await;
        }
    }

    async fn bar_all(&self, pupil: PupilId) {
        for actor in &self.actors {
            self.store.bar(actor.user.id, pupil).await;
        }
    }

    async fn hidden(
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

    async fn begins(
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
            Object::Reminder => Self::reminder_of(self.store, &actor.user).await,
            Object::Session => self.session_of(&actor.user.on_another_device(self.store).await).await.0,
            Object::HandEstablishment => self.store.school("Skulpit’s Nursery").await.0,
            Object::OldEstablishment => self.old.0,
            Object::EstablishmentImport => self.judged("PUT /v1/establishment-imports/{id}").await,
            Object::NewImport | Object::NewAttachment => new_uuid(),
            Object::Attachment => self.attachments[&self.shared.0],
            Object::Upload => self.upload(&actor.user).await,
            Object::Import => self.judged("PUT /v1/imports/{id}").await,
            Object::CommittedImport => self.committed().await,
        }
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
            // Those of others, on their way and arrived.
            Object::Upload => vec![self.upload(&self.stranger).await, self.upload(&self.xanthippe).await],
            Object::Conversation => of(&self.conversations),
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
