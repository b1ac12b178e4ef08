//! A mail server of a test's own: it speaks SMTP on loopback, does to each mail what it was told to, and keeps what it
//! was given.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// What the server does with the next mail; afterwards it takes them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Act {
    /// Takes it.
    Take,
    /// Answers so to MAIL FROM.
    Sender(&'static str),
    /// Answers so to RCPT TO.
    Recipient(&'static str),
    /// Answers so to DATA.
    Data(&'static str),
    /// Answers so to the whole mail.
    Text(&'static str),
    /// Cuts the connection when DATA was said.
    CutAtData,
    /// Takes the whole mail and cuts the connection without an answer.
    CutAfterText,
    /// Says nothing more from RCPT TO on.
    Silent,
    /// Takes the whole mail and says nothing.
    SilentAfterText,
}

/// A mail as it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Got {
    pub(super) from: String,
    pub(super) to: String,
    pub(super) text: String,
    pub(super) encrypted: bool,
    /// Whether it was answered with 250: then the server is answerable for it.
    pub(super) taken: bool,
}

impl Got {
    /// A header's value.
    pub(super) fn header(&self, name: &str) -> String {
        let (head, _) = self.text.split_once("\r\n\r\n").unwrap();
        let head = head.replace("\r\n ", " ");
        let prefix = format!("{name}: ");
        head.split("\r\n")
            .find_map(|line| line.strip_prefix(&prefix))
            .unwrap()
            .to_owned()
    }
}

/// How it offers TLS.
#[derive(Clone, Default)]
pub(super) enum Encryption {
    #[default]
    None,
    Starttls(TlsAcceptor),
    FromTheStart(TlsAcceptor),
}

#[derive(Default)]
struct State {
    script: VecDeque<Act>,
    got: Vec<Got>,
    connections: usize,
    begun: usize,
    signed_in: Vec<String>,
}

/// The server. It ends with its test.
pub(super) struct Server {
    pub(super) port: u16,
    state: Arc<Mutex<State>>,
    accepting: tokio::task::JoinHandle<()>,
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

impl Server {
    pub(super) async fn start(script: &[Act]) -> Self {
        Self::with(script, Encryption::None, None, 0).await
    }

    /// A server with TLS, with the line of base 64 that a client must sign in with, on a port (0 for any).
    pub(super) async fn with(script: &[Act], tls: Encryption, password: Option<&'static str>, port: u16) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", port)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let state = Arc::new(Mutex::new(State {
            script: script.iter().cloned().collect(),
            ..State::default()
        }));
        let shared = state.clone();
        let accepting = tokio::spawn(async move {
            let mut open = tokio::task::JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                shared.lock().unwrap().connections += 1;
                open.spawn(connection(stream, shared.clone(), tls.clone(), password));
            }
        });
        Self { port, state, accepting }
    }

    /// Stops answering: connections are refused from now on.
    pub(super) async fn stop(self) -> u16 {
        self.accepting.abort();
        while !self.accepting.is_finished() {
            tokio::task::yield_now().await;
        }
        self.port
    }

    pub(super) fn got(&self) -> Vec<Got> {
        self.state.lock().unwrap().got.clone()
    }

    /// Whom the mails that it took were for.
    pub(super) fn taken(&self) -> Vec<String> {
        self.got()
            .into_iter()
            .filter(|mail| mail.taken)
            .map(|mail| mail.to)
            .collect()
    }

    pub(super) fn connections(&self) -> usize {
        self.state.lock().unwrap().connections
    }

    pub(super) fn signed_in(&self) -> Vec<String> {
        self.state.lock().unwrap().signed_in.clone()
    }

    /// How many mails were begun, whatever became of them.
    pub(super) fn begun(&self) -> usize {
        self.state.lock().unwrap().begun
    }
}

async fn connection(stream: TcpStream, state: Arc<Mutex<State>>, tls: Encryption, password: Option<&'static str>) {
    match tls {
        Encryption::None => drop(
            converse(
                BufReader::new(stream),
                &state,
                Talk {
                    password,
                    ..Talk::default()
                },
            )
            .await,
        ),
        Encryption::FromTheStart(acceptor) => {
            if let Ok(stream) = acceptor.accept(stream).await {
                let talk = Talk {
                    password,
                    encrypted: true,
                    ..Talk::default()
                };
                drop(converse(BufReader::new(stream), &state, talk).await);
            }
        }
        Encryption::Starttls(acceptor) => {
            let talk = Talk {
                password,
                offers_tls: true,
                ..Talk::default()
            };
            if let Some(stream) = converse(BufReader::new(stream), &state, talk).await
                && let Ok(stream) = acceptor.accept(stream.into_inner()).await
            {
                let talk = Talk {
                    password,
                    encrypted: true,
                    greeted: true,
                    ..Talk::default()
                };
                drop(converse(BufReader::new(stream), &state, talk).await);
            }
        }
    }
}

