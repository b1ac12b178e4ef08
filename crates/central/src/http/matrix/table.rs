//! The table: every endpoint of the contract, who may use it, and on what.

/// Who may use an endpoint at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Needs {
    /// Also those who are signed out: it is for getting in.
    Nobody,
    /// Every role.
    Anyone,
    /// The LA roles.
    La,
    /// LA Super Users.
    SuperUser,
    /// Designated Teachers.
    Teacher,
}

/// What an endpoint is asked for by its id.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Object {
    /// Nothing: it answers with what the reader may see, or with the reader's own.
    Nothing,
    /// A pupil, to be read.
    Pupil,
    /// A pupil, to be written about. Who could see them before may still do that.
    PupilWrittenAbout,
    /// A pupil whose record is about to be closed for good.
    PupilToClose,
    /// A pupil, as a Super User may know of a restricted one.
    PupilToRestrict,
    /// A person who is written to.
    Recipient,
    /// An establishment, to be read.
    Establishment,
    /// An establishment, as a condition of a list or a group of people.
    EstablishmentNamed,
    /// An establishment added by hand, to be edited.
    HandEstablishment,
    /// An establishment that became another.
    OldEstablishment,
    /// A file of establishments that was judged.
    EstablishmentImport,
    /// A user.
    User,
    /// A user who has not taken up their invitation.
    InvitedUser,
    /// Something done to many users.
    UserAction,
    /// A request for a colleague that waits.
    ColleagueRequest,
    /// A Designated Teacher who is linked nowhere.
    Unlinked,
    /// A link.
    Link,
    /// A link that has not begun.
    FutureLink,
    /// A user who is assigned to a pupil for the first time.
    NewlyAssigned,
    /// An assignment.
    Assignment,
    /// A conversation.
    Conversation,
    /// A message, of a conversation that is read.
    Message,
    /// An enrolment of a pupil.
    Enrolment,
    /// A conversation that is left, and may be read no more.
    ConversationToLeave,
    /// An attachment of a message.
    Attachment,
    /// A file that the user is sending.
    Upload,
    /// A file that is not there yet.
    NewAttachment,
    /// A reminder of one's own.
    Reminder,
    /// A list of people of one's own.
    OwnList,
    /// A list that is not there yet.
    NewList,
    /// A session on another device.
    Session,
    /// An import that was judged.
    Import,
    /// An import that was committed.
    CommittedImport,
    /// An import that is not there yet.
    NewImport,
}

/// An endpoint, or one of the ways to use it.
#[derive(Debug, Clone, Copy)]
pub struct Row {
    /// Method and path, as the contract has them.
    pub endpoint: &'static str,
    /// The kind of command, the part or the condition that is asked for; empty where there is one way only.
    pub way: &'static str,
    /// Who may use it.
    pub needs: Needs,
    /// What it is asked for.
    pub object: Object,
    /// The status for who may have it.
    pub ok: u16,
    /// The status for what may not be seen, and for what does not exist.
    pub hidden: u16,
}

const fn row(endpoint: &'static str, way: &'static str, needs: Needs, object: Object, ok: u16) -> Row {
    Row {
        endpoint,
        way,
        needs,
        object,
        ok,
        hidden: 404,
    }
}

const fn hides(row: Row, hidden: u16) -> Row {
    Row { hidden, ..row }
}

use Needs::{Anyone, La, Nobody, SuperUser, Teacher};
use Object as O;

