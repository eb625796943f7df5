//! A group of a user pool: `[user_pool.groups.NAME]`. Pure.

use super::user_pool::UserPool;
use crate::{
    shape::{GroupName, RoleArn, keyed},
    spec::{FoundBy, Part, Produces, Spec, Traits},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A group of users; the name of its table is the name of the group.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Group {
    /// What the group is for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(max = 2048), extend("examples" = ["May look", "May change"]))]
    pub description: Option<String>,
    /// Which group counts for a user in several: the one with the lowest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0), extend("examples" = [20, 0]))]
    pub precedence: Option<i32>,
    /// The ARN of the role that an identity pool gives its members, such as
    /// `${identity_pool.roles.NAME.arn}`. It can be another one later, but not none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<RoleArn>",
        extend("examples" = ["arn:aws:iam::123456789012:role/one", "arn:aws:iam::123456789012:role/two"])
    )]
    pub role: Option<String>,
}

/// What a group gives to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct GroupOutputs {
    pub name: String,
}

impl Produces for Group {
    const NAME: &'static str = "group";
    type Outputs = GroupOutputs;
}

impl Spec for Group {
    type Parent = UserPool;

    const TRAITS: Traits = Traits {
        table: "groups",
        found: FoundBy::NameInList,
        gives: Some(|name, _| vec![name.to_owned()]),
        lost: "the old one's members are not in the new one, and tokens no longer name it",
        part: Some(Part::of(
            "Group",
            "Groups, by their name. Each signed-in user's groups are in the token as `cognito:groups`.",
            keyed::<GroupName, Self>,
        )),
        ..Traits::of::<Self>()
    };
}
