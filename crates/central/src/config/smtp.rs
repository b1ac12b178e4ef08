//! How mails leave: the flags and keys of the mail server, and what they must be to fit together.

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::ConfigError;

/// The port on which TLS begins with the first byte (RFC 8314).
const TLS_PORT: u16 = 465;
/// How long the mail server may take for one answer.
const PATIENCE: Duration = Duration::from_secs(60);

/// How the conversation with the mail server is encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum SmtpTls {
    /// TLS from the first byte.
    Required,
    /// TLS after the command STARTTLS; without it nothing is sent.
    Starttls,
    /// No TLS; for a server on this computer alone.
    None,
}

/// The mail server that mails are given to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Smtp {
    /// Its name, or an address; what its certificate must be for.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// How the conversation is encrypted.
    pub tls: SmtpTls,
    /// Who signs in there, with the file that holds the password; none where the server asks for neither.
    pub sign_in: Option<(String, PathBuf)>,
    /// A file of certificates (PEM) that are trusted beside the system's.
    pub ca_file: Option<PathBuf>,
    /// How long the server may take for one answer; five times that once it has the whole mail.
    pub patience: Duration,
}

/// What flags, variables and the file say of the mail server.
pub(super) struct Given {
    pub(super) server: Option<String>,
    pub(super) tls: Option<SmtpTls>,
    pub(super) user: Option<String>,
    pub(super) password_file: Option<PathBuf>,
    pub(super) ca_file: Option<PathBuf>,
}

impl Given {
    /// Puts it together.
    pub(super) fn resolve(self) -> Result<Option<Smtp>, ConfigError> {
        let Some(server) = self.server else {
            let stray = [
                (self.tls.is_some(), "--smtp-tls"),
                (self.user.is_some(), "--smtp-user"),
                (self.password_file.is_some(), "--smtp-password-file"),
                (self.ca_file.is_some(), "--smtp-ca-file"),
            ];
            return match stray.iter().find(|(given, _)| *given) {
                Some((_, flag)) => Err(ConfigError::SmtpMissing(flag)),
                None => Ok(None),
            };
        };
        let (host, port) = host_and_port(&server).ok_or(ConfigError::Smtp)?;
        let default = if port == TLS_PORT {
            SmtpTls::Required
        } else {
            SmtpTls::Starttls
        };
        let tls = self.tls.unwrap_or(default);
        if tls == SmtpTls::None && !is_loopback(&host) {
            return Err(ConfigError::SmtpPlain(host));
        }
        let sign_in = match (self.user, self.password_file) {
            (None, None) => None,
            (Some(user), Some(file)) => Some((user, file)),
            _ => return Err(ConfigError::SmtpSignIn),
        };
        Ok(Some(Smtp {
            host,
            port,
            tls,
            sign_in,
            ca_file: self.ca_file,
            patience: PATIENCE,
        }))
    }
}

/// `mail.example.org:587`, `192.0.2.1:25` or `[2001:db8::1]:25`.
fn host_and_port(text: &str) -> Option<(String, u16)> {
    let (host, port) = text.rsplit_once(':')?;
    let port = port.parse().ok().filter(|port| *port > 0)?;
    let bracketed = host.strip_prefix('[').and_then(|host| host.strip_suffix(']'));
    let host = match bracketed {
        Some(host) => host.parse::<std::net::Ipv6Addr>().ok()?.to_string(),
        None => host.to_owned(),
    };
    let ok = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    let known = bracketed.is_some() || (!host.is_empty() && host.chars().all(ok));
    known.then_some((host, port))
}

fn is_loopback(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// Refuses a sender's address that no mail could carry.
pub(super) fn check_sender(address: &str) -> Result<(), ConfigError> {
    // The default has no dot in its domain, and stays on this computer.
    let checked = address
        .strip_suffix("@localhost")
        .map_or_else(|| address.to_owned(), |local| format!("{local}@localhost.test"));
    match lac_domain::parse_email(&checked) {
        Ok(same) if same == checked && address.is_ascii() => Ok(()),
        _ => Err(ConfigError::MailFrom),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(server: &str) -> Given {
        Given {
            server: Some(server.to_owned()),
            tls: None,
            user: None,
            password_file: None,
            ca_file: None,
        }
    }

    #[test]
    fn servers_are_read() {
        let smtp = given("mail.example.org:587").resolve().unwrap().unwrap();
        assert_eq!(
            (&*smtp.host, smtp.port, smtp.tls),
            ("mail.example.org", 587, SmtpTls::Starttls)
        );
        let smtp = given("[::1]:465").resolve().unwrap().unwrap();
        assert_eq!((&*smtp.host, smtp.port, smtp.tls), ("::1", 465, SmtpTls::Required));
        for bad in [
            "mail.example.org",
            "mail.example.org:",
            "mail.example.org:0",
            ":25",
            "::1:25",
            "a b:25",
            "[x]:25",
            "mail:99999",
        ] {
            assert!(matches!(given(bad).resolve(), Err(ConfigError::Smtp)), "{bad}");
        }
    }

    #[test]
    fn plain_conversations_stay_on_this_computer() {
        for (server, fits) in [
            ("localhost:25", true),
            ("127.0.0.1:25", true),
            ("[::1]:25", true),
            ("mail.example.org:25", false),
            ("192.0.2.1:25", false),
            ("localhost.example.org:25", false),
        ] {
            let resolved = Given {
                tls: Some(SmtpTls::None),
                ..given(server)
            }
            .resolve();
            assert_eq!(resolved.is_ok(), fits, "{server}");
        }
    }

    #[test]
    fn halves_are_refused() {
        let user = Given {
            user: Some("lac".to_owned()),
            ..given("localhost:25")
        };
        assert!(matches!(user.resolve(), Err(ConfigError::SmtpSignIn)));
        let alone = Given {
            server: None,
            tls: Some(SmtpTls::Required),
            ..given("")
        };
        assert!(matches!(alone.resolve(), Err(ConfigError::SmtpMissing("--smtp-tls"))));
        assert_eq!(
            Given {
                server: None,
                ..given("")
            }
            .resolve()
            .unwrap(),
            None
        );
    }

    #[test]
    fn senders_are_addresses() {
        for good in ["secure-messages@localhost", "no-reply@barsetshire.example"] {
            assert!(check_sender(good).is_ok(), "{good}");
        }
        for bad in [
            "",
            "x",
            "Virtual School <a@b.example>",
            "a@b.example\r\nBcc: c@d.example",
            " a@b.example",
            "é@b.example",
            "@localhost",
        ] {
            assert!(matches!(check_sender(bad), Err(ConfigError::MailFrom)), "{bad}");
        }
    }
}
