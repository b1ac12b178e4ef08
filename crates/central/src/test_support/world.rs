//! Users, establishments and pupils of tests.

use async_trait::async_trait;
use chrono::{NaiveDate, TimeDelta};
use lac_domain::{
    AssignmentId, CarePeriodId, EnrolmentId, EnrolmentKind, EstablishmentId, LinkId, PupilId, Role, UserId, UserStatus,
    email_key, name_key,
};

use super::TestStore;
use super::user::{SecondStepDue, TestUser};
use crate::access::Affected;
use crate::accounts::NewCode;
use crate::both;
use crate::error::Failure;
use crate::writer::{Job, Tx};

/// A pupil as a test describes them.
#[derive(Debug, Clone)]
pub struct TestPupil {
    /// The name that schools see.
    pub known_as: String,
    /// Date of birth.
    pub born: NaiveDate,
    /// In care from this day on.
    pub in_care_from: Option<NaiveDate>,
    /// Enrolments: where, the first and the last day.
    pub enrolments: Vec<(EstablishmentId, NaiveDate, Option<NaiveDate>)>,
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

impl TestPupil {
    /// A pupil of twelve years, in care since January 2025, at a school since September 2024.
    #[must_use]
    pub fn at(known_as: &str, school: EstablishmentId) -> Self {
        Self {
            known_as: known_as.to_owned(),
            born: day("2014-05-04"),
            in_care_from: Some(day("2025-01-10")),
            enrolments: vec![(school, day("2024-09-03"), None)],
        }
    }
}

struct AddUser {
    role: Role,
    name: (String, String),
}

#[async_trait]
impl Job for AddUser {
    type Output = (UserId, String);

    async fn run(&self, tx: &mut Tx) -> Result<Self::Output, Failure> {
        let (first_name, last_name) = &self.name;
        let id: UserId = tx.new_id()?;
        let email = format!("{first_name}.{last_name}@example.org");
        let sql = "INSERT INTO users (id, revision, role, status, first_name, last_name, name_key, email, email_key,
                     job_title, phone, created_at) VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8, '', '', $9)";
        let (name, key, now) = (
            name_key(&format!("{last_name} {first_name}")),
            email_key(&email),
            tx.now(),
        );
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(id).bind(self.role.as_str()).bind(UserStatus::Invited.as_str()).bind(first_name).bind(last_name)
            .bind(name).bind(email).bind(key).bind(now).execute(c).await.map(|_| ()))?;
        Ok((id, tx.invite(id, NewCode::Shown).await?))
    }
}

struct AddSchool(String);

#[async_trait]
impl Job for AddSchool {
    type Output = EstablishmentId;

    async fn run(&self, tx: &mut Tx) -> Result<EstablishmentId, Failure> {
        let id: EstablishmentId = tx.new_id()?;
        let sql = "INSERT INTO establishments (id, name, name_key, type_name, phase, status, la_name, town, postcode, address,
                     phone, website, head) VALUES ($1, $2, $3, '', '', 'open', '', '', '', '[]', '', '', '')";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(id).bind(&self.0).bind(name_key(&self.0)).execute(c).await.map(|_| ()))?;
        let mut words = std::collections::BTreeSet::new();
        crate::search::add_words(&mut words, &self.0);
        for word in words {
            let sql = "INSERT INTO establishment_words (word, establishment_id) VALUES ($1, $2)";
            both!(tx.conn(), c => sqlx::query(sql).bind(word).bind(id).execute(c).await.map(|_| ()))?;
        }
        Ok(id)
    }
}

struct AddLink(UserId, EstablishmentId, NaiveDate, Option<NaiveDate>);

#[async_trait]
impl Job for AddLink {
    type Output = LinkId;

    async fn run(&self, tx: &mut Tx) -> Result<LinkId, Failure> {
        let id: LinkId = tx.new_id()?;
        let sql = "INSERT INTO establishment_links (id, user_id, establishment_id, capacity, start_on, end_on)
                   VALUES ($1, $2, $3, 'designated_teacher', $4, $5)";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(id).bind(self.0).bind(self.1).bind(self.2).bind(self.3).execute(c).await.map(|_| ()))?;
        tx.refresh_access(&Affected::Users(vec![self.0])).await?;
        Ok(id)
    }
}

