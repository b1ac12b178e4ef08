//! Configuration: flags, then `LAC_*` variables, then one TOML file. Secrets are only ever paths of files.

mod smtp;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::str::FromStr;

use serde::Deserialize;

pub use smtp::{Smtp, SmtpTls};

/// Where the data lie.
#[derive(Clone, PartialEq, Eq)]
pub enum Database {
    /// An SQLite file, enciphered.
    Sqlite(PathBuf),
    /// A PostgreSQL database, by its URL. The password belongs in a `PGPASSFILE`, or in a role without one.
    Postgres(String),
}

impl std::fmt::Debug for Database {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            // The URL may hold a password.
            Self::Postgres(_) => f.write_str("postgres:…"),
        }
    }
}

impl FromStr for Database {
    type Err = ConfigError;
    fn from_str(text: &str) -> Result<Self, ConfigError> {
        if let Some(path) = text.strip_prefix("sqlite:")
            && !path.is_empty()
        {
            return Ok(Self::Sqlite(path.into()));
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        Err(ConfigError::Database)
    }
}

/// How log lines are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One JSON object a line.
    Json,
}

/// What a store is run with.
#[derive(Debug, Clone)]
pub struct Config {
    /// Where the data lie.
    pub database: Database,
    /// The key file.
    pub key_file: PathBuf,
    /// Where to listen.
    pub listen: SocketAddr,
    /// The mail server that mails are given to.
    pub smtp: Option<Smtp>,
    /// Mails are written into this folder instead, one file each; with neither they wait.
    pub mail_dir: Option<PathBuf>,
    /// The address that mails are from.
    pub mail_from: String,
    /// A proxy that speaks TLS stands before the store, so that plain HTTP off loopback is allowed.
    pub behind_proxy: bool,
    /// How log lines are written.
    pub log_format: LogFormat,
    /// A session that is not used for so many days ends.
    pub session_idle_days: u32,
    /// A session ends after so many days, however much it is used.
    pub session_days: u32,
}

/// Why the configuration cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The database is of no known form.
    #[error("The database must be sqlite:PATH or postgres://….")]
    Database,
    /// The file cannot be read.
    #[error("The configuration file {path} cannot be read: {why}.")]
    Unreadable {
        /// Where.
        path: PathBuf,
        /// What the system said.
        why: std::io::Error,
    },
    /// The file has an error, or a key that is not known.
    #[error("The configuration file {path} cannot be used: {why}")]
    Invalid {
        /// Where.
        path: PathBuf,
        /// What and where.
        why: Box<toml::de::Error>,
    },
    /// The mail server is not named in a known form.
    #[error("The mail server must be HOST:PORT, such as mail.example.org:587.")]
    Smtp,
    /// Something is said of a mail server, and none is named.
    #[error("{0} says how to speak to a mail server, but none is named. Name it with --smtp HOST:PORT.")]
    SmtpMissing(&'static str),
    /// Mails would leave this computer in clear.
    #[error(
        "--smtp-tls none would send mails to {0} in clear. Only a mail server on this computer may be spoken to without TLS."
    )]
    SmtpPlain(String),
    /// A user of the mail server without a password, or the other way round.
    #[error("--smtp-user and --smtp-password-file belong together. Give both or neither.")]
    SmtpSignIn,
    /// Mails would go two ways.
    #[error("Both a mail server (--smtp) and a folder for mails (--mail-dir) are given. Choose one of them.")]
    TwoWays,
    /// Mails to a server need an address that they are from.
    #[error("Mails that go to a mail server need the address that they are from. Give it with --mail-from EMAIL.")]
    SenderMissing,
    /// What mails are said to be from is not an address.
    #[error(
        "The address that mails are from (--mail-from) must be an e-mail address alone, such as secure-messages@example.org."
    )]
    MailFrom,
    /// Plain HTTP would leave this computer.
    #[error(
        "The store speaks plain HTTP, and {0} can be reached from other computers. Listen on 127.0.0.1, or put a proxy that speaks TLS before it and say --behind-proxy."
    )]
    PlainHttp(SocketAddr),
}

