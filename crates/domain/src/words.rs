//! The closed lists of the field's words: roles, statuses, capacities, kinds. Snake case in storage and on
//! the wire, one display name each, here and nowhere else.

use serde::{Deserialize, Serialize};

/// A text that is none of a list's words.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("“{text}” is not a {list}. Use one of: {choices}.")]
pub struct UnknownWord {
    /// What was given, at most 40 characters of it.
    pub text: String,
    /// What it should have been, in words.
    pub list: &'static str,
    /// The display names that are accepted, separated by commas.
    pub choices: String,
}

macro_rules! words {
    ($(#[$doc:meta])* $name:ident, $list:literal { $($(#[$vdoc:meta])* $variant:ident = $stored:literal, $display:literal;)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
        #[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
        #[cfg_attr(feature = "ts", derive(ts_rs::TS))]
        pub enum $name {
            $($(#[$vdoc])* #[serde(rename = $stored)] $variant,)+
        }

        impl $name {
            /// Every word of the list, in the order in which people read it.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The word as it is stored and sent: snake case.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $stored,)+ }
            }

            /// The word as people read it.
            #[must_use]
            pub fn display_name(self) -> &'static str {
                match self { $(Self::$variant => $display,)+ }
            }

            /// Reads a display name or a stored word, ignoring letter case and spacing.
            ///
            /// # Errors
            /// When the text is none of the list's words.
            pub fn parse(text: &str) -> Result<Self, UnknownWord> {
                let key = |t: &str| t.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
                let wanted = key(text);
                Self::ALL
                    .iter()
                    .copied()
                    .find(|word| key(word.display_name()) == wanted || key(word.as_str()) == wanted)
                    .ok_or_else(|| UnknownWord {
                        text: text.trim().chars().take(40).collect(),
                        list: $list,
                        choices: Self::ALL.iter().map(|w| w.display_name()).collect::<Vec<_>>().join(", "),
                    })
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.display_name())
            }
        }

        impl TryFrom<String> for $name {
            type Error = UnknownWord;
            fn try_from(text: String) -> Result<Self, UnknownWord> {
                Self::parse(&text)
            }
        }
    };
}

words! {
    /// A user's role. Each user has one.
    Role, "role" {
        /// The teacher in a school who is answerable for its looked-after pupils (Children and Young Persons Act 2008, section 20).
        DesignatedTeacher = "designated_teacher", "Designated Teacher";
        /// A social worker of the authority.
        SocialWorker = "social_worker", "Social Worker";
        /// Another professional around the child.
        OtherProfessional = "other_professional", "Other Professional";
        /// Virtual School staff.
        LaUser = "la_user", "LA User";
        /// Virtual School staff who also manage users, links, imports and settings.
        LaSuperUser = "la_super_user", "LA Super User";
    }
}

impl Role {
    /// Whether this is one of the two roles of the authority's own staff.
    #[must_use]
    pub fn is_la(self) -> bool {
        matches!(self, Self::LaUser | Self::LaSuperUser)
    }

    /// Whether this role is given establishments (and sees pupils through them).
    #[must_use]
    pub fn is_linked(self) -> bool {
        self == Self::DesignatedTeacher
    }
}

words! {
    /// Where a user's account stands.
    UserStatus, "status" {
        /// Invited, and not yet signed in for the first time.
        Invited = "invited", "Invited";
        /// May sign in.
        Active = "active", "Active";
        /// May not sign in, and sees nothing.
        Inactive = "inactive", "Inactive";
    }
}

words! {
    /// In what capacity a user is linked to an establishment.
    Capacity, "capacity" {
        /// The Designated Teacher.
        DesignatedTeacher = "designated_teacher", "Designated Teacher";
        /// Their deputy.
        Deputy = "deputy", "Deputy";
        /// Standing in for a time.
        Cover = "cover", "Cover";
        /// The headteacher.
        Headteacher = "headteacher", "Headteacher";
        /// The school's office.
        Office = "office", "Office";
    }
}

