use lac_domain::{ListId, Role};
use lac_wire::{CommandReply, Entity, ErrorCode, LIST_MEMBERS_LIMIT, Me, Recipient, SaveList};

use crate::both_engines;
use crate::test_support::{TestUser, conversation, new_uuid};

fn list(name: &str, members: &[&TestUser]) -> SaveList {
    SaveList {
        name: name.into(),
        members: members.iter().map(|user| user.id).collect(),
    }
}

fn path(id: ListId) -> String {
    format!("/v1/me/lists/{id}")
}

both_engines! {
    async fn a_list_is_made_changed_written_to_and_deleted(store: &TestStore) {
        let school = store.school("Riverside Primary").await;
        let (grantly, arabin) =
            (store.teacher("Theophilus", "Grantly", school).await, store.teacher("Francis", "Arabin", school).await);
        let worker = store.user(Role::SocialWorker, "Mary", "Bold").await;
        let cursor = store.super_user.cursor().await;
        let id = ListId(new_uuid());
        let me: Me = store.super_user.client.put(&path(id), &list(" PEP circle ", &[&worker, &grantly])).await.json();
        assert_eq!((me.lists.len(), me.lists[0].name.reveal()), (1, "PEP circle"));
        assert_eq!(me.lists[0].members, [worker.id, grantly.id], "in the order in which they were chosen");
        // The other devices of its owner are told, and nobody else.
        assert!(matches!(store.super_user.changes(cursor).await.as_slice(), [Entity::Me(me)] if me.lists.len() == 1));
        let to_list = vec![Recipient::OwnList { id }];
        let reply: CommandReply =
            store.super_user.command(conversation(store, None, to_list.clone(), "x")).await.json();
        assert_eq!(reply.conversation.unwrap().participants.len(), 3);

        // Who became inactive stays on it, and is not written to.
        store.make_inactive(worker.id).await;
        let me: Me =
            store.super_user.client.put(&path(id), &list("PEP circle", &[&worker, &grantly, &arabin])).await.json();
        assert_eq!(me.lists[0].members, [worker.id, grantly.id, arabin.id]);
        let reply: CommandReply =
            store.super_user.command(conversation(store, None, to_list.clone(), "x")).await.json();
        assert_eq!(reply.conversation.unwrap().participants.len(), 3);

        let me: Me = store.super_user.client.delete(&path(id)).await.json();
        assert!(me.lists.is_empty());
        let refused = store.super_user.command(conversation(store, None, to_list, "x")).await;
        assert_eq!(refused.code(), ErrorCode::RecipientNotAllowed);
    }

    async fn a_list_is_its_owner_s_alone(store: &TestStore) {
        let school = store.school("Riverside Primary").await;
        let (grantly, arabin) =
            (store.teacher("Theophilus", "Grantly", school).await, store.teacher("Francis", "Arabin", school).await);
        let id = ListId(new_uuid());
        let mine = list("Mine", &[&store.super_user]);
        assert_eq!(grantly.client.put(&path(id), &mine).await.status, 200);
        assert_eq!(arabin.client.put(&path(id), &mine).await.code(), ErrorCode::NotFound);
        assert_eq!(arabin.client.delete(&path(id)).await.code(), ErrorCode::NotFound);
        let to_list = vec![Recipient::OwnList { id }];
        assert_eq!(arabin.command(conversation(store, None, to_list, "x")).await.code(), ErrorCode::RecipientNotAllowed);
        let me: Me = arabin.client.get("/v1/me").await.json();
        assert!(me.lists.is_empty());
    }

    async fn lists_that_cannot_be_saved(store: &TestStore) {
        let school = store.school("Riverside Primary").await;
        let grantly = store.teacher("Theophilus", "Grantly", school).await;
        let stranger = store.user(Role::SocialWorker, "Mary", "Bold").await;
        let save = async |list: SaveList| grantly.client.put(&path(ListId(new_uuid())), &list).await;
        let boss = &store.super_user;
        for (wrong, field) in [
            (list("  ", &[boss]), "name"),
            (list(&"x".repeat(81), &[boss]), "name"),
            (list("Nobody", &[]), "members"),
            (list("A stranger", &[&stranger]), "members"),
            (list("Myself", &[&grantly]), "members"),
        ] {
            let error = save(wrong).await.error();
            assert_eq!((error.code, error.field.as_deref()), (ErrorCode::FieldInvalid, Some(field)));
        }
        let many = SaveList {
            name: "Many".into(),
            members: (0..=LIST_MEMBERS_LIMIT).map(|_| new_uuid().into()).collect(),
        };
        assert_eq!(save(many).await.error().field.as_deref(), Some("members"));
        assert_eq!(save(list("Once", &[boss])).await.status, 200);
        assert_eq!(save(list("ONCE", &[boss])).await.error().field.as_deref(), Some("name"), "a name is used once");
    }
}
