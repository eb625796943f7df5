//! The one way to send a request: paced, counted, repeated where that is safe.

use super::{
    Aws,
    failure::{self, Class, Failure},
    trace,
};
use crate::error::{Error, ErrorKind, Result};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::metadata::ProvideErrorMetadata;
use rand::RngExt;
use std::{collections::BTreeMap, future::Future, sync::Mutex, time::Duration};

/// How often a request may go out again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Repeat {
    /// Again and again has the effect of once.
    Freely,
    /// A repeat could make a second one: only after an answer that says it had no effect.
    AfterRefusal,
}

/// How a request is sent.
#[derive(Clone, Copy)]
struct Manner {
    repeat: Repeat,
    /// Whether it names a role that AWS may not know everywhere yet.
    awaits_role: bool,
}

impl Manner {
    const FREELY: Self = Self {
        repeat: Repeat::Freely,
        awaits_role: false,
    };
    const ONCE: Self = Self {
        repeat: Repeat::AfterRefusal,
        awaits_role: false,
    };

    /// Only a role of wsctl's own may be new; any other is as its owner left it.
    fn with(self, role: &str) -> Self {
        Self {
            awaits_role: role.contains(OWN_ROLE),
            ..self
        }
    }
}

/// What is in the ARN of every role that wsctl makes (`kinds/role/place.rs`).
const OWN_ROLE: &str = ":role/wsctl/";

/// What a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// It changes nothing.
    Read,
    /// It changes the stack.
    Write,
    /// It takes the stack's lock, asks who has it, or gives it back.
    Lock,
}

/// Requests sent, by purpose and operation; retries count too.
#[derive(Default)]
pub struct Calls(Mutex<BTreeMap<(Purpose, String), usize>>);

impl Calls {
    pub(super) fn count(&self, purpose: Purpose, operation: &str) {
        let mut calls = self.0.lock().expect("no panic while held");
        *calls.entry((purpose, operation.to_owned())).or_default() += 1;
    }

    /// The number of requests for this purpose.
    pub fn of(&self, purpose: Purpose) -> usize {
        let calls = self.0.lock().expect("no panic while held");
        calls
            .iter()
            .filter(|((it, _), _)| *it == purpose)
            .map(|(_, count)| count)
            .sum()
    }

    /// Each operation with how often it was called: reads, writes and the lock's, by name.
    pub fn by_operation(&self) -> Vec<(String, usize)> {
        let calls = self.0.lock().expect("no panic while held");
        calls
            .iter()
            .map(|((_, operation), count)| (operation.clone(), *count))
            .collect()
    }
}

impl Aws {
    /// Sends a request that changes nothing.
    pub async fn read<T, E, S, F>(&self, operation: &str, send: S) -> Result<T>
    where
        S: Fn() -> F + Send + Sync,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        T: Send,
    {
        self.repeat(operation, Manner::FREELY, Purpose::Read, send)
            .await
    }

    /// Sends a write whose repetition has the effect of one: a put, a patch, a delete.
    pub async fn write<T, E, S, F>(&self, operation: &str, send: S) -> Result<T>
    where
        S: Fn() -> F + Send + Sync,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        T: Send,
    {
        self.repeat(operation, Manner::FREELY, Purpose::Write, send)
            .await
    }

    /// Sends a create. After a lost reply or a server error it fails with [`ErrorKind::Ambiguous`]
    /// instead of trying again, since a second try could make a second resource (docs/aws.md §1.3);
    /// the engine then looks for what was made.
    pub async fn create<T, E, S, F>(&self, operation: &str, send: S) -> Result<T>
    where
        S: Fn() -> F + Send + Sync,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        T: Send,
    {
        self.repeat(operation, Manner::ONCE, Purpose::Write, send)
            .await
    }

    /// Sends a create that names this role. One of wsctl's own may have been made just now, and is waited
    /// for until AWS knows it everywhere; of any other, a refusal is for good.
    pub async fn create_as<T, E, S, F>(&self, role: &str, operation: &str, send: S) -> Result<T>
    where
        S: Fn() -> F + Send + Sync,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        T: Send,
    {
        self.repeat(operation, Manner::ONCE.with(role), Purpose::Write, send)
            .await
    }

