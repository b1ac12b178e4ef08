//! Who sees whom, at size: a page of the list of pupils for an LA user with 100,000 beside one for a teacher with 40,
//! asked in turn; and a link to a school of 2,000 pupils, with the access that it gives, beside one to a school of 40.
//! On each engine. Run by `cargo xtask bench access`.

use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use axum::body::Body;
use axum::http::Request;
use chrono::NaiveDate;
use lac_central::storage::{Column, JsonRows};
use lac_central::{
    Affected, Config, Database, Failure, FirstUser, InviteByEmail, Job, Setup, Store, SystemClock, Tx, both,
};
use lac_domain::{CarePeriodId, DeviceId, EnrolmentId, EstablishmentId, LinkId, PupilId, Role, UserId, name_key};
use lac_wire::{AcceptInvitation, Device, Page, Pupil, SignedIn};
use sqlx::postgres::PgConnectOptions;
use sqlx::{AssertSqlSafe, Connection, PgConnection};
use tower::ServiceExt;
use uuid::Uuid;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const PUPILS: usize = 100_000;
const LARGE: usize = 2_000;
const SMALL: usize = 40;
/// Pupils written by one statement.
const TOGETHER: usize = 5_000;
const ROUNDS: usize = 3;
const ASKED: usize = 100;
const LINKS: usize = 9;

#[tokio::main]
async fn main() -> Outcome<()> {
    let mut engines = vec![None];
    engines.extend(std::env::var("LAC_TEST_POSTGRES").ok().map(Some));
    for postgres in engines {
        let name = if postgres.is_some() { "PostgreSQL" } else { "SQLite" };
        let folder = tempfile::tempdir()?;
        let world = World::make(folder.path(), postgres.as_deref()).await?;
        for round in 1..=ROUNDS {
            for (what, query) in [
                ("a page of the list", "limit=50"),
                ("a page of a search", "limit=50&search=reed"),
                (
                    "a page of those looked after, youngest first",
                    "limit=50&looked_after=true&sort=youngest",
                ),
            ] {
                let [many, few] = world.lists(query).await?;
                println!(
                    "{name}, round {round}, {what}: LA user with {PUPILS} pupils {many:.2?}, teacher with {SMALL} {few:.2?}: \
                     {:.2} x (goal: about the same)",
                    many.as_secs_f64() / few.as_secs_f64()
                );
            }
            let [large, small] = world.links(round).await?;
            println!(
                "{name}, round {round}: a link to a school of {LARGE} pupils, with the access that it gives, {large:.2?} \
                 ({:.1?} a pupil), to one of {SMALL} {small:.2?}",
                large / u32::try_from(LARGE)?
            );
        }
        world.store.close().await;
    }
    Ok(())
}

struct World {
    store: Store,
    large: EstablishmentId,
    small: EstablishmentId,
    la: String,
    teacher: String,
}

impl World {
    async fn make(folder: &Path, postgres: Option<&str>) -> Outcome<Self> {
        let first_user = FirstUser {
            first_name: "Septimus".to_owned(),
            last_name: "Harding".to_owned(),
            email: "septimus.harding@example.org".to_owned(),
        };
        let setup = Setup {
            authority_name: "Barsetshire Virtual School".to_owned(),
            danger_phone: String::new(),
            first_user,
        };
        let config = configuration(folder, postgres).await?;
        let (store, _) = Store::init(config, Arc::new(SystemClock), setup).await?;
        let large = run(&store, AddSchool("Hogglestock High".to_owned())).await?;
        let small = run(&store, AddSchool("Riverside Primary".to_owned())).await?;
        run(&store, AddPupils(large, LARGE)).await?;
        run(&store, AddPupils(small, SMALL)).await?;
        let elsewhere = run(&store, AddSchool("All other schools".to_owned())).await?;
        let mut left = PUPILS - LARGE - SMALL;
        while left > 0 {
            let count = left.min(TOGETHER);
            run(&store, AddPupils(elsewhere, count)).await?;
            left -= count;
        }
        run(&store, AddUser(Role::LaUser, "Grace".to_owned())).await?;
        let teacher = run(&store, AddUser(Role::DesignatedTeacher, "Eleanor".to_owned())).await?;
        run(&store, AddLink(teacher, small)).await?;
        // So that both engines plan by what is there.
        run(&store, Analyse).await?;
        let (la, teacher) = (sign_in(&store, "Grace").await?, sign_in(&store, "Eleanor").await?);
        Ok(Self {
            store,
            large,
            small,
            la,
            teacher,
        })
    }

