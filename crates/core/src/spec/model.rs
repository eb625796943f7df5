//! A model of a REST API: what a request's body has to look like. Pure.

use super::rest_api::RestApi;
use crate::{
    shape::{keyed, shapes},
    spec::{FoundBy, Part, Produces, Spec, Traits},
    value::canonical,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A JSON Schema, draft 4, that routes name in their `request_models`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Model {
    /// What it is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 1024), extend("examples" = ["An order", "What is ordered"]))]
    pub description: Option<String>,
    /// A file with the schema, beside this file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schema_file: Option<String>,
    /// The schema itself, in JSON. It can name another model of the API as
    /// `{ "$ref": "https://apigateway.amazonaws.com/restapis/${api.id}/models/${api.models.Other.name}" }`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<JsonSchemaText>",
        extend("examples" = [r#"{"type":"object"}"#, r#"{"required":["name"],"type":"object"}"#])
    )]
    pub schema: Option<String>,
}

/// Models that an API may have from its making on; they are nobody's (docs/aws.md §5).
pub const OF_AWS: [&str; 2] = ["Empty", "Error"];

/// The media type that a model of wsctl's has. Which requests it is for, each route says.
pub const MEDIA_TYPE: &str = "application/json";

shapes! {
    /// The name of a model (API Gateway's reference, CreateModel: alphanumeric).
    ModelName {
        length: (1, 128),
        pattern: "^[A-Za-z0-9]+$",
        hint: "letters and digits",
        what: "a model's name",
    }
    /// At most 400 KB (API Gateway's quotas).
    JsonSchemaText { length: (2, 409_600) }
}

/// What a model gives to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ModelOutputs {
    pub name: String,
}

impl Produces for Model {
    const NAME: &'static str = "model";
    type Outputs = ModelOutputs;
}

impl Spec for Model {
    type Parent = RestApi;

    const TRAITS: Traits = Traits {
        table: "models",
        found: FoundBy::NameInList,
        gives: Some(|name, _| vec![name.to_owned()]),
        uses: &[("schema", Model::NAME, others_in)],
        in_definition: Some(is_plain),
        part: Some(Part {
            takes: Some(|_, field| (true, field == "schema")),
            files: &[("schema_file", "schema")],
            ..Part::of(
                "Model",
                "Models, by their names: what a request's body has to look like.",
                keyed::<ModelName, Self>,
            )
        }),
        ..Traits::of::<Self>()
    };

    /// Blanks, and the order of an object's keys, say nothing.
    fn normal(self) -> Self {
        let plain = |text: String| match serde_json::from_str::<Value>(&text) {
            Ok(schema) => canonical(&schema).to_string(),
            Err(_) => text,
        };
        Self {
            schema: self.schema.map(plain),
            ..self
        }
    }
}

/// Whether a definition can say all of it: it has a place neither for a description of its own nor for other
/// models by their addresses.
fn is_plain(_: &str, spec: &Value) -> bool {
    spec["description"].is_null() && others_in(&spec["schema"]).is_empty()
}

/// The other models that a schema names, each at the end of an address.
pub fn others_in(schema: &Value) -> Vec<String> {
    let text = schema.as_str().unwrap_or_default();
    let behind = text.split("/models/").skip(1);
    let is_of_name = |it: &char| it.is_ascii_alphanumeric();
    let names = behind.map(|it| it.chars().take_while(is_of_name).collect());
    names.filter(|it: &String| !it.is_empty()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_models_that_a_schema_names_are_known() {
        let at = "https://apigateway.amazonaws.com/restapis/a1b2/models";
        let schema = format!(r#"{{"a":{{"$ref":"{at}/One"}},"b":{{"$ref":"{at}/Two#/x"}}}}"#);
        assert_eq!(others_in(&schema.into()), ["One", "Two"]);
        assert!(others_in(&r##"{"$ref":"#/definitions/models"}"##.into()).is_empty());
    }

    #[test]
    fn a_schema_is_the_same_however_it_is_written() {
        let model = |schema: &str| {
            let schema = Some(schema.to_owned());
            Model {
                schema,
                ..Model::default()
            }
            .normal()
        };
        let plain = model(r#"{"a":[2,1],"type":"object"}"#);
        assert_eq!(model("{ \"type\": \"object\",\n \"a\": [2, 1] }\n"), plain);
        assert_ne!(model(r#"{"a":[1,2],"type":"object"}"#), plain);
        assert_eq!(model("no JSON").schema.as_deref(), Some("no JSON"));
    }
}