    /// The same for a write that may be repeated.
    pub async fn write_as<T, E, S, F>(&self, role: &str, operation: &str, send: S) -> Result<T>
    where
        S: Fn() -> F + Send + Sync,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        T: Send,
    {
        self.repeat(operation, Manner::FREELY.with(role), Purpose::Write, send)
            .await
    }

    /// Sends a request of the lock's that may be repeated: its token tells whose it was.
    pub(super) async fn lock<T, E, S, F>(&self, operation: &str, send: S) -> Result<T>
    where
        S: Fn() -> F + Send + Sync,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        T: Send,
    {
        self.repeat(operation, Manner::FREELY, Purpose::Lock, send)
            .await
    }

    /// Sends a request of the lock's that may not be repeated blindly, like [`Aws::create`].
    pub(super) async fn lock_once<T, E, S, F>(&self, operation: &str, send: S) -> Result<T>
    where
        S: Fn() -> F + Send + Sync,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        T: Send,
    {
        self.repeat(operation, Manner::ONCE, Purpose::Lock, send)
            .await
    }

    async fn repeat<T, E, S, F>(
        &self,
        operation: &str,
        manner: Manner,
        purpose: Purpose,
        send: S,
    ) -> Result<T>
    where
        S: Fn() -> F + Send + Sync,
        F: Future<Output = Result<T, SdkError<E, HttpResponse>>> + Send,
        E: ProvideErrorMetadata + std::error::Error + Send + Sync + 'static,
        T: Send,
    {
        let started = self.clock.elapsed();
        for attempt in 1.. {
            let is_paced = operation.starts_with("apigateway:");
            if is_paced {
                self.pace.wait(&self.clock).await;
            }
            if let Some(trace) = &self.trace {
                trace.check()?;
            }
            self.calls.count(purpose, operation);
            let failed = match trace::named(operation, send()).await {
                Ok(answer) => return Ok(answer),
                Err(failed) => failure::explain(operation, &failed),
            };
            let Some(pause) = pause(&failed, manner, attempt, self.clock.elapsed() - started)
            else {
                let mut error = failed.error;
                error.message = self.hidden.mask(&error.message);
                if error.kind == ErrorKind::Ambiguous && manner.repeat == Repeat::Freely {
                    error.kind = ErrorKind::Aws;
                }
                return Err(error);
            };
            if is_paced && failed.class == Class::Throttled {
                self.pace.refused();
            }
            if failed.class == Class::Propagation && attempt == 1 {
                self.notify("waiting until AWS knows the new role everywhere");
            }
            self.sleep(pause).await;
        }
        unreachable!("the loop ends only by returning")
    }

    /// Asks until there is an answer, every `every`, for at most `budget`.
    pub async fn wait<T, S, F>(
        &self,
        what: &str,
        every: Duration,
        budget: Duration,
        ask: S,
    ) -> Result<T>
    where
        S: Fn() -> F + Send + Sync,
        F: Future<Output = Result<Option<T>>> + Send,
    {
        let started = self.clock.elapsed();
        loop {
            if let Some(answer) = ask().await? {
                return Ok(answer);
            }
            if self.clock.elapsed() - started >= budget {
                return Err(Error::new(
                    ErrorKind::Aws,
                    format!("{what}: not done after {} s", budget.as_secs()),
                )
                .hint("AWS is slow today; run the same command again to go on"));
            }
            self.notify(&format!("waiting: {what}"));
            self.sleep(every).await;
        }
    }

    /// How long this AWS has been there, by its clock.
    pub(crate) fn elapsed(&self) -> Duration {
        self.clock.elapsed()
    }

    /// Lets the time pass.
    pub(crate) async fn sleep(&self, pause: Duration) {
        self.clock.sleep(pause).await;
    }
}

