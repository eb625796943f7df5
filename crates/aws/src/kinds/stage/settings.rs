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
    spec::{
        route::method_and_path,
        stage::{AccessLogs, Beyond, MethodSettings, OFF, Stage, Throttling},
    },
};
use aws_sdk_apigateway::types::{MethodSetting, PatchOperation, Stage as AwsStage};
use std::collections::BTreeMap;

patched_rows! { Throttling in MethodSetting:
    rate_limit = throttling_rate_limit @ "/*/*/throttling/rateLimit": same,
    burst_limit = throttling_burst_limit @ "/*/*/throttling/burstLimit": same,
}

fn beyond(stage: &AwsStage) -> Beyond {
    let settings = stage.method_settings();
    let all = settings.and_then(|settings| settings.get(ALL));
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
        canary,
        logs_bodies: all.is_some_and(MethodSetting::data_trace_enabled),
        cache: stage.cache_cluster_enabled(),
    }
}

/// The settings of single methods, by the names of their routes.
fn methods(stage: &AwsStage) -> BTreeMap<String, MethodSettings> {
    let all = stage.method_settings().into_iter().flatten();
    let single = all.filter(|(key, _)| *key != ALL);
    single
        .map(|(key, it)| (route(key), of_method(key, it)))
        .collect()
}

fn of_method(key: &str, it: &MethodSetting) -> MethodSettings {
    let more = [
        (it.data_trace_enabled(), "it logs bodies"),
        (it.caching_enabled(), "it answers from a cache"),
    ];
    let more: Vec<_> = more.iter().filter(|it| it.0).map(|it| it.1).collect();
    MethodSettings {
        throttling: throttling(it),
        metrics: Some(it.metrics_enabled()),
        logging_level: Some(it.logging_level().unwrap_or(OFF).to_owned()),
        more: Some(more.join(", ")).filter(|it| !it.is_empty()),
        key: Some(key.to_owned()).filter(|it| path_of(it) != method_path(&route(it))),
    }
}

/// `users~1{id}/GET` → `GET /users/{id}`: AWS gives the slashes of a path escaped or not (docs/aws.md §6).
fn route(key: &str) -> String {
    let (path, method) = key.rsplit_once('/').unwrap_or(("", key));
    let path = path.replace("~1", "/");
    format!("{method} /{}", path.trim_start_matches('/'))
}

/// Where the settings of a route's method stand in a patch: its path is one segment (docs/aws.md §6).
fn method_path(route: &str) -> String {
    let (method, path) = method_and_path(route).unwrap_or((route, "/"));
    let path = match path.trim_start_matches('/') {
        "" => "~1".to_owned(),
        path => path.replace('/', "~1"),
    };
    format!("/{path}/{method}")
}

/// Where settings stand that AWS has under a key.
fn path_of(key: &str) -> String {
    let (path, method) = key.rsplit_once('/').unwrap_or(("", key));
    format!("/{}/{method}", path.replace('/', "~1"))
}

type Methods = BTreeMap<String, MethodSettings>;

/// What makes the settings of single methods the declared ones. None of it can be taken away alone, so that what
/// differs is taken away and made anew.
fn of_methods(declared: &Methods, live: &Methods) -> Vec<PatchOperation> {
    let differs = |name: &&String| declared.get(*name) != live.get(*name);
    let gone = live.iter().filter(|(name, _)| differs(name));
    let gone = gone.map(|(name, it)| {
        let named = || method_path(name);
        remove(&it.key.as_deref().map_or_else(named, path_of))
    });
    let made = declared.iter().filter(|(name, _)| differs(name));
    let made = made.flat_map(|(name, it)| of_one(&method_path(name), it));
    gone.chain(made).collect()
}

/// A throttle that is none (docs/aws.md §6).
const NO_LIMIT: &str = "-1";

