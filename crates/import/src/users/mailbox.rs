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
    let local = local.split('+').next().unwrap_or(local).to_lowercase();
    let parts = || {
        local
            .split(['.', '-', '_'])
            .map(|part| part.trim_end_matches(|c: char| c.is_ascii_digit()))
            .filter(|part| !part.is_empty())
    };
    let whole: String = parts().collect();
    SHARED.contains(&whole.as_str()) || parts().any(|part| SHARED_WITH_MORE.contains(&part))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offices_are_told_from_people() {
        for shared in [
            "office@x.example",
            "HEAD@x.example",
            "head.teacher@x.example",
            "admin2@x.example",
            "office.riverside@x.example",
            "riverside-admin@x.example",
            "info+dt@x.example",
            "enquiries@x.example",
        ] {
            assert!(is_shared(shared), "{shared}");
        }
        for person in [
            "j.head@x.example",
            "ann.office-lee@x.example",
            "paul.headley@x.example",
            "pa.smith@x.example",
            "head.anna@x.example",
            "x",
        ] {
            assert_eq!(is_shared(person), person.contains("office"), "{person}");
        }
    }
}
