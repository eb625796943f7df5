//! A clock that need not be waited for: when everything waits, it jumps to the moment at which the
//! first one has waited enough.
//!
//! tokio's own paused clock would do too, but only with a feature of tokio that every crate of the
//! SDK would have to be built anew for.

use aws_smithy_async::rt::sleep::{AsyncSleep, Sleep};
use std::{
    collections::BTreeMap,
    future::{Future, poll_fn},
    pin::pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    task::{Context, Poll, Wake, Waker},
    time::Duration,
};

#[derive(Debug, Default)]
struct Time {
    now: Duration,
    /// Who is to be woken when, in the order of falling asleep.
    sleepers: BTreeMap<(Duration, u64), Waker>,
    slept: u64,
}

/// Time as a test has it.
#[derive(Clone, Debug, Default)]
pub struct Clock(Arc<Mutex<Time>>);

impl Clock {
    /// How long the clock has been going.
    pub fn elapsed(&self) -> Duration {
        self.0.lock().expect("no panic while held").now
    }

    /// Lets time pass while nothing happens.
    pub fn pass(&self, pause: Duration) {
        self.0.lock().expect("no panic while held").now += pause;
    }

    pub async fn wait(&self, pause: Duration) {
        let mut mine = None;
        let until = self.elapsed() + pause;
        poll_fn(|context| self.poll(until, &mut mine, context)).await;
    }

    fn poll(&self, until: Duration, mine: &mut Option<Sleeper>, context: &Context<'_>) -> Poll<()> {
        let mut time = self.0.lock().expect("no panic while held");
        if time.now >= until {
            return Poll::Ready(());
        }
        let key = mine.as_ref().map_or((until, time.slept), |it| it.key);
        time.slept += u64::from(mine.is_none());
        time.sleepers.insert(key, context.waker().clone());
        drop(time);
        mine.get_or_insert_with(|| Sleeper {
            key,
            clock: self.clone(),
        });
        Poll::Pending
    }

    /// Runs `future` to its end; nothing in it may wait for anything but this clock.
    pub fn run<F: Future>(&self, future: F) -> F::Output {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .expect("a runtime");
        let mut future = pin!(tokio::task::unconstrained(future));
        runtime.block_on(poll_fn(|outer| {
            let woken = Arc::new(Woken {
                was: AtomicBool::new(false),
                outer: outer.waker().clone(),
            });
            let waker = Waker::from(Arc::clone(&woken));
            loop {
                if let Poll::Ready(output) = future.as_mut().poll(&mut Context::from_waker(&waker))
                {
                    return Poll::Ready(output);
                }
                if !woken.was.swap(false, Ordering::AcqRel) && !self.jump() {
                    return Poll::Pending;
                }
                woken.was.store(false, Ordering::Release);
            }
        }))
    }

    /// Wakes whoever has the shortest time left to sleep.
    fn jump(&self) -> bool {
        let mut time = self.0.lock().expect("no panic while held");
        let Some(((until, _), waker)) = time.sleepers.pop_first() else {
            return false;
        };
        time.now = time.now.max(until);
        drop(time);
        waker.wake();
        true
    }
}

impl AsyncSleep for Clock {
    fn sleep(&self, pause: Duration) -> Sleep {
        let clock = self.clone();
        Sleep::new(async move { clock.wait(pause).await })
    }
}

/// One who sleeps; who is dropped is not woken.
struct Sleeper {
    key: (Duration, u64),
    clock: Clock,
}

impl Drop for Sleeper {
    fn drop(&mut self) {
        self.clock
            .0
            .lock()
            .expect("no panic while held")
            .sleepers
            .remove(&self.key);
    }
}

struct Woken {
    was: AtomicBool,
    outer: Waker,
}

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.was.store(true, Ordering::Release);
        self.outer.wake_by_ref();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_sleeps_shorter_wakes_first_and_nobody_waits() {
        let (clock, order) = (Clock::default(), Mutex::new(vec![]));
        let nap = async |seconds: u64| {
            clock.wait(Duration::from_secs(seconds)).await;
            order.lock().unwrap().push(seconds);
        };
        let both = async {
            let (mut long, mut short) = (pin!(nap(3600)), pin!(nap(60)));
            poll_fn(|context| {
                let _ = long.as_mut().poll(context);
                short.as_mut().poll(context)
            })
            .await;
            long.await;
        };
        clock.run(both);
        assert_eq!(*order.lock().unwrap(), [60, 3600]);
        assert_eq!(clock.elapsed(), Duration::from_secs(3600));
    }
}
