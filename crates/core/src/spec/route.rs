//! A route of a REST API, `GET /users`: a method on a resource, who may call it, and what answers. Pure.

use super::{arn, integration::Integration, model::Model, preflight::Preflight, rest_api::RestApi};
use crate::{
    duration::Duration,
    shape,
    spec::{Closing, Produces, Spec, Traits},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The methods that a route can have.
pub const METHODS: [&str; 8] = [
    "ANY", "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT",
];

/// The authorizer of a route that everyone may call.
pub const NOBODY: &str = "none";
/// The authorizer of a route that takes requests which IAM's credentials sign.
pub const IAM: &str = "AWS_IAM";
/// What API Gateway calls the authorization by tokens of user pools.
pub const COGNITO: &str = "COGNITO_USER_POOLS";
/// What API Gateway calls the authorization by a function.
pub const CUSTOM: &str = "CUSTOM";

/// What answers a method on a path, and who may call it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Route {
    #[serde(default)]
    #[schemars(skip)]
    pub resource_id: String,
    /// A function of this file, by its name here, which answers by itself; or what `integration` of type `AWS`
    /// calls.
    #[serde(default)]
    pub function: String,
    /// What answers in the place of a function.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub integration: Option<Integration>,
    /// An authorizer of this file by its name here, `"none"` for everyone, or `"AWS_IAM"`.
    pub authorizer: String,
    /// OAuth scopes, one of which an *access* token has to have. Without scopes the route takes
    /// ID tokens.
    #[serde(default)]
    #[schemars(with = "BTreeSet<shape::Scope>")]
    pub scopes: BTreeSet<String>,
    /// How long API Gateway waits for what answers.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("range" = ["1s", "29s"], "default" = "29s"))]
    pub timeout: Option<Duration>,
    /// In the place of a function: API Gateway's own answer to a browser's preflight.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub preflight: Option<Preflight>,
    /// Of a preflight: whether its request may be bytes, as it is where all of the API's media types are binary.
    /// One that wsctl makes takes it for text.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub as_bytes: Option<bool>,
    /// Of a live route: as whom API Gateway calls the function, where its own leave is not used.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub credentials: Option<String>,
    /// Of a live route: into what a body is turned before the function sees it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub content_handling: Option<String>,
    /// Whether callers need an API key besides, in the header `x-api-key`: one of a usage plan's. A key
    /// says which program calls, and not who.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub api_key_required: Option<bool>,
    /// What checks requests before the function sees them: a request validator of this file, by its name here.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub request_validator: Option<String>,
    /// What a request's body has to look like, by its media type: a model of this file, by its name here.
    /// `"$default"` is for every media type that has none of its own; a body whose type has no model is not
    /// checked.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        schema_with = "shape::keyed::<shape::BodyType, shape::NameOfModel>",
        extend("examples" = [{ "application/json": "Empty" }, { "$default": "Error", "text/plain": "Empty" }])
    )]
    #[serde(default)]
    pub request_models: Option<BTreeMap<String, String>>,
    /// What a request may have besides, and whether it cannot be without: `method.request.querystring.NAME`,
    /// `method.request.header.NAME` or `method.request.path.NAME`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        schema_with = "shape::keyed::<shape::RequestParameter, bool>",
        extend("examples" = [
            { "method.request.querystring.page": true },
            { "method.request.header.X-One": false, "method.request.querystring.page": false },
        ])
    )]
    #[serde(default)]
    pub request_parameters: Option<BTreeMap<String, bool>>,
}

/// What a route gives to others.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct RouteOutputs {
    pub resource_id: String,
    /// The HTTP method: `GET`.
    pub method: String,
}

impl Produces for Route {
    const NAME: &'static str = "route";
    type Outputs = RouteOutputs;
}

impl Spec for Route {
    type Parent = RestApi;

