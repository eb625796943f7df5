//! What the functions wrote.

use super::{
    checks::SUB_LOGGED,
    report::{Outcome, failed, look},
    run::Verify,
};
use std::time::{Duration, SystemTime};

/// CloudWatch takes seconds to show a line.
const PATIENCE: Duration = Duration::from_secs(40);
const PAUSE: Duration = Duration::from_millis(500);

impl Verify<'_> {
    /// Whether this function logged the caller's `sub` since then.
    pub(super) async fn logged(&self, key: &str, sub: &str, since: SystemTime) -> Outcome {
        let name = &self.file.functions[key].name;
        look(&SUB_LOGGED, format!("function {name} logged the caller's sub"), async {
            let started = tokio::time::Instant::now();
            loop {
                if self.has_line(&format!("/aws/lambda/{name}"), sub, since).await? {
                    return Ok("found in its log group".into());
                }
                if started.elapsed() > PATIENCE || self.is_stopped() {
                    return failed(format!("not in its log group after {} s", started.elapsed().as_secs()));
                }
                tokio::time::sleep(PAUSE).await;
            }
        })
        .await
    }

    async fn has_line(&self, group: &str, text: &str, since: SystemTime) -> crate::error::Result<bool> {
        let since = since.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default().as_millis();
        let since = i64::try_from(since).unwrap_or_default();
        let (pattern, mut next) = (format!("\"{text}\""), None);
        loop {
            let send = || {
                let request = self.aws.logs.filter_log_events().log_group_name(group).start_time(since);
                request.filter_pattern(&pattern).set_next_token(next.clone()).send()
            };
            let page = self.aws.read("logs:FilterLogEvents", send).await?;
            if page.events().iter().any(|it| it.message().is_some_and(|line| line.contains(text))) {
                return Ok(true);
            }
            // A page may be empty while there are more.
            next = page.next_token().map(ToOwned::to_owned);
            if next.is_none() {
                return Ok(false);
            }
        }
    }
}
