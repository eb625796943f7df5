//! What a pool does about risks: set as a whole, and never gone (docs/aws.md §4).

use super::{find, wrong};
use crate::{
    call::{Answer, Call, refuse},
    cloud::{Cloud, unknown},
};
use serde_json::{Map, Value, json};

/// The members of a configuration.
const MEMBERS: [&str; 3] = [
    "CompromisedCredentialsRiskConfiguration",
    "AccountTakeoverRiskConfiguration",
    "RiskExceptionConfiguration",
];

pub(super) fn answer(cloud: &mut Cloud, call: &Call) -> Answer {
    let pool = find(cloud, call)?;
    match call.operation.as_str() {
        "DescribeRiskConfiguration" => {}
        "SetRiskConfiguration" => {
            let sent = |name: &&str| {
                let value = call.input.get(*name).filter(|it| !it.is_null())?;
                Some(((*name).to_owned(), value.clone()))
            };
            let mut risks: Map<_, _> = MEMBERS.iter().filter_map(sent).collect();
            if !risks.is_empty() && pool.get("UserPoolTier") != "PLUS" {
                return refuse(
                    "FeatureUnavailableInTierException",
                    "Threat protection is in the PLUS plan alone.",
                );
            }
            complete(&mut risks)?;
            pool.risks = risks;
        }
        _ => return unknown(call),
    }
    let mut tree = pool.risks.clone();
    tree.insert("UserPoolId".into(), json!(call.text("UserPoolId")));
    Ok(json!({ "RiskConfiguration": tree }))
}

/// What AWS fills in: all events, and what an e-mail says that is not said (recorded).
fn complete(risks: &mut Map<String, Value>) -> Result<(), crate::call::Refusal> {
    if let Some(credentials) = risks.get_mut(MEMBERS[0])
        && credentials["EventFilter"].is_null()
    {
        credentials["EventFilter"] = json!(["SIGN_IN", "PASSWORD_CHANGE", "SIGN_UP"]);
    }
    let Some(takeover) = risks.get_mut(MEMBERS[1]) else {
        return Ok(());
    };
    let actions = takeover["Actions"].as_object().cloned().unwrap_or_default();
    let tells = actions.values().any(|it| it["Notify"] == true);
    match takeover
        .get_mut("NotifyConfiguration")
        .filter(|it| !it.is_null())
    {
        None if tells => {
            return wrong("NotifyConfiguration is required where users are notified.");
        }
        None => {}
        Some(notify) => {
            for email in ["BlockEmail", "NoActionEmail", "MfaEmail"] {
                if notify[email].is_null() {
                    notify[email] = json!({ "Subject": "Sign-in", "HtmlBody": "<p>Sign-in</p>" });
                }
            }
        }
    }
    Ok(())
}
