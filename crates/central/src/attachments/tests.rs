use chrono::TimeDelta;
use lac_domain::{AttachmentId, AttachmentKind, MessageId, PupilId, Role};
use lac_wire::{Attachment, AttachmentProgress, Command, CommandReply, Entity, ErrorCode, NewMessage, Recipient};
use proptest::prelude::*;

use super::TakeAttachmentKinds;
use crate::test_support::{TestPupil, TestStore, TestUser, conversation, message, new_uuid, to};
use crate::{both, both_engines};

/// A text so long that it is sent in pieces, and unlike any other.
fn long() -> Vec<u8> {
    (0..60_000)
        .map(|n| format!("Line {n} of the quagmire\r\n"))
        .collect::<String>()
        .into_bytes()
}

fn with(store: &TestStore, pupil: Option<PupilId>, ids: &[AttachmentId]) -> Command {
    let mut command = conversation(store, pupil, vec![Recipient::VirtualSchool], "Please see the file");
    if let Command::StartConversation { message, .. } = &mut command {
        message.attachments = ids.to_vec();
    }
    command
}

async fn teacher(store: &TestStore) -> (TestUser, PupilId) {
    let school = store.school("Riverside Primary").await;
    let teacher = store.teacher("Theophilus", "Grantly", school).await;
    (teacher, store.pupil(TestPupil::at("Tom Reed", school)).await)
}

async fn content(user: &TestUser, id: AttachmentId) -> Vec<u8> {
    let mut all = Vec::new();
    loop {
        let reply = user
            .client
            .get(&format!("/v1/attachments/{id}?offset={}", all.len()))
            .await;
        assert_eq!(reply.status, 200);
        if reply.body.is_empty() {
            return all;
        }
        all.extend(reply.body);
    }
}

fn attachments(entities: Vec<Entity>) -> Vec<Attachment> {
    let messages = entities.into_iter().filter_map(|entity| match entity {
        Entity::Message(message) => Some(message.attachments),
        _ => None,
    });
    messages.flatten().collect()
}

