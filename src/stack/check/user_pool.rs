//! The user pool and its domain. Pure.

use super::{Findings, is_open};
use crate::{
    kinds::user_pool::{Alias, EmailSender, FeaturePlan, Recovery, STANDARD, SignIn, UserPool, Verified},
    stack::{source::path, tables::UserPoolTable},
};

/// Words that AWS keeps out of domain prefixes (Cognito developer guide; dossier §4).
const RESERVED: [&str; 3] = ["aws", "amazon", "cognito"];

pub(super) fn check(found: &mut Findings<'_>, table: &UserPoolTable) {
    let pool = &table.settings;
    sign_in(found, pool);
    attributes(found, pool);
    recovery(found, pool);
    multi_factor(found, pool);
    email(found, pool);
    domain(found, table);
    groups(found, table);
}

fn sign_in(found: &mut Findings<'_>, pool: &UserPool) {
    let has = |way: SignIn| pool.sign_in.iter().flatten().any(|it| *it == way);
    let aliases = pool.aliases.iter().flatten().count();
    if pool.sign_in.as_ref().is_some_and(|it| it.is_empty()) {
        found.error(
            path(["user_pool", "sign_in"]),
            "nobody could sign in",
            "write [\"email\"], [\"phone_number\"] or [\"username\"]",
        );
    }
    if has(SignIn::Username) && pool.sign_in.iter().flatten().count() > 1 {
        let help = "write [\"username\"] and aliases = [\"email\"], or sign_in = [\"email\"] alone";
        found.error(
            path(["user_pool", "sign_in"]),
            "username cannot be combined with email or phone_number",
            help,
        );
    }
    if aliases > 0 && (has(SignIn::Email) || has(SignIn::PhoneNumber)) {
        let help = "remove aliases, or write sign_in = [\"username\"]";
        found.error(path(["user_pool", "aliases"]), "aliases need plain user names", help);
    }
    let preferred = pool.aliases.iter().flatten().any(|it| *it == Alias::PreferredUsername);
    if preferred && pool.required_attributes.iter().flatten().any(|it| it == "preferred_username") {
        let help = "remove it from required_attributes: users set it after they have signed up";
        found.error(
            path(["user_pool", "aliases"]),
            "preferred_username cannot be both an alias and required",
            help,
        );
    }
}

fn attributes(found: &mut Findings<'_>, pool: &UserPool) {
    for name in pool.required_attributes.iter().flatten() {
        if !is_open(name) && !STANDARD.contains(&name.as_str()) {
            let words: Vec<_> = STANDARD.iter().map(ToString::to_string).collect();
            let help = match crate::stack::schema::closest(name, &words) {
                Some(close) => format!("did you mean \"{close}\"?"),
                None => format!("one of: {}; others go into custom_attributes", STANDARD.join(", ")),
            };
            let at = found.item(&path(["user_pool", "required_attributes"]), name);
            found.error(at, format!("`{name}` is no standard attribute"), help);
        }
    }
    for (name, attribute) in pool.custom_attributes.iter().flatten() {
        let at = path(["user_pool", "custom_attributes", name]);
        if name.is_empty() || name.chars().count() > 20 {
            found.name(at, format!("`{name}` has {} characters", name.chars().count()), "write 1 to 20");
        } else if let Some(rest) = name.strip_prefix("custom:") {
            found.name(at, "AWS adds `custom:` itself", format!("write `{}`", rest));
        } else if attribute.min.zip(attribute.max).is_some_and(|(min, max)| min > max) {
            found.error(at, "min is more than max", "exchange them");
        } else if !attribute.data_type.has_bounds() && (attribute.min.is_some() || attribute.max.is_some()) {
            found.warn(at, "only texts and numbers have bounds", "remove min and max");
        }
    }
}

fn recovery(found: &mut Findings<'_>, pool: &UserPool) {
    let Some(ways) = &pool.account_recovery else { return };
    let at = || path(["user_pool", "account_recovery"]);
    if ways.contains(&Recovery::AdminOnly) && ways.len() > 1 {
        found.error(at(), "admin_only cannot be combined", "write [\"admin_only\"] alone, or leave it out");
    } else if ways.len() > 2 || ways.is_empty() {
        found.error(
            at(),
            format!("{} ways back in; AWS takes one or two", ways.len()),
            "write [\"verified_email\"]",
        );
    }
    if ways.len() == 2 && ways[0] == ways[1] {
        found.error(at(), "the same way twice", "name each once");
    }
}

