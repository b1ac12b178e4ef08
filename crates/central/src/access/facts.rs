//! Loads what the rules need to know of users and pupils, a few set-based queries for any number of them.

use std::collections::HashMap;

use chrono::NaiveDate;
use lac_domain::access::{AssignmentFacts, CareFacts, Days, EnrolmentFacts, PupilFacts, UserFacts};
use lac_domain::{EnrolmentKind, EstablishmentId, PupilId, Role, UserId, UserStatus};
use sqlx::AssertSqlSafe;

use crate::both;
use crate::error::StoreError;
use crate::storage::{Conn, hex_ids};

/// Which rows are asked for: those of a list of ids, or all.
pub(super) enum Which<T> {
    These(Vec<T>),
    All,
}

impl<T: Copy + Into<uuid::Uuid>> Which<T> {
    /// SQL that is true for the ids asked for, and the parameter that goes with it as `$1`.
    fn condition(&self, conn: &Conn, column: &str) -> (String, String) {
        match self {
            Self::These(ids) => (
                format!("{column} IN {}", conn.engine().ids("$1")),
                hex_ids(ids.iter().copied()),
            ),
            // The parameter stays in use, so that both forms bind the same way.
            Self::All => ("$1 = '[]'".to_owned(), "[]".to_owned()),
        }
    }
}

macro_rules! rows {
    ($conn:expr, $which:expr, $column:literal, $row:ty, $select:literal) => {{
        let (condition, ids) = $which.condition($conn, $column);
        let sql = format!(concat!($select, " WHERE {}"), condition);
        let rows: Vec<$row> =
            both!($conn, c => sqlx::query_as(AssertSqlSafe(sql)).bind(ids).fetch_all(c).await)?;
        rows
    }};
}

#[derive(sqlx::FromRow)]
struct UserRow {
    id: UserId,
    #[sqlx(try_from = "String")]
    role: Role,
    #[sqlx(try_from = "String")]
    status: UserStatus,
}

/// Loads users other than LA roles; LA roles need no rows of their own.
pub(super) async fn users(conn: &mut Conn, which: &Which<UserId>) -> Result<Vec<UserFacts>, StoreError> {
    let users = rows!(conn, which, "id", UserRow, "SELECT id, role, status FROM users");
    type LinkRow = (UserId, EstablishmentId, NaiveDate, Option<NaiveDate>);
    let link_rows = rows!(
        conn,
        which,
        "user_id",
        LinkRow,
        "SELECT user_id, establishment_id, start_on, end_on FROM establishment_links"
    );
    let mut links: HashMap<UserId, Vec<(EstablishmentId, Days)>> = HashMap::new();
    for (user, establishment, start, end) in link_rows {
        links
            .entry(user)
            .or_default()
            .push((establishment, Days { start, end }));
    }
    type AssignmentRow = (UserId, PupilId, NaiveDate, Option<NaiveDate>, bool);
    let assignment_rows = rows!(
        conn,
        which,
        "user_id",
        AssignmentRow,
        "SELECT user_id, pupil_id, start_on, end_on, reads_all FROM assignments"
    );
    let mut assignments: HashMap<UserId, Vec<AssignmentFacts>> = HashMap::new();
    for (user, pupil, start, end, reads_all) in assignment_rows {
        assignments.entry(user).or_default().push(AssignmentFacts {
            pupil,
            days: Days { start, end },
            reads_all,
        });
    }
    Ok(users
        .into_iter()
        .filter(|user| !user.role.is_la())
        .map(|user| UserFacts {
            id: user.id,
            role: user.role,
            status: user.status,
            links: links.remove(&user.id).unwrap_or_default(),
            assignments: assignments.remove(&user.id).unwrap_or_default(),
        })
        .collect())
}

#[derive(sqlx::FromRow)]
struct PupilRow {
    id: PupilId,
    born: NaiveDate,
    adopted: bool,
    restricted: bool,
    held_from_schools_until: Option<NaiveDate>,
}

#[derive(sqlx::FromRow)]
struct EnrolmentRow {
    pupil_id: PupilId,
    establishment_id: EstablishmentId,
    #[sqlx(try_from = "String")]
    kind: EnrolmentKind,
    start_on: NaiveDate,
    end_on: Option<NaiveDate>,
    visible_from: NaiveDate,
    handover_ended: bool,
}

