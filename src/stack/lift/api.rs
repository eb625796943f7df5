//! `[api]` from a live API, its authorizers, routes and stage. Pure.

use super::{Comments, Seen, key, keyed, seconds, spec, tags, text};
use crate::{
    error::Result,
    kind::Live,
    kinds::{
        authorizer::Authorizer,
        function::Function,
        route::{Integration, Route},
        stage::{AccessLogs, Stage},
        user_pool::UserPool,
    },
    stack::{
        lower::{ACCESS_LOG_FORMAT, Asked, split},
        tables::{
            AccessLogsTable, ApiTable, AuthorizerTable, CorsTable, Method, RouteTable, StageSettings,
            ThrottlingTable,
        },
    },
};
use std::collections::BTreeMap;

/// Where an authorizer finds the token: before the header's name.
const HEADER: &str = "method.request.header.";

pub(super) fn lift(seen: &Seen<'_>, api: &Live, comments: &mut Comments) -> Result<ApiTable> {
    let routes: Vec<_> =
        seen.within::<Route>(api).map(|it| Ok((key(it), spec(it)?))).collect::<Result<_>>()?;
    Ok(ApiTable {
        name: text(api, "name").unwrap_or_default(),
        description: text(api, "description"),
        endpoint: text(api, "endpoint"),
        cors: cors(&routes, &sources(seen, api)),
        stage: Some(stage(seen, api, comments)?),
        authorizers: keyed(seen.within::<Authorizer>(api), |it| Ok(authorizer(seen, spec(it)?)))?,
        routes: routes
            .iter()
            .filter_map(|(name, it)| Some((name.clone(), route(seen, api, name, it, comments)?)))
            .collect(),
        tags: tags(api),
    })
}

fn authorizer(seen: &Seen<'_>, live: Authorizer) -> AuthorizerTable {
    let Authorizer { name, r#type: _, provider_arns, identity_source, validation_expression, ttl } = live;
    let pool = seen.all::<UserPool>().find_map(|it| it.outputs["arn"].as_str());
    AuthorizerTable {
        name,
        user_pool_arns: provider_arns.into_iter().filter(|arn| pool != Some(arn)).collect(),
        token_source: identity_source.map(|it| it.strip_prefix(HEADER).unwrap_or(&it).to_owned()),
        validation_expression,
        ttl: ttl.and_then(|it| seconds(&it.into())),
    }
}

/// A route that a function of the file answers; another one stays what it is, undeclared.
fn route(
    seen: &Seen<'_>,
    api: &Live,
    name: &str,
    live: &Route,
    comments: &mut Comments,
) -> Option<RouteTable> {
    let Integration::AwsProxy { uri, timeout_ms, .. } = &live.integration else {
        if !matches!(live.integration, Integration::Preflight { .. }) {
            comments.add(
                ["api".into(), "routes".into()],
                format!("Not written, since no function of this file answers it: {name}"),
            );
        }
        return None;
    };
    let calls = |function: &&Live| {
        function.outputs["arn"].as_str().is_some_and(|arn| uri.contains(&format!("/{arn}/")))
    };
    let Some(function) = seen.all::<Function>().find(calls) else {
        comments.add(
            ["api".into(), "routes".into()],
            format!("Not written, since its function is not in this file: {name}"),
        );
        return None;
    };
    let is_it = |it: &&Live| it.outputs["id"].as_str() == live.authorizer_id.as_deref();
    let authorizer = match live.authorization.as_str() {
        "NONE" => "none".to_owned(),
        "COGNITO_USER_POOLS" => seen.within::<Authorizer>(api).find(is_it).map(key).unwrap_or_default(),
        other => other.to_owned(),
    };
    Some(RouteTable {
        function: key(function),
        authorizer,
        scopes: live.scopes.clone(),
        timeout: timeout_ms.filter(|it| it % 1000 == 0).and_then(|it| seconds(&(it / 1000).into())),
    })
}

/// What the preflights have in common. A path that differs is a difference in the plan.
fn cors(routes: &[(String, Route)], sources: &BTreeMap<String, String>) -> Option<CorsTable> {
    let preflights: Vec<_> = routes
        .iter()
        .filter_map(|(name, it)| match &it.integration {
            Integration::Preflight { allow_origins, allow_headers, allow_methods } => {
                Some((split(name)?.1, allow_origins, allow_headers, allow_methods))
            }
            _ => None,
        })
        .collect();
    let (_, origins, headers, methods) = preflights.first()?;
    let asked = |path: &str| asked(routes, sources, path);
    let are_usual = preflights.iter().all(|(path, _, headers, _)| **headers == asked(path).usual_headers());
    let is_usual = preflights.iter().all(|(path, _, _, methods)| **methods == asked(path).usual_methods());
    Some(CorsTable {
        origins: (*origins).clone(),
        headers: (!are_usual).then(|| (*headers).clone()),
        methods: (!is_usual).then(|| methods.iter().filter_map(|it| method(it)).collect()),
    })
}

/// What the pages that call a path's routes need.
fn asked<'a>(routes: &'a [(String, Route)], sources: &'a BTreeMap<String, String>, path: &str) -> Asked<'a> {
    let there =
        || routes.iter().filter_map(|(name, it)| Some((split(name)?, it))).filter(|it| it.0.1 == path);
    let sources = there().filter_map(|(_, it)| sources.get(it.authorizer_id.as_deref()?));
    Asked {
        methods: there().map(|((method, _), _)| method).collect(),
        token_headers: sources.map(|it| it.strip_prefix(HEADER).unwrap_or(it)).collect(),
    }
}

/// Where each authorizer looks for the token, by the authorizer's id.
fn sources(seen: &Seen<'_>, api: &Live) -> BTreeMap<String, String> {
    let live = seen.within::<Authorizer>(api);
    let text = |value: &serde_json::Value| value.as_str().map(ToOwned::to_owned);
    live.filter_map(|it| Some((text(&it.outputs["id"])?, text(&it.spec["identity_source"])?))).collect()
}

fn method(name: &str) -> Option<Method> {
    serde_json::from_value(name.into()).ok()
}

/// The stage of a new API, which has none.
const STAGE: &str = "dev";

fn stage(seen: &Seen<'_>, api: &Live, comments: &mut Comments) -> Result<StageSettings> {
    let live: Option<Stage> = seen.within::<Stage>(api).next().map(spec).transpose()?;
    let live = live.unwrap_or_else(|| {
        comments.add(["api".into(), "stage".into()], "It has no stage yet: apply makes this one.");
        Stage { name: STAGE.to_owned(), ..Stage::default() }
    });
    let Stage {
        name,
        description,
        throttling,
        metrics,
        logging_level,
        access_logs,
        deployment: _,
        deployment_id: _,
        beyond: _,
    } = live;
    let log_group = seen.at(&api.address.join("access_log_group"));
    Ok(StageSettings {
        name,
        description,
        throttling: throttling
            .map(|it| ThrottlingTable { rate_limit: it.rate_limit, burst_limit: it.burst_limit }),
        metrics,
        logging_level,
        access_logs: access_logs.zip(log_group).map(|(AccessLogs { format, .. }, log_group)| {
            AccessLogsTable {
                format: (format != ACCESS_LOG_FORMAT).then_some(format),
                retention_days: log_group.spec["retention_days"]
                    .as_u64()
                    .and_then(|it| u32::try_from(it).ok()),
            }
        }),
    })
}