    const TRAITS: Traits = Traits {
        derived: &["resource_id"],
        table: "routes",
        bindable: true,
        // What a preflight no longer says is taken out of it.
        uses: &[("request_models", Model::NAME, names_of_models)],
        whole: &[
            "integration",
            "integration.request_parameters",
            "integration.request_templates",
            "integration.responses",
            "preflight",
            "request_models",
            "request_parameters",
        ],
        together: &["request_models", "request_parameters"],
        beyond: &[
            "api_key_required",
            "request_validator",
            "request_models",
            "request_parameters",
            "integration",
            "credentials",
            "content_handling",
        ],
        veiled: &["integration.uri", "integration.request_parameters"],
        calls: true,
        closing: Some(Closing {
            closed,
            why: why_closed,
            asks: authorizer_of,
        }),
        path: Some(behind_method),
        in_definition: Some(is_definable),
        open_to_everyone: Some(is_open_to_everyone),
        says_little: Some(is_for_browsers),
        ..Traits::of::<Self>()
    };

    /// What a function answers is no preflight, and what API Gateway answers itself waits for nobody.
    fn normal(self) -> Self {
        let integration = self.integration.map(Integration::normal);
        let as_preflight = integration.as_ref().and_then(Preflight::of);
        let (preflight, as_bytes) = match as_preflight {
            Some((preflight, as_bytes)) => (Some(preflight), Some(as_bytes)),
            None if integration.is_none() && self.function.is_empty() => {
                (self.preflight, self.as_bytes)
            }
            None => (None, None),
        };
        let integration = integration.filter(|_| preflight.is_none());
        let is_called =
            preflight.is_none() && !integration.as_ref().is_some_and(Integration::is_mock);
        let is_proxy = integration.is_none();
        let function = match (&integration, &preflight) {
            (Some(integration), _) => integration.told(),
            (None, Some(_)) => String::new(),
            (None, None) => self.function,
        };
        // What an integration hands on is declared along.
        let needed = integration.as_ref().map(Integration::needs_of_request);
        let needed = needed.unwrap_or_default();
        let request_parameters = self.request_parameters.map(|mut declared| {
            declared.retain(|name, is_required| needed.get(name) != Some(is_required));
            declared
        });
        Self {
            function,
            timeout: self.timeout.filter(|_| is_called),
            credentials: self.credentials.filter(|_| is_called && is_proxy),
            content_handling: self.content_handling.filter(|_| is_called && is_proxy),
            preflight,
            as_bytes,
            integration,
            request_parameters,
            ..self
        }
    }
}

impl Route {
    /// The parameters of a request that AWS has to know: the declared, and those that are handed on.
    pub fn all_request_parameters(&self) -> BTreeMap<String, bool> {
        let needed = self.integration.as_ref().map(Integration::needs_of_request);
        let declared = self.request_parameters.clone().unwrap_or_default();
        needed
            .unwrap_or_default()
            .into_iter()
            .chain(declared)
            .collect()
    }

    /// What API Gateway calls the authorization, and the authorizer where it has one.
    pub fn authorization(&self) -> (&str, Option<&str>) {
        match self.authorizer.as_str() {
            NOBODY => ("NONE", None),
            IAM => (IAM, None),
            other => match other.split_once(' ') {
                Some((authorization, id)) => (authorization, Some(id).filter(|it| !it.is_empty())),
                None => (COGNITO, Some(other)),
            },
        }
    }
}

/// A live method's authorizer: its id where it takes tokens of user pools, `none`, `AWS_IAM`, or what no
/// file can say, `CUSTOM ID`. One that is left over from another authorization checks nothing.
pub fn authorizer(authorization: &str, id: Option<&str>) -> String {
    match (authorization, id.unwrap_or_default()) {
        ("NONE", _) => NOBODY.to_owned(),
        (IAM, _) => IAM.to_owned(),
        (COGNITO, id) if !id.is_empty() => id.to_owned(),
        (other, id) => format!("{other} {id}"),
    }
}

/// `GET /users` → `GET`, `/users`; of what is no route's name nothing.
pub fn method_and_path(name: &str) -> Option<(&str, &str)> {
    name.split_once(' ')
}

/// Whether it answers what a browser asks before a call from another origin.
pub fn is_for_browsers(name: &str) -> bool {
    method_and_path(name).is_some_and(|(method, _)| method == "OPTIONS")
}

/// Where API Gateway finds a function: what stands before its ARN and behind it.
fn around_function(region: &str) -> (String, &'static str) {
    let partition = arn::partition(region);
    (
        format!("arn:{partition}:apigateway:{region}:lambda:path/2015-03-31/functions/"),
        "/invocations",
    )
}

