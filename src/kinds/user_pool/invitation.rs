//! Where Cognito keeps the message to a user whom an administrator created. Pure.

use crate::{
    kinds::rows::{blank, rows},
    spec::user_pool::InvitationMessage,
};
use aws_sdk_cognitoidentityprovider::types::{AdminCreateUserConfigType, MessageTemplateType};

rows! { InvitationMessage in MessageTemplateType:
    email_subject = email_subject: blank,
    email_message = email_message: blank,
    sms_message = sms_message: blank,
}

fn empty() -> MessageTemplateType {
    MessageTemplateType::builder().build()
}

/// What AWS tells of it.
pub(super) fn of(live: Option<&AdminCreateUserConfigType>) -> InvitationMessage {
    live.and_then(|it| it.invite_message_template())
        .map_or_else(|| read(&empty()), read)
}

/// Lays what is declared over it, and whether people can sign up themselves beside it.
pub(super) fn overlay(
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
    if let Some(declared) = declared {
        let mut template = config.invite_message_template.take().unwrap_or_else(empty);
        write(&mut template, declared);
        config.invite_message_template = Some(template).filter(|it| *it != empty());
    }
}