/// The longest pause that AWS may ask for: API Gateway takes one DeleteRestApi in 30 s (docs/aws.md §7).
const LONGEST_ASKED: Duration = Duration::from_secs(60);

/// How long to wait before the next attempt; `None` when there is none.
///
/// Spacing and budgets are those of docs/aws.md §1.3: throttles back off from half a second to 20 s, a new
/// role is waited for for five minutes.
fn pause(failed: &Failure, manner: Manner, attempt: u32, elapsed: Duration) -> Option<Duration> {
    let exponential = |base: f64, cap: f64| (base * f64::from(1_u32 << attempt.min(10))).min(cap);
    let jittered = |most: f64| most * rand::rng().random_range(0.5..1.0);
    let (within, seconds) = match failed.class {
        Class::Throttled => (attempt < 10, jittered(exponential(0.25, 20.0))),
        Class::Quota => (attempt < 3, jittered(exponential(0.5, 5.0))),
        Class::Concurrent(budget) => (elapsed < budget, jittered(exponential(0.25, 5.0))),
        Class::Propagation => (
            manner.awaits_role && elapsed < Duration::from_secs(300),
            exponential(0.125, 2.0),
        ),
        Class::Unsent => (attempt < 8, jittered(exponential(0.1, 5.0))),
        Class::Unclear => (
            manner.repeat == Repeat::Freely && attempt < 8,
            jittered(exponential(0.1, 5.0)),
        ),
        Class::Final => (false, 0.0),
    };
    let asked = failed.retry_after.unwrap_or_default().min(LONGEST_ASKED);
    within.then(|| Duration::from_secs_f64(seconds).max(asked))
}

/// Turns "that does not exist" into `None`.
pub fn absent<T>(result: Result<T>) -> Result<Option<T>> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if failure::is_absent(&error) => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(class: Class) -> Failure {
        Failure {
            class,
            error: Error::new(ErrorKind::Aws, "test"),
            retry_after: None,
        }
    }

    #[test]
    fn a_create_is_never_repeated_when_its_effect_is_unclear() {
        let failed = failed(Class::Unclear);
        assert_eq!(pause(&failed, Manner::ONCE, 1, Duration::ZERO), None);
        assert!(pause(&failed, Manner::FREELY, 1, Duration::ZERO).is_some());
    }

    #[test]
    fn a_create_that_never_left_this_machine_is_sent_again() {
        assert!(pause(&failed(Class::Unsent), Manner::ONCE, 1, Duration::ZERO).is_some());
    }

    #[test]
    fn only_a_role_of_wsctls_own_is_waited_for() {
        let failed = failed(Class::Propagation);
        let own = Manner::ONCE
            .with("arn:aws:iam::123456789012:role/wsctl/eu-west-1/workshop/users/users");
        assert!(pause(&failed, own, 1, Duration::from_secs(200)).is_some());
        for other in ["arn:aws:iam::123456789012:role/mine", ""] {
            assert_eq!(
                pause(&failed, Manner::ONCE.with(other), 1, Duration::ZERO),
                None,
                "{other:?}"
            );
        }
    }

    #[test]
    fn the_pause_is_as_long_as_aws_asks_for() {
        let failed = Failure {
            retry_after: Some(Duration::from_secs(30)),
            ..failed(Class::Throttled)
        };
        assert_eq!(
            pause(&failed, Manner::FREELY, 1, Duration::ZERO),
            Some(Duration::from_secs(30))
        );
        let failed = Failure {
            retry_after: Some(Duration::from_secs(3600)),
            ..failed
        };
        assert_eq!(
            pause(&failed, Manner::FREELY, 1, Duration::ZERO),
            Some(LONGEST_ASKED)
        );
    }

    #[test]
    fn a_throttle_is_repeated_also_for_a_create() {
        assert!(pause(&failed(Class::Throttled), Manner::ONCE, 8, Duration::ZERO).is_some());
        assert_eq!(
            pause(
                &failed(Class::Throttled),
                Manner::FREELY,
                10,
                Duration::ZERO
            ),
            None
        );
    }
}