/// Every endpoint.
pub const TABLE: &[Row] = &[
    row("GET /v1/about", "", Nobody, O::Nothing, 200),
    row("POST /v1/invitations/look", "", Nobody, O::Nothing, 200),
    row("POST /v1/invitations/accept", "", Nobody, O::Nothing, 200),
    row("POST /v1/sessions", "", Nobody, O::Nothing, 200),
    row("GET /v1/sessions", "", Anyone, O::Nothing, 200),
    row("DELETE /v1/sessions/{id}", "", Anyone, O::Session, 204),
    row("DELETE /v1/session", "", Anyone, O::Nothing, 204),
    row("POST /v1/session/confirm", "", Anyone, O::Nothing, 204),
    row("GET /v1/me", "", Anyone, O::Nothing, 200),
    // The same password again, a code that nobody was sent, nothing that was set up: past the door, and refused there.
    row("POST /v1/me/password", "", Anyone, O::Nothing, 422),
    row("POST /v1/password-codes", "", Nobody, O::Nothing, 204),
    row("POST /v1/password-codes/look", "", Nobody, O::Nothing, 404),
    row("POST /v1/password-codes/use", "", Nobody, O::Nothing, 404),
    row("POST /v1/me/second-factor", "", Anyone, O::Nothing, 200),
    row("POST /v1/me/second-factor/confirm", "", Anyone, O::Nothing, 401),
    row("POST /v1/me/recovery-codes", "", Anyone, O::Nothing, 422),
    row("DELETE /v1/me/second-factor", "", Anyone, O::Nothing, 422),
    row("PUT /v1/authority/second-factor", "", SuperUser, O::Nothing, 200),
    row("POST /v1/sessions/end-others", "", Anyone, O::Nothing, 200),
    row("POST /v1/session/token", "", Anyone, O::Nothing, 200),
    row("GET /v1/trail", "", SuperUser, O::Nothing, 200),
    row("GET /v1/trail.csv", "", SuperUser, O::Nothing, 200),
    row("GET /v1/trail/actions", "", SuperUser, O::Nothing, 200),
    row("GET /v1/users/{id}/second-factor", "", SuperUser, O::User, 200),
    row("POST /v1/users/{id}/second-factor/reset", "", SuperUser, O::User, 422),
    row("PUT /v1/me/notifications", "", Anyone, O::Nothing, 200),
    row("PUT /v1/me/away", "", Anyone, O::Nothing, 200),
    hides(row("PUT /v1/me/away", "covered by", Anyone, O::Recipient, 200), 422),
    row("PUT /v1/me/lists/{id}", "", Anyone, O::NewList, 200),
    row("DELETE /v1/me/lists/{id}", "", Anyone, O::OwnList, 200),
    row("POST /v1/recipients/check", "about", Anyone, O::Pupil, 200),
    hides(row("POST /v1/recipients/check", "with", Anyone, O::Recipient, 200), 422),
    row("PUT /v1/authority/terms", "", SuperUser, O::Nothing, 200),
    row("POST /v1/commands", "start_conversation", Anyone, O::Nothing, 200),
    row(
        "POST /v1/commands",
        "start_conversation about",
        Anyone,
        O::PupilWrittenAbout,
        200,
    ),
    row(
        "POST /v1/commands",
        "start_conversation around",
        Anyone,
        O::PupilWrittenAbout,
        200,
    ),
    hides(
        row(
            "POST /v1/commands",
            "start_conversation with",
            Anyone,
            O::Recipient,
            200,
        ),
        422,
    ),
    hides(
        row(
            "POST /v1/commands",
            "start_conversation about a pupil with",
            Anyone,
            O::Recipient,
            200,
        ),
        422,
    ),
    hides(
        row(
            "POST /v1/commands",
            "start_conversation with teachers",
            Anyone,
            O::EstablishmentNamed,
            200,
        ),
        422,
    ),
    hides(
        row(
            "POST /v1/commands",
            "start_conversation with a list",
            Anyone,
            O::OwnList,
            200,
        ),
        422,
    ),
    row("POST /v1/commands", "send_message", Anyone, O::Conversation, 200),
    row("POST /v1/commands", "add_participants", Anyone, O::Conversation, 200),
    hides(
        row("POST /v1/commands", "add_participants who", Anyone, O::Recipient, 200),
        422,
    ),
    row("POST /v1/commands", "mute", Anyone, O::Conversation, 200),
    row("POST /v1/commands", "leave", Anyone, O::ConversationToLeave, 200),
    row("POST /v1/commands", "mark_read", Anyone, O::Conversation, 200),
    row("POST /v1/commands", "mark_unread", Anyone, O::Conversation, 200),
    row("POST /v1/commands", "note_read", Anyone, O::PupilWrittenAbout, 200),
    row("POST /v1/commands", "note_opened", Anyone, O::Attachment, 200),
    row("PUT /v1/attachments/{id}", "", Anyone, O::NewAttachment, 200),
    row("PUT /v1/attachments/{id}/pieces", "", Anyone, O::Upload, 200),
    row("GET /v1/attachments/{id}", "", Anyone, O::Attachment, 200),
    row("POST /v1/commands", "save_reminder", Anyone, O::Nothing, 200),
    row(
        "POST /v1/commands",
        "save_reminder about",
        Anyone,
        O::PupilWrittenAbout,
        200,
    ),
    row("POST /v1/commands", "finish_reminder", Anyone, O::Reminder, 200),
    row("POST /v1/commands", "snooze_reminder", Anyone, O::Reminder, 200),
    row("GET /v1/pupils/{id}/history", "", Anyone, O::Pupil, 200),
    row("POST /v1/pupils/{id}/history/exports", "", Anyone, O::Pupil, 200),
    row("GET /v1/conversations/{id}", "", Anyone, O::Conversation, 200),
    row("GET /v1/users", "", La, O::Nothing, 200),
    row("GET /v1/users/counts", "", La, O::Nothing, 200),
    row("GET /v1/users/lookup", "", La, O::Nothing, 200),
    row("POST /v1/users", "", SuperUser, O::Nothing, 201),
    row("GET /v1/users/{id}", "", La, O::User, 200),
    row("PUT /v1/users/{id}", "", SuperUser, O::User, 200),
    row("POST /v1/users/{id}/invitations", "", SuperUser, O::InvitedUser, 200),
    row("GET /v1/establishments", "", Anyone, O::Nothing, 200),
    row("POST /v1/establishments", "", SuperUser, O::Nothing, 201),
    row("GET /v1/establishments/choices", "", La, O::Nothing, 200),
    row("GET /v1/establishments/{id}", "", Anyone, O::Establishment, 200),
    row("PUT /v1/establishments/{id}", "", SuperUser, O::HandEstablishment, 200),
    row("GET /v1/establishments/{id}/history", "", La, O::Establishment, 200),
    row(
        "POST /v1/establishments/{id}/join",
        "",
        SuperUser,
        O::HandEstablishment,
        200,
    ),
    row("GET /v1/establishments/{id}/movable", "", La, O::Establishment, 200),
    row(
        "POST /v1/establishments/{id}/move",
        "",
        SuperUser,
        O::OldEstablishment,
        200,
    ),
    row("GET /v1/successions", "", La, O::Nothing, 200),
    row("POST /v1/successions/leave", "", SuperUser, O::Nothing, 204),
    row("GET /v1/establishment-imports", "", La, O::Nothing, 200),
    row("PUT /v1/establishment-imports/{id}", "", SuperUser, O::NewImport, 200),
    row(
        "POST /v1/establishment-imports/{id}/commit",
        "",
        SuperUser,
        O::EstablishmentImport,
        200,
    ),
    row("GET /v1/pupils", "", Anyone, O::Nothing, 200),
    hides(
        row("GET /v1/pupils", "establishment_id", Anyone, O::EstablishmentNamed, 200),
        200,
    ),
    row("POST /v1/pupils", "", La, O::Nothing, 201),
    row("GET /v1/pupils/{id}", "", Anyone, O::Pupil, 200),
    row("PUT /v1/pupils/{id}", "", La, O::Pupil, 200),
    row("GET /v1/pupils/{id}/record", "", La, O::Pupil, 200),
    row("POST /v1/pupils/{id}/care-periods", "add", La, O::Pupil, 200),
    row("POST /v1/pupils/{id}/enrolments", "add", La, O::Pupil, 200),
    row("POST /v1/pupils/{id}/handover/end", "", La, O::Pupil, 200),
    row("POST /v1/pupils/{id}/bars", "", La, O::Pupil, 200),
    row("PUT /v1/pupils/{id}/restriction", "", La, O::PupilToRestrict, 204),
    row("POST /v1/pupils/{id}/adoption", "", La, O::PupilToClose, 204),
    row("GET /v1/restricted-pupils", "", SuperUser, O::Nothing, 200),
    row("GET /v1/pupils/{id}/entitled", "", La, O::Pupil, 200),
    row("GET /v1/pupils/{id}/timeline", "", La, O::Pupil, 200),
    row("GET /v1/pupils/{id}/notes", "", La, O::Pupil, 200),
    row("GET /v1/users/{id}/sight", "", La, O::User, 200),
    row("GET /v1/users/{id}/devices", "", SuperUser, O::User, 200),
    row("POST /v1/users/{id}/sign-out", "", SuperUser, O::User, 200),
    row("GET /v1/users/{id}/trail", "", SuperUser, O::User, 200),
    row("POST /v1/users/actions", "of users", SuperUser, O::User, 202),
    hides(
        row(
            "POST /v1/users/actions",
            "to an establishment",
            SuperUser,
            O::EstablishmentNamed,
            202,
        ),
        422,
    ),
    row("GET /v1/users/actions/{id}", "", SuperUser, O::UserAction, 200),
    row("GET /v1/users/actions/{id}/failures", "", SuperUser, O::UserAction, 200),
    row("POST /v1/users/actions/{id}/cancel", "", SuperUser, O::UserAction, 200),
    row("GET /v1/colleagues", "", Anyone, O::Nothing, 200),
    row("GET /v1/colleagues/waiting", "", Anyone, O::Nothing, 200),
    row("POST /v1/colleagues", "", Teacher, O::Establishment, 201),
    row(
        "POST /v1/colleagues/{id}/approve",
        "",
        SuperUser,
        O::ColleagueRequest,
        200,
    ),
    row(
        "POST /v1/colleagues/{id}/refuse",
        "",
        SuperUser,
        O::ColleagueRequest,
        200,
    ),
    row("POST /v1/links", "of a user", SuperUser, O::Unlinked, 201),
    hides(
        row(
            "POST /v1/links",
            "to an establishment",
            SuperUser,
            O::EstablishmentNamed,
            201,
        ),
        422,
    ),
    row("PUT /v1/links/{id}", "", SuperUser, O::Link, 200),
    row("GET /v1/links/{id}/report", "", SuperUser, O::Link, 200),
    row("GET /v1/enrolments/{id}/report", "", SuperUser, O::Enrolment, 200),
    row("GET /v1/messages/{id}/report", "", SuperUser, O::Message, 200),
    row("POST /v1/messages/{id}/withdrawal", "", SuperUser, O::Message, 200),
    row("DELETE /v1/links/{id}", "", SuperUser, O::FutureLink, 200),
    row("GET /v1/users/{id}/assignments", "", La, O::User, 200),
    row("GET /v1/users/{id}/assignable", "", La, O::User, 200),
    row("GET /v1/pupils/{id}/assignments", "", Anyone, O::Pupil, 200),
    row("GET /v1/pupils/{id}/assignable", "", La, O::Pupil, 200),
    row("POST /v1/assignments", "of a user", La, O::NewlyAssigned, 200),
    row("POST /v1/assignments", "to a pupil", La, O::Pupil, 200),
    row("POST /v1/assignments", "that is there", La, O::Assignment, 200),
    row("POST /v1/users/{id}/hand-over", "", La, O::User, 200),
    row("POST /v1/care-returns", "", La, O::Nothing, 200),
    row("GET /v1/care-returns", "", La, O::Nothing, 200),
    row("GET /v1/care-proposals", "", La, O::Nothing, 200),
    row("POST /v1/care-proposals/decisions", "", La, O::Nothing, 200),
    row("GET /v1/imports", "", La, O::Nothing, 200),
    row("GET /v1/imports/{id}", "", La, O::Import, 200),
    row("GET /v1/imports/{id}/findings", "", La, O::Import, 200),
    row("GET /v1/imports/{id}/refused.csv", "", La, O::Import, 200),
    row("GET /v1/imports/{id}/rows/{row}", "", La, O::Import, 200),
    row("GET /v1/imports/{id}/outcomes", "", La, O::CommittedImport, 200),
    row("GET /v1/imports/{id}/undo", "", La, O::CommittedImport, 200),
    row("POST /v1/imports/mapping", "", La, O::Nothing, 200),
    row("PUT /v1/imports/{id}", "", SuperUser, O::NewImport, 200),
    row("PUT /v1/imports/{id}", "of pupils", La, O::NewImport, 200),
    row("PATCH /v1/imports/{id}", "", SuperUser, O::Import, 200),
    row("POST /v1/imports/{id}/commit", "", SuperUser, O::Import, 200),
    row("POST /v1/imports/{id}/cancel", "", SuperUser, O::Import, 200),
    row("POST /v1/imports/{id}/invite", "", SuperUser, O::CommittedImport, 200),
    row("POST /v1/imports/{id}/undo", "", SuperUser, O::CommittedImport, 200),
    row("GET /v1/cursor", "", Anyone, O::Nothing, 200),
    row("GET /v1/changes", "", Anyone, O::Nothing, 200),
    row("GET /v1/held", "people", Anyone, O::Nothing, 200),
    row("GET /v1/held", "establishments", Anyone, O::Nothing, 200),
    row("GET /v1/held", "pupils", Anyone, O::Nothing, 200),
    row("GET /v1/held", "conversations", Anyone, O::Nothing, 200),
    row("GET /v1/held", "messages", Anyone, O::Nothing, 200),
    row("GET /v1/held", "reminders", Anyone, O::Nothing, 200),
    row("GET /v1/events", "", Anyone, O::Nothing, 200),
    row("GET /v1/unread", "", Anyone, O::Nothing, 200),
    row("GET /v1/home", "", La, O::Nothing, 200),
];

impl Row {
    /// Whether a role may use it at all.
    pub fn is_for(&self, role: lac_domain::Role) -> bool {
        match self.needs {
            Nobody | Anyone => true,
            La => role.is_la(),
            SuperUser => role == lac_domain::Role::LaSuperUser,
            Teacher => role == lac_domain::Role::DesignatedTeacher,
        }
    }

    /// The row's name in a failure.
    pub fn name(&self) -> String {
        format!("{} {}", self.endpoint, self.way).trim().to_owned()
    }
}
