//! The tables inside `[user_pool]`. Pure.

use crate::shape;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

/// With what users sign in.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum SignIn {
    /// The email address is the user name.
    Email,
    /// The phone number is the user name.
    PhoneNumber,
    /// A plain user name that each user chooses.
    Username,
}

/// What users may sign in with beside their user name.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Alias {
    Email,
    PhoneNumber,
    PreferredUsername,
}

/// An address that Cognito can verify by sending a code to it.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema,
)]
#[serde(rename_all = "snake_case")]
pub enum Verified {
    Email,
    PhoneNumber,
}

/// A way back in for a user who forgot the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Recovery {
    VerifiedEmail,
    VerifiedPhoneNumber,
    /// Only an administrator can reset the password. Goes with no other.
    AdminOnly,
}

/// The feature plan of a pool, which is also what it costs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum FeaturePlan {
    /// The classic hosted UI only.
    Lite,
    /// Managed login, choice-based and passwordless sign-in, email MFA. What a new pool has.
    Essentials,
    /// Threat protection and the export of user activity.
    Plus,
}

/// An attribute of your own, beside the standard ones. Cognito can add one later, but never
/// remove, rename or change it: a change of any of these fields is refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CustomAttribute {
    #[serde(rename = "type")]
    pub data_type: DataType,
    /// Whether the value can be changed after it was first set.
    #[serde(default = "yes")]
    pub mutable: bool,
    /// Whether no client sees it, only who manages users. Cognito calls it `dev:custom:NAME`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    #[schemars(extend("default" = false))]
    pub developer_only: bool,
    /// The shortest text, or the smallest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub min: Option<i64>,
    /// The longest text (at most 2048), or the largest number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max: Option<i64>,
}

/// A standard attribute of a pool's users. Fixed when the pool is made.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct StandardAttribute {
    /// Whether every user must have it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub required: Option<bool>,
    /// Whether the value can be changed after it was first set. One that an identity provider fills has to
    /// be.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub mutable: Option<bool>,
    /// The shortest text; of `updated_at` the smallest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub min: Option<i64>,
    /// The longest text, at most 2048; of `updated_at` the largest number.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0))]
    pub max: Option<i64>,
}

impl StandardAttribute {
    /// As AWS makes the one of this name (docs/aws.md §2).
    pub fn usual(name: &str) -> Self {
        let (min, max) = match name {
            "birthdate" => (10, Some(10)),
            IS_NUMBER => (0, None),
            _ => (0, Some(2048)),
        };
        Self {
            required: Some(false),
            mutable: Some(true),
            min: Some(min),
            max,
        }
    }
}

/// The one standard attribute that is a number.
pub const IS_NUMBER: &str = "updated_at";

const fn yes() -> bool {
    true
}

/// The type of a custom attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum DataType {
    String,
    Number,
    DateTime,
    Boolean,
}

impl DataType {
    /// Whether Cognito takes bounds for it.
    pub const fn has_bounds(self) -> bool {
        matches!(self, Self::String | Self::Number)
    }
}

/// What a password has to be like.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct PasswordPolicy {
    /// The smallest number of characters.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 6, max = 99), extend("default" = 8))]
    pub minimum_length: Option<i32>,
    /// Whether a lower-case letter is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub require_lowercase: Option<bool>,
    /// Whether an upper-case letter is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub require_uppercase: Option<bool>,
    /// Whether a digit is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub require_numbers: Option<bool>,
    /// Whether a character that is no letter and no digit is needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = true))]
    pub require_symbols: Option<bool>,
    /// For how many days the temporary password of an invited user works.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 1, max = 365), extend("default" = 7))]
    pub temporary_password_validity_days: Option<i32>,
    /// How many former passwords may not be used again; not in the LITE plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 0, max = 24), extend("default" = 0))]
    pub history: Option<i32>,
}

/// Whether the pool remembers the devices that people sign in with.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Devices {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "no"))]
    pub remember: Option<Remember>,
    /// Whether a device that is not remembered yet has to prove itself; one that is then stands in for the
    /// second factor.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = false))]
    pub challenge_new_devices: Option<bool>,
}

/// Which devices a pool remembers.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Remember {
    /// None.
    #[default]
    No,
    /// Those whose user says so.
    OptIn,
    /// All of them.
    Always,
}

/// What threat protection does about a sign-in that looks like somebody else's.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "UPPERCASE")]
pub enum ThreatProtection {
    /// Nothing.
    Off,
    /// It notes it down.
    Audit,
    /// It notes it down and acts on it.
    Enforced,
}

