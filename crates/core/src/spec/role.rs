//! An IAM role that an AWS service assumes, such as a Lambda function's execution role, or those who sign in
//! at an identity pool. Pure.

mod grant;
mod policy;

use crate::{
    owner::Tags,
    spec::{FoundBy, Produces, Spec, Stack, Traits},
};
pub use grant::{Grant, Values, grants_of, policy_of};
pub use policy::{
    Needs, canonical_policy, decode, function_policy, identities, readable, size, sms_policy,
    trust_policy, trusted, user_pools, with_needs, without_nothing,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The table in which the pools and the API have the roles that wsctl makes for them.
pub const ROLES: &str = "roles";
/// The one with which the user pool sends text messages.
pub const SMS: &str = "sms";

/// How many managed policies a role can have, and how many characters all of its inline ones, blanks not
/// counted (docs/aws.md §10).
pub const MOST_ATTACHED: usize = 10;
pub const MOST_INLINE: usize = 10_240;

/// What a service or a person may do in the account on behalf of the stack.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Role {
    /// The role's name, at most 64 characters, once per account whatever its case.
    pub name: String,
    /// Who assumes the role: a service, `lambda.amazonaws.com`, or the people of an identity pool. A live
    /// role that trusts anybody else shows its whole trust policy here, after `custom: `.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub assumed_by: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// Inline policies by name, each in its [`canonical_policy`] form.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub policies: Option<BTreeMap<String, Value>>,
    /// ARNs of the managed policies attached to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub attached: Option<BTreeSet<String>>,
    /// The ARN of the policy beyond which nothing in the others counts; empty for none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub permissions_boundary: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tags: Option<Tags>,
}

/// What a role gives to others.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct RoleOutputs {
    pub arn: String,
    pub name: String,
}

impl Produces for Role {
    const NAME: &'static str = "role";
    type Outputs = RoleOutputs;
}

impl Spec for Role {
    type Parent = Stack;

    const TRAITS: Traits = Traits {
        rename_on: &["name"],
        whole: &["policies", "tags"],
        indexed: false,
        found: FoundBy::NameInList,
        lost: "its ARN changes: a policy elsewhere that names it does not know the new one",
        caseless: true,
        instead_of_adopting: "an account has a role's name once: choose another role_name, or set role to its ARN to use it",
        with_needs: Some(with_needs),
        ..Traits::of::<Self>()
    };

    fn normal(self) -> Self {
        let canonical = |all: BTreeMap<String, Value>| {
            all.into_iter()
                .map(|(name, document)| (name, without_nothing(canonical_policy(document))))
                .collect()
        };
        Self {
            policies: self.policies.map(canonical),
            ..self
        }
    }
}
