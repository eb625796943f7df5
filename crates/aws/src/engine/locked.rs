//! Work under a stack's lock.

use crate::{
    aws::{Aws, Lock},
    error::{Error, Result},
};
use futures::FutureExt;
use std::{future::Future, panic::AssertUnwindSafe, sync::Arc, time::Duration};
use tokio::sync::watch;

/// Takes the lock of `stack`, waiting for it as long as `patience` lasts; does `work`; gives the
/// lock back on every way out, also after an error or a panic.
pub async fn locked<T>(
    aws: &Arc<Aws>,
    stack: &str,
    patience: Duration,
    interrupt: &watch::Receiver<bool>,
    work: impl Future<Output = Result<T>>,
) -> Result<T> {
    let lock = Lock::take(Arc::clone(aws), stack, patience, interrupt).await?;
    let done = AssertUnwindSafe(work).catch_unwind().await;
    if let Err(error) = lock.release().await {
        aws.notify(&not_given_back(&error));
    }
    done.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

fn not_given_back(error: &Error) -> String {
    format!("the lock could not be given back ({error}); remove it with wsctl unlock")
}
