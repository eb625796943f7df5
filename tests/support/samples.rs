//! What the schema has as examples of the fields of a pool's and an API's parts, two of each: a kind of them is tried
//! without being named.

use serde_json::{Map, Value};
use wsctl::{
    spec::{Produces, Traits, parts_of, rest_api::RestApi, user_pool::UserPool},
    stack::schema,
};

/// A kind of parts.
pub(crate) struct Samples {
    pub(crate) kind: Traits,
    /// Each field with one value and another.
    pub(crate) fields: Vec<(String, [Value; 2])>,
    /// Fields that another one decides where they are not declared, each with that one.
    pub(crate) followers: Vec<(String, String)>,
    /// The fields of which no two of a pool's may have the same.
    pub(crate) unlike: Vec<String>,
}

impl Samples {
    /// Every field with its first value, or with its second.
    pub(crate) fn all(&self, which: usize) -> Value {
        let fields = self.fields.iter();
        let fields: Map<_, _> = fields
            .map(|(name, values)| (name.clone(), values[which].clone()))
            .collect();
        fields.into()
    }

    /// Whether one cannot be made without the field.
    pub(crate) fn needs(&self, field: &str) -> bool {
        let takes = self.kind.part.unwrap().takes;
        takes.is_some_and(|takes| takes(&self.all(0), field).1)
    }
}

/// The examples of a function's field.
pub(crate) fn of_functions(field: &str) -> Vec<Value> {
    let examples = schema()["$defs"]["FunctionTable"]["properties"][field]["examples"].clone();
    let examples = examples.as_array().cloned().unwrap_or_default();
    assert!(examples.len() > 1, "{field} has no two examples");
    examples
}

/// Of each kind of which a pool can have some by name.
pub(crate) fn of_pools() -> Vec<Samples> {
    of_parts("UserPoolTable", UserPool::NAME)
}

/// Of each kind of which an API can have some by name.
pub(crate) fn of_apis() -> Vec<Samples> {
    of_parts("ApiTable", RestApi::NAME)
}

fn of_parts(of_type: &str, parent: &str) -> Vec<Samples> {
    let schema = schema();
    let of = |kind: Traits| {
        let table = &schema["$defs"][of_type]["properties"][kind.table];
        let target = table["additionalProperties"]["$ref"].as_str().unwrap();
        let fields = &schema.pointer(&target[1..]).unwrap()["properties"];
        let fields = fields.as_object().unwrap().iter();
        // The text of a file stands in a field of its own.
        let names_file = |name: &str| kind.part.unwrap().files.iter().any(|it| it.0 == name);
        let fields: Vec<_> = fields
            .filter(|(name, _)| *name != "protect" && !names_file(name))
            .collect();
        // What a field decides over others does not change.
        let is_fixed = |name: &str| kind.replace_on.contains(&name);
        let fixed = fields.iter().filter(|(name, _)| is_fixed(name));
        let fixed: Map<_, _> = fixed
            .map(|(name, it)| ((*name).clone(), it["examples"][0].clone()))
            .collect();
        let fixed = Value::Object(fixed);
        let takes = |name: &str| kind.part.unwrap().takes.is_none_or(|it| it(&fixed, name).0);
        let is_unlike = |it: &Value| it["unlike"] == true;
        let unlike = fields.iter().filter(|it| is_unlike(it.1));
        let unlike = unlike.map(|it| it.0.clone()).collect();
        let follows = |(name, it): &(&String, &Value)| {
            Some(((*name).clone(), it["follows"].as_str()?.to_owned()))
        };
        let followers = fields.iter().filter_map(follows).collect();
        let fields = fields.iter().filter(|(name, _)| takes(name));
        let fields = fields.map(|(name, it)| {
            let switch = [Value::Bool(true), Value::Bool(false)];
            let examples = it["examples"].as_array().map(Vec::as_slice);
            let examples = examples.or((it["type"] == "boolean").then_some(&switch[..]));
            let Some([one, other]) = examples else {
                panic!("{}: {name} has no two examples", kind.name)
            };
            let other = if is_fixed(name) { one } else { other };
            ((*name).clone(), [one.clone(), other.clone()])
        });
        Samples {
            kind,
            fields: fields.collect(),
            followers,
            unlike,
        }
    };
    parts_of(parent).map(|(kind, _)| of(kind)).collect()
}
