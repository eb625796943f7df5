//! What Cognito does where a sign-in looks like somebody else's: `[user_pool.risk_configuration]`. Pure.

use super::user_pool::UserPool;
use crate::{
    shape::{self, shapes},
    spec::{Produces, Spec, Traits},
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// What threat protection does. It counts with `threat_protection = "ENFORCED"`; with `AUDIT` it is only noted down. What
/// is left out here is as Cognito has it, which is: nothing is done.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct RiskConfiguration {
    /// What becomes of a password that is known from a leak.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compromised_credentials: Option<CompromisedCredentials>,
    /// What becomes of a sign-in that is unlike the user's others.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account_takeover: Option<AccountTakeover>,
    /// Ranges of addresses from which nobody signs in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<BTreeSet<IpRange>>",
        length(max = 200),
        extend("default" = [], "examples" = [["192.0.2.0/24"], ["192.0.2.0/24", "2001:db8::/32"]])
    )]
    pub blocked_ip_ranges: Option<BTreeSet<String>>,
    /// Ranges of addresses whose sign-ins are not looked at.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(
        with = "Option<BTreeSet<IpRange>>",
        length(max = 200),
        extend("default" = [], "examples" = [["198.51.100.0/24"], ["198.51.100.0/24", "203.0.113.0/24"]])
    )]
    pub skipped_ip_ranges: Option<BTreeSet<String>>,
}

/// What becomes of a password that is known from a leak.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct CompromisedCredentials {
    /// Whether it is refused.
    #[schemars(with = "CredentialsAction")]
    pub action: String,
    /// When it is looked for; left out at first, always.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<BTreeSet<Event>>", length(min = 1))]
    pub events: Option<BTreeSet<String>>,
}

/// What becomes of a sign-in that is unlike the user's others, by how likely it is somebody else's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct AccountTakeover {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low: Option<TakeoverAction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub medium: Option<TakeoverAction>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high: Option<TakeoverAction>,
    /// How users are told, where one of these has `notify = true`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub notify: Option<Notify>,
}

/// What is done at one likelihood.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct TakeoverAction {
    /// Whether the sign-in goes on, with a second factor or not at all.
    #[schemars(with = "SignInAction")]
    pub action: String,
    /// Whether the user is told by e-mail.
    #[serde(default)]
    #[schemars(extend("default" = false))]
    pub notify: bool,
}

/// The e-mails that tell users of such a sign-in. What is left out of them at first says what Cognito says.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Notify {
    /// The ARN of the SES identity that sends them.
    #[schemars(with = "shape::Arn", extend("examples" = [
        "arn:aws:ses:eu-west-1:123456789012:identity/a@example.com",
        "arn:aws:ses:eu-west-1:123456789012:identity/b@example.com",
    ]))]
    pub ses_source_arn: String,
    /// The address that they come from.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Passed>", extend("examples" = ["a@example.com", "b@example.com"]))]
    pub from: Option<String>,
    /// The address that answers go to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::Passed>", extend("examples" = ["a@example.com", "b@example.com"]))]
    pub reply_to: Option<String>,
    /// The one about a sign-in that was blocked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub block_email: Option<NotifyEmail>,
    /// The one about a sign-in that went on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub no_action_email: Option<NotifyEmail>,
    /// The one about a sign-in that needed a second factor.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mfa_email: Option<NotifyEmail>,
}

/// An e-mail; `{login-time}`, `{device-name}`, `{city}` and `{country}` become what they say.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct NotifyEmail {
    /// Its subject.
    #[schemars(with = "shape::EmailSubject")]
    pub subject: String,
    /// Its text in HTML.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::EmailInviteMessage>")]
    pub html_body: Option<String>,
    /// Its text.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<shape::EmailInviteMessage>")]
    pub text_body: Option<String>,
}

shapes! {
    IpRange {
        pattern: r"^[0-9A-Fa-f.:]+/[0-9]{1,3}$",
        hint: "a range of addresses, such as 192.0.2.0/24",
    }
    /// `CompromisedCredentialsEventActionType`.
    CredentialsAction { words: &["BLOCK", "NO_ACTION"] }
    /// `EventFilterType`.
    Event { words: &["SIGN_IN", "SIGN_UP", "PASSWORD_CHANGE"] }
    /// `AccountTakeoverEventActionType`.
    SignInAction { words: &["BLOCK", "MFA_REQUIRED", "MFA_IF_CONFIGURED", "NO_ACTION"] }
}

/// What a risk configuration gives to others: nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RiskConfigurationOutputs {
    pub pool_id: String,
}

/// Fields that are nothing where nobody says them.
pub const TOP: &[&str] = &[
    "compromised_credentials",
    "account_takeover",
    "blocked_ip_ranges",
    "skipped_ip_ranges",
];

impl RiskConfiguration {
    /// Whether anything is done to anybody.
    pub fn is_none(&self) -> bool {
        let is_empty = |it: &BTreeSet<String>| it.is_empty();
        let has_ranges = !(self.blocked_ip_ranges.as_ref().is_none_or(is_empty)
            && self.skipped_ip_ranges.as_ref().is_none_or(is_empty));
        self.compromised_credentials.is_none() && self.account_takeover.is_none() && !has_ranges
    }
}

impl Produces for RiskConfiguration {
    const NAME: &'static str = "risk configuration";
    type Outputs = RiskConfigurationOutputs;
}

impl Spec for RiskConfiguration {
    type Parent = UserPool;

    const TRAITS: Traits = Traits {
        table: "risk_configuration",
        beyond: TOP,
        // It is asked for in the PLUS plan alone.
        goes_before_change: true,
        ..Traits::of::<Self>()
    };
}