/// The address of a route's function.
pub fn uri(function: &str, region: &str) -> String {
    if is_uri(function) {
        return function.to_owned();
    }
    let (before, behind) = around_function(region);
    format!("{before}{function}{behind}")
}

/// The ARN of the function at an address; of any other address itself, so that it equals no function's.
pub fn function_at(uri: &str, region: &str) -> String {
    let (before, behind) = around_function(region);
    let inner = uri
        .strip_prefix(&before)
        .and_then(|it| it.strip_suffix(behind));
    inner
        .filter(|it| is_callable(it) && !is_uri(it))
        .unwrap_or(uri)
        .to_owned()
}

/// Whether it is where API Gateway finds a function, and not the function itself.
pub fn is_uri(function: &str) -> bool {
    function.contains(":lambda:path/")
}

/// Whether a live route's function is one: of any other answer it is a description.
pub fn is_callable(function: &str) -> bool {
    function.starts_with("arn:")
}

/// Whether a definition can say all of it: every media type has a model of its own, if any, since OpenAPI has
/// no word for the rest.
fn is_definable(_: &str, spec: &Value) -> bool {
    spec["request_models"]["$default"].is_null()
}

fn behind_method(name: &str) -> (&str, &str) {
    let path = method_and_path(name).map_or(name, |(_, path)| path);
    name.split_at(name.len() - path.len())
}

/// The models that a route names.
fn names_of_models(models: &Value) -> Vec<String> {
    let names = models.as_object().into_iter().flatten();
    let names = names.filter_map(|(_, name)| name.as_str());
    names.map(ToOwned::to_owned).collect()
}

/// The same method, and nobody gets in but who signs with the account's credentials.
fn closed(spec: &Value) -> Value {
    let mut spec = spec.clone();
    spec["authorizer"] = json!(IAM);
    spec["scopes"] = json!([]);
    spec
}

fn why_closed(was: &Value, is_there: &dyn Fn(&str) -> bool) -> Option<String> {
    let of_old = ["authorization", "authorizer_id", "integration"];
    if of_old.iter().any(|field| was.get(field).is_some()) {
        return Some("what it was is told in the words of an older wsctl".into());
    }
    match was["function"].as_str().unwrap_or_default() {
        "" => return Some("that no function answered it cannot be put back".into()),
        other if !is_callable(other) => {
            return Some(format!("what answered it ({other}) cannot be put back"));
        }
        _ => {}
    }
    let authorizer = authorizer_of(was).filter(|id| !is_there(id))?;
    Some(format!("its authorizer {authorizer} is gone"))
}

/// The authorizer that is asked, by its id.
fn authorizer_of(spec: &Value) -> Option<&str> {
    let authorizer = spec["authorizer"].as_str()?;
    let id = authorizer.rsplit(' ').next().unwrap_or_default();
    (![NOBODY, IAM, ""].contains(&id)).then_some(id)
}

