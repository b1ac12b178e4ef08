//! What a refresh costs: as many statements for a school of two thousand pupils as for one of twenty.

use chrono::NaiveDate;
use lac_domain::{EstablishmentId, Role};

use crate::both_engines;
use crate::storage::{JsonRows, statements};
use crate::test_support::{TestPupil, TestStore};
use crate::writer::{Job, Tx};

/// Pupils of a school, in three statements.
struct ManyPupils(EstablishmentId, usize);

#[async_trait::async_trait]
impl Job for ManyPupils {
    type Output = ();

    async fn run(&self, tx: &mut Tx) -> Result<(), crate::error::Failure> {
        use crate::storage::Column;
        let (born, start): (NaiveDate, NaiveDate) = ("2014-05-04".parse().unwrap(), "2024-09-03".parse().unwrap());
        let now = tx.now();
        let mut rows = JsonRows::new();
        for number in 0..self.1 {
            let id: lac_domain::PupilId = tx.new_id()?;
            let care: lac_domain::CarePeriodId = tx.new_id()?;
            let enrolment: lac_domain::EnrolmentId = tx.new_id()?;
            let name = format!("Pupil {number}");
            rows.push(&[&id, &name, &born, &now, &care, &enrolment, &self.0, &start]);
        }
        let columns = [
            Column::Id("id"),
            Column::Text("name"),
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
               restricted, adopted, created_at) SELECT id, 1, name, name, name, name, born, FALSE, FALSE, at FROM",
            "INSERT INTO care_periods (id, pupil_id, start_on) SELECT care, id, start_on FROM",
            "INSERT INTO enrolments (id, pupil_id, establishment_id, kind, start_on, visible_from, handover_ended)
               SELECT enrolment, id, school, 'main', start_on, start_on, FALSE FROM",
        ] {
            let sql = sqlx::AssertSqlSafe(format!("{sql} {source} AS r"));
            let json = rows.json();
            crate::both!(tx.conn(), c => sqlx::query(sql).bind(json).execute(c).await.map(|_| ()))?;
        }
        Ok(())
    }
}

async fn cost_of_a_link(store: &TestStore, name: &str, pupils: usize) -> (usize, i64) {
    let school = store.school(name).await;
    store
        .store
        .run(None, ManyPupils(school, pupils))
        .await
        .unwrap_or_else(|error| panic!("{error}"));
    let teacher = store.invited(Role::DesignatedTeacher, name, "Bold").await;
    let before = statements();
    store.link(teacher, school, "2020-09-01", None).await;
    let cost = statements() - before;
    let mut conn = store.store.read().await.unwrap();
    let sql = "SELECT COUNT(*) FROM pupil_access WHERE user_id = $1";
    let sees: i64 = crate::both!(&mut conn, c => sqlx::query_scalar(sql).bind(teacher).fetch_one(c).await).unwrap();
    (cost, sees)
}

both_engines! {
    async fn a_link_to_a_school_of_two_thousand_pupils_costs_as_many_statements_as_one_of_twenty(store: &TestStore) {
        let (few, seen) = cost_of_a_link(store, "Small", 20).await;
        assert_eq!(seen, 20);
        let (many, seen) = cost_of_a_link(store, "Large", 2_000).await;
        assert_eq!((many, seen), (few, 2_000));
        assert!(few > 5, "the statements are counted: {few}");
    }

    async fn a_pupil_who_moves_costs_the_same_however_many_see_them(store: &TestStore) {
        let school = store.school("Large").await;
        let mut costs = Vec::new();
        for more in [1, 30] {
            for _ in 0..more {
                let name = crate::test_support::new_uuid().to_string();
                let teacher = store.invited(Role::DesignatedTeacher, &name, "Bold").await;
                store.link(teacher, school, "2020-09-01", None).await;
            }
            let before = statements();
            store.pupil(TestPupil::at("Tom Reed", school)).await;
            costs.push(statements() - before);
        }
        assert_eq!(costs[0], costs[1]);
    }
}
