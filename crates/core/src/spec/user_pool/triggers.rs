//! The triggers of a pool: their table. Pure.

use crate::shape;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Functions that Cognito calls while people sign up, sign in and get their tokens, each the name of a
/// function of this file or the ARN of another. wsctl lets the pool call those of this file; that it may
/// call another one is its owner's to say (`lambda:InvokeFunction` for `cognito-idp.amazonaws.com`). Only
/// the triggers that are named here are set: in a pool of wsctl's own any other one is taken away.
/// Cognito waits 5 seconds for an answer, but for that of a custom sender.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Triggers {
    /// Before somebody is signed up: it may refuse, confirm at once, or verify an address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Trigger>", extend("examples" = EXAMPLES))]
    pub pre_sign_up: Option<String>,
    /// After somebody has confirmed the address, or set a new password after forgetting it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Trigger>", extend("examples" = EXAMPLES))]
    pub post_confirmation: Option<String>,
    /// Before a password is looked at: it may refuse.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Trigger>", extend("examples" = EXAMPLES))]
    pub pre_authentication: Option<String>,
    /// After somebody has signed in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Trigger>", extend("examples" = EXAMPLES))]
    pub post_authentication: Option<String>,
    /// Before tokens are made: it may change the claims in them.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Trigger>", extend("examples" = EXAMPLES))]
    pub pre_token_generation: Option<String>,
    /// What `pre_token_generation` is told and may change: with `V1_0` the ID token, with `V2_0` the access
    /// token too, with `V3_0` also that of a client by itself (`client_credentials`). `V1_0` where it is
    /// left out; the others are not in the LITE plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::TokenVersion>")]
    pub pre_token_generation_version: Option<String>,
    /// Before a message is sent: it may write another.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Trigger>", extend("examples" = EXAMPLES))]
    pub custom_message: Option<String>,
    /// Which challenge comes next in a sign-in of your own (`ALLOW_CUSTOM_AUTH`).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Trigger>", extend("examples" = EXAMPLES))]
    pub define_auth_challenge: Option<String>,
    /// What is asked in that challenge.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Trigger>", extend("examples" = EXAMPLES))]
    pub create_auth_challenge: Option<String>,
    /// Whether the answer to that challenge is right.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Trigger>", extend("examples" = EXAMPLES))]
    pub verify_auth_challenge_response: Option<String>,
    /// When somebody signs in, or has forgotten the password, whom the pool does not know: it may bring
    /// the user along from another directory.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Trigger>", extend("examples" = EXAMPLES))]
    pub user_migration: Option<String>,
    /// When somebody signs in through another identity provider: it may change the attributes that come
    /// from there.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Trigger>", extend("examples" = EXAMPLES))]
    pub inbound_federation: Option<String>,
    /// Sends the text messages, in the place of Amazon SNS; needs `kms_key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Trigger>", extend("examples" = EXAMPLES))]
    pub custom_sms_sender: Option<String>,
    /// Sends the emails, in the place of Cognito or Amazon SES; needs `kms_key`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Trigger>", extend("examples" = EXAMPLES))]
    pub custom_email_sender: Option<String>,
    /// The ARN of the KMS key with which Cognito encrypts the codes that custom senders get. Whoever runs
    /// wsctl needs `kms:CreateGrant` for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::KmsKeyArn>", extend("examples" = KEYS))]
    pub kms_key: Option<String>,
}

/// What the schema has as examples.
const EXAMPLES: [&str; 2] = [
    "arn:aws:lambda:eu-west-1:123456789012:function:one",
    "arn:aws:lambda:eu-west-1:123456789012:function:two",
];
const KEYS: [&str; 2] = [
    "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000001",
    "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000002",
];

/// What a function before the making of tokens is told where nothing is said of it.
pub const FIRST_VERSION: &str = "V1_0";

impl Triggers {
    /// Every function, by the trigger that it is behind.
    pub fn functions(&self) -> impl Iterator<Item = (&'static str, &String)> {
        let Self {
            pre_sign_up,
            post_confirmation,
            pre_authentication,
            post_authentication,
            pre_token_generation,
            pre_token_generation_version: _,
            custom_message,
            define_auth_challenge,
            create_auth_challenge,
            verify_auth_challenge_response,
            user_migration,
            inbound_federation,
            custom_sms_sender,
            custom_email_sender,
            kms_key: _,
        } = self;
        let all = [
            ("pre_sign_up", pre_sign_up),
            ("post_confirmation", post_confirmation),
            ("pre_authentication", pre_authentication),
            ("post_authentication", post_authentication),
            ("pre_token_generation", pre_token_generation),
            ("custom_message", custom_message),
            ("define_auth_challenge", define_auth_challenge),
            ("create_auth_challenge", create_auth_challenge),
            (
                "verify_auth_challenge_response",
                verify_auth_challenge_response,
            ),
            ("user_migration", user_migration),
            ("inbound_federation", inbound_federation),
            ("custom_sms_sender", custom_sms_sender),
            ("custom_email_sender", custom_email_sender),
        ];
        all.into_iter()
            .filter_map(|(name, function)| Some((name, function.as_ref()?)))
    }

    /// With each function's text as `change` makes it.
    pub fn mapped(self, change: impl Fn(String) -> String) -> Self {
        let changed = |function: Option<String>| function.map(&change);
        Self {
            pre_sign_up: changed(self.pre_sign_up),
            post_confirmation: changed(self.post_confirmation),
            pre_authentication: changed(self.pre_authentication),
            post_authentication: changed(self.post_authentication),
            pre_token_generation: changed(self.pre_token_generation),
            pre_token_generation_version: self.pre_token_generation_version,
            custom_message: changed(self.custom_message),
            define_auth_challenge: changed(self.define_auth_challenge),
            create_auth_challenge: changed(self.create_auth_challenge),
            verify_auth_challenge_response: changed(self.verify_auth_challenge_response),
            user_migration: changed(self.user_migration),
            inbound_federation: changed(self.inbound_federation),
            custom_sms_sender: changed(self.custom_sms_sender),
            custom_email_sender: changed(self.custom_email_sender),
            kms_key: self.kms_key,
        }
    }

    /// Whether something sends messages in the place of Cognito.
    pub fn sends(&self) -> bool {
        self.custom_sms_sender.is_some() || self.custom_email_sender.is_some()
    }

    /// With the version that holds where none is said.
    pub fn versioned(self) -> Self {
        let is_behind = self.pre_token_generation.is_some();
        let version = self.pre_token_generation_version;
        Self {
            pre_token_generation_version: version
                .or_else(|| is_behind.then(|| FIRST_VERSION.to_owned())),
            ..self
        }
    }
}
