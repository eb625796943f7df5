//! `[api]` and `[apis.NAME]`: each from a live API, its authorizers, routes and stage. Pure.

use super::{Comments, ImportOptions, Seen, key, roles, spec, tags, text};
use crate::{
    diff::is_empty,
    error::Result,
    owner::Owner,
    plan::at_path,
    spec::{
        Live, Spec,
        authorizer::Authorizer,
        gateway_response::{GatewayResponse, is_default},
        integration::{Integration, without_query},
        request_validator::RequestValidator,
        rest_api::RestApi,
        route::{self, COGNITO, CUSTOM, IAM, NOBODY, Route, is_callable, method_and_path},
        stage::{AccessLogs, Beyond, MethodSettings, Stage},
        user_pool::UserPool,
    },
    stack::{
        lower::{ACCESS_LOG_FORMAT, Asked, EXPOSE_HEADERS, headers_of_errors},
        parts::Parts,
        tables::{ApiTable, CorsTable, Method},
    },
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

pub(super) fn lift(
    seen: &Seen<'_>,
    api: &Live,
    wishes: &ImportOptions,
    comments: &mut Comments,
) -> Result<ApiTable> {
    let routes: Vec<_> = seen
        .within::<Route>(api)
        .map(|it| Ok((key(it), spec(it)?)))
        .collect::<Result<_>>()?;
    let is_existing = wishes.existing.contains_key(&api.address);
    let mut table = ApiTable {
        settings: RestApi {
            url_disabled: None,
            tags: tags(api),
            ..spec(api)?
        },
        cors: cors(&routes, &sources(seen, api), exposed(seen, api)),
        stage: stage(seen, api, wishes, comments)?,
        // Those of an API that stays its owner's stay too.
        authorizers: if is_existing {
            BTreeMap::new()
        } else {
            authorizers(seen, api, comments)?
        },
        routes: self::routes(seen, api, &routes, wishes, comments),
        roles: roles::lift(seen, api)?,
        // So do those that requests have to be like.
        parts: Parts::gathered(|kind| {
            let parts = seen.of_kind(kind.name, api).filter(|_| !is_existing);
            parts.map(|it| (key(it), Value::clone(&it.spec))).collect()
        }),
        gateway_responses: BTreeMap::new(),
    };
    if !is_existing {
        table.gateway_responses = gateway_responses(seen, api, &table)?;
    }
    Ok(table)
}

/// What API Gateway answers itself, beyond what pages need.
fn gateway_responses(
    seen: &Seen<'_>,
    api: &Live,
    table: &ApiTable,
) -> Result<BTreeMap<String, GatewayResponse>> {
    let usual = headers_of_errors(table);
    let mut written = BTreeMap::new();
    for live in seen.within::<GatewayResponse>(api) {
        let mut response: GatewayResponse = spec(live)?;
        response
            .headers
            .retain(|name, source| usual.get(name) != Some(source));
        let is_along = table.cors.is_some() && is_default(&key(live));
        if response.says_something() || !is_along {
            written.insert(key(live), response);
        }
    }
    Ok(written)
}

/// Those that look at tokens of user pools: of the file's own, where it has one.
fn authorizers(
    seen: &Seen<'_>,
    api: &Live,
    comments: &mut Comments,
) -> Result<BTreeMap<String, Authorizer>> {
    let pool = seen
        .all::<UserPool>()
        .find_map(|it| it.outputs["arn"].as_str());
    let mut written = BTreeMap::new();
    for live in seen.within::<Authorizer>(api) {
        let authorizer: Authorizer = spec(live)?;
        let why = if authorizer.r#type.is_some() {
            let function = authorizer.function.as_deref();
            let is_known = function.is_some_and(is_callable);
            (!is_known).then(|| "no function of Lambda decides".to_owned())
        } else if pool.is_some_and(|pool| !authorizer.user_pool_arns.contains(pool)) {
            Some(
                "it does not take the tokens of this file's user pool, as every authorizer of a file does"
                    .into(),
            )
        } else {
            None
        };
        match why {
            Some(why) => comments.add(
                api.address.join("authorizers").segments().to_vec(),
                format!(
                    "Not written: the authorizer {:?}, since {why}.",
                    authorizer.name
                ),
            ),
            None => drop(written.insert(key(live), authorizer_table(seen, authorizer, pool))),
        }
    }
    Ok(written)
}

