//! Multi-factor authentication of a pool: its table, and the calls that only it needs.

pub(super) mod in_aws;
mod messaging;
mod passkeys;

use crate::{
    aws::Aws,
    error::Result,
    spec::user_pool::{InAws, Mfa, Mode, SmsMfa, UserPoolOutputs, word},
};
use aws_sdk_cognitoidentityprovider::{
    operation::{
        get_user_pool_mfa_config::GetUserPoolMfaConfigOutput,
        set_user_pool_mfa_config::builders::SetUserPoolMfaConfigInputBuilder,
    },
    types::{
        EmailMfaConfigType, SmsConfigurationType, SmsMfaConfigType, SoftwareTokenMfaConfigType,
        UserPoolMfaType, UserPoolType,
    },
};

fn mode(live: Option<&UserPoolMfaType>) -> Mode {
    match live {
        Some(UserPoolMfaType::On) => Mode::On,
        Some(UserPoolMfaType::Optional) => Mode::Optional,
        _ => Mode::Off,
    }
}

/// The factors of a pool without any.
pub(super) fn no_factors() -> GetUserPoolMfaConfigOutput {
    GetUserPoolMfaConfigOutput::builder().build()
}

/// The pool's MFA, from both of the answers that it is spread over. `factors` need not be asked
/// for when the pool's mode is off, where nobody signs in with a passkey: it has none then.
pub(super) fn read(pool: &UserPoolType, factors: &GetUserPoolMfaConfigOutput, region: &str) -> Mfa {
    let mode = mode(pool.mfa_configuration().or(factors.mfa_configuration()));
    let totp = factors
        .software_token_mfa_configuration()
        .is_some_and(|it| it.enabled());
    let sms = match mode {
        Mode::Off => read_sms(
            pool.sms_configuration(),
            pool.sms_authentication_message(),
            region,
        ),
        _ => factors.sms_mfa_configuration().and_then(|it| {
            read_sms(
                it.sms_configuration(),
                it.sms_authentication_message(),
                region,
            )
        }),
    };
    let email = factors.email_mfa_configuration();
    let email = email.filter(|_| mode != Mode::Off);
    let text = |it: Option<&str>| it.filter(|it| !it.is_empty()).map(ToOwned::to_owned);
    Mfa {
        mode,
        totp: Some(totp && mode != Mode::Off),
        email: Some(email.is_some()),
        email_subject: text(email.and_then(|it| it.subject())),
        email_message: text(email.and_then(|it| it.message())),
        sms,
        passkeys: passkeys::read(factors.web_authn_configuration()),
        in_aws: None,
    }
}

/// All of it as AWS has it, so that it can be given back.
pub(super) fn in_aws(pool: &UserPoolType, factors: &GetUserPoolMfaConfigOutput) -> InAws {
    in_aws::of(pool, factors)
}

fn read_sms(
    live: Option<&SmsConfigurationType>,
    message: Option<&str>,
    region: &str,
) -> Option<SmsMfa> {
    let live = live.filter(|it| !it.sns_caller_arn().is_empty())?;
    Some(SmsMfa {
        role_arn: Some(live.sns_caller_arn().to_owned()),
        external_id: live.external_id().map(ToOwned::to_owned),
        region: Some(live.sns_region().unwrap_or(region).to_owned()),
        message: message
            .filter(|text| !text.is_empty())
            .map(ToOwned::to_owned),
    })
}

/// The SMS settings with what is declared laid over the live ones.
pub(super) fn sms_configuration(
    live: Option<&SmsConfigurationType>,
    declared: &SmsMfa,
) -> SmsConfigurationType {
    let SmsMfa {
        role_arn,
        external_id,
        region,
        message: _,
    } = declared;
    let live = live.filter(|it| !it.sns_caller_arn().is_empty());
    // Amazon SNS and End User Messaging exclude each other, so the latter is not kept.
    SmsConfigurationType::builder()
        .sns_caller_arn(role_arn.as_deref().unwrap_or_default())
        .set_external_id(external_id.clone().or_else(|| live?.external_id.clone()))
        .set_sns_region(region.clone().or_else(|| live?.sns_region.clone()))
        .build()
}

