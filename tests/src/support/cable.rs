//! The network between a desktop and the store: a cable that can be pulled out, that can break in the middle of what
//! it carries, and that can answer in the store's place.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::{Outcome, Trouble};

/// What the cable does with what goes through it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    Whole,
    /// Questions reach the store, no answer comes back, and the connection breaks instead.
    Mute,
    /// The next thing that is sent breaks off after so many bytes, and its connection with it.
    BrokenQuestions(usize),
    /// The same for what the store answers.
    BrokenAnswers(usize),
    /// Nothing reaches the store: whatever is asked, this is the answer.
    Stranger(&'static str),
    /// Questions reach the store, and this comes back in place of its answer.
    Forged(&'static str),
    Cut,
}

/// Which way bytes go.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Questions,
    Answers,
}

/// A port on loopback behind which the store stands, as long as the cable is whole.
pub struct Cable {
    address: SocketAddr,
    store: SocketAddr,
    state: Arc<watch::Sender<State>>,
    listening: Option<JoinHandle<()>>,
}

impl Cable {
    /// Lays a cable to a store.
    ///
    /// # Errors
    /// When there is no free port.
    pub async fn to(store: SocketAddr) -> Outcome<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let state = Arc::new(watch::Sender::new(State::Whole));
        let listening = Some(tokio::spawn(accept(listener, store, Arc::clone(&state))));
        Ok(Self {
            address,
            store,
            state,
            listening,
        })
    }

    /// Where desktops reach the store through it.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The same as an address for people: `http://127.0.0.1:…`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Pulls it out: open connections break, new ones are refused.
    pub async fn cut(&mut self) {
        self.state.send_replace(State::Cut);
        if let Some(listening) = self.listening.take() {
            listening.abort();
            // It ends by being aborted; what matters is that the port is closed afterwards.
            let _ = listening.await;
        }
    }

    /// From now on the store gets what it is sent, and its answers are lost.
    pub fn lose_answers(&self) {
        self.state.send_replace(State::Mute);
    }

    /// From now on whatever a desktop sends breaks off after so many bytes.
    pub fn break_questions(&self, after: usize) {
        self.state.send_replace(State::BrokenQuestions(after));
    }

    /// From now on whatever the store answers breaks off after so many bytes.
    pub fn break_answers(&self, after: usize) {
        self.state.send_replace(State::BrokenAnswers(after));
    }

    /// From now on something between answers everything with these bytes, as a network's sign-in page does, and the
    /// store hears nothing.
    pub fn answer_instead(&self, answer: &'static str) {
        self.state.send_replace(State::Stranger(answer));
    }

    /// From now on the store gets what it is sent, and these bytes come back in place of its answer.
    pub fn forge_answers(&self, answer: &'static str) {
        self.state.send_replace(State::Forged(answer));
    }

    /// Puts it back in, at the same address.
    ///
    /// # Errors
    /// When another program has taken the port in between.
    pub async fn mend(&mut self) -> Outcome {
        self.state.send_replace(State::Whole);
        if self.listening.is_none() {
            let bound = TcpListener::bind(self.address).await;
            let listener = bound.map_err(Trouble::during(format!("{} was taken", self.address)))?;
            self.listening = Some(tokio::spawn(accept(listener, self.store, Arc::clone(&self.state))));
        }
        Ok(())
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.state.send_replace(State::Cut);
        if let Some(listening) = self.listening.take() {
            listening.abort();
        }
    }
}

async fn accept(listener: TcpListener, store: SocketAddr, state: Arc<watch::Sender<State>>) {
    while let Ok((desktop, _)) = listener.accept().await {
        let state = Arc::clone(&state);
        tokio::spawn(async move {
            let at_first = *state.borrow();
            if let State::Stranger(answer) = at_first {
                return speak(desktop, answer).await;
            }
            // With the store down, the desktop sees its connection close: what a proxy in between shows it.
            let Ok(store) = TcpStream::connect(store).await else {
                return;
            };
            let (from_desktop, to_desktop) = desktop.into_split();
            let (from_store, to_store) = store.into_split();
            // Either way closing ends both: each half is dropped with the task that holds it.
            tokio::select! {
                () = carry(from_desktop, to_store, state.subscribe(), Way::Questions) => {}
                () = carry(from_store, to_desktop, state.subscribe(), Way::Answers) => {}
            }
        });
    }
}