fn authorizer_table(seen: &Seen<'_>, live: Authorizer, pool: Option<&str>) -> Authorizer {
    let function = live.function.map(|it| seen.named(it));
    let user_pool_arns = live
        .user_pool_arns
        .into_iter()
        .filter(|arn| pool != Some(arn))
        .collect();
    Authorizer {
        function,
        user_pool_arns,
        ..live
    }
}

/// The routes that a function of the file answers; any other stays what it is, undeclared.
fn routes(
    seen: &Seen<'_>,
    api: &Live,
    all: &[(String, Route)],
    wishes: &ImportOptions,
    comments: &mut Comments,
) -> BTreeMap<String, Route> {
    let mut written = BTreeMap::new();
    let (is_adopted, is_existing) = (
        api.owner == Owner::Nobody,
        wishes.existing.contains_key(&api.address),
    );
    for (name, live) in all.iter().filter(|(_, it)| it.preflight.is_none()) {
        // What wsctl owns it would take all that from.
        let beyond = if is_adopted && !is_existing {
            beyond(seen, api, name)
        } else {
            vec![]
        };
        let route = match beyond.as_slice() {
            [] if is_existing && live.integration.is_some() => {
                Err(format!("no function answers it ({})", live.function))
            }
            [] if is_existing => route(seen, api, name, live, wishes),
            [] => {
                route(seen, api, name, live, wishes).and_then(|it| with_checks(seen, api, it, live))
            }
            more => Err(format!("a file cannot say its {}", more.join(", "))),
        };
        match route {
            Ok(route) => drop(written.insert(name.clone(), route)),
            Err(why) => {
                let text = format!("Not written, since {why}: {name}");
                comments.add(api.address.join("routes").segments().to_vec(), text);
            }
        }
    }
    written
}

/// The fields with what is asked of a request before its function sees it, and with what else answers.
const SAID: [&str; 5] = [
    "integration",
    "api_key_required",
    "request_validator",
    "request_models",
    "request_parameters",
];

/// With what is asked of a request before the function sees it.
fn with_checks(seen: &Seen<'_>, api: &Live, written: Route, live: &Route) -> Result<Route, String> {
    let validator = |id: &String| {
        let mut all = seen.within::<RequestValidator>(api);
        let it = all.find(|it| it.outputs["id"] == **id).map(key);
        it.ok_or_else(|| "its request validator is not there".to_owned())
    };
    let request_validator = live.request_validator.as_ref().map(validator).transpose()?;
    Ok(Route {
        api_key_required: live.api_key_required.filter(|it| *it),
        request_validator,
        request_models: live.request_models.clone().filter(|it| !it.is_empty()),
        request_parameters: live.request_parameters.clone().filter(|it| !it.is_empty()),
        ..written
    })
}

