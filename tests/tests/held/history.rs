//! What happens, through the endpoints that people use.

use lac_central::test_support::{TestPupil, TestStore, TestUser, conversation, new_uuid};
use lac_domain::{EnrolmentKind, EstablishmentId, PupilId, Role};
use lac_wire::{
    CareChange, CarePeriodEntry, ChangeBar, ChangeCare, ChangeEnrolment, ChangeRestriction, CloseForAdoption,
    EnrolmentChange, EnrolmentEntry, PupilRecord, Recipient,
};
use proptest::prelude::*;

use crate::desktop::Desktop;

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
    Write {
        pupil: usize,
    },
    Days(i64),
}

/// One event, whichever.
pub fn events() -> impl Strategy<Value = Event> {
    let (user, pupil, school) = (0..4_usize, 0..3_usize, 0..2_usize);
    prop_oneof![
        3 => (0..2_usize, school.clone()).prop_map(|(user, school)| Event::Link { user, school }),
        1 => (0..2_usize).prop_map(|user| Event::EndLinks { user }),
        2 => (2..4_usize, pupil.clone(), any::<bool>())
            .prop_map(|(user, pupil, reads_all)| Event::Assign { user, pupil, reads_all }),
        3 => (pupil.clone(), school, -2..4_i64)
            .prop_map(|(pupil, school, in_days)| Event::Move { pupil, school, in_days }),
        1 => pupil.clone().prop_map(|pupil| Event::CancelMoves { pupil }),
        1 => pupil.clone().prop_map(|pupil| Event::IntoCare { pupil }),
        2 => pupil.clone().prop_map(|pupil| Event::OutOfCare { pupil }),
        2 => (user.clone(), pupil.clone(), any::<bool>())
            .prop_map(|(user, pupil, barred)| Event::Bar { user, pupil, barred }),
        2 => (pupil.clone(), any::<bool>(), user)
            .prop_map(|(pupil, restricted, named)| Event::Restrict { pupil, restricted, named }),
        1 => pupil.clone().prop_map(|pupil| Event::Adopt { pupil }),
        4 => pupil.prop_map(|pupil| Event::Write { pupil }),
        2 => (1..4_i64).prop_map(Event::Days),
    ]
}

struct World<'a> {
    store: &'a TestStore,
    users: Vec<TestUser>,
    pupils: Vec<PupilId>,
    schools: [EstablishmentId; 2],
}

/// Lets everything happen, and holds every desktop against the store after each.
pub async fn happens(store: &TestStore, events: Vec<Event>) {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let served = tokio::spawn(lac_central::serve(listener, store.store.clone(), async {
        let _ = stopped.await;
    }));
    let schools = [
        store.school("Riverside Primary").await,
        store.school("Plumstead High").await,
    ];
    let users = vec![
        store.teacher("Eleanor", "Bold", schools[0]).await,
        store.user(Role::DesignatedTeacher, "Mark", "Robarts").await,
        store.user(Role::SocialWorker, "Josiah", "Crawley").await,
        store.user(Role::LaUser, "Grace", "Crawley").await,
    ];
    let mut pupils = Vec::new();
    for name in ["Tom Reed", "Ann Reed", "Tom Reed"] {
        pupils.push(store.pupil(TestPupil::at(name, schools[pupils.len() % 2])).await);
    }
    let mut desktops = Vec::new();
    for user in &users {
        desktops.push(Desktop::sign_in(address, user.clone()).await);
    }
    let world = World {
        store,
        users,
        pupils,
        schools,
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
    let _ = stop.send(());
    served.await.unwrap().unwrap();
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
                store.assign(self.users[user].id, self.pupils[pupil], reads_all).await;
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
            Event::Write { pupil } => {
                let pupil_id = self.pupils[pupil];
                let around = vec![Recipient::AroundPupil { pupil_id }];
                let subject = format!("About number {}", new_uuid());
                let command = conversation(store, Some(pupil_id), around, &subject);
                let reply = store.super_user.command(command).await;
                assert!(reply.status.as_u16() < 500, "{}", reply.status);
            }
            Event::Days(days) => store.clock.advance(chrono::TimeDelta::days(days)),
        }
    }
}
