//! A client-side token bucket for API Gateway, the one service whose shared quota this work meets.

use super::clock::Clock;
use std::{sync::Mutex, time::Duration};

/// API Gateway's control plane takes 10 requests a second with a burst of 40 (Amazon API Gateway
/// quotas; docs/aws.md §7). A little less leaves room for the console beside us.
const PER_SECOND: f64 = 8.0;
const BURST: f64 = 36.0;

/// What is left of the burst, and when that was so. A negative balance is a queue.
struct Bucket {
    balance: f64,
    at: Option<Duration>,
}

impl Bucket {
    /// Takes one request out; how long that request has to wait.
    fn take(&mut self, now: Duration) -> Duration {
        let elapsed = self.at.map_or(0.0, |last| (now - last).as_secs_f64());
        self.balance = (self.balance + elapsed * PER_SECOND).min(BURST) - 1.0;
        self.at = Some(now);
        Duration::from_secs_f64((-self.balance / PER_SECOND).max(0.0))
    }

    /// Gives up what is left of the burst: somebody else has used it.
    fn empty(&mut self) {
        self.balance = self.balance.min(0.0);
    }
}

pub(super) struct Pace(Mutex<Bucket>);

impl Default for Pace {
    fn default() -> Self {
        Self(Mutex::new(Bucket {
            balance: BURST,
            at: None,
        }))
    }
}

impl Pace {
    /// Waits until one more request may go out.
    pub(super) async fn wait(&self, clock: &Clock) {
        let wait = self
            .0
            .lock()
            .expect("no panic while held")
            .take(clock.elapsed());
        clock.sleep(wait).await;
    }

    /// After a request that was refused for its rate, the next ones keep the rate at once.
    pub(super) fn refused(&self) {
        self.0.lock().expect("no panic while held").empty();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_is_free_and_what_follows_keeps_the_rate() {
        let mut bucket = Bucket {
            balance: BURST,
            at: None,
        };
        let now = Duration::from_secs(1);
        let waits: Vec<_> = (0..116).map(|_| bucket.take(now)).collect();
        assert!(waits[..36].iter().all(Duration::is_zero));
        assert_eq!(waits[115], Duration::from_secs(10));
        assert_eq!(bucket.take(now + Duration::from_secs(60)), Duration::ZERO);
    }

    #[test]
    fn after_a_refusal_no_burst_is_left() {
        let mut bucket = Bucket {
            balance: BURST,
            at: None,
        };
        let now = Duration::from_secs(1);
        bucket.take(now);
        bucket.empty();
        assert_eq!(bucket.take(now), Duration::from_secs_f64(1.0 / PER_SECOND));
        assert_eq!(bucket.take(now + Duration::from_secs(60)), Duration::ZERO);
    }
}
