//! The table of UI commands, in one place: the shell makes its Tauri commands from it, and the types of the
//! UI's one door (`ui/src/lib/backend.ts`) are written from it.

/// Calls a macro with every UI command: its name, what it is asked and what it answers. Those under `app`
/// concern the whole application; those under `account` take the account's id first.
#[macro_export]
macro_rules! ui_commands {
    ($with:ident) => {
        $with! {
            app {
                app_state(()) -> AppState;
                save_settings(Settings) -> ();
                lock(()) -> ();
                still_here(()) -> ();
                look_at_store(StoreAddress) -> StoreView;
                look_at_invitation(InvitationCode) -> Invitation;
                rate_password(PasswordToRate) -> PasswordRating;
                judge_upn(UpnToJudge) -> UpnJudgement;
                visible_from(EnrolmentStart) -> VisibleFrom;
                take_up_invitation(TakeUpInvitation) -> AccountId;
                sign_in(SignInHere) -> AccountId;
                ask_for_password_code(ForgottenPassword) -> ();
                look_at_password_code(InvitationCode) -> Invitation;
                use_password_code(NewPasswordByCode) -> ();
            }
            account {
                unlock(Unlock) -> ();
                sign_in_again(SignInAgain) -> ();
                sign_out(SignOut) -> ();
                confirm_password(Password) -> ();
                change_password(ChangePassword) -> ();
                begin_second_factor(()) -> SecondFactorSetUp;
                confirm_second_factor(ConfirmSecondFactor) -> RecoveryCodes;
                new_recovery_codes(()) -> RecoveryCodes;
                save_recovery_codes(RecoveryCodes) -> Option<SavedFile>;
                remove_second_factor(()) -> ();
                set_second_factor_rule(SecondFactorRule) -> SecondFactorRule;
                list_own_devices(()) -> Vec<OwnSession>;
                sign_out_device(SessionRef) -> Vec<OwnSession>;
                sign_out_other_devices(()) -> Vec<OwnSession>;
                sync_now(()) -> SyncStatus;
                home(()) -> Home;
                store_home(()) -> StoreHome;
                find_anything(FindAnything) -> FoundAnything;
                folder_counts(()) -> FolderCounts;
                list_conversations(ConversationFilter) -> Page<ConversationRow>;
                open_conversation(OpenConversation) -> ConversationView;
                read_search(SearchText) -> SearchReading;
                export_history(ExportHistory) -> Option<ExportedHistory>;
                message_report(MessageRef) -> MessageReport;
                withdraw_message(WithdrawMessageRequest) -> MessageReport;
                save_message_report(MessageRef) -> Option<SavedFile>;
                sight_report(SightOf) -> SightReport;
                save_sight_report(SightOf) -> Option<SavedFile>;
                mark_read(ConversationRef) -> ();
                mark_unread(ConversationRef) -> ();
                add_participants(AddPeople) -> ();
                leave_conversation(ConversationRef) -> ();
                mute_conversation(MuteConversation) -> ();
                find_recipients(FindRecipients) -> Vec<RecipientChoice>;
                check_recipients(ChosenRecipients) -> RecipientReport;
                pupils_named(DraftRef) -> Vec<Pupil>;
                list_own_lists(()) -> Vec<OwnListView>;
                save_own_list(SaveOwnList) -> ();
                delete_own_list(ListRef) -> ();
                get_away(()) -> Option<OwnAway>;
                set_away(SetAway) -> ();
                new_draft(NewDraft) -> Draft;
                get_draft(DraftRef) -> Draft;
                save_draft(Draft) -> Timestamp;
                list_drafts(()) -> Vec<Draft>;
                delete_draft(DraftRef) -> ();
                send_draft(DraftRef) -> SentDraft;
                attach_files(AttachFiles) -> Attached;
                remove_attachment(AttachmentOfDraft) -> Vec<AttachmentView>;
                open_attachment(AttachmentRef) -> ();
                save_attachment(AttachmentRef) -> Option<SavedFile>;
                stop_fetching(()) -> ();
                list_outbox(()) -> Vec<OutboxRow>;
                try_again(OutboxRef) -> ();
                take_back(OutboxRef) -> DraftId;
                delete_unsaved_reminder(OutboxRef) -> ();
                give_up_change(OutboxRef) -> ();
                list_reminders(()) -> Reminders;
                save_reminder(SaveReminder) -> ReminderId;
                finish_reminder(ReminderRef) -> ();
                snooze_reminder(SnoozeReminder) -> ();
                choose_notifications(NotificationChoices) -> ();
                set_term_dates(TermDates) -> ();
                list_pupils(PupilFilter) -> Page<Pupil>;
                get_pupil(PupilRef) -> Pupil;
                get_pupil_record(PupilRef) -> PupilRecord;
                add_pupil(AddPupil) -> Pupil;
                edit_pupil(EditPupilRequest) -> PupilRecord;
                change_care(ChangeCareRequest) -> PupilRecord;
                change_enrolment(ChangeEnrolmentRequest) -> PupilRecord;
                end_handover(PupilRef) -> PupilRecord;
                change_bar(ChangeBarRequest) -> PupilRecord;
                change_restriction(ChangeRestrictionRequest) -> ();
                close_for_adoption(CloseForAdoptionRequest) -> ();
                list_restricted_pupils(After) -> Page<RestrictedPupil>;
                list_entitled(PupilPage) -> Page<EntitledUser>;
                pupil_timeline(PupilPage) -> Page<TimelineEntry>;
                pupil_notes(PupilPage) -> Page<PupilNote>;
                list_users(UserFilter) -> Page<User>;
                get_user(UserRef) -> User;
                add_user(AddUser) -> User;
                edit_user(EditUserRequest) -> User;
                invite_user(UserRef) -> User;
                count_users(UserFilter) -> UserCounts;
                look_up_email(LookUpEmail) -> Vec<User>;
                user_sight(PageOfUser) -> UserSight;
                list_user_devices(UserRef) -> Vec<UserDevice>;
                sign_out_user(SignOutUserRequest) -> Vec<UserDevice>;
                list_user_trail(PageOfUser) -> Page<TrailRow>;
                get_user_second_factor(UserRef) -> UserSecondFactor;
                reset_second_factor(UserRef) -> UserSecondFactor;
                list_trail(TrailFilter) -> Page<TrailRow>;
                list_trail_actions(()) -> Vec<TrailAction>;
                save_trail(TrailFilter) -> Option<SavedFile>;
                list_user_assignments(AssignmentsOfUser) -> Page<Assignment>;
                list_assignable_pupils(AssignmentsOfUser) -> Page<PupilBrief>;
                list_pupil_assignments(AssignmentsOfPupil) -> Page<Assignment>;
                list_assignable_users(AssignmentsOfPupil) -> Page<UserBrief>;
                change_assignments(ChangeAssignments) -> AssignmentsChanged;
                hand_over_pupils(HandOverRequest) -> HandedOver;
                add_link(NewLink) -> User;
                change_link(ChangeLinkRequest) -> User;
                remove_link(LinkRef) -> User;
                act_on_users(ActOnUsersRequest) -> UserAction;
                get_user_action(UserActionRef) -> UserAction;
                list_action_failures(FailuresOfAction) -> Page<ActionFailure>;
                cancel_user_action(UserActionRef) -> UserAction;
                ask_for_colleague(AskForColleague) -> ColleagueRequest;
                list_colleague_requests(ColleagueFilter) -> Page<ColleagueRequest>;
                count_colleague_requests(()) -> WaitingRequests;
                approve_colleague(ApproveColleagueRequest) -> ColleagueRequest;
                refuse_colleague(RefuseColleagueRequest) -> ColleagueRequest;
                list_establishments(EstablishmentFilter) -> Page<Establishment>;
                get_establishment(EstablishmentRef) -> EstablishmentPage;
                establishment_choices(()) -> EstablishmentChoices;
                add_establishment(AddEstablishment) -> Establishment;
                edit_establishment(EditEstablishmentRequest) -> Establishment;
                join_establishment(JoinEstablishmentRequest) -> Establishment;
                establishment_history(EstablishmentHistoryOf) -> Page<HistoryEntry>;
                list_successions(SuccessionFilter) -> Page<Succession>;
                list_movable(EstablishmentRef) -> Movable;
                move_establishment(MoveEstablishmentRequest) -> Moved;
                leave_succession(LeaveSuccession) -> ();
                choose_establishment_file(()) -> Option<EstablishmentFile>;
                judge_establishment_file(JudgeEstablishmentFile) -> EstablishmentImport;
                commit_establishment_file(EstablishmentImportRef) -> EstablishmentImport;
                list_establishment_files(After) -> Page<EstablishmentImport>;
                choose_care_return_file(()) -> Option<CareReturnFile>;
                look_at_care_return_file(CareReturnPath) -> CareReturnFile;
                read_care_return(ReadReturn) -> CareReturn;
                list_care_returns(After) -> Page<PastCareReturn>;
                list_care_proposals(After) -> Page<CareProposal>;
                decide_care_proposals(DecideCareProposals) -> CareDecision;
                save_template(TemplateOf) -> Option<SavedFile>;
                choose_file(ChooseFile) -> Option<ChosenFile>;
                look_at_file(LookAtFile) -> ChosenFile;
                judge_file(JudgeFile) -> Import;
                stop_judging(()) -> ();
                list_findings(FindingsOf) -> Page<Finding>;
                get_import_row(ImportRowRef) -> ImportRow;
                mend_import(MendRequest) -> Import;
                commit_import(CommitRequest) -> Import;
                cancel_import(ImportRef) -> Import;
                list_import_outcomes(OutcomesOf) -> Page<ImportedOne>;
                look_at_undo(UndoOf) -> UndoLook;
                undo_import(ImportRef) -> Import;
                invite_created(ImportRef) -> Import;
                get_import(ImportRef) -> Import;
                list_imports(After) -> Page<Import>;
                save_refused_rows(ImportRef) -> Option<SavedFile>;
            }
        }
    };
}