/// Answers a question with bytes of its own.
async fn speak(mut desktop: TcpStream, answer: &str) {
    let mut bytes = vec![0; 64 * 1024];
    // Whatever goes wrong here is one more broken connection, which is what this is for.
    let _ = desktop.read(&mut bytes).await;
    let _ = desktop.write_all(answer.as_bytes()).await;
    let _ = desktop.shutdown().await;
    // Closed with something unread, it would be reset, and the answer lost.
    while matches!(desktop.read(&mut bytes).await, Ok(1..)) {}
}

/// Carries bytes one way until an end closes or the cable is cut.
async fn carry(mut from: OwnedReadHalf, mut to: OwnedWriteHalf, mut state: watch::Receiver<State>, way: Way) {
    let mut bytes = vec![0; 64 * 1024];
    loop {
        let read = tokio::select! {
            read = from.read(&mut bytes) => read,
            _ = state.wait_for(|state| *state == State::Cut) => return,
        };
        let Ok(count @ 1..) = read else { return };
        let state = *state.borrow();
        let (carried, breaks): (&[u8], bool) = match (state, way) {
            (State::BrokenQuestions(after), Way::Questions) | (State::BrokenAnswers(after), Way::Answers) => {
                (&bytes[..after.min(count)], true)
            }
            (State::Forged(answer), Way::Answers) => (answer.as_bytes(), true),
            (State::Mute | State::Stranger(_), Way::Answers) | (State::Stranger(_) | State::Cut, _) => (&[], true),
            _ => (&bytes[..count], false),
        };
        if to.write_all(carried).await.is_err() || breaks {
            // What was written arrives before the connection ends; that it may not is part of the fault.
            let _ = to.shutdown().await;
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A store that answers each byte with the next one, and counts what it got.
    async fn echo() -> (SocketAddr, watch::Receiver<usize>) {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
        let address = listener.local_addr().unwrap();
        let (count, counted) = watch::channel(0);
        tokio::spawn(async move {
            while let Ok((mut stream, _)) = listener.accept().await {
                while let Ok(byte) = stream.read_u8().await {
                    count.send_modify(|count| *count += 1);
                    if stream.write_u8(byte + 1).await.is_err() {
                        break;
                    }
                }
            }
        });
        (address, counted)
    }

    async fn ask(address: SocketAddr) -> std::io::Result<u8> {
        let mut stream = TcpStream::connect(address).await?;
        stream.write_u8(1).await?;
        stream.read_u8().await
    }

    #[tokio::test]
    async fn a_cut_cable_refuses_and_a_mended_one_carries_again() {
        let (store, _) = echo().await;
        let mut cable = Cable::to(store).await.unwrap();
        assert_eq!(ask(cable.address()).await.unwrap(), 2);
        let mut open = TcpStream::connect(cable.address()).await.unwrap();
        cable.cut().await;
        assert!(ask(cable.address()).await.is_err());
        assert!(open.read_u8().await.is_err(), "an open connection breaks too");
        cable.mend().await.unwrap();
        assert_eq!(ask(cable.address()).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn a_lost_answer_still_reached_the_store() {
        let (store, mut counted) = echo().await;
        let mut cable = Cable::to(store).await.unwrap();
        cable.lose_answers();
        assert!(ask(cable.address()).await.is_err());
        counted.wait_for(|count| *count == 1).await.unwrap();
        cable.mend().await.unwrap();
        assert_eq!(ask(cable.address()).await.unwrap(), 2);
    }

    #[tokio::test]
    async fn what_is_sent_breaks_off_in_the_middle() {
        let (store, mut counted) = echo().await;
        let cable = Cable::to(store).await.unwrap();
        cable.break_questions(2);
        let mut stream = TcpStream::connect(cable.address()).await.unwrap();
        stream.write_all(&[1, 2, 3, 4]).await.unwrap();
        let mut answers = Vec::new();
        let _ = stream.read_to_end(&mut answers).await;
        counted.wait_for(|count| *count == 2).await.unwrap();
        assert!(answers.len() <= 2, "{answers:?}");
    }

    #[tokio::test]
    async fn a_stranger_answers_and_the_store_hears_nothing() {
        let (store, mut counted) = echo().await;
        let mut cable = Cable::to(store).await.unwrap();
        cable.answer_instead("Sign in first");
        let mut stream = TcpStream::connect(cable.address()).await.unwrap();
        stream.write_u8(1).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, "Sign in first");
        assert_eq!(*counted.borrow_and_update(), 0);
        cable.forge_answers("Forged");
        let mut stream = TcpStream::connect(cable.address()).await.unwrap();
        stream.write_u8(1).await.unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        assert_eq!(answer, "Forged");
        assert_eq!(*counted.borrow_and_update(), 1);
        cable.mend().await.unwrap();
        assert_eq!(ask(cable.address()).await.unwrap(), 2);
    }
}
