//! The conversation with the mail server. Each step is told apart, since it decides what becomes of a mail: what fails
//! before the whole mail was handed over was certainly not taken, a refusal of the address is for good, and what the
//! server refuses of the store itself is no mail's fault.

use std::time::Duration;

use lettre::Address;
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt, Rset};
use lettre::transport::smtp::extension::{ClientId, Extension, MailBodyParameter, MailParameter};
use lettre::transport::smtp::response::Response;

use super::problem::{Step, words};
use crate::config::{Smtp, SmtpTls};

type SmtpError = lettre::transport::smtp::Error;

/// Connections are closed after so many mails; some servers count.
const MAILS: usize = 100;

/// What the server made of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Answer {
    /// It took it.
    Taken,
    /// It refused this mail for good.
    Refused(String),
    /// It refused this mail for now.
    NotNow(String),
    /// It cannot be spoken to, or refuses the store itself; the mail was certainly not taken.
    NoServer(String),
    /// It had the whole mail, and did not answer.
    InDoubt(String),
}

/// Why a mail was not handed over.
pub(super) enum Halt {
    /// The conversation goes on with another mail.
    Mail(Answer),
    /// The connection is of no use any more.
    Server(Answer),
}

/// A line to the mail server, opened when it is first needed.
pub(super) struct Line<'a> {
    smtp: &'a Smtp,
    from: &'a str,
    open: Option<(AsyncSmtpConnection, usize)>,
}

impl<'a> Line<'a> {
    pub(super) fn new(smtp: &'a Smtp, from: &'a str) -> Self {
        Self { smtp, from, open: None }
    }

    /// Says goodbye.
    pub(super) async fn close(&mut self) {
        if let Some((mut connection, _)) = self.open.take() {
            // The mails are delivered whatever the server says to this.
            let _ = tokio::time::timeout(self.smtp.patience, connection.quit()).await;
        }
    }

    /// Leaves the line, whatever it was in the middle of.
    pub(super) fn hang_up(&mut self) {
        self.open = None;
    }

    /// Offers a mail, up to where the server asks for its text: nothing is taken so far.
    pub(super) async fn offer(&mut self, to: &str) -> Result<(), Answer> {
        let Ok(to) = to.parse::<Address>() else {
            return Err(Answer::Refused(
                "the e-mail address is not of a form that can be sent to".to_owned(),
            ));
        };
        if self.open.as_ref().is_some_and(|(_, mails)| *mails >= MAILS) {
            self.close().await;
        }
        let fresh = self.open.is_none();
        match self.offer_on_line(&to).await {
            Ok(()) => Ok(()),
            // A line that was kept open may have been closed from the other side since: that says nothing.
            Err(Halt::Server(_)) if !fresh => {
                self.hang_up();
                self.offer_on_line(&to).await.map_err(|halt| self.halted(halt))
            }
            Err(halt) => Err(self.halted(halt)),
        }
    }

    fn halted(&mut self, halt: Halt) -> Answer {
        match halt {
            Halt::Mail(answer) => answer,
            Halt::Server(answer) => {
                self.hang_up();
                answer
            }
        }
    }

    async fn offer_on_line(&mut self, to: &Address) -> Result<(), Halt> {
        let patience = self.smtp.patience;
        let (connection, mails) = match &mut self.open {
            Some(open) => open,
            none => {
                let connection = connect(self.smtp, self.from)
                    .await
                    .map_err(|why| Halt::Server(Answer::NoServer(why)))?;
                none.insert((connection, 0))
            }
        };
        *mails += 1;
        let from: Address = self.from.parse().map_err(|_| {
            Halt::Server(Answer::NoServer(
                "the address that mails are from is not of a form that can be sent from".to_owned(),
            ))
        })?;
        let mut options = vec![];
        if !AsRef::<str>::as_ref(to).is_ascii() {
            if !connection.server_info().supports_feature(Extension::SmtpUtfEight) {
                let why = "the mail server cannot send to an e-mail address with letters such as é";
                return Err(Halt::Mail(Answer::Refused(why.to_owned())));
            }
            options = vec![
                MailParameter::SmtpUtfEight,
                MailParameter::Body(MailBodyParameter::EightBitMime),
            ];
        }
        let mail = within(
            patience,
            Step::Sender,
            connection.command(Mail::new(Some(from), options)),
        )
        .await;
        if let Err(trouble) = mail {
            return Err(Halt::Server(Answer::NoServer(trouble.why)));
        }
        for step in [Step::Recipient, Step::Data] {
            let said = match step {
                Step::Recipient => within(patience, step, connection.command(Rcpt::new(to.clone(), vec![]))).await,
                _ => within(patience, step, connection.command(Data)).await,
            };
            if let Err(trouble) = said {
                return Err(trouble.halt(connection, patience).await);
            }
        }
        Ok(())
    }

    /// Hands the mail over that was offered.
    pub(super) async fn hand_over(&mut self, eml: &str) -> Answer {
        let Some((connection, _)) = &mut self.open else {
            return Answer::NoServer("the connection to the mail server is gone".to_owned());
        };
        // The dot that ends the mail brings its own line end.
        let text = eml.strip_suffix("\r\n").unwrap_or(eml);
        // A server looks through a mail before it answers; who gives up too soon sends twice.
        match within(self.smtp.patience * 5, Step::Text, connection.message(text.as_bytes())).await {
            Ok(_) => Answer::Taken,
            Err(trouble) => match trouble.kind {
                Kind::Permanent => Answer::Refused(trouble.why),
                Kind::Transient => Answer::NotNow(trouble.why),
                Kind::Closing | Kind::Broken => {
                    self.hang_up();
                    if trouble.kind == Kind::Closing {
                        Answer::NoServer(trouble.why)
                    } else {
                        Answer::InDoubt(trouble.why)
                    }
                }
            },
        }
    }
}

