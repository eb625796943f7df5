//! A statement in a function's own policy: who may invoke it, such as one API Gateway API.
//!
//! A statement cannot be changed, only removed and added again under its id. Facts: dossier §8.

mod statement;

use super::function::{Function, FunctionOutputs};
use crate::{
    aws::{Aws, Reads, absent},
    diff::Change,
    error::{Error, Result},
    kind::{Found, Kind, Produces, Sighting, Wanted},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

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

impl Kind for Permission {
    type Parent = Function;
    const TABLE: &'static str = "permissions";
    const REPLACE_ON: &'static [&'static str] = &["principal", "action", "source_arn", "more"];
    const BEYOND: &'static [&'static str] = &["more"];

    async fn find(reads: &Reads, within: &FunctionOutputs, _: &Wanted<Self>) -> Result<Vec<Sighting<Self>>> {
        let key = format!("function-policy/{}", within.name);
        let policy = reads.once(&key, policy(&reads.aws, &within.name)).await?;
        let found = statement::statements(&policy).into_iter().map(|(statement_id, spec)| {
            let outputs =
                PermissionOutputs { statement_id: statement_id.clone(), function: within.name.clone() };
            Sighting::Whole(Found::child(statement_id, spec, outputs))
        });
        Ok(found.collect())
    }

    /// Additions to one function go one at a time: parallel ones lose statements (dossier §8).
    async fn create(&self, aws: &Aws, within: &FunctionOutputs, name: &str) -> Result<PermissionOutputs> {
        let function = &within.name;
        aws.create("lambda:AddPermission", || {
            let request = aws.lambda.add_permission().function_name(function).statement_id(name);
            let request = request.principal(&self.principal).action(&self.action);
            request.set_source_arn(self.source_arn.clone()).send()
        })
        .await?;
        Ok(PermissionOutputs { statement_id: name.to_owned(), function: function.clone() })
    }

    async fn update(&self, _: &Aws, _: &FunctionOutputs, live: &Found<Self>, _: &[Change]) -> Result<()> {
        Err(Error::internal(format!("permission {} can only be replaced", live.name)))
    }

    async fn delete(aws: &Aws, _: &FunctionOutputs, live: &PermissionOutputs) -> Result<()> {
        let removed = aws.write("lambda:RemovePermission", || {
            let request = aws.lambda.remove_permission().function_name(&live.function);
            request.statement_id(&live.statement_id).send()
        });
        absent(removed.await).map(drop)
    }
}

/// The function's policy; empty when it has none.
async fn policy(aws: &Aws, function: &str) -> Result<String> {
    let answer = aws.read("lambda:GetPolicy", || aws.lambda.get_policy().function_name(function).send());
    let policy = absent(answer.await)?.and_then(|answer| answer.policy().map(ToOwned::to_owned));
    Ok(policy.unwrap_or_default())
}
