//! The API, its authorizers and routes. Pure.

use super::{Check, Findings, below, integrations, is_open, requests, scopes};
use crate::{
    spec::{
        Spec,
        authorizer::{AUTHORIZATION, Authorizer, REQUEST, TOKEN},
        gateway_response::is_default,
        rest_api::PRIVATE,
        route::{IAM, METHODS, NOBODY, Route, is_for_browsers, method_and_path},
    },
    stack::{
        lifecycle,
        schema::closest,
        source::{Path, path},
        tables::{APIS, Api, CorsTable, File, ONLY_API, UndeclaredTable},
    },
};
use serde_json::{Value, json};
use std::collections::BTreeMap;

pub(super) fn check(found: &mut Findings<'_>, file: &File, api: &Api<'_>) {
    let is_existing = api.is_existing(found.tree);
    // What is there may have routes that are not the file's business.
    let may_have_none = is_existing || matches!(file.stack.undeclared, UndeclaredTable::Warn);
    if api.routes.is_empty() && !may_have_none {
        found.error(
            api.path(["routes"]),
            "an API without a route cannot be deployed",
            "add \"GET /\" = { function = …, authorizer = … }",
        );
    }
    if api.stage.is_none() && !(is_existing && api.routes.is_empty()) {
        found.name(
            api.path([]),
            format!("[{}] lacks `stage`", api.address),
            format!("add [{}.stage] with name = \"dev\", say", api.address),
        );
    }
    access(found, api);
    methods(found, api);
    for (key, authorizer) in &api.authorizers {
        let place = api.path(["authorizers", key]);
        if [NOBODY, IAM].contains(&key.as_str()) {
            let message =
                format!("`{key}` cannot be an authorizer's name here: routes say it of none");
            found.name(place.clone(), message, "choose another name for the table");
        }
        by_function(found, file, &place, authorizer);
        let has_pool = file.user_pool.is_some() || !authorizer.user_pool_arns.is_empty();
        if authorizer.is_of_user_pools() && !has_pool {
            found.error(
                place.clone(),
                "the authorizer has no user pool",
                "declare [user_pool], list user_pool_arns, or name a function",
            );
        }
    }
    let names = api
        .authorizers
        .iter()
        .map(|(key, it)| (api.path(["authorizers", key]), it.name.clone()));
    found.unique("authorizer", names);
    for (name, route) in &api.routes {
        self::route(found, file, api, name, route);
    }
    requests::check(found, api);
    integrations::check(found, api);
    own_errors(found, api);
    alike(found, api);
    if let Some(cors) = &api.cors {
        headers(found, api, cors);
        token_headers(found, api, cors);
        credentials(found, api, cors);
        for origin in &cors.origins {
            if let Some((message, help)) = mistake_in_origin(origin, cors.origins.len()) {
                found.error(
                    found.item(&api.path(["cors", "origins"]), origin),
                    message,
                    help,
                );
            }
        }
    }
}

/// Each has a name of its own, by which it is found in AWS, and another than `[api]` in the file.
pub(super) fn names(found: &mut Findings<'_>, file: &File) {
    if file.apis.contains_key(ONLY_API) {
        let message = format!("`{ONLY_API}` is what [api] is called");
        let help = "choose another name for the table";
        found.name(path([APIS, ONLY_API]), message, help);
    }
    let tree = found.tree;
    // What is named by its id shares no name: the id is what is looked for.
    let named = file
        .apis()
        .filter(|api| lifecycle::table(tree, api.address.segments())["id"].is_null());
    let names: Vec<_> = named
        .map(|api| (api.path([]), api.settings.name.clone()))
        .collect();
    found.unique("API", names.into_iter());
}

fn route(found: &mut Findings<'_>, file: &File, api: &Api<'_>, name: &str, route: &Route) {
    let place = api.path(["routes", name]);
    if let Some(help) = mistake_in_route(name) {
        found.name(place.clone(), format!("`{name}` is not a route"), help);
    }
    let by_itself = route.function.is_empty();
    if by_itself && route.integration.is_none() {
        let help = "add function = \"NAME\", or integration = { type = \"HTTP_PROXY\", uri = … }";
        found.name(place.clone(), format!("nothing answers {name}"), help);
    } else if !by_itself && !file.functions.contains_key(&route.function) {
        no_function(found, file, below(&place, "function"), &route.function);
    }
    authorizer(found, api, name, route, &place);
}

