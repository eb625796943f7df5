//! serverless.yml → functions, the REST API of their http events, and the CloudFormation below `resources`. Pure.

use super::{
    Files,
    cloudformation::{self, objects, yaml},
    places::{API, AUTHORIZER, FUNCTION, STAGE, USER_POOL},
    sam::{CORS, Route},
    template::{Budget, Resource, Template, referred_id},
    values::text,
};
use crate::error::Result;
use serde_json::{Map, Value, json};

/// The framework's name of the API that it makes.
const REST_API: &str = "ApiGatewayRestApi";
/// Variables whose values are elsewhere.
const OTHERS: [&str; 8] = [
    "${ssm:", "${cf:", "${file(", "${opt:", "${s3:", "${env:", "${param:", "${self:",
];
/// Bytes of a text beyond which no more is put into it.
const LONGEST: usize = 64 << 10;
/// How deep `${self:…}` refers to other values at most.
const DEEPEST: usize = 32;

pub(super) fn read(files: &Files) -> Result<Template> {
    let mut template = Template::default();
    for (name, content) in files {
        let tree = yaml(name, content)?;
        let own = Own {
            tree: &tree,
            budget: Budget::default(),
        };
        let whole = own.resolved(&tree, 0);
        add(&mut template, &whole);
    }
    Ok(template)
}

fn add(template: &mut Template, tree: &Value) {
    match &tree["resources"] {
        Value::Array(parts) => parts
            .iter()
            .for_each(|it| cloudformation::add(template, it)),
        one => cloudformation::add(template, one),
    }
    let provider = &tree["provider"];
    template.region = template
        .region
        .take()
        .or_else(|| provider["region"].as_str().map(ToOwned::to_owned));
    let service = text(&tree["service"])
        .or_else(|| text(&tree["service"]["name"]))
        .unwrap_or_else(|| "service".to_owned());
    let stage = text(&provider["stage"]).unwrap_or_else(|| "dev".to_owned());
    for (name, function) in objects(&tree["functions"]) {
        let id = format!("{}LambdaFunction", capital(name));
        let events = function["events"].as_array().cloned().unwrap_or_default();
        template.resources.push(Resource {
            id: id.clone(),
            name: Some(name.clone()),
            kind: FUNCTION.to_owned(),
            properties: of_function(
                function,
                provider,
                &tree["package"],
                &format!("{service}-{stage}-{name}"),
            ),
        });
        for (index, event) in events.iter().enumerate() {
            add_event(template, event, &id, index, &service, &stage);
        }
    }
}

/// The framework's names of resources: `get-users` is `GetDashUsers`.
fn capital(name: &str) -> String {
    let name = name.replace('-', "Dash").replace('_', "Underscore");
    let mut letters = name.chars();
    letters.next().map_or_else(String::new, |first| {
        first.to_uppercase().chain(letters).collect()
    })
}

