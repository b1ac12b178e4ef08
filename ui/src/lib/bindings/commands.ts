// Written by a test of lac-client; do not edit.
import type { AccountId, AddPupil, AddUser, After, AppState, ChangeBarRequest, ChangeCareRequest, ChangeEnrolmentRequest, ChangeRestrictionRequest, ChooseFile, ChosenFile, CloseForAdoptionRequest, CommitRequest, ConversationFilter, ConversationId, ConversationRef, ConversationRow, ConversationView, Draft, DraftId, DraftRef, EditPupilRequest, EditUserRequest, EnrolmentStart, EntitledUser, Establishment, EstablishmentFilter, EstablishmentPage, EstablishmentRef, FindRecipients, Finding, FindingsOf, FolderCounts, Import, ImportRef, ImportRow, ImportRowRef, ImportedOne, Invitation, InvitationCode, JudgeFile, LookAtFile, MendRequest, NewDraft, OpenConversation, OutboxRef, OutboxRow, OutcomesOf, Page, Password, PasswordRating, PasswordToRate, Pupil, PupilFilter, PupilNote, PupilPage, PupilRecord, PupilRef, RecipientChoice, RestrictedPupil, SavedFile, Settings, SignInHere, SignOut, StoreAddress, StoreView, SyncStatus, TakeUpInvitation, TimelineEntry, Timestamp, UndoLook, UndoOf, UpnJudgement, UpnToJudge, User, UserFilter, UserRef, VisibleFrom } from './index';

export interface AppCommands {
  app_state: [void, AppState];
  save_settings: [Settings, void];
  look_at_store: [StoreAddress, StoreView];
  look_at_invitation: [InvitationCode, Invitation];
  rate_password: [PasswordToRate, PasswordRating];
  judge_upn: [UpnToJudge, UpnJudgement];
  visible_from: [EnrolmentStart, VisibleFrom];
  take_up_invitation: [TakeUpInvitation, AccountId];
  sign_in: [SignInHere, AccountId];
}

export interface AccountCommands {
  sign_in_again: [Password, void];
  sign_out: [SignOut, void];
  confirm_password: [Password, void];
  sync_now: [void, SyncStatus];
  folder_counts: [void, FolderCounts];
  list_conversations: [ConversationFilter, Page<ConversationRow>];
  open_conversation: [OpenConversation, ConversationView];
  mark_read: [ConversationRef, void];
  mark_unread: [ConversationRef, void];
  find_recipients: [FindRecipients, Array<RecipientChoice>];
  new_draft: [NewDraft, Draft];
  get_draft: [DraftRef, Draft];
  save_draft: [Draft, Timestamp];
  list_drafts: [void, Array<Draft>];
  delete_draft: [DraftRef, void];
  send_draft: [DraftRef, ConversationId];
  list_outbox: [void, Array<OutboxRow>];
  try_again: [OutboxRef, void];
  take_back: [OutboxRef, DraftId];
  list_pupils: [PupilFilter, Page<Pupil>];
  get_pupil: [PupilRef, Pupil];
  get_pupil_record: [PupilRef, PupilRecord];
  add_pupil: [AddPupil, Pupil];
  edit_pupil: [EditPupilRequest, PupilRecord];
  change_care: [ChangeCareRequest, PupilRecord];
  change_enrolment: [ChangeEnrolmentRequest, PupilRecord];
  end_handover: [PupilRef, PupilRecord];
  change_bar: [ChangeBarRequest, PupilRecord];
  change_restriction: [ChangeRestrictionRequest, void];
  close_for_adoption: [CloseForAdoptionRequest, void];
  list_restricted_pupils: [After, Page<RestrictedPupil>];
  list_entitled: [PupilPage, Page<EntitledUser>];
  pupil_timeline: [PupilPage, Page<TimelineEntry>];
  pupil_notes: [PupilPage, Page<PupilNote>];
  list_users: [UserFilter, Page<User>];
  get_user: [UserRef, User];
  add_user: [AddUser, User];
  edit_user: [EditUserRequest, User];
  invite_user: [UserRef, User];
  list_establishments: [EstablishmentFilter, Page<Establishment>];
  get_establishment: [EstablishmentRef, EstablishmentPage];
  save_template: [void, SavedFile | null];
  choose_file: [ChooseFile, ChosenFile | null];
  look_at_file: [LookAtFile, ChosenFile];
  judge_file: [JudgeFile, Import];
  list_findings: [FindingsOf, Page<Finding>];
  get_import_row: [ImportRowRef, ImportRow];
  mend_import: [MendRequest, Import];
  commit_import: [CommitRequest, Import];
  cancel_import: [ImportRef, Import];
  list_import_outcomes: [OutcomesOf, Page<ImportedOne>];
  look_at_undo: [UndoOf, UndoLook];
  undo_import: [ImportRef, Import];
  invite_created: [ImportRef, Import];
  get_import: [ImportRef, Import];
  list_imports: [After, Page<Import>];
  save_refused_rows: [ImportRef, SavedFile | null];
}