    /// How long half of the requests took at most: of the LA user, of the teacher, asked in turn.
    async fn lists(&self, query: &str) -> Outcome<[Duration; 2]> {
        let mut times = [Vec::new(), Vec::new()];
        for _ in 0..ASKED {
            for (token, times) in [&self.la, &self.teacher].into_iter().zip(&mut times) {
                let request = Request::get(format!("/v1/pupils?{query}"))
                    .header("authorization", format!("Bearer {token}"))
                    .body(Body::empty())?;
                let begun = Instant::now();
                let bytes = answer(&self.store, request).await?;
                times.push(begun.elapsed());
                let page: Page<Pupil> = serde_json::from_slice(&bytes)?;
                if page.rows.len() < SMALL {
                    return Err("a page is not full".into());
                }
            }
        }
        Ok(times.map(half))
    }

    /// How long half of the links took at most: to the large school, to the small one, made in turn.
    async fn links(&self, round: usize) -> Outcome<[Duration; 2]> {
        let mut times = [Vec::new(), Vec::new()];
        for number in 0..LINKS {
            for (school, times) in [self.large, self.small].into_iter().zip(&mut times) {
                let name = format!("Teacher{round}{number}{school}");
                let teacher = run(&self.store, AddUser(Role::DesignatedTeacher, name)).await?;
                let begun = Instant::now();
                run(&self.store, AddLink(teacher, school)).await?;
                times.push(begun.elapsed());
            }
        }
        Ok(times.map(half))
    }
}

fn half(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times.get(times.len() / 2).copied().unwrap_or_default()
}

async fn run<J: Job>(store: &Store, job: J) -> Outcome<J::Output> {
    store.run(None, job).await.map_err(|error| error.to_string().into())
}

async fn answer(store: &Store, request: Request<Body>) -> Outcome<Vec<u8>> {
    let response = store.router().oneshot(request).await?;
    let status = response.status();
    let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await?;
    if !status.is_success() {
        return Err(format!("{status}: {}", String::from_utf8_lossy(&bytes)).into());
    }
    Ok(bytes.to_vec())
}

/// Takes up an invitation, as anyone does; answers the session's token.
async fn sign_in(store: &Store, name: &str) -> Outcome<String> {
    let code = run(store, InviteByEmail(format!("{name}@example.org"))).await?;
    let mut id = [0; 16];
    getrandom::fill(&mut id)?;
    let body = AcceptInvitation {
        code: code.as_str().into(),
        password: "walnut ferry quilted".into(),
        device: Device {
            id: DeviceId(Uuid::from_bytes(id)),
            name: "A computer".to_owned(),
        },
        second_factor: None,
    };
    let request = Request::post("/v1/invitations/accept")
        .header("content-type", "application/json")
        .body(Body::from(serde_json::to_vec(&body)?))?;
    let signed_in: SignedIn = serde_json::from_slice(&answer(store, request).await?)?;
    Ok(signed_in.token.into_inner())
}

/// Where a store of an engine may lie: in a folder, or in a database of its own on the server.
async fn configuration(folder: &Path, postgres: Option<&str>) -> Outcome<Config> {
    let mut config = Config::in_folder(folder);
    if let Some(url) = postgres {
        let mut id = [0; 16];
        getrandom::fill(&mut id)?;
        let name = format!("lac_bench_{}", Uuid::from_bytes(id).simple());
        let options: PgConnectOptions = url.parse()?;
        let mut connection = PgConnection::connect_with(&options).await?;
        sqlx::query(AssertSqlSafe(format!("CREATE DATABASE {name}")))
            .execute(&mut connection)
            .await?;
        config.database = Database::Postgres(sqlx::ConnectOptions::to_url_lossy(&options.database(&name)).to_string());
    }
    Ok(config)
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
        Ok(id)
    }
}

/// Pupils of a school, looked after and on roll there.
struct AddPupils(EstablishmentId, usize);

