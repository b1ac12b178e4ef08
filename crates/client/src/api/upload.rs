//! Sending a file, piece by piece.

use std::sync::Arc;

use lac_domain::ImportId;
use lac_wire::{IDEMPOTENCY_KEY_HEADER, Import, JudgeQuery};
use reqwest::{Body, Method};

use super::{Api, ApiError, LONG, REPEATS, answer, is_lost};

/// How much of a file leaves at a time.
const PIECE: usize = 128 * 1024;

impl Api {
    /// Sends a file to be judged. `sent` is told how many bytes have left.
    pub(crate) async fn put_import(
        &self,
        id: ImportId,
        query: &JudgeQuery,
        file: Vec<u8>,
        sent: impl Fn(usize) + Clone + Send + Sync + 'static,
    ) -> Result<Import, ApiError> {
        let path = format!("/v1/imports/{id}");
        // The id makes it once; the key is the same for every attempt too.
        let key = id.to_string();
        let file: Arc<[u8]> = file.into();
        let mut repeats = REPEATS.iter();
        loop {
            let answer = self.put_once(&path, &key, query, Arc::clone(&file), sent.clone()).await;
            match repeats.next() {
                Some(wait) if is_lost(&answer) => self.clock.sleep(*wait).await,
                _ => return answer,
            }
        }
    }

    async fn put_once(
        &self,
        path: &str,
        key: &str,
        query: &JudgeQuery,
        file: Arc<[u8]>,
        sent: impl Fn(usize) + Send + Sync + 'static,
    ) -> Result<Import, ApiError> {
        let request = self
            .request(Method::PUT, path)
            .query(query)
            .header(IDEMPOTENCY_KEY_HEADER, key)
            .header(reqwest::header::CONTENT_TYPE, "text/csv")
            .header(reqwest::header::CONTENT_LENGTH, file.len())
            .timeout(LONG)
            .body(pieces(file, sent));
        answer::json(self.send(request).await?, &self.address).await
    }
}

fn pieces(file: Arc<[u8]>, sent: impl Fn(usize) + Send + Sync + 'static) -> Body {
    let starts = (0..file.len()).step_by(PIECE);
    Body::wrap_stream(futures_util::stream::iter(starts.map(move |start| {
        let end = (start + PIECE).min(file.len());
        sent(end);
        Ok::<_, std::convert::Infallible>(file[start..end].to_vec())
    })))
}
