//! A pupil's timeline: care, schools and assignments in one list, the newest first.

use chrono::NaiveDate;
use lac_domain::{CareEndReason, EnrolmentKind, PupilId, Role};
use lac_wire::{Page, TimelineEntry, TimelineKind};

use super::care;
use crate::both;
use crate::error::{Failure, Refusal};
use crate::keyset::{page_of, page_size, read_after};
use crate::scope::Scope;
use crate::storage::Conn;

/// A page of a pupil's timeline, for LA roles.
///
/// # Errors
/// The refusal for a pupil who does not exist or may not be seen.
pub(super) async fn list(
    conn: &mut Conn,
    scope: Scope,
    pupil: PupilId,
    after: Option<&str>,
    limit: Option<u32>,
) -> Result<Page<TimelineEntry>, Failure> {
    scope.require_la()?;
    if !scope.may_see_pupil(conn, pupil).await? {
        return Err(Refusal::not_found().denied("pupil.read", "pupil", pupil.0).into());
    }
    let mut lines = Lines {
        today: scope.today,
        entries: Vec::new(),
    };
    lines.of_care(conn, pupil).await?;
    lines.of_schools(conn, pupil).await?;
    lines.of_assignments(conn, pupil).await?;
    // A pupil has a few hundred lines at most, so that they are sorted here; on one day an end stands below a beginning.
    lines
        .entries
        .sort_by_key(|(line, begins)| (std::cmp::Reverse(line.on), !begins));
    let numbered = lines.entries.into_iter().map(|(line, _)| line).enumerate();
    let from: usize = read_after(after)?.map_or(0, |last: usize| last.saturating_add(1));
    let size = page_size(limit);
    let rows: Vec<(usize, TimelineEntry)> = numbered.skip(from).take(size.saturating_add(1)).collect();
    let page = page_of(rows, size, |(number, _)| *number)?;
    Ok(Page {
        rows: page.rows.into_iter().map(|(_, line)| line).collect(),
        after: page.after,
    })
}

struct Lines {
    today: NaiveDate,
    entries: Vec<(TimelineEntry, bool)>,
}

impl Lines {
    fn add(&mut self, on: NaiveDate, kind: TimelineKind, begins: bool, text: String) {
        let coming = on > self.today;
        let text = text.into();
        self.entries.push((TimelineEntry { on, kind, text, coming }, begins));
    }

    async fn of_care(&mut self, conn: &mut Conn, pupil: PupilId) -> Result<(), Failure> {
        for period in care::load(conn, pupil).await? {
            self.add(period.start, TimelineKind::Care, true, "Came into care.".to_owned());
            if let Some(end) = period.end {
                let why = match period.end_reason {
                    Some(CareEndReason::Other) | None => String::new(),
                    Some(reason) => format!(": {}", lower_first(reason.display_name())),
                };
                self.add(end, TimelineKind::Care, false, format!("Left care{why}."));
            }
        }
        Ok(())
    }

    async fn of_schools(&mut self, conn: &mut Conn, pupil: PupilId) -> Result<(), Failure> {
        let sql = "SELECT e.name, n.kind, n.start_on, n.end_on FROM enrolments n
                   JOIN establishments e ON e.id = n.establishment_id WHERE n.pupil_id = $1";
        type Row = (String, String, NaiveDate, Option<NaiveDate>);
        let rows: Vec<Row> = both!(conn, c => sqlx::query_as(sql).bind(pupil).fetch_all(c).await)?;
        for (name, kind, start, end) in rows {
            let kind = EnrolmentKind::parse(&kind).map_or(kind, |kind| kind.display_name().to_owned());
            self.add(
                start,
                TimelineKind::School,
                true,
                format!("Started at {name} ({kind})."),
            );
            if let Some(end) = end {
                self.add(
                    end,
                    TimelineKind::School,
                    false,
                    format!("Last day at {name} ({kind})."),
                );
            }
        }
        Ok(())
    }

    async fn of_assignments(&mut self, conn: &mut Conn, pupil: PupilId) -> Result<(), Failure> {
        let sql = "SELECT u.first_name, u.last_name, u.role, a.start_on, a.end_on FROM assignments a
                   JOIN users u ON u.id = a.user_id WHERE a.pupil_id = $1";
        type Row = (String, String, String, NaiveDate, Option<NaiveDate>);
        let rows: Vec<Row> = both!(conn, c => sqlx::query_as(sql).bind(pupil).fetch_all(c).await)?;
        for (first, last, role, start, end) in rows {
            let role = Role::parse(&role).map_or(role, |role| role.display_name().to_owned());
            let who = format!("{first} {last} ({role})");
            self.add(start, TimelineKind::Assignment, true, format!("{who} was assigned."));
            if let Some(end) = end {
                self.add(
                    end,
                    TimelineKind::Assignment,
                    false,
                    format!("Last day of the assignment of {who}."),
                );
            }
        }
        Ok(())
    }
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    chars
        .next()
        .map_or(String::new(), |first| first.to_lowercase().chain(chars).collect())
}