struct AddAssignment(UserId, PupilId, bool);

#[async_trait]
impl Job for AddAssignment {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let id: AssignmentId = tx.new_id()?;
        let sql = "INSERT INTO assignments (id, user_id, pupil_id, start_on, end_on, reads_all)
                   VALUES ($1, $2, $3, $4, NULL, $5)";
        let today = tx.today();
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(id).bind(self.0).bind(self.1).bind(today).bind(self.2).execute(c).await.map(|_| ()))?;
        tx.refresh_access(&Affected::Users(vec![self.0])).await
    }
}

struct AddPupil(TestPupil);

#[async_trait]
impl Job for AddPupil {
    type Output = PupilId;

    async fn run(&self, tx: &mut Tx) -> Result<PupilId, Failure> {
        let (id, now): (PupilId, _) = (tx.new_id()?, tx.now());
        let sql = "INSERT INTO pupils (id, revision, known_as, known_as_key, legal_first_name, legal_last_name, born,
                     restricted, adopted, created_at) VALUES ($1, 1, $2, $3, $4, $5, $6, FALSE, FALSE, $7)";
        let (first, last) = self.0.known_as.split_once(' ').unwrap_or((&self.0.known_as, "Reed"));
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(id).bind(&self.0.known_as).bind(name_key(&self.0.known_as)).bind(first).bind(last)
            .bind(self.0.born).bind(now)
            .execute(c).await.map(|_| ()))?;
        let mut words = std::collections::BTreeSet::new();
        crate::search::add_words(&mut words, &self.0.known_as);
        for word in words {
            let sql = "INSERT INTO pupil_words (word, pupil_id, la_only) VALUES ($1, $2, FALSE)";
            both!(tx.conn(), c => sqlx::query(sql).bind(word).bind(id).execute(c).await.map(|_| ()))?;
        }
        if let Some(from) = self.0.in_care_from {
            let care: CarePeriodId = tx.new_id()?;
            let sql = "INSERT INTO care_periods (id, pupil_id, start_on) VALUES ($1, $2, $3)";
            both!(tx.conn(), c => sqlx::query(sql).bind(care).bind(id).bind(from).execute(c).await.map(|_| ()))?;
        }
        for (school, start, end) in &self.0.enrolments {
            let enrolment: EnrolmentId = tx.new_id()?;
            let visible = lac_domain::calendar::working_days_before(*start, 10);
            let sql = "INSERT INTO enrolments (id, pupil_id, establishment_id, kind, start_on, end_on, visible_from,
                         handover_ended) VALUES ($1, $2, $3, $4, $5, $6, $7, FALSE)";
            both!(tx.conn(), c => sqlx::query(sql)
                .bind(enrolment).bind(id).bind(school).bind(EnrolmentKind::Main.as_str()).bind(start).bind(end)
                .bind(visible).execute(c).await.map(|_| ()))?;
        }
        tx.refresh_access(&Affected::Pupils(vec![id])).await?;
        Ok(id)
    }
}

struct Wipe(UserId);

#[async_trait]
impl Job for Wipe {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        for table in [
            "own_list_members",
            "own_lists",
            "away",
            "reminders",
            "messages",
            "former_participants",
            "participants",
            "conversations",
            "pupil_access",
            "pupil_access_ended",
            "bars",
            "pupil_names",
            "assignments",
            "enrolments",
            "care_periods",
            "pupils",
            "establishment_links",
            "establishments",
        ] {
            let sql = sqlx::AssertSqlSafe(format!("DELETE FROM {table}"));
            both!(tx.conn(), c => sqlx::query(sql).execute(c).await.map(|_| ()))?;
        }
        let sql = "DELETE FROM users WHERE id <> $1";
        both!(tx.conn(), c => sqlx::query(sql).bind(self.0).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}

/// Takes away every pupil, establishment and user but the first, where nobody has written anything yet, so that one
/// store serves many short histories.
pub async fn wipe(store: &TestStore) {
    store.done(Wipe(store.super_user.id)).await;
}

/// A statement whose first parameter is a user or pupil, the second a pupil or user; then a refresh.
struct Statement(&'static str, uuid::Uuid, uuid::Uuid, Affected);

#[async_trait]
impl Job for Statement {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        both!(tx.conn(), c => sqlx::query(self.0).bind(self.1).bind(self.2).execute(c).await.map(|_| ()))?;
        tx.refresh_access(&self.3).await
    }
}

impl TestStore {
    async fn done<J: Job>(&self, job: J) -> J::Output {
        self.store
            .run(None, job)
            .await
            .unwrap_or_else(|error| panic!("{error}"))
    }

