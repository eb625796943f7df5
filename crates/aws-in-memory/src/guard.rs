//! Whether a write is to something of the stack that is watched: read off the tags, or for a role
//! off its path, as AWS itself has them when the request arrives.

use crate::{
    call::Call,
    cloud::{Cloud, Tags, tags_in, tags_of},
    logs,
};

const STACK: &str = "wsctl:stack";
const ATTACHED: &str = "wsctl:attached";

/// What is wrong with a write in the name of `stack`; `None` when nothing is.
pub(crate) fn wrong(cloud: &Cloud, call: &Call, stack: &str) -> Option<String> {
    let is_of = |tags: &Tags, key: &str| tags.get(key).is_some_and(|it| it == stack);
    let is_ours = |tags: &Tags| is_of(tags, STACK) || is_of(tags, ATTACHED);
    // What is somebody else's is attached with the first request.
    if is_of(&tags_of(call.get("Tags")), ATTACHED) || is_of(&tags_of(call.get("tags")), ATTACHED) {
        return None;
    }
    if is_lock(call, stack) || is_of_the_account(call) {
        return None;
    }
    let (what, tags) = subject(cloud, call)?;
    (!is_ours(&tags)).then(|| format!("{what} is not of the stack {stack}"))
}

/// The root that a write is to, and its tags. None where there is none: AWS refuses the write.
fn subject(cloud: &Cloud, call: &Call) -> Option<(String, Tags)> {
    match (call.service.as_str(), call.operation.as_str()) {
        ("cognito-idp", "CreateUserPool") => {
            Some(("the new pool".into(), tags_of(call.get("UserPoolTags"))))
        }
        ("cognito-identity", "CreateIdentityPool") => Some((
            "the new identity pool".into(),
            tags_of(call.get("IdentityPoolTags")),
        )),
        ("apigateway", "CreateRestApi") => Some(("the new API".into(), tags_of(call.get("tags")))),
        ("apigateway", "CreateApiKey" | "CreateUsagePlan" | "CreateDomainName") => {
            Some((call.operation.clone(), tags_of(call.get("tags"))))
        }
        ("apigateway", _) if !call.text("domainName").is_empty() => {
            let name = call.text("domainName");
            Some((
                name.to_owned(),
                cloud.gateway.domains.get(name)?.tags.clone(),
            ))
        }
        ("apigateway", _) if !call.text("apiKey").is_empty() => {
            let id = call.text("apiKey");
            Some((
                id.to_owned(),
                cloud.gateway.usage.keys.get(id)?.tags.clone(),
            ))
        }
        ("apigateway", _) if !call.text("usagePlanId").is_empty() => {
            let id = call.text("usagePlanId");
            Some((
                id.to_owned(),
                cloud.gateway.usage.plans.get(id)?.tags.clone(),
            ))
        }
        ("lambda", "CreateFunction") => {
            Some(("the new function".into(), tags_of(call.get("Tags"))))
        }
        ("logs", "CreateLogGroup") => Some(("the new log group".into(), tags_of(call.get("tags")))),
        ("iam", "CreateRole") => Some(("the new role".into(), tags_in(call.get("Tags")))),
        ("secretsmanager", "CreateSecret") => {
            Some(("the new secret".into(), tags_in(call.get("Tags"))))
        }
        ("cognito-idp", _) => {
            let id = call.text("UserPoolId");
            Some((id.to_owned(), cloud.cognito.pools.get(id)?.tags()))
        }
        ("cognito-identity", _) => {
            let arn = call.text("ResourceArn").split_once("identitypool/");
            let id = arn.map_or(call.text("IdentityPoolId"), |it| it.1);
            Some((id.to_owned(), cloud.identity.pools.get(id)?.tags.clone()))
        }
        ("apigateway", _) => {
            let arn = call
                .text("resourceArn")
                .rsplit('/')
                .next()
                .unwrap_or_default();
            let id = if arn.is_empty() {
                call.text("restApiId")
            } else {
                arn
            };
            let usage = &cloud.gateway.usage;
            let of_usage = usage.keys.get(id).or(usage.plans.get(id));
            let tags = of_usage.map(|it| &it.tags);
            let tags = tags.or(cloud.gateway.domains.get(id).map(|it| &it.tags));
            let tags = tags.or(cloud.gateway.apis.get(id).map(|it| &it.tags));
            Some((id.to_owned(), tags?.clone()))
        }
        ("lambda", _) => {
            let arn = call.text("Resource").rsplit(':').next().unwrap_or_default();
            let name = if arn.is_empty() {
                call.text("FunctionName")
            } else {
                arn
            };
            Some((
                name.to_owned(),
                cloud.lambda.functions.get(name)?.tags.clone(),
            ))
        }
        ("logs", _) => log_group(cloud, call),
        ("iam", _) => {
            let role = cloud.iam.roles.get(&call.text("RoleName").to_lowercase())?;
            Some((role.name.clone(), role.tags.clone()))
        }
        ("secretsmanager", _) => {
            let id = call.text("SecretId");
            let secret = cloud
                .secrets
                .secrets
                .values()
                .find(|it| it.name == id || it.arn == id)?;
            Some((id.to_owned(), secret.tags.clone()))
        }
        _ => None,
    }
}

/// The role for logs, which a file may let be made for the whole account.
fn is_of_the_account(call: &Call) -> bool {
    call.service == "iam" && call.text("RoleName") == "wsctl-api-gateway-logs"
}

/// The stack's lock carries none of its tags: it is none of its resources (`crates/aws/src/aws/lock.rs`).
fn is_lock(call: &Call, stack: &str) -> bool {
    call.text("logGroupName") == format!("/wsctl/lock/{stack}")
}

/// A group that Lambda made by itself, without any tag, may be taken over (docs/aws.md §9).
fn log_group(cloud: &Cloud, call: &Call) -> Option<(String, Tags)> {
    let name = match call.text("logGroupName") {
        "" => logs::named(call),
        name => name,
    };
    let tags = &cloud.logs.groups.get(name)?.tags;
    // What API Gateway made for an API is its owner's.
    let api = name
        .strip_prefix("API-Gateway-Execution-Logs_")
        .and_then(|it| it.split('/').next());
    if let Some(api) = api
        .and_then(|id| cloud.gateway.apis.get(id))
        .filter(|_| !tags.contains_key(STACK))
    {
        return Some((name.to_owned(), api.tags.clone()));
    }
    let is_lambdas = name.starts_with("/aws/lambda/") && !tags.contains_key(STACK);
    if is_lambdas && call.operation != "DeleteLogGroup" {
        return None;
    }
    Some((name.to_owned(), tags.clone()))
}