/// Every command of the table is a method of `App` with that request and that reply, whose future can be sent between
/// threads: it is enough that this compiles.
#[cfg(test)]
mod bodies {
    use lac_domain::{DraftId, ReminderId, Timestamp};
    use lac_import::Finding;
    use lac_wire::*;

    use crate::App;
    use crate::test_support::TestHost;
    use crate::view::*;

    fn sendable<T>(_: impl Future<Output = Result<T, Problem>> + Send) {}

    macro_rules! called {
        (app { $($a:ident($ar:ty) -> $ap:ty;)* } account { $($b:ident($br:ty) -> $bp:ty;)* }) => {
            mod calls {
                use super::*;
                $(#[allow(dead_code)]
                pub(super) fn $a(app: &App<TestHost>, request: $ar) { sendable::<$ap>(app.$a(request)); })*
                $(#[allow(dead_code)]
                pub(super) fn $b(app: &App<TestHost>, account: AccountId, request: $br) { sendable::<$bp>(app.$b(account, request)); })*
            }
        };
    }
    ui_commands!(called);
}

/// Writes the UI's types and its table of commands into a folder: what `ui/src/lib/bindings` holds.
#[cfg(test)]
mod bindings {
    use std::collections::{BTreeMap, BTreeSet};
    use std::path::{Path, PathBuf};

