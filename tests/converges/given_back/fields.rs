//! Every field that a table of something attached can declare, read off the schema, with values that
//! the file's own checks take. A new field is in it without being listed. Pure.

use crate::{
    converges::world::secrets,
    support::samples::{Samples, of_apis, of_pools},
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;
use wsctl::{
    spec::{Produces, user_pool::UserPool},
    stack::{Inputs, Stack, schema},
};

/// One field and the values to try.
pub(super) struct Field {
    pub(super) path: Vec<String>,
    pub(super) values: Vec<Value>,
}

/// The name of every table in a table of tables.
const ONE: &str = "one";

/// What says which thing it is, or what becomes of it: no setting of it.
const FATE: [&str; 4] = ["existing", "id", "protect", "moved_from"];

/// A program is a zip that has to be there, and to be fetched again: `tests/stack/attach.rs` tries both
/// on an emulator. A command makes a folder ready for it.
const PROGRAM: [&str; 5] = ["zip", "crate", "folder", "file", "build"];

/// What stands for a text: the first that the checks take, and the one after it.
const TEXTS: [&str; 12] = [
    "one",
    "two",
    "a@example.com",
    "b@example.com",
    "1h",
    "2h",
    "5m",
    "4m",
    "10s",
    "9s",
    "Authorization",
    "X-Token",
];

/// What stands for a message: every word that AWS puts something in place of.
const MESSAGES: [&str; 2] = [
    "Hello {username}, it is {####} or {##here##}",
    "{##Here##} you are, {username}: {####}",
];

/// Texts of a form that only AWS checks, by how the field is called.
const FORMS: [(&str, [&str; 2]); 24] = [
    ("runtime", ["python3.13", "nodejs24.x"]),
    ("handler", ["app.handler", "index.other"]),
    (
        "layers",
        [
            "arn:aws:lambda:eu-west-1:123456789012:layer:a:1",
            "arn:aws:lambda:eu-west-1:123456789012:layer:b:2",
        ],
    ),
    ("origins", ["https://example.com", "capacitor://localhost"]),
    (
        "permissions_boundary",
        [
            "arn:aws:iam::123456789012:policy/one",
            "arn:aws:iam::123456789012:policy/two",
        ],
    ),
    (
        "auth_flows",
        ["ALLOW_REFRESH_TOKEN_AUTH", "ALLOW_USER_SRP_AUTH"],
    ),
    ("identity_providers", ["COGNITO", "COGNITO"]),
    ("oauth_scopes", ["openid", "email"]),
    ("first_factors", ["PASSWORD", "EMAIL_OTP"]),
    ("subnet_ids", ["subnet-1", "subnet-2"]),
    ("security_group_ids", ["sg-1", "sg-2"]),
    (
        "role_arn",
        [
            "arn:aws:iam::123456789012:role/one",
            "arn:aws:iam::123456789012:role/two",
        ],
    ),
    (
        "role",
        [
            "arn:aws:iam::123456789012:role/one",
            "arn:aws:iam::123456789012:role/two",
        ],
    ),
    (
        "ses_source_arn",
        [
            "arn:aws:ses:eu-west-1:123456789012:identity/a@example.com",
            "arn:aws:ses:eu-west-1:123456789012:identity/b@example.com",
        ],
    ),
    (
        "identity_sources",
        ["method.request.header.Key", "method.request.header.Other"],
    ),
    (
        "user_pool_arns",
        [
            "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_aaaaaaaaa",
            "arn:aws:cognito-idp:eu-west-1:123456789012:userpool/eu-west-1_bbbbbbbbb",
        ],
    ),
    ("region", ["eu-west-1", "us-east-1"]),
    (
        "format",
        ["$context.requestId", "$context.requestId $context.status"],
    ),
    ("external_id", ["outside", "elsewhere"]),
    ("configuration_set", ["one", "two"]),
    ("from", ["a@example.com", "Somebody <b@example.com>"]),
    ("reply_to", ["a@example.com", "b@example.com"]),
    ("request_validator", ["one", "other"]),
    ("selection_pattern", ["4..", "5.."]),
];

/// Files that a table is completed to: each is tried until the checks take a field in it.
pub(super) struct Bases<'a> {
    /// The place of the table: `user_pool`, `functions.one`.
    pub(super) table: &'a [&'a str],
    /// The name of its type in the schema.
    pub(super) of_type: &'a str,
    pub(super) bases: Vec<Value>,
}

