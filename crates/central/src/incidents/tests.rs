use chrono::TimeDelta;
use lac_domain::{ConversationId, MessageId, PupilId, Role};
use lac_wire::{
    CommandReply, Entity, EntityKind, ErrorCode, MessageReport, NewMessage, Recipient, ReportPerson, WithdrawMessage,
};

use crate::test_support::{Reply, TestPupil, TestStore, TestUser, answer, conversation, to};
use crate::{both, both_engines};

/// Tom at Riverside with a teacher; a social worker who reads only their own; a conversation with a file.
struct Sent {
    tom: PupilId,
    grantly: TestUser,
    worker: TestUser,
    conversation: ConversationId,
    message: MessageId,
    number: i64,
    file: lac_domain::AttachmentId,
}

async fn sent(store: &TestStore) -> Sent {
    let riverside = store.school("Riverside Primary").await;
    let grantly = store.teacher("Theophilus", "Grantly", riverside).await;
    let worker = store.user(Role::SocialWorker, "Mary", "Bold").await;
    let tom = store.pupil(TestPupil::at("Tom Reed", riverside)).await;
    store.assign(worker.id, tom, false).await;
    let file = store.super_user.attach("Address.txt", b"12 High Street").await;
    let command = conversation(store, Some(tom), vec![to(&worker)], "The address is 12 High Street");
    let (conversation_id, command) = match command {
        lac_wire::Command::StartConversation {
            conversation_id,
            subject,
            pupil_id,
            confidential,
            recipients,
            message,
        } => (
            conversation_id,
            lac_wire::Command::StartConversation {
                conversation_id,
                subject,
                pupil_id,
                confidential,
                recipients,
                message: NewMessage {
                    attachments: vec![file],
                    ..message
                },
            },
        ),
        other => panic!("{other:?}"),
    };
    let reply: CommandReply = store.super_user.command(command).await.json();
    let sent = reply.message.unwrap();
    Sent {
        tom,
        grantly,
        worker,
        conversation: conversation_id,
        message: sent.id,
        number: sent.number,
        file,
    }
}

fn because(reason: &str, subject: bool) -> WithdrawMessage {
    WithdrawMessage {
        reason: reason.into(),
        subject,
    }
}

async fn withdraw(by: &TestUser, id: MessageId, asked: &WithdrawMessage) -> Reply {
    by.client.post(&format!("/v1/messages/{id}/withdrawal"), asked).await
}

async fn report(by: &TestUser, id: MessageId) -> MessageReport {
    by.client.get(&format!("/v1/messages/{id}/report")).await.json()
}

fn person<'a>(report: &'a MessageReport, user: &TestUser) -> Option<&'a ReportPerson> {
    report.people.iter().find(|person| person.id == user.id)
}

async fn mark_read(user: &TestUser, sent: &Sent) {
    let read = lac_wire::Command::MarkRead {
        conversation_id: sent.conversation,
        up_to: sent.number,
    };
    let _: CommandReply = user.command(read).await.json();
}

