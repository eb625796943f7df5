//! A client-side token bucket for API Gateway, the one service whose shared quota this work meets.

use std::time::Duration;
use tokio::{sync::Mutex, time::Instant};

/// API Gateway's control plane takes 10 requests a second with a burst of 40 (Amazon API Gateway
/// quotas; dossier §7). A little less leaves room for the console beside us.
const PER_SECOND: f64 = 8.0;
const BURST: f64 = 36.0;

pub(super) struct Pace(Mutex<(f64, Option<Instant>)>);

impl Default for Pace {
    fn default() -> Self {
        Self(Mutex::new((BURST, None)))
    }
}

impl Pace {
    /// Waits until one more request may go out.
    pub(super) async fn wait(&self) {
        let wait = {
            let mut state = self.0.lock().await;
            let now = Instant::now();
            let elapsed = state.1.map_or(0.0, |last| now.duration_since(last).as_secs_f64());
            // A negative balance is a queue: each request that finds it waits its turn.
            *state = ((state.0 + elapsed * PER_SECOND).min(BURST) - 1.0, Some(now));
            (-state.0 / PER_SECOND).max(0.0)
        };
        tokio::time::sleep(Duration::from_secs_f64(wait)).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_burst_is_free_and_what_follows_keeps_the_rate() {
        let (pace, start) = (Pace::default(), Instant::now());
        for _ in 0..36 {
            pace.wait().await;
        }
        assert_eq!(start.elapsed(), Duration::ZERO);
        for _ in 0..80 {
            pace.wait().await;
        }
        assert!((9.9..10.2).contains(&start.elapsed().as_secs_f64()), "{:?}", start.elapsed());
    }
}
