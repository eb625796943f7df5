//! What answers a route that no function answers by itself. Pure.

use super::{Check, Findings, api::suggestion, below, functions::role::everything, is_open};
use crate::{
    spec::{
        integration::{AWS, Integration},
        preflight::ALLOW_ORIGIN,
        role::ROLES,
        route::{Route, is_for_browsers, is_uri, method_and_path},
    },
    stack::{source::Path, tables::Api},
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Where a service of AWS is called.
const OF_SERVICES: &str = ":apigateway:";

pub(super) fn check(found: &mut Findings<'_>, api: &Api<'_>) {
    for (key, role) in &api.roles {
        let place = api.path([ROLES, key]);
        let message = "whoever calls such a route may do everything in the account";
        everything(found, &place, role, message);
    }
    for (name, route) in &api.routes {
        let Some(integration) = &route.integration else {
            continue;
        };
        let place = api.path(["routes", name, "integration"]);
        goes_somewhere(found, api, &place, route, integration);
        without_use(found, &place, integration);
        if !integration.is_proxy() {
            answers(found, &place, integration);
            for_pages(found, api, &place, name, integration);
        }
        parameters(found, &place, name, integration);
        role(found, api, &place, integration);
    }
}

/// Each type goes to an address, to a service, to the route's function, or nowhere.
fn goes_somewhere(
    found: &mut Findings<'_>,
    api: &Api<'_>,
    place: &Path,
    route: &Route,
    it: &Integration,
) {
    let has_function = !route.function.is_empty();
    let kind = it.r#type.as_str();
    if has_function && (kind != AWS || it.uri.is_some()) {
        let message = match kind == AWS {
            true => "it goes to its uri, or to a function, and not to both".to_owned(),
            false => format!("an integration of type {kind} goes to no function"),
        };
        let of_route = &place[..place.len() - 1];
        let help = "remove function, or integration";
        found.error(below(&of_route.to_vec(), "function"), message, help);
        return;
    }
    let needs_uri = !it.is_mock() && !has_function;
    let Some(uri) = it.uri.as_deref().filter(|_| needs_uri) else {
        if needs_uri {
            let help = match kind == AWS {
                true => {
                    "add uri = \"arn:aws:apigateway:REGION:SERVICE:action/ACTION\", or name a function in the route"
                }
                false => "add uri = \"https://example.com/\", say",
            };
            found.error(place.clone(), "it goes nowhere: it has no uri", help);
        }
        return;
    };
    let is_to_service = uri.starts_with("arn:");
    if is_to_service != (kind == AWS) && !is_open(uri) {
        let help = match kind == AWS {
            true => "write arn:aws:apigateway:REGION:SERVICE:action/ACTION, or set type = \"HTTP\"",
            false => "write an address, https://HOST/PATH, or set type = \"AWS\"",
        };
        let message = format!("an integration of type {kind} cannot go there");
        found.error(below(place, "uri"), message, help);
    } else if is_to_service && !uri.contains(OF_SERVICES) && !is_open(uri) {
        let help = "write arn:aws:apigateway:REGION:SERVICE:action/ACTION, or …:path/PATH: what it does there";
        let message = "this names something in AWS, and not what is done with it";
        found.error(below(place, "uri"), message, help);
    } else if kind == AWS && it.credentials.is_none() && !is_uri(uri) {
        let help = format!(
            "add credentials = \"NAME\", with [{}.roles.NAME], or a role's ARN",
            api.address
        );
        found.error(
            place.clone(),
            "a service of AWS is called with a role",
            help,
        );
    }
    if uri.starts_with("http://") {
        let help = "write https:// unless the other end has no certificate";
        let message = "what callers send goes there unencrypted, tokens among it";
        found.warn(
            Check::UnencryptedIntegration,
            below(place, "uri"),
            message,
            help,
        );
    }
}

/// A role of the file by its name, or any by its ARN.
fn role(found: &mut Findings<'_>, api: &Api<'_>, place: &Path, integration: &Integration) {
    let Some(role) = &integration.credentials else {
        return;
    };
    if api.role(role).is_some() || role.starts_with("arn:") || is_open(role) {
        return;
    }
    let known: Vec<_> = api.roles.keys().cloned().collect();
    let at = &api.address;
    let otherwise = format!("declare [{at}.roles.NAME] and name it here, or write a role's ARN");
    let message = format!("there is no role `{role}` in [{at}.roles]");
    let help = suggestion(role, &known, &otherwise);
    found.error(below(place, "credentials"), message, help);
}

/// What its type has not is what its normal form leaves out.
fn without_use(found: &mut Findings<'_>, place: &Path, integration: &Integration) {
    let kept = json!(integration.clone().normal());
    let has = |tree: &Value, field: &str| !crate::diff::is_empty(&tree[field]);
    let kind = &integration.r#type;
    for (field, value) in json!(integration).as_object().into_iter().flatten() {
        let is_default = field == "passthrough_behavior";
        let is_useless = !crate::diff::is_empty(value) && !has(&kept, field) && !is_default;
        if is_useless {
            let message = format!("an integration of type {kind} has no {field}");
            found.error(below(place, field), message, format!("remove {field}"));
        }
    }
}

/// One answer is for each outcome, and one for all others.
fn answers(found: &mut Findings<'_>, place: &Path, integration: &Integration) {
    let at = below(place, "responses");
    if integration.responses.is_empty() {
        let help = "add responses = { \"200\" = {} }, with what is to be in it";
        let message = "every call would be a 500: there is no answer for what comes back";
        found.warn(Check::UnansweredOutcome, place.clone(), message, help);
        return;
    }
    let mut seen: BTreeMap<Option<&str>, &String> = BTreeMap::new();
    for (status, response) in &integration.responses {
        let pattern = response.selection_pattern.as_deref();
        match seen.insert(pattern, status) {
            None => {}
            Some(other) if pattern.is_none() => {
                let message = format!("{status} and {other} are both for everything else");
                let help = "remove it, or add selection_pattern = \"4..\", say";
                found.error(below(&at, status), message, help);
            }
            Some(other) => {
                let message = format!("{status} and {other} have the same selection_pattern");
                let help = "remove it, or write another selection_pattern";
                found.error(below(&at, status), message, help);
            }
        }
    }
    if !seen.contains_key(&None) {
        let message = "what matches no selection_pattern is answered with a 500";
        let help =
            "add a response without selection_pattern, unless they match all that can come back";
        found.warn(Check::UnansweredOutcome, at, message, help);
    }
}

/// A page reads no answer that does not say it may.
fn for_pages(
    found: &mut Findings<'_>,
    api: &Api<'_>,
    place: &Path,
    name: &str,
    integration: &Integration,
) {
    let Some(cors) = &api.cors else { return };
    if is_for_browsers(name) {
        return;
    }
    for (status, response) in &integration.responses {
        let mut headers = response.headers.iter().flatten().map(|it| it.0);
        if headers.any(|it| it.eq_ignore_ascii_case(ALLOW_ORIGIN)) {
            continue;
        }
        let origin = match cors.origins.len() {
            1 => cors.origins.first().map_or("*", String::as_str),
            _ => "*",
        };
        let message = format!("no page can read its {status}: it has no {ALLOW_ORIGIN}");
        let help =
            format!("add headers = {{ {ALLOW_ORIGIN} = \"'{origin}'\" }}, unless no page calls it");
        found.warn(
            Check::UnreadableResponse,
            below(&below(place, "responses"), status),
            message,
            help,
        );
    }
}

/// What stands in the path of the address, and what of a request it is.
fn parameters(found: &mut Findings<'_>, place: &Path, name: &str, integration: &Integration) {
    let path = method_and_path(name).map_or("", |it| it.1);
    let of_route = in_braces(path);
    for (target, source) in integration.request_parameters.iter().flatten() {
        let Some(parameter) = source.strip_prefix("method.request.path.") else {
            continue;
        };
        if !of_route.contains(&parameter) && !is_open(source) {
            let at = below(&below(place, "request_parameters"), target);
            let message = format!("{name} has no parameter {{{parameter}}}");
            let help = match of_route.first() {
                Some(first) => {
                    format!("write method.request.path.{first}, or another that is in the path")
                }
                None => format!("write {{{parameter}}} into the route's path, or remove it"),
            };
            found.warn(Check::UnfilledParameter, at, message, help);
        }
    }
    let uri = integration.uri.as_deref().unwrap_or_default();
    if is_open(uri) {
        return;
    }
    for parameter in in_braces(uri) {
        let target = format!("integration.request.path.{parameter}");
        let given = integration.request_parameters.iter().flatten();
        if given.into_iter().any(|it| *it.0 == target) {
            continue;
        }
        let message = format!("nothing is put in the place of {{{parameter}}}");
        let help = format!(
            "add request_parameters = {{ {target:?} = \"method.request.path.{parameter}\" }}"
        );
        found.warn(Check::UnfilledParameter, below(place, "uri"), message, help);
    }
}

/// The parameters in a path, without what says that they take the rest of it.
fn in_braces(path: &str) -> Vec<&str> {
    let parts = path.split('{').skip(1);
    let inner = parts.filter_map(|it| it.split_once('}'));
    inner.map(|it| it.0.trim_end_matches('+')).collect()
}