/// What a route has that no file can say.
fn beyond(seen: &Seen<'_>, api: &Live, name: &str) -> Vec<&'static str> {
    let spec = seen
        .within::<Route>(api)
        .find(|it| key(it) == name)
        .map(|it| &it.spec);
    let is_set = |field: &&&str| {
        let value = spec.and_then(|spec| at_path(spec, field));
        value.is_some_and(|value| !is_empty(value) && *value != false)
    };
    let unsaid = Route::TRAITS.beyond.iter().filter(|it| !SAID.contains(it));
    unsaid.filter(is_set).copied().collect()
}

/// A function of the file, by its name, or what else a file can say.
fn answered_by(
    seen: &Seen<'_>,
    api: &Live,
    name: &str,
    live: &Route,
    wishes: &ImportOptions,
) -> Result<(String, Option<Integration>), String> {
    let (answer, region) = (live.function.as_str(), &seen.stack.region);
    if let Some(integration) = &live.integration {
        let uri = integration.uri.as_deref().unwrap_or_default();
        if without_query(uri) != uri {
            return Err(format!("its address may have a secret in it ({answer})"));
        }
        if integration.sends_texts() && !wishes.environment {
            return Err(format!(
                "a text that it sends along may be a secret (import --environment): {answer}"
            ));
        }
        let called = route::function_at(uri, region);
        let function = seen.function(&called).map(key);
        let method = method_and_path(name).map_or("", |it| it.0);
        let written = integration.clone().written(method, function.is_some());
        let credentials = written.credentials.map(|it| roles::named(seen, api, it));
        let written = Integration {
            credentials,
            ..written
        };
        return Ok((function.unwrap_or_default(), Some(written)));
    }
    match seen.function(answer) {
        Some(function) => Ok((key(function), None)),
        None => Err(match answer {
            "" => "nothing answers it".into(),
            _ if is_callable(answer) => format!("its function is not in this file ({answer})"),
            _ => format!("no function of this file answers it ({answer})"),
        }),
    }
}

fn route(
    seen: &Seen<'_>,
    api: &Live,
    name: &str,
    live: &Route,
    wishes: &ImportOptions,
) -> Result<Route, String> {
    let (function, integration) = answered_by(seen, api, name, live, wishes)?;
    let authorizer = match live.authorization() {
        _ if [NOBODY, IAM].contains(&live.authorizer.as_str()) => live.authorizer.clone(),
        (COGNITO | CUSTOM, Some(id)) => match seen
            .within::<Authorizer>(api)
            .find(|it| it.outputs["id"] == *id)
        {
            Some(authorizer) => key(authorizer),
            None => return Err("its authorizer is not there".into()),
        },
        (other, _) => {
            return Err(format!(
                "its authorization is {other}, which a file cannot say"
            ));
        }
    };
    Ok(Route {
        function,
        integration,
        authorizer,
        scopes: live.scopes.clone(),
        timeout: live.timeout.filter(|it| it.is_in_whole_seconds()),
        ..Route::default()
    })
}

/// What the preflights have in common. A path that differs is a difference in the plan.
fn cors(
    routes: &[(String, Route)],
    sources: &BTreeMap<String, Vec<String>>,
    exposed_headers: Option<BTreeSet<String>>,
) -> Option<CorsTable> {
    let preflights: Vec<_> = routes
        .iter()
        .filter_map(|(name, it)| Some((method_and_path(name)?.1, it.preflight.as_ref()?)))
        .collect();
    let (_, first) = preflights.first()?;
    let asked = |path: &str| asked(routes, sources, path);
    let are_usual = preflights
        .iter()
        .all(|(path, it)| it.allow_headers == asked(path).usual_headers());
    let is_usual = preflights
        .iter()
        .all(|(path, it)| it.allow_methods == asked(path).usual_methods());
    let methods = || first.allow_methods.iter().filter_map(|it| method(it));
    Some(CorsTable {
        origins: first.allow_origins.clone(),
        headers: (!are_usual).then(|| first.allow_headers.clone()),
        methods: (!is_usual).then(|| methods().collect()),
        credentials: first.allow_credentials.then_some(true),
        max_age: first.max_age,
        exposed_headers,
    })
}

/// The headers that pages may read of an error.
fn exposed(seen: &Seen<'_>, api: &Live) -> Option<BTreeSet<String>> {
    let mut responses = seen.within::<GatewayResponse>(api);
    let listed = responses.find_map(|it| {
        spec::<GatewayResponse>(it)
            .ok()?
            .headers
            .remove(EXPOSE_HEADERS)
    })?;
    let names = listed.trim_matches('\'').split(',');
    let names = names.map(|it| it.trim().to_owned());
    Some(names.filter(|it| !it.is_empty()).collect())
}

/// What the pages that call a path's routes need.
fn asked<'a>(
    routes: &'a [(String, Route)],
    sources: &'a BTreeMap<String, Vec<String>>,
    path: &str,
) -> Asked<'a> {
    let there = || {
        routes
            .iter()
            .filter_map(|(name, it)| Some((method_and_path(name)?, it)))
            .filter(|it| it.0.1 == path)
    };
    let by = |route: &Route| route.authorization().1.and_then(|id| sources.get(id));
    let sources = there().filter_map(|(_, it)| by(it)).flatten();
    Asked {
        methods: there().map(|((method, _), _)| method).collect(),
        token_headers: sources.map(String::as_str).collect(),
    }
}

