use uuid::Uuid;

use super::*;

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn school(n: u128) -> EstablishmentId {
    EstablishmentId(Uuid::from_u128(n))
}

fn stored_link(n: u128, at: u128) -> StoredLink {
    StoredLink {
        id: LinkId(Uuid::from_u128(n)),
        establishment_id: school(at),
        capacity: Capacity::DesignatedTeacher,
        start_on: day("2025-09-01"),
        end_on: None,
    }
}

fn kept(link: &StoredLink) -> LinkEntry {
    LinkEntry {
        id: Some(link.id),
        establishment_id: link.establishment_id,
        capacity: link.capacity,
        start: Some(link.start_on),
        end: link.end_on,
    }
}

fn new(at: u128) -> LinkEntry {
    let capacity = Capacity::DesignatedTeacher;
    LinkEntry {
        id: None,
        establishment_id: school(at),
        capacity,
        start: None,
        end: None,
    }
}

fn planned(entries: &[LinkEntry], before: &[StoredLink]) -> Result<Plan, Refusal> {
    plan(Role::DesignatedTeacher, entries, before, day("2026-11-23"))
}

#[test]
fn links_are_added_ended_and_removed() {
    let before = [stored_link(1, 1), stored_link(2, 2), stored_link(3, 3)];
    let end = LinkEntry {
        end: Some(day("2026-12-18")),
        ..kept(&before[1])
    };
    let plan = planned(&[kept(&before[0]), end, new(4)], &before).unwrap();
    assert_eq!(
        plan.added,
        [(
            school(4),
            Capacity::DesignatedTeacher,
            Days {
                start: day("2026-11-23"),
                end: None
            }
        )]
    );
    assert_eq!(
        plan.changed,
        [(
            before[1],
            StoredLink {
                end_on: Some(day("2026-12-18")),
                ..before[1]
            }
        )]
    );
    assert_eq!(plan.removed, [before[2]]);
    assert!(plan.linked && plan.any);
    assert_eq!(plan.establishments(), [school(2), school(3), school(4)].into());
    assert!(planned(&[kept(&before[0])], &before[..1]).unwrap().is_empty());
}

#[test]
fn ended_links_alone_leave_nobody_linked() {
    let before = [stored_link(1, 1)];
    let ended = LinkEntry {
        end: Some(day("2026-11-22")),
        ..kept(&before[0])
    };
    let plan = planned(&[ended], &before).unwrap();
    assert!(plan.any && !plan.linked);
}

#[test]
fn what_cannot_be() {
    let before = [stored_link(1, 1)];
    for bad in [
        vec![new(1), new(1)],
        vec![kept(&before[0]), kept(&before[0])],
        vec![LinkEntry {
            establishment_id: school(2),
            ..kept(&before[0])
        }],
        vec![LinkEntry {
            id: Some(LinkId(Uuid::from_u128(9))),
            ..new(1)
        }],
        vec![LinkEntry {
            end: Some(day("2026-11-22")),
            ..new(2)
        }],
    ] {
        assert_eq!(
            planned(&bad, &before).unwrap_err().field.as_deref(),
            Some("links"),
            "{bad:?}"
        );
    }
    assert!(plan(Role::SocialWorker, &[new(1)], &[], day("2026-11-23")).is_err());
}