/// The flags that every command takes; each has a variable and a key of the file of the same name.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Flags {
    /// A TOML file with the same settings as these flags, such as `listen = "127.0.0.1:7080"`
    #[arg(long, env = "LAC_CONFIG", global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The folder for the database and the key file, where those are not named [default: .]
    #[arg(long, env = "LAC_DATA_DIR", global = true, value_name = "FOLDER")]
    pub data_dir: Option<PathBuf>,
    /// sqlite:PATH or postgres://… [default: the file store.db in the data folder]
    #[arg(
        long,
        env = "LAC_DATABASE",
        global = true,
        value_name = "URL",
        hide_env_values = true
    )]
    pub database: Option<String>,
    /// The key file [default: keys.toml in the data folder]
    #[arg(long, env = "LAC_KEY_FILE", global = true, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Where to listen [default: 127.0.0.1:7080]
    #[arg(long, env = "LAC_LISTEN", global = true, value_name = "ADDRESS")]
    pub listen: Option<SocketAddr>,
    /// The mail server that mails are given to, such as mail.example.org:587
    #[arg(long, env = "LAC_SMTP", global = true, value_name = "HOST:PORT")]
    pub smtp: Option<String>,
    /// How the conversation with the mail server is encrypted [default: required on port 465, otherwise starttls]
    #[arg(long, env = "LAC_SMTP_TLS", global = true, value_enum)]
    pub smtp_tls: Option<SmtpTls>,
    /// Who signs in at the mail server
    #[arg(long, env = "LAC_SMTP_USER", global = true, value_name = "USER")]
    pub smtp_user: Option<String>,
    /// The file with the password for the mail server
    #[arg(long, env = "LAC_SMTP_PASSWORD_FILE", global = true, value_name = "FILE")]
    pub smtp_password_file: Option<PathBuf>,
    /// A file of certificates (PEM) that the mail server's may rest on, beside those that the system trusts
    #[arg(long, env = "LAC_SMTP_CA_FILE", global = true, value_name = "FILE")]
    pub smtp_ca_file: Option<PathBuf>,
    /// Write mails into this folder instead of giving them to a mail server, one file each
    #[arg(long, env = "LAC_MAIL_DIR", global = true, value_name = "FOLDER")]
    pub mail_dir: Option<PathBuf>,
    /// The address that mails are from [default: secure-messages@localhost]
    #[arg(long, env = "LAC_MAIL_FROM", global = true, value_name = "EMAIL")]
    pub mail_from: Option<String>,
    /// A proxy that speaks TLS stands before the store
    #[arg(long, env = "LAC_BEHIND_PROXY", global = true, num_args = 0..=1, default_missing_value = "true", value_name = "BOOL")]
    pub behind_proxy: Option<bool>,
    /// How log lines are written [default: text]
    #[arg(long, env = "LAC_LOG_FORMAT", global = true, value_enum)]
    pub log_format: Option<LogFormat>,
    /// Days after which a session that is not used ends [default: 14]
    #[arg(long, env = "LAC_SESSION_IDLE_DAYS", global = true, value_parser = clap::value_parser!(u32).range(1..=365))]
    pub session_idle_days: Option<u32>,
    /// Days after which every session ends [default: 90]
    #[arg(long, env = "LAC_SESSION_DAYS", global = true, value_parser = clap::value_parser!(u32).range(1..=365))]
    pub session_days: Option<u32>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    data_dir: Option<PathBuf>,
    database: Option<String>,
    key_file: Option<PathBuf>,
    listen: Option<SocketAddr>,
    smtp: Option<String>,
    smtp_tls: Option<SmtpTls>,
    smtp_user: Option<String>,
    smtp_password_file: Option<PathBuf>,
    smtp_ca_file: Option<PathBuf>,
    mail_dir: Option<PathBuf>,
    mail_from: Option<String>,
    behind_proxy: Option<bool>,
    log_format: Option<LogFormat>,
    session_idle_days: Option<u32>,
    session_days: Option<u32>,
}

impl Config {
    /// A configuration for a data folder, with the defaults for everything else.
    #[must_use]
    pub fn in_folder(folder: &Path) -> Self {
        Self {
            database: Database::Sqlite(folder.join("store.db")),
            key_file: folder.join("keys.toml"),
            listen: SocketAddr::from(([127, 0, 0, 1], 7080)),
            smtp: None,
            mail_dir: None,
            mail_from: "secure-messages@localhost".to_owned(),
            behind_proxy: false,
            log_format: LogFormat::Text,
            session_idle_days: 14,
            session_days: 90,
        }
    }

