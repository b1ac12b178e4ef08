//! Two children of one name at two schools: nothing that the store ever answers the teacher of one tells of the other.

use lac_domain::{ConversationId, PupilId, Role};
use lac_wire::{AddPupil, Command, CommandReply, ErrorCode, Pupil, Recipient};

use crate::both_engines;
use crate::test_support::{Reply, TestPupil, TestStore, TestUser, answer, conversation, new_uuid, to};

/// A child, with the teacher and the social worker of that child alone, and a conversation about the child.
struct Side {
    pupil: PupilId,
    teacher: TestUser,
    worker: TestUser,
    conversation: ConversationId,
    /// Whatever tells of this side.
    marks: Vec<String>,
}

/// Both children are called Tom Reed.
async fn side(store: &TestStore, school: &str, upn: &str, people: [(&str, &str); 2]) -> Side {
    let place = store.school(school).await;
    let teacher = store.teacher(people[0].0, people[0].1, place).await;
    let worker = store.user(Role::SocialWorker, people[1].0, people[1].1).await;
    let entry: AddPupil = serde_json::from_value(serde_json::json!({
        "legal_first_name": format!("Thomas{school}"), "legal_last_name": "Reed", "known_as": "Tom Reed",
        "born": "2014-05-04", "upn": upn, "reference": format!("REF-{upn}"),
        "care_periods": [{ "start": "2025-01-10", "end": null, "end_reason": null }],
        "enrolments": [{
            "establishment_id": place, "kind": "main", "start": "2024-09-03", "end": null, "visible_from": null,
        }],
        "held_from_schools_until": null,
    }))
    .unwrap();
    let added: Pupil = store.super_user.client.post("/v1/pupils", &entry).await.json();
    store.assign(worker.id, added.id, true).await;
    let words = format!("Words{upn}");
    let id = teacher
        .begins(
            store,
            Some(added.id),
            vec![to(&worker), Recipient::VirtualSchool],
            &words,
        )
        .await;
    let marks = [
        added.id.to_string(),
        id.to_string(),
        place.to_string(),
        teacher.id.to_string(),
        worker.id.to_string(),
    ];
    let names = [school, upn, people[0].1, people[1].1, &words].map(str::to_owned);
    Side {
        pupil: added.id,
        teacher,
        worker,
        conversation: id,
        marks: marks.into_iter().chain(names).collect(),
    }
}

async fn two(store: &TestStore) -> [Side; 2] {
    [
        side(
            store,
            "Riverside",
            "B801200005001",
            [("Eleanor", "Bold"), ("Mary", "Thorne")],
        )
        .await,
        side(
            store,
            "Plumstead",
            "Q801200005002",
            [("Mark", "Robarts"), ("Josiah", "Crawley")],
        )
        .await,
    ]
}

fn tells_nothing_of(other: &Side, said: &str, what: &str) {
    for mark in &other.marks {
        assert!(!said.contains(mark.as_str()), "{what} tells {mark}: {said}");
    }
}

fn said(reply: &Reply) -> String {
    String::from_utf8_lossy(&reply.body).into_owned()
}

/// What somebody reads in an answer: its status, code, sentence and field; only the request's own id differs.
fn read(reply: &Reply) -> (u16, ErrorCode, String, Option<String>) {
    let error = reply.error();
    (reply.status.as_u16(), error.code, error.message, error.field)
}

