//! The JSON Schema of stack.toml, made from its tables, and what it says of a file. Pure.

use super::{
    open,
    source::{Diagnostic, Path},
    tables::File,
};
use crate::{
    diff,
    duration::{self, Duration, Unit},
    value::{self, Address},
};
use jsonschema::{ValidationError, Validator, error::ValidationErrorKind};
use schemars::{Schema, generate::SchemaSettings, transform::Transform};
use serde_json::{Map, Value, json};
use std::sync::LazyLock;

/// The schema for editors, with every key's description.
pub fn schema() -> Value {
    let settings = SchemaSettings::draft2020_12();
    let mut schema = settings.into_generator().into_root_schema_for::<File>();
    Plain.transform(&mut schema);
    let mut schema = schema.to_value();
    schema["title"] = json!("stack.toml of wsctl");
    // A secret's type has a default for its name, a file has none.
    schema["$defs"]["Secret"]["required"] = json!(["name"]);
    super::lifecycle::extend(&mut schema);
    schema
}

/// The schema for editors. What is read once all is known may be written with references: wherever a text
/// has to have a form, one with `${…}` in it may stand as well.
pub fn for_editors() -> Value {
    let mut schema = schema();
    open_texts(&mut schema);
    let mut all = json!({ "$id": "urn:wsctl:stack.toml:1" });
    merge(&mut all, schema);
    all
}

fn merge(into: &mut Value, from: Value) {
    if let (Value::Object(into), Value::Object(from)) = (into, from) {
        into.extend(from);
    }
}

/// What a schema can ask of a text.
const OF_TEXTS: [&str; 5] = ["pattern", "enum", "format", "minLength", "maxLength"];

fn open_texts(schema: &mut Value) {
    let below: Vec<&mut Value> = match schema {
        Value::Object(map) => {
            let named = ["properties", "patternProperties", "$defs"];
            let (tables, others): (Vec<_>, Vec<_>) = map
                .iter_mut()
                .partition(|it| named.contains(&it.0.as_str()));
            let tables = tables.into_iter().filter_map(|it| it.1.as_object_mut());
            let tables = tables.flat_map(|it| it.values_mut());
            // Names are never references, and examples are no schemas.
            let passed_over = ["propertyNames", "examples", "default", "const", "enum"];
            let others = others.into_iter();
            let others = others.filter(|it| !passed_over.contains(&it.0.as_str()));
            tables.chain(others.map(|it| it.1)).collect()
        }
        Value::Array(items) => items.iter_mut().collect(),
        _ => return,
    };
    below.into_iter().for_each(open_texts);
    if let Value::Object(map) = schema
        && is_of_texts(map)
    {
        let asked: Vec<_> = OF_TEXTS
            .iter()
            .filter_map(|key| map.remove_entry(*key))
            .collect();
        let mut asked = Value::Object(asked.into_iter().collect());
        asked["type"] = map.remove("type").unwrap_or_else(|| json!("string"));
        map.insert(
            "anyOf".into(),
            json!([asked, { "$ref": "#/$defs/Reference" }]),
        );
    }
    if let Some(definitions) = schema.get_mut("$defs") {
        definitions["Reference"] = json!({
            "description": "A text with a reference in it, such as ${user_pool.id} or ${var.NAME}.",
            "type": "string",
            "pattern": r"\$\{[^}]+\}",
        });
    }
}

fn is_of_texts(map: &Map<String, Value>) -> bool {
    let is_text = map.get("type").is_some_and(|it| it == "string");
    let words = map.get("enum").and_then(Value::as_array);
    let is_words = words.is_some_and(|words| words.iter().all(Value::is_string));
    (is_text || is_words && !map.contains_key("type"))
        && !map.contains_key("anyOf")
        && OF_TEXTS.iter().any(|key| map.contains_key(*key))
}

/// Makes the schema as plain as TOML is: there is no null, and a choice of words is an enum.
struct Plain;

impl Transform for Plain {
    fn transform(&mut self, schema: &mut Schema) {
        schemars::transform::transform_subschemas(self, schema);
        let Some(map) = schema.as_object_mut() else {
            return;
        };
        if let Some(Value::Array(types)) = map.get_mut("type") {
            types.retain(|name| name != "null");
            if let [only] = types.as_slice() {
                let only = only.clone();
                map.insert("type".into(), only);
            }
        }
        if let Some(Value::Array(words)) = map.get_mut("enum") {
            words.retain(|word| !word.is_null());
        }
        if let Some(Value::Array(mut choices)) = map.remove("anyOf") {
            choices.retain(|choice| choice["type"] != "null");
            match choices.as_slice() {
                [Value::Object(only)] => {
                    for (key, value) in only {
                        map.entry(key).or_insert_with(|| value.clone());
                    }
                }
                _ => {
                    map.insert("anyOf".into(), choices.into());
                }
            }
        }
        let words = map
            .get("oneOf")
            .and_then(Value::as_array)
            .and_then(|choices| {
                let words = choices.iter().map(|choice| {
                    choice
                        .get("const")
                        .map(|word| vec![word.clone()])
                        .or_else(|| choice["enum"].as_array().cloned())
                });
                words.collect::<Option<Vec<_>>>()
            });
        if let Some(words) = words {
            map.remove("oneOf");
            map.insert("enum".into(), words.into_iter().flatten().collect());
        }
        if map.get("default").is_some_and(diff::is_empty) {
            map.remove("default");
        }
        limit_time(map);
        limit_to_format(map);
        // A key that no table knows is a mistake, never ignored.
        if map.contains_key("properties") {
            map.insert("additionalProperties".into(), false.into());
        }
    }
}