#[async_trait]
impl Job for AddPupils {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let start = NaiveDate::from_ymd_opt(2024, 9, 3).unwrap_or_default();
        let now = tx.now();
        let (mut rows, mut words) = (JsonRows::new(), JsonRows::new());
        for number in 0..self.1 {
            let (id, care, enrolment): (PupilId, CarePeriodId, EnrolmentId) =
                (tx.new_id()?, tx.new_id()?, tx.new_id()?);
            let first = ["Tom", "Ann", "Lee", "Una", "Ben"]
                .get(number % 5)
                .copied()
                .unwrap_or("Tom");
            let name = format!("{first} Reed {}", id.0.simple());
            let born = NaiveDate::from_ymd_opt(2013, 1, 1).unwrap_or_default()
                + chrono::TimeDelta::days(i64::try_from(number % 2_000).unwrap_or_default());
            rows.push(&[
                &id,
                &name,
                &name_key(&name),
                &born,
                &now,
                &care,
                &enrolment,
                &self.0,
                &start,
            ]);
            for word in [name_key(first), "reed".to_owned()] {
                words.push(&[&word, &id]);
            }
        }
        let columns = [
            Column::Id("id"),
            Column::Text("name"),
            Column::Text("name_key"),
            Column::Day("born"),
            Column::Instant("at"),
            Column::Id("care"),
            Column::Id("enrolment"),
            Column::Id("school"),
            Column::Day("start_on"),
        ];
        let source = tx.engine().rows("$1", &columns);
        for sql in [
            "INSERT INTO pupils (id, revision, known_as, known_as_key, legal_first_name, legal_last_name, born,
               restricted, adopted, created_at) SELECT id, 1, name, name_key, name, name, born, FALSE, FALSE, at FROM",
            "INSERT INTO care_periods (id, pupil_id, start_on) SELECT care, id, start_on FROM",
            "INSERT INTO enrolments (id, pupil_id, establishment_id, kind, start_on, visible_from, handover_ended)
               SELECT enrolment, id, school, 'main', start_on, start_on, FALSE FROM",
        ] {
            let sql = AssertSqlSafe(format!("{sql} {source} AS r"));
            let json = rows.json();
            both!(tx.conn(), c => sqlx::query(sql).bind(json).execute(c).await.map(|_| ()))?;
        }
        let source = tx.engine().rows("$1", &[Column::Text("word"), Column::Id("id")]);
        let sql = AssertSqlSafe(format!(
            "INSERT INTO pupil_words (word, pupil_id, la_only) SELECT word, id, FALSE FROM {source} AS r"
        ));
        let json = words.json();
        both!(tx.conn(), c => sqlx::query(sql).bind(json).execute(c).await.map(|_| ()))?;
        Ok(())
    }
}

struct AddUser(Role, String);

#[async_trait]
impl Job for AddUser {
    type Output = UserId;

    async fn run(&self, tx: &mut Tx) -> Result<UserId, Failure> {
        let (id, now): (UserId, _) = (tx.new_id()?, tx.now());
        let email = format!("{}@example.org", self.1);
        let sql = "INSERT INTO users (id, revision, role, status, first_name, last_name, name_key, email, email_key,
                     job_title, phone, created_at) VALUES ($1, 1, $2, 'invited', $3, 'Bold', $4, $5, $6, '', '', $7)";
        let (name, key) = (name_key(&format!("Bold {}", self.1)), lac_domain::email_key(&email));
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(id).bind(self.0.as_str()).bind(&self.1).bind(name).bind(email).bind(key).bind(now)
            .execute(c).await.map(|_| ()))?;
        Ok(id)
    }
}

/// A link, and the access that it gives.
struct AddLink(UserId, EstablishmentId);

#[async_trait]
impl Job for AddLink {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        let (id, today): (LinkId, _) = (tx.new_id()?, tx.today());
        let sql = "INSERT INTO establishment_links (id, user_id, establishment_id, capacity, start_on)
                   VALUES ($1, $2, $3, 'designated_teacher', $4)";
        both!(tx.conn(), c => sqlx::query(sql)
            .bind(id).bind(self.0).bind(self.1).bind(today).execute(c).await.map(|_| ()))?;
        tx.refresh_access(&Affected::Users(vec![self.0])).await
    }
}

struct Analyse;

#[async_trait]
impl Job for Analyse {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), Failure> {
        both!(tx.conn(), c => sqlx::query("ANALYZE").execute(c).await.map(|_| ()))?;
        Ok(())
    }
}