fn of_function(
    function: &Value,
    provider: &Value,
    package: &Value,
    name: &str,
) -> Map<String, Value> {
    let of = |key: &str| {
        if function[key].is_null() {
            provider[key].clone()
        } else {
            function[key].clone()
        }
    };
    let mut properties = Map::new();
    let mut add = |key: &str, value: Value| {
        if !value.is_null() {
            properties.insert(key.to_owned(), value);
        }
    };
    add(
        "FunctionName",
        if function["name"].is_null() {
            name.into()
        } else {
            function["name"].clone()
        },
    );
    add("Handler", function["handler"].clone());
    add(
        "Runtime",
        if of("runtime").is_null() {
            "nodejs22.x".into()
        } else {
            of("runtime")
        },
    );
    add("Description", function["description"].clone());
    add(
        "MemorySize",
        if of("memorySize").is_null() {
            1024.into()
        } else {
            of("memorySize")
        },
    );
    add(
        "Timeout",
        if of("timeout").is_null() {
            6.into()
        } else {
            of("timeout")
        },
    );
    add("Layers", of("layers"));
    if of("architecture").is_string() {
        add("Architectures", json!([of("architecture")]));
    }
    add(
        "ReservedConcurrentExecutions",
        function["reservedConcurrency"].clone(),
    );
    if of("tracing") == true || provider["tracing"]["lambda"] == true {
        add("TracingConfig", json!({ "Mode": "Active" }));
    }
    let mut variables = Map::new();
    for (key, value) in objects(&provider["environment"]).chain(objects(&function["environment"])) {
        variables.insert(key.clone(), value.clone());
    }
    if !variables.is_empty() {
        add("Environment", json!({ "Variables": variables }));
    }
    if of("vpc").is_object() {
        add(
            "VpcConfig",
            json!({ "SubnetIds": of("vpc")["subnetIds"], "SecurityGroupIds": of("vpc")["securityGroupIds"] }),
        );
    }
    let role = if function["role"].is_null() {
        &provider["iam"]["role"]
    } else {
        &function["role"]
    };
    let statements = [
        &role["statements"],
        &provider["iamRoleStatements"],
        &function["iamRoleStatements"],
    ];
    let statements: Vec<_> = statements
        .into_iter()
        .filter_map(Value::as_array)
        .flatten()
        .cloned()
        .collect();
    let mut policies: Vec<_> = role["managedPolicies"]
        .as_array()
        .cloned()
        .unwrap_or_default();
    if !statements.is_empty() {
        policies.push(json!({ "Statement": statements }));
    }
    if !policies.is_empty() {
        add("Policies", policies.into());
    }
    if role.is_string()
        || role
            .as_object()
            .is_some_and(|it| referred_id(&it.clone().into()).is_some())
    {
        add("Role", role.clone());
    }
    let artifact = if function["package"]["artifact"].is_null() {
        &package["artifact"]
    } else {
        &function["package"]["artifact"]
    };
    add("CodeUri", artifact.as_str().unwrap_or(".").into());
    properties
}

fn add_event(
    template: &mut Template,
    event: &Value,
    function: &str,
    index: usize,
    service: &str,
    stage: &str,
) {
    if event["cognitoUserPool"].is_object() {
        return trigger(template, &event["cognitoUserPool"], function);
    }
    let http = match &event["http"] {
        Value::String(short) => match short.split_once(' ') {
            Some((method, path)) => json!({ "method": method, "path": path }),
            None => json!({ "method": "any", "path": short }),
        },
        Value::Null => {
            let kind = event
                .as_object()
                .and_then(|it| it.keys().next())
                .cloned()
                .or_else(|| text(event));
            let kind = kind.unwrap_or_default();
            template.notes.push(format!("Left out: the event {kind} of {function}: wsctl calls functions by REST APIs and user pools."));
            return;
        }
        table => table.clone(),
    };
    api(template, service, stage);
    if let Some(cors) = cors(&http["cors"])
        && let Some(api) = template.resources.iter_mut().find(|it| it.id == REST_API)
    {
        api.properties.entry(CORS).or_insert(cors);
    }
    let authorizer = authorizer(template, &http["authorizer"]);
    let path = text(&http["path"]).unwrap_or_default();
    Route {
        id: format!("{function}Http{index}"),
        api: REST_API.to_owned(),
        method: text(&http["method"]).unwrap_or_else(|| "any".to_owned()),
        path: format!("/{}", path.trim_matches('/')),
        function: function.to_owned(),
    }
    .add(
        template,
        &authorizer.into(),
        &http["authorizer"]["scopes"],
        &http["private"],
    );
}

