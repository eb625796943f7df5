//! What became of the checks. Pure.

use super::checks::Check;
use crate::error::{Error, ErrorKind};
use serde::Serialize;
use std::{
    future::Future,
    time::{Duration, Instant},
};

/// How a check went.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    Passed,
    Failed,
    Skipped,
}

/// One check of one thing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CheckOutcome {
    pub check: &'static str,
    /// The step of the workshop's page that it belongs to.
    pub step: &'static str,
    /// What was looked at: `GET /users without a token`.
    pub subject: String,
    pub status: Status,
    /// What was found, or why it was not looked at.
    pub detail: String,
    /// Where to look when it failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub look_at: Option<&'static str>,
    pub seconds: f64,
}

/// What was found: good, or trouble.
pub(super) type Finding = Result<String, Trouble>;

/// Why a check did not pass.
#[derive(Clone)]
pub(super) enum Trouble {
    Failed(String),
    Skipped(String),
}

pub(super) fn failed<T>(why: impl Into<String>) -> Result<T, Trouble> {
    Err(Trouble::Failed(why.into()))
}

pub(super) fn skipped<T>(why: impl Into<String>) -> Result<T, Trouble> {
    Err(Trouble::Skipped(why.into()))
}

impl From<Error> for Trouble {
    /// What wsctl itself refuses to go on with (a second factor is wanted) is no fault of the stack.
    fn from(error: Error) -> Self {
        match error.kind {
            ErrorKind::Refused => Self::Skipped(error.to_string()),
            _ => Self::Failed(error.to_string()),
        }
    }
}

impl CheckOutcome {
    pub(super) fn new(check: &'static Check, subject: impl Into<String>, found: Finding) -> Self {
        let (status, detail) = match found {
            Ok(detail) => (Status::Passed, detail),
            Err(Trouble::Failed(why)) => (Status::Failed, why),
            Err(Trouble::Skipped(why)) => (Status::Skipped, why),
        };
        Self {
            check: check.name,
            step: check.step,
            subject: subject.into(),
            status,
            detail,
            look_at: (status == Status::Failed).then_some(check.look_at),
            seconds: 0.0,
        }
    }

    fn took(self, time: Duration) -> Self {
        Self {
            seconds: (time.as_secs_f64() * 1000.0).round() / 1000.0,
            ..self
        }
    }
}

/// Looks, and takes the time.
pub(super) async fn look(
    check: &'static Check,
    subject: impl Into<String>,
    found: impl Future<Output = Finding>,
) -> CheckOutcome {
    let started = Instant::now();
    let found = found.await;
    CheckOutcome::new(check, subject, found).took(started.elapsed())
}
