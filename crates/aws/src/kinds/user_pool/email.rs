//! Where Cognito keeps who sends a pool's emails. Pure.

use crate::{
    kinds::rows::{blank, one_word, rows},
    spec::user_pool::Email,
};
use aws_sdk_cognitoidentityprovider::types::EmailConfigurationType;

rows! { Email in EmailConfigurationType:
    sender = email_sending_account: one_word,
    ses_source_arn = source_arn: blank,
    from = from: blank,
    reply_to = reply_to_email_address: blank,
    configuration_set = configuration_set: blank,
}

/// What AWS tells of it.
pub(super) fn of(live: Option<&EmailConfigurationType>) -> Email {
    live.map_or_else(|| read(&EmailConfigurationType::builder().build()), read)
}

/// Lays what is declared over it.
pub(super) fn overlay(live: &mut Option<EmailConfigurationType>, declared: &Email) {
    write(
        live.get_or_insert_with(|| EmailConfigurationType::builder().build()),
        declared,
    );
}
