//! What notices say. One that tells of several children names none, since the reader may lose sight of one of them.

use chrono::NaiveDate;
use lac_domain::NoticeKind;
use lac_wire::ImportKind;

/// Subject and body.
pub(super) struct Text {
    pub(super) subject: String,
    pub(super) body: String,
}

fn shown(day: NaiveDate) -> String {
    day.format("%-d %B %Y").to_string()
}

fn text(subject: String, body: String) -> Text {
    Text { subject, body }
}

pub(super) fn new_to_care(name: &str, from: NaiveDate) -> Text {
    text(
        format!("New to care: {name}"),
        format!("{name} is looked after from {}.", shown(from)),
    )
}

/// The schools are not named: some who see the child are not to learn of the next one here.
pub(super) fn school_move(name: &str, on: NaiveDate) -> Text {
    text(
        format!("Change of school: {name}"),
        format!("{name} changes school. The new enrolment starts on {}.", shown(on)),
    )
}

pub(super) fn new_child(name: &str) -> Text {
    text(
        format!("New for you: {name}"),
        format!("{name} is now one of the children you work with. Open the pupil to see what was written so far."),
    )
}

/// No reason is given.
pub(super) fn access_ends(name: &str, last: NaiveDate) -> Text {
    let last = shown(last);
    text(
        format!("Your access to {name} ends on {last}"),
        format!(
            "From the day after {last} you no longer see {name}, or what was written about them. If you think that this is a \
             mistake, write to your Virtual School before then."
        ),
    )
}

pub(super) fn new_establishment(name: &str, from: NaiveDate) -> Text {
    text(
        format!("You are linked to {name}"),
        format!(
            "From {} you are linked to {name}, and see its looked-after pupils.",
            shown(from)
        ),
    )
}

pub(super) fn bulk_add_finished(kind: ImportKind, created: u32, updated: u32, refused: u32) -> Text {
    let of = |count: u32, one: &str, many: &str| {
        if count == 1 {
            format!("1 {one}")
        } else {
            format!("{count} {many}")
        }
    };
    let (one, many, place) = match kind {
        ImportKind::Pupils => ("pupil was", "pupils were", "Pupils, Past imports"),
        ImportKind::Users | ImportKind::Establishments | ImportKind::Unknown => {
            ("user was", "users were", "Users, Imports")
        }
    };
    text(
        "Your bulk add is finished".to_owned(),
        format!(
            "{} added, {} changed, and {} refused. The result is under {place}.",
            of(created, one, many),
            of(updated, "was", "were"),
            of(refused, "row was", "rows were"),
        ),
    )
}

/// One notice for many things of a kind.
pub(super) fn many(kind: NoticeKind, count: usize) -> Text {
    match kind {
        NoticeKind::NewToCare => text(
            format!("{count} children are new to care"),
            format!("{count} children whom you can see are new to care. Open Pupils to see them."),
        ),
        NoticeKind::SchoolMove => text(
            format!("{count} children change school"),
            format!("{count} children whom you can see change school. Open Pupils to see where they are."),
        ),
        NoticeKind::AccessEnds => text(
            format!("Your access to {count} children ends soon"),
            format!(
                "Your access to {count} children ends within two weeks. If you think that this is a mistake, write to your \
                 Virtual School."
            ),
        ),
        NoticeKind::NewEstablishment => text(
            format!("You are linked to {count} more establishments"),
            format!("You were linked to {count} establishments. Open Establishments to see them."),
        ),
        NoticeKind::NewChild | NoticeKind::BulkAddFinished | NoticeKind::Other => text(
            format!("{count} children are new for you"),
            format!("{count} children are now among those you work with. Open Pupils to see them."),
        ),
    }
}
