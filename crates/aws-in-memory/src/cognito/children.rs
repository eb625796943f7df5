//! Users and brandings (docs/aws.md §4).

use super::find;
use crate::{
    call::{Answer, Call, Refusal, refuse},
    cloud::{Cloud, unknown},
};
use serde_json::{Value, json};

/// Users are known at once; only the pool's number of them is late.
pub(super) fn user(cloud: &mut Cloud, call: &Call) -> Answer {
    let (now, name) = (cloud.now, call.text("Username").to_owned());
    let pool = find(cloud, call)?;
    match call.operation.as_str() {
        "ListUsers" => {
            let most = call
                .get("Limit")
                .as_u64()
                .map_or(60, |it| usize::try_from(it).unwrap_or(60));
            let users = pool
                .users
                .keys()
                .take(most)
                .map(|it| json!({ "Username": it }));
            Ok(json!({ "Users": users.collect::<Vec<_>>() }))
        }
        "AdminCreateUser" if pool.users.contains_key(&name) => {
            refuse("UsernameExistsException", "User account already exists")
        }
        "AdminCreateUser" => {
            pool.users.insert(name.clone(), now);
            Ok(json!({ "User": { "Username": name, "UserStatus": "FORCE_CHANGE_PASSWORD" } }))
        }
        _ => match pool.users.remove(&name) {
            Some(_) => Ok(json!({})),
            None => refuse("UserNotFoundException", "User does not exist."),
        },
    }
}

fn absent<T>(message: &str) -> Result<T, Refusal> {
    refuse("ResourceNotFoundException", message)
}

pub(super) fn branding(cloud: &mut Cloud, call: &Call) -> Answer {
    let id = cloud.uuid();
    let pool = find(cloud, call)?;
    let client = call.text("ClientId").to_owned();
    let shown = |id: &str| {
        json!({ "ManagedLoginBranding": {
            "ManagedLoginBrandingId": id, "UserPoolId": call.get("UserPoolId"), "UseCognitoProvidedValues": true,
        } })
    };
    let there = pool
        .brandings
        .iter()
        .find(|(_, it)| **it == client)
        .map(|(id, _)| id.clone());
    match (call.operation.as_str(), there) {
        ("CreateManagedLoginBranding", Some(_)) => refuse(
            "ManagedLoginBrandingExistsException",
            "The client has a branding already.",
        ),
        ("CreateManagedLoginBranding", None) if !pool.clients.contains_key(&client) => {
            absent("User pool client does not exist.")
        }
        ("CreateManagedLoginBranding", None) => {
            pool.brandings.insert(id.clone(), client);
            Ok(shown(&id))
        }
        ("DescribeManagedLoginBrandingByClient", Some(id)) => Ok(shown(&id)),
        ("DescribeManagedLoginBrandingByClient", None) => absent("No branding."),
        ("DeleteManagedLoginBranding", _) => {
            match pool.brandings.remove(call.text("ManagedLoginBrandingId")) {
                Some(_) => Ok(Value::Object(serde_json::Map::new())),
                None => absent("No branding."),
            }
        }
        _ => unknown(call),
    }
}
