//! The people of Barsetshire.

use lac_domain::Role;

/// Someone who works for the authority.
#[derive(Debug, Clone, Copy)]
pub struct Staff {
    /// First name.
    pub first: &'static str,
    /// Last name.
    pub last: &'static str,
    /// E-mail address.
    pub email: &'static str,
    /// Job title.
    pub job: &'static str,
    /// Role.
    pub role: Role,
}

/// A Designated Teacher.
#[derive(Debug, Clone, Copy)]
pub struct Teacher {
    /// First name.
    pub first: &'static str,
    /// Last name.
    pub last: &'static str,
    /// E-mail address.
    pub email: &'static str,
    /// The establishments that they are linked to, by URN.
    pub urns: &'static [&'static str],
}

const fn staff(first: &'static str, last: &'static str, email: &'static str, job: &'static str, role: Role) -> Staff {
    Staff {
        first,
        last,
        email,
        job,
        role,
    }
}

const fn teacher(
    first: &'static str,
    last: &'static str,
    email: &'static str,
    urns: &'static [&'static str],
) -> Teacher {
    Teacher {
        first,
        last,
        email,
        urns,
    }
}

/// The authority's staff and the professionals around the children; the first sets the authority up.
pub const LA_STAFF: &[Staff] = &[
    staff(
        "Priya",
        "Shah",
        "priya.shah@example.org",
        "Virtual School Head",
        Role::LaSuperUser,
    ),
    staff(
        "Martin",
        "Keane",
        "martin.keane@example.org",
        "Data and Systems Officer",
        Role::LaSuperUser,
    ),
    staff(
        "Grace",
        "Adu",
        "grace.adu@example.org",
        "Education Adviser, Primary",
        Role::LaUser,
    ),
    staff(
        "Colin",
        "Draper",
        "colin.draper@example.org",
        "Education Adviser, Secondary",
        Role::LaUser,
    ),
    staff(
        "Sunita",
        "Rao",
        "sunita.rao@example.org",
        "Post-16 Adviser",
        Role::LaUser,
    ),
    staff(
        "Ellie",
        "Marchant",
        "ellie.marchant@example.org",
        "Attendance Officer",
        Role::LaUser,
    ),
    staff(
        "David",
        "Osei",
        "david.osei@example.org",
        "Senior Social Worker",
        Role::SocialWorker,
    ),
    staff(
        "Karen",
        "Lister",
        "karen.lister@example.org",
        "Social Worker",
        Role::SocialWorker,
    ),
    staff(
        "Tomasz",
        "Zielinski",
        "tomasz.zielinski@example.org",
        "Social Worker",
        Role::SocialWorker,
    ),
    staff(
        "Ann",
        "Forsyth",
        "ann.forsyth@example.org",
        "Educational Psychologist",
        Role::OtherProfessional,
    ),
];

/// The Designated Teachers.
pub const TEACHERS: &[Teacher] = &[
    teacher("Helen", "Okafor", "helen.okafor@example.org", &["990101"]),
    teacher("Daniel", "Pryce", "daniel.pryce@example.org", &["990102"]),
    teacher("Ruth", "Adeyemi", "ruth.adeyemi@example.org", &["990103"]),
    teacher("Owen", "Bell", "owen.bell@example.org", &["990104"]),
    teacher("Nasreen", "Malik", "nasreen.malik@example.org", &["990105"]),
    teacher("Joanna", "Whitlock", "joanna.whitlock@example.org", &["990106"]),
    teacher("Peter", "Lindqvist", "peter.lindqvist@example.org", &["990107"]),
    teacher("Moira", "Kelly", "moira.kelly@example.org", &["990108", "990109"]),
    teacher("Samuel", "Fenn", "samuel.fenn@example.org", &["990109"]),
    teacher("Alison", "Drury", "alison.drury@example.org", &["990110"]),
    teacher("Leila", "Haddad", "leila.haddad@example.org", &["990111"]),
    teacher("Graham", "Stott", "graham.stott@example.org", &["990112"]),
    teacher("Beth", "Carrow", "beth.carrow@example.org", &["990101"]),
    teacher("Femi", "Balogun", "femi.balogun@example.org", &["990102"]),
    teacher("Holly", "Vance", "holly.vance@example.org", &["990105"]),
    teacher("Ian", "Rudge", "ian.rudge@example.org", &["990106"]),
    teacher("Jacinta", "Melo", "jacinta.melo@example.org", &["990106"]),
    teacher("Kofi", "Boateng", "kofi.boateng@example.org", &["990107"]),
    teacher("Lorna", "Speight", "lorna.speight@example.org", &["990103", "990104"]),
    teacher("Marcus", "Thorne", "marcus.thorne@example.org", &["990102"]),
];