/// A length of time has the range that its field gives it: whole minutes, where the field says so.
fn limit_time(map: &mut Map<String, Value>) {
    let Some([least, most]) = range_of(map.get("range").unwrap_or(&Value::Null)) else {
        return;
    };
    let step = if map.get("step").is_some_and(|it| it == "1m") {
        Unit::Minutes
    } else {
        Unit::Seconds
    };
    map.insert(
        "pattern".into(),
        duration::pattern(least, most, step).into(),
    );
}

fn range_of(range: &Value) -> Option<[Duration; 2]> {
    let end = |index: usize| range[index].as_str()?.parse().ok();
    Some([end(0)?, end(1)?])
}

/// A number that its Rust type cannot hold is refused like any other that is out of range, with
/// its place.
fn limit_to_format(map: &mut Map<String, Value>) {
    let (least, most) = match map.get("format").and_then(Value::as_str) {
        Some("uint8") => (0, i64::from(u8::MAX)),
        Some("uint32") => (0, i64::from(u32::MAX)),
        Some("int32") => (i64::from(i32::MIN), i64::from(i32::MAX)),
        // Beyond these, a float that stands for a large number is not exact.
        Some("int64") => (-1_000_000_000_000_000, 1_000_000_000_000_000),
        _ => return,
    };
    map.entry("minimum").or_insert(least.into());
    map.entry("maximum").or_insert(most.into());
}

