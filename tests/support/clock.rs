//! A clock that makes the pauses before a repeated request short: an emulator needs none of them.

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use std::time::{Duration, Instant};
use wsctl::aws::Clock;

/// Time limits, which are longer than any pause, stay as they are.
const SHORTEST_LIMIT: Duration = Duration::from_secs(5);

/// How much faster the time passes.
const HASTE: u32 = 20;

#[derive(Debug)]
struct Hurried;

impl AsyncSleep for Hurried {
    fn sleep(&self, pause: Duration) -> Sleep {
        let pause = if pause < SHORTEST_LIMIT { pause / HASTE } else { pause };
        Sleep::new(tokio::time::sleep(pause))
    }
}

pub(super) fn hurried() -> Clock {
    let started = Instant::now();
    Clock::new(Hurried, move || started.elapsed() * HASTE)
}
