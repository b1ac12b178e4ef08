//! Sending a file that is too big to be held, piece by piece from the disk.

use std::path::Path;

use lac_domain::ImportId;
use lac_wire::IDEMPOTENCY_KEY_HEADER;
use reqwest::{Body, Method};
use serde::Serialize;
use serde::de::DeserializeOwned;
use tokio::fs::File;
use tokio::io::AsyncReadExt;

use super::error::FILE_FAILED;
use super::{Api, ApiError, LONG, REPEATS, answer, is_lost};
use crate::failure::Failure;

/// How much of a file is held at a time.
const PIECE: usize = 128 * 1024;

impl Api {
    /// Sends a file, once: the import's id makes it so, and is the key of every attempt. `sent` is told how many bytes
    /// have left.
    pub(crate) async fn put_file<Q: Serialize + Sync, T: DeserializeOwned>(
        &self,
        path: &str,
        id: ImportId,
        query: &Q,
        file: &Path,
        sent: impl Fn(u64) + Clone + Send + Sync + 'static,
    ) -> Result<T, ApiError> {
        let key = id.to_string();
        let mut repeats = REPEATS.iter();
        loop {
            let answer = self.put_from_disk(path, &key, query, file, sent.clone()).await;
            match repeats.next() {
                Some(wait) if is_lost(&answer) => self.clock.sleep(*wait).await,
                _ => return answer,
            }
        }
    }

    async fn put_from_disk<Q: Serialize + Sync, T: DeserializeOwned>(
        &self,
        path: &str,
        key: &str,
        query: &Q,
        file: &Path,
        sent: impl Fn(u64) + Send + Sync + 'static,
    ) -> Result<T, ApiError> {
        let file = File::open(file).await.map_err(Failure::File)?;
        let length = file.metadata().await.map_err(Failure::File)?.len();
        let request = self
            .request(Method::PUT, path)
            .query(query)
            .header(IDEMPOTENCY_KEY_HEADER, key)
            .header(reqwest::header::CONTENT_TYPE, "text/csv")
            .header(reqwest::header::CONTENT_LENGTH, length)
            .timeout(LONG)
            .body(pieces(file, sent));
        answer::json(self.send(request).await?, &self.address).await
    }
}

fn pieces(file: File, sent: impl Fn(u64) + Send + Sync + 'static) -> Body {
    Body::wrap_stream(futures_util::stream::try_unfold(
        (file, sent, 0_u64),
        |(mut file, sent, total)| async move {
            let mut piece = vec![0; PIECE];
            let read = file
                .read(&mut piece)
                .await
                .map_err(|_| std::io::Error::other(FILE_FAILED))?;
            if read == 0 {
                return Ok::<_, std::io::Error>(None);
            }
            piece.truncate(read);
            let total = total + read as u64;
            sent(total);
            Ok(Some((piece, (file, sent, total))))
        },
    ))
}
