//! What the store of the tests does with a request.

use super::*;

pub(super) fn do_it(served: &Served, method: &Method, path: &str, query: &str, body: &[u8]) -> Response {
    let mut inside = served.inside.lock().unwrap();
    let none: Page<MaybeEntity> = Page {
        rows: Vec::new(),
        after: None,
    };
    match (method.as_str(), path) {
        ("GET", "/v1/about") => {
            let about = About {
                version: 1,
                capabilities: Vec::new(),
                authority_name: me().authority.name,
            };
            json(StatusCode::OK, &about)
        }
        ("POST", "/v1/sessions") if !inside.takes(body) => refusal(ErrorCode::SignInFailed),
        ("GET", "/v1/unread") => json(
            StatusCode::OK,
            &lac_wire::Unread {
                messages: inside.unread,
                notices: 0,
                conversations: inside.unread,
            },
        ),
        ("POST", "/v1/sessions" | "/v1/invitations/accept") => {
            let token = Private::from("a-token");
            json(
                StatusCode::OK,
                &SignedIn {
                    token,
                    session_id: id::<SessionId>(8),
                    expires_at: at(1_000_000),
                    me: inside.me(),
                },
            )
        }
        ("POST", "/v1/session/token") => {
            let token = Private::from("another-token");
            json(StatusCode::OK, &lac_wire::NewToken { token })
        }
        ("DELETE", "/v1/session") => Response::builder()
            .status(StatusCode::NO_CONTENT)
            .body(Body::empty())
            .unwrap(),
        ("GET", "/v1/me") => json(StatusCode::OK, &inside.me()),
        ("GET", "/v1/cursor") => json(
            StatusCode::OK,
            &CursorReply {
                cursor: inside.cursor.to_string(),
            },
        ),
        ("GET", "/v1/held") => {
            let rows = inside.held.iter().filter(|(part, _)| {
                query.contains(&format!(
                    "part={}",
                    serde_json::to_value(part).unwrap().as_str().unwrap()
                ))
            });
            let rows: Vec<MaybeEntity> = rows.flat_map(|(_, rows)| rows.clone()).collect();
            json(StatusCode::OK, &Page { rows, after: None })
        }
        ("GET", "/v1/changes") => {
            let entities = inside.changes.pop_front().unwrap_or_default();
            inside.cursor += u64::from(!entities.is_empty());
            let more = !inside.changes.is_empty();
            let counts = if more { Vec::new() } else { inside.counts.clone() };
            json(
                StatusCode::OK,
                &Changes {
                    entities,
                    cursor: inside.cursor.to_string(),
                    more,
                    counts,
                },
            )
        }
        ("POST", "/v1/commands") => {
            let envelope: CommandEnvelope = serde_json::from_slice(body).unwrap();
            let reply = take(&mut inside, &envelope.command);
            inside.commands.push(envelope);
            json(StatusCode::OK, &reply)
        }
        (_, file) if file.starts_with("/v1/attachments/") => file_request(&mut inside, method, file, query, body),
        ("POST", export) if export.ends_with("/history/exports") => {
            inside.exports.push(serde_json::from_slice(body).unwrap());
            json(StatusCode::OK, &lac_wire::ExportNoted { at: at(0) })
        }
        ("GET", history) if history.ends_with("/history") => json(
            StatusCode::OK,
            &Page {
                rows: inside.history.clone(),
                after: None,
            },
        ),
        ("GET", one) if one.starts_with("/v1/conversations/") => {
            let asked = |id: ConversationId| one.ends_with(&id.to_string());
            let Some(conversation) = inside.conversations.iter().find(|held| asked(held.id)) else {
                return refusal(ErrorCode::NotFound);
            };
            let messages = inside.messages.iter().filter(|message| asked(message.conversation_id));
            let rows: Vec<MaybeEntity> = std::iter::once(lac_wire::Entity::Conversation(conversation.clone()))
                .chain(messages.cloned().map(lac_wire::Entity::Message))
                .map(MaybeEntity::from)
                .collect();
            json(StatusCode::OK, &Page { rows, after: None })
        }
        ("POST", "/v1/recipients/check") => {
            let nobody = lac_wire::RecipientsChecked {
                people: 1,
                not_entitled: Vec::new(),
                left_out: 0,
            };
            json(StatusCode::OK, inside.checked.as_ref().unwrap_or(&nobody))
        }
        ("PUT", "/v1/me/away") => {
            let set: lac_wire::SetAway = serde_json::from_slice(body).unwrap();
            inside.away = set.until.map(|until| lac_wire::Away {
                until,
                cover: set.cover,
            });
            json(StatusCode::OK, &inside.me())
        }
        (kind, one) if one.starts_with("/v1/me/lists/") => {
            let id: lac_domain::ListId = one.rsplit('/').next().unwrap().parse().unwrap();
            inside.lists.retain(|held| held.id != id);
            if kind == "PUT" {
                let saved: lac_wire::SaveList = serde_json::from_slice(body).unwrap();
                inside.lists.push(lac_wire::OwnList {
                    id,
                    name: saved.name,
                    members: saved.members,
                });
            }
            json(StatusCode::OK, &inside.me())
        }
        ("POST", "/v1/imports/mapping") => {
            let columns = inside.remembered.clone();
            json(StatusCode::OK, &lac_wire::RememberedMapping { columns })
        }
        ("PUT", one) if one.starts_with("/v1/imports/") => {
            inside.files.push(body.to_vec());
            refusal(ErrorCode::NotFound)
        }
        ("GET", "/v1/users" | "/v1/imports" | "/v1/establishments") => json(StatusCode::OK, &none),
        _ => refusal(ErrorCode::NotFound),
    }
}

