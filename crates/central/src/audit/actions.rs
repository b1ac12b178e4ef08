//! The list of what the audit trail can say. An action is `subject.what_happened`, what was denied is
//! `subject.what_was_tried`, both in lower snake case; each has its words, and nothing is written that has none.

/// Every action, and what it means in a few words.
pub(crate) const ACTIONS: &[(&str, &str)] = &[
    ("access.granted", "Came to see the pupil"),
    ("access.revoked", "No longer sees the pupil"),
    ("assignment.changed", "Changed an assignment"),
    ("assignment.created", "Assigned a pupil"),
    ("assignment.ended", "Ended an assignment"),
    ("assignment.removed", "Took an assignment away"),
    ("attachment.arrived", "Sent a file up to be attached"),
    ("attachment.fetched", "Fetched an attachment to a device"),
    ("attachment.forgotten", "A file that no message took up was deleted"),
    ("attachment.opened", "Opened an attachment"),
    ("attachment.refused", "A file was refused as an attachment"),
    (
        "authority.second_factor_rule_set",
        "Chose for whom the second step of signing in is required",
    ),
    ("authority.terms_set", "Set the term dates"),
    ("care_return.decided", "Decided what an SSDA903 return proposed"),
    ("care_return.read", "Read an SSDA903 return"),
    ("colleague.approved", "Approved the request for a colleague"),
    ("colleague.asked", "Asked for a colleague"),
    ("colleague.refused", "Refused the request for a colleague"),
    (
        "conversation.fetched",
        "Opened a conversation that their computer did not hold",
    ),
    ("conversation.joined", "Added people to a conversation"),
    ("conversation.left", "Left a conversation"),
    ("conversation.marked_unread", "Marked a conversation unread"),
    ("conversation.muted", "Muted a conversation"),
    ("conversation.read", "Read a conversation"),
    ("conversation.started", "Began a conversation"),
    ("conversation.unmuted", "Had notifications of a conversation come again"),
    ("day.begun", "A new day began, and who sees whom was worked out anew"),
    ("enrolment.reported", "Asked who saw the pupil through an enrolment"),
    ("establishment.changed", "Changed the establishment"),
    ("establishment.created", "Added the establishment"),
    (
        "establishment.joined",
        "Joined the establishment to the one with its URN",
    ),
    (
        "establishment.left",
        "Left the users and pupils where they are, though the establishment became another",
    ),
    (
        "establishment.moved",
        "Moved the users and pupils to the establishment that came after",
    ),
    (
        "establishment.took_in",
        "Took in an establishment that was added by hand",
    ),
    (
        "establishment.took_over",
        "Took over users and pupils from the establishment that came before",
    ),
    (
        "establishment.updated",
        "Changed the establishment by a file of the DfE",
    ),
    ("establishment_file.committed", "Read in a file of establishments"),
    ("establishment_file.judged", "Had a file of establishments checked"),
    ("held_set.fetched", "Fetched to their computer all that they may see"),
    ("history.exported", "Exported the pupil’s messages into a file"),
    (
        "history.fetched",
        "Opened the pupil’s messages, which their computer did not hold",
    ),
    ("history.read", "Read the pupil’s messages"),
    ("import.committed", "Carried out a bulk add"),
    ("import.file_deleted", "The file of a bulk add was deleted"),
    ("import.invited", "Sent the invitations of a bulk add"),
    ("import.judged", "Had a file for bulk add checked"),
    ("import.undone", "Undid a bulk add"),
    ("invitation.accepted", "Took up the invitation"),
    (
        "invitation.refused",
        "An invitation’s code was tried that does not hold",
    ),
    (
        "invitation.undelivered",
        "The e-mail with the invitation could not be delivered",
    ),
    ("link.changed", "Changed the link"),
    ("link.created", "Linked"),
    ("link.ended", "Ended the link"),
    ("link.moved", "Moved the link to the next establishment"),
    ("link.removed", "Took the link away"),
    ("link.reported", "Asked whom the link showed"),
    ("list.deleted", "Deleted a list of people of their own"),
    ("list.saved", "Saved a list of people of their own"),
    ("message.reported", "Asked who had a message"),
    ("message.sent", "Sent a message"),
    (
        "message.withdrawal_confirmed",
        "Deleted a withdrawn message from their computer",
    ),
    ("message.withdrawn", "Withdrew a message"),
    ("notices.written", "Notices were written"),
    ("password.changed", "Changed their password"),
    (
        "password.code_refused",
        "A code for a new password was tried that does not hold",
    ),
    ("password.code_sent", "A code for a new password was sent"),
    ("password.set_by_code", "Set a new password with a code from an e-mail"),
    ("pupil.adopted", "Closed the pupil’s record after an adoption"),
    ("pupil.assigned", "Assigned the pupil"),
    ("pupil.assignment_changed", "Changed an assignment of the pupil"),
    ("pupil.assignment_ended", "Ended an assignment of the pupil"),
    ("pupil.assignment_removed", "Took an assignment of the pupil away"),
    ("pupil.bar_lifted", "Took away the bar between the pupil and a user"),
    ("pupil.barred", "Barred a user from the pupil"),
    ("pupil.care_added", "Added a care period of the pupil"),
    ("pupil.care_changed", "Changed a care period of the pupil"),
    ("pupil.care_removed", "Removed a care period of the pupil"),
    ("pupil.changed", "Changed the pupil"),
    ("pupil.created", "Added the pupil"),
    ("pupil.enrolment_added", "Added an enrolment of the pupil"),
    ("pupil.enrolment_changed", "Changed an enrolment of the pupil"),
    ("pupil.enrolment_removed", "Removed an enrolment of the pupil"),
    (
        "pupil.handover_ended",
        "Ended the access of the school that the pupil left",
    ),
    ("pupil.read", "Opened the pupil’s page"),
    (
        "pupil.removed",
        "Removed the pupil, as the import that added them was undone",
    ),
    (
        "pupil.restored",
        "Gave the pupil back what an import had changed, as it was undone",
    ),
    ("pupil.restricted", "Restricted the pupil"),
    ("pupil.restriction_changed", "Changed who sees the restricted pupil"),
    ("pupil.restriction_lifted", "Lifted the restriction of the pupil"),
    ("reminder.done", "Finished a reminder of their own"),
    ("reminder.saved", "Saved a reminder of their own"),
    ("reminder.snoozed", "Put a reminder of their own off"),
    ("reminders.worked_out", "Reminders were worked out"),
    (
        "request.denied",
        "Tried something that they may not do or see, and was refused",
    ),
    ("second_factor.recovery_codes_made", "Made new recovery codes"),
    ("second_factor.removed", "Took their second step of signing in away"),
    ("second_factor.reset", "Reset the second step of signing in"),
    ("second_factor.set_up", "Set up the second step of signing in"),
    ("session.begun", "Signed in"),
    (
        "session.confirm_failed",
        "Gave a wrong password when asked for it again",
    ),
    ("session.confirmed", "Gave the password again"),
    ("session.ended", "Signed out of a device"),
    ("session.recovery_code_used", "Signed in with a recovery code"),
    (
        "session.second_factor_failed",
        "Gave a wrong code as the second step of signing in",
    ),
    ("session.sign_in_failed", "A sign-in failed"),
    (
        "session.token_reused",
        "A session ended, because its token was used by two",
    ),
    ("settings.changed", "Changed the settings of the authority"),
    ("store.initialised", "Set the store up"),
    (
        "succession_file.committed",
        "Read in a file of which establishment came after which",
    ),
    ("trail.exported", "Exported the audit trail"),
    ("user.away_set", "Said until when they are away, or that they are back"),
    ("user.changed", "Changed the user"),
    ("user.created", "Added the user"),
    ("user.handed_over", "Handed the pupils over"),
    ("user.invited", "Sent an invitation"),
    ("user.left_pupils", "Left the user’s pupils with nobody in their place"),
    ("user.notifications_chosen", "Chose which notices and e-mails they get"),
    (
        "user.removed",
        "Removed the user, as the bulk add that added them was undone",
    ),
    (
        "user.restored",
        "Gave the user back what a bulk add had changed, as it was undone",
    ),
    ("user.took_over", "Took pupils over"),
    ("user_action.begun", "Began something with many users"),
    ("user_action.cancelled", "Cancelled something with many users"),
    ("user_action.ended", "Finished something with many users"),
];

