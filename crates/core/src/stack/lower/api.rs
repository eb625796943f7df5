//! `[api]` and `[apis.NAME]`: each API, a resource for each path, its routes, CORS, and the stage. Pure.

use super::{Lowering, functions, reference};
use crate::{
    error::Result,
    spec::{
        Spec,
        authorizer::{Authorizer, TOKEN},
        gateway_response::{DEFAULT_4XX, DEFAULT_5XX, GatewayResponse},
        integration::Integration,
        log_group::LogGroup,
        model::Model,
        preflight::Preflight,
        request_validator::RequestValidator,
        resource::Resource,
        rest_api::{ANY_MEDIA, PRINCIPAL, REGIONAL, RestApi},
        role::ROLES,
        route::{self, CUSTOM, IAM, NOBODY, Route, method_and_path},
        stage::{AccessLogs, Stage},
    },
    stack::tables::{Api, ApiTable, CorsTable, File, Method},
    value::Address,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// What a signed-in page sends (the workshop's own list, section 5.2.6).
pub(crate) const CORS_HEADERS: [&str; 5] = [
    "Content-Type",
    "X-Amz-Date",
    "Authorization",
    "X-Api-Key",
    "X-Amz-Security-Token",
];

/// What API Gateway's ANY answers (developer guide, "Set up an HTTP method").
pub const METHODS_OF_ANY: [&str; 7] = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"];

/// One JSON line a request; nothing in it is a token or a person's data but the caller's address.
pub(crate) const ACCESS_LOG_FORMAT: &str = r#"{"requestId":"$context.requestId","ip":"$context.identity.sourceIp","method":"$context.httpMethod","path":"$context.path","status":"$context.status","latency":"$context.responseLatency"}"#;

pub(super) fn lower(lowering: &mut Lowering<'_>, file: &File, table: &Api<'_>) -> Result<()> {
    let api = table.address.clone();
    let is_existing = table.is_existing(lowering.tree);
    let endpoint = table
        .settings
        .endpoint
        .clone()
        .or_else(|| (!is_existing).then(|| REGIONAL.into()));
    let spec = RestApi {
        endpoint,
        ..table.settings.clone()
    };
    lowering.root::<RestApi>(api.clone(), &spec)?;
    let has_pool = file.user_pool.is_some();
    for (key, authorizer) in &table.authorizers {
        lowering.child::<Authorizer>(&api, key, &authorizer_spec(authorizer, has_pool, file))?;
    }
    lowering.parts::<RestApi>(&api, &table.parts)?;
    for (key, role) in &table.roles {
        let at = api.join(ROLES).join(key);
        let tags = table.settings.tags.as_ref();
        lowering.role(at, role, PRINCIPAL, None, tags)?;
    }
    let routes: Vec<_> = table
        .routes
        .iter()
        .filter_map(|(name, route)| Some((method_and_path(name)?, route)))
        .collect();
    let paths: BTreeSet<_> = routes.iter().map(|((_, path), _)| *path).collect();
    for path in paths
        .iter()
        .flat_map(|path| with_ancestors(path))
        .collect::<BTreeSet<_>>()
    {
        lowering.child::<Resource>(&api, path, &resource_spec(&api, path))?;
    }
    for ((method, path), route) in &routes {
        let mut spec = route_spec(&api, table, path, route);
        if let Some(integration) = &route.integration {
            let binary = table.settings.binary_media_types.as_ref();
            let mut completed = integration.clone().completed(method, binary);
            let role = completed
                .credentials
                .as_deref()
                .and_then(|it| table.role(it));
            if let Some(key) = role {
                completed.credentials = Some(reference(&api.join(ROLES).join(key), "arn"));
            }
            spec = answer_by(spec, completed, lowering.names.region);
        }
        lowering.child::<Route>(&api, &format!("{method} {path}"), &spec)?;
    }
    if let Some(cors) = &table.cors {
        for path in paths {
            let of_path = routes.iter().filter(|((_, at), _)| *at == path);
            let asked = Asked::of(table, of_path.map(|((method, _), route)| (*method, *route)));
            // A function behind ANY would be asked too, but not before an authorizer has refused.
            if !asked.methods.contains("OPTIONS") {
                let spec = preflight_spec(&api, table, path, &asked, cors);
                lowering.child::<Route>(&api, &format!("OPTIONS {path}"), &spec)?;
            }
        }
    }
    for (kind, spec) in gateway_responses(table) {
        lowering.child::<GatewayResponse>(&api, &kind, &spec)?;
    }
    let may_set_role = file.account.api_gateway_logging;
    stage(lowering, &api, table, may_set_role)
}

/// `/a/b` → `/a`, `/a/b`; the root is made with the API.
fn with_ancestors(path: &str) -> Vec<&str> {
    let ends = path
        .match_indices('/')
        .map(|(at, _)| at)
        .skip(1)
        .chain([path.len()]);
    ends.map(|end| &path[..end])
        .filter(|path| path.len() > 1)
        .collect()
}

fn resource_reference(api: &Address, path: &str) -> String {
    match path {
        "/" | "" => reference(api, "root_resource_id"),
        _ => reference(&api.join("resources").join(path), "id"),
    }
}

fn resource_spec(api: &Address, path: &str) -> Value {
    let (parent, part) = path.rsplit_once('/').unwrap_or(("", path));
    json!({ "parent_id": resource_reference(api, parent), "path_part": part })
}

fn authorizer_spec(table: &Authorizer, has_pool: bool, file: &File) -> Authorizer {
    if let Some(function) = &table.function {
        return Authorizer {
            function: Some(functions::arn(file, function.clone())),
            r#type: table.r#type.clone().or_else(|| Some(TOKEN.to_owned())),
            ..table.clone()
        };
    }
    let pool = has_pool.then(|| reference(&Address::new(["user_pool"]), "arn"));
    let user_pool_arns = pool
        .into_iter()
        .chain(table.user_pool_arns.clone())
        .collect();
    Authorizer {
        user_pool_arns,
        ..table.clone()
    }
}

fn route_spec(api: &Address, table: &ApiTable, path: &str, route: &Route) -> Route {
    let authorizer = match route.authorizer.as_str() {
        word @ (NOBODY | IAM) => word.to_owned(),
        key => {
            let id = reference(&api.join("authorizers").join(key), "id");
            let by = table.authorizers.get(key);
            match by.is_none_or(Authorizer::is_of_user_pools) {
                true => id,
                false => route::authorizer(CUSTOM, Some(&id)),
            }
        }
    };
    let validator = |key: &String| {
        let validators = api.join(RequestValidator::TRAITS.table);
        reference(&validators.join(key), "id")
    };
    // What is not declared is AWS's own.
    let model = |name: &String| match table.parts.has(&Model::TRAITS, name) {
        true => reference(&api.join(Model::TRAITS.table).join(name), "name"),
        false => name.clone(),
    };
    let models = |models: &BTreeMap<String, String>| {
        let models = models.iter();
        models.map(|(it, name)| (it.clone(), model(name))).collect()
    };
    Route {
        resource_id: resource_reference(api, path),
        function: match route.function.as_str() {
            "" => String::new(),
            key => reference(&Address::new(["functions", key]), "arn"),
        },
        authorizer,
        request_validator: route.request_validator.as_ref().map(validator),
        request_models: route.request_models.as_ref().map(models),
        ..route.clone()
    }
}

/// Makes an integration what answers a route: it goes to the route's function where that is named.
fn answer_by(route: Route, integration: Integration, region: &str) -> Route {
    let function = Some(&route.function).filter(|it| !it.is_empty());
    let to_function = function.map(|it| route::uri(it, region));
    let integration = Integration {
        uri: integration.uri.or(to_function),
        ..integration
    };
    Route {
        integration: Some(integration),
        ..route
    }
    .normal()
}

/// What a page has to be let use, that calls some routes.
pub(crate) struct Asked<'a> {
    /// As stack.toml has them: `ANY` is one.
    pub(crate) methods: BTreeSet<&'a str>,
    /// The headers at which their authorizers look.
    pub(crate) token_headers: BTreeSet<&'a str>,
}