/// Takes and gives files as the store does, but judges nothing.
fn file_request(inside: &mut Inside, method: &Method, path: &str, query: &str, body: &[u8]) -> Response {
    let mut parts = path.trim_start_matches("/v1/attachments/").split('/');
    let (id, piece) = (parts.next().unwrap().to_owned(), parts.next().is_some());
    let offset: usize = query.strip_prefix("offset=").map_or(0, |text| text.parse().unwrap());
    if method == Method::GET {
        let Some((_, bytes)) = inside.uploads.get(&id) else {
            return refusal(ErrorCode::NotFound);
        };
        let end = (offset + 256 * 1024).min(bytes.len());
        let body = Body::from(bytes[offset.min(end)..end].to_vec());
        let kind = "application/octet-stream";
        return Response::builder().header("content-type", kind).body(body).unwrap();
    }
    if !piece && !inside.uploads.contains_key(&id) {
        let new: NewAttachment = serde_json::from_slice(body).unwrap();
        inside.uploads.insert(id.clone(), (new, Vec::new()));
    }
    let Some((new, bytes)) = inside.uploads.get_mut(&id) else {
        return refusal(ErrorCode::NotFound);
    };
    if piece && offset == bytes.len() {
        bytes.extend_from_slice(body);
    }
    let received = i64::try_from(bytes.len()).unwrap();
    let complete = received == new.size;
    json(StatusCode::OK, &lac_wire::AttachmentProgress { received, complete })
}

/// The files that a message names.
fn arrived(inside: &Inside, ids: &[lac_domain::AttachmentId]) -> Vec<lac_wire::Attachment> {
    ids.iter()
        .map(|id| {
            let (new, bytes) = &inside.uploads[&id.to_string()];
            assert_eq!(
                i64::try_from(bytes.len()).unwrap(),
                new.size,
                "a message came before its files"
            );
            let kind = lac_import::judge_attachment(new.name.reveal(), bytes).kind;
            lac_wire::Attachment {
                id: *id,
                name: new.name.clone(),
                kind,
                size: new.size,
            }
        })
        .collect()
}

/// A reminder as the store holds it once it took it.
fn saved(new: &lac_wire::NewReminder) -> lac_wire::Reminder {
    lac_wire::Reminder {
        id: new.id,
        kind: lac_domain::ReminderKind::Own,
        text: new.text.clone(),
        pupil_id: new.pupil_id,
        conversation_id: new.conversation_id,
        establishment_id: None,
        due_at: new.due_at,
        repeat: new.repeat,
        snoozed_until: None,
        done_at: None,
    }
}

