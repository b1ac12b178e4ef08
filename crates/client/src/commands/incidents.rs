//! After a data incident: who had a message, and withdrawing it; whom a link showed, and who saw through an enrolment.
//! For LA Super Users.

use lac_import::CsvText;
use lac_wire::{MessageReport, SightReport};
use reqwest::Method;

use super::files::save;
use crate::App;
use crate::account::OpenAccount;
use crate::export::moment;
use crate::host::Host;
use crate::view::*;

impl<H: Host> App<H> {
    /// Who could see a message, who read it, and whose devices took it.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn message_report(&self, account: AccountId, request: MessageRef) -> Result<MessageReport, Problem> {
        message_report(&*self.opened(account)?, request).await
    }

    /// Withdraws a message from everyone, and answers who had it.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn withdraw_message(
        &self,
        account: AccountId,
        request: WithdrawMessageRequest,
    ) -> Result<MessageReport, Problem> {
        let open = self.opened(account)?;
        let path = format!("/v1/messages/{}/withdrawal", request.id);
        let report = open
            .ask(open.api.change(Method::POST, &path, &request.withdraw))
            .await?;
        // This computer holds it too.
        open.pull.notify_one();
        Ok(report)
    }

    /// Saves the report on a message where the person chooses; none when they change their mind.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached, or the file cannot be written.
    pub async fn save_message_report(
        &self,
        account: AccountId,
        request: MessageRef,
    ) -> Result<Option<SavedFile>, Problem> {
        let report = message_report(&*self.opened(account)?, request).await?;
        self.save_csv("Who had the message.csv", message_csv(&report)).await
    }

    /// Whom a link showed, or who saw a pupil through an enrolment.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached.
    pub async fn sight_report(&self, account: AccountId, request: SightOf) -> Result<SightReport, Problem> {
        sight_report(&*self.opened(account)?, request).await
    }

    /// Saves that report where the person chooses; none when they change their mind.
    ///
    /// # Errors
    /// When the store refuses or cannot be reached, or the file cannot be written.
    pub async fn save_sight_report(&self, account: AccountId, request: SightOf) -> Result<Option<SavedFile>, Problem> {
        let report = sight_report(&*self.opened(account)?, request).await?;
        self.save_csv("Who could see whom.csv", sight_csv(&report)).await
    }

    async fn save_csv(&self, suggested: &str, bytes: Vec<u8>) -> Result<Option<SavedFile>, Problem> {
        let Some(path) = self.host.save_file(suggested).await else {
            return Ok(None);
        };
        save(&path, bytes).await?;
        Ok(Some(SavedFile {
            path: path.to_string_lossy().into_owned(),
        }))
    }
}

async fn message_report(open: &OpenAccount, request: MessageRef) -> Result<MessageReport, Problem> {
    let path = format!("/v1/messages/{}/report", request.id);
    open.ask(open.api.get(&path, &())).await
}

async fn sight_report(open: &OpenAccount, request: SightOf) -> Result<SightReport, Problem> {
    let path = match request {
        SightOf::Link { id } => format!("/v1/links/{id}/report"),
        SightOf::Enrolment { id } => format!("/v1/enrolments/{id}/report"),
    };
    open.ask(open.api.get(&path, &())).await
}

fn message_csv(report: &MessageReport) -> Vec<u8> {
    let mut table = CsvText::new();
    table.row([
        "Who",
        "Role",
        "Takes part",
        "Could see it from",
        "Until",
        "Read",
        "Opened the history",
        "Opened a file",
        "Told by e-mail",
        "Computer",
        "Last in contact",
        "Took it",
        "Gone from it",
    ]);
    let time = |at: Option<lac_domain::Timestamp>| at.map(moment).unwrap_or_default();
    for person in &report.people {
        let who = [
            person.name.clone(),
            person.role.display_name().to_owned(),
            yes(person.takes_part),
            moment(person.from),
            time(person.until),
            time(person.read_at),
            time(person.opened_at),
            time(person.file_opened_at),
            time(person.mailed_at),
        ];
        let devices = person.devices.iter().map(|device| {
            [
                device.name.clone(),
                moment(device.last_contact),
                yes(device.took),
                time(device.confirmed_at),
            ]
        });
        let mut rows: Vec<[String; 4]> = devices.collect();
        if rows.is_empty() {
            rows.push(Default::default());
        }
        for device in rows {
            table.row(who.iter().chain(&device).map(String::as_str));
        }
    }
    table.into_bytes()
}

fn sight_csv(report: &SightReport) -> Vec<u8> {
    let mut table = CsvText::new();
    table.row([report.about.reveal()]);
    table.row([
        "User",
        "Role",
        "Pupil",
        "Could see from",
        "Until",
        "May have had another way",
        "Opened (times)",
        "First",
        "Last",
        "Files opened",
        "Messages sent",
        "Exports",
        "Computers",
    ]);
    let time = |at: Option<lac_domain::Timestamp>| at.map(moment).unwrap_or_default();
    for row in &report.rows {
        let cells = [
            row.user_name.clone(),
            row.role.display_name().to_owned(),
            row.pupil_name.reveal().to_owned(),
            moment(row.from),
            time(row.until),
            yes(row.other_ways),
            row.reads.to_string(),
            time(row.first_read_at),
            time(row.last_read_at),
            row.files.to_string(),
            row.sent.to_string(),
            row.exports.to_string(),
            row.devices.join("; "),
        ];
        table.row(cells.iter().map(String::as_str));
    }
    table.into_bytes()
}

fn yes(holds: bool) -> String {
    if holds { "Yes" } else { "No" }.to_owned()
}
