//! The lock that keeps two applies of one stack apart: a log group of a fixed name.
//!
//! CloudWatch Logs makes a name once and answers everyone else ResourceAlreadyExistsException
//! (docs/aws.md §9). The group's tags say who holds the lock; `wsctl:stack` is not among them, so that
//! the lock is none of the stack's resources.

mod process;

use super::{Aws, LIST_LAG, absent};
use crate::error::{Error, ErrorKind, Result};
use aws_smithy_types::date_time::{DateTime, Format};
use process::Process;
use std::{collections::HashMap, sync::Arc, time::Duration};
use tokio::sync::watch;

const TOKEN: &str = "wsctl:lock";
const HOLDER: &str = "wsctl:lock-holder";
const PROCESS: &str = "wsctl:lock-process";

/// How often somebody who waits asks again.
const PAUSE: Duration = Duration::from_secs(2);

/// A lock that is held. [`Lock::release`] gives it back; one that is dropped stays in AWS.
pub struct Lock {
    aws: Arc<Aws>,
    stack: String,
    token: String,
}

/// Who holds a lock, as its tags have it.
#[derive(Clone, Debug, PartialEq)]
pub struct Holder {
    stack: String,
    token: Option<String>,
    who: Option<String>,
    process: Option<Process>,
    since: Option<DateTime>,
}

impl Lock {
    /// Takes the stack's lock. While somebody else has it, asks again until `patience` is over or
    /// `interrupt` turns true. The lock of a process of this machine that is dead is taken over.
    pub async fn take(
        aws: Arc<Aws>,
        stack: &str,
        patience: Duration,
        interrupt: &watch::Receiver<bool>,
    ) -> Result<Self> {
        let (started, mut has_told) = (aws.clock.elapsed(), false);
        let token = format!("{:032x}", rand::random::<u128>());
        let lock = Self {
            aws,
            stack: stack.to_owned(),
            token,
        };
        while let Some(holder) = lock.attempt().await? {
            if *interrupt.borrow() {
                return Err(Error::new(
                    ErrorKind::Interrupted,
                    "stopped; nothing was changed",
                ));
            }
            if holder.is_dead() {
                take_over(&lock.aws, &lock.stack, LIST_LAG).await?;
                continue;
            }
            let waited = lock.aws.clock.elapsed() - started;
            if waited >= patience {
                return Err(holder.refusal());
            }
            if !std::mem::replace(&mut has_told, true) {
                lock.aws.notify(&format!("waiting: {holder}"));
            }
            lock.aws.sleep(PAUSE.min(patience - waited)).await;
        }
        Ok(lock)
    }

    /// Who has it, if it is not us now.
    async fn attempt(&self) -> Result<Option<Holder>> {
        let tags = self.tags();
        let made = self.aws.lock("logs:CreateLogGroup", || {
            self.aws
                .logs
                .create_log_group()
                .log_group_name(group(&self.stack))
                .set_tags(tags.clone())
                .send()
        });
        match made.await {
            Ok(_) => Ok(None),
            Err(error) if error.has_code("ResourceAlreadyExistsException") => {
                // After a lost reply it may be our own; between two looks it may be gone.
                let holder = Holder::of(&self.aws, &self.stack).await?;
                let holder = holder.unwrap_or_else(|| Holder::unknown(&self.stack));
                Ok(Some(holder).filter(|it| it.token.as_ref() != Some(&self.token)))
            }
            Err(error) => Err(error),
        }
    }

    fn tags(&self) -> Option<HashMap<String, String>> {
        let process = Process::own().map(|it| (PROCESS.to_owned(), it.to_string()));
        let tags = [
            (TOKEN.to_owned(), self.token.clone()),
            (HOLDER.to_owned(), process::who()),
        ];
        Some(tags.into_iter().chain(process).collect())
    }

    /// Removes the lock of `stack` where its holder is a dead process of this machine; who has it
    /// otherwise.
    pub async fn clear(aws: &Aws, stack: &str) -> Result<Option<Holder>> {
        match Holder::of(aws, stack).await? {
            Some(holder) if holder.is_dead() => {
                take_over(aws, stack, Duration::ZERO).await?;
                Holder::of(aws, stack).await
            }
            other => Ok(other),
        }
    }

    /// Gives the lock back, unless somebody took it away from us: then another may have it by now, however
    /// short the time was. It is looked at right before, since AWS deletes by name alone.
    pub async fn release(self) -> Result<()> {
        match self.is_ours().await? {
            true => remove(&self.aws, &self.stack, Some(&self.token)).await,
            false => Ok(()),
        }
    }

    /// One request, where the account is known by now.
    async fn is_ours(&self) -> Result<bool> {
        let is_ours = |token: Option<String>| token.as_ref() == Some(&self.token);
        if let Some(arn) = self
            .aws
            .arn("logs", &format!("log-group:{}", group(&self.stack)))
            && let Some(mut tags) = tags(&self.aws, &arn).await?
        {
            return Ok(is_ours(tags.remove(TOKEN)));
        }
        Ok(Holder::of(&self.aws, &self.stack)
            .await?
            .is_some_and(|it| is_ours(it.token)))
    }
}