/// The headers at which each authorizer looks, by the authorizer's id.
fn sources(seen: &Seen<'_>, api: &Live) -> BTreeMap<String, Vec<String>> {
    let live = seen.within::<Authorizer>(api);
    let source = |it: &Live| {
        let authorizer: Authorizer = spec(it).ok()?;
        let id = it.outputs["id"].as_str()?;
        let headers = authorizer.headers().into_iter().map(ToOwned::to_owned);
        Some((id.to_owned(), headers.collect()))
    };
    live.filter_map(source).collect()
}

fn method(name: &str) -> Option<Method> {
    serde_json::from_value(name.into()).ok()
}

/// The stage of a new API, which has none.
const STAGE: &str = "dev";

/// The stage that the file is about: one that wsctl has deployed to, otherwise the first by name.
fn stage(
    seen: &Seen<'_>,
    api: &Live,
    wishes: &ImportOptions,
    comments: &mut Comments,
) -> Result<Option<Stage>> {
    let is_existing = wishes.existing.contains_key(&api.address);
    let mut all: Vec<_> = seen.within::<Stage>(api).collect();
    all.sort_by_key(|it| {
        (
            it.spec["deployment"]
                .as_str()
                .unwrap_or_default()
                .is_empty(),
            text(it, "name"),
        )
    });
    let place = api.address.join("stage").segments().to_vec();
    let Some((first, others)) = all.split_first() else {
        if is_existing {
            comments.add(
                place,
                "It has no stage yet, so that no route can be deployed.",
            );
            return Ok(None);
        }
        comments.add(place, "It has no stage yet: apply makes this one.");
        return Ok(Some(settings(
            Stage {
                name: STAGE.to_owned(),
                ..Stage::default()
            },
            None,
        )));
    };
    if !others.is_empty() {
        let names: Vec<_> = others.iter().filter_map(|it| text(it, "name")).collect();
        comments.add(
            place.clone(),
            format!(
                "Not written, since a file has one stage: {}",
                names.join(", ")
            ),
        );
    }
    let live: Stage = spec(first)?;
    let log_group = seen.at(&api.address.join("access_log_group"));
    if let (Some(logs), None) = (&live.access_logs, log_group) {
        let text = format!(
            "Not managed: it writes access logs to a log group of its own, {}",
            logs.log_group_arn.as_deref().unwrap_or_default()
        );
        comments.add(place.clone(), text);
    }
    let variables = variables(&live, wishes, is_existing, place, comments);
    let written = settings(live, log_group);
    Ok(Some(Stage {
        variables,
        ..written
    }))
}

/// The stage's variables, in which people keep passwords.
fn variables(
    live: &Stage,
    wishes: &ImportOptions,
    is_existing: bool,
    place: Vec<String>,
    comments: &mut Comments,
) -> Option<BTreeMap<String, String>> {
    let all = live.variables.clone().filter(|it| !it.is_empty())?;
    if wishes.environment && !is_existing {
        return Some(all);
    }
    if !is_existing {
        let names: Vec<_> = all.keys().map(String::as_str).collect();
        let text = format!(
            "Not written, since values may be secrets (import --environment): the variables {}. Apply takes them away.",
            names.join(", ")
        );
        comments.add(place, text);
    }
    None
}

fn settings(live: Stage, log_group: Option<&Live>) -> Stage {
    let access_logs = live
        .access_logs
        .zip(log_group)
        .map(|(logs, log_group)| AccessLogs {
            log_group_arn: None,
            format: logs.format.filter(|it| it != ACCESS_LOG_FORMAT),
            retention_days: log_group.spec["retention_days"]
                .as_u64()
                .and_then(|it| u32::try_from(it).ok()),
        });
    // What a file cannot say of a method is a difference in the plan.
    let sayable = |it: MethodSettings| MethodSettings {
        more: None,
        key: None,
        ..it
    };
    let methods = live.methods.map(|it| {
        it.into_iter()
            .map(|(name, it)| (name, sayable(it)))
            .collect()
    });
    Stage {
        access_logs,
        methods,
        deployment: String::new(),
        deployment_id: None,
        beyond: Beyond::default(),
        ..live
    }
}