words! {
    /// What kind an enrolment is of.
    EnrolmentKind, "kind of enrolment" {
        /// The establishment where the pupil is mainly on roll; at most one on a day.
        Main = "main", "Main";
        /// Dual registration.
        Dual = "dual", "Dual";
        /// A guest pupil.
        Guest = "guest", "Guest";
        /// Alternative provision.
        AlternativeProvision = "alternative_provision", "Alternative Provision";
        /// Tuition.
        Tuition = "tuition", "Tuition";
    }
}

words! {
    /// Why a care period ended. Seen by LA roles alone.
    CareEndReason, "reason that care ended" {
        /// Home to parents or others with parental responsibility.
        ReturnedHome = "returned_home", "Returned home";
        /// A special guardianship order was made.
        SpecialGuardianship = "special_guardianship", "Special guardianship order";
        /// A child arrangements order was made.
        ChildArrangements = "child_arrangements", "Child arrangements order";
        /// Adopted: the record is closed for good.
        Adopted = "adopted", "Adopted";
        /// Moved into independent living.
        IndependentLiving = "independent_living", "Moved into independent living";
        /// Care was taken over by another authority.
        Transferred = "transferred", "Care taken over by another authority";
        /// Sentenced to custody.
        Custody = "custody", "Sentenced to custody";
        /// Turned eighteen.
        Eighteen = "eighteen", "Turned 18";
        /// Died.
        Died = "died", "Died";
        /// For any other reason.
        Other = "other", "Another reason";
    }
}

words! {
    /// Whether an establishment is in use, after GIAS's `EstablishmentStatus (name)`.
    EstablishmentStatus, "status of an establishment" {
        /// Open.
        Open = "open", "Open";
        /// Open, but proposed to close.
        ProposedToClose = "proposed_to_close", "Open, but proposed to close";
        /// Proposed to open.
        ProposedToOpen = "proposed_to_open", "Proposed to open";
        /// Closed.
        Closed = "closed", "Closed";
    }
}

words! {
    /// What an establishment that was added by hand is, since GIAS does not know it.
    SettingKind, "kind of establishment" {
        /// A private or voluntary nursery.
        Nursery = "nursery", "Nursery";
        /// A tutor or tuition agency.
        Tutor = "tutor", "Tutor";
        /// A school in a hospital.
        HospitalSchool = "hospital_school", "Hospital school";
        /// A school in Scotland.
        SchoolInScotland = "school_in_scotland", "School in Scotland";
        /// A school in Wales.
        SchoolInWales = "school_in_wales", "School in Wales";
        /// Anything else.
        Other = "other", "Other";
    }
}

words! {
    /// What an attachment is, by its content.
    AttachmentKind, "kind of attachment" {
        /// A PDF.
        Pdf = "pdf", "PDF";
        /// A Word document without macros.
        Word = "word", "Word document";
        /// An Excel workbook without macros.
        Excel = "excel", "Excel workbook";
        /// A PowerPoint presentation without macros.
        PowerPoint = "power_point", "PowerPoint presentation";
        /// A file of Word, Excel or PowerPoint as they wrote them before 2007, in which no macros were found.
        OldOffice = "old_office", "Word, Excel or PowerPoint 97–2003 file";
        /// A document of LibreOffice and its like, without macros.
        OpenDocument = "open_document", "OpenDocument file";
        /// Plain or formatted text.
        Text = "text", "Text";
        /// A table as text.
        Csv = "csv", "CSV file";
        /// A picture.
        Image = "image", "Picture";
        /// An e-mail that was saved.
        Email = "email", "E-mail";
        /// A document with macros: programs inside it.
        MacroDocument = "macro_document", "Document with macros";
        /// A folder of files packed into one.
        Archive = "archive", "ZIP archive";
        /// Something that a computer runs, or that is of no known kind. It is never sent.
        Other = "other", "Another kind of file";
    }
}