/// Dossier §2, "MFA": refusals that would leave a half-changed pool.
fn multi_factor(found: &mut Findings<'_>, pool: &UserPool) {
    let tree = serde_json::to_value(pool).unwrap_or_default();
    let mfa = &tree["mfa"];
    let at = || path(["user_pool", "mfa"]);
    let has_sms = mfa["sms"].is_object();
    match mfa["mode"].as_str() {
        Some("off") if mfa["totp"] == true || has_sms => {
            found.error(
                at(),
                "mode is off, yet a second factor is declared",
                "write mode = \"optional\", or remove totp and sms",
            );
        }
        Some("on" | "optional") if mfa["totp"] != true && !has_sms => {
            found.error(
                at(),
                "no second factor is declared",
                "add totp = true, or [user_pool.mfa.sms] with a role",
            );
        }
        _ => {}
    }
    let passwordless = pool.first_factors.iter().flatten().any(|it| it == "EMAIL_OTP" || it == "SMS_OTP");
    if mfa["mode"] == "on" && passwordless {
        let help = "write mode = \"optional\", or remove EMAIL_OTP and SMS_OTP from first_factors";
        found.error(at(), "AWS refuses mode = \"on\" beside one-time codes as a first factor", help);
    }
    let verifies_phone = pool.auto_verify.iter().flatten().any(|it| *it == Verified::PhoneNumber);
    if verifies_phone && !has_sms {
        let help = "add [user_pool.mfa.sms] with role_arn, or leave phone_number out";
        found.error(
            path(["user_pool", "auto_verify"]),
            "phone numbers are verified by SMS, which needs a role",
            help,
        );
    }
    let is_lite = pool.feature_plan == Some(FeaturePlan::Lite);
    if is_lite && pool.password_policy.as_ref().and_then(|it| it.history).is_some_and(|size| size > 0) {
        let at = path(["user_pool", "password_policy", "history"]);
        found.error(
            at,
            "the LITE plan has no password history",
            "remove history, or set feature_plan = \"ESSENTIALS\"",
        );
    }
    if is_lite && pool.first_factors.iter().flatten().any(|it| it != "PASSWORD") {
        found.error(
            path(["user_pool", "first_factors"]),
            "first_factors need a plan above LITE",
            "set feature_plan = \"ESSENTIALS\"",
        );
    }
}

fn email(found: &mut Findings<'_>, pool: &UserPool) {
    let Some(email) = &pool.email else { return };
    let at = |key: &str| path(["user_pool", "email", key]);
    match email.sender {
        Some(EmailSender::Developer) if email.ses_source_arn.is_none() => {
            found.error(
                path(["user_pool", "email"]),
                "DEVELOPER sends through your SES identity",
                "add ses_source_arn = \"arn:aws:ses:…\"",
            );
        }
        Some(EmailSender::CognitoDefault) if email.configuration_set.is_some() => {
            found.error(
                at("configuration_set"),
                "a configuration set needs SES",
                "write sender = \"DEVELOPER\", or remove it",
            );
        }
        _ => {}
    }
}

fn domain(found: &mut Findings<'_>, table: &UserPoolTable) {
    let Some(domain) = &table.domain else { return };
    let at = |key: &str| path(["user_pool", "domain", key]);
    if let Some(word) = RESERVED.iter().find(|word| domain.prefix.contains(**word)) {
        let message = format!("AWS keeps the word `{word}` out of domain prefixes");
        found.error(at("prefix"), message, "choose a prefix without it");
    }
    if domain.managed_login_version == Some(2) && table.settings.feature_plan == Some(FeaturePlan::Lite) {
        let help = "write managed_login_version = 1, or feature_plan = \"ESSENTIALS\"";
        found.error(at("managed_login_version"), "managed login needs a plan above LITE", help);
    }
}

/// Cognito API reference, CreateGroup: up to 128 characters, none of them a space.
fn groups(found: &mut Findings<'_>, table: &UserPoolTable) {
    for name in table.groups.keys() {
        let at = path(["user_pool", "groups", name]);
        if name.is_empty() || name.chars().count() > 128 || name.contains(char::is_whitespace) {
            let help = "write 1 to 128 characters without spaces";
            found.name(at, format!("`{name}` cannot be a group's name"), help);
        }
    }
}
