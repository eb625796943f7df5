//! The settings of a stage: to patches and back. Pure.
//!
//! Settings for all methods stand under `*/*`. API Gateway reads them back as a complete set, in which
//! a throttle that nobody set is −1 (dossier §6).

use super::Stage;
use crate::{
    diff::{Change, any_touches},
    kinds::rest_api::wire::replace,
};
use aws_sdk_apigateway::types::{MethodSetting, PatchOperation, Stage as AwsStage};
use serde::{Deserialize, Serialize};

/// How many requests all methods of a stage take, each.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Throttling {
    /// Requests a second.
    pub rate_limit: f64,
    /// Requests at once.
    pub burst_limit: i32,
}

/// Where a stage writes one line a request, and what.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct AccessLogs {
    /// The log group's ARN, without `:*` at its end.
    pub log_group_arn: String,
    /// One line with `$context.requestId` in it.
    pub format: String,
}

/// The settings that a new stage needs: CreateStage itself takes none of them (dossier §6).
pub(super) fn declared(stage: &Stage) -> Vec<PatchOperation> {
    operations(&Stage { description: None, ..stage.clone() }, |_| true)
}

/// The settings among `changes`.
pub(super) fn changed(stage: &Stage, changes: &[Change]) -> Vec<PatchOperation> {
    operations(stage, |field| any_touches(changes, &[field]))
}

fn operations(stage: &Stage, is_due: impl Fn(&str) -> bool) -> Vec<PatchOperation> {
    let Stage {
        name: _,
        deployment: _,
        deployment_id: _,
        description,
        throttling,
        metrics,
        logging_level,
        access_logs,
    } = stage;
    let mut operations = vec![];
    if let Some(text) = description.as_ref().filter(|_| is_due("description")) {
        operations.push(replace("/description", text));
    }
    if let Some(Throttling { rate_limit, burst_limit }) = throttling.as_ref().filter(|_| is_due("throttling"))
    {
        operations.push(replace("/*/*/throttling/rateLimit", rate_limit.to_string()));
        operations.push(replace("/*/*/throttling/burstLimit", burst_limit.to_string()));
    }
    if let Some(metrics) = metrics.filter(|_| is_due("metrics")) {
        operations.push(replace("/*/*/metrics/enabled", metrics.to_string()));
    }
    if let Some(level) = logging_level.as_ref().filter(|_| is_due("logging_level")) {
        operations.push(replace("/*/*/logging/loglevel", level));
    }
    if let Some(AccessLogs { log_group_arn, format }) = access_logs.as_ref().filter(|_| is_due("access_logs"))
    {
        operations.push(replace("/accessLogSettings/destinationArn", without_star(log_group_arn)));
        operations.push(replace("/accessLogSettings/format", format));
    }
    operations
}

/// AWS refuses the `:*` with which CloudWatch Logs ends some of its ARNs (dossier §6).
fn without_star(arn: &str) -> &str {
    arn.strip_suffix(":*").unwrap_or(arn)
}

/// The settings of a live stage; the rest of the spec is left empty.
pub(super) fn live(stage: &AwsStage) -> Stage {
    let all = stage.method_settings().and_then(|settings| settings.get("*/*"));
    let level = all.and_then(MethodSetting::logging_level).unwrap_or("OFF");
    Stage {
        throttling: all.and_then(throttling),
        metrics: Some(all.is_some_and(MethodSetting::metrics_enabled)),
        logging_level: Some(level.to_owned()),
        access_logs: access_logs(stage),
        ..Stage::default()
    }
}

fn throttling(all: &MethodSetting) -> Option<Throttling> {
    let (rate_limit, burst_limit) = (all.throttling_rate_limit(), all.throttling_burst_limit());
    (rate_limit >= 0.0 && burst_limit >= 0).then_some(Throttling { rate_limit, burst_limit })
}

fn access_logs(stage: &AwsStage) -> Option<AccessLogs> {
    let live = stage.access_log_settings()?;
    let arn = live.destination_arn().filter(|arn| !arn.is_empty())?;
    let format = live.format().unwrap_or_default().to_owned();
    Some(AccessLogs { log_group_arn: without_star(arn).to_owned(), format })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn setting(rate: f64, burst: i32) -> MethodSetting {
        let setting = MethodSetting::builder().throttling_rate_limit(rate).throttling_burst_limit(burst);
        setting.metrics_enabled(true).build()
    }

    fn stage() -> Stage {
        let format = "$context.requestId".to_owned();
        let log_group_arn = "arn:aws:logs:eu-west-1:123456789012:log-group:api".to_owned();
        Stage {
            description: Some("workshop".into()),
            throttling: Some(Throttling { rate_limit: 1000.0, burst_limit: 2000 }),
            access_logs: Some(AccessLogs { log_group_arn, format }),
            ..Default::default()
        }
    }

    fn pairs(operations: &[PatchOperation]) -> Vec<(&str, &str)> {
        operations.iter().map(|it| (it.path().unwrap_or(""), it.value().unwrap_or(""))).collect()
    }

    #[test]
    fn a_throttle_that_nobody_set_reads_as_none() {
        let with = |setting| live(&AwsStage::builder().method_settings("*/*", setting).build());
        assert_eq!(with(setting(-1.0, -1)).throttling, None);
        let set = Throttling { rate_limit: 1000.0, burst_limit: 2000 };
        assert_eq!(with(setting(1000.0, 2000)).throttling, Some(set));
    }

    #[test]
    fn a_stage_without_settings_reads_with_awss_defaults() {
        let live = live(&AwsStage::builder().stage_name("dev").build());
        assert_eq!((live.metrics, live.logging_level.as_deref()), (Some(false), Some("OFF")));
        assert_eq!((live.throttling, live.access_logs), (None, None));
    }

    #[test]
    fn a_new_stage_gets_every_declared_setting_but_the_description() {
        let operations = declared(&stage());
        assert_eq!(
            pairs(&operations),
            [
                ("/*/*/throttling/rateLimit", "1000"),
                ("/*/*/throttling/burstLimit", "2000"),
                ("/accessLogSettings/destinationArn", "arn:aws:logs:eu-west-1:123456789012:log-group:api"),
                ("/accessLogSettings/format", "$context.requestId"),
            ]
        );
    }

    #[test]
    fn only_changed_settings_are_patched() {
        let path = "throttling.rate_limit".to_owned();
        let change = Change { path, old: json!(1.0), new: json!(1000.0) };
        let operations = changed(&stage(), &[change]);
        let limits = [("/*/*/throttling/rateLimit", "1000"), ("/*/*/throttling/burstLimit", "2000")];
        assert_eq!(pairs(&operations), limits);
    }
}
