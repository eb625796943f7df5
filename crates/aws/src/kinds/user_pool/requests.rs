//! The complete requests of `CreateUserPool` and
//! `UpdateUserPool`. Pure: nothing is sent here.
//!
//! `UpdateUserPool` resets most of what it is not sent, so it is always sent everything
//! (docs/aws.md §2).

use super::{fields, schema};
use crate::{
    error::{Error, Result},
    spec::user_pool::{SignIn, UserPool, word},
};
use aws_sdk_cognitoidentityprovider::{
    operation::{
        create_user_pool::builders::CreateUserPoolFluentBuilder,
        update_user_pool::builders::UpdateUserPoolFluentBuilder,
    },
    types::{UserPoolType, UsernameConfigurationType},
};
use std::collections::HashMap;

#[cfg(test)]
mod tests;

/// Everything that `UpdateUserPool` takes, from a pool as it should be. What only creation takes
/// is not in it, nor are the three older message fields, which the template replaces.
pub(super) fn update_request(
    request: UpdateUserPoolFluentBuilder,
    pool: UserPoolType,
) -> UpdateUserPoolFluentBuilder {
    request
        .set_user_pool_id(pool.id)
        .set_policies(pool.policies)
        .set_deletion_protection(pool.deletion_protection)
        .set_lambda_config(pool.lambda_config)
        .set_auto_verified_attributes(pool.auto_verified_attributes)
        .set_verification_message_template(pool.verification_message_template)
        .set_sms_authentication_message(
            pool.sms_authentication_message
                .filter(|text| !text.is_empty()),
        )
        .set_user_attribute_update_settings(pool.user_attribute_update_settings)
        .set_mfa_configuration(pool.mfa_configuration)
        .set_device_configuration(pool.device_configuration)
        .set_email_configuration(pool.email_configuration)
        .set_sms_configuration(
            pool.sms_configuration
                .filter(|sms| !sms.sns_caller_arn.is_empty() || sms.eums_sms.is_some()),
        )
        .set_user_pool_tags(pool.user_pool_tags)
        .set_admin_create_user_config(pool.admin_create_user_config)
        .set_user_pool_add_ons(pool.user_pool_add_ons)
        .set_account_recovery_setting(
            pool.account_recovery_setting
                .filter(|it| !it.recovery_mechanisms().is_empty()),
        )
        .set_user_pool_tier(pool.user_pool_tier)
        .set_key_configuration(pool.key_configuration)
        .set_issuer_configuration(pool.issuer_configuration)
        .set_acr_configuration(pool.acr_configuration.filter(|levels| !levels.is_empty()))
}

/// Everything that `CreateUserPool` takes. MFA is left off in it, since Cognito cannot turn it on
/// there without text messages (docs/aws.md §2).
pub(super) fn create_request(
    request: CreateUserPoolFluentBuilder,
    spec: &UserPool,
    tags: HashMap<String, String>,
) -> Result<CreateUserPoolFluentBuilder> {
    let pool = fields::overlay(UserPoolType::builder().build(), spec)?;
    let user_names = spec
        .sign_in
        .iter()
        .flatten()
        .filter(|it| **it != SignIn::Username);
    let user_names: Vec<_> = user_names.map(|it| word(it).as_str().into()).collect();
    let aliases: Vec<_> = spec
        .aliases
        .iter()
        .flatten()
        .map(|it| word(it).as_str().into())
        .collect();
    let schema = schema::write(spec);
    // Cognito's own default is case-sensitive, the console's is not (docs/aws.md §2).
    let case = UsernameConfigurationType::builder()
        .case_sensitive(spec.case_sensitive.unwrap_or(false))
        .build()
        .map_err(|error| Error::internal("the case sensitivity is incomplete").source(error))?;
    Ok(request
        .pool_name(&spec.name)
        .set_policies(pool.policies)
        .set_deletion_protection(pool.deletion_protection)
        .set_lambda_config(pool.lambda_config)
        .set_auto_verified_attributes(pool.auto_verified_attributes)
        .set_alias_attributes(Some(aliases).filter(|it| !it.is_empty()))
        .set_username_attributes(Some(user_names).filter(|it| !it.is_empty()))
        .set_verification_message_template(pool.verification_message_template)
        .set_sms_authentication_message(pool.sms_authentication_message)
        .set_email_configuration(pool.email_configuration)
        .set_sms_configuration(pool.sms_configuration)
        .set_user_pool_tags(Some(tags))
        .set_admin_create_user_config(pool.admin_create_user_config)
        .set_schema(Some(schema).filter(|it| !it.is_empty()))
        .username_configuration(case)
        .set_account_recovery_setting(pool.account_recovery_setting)
        .set_user_pool_tier(pool.user_pool_tier)
        .set_user_attribute_update_settings(pool.user_attribute_update_settings)
        .set_device_configuration(pool.device_configuration)
        .set_user_pool_add_ons(pool.user_pool_add_ons))
}

/// The fields of an SDK input that nothing was put in, from its pretty `Debug` output.
#[cfg(test)]
pub(in crate::kinds) fn left_out(debug: &str) -> Vec<&str> {
    // Only the input's own fields are indented by four spaces.
    debug
        .lines()
        .filter(|line| line.starts_with("    ") && !line.starts_with("     "))
        .filter_map(|line| line.trim().strip_suffix(": None,"))
        .collect()
}