/// All that can be denied, as it goes on after "Tried to".
pub(crate) const TRIED: &[(&str, &str)] = &[
    ("assignment.change", "change who is assigned to whom"),
    ("assignment.list", "see who is assigned to whom"),
    ("attachment.note_opened", "note that an attachment was opened"),
    ("attachment.read", "open an attachment"),
    ("attachment.send", "attach a file"),
    (
        "authority.set_second_factor_rule",
        "choose for whom the second step of signing in is required",
    ),
    ("authority.set_terms", "set the term dates"),
    ("care_return.decide", "decide what an SSDA903 return proposes"),
    ("care_return.list", "see what an SSDA903 return proposes"),
    ("care_return.read", "read an SSDA903 return"),
    ("colleague.ask", "ask for a colleague"),
    ("colleague.decide", "decide a request for a colleague"),
    ("colleague.read", "see a request for a colleague"),
    ("conversation.add", "add people to a conversation"),
    ("conversation.leave", "leave a conversation"),
    ("conversation.mark", "mark a conversation read or unread"),
    ("conversation.mute", "mute a conversation"),
    ("conversation.read", "open a conversation"),
    ("conversation.start", "begin a conversation"),
    ("enrolment.report", "ask who saw a pupil through an enrolment"),
    ("establishment.add", "add an establishment"),
    ("establishment.edit", "change an establishment"),
    ("establishment.join", "join an establishment to another"),
    (
        "establishment.list_choices",
        "see what establishments can be filtered by",
    ),
    ("establishment.move", "move users and pupils to another establishment"),
    ("establishment.read", "see an establishment"),
    ("establishment.read_history", "see the history of an establishment"),
    ("history.export", "export a pupil’s messages"),
    ("history.note_read", "note that a pupil’s messages were read"),
    ("history.read", "read a pupil’s messages"),
    ("import.cancel", "cancel a bulk add"),
    ("import.commit", "carry out a bulk add"),
    ("import.invite", "send the invitations of a bulk add"),
    ("import.judge", "have a file checked"),
    ("import.mend", "mend a file"),
    ("import.read", "see a bulk add"),
    ("import.rows", "see the rows of an import"),
    ("import.undo", "undo a bulk add"),
    ("link.change", "change a link to an establishment"),
    ("link.report", "ask whom a link showed"),
    ("list.delete", "delete a list of people"),
    ("list.save", "change a list of people"),
    ("message.address", "write to someone"),
    ("message.report", "ask who had a message"),
    ("message.send", "send a message"),
    ("message.withdraw", "withdraw a message"),
    ("pupil.add", "add a pupil"),
    ("pupil.bar", "bar someone from a pupil"),
    ("pupil.close", "close a pupil’s record"),
    ("pupil.edit", "change a pupil"),
    ("pupil.end_handover", "end the access of the school that a pupil left"),
    ("pupil.list_restricted", "see which pupils are restricted"),
    ("pupil.read", "see a pupil"),
    ("pupil.restrict", "change who sees a restricted pupil"),
    ("recipients.check", "ask whom a message would reach"),
    ("reminder.change", "change a reminder"),
    ("reminder.save", "save a reminder"),
    (
        "second_factor.read",
        "see whether a user has a second step of signing in",
    ),
    ("second_factor.reset", "reset the second step of another user"),
    ("session.end", "sign somebody out"),
    ("succession.leave", "decide about an establishment that became another"),
    ("succession.list", "see which establishment came after which"),
    ("trail.export", "export the audit trail"),
    ("trail.read", "see the audit trail"),
    ("user.act", "do something with many users"),
    ("user.add", "add a user"),
    ("user.edit", "change a user"),
    ("user.invite", "invite a user"),
    ("user.list", "see the list of users"),
    ("user.list_devices", "see a user’s devices"),
    ("user.read", "see a user"),
    ("user.read_sight", "see which pupils a user sees"),
    ("user.read_trail", "see a user’s audit trail"),
    ("user_action.cancel", "cancel something with many users"),
    ("user_action.read", "see how far something with many users is"),
];

