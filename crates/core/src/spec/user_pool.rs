//! The user pool: `[user_pool]`. Pure.

mod in_aws;
mod mfa;
mod settings;
mod triggers;

use crate::{
    owner::Tags,
    shape,
    spec::{FoundBy, Produces, Spec, Stack, Traits},
};
pub use in_aws::{EmailCode, EndUserMessaging, InAws, Sender, Texts};
pub use mfa::{Mfa, Mode, Passkeys, SmsMfa};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
pub use settings::{
    Alias, CustomAttribute, DataType, Devices, Email, EmailOption, EmailSender, FIRST_FACTOR,
    FeaturePlan, IS_NUMBER, InvitationMessage, PASSKEY, PasswordPolicy, Recovery, Remember, SignIn,
    StandardAttribute, ThreatProtection, VerificationMessage, Verified, from_word, from_words,
    word,
};
use std::collections::{BTreeMap, BTreeSet};
pub use triggers::{FIRST_VERSION, Triggers};

/// The Cognito user pool, the directory of your users. What is left out keeps the value that it
/// has in AWS.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct UserPool {
    /// The pool's name, as the console shows it.
    #[schemars(with = "shape::CognitoName")]
    pub name: String,
    /// With what users sign in: `email`, `phone_number` or both, or `username` alone. Fixed when
    /// the pool is made: a change replaces the pool and loses its users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sign_in: Option<BTreeSet<SignIn>>,
    /// What users of a pool with `sign_in = ["username"]` may sign in with too. Fixed when the
    /// pool is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub aliases: Option<BTreeSet<Alias>>,
    /// Whether `Ann` and `ann` are two users. Fixed when the pool is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false, "explicit" = true))]
    pub case_sensitive: Option<bool>,
    /// Whether people can sign up themselves; otherwise only an administrator creates users.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub self_registration: Option<bool>,
    /// The standard attributes that every user must have, all of them: `name`, `phone_number`.
    /// Fixed when the pool is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub required_attributes: Option<BTreeSet<String>>,
    /// Standard attributes that are otherwise than Cognito makes them, by name: `[user_pool.standard_attributes.email]`.
    /// What `required_attributes` names need not be said to be required here. Fixed when the pool is made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "shape::keyed::<shape::CustomAttributeName, StandardAttribute>")]
    pub standard_attributes: Option<BTreeMap<String, StandardAttribute>>,
    /// Attributes of your own, by name without `custom:`. Cognito can add one to a pool, but never
    /// remove or change it: one that is not declared stays, also in a pool that is only `existing`
    /// when the stack is destroyed; a plan that would change one is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "shape::keyed::<shape::CustomAttributeName, CustomAttribute>")]
    pub custom_attributes: Option<BTreeMap<String, CustomAttribute>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub password_policy: Option<PasswordPolicy>,
    /// With what a user can begin to sign in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<BTreeSet<shape::AuthFactor>>",
        length(min = 1),
        extend("default" = [FIRST_FACTOR])
    )]
    pub first_factors: Option<BTreeSet<String>>,
    /// The addresses to which Cognito sends a code when a user signs up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auto_verify: Option<BTreeSet<Verified>>,
    /// Addresses of users that stay what they are until a new one is verified; without it a change counts at
    /// once, and the new address as not verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keep_until_verified: Option<BTreeSet<Verified>>,
    /// How a user gets back in after forgetting the password; the first that works is used.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_recovery: Option<Vec<Recovery>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa: Option<Mfa>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "ESSENTIALS"))]
    pub feature_plan: Option<FeaturePlan>,
    /// Whether Cognito looks for sign-ins that are somebody else's; needs the PLUS plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "OFF"))]
    pub threat_protection: Option<ThreatProtection>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub devices: Option<Devices>,
    /// Whether AWS refuses to delete the pool. It is lifted only when that is asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub deletion_protection: Option<bool>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<Email>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verification_message: Option<VerificationMessage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invitation_message: Option<InvitationMessage>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub triggers: Option<Triggers>,
    /// The pool's tags, all of them but wsctl's and AWS's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(schema_with = "shape::tags")]
    pub tags: Option<Tags>,
}

/// The field of a pool's triggers: what it names may itself need the pool.
pub const TRIGGERS: &str = "triggers";

/// The field by which a device stands in for the second factor.
pub const CHALLENGE: &str = "devices.challenge_new_devices";

/// What a pool gives to others.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserPoolOutputs {
    pub id: String,
    pub arn: String,
    pub name: String,
    /// The `iss` of its tokens, an https URL.
    pub issuer: String,
    /// Whether deletion protection was on when the pool was read.
    pub deletion_protection: bool,
}

impl UserPool {
    /// Whether its plan is the one that leaves most out.
    pub fn is_lite(&self) -> bool {
        self.feature_plan == Some(FeaturePlan::Lite)
    }

    /// The standard attributes that every user must have, wherever the file says so.
    pub fn required(&self) -> BTreeSet<&str> {
        let listed = self.required_attributes.iter().flatten();
        let tables = self.standard_attributes.iter().flatten();
        let tables = tables.filter(|(_, it)| it.required == Some(true));
        listed
            .chain(tables.map(|(name, _)| name))
            .map(String::as_str)
            .collect()
    }

    /// One of which nothing but the name is said.
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            ..Self::default()
        }
    }
}

impl Produces for UserPool {
    const NAME: &'static str = "user pool";
    type Outputs = UserPoolOutputs;
}

impl Spec for UserPool {
    type Parent = Stack;

    const TRAITS: Traits = Traits {
        attachable: true,
        replace_on: &[
            "sign_in",
            "aliases",
            "case_sensitive",
            "required_attributes",
            "standard_attributes",
        ],
        whole: &["tags", TRIGGERS],
        beyond: &[TRIGGERS, CHALLENGE],
        late: &[TRIGGERS],
        together: &["mfa"],
        added_to: &["custom_attributes"],
        found: FoundBy::List,
        read_by_id: true,
        keeps: &["mfa", "sms", "role_arn"],
        lost: "its id, ARN and issuer change, and with them every client's id",
        ..Traits::of::<Self>()
    };

    fn normal(self) -> Self {
        settings::normal(self)
    }

    fn usual() -> Value {
        let attributes = STANDARD
            .iter()
            .map(|it| (*it, StandardAttribute::usual(it)));
        json!({ "standard_attributes": attributes.collect::<BTreeMap<_, _>>() })
    }
}

/// The standard attributes that a pool can require (Amazon Cognito developer guide, "Working with
/// user attributes"). `sub` is not among them: every user has it.
pub const STANDARD: &[&str] = &[
    "address",
    "birthdate",
    "email",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "picture",
    "preferred_username",
    "profile",
    "updated_at",
    "website",
    "zoneinfo",
];
