//! A pool's triggers (docs/aws.md §2, "Triggers"): AWS takes functions that are not there, and such as do not
//! let the pool call them; it is people who sign in that are refused then.

use super::{Pool, wrong};
use crate::{
    call::{Refusal, refuse},
    cloud::Cloud,
};
use serde_json::{Map, Value, json};

const SENDERS: [&str; 2] = ["CustomSMSSender", "CustomEmailSender"];

/// The two forms of the trigger before tokens are made say the same, and what AWS refuses.
pub(super) fn settle(tree: &mut Map<String, Value>) -> Result<(), Refusal> {
    let is_lite = tree.get("UserPoolTier").is_some_and(|it| it == "LITE");
    let Some(config) = tree.get_mut("LambdaConfig").and_then(Value::as_object_mut) else {
        return Ok(());
    };
    let plain = config.get("PreTokenGeneration").cloned();
    let versioned = config.get("PreTokenGenerationConfig").cloned();
    match (plain, versioned) {
        (Some(plain), Some(versioned)) if versioned["LambdaArn"] != plain => {
            return wrong("PreTokenGeneration and PreTokenGenerationConfig name two functions.");
        }
        (Some(plain), None) => {
            let versioned = json!({ "LambdaVersion": "V1_0", "LambdaArn": plain });
            config.insert("PreTokenGenerationConfig".into(), versioned);
        }
        (None, Some(versioned)) => {
            config.insert("PreTokenGeneration".into(), versioned["LambdaArn"].clone());
        }
        _ => {}
    }
    let version = config
        .get("PreTokenGenerationConfig")
        .map(|it| it["LambdaVersion"].clone());
    if is_lite && version.is_some_and(|it| it != "V1_0") {
        return refuse(
            "FeatureUnavailableInTierException",
            "Access token customization is not in the LITE plan.",
        );
    }
    let sends = SENDERS.iter().any(|it| config.contains_key(*it));
    if sends && !config.contains_key("KMSKeyID") {
        return wrong("KMSKeyID is required when using custom senders.");
    }
    Ok(())
}

impl Pool {
    /// The functions behind its triggers, by ARN.
    fn functions(&self) -> impl Iterator<Item = &str> {
        let config = self.tree.get("LambdaConfig").and_then(Value::as_object);
        let values = config.into_iter().flat_map(Map::values);
        let arns = values.filter_map(|it| it.as_str().or(it["LambdaArn"].as_str()));
        arns.filter(|it| it.contains(":function:"))
    }
}

impl Cloud {
    /// What people would be refused for who sign in.
    pub(crate) fn of_pool(&self, pool: &Pool) -> Vec<String> {
        let mut found = vec![];
        let name = pool.get("Name");
        for arn in pool.functions() {
            let function = arn.split(":function:").nth(1).unwrap_or_default();
            let pool_arn = json!(pool.arn());
            let lets = |it: &Value| {
                it["Principal"]["Service"] == "cognito-idp.amazonaws.com"
                    && it["Condition"]["ArnLike"]["AWS:SourceArn"] == pool_arn
            };
            match self.lambda.functions.get(function) {
                Some(it) if !it.statements.iter().any(lets) => {
                    found.push(format!("the pool {name} may not call {function}"));
                }
                None if self.lambda.gone.contains(function) => {
                    found.push(format!("the pool {name} calls {function}, which is gone"));
                }
                _ => {}
            }
        }
        found
    }
}
