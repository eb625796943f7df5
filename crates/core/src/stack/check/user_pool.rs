//! The user pool and its domain. Pure.

use super::{
    Check, Findings, below,
    domain_names::{OF_CLOUDFRONT, elsewhere},
    functions, is_open, providers, safeguards,
};
use crate::{
    spec::{
        custom_domain::CustomDomain,
        domain::Domain,
        risk_configuration::RiskConfiguration,
        role::{ROLES, SMS},
        user_pool::{
            Alias, EmailSender, FIRST_VERSION, IS_NUMBER, Mfa, Mode, PASSKEY, Recovery, STANDARD,
            SignIn, StandardAttribute, TRIGGERS, Triggers, UserPool, Verified,
        },
    },
    stack::{
        schema::closest,
        source::path,
        tables::{File, UserPoolTable},
    },
    value::reads_environment,
};
use serde_json::json;

/// Words that AWS keeps out of domain prefixes (Cognito developer guide; docs/aws.md §4).
const RESERVED: [&str; 3] = ["aws", "amazon", "cognito"];

pub(super) fn check(found: &mut Findings<'_>, file: &File, table: &UserPoolTable) {
    let pool = &table.settings;
    sign_in(found, pool);
    attributes(found, pool);
    recovery(found, pool);
    multi_factor(found, pool);
    sms_role(found, table);
    together(found, pool, &Beside::of(table));
    invitation(found, pool);
    providers::check(found, pool);
    if let Some(it) = &pool.triggers {
        triggers(found, file, it);
    }
}

/// What stands beside a pool's own fields.
pub(super) struct Beside {
    pub(super) domain: Option<Domain>,
    pub(super) custom_domain: Option<CustomDomain>,
    pub(super) risks: Option<RiskConfiguration>,
}

impl Beside {
    fn of(table: &UserPoolTable) -> Self {
        Self {
            domain: table.domain.clone(),
            custom_domain: table.custom_domain.clone(),
            risks: table.risk_configuration.clone(),
        }
    }
}

/// What has to fit together in a pool, wherever it comes from: AWS refuses the rest.
pub(super) fn together(found: &mut Findings<'_>, pool: &UserPool, beside: &Beside) {
    texts(found, pool);
    strict_passkeys(found, pool);
    plan(found, pool);
    email(found, pool);
    senders(found, pool);
    safeguards::check(found, pool);
    if let Some(domain) = &beside.domain {
        self::domain(found, domain);
        managed_login(found, pool, "domain", domain.managed_login_version);
    }
    if let Some(domain) = &beside.custom_domain {
        custom_domain(found, pool, domain);
        managed_login(found, pool, "custom_domain", domain.managed_login_version);
    }
    if let Some(risks) = &beside.risks {
        safeguards::risks(found, pool, risks);
    }
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
        found.error(
            path(["user_pool", "aliases"]),
            "aliases need plain user names",
            help,
        );
    }
    let preferred = pool
        .aliases
        .iter()
        .flatten()
        .any(|it| *it == Alias::PreferredUsername);
    if preferred && pool.required().contains("preferred_username") {
        let help = "do not require it: users set it after they have signed up";
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
            let at = found.item(&path(["user_pool", "required_attributes"]), name);
            let message = format!("`{name}` is not a standard attribute");
            found.error(at, message, standard_instead_of(name));
        }
    }
    for (name, attribute) in pool.standard_attributes.iter().flatten() {
        standard(found, pool, name, attribute);
    }
    for (name, attribute) in pool.custom_attributes.iter().flatten() {
        let at = path(["user_pool", "custom_attributes", name]);
        if let Some(rest) = name.strip_prefix("custom:") {
            found.name(at, "AWS adds `custom:` itself", format!("write `{}`", rest));
        } else if attribute
            .min
            .zip(attribute.max)
            .is_some_and(|(min, max)| min > max)
        {
            found.error(at, "min is more than max", "exchange them");
        } else if !attribute.data_type.has_bounds()
            && (attribute.min.is_some() || attribute.max.is_some())
        {
            found.warn(
                Check::IdleBounds,
                at,
                "only texts and numbers have bounds",
                "remove min and max",
            );
        }
    }
}

fn standard_instead_of(name: &str) -> String {
    let words: Vec<_> = STANDARD.iter().map(ToString::to_string).collect();
    match closest(name, &words) {
        Some(close) => format!("did you mean \"{close}\"?"),
        None => format!(
            "one of: {}; others go into custom_attributes",
            STANDARD.join(", ")
        ),
    }
}

