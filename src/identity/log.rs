//! The lines that a function wrote, as CloudWatch Logs has them.

use crate::{
    aws::{Aws, absent},
    error::Result,
};
use serde::Serialize;
use std::collections::BTreeSet;

/// One line.
#[derive(Clone, Debug, Serialize)]
pub struct Line {
    /// Milliseconds since 1970.
    pub time: i64,
    pub message: String,
    #[serde(skip)]
    id: String,
}

/// A function's log from some moment on, which can be asked for what is new.
pub struct Log<'a> {
    aws: &'a Aws,
    group: String,
    filter: Option<String>,
    from: i64,
    seen: BTreeSet<(i64, String)>,
}

/// How late a line may still come in: CloudWatch Logs takes them in out of order.
const LATE: i64 = 60_000;

impl<'a> Log<'a> {
    /// `from` is in milliseconds since 1970; `filter` a pattern of CloudWatch Logs.
    pub fn new(aws: &'a Aws, group: &str, filter: Option<&str>, from: i64) -> Self {
        let (group, filter) = (group.to_owned(), filter.map(ToOwned::to_owned));
        Self {
            aws,
            group,
            filter,
            from,
            seen: BTreeSet::new(),
        }
    }

    /// The lines that were not there when it was last asked, in order. No log group is no lines:
    /// a function without a first call may have none.
    pub async fn new_lines(&mut self) -> Result<Vec<Line>> {
        let mut lines: Vec<_> = self.all().await?;
        lines.retain(|line| self.seen.insert((line.time, line.id.clone())));
        lines.sort_by_key(|line| line.time);
        if let Some(last) = lines.last() {
            self.from = self.from.max(last.time - LATE);
            let from = self.from;
            self.seen.retain(|it| it.0 >= from);
        }
        Ok(lines)
    }

    async fn all(&self) -> Result<Vec<Line>> {
        let (mut lines, mut next) = (vec![], None);
        loop {
            let send = || {
                let request = self
                    .aws
                    .logs
                    .filter_log_events()
                    .log_group_name(&self.group);
                let request = request
                    .start_time(self.from)
                    .set_filter_pattern(self.filter.clone());
                request.set_next_token(next.clone()).send()
            };
            let Some(page) = absent(self.aws.read("logs:FilterLogEvents", send).await)? else {
                return Ok(vec![]);
            };
            lines.extend(page.events.unwrap_or_default().into_iter().map(|it| Line {
                time: it.timestamp.unwrap_or_default(),
                message: it.message.unwrap_or_default().trim_end().to_owned(),
                id: it.event_id.unwrap_or_default(),
            }));
            // A page may be empty while there are more.
            next = page.next_token;
            if next.is_none() {
                return Ok(lines);
            }
        }
    }
}
