//! Users (docs/aws.md §4).

use super::{absent, find};
use crate::{
    call::{Answer, Call, refuse},
    cloud::{Cloud, unknown},
};
use serde_json::{Value, json};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

/// One of a pool's users.
#[derive(Clone)]
pub(crate) struct User {
    pub(crate) made: Duration,
    attributes: BTreeMap<String, String>,
    status: &'static str,
    groups: BTreeSet<String>,
}

impl User {
    /// All that there is of one.
    pub(crate) fn shown(&self) -> Value {
        json!({ "attributes": self.attributes, "status": self.status, "groups": self.groups })
    }
}

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
            return Ok(json!({ "Users": users.collect::<Vec<_>>() }));
        }
        "AdminCreateUser" if pool.users.contains_key(&name) => {
            return refuse("UsernameExistsException", "User account already exists");
        }
        "AdminCreateUser" => {
            let user = User {
                made: now,
                attributes: attributes(call.get("UserAttributes")),
                status: "FORCE_CHANGE_PASSWORD",
                groups: BTreeSet::new(),
            };
            let answer = json!({ "User": { "Username": name, "UserStatus": user.status } });
            pool.users.insert(name, user);
            return Ok(answer);
        }
        _ => {}
    }
    let has_group = pool
        .parts
        .get("Group")
        .is_some_and(|all| all.contains_key(call.text("GroupName")));
    let Some(user) = pool.users.get_mut(&name) else {
        return refuse("UserNotFoundException", "User does not exist.");
    };
    match call.operation.as_str() {
        "AdminGetUser" => {
            let attributes = user.attributes.iter();
            let attributes = attributes.map(|(name, it)| json!({ "Name": name, "Value": it }));
            return Ok(json!({
                "Username": name, "UserStatus": user.status, "Enabled": true,
                "UserAttributes": attributes.collect::<Vec<_>>(),
            }));
        }
        "AdminListGroupsForUser" => {
            let groups = user.groups.iter().map(|it| json!({ "GroupName": it }));
            return Ok(json!({ "Groups": groups.collect::<Vec<_>>() }));
        }
        "AdminAddUserToGroup" if !has_group => return absent("Group not found."),
        "AdminAddUserToGroup" => drop(user.groups.insert(call.text("GroupName").to_owned())),
        "AdminUpdateUserAttributes" => {
            user.attributes
                .extend(attributes(call.get("UserAttributes")));
        }
        "AdminSetUserPassword" => match call.text("Password").len() < 8 {
            true => {
                let message = "Password did not conform with policy: Password not long enough";
                return refuse("InvalidPasswordException", message);
            }
            false if call.get("Permanent") == true => user.status = "CONFIRMED",
            false => {}
        },
        "AdminDeleteUser" => drop(pool.users.remove(&name)),
        _ => return unknown(call),
    }
    Ok(json!({}))
}

fn attributes(list: &Value) -> BTreeMap<String, String> {
    let text = |it: &Value| it.as_str().unwrap_or_default().to_owned();
    let all = list.as_array().into_iter().flatten();
    all.map(|it| (text(&it["Name"]), text(&it["Value"])))
        .collect()
}