/// What to write instead of a text that the schema refuses for a key of `[stack]`.
pub fn help_in_stack(key: &str, text: &str) -> Option<String> {
    let schema = schema();
    let schema = &schema["$defs"]["StackTable"]["properties"][key];
    let help = || {
        schema["patternHint"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    (!jsonschema::is_valid(schema, &json!(text))).then(help)
}

/// Whether this is how AWS writes a region.
pub fn is_region(text: &str) -> bool {
    help_in_stack("region", text).is_none()
}

/// Everything in `tree` that the schema refuses. Of a text that still holds a `${…}`, what is known
/// is judged.
/// `shown` is `tree` as it is written, without the environment's values, which may be secrets.
pub fn check(tree: &Value, shown: &Value) -> Vec<Diagnostic> {
    static SCHEMA: LazyLock<(Value, Validator)> = LazyLock::new(|| {
        let schema = schema();
        let validator = jsonschema::validator_for(&schema);
        (
            schema,
            validator.expect("the schema made from the tables is valid"),
        )
    });
    let (schema, validator) = &*SCHEMA;
    validator
        .iter_errors(tree)
        .flat_map(|error| explain(&error, schema, shown))
        .collect()
}

fn explain(error: &ValidationError<'_>, schema: &Value, shown: &Value) -> Vec<Diagnostic> {
    let path: Path = segments(error.instance_path().as_str());
    let instance = error.instance();
    let written = shown
        .pointer(error.instance_path().as_str())
        .unwrap_or(instance);
    let is_open = value::is_open(written);
    let shown = match written {
        written if written == instance.as_ref() || !is_open => written.to_string(),
        reference => format!("the value of {reference}"),
    };
    let place = at(schema, error.schema_path().as_str());
    if instance.as_str() == Some("") && place["emptyRemoves"] == true {
        return vec![];
    }
    let open = instance
        .as_str()
        .filter(|text| text.contains("${") && is_open);
    let one = |message: String, help: String| vec![Diagnostic::error(path.clone(), message, help)];
    let name = &name(&path);
    let hint = || place["patternHint"].as_str().map(ToOwned::to_owned);
    match error.kind() {
        ValidationErrorKind::AdditionalProperties { unexpected }
        | ValidationErrorKind::UnevaluatedProperties { unexpected } => {
            let known = known_keys(schema, error);
            unexpected
                .iter()
                .map(|key| unknown_key(&path, key, &known))
                .collect()
        }
        ValidationErrorKind::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            let table = if path.is_empty() {
                "the file".to_owned()
            } else {
                format!("[{}]", Address::new(path.clone()))
            };
            let help = if path.is_empty() {
                format!("add a [{key}] table")
            } else {
                format!("add `{key} = …`")
            };
            vec![Diagnostic::error(path.clone(), format!("{table} lacks `{key}`"), help).at_key()]
        }
        kind if open.is_some_and(|text| open::may_be_taken(kind, text)) => {
            match reference_here(kind, place) {
                Some(help) => one(format!("{name} takes no reference"), help),
                None => vec![],
            }
        }
        ValidationErrorKind::Type { .. } => {
            let wanted = type_name(place);
            let help = hint().unwrap_or_else(|| format!("write {wanted}"));
            one(
                format!("{name} is {}, not {wanted}", described(instance)),
                help,
            )
        }
        ValidationErrorKind::Enum { options } => {
            let help = a_word(instance, options);
            one(format!("{name} cannot be {shown}"), help)
        }
        ValidationErrorKind::Minimum { limit } => one(
            format!("{name} is less than {limit}"),
            format!("write {limit} or more"),
        ),
        ValidationErrorKind::Maximum { limit } => one(
            format!("{name} is more than {limit}"),
            format!("write {limit} or less"),
        ),
        ValidationErrorKind::MinLength { limit } => match instance.as_str() {
            Some("") => one(format!("{name} is empty"), a_text(hint().as_deref())),
            _ => one(
                format!("{name} is too short"),
                format!("write at least {limit} characters"),
            ),
        },
        ValidationErrorKind::MaxLength { limit } => {
            let length = instance.as_str().map_or(0, open::known_length);
            one(
                format!("{name} has {length} characters, {limit} are allowed"),
                format!("write at most {limit} characters"),
            )
        }
        ValidationErrorKind::MinItems { limit } => one(
            format!("{name} has too few items"),
            format!("list at least {limit}"),
        ),
        ValidationErrorKind::MaxItems { limit } => one(
            format!("{name} has too many items"),
            format!("list at most {limit}"),
        ),
        ValidationErrorKind::MaxProperties { limit } => one(
            format!("{name} has too many keys"),
            format!("write at most {limit}"),
        ),
        ValidationErrorKind::UniqueItems => one(
            format!("{name} names something twice"),
            "name each once".into(),
        ),
        // The length is told by itself.
        ValidationErrorKind::Pattern { .. } if has_other_length(instance, place) => vec![],
        ValidationErrorKind::Pattern { pattern } => match out_of_range(instance, place) {
            Some((message, help)) => one(format!("{name} {message}"), help),
            None => {
                let wanted = hint().unwrap_or_else(|| format!("it has to match {pattern}"));
                one(format!("{name} cannot be {shown}"), wanted)
            }
        },
        ValidationErrorKind::PropertyNames { error } => key_name(&path, error, names_of(place)),
        _ => one(error.to_string(), "see the reference of stack.toml".into()),
    }
}

/// What is wrong with a length of time, and what to write.
fn out_of_range(instance: &Value, place: &Value) -> Option<(String, String)> {
    let [least, most] = range_of(&place["range"])?;
    let time: Duration = instance.as_str()?.parse().ok()?;
    let range = format!("{} to {}", place["range"][0], place["range"][1]);
    match (least..=most).contains(&time) {
        true => Some((
            "takes whole minutes".into(),
            format!("write {}, say", place["range"][0]),
        )),
        false => Some((
            format!("is {time}, outside {range}"),
            format!("write {range}"),
        )),
    }
}

/// To write one of some words.
fn a_word(written: &Value, words: &Value) -> String {
    let words: Vec<_> = words.as_array().into_iter().flatten().map(plain).collect();
    let close = written.as_str().and_then(|text| closest(text, &words));
    match close {
        Some(word) => format!("did you mean {word:?}? One of: {}", words.join(", ")),
        None => format!("write one of: {}", words.join(", ")),
    }
}

/// To write some text at all.
fn a_text(hint: Option<&str>) -> String {
    match hint.and_then(|it| it.strip_prefix("write ")) {
        Some(form) => format!("write a text: {form}"),
        None => "write a text".into(),
    }
}

/// A key that no such table can have.
fn key_name(table: &Path, error: &ValidationError<'_>, names: &Value) -> Vec<Diagnostic> {
    if matches!(error.kind(), ValidationErrorKind::Pattern { .. })
        && has_other_length(error.instance(), names)
    {
        return vec![];
    }
    let key = plain(error.instance());
    let mut place = table.clone();
    place.push(key.clone());
    let what = names["what"].as_str().unwrap_or("a name here");
    let help = match (&names["enum"], names["patternHint"].as_str()) {
        (words @ Value::Array(_), _) => a_word(error.instance(), words),
        (_, Some(hint)) => hint.to_owned(),
        _ => "use letters, digits, _ and -, starting with a letter".to_owned(),
    };
    vec![Diagnostic::error(place, format!("`{key}` cannot be {what}"), help).at_key()]
}

/// The schema of a table's keys, where it is not that schema itself.
fn names_of(place: &Value) -> &Value {
    if place["propertyNames"].is_object() {
        &place["propertyNames"]
    } else {
        place
    }
}

/// Whether a text is shorter or longer than its schema allows.
fn has_other_length(instance: &Value, schema: &Value) -> bool {
    let length = instance.as_str().map_or(0, open::known_length) as u64;
    let limit = |key: &str| schema[key].as_u64();
    limit("minLength").is_some_and(|least| length < least)
        || limit("maxLength").is_some_and(|most| length > most)
}

/// What to write in place of a `${…}` that cannot stand here; nothing where it can, since the
/// form of a text is judged only when it is known.
fn reference_here(kind: &ValidationErrorKind, schema: &Value) -> Option<String> {
    match kind {
        ValidationErrorKind::Type { .. } => Some(format!("write {} out", type_name(schema))),
        ValidationErrorKind::Enum { .. } => {
            Some("write the word out, or take it from ${var.NAME}".into())
        }
        ValidationErrorKind::Pattern { .. } if schema["isTime"] == true => {
            Some("write the length of time out, or take it from ${var.NAME}".into())
        }
        _ => None,
    }
}

/// What to call the value at a place in a sentence.
fn name(path: &Path) -> String {
    match path.as_slice() {
        [] => "the file".into(),
        [.., list, index] if index.parse::<usize>().is_ok() => format!("an item of {list}"),
        [.., key] => key.clone(),
    }
}

fn unknown_key(table: &Path, key: &str, known: &[String]) -> Diagnostic {
    let mut path = table.clone();
    path.push(key.to_owned());
    let help = match closest(key, known) {
        Some(word) => format!("did you mean `{word}`?"),
        None => format!("known here: {}", known.join(", ")),
    };
    Diagnostic::error(path, format!("unknown key `{key}`"), help).at_key()
}

/// The word nearest to a mistyped one, where one is near.
pub fn closest<'a>(word: &str, known: &'a [String]) -> Option<&'a String> {
    let near = known.iter().map(|it| {
        (
            strsim::damerau_levenshtein(&word.to_lowercase(), &it.to_lowercase()),
            it,
        )
    });
    near.filter(|(distance, it)| *distance <= 2.max(it.len() / 3))
        .min()
        .map(|(_, it)| it)
}

