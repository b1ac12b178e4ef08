use lac_domain::{ConversationId, PupilId, Role, UserId};
use lac_wire::{
    CheckRecipients, Command, CommandReply, Conversation, Entity, EntityKind, ErrorCode, Recipient, RecipientsChecked,
    Unread,
};

use crate::both_engines;
use crate::test_support::{TestPupil, TestStore, TestUser, answer, conversation, to};

/// Two schools, a teacher in each, and Tom, who is at the first school.
struct Tom {
    id: PupilId,
    grantly: TestUser,
    arabin: TestUser,
}

async fn tom(store: &TestStore) -> Tom {
    let (riverside, hilltop) = (store.school("Riverside Primary").await, store.school("Hilltop").await);
    Tom {
        grantly: store.teacher("Theophilus", "Grantly", riverside).await,
        arabin: store.teacher("Francis", "Arabin", hilltop).await,
        id: store.pupil(TestPupil::at("Tom Reed", riverside)).await,
    }
}

fn add(conversation_id: ConversationId, users: &[&TestUser]) -> Command {
    Command::AddParticipants {
        conversation_id,
        users: users.iter().map(|user| user.id).collect(),
    }
}

fn people(conversation: &Conversation) -> Vec<UserId> {
    let mut ids: Vec<_> = conversation.participants.iter().map(|one| one.user_id).collect();
    ids.sort();
    ids
}

async fn reads(user: &TestUser, id: ConversationId) -> Vec<String> {
    let path = format!("/v1/conversations/{id}");
    if user.client.get(&path).await.status != 200 {
        return Vec::new();
    }
    user.bodies(&path).await
}