fn standard(found: &mut Findings<'_>, pool: &UserPool, name: &str, attribute: &StandardAttribute) {
    let at = path(["user_pool", "standard_attributes", name]);
    if !STANDARD.contains(&name) {
        let message = format!("`{name}` is not a standard attribute");
        return found.name(at, message, standard_instead_of(name));
    }
    let is_listed = pool
        .required_attributes
        .iter()
        .flatten()
        .any(|it| it == name);
    if is_listed && attribute.required == Some(false) {
        let help = format!("take {name} out of required_attributes, or write required = true");
        found.error(
            below(&at, "required"),
            format!("required_attributes has {name}"),
            help,
        );
    }
    // What is left out of the two is as AWS makes it.
    let usual = StandardAttribute::usual(name);
    let (min, max) = (attribute.min.or(usual.min), attribute.max.or(usual.max));
    if min.zip(max).is_some_and(|(min, max)| min > max) {
        found.name(
            at,
            "min is more than max",
            "make max larger, or min smaller",
        );
    } else if name != IS_NUMBER && max.is_some_and(|it| it > LONGEST_ATTRIBUTE) {
        let message = format!("max is more than {LONGEST_ATTRIBUTE}");
        found.error(
            below(&at, "max"),
            message,
            format!("write {LONGEST_ATTRIBUTE} or less"),
        );
    }
}

/// The longest text of an attribute (docs/aws.md §2).
const LONGEST_ATTRIBUTE: i64 = 2048;

