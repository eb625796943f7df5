//! The declared tables laid over the live parts of a pool. Pure.

use crate::{
    error::{Error, Result},
    spec::user_pool::{Email, InvitationMessage, PasswordPolicy, Recovery, VerificationMessage, word},
};
use aws_sdk_cognitoidentityprovider::types::{
    AccountRecoverySettingType, AdminCreateUserConfigType, EmailConfigurationType, MessageTemplateType,
    PasswordPolicyType, RecoveryOptionType, SignInPolicyType, UserPoolPolicyType, UserPoolType,
    VerificationMessageTemplateType,
};
use std::collections::BTreeSet;

/// Puts a declared text in place; an empty one removes what is there.
pub(super) fn set_text(slot: &mut Option<String>, declared: Option<&String>) {
    if let Some(text) = declared {
        *slot = Some(text.clone()).filter(|text| !text.is_empty());
    }
}

/// The password policy and the first factors, each kept when only the other is declared.
pub(super) fn policies(
    live: &mut Option<UserPoolPolicyType>,
    declared: Option<&PasswordPolicy>,
    first_factors: Option<&BTreeSet<String>>,
) {
    if declared.is_none() && first_factors.is_none() {
        return;
    }
    let live = live.get_or_insert_with(|| UserPoolPolicyType::builder().build());
    if let Some(declared) = declared {
        password(live.password_policy.get_or_insert_with(default_password), declared);
    }
    if let Some(factors) = first_factors {
        let factors = factors.iter().map(|it| it.as_str().into()).collect();
        let policy = SignInPolicyType::builder().set_allowed_first_auth_factors(Some(factors));
        live.sign_in_policy = Some(policy.build());
    }
}

/// The policy of a pool that was made without one (docs/aws.md §2).
pub(super) fn default_password() -> PasswordPolicyType {
    PasswordPolicyType::builder()
        .minimum_length(8)
        .require_lowercase(true)
        .require_uppercase(true)
        .require_numbers(true)
        .require_symbols(true)
        .temporary_password_validity_days(7)
        .build()
}

fn password(live: &mut PasswordPolicyType, declared: &PasswordPolicy) {
    fn set<T: Copy>(slot: &mut T, declared: Option<T>) {
        *slot = declared.unwrap_or(*slot);
    }
    let PasswordPolicy {
        minimum_length,
        require_lowercase,
        require_uppercase,
        require_numbers,
        require_symbols,
        temporary_password_validity_days,
        history,
    } = declared;
    live.minimum_length = minimum_length.or(live.minimum_length);
    set(&mut live.require_lowercase, *require_lowercase);
    set(&mut live.require_uppercase, *require_uppercase);
    set(&mut live.require_numbers, *require_numbers);
    set(&mut live.require_symbols, *require_symbols);
    set(&mut live.temporary_password_validity_days, *temporary_password_validity_days);
    // None is what no history is: the LITE plan takes no other.
    live.password_history_size = history.or(live.password_history_size).filter(|size| *size > 0);
}

/// The ways back in, the first with the highest priority.
pub(super) fn recovery(order: &[Recovery]) -> Result<AccountRecoverySettingType> {
    let options = (1..)
        .zip(order)
        .map(|(priority, way)| {
            RecoveryOptionType::builder().priority(priority).name(word(way).as_str().into()).build()
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| Error::internal("a recovery option is incomplete").source(error))?;
    Ok(AccountRecoverySettingType::builder().set_recovery_mechanisms(Some(options)).build())
}

pub(super) fn email(live: &mut Option<EmailConfigurationType>, declared: Option<&Email>) {
    let Some(declared) = declared else { return };
    let live = live.get_or_insert_with(|| EmailConfigurationType::builder().build());
    let Email { sender, ses_source_arn, from, reply_to, configuration_set } = declared;
    if let Some(sender) = sender {
        live.email_sending_account = Some(word(sender).as_str().into());
    }
    set_text(&mut live.source_arn, ses_source_arn.as_ref());
    set_text(&mut live.from, from.as_ref());
    set_text(&mut live.reply_to_email_address, reply_to.as_ref());
    set_text(&mut live.configuration_set, configuration_set.as_ref());
}

/// The verification messages, wherever the pool has them: Cognito still gives them in three older
/// fields too, which contradict the template when both are sent (docs/aws.md §2).
pub(in super::super) fn template(live: &UserPoolType) -> Option<VerificationMessageTemplateType> {
    let text = |it: &Option<String>| it.clone().filter(|text| !text.is_empty());
    let sms = text(&live.sms_verification_message);
    let message = text(&live.email_verification_message);
    let subject = text(&live.email_verification_subject);
    let template = live.verification_message_template.clone();
    if template.is_none() && sms.is_none() && message.is_none() && subject.is_none() {
        return None;
    }
    let mut template = template.unwrap_or_else(|| VerificationMessageTemplateType::builder().build());
    template.sms_message = template.sms_message.or(sms);
    template.email_message = template.email_message.or(message);
    template.email_subject = template.email_subject.or(subject);
    Some(template)
}

pub(super) fn verification(
    live: &mut Option<VerificationMessageTemplateType>,
    declared: Option<&VerificationMessage>,
) {
    let Some(declared) = declared else { return };
    let live = live.get_or_insert_with(|| VerificationMessageTemplateType::builder().build());
    let VerificationMessage {
        email_option,
        email_subject,
        email_message,
        email_subject_by_link,
        email_message_by_link,
        sms_message,
    } = declared;
    if let Some(option) = email_option {
        live.default_email_option = Some(word(option).as_str().into());
    }
    set_text(&mut live.email_subject, email_subject.as_ref());
    set_text(&mut live.email_message, email_message.as_ref());
    set_text(&mut live.email_subject_by_link, email_subject_by_link.as_ref());
    set_text(&mut live.email_message_by_link, email_message_by_link.as_ref());
    set_text(&mut live.sms_message, sms_message.as_ref());
}

pub(super) fn invitation(
    live: &mut Option<AdminCreateUserConfigType>,
    self_registration: Option<bool>,
    declared: Option<&InvitationMessage>,
) {
    if self_registration.is_none() && declared.is_none() {
        return;
    }
    let config = live.get_or_insert_with(|| AdminCreateUserConfigType::builder().build());
    if let Some(is_allowed) = self_registration {
        config.allow_admin_create_user_only = !is_allowed;
    }
    if let Some(InvitationMessage { email_subject, email_message, sms_message }) = declared {
        let empty = || MessageTemplateType::builder().build();
        let mut template = config.invite_message_template.take().unwrap_or_else(empty);
        set_text(&mut template.email_subject, email_subject.as_ref());
        set_text(&mut template.email_message, email_message.as_ref());
        set_text(&mut template.sms_message, sms_message.as_ref());
        config.invite_message_template = Some(template).filter(|it| *it != empty());
    }
}
