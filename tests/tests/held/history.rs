//! What happens, through the endpoints that people use.

use std::sync::Mutex;

use lac_central::test_support::{TestPupil, TestStore, TestUser, answer, message, new_uuid, to as to_user};
use lac_domain::{Capacity, ConversationId, EnrolmentKind, EstablishmentId, PupilId, Role, UserStatus};
use lac_wire::{
    Assignment, CareChange, CarePeriodEntry, ChangeAssignments, ChangeBar, ChangeCare, ChangeEnrolment,
    ChangeRestriction, CloseForAdoption, Command, EditUser, EnrolmentChange, EnrolmentEntry, LeftPupils, LinkEntry,
    NewAssignment, Page, PupilRecord, Recipient, User, UserEntry,
};
use proptest::prelude::*;

use crate::desktop::Desktop;
use crate::served::Served;

/// Something that decides who holds what; people, pupils and schools by their place.
#[derive(Debug, Clone)]
pub enum Event {
    Link {
        user: usize,
        school: usize,
    },
    EndLinks {
        user: usize,
    },
    Assign {
        user: usize,
        pupil: usize,
        reads_all: bool,
    },
    Move {
        pupil: usize,
        school: usize,
        in_days: i64,
    },
    CancelMoves {
        pupil: usize,
    },
    IntoCare {
        pupil: usize,
    },
    OutOfCare {
        pupil: usize,
    },
    Bar {
        user: usize,
        pupil: usize,
        barred: bool,
    },
    Restrict {
        pupil: usize,
        restricted: bool,
        named: usize,
    },
    Adopt {
        pupil: usize,
    },
    Unassign {
        user: usize,
        pupil: usize,
    },
    /// A conversation begins about a pupil, with one person or with everyone around the pupil.
    Write {
        by: usize,
        to: Option<usize>,
        pupil: usize,
        confidential: bool,
    },
    /// A conversation goes on.
    Answer {
        by: usize,
        which: usize,
    },
    Role {
        user: usize,
        role: Role,
        school: usize,
    },
    MakeInactive {
        user: usize,
    },
    Days(i64),
}

/// How many users there are, besides the LA Super User whom the store began with.
const USERS: usize = 5;

/// One event, whichever.
pub fn events() -> impl Strategy<Value = Event> {
    let (user, pupil, school) = (0..USERS, 0..3_usize, 0..2_usize);
    // Who writes may also be that LA Super User.
    let (by, to) = (0..=USERS, proptest::option::of(0..USERS));
    let role = proptest::sample::select(Role::ALL.to_vec());
    prop_oneof![
        3 => (0..2_usize, school.clone()).prop_map(|(user, school)| Event::Link { user, school }),
        1 => (0..2_usize).prop_map(|user| Event::EndLinks { user }),
        4 => (2..USERS, pupil.clone(), any::<bool>())
            .prop_map(|(user, pupil, reads_all)| Event::Assign { user, pupil, reads_all }),
        2 => (2..USERS, pupil.clone()).prop_map(|(user, pupil)| Event::Unassign { user, pupil }),
        3 => (pupil.clone(), school.clone(), -2..4_i64)
            .prop_map(|(pupil, school, in_days)| Event::Move { pupil, school, in_days }),
        1 => pupil.clone().prop_map(|pupil| Event::CancelMoves { pupil }),
        1 => pupil.clone().prop_map(|pupil| Event::IntoCare { pupil }),
        2 => pupil.clone().prop_map(|pupil| Event::OutOfCare { pupil }),
        2 => (user.clone(), pupil.clone(), any::<bool>())
            .prop_map(|(user, pupil, barred)| Event::Bar { user, pupil, barred }),
        2 => (pupil.clone(), any::<bool>(), user.clone())
            .prop_map(|(pupil, restricted, named)| Event::Restrict { pupil, restricted, named }),
        1 => pupil.clone().prop_map(|pupil| Event::Adopt { pupil }),
        6 => (by.clone(), to, pupil, any::<bool>())
            .prop_map(|(by, to, pupil, confidential)| Event::Write { by, to, pupil, confidential }),
        2 => (by, 0..8_usize).prop_map(|(by, which)| Event::Answer { by, which }),
        3 => (user.clone(), role, school).prop_map(|(user, role, school)| Event::Role { user, role, school }),
        1 => user.prop_map(|user| Event::MakeInactive { user }),
        2 => (1..4_i64).prop_map(Event::Days),
    ]
}

struct World<'a> {
    store: &'a TestStore,
    users: Vec<TestUser>,
    pupils: Vec<PupilId>,
    schools: [EstablishmentId; 2],
    conversations: Mutex<Vec<ConversationId>>,
}