/// All that a method can be told, so that nothing of it is AWS's guess.
fn of_one(at: &str, it: &MethodSettings) -> Vec<PatchOperation> {
    let throttling = it.throttling.clone().unwrap_or_default();
    let limits = patch(&throttling, &throttling, |_| true).into_iter();
    let limits = limits.map(|limit| {
        let path = limit.path().unwrap_or_default().replacen("/*/*", at, 1);
        let value = limit.value().filter(|_| it.throttling.is_some());
        replace(&path, value.unwrap_or(NO_LIMIT))
    });
    let level = it.logging_level.as_deref().unwrap_or(OFF);
    let is_measured = it.metrics == Some(true);
    let others = [
        replace(&format!("{at}/metrics/enabled"), is_measured.to_string()),
        replace(&format!("{at}/logging/loglevel"), level),
    ];
    limits.chain(others).collect()
}

/// What takes those of `changes` back that are beyond stack.toml (docs/aws.md §6).
fn taken_back(changes: &[Change]) -> Vec<PatchOperation> {
    let operation =
        |change: &Change| match change.path.split_once('.').unwrap_or((&change.path, "")) {
            ("variables", name) => Some(remove(&format!("/variables/{name}"))),
            ("canary", _) => Some(remove("/canarySettings")),
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
    let methods = stage.methods.clone().unwrap_or_default();
    all.extend(of_methods(&methods, &Methods::new()));
    all
}

fn variable(name: &str, value: &str) -> PatchOperation {
    replace(&format!("/variables/{name}"), value)
}

/// The settings among `changes`.
pub(super) fn changed(stage: &Stage, live: &Stage, changes: &[Change]) -> Vec<PatchOperation> {
    let mut all = operations(stage, |field| any_touches(changes, &[field]));
    let set = changes.iter().filter_map(|it| {
        let name = it.path.strip_prefix("variables.")?;
        Some(variable(name, it.new.as_str()?))
    });
    all.extend(set);
    if any_touches(changes, &["methods"]) {
        let of = |it: &Stage| it.methods.clone().unwrap_or_default();
        all.extend(of_methods(&of(stage), &of(live)));
    }
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
        methods: _,
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
    let level = all.and_then(MethodSetting::logging_level).unwrap_or(OFF);
    Stage {
        throttling: all.and_then(throttling),
        metrics: Some(all.is_some_and(MethodSetting::metrics_enabled)),
        logging_level: Some(level.to_owned()),
        access_logs: access_logs(stage),
        methods: Some(methods(stage)),
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
        let operations = changed(&stage(), &stage(), &[change]);
        let limits = [
            ("/*/*/throttling/rateLimit", "1000"),
            ("/*/*/throttling/burstLimit", "2000"),
        ];
        assert_eq!(pairs(&operations), limits);
    }

    #[test]
    fn a_route_and_the_key_of_its_settings_become_each_other() {
        for (key, name, at) in [
            ("users/GET", "GET /users", "/users/GET"),
            ("users/{id}/GET", "GET /users/{id}", "/users~1{id}/GET"),
            ("a~1b/PUT", "PUT /a/b", "/a~1b/PUT"),
            ("~1users/GET", "GET /users", "/users/GET"),
            ("~1/GET", "GET /", "/~1/GET"),
        ] {
            assert_eq!(
                (route(key).as_str(), method_path(name).as_str()),
                (name, at)
            );
        }
    }

    #[test]
    fn only_the_settings_that_differ_are_taken_away_and_made() {
        let of = |level: &str| MethodSettings {
            logging_level: Some(level.to_owned()),
            ..MethodSettings::default()
        };
        let all = |methods: &[(&str, &str)]| -> Methods {
            let each = methods
                .iter()
                .map(|(name, level)| ((*name).to_owned(), of(level)));
            each.collect()
        };
        let declared = all(&[("GET /a", "ERROR"), ("GET /b", "INFO")]);
        let live = all(&[("GET /a", "ERROR"), ("GET /b", "OFF"), ("GET /c", "OFF")]);
        let operations = of_methods(&declared, &live);
        assert_eq!(
            pairs(&operations),
            [
                ("/b/GET", ""),
                ("/c/GET", ""),
                ("/b/GET/throttling/rateLimit", "-1"),
                ("/b/GET/throttling/burstLimit", "-1"),
                ("/b/GET/metrics/enabled", "false"),
                ("/b/GET/logging/loglevel", "INFO"),
            ]
        );
    }
}
