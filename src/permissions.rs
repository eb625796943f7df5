//! What AWS has to let whoever runs a command do: by task, as a text and as an IAM policy. Pure.
//!
//! A test holds the operations here against those that the sources call, and another against what goes
//! over the wire.

use crate::spec::{self, Produces, rest_api::RestApi, user_pool::UserPool};
use clap::ValueEnum;
use serde_json::{Value, json};
use std::{
    borrow::Cow,
    collections::{BTreeMap, BTreeSet},
    fmt::Write,
};

/// What somebody wants to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Task {
    /// Look, and change nothing: plan, show, outputs, graph
    Plan,
    /// Look also for ways in past the file: drift
    Drift,
    /// Make and change: apply, adopt, release
    Apply,
    /// Delete: destroy
    Destroy,
    /// Manage people, and act as one: user, token, login, call, authorizer, logs
    People,
    /// Check a running stack: verify
    Verify,
    /// Look at whole services: list, import, and the proof after destroy
    List,
    /// Delete what is left of stacks: sweep
    Sweep,
}

/// Operations of one service that a task calls, by the service's own names.
type Calls = (&'static str, &'static [&'static str]);

/// Something that AWS asks for besides an operation's own action.
struct Extra {
    action: &'static str,
    resource: &'static str,
    when: &'static str,
}

const LOCK: &[Calls] = &[(
    "logs",
    &["CreateLogGroup", "DeleteLogGroup", "ListTagsForResource"],
)];

const READS: &[Calls] = &[
    ("tag", &["GetResources"]),
    (
        "cognito-idp",
        &[
            "AdminGetUser",
            "AdminListGroupsForUser",
            "DescribeManagedLoginBrandingByClient",
            "DescribeUserPool",
            "DescribeRiskConfiguration",
            "DescribeUserPoolClient",
            "DescribeUserPoolDomain",
            "GetUserPoolMfaConfig",
            "ListUserPoolClients",
            "ListUserPools",
            "ListUsers",
        ],
    ),
    (
        "cognito-identity",
        &[
            "DescribeIdentityPool",
            "GetIdentityPoolRoles",
            "ListIdentities",
            "ListIdentityPools",
        ],
    ),
    (
        "apigateway",
        &[
            "GetAccount",
            "GetApiKey",
            "GetApiKeys",
            "GetAuthorizers",
            "GetBasePathMappings",
            "GetDeployment",
            "GetDeployments",
            "GetDomainName",
            "GetGatewayResponses",
            "GetResources",
            "GetRestApi",
            "GetRestApis",
            "GetStages",
            "GetUsagePlan",
            "GetUsagePlans",
        ],
    ),
    ("lambda", &["GetFunction", "GetPolicy"]),
    ("logs", &["DescribeLogGroups", "ListTagsForResource"]),
    (
        "iam",
        &[
            "GetRole",
            "GetRolePolicy",
            "ListAttachedRolePolicies",
            "ListRolePolicies",
            "ListRoleTags",
            "ListRoles",
        ],
    ),
    ("secretsmanager", &["DescribeSecret"]),
];

const DOORS: &[Calls] = &[
    ("cognito-idp", &["ListUserPoolClientSecrets"]),
    ("apigateway", &["GetDomainNames"]),
    (
        "lambda",
        &[
            "ListAliases",
            "ListEventSourceMappings",
            "ListFunctionUrlConfigs",
            "ListVersionsByFunction",
        ],
    ),
    ("logs", &["DescribeSubscriptionFilters"]),
    ("secretsmanager", &["GetResourcePolicy"]),
];

const DELETES: &[Calls] = &[
    (
        "cognito-idp",
        &[
            "DeleteManagedLoginBranding",
            "DeleteUserPool",
            "DeleteUserPoolClient",
            "DeleteUserPoolDomain",
            "SetRiskConfiguration",
            "UntagResource",
            "UpdateUserPool",
        ],
    ),
    ("cognito-identity", &["DeleteIdentityPool", "UntagResource"]),
    (
        "apigateway",
        &[
            "DeleteApiKey",
            "DeleteAuthorizer",
            "DeleteBasePathMapping",
            "DeleteDeployment",
            "DeleteDomainName",
            "DeleteGatewayResponse",
            "DeleteIntegrationResponse",
            "DeleteMethod",
            "DeleteMethodResponse",
            "DeleteResource",
            "DeleteRestApi",
            "DeleteStage",
            "DeleteUsagePlan",
            "DeleteUsagePlanKey",
            "UntagResource",
            "UpdateUsagePlan",
        ],
    ),
    (
        "lambda",
        &[
            "DeleteFunction",
            "GetFunctionConfiguration",
            "RemovePermission",
            "UntagResource",
        ],
    ),
    ("logs", &["DeleteLogGroup", "TagResource", "UntagResource"]),
    (
        "iam",
        &[
            "DeleteRole",
            "DeleteRolePolicy",
            "DetachRolePolicy",
            "ListInstanceProfilesForRole",
            "UntagRole",
        ],
    ),
    ("secretsmanager", &["DeleteSecret", "UntagResource"]),
];

/// What a destroy calls only to give back what was attached, and an apply for everything.
const WRITES: &[Calls] = &[
    (
        "cognito-idp",
        &[
            "AddCustomAttributes",
            "AdminAddUserToGroup",
            "AdminCreateUser",
            "AdminSetUserPassword",
            "CreateManagedLoginBranding",
            "CreateUserPool",
            "CreateUserPoolClient",
            "CreateUserPoolDomain",
            "SetUserPoolMfaConfig",
            "TagResource",
            "UpdateManagedLoginBranding",
            "UpdateUserPoolClient",
            "UpdateUserPoolDomain",
        ],
    ),
    (
        "cognito-identity",
        &[
            "CreateIdentityPool",
            "SetIdentityPoolRoles",
            "TagResource",
            "UpdateIdentityPool",
        ],
    ),
    (
        "apigateway",
        &[
            "CreateApiKey",
            "CreateAuthorizer",
            "CreateBasePathMapping",
            "CreateDeployment",
            "CreateDomainName",
            "CreateResource",
            "CreateRestApi",
            "CreateUsagePlan",
            "CreateUsagePlanKey",
            "GetAuthorizer",
            "GetMethod",
            "PutGatewayResponse",
            "PutIntegration",
            "PutIntegrationResponse",
            "PutMethod",
            "PutMethodResponse",
            "PutRestApi",
            "TagResource",
            "UpdateAccount",
            "UpdateApiKey",
            "UpdateAuthorizer",
            "UpdateBasePathMapping",
            "UpdateDomainName",
            "UpdateMethod",
            "UpdateResource",
            "UpdateRestApi",
            "UpdateStage",
        ],
    ),
    (
        "lambda",
        &[
            "AddPermission",
            "CreateFunction",
            "DeleteFunctionConcurrency",
            "ListVersionsByFunction",
            "PublishVersion",
            "PutFunctionConcurrency",
            "TagResource",
            "UpdateFunctionCode",
            "UpdateFunctionConfiguration",
        ],
    ),
    (
        "logs",
        &["CreateLogGroup", "PutRetentionPolicy", "TagResource"],
    ),
    (
        "iam",
        &[
            "AttachRolePolicy",
            "CreateRole",
            "DeleteRolePermissionsBoundary",
            "PutRolePermissionsBoundary",
            "PutRolePolicy",
            "TagRole",
            "UpdateAssumeRolePolicy",
            "UpdateRole",
        ],
    ),
    (
        "secretsmanager",
        &[
            "CreateSecret",
            "RestoreSecret",
            "TagResource",
            "UpdateSecret",
        ],
    ),
];

const PEOPLE: &[Calls] = &[
    (
        "cognito-idp",
        &[
            "AdminAddUserToGroup",
            "AdminConfirmSignUp",
            "AdminCreateUser",
            "AdminDeleteUser",
            "AdminDisableUser",
            "AdminGetUser",
            "AdminInitiateAuth",
            "AdminListGroupsForUser",
            "AdminRemoveUserFromGroup",
            "AdminRespondToAuthChallenge",
            "AdminSetUserPassword",
            "AdminUpdateUserAttributes",
            "ListGroups",
            "ListUsersInGroup",
        ],
    ),
    ("apigateway", &["TestInvokeAuthorizer"]),
    ("logs", &["FilterLogEvents"]),
];

const VERIFIES: &[Calls] = &[
    (
        "cognito-idp",
        &[
            "AdminConfirmSignUp",
            "AdminCreateUser",
            "AdminDeleteUser",
            "AdminGetUser",
            "AdminInitiateAuth",
            "AdminRespondToAuthChallenge",
            "AdminSetUserPassword",
            "AdminUpdateUserAttributes",
            "CreateUserPool",
            "CreateUserPoolClient",
            "DeleteUserPool",
        ],
    ),
    ("apigateway", &["TestInvokeAuthorizer"]),
    ("logs", &["FilterLogEvents"]),
];

const LISTS: &[Calls] = &[
    ("lambda", &["ListFunctions"]),
    ("secretsmanager", &["ListSecrets"]),
];

const SWEEPS: &[Calls] = &[
    ("logs", &["DeleteLogGroup"]),
    (
        "iam",
        &[
            "DeleteRole",
            "DeleteRolePolicy",
            "DetachRolePolicy",
            "ListInstanceProfilesForRole",
        ],
    ),
];

/// Operations that need no permission: of whoever is asked, and of Cognito's that sign nothing.
const FREE: [(&str, &str); 7] = [
    ("sts", "GetCallerIdentity"),
    ("cognito-idp", "ConfirmSignUp"),
    ("cognito-idp", "GetTokensFromRefreshToken"),
    ("cognito-idp", "InitiateAuth"),
    ("cognito-idp", "ResendConfirmationCode"),
    ("cognito-idp", "RespondToAuthChallenge"),
    ("cognito-idp", "SignUp"),
];

/// GetFunction leaves the tags out for whoever may not list them (Lambda API reference).
const LIST_TAGS: Extra = Extra {
    action: "lambda:ListTags",
    resource: FUNCTIONS,
    when: "",
};

const FOR_WRITES: &[Extra] = &[
    Extra {
        action: "iam:PassRole",
        resource: "arn:aws:iam::*:role/wsctl/*",
        when: "to lambda.amazonaws.com, with [identity_pool] to cognito-identity.amazonaws.com, with [user_pool.mfa.sms] to cognito-idp.amazonaws.com, and with [account] or [api.roles] to apigateway.amazonaws.com; a role that a function's `role` or an integration's `credentials` names, and one of [user_pool.mfa.sms], \
               have to be added",
    },
    Extra {
        action: "apigateway:UpdateRestApiPolicy",
        resource: APIS,
        when: "with `api.policy`, and where somebody set a resource policy, which apply takes back",
    },
    Extra {
        action: "lambda:GetLayerVersion",
        resource: "arn:aws:lambda:*:*:layer:*:*",
        when: "with `layers`",
    },
    Extra {
        action: "ec2:DescribeSubnets",
        resource: "*",
        when: "with `vpc`",
    },
    Extra {
        action: "ec2:DescribeSecurityGroups",
        resource: "*",
        when: "with `vpc`",
    },
    Extra {
        action: "ec2:DescribeVpcs",
        resource: "*",
        when: "with `vpc`",
    },
    Extra {
        action: "iam:CreateServiceLinkedRole",
        resource: "*",
        when: "with your own SES (`email`)",
    },
    Extra {
        action: "kms:CreateGrant",
        resource: "arn:aws:kms:*:*:key/*",
        when: "with `kms_key`, for custom senders",
    },
];

const FUNCTIONS: &str = "arn:aws:lambda:*:*:function:*";
const APIS: &str = "arn:aws:apigateway:*::/restapis/*";

impl Task {
    fn calls(self) -> Vec<&'static [Calls]> {
        match self {
            Self::Plan => vec![READS],
            Self::Drift => vec![READS, DOORS],
            Self::Apply => vec![READS, WRITES, DELETES, LOCK],
            Self::Destroy => vec![READS, DELETES, LOCK, LISTS],
            Self::People => vec![READS, PEOPLE],
            Self::Verify => vec![READS, VERIFIES],
            Self::List => vec![READS, LISTS],
            Self::Sweep => vec![READS, LISTS, SWEEPS],
        }
    }

    /// The service and the operation of each.
    fn each_call(self) -> Vec<(&'static str, Cow<'static, str>)> {
        let listed = self.calls().into_iter().flatten();
        let listed = listed
            .flat_map(|(service, all)| all.iter().map(move |it| (*service, Cow::Borrowed(*it))));
        listed.chain(self.calls_of_parts()).collect()
    }

    /// Those about the parts of a user pool and of an API, whose names follow from AWS's noun for them.
    fn calls_of_parts(self) -> impl Iterator<Item = (&'static str, Cow<'static, str>)> {
        let (writes, deletes) = (
            self == Self::Apply,
            [Self::Apply, Self::Destroy].contains(&self),
        );
        let of = |parent, service: &'static str, list: &'static str| {
            spec::parts_of(parent).map(move |(_, part)| (service, list, part))
        };
        let parts = of(UserPool::NAME, "cognito-idp", "List");
        let parts = parts.chain(of(RestApi::NAME, "apigateway", "Get"));
        parts.flat_map(move |(service, list, part)| {
            let noun = part.noun;
            let list = Some(format!("{list}{noun}s"));
            let describe = part.is_described.then(|| format!("Describe{noun}"));
            let write = |verb: &str| writes.then(|| format!("{verb}{noun}"));
            let delete = deletes.then(|| format!("Delete{noun}"));
            let all = [list, describe, write("Create"), write("Update"), delete];
            let all = all.into_iter().flatten();
            all.map(move |it| (service, Cow::Owned(it)))
        })
    }

    fn extras(self) -> Vec<&'static Extra> {
        let more = if self == Self::Apply { FOR_WRITES } else { &[] };
        std::iter::once(&LIST_TAGS).chain(more).collect()
    }

    /// What it may call, as `service:Operation`.
    pub fn operations(self) -> BTreeSet<String> {
        let all = self.each_call().into_iter();
        all.map(|(service, it)| format!("{service}:{it}")).collect()
    }

    /// The actions that it needs, and on what: from the operations' and those that AWS asks for besides.
    pub fn actions(self) -> BTreeMap<String, BTreeSet<&'static str>> {
        let mut found: BTreeMap<String, BTreeSet<&'static str>> = BTreeMap::new();
        for (service, operation) in self.each_call() {
            let (action, resources) = (action(service, &operation), resources(service, &operation));
            found.entry(action).or_default().extend(resources);
        }
        for extra in self.extras() {
            found
                .entry(extra.action.to_owned())
                .or_default()
                .insert(extra.resource);
        }
        found
    }

    fn says(self) -> String {
        let value = self.to_possible_value();
        value
            .and_then(|it| it.get_help().map(ToString::to_string))
            .unwrap_or_default()
    }

    fn name(self) -> String {
        self.to_possible_value()
            .map(|it| it.get_name().to_owned())
            .unwrap_or_default()
    }
}