/// Settings of routes that are not there.
fn methods(found: &mut Findings<'_>, api: &Api<'_>) {
    let settings = api.stage.iter().flat_map(|it| it.methods.iter().flatten());
    for (name, _) in settings.filter(|it| !api.routes.contains_key(it.0)) {
        let known: Vec<_> = api.routes.keys().cloned().collect();
        let message = format!("there is no route `{name}` in this file");
        let help = suggestion(name, &known, "remove it");
        found.name(api.path(["stage", "methods", name]), message, help);
    }
}

/// Who may call it at all (docs/aws.md §5).
fn access(found: &mut Findings<'_>, api: &Api<'_>) {
    let settings = &api.settings;
    let is_private = settings.endpoint.as_deref() == Some(PRIVATE);
    match &settings.policy {
        None if is_private => {
            let help = "add policy = '{ \"Statement\": … }' that lets VPC endpoints in, or write endpoint = \"REGIONAL\"";
            let message = "a private API cannot be deployed without a policy";
            found.error(api.path(["endpoint"]), message, help);
        }
        Some(policy) if !is_open(policy) => {
            let parsed = serde_json::from_str::<Value>(policy);
            let has_statements =
                |it: &Value| it["Statement"].is_array() || it["Statement"].is_object();
            let wrong = match parsed {
                Ok(policy) if has_statements(&policy) => None,
                Ok(_) => Some("the policy has no Statement".to_owned()),
                Err(error) => Some(format!("the policy is no JSON: {error}")),
            };
            if let Some(message) = wrong {
                let help = "write '{ \"Version\": \"2012-10-17\", \"Statement\": [] }', with what is to be allowed";
                found.error(api.path(["policy"]), message, help);
            }
        }
        _ => {}
    }
    if settings.vpc_endpoints.is_some() && !is_private {
        let message = "only a private API has VPC endpoints";
        let help = "remove vpc_endpoints, or write endpoint = \"PRIVATE\"";
        found.error(api.path(["vpc_endpoints"]), message, help);
    }
}

/// What says nothing changes nothing, and a status for errors of all sorts says less than each has of its own.
fn own_errors(found: &mut Findings<'_>, api: &Api<'_>) {
    for (kind, response) in &api.gateway_responses {
        if !response.says_something() && api.cors.is_none() {
            found.warn(
                Check::IdleGatewayResponse,
                api.path(["gateway_responses", kind]),
                format!("{kind} is answered as API Gateway does anyway"),
                "add headers, status_code or templates, or remove the table",
            );
        }
        let Some(status) = response.status_code.filter(|_| is_default(kind)) else {
            continue;
        };
        found.warn(
            Check::BroadGatewayResponse,
            api.path(["gateway_responses", kind, "status_code"]),
            format!("a 401, a 403 and all others of {kind} are answered with {status}"),
            "write it for the type that is meant, such as UNAUTHORIZED",
        );
    }
}

fn no_function(found: &mut Findings<'_>, file: &File, at: Path, name: &str) {
    let known: Vec<_> = file.functions.keys().cloned().collect();
    let help = suggestion(name, &known, "declare [functions.NAME] and name it here");
    found.error(
        at,
        format!("there is no function `{name}` in this file"),
        help,
    );
}