both_engines! {
    async fn who_is_added_sees_the_whole_conversation_and_everyone_is_told(store: &TestStore) {
        let tom = tom(store).await;
        let id = tom.grantly.begins(store, None, vec![to(&store.super_user)], "one").await;
        store.super_user.command(answer(store, id, "two")).await;
        let (mine, theirs) = (tom.grantly.cursor().await, tom.arabin.cursor().await);
        assert!(reads(&tom.arabin, id).await.is_empty());
        let reply: CommandReply = store.super_user.command(add(id, &[&tom.arabin])).await.json();
        assert_eq!(people(&reply.conversation.unwrap()).len(), 3);
        assert_eq!(reads(&tom.arabin, id).await, ["one", "two"]);
        // Their names, too, which they could not see before.
        let told = tom.grantly.changes(mine).await;
        assert!(told.iter().any(|one| matches!(one, Entity::Conversation(c) if c.id == id)));
        assert!(told.iter().any(|one| matches!(one, Entity::Person(p) if p.id == tom.arabin.id)));
        let told = tom.arabin.changes(theirs).await;
        assert!(told.iter().any(|one| matches!(one, Entity::Conversation(c) if c.message_count == 2)));
        assert!(told.iter().any(|one| matches!(one, Entity::Person(p) if p.id == tom.grantly.id)));
        // The same again changes nothing.
        let again: CommandReply = store.super_user.command(add(id, &[&tom.arabin])).await.json();
        assert_eq!(people(&again.conversation.unwrap()).len(), 3);
    }

    async fn nobody_is_added_who_may_not_see_the_pupil_or_may_not_be_written_to(store: &TestStore) {
        let tom = tom(store).await;
        let id = tom.grantly.begins(store, Some(tom.id), vec![to(&store.super_user)], "one").await;
        let refused = store.super_user.command(add(id, &[&tom.arabin])).await.error();
        assert_eq!(refused.code, ErrorCode::RecipientNotEntitled);
        assert!(refused.message.contains("Francis Arabin"), "{}", refused.message);
        assert!(reads(&tom.arabin, id).await.is_empty());
        // The teacher does not even know of the other.
        assert_eq!(tom.grantly.command(add(id, &[&tom.arabin])).await.code(), ErrorCode::RecipientNotAllowed);
        // Who may not read it adds nobody, and learns nothing of it.
        assert_eq!(tom.arabin.command(add(id, &[&store.super_user])).await.code(), ErrorCode::NotFound);
        let worker = store.user(Role::SocialWorker, "Mary", "Bold").await;
        store.assign(worker.id, tom.id, false).await;
        assert_eq!(tom.grantly.command(add(id, &[&worker])).await.status, 200);
        assert_eq!(reads(&worker, id).await, ["one"]);
    }

    async fn who_leaves_has_it_no_more_and_their_name_stays(store: &TestStore) {
        let tom = tom(store).await;
        let id = store.super_user.begins(store, None, vec![to(&tom.grantly), to(&tom.arabin)], "one").await;
        tom.arabin.command(answer(store, id, "two")).await;
        let cursor = tom.arabin.cursor().await;
        let reply: CommandReply = tom.arabin.command(Command::Leave { conversation_id: id }).await.json();
        assert_eq!(reply.conversation, None);
        assert!(reads(&tom.arabin, id).await.is_empty());
        let told = tom.arabin.changes(cursor).await;
        assert!(told.contains(&Entity::Gone { entity: EntityKind::Conversation, id: id.0 }), "{told:?}");
        assert!(told.contains(&Entity::PeopleChanged {}));
        assert!(!tom.arabin.people().await.contains(&tom.grantly.id));
        assert!(tom.grantly.people().await.contains(&tom.arabin.id), "what he wrote stays under his name");
        assert_eq!(tom.arabin.command(answer(store, id, "three")).await.code(), ErrorCode::NotFound);
        // What is written from now on is not for him, until he is asked back.
        store.super_user.command(answer(store, id, "three")).await;
        // Who is added meanwhile is told the name under which his message stands.
        let mary = store.user(Role::SocialWorker, "Mary", "Bold").await;
        let cursor = mary.cursor().await;
        store.super_user.command(add(id, &[&mary])).await;
        let told = mary.changes(cursor).await;
        assert!(told.iter().any(|one| matches!(one, Entity::Person(p) if p.id == tom.arabin.id)), "{told:?}");
        mary.command(Command::Leave { conversation_id: id }).await;
        store.super_user.command(add(id, &[&tom.arabin])).await;
        assert_eq!(reads(&tom.arabin, id).await, ["one", "two", "three"]);
        // The last one stays.
        tom.grantly.command(Command::Leave { conversation_id: id }).await;
        tom.arabin.command(Command::Leave { conversation_id: id }).await;
        let refused = store.super_user.command(Command::Leave { conversation_id: id }).await.error();
        assert_eq!(refused.code, ErrorCode::FieldInvalid);
        assert!(refused.message.contains("only one left"), "{}", refused.message);
    }

    async fn who_leaves_a_conversation_about_a_pupil_may_still_read_it(store: &TestStore) {
        let tom = tom(store).await;
        let id = tom.grantly.begins(store, Some(tom.id), vec![Recipient::VirtualSchool], "one").await;
        let cursor = tom.grantly.cursor().await;
        let reply: CommandReply = tom.grantly.command(Command::Leave { conversation_id: id }).await.json();
        assert_eq!(people(&reply.conversation.unwrap()), [store.super_user.id]);
        assert_eq!(reads(&tom.grantly, id).await, ["one"]);
        let told = tom.grantly.changes(cursor).await;
        assert!(!told.iter().any(|one| matches!(one, Entity::Gone { .. })), "{told:?}");
    }

    async fn nobody_leaves_it_to_those_who_may_not_see_the_pupil(store: &TestStore) {
        let tom = tom(store).await;
        let id = tom.grantly.begins(store, Some(tom.id), vec![to(&store.super_user)], "one").await;
        store.bar(tom.grantly.id, tom.id).await;
        let refused = store.super_user.command(Command::Leave { conversation_id: id }).await.error();
        assert!(refused.message.contains("only one left"), "{}", refused.message);
    }

    async fn who_may_not_see_the_pupil_is_told_of_nothing_unread(store: &TestStore) {
        let tom = tom(store).await;
        let slope = store.user(Role::LaUser, "Obadiah", "Slope").await;
        tom.grantly.begins(store, Some(tom.id), vec![to(&slope)], "one").await;
        let unread = async || slope.client.get("/v1/unread").await.json::<Unread>();
        assert_eq!(unread().await.messages, 1);
        store.bar(slope.id, tom.id).await;
        assert_eq!(unread().await, Unread::default());
    }

    async fn a_muted_conversation_brings_no_mail(store: &TestStore) {
        let tom = tom(store).await;
        let id = store.super_user.begins(store, None, vec![to(&tom.grantly)], "one").await;
        let mails = async || {
            let mut mails = store.mails().await;
            mails.retain(|mail| mail.to_lowercase().contains("to: theophilus.grantly@") && mail.contains("unread"));
            mails
        };
        let before = mails().await;
        assert_eq!(before.len(), 1);
        let cursor = tom.grantly.cursor().await;
        let mute = Command::Mute { conversation_id: id, muted: true };
        let reply: CommandReply = tom.grantly.command(mute).await.json();
        assert!(reply.conversation.unwrap().muted);
        assert!(matches!(tom.grantly.changes(cursor).await.as_slice(), [Entity::Conversation(c)] if c.muted));
        store.clock.advance(chrono::TimeDelta::minutes(16));
        let hers = store.super_user.cursor().await;
        store.super_user.command(answer(store, id, "two")).await;
        assert_eq!(mails().await, before, "nothing of a muted conversation");
        let told = store.super_user.changes(hers).await;
        assert!(told.iter().all(|one| !matches!(one, Entity::Conversation(c) if c.muted)), "it is muted for him alone");
        // What is unread elsewhere is counted without it.
        store.super_user.begins(store, None, vec![to(&tom.grantly)], "other").await;
        store.clock.advance(chrono::TimeDelta::minutes(16));
        let mails = mails().await;
        assert_eq!(mails.len(), 2);
        // The notice that Tom is new for him, and the other message.
        assert!(mails[1].contains("2 are unread"), "{}", mails[1]);
        let unmute = Command::Mute { conversation_id: id, muted: false };
        let reply: CommandReply = tom.grantly.command(unmute).await.json();
        assert!(!reply.conversation.unwrap().muted);
    }

    async fn whom_a_message_would_reach_is_told_before_it_is_sent(store: &TestStore) {
        let tom = tom(store).await;
        let barred = store.user(Role::LaUser, "Obadiah", "Slope").await;
        store.bar(barred.id, tom.id).await;
        let ask = |pupil_id, recipients| CheckRecipients { pupil_id, recipients };
        let both = vec![to(&tom.grantly), to(&tom.arabin), Recipient::VirtualSchool];
        let checked: RecipientsChecked =
            store.super_user.client.post("/v1/recipients/check", &ask(Some(tom.id), both.clone())).await.json();
        assert_eq!(checked, RecipientsChecked { people: 1, not_entitled: vec![tom.arabin.id], left_out: 1 });
        // By the same rule it is refused.
        let refused = store.super_user.command(conversation(store, Some(tom.id), both.clone(), "x")).await;
        assert_eq!(refused.code(), ErrorCode::RecipientNotEntitled);
        let none: RecipientsChecked =
            store.super_user.client.post("/v1/recipients/check", &ask(None, both)).await.json();
        assert_eq!(none, RecipientsChecked { people: 3, not_entitled: Vec::new(), left_out: 0 });
        // Who may not see the pupil, or the person, asks in vain.
        let asked = tom.arabin.client.post("/v1/recipients/check", &ask(Some(tom.id), Vec::new())).await;
        assert_eq!(asked.code(), ErrorCode::NotFound);
        let asked = tom.grantly.client.post("/v1/recipients/check", &ask(None, vec![to(&tom.arabin)])).await;
        assert_eq!(asked.code(), ErrorCode::RecipientNotAllowed);
    }
}
