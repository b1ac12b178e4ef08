//! A small authority with a user of every role, what all of them may see, and what some or none of them may.

mod conversations;
mod objects;

use async_trait::async_trait;
use axum::Router;
use lac_domain::{ConversationId, EstablishmentId, PupilId, Role};
use lac_wire::Recipient;
use uuid::Uuid;

use crate::Affected;
use crate::accounts::InviteByEmail;
use crate::both;
use crate::error::Failure;
use crate::test_support::{TestPupil, TestStore, TestUser, new_uuid, to};
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

    /// A conversation about Tom in which all take part.
    pub fn shared(&self) -> ConversationId {
        self.shared
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
}
