//! What of a request is checked before a function sees it: models, validators, and routes that name them.
//! Pure.

use super::{Check, Findings, api::suggestion, below, is_open};
use crate::{
    spec::{
        Spec, from_tree,
        model::{Model, OF_AWS, others_in},
        request_validator::RequestValidator,
        route::{self, Route, is_for_browsers},
    },
    stack::{source::Path, tables::Api},
};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// A body of any media type that has no model of its own.
const ANY_OTHER: &str = "$default";

pub(super) fn check(found: &mut Findings<'_>, api: &Api<'_>) {
    for (name, model) in api.parts.of(&Model::TRAITS) {
        let place = api.path([Model::TRAITS.table, name]);
        if OF_AWS.contains(&name.as_str()) {
            let message = format!("`{name}` is a model of AWS's own");
            found.name(place.clone(), message, "choose another name for the table");
        }
        schema(found, &place, model);
    }
    circle(found, api);
    for (name, route) in &api.routes {
        self::route(found, api, name, route);
    }
}

/// AWS takes a model only after those that it names.
fn circle(found: &mut Findings<'_>, api: &Api<'_>) {
    let models: BTreeMap<_, _> = api.parts.of(&Model::TRAITS).collect();
    let others = |name: &String| {
        models
            .get(name)
            .map_or(vec![], |it| others_in(&it["schema"]))
    };
    let leads_back = |start: &&&String| {
        let (mut open, mut seen) = (others(start), BTreeSet::new());
        while let Some(next) = open.pop() {
            if next == ***start {
                return true;
            }
            if seen.insert(next.clone()) {
                open.extend(others(&next));
            }
        }
        false
    };
    if let Some(name) = models.keys().find(leads_back) {
        let place = api.path([Model::TRAITS.table, name, "schema"]);
        let message = format!("the model `{name}` names itself, or one that names it");
        let help = "write what is in a circle into one schema, under \"definitions\"";
        found.error(place, message, help);
    }
}

/// What to write in the place of what is no schema.
const SCHEMA: &str = "write '{ \"type\": \"object\" }', with what it is to have";

fn schema(found: &mut Findings<'_>, place: &Path, model: &Value) {
    let text = model["schema"].as_str();
    let (at, schema) = match (text, model["schema_file"].as_str()) {
        (Some(_), Some(_)) => {
            let message = "its schema is there twice";
            found.error(
                below(place, "schema_file"),
                message,
                "remove schema_file, or schema",
            );
            return;
        }
        // A file that cannot be read was told of.
        (None, Some(_)) => return,
        (None, None) => {
            let help = "name a file beside this one: schema_file = \"model.json\"";
            found.error(place.clone(), "a model needs a schema", help);
            return;
        }
        (Some(schema), None) => (below(place, "schema"), schema),
    };
    if is_open(schema) {
        return;
    }
    match serde_json::from_str::<Value>(schema) {
        Ok(Value::Object(_)) => {}
        Ok(_) => {
            found.error(at, "a schema is an object in JSON", SCHEMA);
        }
        Err(error) => found.error(at, format!("the schema is no JSON: {error}"), SCHEMA),
    }
}

fn route(found: &mut Findings<'_>, api: &Api<'_>, name: &str, route: &Route) {
    let place = api.path(["routes", name]);
    if route.api_key_required == Some(true) && is_for_browsers(name) {
        let help = format!(
            "browsers send preflights without one: remove it, or leave OPTIONS to [{}.cors]",
            api.address
        );
        let at = below(&place, "api_key_required");
        found.error(at, "OPTIONS that needs a key breaks CORS", help);
    }
    let validator = route.request_validator.as_deref();
    let validators = || api.parts.of(&RequestValidator::TRAITS);
    let by = validator.and_then(|key| validators().find(|(it, _)| *it == key));
    if let Some(key) = validator.filter(|_| by.is_none()) {
        let known: Vec<_> = validators().map(|(it, _)| it.clone()).collect();
        let otherwise = format!(
            "declare [{}.request_validators.NAME] and name it here",
            api.address
        );
        let message = format!("there is no request validator `{key}` in this file");
        let at = below(&place, "request_validator");
        found.error(at, message, suggestion(key, &known, &otherwise));
        return;
    }
    models(found, api, &place, route);
    // In an API that is there already the route may have a validator of its owner's.
    if validator.is_none() && api.is_existing(found.tree) {
        return;
    }
    let by: Option<RequestValidator> = by.and_then(|(_, it)| from_tree(it).ok());
    unchecked(found, name, &place, route, by.as_ref());
}

fn models(found: &mut Findings<'_>, api: &Api<'_>, place: &Path, route: &Route) {
    // An API that is there already may have models of its owner's.
    if api.is_existing(found.tree) {
        return;
    }
    for (media, name) in route.request_models.iter().flatten() {
        let is_known = api.parts.has(&Model::TRAITS, name) || OF_AWS.contains(&name.as_str());
        if is_known {
            continue;
        }
        let known: Vec<_> = api
            .parts
            .of(&Model::TRAITS)
            .map(|(it, _)| it.clone())
            .collect();
        let otherwise = format!("declare [{}.models.NAME] and name it here", api.address);
        let message = format!("there is no model `{name}` in this file");
        let at = below(&below(place, "request_models"), media);
        found.error(at, message, suggestion(name, &known, &otherwise));
    }
}

/// Methods whose requests have no body that anybody reads (RFC 9110, 9.3).
const BODILESS: [&str; 4] = ["DELETE", "GET", "HEAD", "OPTIONS"];

/// What looks as if it were checked, and is not.
fn unchecked(
    found: &mut Findings<'_>,
    name: &str,
    place: &Path,
    route: &Route,
    by: Option<&RequestValidator>,
) {
    let is_on = |of: fn(&RequestValidator) -> Option<bool>| by.and_then(of) == Some(true);
    let (bodies, parameters) = (is_on(|it| it.body), is_on(|it| it.parameters));
    let models: Vec<_> = route.request_models.iter().flatten().collect();
    let requires = |it: &&bool| **it;
    let required = route.request_parameters.iter().flat_map(|it| it.values());
    if !bodies && !models.is_empty() {
        found.warn(
            Check::UncheckedBody,
            below(place, "request_models"),
            "no body is checked: the route has no request validator with body = true",
            "name one in request_validator, unless the models are to be read only",
        );
    }
    if bodies && !models.is_empty() && !models.iter().any(|it| it.0 == ANY_OTHER) {
        found.warn(
            Check::UncheckedBody,
            below(place, "request_models"),
            "a body is not checked where its Content-Type is another",
            "add \"$default\" with the model that any other has to be like",
        );
    }
    let method = route::method_and_path(name).map_or("", |it| it.0);
    if bodies && models.is_empty() && !BODILESS.contains(&method) {
        found.warn(
            Check::UncheckedBody,
            below(place, "request_validator"),
            "no body is checked: the route has no model",
            "add request_models = { \"$default\" = \"MODEL\" }",
        );
    }
    if !parameters && required.filter(requires).count() > 0 {
        found.warn(
            Check::UncheckedParameters,
            below(place, "request_parameters"),
            "nothing is required: the route has no request validator with parameters = true",
            "name one in request_validator",
        );
    }
}
