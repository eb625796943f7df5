//! What the functions wrote.

use super::{
    checks::SUB_LOGGED,
    report::{CheckOutcome, failed, look},
    run::Verify,
};
use crate::identity::Log;
use std::time::{Duration, Instant, SystemTime};

/// CloudWatch takes seconds to show a line.
const PATIENCE: Duration = Duration::from_secs(40);
const PAUSE: Duration = Duration::from_millis(500);

impl Verify<'_> {
    /// Whether this function logged the caller's `sub` since then.
    pub(super) async fn logged(&self, key: &str, sub: &str, since: SystemTime) -> CheckOutcome {
        let name = &self.file.functions[key].settings.name;
        let since = since
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap_or_default()
            .as_millis();
        let since = i64::try_from(since).unwrap_or_default();
        let (group, pattern) = (format!("/aws/lambda/{name}"), format!("\"{sub}\""));
        look(
            &SUB_LOGGED,
            format!("function {name} logged the caller's sub"),
            async {
                let mut log = Log::new(self.aws, &group, Some(&pattern), since);
                let started = Instant::now();
                while !log
                    .new_lines()
                    .await?
                    .iter()
                    .any(|line| line.message.contains(sub))
                {
                    if started.elapsed() > PATIENCE || self.is_stopped() {
                        return failed(format!(
                            "not in {group} after {} s",
                            started.elapsed().as_secs()
                        ));
                    }
                    tokio::time::sleep(PAUSE).await;
                }
                Ok(format!("found in {group}"))
            },
        )
        .await
    }
}
