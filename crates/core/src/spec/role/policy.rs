//! Policy documents: the ones wsctl writes, and one form in which two of them compare. Pure.

use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// The policy language's only version in use.
pub(super) const VERSION: &str = "2012-10-17";

/// What stands before an identity pool's id in the text that says who may assume a role.
const OF_AN_IDENTITY_POOL: [(&str, &str); 2] = [
    ("authenticated identities of ", "authenticated"),
    ("guests of ", "unauthenticated"),
];

/// Those of an identity pool who may assume a role, as [`trust_policy`] takes them.
pub fn identities(pool: &str, are_guests: bool) -> String {
    let (words, _) = OF_AN_IDENTITY_POOL[usize::from(are_guests)];
    format!("{words}{pool}")
}

/// What stands around an account in the text that says whose user pools may assume a role.
const USER_POOLS_OF: &str = "user pools of ";
const WITH_EXTERNAL_ID: &str = " with the external id ";

/// The user pools of an account that tell this external id, as [`trust_policy`] takes them.
pub fn user_pools(account: &str, told: &str) -> String {
    format!("{USER_POOLS_OF}{account}{WITH_EXTERNAL_ID}{told}")
}

/// Who may assume the role: only the AWS service with this principal, `lambda.amazonaws.com`, only the
/// people of an identity pool ([`identities`]; Amazon Cognito developer guide, "Role trust and permissions"),
/// or only Cognito for the pools of an account ([`user_pools`]; there, "SMS message settings").
pub fn trust_policy(trusted: &str) -> Value {
    let statement = of_people(trusted).or_else(|| of_user_pools(trusted));
    let mut statement = statement.unwrap_or_else(|| assumed_by_service(trusted));
    statement["Effect"] = "Allow".into();
    canonical_policy(json!({ "Version": VERSION, "Statement": statement }))
}

fn assumed_by_service(service: &str) -> Value {
    json!({ "Action": "sts:AssumeRole", "Principal": { "Service": service } })
}

fn of_people(trusted: &str) -> Option<Value> {
    let mut people = OF_AN_IDENTITY_POOL.iter();
    let (pool, amr) = people.find_map(|(words, amr)| Some((trusted.strip_prefix(words)?, amr)))?;
    Some(json!({
        "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": { "Federated": IDENTITIES },
        "Condition": {
            "StringEquals": { format!("{IDENTITIES}:aud"): pool },
            "ForAnyValue:StringLike": { format!("{IDENTITIES}:amr"): amr },
        },
    }))
}

fn of_user_pools(trusted: &str) -> Option<Value> {
    let rest = trusted.strip_prefix(USER_POOLS_OF)?;
    let (account, told) = rest.split_once(WITH_EXTERNAL_ID)?;
    let mut statement = assumed_by_service(USER_POOLS);
    statement["Condition"] =
        json!({ "StringEquals": { SOURCE_ACCOUNT: account, EXTERNAL_ID: told } });
    Some(statement)
}

/// What user pools are to IAM, and what they tell it of themselves.
const USER_POOLS: &str = "cognito-idp.amazonaws.com";
const SOURCE_ACCOUNT: &str = "aws:SourceAccount";
const EXTERNAL_ID: &str = "sts:ExternalId";

/// Who identity pools are to IAM.
const IDENTITIES: &str = "cognito-identity.amazonaws.com";

/// The least that a function needs: to write its own log group, to read these secrets, in a VPC to manage
/// its network interfaces, and to tell X-Ray of its calls (docs/aws.md §8). It must not create log groups, since a late
/// log line would bring a deleted one back (docs/aws.md §9).
///
/// The ARNs may still be references; each secret has a statement of its own, ordered by its
/// name, so that resolving them does not change the order.
pub fn function_policy(
    log_group_arn: &str,
    secret_arns: &[String],
    in_vpc: bool,
    is_traced: bool,
) -> Value {
    let logs = ["logs:CreateLogStream", "logs:PutLogEvents"];
    let mut statements = vec![allow("WriteLogs", &logs, &format!("{log_group_arn}:*"))];
    for (index, arn) in secret_arns.iter().enumerate() {
        statements.push(allow(&format!("ReadSecret{index}"), &[READ_SECRET], arn));
    }
    if in_vpc {
        statements.push(allow("UseNetworkInterfaces", &NETWORK_INTERFACES, "*"));
    }
    if is_traced {
        statements.push(allow("WriteTraces", &TRACES, "*"));
    }
    canonical_policy(json!({ "Version": VERSION, "Statement": statements }))
}

