//! The .tf files of a Terraform module → CloudFormation's resources. Pure.

mod expression;
mod names;

use super::{
    Files,
    template::{Parameter, Resource, Template},
};
use crate::error::{Error, ErrorKind, Result};
use expression::Module;
use hcl::{Block, Body};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

/// What says how Terraform deals with a resource, or is only told by AWS.
const OF_TERRAFORM: [&str; 14] = [
    "depends_on",
    "lifecycle",
    "provider",
    "count",
    "for_each",
    "source_code_hash",
    "triggers",
    "publish",
    "force_destroy",
    "timeouts",
    "force_delete",
    "skip_destroy",
    "recovery_window_in_days",
    "statement_id",
];

pub(super) fn read(files: &Files) -> Result<Template> {
    let mut template = Template::default();
    let mut blocks = vec![];
    let mut module = Module::default();
    for (name, text) in files {
        let body = hcl::parse(text).map_err(|error| cannot_be_read(name, &error))?;
        blocks.extend(body.into_blocks());
    }
    for block in &blocks {
        let label = |index: usize| {
            block
                .labels
                .get(index)
                .map(|it| it.as_str().to_owned())
                .unwrap_or_default()
        };
        match block.identifier.as_str() {
            "locals" => {
                let each = block
                    .body
                    .attributes()
                    .map(|it| (it.key.to_string(), it.expr.clone()));
                module.locals.extend(each);
            }
            "data" => drop(module.data.insert((label(0), label(1)), block.body.clone())),
            "variable" => drop(module.variables.insert(label(0), block.body.clone())),
            _ => {}
        }
    }
    for (name, body) in &module.variables {
        let attribute = |key: &str| {
            body.attributes()
                .find(|it| it.key.as_str() == key)
                .map(|it| &it.expr)
        };
        let default = attribute("default")
            .map(|it| module.value(it))
            .filter(|it| !it.is_null());
        let is_secret =
            attribute("sensitive").map(|it| module.value(it)) == Some(Value::Bool(true));
        template
            .parameters
            .insert(name.clone(), Parameter { default, is_secret });
    }
    let policies = blocks.iter().filter_map(|it| match it.labels.as_slice() {
        [kind, name] if kind.as_str() == "aws_iam_policy" => {
            Some((name.as_str().to_owned(), &it.body))
        }
        _ => None,
    });
    let policies = policies.map(|(name, body)| {
        (
            format!("aws_iam_policy.{name}"),
            document(module.body(body).remove("policy")),
        )
    });
    let policies: BTreeMap<_, _> = policies.collect();
    let region = |it: &&Block| {
        it.identifier.as_str() == "provider"
            && it.labels.first().is_some_and(|it| it.as_str() == "aws")
    };
    let provider = blocks
        .iter()
        .find(region)
        .and_then(|it| it.body.attributes().find(|it| it.key.as_str() == "region"));
    template.region =
        provider.and_then(|it| region_of(&module.value(&it.expr), &template.parameters));
    for block in blocks
        .iter()
        .filter(|it| it.identifier.as_str() == "resource")
    {
        if let [kind, name] = block.labels.as_slice() {
            let mut resource = resource(
                &mut template.notes,
                &module,
                kind.as_str(),
                name.as_str(),
                &block.body,
            );
            if let Some(Value::String(of)) = resource.properties.remove(POLICY_OF) {
                let document = policies.get(&of).cloned().unwrap_or_default();
                resource
                    .properties
                    .insert("PolicyDocument".to_owned(), document);
            }
            template.resources.push(resource);
        }
    }
    for block in blocks
        .iter()
        .filter(|it| it.identifier.as_str() == "module")
    {
        let name = block.labels.first().map_or("", |it| it.as_str());
        template.notes.push(format!(
            "Left out: the module {name}: convert its own folder."
        ));
    }
    template.conditions = module.conditions.take();
    Ok(template)
}

fn cannot_be_read(name: &str, error: &hcl::Error) -> Error {
    let place = match error {
        hcl::Error::Parse(error) => {
            format!(":{}:{}", error.location().line(), error.location().column())
        }
        _ => String::new(),
    };
    let text = error.to_string();
    // The parser shows the line too, on lines of their own.
    let last = text
        .lines()
        .rev()
        .find(|it| !it.trim().is_empty())
        .unwrap_or_default()
        .trim_start_matches([' ', '=', '|']);
    Error::new(
        ErrorKind::Input,
        format!("{name}{place}: this is no Terraform: {last}"),
    )
    .hint("does `terraform validate` take it?")
}