both_engines! {
    async fn a_withdrawn_message_is_given_to_nobody_and_a_line_stands_in_its_place(store: &TestStore) {
        let sent = sent(store).await;
        let cursor = sent.grantly.cursor().await;
        let asked = because(" Sent to the wrong person ", false);
        let done: MessageReport = withdraw(&store.super_user, sent.message, &asked).await.json();
        assert_eq!((done.withdrawn_by.as_str(), done.attachments), ("Septimus Harding", 1));
        for reader in [&sent.grantly, &sent.worker, &store.super_user] {
            let path = format!("/v1/conversations/{}", sent.conversation);
            assert_eq!(reader.bodies(&path).await, [""]);
            let file = reader.client.get(&format!("/v1/attachments/{}", sent.file)).await;
            assert_eq!(file.code(), ErrorCode::NotFound);
        }
        let changes = sent.grantly.changes(cursor).await;
        let told = changes.iter().find_map(|entity| match entity {
            Entity::Message(message) => Some(message.clone()),
            _ => None,
        }).unwrap();
        let withdrawn = told.withdrawn.unwrap();
        assert_eq!((told.body.reveal(), told.attachments.len(), withdrawn.by), ("", 0, store.super_user.id));
        assert_eq!((withdrawn.reason.reveal(), withdrawn.at, withdrawn.subject), ("Sent to the wrong person", store.store.now(), false));
        // Once more changes nothing: the first stands.
        let again: MessageReport = withdraw(&store.super_user, sent.message, &because("Another reason", true)).await.json();
        assert_eq!(again.withdrawn.unwrap().reason.reveal(), "Sent to the wrong person");
        // The conversation goes on.
        let reply: CommandReply = sent.worker.command(answer(store, sent.conversation, "I deleted my notes")).await.json();
        assert!(reply.message.unwrap().withdrawn.is_none());
    }

    async fn only_super_users_withdraw_with_a_reason_and_their_password(store: &TestStore) {
        let sent = sent(store).await;
        let la = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let asked = because("Wrong person", false);
        for other in [&la, &sent.grantly] {
            assert_eq!(withdraw(other, sent.message, &asked).await.code(), ErrorCode::Forbidden);
            let path = format!("/v1/messages/{}/report", sent.message);
            assert_eq!(other.client.get(&path).await.code(), ErrorCode::Forbidden);
        }
        let none = withdraw(&store.super_user, sent.message, &because("  ", false)).await;
        assert_eq!(none.error().field.as_deref(), Some("reason"));
        store.bar(store.super_user.id, sent.tom).await;
        assert_eq!(withdraw(&store.super_user, sent.message, &asked).await.code(), ErrorCode::NotFound);
        store.clock.advance(TimeDelta::minutes(16));
        assert_eq!(withdraw(&store.super_user, sent.message, &asked).await.code(), ErrorCode::ConfirmPassword);
        let sql = "SELECT COUNT(*) FROM withdrawals";
        let mut conn = store.store.read().await.unwrap();
        let count: i64 = both!(&mut conn, c => sqlx::query_scalar(sql).fetch_one(c).await).unwrap();
        assert_eq!(count, 0);
    }

    async fn the_report_tells_who_could_see_it_who_read_it_and_which_device_has_not_confirmed(store: &TestStore) {
        let sent = sent(store).await;
        let la = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let idle = store.user(Role::LaUser, "Grace", "Crawley").await;
        let stranger = store.teacher("Francis", "Arabin", store.school("Hilltop").await).await;
        store.clock.advance(TimeDelta::minutes(10));
        mark_read(&sent.worker, &sent).await;
        assert!(sent.worker.client.get(&format!("/v1/attachments/{}", sent.file)).await.status.is_success());
        la.all(&format!("/v1/pupils/{}/history", sent.tom)).await;
        let _ = sent.grantly.cursor().await;
        let before = report(&store.super_user, sent.message).await;
        let worker = person(&before, &sent.worker).unwrap();
        assert!(worker.takes_part && worker.read_at == Some(store.store.now()) && worker.file_opened_at.is_some());
        let grantly = person(&before, &sent.grantly).unwrap();
        assert!(!grantly.takes_part && grantly.read_at.is_none() && grantly.opened_at.is_none(), "could, and did not");
        assert!(person(&before, &la).unwrap().opened_at.is_some());
        assert!(person(&before, &stranger).is_none() && person(&before, &idle).is_none());
        assert_eq!(before.others, 1, "the idle one of the Virtual School");
        assert!(before.withdrawn.is_none());

        let cursor = sent.worker.cursor().await;
        let after: MessageReport = withdraw(&store.super_user, sent.message, &because("Wrong person", false)).await.json();
        let devices = &person(&after, &sent.worker).unwrap().devices;
        assert!(devices.len() == 1 && devices[0].confirmed_at.is_none(), "{devices:?}");
        // It shows its old place: what it was given is not applied yet. Then the new one.
        let first: lac_wire::Changes = sent.worker.client.get(&format!("/v1/changes?cursor={cursor}")).await.json();
        assert!(person(&report(&store.super_user, sent.message).await, &sent.worker).unwrap().devices[0].confirmed_at.is_none());
        store.clock.advance(TimeDelta::minutes(1));
        let _: lac_wire::Changes = sent.worker.client.get(&format!("/v1/changes?cursor={}", first.cursor)).await.json();
        let confirmed = report(&store.super_user, sent.message).await;
        assert_eq!(person(&confirmed, &sent.worker).unwrap().devices[0].confirmed_at, Some(store.store.now()));
        assert!(person(&confirmed, &sent.grantly).unwrap().devices[0].confirmed_at.is_none());
        // What is read after the withdrawal was not the message.
        mark_read(&store.super_user, &sent).await;
        sent.grantly.all(&format!("/v1/pupils/{}/history", sent.tom)).await;
        assert!(person(&report(&store.super_user, sent.message).await, &sent.grantly).unwrap().opened_at.is_none());
    }

    async fn what_was_opened_by_the_virtual_school_goes_from_its_devices_too(store: &TestStore) {
        let sent = sent(store).await;
        let la = store.user(Role::LaUser, "Obadiah", "Slope").await;
        la.all(&format!("/v1/pupils/{}/history", sent.tom)).await;
        let cursor = la.cursor().await;
        let _: MessageReport = withdraw(&store.super_user, sent.message, &because("Wrong person", true)).await.json();
        let told = la.changes(cursor).await;
        let gone = |entity, id| Entity::Gone { entity, id };
        assert!(told.contains(&gone(EntityKind::Message, sent.message.0)), "{told:?}");
        assert!(told.contains(&gone(EntityKind::Conversation, sent.conversation.0)), "the subject with it: {told:?}");
        let whole = la.all(&format!("/v1/conversations/{}", sent.conversation)).await;
        let Entity::Conversation(conversation) = &whole[0] else { panic!("{whole:?}") };
        assert_eq!(conversation.subject.reveal(), "Subject withdrawn");
        // One who may not see the pupil is told nothing.
        let barred = store.user(Role::LaUser, "Grace", "Crawley").await;
        store.bar(barred.id, sent.tom).await;
        let cursor = barred.cursor().await;
        let second: CommandReply = sent.worker.command(answer(store, sent.conversation, "And the phone number")).await.json();
        let _: MessageReport = withdraw(&store.super_user, second.message.unwrap().id, &because("Wrong person", false)).await.json();
        assert!(barred.changes(cursor).await.is_empty());
    }

    async fn a_message_without_a_pupil_and_a_notice(store: &TestStore) {
        let worker = store.user(Role::SocialWorker, "Mary", "Bold").await;
        let id = store.super_user.begins(store, None, vec![Recipient::User { id: worker.id }], "Hello").await;
        let reply: CommandReply = store.super_user.command(answer(store, id, "To the wrong one")).await.json();
        let done: MessageReport = withdraw(&store.super_user, reply.message.unwrap().id, &because("Wrong person", false)).await.json();
        assert_eq!(done.people.len(), 2, "who takes part, and nobody else");
        assert_eq!(worker.bodies(&format!("/v1/conversations/{id}")).await, ["Hello", ""]);
    }
}