const READ_SECRET: &str = "secretsmanager:GetSecretValue";

/// The least that Cognito needs to send text messages; there is no resource that stands for a phone.
pub fn sms_policy() -> Value {
    let statements = vec![allow("SendTexts", &["sns:Publish"], "*")];
    canonical_policy(json!({ "Version": VERSION, "Statement": statements }))
}

/// The secrets that a policy allows to read, and nothing else of them.
pub fn readable(policy: &Value) -> Vec<String> {
    let statements = policy["Statement"].as_array().into_iter().flatten();
    let reads = statements.filter(|it| {
        it["Effect"] == "Allow" && it["Action"] == json!([READ_SECRET]) && it["Condition"].is_null()
    });
    let resources = reads.filter_map(|it| it["Resource"].as_array()).flatten();
    resources
        .filter_map(|it| it.as_str())
        .map(ToOwned::to_owned)
        .collect()
}

/// How many characters of a policy IAM counts: all but blanks.
pub fn size(policy: &Value) -> usize {
    let text = policy.to_string();
    text.chars().filter(|it| !it.is_whitespace()).count()
}

/// What a function still needs though its table no longer says so.
#[derive(Default)]
pub struct Needs {
    /// ARNs of secrets that its variables name.
    pub secrets: Vec<String>,
    /// It stays in a VPC.
    pub in_vpc: bool,
    /// X-Ray goes on being told of its calls.
    pub is_traced: bool,
}

/// A policy of [`function_policy`] that also allows what the function needs; any other policy as it is.
pub fn with_needs(policy: &Value, needs: &Needs) -> Value {
    let of = |sid: &str| {
        let statements = policy["Statement"].as_array().into_iter().flatten();
        let numbered = statements.filter_map(|it| {
            let number = it["Sid"].as_str()?.strip_prefix(sid)?;
            let arn = it["Resource"][0].as_str()?.to_owned();
            Some((number.parse::<usize>().unwrap_or_default(), arn))
        });
        // As text, the tenth would stand before the second.
        let in_order: BTreeMap<_, _> = numbered.collect();
        in_order.into_values().collect::<Vec<_>>()
    };
    let logs = of("WriteLogs");
    let Some(log_group) = logs.first().and_then(|it| it.strip_suffix(":*")) else {
        return policy.clone();
    };
    let own = of("ReadSecret")
        .into_iter()
        .filter(|it| !needs.secrets.contains(it));
    let all: Vec<_> = needs.secrets.iter().cloned().chain(own).collect();
    function_policy(
        log_group,
        &all,
        needs.in_vpc || !of("UseNetworkInterfaces").is_empty(),
        needs.is_traced || !of("WriteTraces").is_empty(),
    )
}

/// Those of the managed policy AWSLambdaVPCAccessExecutionRole.
const NETWORK_INTERFACES: [&str; 6] = [
    "ec2:AssignPrivateIpAddresses",
    "ec2:CreateNetworkInterface",
    "ec2:DeleteNetworkInterface",
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSubnets",
    "ec2:UnassignPrivateIpAddresses",
];

/// Those of the managed policy AWSXRayDaemonWriteAccess with which spans are written; neither can be
/// granted on less than everything.
const TRACES: [&str; 2] = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"];

fn allow(sid: &str, actions: &[&str], resource: &str) -> Value {
    json!({ "Sid": sid, "Effect": "Allow", "Action": actions, "Resource": resource })
}

/// The one form of a policy document: keys sorted; what may be one or many always a list, sorted
/// (docs/aws.md §10); statements in the order of their ids, then of their content. It means the same
/// as the original, so it may be sent to AWS.
pub fn canonical_policy(document: Value) -> Value {
    let Value::Object(document) = document else {
        return document;
    };
    sorted(document, |key, value| match key {
        "Statement" => {
            let mut statements: Vec<_> = many(value).into_iter().map(statement).collect();
            statements.sort_by_cached_key(|it| {
                (it["Sid"].as_str().map(ToOwned::to_owned), it.to_string())
            });
            Value::Array(statements)
        }
        _ => value,
    })
}

