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

/// Where it stands, beside whether people can sign up themselves.
pub(super) fn config(
    live: &mut Option<AdminCreateUserConfigType>,
) -> &mut AdminCreateUserConfigType {
    live.get_or_insert_with(|| AdminCreateUserConfigType::builder().build())
}

/// Lays what is declared over it.
pub(super) fn overlay(live: &mut Option<AdminCreateUserConfigType>, declared: &InvitationMessage) {
    let live = config(live);
    let mut template = live.invite_message_template.take().unwrap_or_else(empty);
    write(&mut template, declared);
    live.invite_message_template = Some(template).filter(|it| *it != empty());
}