/// The role that Cognito tries when it is told these settings; empty where there is none.
pub(super) fn sms_role(settings: Option<&SmsConfigurationType>) -> String {
    let role = settings.map(SmsConfigurationType::sns_caller_arn);
    role.unwrap_or_default().to_owned()
}

/// The complete `SetUserPoolMfaConfig`: what it leaves out is reset (docs/aws.md §2).
fn overlay(
    id: &str,
    live: &GetUserPoolMfaConfigOutput,
    declared: &Mfa,
) -> SetUserPoolMfaConfigInputBuilder {
    let Mfa {
        mode,
        totp,
        email: _,
        email_subject: _,
        email_message: _,
        sms,
        passkeys,
        in_aws,
    } = declared;
    let input = SetUserPoolMfaConfigInputBuilder::default()
        .user_pool_id(id)
        .mfa_configuration(word(mode).to_uppercase().as_str().into())
        .set_web_authn_configuration(passkeys::overlay(
            live.web_authn_configuration(),
            passkeys.as_ref(),
        ));
    if let Some(in_aws) = in_aws {
        return in_aws::factors(in_aws, *mode, input);
    }
    if *mode == Mode::Off {
        // Cognito refuses any factor beside OFF, even a disabled one (docs/aws.md §2).
        return input;
    }
    let sms = match sms {
        Some(declared) => Some(overlay_sms(live.sms_mfa_configuration(), declared)),
        None => live.sms_mfa_configuration.clone(),
    };
    let is_totp_on = live
        .software_token_mfa_configuration()
        .is_some_and(|it| it.enabled());
    let email = overlay_email(live.email_mfa_configuration(), declared);
    let has_no_other = sms.is_none() && email.is_none();
    let totp = totp.unwrap_or(is_totp_on || has_no_other);
    input
        .software_token_mfa_configuration(
            SoftwareTokenMfaConfigType::builder().enabled(totp).build(),
        )
        .set_sms_mfa_configuration(sms)
        .set_email_mfa_configuration(email)
}

/// What such an e-mail says where nobody says otherwise: a factor without any text reads as none.
const SUBJECT: &str = "Your authentication code";
const MESSAGE: &str = "Your authentication code is {####}.";

/// The factor by e-mail with what is declared laid over the live one; none where it is off.
fn overlay_email(live: Option<&EmailMfaConfigType>, declared: &Mfa) -> Option<EmailMfaConfigType> {
    if !declared.email.unwrap_or(live.is_some()) {
        return None;
    }
    let (subject, message) = (
        declared.email_subject.clone(),
        declared.email_message.clone(),
    );
    let subject = subject.or_else(|| live?.subject.clone());
    let message = message.or_else(|| live?.message.clone());
    let factor = EmailMfaConfigType::builder()
        .subject(subject.unwrap_or_else(|| SUBJECT.to_owned()))
        .message(message.unwrap_or_else(|| MESSAGE.to_owned()));
    Some(factor.build())
}

fn overlay_sms(live: Option<&SmsMfaConfigType>, declared: &SmsMfa) -> SmsMfaConfigType {
    let message = declared
        .message
        .clone()
        .or_else(|| live?.sms_authentication_message.clone());
    SmsMfaConfigType::builder()
        .set_sms_authentication_message(message)
        .sms_configuration(sms_configuration(
            live.and_then(|it| it.sms_configuration()),
            declared,
        ))
        .build()
}

/// The factors of pool `id`, asked afresh.
pub(super) async fn ask(aws: &Aws, id: &str) -> Result<GetUserPoolMfaConfigOutput> {
    let send = || {
        aws.cognito
            .get_user_pool_mfa_config()
            .user_pool_id(id)
            .send()
    };
    aws.read("cognito-idp:GetUserPoolMfaConfig", send).await
}

/// Gives a pool that has no factors yet its MFA.
pub(super) async fn set_first(aws: &Aws, pool: &UserPoolOutputs, declared: &Mfa) -> Result<()> {
    send(aws, overlay(&pool.id, &no_factors(), declared)).await
}

