//! Addresses of offices rather than of people.

/// Names of mailboxes that several people read. A message about a child must reach one person.
const SHARED: &[&str] = &[
    "accounts",
    "admin",
    "admins",
    "admissions",
    "administration",
    "administrator",
    "attendance",
    "contact",
    "contactus",
    "deputyhead",
    "designatedteacher",
    "designatedteachers",
    "dsl",
    "dt",
    "enquiries",
    "enquiry",
    "exams",
    "finance",
    "frontoffice",
    "general",
    "head",
    "headofschool",
    "headsoffice",
    "headspa",
    "headteacher",
    "headteachers",
    "headteacherspa",
    "hello",
    "help",
    "helpdesk",
    "hr",
    "inbox",
    "info",
    "information",
    "itsupport",
    "mail",
    "mailbox",
    "mainoffice",
    "noreply",
    "donotreply",
    "nursery",
    "office",
    "officeadmin",
    "pa",
    "post",
    "postmaster",
    "principal",
    "reception",
    "safeguarding",
    "school",
    "schooladmin",
    "schooloffice",
    "secretary",
    "senco",
    "sencos",
    "send",
    "sendco",
    "sen",
    "sixthform",
    "staff",
    "support",
    "team",
    "virtualschool",
    "webmaster",
    "welfare",
];

/// Names that make an address an office's even when something stands beside them, as in `office.riverside@`.
/// (Not `head`, which is a surname too.)
const SHARED_WITH_MORE: &[&str] = &[
    "admin",
    "enquiries",
    "enquiry",
    "headteacher",
    "info",
    "office",
    "reception",
    "schooloffice",
];

/// Whether the address looks like one that several people read.
pub(super) fn is_shared(email: &str) -> bool {
    let Some((local, _)) = email.rsplit_once('@') else {
        return false;
    };
    let local = local.split('+').next().unwrap_or(local);
    let mut whole = String::with_capacity(local.len());
    for part in local.split(['.', '-', '_']) {
        let part = part.trim_end_matches(|c: char| c.is_ascii_digit());
        if SHARED_WITH_MORE.iter().any(|name| name.eq_ignore_ascii_case(part)) {
            return true;
        }
        whole.push_str(part);
    }
    SHARED.iter().any(|name| name.eq_ignore_ascii_case(&whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offices_are_told_from_people() {
        for shared in [
            "office",
            "HEAD",
            "head.teacher",
            "admin2",
            "office.riverside",
            "riverside-Admin",
            "info+dt",
            "enquiries",
        ] {
            assert!(is_shared(&format!("{shared}@riverside.example.org")), "{shared}");
        }
        for person in [
            "j.head",
            "paul.headley",
            "pa.smith",
            "head.anna",
            "oli.officer",
            "ann.lee+office",
            "7",
        ] {
            assert!(!is_shared(&format!("{person}@riverside.example.org")), "{person}");
        }
        assert!(!is_shared("office"));
    }
}