    /// Puts flags (with their variables) and the file that they name together.
    ///
    /// # Errors
    /// When the file cannot be read or used, a value is of no known form, or plain HTTP would leave this
    /// computer.
    pub fn resolve(flags: Flags) -> Result<Self, ConfigError> {
        let file = match &flags.config {
            None => File::default(),
            Some(path) => {
                let text = std::fs::read_to_string(path).map_err(|why| ConfigError::Unreadable {
                    path: path.clone(),
                    why,
                })?;
                toml::from_str(&text).map_err(|why| ConfigError::Invalid {
                    path: path.clone(),
                    why: Box::new(why),
                })?
            }
        };
        let folder = flags.data_dir.or(file.data_dir).unwrap_or_else(|| PathBuf::from("."));
        let base = Self::in_folder(&folder);
        let database = match flags.database.or(file.database) {
            Some(text) => text.parse()?,
            None => base.database,
        };
        let smtp = smtp::Given {
            server: flags.smtp.or(file.smtp),
            tls: flags.smtp_tls.or(file.smtp_tls),
            user: flags.smtp_user.or(file.smtp_user),
            password_file: flags.smtp_password_file.or(file.smtp_password_file),
            ca_file: flags.smtp_ca_file.or(file.smtp_ca_file),
        };
        let mail_from = flags.mail_from.or(file.mail_from);
        let sender_named = mail_from.is_some();
        let config = Self {
            database,
            smtp: smtp.resolve()?,
            key_file: flags.key_file.or(file.key_file).unwrap_or(base.key_file),
            listen: flags.listen.or(file.listen).unwrap_or(base.listen),
            mail_dir: flags.mail_dir.or(file.mail_dir),
            mail_from: mail_from.unwrap_or(base.mail_from),
            behind_proxy: flags.behind_proxy.or(file.behind_proxy).unwrap_or(false),
            log_format: flags.log_format.or(file.log_format).unwrap_or_default(),
            session_idle_days: flags
                .session_idle_days
                .or(file.session_idle_days)
                .unwrap_or(base.session_idle_days),
            session_days: flags.session_days.or(file.session_days).unwrap_or(base.session_days),
        };
        if !config.listen.ip().is_loopback() && !config.behind_proxy {
            return Err(ConfigError::PlainHttp(config.listen));
        }
        smtp::check_sender(&config.mail_from)?;
        match (&config.smtp, &config.mail_dir) {
            (Some(_), Some(_)) => Err(ConfigError::TwoWays),
            (Some(_), None) if !sender_named => Err(ConfigError::SenderMissing),
            _ => Ok(config),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with_file(text: &str, flags: Flags) -> Result<Config, ConfigError> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("central.toml");
        std::fs::write(&path, text).unwrap();
        Config::resolve(Flags {
            config: Some(path),
            ..flags
        })
    }

    #[test]
    fn a_flag_stands_before_the_file() {
        let text = "listen = \"127.0.0.1:9000\"\ndata_dir = \"/srv/lac\"\nsession_days = 30\n";
        let flags = Flags {
            listen: Some("127.0.0.1:9001".parse().unwrap()),
            ..Flags::default()
        };
        let config = with_file(text, flags).unwrap();
        assert_eq!(config.listen.port(), 9001);
        assert_eq!(config.database, Database::Sqlite("/srv/lac/store.db".into()));
        assert_eq!((config.session_days, config.session_idle_days), (30, 14));
    }

    #[test]
    fn unknown_keys_and_plain_http_are_refused() {
        assert!(matches!(
            with_file("lisen = \"x\"", Flags::default()),
            Err(ConfigError::Invalid { .. })
        ));
        let open = "listen = \"0.0.0.0:7080\"\n";
        assert!(matches!(
            with_file(open, Flags::default()),
            Err(ConfigError::PlainHttp(_))
        ));
        assert!(with_file("listen = \"0.0.0.0:7080\"\nbehind_proxy = true", Flags::default()).is_ok());
        assert!(matches!(
            with_file("database = \"mysql://x\"", Flags::default()),
            Err(ConfigError::Database)
        ));
    }

    #[test]
    fn mails_go_one_way() {
        let smtp = "smtp = \"mail.example.org:587\"\nsmtp_user = \"lac\"\nsmtp_password_file = \"/etc/lac/smtp\"\n";
        let from = "mail_from = \"secure-messages@example.org\"\n";
        let both = |more: &str| with_file(&format!("{smtp}{more}"), Flags::default());
        assert!(matches!(both(""), Err(ConfigError::SenderMissing)));
        assert!(matches!(
            both(&format!("{from}mail_dir = \"mails\"")),
            Err(ConfigError::TwoWays)
        ));
        assert!(matches!(
            both("mail_from = \"Secure Messages\""),
            Err(ConfigError::MailFrom)
        ));
        let config = both(from).unwrap();
        let smtp = config.smtp.unwrap();
        assert_eq!(smtp.sign_in, Some(("lac".to_owned(), "/etc/lac/smtp".into())));
        assert_eq!((smtp.tls, config.mail_dir), (SmtpTls::Starttls, None));
        let neither = with_file("", Flags::default()).unwrap();
        assert!(neither.smtp.is_none() && neither.mail_dir.is_none());
    }
}
