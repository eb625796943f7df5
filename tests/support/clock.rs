//! A clock that can make the pauses before a repeated request short: an emulator needs none of them.

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use std::{
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};
use wsctl::aws::Clock;

/// Time limits, which are longer than any pause, stay as they are.
const SHORTEST_LIMIT: Duration = Duration::from_secs(5);

/// How much faster the time passes in a hurry.
const HASTE: u32 = 20;

static IN_A_HURRY: AtomicBool = AtomicBool::new(false);

/// From now on the pauses of this test process are short. Whoever waits also asks more often, so
/// it is for tests that count no requests.
pub(crate) fn hurry() {
    IN_A_HURRY.store(true, Ordering::Relaxed);
}

fn haste() -> u32 {
    if IN_A_HURRY.load(Ordering::Relaxed) {
        HASTE
    } else {
        1
    }
}

#[derive(Debug)]
struct Hurried;

impl AsyncSleep for Hurried {
    fn sleep(&self, pause: Duration) -> Sleep {
        let pause = if pause < SHORTEST_LIMIT {
            pause / haste()
        } else {
            pause
        };
        Sleep::new(tokio::time::sleep(pause))
    }
}

pub(super) fn of_tests() -> Clock {
    let started = Instant::now();
    Clock::new(Hurried, move || started.elapsed() * haste())
}
