//! The settings of a stage: to patches and back. Pure.
//!
//! Settings for all methods stand under `*/*`. API Gateway reads them back as a complete set, in which
//! a throttle that nobody set is the account's own, and −1 only where somebody wrote that
//! (docs/aws.md §6).

use crate::{
    diff::{Change, any_touches},
    kinds::{
        rest_api::wire::{remove, replace},
        rows::{patched_rows, same},
    },
    spec::stage::{AccessLogs, Beyond, Stage, Throttling},
};
use aws_sdk_apigateway::types::{MethodSetting, Op, PatchOperation, Stage as AwsStage};

patched_rows! { Throttling in MethodSetting:
    rate_limit = throttling_rate_limit @ "/*/*/throttling/rateLimit": same,
    burst_limit = throttling_burst_limit @ "/*/*/throttling/burstLimit": same,
}

fn beyond(stage: &AwsStage) -> Beyond {
    let settings = || stage.method_settings().into_iter().flatten();
    let all = settings().find(|(key, _)| *key == ALL).map(|(_, it)| it);
    let single = settings().filter(|(key, _)| *key != ALL);
    // A block without anything in it is none.
    let canary = stage
        .canary_settings()
        .filter(|it| it.percent_traffic() > 0.0 || it.deployment_id().is_some());
    let canary = canary.map(|it| {
        format!(
            "{} % from deployment {}",
            it.percent_traffic(),
            it.deployment_id().unwrap_or_default()
        )
    });
    Beyond {
        method_settings: single.map(|(key, it)| (key.clone(), told(it))).collect(),
        canary,
        logs_bodies: all.is_some_and(MethodSetting::data_trace_enabled),
        cache: stage.cache_cluster_enabled(),
    }
}

/// One method's settings in a line.
fn told(it: &MethodSetting) -> String {
    let (rate, burst) = (it.throttling_rate_limit(), it.throttling_burst_limit());
    let mut parts = vec![format!("{rate} requests a second, {burst} at once")];
    parts.extend(it.logging_level().map(|level| format!("logs {level}")));
    let flags = [
        (it.data_trace_enabled(), "logs bodies"),
        (it.caching_enabled(), "answers from a cache"),
        (it.metrics_enabled(), "metrics"),
    ];
    parts.extend(
        flags
            .into_iter()
            .filter(|(is_on, _)| *is_on)
            .map(|(_, what)| what.to_owned()),
    );
    parts.join(", ")
}

/// What takes those of `changes` back that are beyond stack.toml (docs/aws.md §6).
fn taken_back(changes: &[Change]) -> Vec<PatchOperation> {
    let remove = |path: String| PatchOperation::builder().op(Op::Remove).path(path).build();
    let operation =
        |change: &Change| match change.path.split_once('.').unwrap_or((&change.path, "")) {
            ("method_settings", key) => Some(remove(method_path(key))),
            ("variables", name) => Some(remove(format!("/variables/{name}"))),
            ("canary", _) => Some(remove("/canarySettings".to_owned())),
            ("logs_bodies", _) => Some(replace("/*/*/logging/dataTrace", "false")),
            ("cache", _) => Some(replace("/cacheClusterEnabled", "false")),
            _ => None,
        };
    changes
        .iter()
        .filter(|it| it.new.is_null())
        .filter_map(operation)
        .collect()
}

/// Where one method's settings stand in a patch: its path is one segment, so that the slashes in it
/// are escaped (docs/aws.md §6); AWS gives the key with them escaped or not.
fn method_path(key: &str) -> String {
    let (path, method) = key.rsplit_once('/').unwrap_or(("", key));
    format!("/{}/{method}", path.replace('/', "~1"))
}

/// The key of what holds for all methods.
const ALL: &str = "*/*";

/// The settings that a new stage needs: CreateStage itself takes none of them (docs/aws.md §6).
pub(super) fn declared(stage: &Stage) -> Vec<PatchOperation> {
    let is_declared = |field: &str| field != "access_logs" || stage.access_logs.is_some();
    let mut all = operations(
        &Stage {
            description: None,
            ..stage.clone()
        },
        is_declared,
    );
    let variables = stage.variables.iter().flatten();
    all.extend(variables.map(|(name, value)| variable(name, value)));
    all
}

fn variable(name: &str, value: &str) -> PatchOperation {
    replace(&format!("/variables/{name}"), value)
}

/// The settings among `changes`.
pub(super) fn changed(stage: &Stage, changes: &[Change]) -> Vec<PatchOperation> {
    let mut all = operations(stage, |field| any_touches(changes, &[field]));
    let set = changes.iter().filter_map(|it| {
        let name = it.path.strip_prefix("variables.")?;
        Some(variable(name, it.new.as_str()?))
    });
    all.extend(set);
    all.extend(taken_back(changes));
    all
}