/// What only one of the three types has, and what a look at the whole request cannot be without.
fn by_function(found: &mut Findings<'_>, file: &File, place: &Path, by: &Authorizer) {
    let Some(function) = &by.function else {
        let only_with_function = [
            ("type", by.r#type.is_some()),
            ("identity_sources", by.identity_sources.is_some()),
        ];
        for (field, _) in only_with_function.iter().filter(|it| it.1) {
            found.error(
                below(place, field),
                format!("`{field}` needs a function"),
                format!("remove {field}, which user pools have none of, or name a function"),
            );
        }
        return;
    };
    if !file.functions.contains_key(function) && !is_arn(function) {
        no_function(found, file, below(place, "function"), function);
    }
    if !by.user_pool_arns.is_empty() {
        found.error(
            below(place, "user_pool_arns"),
            "a function decides, and no user pool",
            "remove user_pool_arns, or function",
        );
    }
    let is_request = by.r#type.as_deref() == Some(REQUEST);
    // What the type has not is what its normal form leaves out.
    let (said, kept) = (json!(by), json!(by.clone().normal()));
    let other = said.as_object().into_iter().flatten();
    for (field, _) in other.filter(|(field, value)| !value.is_null() && kept[*field].is_null()) {
        let (has, help) = match is_request {
            true => (
                REQUEST,
                format!("remove {field}: it looks at its identity_sources"),
            ),
            false => (TOKEN, format!("set type = {REQUEST:?}, or remove {field}")),
        };
        found.error(
            below(place, field),
            format!("an authorizer of type {has} has no {field}"),
            help,
        );
    }
    let has_sources = by.identity_sources.iter().flatten().next().is_some();
    let remembers = by.ttl.is_none_or(|it| it.seconds() > 0);
    if is_request && remembers && !has_sources {
        found.error(
            place.clone(),
            "a decision is remembered by identity_sources, and there are none",
            "set identity_sources = [\"method.request.header.Authorization\"], or ttl = \"0s\"",
        );
    }
}

fn is_arn(text: &str) -> bool {
    text.starts_with("arn:")
}

fn authorizer(found: &mut Findings<'_>, api: &Api<'_>, name: &str, route: &Route, place: &Path) {
    let at = below(place, "authorizer");
    let by = api.authorizers.get(&route.authorizer);
    match route.authorizer.as_str() {
        NOBODY if !is_for_browsers(name) => {
            found.warn(
                Check::OpenMethod,
                at,
                format!("everyone may call {name}"),
                "name an authorizer unless this is meant",
            );
        }
        NOBODY | IAM => {}
        key if by.is_none() => {
            let known: Vec<_> = api
                .authorizers
                .keys()
                .cloned()
                .chain([NOBODY.into(), IAM.into()])
                .collect();
            let help = suggestion(
                key,
                &known,
                &format!(
                    "declare [{}.authorizers.NAME] and name it here",
                    api.address
                ),
            );
            found.error(
                at,
                format!("there is no authorizer `{key}` in this file"),
                help,
            );
        }
        _ if is_for_browsers(name) => {
            let help = format!(
                "write \"none\", or leave OPTIONS to [{}.cors]: browsers send preflights without a token",
                api.address
            );
            found.error(at, "OPTIONS behind an authorizer breaks CORS", help);
        }
        _ => {}
    }
    let of_pools = by.filter(|it| it.is_of_user_pools());
    if let Some(authorizer) = of_pools {
        useless_scopes(found, place, route, authorizer);
    }
    if !route.scopes.is_empty() && of_pools.is_none() {
        found.error(
            below(place, "scopes"),
            "scopes need a Cognito authorizer",
            "remove scopes, or name an authorizer of this file that has no function",
        );
    }
}

/// A scope that no token of the file's own pool can have lets nobody in.
fn useless_scopes(found: &mut Findings<'_>, place: &Path, route: &Route, by: &Authorizer) {
    let is_of_this_pool = by.user_pool_arns.is_empty();
    if !is_of_this_pool || !found.is_all_declared() {
        return;
    }
    for scope in route.scopes.iter().filter(|it| !is_open(it)) {
        if let Some(unknown) = scopes::unknown(found, scope) {
            let at = found.item(&below(place, "scopes"), scope);
            let message = format!("no token has `{scope}`: {}", unknown.message);
            found.warn(Check::UnknownScope, at, message, unknown.help);
        }
    }
}

/// A list of headers without that of the token keeps out every page that is signed in. `*` stands for
/// any but Authorization (Fetch standard, "CORS-preflight fetch").
fn token_headers(found: &mut Findings<'_>, api: &Api<'_>, cors: &CorsTable) {
    let Some(headers) = &cors.headers else { return };
    let used = |key: &&String| api.routes.values().any(|route| route.authorizer == **key);
    for key in api.authorizers.keys().filter(used) {
        for header in api.authorizers[key].headers() {
            let is_wild = headers.contains("*") && !header.eq_ignore_ascii_case(AUTHORIZATION);
            if is_wild || headers.iter().any(|it| it.eq_ignore_ascii_case(header)) {
                continue;
            }
            found.warn(Check::UnsentToken,
                api.path(["cors", "headers"]),
                format!("no page can send `{header}`, in which the authorizer `{key}` looks for the token"),
                format!(
                    "add \"{header}\", unless no page calls its routes; left out, headers has what pages need"
                ),
            );
        }
    }
}

pub(super) fn suggestion(word: &str, known: &[String], otherwise: &str) -> String {
    match closest(word, known) {
        Some(close) => format!("did you mean \"{close}\"?"),
        None if known.is_empty() => otherwise.to_owned(),
        None => format!("write one of: {}", known.join(", ")),
    }
}

/// API Gateway's rules for methods and path parts (docs/aws.md §5).
fn mistake_in_route(name: &str) -> Option<String> {
    if let Some(canonical) =
        canonical(name).filter(|it| it != name && mistake_in_route(it).is_none())
    {
        return Some(format!(
            "write \"{canonical}\": one way to write each address, with one blank and no slash at the end"
        ));
    }
    let Some((method, path)) = method_and_path(name) else {
        return Some("write a method, a space and a path: \"GET /users\"".into());
    };
    if !METHODS.contains(&method) {
        let known = METHODS.map(String::from);
        return Some(suggestion(method, &known, ""));
    }
    let Some(parts) = path.strip_prefix('/') else {
        return Some(format!("start the path with a slash: \"{method} /{path}\""));
    };
    let parts: Vec<_> = if parts.is_empty() {
        vec![]
    } else {
        parts.split('/').collect()
    };
    for (index, part) in parts.iter().enumerate() {
        let inner = part.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
        let word = inner.unwrap_or(part);
        let is_greedy = inner.is_some() && word.ends_with('+');
        let word = if is_greedy {
            &word[..word.len() - 1]
        } else {
            word
        };
        if word.is_empty()
            || !word
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "_-.~:$".contains(c))
        {
            return Some(
                "between slashes write letters, digits and _ - . : or a {parameter}; no slash at the end"
                    .into(),
            );
        }
        if is_greedy && index + 1 < parts.len() {
            return Some(format!(
                "{part} takes the rest of the path, so it has to come last"
            ));
        }
    }
    None
}