/// How a step failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    /// The server refused for good (5xx).
    Permanent,
    /// The server refused for now (4xx).
    Transient,
    /// The server refused for now, and ends the conversation (421).
    Closing,
    /// There was no answer, or none that could be understood.
    Broken,
}

struct Trouble {
    kind: Kind,
    why: String,
}

impl Trouble {
    fn of(step: Step, error: &SmtpError) -> Self {
        let kind = match error.status().map(u16::from) {
            Some(421) => Kind::Closing,
            Some(_) if error.is_permanent() => Kind::Permanent,
            Some(_) => Kind::Transient,
            None => Kind::Broken,
        };
        Self {
            kind,
            why: words(step, error),
        }
    }

    /// What it means for a mail of which nothing was handed over.
    async fn halt(self, connection: &mut AsyncSmtpConnection, patience: Duration) -> Halt {
        let answer = match self.kind {
            Kind::Permanent => Answer::Refused(self.why),
            Kind::Transient => Answer::NotNow(self.why),
            Kind::Closing | Kind::Broken => return Halt::Server(Answer::NoServer(self.why)),
        };
        match within(patience, Step::Reset, connection.command(Rset)).await {
            Ok(_) => Halt::Mail(answer),
            Err(_) => Halt::Server(answer),
        }
    }
}

async fn within(
    patience: Duration,
    step: Step,
    said: impl Future<Output = Result<Response, SmtpError>>,
) -> Result<Response, Trouble> {
    match tokio::time::timeout(patience, said).await {
        Ok(Ok(response)) => Ok(response),
        Ok(Err(error)) => Err(Trouble::of(step, &error)),
        Err(_) => Err(Trouble {
            kind: Kind::Broken,
            why: step.silent(),
        }),
    }
}

/// Connects, encrypts, signs in.
async fn connect(smtp: &Smtp, from: &str) -> Result<AsyncSmtpConnection, String> {
    let (tls, credentials) = prepare(smtp.clone()).await?;
    let hello = from
        .rsplit_once('@')
        .map(|(_, domain)| domain)
        .filter(|domain| domain.is_ascii())
        .map_or_else(ClientId::default, |domain| ClientId::Domain(domain.to_owned()));
    let at_once = tls.clone().filter(|_| smtp.tls == SmtpTls::Required);
    let server = (smtp.host.as_str(), smtp.port);
    let connecting = AsyncSmtpConnection::connect_tokio1(server, Some(smtp.patience), &hello, at_once, None);
    let mut connection = match tokio::time::timeout(smtp.patience * 2, connecting).await {
        Ok(connected) => connected.map_err(|error| words(Step::Connect, &error))?,
        Err(_) => return Err(Step::Connect.silent()),
    };
    if smtp.tls == SmtpTls::Starttls {
        let Some(tls) = tls.filter(|_| connection.can_starttls()) else {
            return Err("the mail server does not offer STARTTLS, so nothing was sent; see --smtp-tls".to_owned());
        };
        match tokio::time::timeout(smtp.patience, connection.starttls(tls, &hello)).await {
            Ok(encrypted) => encrypted.map_err(|error| words(Step::Encrypt, &error))?,
            Err(_) => return Err(Step::Encrypt.silent()),
        }
    }
    if let Some(credentials) = credentials {
        let signing_in = connection.auth(&[Mechanism::Plain, Mechanism::Login], &credentials);
        within(smtp.patience, Step::SignIn, signing_in)
            .await
            .map_err(|trouble| trouble.why)?;
    }
    Ok(connection)
}

/// Reads what the conversation needs from files: the trusted certificates, the password.
async fn prepare(smtp: Smtp) -> Result<(Option<TlsParameters>, Option<Credentials>), String> {
    let read = move || {
        let credentials = match &smtp.sign_in {
            None => None,
            Some((user, file)) => {
                let password = std::fs::read_to_string(file)
                    .map_err(|error| format!("the file of --smtp-password-file cannot be read: {}", error.kind()))?;
                let password = password.trim_end_matches(['\r', '\n']).to_owned();
                Some(Credentials::new(user.clone(), password))
            }
        };
        if smtp.tls == SmtpTls::None {
            return Ok((None, credentials));
        }
        let mut builder = TlsParameters::builder(smtp.host.clone());
        if let Some(file) = &smtp.ca_file {
            let pem = std::fs::read(file)
                .map_err(|error| format!("the file of --smtp-ca-file cannot be read: {}", error.kind()))?;
            let certificate = Certificate::from_pem(&pem)
                .map_err(|_| "the file of --smtp-ca-file holds no certificates in the form PEM".to_owned())?;
            builder = builder.add_root_certificate(certificate);
        }
        let tls = builder.build().map_err(|error| words(Step::Encrypt, &error))?;
        Ok((Some(tls), credentials))
    };
    tokio::task::spawn_blocking(read)
        .await
        .map_err(|error| error.to_string())?
}
