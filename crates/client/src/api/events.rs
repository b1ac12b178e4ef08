//! The stream of server-sent events that only says that something waits.

use std::time::Duration;

use futures_util::{Stream, StreamExt};
use reqwest::Method;

use super::{Api, ApiError, answer};

/// A stream on which nothing at all comes for so long is dead.
const SILENCE: Duration = Duration::from_secs(90);

impl Api {
    /// Listens to the store: one item for each poke, until the stream ends.
    pub(crate) async fn pokes(&self) -> Result<impl Stream<Item = ()> + Send + Unpin + use<>, ApiError> {
        let request = self
            .request(Method::GET, "/v1/events")
            .header(reqwest::header::ACCEPT, "text/event-stream");
        let opened = tokio::time::timeout(super::ORDINARY, self.send(request)).await;
        let response = opened.map_err(|_| ApiError::Unreachable {
            problem: super::error::cannot_now(None),
            not_sent: true,
        })??;
        if !answer::content_type(&response).starts_with("text/event-stream") {
            return Err(ApiError::not_a_store(&self.address));
        }
        let bytes = response.bytes_stream();
        let pokes =
            futures_util::stream::unfold((bytes.boxed(), Lines::default()), |(mut bytes, mut lines)| async move {
                loop {
                    if lines.take_poke() {
                        return Some(((), (bytes, lines)));
                    }
                    match tokio::time::timeout(SILENCE, bytes.next()).await {
                        Ok(Some(Ok(chunk))) => lines.push(&chunk),
                        _ => return None,
                    }
                }
            });
        Ok(pokes.boxed())
    }
}

/// Reads the lines of a stream of events.
#[derive(Default)]
struct Lines {
    line: Vec<u8>,
    event: Vec<u8>,
    pokes: usize,
}

impl Lines {
    fn push(&mut self, bytes: &[u8]) {
        for &byte in bytes {
            match byte {
                b'\n' => self.end_of_line(),
                b'\r' => {}
                // No line of ours is long; another's is not kept.
                _ if self.line.len() < 256 => self.line.push(byte),
                _ => {}
            }
        }
    }

    fn end_of_line(&mut self) {
        if self.line.is_empty() {
            self.pokes += usize::from(self.event == b"poke");
            self.event.clear();
        } else if let Some(name) = self.line.strip_prefix(b"event:") {
            self.event = name.trim_ascii().to_vec();
        }
        self.line.clear();
    }

    /// Several that came together are one.
    fn take_poke(&mut self) -> bool {
        std::mem::take(&mut self.pokes) > 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pokes_are_found_however_the_bytes_are_cut() {
        let stream = b": hello\n\nevent: poke\ndata: \n\nevent: other\ndata: x\n\nevent:poke\r\ndata:1\r\n\r\n";
        for size in 1..stream.len() {
            let mut lines = Lines::default();
            stream.chunks(size).for_each(|chunk| lines.push(chunk));
            assert_eq!(lines.pokes, 2, "in pieces of {size}");
            assert!(lines.take_poke() && !lines.take_poke());
        }
    }
}