/// The one spelling of a method and a path; none of anything else.
fn canonical(name: &str) -> Option<String> {
    let mut words = name.split_whitespace();
    let (method, path) = (words.next()?.to_uppercase(), words.next()?);
    if words.next().is_some() || !METHODS.contains(&method.as_str()) {
        return None;
    }
    let parts: Vec<_> = path.split('/').filter(|it| !it.is_empty()).collect();
    Some(format!("{method} /{}", parts.join("/")))
}

/// What a browser takes together with credentials (Fetch standard, "CORS protocol and credentials").
fn credentials(found: &mut Findings<'_>, api: &Api<'_>, cors: &CorsTable) {
    if cors.credentials != Some(true) {
        return;
    }
    let at = |field: &str| api.path(["cors", field]);
    if cors.origins.contains("*") {
        let message = "browsers refuse credentials where any page may call";
        let help = "name the pages' origins in place of \"*\", or remove credentials";
        found.error(found.item(&at("origins"), "*"), message, help);
    } else if cors.origins.len() > 1 {
        found.warn(
            Check::UnreadableErrors,
            at("credentials"),
            "pages cannot read the errors that API Gateway answers itself, a 401 among them",
            "those can name one origin only; a page that needs no cookies needs no credentials",
        );
    }
    let lists = [
        ("headers", &cors.headers),
        ("exposed_headers", &cors.exposed_headers),
    ];
    for (field, list) in lists {
        if list.iter().flatten().any(|it| it == "*") {
            let message = "with credentials, \"*\" stands for no other header";
            let help = format!("name the headers in place of \"*\" in {field}");
            found.error(found.item(&at(field), "*"), message, help);
        }
    }
}

/// Headers are the same in capitals (RFC 9110, 5.1).
fn headers(found: &mut Findings<'_>, api: &Api<'_>, cors: &CorsTable) {
    let mut seen: BTreeMap<String, &String> = BTreeMap::new();
    for name in cors.headers.iter().flatten() {
        let first = *seen.entry(name.to_lowercase()).or_insert(name);
        if first != name {
            let at = found.item(&api.path(["cors", "headers"]), name);
            found.error(
                at,
                format!("`{name}` and `{first}` are one header"),
                "name each once",
            );
        }
    }
}

