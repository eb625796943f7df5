//! Where Cognito keeps each field of a pool. Pure.

use super::{devices, email, invitation, live, mfa, password, schema, triggers, verification};
use crate::{
    error::{Error, Result},
    kinds::rows::{one_word, rows, text, words},
    owner::declared,
    spec::{
        Spec, completed,
        user_pool::{PASSKEY, Recovery, SignIn, UserPool, from_word, from_words, word},
    },
};
use aws_sdk_cognitoidentityprovider::{
    operation::get_user_pool_mfa_config::GetUserPoolMfaConfigOutput,
    types::{
        AccountRecoverySettingType, RecoveryOptionType, SignInPolicyType, UserPoolPolicyType,
        UserPoolType,
    },
};
use serde::de::DeserializeOwned;
use std::collections::BTreeSet;

rows! { UserPool in UserPoolType:
    name = name: apart,
    auto_verify = auto_verified_attributes: words,
    keep_until_verified = user_attribute_update_settings: kept,
    feature_plan = user_pool_tier: one_word,
    threat_protection = user_pool_add_ons: protected,
    devices = device_configuration: devices,
    deletion_protection = deletion_protection: protection;
    // Tags are sent apart, the next six at creation only, and the others are tables or in one.
    but tags, sign_in, aliases, case_sensitive, required_attributes, standard_attributes,
        custom_attributes, self_registration,
        password_policy, first_factors, account_recovery, mfa, email, verification_message,
        invitation_message, triggers
}

/// A name is sent by itself, and only where it changes: that Cognito takes one at all is new (docs/aws.md §2).
mod apart {
    pub(super) use crate::kinds::rows::name::read;

    pub(super) const fn write(_: &mut Option<String>, _: &str) {}
}

/// Addresses that stay until a new one is verified.
mod kept {
    use crate::{kinds::rows::words, spec::user_pool::Verified};
    use aws_sdk_cognitoidentityprovider::types::UserAttributeUpdateSettingsType as Settings;
    use std::collections::BTreeSet;

    pub(super) fn read(live: &Option<Settings>) -> Option<BTreeSet<Verified>> {
        let live = live.as_ref();
        words::read(&live.and_then(|it| it.attributes_require_verification_before_update.clone()))
    }

    pub(super) fn write(live: &mut Option<Settings>, declared: &Option<BTreeSet<Verified>>) {
        if declared.is_some() {
            let live = live.get_or_insert_with(|| Settings::builder().build());
            words::write(
                &mut live.attributes_require_verification_before_update,
                declared,
            );
        }
    }
}

/// Threat protection; whether it looks at sign-ins of one's own too stays as it is, while it is on.
mod protected {
    use crate::spec::user_pool::{ThreatProtection, from_word, word};
    use aws_sdk_cognitoidentityprovider::types::UserPoolAddOnsType as AddOns;

    pub(super) fn read(live: &Option<AddOns>) -> Option<ThreatProtection> {
        let mode = live.as_ref().map(|it| it.advanced_security_mode.as_str());
        from_word(mode.unwrap_or("OFF"))
    }

    /// Off is what it is where an update leaves it out (docs/aws.md §2), and so it is given back.
    pub(super) fn write(live: &mut Option<AddOns>, declared: &Option<ThreatProtection>) {
        match declared {
            None => {}
            Some(ThreatProtection::Off) => *live = None,
            Some(mode) => {
                let flows = live
                    .take()
                    .and_then(|it| it.advanced_security_additional_flows);
                let add_ons = AddOns::builder()
                    .advanced_security_mode(word(mode).as_str().into())
                    .set_advanced_security_additional_flows(flows);
                // It lacks nothing: the mode is all that has to be there.
                *live = add_ons.build().ok();
            }
        }
    }
}

/// Whether AWS refuses to delete the pool.
pub(super) mod protection {
    use aws_sdk_cognitoidentityprovider::types::DeletionProtectionType as Protection;

    pub(in super::super) fn read(live: &Option<Protection>) -> Option<bool> {
        Some(*live == Some(Protection::Active))
    }

    pub(in super::super) fn write(live: &mut Option<Protection>, declared: &Option<bool>) {
        if let Some(is_on) = declared {
            *live = Some(if *is_on {
                Protection::Active
            } else {
                Protection::Inactive
            });
        }
    }
}