/// Lets everything happen, and holds every desktop against the store after each.
pub async fn happens(store: &TestStore, events: Vec<Event>) {
    let served = Served::start(store).await;
    let schools = [
        store.school("Riverside Primary").await,
        store.school("Plumstead High").await,
    ];
    let users = vec![
        store.teacher("Eleanor", "Bold", schools[0]).await,
        store.user(Role::DesignatedTeacher, "Mark", "Robarts").await,
        store.user(Role::SocialWorker, "Josiah", "Crawley").await,
        store.user(Role::LaUser, "Grace", "Crawley").await,
        store.user(Role::LaSuperUser, "Olivia", "Proudie").await,
    ];
    assert_eq!(users.len(), USERS);
    let mut pupils = Vec::new();
    for name in ["Tom Reed", "Ann Reed", "Tom Reed"] {
        pupils.push(store.pupil(TestPupil::at(name, schools[pupils.len() % 2])).await);
    }
    let mut desktops = Vec::new();
    for user in &users {
        desktops.push(Desktop::sign_in(served.address, user.clone()).await);
    }
    let world = World {
        store,
        users,
        pupils,
        schools,
        conversations: Mutex::default(),
    };
    for event in events {
        let said = format!("{event:?}");
        world.happens(event).await;
        for desktop in &desktops {
            desktop.keeps_to_the_held_set(&said).await;
        }
    }
    for desktop in desktops {
        desktop.close().await;
    }
    served.stop().await;
}