/// A JSON pointer's parts.
fn segments(pointer: &str) -> Path {
    pointer
        .split('/')
        .skip(1)
        .map(|part| part.replace("~1", "/").replace("~0", "~"))
        .collect()
}

/// The schema around a failing keyword, `$ref`s followed.
fn at<'a>(schema: &'a Value, pointer: &str) -> &'a Value {
    let mut place = schema;
    let parts = segments(pointer);
    for part in &parts[..parts.len().saturating_sub(1)] {
        place = follow(schema, place);
        if part == "$ref" {
            continue;
        }
        place = match place {
            Value::Array(items) => part
                .parse::<usize>()
                .ok()
                .and_then(|index| items.get(index))
                .unwrap_or(&Value::Null),
            _ => &place[part.as_str()],
        };
    }
    follow(schema, place)
}

fn follow<'a>(schema: &'a Value, place: &'a Value) -> &'a Value {
    let target = place["$ref"].as_str().and_then(|it| it.strip_prefix('#'));
    target
        .and_then(|pointer| schema.pointer(pointer))
        .unwrap_or(place)
}

fn known_keys(schema: &Value, error: &ValidationError<'_>) -> Vec<String> {
    let place = at(schema, error.schema_path().as_str());
    place["properties"]
        .as_object()
        .into_iter()
        .flat_map(|map| map.keys().cloned())
        .collect()
}

fn type_name(schema: &Value) -> String {
    match &schema["type"] {
        Value::Array(types) => types.iter().map(name_of).collect::<Vec<_>>().join(" or "),
        one => name_of(one).to_owned(),
    }
}

fn name_of(schema_type: &Value) -> &'static str {
    match schema_type.as_str().unwrap_or_default() {
        "string" => "a text in quotes",
        "integer" => "a whole number",
        "number" => "a number",
        "boolean" => "true or false",
        "array" => "a list [ … ]",
        "object" => "a table",
        _ => "another type",
    }
}

fn described(value: &Value) -> &'static str {
    match value {
        Value::String(_) => "a text",
        Value::Number(_) => "a number",
        Value::Bool(_) => "true or false",
        Value::Array(_) => "a list",
        Value::Object(_) => "a table",
        Value::Null => "inf or nan",
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), ToOwned::to_owned)
}
