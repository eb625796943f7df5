//! SAM's short forms → CloudFormation's resources, as SAM itself makes them. Pure.

use super::{
    cloudformation::objects,
    places::{API, AUTHORIZER, FUNCTION, STAGE},
    template::{Resource, Template, is_function},
};
use serde_json::{Value, json};

/// Of an API: the `[api.cors]` that it has, which CloudFormation has no property for.
pub(super) const CORS: &str = "\u{0}cors";
/// The API that SAM makes where an event names none.
const IMPLICIT: &str = "ServerlessRestApi";

pub(super) fn translate(template: &mut Template, tree: &Value) {
    let of_sam = |it: &Resource| it.kind.starts_with("AWS::Serverless::");
    let (sams, own): (Vec<_>, Vec<_>) = std::mem::take(&mut template.resources)
        .into_iter()
        .partition(of_sam);
    template.resources = own;
    let with_globals = |it: &Resource, table: &str| {
        merged(&tree["Globals"][table], &Value::from(it.properties.clone()))
    };
    for it in sams.iter().filter(|it| it.kind == "AWS::Serverless::Api") {
        add_api(template, &it.id, with_globals(it, "Api"));
    }
    for it in &sams {
        match it.kind.as_str() {
            "AWS::Serverless::Api" => {}
            "AWS::Serverless::Function" => function(
                template,
                &it.id,
                with_globals(it, "Function"),
                &tree["Globals"]["Api"],
            ),
            _ => template.resources.push(it.clone()),
        }
    }
}

/// What holds for all, below what one says itself: tables key by key, lists one behind the other.
fn merged(global: &Value, own: &Value) -> Value {
    match (global, own) {
        (Value::Object(global), Value::Object(own))
            if !is_function(global) && !is_function(own) =>
        {
            let mut all = global.clone();
            for (key, value) in own {
                let value = all
                    .get(key)
                    .map_or_else(|| value.clone(), |it| merged(it, value));
                all.insert(key.clone(), value);
            }
            all.into()
        }
        (Value::Array(global), Value::Array(own)) => global.iter().chain(own).cloned().collect(),
        (global, Value::Null) => global.clone(),
        (_, own) => own.clone(),
    }
}

fn resource(id: impl Into<String>, kind: &str, properties: Value) -> Resource {
    Resource {
        id: id.into(),
        name: None,
        kind: kind.to_owned(),
        properties: properties.as_object().cloned().unwrap_or_default(),
    }
}

