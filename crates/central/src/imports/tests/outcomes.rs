use lac_domain::Role;
use lac_wire::{Import, ImportOutcome, ImportedOne};

use super::*;
use crate::both_engines;

const FILE: &str = "User First Name,User Last Name,Email,School Reference Number (URN)\n\
    Mark,Robarts,mark.robarts@example.org,100005\n\
    Eleanor,Bold,eleanor.bold@example.org,100008\n\
    Grace,Crawley,grace.crawley@example.org,100008\n";

async fn outcomes(user: &TestUser, id: ImportId, query: &str) -> Page<ImportedOne> {
    user.client
        .get(&format!("/v1/imports/{id}/outcomes?{query}"))
        .await
        .json()
}

both_engines! {
    async fn what_became_of_each_is_listed_page_by_page(store: &TestStore) {
        let priya = authority(store).await;
        let school = store.school("Hogglestock Primary").await;
        let mark = store.teacher("Mark", "Robarts", school).await;
        let import: Import =
            put_as(&priya, new_import(), Role::DesignatedTeacher, "update", FILE.as_bytes()).await.json();
        assert_eq!(outcomes(&priya, import.id, "").await.rows, []);
        assert_eq!(commit(&priya, &import, true).await.status, 200);
        let all = outcomes(&priya, import.id, "").await.rows;
        let names: Vec<(&str, ImportOutcome)> = all.iter().map(|one| (one.name.as_str(), one.outcome)).collect();
        assert_eq!(names, [
            ("Eleanor Bold", ImportOutcome::Created),
            ("Grace Crawley", ImportOutcome::Created),
            ("Mark Robarts", ImportOutcome::Updated),
        ]);
        assert_eq!((all[2].id, all[2].detail.as_str()), (mark.id.0, "mark.robarts@example.org"));
        let mut paged = Vec::new();
        let mut after = String::new();
        loop {
            let page = outcomes(&priya, import.id, &format!("limit=1{after}")).await;
            paged.extend(page.rows);
            let Some(next) = page.after else { break };
            after = format!("&after={next}");
        }
        assert_eq!(paged, all);
        assert_eq!(outcomes(&priya, import.id, "outcome=updated").await.rows, all[2..]);
        assert_eq!(outcomes(&priya, import.id, "outcome=created").await.rows, all[..2]);

        let skipped: Import =
            put_as(&priya, new_import(), Role::DesignatedTeacher, "skip", FILE.as_bytes()).await.json();
        assert_eq!(commit(&priya, &skipped, true).await.status, 200);
        let left = outcomes(&priya, skipped.id, "outcome=skipped").await.rows;
        assert_eq!(left.len(), 3);
    }
}