pub(super) struct Files {
    schema: Value,
    parts: Vec<Samples>,
}

impl Files {
    pub(super) fn new() -> Self {
        Self {
            schema: schema(),
            parts: of_pools().into_iter().chain(of_apis()).collect(),
        }
    }

    /// Every field below the table, with at most `most` values that some base takes.
    pub(super) fn fields(&self, bases: &Bases<'_>, most: usize) -> Vec<Field> {
        let place = bases.table.iter().map(|it| (*it).to_owned()).collect();
        let mut leaves = vec![];
        self.walk(
            &self.schema["$defs"][bases.of_type],
            place,
            bases.table.len(),
            &mut leaves,
        );
        let mut fields = vec![];
        for (path, property) in leaves.into_iter().filter(|it| self.is_tried(&it.0)) {
            let samples = self.samples(&path, &property).into_iter();
            let taken = samples.filter(|value| self.file(bases, &[(&path, value)]).is_some());
            let values: Vec<_> = taken.take(most).collect();
            if values.is_empty() {
                assert!(
                    self.is_not_declarable(bases, &path, &property),
                    "no value is known for {}",
                    path.join(".")
                );
                continue;
            }
            fields.push(Field { path, values });
        }
        fields
    }

    /// The file that declares these, in the first base that the checks take.
    pub(super) fn file(
        &self,
        bases: &Bases<'_>,
        declared: &[(&[String], &Value)],
    ) -> Option<String> {
        self.taken(bases, declared).next()
    }

    /// The files that declare these, in each base that the checks take.
    pub(super) fn taken(
        &self,
        bases: &Bases<'_>,
        declared: &[(&[String], &Value)],
    ) -> impl Iterator<Item = String> {
        self.files(bases, declared)
            .into_iter()
            .filter(|text| self.refusal(text).is_none())
    }

    fn files(&self, bases: &Bases<'_>, declared: &[(&[String], &Value)]) -> Vec<String> {
        let file = |base: &Value| {
            let mut tree = base.clone();
            for (path, value) in declared {
                put(&mut tree, path, value);
            }
            self.complete(&self.schema, &mut tree, &mut vec![]);
            self.complete_parts(&mut tree);
            toml::to_string(&tree).unwrap()
        };
        bases.bases.iter().map(file).collect()
    }

    fn refusal(&self, text: &str) -> Option<String> {
        let inputs = Inputs {
            environment: secrets(),
            ..Inputs::default()
        };
        let parsed = Stack::parse("stack.toml", text, &inputs);
        parsed.err().map(|error| error.to_string())
    }

    /// Whether it is refused because what is attached is not wsctl's to set there.
    fn is_not_declarable(&self, bases: &Bases<'_>, path: &[String], property: &Value) -> bool {
        let values = self.samples(path, property);
        let files = values
            .iter()
            .flat_map(|value| self.files(bases, &[(path, value)]));
        let mut refusals = files.filter_map(|text| self.refusal(&text));
        refusals.any(|it| it.contains("of something that is there already is not wsctl's to set"))
    }

    fn resolve<'a>(&'a self, property: &'a Value) -> &'a Value {
        match property["$ref"].as_str() {
            Some(name) => self.schema.pointer(name.trim_start_matches('#')).unwrap(),
            None => property,
        }
    }

    fn walk(
        &self,
        table: &Value,
        place: Vec<String>,
        root: usize,
        leaves: &mut Vec<(Vec<String>, Value)>,
    ) {
        let is_root = place.len() == root;
        for (key, property) in table["properties"].as_object().unwrap() {
            if FATE.contains(&key.as_str())
                || PROGRAM.contains(&key.as_str())
                || (is_root && key == "name")
            {
                continue;
            }
            let (property, mut path) = (self.resolve(property), place.clone());
            path.push(key.clone());
            let items = self.resolve(&property["additionalProperties"]);
            if property["properties"].is_object() {
                self.walk(property, path, root, leaves);
            } else if items["properties"].is_object() {
                path.push(if key == "routes" {
                    "GET /one".into()
                } else if key == "standard_attributes" {
                    "nickname".into()
                } else if key == "gateway_responses" {
                    "UNAUTHORIZED".into()
                } else if key == "responses" {
                    "200".into()
                } else {
                    ONE.into()
                });
                self.walk(items, path, root, leaves);
            } else {
                leaves.push((path, property.clone()));
            }
        }
    }