/// Whether an operation needs no permission.
pub fn is_free(operation: &str) -> bool {
    FREE.iter()
        .any(|(service, name)| operation == format!("{service}:{name}"))
}

/// The action of an operation: its own name, but API Gateway's are HTTP methods (API Gateway developer
/// guide, "Actions, resources, and condition keys").
fn action(service: &str, operation: &str) -> String {
    if service != "apigateway" {
        return format!("{service}:{operation}");
    }
    let method = match operation {
        "TagResource" => "PUT",
        "UntagResource" => "DELETE",
        _ if operation.starts_with("Get") => "GET",
        _ if operation.starts_with("Put") => "PUT",
        _ if operation.starts_with("Update") => "PATCH",
        _ if operation.starts_with("Delete") => "DELETE",
        _ => "POST",
    };
    format!("apigateway:{method}")
}

/// On what an action can be granted (Service authorization reference).
fn resources(service: &str, operation: &str) -> Vec<&'static str> {
    match (service, operation) {
        ("tag", _)
        | ("cognito-identity", "CreateIdentityPool" | "ListIdentityPools")
        | ("cognito-idp", "CreateUserPool" | "DescribeUserPoolDomain" | "ListUserPools")
        | ("lambda", "ListEventSourceMappings" | "ListFunctions")
        | ("logs", "DescribeLogGroups")
        | ("secretsmanager", "ListSecrets") => vec!["*"],
        ("cognito-identity", _) => vec!["arn:aws:cognito-identity:*:*:identitypool/*"],
        ("cognito-idp", _) => vec!["arn:aws:cognito-idp:*:*:userpool/*"],
        ("lambda", _) => vec![FUNCTIONS],
        ("logs", _) => vec!["arn:aws:logs:*:*:log-group:*"],
        ("secretsmanager", _) => vec!["arn:aws:secretsmanager:*:*:secret:*"],
        // A role of the wanted name may be anybody's; a list is of all under a path.
        ("iam", "GetRole" | "ListRoles") => vec!["arn:aws:iam::*:role/*"],
        ("iam", _) => vec!["arn:aws:iam::*:role/wsctl/*"],
        ("apigateway", "GetAccount" | "UpdateAccount") => vec!["arn:aws:apigateway:*::/account"],
        ("apigateway", "GetDomainNames") => vec!["arn:aws:apigateway:*::/domainnames"],
        ("apigateway", "CreateDomainName") => vec!["arn:aws:apigateway:*::/domainnames", TAGS],
        ("apigateway", _) if operation.contains("DomainName") || operation.contains("BasePath") => {
            vec!["arn:aws:apigateway:*::/domainnames/*"]
        }
        ("apigateway", "GetRestApis") => vec!["arn:aws:apigateway:*::/restapis"],
        // One that is made with tags needs both.
        ("apigateway", "CreateRestApi") => vec!["arn:aws:apigateway:*::/restapis", TAGS],
        ("apigateway", "TagResource" | "UntagResource") => vec![TAGS],
        ("apigateway", "GetApiKeys") => vec!["arn:aws:apigateway:*::/apikeys"],
        ("apigateway", "CreateApiKey") => vec!["arn:aws:apigateway:*::/apikeys", TAGS],
        ("apigateway", _) if operation.ends_with("ApiKey") => {
            vec!["arn:aws:apigateway:*::/apikeys/*"]
        }
        ("apigateway", "GetUsagePlans") => vec!["arn:aws:apigateway:*::/usageplans"],
        ("apigateway", "CreateUsagePlan") => vec!["arn:aws:apigateway:*::/usageplans", TAGS],
        ("apigateway", "CreateUsagePlanKey" | "DeleteUsagePlanKey") => {
            vec!["arn:aws:apigateway:*::/usageplans/*"]
        }
        ("apigateway", _) if operation.ends_with("UsagePlan") => {
            vec!["arn:aws:apigateway:*::/usageplans/*"]
        }
        _ => vec![APIS],
    }
}