/// Who sends the emails, and as whom.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Email {
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "COGNITO_DEFAULT"))]
    pub sender: Option<EmailSender>,
    /// The ARN of the verified SES identity to send from; needed with `DEVELOPER`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::SourceArn>")]
    pub ses_source_arn: Option<String>,
    /// The From address, with or without a name: `Workshop <no-reply@example.com>`.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Passed>")]
    pub from: Option<String>,
    /// The address that answers go to.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::EmailAddress>")]
    pub reply_to: Option<String>,
    /// The SES configuration set to send with.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::ConfigurationSet>")]
    pub configuration_set: Option<String>,
}

/// Who sends the emails of a pool.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum EmailSender {
    /// Cognito itself: at most 50 emails a day for the whole account.
    #[serde(rename = "COGNITO_DEFAULT")]
    CognitoDefault,
    /// Your own Amazon SES.
    #[serde(rename = "DEVELOPER")]
    Developer,
}

/// The message that verifies an email address or a phone number.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct VerificationMessage {
    /// Whether the email carries a code or a link.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(extend("default" = "CONFIRM_WITH_CODE"))]
    pub email_option: Option<EmailOption>,
    /// The subject of the email.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::EmailSubject>")]
    pub email_subject: Option<String>,
    /// The email with the code; `{####}` becomes the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::EmailVerificationMessage>")]
    pub email_message: Option<String>,
    /// The subject of the email with the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::EmailSubject>")]
    pub email_subject_by_link: Option<String>,
    /// The email with the link; `{##click here##}` becomes the link.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::EmailVerificationMessageByLink>")]
    pub email_message_by_link: Option<String>,
    /// The text message with the code; `{####}` becomes the code.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::SmsMessage>")]
    pub sms_message: Option<String>,
}

/// What the verification email carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub enum EmailOption {
    #[serde(rename = "CONFIRM_WITH_CODE")]
    ConfirmWithCode,
    #[serde(rename = "CONFIRM_WITH_LINK")]
    ConfirmWithLink,
}

/// The message to a user whom an administrator created; `{username}` and `{####}` become the user
/// name and the temporary password.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct InvitationMessage {
    /// The subject of the email.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::EmailSubject>")]
    pub email_subject: Option<String>,
    /// The email.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::EmailInviteMessage>")]
    pub email_message: Option<String>,
    /// The text message.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(length(min = 6, max = 140))]
    pub sms_message: Option<String>,
}

/// With what users begin to sign in where the pool says nothing.
pub const FIRST_FACTOR: &str = "PASSWORD";

/// The first factor that is a passkey.
pub const PASSKEY: &str = "WEB_AUTHN";

/// What is declared as Cognito tells it: no first factor is the password, only texts and numbers have
/// bounds, and who says of an attribute that it is required says so of all.
pub fn normal(mut pool: super::UserPool) -> super::UserPool {
    if let Some(factors) = pool.first_factors.as_mut().filter(|it| it.is_empty()) {
        factors.insert(FIRST_FACTOR.to_owned());
    }
    if let (Some(required), Some(attributes)) = (
        pool.required_attributes.as_mut(),
        pool.standard_attributes.as_ref(),
    ) {
        let more = attributes
            .iter()
            .filter(|(_, it)| it.required == Some(true));
        required.extend(more.map(|(name, _)| name.clone()));
    }
    for attribute in pool
        .custom_attributes
        .iter_mut()
        .flat_map(|it| it.values_mut())
    {
        if !attribute.data_type.has_bounds() {
            (attribute.min, attribute.max) = (None, None);
        }
    }
    if let Some(sms) = pool.mfa.as_mut().and_then(|it| it.sms.as_mut()) {
        sms.region = sms.region.take().filter(|region| !region.is_empty());
    }
    pool
}

/// The word that stack.toml, and AWS, has for an enum's value.
pub fn word<T: Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

/// The enum's value for AWS's word; `None` for a word that stack.toml does not have.
pub fn from_word<T: DeserializeOwned>(word: &str) -> Option<T> {
    serde_json::from_value(Value::String(word.to_owned())).ok()
}

/// AWS's words as values, without those that stack.toml does not have.
pub fn from_words<'a, T, C>(words: impl IntoIterator<Item = &'a str>) -> C
where
    T: DeserializeOwned,
    C: FromIterator<T>,
{
    words.into_iter().filter_map(from_word).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_custom_attribute_is_mutable_unless_it_says_otherwise() {
        let attribute: CustomAttribute = serde_json::from_str(r#"{"type": "number"}"#).unwrap();
        assert!(attribute.mutable);
    }
}
