//! Assignments and links of the matrix: users and days that are fresh for each request, and assignments that a role
//! may not know.

use lac_domain::{AssignmentId, PupilId, Role};
use uuid::Uuid;

use super::world::World;
use crate::both;
use crate::test_support::new_uuid;

impl World<'_> {
    /// A Social Worker whom nobody has assigned yet.
    pub async fn newcomer(&self) -> Uuid {
        let first_name = format!("N{}", new_uuid().simple());
        self.store.invited(Role::SocialWorker, &first_name, "Assigned").await.0
    }

    /// A colleague whom nobody has asked for yet.
    pub fn colleague(&self, establishment: Uuid) -> serde_json::Value {
        let name = new_uuid().simple().to_string();
        serde_json::json!({
            "establishment_id": establishment, "first_name": "Colleague", "last_name": "Asked", "job_title": "",
            "email": format!("{name}@hogglestock.example"),
        })
    }

    /// A request of the Designated Teacher's that waits.
    pub async fn request(&self) -> Uuid {
        let teacher = &self.actors[0].user.client;
        let asked = teacher.post("/v1/colleagues", &self.colleague(self.school().0)).await;
        asked.json::<lac_wire::ColleagueRequest>().id.0
    }

    /// Something that the LA Super User began with many users.
    pub async fn action(&self) -> Uuid {
        let which = serde_json::json!({ "kind": "these", "ids": [self.invited()] });
        let asked = serde_json::json!({ "id": new_uuid(), "which": which, "act": { "kind": "invite" } });
        let begun = self.store.super_user.client.post("/v1/users/actions", &asked).await;
        begun.json::<lac_wire::UserAction>().id.0
    }

    /// A Designated Teacher whom nobody has linked yet.
    pub async fn unlinked(&self) -> Uuid {
        let first_name = format!("U{}", new_uuid().simple());
        self.store
            .invited(Role::DesignatedTeacher, &first_name, "Unlinked")
            .await
            .0
    }

    /// The link of a Designated Teacher elsewhere.
    pub async fn link_of_stranger(&self) -> Uuid {
        let sql = "SELECT id FROM establishment_links WHERE user_id = $1 ORDER BY start_on LIMIT 1";
        let mut conn = self.store.store.read().await.unwrap();
        both!(&mut conn, c => sqlx::query_scalar(sql).bind(self.stranger()).fetch_one(c).await).unwrap()
    }

    /// A link that has not begun.
    pub async fn future_link(&self) -> Uuid {
        let day = self.fresh_day().to_string();
        self.store
            .link(self.stranger().into(), self.school(), &day, Some(&day))
            .await
            .0
    }

    /// A day on which nobody is assigned yet.
    pub fn fresh_day(&self) -> chrono::NaiveDate {
        let days = self.days.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        chrono::NaiveDate::from_ymd_opt(2031, 1, 1).unwrap() + chrono::Days::new(days)
    }

    /// An assignment to a pupil, of a user to whom no other row gives more: days of theirs would overlap.
    pub async fn assignment_to(&self, pupil: PupilId) -> Option<AssignmentId> {
        let sql = "SELECT id FROM assignments WHERE pupil_id = $1 AND user_id <> $2 ORDER BY id LIMIT 1";
        let mut conn = self.store.store.read().await.unwrap();
        both!(&mut conn, c => sqlx::query_scalar(sql).bind(pupil).bind(self.invited()).fetch_optional(c).await).unwrap()
    }

    /// Assignments to pupils.
    pub async fn assignments_to(&self, pupils: &[Uuid]) -> Vec<Uuid> {
        let mut found = Vec::new();
        for pupil in pupils {
            found.extend(self.assignment_to(PupilId(*pupil)).await.map(|id| id.0));
        }
        found
    }
}
