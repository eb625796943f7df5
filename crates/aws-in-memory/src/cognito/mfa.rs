//! `SetUserPoolMfaConfig`: a full replacement, and what it refuses (docs/aws.md §2).

use super::{find, sms, wrong};
use crate::{
    call::{Answer, Call},
    cloud::{Cloud, texts},
};
use serde_json::{Map, Value, json};

const FACTORS: [&str; 3] = [
    "SmsMfaConfiguration",
    "SoftwareTokenMfaConfiguration",
    "EmailMfaConfiguration",
];

/// Whether any factor is there to be asked for.
pub(super) fn has_factor(factors: &Map<String, Value>) -> bool {
    let is_on = |name: &str| factors.get(name).is_some_and(|it| it["Enabled"] != false);
    FACTORS.iter().any(|name| is_on(name))
}

/// Whether MFA is required of who begins with a passkey that is one factor only.
pub(super) fn has_weak_passkeys(pool: &Map<String, Value>, passkeys: &Value) -> bool {
    let first = texts(&pool["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"]);
    pool["MfaConfiguration"] == "ON"
        && first.iter().any(|it| it == "WEB_AUTHN")
        && passkeys["FactorConfiguration"] != "MULTI_FACTOR_WITH_USER_VERIFICATION"
}

pub(super) fn get(cloud: &mut Cloud, call: &Call) -> Answer {
    let pool = find(cloud, call)?;
    let mut answer = pool.factors.clone();
    answer.insert(
        "MfaConfiguration".into(),
        pool.get("MfaConfiguration").clone(),
    );
    Ok(Value::Object(answer))
}

pub(super) fn set(cloud: &mut Cloud, call: &Call) -> Answer {
    if let Some(fault) = sms::role_fault(cloud, call) {
        return Err(fault);
    }
    let is_strict = cloud.strict.mfa;
    let pool = find(cloud, call)?;
    let mode = if call.text("MfaConfiguration").is_empty() {
        "OFF"
    } else {
        call.text("MfaConfiguration")
    };
    let sent = |name: &&str| {
        Some((
            (*name).to_owned(),
            call.input.get(*name).filter(|it| !it.is_null())?.clone(),
        ))
    };
    let factors: Map<_, _> = FACTORS.iter().filter_map(sent).collect();
    if is_strict && mode == "OFF" && !factors.is_empty() {
        return wrong(
            "Invalid MFA configuration given, can't turn off MFA and configure an MFA together.",
        );
    }
    if is_strict && mode != "OFF" && !has_factor(&factors) {
        return wrong(
            "Invalid MFA configuration given, at least one MFA factor has to be enabled.",
        );
    }
    let sends = &pool.tree["EmailConfiguration"]["EmailSendingAccount"];
    let is_new = |name: &str| factors.contains_key(name) && !pool.factors.contains_key(name);
    if is_strict && is_new("EmailMfaConfiguration") && *sends != "DEVELOPER" {
        return wrong(
            "Email MFA requires an email configuration with your own Amazon SES resources.",
        );
    }
    let first = texts(&pool.tree["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"]);
    if is_strict && mode == "ON" && first.iter().any(|it| it == "EMAIL_OTP" || it == "SMS_OTP") {
        return wrong("MFA cannot be required with one-time passwords as a first factor.");
    }
    let mut strict = pool.tree.clone();
    strict.insert("MfaConfiguration".into(), json!(mode));
    if is_strict && has_weak_passkeys(&strict, call.get("WebAuthnConfiguration")) {
        return wrong("MFA cannot be required with passkeys of one factor as a first factor.");
    }
    if let Some(sms) = factors.get("SmsMfaConfiguration") {
        pool.tree
            .insert("SmsConfiguration".into(), sms["SmsConfiguration"].clone());
    }
    pool.factors = factors;
    if let Some(keys) = sent(&"WebAuthnConfiguration") {
        pool.factors.insert(keys.0, keys.1);
    }
    pool.tree.insert("MfaConfiguration".into(), json!(mode));
    get(cloud, call)
}