fn add_api(template: &mut Template, id: &str, mut written: Value) {
    let Some(map) = written.as_object_mut() else {
        return;
    };
    let api = json!({ "Ref": id });
    let stage = map.remove("StageName").unwrap_or_else(|| "Prod".into());
    let auth = map.remove("Auth").unwrap_or_default();
    let said = [
        "Authorizers",
        "DefaultAuthorizer",
        "ApiKeyRequired",
        "AddDefaultAuthorizerToCorsPreflight",
    ];
    let others = objects(&auth).filter(|it| !said.contains(&it.0.as_str()));
    for (name, value) in others.map(|(name, value)| (format!("Auth.{name}"), value.clone())) {
        map.insert(name, value);
    }
    for (name, authorizer) in objects(&auth["Authorizers"]) {
        let (kind, of) = match authorizer.get("UserPoolArn") {
            Some(Value::Array(arns)) => ("COGNITO_USER_POOLS", json!({ "ProviderARNs": arns })),
            Some(arn) => ("COGNITO_USER_POOLS", json!({ "ProviderARNs": [arn] })),
            None => {
                let payload = authorizer["FunctionPayloadType"]
                    .as_str()
                    .unwrap_or("TOKEN")
                    .to_owned();
                let kind = if payload == "REQUEST" {
                    "REQUEST"
                } else {
                    "TOKEN"
                };
                let uri = json!({ "Fn::Join": ["", ["", authorizer["FunctionArn"]]] });
                (kind, json!({ "AuthorizerUri": uri }))
            }
        };
        let mut properties = merged(
            &of,
            &json!({ "RestApiId": api, "Name": name, "Type": kind }),
        );
        if let Some(header) = authorizer["Identity"]["Header"].as_str() {
            properties["IdentitySource"] = format!("method.request.header.{header}").into();
        }
        if !authorizer["Identity"]["ReauthorizeEvery"].is_null() {
            properties["AuthorizerResultTtlInSeconds"] =
                authorizer["Identity"]["ReauthorizeEvery"].clone();
        }
        template
            .resources
            .push(resource(authorizer_id(id, name), AUTHORIZER, properties));
    }
    let endpoint = map.remove("EndpointConfiguration");
    if let Some(endpoint) = endpoint {
        let kind = if endpoint.is_string() {
            endpoint
        } else {
            endpoint["Type"].clone()
        };
        map.insert(
            "EndpointConfiguration".to_owned(),
            json!({ "Types": [kind] }),
        );
    }
    if let Some(cors) = map.remove("Cors").and_then(|it| cors(&it)) {
        map.insert(CORS.to_owned(), cors);
    }
    let mut of_stage = json!({ "RestApiId": api, "StageName": stage });
    for key in [
        "Variables",
        "MethodSettings",
        "TracingEnabled",
        "AccessLogSetting",
    ] {
        if let Some(value) = map.remove(key) {
            of_stage[key] = value;
        }
    }
    for (property, body) in [("DefinitionBody", "Body"), ("DefinitionUri", "Body")] {
        if let Some(value) = map.remove(property) {
            map.insert(body.to_owned(), value);
        }
    }
    map.remove("OpenApiVersion");
    // Read again by the events of functions.
    template.resources.push(resource(
        format!("{id}Default"),
        DEFAULT,
        json!({ "Authorizer": auth["DefaultAuthorizer"], "ApiKeyRequired": auth["ApiKeyRequired"] }),
    ));
    template
        .resources
        .push(resource(id, API, Value::from(map.clone())));
    template
        .resources
        .push(resource(format!("{id}Stage"), STAGE, of_stage));
}

/// A note of this translation's own: what an API asks for where a route says nothing.
pub(super) const DEFAULT: &str = "\u{0}default";

fn authorizer_id(api: &str, name: &str) -> String {
    format!("{api}.{name}")
}

/// `'*'`, or a table of texts in single quotes.
fn cors(written: &Value) -> Option<Value> {
    let bare = |it: &Value| it.as_str().map(|it| it.trim_matches('\'').to_owned());
    let origin = match written {
        Value::Bool(true) => Some("*".to_owned()),
        Value::String(_) => bare(written),
        _ => bare(&written["AllowOrigin"]),
    };
    let mut table = json!({ "origins": [origin?] });
    for (property, key) in [("AllowHeaders", "headers"), ("AllowMethods", "methods")] {
        if let Some(list) = bare(&written[property]) {
            let each: Vec<_> = list
                .split(',')
                .map(str::trim)
                .filter(|it| !it.is_empty() && *it != "OPTIONS")
                .map(Value::from)
                .collect();
            table[key] = each.into();
        }
    }
    if written["AllowCredentials"] == true {
        table["credentials"] = true.into();
    }
    if let Some(seconds) = bare(&written["MaxAge"]).and_then(|it| it.parse::<u64>().ok()) {
        table["max_age"] = format!("{seconds}s").into();
    }
    Some(table)
}