impl<'a> Asked<'a> {
    fn of(api: &'a ApiTable, routes: impl Iterator<Item = (&'a str, &'a Route)>) -> Self {
        let (mut methods, mut token_headers) = (BTreeSet::new(), BTreeSet::new());
        for (method, route) in routes {
            methods.insert(method);
            let authorizer = api.authorizers.get(&route.authorizer);
            token_headers.extend(authorizer.into_iter().flat_map(Authorizer::headers));
        }
        Self {
            methods,
            token_headers,
        }
    }

    /// What pages may send where `[api.cors]` does not say. Header names are the same in any case.
    pub(crate) fn usual_headers(&self) -> BTreeSet<String> {
        let is_usual = |name: &str| {
            CORS_HEADERS
                .iter()
                .any(|usual| usual.eq_ignore_ascii_case(name))
        };
        let own = self
            .token_headers
            .iter()
            .copied()
            .filter(|name| !is_usual(name));
        CORS_HEADERS
            .into_iter()
            .chain(own)
            .map(ToOwned::to_owned)
            .collect()
    }

    /// The methods that pages may use where `[api.cors]` does not say.
    pub(crate) fn usual_methods(&self) -> BTreeSet<String> {
        without_any(
            self.methods
                .iter()
                .copied()
                .chain(["OPTIONS"])
                .map(ToOwned::to_owned)
                .collect(),
        )
    }
}