    /// Adds what a table cannot be without.
    fn complete(&self, schema: &Value, tree: &mut Value, place: &mut Vec<String>) {
        let schema = self.resolve(schema);
        let Some(table) = tree.as_object_mut() else {
            return;
        };
        for name in schema["required"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            place.push(name.to_owned());
            let first = || {
                self.samples(place, self.resolve(&schema["properties"][name]))
                    .into_iter()
                    .next()
            };
            if !table.contains_key(name) {
                table.insert(name.to_owned(), first().unwrap_or_else(|| json!({})));
            }
            place.pop();
        }
        for (key, value) in table {
            let property = &schema["properties"][key.as_str()];
            let below = if property.is_null() {
                &schema["additionalProperties"]
            } else {
                property
            };
            place.push(key.clone());
            self.complete(below, value, place);
            place.pop();
        }
    }

    /// Whether it is no field of a pool's part that the sample of that has not.
    fn is_tried(&self, path: &[String]) -> bool {
        // What is in it takes its place.
        if path.last().is_some_and(|it| it == "settings_file") {
            return false;
        }
        let [_, table, _, field, ..] = path else {
            return true;
        };
        let mut parts = self.parts.iter();
        let part = parts.find(|it| it.kind.table == table);
        part.is_none_or(|it| it.fields.iter().any(|(name, _)| name == field))
    }

    /// Adds what a pool's or an API's part cannot be without.
    fn complete_parts(&self, tree: &mut Value) {
        for part in &self.parts {
            let is_of_pool = part.kind.parent == UserPool::NAME;
            let owner = tree.get_mut(if is_of_pool { "user_pool" } else { "api" });
            let tables = owner.and_then(|it| it.get_mut(part.kind.table)?.as_object_mut());
            for table in tables.into_iter().flat_map(Map::values_mut) {
                let table = table.as_object_mut().unwrap();
                let needed = part.fields.iter().filter(|(name, _)| part.needs(name));
                for (name, values) in needed {
                    table.entry(name).or_insert_with(|| values[0].clone());
                }
            }
        }
    }

    fn samples(&self, path: &[String], property: &Value) -> Vec<Value> {
        let (name, property) = (path.last().unwrap().as_str(), self.resolve(property));
        if let Some(examples) = property["examples"].as_array() {
            return examples.clone();
        }
        if let Some(words) = property["enum"].as_array() {
            return words.clone();
        }
        match property["type"].as_str() {
            Some("boolean") => vec![json!(true), json!(false)],
            Some("integer" | "number") => {
                let least = property["minimum"].as_i64().unwrap_or(1).max(1);
                [least, least + 1, least + 7].map(|it| json!(it)).into()
            }
            Some("array") => {
                let items = self.samples(path, &property["items"]);
                let one = items.iter().map(|it| json!([it]));
                one.chain([json!(items)]).collect()
            }
            Some("object") => {
                let texts = self.texts(name);
                [
                    json!({ "ONE": texts[0] }),
                    json!({ "ONE": texts[1], "TWO": texts[0] }),
                ]
                .into()
            }
            _ => {
                let texts = self.texts(name).into_iter().map(Value::from);
                texts
                    .filter(|text| jsonschema::is_valid(property, text))
                    .collect()
            }
        }
    }

    fn texts(&self, name: &str) -> Vec<String> {
        if let Some((_, texts)) = FORMS.iter().find(|(form, _)| *form == name) {
            return texts.map(ToOwned::to_owned).into();
        }
        if name.contains("message") {
            return MESSAGES.map(ToOwned::to_owned).into();
        }
        if name == "function" || name == "authorizer" {
            return ["one", "none", "AWS_IAM"].map(ToOwned::to_owned).into();
        }
        if name.ends_with("urls") || name.ends_with("uri") {
            return ["https://example.com/a", "https://example.com/b"]
                .map(ToOwned::to_owned)
                .into();
        }
        if name == "required_attributes" || name.ends_with("_attributes") {
            return ["email", "name"].map(ToOwned::to_owned).into();
        }
        TEXTS.map(ToOwned::to_owned).into()
    }
}

fn put(tree: &mut Value, path: &[String], value: &Value) {
    let place = path.iter().fold(tree, |tree, key| {
        if !tree.is_object() {
            *tree = Value::Object(Map::new());
        }
        &mut tree[key.as_str()]
    });
    *place = value.clone();
}

/// The names of the fields, for telling how many there are.
pub(super) fn names(fields: &[Field]) -> BTreeSet<String> {
    fields.iter().map(|it| it.path.join(".")).collect()
}
