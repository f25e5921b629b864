//! Nothing shown looks the same, whyever: no such patient, no relationship, the citizen's preference,
//! nothing there. The words are the same because nothing is said; the work is the same because facts
//! of the patient are read and the registry is asked in every case; and what is left of a difference
//! (a few rows more or less) is covered by answering on the beat.

use std::time::{Duration, Instant};

/// Answers that show nothing leave on multiples of this, counted from when their request came.
pub(crate) const BEAT: Duration = Duration::from_millis(50);

/// How long an answer that is ready after so long waits for the next beat.
fn wait(taken: Duration) -> Duration {
    let beat = BEAT.as_micros();
    let over = taken.as_micros() % beat;
    let micros = if over == 0 { 0 } else { beat - over };
    Duration::from_micros(u64::try_from(micros).unwrap_or_default())
}

/// To be called before an answer about a patient that shows nothing.
pub(crate) async fn on_the_beat(started: Instant) {
    tokio::time::sleep(wait(started.elapsed())).await;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_that_shows_nothing_leaves_on_the_beat() {
        for (taken, waits) in [(0, 0), (1, 49), (49, 1), (50, 0), (51, 49), (149, 1)] {
            let millis = Duration::from_millis;
            assert_eq!(wait(millis(taken)), millis(waits), "{taken} ms");
        }
    }
}