impl AttachmentKind {
    /// The kinds that an authority takes unless it decides otherwise.
    pub const ORDINARY: &'static [Self] = &[
        Self::Pdf,
        Self::Word,
        Self::Excel,
        Self::PowerPoint,
        Self::OldOffice,
        Self::OpenDocument,
        Self::Text,
        Self::Csv,
        Self::Image,
        Self::Email,
    ];

    /// Whether a file of this kind can hold something that runs when it is opened, so that a person is warned before.
    #[must_use]
    pub fn can_run(self) -> bool {
        matches!(
            self,
            Self::OldOffice | Self::Email | Self::MacroDocument | Self::Archive | Self::Other
        )
    }
}

words! {
    /// What a notice, a message that the system writes itself, is about.
    NoticeKind, "kind of notice" {
        /// A child has come into care.
        NewToCare = "new_to_care", "A child is new to care";
        /// A child changes school.
        SchoolMove = "school_move", "A child changes school";
        /// The user is assigned to a child, or sees a child whom they did not see before.
        NewChild = "new_child", "A child is new for you";
        /// The user's access to a child ends on a date.
        AccessEnds = "access_ends", "Your access to a child ends";
        /// The user is linked to another establishment.
        NewEstablishment = "new_establishment", "An establishment is linked to you";
        /// A bulk add that the user began is finished.
        BulkAddFinished = "bulk_add_finished", "A bulk add is finished";
        /// One that this version does not know.
        Other = "other", "Another notice";
    }
}

words! {
    /// How often a user is told by e-mail that something is unread.
    EmailFrequency, "frequency" {
        /// As soon as it comes.
        AtOnce = "at_once", "At once";
        /// At the next full hour.
        Hourly = "hourly", "Every hour";
        /// The next morning.
        Daily = "daily", "Every day";
        /// The next Monday morning.
        Weekly = "weekly", "Every week";
    }
}

words! {
    /// Whose reminder it is, and what makes it.
    ReminderKind, "kind of reminder" {
        /// One's own.
        Own = "own", "Your own";
        /// A day of the school term.
        Term = "term", "School term";
        /// A message that was not read for some days of the term.
        MessageUnread = "message_unread", "Message not read";
        /// Invitations that nobody took up.
        InvitationsWaiting = "invitations_waiting", "Invitations not taken up";
        /// Designated Teachers who are linked to no establishment.
        NotLinked = "not_linked", "Designated Teachers not linked";
        /// An establishment with a looked-after pupil, where nobody could read a message.
        NobodyToRead = "nobody_to_read", "Nobody to read a message";
    }
}

words! {
    /// How a reminder of one's own comes again once it is done.
    Repeat, "repeat" {
        /// The next day.
        Daily = "daily", "Every day";
        /// The same weekday of the next week.
        Weekly = "weekly", "Every week";
        /// The same day of the next month.
        Monthly = "monthly", "Every month";
        /// The same day of the next term.
        Termly = "termly", "Every term";
    }
}

words! {
    /// A term of the school year.
    TermName, "term" {
        /// From September to Christmas.
        Autumn = "autumn", "Autumn term";
        /// From January to Easter.
        Spring = "spring", "Spring term";
        /// From Easter to July.
        Summer = "summer", "Summer term";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_read_as_people_write_them() {
        assert_eq!(Role::parse(" la super  user "), Ok(Role::LaSuperUser));
        assert_eq!(Role::parse("Designated teacher"), Ok(Role::DesignatedTeacher));
        assert_eq!(Role::parse("designated_teacher"), Ok(Role::DesignatedTeacher));
        let error = Role::parse("Teacher").unwrap_err();
        assert!(error.to_string().contains("Designated Teacher, Social Worker"));
        assert_eq!(serde_json::to_string(&Role::LaUser).unwrap(), "\"la_user\"");
    }
}