/// The framework makes a pool of the event's name, unless the file has it or it is there already.
fn trigger(template: &mut Template, event: &Value, function: &str) {
    let name = text(&event["pool"]).unwrap_or_default();
    let trigger = text(&event["trigger"]).unwrap_or_default();
    let id = format!("CognitoUserPool{}", capital(&name));
    if event["existing"] == true {
        let note = format!(
            "Left out: the trigger {trigger} of {function}: its pool {name} is there already."
        );
        return template.notes.push(note);
    }
    if template.get(&id).is_none() {
        template.resources.push(Resource {
            id: id.clone(),
            name: None,
            kind: USER_POOL.to_owned(),
            properties: Map::from_iter([("UserPoolName".to_owned(), name.into())]),
        });
    }
    template.add_trigger(&id, &trigger, function);
}

fn api(template: &mut Template, service: &str, stage: &str) {
    if template.get(REST_API).is_none() {
        let own = |id: &str, kind: &str, properties: Value| Resource {
            id: id.to_owned(),
            name: None,
            kind: kind.to_owned(),
            properties: properties.as_object().cloned().unwrap_or_default(),
        };
        let name = format!("{stage}-{service}");
        template
            .resources
            .push(own(REST_API, API, json!({ "Name": name })));
        template.resources.push(own(
            "ApiGatewayStage",
            STAGE,
            json!({ "RestApiId": { "Ref": REST_API }, "StageName": stage }),
        ));
    }
}

fn cors(written: &Value) -> Option<Value> {
    if *written == true {
        return Some(json!({ "origins": ["*"] }));
    }
    let origins = match (&written["origins"], &written["origin"]) {
        (Value::Array(all), _) => all.clone(),
        (Value::Null, Value::String(one)) | (Value::String(one), _) => {
            vec![one.trim_matches('\'').into()]
        }
        _ => return None,
    };
    let mut table = json!({ "origins": origins });
    if written["headers"].is_array() {
        table["headers"] = written["headers"].clone();
    }
    if written["allowCredentials"] == true {
        table["credentials"] = true.into();
    }
    if let Some(seconds) = written["maxAge"].as_u64() {
        table["max_age"] = format!("{seconds}s").into();
    }
    Some(table)
}

/// The name of the authorizer, which is made at its first use.
fn authorizer(template: &mut Template, written: &Value) -> Option<String> {
    let none = Value::Null;
    let (arn, id, name) = match written {
        Value::Null => return None,
        Value::String(word) if word.eq_ignore_ascii_case("aws_iam") => {
            return Some("AWS_IAM".to_owned());
        }
        Value::String(arn) if arn.starts_with("arn:") => (written, &none, None),
        Value::String(function) => {
            let arn =
                json!({ "Fn::GetAtt": [format!("{}LambdaFunction", capital(function)), "Arn"] });
            return Some(made(
                template,
                function,
                "TOKEN",
                &json!({ "AuthorizerUri": arn }),
            ));
        }
        table if text(&table["type"]).is_some_and(|it| it.eq_ignore_ascii_case("aws_iam")) => {
            return Some("AWS_IAM".to_owned());
        }
        table => (&table["arn"], &table["authorizerId"], text(&table["name"])),
    };
    if let Some(id) = referred_id(id) {
        // One that stands below `resources`; another one is not known, and lets nobody in.
        if let Some(own) = template.resources.iter_mut().find(|it| it.id == id) {
            own.id = format!("{REST_API}.{id}");
        }
        return Some(id.to_owned());
    }
    if let Some(function) = text(&written["name"]).filter(|_| arn.is_null()) {
        let arn = json!({ "Fn::GetAtt": [format!("{}LambdaFunction", capital(&function)), "Arn"] });
        let kind = if text(&written["type"]).is_some_and(|it| it.eq_ignore_ascii_case("request")) {
            "REQUEST"
        } else {
            "TOKEN"
        };
        return Some(made(
            template,
            &function,
            kind,
            &json!({ "AuthorizerUri": arn }),
        ));
    }
    let name = name.unwrap_or_else(|| "cognito".to_owned());
    Some(made(
        template,
        &name,
        "COGNITO_USER_POOLS",
        &json!({ "ProviderARNs": [arn] }),
    ))
}