/// Loads pupils with all that decides who may see them.
pub(super) async fn pupils(conn: &mut Conn, which: &Which<PupilId>) -> Result<Vec<PupilFacts>, StoreError> {
    let pupils = rows!(
        conn,
        which,
        "id",
        PupilRow,
        "SELECT id, born, adopted, restricted, held_from_schools_until FROM pupils"
    );
    type CareRow = (PupilId, NaiveDate, Option<NaiveDate>);
    let care_rows = rows!(
        conn,
        which,
        "pupil_id",
        CareRow,
        "SELECT pupil_id, start_on, end_on FROM care_periods"
    );
    let mut care: HashMap<PupilId, Vec<CareFacts>> = HashMap::new();
    for (pupil, start, end) in care_rows {
        care.entry(pupil).or_default().push(CareFacts { start, end });
    }
    let enrolment_rows = rows!(
        conn,
        which,
        "pupil_id",
        EnrolmentRow,
        "SELECT pupil_id, establishment_id, kind, start_on, end_on, visible_from, handover_ended FROM enrolments"
    );
    let mut enrolments: HashMap<PupilId, Vec<EnrolmentFacts>> = HashMap::new();
    for row in enrolment_rows {
        enrolments.entry(row.pupil_id).or_default().push(EnrolmentFacts {
            establishment: row.establishment_id,
            kind: row.kind,
            days: Days {
                start: row.start_on,
                end: row.end_on,
            },
            visible_from: row.visible_from,
            handover_ended: row.handover_ended,
        });
    }
    let mut barred: HashMap<PupilId, Vec<UserId>> = HashMap::new();
    type UserOfPupil = (PupilId, UserId);
    for (pupil, user) in rows!(
        conn,
        which,
        "pupil_id",
        UserOfPupil,
        "SELECT pupil_id, user_id FROM bars"
    ) {
        barred.entry(pupil).or_default().push(user);
    }
    let mut named: HashMap<PupilId, Vec<UserId>> = HashMap::new();
    for (pupil, user) in rows!(
        conn,
        which,
        "pupil_id",
        UserOfPupil,
        "SELECT pupil_id, user_id FROM pupil_names"
    ) {
        named.entry(pupil).or_default().push(user);
    }
    Ok(pupils
        .into_iter()
        .map(|pupil| PupilFacts {
            id: pupil.id,
            born: pupil.born,
            adopted: pupil.adopted,
            restricted: pupil.restricted,
            named: named.remove(&pupil.id).unwrap_or_default(),
            barred: barred.remove(&pupil.id).unwrap_or_default(),
            held_from_schools_until: pupil.held_from_schools_until,
            care: care.remove(&pupil.id).unwrap_or_default(),
            enrolments: enrolments.remove(&pupil.id).unwrap_or_default(),
        })
        .collect())
}

/// What `pupil_access` holds now.
#[derive(sqlx::FromRow)]
pub(super) struct AccessRow {
    pub user_id: UserId,
    pub pupil_id: PupilId,
    pub reason: String,
    pub establishment_id: Option<EstablishmentId>,
    pub reads_all: bool,
    /// The last day that the user was told of.
    pub ends_told: Option<NaiveDate>,
}

/// Loads the rows of `pupil_access` of users.
pub(super) async fn access_of_users(conn: &mut Conn, which: &Which<UserId>) -> Result<Vec<AccessRow>, StoreError> {
    Ok(rows!(
        conn,
        which,
        "user_id",
        AccessRow,
        "SELECT user_id, pupil_id, reason, establishment_id, reads_all, ends_told FROM pupil_access"
    ))
}

/// Loads the rows of `pupil_access` to pupils.
pub(super) async fn access_to_pupils(conn: &mut Conn, which: &Which<PupilId>) -> Result<Vec<AccessRow>, StoreError> {
    Ok(rows!(
        conn,
        which,
        "pupil_id",
        AccessRow,
        "SELECT user_id, pupil_id, reason, establishment_id, reads_all, ends_told FROM pupil_access"
    ))
}

/// Pupils who were ever enrolled at establishments.
pub(super) async fn pupils_at(conn: &mut Conn, at: &[EstablishmentId]) -> Result<Vec<PupilId>, StoreError> {
    let which = Which::These(at.to_vec());
    type Row = (PupilId,);
    let rows = rows!(
        conn,
        which,
        "establishment_id",
        Row,
        "SELECT DISTINCT pupil_id FROM enrolments"
    );
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// Users linked to establishments or assigned to pupils, on whatever days.
pub(super) async fn users_around(
    conn: &mut Conn,
    at: &[EstablishmentId],
    of: &[PupilId],
) -> Result<Vec<UserId>, StoreError> {
    type Row = (UserId,);
    let (at, of) = (Which::These(at.to_vec()), Which::These(of.to_vec()));
    let mut rows = rows!(
        conn,
        at,
        "establishment_id",
        Row,
        "SELECT DISTINCT user_id FROM establishment_links"
    );
    rows.extend(rows!(
        conn,
        of,
        "pupil_id",
        Row,
        "SELECT DISTINCT user_id FROM assignments"
    ));
    Ok(rows.into_iter().map(|row| row.0).collect())
}

/// Users with a link or an assignment: all others of their roles see no pupil.
pub(super) async fn users_with_ties(conn: &mut Conn) -> Result<Vec<UserId>, StoreError> {
    let sql = "SELECT user_id FROM establishment_links UNION SELECT user_id FROM assignments
               UNION SELECT user_id FROM pupil_access";
    Ok(both!(conn, c => sqlx::query_scalar(sql).fetch_all(c).await)?)
}