    /// Adds a user, who takes up their invitation.
    pub async fn user(&self, role: Role, first_name: &str, last_name: &str) -> TestUser {
        let name = (first_name.to_owned(), last_name.to_owned());
        let (_, code) = self.done(AddUser { role, name }).await;
        TestUser::accept(&self.store, &code).await
    }

    /// Adds a user who has not taken up their invitation.
    pub async fn invited(&self, role: Role, first_name: &str, last_name: &str) -> UserId {
        let name = (first_name.to_owned(), last_name.to_owned());
        self.done(AddUser { role, name }).await.0
    }

    /// Adds a Designated Teacher who is linked to a school.
    pub async fn teacher(&self, first_name: &str, last_name: &str, school: EstablishmentId) -> TestUser {
        let user = self.user(Role::DesignatedTeacher, first_name, last_name).await;
        self.link(user.id, school, "2020-09-01", None).await;
        user
    }

    /// Adds an establishment.
    pub async fn school(&self, name: &str) -> EstablishmentId {
        self.done(AddSchool(name.to_owned())).await
    }

    /// Links a user to an establishment, from a day to a last day.
    pub async fn link(&self, user: UserId, school: EstablishmentId, start: &str, end: Option<&str>) -> LinkId {
        self.done(AddLink(user, school, day(start), end.map(day))).await
    }

    /// Adds a pupil.
    pub async fn pupil(&self, pupil: TestPupil) -> PupilId {
        self.done(AddPupil(pupil)).await
    }

    /// Assigns a user to a pupil, from today on.
    pub async fn assign(&self, user: UserId, pupil: PupilId, reads_all: bool) {
        self.done(AddAssignment(user, pupil, reads_all)).await;
    }

    /// Bars a user from a pupil.
    pub async fn bar(&self, user: UserId, pupil: PupilId) {
        let sql = "INSERT INTO bars (user_id, pupil_id) VALUES ($1, $2)";
        self.done(Statement(sql, user.0, pupil.0, Affected::Pupils(vec![pupil])))
            .await;
    }

    /// Ends a user's establishment links at the end of a day.
    pub async fn end_links(&self, user: UserId, last: &str) {
        struct EndLinks(UserId, NaiveDate);
        #[async_trait]
        impl Job for EndLinks {
            type Output = ();
            async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
                let sql = "UPDATE establishment_links SET end_on = $2 WHERE user_id = $1";
                both!(tx.conn(), c => sqlx::query(sql).bind(self.0).bind(self.1).execute(c).await.map(|_| ()))?;
                tx.refresh_access(&Affected::Users(vec![self.0])).await
            }
        }
        self.done(EndLinks(user, day(last))).await;
    }

    /// Says in how long a user must have a second step of signing in.
    pub async fn second_step_due_in(&self, user: UserId, time: TimeDelta) {
        self.done(SecondStepDue(user, time)).await;
    }

    /// Makes a user inactive.
    pub async fn make_inactive(&self, user: UserId) {
        struct MakeInactive(UserId);
        #[async_trait]
        impl Job for MakeInactive {
            type Output = ();
            async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
                let sql = "UPDATE users SET status = 'inactive' WHERE id = $1";
                both!(tx.conn(), c => sqlx::query(sql).bind(self.0).execute(c).await.map(|_| ()))?;
                tx.end_sessions(self.0).await?;
                tx.refresh_access(&Affected::Users(vec![self.0])).await
            }
        }
        self.done(MakeInactive(user)).await;
    }
}