/// Changes a pool's MFA; factors that stack.toml cannot declare stay.
pub(super) async fn set(aws: &Aws, id: &str, declared: &Mfa) -> Result<()> {
    let live = ask(aws, id).await?;
    send(aws, overlay(id, &live, declared)).await
}

async fn send(aws: &Aws, input: SetUserPoolMfaConfigInputBuilder) -> Result<()> {
    let factor = input.get_sms_mfa_configuration().as_ref();
    let role = sms_role(factor.and_then(|it| it.sms_configuration()));
    let send = || input.clone().send_with(&aws.cognito);
    aws.write_as(&role, "cognito-idp:SetUserPoolMfaConfig", send)
        .await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_sdk_cognitoidentityprovider::types::WebAuthnConfigurationType;

    const ROLE: &str = "arn:aws:iam::123456789012:role/sms";

    fn declared(mode: Mode, totp: Option<bool>, sms: Option<SmsMfa>) -> Mfa {
        Mfa {
            mode,
            totp,
            email: None,
            email_subject: None,
            email_message: None,
            sms,
            passkeys: None,
            in_aws: None,
        }
    }

    fn sms() -> SmsMfa {
        SmsMfa {
            role_arn: Some(ROLE.into()),
            message: Some("code {####}".into()),
            ..Default::default()
        }
    }

    #[test]
    fn every_field_of_the_input_is_carried() {
        let live = GetUserPoolMfaConfigOutput::builder()
            .email_mfa_configuration(EmailMfaConfigType::builder().subject("code").build())
            .web_authn_configuration(
                WebAuthnConfigurationType::builder()
                    .relying_party_id("a")
                    .build(),
            )
            .build();
        let input = overlay("pool", &live, &declared(Mode::On, Some(true), Some(sms())))
            .build()
            .unwrap();
        assert_eq!(
            super::super::requests::left_out(&format!("{input:#?}")),
            [""; 0]
        );
    }

    #[test]
    fn off_is_sent_without_any_factor() {
        let live = GetUserPoolMfaConfigOutput::builder()
            .email_mfa_configuration(EmailMfaConfigType::builder().build())
            .build();
        let input = overlay("pool", &live, &declared(Mode::Off, Some(true), Some(sms())))
            .build()
            .unwrap();
        assert_eq!(input.mfa_configuration(), Some(&UserPoolMfaType::Off));
        assert!(input.software_token_mfa_configuration().is_none());
        assert!(input.sms_mfa_configuration().is_none());
        assert!(input.email_mfa_configuration().is_none());
    }

    #[test]
    fn mfa_without_a_declared_factor_uses_an_authenticator_app() {
        let enabled = |totp, sms| {
            let input = overlay("pool", &no_factors(), &declared(Mode::Optional, totp, sms))
                .build()
                .unwrap();
            input.software_token_mfa_configuration().unwrap().enabled()
        };
        assert!(enabled(None, None));
        assert!(!enabled(None, Some(sms())));
        assert!(!enabled(Some(false), Some(sms())));
    }

    #[test]
    fn what_is_set_reads_back() {
        let wanted = Mfa {
            email: Some(true),
            email_subject: Some("Your code".into()),
            email_message: Some("{####}".into()),
            ..declared(Mode::On, Some(true), Some(sms()))
        };
        let input = overlay("pool", &no_factors(), &wanted).build().unwrap();
        let factors = GetUserPoolMfaConfigOutput::builder()
            .set_software_token_mfa_configuration(input.software_token_mfa_configuration)
            .set_sms_mfa_configuration(input.sms_mfa_configuration)
            .set_email_mfa_configuration(input.email_mfa_configuration)
            .build();
        let pool = UserPoolType::builder()
            .set_mfa_configuration(input.mfa_configuration)
            .build();
        let live = read(&pool, &factors, "eu-west-1");
        assert_eq!((live.mode, live.totp), (Mode::On, Some(true)));
        assert_eq!(live.email, wanted.email);
        assert_eq!(live.email_subject, wanted.email_subject);
        assert_eq!(live.email_message, wanted.email_message);
        assert_eq!(
            live.sms,
            Some(SmsMfa {
                region: Some("eu-west-1".into()),
                ..sms()
            })
        );
    }
}