fn operations(stage: &Stage, is_due: impl Fn(&str) -> bool) -> Vec<PatchOperation> {
    let Stage {
        name: _,
        deployment: _,
        deployment_id: _,
        beyond: _,
        sets_logging_role: _,
        variables: _,
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
    if let Some(throttling) = throttling.as_ref().filter(|_| is_due("throttling")) {
        operations.extend(patch(throttling, throttling, |_| true));
    }
    if let Some(metrics) = metrics.filter(|_| is_due("metrics")) {
        operations.push(replace("/*/*/metrics/enabled", metrics.to_string()));
    }
    if let Some(level) = logging_level.as_ref().filter(|_| is_due("logging_level")) {
        operations.push(replace("/*/*/logging/loglevel", level));
    }
    match access_logs {
        Some(AccessLogs {
            log_group_arn,
            format,
            retention_days: _,
        }) if is_due("access_logs") => {
            let arn = log_group_arn.as_deref().unwrap_or_default();
            operations.push(replace(
                "/accessLogSettings/destinationArn",
                without_star(arn),
            ));
            operations.push(replace(
                "/accessLogSettings/format",
                format.as_deref().unwrap_or_default(),
            ));
        }
        None if is_due("access_logs") => operations.push(remove("/accessLogSettings")),
        _ => {}
    }
    operations
}

/// AWS refuses the `:*` with which CloudWatch Logs ends some of its ARNs (docs/aws.md §6).
fn without_star(arn: &str) -> &str {
    arn.strip_suffix(":*").unwrap_or(arn)
}

/// The settings of a live stage; the rest of the spec is left empty.
pub(super) fn live(stage: &AwsStage) -> Stage {
    let all = stage
        .method_settings()
        .and_then(|settings| settings.get(ALL));
    let level = all.and_then(MethodSetting::logging_level).unwrap_or("OFF");
    Stage {
        throttling: all.and_then(throttling),
        metrics: Some(all.is_some_and(MethodSetting::metrics_enabled)),
        logging_level: Some(level.to_owned()),
        access_logs: access_logs(stage),
        variables: Some(stage.variables().cloned().into_iter().flatten().collect()),
        beyond: beyond(stage),
        ..Stage::default()
    }
}

fn throttling(all: &MethodSetting) -> Option<Throttling> {
    Some(read(all)).filter(|it| it.rate_limit >= 0.0 && it.burst_limit >= 0)
}

fn access_logs(stage: &AwsStage) -> Option<AccessLogs> {
    let live = stage.access_log_settings()?;
    let arn = live.destination_arn().filter(|arn| !arn.is_empty())?;
    let format = live.format().map(ToOwned::to_owned);
    Some(AccessLogs {
        log_group_arn: Some(without_star(arn).to_owned()),
        format,
        retention_days: None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn setting(rate: f64, burst: i32) -> MethodSetting {
        let setting = MethodSetting::builder()
            .throttling_rate_limit(rate)
            .throttling_burst_limit(burst);
        setting.metrics_enabled(true).build()
    }

    fn stage() -> Stage {
        let format = "$context.requestId".to_owned();
        let log_group_arn = "arn:aws:logs:eu-west-1:123456789012:log-group:api".to_owned();
        Stage {
            description: Some("workshop".into()),
            throttling: Some(Throttling {
                rate_limit: 1000.0,
                burst_limit: 2000,
            }),
            access_logs: Some(AccessLogs {
                log_group_arn: Some(log_group_arn),
                format: Some(format),
                retention_days: None,
            }),
            ..Default::default()
        }
    }

    fn pairs(operations: &[PatchOperation]) -> Vec<(&str, &str)> {
        operations
            .iter()
            .map(|it| (it.path().unwrap_or(""), it.value().unwrap_or("")))
            .collect()
    }

    #[test]
    fn a_throttle_that_was_switched_off_reads_as_none() {
        let with = |setting| live(&AwsStage::builder().method_settings("*/*", setting).build());
        assert_eq!(with(setting(-1.0, -1)).throttling, None);
        let set = Throttling {
            rate_limit: 1000.0,
            burst_limit: 2000,
        };
        assert_eq!(with(setting(1000.0, 2000)).throttling, Some(set));
    }

    #[test]
    fn a_stage_without_settings_reads_with_awss_defaults() {
        let live = live(&AwsStage::builder().stage_name("dev").build());
        assert_eq!(
            (live.metrics, live.logging_level.as_deref()),
            (Some(false), Some("OFF"))
        );
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
                (
                    "/accessLogSettings/destinationArn",
                    "arn:aws:logs:eu-west-1:123456789012:log-group:api"
                ),
                ("/accessLogSettings/format", "$context.requestId"),
            ]
        );
    }

    #[test]
    fn only_changed_settings_are_patched() {
        let path = "throttling.rate_limit".to_owned();
        let change = Change {
            path,
            old: json!(1.0),
            new: json!(1000.0),
        };
        let operations = changed(&stage(), &[change]);
        let limits = [
            ("/*/*/throttling/rateLimit", "1000"),
            ("/*/*/throttling/burstLimit", "2000"),
        ];
        assert_eq!(pairs(&operations), limits);
    }
}