fn statement(statement: Value) -> Value {
    let Value::Object(statement) = statement else {
        return statement;
    };
    sorted(statement, |key, value| match key {
        "Action" | "NotAction" | "Resource" | "NotResource" => list(value),
        "Principal" | "NotPrincipal" => lists_below(value),
        "Condition" => match value {
            Value::Object(operators) => sorted(operators, |_, keys| lists_below(texts(keys))),
            other => other,
        },
        _ => value,
    })
}

/// A policy without the resources that turned out to name none, such as a variable that is left empty: IAM
/// takes no such statement.
pub fn without_nothing(mut policy: Value) -> Value {
    let statements = policy.get_mut("Statement").and_then(Value::as_array_mut);
    if let Some(all) = statements {
        all.retain_mut(
            |it| match it.get_mut("Resource").and_then(Value::as_array_mut) {
                Some(resources) => {
                    resources.retain(|it| it != "");
                    !resources.is_empty()
                }
                None => true,
            },
        );
    }
    policy
}

/// `true` and `10` of a condition as IAM understands them too.
fn texts(value: Value) -> Value {
    match value {
        Value::Object(map) => sorted(map, |_, value| texts(value)),
        Value::Array(items) => items.into_iter().map(texts).collect(),
        Value::Bool(_) | Value::Number(_) => Value::String(value.to_string()),
        other => other,
    }
}

/// The values of an object as lists; `"Principal": "*"` stays as it is.
fn lists_below(value: Value) -> Value {
    match value {
        Value::Object(map) => sorted(map, |_, value| list(value)),
        other => other,
    }
}

fn list(value: Value) -> Value {
    let mut items = many(value);
    items.sort_by_cached_key(Value::to_string);
    items.dedup();
    Value::Array(items)
}

fn many(value: Value) -> Vec<Value> {
    match value {
        Value::Array(items) => items,
        one => vec![one],
    }
}

fn sorted(map: Map<String, Value>, each: impl Fn(&str, Value) -> Value) -> Value {
    let by_key: BTreeMap<_, _> = map.into_iter().collect();
    Value::Object(
        by_key
            .into_iter()
            .map(|(key, value)| {
                let value = each(&key, value);
                (key, value)
            })
            .collect(),
    )
}

/// A document as IAM answers it: URL-encoded after RFC 3986 (docs/aws.md §1.4). One that cannot be
/// read becomes its own text, which differs from every declared one.
pub fn decode(encoded: &str) -> Value {
    let text = urlencoding::decode(encoded).unwrap_or(encoded.into());
    serde_json::from_str(&text)
        .map(canonical_policy)
        .unwrap_or_else(|_| Value::String(text.into_owned()))
}