#[derive(Default)]
struct Talk {
    password: Option<&'static str>,
    offers_tls: bool,
    encrypted: bool,
    greeted: bool,
}

/// One conversation, until it ends, or asks for TLS: then the stream is handed back.
async fn converse<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: BufReader<S>,
    state: &Mutex<State>,
    talk: Talk,
) -> Option<BufReader<S>> {
    if !talk.greeted {
        say(&mut stream, "220 mail.example.org ESMTP").await?;
    }
    let (mut act, mut from, mut to) = (Act::Take, String::new(), String::new());
    let mut signed_in = false;
    loop {
        let line = hear(&mut stream).await?;
        let (verb, rest) = line.split_once([' ', ':']).unwrap_or((&line, ""));
        match verb.to_ascii_uppercase().as_str() {
            "EHLO" => {
                let mut lines = vec!["250-mail.example.org", "250-SMTPUTF8", "250-8BITMIME"];
                if talk.offers_tls {
                    lines.push("250-STARTTLS");
                }
                if talk.password.is_some() {
                    lines.push("250-AUTH PLAIN LOGIN");
                }
                lines.push("250 SIZE 1000000");
                say(&mut stream, &lines.join("\r\n")).await?;
            }
            "STARTTLS" => {
                say(&mut stream, "220 go ahead").await?;
                return Some(stream);
            }
            "AUTH" => {
                signed_in = talk.password == Some(rest);
                state.lock().unwrap().signed_in.push(rest.to_owned());
                let answer = if signed_in {
                    "235 welcome"
                } else {
                    "535 5.7.8 bad credentials for lac@example.org"
                };
                say(&mut stream, answer).await?;
            }
            "MAIL" if talk.password.is_some() && !signed_in => say(&mut stream, "530 5.7.0 sign in first").await?,
            "MAIL" => {
                {
                    let mut state = state.lock().unwrap();
                    state.begun += 1;
                    act = state.script.pop_front().unwrap_or(Act::Take);
                }
                from = address(&line);
                say(
                    &mut stream,
                    if let Act::Sender(answer) = act {
                        answer
                    } else {
                        "250 ok"
                    },
                )
                .await?;
            }
            "RCPT" => {
                to = address(&line);
                match act {
                    Act::Silent => std::future::pending::<()>().await,
                    Act::Recipient(answer) => say(&mut stream, answer).await?,
                    _ => say(&mut stream, "250 ok").await?,
                }
            }
            "DATA" => {
                match act {
                    Act::CutAtData => return None,
                    Act::Data(answer) => {
                        say(&mut stream, answer).await?;
                        continue;
                    }
                    _ => say(&mut stream, "354 go on").await?,
                }
                let text = hear_mail(&mut stream).await?;
                let taken = matches!(act, Act::Take);
                let got = Got {
                    from: from.clone(),
                    to: to.clone(),
                    text,
                    encrypted: talk.encrypted,
                    taken,
                };
                state.lock().unwrap().got.push(got);
                match act {
                    Act::Text(answer) => say(&mut stream, answer).await?,
                    Act::CutAfterText => return None,
                    Act::SilentAfterText => std::future::pending::<()>().await,
                    _ => say(&mut stream, "250 2.0.0 queued").await?,
                }
            }
            "QUIT" => {
                say(&mut stream, "221 goodbye").await?;
                return None;
            }
            "RSET" => say(&mut stream, "250 ok").await?,
            _ => say(&mut stream, "500 what").await?,
        }
    }
}

fn address(line: &str) -> String {
    let (_, rest) = line.split_once('<').unwrap();
    rest.split_once('>').unwrap().0.to_owned()
}

async fn say<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>, line: &str) -> Option<()> {
    stream.write_all(format!("{line}\r\n").as_bytes()).await.ok()?;
    stream.flush().await.ok()
}

async fn hear<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut line = String::new();
    match stream.read_line(&mut line).await {
        Ok(n) if n > 0 => Some(line.trim_end().to_owned()),
        _ => None,
    }
}

/// The mail up to the lonely dot, with doubled dots made single again.
async fn hear_mail<S: AsyncRead + AsyncWrite + Unpin>(stream: &mut BufReader<S>) -> Option<String> {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await.ok()? == 0 {
            return None;
        }
        assert!(line.ends_with("\r\n"), "a bare line end in {line:?}");
        if line == ".\r\n" {
            return Some(text);
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
