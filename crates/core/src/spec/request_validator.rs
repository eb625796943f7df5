//! A request validator of a REST API: what API Gateway checks before a function sees a request. Pure.

use super::rest_api::RestApi;
use crate::{
    shape::{keyed, shapes},
    spec::{FoundBy, Part, Produces, Spec, Traits},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// What is checked of the requests of routes that name it in their `request_validator`. Who sends
/// another one gets a 400.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct RequestValidator {
    /// Whether the body has to be as the route's model for its media type says.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub body: Option<bool>,
    /// Whether all parameters that the route requires have to be there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub parameters: Option<bool>,
}

shapes! {
    /// The name of a request validator, for which API Gateway's model has no pattern.
    ValidatorName {
        length: (1, 128),
        pattern: r"^[!#-\[\]-~](?:[ !#-\[\]-~]*[!#-\[\]-~])?$",
        hint: "ASCII characters without \" and \\, and no blank at either end",
        what: "a request validator's name",
    }
}

/// What a request validator gives to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestValidatorOutputs {
    pub id: String,
}

impl Produces for RequestValidator {
    const NAME: &'static str = "request validator";
    type Outputs = RequestValidatorOutputs;
}

impl Spec for RequestValidator {
    type Parent = RestApi;

    const TRAITS: Traits = Traits {
        table: "request_validators",
        // AWS would make a second one of the name.
        found: FoundBy::List,
        in_definition: Some(|_, _| true),
        part: Some(Part::of(
            "RequestValidator",
            "Request validators, by their names: what is checked before a function sees a request.",
            keyed::<ValidatorName, Self>,
        )),
        ..Traits::of::<Self>()
    };
}