/// Two routes that API Gateway cannot tell apart: siblings that are both parameters.
fn alike(found: &mut Findings<'_>, api: &Api<'_>) {
    let mut parameters: BTreeMap<String, (String, &str)> = BTreeMap::new();
    for name in api.routes.keys() {
        let Some((_, path)) = method_and_path(name) else {
            continue;
        };
        for (at, _) in path.match_indices("/{") {
            let parent = &path[..at];
            let part = path[at + 1..].split('/').next().unwrap_or_default();
            let first = parameters
                .entry(parent.to_owned())
                .or_insert_with(|| (part.to_owned(), name));
            if first.0 != part {
                let message = format!(
                    "`{name}` and `{}` are alike: below {parent}/ there can be one parameter",
                    first.1
                );
                found.name(
                    api.path(["routes", name]),
                    message,
                    format!("write {} in both", first.0),
                );
            }
        }
    }
}

fn mistake_in_origin(origin: &str, count: usize) -> Option<(String, String)> {
    if origin == "*" {
        let help = "list \"*\" alone, or leave it out";
        return (count > 1).then(|| ("`*` already allows every origin".into(), help.into()));
    }
    if is_open(origin) {
        return None;
    }
    // Browsers send it so, and pages are let in letter by letter (RFC 6454, 6.2).
    let sent = origin.to_lowercase();
    let port = match sent.split_once("://") {
        Some(("https", _)) => ":443",
        Some(("http", _)) => ":80",
        _ => "",
    };
    let sent = sent.strip_suffix(port).unwrap_or(&sent);
    let message = || format!("no browser calls this origin `{origin}`");
    (sent != origin).then(|| (message(), format!("write \"{sent}\"")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::shape;

    #[test]
    fn routes_that_api_gateway_takes_are_taken() {
        for name in [
            "GET /",
            "ANY /{proxy+}",
            "PUT /users/{id}",
            "GET /v1.0/a-b_c",
        ] {
            assert_eq!(mistake_in_route(name), None, "{name}");
        }
    }

    #[test]
    fn routes_that_api_gateway_refuses_are_refused() {
        for name in [
            "/users",
            "GET users",
            "GTE /users",
            "GET /users/",
            "GET /a b",
            "GET /{x+}/y",
            "GET /{}",
        ] {
            assert!(mistake_in_route(name).is_some(), "{name}");
        }
    }

    #[test]
    fn every_route_has_one_spelling() {
        let other = [
            "GET  /x",
            "GET\t/x",
            " GET /x",
            "GET /x ",
            "get /x",
            "Get /x",
            "GET /x/",
            "GET //x",
            "GET x",
            "GET /x//",
            "GET \u{a0}/x",
        ];
        for name in other {
            let help = mistake_in_route(name).unwrap_or_default();
            assert!(help.starts_with("write \"GET /x\""), "{name:?}: {help}");
        }
        assert!(
            mistake_in_route("GET //")
                .unwrap()
                .starts_with("write \"GET /\"")
        );
    }

    #[test]
    fn an_origin_has_one_spelling_and_a_star_stands_alone() {
        for other in [
            "https://Example.com",
            "HTTPS://example.com",
            "https://example.com:443",
        ] {
            assert_eq!(
                mistake_in_origin(other, 1).unwrap().1,
                "write \"https://example.com\""
            );
        }
        for right in [
            "https://example.com:8443",
            "http://localhost:80800",
            "capacitor://localhost",
            "*",
        ] {
            assert_eq!(mistake_in_origin(right, 1), None, "{right}");
        }
        assert!(mistake_in_origin("*", 2).is_some());
    }

    /// It goes into a response template and between single quotes.
    #[test]
    fn an_origin_has_no_character_that_means_something_elsewhere() {
        let is_taken = |text: &str| shape::is_of::<shape::Origin>(text);
        for right in [
            "https://a.example.com:8443",
            "http://[::1]:3000",
            "app.b-c+d://x",
            "ionic://localhost",
            "*",
        ] {
            assert!(is_taken(right), "{right}");
        }
        for wrong in [
            "https://",
            "//a",
            "a",
            "https://a/",
            "null",
            "",
            "**",
            "1a://b",
            "://a",
        ] {
            assert!(!is_taken(wrong), "{wrong}");
        }
        let attack = "https://a\" || true || \"";
        for c in (0..0x250)
            .filter_map(char::from_u32)
            .chain("“”\u{202e}\u{2028}😀".chars())
            .chain(attack.chars())
        {
            let is_plain = c.is_ascii_alphanumeric() || ".-:[]".contains(c);
            assert_eq!(
                is_taken(&format!("https://exam{c}ple.com")),
                is_plain,
                "{c:?}"
            );
        }
    }
}
