//! Sending what waits: one mail after the other, claimed before and noted after.

use std::time::Duration;

use uuid::Uuid;

use super::folder;
use super::letter::Ready;
use super::pace::ServerPause;
use super::queue::{Claimed, Outcome, TakeUpLost, Turn};
use super::smtp::{Answer, Line};
use crate::error::{Failure, StoreError};
use crate::random::random;
use crate::store::Store;

/// How often waiting mails are looked for when nobody says that there are some.
const EVERY: Duration = Duration::from_secs(30);

/// What the sender keeps between rounds.
#[derive(Debug, Default)]
pub(crate) struct Mailer {
    /// One round at a time.
    round: tokio::sync::Mutex<()>,
    pause: ServerPause,
}

/// Sends what waits, now and whenever there is more, until the store closes.
pub(crate) async fn send_for_ever(store: Store) {
    match (&store.config().smtp, &store.config().mail_dir) {
        (Some(smtp), _) => {
            tracing::info!(host = smtp.host, port = smtp.port, tls = ?smtp.tls, "mails go to a mail server")
        }
        (None, Some(_)) => tracing::info!("mails go to a folder"),
        (None, None) => {
            tracing::warn!(
                "mails wait, invitations too: no mail server (--smtp) and no folder for mails (--mail-dir) is given"
            );
            return;
        }
    }
    let mut closing = store.closing();
    loop {
        if let Err(error) = store.send_mails().await {
            tracing::error!(%error, "mails could not be sent");
        }
        tokio::select! {
            () = store.mail_queued().notified() => {}
            () = tokio::time::sleep(EVERY) => {}
            _ = closing.wait_for(|closing| *closing) => {}
        }
        if *closing.borrow() {
            return;
        }
    }
}

/// Where mails go.
enum Way<'a> {
    Server(Box<Line<'a>>),
    Folder(&'a std::path::Path),
}

impl Store {
    /// Sends all mails that wait and may be tried now: to the mail server, or into the mail folder; with neither they
    /// wait. Answers how many were sent.
    ///
    /// # Errors
    /// When the database fails; what was not sent waits.
    pub async fn send_mails(&self) -> Result<usize, Failure> {
        let config = self.config();
        let mut way = match (&config.smtp, &config.mail_dir) {
            (Some(smtp), _) => Way::Server(Box::new(Line::new(smtp, &config.mail_from))),
            (None, Some(folder)) => Way::Folder(folder),
            (None, None) => return Ok(0),
        };
        let _round = self.mailer().round.lock().await;
        if self.mailer().pause.rests(self.now()) {
            return Ok(0);
        }
        let lost = self.run(None, TakeUpLost).await?;
        if lost > 0 {
            tracing::warn!(
                lost,
                "mails were being sent when a store ended; whether they arrived is not known"
            );
        }
        let sent = self.round(&mut way).await;
        if let Way::Server(line) = &mut way {
            line.close().await;
        }
        sent
    }

    async fn round(&self, way: &mut Way<'_>) -> Result<usize, Failure> {
        let closing = self.closing();
        // A round holds one claim at a time, so one id will do for all of them.
        let by = Uuid::from_bytes(random()?);
        let (mut done, mut sent) = (None, 0);
        loop {
            let go_on = !*closing.borrow() && !self.mailer().pause.rests(self.now());
            if !go_on && done.is_none() {
                return Ok(sent);
            }
            let turn = Turn {
                by,
                done: done.take(),
                claim: go_on,
            };
            let Some(mail) = self.run(None, turn).await? else {
                return Ok(sent);
            };
            let outcome = match self.deliver(way, &mail).await {
                Ok(outcome) => outcome,
                // One mail that cannot be written must not keep the others.
                Err(error) => {
                    tracing::error!(%error, mail = %mail.id, "a mail could not be written");
                    Outcome::Later("the store could not write it; see its log".to_owned())
                }
            };
            sent += usize::from(outcome == Outcome::Sent);
            done = Some((mail, outcome));
        }
    }

    async fn deliver(&self, way: &mut Way<'_>, mail: &Claimed) -> Result<Outcome, Failure> {
        let ready = match self.letter(mail).await? {
            Ok(ready) => ready,
            Err(outcome) => return Ok(outcome),
        };
        let answer = match way {
            Way::Folder(folder) => match folder::write(folder, mail, ready.eml).await {
                Ok(()) => Answer::Taken,
                Err(error) => Answer::NoServer(format!(
                    "the folder of --mail-dir cannot be written to: {}",
                    error.kind()
                )),
            },
            Way::Server(line) => match self.speak(line, &ready).await {
                Some(answer) => answer,
                None => return Ok(Outcome::Released),
            },
        };
        Ok(self.outcome(mail, answer)?)
    }

    /// Gives a mail to the server; none when the store began to close before it was handed over.
    async fn speak(&self, line: &mut Line<'_>, ready: &Ready) -> Option<Answer> {
        let mut closing = self.closing();
        let offered = tokio::select! {
            offered = line.offer(&ready.to) => Some(offered),
            _ = closing.wait_for(|closing| *closing) => None,
        };
        match offered {
            None => {
                line.hang_up();
                None
            }
            Some(Err(answer)) => Some(answer),
            Some(Ok(())) => Some(line.hand_over(&ready.eml).await),
        }
    }

    fn outcome(&self, mail: &Claimed, answer: Answer) -> Result<Outcome, StoreError> {
        let pause = &self.mailer().pause;
        if !matches!(answer, Answer::NoServer(_) | Answer::InDoubt(_)) {
            pause.ended();
        }
        Ok(match answer {
            Answer::Taken => Outcome::Sent,
            Answer::Refused(why) => Outcome::Failed(why),
            Answer::NotNow(why) => {
                tracing::info!(mail = %mail.id, why, "a mail will be tried again");
                Outcome::Later(why)
            }
            Answer::NoServer(why) => {
                tracing::warn!(why, "mails wait, and will be tried again");
                Outcome::At(pause.begin(self.now())?, why)
            }
            Answer::InDoubt(why) => {
                tracing::warn!(mail = %mail.id, why, "whether a mail arrived is not known");
                pause.begin(self.now())?;
                Outcome::InDoubt(why)
            }
        })
    }
}