/// The tags of a log group; `None` where there is none.
async fn tags(aws: &Aws, arn: &str) -> Result<Option<HashMap<String, String>>> {
    let tags = aws.lock("logs:ListTagsForResource", || {
        aws.logs.list_tags_for_resource().resource_arn(arn).send()
    });
    Ok(absent(tags.await)?.map(|it| it.tags.unwrap_or_default()))
}

impl Holder {
    /// Who holds the lock of `stack` now.
    pub async fn of(aws: &Aws, stack: &str) -> Result<Option<Self>> {
        let name = group(stack);
        let list = aws.lock("logs:DescribeLogGroups", || {
            aws.logs
                .describe_log_groups()
                .log_group_name_prefix(&name)
                .limit(50)
                .send()
        });
        let list = list.await?;
        let seen = list
            .log_groups()
            .iter()
            .find(|it| it.log_group_name() == Some(&name));
        let Some(seen) = seen else { return Ok(None) };
        let arn = seen
            .log_group_arn()
            .or(seen.arn())
            .unwrap_or_default()
            .trim_end_matches(":*");
        let Some(mut tags) = tags(aws, arn).await? else {
            return Ok(None);
        };
        Ok(Some(Self {
            stack: stack.to_owned(),
            token: tags.remove(TOKEN),
            who: tags.remove(HOLDER),
            process: tags.remove(PROCESS).and_then(|text| text.parse().ok()),
            since: seen.creation_time().map(DateTime::from_millis),
        }))
    }

    fn unknown(stack: &str) -> Self {
        Self {
            stack: stack.to_owned(),
            token: None,
            who: None,
            process: None,
            since: None,
        }
    }

    /// Whether it is a process of this machine that is no more.
    pub fn is_dead(&self) -> bool {
        self.process.as_ref().is_some_and(Process::is_dead)
    }

    /// Whether it is a process of this machine that may still be at work, and its id.
    pub fn alive_here(&self) -> Option<u32> {
        self.process
            .as_ref()
            .filter(|it| it.is_alive_here())
            .map(|it| it.pid)
    }

    /// Removes this holder's lock.
    pub async fn remove(&self, aws: &Aws) -> Result<()> {
        remove(aws, &self.stack, self.token.as_ref()).await
    }

    /// The stack whose lock this log group is.
    pub fn locked_by(group: &str) -> Option<&str> {
        group.strip_prefix(GROUP).filter(|stack| !stack.is_empty())
    }

    pub fn refusal(&self) -> Error {
        Error::new(ErrorKind::Locked, format!("nothing was changed: {self}")).hint(
            "wait for it to end (--lock-wait 5m waits); if it is dead, remove its lock with wsctl unlock",
        )
    }
}

impl std::fmt::Display for Holder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let who = self.who.as_deref().unwrap_or("somebody");
        write!(f, "stack {} is being changed by {who}", self.stack)?;
        if let Some(process) = &self.process {
            write!(f, ", process {}", process.pid)?;
        }
        match self
            .since
            .and_then(|since| since.fmt(Format::DateTime).ok())
        {
            Some(since) => write!(f, ", since {since}"),
            None => Ok(()),
        }
    }
}

/// Removes the lock of a dead process of this machine, after `pause`: what that process made last has to
/// be found by the next look. Two that want to do so would remove each other's new lock, so they look
/// again one after the other.
async fn take_over(aws: &Aws, stack: &str, pause: Duration) -> Result<()> {
    let _one_at_a_time = process::alone().await?;
    if let Some(holder) = Holder::of(aws, stack).await?.filter(Holder::is_dead) {
        aws.notify(&format!("taking over from a dead process: {holder}"));
        aws.sleep(pause).await;
        holder.remove(aws).await?;
    }
    Ok(())
}

/// Removes the lock that has this token. When the reply is lost, what is there now may be the next
/// one's lock, so it is looked at before it is removed again.
async fn remove(aws: &Aws, stack: &str, token: Option<&String>) -> Result<()> {
    for _ in 0..5 {
        let delete = aws.lock_once("logs:DeleteLogGroup", || {
            aws.logs
                .delete_log_group()
                .log_group_name(group(stack))
                .send()
        });
        match absent(delete.await) {
            Err(error) if error.kind == ErrorKind::Ambiguous => {}
            result => return result.map(|_| ()),
        }
        if Holder::of(aws, stack)
            .await?
            .is_none_or(|it| it.token.as_ref() != token)
        {
            return Ok(());
        }
        aws.sleep(PAUSE).await;
    }
    Err(Error::new(
        ErrorKind::Aws,
        "logs:DeleteLogGroup: no answer, time and again",
    ))
}

/// What stands before the stack's name in the lock's.
const GROUP: &str = "/wsctl/lock/";

fn group(stack: &str) -> String {
    format!("{GROUP}{stack}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_names_who_since_when_and_what_to_do() {
        let holder = Holder {
            who: Some("ann@laptop".into()),
            process: "4711/1/abc".parse().ok(),
            since: Some(DateTime::from_secs(0)),
            ..Holder::unknown("workshop")
        };
        let error = holder.refusal();
        let told = "stack workshop is being changed by ann@laptop, process 4711, since 1970-01-01T00:00:00Z";
        assert_eq!(error.message, format!("nothing was changed: {told}"));
        assert!(error.hint.is_some_and(|hint| hint.contains("wsctl unlock")));
    }
}
