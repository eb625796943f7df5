//! App clients: an update replaces everything (docs/aws.md §3).

use super::{Pool, find, wrong};
use crate::{
    call::{Answer, Call, Refusal, refuse},
    cloud::{Cloud, texts, unknown, without},
};
use serde_json::{Map, Value, json};
use std::collections::BTreeSet;

/// The scopes that every pool has.
const POOL_SCOPES: [&str; 5] = [
    "openid",
    "email",
    "phone",
    "profile",
    "aws.cognito.signin.user.admin",
];

pub(super) fn answer(cloud: &mut Cloud, call: &Call) -> Answer {
    match call.operation.as_str() {
        "CreateUserPoolClient" => return create(cloud, call),
        "ListUserPoolClients" => return list(cloud, call),
        _ => {}
    }
    let resets = cloud.strict.resets;
    let pool = find(cloud, call)?;
    let offered = pool.offered();
    let Some((_, client)) = pool.clients.get_mut(call.text("ClientId")) else {
        return refuse(
            "ResourceNotFoundException",
            "User pool client does not exist.",
        );
    };
    match call.operation.as_str() {
        "DescribeUserPoolClient" => {}
        "UpdateUserPoolClient" => {
            let fixed = ["ClientId", "UserPoolId", "ClientSecret", "CreationDate"];
            let kept: Map<_, _> = fixed
                .iter()
                .filter_map(|it| client.get_key_value(*it))
                .collect_pairs();
            let mut new = if resets { kept } else { client.clone() };
            if !call.input.contains_key("ClientName") {
                new.insert("ClientName".into(), client["ClientName"].clone());
            }
            new.extend(without(&call.input, &[]));
            fill(&mut new);
            check(&new, &offered)?;
            *client = new;
        }
        "DeleteUserPoolClient" => {
            pool.clients.remove(call.text("ClientId"));
            pool.brandings
                .retain(|_, it| it.client != call.text("ClientId"));
            return Ok(json!({}));
        }
        _ => return unknown(call),
    }
    Ok(json!({ "UserPoolClient": client }))
}

trait Pairs {
    fn collect_pairs(self) -> Map<String, Value>;
}

impl<'a, I: Iterator<Item = (&'a String, &'a Value)>> Pairs for I {
    fn collect_pairs(self) -> Map<String, Value> {
        self.map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    }
}

fn create(cloud: &mut Cloud, call: &Call) -> Answer {
    let id = cloud.fresh("c", 26);
    let now = cloud.now;
    let date = cloud.date();
    let pool = find(cloud, call)?;
    let mut client = without(&call.input, &["GenerateSecret"]);
    client.insert("ClientId".into(), json!(id));
    client.insert("CreationDate".into(), json!(date));
    if call.get("GenerateSecret") == true {
        client.insert("ClientSecret".into(), json!("made-up-secret"));
    }
    if !client.contains_key("EnableTokenRevocation") {
        client.insert("EnableTokenRevocation".into(), json!(true));
    }
    fill(&mut client);
    check(&client, &pool.offered())?;
    pool.clients.insert(id, (now, client.clone()));
    Ok(json!({ "UserPoolClient": client }))
}

/// What Cognito shows of a client that was not told otherwise.
fn fill(client: &mut Map<String, Value>) {
    if client.get("RefreshTokenValidity").is_none_or(|it| it == 0) {
        client.insert("RefreshTokenValidity".into(), json!(30));
    }
    for (field, default) in [
        ("AllowedOAuthFlowsUserPoolClient", json!(false)),
        ("AuthSessionValidity", json!(3)),
        ("EnableTokenRevocation", json!(false)),
        ("PreventUserExistenceErrors", json!("LEGACY")),
    ] {
        client.entry(field).or_insert(default);
    }
}

/// What clients can have of a pool.
struct Offered {
    scopes: BTreeSet<String>,
    providers: BTreeSet<String>,
}

impl Pool {
    fn offered(&self) -> Offered {
        let providers = self.parts.get("IdentityProvider").into_iter().flatten();
        Offered {
            scopes: self.scopes(),
            providers: providers.map(|(name, _)| name.clone()).collect(),
        }
    }

    /// Those of its resource servers, as clients ask for them.
    fn scopes(&self) -> BTreeSet<String> {
        let servers = self.parts.get("ResourceServer").into_iter().flatten();
        servers
            .flat_map(|(identifier, (_, it))| {
                let scopes = it.get("Scopes").and_then(Value::as_array);
                let name = move |it: &Value| {
                    format!(
                        "{identifier}/{}",
                        it["ScopeName"].as_str().unwrap_or_default()
                    )
                };
                scopes.into_iter().flatten().map(name)
            })
            .collect()
    }
}

