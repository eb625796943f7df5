//! A statement in a function's own policy: who may invoke it, such as one API Gateway API. Pure.

use super::function::Function;
use crate::spec::{Produces, Spec, Traits};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// The one statement that lets the stack's API call a function.
pub const STATEMENT_ID: &str = "wsctl-api";

/// Who may invoke a function. Every field is always declared: an absent one means that the
/// statement must not have it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Permission {
    /// A service, `apigateway.amazonaws.com`; an account's number; or `*`.
    pub principal: String,
    /// `lambda:InvokeFunction`.
    pub action: String,
    /// The one resource that may act, `arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/*/*`.
    /// Without it any account's API may invoke the function.
    pub source_arn: Option<String>,
    /// Whatever else a live statement says; stack.toml never declares any.
    pub more: Option<Value>,
}

/// What a permission gives to others.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct PermissionOutputs {
    pub statement_id: String,
    pub function: String,
}

impl Produces for Permission {
    const NAME: &'static str = "permission";
    type Outputs = PermissionOutputs;
}

impl Spec for Permission {
    type Parent = Function;

    const TRAITS: Traits =
        Traits { table: "permissions", beyond: &["more"], beside: true, ..Traits::of::<Self>() };
}
