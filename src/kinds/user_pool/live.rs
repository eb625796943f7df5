//! A pool as Cognito describes it → its spec, with Cognito's defaults made explicit. Pure.

use super::{mfa, overlay, schema};
use crate::{
    aws::Aws,
    owner::{Tags, declared},
    spec::{
        Obstacle,
        user_pool::{
            Email, EmailOption, EmailSender, FIRST_FACTOR, FeaturePlan, InvitationMessage, PasswordPolicy,
            SignIn, UserPool, UserPoolOutputs, VerificationMessage, from_word, from_words,
        },
    },
};
use aws_sdk_cognitoidentityprovider::{
    operation::get_user_pool_mfa_config::GetUserPoolMfaConfigOutput,
    types::{
        DeletionProtectionType, EmailConfigurationType, IssuerType, LambdaConfigType, UserPoolPolicyType,
        UserPoolType,
    },
};
use std::collections::BTreeSet;

/// The pool's spec, every field filled in.
pub(super) fn spec(pool: &UserPoolType, factors: &GetUserPoolMfaConfigOutput, region: &str) -> UserPool {
    let is_admin_only = pool.admin_create_user_config().is_some_and(|it| it.allow_admin_create_user_only());
    let invitation = pool.admin_create_user_config().and_then(|it| it.invite_message_template());
    UserPool {
        name: pool.name().unwrap_or_default().to_owned(),
        sign_in: Some(sign_in(pool)),
        aliases: Some(from_words(pool.alias_attributes().iter().map(|it| it.as_str()))),
        // A pool that does not say is of the API's own default (docs/aws.md §2).
        case_sensitive: Some(pool.username_configuration().is_none_or(|it| it.case_sensitive())),
        self_registration: Some(!is_admin_only),
        required_attributes: Some(schema::required(pool.schema_attributes())),
        custom_attributes: Some(schema::custom(pool.schema_attributes())),
        password_policy: Some(password_policy(pool.policies())),
        first_factors: Some(first_factors(pool.policies())),
        auto_verify: Some(from_words(pool.auto_verified_attributes().iter().map(|it| it.as_str()))),
        account_recovery: Some(account_recovery(pool)),
        mfa: Some(mfa::read(pool, factors, region)),
        feature_plan: match pool.user_pool_tier() {
            Some(tier) => from_word(tier.as_str()),
            None => Some(FeaturePlan::Essentials),
        },
        deletion_protection: Some(is_protected(pool)),
        email: Some(email(pool.email_configuration())),
        verification_message: Some(verification_message(pool)),
        invitation_message: Some(InvitationMessage {
            email_subject: text(invitation.and_then(|it| it.email_subject.as_ref())),
            email_message: text(invitation.and_then(|it| it.email_message.as_ref())),
            sms_message: text(invitation.and_then(|it| it.sms_message.as_ref())),
        }),
        tags: Some(declared(&tags(pool))),
    }
}

/// The same of a pool that is not wsctl's, with what only giving back has to know.
pub(super) fn spec_of_another(
    pool: &UserPoolType,
    factors: &GetUserPoolMfaConfigOutput,
    region: &str,
) -> UserPool {
    let mut spec = spec(pool, factors, region);
    if let Some(mfa) = &mut spec.mfa {
        mfa.in_aws = Some(mfa::in_aws(pool, factors));
    }
    spec
}

