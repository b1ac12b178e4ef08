//! A row of the table: an endpoint, who may use it, and what it is asked for.

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

/// A row; what may not be seen is not found.
pub const fn row(endpoint: &'static str, way: &'static str, needs: Needs, object: Object, ok: u16) -> Row {
    Row {
        endpoint,
        way,
        needs,
        object,
        ok,
        hidden: 404,
    }
}

/// The same, where what may not be seen is answered in another way.
pub const fn hides(row: Row, hidden: u16) -> Row {
    Row { hidden, ..row }
}

impl Row {
    /// Whether a role may use it at all.
    pub fn is_for(&self, role: lac_domain::Role) -> bool {
        match self.needs {
            Needs::Nobody | Needs::Anyone => true,
            Needs::La => role.is_la(),
            Needs::SuperUser => role == lac_domain::Role::LaSuperUser,
            Needs::Teacher => role == lac_domain::Role::DesignatedTeacher,
        }
    }

    /// The row's name in a failure.
    pub fn name(&self) -> String {
        format!("{} {}", self.endpoint, self.way).trim().to_owned()
    }
}
