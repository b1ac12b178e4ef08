//! Waiting for something that other processes do: asked for again and again until it is there or time is up.

use std::time::Duration;

use tokio::time::Instant;

use super::{Outcome, Trouble};

/// How long tests wait when they do not say: far longer than anything should take, so that a slow machine fails
/// nothing.
pub const LONG_ENOUGH: Duration = Duration::from_secs(30);

/// Asks until an answer comes. An error of the asking counts as no answer yet, and is told at the end.
///
/// # Errors
/// When time is up: what was waited for, and the last error.
pub async fn until<T, F, Fut>(what: &str, patience: Duration, mut ask: F) -> Outcome<T>
where
    F: FnMut() -> Fut,
    Fut: Future<Output = Outcome<Option<T>>>,
{
    let end = Instant::now() + patience;
    loop {
        let last = match ask().await {
            Ok(Some(answer)) => return Ok(answer),
            Ok(None) => String::new(),
            Err(trouble) => format!(" ({trouble})"),
        };
        if Instant::now() >= end {
            return Err(Trouble(format!(
                "Waited {} s in vain for {what}{last}",
                patience.as_secs()
            )));
        }
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_answer_is_given_when_it_comes() {
        let mut asked = 0;
        let answer = until("three", LONG_ENOUGH, || {
            asked += 1;
            let answer = (asked == 3).then_some(asked);
            async move { Ok(answer) }
        });
        assert_eq!(answer.await.unwrap(), 3);
    }

    #[tokio::test]
    async fn waiting_in_vain_says_for_what_and_why() {
        let answer = until::<(), _, _>("rain", Duration::ZERO, || async {
            Err(Trouble::new("the sky is blue"))
        });
        assert_eq!(
            answer.await.unwrap_err().0,
            "Waited 0 s in vain for rain (the sky is blue)"
        );
    }
}