/// Whether users can sign in with a passkey.
pub(super) fn takes_passkeys(pool: &UserPoolType) -> bool {
    first_factors(pool.policies()).contains(PASSKEY)
}

/// The pool's spec, every field filled in.
pub(super) fn spec(
    pool: &UserPoolType,
    factors: &GetUserPoolMfaConfigOutput,
    region: &str,
) -> Result<UserPool> {
    let config = pool.admin_create_user_config();
    let policies = pool.policies();
    let username = pool.username_configuration();
    let spec = UserPool {
        sign_in: Some(sign_in(pool)),
        aliases: Some(from_words(
            pool.alias_attributes().iter().map(|it| it.as_str()),
        )),
        // A pool that does not say is of the API's own default (docs/aws.md §2).
        case_sensitive: Some(username.is_none_or(|it| it.case_sensitive())),
        self_registration: Some(!config.is_some_and(|it| it.allow_admin_create_user_only())),
        required_attributes: Some(schema::required(pool.schema_attributes())),
        standard_attributes: Some(schema::standard(pool.schema_attributes())),
        custom_attributes: Some(schema::custom(pool.schema_attributes())),
        password_policy: Some(password::policy(
            policies.and_then(|it| it.password_policy()),
        )),
        first_factors: Some(first_factors(policies)),
        account_recovery: Some(account_recovery(pool)),
        mfa: Some(mfa::read(pool, factors, region)),
        email: Some(email::of(pool.email_configuration())),
        verification_message: Some(verification::of(pool)),
        invitation_message: Some(invitation::of(config)),
        triggers: Some(triggers::of(pool.lambda_config())),
        tags: Some(declared(&live::tags(pool))),
        ..read(pool)
    };
    let mut spec = completed(spec.normal())?;
    spec.feature_plan = worded(pool.user_pool_tier(), spec.feature_plan);
    if let Some(email) = &mut spec.email {
        let sender = pool
            .email_configuration()
            .and_then(|it| it.email_sending_account());
        email.sender = worded(sender, email.sender);
    }
    if let Some(message) = &mut spec.verification_message {
        let option = verification::template(pool).and_then(|it| it.default_email_option);
        message.email_option = worded(option.as_ref(), message.email_option);
    }
    Ok(spec)
}

/// A word that AWS tells is no default, also where stack.toml has none for it.
fn worded<T: DeserializeOwned>(live: Option<&impl AsRef<str>>, spec: Option<T>) -> Option<T> {
    match live {
        Some(word) => from_word(word.as_ref()),
        None => spec,
    }
}

/// The same of a pool that is not wsctl's, with what only giving back has to know.
pub(super) fn spec_of_another(
    pool: &UserPoolType,
    factors: &GetUserPoolMfaConfigOutput,
    region: &str,
) -> Result<UserPool> {
    let mut spec = spec(pool, factors, region)?;
    if let Some(mfa) = &mut spec.mfa {
        mfa.in_aws = Some(mfa::in_aws(pool, factors));
    }
    Ok(spec)
}

/// `live` with every updatable field that `spec` declares. Its tags are left alone.
pub(super) fn overlay(mut live: UserPoolType, spec: &UserPool) -> Result<UserPoolType> {
    write(&mut live, spec);
    if spec.keep_until_verified.is_none() {
        keep_what_is_verified(&mut live);
    }
    overlay_policies(&mut live.policies, spec)?;
    if let Some(order) = &spec.account_recovery {
        live.account_recovery_setting = Some(recovery(order)?);
    }
    if let Some(declared) = &spec.email {
        email::overlay(&mut live.email_configuration, declared);
    }
    if let Some(in_aws) = spec.mfa.as_ref().and_then(|mfa| mfa.in_aws.as_ref()) {
        mfa::in_aws::put_on(in_aws, &mut live);
    } else if let Some(sms) = spec.mfa.as_ref().and_then(|mfa| mfa.sms.as_ref()) {
        live.sms_configuration = Some(mfa::sms_configuration(live.sms_configuration.as_ref(), sms));
        text::write(&mut live.sms_authentication_message, &sms.message);
    }
    live.verification_message_template = verification::template(&live);
    if let Some(declared) = &spec.verification_message {
        verification::overlay(&mut live.verification_message_template, declared);
    }
    let config = &mut live.admin_create_user_config;
    if let Some(is_allowed) = spec.self_registration {
        invitation::config(config).allow_admin_create_user_only = !is_allowed;
    }
    if let Some(declared) = &spec.invitation_message {
        invitation::overlay(config, declared);
    }
    if let Some(declared) = &spec.triggers {
        live.lambda_config = Some(triggers::config(declared)?);
    }
    Ok(live)
}

