//! Reminders, and how the user is told of what is new.

use chrono::{Datelike, NaiveDate, NaiveTime, TimeDelta, Weekday};
use lac_domain::{ReminderId, Timestamp};
use lac_wire::{Me, NewReminder, NotificationChoices, Private, Reminder, TermDates};
use reqwest::Method;
use sqlx::SqliteConnection;

use crate::App;
use crate::account::OpenAccount;
use crate::failure::{Failure, invalid};
use crate::host::Host;
use crate::local::{conversations, meta, pupils, reminders};
use crate::view::*;

impl<H: Host> App<H> {
    /// The reminders that this device holds.
    ///
    /// # Errors
    /// When what is held may not be read now.
    pub async fn list_reminders(&self, account: AccountId, _: ()) -> Result<Reminders, Problem> {
        let open = self.readable(account)?;
        let now = open.computer.now();
        let mut conn = open.local.reader().await?;
        let waiting = reminders::open(&mut conn).await?;
        let done = reminders::done(&mut conn).await?;
        let (due, upcoming): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|one| one.effective() <= now);
        Ok(Reminders {
            due: rows(&mut conn, due).await?,
            upcoming: rows(&mut conn, upcoming).await?,
            done: rows(&mut conn, done).await?,
        })
    }

    /// Makes a reminder, or changes one, with or without a network.
    ///
    /// # Errors
    /// When something is missing in it.
    pub async fn save_reminder(&self, account: AccountId, request: SaveReminder) -> Result<ReminderId, Problem> {
        let open = self.opened(account)?;
        let time = NaiveTime::parse_from_str(&request.time, "%H:%M")
            .map_err(|_| invalid("time", "Enter a time of day, such as 09:00."))?;
        let id = match request.id {
            Some(id) => id,
            None => open.computer.new_id()?,
        };
        let new = NewReminder {
            id,
            text: request.text,
            pupil_id: request.pupil_id,
            conversation_id: request.conversation_id,
            due_at: Timestamp::from_london(request.on.and_time(time)),
            repeat: request.repeat,
        };
        Ok(crate::reminders::save(&open, new).await?)
    }

    /// Is done with a reminder; one that repeats comes again.
    ///
    /// # Errors
    /// When it is no longer there.
    pub async fn finish_reminder(&self, account: AccountId, request: ReminderRef) -> Result<(), Problem> {
        Ok(crate::reminders::finish(&*self.opened(account)?, request.id).await?)
    }

    /// Has a reminder come later.
    ///
    /// # Errors
    /// When it is no longer there.
    pub async fn snooze_reminder(&self, account: AccountId, request: SnoozeReminder) -> Result<(), Problem> {
        let open = self.opened(account)?;
        let until = until(request.snooze, open.computer.now());
        Ok(crate::reminders::snooze(&open, request.id, until).await?)
    }

    /// Chooses how often the user is told by e-mail and, for LA roles, of what.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn choose_notifications(&self, account: AccountId, request: NotificationChoices) -> Result<(), Problem> {
        let open = self.opened(account)?;
        let asking = open.api.change(Method::PUT, "/v1/me/notifications", &request);
        let me = open.ask(asking).await?;
        Ok(keep_me(&open, me).await?)
    }

    /// Sets the authority's school terms.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn set_term_dates(&self, account: AccountId, request: TermDates) -> Result<(), Problem> {
        let open = self.opened(account)?;
        let asking = open.api.change(Method::PUT, "/v1/authority/terms", &request);
        let me = open.ask(asking).await?;
        Ok(keep_me(&open, me).await?)
    }
}

/// Keeps the user as the store answered.
pub(super) async fn keep_me(open: &OpenAccount, me: Me) -> Result<(), Failure> {
    let mut tx = open.local.begin().await?;
    meta::set_me(&mut tx, &me).await?;
    tx.commit().await?;
    open.set_me(me);
    Ok(())
}

/// Reminders as the lists show them.
pub(super) async fn rows(conn: &mut SqliteConnection, reminders: Vec<Reminder>) -> Result<Vec<ReminderRow>, Failure> {
    let names = pupils::names(&mut *conn, reminders.iter().filter_map(|one| one.pupil_id)).await?;
    let held = conversations::get_all(&mut *conn, reminders.iter().filter_map(|one| one.conversation_id)).await?;
    let row = |reminder: Reminder| ReminderRow {
        at: reminder.effective(),
        pupil_name: reminder
            .pupil_id
            .and_then(|pupil| names.get(&pupil))
            .map(|name| Private::from(name.as_str())),
        subject: reminder
            .conversation_id
            .and_then(|id| held.get(&id))
            .map(|held| Private::from(held.subject.as_str())),
        reminder,
    };
    Ok(reminders.into_iter().map(row).collect())
}

/// The time of day to which a reminder is put off.
const MORNING: TimeDelta = TimeDelta::hours(9);

fn until(snooze: Snooze, now: Timestamp) -> Timestamp {
    let nine = |day: NaiveDate| Timestamp::from_london(day.and_time(NaiveTime::MIN) + MORNING);
    let tomorrow = now.london_date().succ_opt().unwrap_or(now.london_date());
    match snooze {
        Snooze::Hour => now.plus(TimeDelta::hours(1)),
        Snooze::Tomorrow => nine(tomorrow),
        Snooze::NextWeek => {
            let monday = tomorrow.iter_days().take(7).find(|day| day.weekday() == Weekday::Mon);
            nine(monday.unwrap_or(tomorrow))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_snooze_ends_in_the_morning() {
        let at = |text: &str| Timestamp::from_london(text.parse().unwrap());
        // Friday evening.
        let now = at("2026-11-27T17:30:00");
        assert_eq!(until(Snooze::Hour, now), at("2026-11-27T18:30:00"));
        assert_eq!(until(Snooze::Tomorrow, now), at("2026-11-28T09:00:00"));
        assert_eq!(until(Snooze::NextWeek, now), at("2026-11-30T09:00:00"));
        assert_eq!(
            until(Snooze::NextWeek, at("2026-11-30T08:00:00")),
            at("2026-12-07T09:00:00"),
            "a Monday's next week"
        );
    }
}