fn function(template: &mut Template, id: &str, mut written: Value, globals: &Value) {
    let Some(map) = written.as_object_mut() else {
        return;
    };
    if let Some(mode) = map.remove("Tracing") {
        map.insert("TracingConfig".to_owned(), json!({ "Mode": mode }));
    }
    if let Some(code) = map.remove("InlineCode") {
        map.insert("Code".to_owned(), json!({ "ZipFile": code }));
    }
    let events = map.remove("Events").unwrap_or_default();
    for (name, event) in objects(&events) {
        let properties = &event["Properties"];
        match event["Type"].as_str() {
            Some("Api") => {
                let api = match &properties["RestApiId"] {
                    Value::Null => implicit(template, globals),
                    named => super::template::referred_id(named)
                        .or(named.as_str())
                        .unwrap_or(IMPLICIT)
                        .to_owned(),
                };
                let route = Route {
                    id: format!("{id}{name}"),
                    api,
                    method: properties["Method"].as_str().unwrap_or("any").to_owned(),
                    path: properties["Path"].as_str().unwrap_or("/").to_owned(),
                    function: id.to_owned(),
                };
                let auth = &properties["Auth"];
                route.add(
                    template,
                    &auth["Authorizer"],
                    &auth["AuthorizationScopes"],
                    &auth["ApiKeyRequired"],
                );
            }
            Some("Cognito") => {
                let pool =
                    super::template::referred_id(&properties["UserPool"]).unwrap_or_default();
                let triggers = super::fields::list(&properties["Trigger"]).unwrap_or_default();
                for trigger in triggers.as_array().into_iter().flatten() {
                    let trigger = trigger.as_str().unwrap_or_default();
                    if !template.add_trigger(pool, trigger, id) {
                        template.notes.push(format!(
                            "Left out: the trigger {trigger} of {id}: its pool is elsewhere."
                        ));
                    }
                }
            }
            kind => {
                let kind = kind.unwrap_or("unknown");
                template.notes.push(format!("Left out: the event {name} ({kind}) of {id}: wsctl calls functions by REST APIs and user pools."));
            }
        }
    }
    template
        .resources
        .push(resource(id, FUNCTION, Value::from(map.clone())));
}

fn implicit(template: &mut Template, globals: &Value) -> String {
    if template.get(IMPLICIT).is_none() {
        let written = merged(globals, &json!({}));
        add_api(template, IMPLICIT, written);
    }
    IMPLICIT.to_owned()
}

/// A route that a function answers by itself.
pub(super) struct Route {
    pub id: String,
    pub api: String,
    pub method: String,
    pub path: String,
    pub function: String,
}

impl Route {
    /// With the authorizer that is named, or the API's own.
    pub fn add(
        self,
        template: &mut Template,
        authorizer: &Value,
        scopes: &Value,
        wants_key: &Value,
    ) {
        let default = template.get(&format!("{}Default", self.api));
        let or_default = |own: &Value, name: &str| match own {
            Value::Null => default.and_then(|it| it.properties.get(name)).cloned(),
            own => Some(own.clone()),
        };
        let by = or_default(authorizer, "Authorizer").unwrap_or_default();
        let wants_key = or_default(wants_key, "ApiKeyRequired").unwrap_or_default();
        let mut properties = json!({
            "RestApiId": { "Ref": self.api },
            "ResourceId": self.path,
            "HttpMethod": self.method.to_uppercase(),
            "AuthorizationType": "NONE",
            "Integration": { "Type": "AWS_PROXY", "Uri": { "Fn::GetAtt": [self.function, "Arn"] } },
        });
        match &by {
            Value::Null => {}
            Value::String(word) if ["NONE", "AWS_IAM"].contains(&word.as_str()) => {
                properties["AuthorizationType"] = by;
            }
            Value::String(name) => {
                properties["AuthorizationType"] = "COGNITO_USER_POOLS".into();
                properties["AuthorizerId"] = json!({ "Ref": authorizer_id(&self.api, name) });
            }
            // A parameter, say.
            _ => properties["AuthorizationType"] = by,
        }
        for (name, value) in [
            ("AuthorizationScopes", scopes),
            ("ApiKeyRequired", &wants_key),
        ] {
            if !value.is_null() {
                properties[name] = value.clone();
            }
        }
        template
            .resources
            .push(resource(self.id, "AWS::ApiGateway::Method", properties));
    }
}