fn is_open_to_everyone(name: &str, spec: &Value) -> bool {
    // Preflights are as plentiful as paths.
    spec["authorizer"] == NOBODY && spec["preflight"].is_null() && !is_for_browsers(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_authorizer_reads_as_it_is_written() {
        for (authorization, id) in [
            ("NONE", None),
            ("AWS_IAM", None),
            (COGNITO, Some("a1")),
            (COGNITO, None),
            ("CUSTOM", Some("a1")),
            ("CUSTOM", None),
        ] {
            let authorizer = authorizer(authorization, id);
            let asked = authorizer_of(&json!({ "authorizer": authorizer })).map(ToOwned::to_owned);
            let route = Route {
                authorizer,
                ..Route::default()
            };
            assert_eq!(route.authorization(), (authorization, id));
            assert_eq!(asked.as_deref(), id);
        }
        assert_eq!(authorizer("NONE", Some("left over")), NOBODY);
    }

    #[test]
    fn an_address_reads_as_it_is_written_and_only_its_own_regions_is_a_functions() {
        let function = "arn:aws:lambda:eu-west-1:123456789012:function:users";
        let address = uri(function, "eu-west-1");
        assert_eq!(
            address,
            format!(
                "arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/{function}/invocations"
            )
        );
        assert!(uri(function, "cn-north-1").starts_with("arn:aws-cn:apigateway:cn-north-1:"));
        let by_hand = [
            address.clone(),
            uri(function, "eu-west-2"),
            uri(&uri(function, "eu-west-2"), "eu-west-1"),
            uri(
                "arn:aws:lambda:eu-west-1:1:function:${stageVariables.it}",
                "eu-west-1",
            ),
            uri("users", "eu-west-1"),
            "arn:aws:apigateway:eu-west-1:lambda:path/x".to_owned(),
        ];
        for there in by_hand {
            let read = function_at(&there, "eu-west-1");
            assert_eq!(uri(&read, "eu-west-1"), there, "{read}");
            assert_eq!(read == function, there == address, "{read}");
        }
    }

    #[test]
    fn a_preflight_has_nothing_of_a_function_and_a_function_nothing_of_a_preflight() {
        let both = Route {
            function: "arn:x".into(),
            timeout: "5s".parse().ok(),
            preflight: Some(Preflight::default()),
            ..Route::default()
        };
        let preflight = Route {
            function: String::new(),
            ..both.clone()
        };
        assert_eq!(both.normal().preflight, None);
        assert_eq!(preflight.clone().normal().timeout, None);
        assert!(preflight.normal().preflight.is_some());
    }

    #[test]
    fn what_is_handed_on_is_declared_along() {
        let integration = Integration {
            r#type: "HTTP_PROXY".into(),
            request_parameters: Some(BTreeMap::from([
                (
                    "integration.request.path.id".into(),
                    "method.request.path.id".into(),
                ),
                (
                    "integration.request.header.a".into(),
                    "method.request.header.a".into(),
                ),
                ("integration.request.header.b".into(), "'b'".into()),
            ])),
            ..Integration::default()
        };
        let all = BTreeMap::from([
            ("method.request.path.id".to_owned(), true),
            ("method.request.header.a".to_owned(), true),
            ("method.request.header.c".to_owned(), false),
        ]);
        let route = Route {
            integration: Some(integration),
            request_parameters: Some(all.clone()),
            ..Route::default()
        };
        let said = route.normal();
        let own = said.request_parameters.as_ref().unwrap();
        assert_eq!(
            own.len(),
            2,
            "a header that has to be there is more than handed on: {own:?}"
        );
        assert_eq!(said.all_request_parameters(), all);
    }

    #[test]
    fn what_cannot_be_put_back_is_told() {
        let closed = |was: Value| why_closed(&was, &|id| id == "a1");
        let was = |function: &str, authorizer: &str| json!({ "function": function, "authorizer": authorizer });
        for there in [
            was("arn:x", "a1"),
            was("arn:x", "CUSTOM a1"),
            was("arn:x", NOBODY),
            was("arn:x", IAM),
        ] {
            assert_eq!(closed(there.clone()), None, "{there}");
        }
        for (gone, why) in [
            (was("", NOBODY), "that no function answered it"),
            (was("MOCK, x", NOBODY), "what answered it (MOCK, x)"),
            (was("arn:x", "a2"), "its authorizer a2 is gone"),
            (was("arn:x", "CUSTOM a2"), "its authorizer a2 is gone"),
            (
                json!({ "function": "arn:x", "authorizer": "none", "authorization": "NONE" }),
                "older wsctl",
            ),
            (
                json!({ "function": "arn:x", "authorizer": "none", "authorizer_id": null }),
                "older wsctl",
            ),
            (
                json!({ "function": "arn:x", "authorizer": "none", "integration": {} }),
                "older wsctl",
            ),
        ] {
            assert!(
                closed(gone.clone()).is_some_and(|it| it.contains(why)),
                "{gone}"
            );
        }
        let open = json!({ "function": "arn:x", "authorizer": "none", "scopes": ["a/b"] });
        let shut = super::closed(&open);
        assert!(is_open_to_everyone("GET /", &open) && !is_open_to_everyone("GET /", &shut));
        assert_eq!(shut["scopes"], json!([]));
    }

    #[test]
    fn a_route_has_a_method_and_a_path() {
        assert_eq!(method_and_path("GET /users"), Some(("GET", "/users")));
        assert_eq!(behind_method("GET /users"), ("GET ", "/users"));
        assert!(is_for_browsers("OPTIONS /") && !is_for_browsers("GET /OPTIONS "));
    }
}
