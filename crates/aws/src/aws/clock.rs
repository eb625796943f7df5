//! The clock by which requests are repeated, paced and given up: tokio's, or a test's own.

use aws_smithy_async::rt::sleep::{AsyncSleep, SharedAsyncSleep, TokioSleep};
use std::{fmt, sync::Arc, time::Duration};
use tokio::time::Instant;

/// Passes the time for the SDK (its timeouts) and for wsctl (its pauses) alike.
#[derive(Clone)]
pub struct Clock {
    pub(super) sleep: SharedAsyncSleep,
    elapsed: Arc<dyn Fn() -> Duration + Send + Sync>,
}

impl Clock {
    /// A clock that waits with `sleep`; `elapsed` tells how long it has been going.
    pub fn new(
        sleep: impl AsyncSleep + 'static,
        elapsed: impl Fn() -> Duration + Send + Sync + 'static,
    ) -> Self {
        Self {
            sleep: SharedAsyncSleep::new(sleep),
            elapsed: Arc::new(elapsed),
        }
    }

    pub(super) fn elapsed(&self) -> Duration {
        (self.elapsed)()
    }

    pub(super) async fn sleep(&self, pause: Duration) {
        self.sleep.sleep(pause).await;
    }
}

impl Default for Clock {
    fn default() -> Self {
        let started = Instant::now();
        Self::new(TokioSleep::new(), move || started.elapsed())
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Clock({:?})", self.elapsed())
    }
}
