//! Lambda: functions and their policies (docs/aws.md §8).

use crate::{
    call::{Answer, Call, Refusal, refuse_with},
    cloud::{Cloud, Tags, tags_of, texts, unknown, without},
};
use base64::Engine;
use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

#[derive(Clone, Default)]
pub(crate) struct Lambda {
    pub(crate) functions: BTreeMap<String, Function>,
    /// The names of those that were deleted.
    pub(crate) gone: BTreeSet<String>,
}

#[derive(Clone)]
pub(crate) struct Function {
    pub(crate) made: Duration,
    pub(crate) tree: Map<String, Value>,
    pub(crate) statements: Vec<Value>,
    /// What was published: the configuration as it was then, under its number.
    pub(crate) versions: Vec<Map<String, Value>>,
    pub(crate) tags: Tags,
    /// What else GetFunction tells of it: its concurrency.
    pub(crate) beside: Map<String, Value>,
    /// When it becomes active, and when its last update is done.
    active: Duration,
    updated: Duration,
}

impl Function {
    pub(crate) fn arn(&self) -> String {
        self.tree["FunctionArn"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    fn tree(&self, now: Duration) -> Value {
        let mut tree = self.tree.clone();
        tree.insert(
            "State".into(),
            json!(if now < self.active {
                "Pending"
            } else {
                "Active"
            }),
        );
        let update = if now < self.updated {
            "InProgress"
        } else {
            "Successful"
        };
        tree.insert("LastUpdateStatus".into(), json!(update));
        Value::Object(tree)
    }
}

/// A function's statements, as a write to them sees them when it arrives.
pub(crate) fn policy(cloud: &Cloud, function: &str) -> Option<Vec<Value>> {
    cloud
        .lambda
        .functions
        .get(function)
        .map(|it| it.statements.clone())
}

pub(crate) fn answer(cloud: &mut Cloud, call: &Call, policy: Option<Vec<Value>>) -> Answer {
    match call.operation.as_str() {
        "CreateFunction" => return create(cloud, call),
        "ListFunctions" => return Ok(list(cloud)),
        _ => {}
    }
    let name = match call.text("Resource") {
        "" => call.text("FunctionName").to_owned(),
        arn => arn.rsplit(':').next().unwrap_or_default().to_owned(),
    };
    let (now, delay) = (cloud.now, cloud.strict.function_delay);
    let is_parallel = cloud.strict.concurrency;
    let role_fault = role_fault(cloud, call.text("Role"));
    let qualifier = call.text("Qualifier").to_owned();
    if call.operation == "DeleteFunction" && qualifier.is_empty() {
        let Some(gone) = cloud.lambda.functions.remove(&name) else {
            return absent(&name);
        };
        cloud.lambda.gone.insert(name);
        cloud.bury(gone.arn(), gone.tags);
        return Ok(json!({}));
    }
    let Some(function) = cloud.lambda.functions.get_mut(&name) else {
        return absent(&name);
    };
    match call.operation.as_str() {
        "DeleteFunction" => {
            function.versions.retain(|it| it["Version"] != qualifier);
            return Ok(json!({}));
        }
        "ListVersionsByFunction" => {
            let published = function.versions.iter().map(|it| json!(it));
            let versions: Vec<_> = std::iter::once(function.tree(now))
                .chain(published)
                .collect();
            return Ok(json!({ "Versions": versions }));
        }
        "GetFunction" if !qualifier.is_empty() && qualifier != "$LATEST" => {
            return match function
                .versions
                .iter()
                .find(|it| it["Version"] == qualifier)
            {
                Some(version) => Ok(json!({ "Configuration": version, "Code": {} })),
                None => absent(&format!("{name}:{qualifier}")),
            };
        }
        "GetFunction" => {
            let mut answer = json!({ "Configuration": function.tree(now), "Code": {} });
            if !function.tags.is_empty() {
                answer["Tags"] = json!(function.tags);
            }
            answer
                .as_object_mut()
                .expect("an answer")
                .extend(function.beside.clone());
            return Ok(answer);
        }
        "GetFunctionConfiguration" => return Ok(function.tree(now)),
        "GetPolicy" => {
            if function.statements.is_empty() {
                return absent(&name);
            }
            let policy = json!({ "Version": "2012-10-17", "Statement": function.statements });
            return Ok(json!({ "Policy": policy.to_string(), "RevisionId": "1" }));
        }
        "AddPermission" => {
            let before = policy
                .filter(|_| is_parallel)
                .unwrap_or_else(|| function.statements.clone());
            return add_permission(function, call, before);
        }
        "RemovePermission" => {
            let before = function.statements.len();
            function
                .statements
                .retain(|it| it["Sid"] != *call.get("StatementId"));
            if function.statements.len() == before {
                return absent("statement");
            }
            return Ok(json!({}));
        }
        "PutFunctionConcurrency" => {
            let reserved =
                json!({ "ReservedConcurrentExecutions": call.get("ReservedConcurrentExecutions") });
            function
                .beside
                .insert("Concurrency".into(), reserved.clone());
            return Ok(reserved);
        }
        "DeleteFunctionConcurrency" => {
            function.beside.remove("Concurrency");
            return Ok(json!({}));
        }
        "TagResource" => {
            function.tags.extend(tags_of(call.get("Tags")));
            return Ok(json!({}));
        }
        "UntagResource" => {
            let keys = texts(call.get("TagKeys"));
            function.tags.retain(|key, _| !keys.contains(key));
            return Ok(json!({}));
        }
        _ => {}
    }
    if now < function.active || now < function.updated {
        return refuse_with(
            409,
            "ResourceConflictException",
            "The operation cannot be performed at this time. The function is currently in the following state: Pending",
        );
    }
    match call.operation.as_str() {
        "UpdateFunctionCode" => {
            function
                .tree
                .insert("CodeSha256".into(), digest(call.text("ZipFile")));
            if !call.get("Architectures").is_null() {
                function
                    .tree
                    .insert("Architectures".into(), call.get("Architectures").clone());
            }
        }
        "UpdateFunctionConfiguration" => {
            if let Some(fault) = role_fault.or_else(|| environment_fault(call)) {
                return Err(fault);
            }
            configure(function, call);
        }
        "PublishVersion" => return Ok(publish(function, call)),
        _ => return unknown(call),
    }
    function.updated = now + delay;
    // Also an update that changes nothing is under way at first (recorded).
    let mut answer = function.tree.clone();
    answer.insert("State".into(), json!("Active"));
    answer.extend(under_way("LastUpdateStatus", "InProgress", "Creating"));
    Ok(Value::Object(answer))
}

/// What an answer says of a state that will pass, and why it is so.
fn under_way(state: &str, is: &str, code: &str) -> [(String, Value); 3] {
    [
        (state.to_owned(), json!(is)),
        (
            format!("{state}Reason"),
            json!("The function is being created."),
        ),
        (format!("{state}ReasonCode"), json!(code)),
    ]
}

/// The function as it is now, under the next number; nothing new where nothing changed since the
/// last one (docs/aws.md §8).
fn publish(function: &mut Function, call: &Call) -> Value {
    let of = |tree: &Map<String, Value>| {
        let kept = tree
            .iter()
            .filter(|(name, _)| !["Version", "Description"].contains(&name.as_str()));
        json!(kept.collect::<BTreeMap<_, _>>())
    };
    if let Some(last) = function
        .versions
        .last()
        .filter(|it| of(it) == of(&function.tree))
    {
        return json!(last);
    }
    let number = |it: &Map<String, Value>| {
        it["Version"]
            .as_str()
            .and_then(|it| it.parse().ok())
            .unwrap_or(0_u32)
    };
    let next = function.versions.last().map_or(1, |it| number(it) + 1);
    let mut version = function.tree.clone();
    version.insert("Version".into(), json!(next.to_string()));
    if !call.get("Description").is_null() {
        version.insert("Description".into(), call.get("Description").clone());
    }
    function.versions.push(version.clone());
    json!(version)
}

/// Without the state, which only a question by name tells (docs/aws.md §8).
fn list(cloud: &Cloud) -> Value {
    let functions = cloud
        .lambda
        .functions
        .values()
        .filter(|it| cloud.is_listed(it.made));
    json!({ "Functions": functions.map(|it| &it.tree).collect::<Vec<_>>() })
}

fn absent<T>(name: &str) -> Result<T, Refusal> {
    refuse_with(
        404,
        "ResourceNotFoundException",
        format!("Function not found: {name}"),
    )
}

/// A role that is not there, or not known everywhere yet (docs/aws.md §8).
fn role_fault(cloud: &Cloud, arn: &str) -> Option<Refusal> {
    let own = arn.starts_with(&cloud.arn("iam", "role/wsctl/"));
    let role = cloud.iam.roles.values().find(|it| it.arn(cloud) == arn);
    let is_known = role.is_some_and(|it| cloud.now >= it.made + cloud.strict.role_delay);
    let is_untrusting = role.is_some_and(|it| !it.trust.contains("lambda.amazonaws.com"));
    ((own && !is_known) || is_untrusting).then(|| Refusal {
        status: 400,
        code: "InvalidParameterValueException",
        message: "The role defined for the function cannot be assumed by Lambda.".into(),
    })
}

/// What Lambda says of variables that it keeps for itself, which it names, and of too many, which it
/// quotes with their values (docs/aws.md §8).
fn environment_fault(call: &Call) -> Option<Refusal> {
    let variables = call.get("Environment")["Variables"].as_object()?;
    let told = |what: String| Refusal {
        status: 400,
        code: "InvalidParameterValueException",
        message: format!(
            "Lambda was unable to configure your environment variables because the environment variables you \
             have provided {what}"
        ),
    };
    let reserved: Vec<_> = variables
        .keys()
        .map(String::as_str)
        .filter(|it| RESERVED.contains(it))
        .collect();
    if !reserved.is_empty() {
        return Some(told(format!(
            "contains reserved keys that are currently not supported for modification. Reserved keys used in \
             this request: {}",
            reserved.join(", ")
        )));
    }
    let measured = call.get("Environment")["Variables"].to_string();
    (measured.len() > 4096).then(|| {
        told(format!(
            "exceeded the 4KB limit. String measured: {measured}"
        ))
    })
}

/// Lambda developer guide, "Defined runtime environment variables".
const RESERVED: [&str; 21] = [
    "_HANDLER",
    "_X_AMZN_TRACE_ID",
    "AWS_ACCESS_KEY",
    "AWS_ACCESS_KEY_ID",
    "AWS_DEFAULT_REGION",
    "AWS_EXECUTION_ENV",
    "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
    "AWS_LAMBDA_FUNCTION_NAME",
    "AWS_LAMBDA_FUNCTION_VERSION",
    "AWS_LAMBDA_INITIALIZATION_TYPE",
    "AWS_LAMBDA_LOG_GROUP_NAME",
    "AWS_LAMBDA_LOG_STREAM_NAME",
    "AWS_LAMBDA_MAX_CONCURRENCY",
    "AWS_LAMBDA_METADATA_API",
    "AWS_LAMBDA_METADATA_TOKEN",
    "AWS_LAMBDA_RUNTIME_API",
    "AWS_REGION",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "LAMBDA_RUNTIME_DIR",
    "LAMBDA_TASK_ROOT",
];

fn digest(zip: &str) -> Value {
    let engine = base64::engine::general_purpose::STANDARD;
    let bytes = engine.decode(zip).unwrap_or_default();
    json!(engine.encode(Sha256::digest(&bytes)))
}

fn create(cloud: &mut Cloud, call: &Call) -> Answer {
    let name = call.text("FunctionName").to_owned();
    if cloud.lambda.functions.contains_key(&name) {
        return refuse_with(
            409,
            "ResourceConflictException",
            format!("Function already exist: {name}"),
        );
    }
    let is_image = call.text("PackageType") == "Image";
    if !is_image && (call.text("Runtime").is_empty() || call.text("Handler").is_empty()) {
        return refuse_with(
            400,
            "InvalidParameterValueException",
            "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
        );
    }
    if let Some(fault) = role_fault(cloud, call.text("Role")).or_else(|| environment_fault(call)) {
        return Err(fault);
    }
    let mut tree = without(
        &call.input,
        &["Code", "Tags", "Publish", "VpcConfig", "Environment"],
    );
    tree.insert(
        "FunctionArn".into(),
        json!(cloud.arn("lambda", &format!("function:{name}"))),
    );
    tree.insert(
        "CodeSha256".into(),
        digest(call.get("Code")["ZipFile"].as_str().unwrap_or_default()),
    );
    for (field, default) in [
        ("Timeout", json!(3)),
        ("MemorySize", json!(128)),
        ("Architectures", json!(["x86_64"])),
        ("Description", json!("")),
        ("Version", json!("$LATEST")),
        ("CodeSize", json!(1000)),
        ("EphemeralStorage", json!({ "Size": 512 })),
        ("LastModified", json!("2026-01-01T00:00:00.000+0000")),
        ("PackageType", json!("Zip")),
        ("RevisionId", json!("00000000-0000-4000-8000-000000000000")),
        (
            "SnapStart",
            json!({ "ApplyOn": "None", "OptimizationStatus": "Off" }),
        ),
        ("TracingConfig", json!({ "Mode": "PassThrough" })),
        (
            "LoggingConfig",
            json!({ "LogFormat": "Text", "LogGroup": format!("/aws/lambda/{name}") }),
        ),
    ] {
        tree.entry(field).or_insert(default);
    }
    // A layer is given by its ARN, and told with its size.
    if let Some(layers) = tree.get_mut("Layers") {
        *layers = texts(layers)
            .into_iter()
            .map(|arn| json!({ "Arn": arn, "CodeSize": 1 }))
            .collect();
    }
    let mut function = Function {
        made: cloud.now,
        tree,
        statements: vec![],
        versions: vec![],
        tags: tags_of(call.get("Tags")),
        beside: Map::new(),
        active: cloud.now + cloud.strict.function_delay,
        updated: cloud.now,
    };
    configure(&mut function, call);
    let mut answer = function.tree.clone();
    answer.extend(under_way("State", "Pending", "Creating"));
    cloud.lambda.gone.remove(&name);
    cloud.lambda.functions.insert(name, function);
    Ok(Value::Object(answer))
}

/// Merges, but takes the variables and the network as a whole (docs/aws.md §8).
fn configure(function: &mut Function, call: &Call) {
    for field in [
        "Description",
        "Runtime",
        "Handler",
        "MemorySize",
        "Timeout",
        "Role",
        "TracingConfig",
        "EphemeralStorage",
    ] {
        if !call.get(field).is_null() {
            function.tree.insert(field.into(), call.get(field).clone());
        }
    }
    // A list of ARNs goes in, a list of layers comes out.
    match call.get("Layers").as_array() {
        Some(all) if all.is_empty() => drop(function.tree.remove("Layers")),
        Some(all) => {
            let layers = all
                .iter()
                .map(|arn| json!({ "Arn": arn, "CodeSize": 1 }))
                .collect();
            function.tree.insert("Layers".into(), layers);
        }
        None => {}
    }
    let variables = &call.get("Environment")["Variables"];
    match variables.as_object() {
        Some(all) if all.is_empty() => {
            function.tree.remove("Environment");
        }
        Some(all) => {
            function
                .tree
                .insert("Environment".into(), json!({ "Variables": all }));
        }
        None => {}
    }
    let vpc = call.get("VpcConfig");
    if vpc.is_object() {
        let id = if texts(&vpc["SubnetIds"]).is_empty() {
            ""
        } else {
            "vpc-1"
        };
        let mut vpc = vpc.clone();
        vpc["VpcId"] = json!(id);
        function.tree.insert("VpcConfig".into(), vpc);
    }
}

/// Adds to what was there when the request arrived: of two at once, one is lost (docs/aws.md §8).
fn add_permission(function: &mut Function, call: &Call, before: Vec<Value>) -> Answer {
    if function
        .statements
        .iter()
        .any(|it| it["Sid"] == *call.get("StatementId"))
    {
        return refuse_with(
            409,
            "ResourceConflictException",
            "The statement id provided already exists.",
        );
    }
    let mut statement = json!({
        "Sid": call.get("StatementId"), "Effect": "Allow", "Action": call.get("Action"),
        "Principal": { "Service": call.get("Principal") }, "Resource": function.arn(),
    });
    if !call.get("SourceArn").is_null() {
        statement["Condition"] = json!({ "ArnLike": { "AWS:SourceArn": call.get("SourceArn") } });
    }
    function.statements = before;
    function.statements.push(statement.clone());
    Ok(json!({ "Statement": statement.to_string() }))
}
