use lac_domain::{CommandId, ConversationId, PupilId, Role};
use lac_wire::{Command, CommandEnvelope, CommandReply, Entity, ErrorCode, Recipient};

use crate::both_engines;
use crate::test_support::{TestPupil, TestStore, TestUser, answer, conversation, message, new_uuid, to};

/// Two schools, a teacher in each, a social worker assigned to Tom, who is at the first school.
struct Tom {
    id: PupilId,
    grantly: TestUser,
    arabin: TestUser,
    worker: TestUser,
}

async fn tom(store: &TestStore) -> Tom {
    let (riverside, hilltop) = (store.school("Riverside Primary").await, store.school("Hilltop").await);
    let grantly = store.teacher("Theophilus", "Grantly", riverside).await;
    let arabin = store.teacher("Francis", "Arabin", hilltop).await;
    let worker = store.user(Role::SocialWorker, "Mary", "Bold").await;
    let id = store.pupil(TestPupil::at("Tom Reed", riverside)).await;
    store.assign(worker.id, id, false).await;
    Tom {
        id,
        grantly,
        arabin,
        worker,
    }
}

fn about(tom: &Tom) -> Option<PupilId> {
    Some(tom.id)
}

both_engines! {
    async fn a_teacher_writes_to_the_virtual_school_and_is_answered(store: &TestStore) {
        let tom = tom(store).await;
        let cursor = store.super_user.cursor().await;
        let command = conversation(store, about(&tom), vec![Recipient::VirtualSchool], "Tom likes the library");
        let id = command.conversation_id().unwrap();
        let reply: CommandReply = tom.grantly.command(command).await.json();
        let (sent, begun) = (reply.message.unwrap(), reply.conversation.unwrap());
        assert_eq!((sent.body.reveal(), begun.message_count, begun.last_number), ("Tom likes the library", 1, sent.number));
        assert_eq!(begun.participants.len(), 2);
        let changes = store.super_user.changes(cursor).await;
        let kinds: Vec<&str> = changes.iter().map(|e| match e {
            Entity::Conversation(_) => "conversation", Entity::Message(_) => "message", Entity::Person(_) => "person", _ => "other",
        }).collect();
        assert_eq!(kinds, ["conversation", "message", "person"]);
        let reply: CommandReply = store.super_user.command(answer(store, id, "Thank you")).await.json();
        assert!(reply.message.unwrap().number > sent.number);
        let path = format!("/v1/conversations/{id}");
        assert_eq!(tom.grantly.bodies(&path).await, ["Tom likes the library", "Thank you"]);
        assert_eq!(tom.grantly.bodies(&format!("{path}?limit=1")).await, ["Tom likes the library", "Thank you"]);
    }

    async fn the_same_command_twice_is_done_once(store: &TestStore) {
        let tom = tom(store).await;
        let command = conversation(store, about(&tom), vec![Recipient::VirtualSchool], "Once");
        let envelope = CommandEnvelope { id: CommandId(new_uuid()), command };
        let first: CommandReply = tom.grantly.envelope(&envelope).await.json();
        let again: CommandReply = tom.grantly.envelope(&envelope).await.json();
        assert_eq!(first, again);
        assert_eq!(again.conversation.unwrap().message_count, 1);
        let other = conversation(store, about(&tom), vec![Recipient::VirtualSchool], "Another");
        let reused = CommandEnvelope { id: envelope.id, command: other };
        assert_eq!(tom.grantly.envelope(&reused).await.code(), ErrorCode::IdReused);
        // A refusal is remembered as well, though it would be taken now.
        let refused = conversation(store, about(&tom), vec![to(&tom.arabin)], "To one who cannot see Tom");
        let envelope = CommandEnvelope { id: CommandId(new_uuid()), command: refused };
        assert_eq!(tom.grantly.envelope(&envelope).await.status, 422);
        store.link(tom.arabin.id, store.school("A third").await, "2020-09-01", None).await;
        assert_eq!(tom.grantly.envelope(&envelope).await.status, 422);
    }

    async fn a_message_about_a_pupil_goes_only_to_people_entitled_to_the_pupil(store: &TestStore) {
        let tom = tom(store).await;
        let everyone = vec![to(&tom.grantly), to(&tom.worker), to(&tom.arabin)];
        let refused = store.super_user.command(conversation(store, about(&tom), everyone, "x")).await.error();
        assert_eq!((refused.code, refused.field.as_deref()), (ErrorCode::RecipientNotEntitled, Some("recipients")));
        assert!(refused.message.contains("Francis Arabin") && !refused.message.contains("Grantly"), "{}", refused.message);
        // In a group, who is not entitled is left out.
        let barred = store.user(Role::LaUser, "Obadiah", "Slope").await;
        store.bar(barred.id, tom.id).await;
        let id = tom.grantly.begins(store, about(&tom), vec![Recipient::VirtualSchool], "x").await;
        assert_eq!(barred.client.get(&format!("/v1/conversations/{id}")).await.code(), ErrorCode::NotFound);
        assert_eq!(barred.client.get(&format!("/v1/pupils/{}/history", tom.id)).await.code(), ErrorCode::NotFound);
        let around = vec![Recipient::AroundPupil { pupil_id: tom.id }];
        let reply: CommandReply = store.super_user.command(conversation(store, about(&tom), around, "x")).await.json();
        let people: Vec<_> = reply.conversation.unwrap().participants.iter().map(|p| p.user_id).collect();
        assert_eq!(people.len(), 3, "the super user, the teacher, the social worker");
        assert!(!people.contains(&barred.id) && !people.contains(&tom.arabin.id));
        // The sender's own pupil is one they may not see: as if it did not exist.
        let unseen = conversation(store, about(&tom), vec![Recipient::VirtualSchool], "x");
        assert_eq!(tom.arabin.command(unseen).await.code(), ErrorCode::NotFound);
    }

    async fn who_may_write_to_whom(store: &TestStore) {
        let tom = tom(store).await;
        let colleague = store.user(Role::DesignatedTeacher, "Eleanor", "Harding").await;
        let none = |who: &TestUser| conversation(store, None, vec![to(who)], "Good morning");
        assert_eq!(tom.grantly.command(none(&tom.worker)).await.status, 200, "they share a pupil");
        assert_eq!(tom.grantly.command(none(&tom.arabin)).await.code(), ErrorCode::RecipientNotAllowed);
        assert_eq!(tom.grantly.command(none(&colleague)).await.code(), ErrorCode::RecipientNotAllowed);
        assert!(!tom.grantly.people().await.contains(&colleague.id));
        assert!(tom.grantly.people().await.contains(&tom.worker.id));
        let school = store.school("A third").await;
        store.link(tom.grantly.id, school, "2020-09-01", None).await;
        store.link(colleague.id, school, "2020-09-01", None).await;
        assert!(tom.grantly.people().await.contains(&colleague.id));
        assert_eq!(tom.grantly.command(none(&colleague)).await.status, 200, "they share a school");
        assert_eq!(tom.grantly.command(none(&tom.grantly)).await.code(), ErrorCode::NoRecipients);
        store.make_inactive(colleague.id).await;
        assert_eq!(store.super_user.command(none(&colleague)).await.code(), ErrorCode::RecipientNotAllowed);
        let group = vec![Recipient::DesignatedTeachers { establishment_id: school }];
        let reply: CommandReply = store.super_user.command(conversation(store, None, group, "x")).await.json();
        assert_eq!(reply.conversation.unwrap().participants.len(), 2);
    }

    async fn who_may_read_a_conversation(store: &TestStore) {
        let tom = tom(store).await;
        let open = tom.grantly.begins(store, about(&tom), vec![Recipient::VirtualSchool], "open").await;
        let mut command = conversation(store, about(&tom), vec![to(&tom.worker)], "confidential");
        if let Command::StartConversation { confidential, .. } = &mut command {
            *confidential = true;
        }
        let closed = command.conversation_id().unwrap();
        assert_eq!(store.super_user.command(command).await.status, 200);
        let other = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let reads = async |user: &TestUser, id: ConversationId| user.client.get(&format!("/v1/conversations/{id}")).await.status == 200;
        assert!(reads(&other, open).await && reads(&other, closed).await, "LA roles read what is about a pupil");
        assert!(!reads(&tom.worker, open).await, "reads only their own");
        assert!(reads(&tom.worker, closed).await);
        assert!(reads(&tom.grantly, open).await && !reads(&tom.grantly, closed).await);
        assert!(!reads(&tom.arabin, open).await);
        // But for the notice that Tom is new for him.
        let written = async |path: &str| {
            let mut bodies = tom.grantly.bodies(path).await;
            bodies.retain(|body| !body.starts_with("Tom Reed is now"));
            bodies
        };
        assert_eq!(written(&format!("/v1/pupils/{}/history", tom.id)).await, ["open"]);
        let mut all = other.bodies(&format!("/v1/pupils/{}/history?limit=1", tom.id)).await;
        all.sort();
        assert_eq!(all, ["confidential", "open"]);
        assert_eq!(other.bodies("/v1/held?part=messages").await, Vec::<String>::new(), "only participants hold them");
        assert_eq!(written("/v1/held?part=messages").await, ["open"]);
        // Who may read it joins by replying.
        assert_eq!(other.command(answer(store, open, "I can help")).await.status, 200);
        assert_eq!(other.bodies("/v1/held?part=messages").await, ["open", "I can help"]);
    }

    async fn words_outlive_entitlement(store: &TestStore) {
        let tom = tom(store).await;
        let before = tom.grantly.begins(store, about(&tom), vec![to(&tom.worker)], "before").await;
        store.end_links(tom.grantly.id, "2026-11-22").await;
        assert_eq!(tom.grantly.client.get(&format!("/v1/conversations/{before}")).await.code(), ErrorCode::NotFound);
        let recipients = vec![to(&tom.worker), to(&store.super_user)];
        let late = conversation(store, about(&tom), recipients, "He told me on Thursday");
        let id = late.conversation_id().unwrap();
        let reply: CommandReply = tom.grantly.command(late).await.json();
        assert_eq!((reply.conversation, reply.message, reply.left_out), (None, None, vec!["Mary Bold".to_owned()]));
        assert_eq!(store.super_user.bodies(&format!("/v1/conversations/{id}")).await, ["He told me on Thursday"]);
        assert_eq!(tom.worker.client.get(&format!("/v1/conversations/{id}")).await.code(), ErrorCode::NotFound);
        // To a conversation that nobody of the Virtual School was in, they are added.
        let reply: CommandReply = tom.grantly.command(answer(store, before, "and on Friday")).await.json();
        assert_eq!(reply.left_out, Vec::<String>::new());
        assert_eq!(store.super_user.bodies("/v1/held?part=messages").await.len(), 3);
        // Who never saw the pupil has no such words.
        let never = conversation(store, about(&tom), vec![to(&store.super_user)], "x");
        assert_eq!(tom.arabin.command(never).await.code(), ErrorCode::NotFound);
        assert_eq!(tom.arabin.command(answer(store, before, "x")).await.code(), ErrorCode::NotFound);
    }

    async fn marking_read_and_unread(store: &TestStore) {
        let tom = tom(store).await;
        let id = tom.grantly.begins(store, about(&tom), vec![Recipient::VirtualSchool], "one").await;
        let two: CommandReply = tom.grantly.command(answer(store, id, "two")).await.json();
        let newest = two.message.unwrap().number;
        let cursor = tom.grantly.cursor().await;
        let mine = |reply: CommandReply| {
            reply.conversation.unwrap().participants.into_iter().find(|p| p.user_id == store.super_user.id).unwrap()
        };
        let read = Command::MarkRead { conversation_id: id, up_to: newest + 1000 };
        let marked = mine(store.super_user.command(read).await.json());
        assert_eq!((marked.read_up_to, marked.read_at), (newest, Some(store.store.now())));
        assert!(matches!(tom.grantly.changes(cursor).await.as_slice(), [Entity::Conversation(_)]), "the sender sees who read it");
        let back = Command::MarkRead { conversation_id: id, up_to: 1 };
        assert_eq!(mine(store.super_user.command(back).await.json()).read_up_to, newest, "never less");
        let unread = Command::MarkUnread { conversation_id: id };
        assert_eq!(mine(store.super_user.command(unread).await.json()).read_up_to, newest - 1);
        assert_eq!(tom.arabin.command(Command::MarkUnread { conversation_id: id }).await.code(), ErrorCode::NotFound);
    }

    async fn texts_that_cannot_be_sent(store: &TestStore) {
        let command = |subject: &str, body: &str| Command::StartConversation {
            conversation_id: ConversationId(new_uuid()), subject: subject.into(), pupil_id: None, confidential: false,
            recipients: vec![to(&store.super_user)], message: message(store, body),
        };
        let user = store.user(Role::LaUser, "Obadiah", "Slope").await;
        for (subject, body, field) in [
            ("", "x", "subject"), ("x", "  \n", "body"), (&*"x".repeat(201), "x", "subject"), ("x", &*"é".repeat(20_001), "body"),
        ] {
            let error = user.command(command(subject, body)).await.error();
            assert_eq!((error.code, error.field.as_deref()), (ErrorCode::FieldInvalid, Some(field)));
        }
        assert_eq!(user.command(command(&"é".repeat(200), &"é".repeat(20_000))).await.status, 200);
        assert_eq!(user.command(Command::Unknown).await.code(), ErrorCode::CommandUnknown);
    }

    async fn a_mail_says_only_that_something_waits(store: &TestStore) {
        let tom = tom(store).await;
        // Those who came to see Tom are told that, too.
        let mails = async || {
            let mut mails = store.mails().await;
            mails.retain(|mail| mail.contains("To: septimus.harding@example.org"));
            mails
        };
        let id = tom.grantly.begins(store, about(&tom), vec![Recipient::VirtualSchool], "The body").await;
        tom.grantly.command(answer(store, id, "more")).await;
        let sent = mails().await;
        assert_eq!(sent.len(), 1, "one until it is sent");
        assert!(sent[0].contains("Barsetshire Virtual School has sent you secure messages; 2 are unread."), "{}", sent[0]);
        for word in ["Tom", "Grantly", "Reading", "body", "Harding\""] {
            assert!(!sent[0].contains(word), "{word}: {}", sent[0]);
        }
        tom.grantly.command(answer(store, id, "and more")).await;
        assert_eq!(mails().await.len(), 1, "not again so soon");
        store.clock.advance(chrono::TimeDelta::minutes(16));
        assert_eq!(mails().await.len(), 2);
    }
}
