//! SAM and CloudFormation templates, in YAML or JSON. Pure.

use super::{
    Files, sam,
    template::{Parameter, Resource, Template},
};
use crate::error::{Error, ErrorKind, Result};
use serde_json::{Map, Value, json};
use yaml_serde::Value as Yaml;

pub(super) fn read(files: &Files) -> Result<Template> {
    let mut template = Template::default();
    for (name, text) in files {
        let tree = yaml(name, text)?;
        add(&mut template, &tree);
        sam::translate(&mut template, &tree);
    }
    Ok(template)
}

/// What CloudFormation itself knows: parameters, conditions, mappings, resources.
pub(super) fn add(template: &mut Template, tree: &Value) {
    for (name, parameter) in objects(&tree["Parameters"]) {
        let allowed = parameter["AllowedValues"].get(0);
        template.parameters.insert(
            name.clone(),
            Parameter {
                default: parameter.get("Default").or(allowed).cloned(),
                is_secret: parameter["NoEcho"] == true || parameter["NoEcho"] == "true",
            },
        );
    }
    template
        .conditions
        .extend(objects(&tree["Conditions"]).map(|(k, v)| (k.clone(), v.clone())));
    if tree["Mappings"].is_object() {
        template.mappings = tree["Mappings"].clone();
    }
    for (id, resource) in objects(&tree["Resources"]) {
        if let Some(kind) = resource["Type"].as_str() {
            template.resources.push(Resource {
                id: id.clone(),
                name: None,
                kind: kind.to_owned(),
                properties: resource["Properties"]
                    .as_object()
                    .cloned()
                    .unwrap_or_default(),
            });
        }
    }
}

pub(super) fn objects(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

/// A YAML (or JSON) text, CloudFormation's short forms (`!Ref`) written out.
pub(super) fn yaml(name: &str, text: &str) -> Result<Value> {
    let tree: Yaml = yaml_serde::from_str(text).map_err(|error| {
        let place = error
            .location()
            .map_or_else(String::new, |at| format!(":{}:{}", at.line(), at.column()));
        Error::new(ErrorKind::Input, format!("{name}{place}: {error}"))
            .hint("is it YAML or JSON, and whole?")
    })?;
    match written_out(tree) {
        tree @ Value::Object(_) => Ok(tree),
        _ => Err(
            Error::input(format!("{name}: it is no table of names and values"))
                .hint("is this the right file?"),
        ),
    }
}

fn written_out(tree: Yaml) -> Value {
    match tree {
        Yaml::Null => Value::Null,
        Yaml::Bool(it) => it.into(),
        Yaml::Number(it) => match (it.as_i64(), it.as_u64()) {
            (Some(it), _) => it.into(),
            (_, Some(it)) => it.into(),
            _ => json!(it.as_f64()),
        },
        Yaml::String(it) => it.into(),
        Yaml::Sequence(items) => items.into_iter().map(written_out).collect(),
        Yaml::Mapping(map) => {
            let pairs = map
                .into_iter()
                .map(|(key, value)| (key_text(key), written_out(value)));
            Value::Object(pairs.collect::<Map<_, _>>())
        }
        Yaml::Tagged(tagged) => {
            let tag = tagged.tag.to_string();
            let name = tag.trim_start_matches('!');
            let value = written_out(tagged.value);
            match name {
                "Ref" | "Condition" => json!({ name: value }),
                "GetAtt" => json!({ "Fn::GetAtt": value }),
                name => json!({ format!("Fn::{name}"): value }),
            }
        }
    }
}

fn key_text(key: Yaml) -> String {
    match written_out(key) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