    use lac_domain::{DraftId, ReminderId, Timestamp};
    use lac_import::Finding;
    use lac_wire::*;
    use ts_rs::{Config, TS};

    use crate::view::*;

    macro_rules! export {
        (app { $($a:ident($ar:ty) -> $ap:ty;)* } account { $($b:ident($br:ty) -> $bp:ty;)* }) => {
            fn export_types(config: &Config) -> String {
                let mut app = String::new();
                let mut account = String::new();
                $(<$ar>::export_all(config).unwrap_or(()); <$ap>::export_all(config).unwrap_or(());
                  app.push_str(&line(stringify!($a), &<$ar>::name(config), &<$ap>::name(config)));)*
                $(<$br>::export_all(config).unwrap_or(()); <$bp>::export_all(config).unwrap_or(());
                  account.push_str(&line(stringify!($b), &<$br>::name(config), &<$bp>::name(config)));)*
                format!("export interface AppCommands {{\n{app}}}\n\nexport interface AccountCommands {{\n{account}}}\n")
            }
        };
    }
    ui_commands!(export);

    /// The display names of the field's words, which live in `domain` alone.
    fn words_of_the_field() -> String {
        macro_rules! table {
            ($($name:ident $constant:literal),+) => {
                [$((stringify!($name), $constant, lac_domain::$name::ALL.iter().map(|word| (word.as_str(), word.display_name())).collect::<Vec<_>>())),+]
            };
        }
        let tables = table!(AttachmentKind "ATTACHMENT_KINDS", Capacity "CAPACITIES", CareEndReason "CARE_END_REASONS", EmailFrequency "EMAIL_FREQUENCIES", EnrolmentKind "ENROLMENT_KINDS", EstablishmentStatus "ESTABLISHMENT_STATUSES", NoticeKind "NOTICE_KINDS", ReminderKind "REMINDER_KINDS", Repeat "REPEATS", Role "ROLES", SettingKind "SETTING_KINDS", TermName "TERM_NAMES", UserStatus "USER_STATUSES");
        let types = tables.iter().map(|(name, _, _)| *name).collect::<Vec<_>>().join(", ");
        let mut text =
            format!("// Written by a test of lac-client; do not edit.\nimport type {{ {types} }} from './index';\n");
        for (name, constant, words) in &tables {
            text.push_str(&format!("\nexport const {constant}: Record<{name}, string> = {{\n"));
            for (stored, display) in words {
                text.push_str(&format!("  {stored}: '{display}',\n"));
            }
            text.push_str("};\n");
        }
        text
    }