both_engines! {
    async fn a_file_arrives_in_pieces_that_go_on_after_a_cut(store: &TestStore) {
        let (grantly, tom) = teacher(store).await;
        let (id, bytes) = (AttachmentId(new_uuid()), long());
        let begun: AttachmentProgress = grantly.announce(id, "../Tom’s plan?.txt", &bytes).await.json();
        assert_eq!((begun.received, begun.complete), (0, false));
        let size = 700_000;
        let first: AttachmentProgress = grantly.piece(id, 0, &bytes[..size]).await.json();
        assert_eq!(first.received, 700_000);
        // The answer was lost, and it is sent again; then one comes out of order. Nothing is changed by either.
        for offset in [0, 1_400_000] {
            let again: AttachmentProgress = grantly.piece(id, offset, &bytes[..size]).await.json();
            assert_eq!((again.received, again.complete), (700_000, false));
        }
        // A message cannot have it yet.
        assert_eq!(grantly.command(with(store, Some(tom), &[id])).await.code(), ErrorCode::AttachmentMissing);
        // The device was started anew: it asks where it was.
        let where_it_was: AttachmentProgress = grantly.announce(id, "../Tom’s plan?.txt", &bytes).await.json();
        assert_eq!((where_it_was.received, where_it_was.complete), (700_000, false));
        let last: AttachmentProgress = grantly.piece(id, size, &bytes[size..]).await.json();
        assert_eq!((last.received, last.complete), (i64::try_from(bytes.len()).unwrap(), true));

        let cursor = store.super_user.cursor().await;
        let command = with(store, Some(tom), &[id]);
        let conversation = command.conversation_id().unwrap();
        let reply: CommandReply = grantly.command(command).await.json();
        let expected = [Attachment {
            id, name: "Tom’s plan-.txt".into(), kind: AttachmentKind::Text, size: i64::try_from(bytes.len()).unwrap(),
        }];
        assert_eq!(reply.message.unwrap().attachments, expected);
        // Sync brings what it is, and it is fetched when it is opened.
        assert_eq!(attachments(store.super_user.changes(cursor).await), expected);
        let path = format!("/v1/conversations/{conversation}");
        assert_eq!(attachments(store.super_user.all(&path).await), expected);
        assert_eq!(attachments(grantly.all("/v1/held?part=messages").await), expected);
        assert_eq!(attachments(grantly.all(&format!("/v1/pupils/{tom}/history")).await), expected);
        assert!(content(&store.super_user, id).await == bytes);
        let sql = "SELECT COUNT(*) FROM audit_events WHERE action = 'attachment.fetched' AND object_id = $1";
        let mut conn = store.store.read().await.unwrap();
        let fetched: i64 = both!(&mut conn, c => sqlx::query_scalar(sql).bind(id).fetch_one(c).await).unwrap();
        assert_eq!(fetched, 1, "one for a fetch, not one for each piece");
        drop(conn);
        let middle = store.super_user.client.get(&format!("/v1/attachments/{id}?offset=699990")).await;
        assert_eq!(middle.body, &bytes[699_990..700_000]);
        // Whoever leaves out the first byte does not go unnoted.
        let rest = store.super_user.client.get(&format!("/v1/attachments/{id}?offset=1")).await;
        assert!(rest.body == bytes[1..bytes.len().min(rest.body.len() + 1)] && rest.body.len() > 1000);
        let mut conn = store.store.read().await.unwrap();
        let fetched: i64 = both!(&mut conn, c => sqlx::query_scalar(sql).bind(id).fetch_one(c).await).unwrap();
        assert!(fetched > 1, "{fetched}");
    }

    async fn what_is_not_as_it_was_said_to_be_is_refused_and_can_be_sent_anew(store: &TestStore) {
        let (grantly, _) = teacher(store).await;
        let id = AttachmentId(new_uuid());
        grantly.announce(id, "Plan.txt", b"Good morning").await;
        assert_eq!(grantly.piece(id, 0, b"Good evening").await.code(), ErrorCode::AttachmentDamaged);
        let anew: AttachmentProgress = grantly.announce(id, "Plan.txt", b"Good morning").await.json();
        assert_eq!((anew.received, anew.complete), (0, false));
        assert_eq!(grantly.piece(id, 0, b"Good morning, and more").await.code(), ErrorCode::AttachmentDamaged);
        let whole: AttachmentProgress = grantly.piece(id, 0, b"Good morning").await.json();
        assert!(whole.complete);
        assert_eq!(grantly.announce(id, "Plan.txt", b"Another file").await.code(), ErrorCode::IdReused);
    }

    async fn size_and_kind_are_judged_by_content(store: &TestStore) {
        let (grantly, _) = teacher(store).await;
        let tell = async |bytes: &[u8], name: &str| {
            let id = AttachmentId(new_uuid());
            grantly.announce(id, name, bytes).await;
            grantly.piece(id, 0, bytes).await.error()
        };
        let program = tell(b"MZ\x90\0\x03\0\0\0\x04\0\0\0", "Plan.pdf").await;
        assert_eq!((program.code, program.field.as_deref()), (ErrorCode::AttachmentKind, Some("attachments")));
        assert_eq!(tell(b"del *.*", "Plan.bat").await.code, ErrorCode::AttachmentKind);
        let huge = lac_wire::NewAttachment { name: "Film.pdf".into(), size: 25_000_001, sha256: "0".repeat(64) };
        let path = format!("/v1/attachments/{}", new_uuid());
        let error = grantly.client.put(&path, &huge).await.error();
        assert_eq!(error.code, ErrorCode::TooLarge);
        assert!(error.message.contains("25 MB"), "{}", error.message);
        let empty = lac_wire::NewAttachment { size: 0, ..huge.clone() };
        assert_eq!(grantly.client.put(&path, &empty).await.code(), ErrorCode::FieldInvalid);
        let no_hash = lac_wire::NewAttachment { sha256: "abc".to_owned(), size: 1, ..huge };
        assert_eq!(grantly.client.put(&path, &no_hash).await.code(), ErrorCode::Malformed);
        // What the authority takes is its own to say, and every device is told.
        let zip = b"PK\x05\x06\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
        assert_eq!(tell(zip, "Files.zip").await.code, ErrorCode::AttachmentKind);
        let cursor = grantly.cursor().await;
        store.store.run(None, TakeAttachmentKinds(vec![AttachmentKind::Pdf])).await.unwrap_or_else(|e| panic!("{e}"));
        let told = grantly.changes(cursor).await;
        assert!(matches!(&told[..], [Entity::Me(me)] if me.authority.attachment_kinds == [AttachmentKind::Pdf]));
        assert_eq!(tell(b"Good morning", "Plan.txt").await.code, ErrorCode::AttachmentKind);
        assert!(store.store.run(None, TakeAttachmentKinds(vec![AttachmentKind::Other])).await.is_err());
    }

    async fn only_who_reads_the_conversation_reads_its_files(store: &TestStore) {
        let (grantly, tom) = teacher(store).await;
        let school = store.school("Hilltop").await;
        let arabin = store.teacher("Francis", "Arabin", school).await;
        let id = grantly.attach("Plan.txt", b"What was agreed").await;
        let get = async |user: &TestUser| user.client.get(&format!("/v1/attachments/{id}")).await;
        // Nobody reads what no message names, its sender included; nobody else sends it, or takes it for a message.
        assert_eq!(get(&grantly).await.code(), ErrorCode::NotFound);
        assert_eq!(arabin.piece(id, 0, b"x").await.code(), ErrorCode::NotFound);
        assert_eq!(arabin.announce(id, "Plan.txt", b"What was agreed").await.code(), ErrorCode::IdReused);
        assert_eq!(arabin.command(with(store, None, &[id])).await.code(), ErrorCode::AttachmentMissing);
        assert_eq!(grantly.command(with(store, Some(tom), &[id, id])).await.code(), ErrorCode::AttachmentMissing);
        assert_eq!(grantly.command(with(store, Some(tom), &[id])).await.status, 200);
        assert_eq!(grantly.command(with(store, Some(tom), &[id])).await.code(), ErrorCode::AttachmentMissing, "it has its message");
        assert_eq!(get(&grantly).await.body, b"What was agreed");
        assert_eq!(get(&store.super_user).await.body, b"What was agreed");
        assert_eq!(get(&arabin).await.code(), ErrorCode::NotFound);
        // Access withdrawn: as if it did not exist; what was opened before can still be noted.
        store.end_links(grantly.id, "2026-11-22").await;
        assert_eq!(get(&grantly).await.code(), ErrorCode::NotFound);
        let note = || Command::NoteOpened { attachment_id: id, at: store.store.now() };
        assert_eq!(grantly.command(note()).await.status, 200);
        assert_eq!(arabin.command(note()).await.code(), ErrorCode::NotFound);
        // Words outlive entitlement, and so does what goes with them.
        let late = grantly.attach("Disclosure.txt", b"What he told me").await;
        let reply: CommandReply = grantly.command(with(store, Some(tom), &[late])).await.json();
        assert_eq!(reply.message, None);
        let read = store.super_user.client.get(&format!("/v1/attachments/{late}")).await;
        assert_eq!(read.body, b"What he told me");
    }

    async fn a_message_has_at_most_ten(store: &TestStore) {
        let user = store.user(Role::LaUser, "Obadiah", "Slope").await;
        let mut ids = Vec::new();
        for n in 0..11 {
            ids.push(user.attach(&format!("{n}.txt"), format!("File {n}").as_bytes()).await);
        }
        let send = |ids: &[AttachmentId]| Command::StartConversation {
            conversation_id: new_uuid().into(), subject: "Files".into(), pupil_id: None, confidential: false,
            recipients: vec![to(&store.super_user)],
            message: NewMessage { id: MessageId(new_uuid()), attachments: ids.to_vec(), ..message(store, "All of them") },
        };
        let error = user.command(send(&ids)).await.error();
        assert_eq!((error.code, error.field.as_deref()), (ErrorCode::FieldInvalid, Some("attachments")));
        ids.pop();
        ids.reverse();
        let reply: CommandReply = user.command(send(&ids)).await.json();
        let names: Vec<String> = reply.message.unwrap().attachments.into_iter().map(|a| a.name.into_inner()).collect();
        assert_eq!((names.len(), names[0].as_str(), names[9].as_str()), (10, "9.txt", "0.txt"), "in their order");
    }

    async fn what_no_message_names_is_forgotten_after_a_week(store: &TestStore) {
        let (grantly, tom) = teacher(store).await;
        let kept = grantly.attach("Kept.txt", b"Kept").await;
        assert_eq!(grantly.command(with(store, Some(tom), &[kept])).await.status, 200);
        let forgotten = grantly.attach("Forgotten.txt", b"Forgotten").await;
        store.clock.advance(TimeDelta::days(6));
        store.store.prune().await.unwrap_or_else(|e| panic!("{e}"));
        let there: AttachmentProgress = grantly.announce(forgotten, "Forgotten.txt", b"Forgotten").await.json();
        assert!(there.complete);
        store.clock.advance(TimeDelta::days(2));
        store.store.prune().await.unwrap_or_else(|e| panic!("{e}"));
        let gone: AttachmentProgress = grantly.announce(forgotten, "Forgotten.txt", b"Forgotten").await.json();
        assert_eq!((gone.received, gone.complete), (0, false), "it is sent anew");
        assert_eq!(store.super_user.client.get(&format!("/v1/attachments/{kept}")).await.body, b"Kept");
        let mut conn = store.store.read().await.unwrap();
        let pieces: i64 = both!(&mut conn, c => sqlx::query_scalar("SELECT COUNT(*) FROM attachment_pieces").fetch_one(c).await).unwrap();
        assert_eq!(pieces, 1);
    }

    async fn the_database_holds_nothing_of_a_file_that_could_be_read(store: &TestStore) {
        let (grantly, tom) = teacher(store).await;
        let bytes = b"Xylophone and marmalade".repeat(100);
        let waiting = grantly.attach("Thistledown.txt", &bytes).await;
        let sent = grantly.attach("Bergamot.txt", &bytes).await;
        assert_eq!(grantly.command(with(store, Some(tom), &[sent])).await.status, 200);
        let mut conn = store.store.read().await.unwrap();
        // Every column that could hold something of it, as the engine gives it back: below SQLCipher, on SQLite.
        let sql = "SELECT fingerprint, sealed_key, sealed_name FROM attachments";
        let rows: Vec<(Vec<u8>, Vec<u8>, Vec<u8>)> = both!(&mut conn, c => sqlx::query_as(sql).fetch_all(c).await).unwrap();
        let pieces: Vec<(Vec<u8>,)> = both!(&mut conn, c => sqlx::query_as("SELECT sealed_bytes FROM attachment_pieces").fetch_all(c).await).unwrap();
        assert_eq!((rows.len(), pieces.len()), (2, 2));
        let mut raw: Vec<u8> = rows.into_iter().flat_map(|(a, b, c)| [a, b, c].concat()).collect();
        raw.extend(pieces.into_iter().flat_map(|(piece,)| piece));
        let sql = "SELECT detail FROM audit_events";
        let trail: Vec<String> = both!(&mut conn, c => sqlx::query_scalar(sql).fetch_all(c).await).unwrap();
        raw.extend(trail.concat().into_bytes());
        for word in ["Xylophone", "marmalade", "Thistledown", "Bergamot"] {
            assert!(!raw.windows(word.len()).any(|window| window == word.as_bytes()), "{word}");
        }
        let hash = <sha2::Sha256 as sha2::Digest>::digest(&bytes);
        assert!(!raw.windows(32).any(|window| window == hash.as_slice()), "not even its hash");
        drop(conn);
        // A piece that is put into another file's place does not open there.
        let mut tx = store.store.write_for_tests().await;
        let sql = "UPDATE attachment_pieces SET sealed_bytes = (SELECT w.sealed_bytes FROM attachment_pieces w WHERE w.attachment_id = $1)
                   WHERE attachment_id = $2";
        both!(&mut tx, c => sqlx::query(sql).bind(waiting).bind(sent).execute(c).await.map(|_| ())).unwrap();
        tx.commit().await.unwrap();
        let moved = store.super_user.client.get(&format!("/v1/attachments/{sent}")).await;
        assert_eq!(moved.code(), ErrorCode::Internal);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: crate::test_support::store_cases(4), ..ProptestConfig::default() })]

    /// However a file is cut, repeated and mixed up on its way, it arrives as it was.
    #[test]
    fn a_file_arrives_whole_however_its_pieces_come(
        length in 1..5_000_usize,
        steps in proptest::collection::vec((0..5_000_usize, 1..2_000_usize), 1..30),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(TestStore::with(crate::storage::Engine::Sqlite, async |store: &TestStore| {
            let bytes: Vec<u8> = (0..length).map(|n| b"abcdefghij\n"[n % 11]).collect();
            let id = AttachmentId(new_uuid());
            let mut progress: AttachmentProgress = store.super_user.announce(id, "File.txt", &bytes).await.json();
            for (offset, piece) in steps {
                let from = offset.min(length);
                let to = (from + piece).min(length);
                progress = store.super_user.piece(id, from, &bytes[from..to]).await.json();
            }
            while !progress.complete {
                let from = usize::try_from(progress.received).unwrap();
                let to = (from + 1_000).min(length);
                progress = store.super_user.piece(id, from, &bytes[from..to]).await.json();
            }
            let other = store.user(Role::LaUser, "Obadiah", "Slope").await;
            let mut command = conversation(store, None, vec![to(&other)], "File");
            if let Command::StartConversation { message, .. } = &mut command {
                message.attachments = vec![id];
            }
            assert_eq!(store.super_user.command(command).await.status, 200);
            assert!(content(&other, id).await == bytes);
        }));
    }
}