fn check(client: &Map<String, Value>, offered: &Offered) -> Result<(), Refusal> {
    let of = |field: &str| client.get(field).map(texts).unwrap_or_default();
    let is_unknown = |it: &&String| match it.contains('/') {
        true => !offered.scopes.contains(*it),
        false => !POOL_SCOPES.contains(&it.as_str()),
    };
    if let Some(scope) = of("AllowedOAuthScopes").iter().find(is_unknown) {
        return refuse(
            "ScopeDoesNotExistException",
            format!("Invalid scope requested: {scope}"),
        );
    }
    let is_lacking = |it: &&String| *it != "COGNITO" && !offered.providers.contains(*it);
    if let Some(name) = of("SupportedIdentityProviders").iter().find(is_lacking) {
        return wrong(format!("The provider {name} does not exist for User Pool."));
    }
    let default = client.get("DefaultRedirectURI").and_then(Value::as_str);
    if default.is_some_and(|uri| !of("CallbackURLs").iter().any(|it| it == uri)) {
        return wrong("The default redirect URI is not in the callback URLs.");
    }
    let flows = of("AllowedOAuthFlows");
    if !flows.is_empty() && of("AllowedOAuthScopes").is_empty() {
        return refuse(
            "InvalidOAuthFlowException",
            "AllowedOAuthScopes are required if AllowedOAuthFlows are set.",
        );
    }
    if flows.contains(&"client_credentials".to_owned()) {
        if flows.len() > 1 || !client.contains_key("ClientSecret") {
            return refuse(
                "InvalidOAuthFlowException",
                "client_credentials goes alone and needs a client secret.",
            );
        }
        if of("AllowedOAuthScopes").iter().any(|it| !it.contains('/')) {
            return refuse(
                "InvalidOAuthFlowException",
                "client_credentials takes only scopes of a resource server.",
            );
        }
    }
    let tells = client.get("EnablePropagateAdditionalUserContextData") == Some(&json!(true));
    if tells && !client.contains_key("ClientSecret") {
        return wrong(
            "EnablePropagateAdditionalUserContextData is only for clients with a secret.",
        );
    }
    let grace = client
        .get("RefreshTokenRotation")
        .and_then(|it| it["RetryGracePeriodSeconds"].as_i64());
    if grace.is_some_and(|seconds| !(0..=60).contains(&seconds)) {
        return wrong("RetryGracePeriodSeconds must be between 0 and 60.");
    }
    let rotates = client
        .get("RefreshTokenRotation")
        .is_some_and(|it| it["Feature"] == "ENABLED");
    if rotates
        && of("ExplicitAuthFlows")
            .iter()
            .any(|it| it == "ALLOW_REFRESH_TOKEN_AUTH")
    {
        return wrong(
            "ALLOW_REFRESH_TOKEN_AUTH is not allowed while refresh token rotation is enabled.",
        );
    }
    let units = client
        .get("TokenValidityUnits")
        .cloned()
        .unwrap_or_default();
    let mut lasts = std::collections::BTreeMap::new();
    for (field, unit, default, most) in [
        ("AccessTokenValidity", "AccessToken", "hours", 86_400.0),
        ("IdTokenValidity", "IdToken", "hours", 86_400.0),
        (
            "RefreshTokenValidity",
            "RefreshToken",
            "days",
            3_650.0 * 86_400.0,
        ),
    ] {
        let number = client.get(field).and_then(Value::as_f64).unwrap_or(0.0);
        let seconds = match units[unit].as_str().unwrap_or(default) {
            "seconds" => 1.0,
            "minutes" => 60.0,
            "hours" => 3_600.0,
            _ => 86_400.0,
        };
        let least = if field.starts_with("Refresh") {
            3_600.0
        } else {
            300.0
        };
        if number != 0.0 && !(least..=most).contains(&(number * seconds)) {
            return wrong(format!("Invalid range for {field}."));
        }
        lasts.insert(unit, number * seconds);
    }
    let refresh = lasts["RefreshToken"];
    if refresh != 0.0
        && lasts
            .iter()
            .any(|(unit, seconds)| *unit != "RefreshToken" && *seconds > refresh)
    {
        return wrong("Invalid range for token validity.");
    }
    Ok(())
}

fn list(cloud: &mut Cloud, call: &Call) -> Answer {
    find(cloud, call)?;
    let pool = &cloud.cognito.pools[call.text("UserPoolId")];
    let clients = pool.clients.values().filter(|(made, _)| cloud.is_listed(*made)).map(|(_, it)| {
        json!({ "ClientId": it["ClientId"], "ClientName": it["ClientName"], "UserPoolId": call.get("UserPoolId") })
    });
    Ok(json!({ "UserPoolClients": clients.collect::<Vec<_>>() }))
}