    fn line(name: &str, request: &str, reply: &str) -> String {
        let request = if request == "null" { "void" } else { request };
        let reply = if reply == "null" { "void" } else { reply };
        format!("  {name}: [{request}, {reply}];\n")
    }

    fn write_into(folder: &Path) {
        let config = Config::new().with_large_int("number").with_out_dir(folder);
        let mut table = export_types(&config);
        UiEvent::export_all(&config).unwrap();
        Problem::export_all(&config).unwrap();
        // Types that only stand inside a list or an option are not reached by the table.
        OutboxRow::export_all(&config).unwrap();
        ExportedHistory::export_all(&config).unwrap();
        UserDevice::export_all(&config).unwrap();
        OwnSession::export_all(&config).unwrap();
        TrailAction::export_all(&config).unwrap();
        EstablishmentFile::export_all(&config).unwrap();
        SavedFile::export_all(&config).unwrap();
        OwnListView::export_all(&config).unwrap();
        OwnAway::export_all(&config).unwrap();
        let mut names: Vec<String> = std::fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned())
            .filter(|name| !["index", "commands", "words"].contains(&name.as_str()))
            .collect();
        names.sort();
        let words: BTreeSet<&str> = table.split(|c: char| !c.is_alphanumeric()).collect();
        let used: Vec<_> = names
            .iter()
            .filter(|name| words.contains(name.as_str()))
            .cloned()
            .collect();
        table = format!(
            "// Written by a test of lac-client; do not edit.\nimport type {{ {} }} from './index';\n\n{table}",
            used.join(", ")
        );
        std::fs::write(folder.join("commands.ts"), table).unwrap();
        std::fs::write(folder.join("words.ts"), words_of_the_field()).unwrap();
        let index: String = names
            .iter()
            .map(|name| format!("export type {{ {name} }} from './{name}';\n"))
            .collect();
        std::fs::write(
            folder.join("index.ts"),
            format!("// Written by a test of lac-client; do not edit.\n{index}"),
        )
        .unwrap();
    }

    fn read(folder: &Path) -> BTreeMap<String, String> {
        std::fs::read_dir(folder)
            .map(|entries| {
                entries
                    .map(|entry| entry.unwrap().path())
                    .map(|path| {
                        (
                            path.file_name().unwrap().to_str().unwrap().to_owned(),
                            std::fs::read_to_string(path).unwrap(),
                        )
                    })
                    .collect()
            })
            .unwrap_or_default()
    }

    /// With `LAC_WRITE_BINDINGS=1` writes them; otherwise fails when those in the tree are stale.
    #[test]
    fn the_ui_s_types_are_fresh() {
        let in_tree = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../ui/src/lib/bindings");
        if std::env::var_os("LAC_WRITE_BINDINGS").is_some() {
            if in_tree.exists() {
                std::fs::remove_dir_all(&in_tree).unwrap();
            }
            std::fs::create_dir_all(&in_tree).unwrap();
            write_into(&in_tree);
        }
        let fresh = tempfile::tempdir().unwrap();
        write_into(fresh.path());
        let (fresh, held) = (read(fresh.path()), read(&in_tree));
        let stale: Vec<_> = fresh
            .keys()
            .chain(held.keys())
            .filter(|name| fresh.get(*name) != held.get(*name))
            .collect();
        assert!(
            stale.is_empty(),
            "stale types in ui/src/lib/bindings: {stale:?}; write them with LAC_WRITE_BINDINGS=1 cargo test -p lac-client bindings"
        );
    }
}