pub(super) fn outputs(pool: &UserPoolType, aws: &Aws) -> UserPoolOutputs {
    let id = pool.id().unwrap_or_default().to_owned();
    // A pool with the newer kind of issuer names it in its tokens (Cognito's IssuerConfigurationType).
    let is_updated =
        pool.issuer_configuration().and_then(|it| it.r#type()).is_some_and(|it| *it == IssuerType::Updated);
    UserPoolOutputs {
        arn: pool.arn().unwrap_or_default().to_owned(),
        name: pool.name().unwrap_or_default().to_owned(),
        issuer: issuer(aws, &id, is_updated),
        deletion_protection: is_protected(pool),
        id,
    }
}

/// Whom the pool's tokens name, and where its keys are: a host of Cognito's, or the emulator.
pub(super) fn issuer(aws: &Aws, id: &str, is_updated: bool) -> String {
    let host = if is_updated { "issuer-cognito-idp" } else { "cognito-idp" };
    match &aws.endpoint_url {
        Some(endpoint) => format!("{endpoint}/{id}"),
        None => format!("https://{host}.{}.amazonaws.com/{id}", aws.region),
    }
}

/// All of the pool's tags, ours and AWS's included.
pub(super) fn tags(pool: &UserPoolType) -> Tags {
    pool.user_pool_tags().into_iter().flatten().map(|(k, v)| (k.clone(), v.clone())).collect()
}

pub(super) fn is_protected(pool: &UserPoolType) -> bool {
    pool.deletion_protection() == Some(&DeletionProtectionType::Active)
}

/// "12 users", from Cognito's estimate; `None` for none.
pub(super) fn holds(pool: &UserPoolType) -> Option<String> {
    match pool.estimated_number_of_users() {
        ..=0 => None,
        1 => Some("1 user".into()),
        users => Some(format!("{users} users")),
    }
}

/// Why Cognito cannot send messages, where it says so.
pub(super) fn notes(pool: &UserPoolType) -> Vec<String> {
    let note = |medium: &str, failure: Option<&str>| {
        failure.filter(|it| !it.is_empty()).map(|it| format!("Cognito cannot send {medium}: {it}"))
    };
    let sms = note("text messages", pool.sms_configuration_failure());
    sms.into_iter().chain(note("emails", pool.email_configuration_failure())).collect()
}

/// What decides who gets in, or as whom, and has no word in stack.toml.
pub(super) fn set_elsewhere(pool: &UserPoolType, factors: &GetUserPoolMfaConfigOutput) -> Vec<String> {
    let mut found: Vec<_> = pool
        .lambda_config()
        .map(triggers)
        .into_iter()
        .flatten()
        .map(|(trigger, arn)| format!("its trigger {trigger} runs {arn}"))
        .collect();
    if pool.device_configuration().is_some_and(|it| it.challenge_required_on_new_device()) {
        found.push("it remembers devices, which then need no second factor".to_owned());
    }
    if factors.email_mfa_configuration().is_some() {
        found.push("it takes codes by email as a second factor".to_owned());
    }
    if let Some(name) = custom_domain(pool) {
        found.push(format!("it has the custom domain {name}"));
    }
    found
}

/// Functions that Cognito runs while people sign up or in, by trigger.
fn triggers(config: &LambdaConfigType) -> Vec<(&'static str, String)> {
    let plain = [
        ("PreSignUp", &config.pre_sign_up),
        ("CustomMessage", &config.custom_message),
        ("PostConfirmation", &config.post_confirmation),
        ("PreAuthentication", &config.pre_authentication),
        ("PostAuthentication", &config.post_authentication),
        ("DefineAuthChallenge", &config.define_auth_challenge),
        ("CreateAuthChallenge", &config.create_auth_challenge),
        ("VerifyAuthChallengeResponse", &config.verify_auth_challenge_response),
        ("UserMigration", &config.user_migration),
    ];
    let plain = plain.into_iter().filter_map(|(name, arn)| Some((name, arn.clone()?)));
    // The versioned one repeats the plain one (docs/aws.md §2).
    let token = config.pre_token_generation_config().map(|it| it.lambda_arn().to_owned());
    let token = token.or_else(|| config.pre_token_generation.clone());
    let versioned = [
        ("PreTokenGeneration", token),
        ("CustomSMSSender", config.custom_sms_sender().map(|it| it.lambda_arn().to_owned())),
        ("CustomEmailSender", config.custom_email_sender().map(|it| it.lambda_arn().to_owned())),
        ("InboundFederation", config.inbound_federation().map(|it| it.lambda_arn().to_owned())),
    ];
    let versioned = versioned.into_iter().filter_map(|(name, arn)| Some((name, arn?)));
    plain.chain(versioned).filter(|(_, arn)| !arn.is_empty()).collect()
}

fn custom_domain(pool: &UserPoolType) -> Option<&str> {
    pool.custom_domain().filter(|name| !name.is_empty())
}

/// Cognito refuses to delete a pool that has a domain (docs/aws.md §2); the prefix domain is wsctl's.
pub(super) fn obstacles(pool: &UserPoolType, region: &str) -> Vec<Obstacle> {
    let obstacle = |name: &str| Obstacle {
        what: format!("its custom domain {name}"),
        command: format!(
            "aws cognito-idp delete-user-pool-domain --region {region} --user-pool-id {} --domain {name}",
            pool.id().unwrap_or_default()
        ),
    };
    custom_domain(pool).map(obstacle).into_iter().collect()
}

fn sign_in(pool: &UserPoolType) -> BTreeSet<SignIn> {
    match pool.username_attributes() {
        [] => [SignIn::Username].into(),
        attributes => from_words(attributes.iter().map(|it| it.as_str())),
    }
}

/// A pool without a policy has the default one; 0 days are 7 (docs/aws.md §2).
fn password_policy(policies: Option<&UserPoolPolicyType>) -> PasswordPolicy {
    let live = policies.and_then(|it| it.password_policy());
    let days = live.map_or(0, |it| it.temporary_password_validity_days());
    PasswordPolicy {
        minimum_length: Some(live.and_then(|it| it.minimum_length()).unwrap_or(8)),
        require_lowercase: Some(live.is_none_or(|it| it.require_lowercase())),
        require_uppercase: Some(live.is_none_or(|it| it.require_uppercase())),
        require_numbers: Some(live.is_none_or(|it| it.require_numbers())),
        require_symbols: Some(live.is_none_or(|it| it.require_symbols())),
        temporary_password_validity_days: Some(if days == 0 { 7 } else { days }),
        history: Some(live.and_then(|it| it.password_history_size()).unwrap_or(0)),
    }
}

fn first_factors(policies: Option<&UserPoolPolicyType>) -> BTreeSet<String> {
    let live = policies.and_then(|it| it.sign_in_policy()).map(|it| it.allowed_first_auth_factors());
    match live {
        None | Some([]) => [FIRST_FACTOR.to_owned()].into(),
        Some(factors) => factors.iter().map(|it| it.as_str().to_owned()).collect(),
    }
}

fn account_recovery<C: FromIterator<crate::spec::user_pool::Recovery>>(pool: &UserPoolType) -> C {
    let options = pool.account_recovery_setting().map_or(&[][..], |it| it.recovery_mechanisms());
    let mut options: Vec<_> = options.iter().map(|it| (it.priority(), it.name().as_str())).collect();
    options.sort_unstable();
    from_words(options.into_iter().map(|(_, name)| name))
}

/// A text that was never set is an empty one: so stack.toml removes it, and so it is given back.
fn text(live: Option<&String>) -> Option<String> {
    Some(live.cloned().unwrap_or_default())
}

fn email(live: Option<&EmailConfigurationType>) -> Email {
    let sender = live.and_then(|it| it.email_sending_account());
    Email {
        sender: match sender {
            Some(sender) => from_word(sender.as_str()),
            None => Some(EmailSender::CognitoDefault),
        },
        ses_source_arn: text(live.and_then(|it| it.source_arn.as_ref())),
        from: text(live.and_then(|it| it.from.as_ref())),
        reply_to: text(live.and_then(|it| it.reply_to_email_address.as_ref())),
        configuration_set: text(live.and_then(|it| it.configuration_set.as_ref())),
    }
}

fn verification_message(pool: &UserPoolType) -> VerificationMessage {
    let live = overlay::template(pool);
    let live = live.as_ref();
    VerificationMessage {
        email_option: match live.and_then(|it| it.default_email_option()) {
            Some(option) => from_word(option.as_str()),
            None => Some(EmailOption::ConfirmWithCode),
        },
        email_subject: text(live.and_then(|it| it.email_subject.as_ref())),
        email_message: text(live.and_then(|it| it.email_message.as_ref())),
        email_subject_by_link: text(live.and_then(|it| it.email_subject_by_link.as_ref())),
        email_message_by_link: text(live.and_then(|it| it.email_message_by_link.as_ref())),
        sms_message: text(live.and_then(|it| it.sms_message.as_ref())),
    }
}