/// An address that no code is sent to any more would be refused among those that are kept until one is
/// verified (docs/aws.md §2).
fn keep_what_is_verified(live: &mut UserPoolType) {
    let verified = live.auto_verified_attributes.clone().unwrap_or_default();
    if let Some(kept) = &mut live.user_attribute_update_settings {
        let kept = &mut kept.attributes_require_verification_before_update;
        kept.iter_mut()
            .for_each(|kept| kept.retain(|it| verified.contains(it)));
    }
}

/// The password policy and the first factors, each kept when only the other is declared.
fn overlay_policies(live: &mut Option<UserPoolPolicyType>, spec: &UserPool) -> Result<()> {
    let UserPool {
        password_policy,
        first_factors,
        ..
    } = spec;
    if password_policy.is_none() && first_factors.is_none() {
        return Ok(());
    }
    let live = live.get_or_insert_with(|| UserPoolPolicyType::builder().build());
    if let Some(declared) = password_policy {
        password::overlay(&mut live.password_policy, declared)?;
    }
    if let Some(factors) = first_factors {
        let factors = factors.iter().map(|it| it.as_str().into()).collect();
        let policy = SignInPolicyType::builder().set_allowed_first_auth_factors(Some(factors));
        live.sign_in_policy = Some(policy.build());
    }
    Ok(())
}

fn sign_in(pool: &UserPoolType) -> BTreeSet<SignIn> {
    match pool.username_attributes() {
        [] => [SignIn::Username].into(),
        attributes => from_words(attributes.iter().map(|it| it.as_str())),
    }
}

fn first_factors(policies: Option<&UserPoolPolicyType>) -> BTreeSet<String> {
    let live = policies
        .and_then(|it| it.sign_in_policy())
        .map(|it| it.allowed_first_auth_factors());
    match live {
        None => BTreeSet::new(),
        Some(factors) => factors.iter().map(|it| it.as_str().to_owned()).collect(),
    }
}

fn account_recovery(pool: &UserPoolType) -> Vec<Recovery> {
    let options = pool
        .account_recovery_setting()
        .map_or(&[][..], |it| it.recovery_mechanisms());
    let mut options: Vec<_> = options
        .iter()
        .map(|it| (it.priority(), it.name().as_str()))
        .collect();
    options.sort_unstable();
    from_words(options.into_iter().map(|(_, name)| name))
}

/// The ways back in, the first with the highest priority.
fn recovery(order: &[Recovery]) -> Result<AccountRecoverySettingType> {
    let options = (1..)
        .zip(order)
        .map(|(priority, way)| {
            RecoveryOptionType::builder()
                .priority(priority)
                .name(word(way).as_str().into())
                .build()
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Error::internal("a recovery option is incomplete").source(error))?;
    Ok(AccountRecoverySettingType::builder()
        .set_recovery_mechanisms(Some(options))
        .build())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec::user_pool::{Alias, EmailOption, EmailSender, FeaturePlan, Verified};
    use aws_sdk_cognitoidentityprovider::types::{
        AliasAttributeType, DefaultEmailOptionType, EmailSendingAccountType,
        RecoveryOptionNameType, UserPoolTierType, VerifiedAttributeType,
    };
    use serde::Serialize;

    /// Asserts that each of AWS's words has one here, and the other way round.
    fn assert_words<T: Serialize + DeserializeOwned>(words: &[&str]) {
        for text in words {
            let value: T = from_word(text).unwrap_or_else(|| panic!("{text} is unknown"));
            assert_eq!(word(&value), *text);
        }
    }

    #[test]
    fn every_word_of_aws_has_one_in_stack_toml() {
        assert_words::<Alias>(AliasAttributeType::values());
        assert_words::<Verified>(VerifiedAttributeType::values());
        assert_words::<Recovery>(RecoveryOptionNameType::values());
        assert_words::<FeaturePlan>(UserPoolTierType::values());
        assert_words::<EmailSender>(EmailSendingAccountType::values());
        assert_words::<EmailOption>(DefaultEmailOptionType::values());
    }
}