const TAGS: &str = "arn:aws:apigateway:*::/tags/*";

/// The IAM policy that lets somebody do these tasks.
pub fn policy(tasks: &[Task]) -> Value {
    let mut by_resources: BTreeMap<BTreeSet<&str>, BTreeSet<String>> = BTreeMap::new();
    let mut all: BTreeMap<String, BTreeSet<&str>> = BTreeMap::new();
    for task in tasks {
        for (action, resources) in task.actions() {
            all.entry(action).or_default().extend(resources);
        }
    }
    let passes = all.remove("iam:PassRole");
    for (action, resources) in all {
        let resources = if resources.contains("*") {
            BTreeSet::from(["*"])
        } else {
            resources
        };
        by_resources.entry(resources).or_default().insert(action);
    }
    let allow = |(resources, actions)| json!({ "Effect": "Allow", "Action": actions, "Resource": resources });
    let mut statements: Vec<_> = by_resources.into_iter().map(allow).collect();
    statements.extend(passes.map(|resources| {
        json!({
            "Effect": "Allow", "Action": ["iam:PassRole"], "Resource": resources,
            "Condition": { "StringEquals": { "iam:PassedToService": ["apigateway.amazonaws.com", "cognito-identity.amazonaws.com", "cognito-idp.amazonaws.com", "lambda.amazonaws.com"] } },
        })
    }));
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// What stands before the tasks.
const INTRODUCTION: &str = include_str!("permissions.md");

/// Every task with its actions, as Markdown.
pub fn markdown() -> String {
    let mut text = INTRODUCTION.to_owned();
    let before = Task::Plan.actions();
    for task in Task::value_variants() {
        let _ = writeln!(text, "\n## {}\n\n{}.", task.name(), task.says());
        let is_plan = *task == Task::Plan;
        if !is_plan {
            text.push_str("What `plan` needs, and:\n");
        }
        text.push_str("\n| Action | on |\n|---|---|\n");
        for (action, resources) in task.actions() {
            let known = before.get(&action).filter(|_| !is_plan);
            let new: Vec<_> = resources
                .iter()
                .filter(|it| known.is_none_or(|all| !all.contains(*it)))
                .collect();
            if !new.is_empty() {
                let on: Vec<_> = new.iter().map(|it| format!("`{it}`")).collect();
                let _ = writeln!(
                    text,
                    "| `{action}` | {}{} |",
                    on.join(", "),
                    when(*task, &action)
                );
            }
        }
    }
    text
}

fn when(task: Task, action: &str) -> String {
    let extra = task.extras().into_iter().find(|it| it.action == action);
    extra
        .filter(|it| !it.when.is_empty())
        .map_or_else(String::new, |it| format!(", {}", it.when))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{fs, path::Path};

    /// Every `service:Operation` that the sources hand to the one way of calling.
    fn called(folder: &Path, found: &mut BTreeSet<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                called(&path, found);
            } else if path.extension().is_some_and(|it| it == "rs") {
                let text = fs::read_to_string(&path).unwrap();
                // What tests call themselves is no permission.
                let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                found.extend(
                    text.split('"')
                        .skip(1)
                        .step_by(2)
                        .filter(|it| is_operation(it))
                        .map(Into::into),
                );
            }
        }
    }

    fn is_operation(text: &str) -> bool {
        const SERVICES: [&str; 9] = [
            "apigateway",
            "cognito-identity",
            "cognito-idp",
            "iam",
            "lambda",
            "logs",
            "secretsmanager",
            "sts",
            "tag",
        ];
        text.split_once(':').is_some_and(|(service, name)| {
            let is_name = name.starts_with(|c: char| c.is_ascii_uppercase())
                && name.bytes().all(|it| it.is_ascii_alphanumeric());
            SERVICES.contains(&service) && is_name
        })
    }

    #[test]
    fn exactly_what_the_sources_call_is_granted() {
        let mut there = BTreeSet::new();
        for sources in ["src", "crates/aws/src"] {
            let root = Path::new(env!("CARGO_MANIFEST_DIR"));
            called(&root.join(sources), &mut there);
        }
        // Actions that a function's own role has, and that are only spoken of.
        let of_others = [
            "lambda:GetLayerVersion",
            "lambda:InvokeFunction",
            "lambda:ListTags",
            "logs:CreateLogStream",
            "logs:PutLogEvents",
            "secretsmanager:GetSecretValue",
            "sts:AssumeRole",
            "iam:PassRole",
            "iam:PassedToService",
            "iam:CreateServiceLinkedRole",
            "apigateway:UpdateRestApiPolicy",
        ];
        there.retain(|it| !of_others.contains(&it.as_str()) && !is_free(it));
        let tasks = Task::value_variants().iter();
        let granted: BTreeSet<_> = tasks.flat_map(|it| it.operations()).collect();
        let missing: Vec<_> = there.difference(&granted).collect();
        let needless: Vec<_> = granted.difference(&there).collect();
        assert!(
            missing.is_empty() && needless.is_empty(),
            "missing {missing:?}, needless {needless:?}"
        );
        assert!(there.len() > 100, "{}", there.len());
    }

    #[test]
    fn a_policy_grants_each_action_of_its_tasks_and_no_other() {
        for tasks in [
            &[Task::Plan][..],
            &[Task::Apply, Task::Destroy],
            &[Task::Sweep],
            &[Task::People, Task::Plan],
        ] {
            let policy = policy(tasks);
            let statements = policy["Statement"].as_array().unwrap();
            let in_policy: BTreeSet<_> = statements
                .iter()
                .flat_map(|it| it["Action"].as_array().unwrap())
                .map(|it| it.as_str().unwrap().to_owned())
                .collect();
            let wanted: BTreeSet<_> = tasks
                .iter()
                .flat_map(|it| it.actions().into_keys())
                .collect();
            assert_eq!(in_policy, wanted);
            assert!(policy.to_string().len() < 6144, "IAM takes no longer one");
        }
        let plan = policy(&[Task::Plan, Task::Drift]).to_string();
        for word in [
            "Create",
            "Update",
            "Delete",
            "Put",
            "POST",
            "GetSecretValue",
            "PassRole",
        ] {
            assert!(!plan.contains(word), "{word} in {plan}");
        }
    }

    #[test]
    fn the_list_in_the_repository_is_of_this_version() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/docs/permissions.md");
        let there = fs::read_to_string(path).unwrap_or_default();
        let make = "cargo run -- permissions --markdown > docs/permissions.md";
        assert!(
            there == markdown(),
            "docs/permissions.md is out of date; run: {make}"
        );
    }
}