fn find(list: &[(&str, &'static str)], word: &str) -> Option<&'static str> {
    let at = list.binary_search_by_key(&word, |(known, _)| known).ok()?;
    list.get(at).map(|(_, words)| *words)
}

/// What an action means, in a few words.
pub(crate) fn words_of(action: &str) -> Option<&'static str> {
    find(ACTIONS, action)
}

/// What was tried, as it goes on after "Tried to".
pub(crate) fn words_of_try(tried: &str) -> Option<&'static str> {
    find(TRIED, tried)
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::path::Path;

    use super::*;

    fn is_word(text: &str) -> bool {
        let lower = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        text.split('_').all(lower)
    }

    #[test]
    fn actions_are_of_one_style_and_have_plain_words() {
        for list in [ACTIONS, TRIED] {
            assert!(list.windows(2).all(|pair| pair[0].0 < pair[1].0), "in order, each once");
            for (action, words) in list {
                let parts = action.split_once('.');
                assert!(
                    parts.is_some_and(|(subject, verb)| is_word(subject) && is_word(verb)),
                    "{action}"
                );
                assert!(!words.contains(['_', '.']) && words.len() > 5, "{action}: {words}");
            }
        }
        let begins = |words: &str, upper: bool| words.chars().next().is_some_and(|c| c.is_uppercase() == upper);
        assert!(ACTIONS.iter().all(|(_, words)| begins(words, true)));
        assert!(TRIED.iter().all(|(_, words)| begins(words, false)));
    }

    /// Every literal of the form `subject.verb` that stands where an action or something denied is named, or begins with
    /// the subject of one.
    fn literals(text: &str) -> BTreeSet<String> {
        let subjects: BTreeSet<&str> = ACTIONS
            .iter()
            .chain(TRIED)
            .filter_map(|(word, _)| word.split_once('.'))
            .map(|(subject, _)| subject)
            .collect();
        let mut found = BTreeSet::new();
        for (at, _) in text.match_indices('"') {
            let rest = &text[at + 1..];
            let Some((literal, _)) = rest.split_once('"') else {
                continue;
            };
            let Some((subject, verb)) = literal.split_once('.') else {
                continue;
            };
            if !is_word(subject) || !is_word(verb) {
                continue;
            }
            let before: String = text[..at]
                .chars()
                .rev()
                .filter(|c| !c.is_whitespace())
                .take(7)
                .collect();
            let named = ["(tidua", "(deined"].iter().any(|call| before.starts_with(call));
            if named || (subjects.contains(subject) && verb != "csv" && verb != "db") {
                found.insert(literal.to_owned());
            }
        }
        found
    }

    fn look(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            if path.is_dir() {
                if name != "tests" && name != "test_support" {
                    look(&path, found);
                }
            } else if !name.ends_with("tests.rs") && !path.ends_with("audit/actions.rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.extend(literals(text.split("#[cfg(test)]\nmod tests {").next().unwrap()));
            }
        }
    }

    #[test]
    fn no_action_is_without_words_and_none_is_listed_in_vain() {
        let mut found = BTreeSet::new();
        look(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        let known = |word: &String| words_of(word).is_some() || words_of_try(word).is_some();
        let unknown: Vec<_> = found.iter().filter(|word| !known(word)).collect();
        assert!(
            unknown.is_empty(),
            "give these their words in audit/actions.rs: {unknown:?}"
        );
        let listed = ACTIONS.iter().chain(TRIED).map(|(word, _)| (*word).to_owned());
        let in_vain: Vec<_> = listed.filter(|word| !found.contains(word)).collect();
        assert!(in_vain.is_empty(), "nothing writes these: {in_vain:?}");
        assert_eq!(
            literals("tx.audit(\n \"moon.full\", x); r.denied(\"moon.see\")").len(),
            2
        );
    }
}