fn recovery(found: &mut Findings<'_>, pool: &UserPool) {
    let Some(ways) = &pool.account_recovery else {
        return;
    };
    let at = || path(["user_pool", "account_recovery"]);
    if ways.contains(&Recovery::AdminOnly) && ways.len() > 1 {
        found.error(
            at(),
            "admin_only cannot be combined",
            "write [\"admin_only\"] alone, or leave it out",
        );
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

/// docs/aws.md §2, "MFA": refusals that would leave a half-changed pool. What is not declared of a pool
/// that is there already may be in AWS.
fn multi_factor(found: &mut Findings<'_>, pool: &UserPool) {
    let is_new = !found.is_pool_existing();
    let at = || path(["user_pool", "mfa"]);
    let mfa = pool.mfa.as_ref();
    let totp = mfa.and_then(|it| it.totp);
    let has_sms = mfa.is_some_and(|it| it.sms.is_some());
    let has_email = mfa.is_some_and(|it| it.email == Some(true));
    let mode = mfa.map(|it| it.mode);
    match mode {
        Some(Mode::Off) if totp == Some(true) => {
            let help = "write mode = \"optional\", or remove totp";
            found.error(
                at(),
                "mode is off, yet an authenticator app is declared",
                help,
            );
        }
        Some(Mode::On | Mode::Optional)
            if totp != Some(true) && !has_sms && !has_email && is_new =>
        {
            found.error(
                at(),
                "no second factor is declared",
                "add totp = true, or [user_pool.mfa.sms]",
            );
        }
        _ => {}
    }
    by_email(found, pool, mode);
    passkeys(found, pool);
}

/// Where MFA is required, a passkey has to be both factors (docs/aws.md §2, "MFA").
fn strict_passkeys(found: &mut Findings<'_>, pool: &UserPool) {
    let mfa = pool.mfa.as_ref();
    let is_required = mfa.is_some_and(|it| it.mode == Mode::On && !it.has_strong_passkeys());
    if is_required && begins_with(pool, PASSKEY) && !found.may_be_there {
        let help =
            "write mode = \"optional\", or add multi_factor = true to [user_pool.mfa.passkeys]";
        let message =
            "AWS refuses mode = \"on\" beside passkeys as a first factor that are no second one";
        found.error(path(["user_pool", "mfa"]), message, help);
    }
}

/// Settings that nobody would meet, and those that do not fit together.
fn passkeys(found: &mut Findings<'_>, pool: &UserPool) {
    let at = path(["user_pool", "mfa", "passkeys"]);
    let Some(passkeys) = pool.mfa.as_ref().and_then(|it| it.passkeys.as_ref()) else {
        return;
    };
    // Of a pool of wsctl's own that has no such factor they are not asked for.
    let message = "nobody can sign in with a passkey";
    if !begins_with(pool, PASSKEY) && !found.may_be_there {
        let help = "remove it, or add \"WEB_AUTHN\" to first_factors";
        found.error(at.clone(), message, help);
    }
    if passkeys.multi_factor == Some(true)
        && passkeys.user_verification.as_deref() == Some("preferred")
    {
        let help = "write user_verification = \"required\"";
        let message =
            "only a passkey that asks for a finger, a face or a PIN counts as both factors";
        found.warn(
            Check::WeakPasskey,
            below(&at, "user_verification"),
            message,
            help,
        );
    }
}

/// Codes by e-mail as a second factor come from an address of the account's own (docs/aws.md §2, "MFA").
fn by_email(found: &mut Findings<'_>, pool: &UserPool, mode: Option<Mode>) {
    let Some(mfa) = &pool.mfa else { return };
    let at = |field: &str| path(["user_pool", "mfa", field]);
    if mfa.email != Some(true) {
        let texts = [
            ("email_subject", mfa.email_subject.is_some()),
            ("email_message", mfa.email_message.is_some()),
        ];
        for (field, _) in texts.into_iter().filter(|it| it.1) {
            let help = format!("add email = true, or remove {field}");
            found.error(at(field), "no code is sent by e-mail", help);
        }
        return;
    }
    if mode == Some(Mode::Off) {
        let help = "write mode = \"optional\", or remove email";
        found.error(
            path(["user_pool", "mfa"]),
            "mode is off, yet codes by e-mail are declared",
            help,
        );
    }
    if pool.is_lite() {
        let help = format!("write {ABOVE_LITE} in [user_pool], or remove email");
        found.error(
            at("email"),
            "the feature plan LITE has no codes by e-mail",
            help,
        );
    }
    let sender = pool.email.as_ref().and_then(|it| it.sender);
    let has_own = sender == Some(EmailSender::Developer);
    if !has_own {
        let help =
            "set sender = \"DEVELOPER\" in [user_pool.email], with ses_source_arn, or remove email";
        let message = "Cognito sends such codes only from an address of yours in Amazon SES";
        found.error(at("email"), message, help);
    }
    if pool.account_recovery.as_deref() == Some(&[Recovery::VerifiedEmail]) {
        let message = "a password is not recovered by e-mail alone where that is a second factor";
        let help = "write [\"verified_email\", \"verified_phone_number\"], or remove email from [user_pool.mfa]";
        found.error(path(["user_pool", "account_recovery"]), message, help);
    }
}

fn begins_with(pool: &UserPool, factor: &str) -> bool {
    pool.first_factors.iter().flatten().any(|it| it == factor)
}

/// Codes that Cognito sends (docs/aws.md §2, "MFA").
fn texts(found: &mut Findings<'_>, pool: &UserPool) {
    let mfa = pool.mfa.as_ref();
    let is_required = mfa.is_some_and(|it| it.mode == Mode::On);
    if is_required && (begins_with(pool, "EMAIL_OTP") || begins_with(pool, "SMS_OTP")) {
        let help = "write mode = \"optional\", or remove EMAIL_OTP and SMS_OTP from first_factors";
        let message = "AWS refuses mode = \"on\" beside one-time codes as a first factor";
        found.error(path(["user_pool", "mfa"]), message, help);
    }
    if found.may_be_there || mfa.is_some_and(Mfa::sends_texts) {
        return;
    }
    let sms = match mfa {
        Some(_) => "add [user_pool.mfa.sms]",
        None => "add [user_pool.mfa] with mode = \"off\", and [user_pool.mfa.sms]",
    };
    if begins_with(pool, "SMS_OTP") {
        let at = found.item(&path(["user_pool", "first_factors"]), "SMS_OTP");
        found.error(
            at,
            "codes by SMS need settings for text messages",
            format!("{sms}, or leave SMS_OTP out"),
        );
    }
    let verifies_phone = pool
        .auto_verify
        .iter()
        .flatten()
        .any(|it| *it == Verified::PhoneNumber);
    if verifies_phone {
        let at = found.item(&path(["user_pool", "auto_verify"]), "phone_number");
        let help = format!("{sms}, or leave phone_number out");
        found.error(
            at,
            "phone numbers are verified by SMS, which needs settings for text messages",
            help,
        );
    }
}

/// The role that text messages are sent with.
fn sms_role(found: &mut Findings<'_>, table: &UserPoolTable) {
    let sms = table.settings.mfa.as_ref().and_then(|it| it.sms.as_ref());
    if table.makes_sms_role() && found.is_pool_existing() {
        let message = "wsctl makes roles for pools of its own alone";
        let help = "add role_arn, the role that this pool is to send text messages with";
        found.name(path(["user_pool", "mfa", "sms"]), message, help);
    }
    if table.makes_sms_role() && sms.is_some_and(|it| it.external_id.is_some()) {
        let message = "the role that wsctl makes asks for an external id of its own";
        let help = "remove external_id, or add role_arn";
        found.error(
            path(["user_pool", "mfa", "sms", "external_id"]),
            message,
            help,
        );
    }
    let Some(role) = &table.roles.sms else { return };
    let at = path(["user_pool", ROLES, SMS]);
    match sms {
        None => found.name(
            at.clone(),
            "no role is made for text messages",
            "remove it, or add [user_pool.mfa.sms]",
        ),
        Some(sms) if sms.role_arn.is_some() => found.name(
            at.clone(),
            "role_arn of [user_pool.mfa.sms] names another role already",
            "remove it, or role_arn",
        ),
        Some(_) => {}
    }
    let message = "whoever Cognito sends text messages for may do everything in the account";
    functions::role::everything(found, &at, role, message);
}

/// What to write for what the feature plan LITE leaves out.
pub(super) const ABOVE_LITE: &str = "feature_plan = \"ESSENTIALS\"";

/// What the feature plan LITE leaves out.
fn plan(found: &mut Findings<'_>, pool: &UserPool) {
    if pool.is_lite()
        && pool
            .password_policy
            .as_ref()
            .and_then(|it| it.history)
            .is_some_and(|size| size > 0)
    {
        let at = path(["user_pool", "password_policy", "history"]);
        found.error(
            at,
            "the LITE plan has no password history",
            format!("remove history, or set {ABOVE_LITE}"),
        );
    }
    if pool.is_lite()
        && pool
            .first_factors
            .iter()
            .flatten()
            .any(|it| it != "PASSWORD")
    {
        found.error(
            path(["user_pool", "first_factors"]),
            "first_factors need a plan above LITE",
            format!("set {ABOVE_LITE}"),
        );
    }
    let version = pool
        .triggers
        .as_ref()
        .and_then(|it| it.pre_token_generation_version.as_deref());
    if pool.is_lite() && version.is_some_and(|it| it != FIRST_VERSION) {
        found.error(
            path(["user_pool", TRIGGERS, VERSION]),
            "changes to access tokens need a plan above LITE",
            format!("remove it, or set {ABOVE_LITE}"),
        );
    }
}

/// Whether each trigger runs something.
fn triggers(found: &mut Findings<'_>, file: &File, triggers: &Triggers) {
    let table = path(["user_pool", TRIGGERS]);
    for (trigger, function) in triggers.functions() {
        let is_arn = function.contains(':');
        // What the environment says stays out of the file: it names none of its functions.
        let is_referred_to = is_open(function) && !reads_environment(&json!(function));
        if is_arn || is_referred_to || file.functions.contains_key(function) {
            continue;
        }
        let known: Vec<_> = file.functions.keys().cloned().collect();
        let help = match closest(function, &known) {
            Some(close) => format!("did you mean `{close}`?"),
            None => "declare [functions.NAME] and name it here, or write a function's ARN".into(),
        };
        let message = format!("there is no function `{function}` in this file");
        found.error(below(&table, trigger), message, help);
    }
    if triggers.pre_token_generation_version.is_some() && triggers.pre_token_generation.is_none() {
        found.error(
            below(&table, VERSION),
            "a version of no trigger",
            "remove it, or name a function with pre_token_generation",
        );
    }
}

const VERSION: &str = "pre_token_generation_version";

/// What encrypts the codes that somebody else sends.
const A_KEY: &str =
    "kms_key = \"arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000001\"";

/// Messages are sent by others only with a key for the codes in them (docs/aws.md §2, "Triggers").
fn senders(found: &mut Findings<'_>, pool: &UserPool) {
    let Some(triggers) = pool.triggers.as_ref().filter(|it| it.sends()) else {
        return;
    };
    if triggers.kms_key.is_none() && !found.may_be_there {
        let sender = match &triggers.custom_sms_sender {
            Some(_) => "custom_sms_sender",
            None => "custom_email_sender",
        };
        found.error(
            path(["user_pool", TRIGGERS, sender]),
            "a custom sender gets its codes encrypted, which needs a key",
            format!("add {A_KEY}, say"),
        );
    }
}

/// What lets Cognito send as somebody.
const SES_IDENTITY: &str =
    "ses_source_arn = \"arn:aws:ses:eu-west-1:123456789012:identity/example.com\"";

fn email(found: &mut Findings<'_>, pool: &UserPool) {
    let Some(email) = &pool.email else { return };
    let is_new = !found.may_be_there;
    let at = |key: &str| path(["user_pool", "email", key]);
    let is_set = |text: &Option<String>| text.as_ref().is_some_and(|it| !it.is_empty());
    let has_identity = is_set(&email.ses_source_arn) || (email.ses_source_arn.is_none() && !is_new);
    if email.sender == Some(EmailSender::Developer) && !has_identity {
        let help = format!("add {SES_IDENTITY}, say");
        found.error(
            path(["user_pool", "email"]),
            "DEVELOPER sends through your SES identity",
            help,
        );
    } else if is_set(&email.from) && !has_identity {
        // "Cannot configure From email address for default email configuration".
        let help = format!("add {SES_IDENTITY}, say, or remove from");
        found.error(
            at("from"),
            "Cognito sends as you only with an SES identity",
            help,
        );
    }
    if email.sender == Some(EmailSender::CognitoDefault) && email.configuration_set.is_some() {
        let help = "write sender = \"DEVELOPER\", or remove it";
        found.warn(
            Check::IdleConfigurationSet,
            at("configuration_set"),
            "a configuration set works only with SES",
            help,
        );
    }
}

fn domain(found: &mut Findings<'_>, domain: &Domain) {
    let at = |key: &str| path(["user_pool", "domain", key]);
    if let Some(word) = RESERVED.iter().find(|word| domain.prefix.contains(**word)) {
        let message = format!("AWS keeps the word `{word}` out of domain prefixes");
        found.error(at("prefix"), message, "choose a prefix without it");
    }
}

fn custom_domain(found: &mut Findings<'_>, pool: &UserPool, domain: &CustomDomain) {
    let passkeys = pool.mfa.as_ref().and_then(|it| it.passkeys.as_ref());
    let party = passkeys.and_then(|it| it.relying_party.as_ref());
    let is_other = |it: &&String| **it != domain.name && !is_open(it) && !is_open(&domain.name);
    if party.filter(is_other).is_some() {
        found.warn(
            Check::OtherRelyingParty,
            path(["user_pool", "mfa", "passkeys", "relying_party"]),
            "the login's pages take passkeys of their own name alone",
            format!("write {:?}, the custom domain", domain.name),
        );
    }
    let at = path(["user_pool", "custom_domain", "certificate_arn"]);
    if let Some(of) = elsewhere(&domain.certificate_arn, OF_CLOUDFRONT) {
        let message =
            format!("the certificate is in {of}, and CloudFront serves a login's custom domain");
        found.error(
            at,
            message,
            format!("name a certificate in {OF_CLOUDFRONT}"),
        );
    }
}

fn managed_login(found: &mut Findings<'_>, pool: &UserPool, table: &str, version: Option<u8>) {
    if version == Some(2) && pool.is_lite() {
        let key = "managed_login_version";
        let help = format!("write {key} = 1, or {ABOVE_LITE}");
        let at = path(["user_pool", table, key]);
        found.error(at, "managed login needs a plan above LITE", help);
    }
}

/// AWS takes an invitation that does not invite (its model asks for no placeholder).
fn invitation(found: &mut Findings<'_>, pool: &UserPool) {
    let Some(message) = &pool.invitation_message else {
        return;
    };
    for (key, text) in [
        ("email_message", &message.email_message),
        ("sms_message", &message.sms_message),
    ] {
        let lacks = |word: &&str| {
            text.as_ref()
                .is_some_and(|it| !is_open(it) && !it.contains(*word))
        };
        for word in ["{username}", "{####}"].iter().filter(|word| lacks(word)) {
            let at = path(["user_pool", "invitation_message", key]);
            found.warn(
                Check::IncompleteInvitation,
                at,
                format!("the invitation does not hold {word}"),
                "without it nobody can sign in",
            );
        }
    }
}