/// Who the trust policy names, where the policy is exactly [`trust_policy`] for them; otherwise the policy
/// itself, marked so that it differs from every other text.
pub fn trusted(encoded: &str) -> String {
    let live = decode(encoded);
    let statement = &live["Statement"][0];
    let pool = &statement["Condition"]["StringEquals"][format!("{IDENTITIES}:aud")][0];
    let people = pool.as_str().into_iter();
    let people = people.flat_map(|pool| [false, true].map(|guests| identities(pool, guests)));
    let service = statement["Principal"]["Service"][0].as_str();
    let equals = &statement["Condition"]["StringEquals"];
    let (account, told) = (&equals[SOURCE_ACCOUNT][0], &equals[EXTERNAL_ID][0]);
    let pools = account.as_str().zip(told.as_str());
    let pools = pools.map(|(account, told)| user_pools(account, told));
    let mut all = people.chain(pools).chain(service.map(ToOwned::to_owned));
    all.find(|it| trust_policy(it) == live)
        .unwrap_or_else(|| format!("custom: {live}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ARN: &str = "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/users";

    #[test]
    fn order_and_one_or_many_make_no_difference() {
        let one = json!({
            "Statement": { "Resource": "r", "Effect": "Allow", "Action": ["b", "a"],
                           "Condition": { "StringEquals": { "k": "v" } } },
            "Version": "2012-10-17",
        });
        let other = json!({
            "Version": "2012-10-17",
            "Statement": [{ "Effect": "Allow", "Action": ["a", "b", "a"], "Resource": ["r"],
                            "Condition": { "StringEquals": { "k": ["v"] } } }],
        });
        assert_eq!(
            canonical_policy(one.clone()).to_string(),
            canonical_policy(other).to_string()
        );
        let again = canonical_policy(canonical_policy(one.clone()));
        assert_eq!(again, canonical_policy(one));
    }

    #[test]
    fn effect_version_and_conditions_do_make_a_difference() {
        let base =
            json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "Action": "a" } });
        for changed in [
            json!({ "Version": "2008-10-17", "Statement": { "Effect": "Allow", "Action": "a" } }),
            json!({ "Version": "2012-10-17", "Statement": { "Effect": "Deny", "Action": "a" } }),
            json!({ "Version": "2012-10-17", "Statement": { "Effect": "Allow", "NotAction": "a" } }),
        ] {
            assert_ne!(canonical_policy(base.clone()), canonical_policy(changed));
        }
    }

    #[test]
    fn a_function_may_write_its_own_log_group_and_read_its_own_secrets_only() {
        let secret = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db-AbCdEf".to_owned();
        let policy = function_policy(ARN, std::slice::from_ref(&secret), false, false);
        let statements = policy["Statement"].as_array().unwrap();
        assert_eq!(statements.len(), 2);
        assert_eq!(statements[0]["Resource"], json!([secret]));
        assert_eq!(
            statements[1]["Action"],
            json!(["logs:CreateLogStream", "logs:PutLogEvents"])
        );
        assert_eq!(statements[1]["Resource"], json!([format!("{ARN}:*")]));
    }

    #[test]
    fn a_resource_that_names_nothing_is_in_no_policy() {
        let policy = |secrets: &[&str]| {
            let secrets: Vec<_> = secrets.iter().map(ToString::to_string).collect();
            function_policy(ARN, &secrets, false, false)
        };
        assert_eq!(without_nothing(policy(&["arn:1", ""])), policy(&["arn:1"]));
        let left = without_nothing(policy(&["", "arn:1"]));
        assert_eq!(readable(&left), ["arn:1"]);
        assert_eq!(without_nothing(policy(&[""])), policy(&[]));
        assert_eq!(without_nothing(Value::Null), Value::Null);
    }

    #[test]
    fn what_nothing_is_added_to_stays_as_it_is_with_any_number_of_secrets() {
        for count in [0, 1, 2, 9, 10, 11, 12, 30, 101] {
            let secrets: Vec<_> = (0..count).map(|it| format!("arn:{it}")).collect();
            let policy = function_policy(ARN, &secrets, true, true);
            assert_eq!(with_needs(&policy, &Needs::default()), policy, "{count}");
            let needs = Needs {
                secrets: vec!["arn:other".into()],
                ..Needs::default()
            };
            let more = [&needs.secrets[..], &secrets].concat();
            let wanted = function_policy(ARN, &more, true, true);
            assert_eq!(with_needs(&policy, &needs), wanted, "{count}");
        }
    }

    #[test]
    fn only_a_function_in_a_vpc_may_touch_network_interfaces() {
        assert!(
            !function_policy(ARN, &[], false, false)
                .to_string()
                .contains("ec2:")
        );
        assert!(
            function_policy(ARN, &[], true, false)
                .to_string()
                .contains("ec2:CreateNetworkInterface")
        );
    }

    #[test]
    fn resolving_references_keeps_the_canonical_form() {
        let references = ["${secrets.z.arn}".to_owned(), "${secrets.a.arn}".to_owned()];
        let open = function_policy("${functions.users.log_group.arn}", &references, true, true)
            .to_string();
        let resolved = open
            .replace("${secrets.z.arn}", "arn:1")
            .replace("${secrets.a.arn}", "arn:2");
        let resolved: Value = serde_json::from_str(&resolved).unwrap();
        assert_eq!(canonical_policy(resolved.clone()), resolved);
    }

    #[test]
    fn a_trust_policy_reads_back_as_its_service() {
        let sent = trust_policy("lambda.amazonaws.com").to_string();
        assert_eq!(trusted(&urlencoding::encode(&sent)), "lambda.amazonaws.com");
        let console = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":
            {"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
        assert_eq!(trusted(console), "lambda.amazonaws.com");
    }

    #[test]
    fn a_trust_policy_that_lets_others_in_is_shown() {
        let wide = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":
            {"Service":["lambda.amazonaws.com","ec2.amazonaws.com"]},"Action":"sts:AssumeRole"}]}"#;
        let shown = trusted(wide);
        assert!(
            shown.starts_with("custom: {") && shown.contains("ec2.amazonaws.com"),
            "{shown}"
        );
    }
}
