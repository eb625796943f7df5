//! Functions, with what their roles may do. Pure.

use super::{
    code,
    draft::Draft,
    fields::{As, Field, Properties, not_said},
    other::name,
    places::{FUNCTION, Places, ROLE},
    statements,
    template::{Resource, Template},
    user_pool::below,
    values::{Scope, text},
};
use crate::duration::Unit;
use serde_json::Value;

const FIELDS: [Field; 15] = [
    ("FunctionName", "name", As::Text),
    ("Description", "description", As::Text),
    ("Runtime", "runtime", As::Text),
    ("Handler", "handler", As::Text),
    ("Architectures", "architecture", As::First),
    ("MemorySize", "memory", As::Number),
    ("Timeout", "timeout", As::Time(Unit::Seconds)),
    ("Layers", "layers", As::List),
    ("TracingConfig.Mode", "tracing", As::Text),
    ("EphemeralStorage.Size", "ephemeral_storage", As::Number),
    (
        "ReservedConcurrentExecutions",
        "reserved_concurrency",
        As::Number,
    ),
    ("VpcConfig.SubnetIds", "vpc.subnet_ids", As::List),
    (
        "VpcConfig.SecurityGroupIds",
        "vpc.security_group_ids",
        As::List,
    ),
    ("PermissionsBoundary", "permissions_boundary", As::Text),
    ("Tags", "tags", As::Map),
];

pub(super) fn put(draft: &mut Draft, template: &Template, places: &Places) {
    let scope = Scope { template, places };
    for resource in template.of_kind(FUNCTION) {
        let Some(place) = places.path_of(resource) else {
            continue;
        };
        draft.table(place);
        let mut properties = Properties::new(scope.properties(&resource.properties));
        if let Some(mode) = properties.text("TracingConfig.Mode") {
            let word = if mode == "Active" {
                "active"
            } else {
                "pass_through"
            };
            draft.put(&below(place, "tracing"), word.into());
        }
        properties.fill(draft, place, &FIELDS);
        name(draft, resource, place);
        environment(draft, place, properties.take("Environment.Variables"));
        code::put(draft, place, &mut properties, resource);
        role(draft, &scope, resource, place, &mut properties);
        retention(draft, &scope, resource, place);
        properties.rest(draft, place);
    }
}

/// One by one: a value that is not known leaves the others.
fn environment(draft: &mut Draft, place: &[String], variables: Option<Value>) {
    let table = below(place, "environment");
    for (key, value) in variables.iter().filter_map(Value::as_object).flatten() {
        match text(value) {
            Some(value) => draft.put(&below(&table, key), value.into()),
            None => draft.comment(place, not_said(&format!("environment {key}"), value)),
        }
    }
}

/// A role of the same definition becomes what the role that wsctl makes may do; another one stays.
fn role(
    draft: &mut Draft,
    scope: &Scope<'_>,
    resource: &Resource,
    place: &[String],
    properties: &mut Properties,
) {
    let written = properties.take("Role");
    let mut policies = vec![];
    let mut managed = vec![];
    match scope
        .template
        .referred(resource.properties.get("Role"))
        .filter(|it| it.kind == ROLE)
    {
        Some(role) => {
            let own = scope.properties(&role.properties);
            managed.extend(items(own.get("ManagedPolicyArns")));
            if let Some(boundary) = own.get("PermissionsBoundary") {
                draft.put(&below(place, "permissions_boundary"), boundary.clone());
            }
            policies.extend(
                items(own.get("Policies"))
                    .into_iter()
                    .map(|it| it["PolicyDocument"].clone()),
            );
            // Terraform's own, within the role.
            policies.extend(
                items(own.get("InlinePolicy"))
                    .into_iter()
                    .map(|it| it["Policy"].clone()),
            );
            for policy in ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"]
                .into_iter()
                .flat_map(|it| scope.template.of_kind(it))
            {
                let roles = items(policy.properties.get("Roles"));
                if roles.iter().any(|it| {
                    scope
                        .template
                        .referred(Some(it))
                        .is_some_and(|it| it.id == role.id)
                }) {
                    policies.extend(
                        policy
                            .properties
                            .get("PolicyDocument")
                            .map(|it| scope.value(it)),
                    );
                    managed.extend(policy.properties.get("PolicyArn").map(|it| scope.value(it)));
                }
            }
        }
        None => {
            if let Some(written) = written {
                draft.put(&below(place, "role"), written);
            }
        }
    }
    // SAM's and serverless.yml's own.
    for policy in properties
        .take("Policies")
        .map(|it| {
            if it.is_array() {
                items(Some(&it))
            } else {
                vec![it]
            }
        })
        .unwrap_or_default()
    {
        match &policy {
            Value::String(_) => managed.push(policy),
            _ if !policy["Statement"].is_null() => policies.push(policy),
            _ => draft.comment(
                place,
                not_said("Policies", &policy)
                    + ": write it as [[allow]], with actions and resources.",
            ),
        }
    }
    let mut allowed = vec![];
    for policy in policies {
        allowed.extend(statements::allowed(draft, place, &policy));
    }
    let managed = statements::managed(draft, place, &managed);
    if !allowed.is_empty() {
        draft.put(&below(place, "allow"), allowed.into());
    }
    if !managed.is_empty() {
        draft.put(&below(place, "managed_policies"), managed.into());
    }
}

/// A log group of the function's name says how long its log is kept.
fn retention(draft: &mut Draft, scope: &Scope<'_>, resource: &Resource, place: &[String]) {
    let own = draft
        .get(&below(place, "name"))
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned();
    let reference = scope
        .places
        .get(&resource.id)
        .and_then(|it| it.output(None))
        .unwrap_or_default();
    for group in scope.template.of_kind("AWS::Logs::LogGroup") {
        let properties = scope.properties(&group.properties);
        let named = properties
            .get("LogGroupName")
            .and_then(text)
            .unwrap_or_default();
        let named = named.strip_prefix("/aws/lambda/").unwrap_or_default();
        if let Some(days) = properties
            .get("RetentionInDays")
            .filter(|_| !named.is_empty() && (named == own || named == reference))
        {
            let days = text(days).and_then(|it| it.parse::<u64>().ok());
            draft.put(&below(place, "log_retention_days"), days.into());
        }
    }
}

fn items(value: Option<&Value>) -> Vec<Value> {
    value.and_then(Value::as_array).cloned().unwrap_or_default()
}