/// Takes a command as the store would, each message once.
fn take(inside: &mut Inside, command: &Command) -> CommandReply {
    let number = 1000 + i64::try_from(inside.messages.len()).unwrap();
    let (conversation_id, new) = match command {
        Command::StartConversation {
            conversation_id,
            subject,
            pupil_id,
            confidential,
            message,
            ..
        } => {
            if !inside.conversations.iter().any(|held| held.id == *conversation_id) {
                let participants = [ME, PRIYA]
                    .map(|user| Participant {
                        user_id: id(user),
                        read_up_to: 0,
                        read_at: None,
                    })
                    .to_vec();
                inside.conversations.push(Conversation {
                    id: *conversation_id,
                    subject: subject.clone(),
                    pupil_id: *pupil_id,
                    confidential: *confidential,
                    notice: None,
                    participants,
                    started_at: at(1),
                    message_count: 0,
                    last_number: 0,
                    muted: false,
                });
            }
            (*conversation_id, Some(message))
        }
        Command::SendMessage {
            conversation_id,
            message,
        } => (*conversation_id, Some(message)),
        Command::MarkRead { conversation_id, up_to } => {
            let held = inside.conversations.iter_mut().find(|held| held.id == *conversation_id);
            held.into_iter()
                .for_each(|held| held.participants[0].read_up_to = *up_to);
            (*conversation_id, None)
        }
        Command::MarkUnread { conversation_id } => (*conversation_id, None),
        Command::AddParticipants { conversation_id, users } => {
            let held = inside.conversations.iter_mut().find(|held| held.id == *conversation_id);
            held.into_iter().for_each(|held| {
                held.participants.extend(users.iter().map(|user| Participant {
                    user_id: *user,
                    read_up_to: 0,
                    read_at: None,
                }))
            });
            (*conversation_id, None)
        }
        Command::Leave { conversation_id } => {
            inside.conversations.retain(|held| held.id != *conversation_id);
            (*conversation_id, None)
        }
        Command::Mute { conversation_id, muted } => {
            let held = inside.conversations.iter_mut().find(|held| held.id == *conversation_id);
            held.into_iter().for_each(|held| held.muted = *muted);
            (*conversation_id, None)
        }
        Command::SaveReminder { reminder } => {
            return CommandReply {
                conversation: None,
                message: None,
                reminder: (!inside.hides_reminders).then(|| saved(reminder)),
                left_out: Vec::new(),
            };
        }
        Command::NoteRead { .. }
        | Command::NoteOpened { .. }
        | Command::FinishReminder { .. }
        | Command::SnoozeReminder { .. }
        | Command::Unknown => {
            return CommandReply {
                conversation: None,
                message: None,
                reminder: None,
                left_out: Vec::new(),
            };
        }
    };
    let message = new.map(|new| {
        let arrived = arrived(inside, &new.attachments);
        let held = inside.messages.iter().find(|held| held.id == new.id).cloned();
        held.unwrap_or_else(|| {
            let message = Message {
                id: new.id,
                conversation_id,
                number,
                author_id: Some(id(ME)),
                body: new.body.clone(),
                sent_at: at(number),
                written_at: new.written_at,
                attachments: arrived,
                withdrawn: None,
            };
            inside.messages.push(message.clone());
            message
        })
    });
    let count = i64::try_from(
        inside
            .messages
            .iter()
            .filter(|held| held.conversation_id == conversation_id)
            .count(),
    )
    .unwrap();
    let conversation = inside
        .conversations
        .iter_mut()
        .find(|held| held.id == conversation_id)
        .map(|held| {
            held.message_count = count;
            held.last_number = held
                .last_number
                .max(message.as_ref().map_or(0, |message| message.number));
            held.clone()
        });
    CommandReply {
        conversation,
        message,
        reminder: None,
        left_out: Vec::new(),
    }
}