/// Browsers look for the method that a page uses, and none is called ANY.
fn without_any(methods: BTreeSet<String>) -> BTreeSet<String> {
    if methods.contains("ANY") {
        METHODS_OF_ANY.map(ToOwned::to_owned).into()
    } else {
        methods
    }
}

fn preflight_spec(
    api: &Address,
    table: &ApiTable,
    path: &str,
    asked: &Asked<'_>,
    cors: &CorsTable,
) -> Route {
    let mut types = table.settings.binary_media_types.iter().flatten();
    let needs_text = types.any(|it| it == ANY_MEDIA);
    Route {
        resource_id: resource_reference(api, path),
        authorizer: NOBODY.to_owned(),
        preflight: Some(Preflight {
            allow_origins: cors.origins.clone(),
            allow_headers: allow_headers(cors, asked),
            allow_methods: allow_methods(cors, asked),
            allow_credentials: cors.credentials == Some(true),
            max_age: cors.max_age,
        }),
        as_bytes: needs_text.then_some(false),
        ..Route::default()
    }
}

fn allow_headers(cors: &CorsTable, asked: &Asked<'_>) -> BTreeSet<String> {
    cors.headers
        .clone()
        .unwrap_or_else(|| asked.usual_headers())
}

fn allow_methods(cors: &CorsTable, asked: &Asked<'_>) -> BTreeSet<String> {
    let declared = |set: &BTreeSet<Method>| {
        without_any(
            set.iter()
                .map(|method| format!("{method:?}").to_uppercase())
                .collect(),
        )
    };
    cors.methods
        .as_ref()
        .map_or_else(|| asked.usual_methods(), declared)
}

/// What API Gateway answers itself: as declared, and so that pages can read it.
fn gateway_responses(table: &ApiTable) -> BTreeMap<String, GatewayResponse> {
    let mut responses = table.gateway_responses.clone();
    if table.cors.is_some() {
        for kind in [DEFAULT_4XX, DEFAULT_5XX] {
            responses.entry(kind.to_owned()).or_default();
        }
    }
    let usual = headers_of_errors(table);
    for response in responses.values_mut() {
        let declared = std::mem::take(&mut response.headers);
        response.headers = usual.clone().into_iter().chain(declared).collect();
    }
    responses
}

