//! Each hint leads on: who follows them one after the other, to the letter, comes to a valid file.

use super::{
    super::{schema, tables::File},
    *,
};
use proptest::{prelude::*, sample::Index, strategy::ValueTree, test_runner::TestRunner};
use serde_json::json;
use std::collections::BTreeSet;

const BASE: &str = r#"
[stack]
name = "demo"
region = "eu-west-1"
[user_pool]
name = "people"
[user_pool.clients.web]
name = "web"
[functions.users]
name = "users"
zip = "users.zip"
[identity_pool]
name = "people"
[identity_pool.roles.member]
[api]
name = "users"
[api.stage]
name = "dev"
[api.authorizers.people]
name = "people"
[api.roles.calls]
[api.models.Order]
schema = "{}"
[api.request_validators.all]
[usage_plans.gold]
name = "gold"
[api_keys.ali]
name = "ali"
[domain_names.public]
name = "api.example.com"
certificate_arn = "arn:aws:acm:eu-west-1:123456789012:certificate/a"
[api.routes]
"GET /users" = { function = "users", authorizer = "people" }
"#;

const ARN: &str = r#""arn:aws:iam::123456789012:role/sms""#;

/// What a file may say, each with all the others: a table, a key, and values for it.
const CHOICES: [(&str, &str, &[&str]); 88] = [
    (
        "api.gateway_responses.DEFAULT_4XX",
        "status_code",
        &["404", "403"],
    ),
    (
        "api.routes.GET /users",
        "integration",
        &[
            r#"{ type = "MOCK", uri = "https://example.com/{x}" }"#,
            r#"{ type = "HTTP_PROXY", uri = "http://example.com/{x}", responses = { 200 = {} } }"#,
            r#"{ type = "AWS", method = "POST", request_parameters = { "integration.request.path.x" = "method.request.path.y" }, responses = { 200 = {}, 201 = {} } }"#,
            r#"{ type = "AWS", credentials = "cals", uri = "arn:aws:apigateway:eu-west-1:sqs:path/123456789012/a", responses = { 200 = {} } }"#,
            r#"{ type = "HTTP", uri = "arn:aws:sqs:eu-west-1:123456789012:a", responses = { 200 = { selection_pattern = "a" }, 201 = { selection_pattern = "a" } } }"#,
        ],
    ),
    ("api", "endpoint", &[r#""PRIVATE""#]),
    (
        "api",
        "policy",
        &[
            r#"'{ "Statement": [] }'"#,
            r#"'{ "Statements": [] }'"#,
            r#""none""#,
        ],
    ),
    (
        "api",
        "vpc_endpoints",
        &[r#"["vpce-0123456789abcdef0"]"#, r#"["vpc-1"]"#],
    ),
    ("api.models.Order", "schema_file", &[r#""order.json""#]),
    (
        "api.models.Other",
        "schema",
        &[r#""{}""#, r#""none""#, r#""[]""#],
    ),
    ("api.request_validators.all", "body", &["true", "false"]),
    (
        "api.routes.GET /users",
        "request_validator",
        &[r#""all""#, r#""al""#, r#""nobody-of-that-name""#],
    ),
    (
        "api.routes.GET /users",
        "request_models",
        &[
            r#"{ "application/json" = "Order" }"#,
            r#"{ "$default" = "Ordr" }"#,
            r#"{ "$default" = "Empty" }"#,
        ],
    ),
    ("api.routes.GET /users", "api_key_required", &["true"]),
    (
        "usage_plans.gold",
        "quota",
        &[
            r#"{ limit = 5, period = "DAY", offset = 9 }"#,
            r#"{ limit = 5, period = "YEAR" }"#,
        ],
    ),
    (
        "domain_names.public",
        "base_paths",
        &[
            r#"{ "(none)" = "api" }"#,
            r#"{ v1 = "ap" }"#,
            r#"{ "a/b" = "api" }"#,
        ],
    ),
    (
        "domain_names.public",
        "endpoint",
        &[r#""EDGE""#, r#""PRIVATE""#],
    ),
    ("api_keys.ali", "usage_plan", &[r#""gold""#, r#""gld""#]),
    ("user_pool", "existing", &["true"]),
    (
        "identity_pool",
        "name",
        &[r#""people""#, r#""${user_pool.id}""#],
    ),
    ("identity_pool", "allow_unauthenticated", &["true", "false"]),
    (
        "identity_pool",
        "clients",
        &[
            r#"["web"]"#,
            r#"["wen"]"#,
            r#"["eu-west-1_A:b", "nobody-of-that-name"]"#,
            "[]",
        ],
    ),
    (
        "identity_pool",
        "authenticated_role",
        &[r#""member""#, r#""nobody-of-that-name""#, r#""""#, ARN],
    ),
    (
        "identity_pool",
        "unauthenticated_role",
        &[
            r#""member""#,
            r#""membre""#,
            r#""${identity_pool.roles.member.arn}""#,
            ARN,
        ],
    ),
    (
        "identity_pool",
        "role_mappings",
        &[
            r#"[{ provider = "web", otherwise = "deny" }]"#,
            r#"[{ provider = "wen", otherwise = "deny", rules = [{ claim = "a", match = "equals", value = "b", role = "member" }] }]"#,
        ],
    ),
    (
        "identity_pool.roles.member",
        "allow",
        &[r#"[{ actions = ["*"], resources = ["*"] }]"#],
    ),
    (
        "identity_pool.roles.member",
        "role_name",
        &[r#""users""#, r#""USERS-eu-west-1""#],
    ),
    (
        "identity_pool",
        "login_providers",
        &[r#"{ "accounts.google.com" = "1.example" }"#],
    ),
    (
        "user_pool.triggers",
        "pre_sign_up",
        &[r#""users""#, r#""user""#, r#""nobody-of-that-name""#],
    ),
    ("user_pool.triggers", "custom_sms_sender", &[r#""users""#]),
    (
        "user_pool.triggers",
        "pre_token_generation",
        &[r#""arn:aws:lambda:eu-west-1:123456789012:function:claims:live""#],
    ),
    (
        "user_pool.triggers",
        "pre_token_generation_version",
        &[r#""V2_0""#, r#""V4_0""#],
    ),
    (
        "user_pool",
        "sign_in",
        &[
            r#"["email"]"#,
            r#"["username"]"#,
            r#"["email", "username"]"#,
            "[]",
        ],
    ),
    (
        "user_pool",
        "aliases",
        &[r#"["email"]"#, r#"["preferred_username"]"#],
    ),
    (
        "user_pool",
        "required_attributes",
        &[r#"["email"]"#, r#"["preferred_username"]"#],
    ),
    (
        "user_pool",
        "auto_verify",
        &[r#"["phone_number"]"#, r#"["email", "phone_number"]"#, "[]"],
    ),
    (
        "user_pool",
        "first_factors",
        &[r#"["PASSWORD", "SMS_OTP"]"#, r#"["WEB_AUTHN", "PASSWORD"]"#],
    ),
    (
        "user_pool",
        "first_factors",
        &[r#"["PASSWORD", "EMAIL_OTP", "SMS_OTP"]"#, r#"["PASSWORD"]"#],
    ),
    (
        "user_pool",
        "feature_plan",
        &[r#""LITE""#, r#""ESSENTIALS""#],
    ),
    (
        "user_pool",
        "threat_protection",
        &[r#""OFF""#, r#""AUDIT""#, r#""ENFORCED""#],
    ),
    (
        "user_pool.devices",
        "challenge_new_devices",
        &["true", "false"],
    ),
    ("user_pool.devices", "remember", &[r#""no""#, r#""opt_in""#]),
    (
        "user_pool",
        "keep_until_verified",
        &[r#"["email"]"#, r#"["email", "phone_number"]"#, "[]"],
    ),
    (
        "user_pool",
        "account_recovery",
        &[r#"["admin_only", "verified_email"]"#, "[]"],
    ),
    (
        "user_pool",
        "password_policy",
        &["{ history = 3 }", "{ history = 0 }"],
    ),
    (
        "user_pool",
        "mfa",
        &[
            r#"{ mode = "off" }"#,
            r#"{ mode = "on" }"#,
            r#"{ mode = "optional" }"#,
        ],
    ),
    (
        "user_pool",
        "mfa",
        &[
            r#"{ mode = "off", totp = true }"#,
            r#"{ mode = "on", totp = false }"#,
        ],
    ),
    (
        "user_pool",
        "mfa",
        &[
            r#"{ mode = "on", totp = true }"#,
            r#"{ mode = "optional", totp = true }"#,
        ],
    ),
    (
        "user_pool.mfa",
        "sms",
        &[
            r#"{ role_arn = "arn:aws:iam::123456789012:role/sms" }"#,
            r#"{ external_id = "x" }"#,
        ],
    ),
    (
        "user_pool",
        "email",
        &[
            r#"{ sender = "DEVELOPER" }"#,
            r#"{ sender = "COGNITO_DEFAULT" }"#,
        ],
    ),
    ("user_pool.email", "from", &[r#""a@example.com""#, r#""""#]),
    ("user_pool.email", "ses_source_arn", &[ARN, r#""""#]),
    ("user_pool.email", "configuration_set", &[r#""set""#]),
    (
        "user_pool",
        "roles",
        &[r#"{ sms = { role_name = "texts" } }"#],
    ),
    (
        "user_pool",
        "risk_configuration",
        &[
            r#"{ blocked_ip_ranges = ["192.0.2.0/24"] }"#,
            r#"{ account_takeover = { low = { action = "BLOCK", notify = true } } }"#,
        ],
    ),
    (
        "user_pool.mfa",
        "passkeys",
        &[r#"{ multi_factor = true, user_verification = "preferred" }"#],
    ),
    (
        "user_pool",
        "custom_domain",
        &[
            r#"{ name = "auth.example.com", certificate_arn = "arn:aws:acm:us-east-1:123456789012:certificate/a", managed_login_version = 2 }"#,
        ],
    ),
    (
        "user_pool",
        "domain",
        &[r#"{ prefix = "my-aws", managed_login_version = 2 }"#],
    ),
    (
        "user_pool",
        "domain",
        &[r#"{ prefix = "people", managed_login_version = 2 }"#],
    ),
    ("user_pool.clients.web", "secret", &["true", "false"]),
    (
        "user_pool.clients.web",
        "oauth_grants",
        &[r#"["code"]"#, r#"["client_credentials"]"#, "[]"],
    ),
    (
        "user_pool.clients.web",
        "oauth_grants",
        &[r#"["code", "client_credentials"]"#, r#"["implicit"]"#],
    ),
    (
        "user_pool.clients.web",
        "oauth_scopes",
        &[r#"["openid"]"#, r#"["orders/read"]"#, "[]"],
    ),
    (
        "user_pool.clients.web",
        "callback_urls",
        &[r#"["https://example.com/"]"#, "[]"],
    ),
    (
        "user_pool.clients.web",
        "default_redirect_uri",
        &[r#""https://example.org/""#],
    ),
    (
        "user_pool.clients.web",
        "refresh_token_validity",
        &[r#""1h""#, r#""30m""#],
    ),
    (
        "user_pool.clients.web",
        "access_token_validity",
        &[r#""1d""#, r#""5m""#, r#""2d""#],
    ),
    ("user_pool.clients.web", "id_token_validity", &[r#""2h""#]),
    (
        "user_pool.clients.web",
        "auth_flows",
        &[r#"["ALLOW_USER_AUTH"]"#, r#"["ADMIN_NO_SRP_AUTH"]"#],
    ),
    (
        "user_pool.clients.web",
        "identity_providers",
        &[r#"["COGNITO"]"#, r#"["cognito"]"#, r#"["Google"]"#],
    ),
    ("functions.users", "existing", &["true"]),
    ("functions.users", "crate", &[r#""lambda""#]),
    ("functions.users", "role", &[ARN]),
    ("functions.users", "role_name", &[r#""users""#]),
    (
        "functions.users",
        "permissions_boundary",
        &[r#""arn:aws:iam::123456789012:policy/bound""#, r#""""#],
    ),
    (
        "functions.users",
        "allow",
        &[
            r#"[{ actions = ["s3:GetObject"], resources = ["arn:aws:s3:::example-bucket/*"] }]"#,
            r#"[{ actions = ["*"], resources = ["*"] }]"#,
        ],
    ),
    (
        "functions.users",
        "managed_policies",
        &[r#"["arn:aws:iam::aws:policy/AmazonS3ReadOnlyAccess"]"#],
    ),
    ("functions.users", "timeout", &[r#""16m""#]),
    (
        "functions.users",
        "environment",
        &[r#"{ AWS_REGION = "x" }"#, r#"{ TZ = "UTC" }"#],
    ),
    ("secrets.db", "name", &[r#""db""#]),
    ("secrets.db", "generate", &[r#"["password"]"#]),
    ("secrets.db", "from_env", &[r#""PASSWORD""#]),
    ("secrets.db", "existing", &["true"]),
    (
        "api.authorizers.people",
        "function",
        &[
            r#""users""#,
            r#""arn:aws:lambda:eu-west-1:123456789012:function:other""#,
            r#""nobody""#,
        ],
    ),
    (
        "api.authorizers.people",
        "type",
        &[r#""REQUEST""#, r#""TOKEN""#],
    ),
    (
        "api.authorizers.people",
        "identity_sources",
        &[r#"["method.request.header.X-Key"]"#, "[]"],
    ),
    ("api.authorizers.people", "token_source", &[r#""X-Token""#]),
    ("api", "existing", &["true"]),
    (
        "api",
        "cors",
        &[
            r#"{ origins = ["*", "https://example.com"] }"#,
            r#"{ origins = ["https://Example.com"] }"#,
            r#"{ origins = ["*"], credentials = true }"#,
            r#"{ origins = ["https://example.com"], headers = ["*"], credentials = true }"#,
            r#"{ origins = ["https://example.com"], exposed_headers = ["*"], credentials = true }"#,
        ],
    ),
    (
        "api.routes",
        "OPTIONS /users",
        &[r#"{ function = "users", authorizer = "people", scopes = ["a/b"] }"#],
    ),
    (
        "api.routes",
        "PUT /users",
        &[r#"{ function = "users", authorizer = "none", scopes = ["a/b"] }"#],
    ),
];

fn value(text: &str) -> Option<Value> {
    let table: toml::Table = toml::from_str(&format!("it = {text}")).ok()?;
    serde_json::to_value(&table["it"]).ok()
}

fn base() -> Value {
    toml::from_str(BASE).unwrap()
}

/// The table at a dotted place, made where it is not there.
fn table<'a>(tree: &'a mut Value, place: &[String]) -> &'a mut serde_json::Map<String, Value> {
    let place = place.iter().fold(tree, |tree, key| {
        tree.as_object_mut()
            .unwrap()
            .entry(key.as_str())
            .or_insert_with(|| json!({}))
    });
    place.as_object_mut().unwrap()
}

fn dotted(text: &str) -> Path {
    text.split('.').map(ToOwned::to_owned).collect()
}

fn mistakes(tree: &Value) -> Vec<Diagnostic> {
    let found = schema::check(tree, tree);
    if !found.is_empty() {
        return found;
    }
    let file: File = serde_json::from_value(tree.clone()).unwrap();
    let found = check(&file, tree, &KnownOutputs::new());
    found
        .into_iter()
        .filter(|it| it.severity == crate::stack::Severity::Error)
        .collect()
}

/// `KEY = VALUE` at the start of a text.
fn line(text: &str) -> Option<(String, Value)> {
    let (key, rest) = text.split_once(" = ")?;
    let is_key = !key.is_empty() && key.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let ends = rest
        .char_indices()
        .map(|it| it.0)
        .skip(1)
        .chain([rest.len()]);
    let longest = ends
        .filter_map(|end| value(rest[..end].trim_end()))
        .last()?;
    is_key.then(|| (key.to_owned(), longest))
}

/// The table that a place is in, or that it is.
fn around(tree: &Value, place: &Path) -> Path {
    let at = place.iter().try_fold(tree, |tree, key| tree.get(key));
    match at {
        Some(Value::Object(_)) => place.clone(),
        _ => around(tree, &place[..place.len() - 1].to_vec()),
    }
}

/// What follows a hint's first way out to the letter; `None` where it asks for a choice of words.
fn followed(tree: &Value, mistake: &Diagnostic) -> Option<Value> {
    let (mut new, help) = (tree.clone(), mistake.help.as_str());
    let here = around(tree, &mistake.path);
    if let Some(added) = help.strip_prefix("add [") {
        // Tables, each with what has to be in it.
        let tables = added.split(", or ").next()?.split(", and [");
        for part in tables {
            let (place, rest) = part.split_once(']')?;
            let fields = table(&mut new, &dotted(place));
            if rest.is_empty() {
                continue;
            }
            match rest.strip_prefix(" with ").map(|it| (it, line(it))) {
                Some((_, Some((key, value)))) => drop(fields.insert(key, value)),
                Some((key, None)) => {
                    drop(fields.insert(key.split(' ').next()?.into(), value(ARN)?))
                }
                None => return None,
            }
        }
    } else if let Some((key, value)) = ["add ", "write ", "set "]
        .iter()
        .find_map(|it| line(help.strip_prefix(it)?))
    {
        let place = help
            .split_once(" in [")
            .map_or(here, |it| dotted(it.1.trim_end_matches(']')));
        table(&mut new, &place).insert(key, value);
    } else if let Some(text) = help.strip_prefix("write ") {
        let ends = text
            .char_indices()
            .map(|it| it.0)
            .skip(1)
            .chain([text.len()]);
        let written = ends
            .filter_map(|end| value(text[..end].trim_end()))
            .next()?;
        let (last, above) = mistake.path.split_last()?;
        match above.iter().fold(&mut new, |tree, key| step(tree, key)) {
            Value::Array(items) => items[last.parse::<usize>().ok()?] = written,
            other => drop(other.as_object_mut()?.insert(last.clone(), written)),
        }
    } else if help.starts_with("remove it") || help.starts_with("remove one of them") {
        let (last, above) = mistake.path.split_last()?;
        table(&mut new, above).remove(last)?;
    } else if let Some(keys) = help.strip_prefix("remove ") {
        let keys = keys.split([',', ';', ':']).next()?;
        let (keys, list) = keys
            .split_once(" from ")
            .map_or((keys, None), |it| (it.0, Some(it.1)));
        for key in keys.split(" and ") {
            match list {
                Some(_) => return None,
                None => drop(table(&mut new, &here).remove(key)?),
            }
        }
    } else {
        return None;
    }
    Some(new)
}

fn step<'a>(tree: &'a mut Value, key: &str) -> &'a mut Value {
    match tree {
        Value::Array(items) => &mut items[key.parse::<usize>().unwrap()],
        other => &mut other[key],
    }
}

#[test]
fn a_phone_number_is_verified_with_mfa_off() {
    let mut tree = base();
    table(&mut tree, &dotted("user_pool")).insert("auto_verify".into(), json!(["phone_number"]));
    for mode in [None, Some("off"), Some("optional")] {
        let mut tree = tree.clone();
        if let Some(mode) = mode {
            table(&mut tree, &dotted("user_pool.mfa")).insert("mode".into(), json!(mode));
        }
        let (mut steps, mut left) = (0, mistakes(&tree));
        while let Some(mistake) = left.first() {
            tree = followed(&tree, mistake).unwrap_or_else(|| panic!("{mistake:?}"));
            (steps, left) = (steps + 1, mistakes(&tree));
            assert!(steps < 4, "{left:?}");
        }
        assert_eq!(
            tree["user_pool"]["auto_verify"],
            json!(["phone_number"]),
            "nothing was given up"
        );
    }
}

#[test]
fn a_service_is_called_with_a_role_and_a_function_without() {
    let said = |uri: &str| {
        let mut tree = base();
        let integration = json!({ "type": "AWS", "uri": uri, "responses": { "200": {} } });
        let route = json!({ "authorizer": "people", "integration": integration });
        table(&mut tree, &dotted("api.routes")).insert("GET /a".into(), route);
        let found = mistakes(&tree).into_iter().map(|it| it.message);
        found.collect::<Vec<_>>()
    };
    let at = |target: &str| format!("arn:aws:apigateway:eu-west-1:{target}");
    let function = "arn:aws:lambda:eu-west-1:123456789012:function:elsewhere";
    let path = format!("lambda:path/2015-03-31/functions/{function}/invocations");
    assert_eq!(said(&at(&path)), [""; 0]);
    assert_eq!(
        said(&at("sqs:path/123456789012/orders")),
        ["a service of AWS is called with a role"]
    );
}

#[test]
fn who_follows_the_hints_comes_to_an_end() {
    let mut runner = TestRunner::deterministic();
    let choices = prop::collection::vec((any::<Index>(), any::<Index>()), 1..9);
    let (mut followed_hints, mut by_hand, mut ends) = (0, BTreeSet::new(), 0);
    for _ in 0..3000 {
        let mut tree = base();
        for (choice, index) in choices.new_tree(&mut runner).unwrap().current() {
            let (place, key, values) = choice.get(&CHOICES);
            if !table(&mut tree, &dotted(place)).contains_key(*key) {
                table(&mut tree, &dotted(place))
                    .insert((*key).into(), value(index.get::<&str>(values)).unwrap());
            }
        }
        let mut seen = BTreeSet::from([tree.to_string()]);
        let mut way = vec![];
        while let Some(mistake) = mistakes(&tree).first() {
            // By hand, where the hint leaves the words to who reads it.
            let Some(next) = followed(&tree, mistake) else {
                by_hand.insert(mistake.message.clone());
                break;
            };
            way.push(format!(
                "{}: {}; {}",
                mistake.path.join("."),
                mistake.message,
                mistake.help
            ));
            assert!(
                seen.insert(next.to_string()),
                "in a circle:\n{}\n{tree}",
                way.join("\n")
            );
            tree = next;
        }
        followed_hints += way.len();
        ends += usize::from(mistakes(&tree).is_empty());
    }
    assert!(
        followed_hints > 2000 && ends > 1400,
        "{followed_hints}, {ends}: {by_hand:#?}"
    );
}
