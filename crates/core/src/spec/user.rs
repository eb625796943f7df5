//! A user of a pool that the file names, such as the first administrator: `[user_pool.users.NAME]`. Pure.

use super::user_pool::UserPool;
use crate::{
    shape::{self, AttributeName, keyed, shapes},
    spec::{Produces, Spec, Traits, names_in_list},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// A user who is there from the start; the name of the table is the user's name, as it is typed to sign in.
/// wsctl makes the user where there is none, without a message, and never deletes one by itself. What is
/// the user's own stays so: attributes and passwords are set once.
#[derive(Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct User {
    /// The attributes that the user is made with: `email`, `name`, `custom:tenant`. An address counts as
    /// verified, unless `email_verified` or `phone_number_verified` says otherwise.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "keyed::<AttributeName, AttributeValue>")]
    pub attributes: Option<BTreeMap<String, String>>,
    /// Groups that the user is in. Others stay as they are; somebody who is there already gets them only where
    /// the pool knows the same verified address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeSet<shape::GroupName>>")]
    pub groups: Option<BTreeSet<String>>,
    /// The password that the user is made with, which has to come from the environment:
    /// `${env.ADMIN_PASSWORD}`. Left out, there is none until `wsctl user set-password` sets one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub password: Option<String>,
    /// Whether the user has a password.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub has_password: Option<bool>,
}

shapes! {
    /// `UsernameType`.
    Username {
        length: (1, 128),
        pattern: r"^[\p{L}\p{M}\p{S}\p{N}\p{P}]+$",
        hint: "1 to 128 characters without blanks",
        what: "a user's name",
    }
    AttributeValue { length: (0, 2048) }
}

/// Attributes with an address, each with the one that says that it is the user's.
pub const ADDRESSES: [(&str, &str); 2] = [
    ("email", "email_verified"),
    ("phone_number", "phone_number_verified"),
];

impl User {
    /// What the user is made with: an address that the file gives is verified, unless the file says otherwise.
    pub fn made_with(&self) -> BTreeMap<String, String> {
        let mut all = self.attributes.clone().unwrap_or_default();
        for (address, verified) in ADDRESSES {
            if all.contains_key(address) {
                all.entry(verified.to_owned())
                    .or_insert_with(|| "true".to_owned());
            }
        }
        all
    }
}

/// The verified addresses among attributes, each with its attribute.
pub fn verified(
    attributes: &BTreeMap<String, String>,
) -> impl Iterator<Item = (&'static str, &String)> {
    ADDRESSES.into_iter().filter_map(|(address, verified)| {
        let is_verified = attributes.get(verified)? == "true";
        Some((address, attributes.get(address)?)).filter(|_| is_verified)
    })
}

/// Whether two have shown to be at the same address: who only has somebody's name may be anybody (decision 0031).
pub fn is_the_same(one: &BTreeMap<String, String>, other: &BTreeMap<String, String>) -> bool {
    let own: Vec<_> = verified(one).collect();
    verified(other).any(|it| own.contains(&it))
}

/// What a user gives to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserOutputs {
    pub name: String,
}

impl Produces for User {
    const NAME: &'static str = "user";
    type Outputs = UserOutputs;
}

impl Spec for User {
    type Parent = UserPool;

    const TRAITS: Traits = Traits {
        table: "users",
        create_only: &["attributes", "password"],
        hidden: &["password"],
        uses: &[("groups", "group", names_in_list)],
        instead_of_adopting: "nothing tells that it is who is meant. Where it is, declare the email or the phone_number that \
                              the pool has verified; where not, wsctl user delete takes them away",
        ..Traits::of::<Self>()
    };
}
