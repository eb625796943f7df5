//! Multi-factor authentication of a pool: its table. Pure.

use super::in_aws::InAws;
use crate::shape::{self, shapes};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Multi-factor authentication.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Mfa {
    #[schemars(extend("default" = "off"))]
    pub mode: Mode,
    /// Whether users may use an authenticator app. Where an existing pool's MFA is turned on and no
    /// factor is there nor declared, this one is turned on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub totp: Option<bool>,
    /// Whether users may have a code sent by e-mail. Needs an address of your own in Amazon SES: `[user_pool.email]`
    /// with `sender = "DEVELOPER"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub email: Option<bool>,
    /// The subject of that e-mail. Left out at first, `Your authentication code`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::EmailSubject>")]
    pub email_subject: Option<String>,
    /// Its text; `{####}` becomes the code. Left out at first, `Your authentication code is {####}.`
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::EmailVerificationMessage>")]
    pub email_message: Option<String>,
    /// Codes by text message. With `mode = "off"`, only the verification of phone numbers uses it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sms: Option<SmsMfa>,
    /// Passkeys, with which users can sign in where `first_factors` has WEB_AUTHN.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passkeys: Option<Passkeys>,
    /// What AWS has of a pool that is not wsctl's; stack.toml never says it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(skip)]
    pub in_aws: Option<InAws>,
}

/// Whether users need a second factor.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Nobody has one.
    Off,
    /// Each user may set one up.
    Optional,
    /// Every user must have one.
    On,
}

/// How Cognito sends text messages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct SmsMfa {
    /// The ARN of the IAM role with which Cognito publishes to Amazon SNS. Left out, wsctl makes one:
    /// `user_pool.roles.sms`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Arn>")]
    pub role_arn: Option<String>,
    /// The external id that the trust policy of `role_arn` asks for. A role that wsctl makes asks for its own name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Passed>")]
    pub external_id: Option<String>,
    /// The Region whose Amazon SNS sends; the pool's own unless it has none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 5, max = 32))]
    pub region: Option<String>,
    /// The text message of the second factor; `{####}` becomes the code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::SmsMessage>")]
    pub message: Option<String>,
}

/// What passkeys are for, and how well they have to know their owner. Cognito takes it with `mode = "off"` too.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Passkeys {
    /// The domain that passkeys are made for, and the only one that they are good at; with a custom domain of the
    /// login, its name. A change makes those that there are useless.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 1, max = 127))]
    pub relying_party: Option<String>,
    /// Whether a passkey has to ask for a finger, a face or a PIN.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<UserVerification>")]
    pub user_verification: Option<String>,
    /// Whether one that does counts as both factors; without it `mode = "on"` and passkeys exclude each other. Needs
    /// a plan above LITE.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub multi_factor: Option<bool>,
}

shapes! {
    /// `UserVerificationType`.
    UserVerification { words: &["preferred", "required"] }
}

impl Mfa {
    /// Whether a passkey counts as both factors.
    pub fn has_strong_passkeys(&self) -> bool {
        let passkeys = self.passkeys.as_ref();
        passkeys.is_some_and(|it| it.multi_factor == Some(true))
    }

    /// As far as stack.toml can say it.
    pub fn declarable(self) -> Self {
        Self {
            in_aws: None,
            ..self
        }
    }

    /// Whether the pool can send text messages, for whatever purpose.
    pub fn sends_texts(&self) -> bool {
        self.sms.is_some() || self.in_aws.as_ref().is_some_and(InAws::sends_texts)
    }
}