fn made(template: &mut Template, name: &str, kind: &str, of: &Value) -> String {
    let id = format!("{REST_API}.{name}");
    if template.get(&id).is_none() {
        let mut properties = of.as_object().cloned().unwrap_or_default();
        properties.insert("RestApiId".to_owned(), json!({ "Ref": REST_API }));
        properties.insert("Name".to_owned(), name.into());
        properties.insert("Type".to_owned(), kind.into());
        template.resources.push(Resource {
            id,
            name: None,
            kind: AUTHORIZER.to_owned(),
            properties,
        });
    }
    name.to_owned()
}

/// A file, whose values refer to each other.
struct Own<'a> {
    tree: &'a Value,
    budget: Budget,
}

impl Own<'_> {
    /// With the framework's own variables in their places: `${self:…}`, `${opt:…, …}`, `${sls:stage}`, `${env:…}`.
    fn resolved(&self, value: &Value, depth: usize) -> Value {
        match value {
            Value::String(text) => self.variables(text, depth),
            Value::Array(items) => items.iter().map(|it| self.resolved(it, depth)).collect(),
            Value::Object(map) => {
                let each = map
                    .iter()
                    .map(|(k, v)| (k.clone(), self.resolved(v, depth)));
                each.collect::<Map<_, _>>().into()
            }
            other => other.clone(),
        }
    }

    fn variables(&self, written: &str, depth: usize) -> Value {
        let mut written = written.to_owned();
        // From the inside out: the last `${` has none within it.
        for _ in 0..DEEPEST {
            let found = written.rmatch_indices("${").find_map(|(start, _)| {
                let end = start + written[start..].find('}')?;
                let value = self.variable(&written[start + 2..end], depth)?;
                Some((start, end, value))
            });
            let Some((start, end, value)) = found else {
                break;
            };
            if start == 0 && end + 1 == written.len() {
                return value;
            }
            let Some(inner) = text(&value) else { break };
            written.replace_range(start..=end, &inner);
            if written.len() > LONGEST {
                break;
            }
        }
        // What only AWS, an option or another file knows.
        match OTHERS.iter().any(|it| written.contains(it)) {
            true => json!({ "Fn::Serverless": written }),
            false => written.into(),
        }
    }

    /// What one variable is; nothing where that is not the framework's, or not known.
    fn variable(&self, inner: &str, depth: usize) -> Option<Value> {
        if depth > DEEPEST || !self.budget.spend() {
            return None;
        }
        let (name, otherwise) = match inner.split_once(',') {
            Some((name, otherwise)) => (name.trim(), Some(otherwise.trim())),
            None => (inner.trim(), None),
        };
        let provider = &self.tree["provider"];
        let stage = || {
            let said = provider["stage"].as_str();
            said.filter(|it| !it.contains("${opt:stage"))
                .unwrap_or("dev")
        };
        let found = match name.split_once(':') {
            Some(("self", path)) => {
                let found = path
                    .split('.')
                    .try_fold(self.tree, |tree, key| tree.get(key));
                found.map(|it| self.resolved(it, depth + 1))
            }
            Some(("sls", "stage")) => Some(stage().into()),
            Some(("opt", "stage")) if otherwise.is_none() => Some(stage().into()),
            Some(("aws", "region")) => Some(provider["region"].clone()),
            Some(("aws", "accountId")) => Some(json!({ "Ref": "AWS::AccountId" })),
            Some(("env", name)) if otherwise.is_none() => {
                Some(json!({ "Ref": format!("env:{name}") }))
            }
            _ => None,
        };
        let literal = |it: &str| match it.strip_prefix('\'').and_then(|it| it.strip_suffix('\'')) {
            Some(text) => Some(Value::from(text)),
            None if it.contains(':') => self.variable(it, depth + 1),
            None => Some(it.trim_matches('"').into()),
        };
        found
            .filter(|it| !it.is_null())
            .or_else(|| otherwise.and_then(literal))
    }
}