fn region_of(value: &Value, parameters: &BTreeMap<String, Parameter>) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        _ => parameters
            .get(value["Ref"].as_str()?)?
            .default
            .as_ref()?
            .as_str()
            .map(ToOwned::to_owned),
    }
}

/// Of an attached policy: the resource that it is.
const POLICY_OF: &str = "\u{0}policy";

fn resource(
    notes: &mut Vec<String>,
    module: &Module,
    kind: &str,
    name: &str,
    body: &Body,
) -> Resource {
    let id = format!("{kind}.{name}");
    let written = module.body(body);
    for meta in ["count", "for_each"] {
        if let Some(value) = written.get(meta) {
            notes.push(format!(
                "{id} has {meta} = {}: it stands here once.",
                shown(value)
            ));
        }
    }
    let mut properties: Map<String, Value> = written
        .into_iter()
        .filter(|it| !OF_TERRAFORM.contains(&it.0.as_str()))
        .collect();
    let (kind, mut properties) = match kind {
        // Who may do what, each a resource of its own.
        "aws_iam_role_policy" => {
            let document = document(properties.remove("policy"));
            (
                "AWS::IAM::Policy".to_owned(),
                json!({ "Roles": [properties.remove("role")], "PolicyDocument": document }),
            )
        }
        "aws_iam_role_policy_attachment" => {
            let arn = properties.remove("policy_arn").unwrap_or_default();
            let mut policy = json!({ "Roles": [properties.remove("role")] });
            match super::template::referred_id(&arn) {
                Some(of) if of.starts_with("aws_iam_policy.") => policy[POLICY_OF] = of.into(),
                _ => policy["PolicyArn"] = arn,
            }
            ("AWS::IAM::ManagedPolicy".to_owned(), policy)
        }
        "aws_iam_policy" => (
            "AWS::IAM::Policy".to_owned(),
            json!({ "PolicyDocument": document(properties.remove("policy")) }),
        ),
        _ => {
            let kind = names::kind(kind);
            (kind.0, names::properties(kind.1, properties))
        }
    };
    if kind == "AWS::Cognito::UserPool" {
        factors(&mut properties);
    }
    if kind == "AWS::Lambda::Function" && properties["S3Key"].is_string() {
        properties["Code"] =
            json!({ "S3Bucket": properties["S3Bucket"], "S3Key": properties["S3Key"] });
    }
    let mut properties = properties.as_object().cloned().unwrap_or_default();
    if kind == "AWS::Lambda::Function" {
        properties.retain(|key, _| !key.starts_with("S3"));
    }
    Resource {
        id,
        name: None,
        kind,
        properties,
    }
}

/// A policy as JSON, whichever way it was written.
fn document(policy: Option<Value>) -> Value {
    match policy {
        Some(Value::String(text)) => serde_json::from_str(&text).unwrap_or(Value::String(text)),
        other => other.unwrap_or_default(),
    }
}

/// The second factors, which are tables of their own in Terraform.
fn factors(properties: &mut Value) {
    let mut factors = vec![];
    for (table, factor) in [
        ("SoftwareTokenMfaConfiguration", "SOFTWARE_TOKEN_MFA"),
        ("EmailMfaConfiguration", "EMAIL_OTP"),
    ] {
        let Some(map) = properties.as_object_mut() else {
            return;
        };
        if let Some(table) = map.remove(table) {
            let is_off = table["Enabled"] == false;
            factors.extend((!is_off).then_some(factor));
        }
    }
    if !factors.is_empty() {
        properties["EnabledMfas"] = factors.into();
    }
    // The provider sends false where `mutable` is left out.
    for attribute in properties["Schema"].as_array_mut().into_iter().flatten() {
        if attribute["Mutable"].is_null() {
            attribute["Mutable"] = false.into();
        }
    }
}

fn shown(value: &Value) -> String {
    let text = value.to_string();
    text.chars().take(80).collect()
}