impl World<'_> {
    async fn record(&self, pupil: usize) -> Option<PupilRecord> {
        let path = format!("/v1/pupils/{}/record", self.pupils[pupil]);
        let reply = self.store.super_user.client.get(&path).await;
        // A restricted pupil may not name the one who asks here.
        (reply.status == 200).then(|| reply.json())
    }

    async fn post<T: serde::Serialize>(&self, pupil: usize, part: &str, body: &T) {
        let path = format!("/v1/pupils/{}/{part}", self.pupils[pupil]);
        let reply = self.store.super_user.client.post(&path, body).await;
        // What the rules of dates refuse has no effect, which the desktops must show too.
        assert!(reply.status.as_u16() < 500, "{part}: {}", reply.status);
    }

    async fn enrol(&self, pupil: usize, change: EnrolmentChange) {
        self.post(pupil, "enrolments", &ChangeEnrolment { revision: None, change })
            .await;
    }

    async fn care(&self, pupil: usize, change: CareChange) {
        self.post(pupil, "care-periods", &ChangeCare { revision: None, change })
            .await;
    }

    async fn assignments(&self, change: ChangeAssignments) {
        let reply = self.store.super_user.client.post("/v1/assignments", &change).await;
        assert!(reply.status.as_u16() < 500, "{}", reply.status);
    }

    /// Sends a command of a user; whether the store took it.
    async fn command(&self, by: usize, command: Command) -> bool {
        let reply = self
            .users
            .get(by)
            .unwrap_or(&self.store.super_user)
            .command(command)
            .await;
        assert!(reply.status.as_u16() < 500, "{}", reply.status);
        reply.status == 200
    }

    /// Edits a user as the page would.
    async fn edit(&self, user: usize, change: impl FnOnce(&mut EditUser)) {
        let path = format!("/v1/users/{}", self.users[user].id);
        let known: User = self.store.super_user.client.get(&path).await.json();
        let today = self.store.store.today();
        let lasting = known
            .links
            .iter()
            .filter(|link| link.end.is_none_or(|end| today <= end));
        let links = lasting.map(|link| LinkEntry {
            id: Some(link.id),
            establishment_id: link.establishment_id,
            capacity: link.capacity,
            start: Some(link.start),
            end: link.end,
        });
        let mut edit = EditUser {
            revision: known.revision,
            entry: UserEntry {
                role: known.role,
                first_name: known.first_name,
                last_name: known.last_name,
                job_title: known.job_title,
                email: known.email,
                phone: known.phone,
                links: links.collect(),
            },
            status: known.status,
            pupils: Some(LeftPupils::Leave),
        };
        change(&mut edit);
        let reply = self.store.super_user.client.put(&path, &edit).await;
        assert!(reply.status.as_u16() < 500, "{}", reply.status);
    }

    async fn happens(&self, event: Event) {
        let (store, today) = (self.store, self.store.store.today());
        match event {
            Event::Link { user, school } => {
                store
                    .link(self.users[user].id, self.schools[school], "2026-11-01", None)
                    .await;
            }
            Event::EndLinks { user } => {
                store
                    .end_links(self.users[user].id, &today.pred_opt().unwrap().to_string())
                    .await;
            }
            Event::Assign { user, pupil, reads_all } => {
                let new = NewAssignment {
                    user_id: self.users[user].id,
                    pupil_id: self.pupils[pupil],
                    start: None,
                    end: None,
                    reads_all: Some(reads_all),
                };
                self.assignments(ChangeAssignments {
                    add: vec![new],
                    ..ChangeAssignments::default()
                })
                .await;
            }
            Event::Unassign { user, pupil } => {
                let path = format!("/v1/users/{}/assignments", self.users[user].id);
                let page: Page<Assignment> = store.super_user.client.get(&path).await.json();
                let of_pupil = page.rows.iter().filter(|one| one.pupil.id == self.pupils[pupil]);
                let remove = of_pupil.map(|one| one.id).collect();
                self.assignments(ChangeAssignments {
                    remove,
                    ..ChangeAssignments::default()
                })
                .await;
            }
            Event::Move { pupil, school, in_days } => {
                let entry = EnrolmentEntry {
                    establishment_id: self.schools[school],
                    kind: EnrolmentKind::Main,
                    start: today + chrono::TimeDelta::days(in_days),
                    end: None,
                    visible_from: None,
                };
                self.enrol(pupil, EnrolmentChange::Add { entry, moves: true }).await;
            }
            Event::CancelMoves { pupil } => {
                let record = self.record(pupil).await;
                for coming in record.iter().flat_map(|record| &record.pupil.enrolments) {
                    if coming.start > today {
                        self.enrol(pupil, EnrolmentChange::CancelMove { id: coming.id }).await;
                    }
                }
            }
            Event::IntoCare { pupil } => {
                let entry = CarePeriodEntry {
                    start: today,
                    end: None,
                    end_reason: None,
                };
                self.care(
                    pupil,
                    CareChange::Add {
                        entry,
                        held_from_schools_until: None,
                    },
                )
                .await;
            }
            Event::OutOfCare { pupil } => {
                let record = self.record(pupil).await;
                for period in record.iter().flat_map(|record| &record.care_periods) {
                    if period.end.is_none() {
                        let entry = CarePeriodEntry {
                            start: period.start,
                            end: Some(today),
                            end_reason: None,
                        };
                        self.care(pupil, CareChange::Change { id: period.id, entry }).await;
                    }
                }
            }
            Event::Bar { user, pupil, barred } => {
                let user_id = self.users[user].id;
                self.post(pupil, "bars", &ChangeBar { user_id, barred }).await;
            }
            Event::Restrict {
                pupil,
                restricted,
                named,
            } => {
                let named = vec![store.super_user.id, self.users[named].id];
                let path = format!("/v1/pupils/{}/restriction", self.pupils[pupil]);
                let change = ChangeRestriction { restricted, named };
                let reply = store.super_user.client.put(&path, &change).await;
                assert!(reply.status.as_u16() < 500, "{}", reply.status);
            }
            Event::Adopt { pupil } => self.post(pupil, "adoption", &CloseForAdoption { on: today }).await,
            Event::Write {
                by,
                to,
                pupil,
                confidential,
            } => {
                let (pupil_id, id) = (self.pupils[pupil], ConversationId(new_uuid()));
                let recipient = match to {
                    Some(user) => to_user(&self.users[user]),
                    None => Recipient::AroundPupil { pupil_id },
                };
                let command = Command::StartConversation {
                    conversation_id: id,
                    subject: "Reading books".into(),
                    pupil_id: Some(pupil_id),
                    confidential,
                    recipients: vec![recipient],
                    message: message(store, &format!("About number {}", new_uuid())),
                };
                if self.command(by, command).await {
                    self.conversations.lock().unwrap().push(id);
                }
            }
            Event::Answer { by, which } => {
                let known = self.conversations.lock().unwrap().clone();
                if let Some(id) = known.get(which % known.len().max(1)) {
                    self.command(by, answer(store, *id, &format!("Answer {}", new_uuid())))
                        .await;
                }
            }
            Event::Role { user, role, school } => {
                self.edit(user, |edit| {
                    edit.entry.role = role;
                    if role != Role::DesignatedTeacher {
                        edit.entry.links.clear();
                    } else if edit.entry.links.is_empty() {
                        edit.entry.links = vec![LinkEntry {
                            id: None,
                            establishment_id: self.schools[school],
                            capacity: Capacity::Cover,
                            start: None,
                            end: None,
                        }];
                    }
                })
                .await;
            }
            Event::MakeInactive { user } => self.edit(user, |edit| edit.status = UserStatus::Inactive).await,
            Event::Days(days) => store.clock.advance(chrono::TimeDelta::days(days)),
        }
    }
}
