//! The MFA of a pool that is not wsctl's, in AWS's own terms: also what stack.toml cannot say, and
//! what was never set. Remembered, it gives an attached pool back as it was. Pure.

use super::{messaging, passkeys};
use crate::{
    kinds::rows::{rows, same},
    spec::user_pool::{EmailCode, InAws, Mode, Sender, Texts},
};
use aws_sdk_cognitoidentityprovider::{
    operation::{
        get_user_pool_mfa_config::GetUserPoolMfaConfigOutput,
        set_user_pool_mfa_config::builders::SetUserPoolMfaConfigInputBuilder,
    },
    types::{
        EmailMfaConfigType, SmsConfigurationType, SmsMfaConfigType, SoftwareTokenMfaConfigType,
        UserPoolType,
    },
};

rows! { Sender in SmsConfigurationType:
    role_arn = sns_caller_arn: same,
    external_id = external_id: same,
    region = sns_region: same,
    end_user_messaging = eums_sms: messaging,
}

pub(super) fn of(pool: &UserPoolType, factors: &GetUserPoolMfaConfigOutput) -> InAws {
    let texts = texts_of(pool.sms_configuration(), pool.sms_authentication_message());
    let sms = factors.sms_mfa_configuration();
    let email = factors.email_mfa_configuration();
    InAws {
        texts,
        sms: sms.map(|it| texts_of(it.sms_configuration(), it.sms_authentication_message())),
        totp: factors
            .software_token_mfa_configuration()
            .map(SoftwareTokenMfaConfigType::enabled),
        email: email.map(|it| EmailCode {
            subject: it.subject.clone(),
            message: it.message.clone(),
        }),
        passkeys: passkeys::read(factors.web_authn_configuration()),
    }
}

/// Whether `UpdateUserPool` has to set what is otherwise in `live`.
pub(in super::super) fn has_other_texts(in_aws: &InAws, live: Option<&InAws>) -> bool {
    live.is_none_or(|live| in_aws.texts != live.texts)
}

/// Puts what `UpdateUserPool` sets in its place.
pub(in super::super) fn put_on(in_aws: &InAws, pool: &mut UserPoolType) {
    let Texts { sender, message } = &in_aws.texts;
    pool.sms_configuration = sender.as_ref().map(sms_configuration);
    pool.sms_authentication_message.clone_from(message);
}

/// The factors, which `SetUserPoolMfaConfig` sets; it refuses any beside OFF but passkeys (docs/aws.md §2).
pub(super) fn factors(
    in_aws: &InAws,
    mode: Mode,
    input: SetUserPoolMfaConfigInputBuilder,
) -> SetUserPoolMfaConfigInputBuilder {
    let InAws {
        texts: _,
        sms,
        totp,
        email,
        passkeys,
    } = in_aws;
    let input = input.set_web_authn_configuration(passkeys::overlay(None, passkeys.as_ref()));
    if mode == Mode::Off {
        return input;
    }
    let totp = totp.map(|enabled| {
        SoftwareTokenMfaConfigType::builder()
            .enabled(enabled)
            .build()
    });
    let email = email.as_ref().map(|EmailCode { subject, message }| {
        EmailMfaConfigType::builder()
            .set_subject(subject.clone())
            .set_message(message.clone())
            .build()
    });
    input
        .set_software_token_mfa_configuration(totp)
        .set_sms_mfa_configuration(sms.as_ref().map(sms_factor))
        .set_email_mfa_configuration(email)
}

fn texts_of(sender: Option<&SmsConfigurationType>, message: Option<&str>) -> Texts {
    Texts {
        sender: sender.map(read).filter(|it| *it != Sender::default()),
        message: message
            .filter(|text| !text.is_empty())
            .map(ToOwned::to_owned),
    }
}

fn sms_factor(texts: &Texts) -> SmsMfaConfigType {
    let sender = texts.sender.as_ref().map(sms_configuration);
    let factor = SmsMfaConfigType::builder().set_sms_configuration(sender);
    factor
        .set_sms_authentication_message(texts.message.clone())
        .build()
}

fn sms_configuration(sender: &Sender) -> SmsConfigurationType {
    let mut configuration = SmsConfigurationType::builder().build();
    write(&mut configuration, sender);
    configuration
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_cognitoidentityprovider::types::EumsSmsConfigurationType;

    fn sender(arn: &str) -> SmsConfigurationType {
        let messaging = EumsSmsConfigurationType::builder()
            .caller_arn("caller")
            .external_id("outside")
            .origination_identity("origin")
            .configuration_set_name("set")
            .in_entity_id("entity")
            .in_template_id("template")
            .region("eu-west-1")
            .build()
            .unwrap();
        let sender = SmsConfigurationType::builder()
            .sns_caller_arn(arn)
            .external_id("outside");
        sender.sns_region("eu-west-1").eums_sms(messaging).build()
    }

    fn factors() -> GetUserPoolMfaConfigOutput {
        let sms = SmsMfaConfigType::builder().sms_configuration(sender("factor"));
        GetUserPoolMfaConfigOutput::builder()
            .sms_mfa_configuration(sms.sms_authentication_message("code {####}").build())
            .software_token_mfa_configuration(
                SoftwareTokenMfaConfigType::builder().enabled(false).build(),
            )
            .email_mfa_configuration(
                EmailMfaConfigType::builder()
                    .subject("code")
                    .message("{####}")
                    .build(),
            )
            .build()
    }

    #[test]
    fn everything_that_aws_tells_is_given_back() {
        let pool = UserPoolType::builder().sms_configuration(sender("pool"));
        let pool = pool.sms_authentication_message("pool {####}").build();
        let tree = serde_json::to_value(of(&pool, &factors())).unwrap();
        let remembered: InAws = serde_json::from_value(tree).unwrap();

        let mut given_back = UserPoolType::builder().build();
        put_on(&remembered, &mut given_back);
        assert_eq!(given_back, pool);
        let input = super::factors(
            &remembered,
            Mode::On,
            SetUserPoolMfaConfigInputBuilder::default(),
        );
        assert_eq!(
            input.get_sms_mfa_configuration(),
            &factors().sms_mfa_configuration
        );
        assert_eq!(
            input.get_software_token_mfa_configuration(),
            &factors().software_token_mfa_configuration
        );
        assert_eq!(
            input.get_email_mfa_configuration(),
            &factors().email_mfa_configuration
        );
    }

    #[test]
    fn what_was_never_set_is_taken_away() {
        let none = of(
            &UserPoolType::builder().build(),
            &super::super::no_factors(),
        );
        assert_eq!(serde_json::to_value(&none).unwrap(), serde_json::json!({}));
        let mut pool = UserPoolType::builder()
            .sms_configuration(sender("pool"))
            .build();
        put_on(&none, &mut pool);
        assert_eq!(pool, UserPoolType::builder().build());
    }
}