/// The headers of every error that API Gateway answers itself: those that pages need.
pub(crate) fn headers_of_errors(table: &ApiTable) -> BTreeMap<String, String> {
    let Some(cors) = &table.cors else {
        return BTreeMap::new();
    };
    let routes = table.routes.iter();
    let routes = routes.filter_map(|(name, route)| Some((method_and_path(name)?.0, route)));
    let headers = error_headers(cors, &Asked::of(table, routes)).into_iter();
    headers
        .map(|(name, value)| (name.to_owned(), format!("'{value}'")))
        .collect()
}

/// An error that API Gateway answers itself has one fixed origin; with several declared, any page
/// may read it, since it holds nothing of anybody's.
fn error_headers(cors: &CorsTable, asked: &Asked<'_>) -> BTreeMap<&'static str, String> {
    let only = only_origin(cors);
    let origin = only.cloned().unwrap_or_else(|| "*".to_owned());
    let join = |set: BTreeSet<String>| set.into_iter().collect::<Vec<_>>().join(",");
    let credentials = only.filter(|_| cors.credentials == Some(true));
    let exposed = cors.exposed_headers.clone().map(join);
    let mut headers = BTreeMap::from([
        ("Access-Control-Allow-Origin", origin),
        (
            "Access-Control-Allow-Headers",
            join(allow_headers(cors, asked)),
        ),
        (
            "Access-Control-Allow-Methods",
            join(allow_methods(cors, asked)),
        ),
    ]);
    headers.extend(credentials.map(|_| (ALLOW_CREDENTIALS, "true".to_owned())));
    headers.extend(exposed.map(|it| (EXPOSE_HEADERS, it)));
    headers
}

/// What says that pages may read an answer to what they sent with cookies.
const ALLOW_CREDENTIALS: &str = "Access-Control-Allow-Credentials";

/// What says which headers of an answer pages may read.
pub(crate) const EXPOSE_HEADERS: &str = "Access-Control-Expose-Headers";

/// The origin that all answers can name.
fn only_origin(cors: &CorsTable) -> Option<&String> {
    cors.origins.first().filter(|_| cors.origins.len() == 1)
}

fn stage(
    lowering: &mut Lowering<'_>,
    api: &Address,
    table: &ApiTable,
    sets_logging_role: bool,
) -> Result<()> {
    let Some(settings) = &table.stage else {
        return Ok(());
    };
    let log_group = api.join("access_log_group");
    if let Some(logs) = &settings.access_logs {
        let spec = json!({
            "name": lowering.names.access_log_group(&table.settings.name, &settings.name),
            "retention_days": logs.retention_days,
            "owned": true,
            "tags": table.settings.tags,
        });
        lowering.root::<LogGroup>(log_group.clone(), &spec)?;
    }
    let access_logs = settings.access_logs.as_ref().map(|logs| AccessLogs {
        log_group_arn: Some(reference(&log_group, "arn")),
        format: logs
            .format
            .clone()
            .or_else(|| Some(ACCESS_LOG_FORMAT.into())),
        retention_days: None,
    });
    let deployment = reference(&crate::plan::content_address(api), "digest");
    let spec = Stage {
        access_logs,
        deployment,
        sets_logging_role,
        methods: settings.of_each_method(),
        ..settings.clone()
    };
    lowering.child::<Stage>(api, "", &spec)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_brings_its_ancestors_but_not_the_root() {
        assert_eq!(
            with_ancestors("/users/{id}/roles"),
            ["/users", "/users/{id}", "/users/{id}/roles"]
        );
        assert!(with_ancestors("/").is_empty());
    }

    #[test]
    fn a_resource_below_the_root_points_at_the_root() {
        let api = Address::new(["api"]);
        assert_eq!(
            resource_spec(&api, "/users")["parent_id"],
            "${api.root_resource_id}"
        );
        let deep = resource_spec(&api, "/users/{id}");
        assert_eq!(deep["parent_id"], r#"${api.resources."/users".id}"#);
        assert_eq!(deep["path_part"], "{id}");
    }
}
