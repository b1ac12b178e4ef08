use lac_domain::Role;
use lac_import::FindingCode as Code;
use lac_wire::{Import, User};

use super::*;
use crate::both_engines;

const FILE: &str = "User First Name,User Last Name,Job Title,Email,Phone,School Reference Number (URN)\n\
    Eleanor,Bold-Arabin,,ELEANOR.BOLD@example.org,01632 960001,100008\n\
    Mark,Robarts,SENCO,mark.robarts@example.org,,100005\n";

both_engines! {
    async fn users_who_exist_are_skipped_when_that_is_chosen(store: &TestStore) {
        let priya = authority(store).await;
        let school = store.school("Hogglestock Primary").await;
        let eleanor = store.teacher("Eleanor", "Bold", school).await;
        let import: Import =
            put_as(&priya, new_import(), Role::DesignatedTeacher, "skip", FILE.as_bytes()).await.json();
        assert_eq!((import.counts.to_create, import.counts.to_skip), (1, 1));
        let done: Import = commit(&priya, &import, true).await.json();
        let result = done.result.unwrap();
        assert_eq!((result.created, result.updated, result.skipped), (1, 0, 1));
        let user: User = priya.client.get(&format!("/v1/users/{}", eleanor.id)).await.json();
        assert_eq!((user.last_name.as_str(), user.links.len()), ("Bold", 1));
    }

    async fn users_who_exist_take_what_the_file_says_and_keep_the_rest(store: &TestStore) {
        let priya = authority(store).await;
        let school = store.school("Hogglestock Primary").await;
        let eleanor = store.teacher("Eleanor", "Bold", school).await;
        let import: Import =
            put_as(&priya, new_import(), Role::DesignatedTeacher, "update", FILE.as_bytes()).await.json();
        let done: Import = commit(&priya, &import, true).await.json();
        let result = done.result.unwrap();
        assert_eq!((result.created, result.updated, result.invited), (1, 1, 1));
        let user: User = priya.client.get(&format!("/v1/users/{}", eleanor.id)).await.json();
        assert_eq!((user.last_name.as_str(), user.phone.as_str(), user.links.len()), ("Bold-Arabin", "01632 960001", 2));
        let found = priya.client.get("/v1/users?search=arabin%20argyle").await.json::<lac_wire::Page<User>>();
        assert_eq!(found.rows.len(), 1);
        // The same file again finds nothing to change.
        let again: Import =
            put_as(&priya, new_import(), Role::DesignatedTeacher, "update", FILE.as_bytes()).await.json();
        // Nothing but the notice that it is finished.
        let changes = "SELECT COUNT(*) FROM changes WHERE entity_kind <> 'message'";
        let before = count(store, changes).await;
        let result = commit(&priya, &again, true).await.json::<Import>().result.unwrap();
        assert_eq!((result.created, result.updated, result.invited), (0, 0, 0));
        assert_eq!(count(store, changes).await, before);
    }

    async fn who_edits_a_user_meanwhile_is_told_what_a_file_changed(store: &TestStore) {
        let priya = authority(store).await;
        let school = store.school("Hogglestock Primary").await;
        let eleanor = store.teacher("Eleanor", "Bold", school).await;
        let path = format!("/v1/users/{}", eleanor.id);
        let before: User = priya.client.get(&path).await.json();
        let import: Import =
            put_as(&priya, new_import(), Role::DesignatedTeacher, "update", FILE.as_bytes()).await.json();
        assert_eq!(commit(&priya, &import, true).await.status, 200);
        let edit = |user: &User| serde_json::json!({
            "revision": user.revision, "status": user.status,
            "entry": {
                "role": user.role, "first_name": user.first_name, "last_name": user.last_name, "email": user.email,
                "job_title": "Deputy head", "phone": user.phone,
                "links": user.links.iter().map(|link| serde_json::json!({
                    "id": link.id, "establishment_id": link.establishment_id, "capacity": link.capacity,
                    "start": link.start, "end": link.end,
                })).collect::<Vec<_>>(),
            },
        });
        let error = priya.client.put(&path, &edit(&before)).await.error();
        assert_eq!(error.code, lac_wire::ErrorCode::ChangedMeanwhile);
        let changed = error.changed.unwrap();
        let told: Vec<_> = changed.changes.iter().map(|one| (one.by.as_deref(), one.fields.join(" "))).collect();
        assert_eq!(told, [(Some("Priya Shah"), "last_name email phone links".to_owned())]);
        // So is who edits them while it is undone.
        let before: User = priya.client.get(&path).await.json();
        let undone = priya.client.post(&format!("/v1/imports/{}/undo", import.id), &()).await;
        assert_eq!(undone.status, 200);
        let changed = priya.client.put(&path, &edit(&before)).await.error().changed.unwrap();
        let fields: Vec<_> = changed.changes.iter().map(|one| one.fields.join(" ")).collect();
        assert_eq!(fields, ["last_name email phone links"]);
    }

    async fn a_file_changes_no_roles(store: &TestStore) {
        let priya = authority(store).await;
        store.user(Role::SocialWorker, "Mark", "Robarts").await;
        let import: Import =
            put_as(&priya, new_import(), Role::DesignatedTeacher, "update", FILE.as_bytes()).await.json();
        let found = findings(&priya, import.id, "severity=error").await;
        assert_eq!((found.rows.len(), found.rows[0].code), (1, Code::UserRoleDiffers));
    }

    async fn an_invitation_that_waited_goes_out_with_the_link_of_a_later_file(store: &TestStore) {
        let priya = authority(store).await;
        let first = "First name,Last name,Email,URN\nJonah,Strand,jonah.strand@example.org,0\n";
        let import = put(&priya, new_import(), first.as_bytes()).await;
        assert_eq!(commit(&priya, &import, true).await.json::<Import>().result.unwrap().invited, 0);
        let later = "First name,Last name,Email,URN\nJonah,Strand,jonah.strand@example.org,100008\n";
        let import: Import =
            put_as(&priya, new_import(), Role::DesignatedTeacher, "update", later.as_bytes()).await.json();
        assert_eq!(commit(&priya, &import, true).await.json::<Import>().result.unwrap().invited, 1);
        assert_eq!(store.mails().await.len(), 1);
        assert_eq!(count(store, "SELECT COUNT(*) FROM users WHERE invitation_held").await, 0);
    }

    async fn a_column_of_roles_changes_roles_by_the_rules_of_an_edit(store: &TestStore) {
        let priya = authority(store).await;
        let school = store.school("Hogglestock Primary").await;
        let eleanor = store.teacher("Eleanor", "Bold", school).await;
        let mark = store.user(Role::SocialWorker, "Mark", "Robarts").await;
        let file = "First name,Surname,Email,User Role\n\
            Eleanor,Bold,eleanor.bold@example.org,LA User\n\
            Mark,Robarts,mark.robarts@example.org,\n\
            Priya,Shah,priya.shah@example.org,LA User\n";
        let import: Import = put_as(&priya, new_import(), Role::SocialWorker, "update", file.as_bytes()).await.json();
        let found = findings(&priya, import.id, "").await.rows;
        let codes: Vec<(u32, Code)> = found.iter().map(|finding| (finding.row, finding.code)).collect();
        assert_eq!(codes, [(4, Code::UserRoleFixed), (2, Code::UserRoleChanges), (3, Code::UserExists)]);
        let done: Import = commit(&priya, &import, false).await.json();
        // Mark takes the spelling of his address.
        assert_eq!((done.result.unwrap().updated, done.result.unwrap().refused), (2, 1));
        let user: User = priya.client.get(&format!("/v1/users/{}", eleanor.id)).await.json();
        assert_eq!((user.role, user.links.len()), (Role::LaUser, 0));
        let user: User = priya.client.get(&format!("/v1/users/{}", mark.id)).await.json();
        assert_eq!(user.role, Role::SocialWorker);
        let user: User = priya.client.get(&format!("/v1/users/{}", priya.id)).await.json();
        assert_eq!(user.role, Role::LaSuperUser);
    }
}
