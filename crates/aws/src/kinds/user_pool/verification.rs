//! Where Cognito keeps the messages that verify an address. Pure.

use crate::{
    kinds::rows::{blank, one_word, rows, text},
    spec::user_pool::VerificationMessage,
};
use aws_sdk_cognitoidentityprovider::types::{UserPoolType, VerificationMessageTemplateType};

rows! { VerificationMessage in VerificationMessageTemplateType:
    email_option = default_email_option: one_word,
    email_subject = email_subject: blank,
    email_message = email_message: blank,
    email_subject_by_link = email_subject_by_link: blank,
    email_message_by_link = email_message_by_link: blank,
    sms_message = sms_message: blank,
}

/// What AWS tells of them.
pub(super) fn of(pool: &UserPoolType) -> VerificationMessage {
    read(&template(pool).unwrap_or_else(|| VerificationMessageTemplateType::builder().build()))
}

/// Lays what is declared over them.
pub(super) fn overlay(
    live: &mut Option<VerificationMessageTemplateType>,
    declared: &VerificationMessage,
) {
    write(
        live.get_or_insert_with(|| VerificationMessageTemplateType::builder().build()),
        declared,
    );
}

/// The messages, wherever the pool has them: Cognito still gives them in three older fields too, which
/// contradict the template when both are sent (docs/aws.md §2).
pub(super) fn template(live: &UserPoolType) -> Option<VerificationMessageTemplateType> {
    let sms = text::read(&live.sms_verification_message);
    let message = text::read(&live.email_verification_message);
    let subject = text::read(&live.email_verification_subject);
    let template = live.verification_message_template.clone();
    if template.is_none() && sms.is_none() && message.is_none() && subject.is_none() {
        return None;
    }
    let mut template =
        template.unwrap_or_else(|| VerificationMessageTemplateType::builder().build());
    template.sms_message = template.sms_message.or(sms);
    template.email_message = template.email_message.or(message);
    template.email_subject = template.email_subject.or(subject);
    Some(template)
}
