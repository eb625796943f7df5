//! The MFA of a pool that is not wsctl's, in AWS's own terms: also what stack.toml cannot say, and
//! what was never set. Remembered, it gives an attached pool back as it was. Pure.

use super::mfa::Passkeys;
use serde::{Deserialize, Serialize};

/// Everything about second factors and text messages that AWS tells of a pool, but for the mode.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InAws {
    /// The pool's own text messages, which also verify phone numbers.
    #[serde(skip_serializing_if = "Texts::is_none")]
    pub texts: Texts,
    /// The factor by text message.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sms: Option<Texts>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub totp: Option<bool>,
    /// The factor by email.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub email: Option<EmailCode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passkeys: Option<Passkeys>,
}

/// Text messages: how they are sent, and what the one of the second factor says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Texts {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sender: Option<Sender>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

/// Amazon SNS, or AWS End User Messaging.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Sender {
    pub role_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_user_messaging: Option<EndUserMessaging>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EndUserMessaging {
    pub caller_arn: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub external_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub origination_identity: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration_set_name: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_entity_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub in_template_id: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct EmailCode {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl InAws {
    /// Whether it says through whom texts go out.
    pub fn sends_texts(&self) -> bool {
        self.texts.sender.is_some() || self.sms.as_ref().is_some_and(|it| it.sender.is_some())
    }
}

impl Texts {
    fn is_none(&self) -> bool {
        *self == Self::default()
    }
}