both_engines! {
    async fn no_answer_tells_a_teacher_of_the_namesake_at_another_school(store: &TestStore) {
        let sides = two(store).await;
        let start = [sides[0].teacher.cursor().await, sides[1].teacher.cursor().await];
        for side in &sides {
            store.super_user.command(answer(store, side.conversation, "from the Virtual School")).await;
            side.worker.command(answer(store, side.conversation, "from the social worker")).await;
        }
        for (here, there) in [(0, 1), (1, 0)] {
            let (own, other) = (&sides[here], &sides[there]);
            for user in [&own.teacher, &own.worker] {
                let mut paths: Vec<String> = ["people", "establishments", "pupils", "conversations", "messages"]
                    .map(|part| format!("/v1/held?part={part}"))
                    .to_vec();
                paths.extend(
                    ["", "search=tom", "search=reed%20tom", "search=Tom%20Reed", "sort=oldest", "sort=youngest", "mine=true"]
                        .map(|query| format!("/v1/pupils?{query}")),
                );
                paths.push(format!("/v1/pupils?search={}", other.marks[6]));
                paths.push(format!("/v1/pupils/{}", own.pupil));
                paths.push(format!("/v1/pupils/{}/history", own.pupil));
                paths.push(format!("/v1/pupils/{}/assignments", own.pupil));
                paths.push(format!("/v1/conversations/{}", own.conversation));
                paths.push("/v1/establishments?search=plumstead".to_owned());
                paths.push("/v1/establishments?search=riverside".to_owned());
                paths.push("/v1/me".to_owned());
                for path in paths {
                    let reply = user.client.get(&path).await;
                    assert_eq!(reply.status, 200, "{path}");
                    tells_nothing_of(other, &said(&reply), &path);
                }
                let changes = user.changes(start[here].clone()).await;
                tells_nothing_of(other, &serde_json::to_string(&changes).unwrap(), "what changed");
            }
            let held = own.teacher.all("/v1/held?part=pupils").await;
            assert_eq!(held.len(), 1, "their own child is there");
        }
    }

    async fn a_message_and_its_refusals_never_reach_or_name_the_namesake(store: &TestStore) {
        let sides = two(store).await;
        let nobody = PupilId(new_uuid());
        for (own, other) in [(&sides[0], &sides[1]), (&sides[1], &sides[0])] {
            let teacher = &own.teacher;
            let about = |pupil: PupilId, to: Vec<Recipient>| conversation(store, Some(pupil), to, "Tom Reed was late again");
            // About the other child, it is as if there were none: for people, groups, and the group around a child.
            for recipients in [vec![Recipient::VirtualSchool], vec![to(&store.super_user)], vec![to(&other.teacher)]] {
                let unseen = teacher.command(about(other.pupil, recipients.clone())).await;
                let none = teacher.command(about(nobody, recipients)).await;
                assert_eq!(read(&unseen), read(&none));
                tells_nothing_of(other, &said(&unseen), "a refusal");
            }
            let around = |pupil_id: PupilId| vec![Recipient::AroundPupil { pupil_id }];
            let unseen = teacher.command(about(other.pupil, around(other.pupil))).await;
            assert_eq!(read(&unseen), read(&teacher.command(about(nobody, around(nobody))).await));
            // About their own child, the group around the other is refused like one around nobody.
            let crossed = teacher.command(about(own.pupil, around(other.pupil))).await;
            assert_eq!(read(&crossed), read(&teacher.command(about(own.pupil, around(nobody))).await));
            tells_nothing_of(other, &said(&crossed), "the group around the other");
            // The other's people cannot be addressed, and are not named.
            for person in [&other.teacher, &other.worker] {
                let refused = teacher.command(about(own.pupil, vec![to(person)])).await;
                let unknown = teacher.command(about(own.pupil, vec![Recipient::User { id: lac_domain::UserId(new_uuid()) }])).await;
                assert_eq!(read(&refused), read(&unknown));
            }
            // Everyone around their own child: these, and nobody of the other's.
            let reply: CommandReply = teacher.command(about(own.pupil, around(own.pupil))).await.json();
            tells_nothing_of(other, &serde_json::to_string(&reply).unwrap(), "the reply");
            assert_eq!(reply.conversation.unwrap().participants.len(), 3, "the teacher, the social worker, the Virtual School");
            // The other's conversation is not there to answer in, to mark or to open.
            let gone = ConversationId(new_uuid());
            for id in [other.conversation, gone] {
                let reply = teacher.command(answer(store, id, "About which Tom?")).await;
                assert_eq!(read(&reply), read(&teacher.command(answer(store, gone, "x")).await));
                let reply = teacher.command(Command::MarkRead { conversation_id: id, up_to: 1 }).await;
                assert_eq!(read(&reply), read(&teacher.command(Command::MarkRead { conversation_id: gone, up_to: 1 }).await));
                let reply = teacher.client.get(&format!("/v1/conversations/{id}")).await;
                assert_eq!(read(&reply), read(&teacher.client.get(&format!("/v1/conversations/{gone}")).await));
            }
            let history = teacher.client.get(&format!("/v1/pupils/{}/history", other.pupil)).await;
            assert_eq!(read(&history), read(&teacher.client.get(&format!("/v1/pupils/{nobody}/history")).await));
        }
        for (own, other) in [(&sides[0], &sides[1]), (&sides[1], &sides[0])] {
            for user in [&own.teacher, &own.worker] {
                let messages = user.all("/v1/held?part=messages").await;
                assert!(!messages.is_empty());
                tells_nothing_of(other, &serde_json::to_string(&messages).unwrap(), "the messages");
            }
        }
    }

    async fn what_the_virtual_school_writes_about_one_goes_to_no_one_of_the_other(store: &TestStore) {
        let sides = two(store).await;
        let la = &store.super_user;
        for (own, other) in [(&sides[0], &sides[1]), (&sides[1], &sides[0])] {
            let wrong = vec![to(&own.teacher), to(&other.teacher)];
            let refused = la.command(conversation(store, Some(own.pupil), wrong, "Tom Reed moves")).await.error();
            assert_eq!(refused.code, ErrorCode::RecipientNotEntitled);
            assert!(refused.message.contains(&other.marks[7]) && !refused.message.contains(&own.marks[7]), "{}", refused.message);
            let around = vec![Recipient::AroundPupil { pupil_id: own.pupil }];
            let cursor = other.teacher.cursor().await;
            la.begins(store, Some(own.pupil), around, "Tom Reed moves").await;
            assert_eq!(other.teacher.changes(cursor).await, []);
            assert!(own.teacher.bodies("/v1/held?part=messages").await.contains(&"Tom Reed moves".to_owned()));
        }
    }

    async fn a_late_word_about_one_is_not_taken_for_the_other(store: &TestStore) {
        let sides = two(store).await;
        let (own, other) = (&sides[0], &sides[1]);
        let third = store.pupil(TestPupil::at("Tom Reed", store.school("Hogglestock").await)).await;
        store.end_links(own.teacher.id, "2026-11-22").await;
        let late = conversation(store, Some(own.pupil), vec![to(&own.worker), to(&other.teacher)], "Tom Reed told me");
        let reply = own.teacher.command(late).await;
        assert_eq!(reply.status, 200);
        // Whom it did not reach is named as far as they were around the child: the other's teacher never was.
        tells_nothing_of(other, &said(&reply), "who was left out");
        for unseen in [other.pupil, third] {
            let never = conversation(store, Some(unseen), vec![Recipient::VirtualSchool], "Tom Reed told me");
            assert_eq!(own.teacher.command(never).await.code(), ErrorCode::NotFound);
        }
    }
}
