//! The triggers of a pool in Cognito's terms: a set that is always sent as a whole (docs/aws.md §2,
//! "Triggers"). Pure.

use crate::{
    error::{Error, Result},
    kinds::rows::{rows, text},
    spec::user_pool::{FIRST_VERSION, Triggers},
};
use aws_sdk_cognitoidentityprovider::types::{
    CustomEmailLambdaVersionConfigType as Email, CustomSmsLambdaVersionConfigType as Sms,
    InboundFederationLambdaType as Federation, LambdaConfigType,
    PreTokenGenerationVersionConfigType as Token,
};

rows! { Triggers in LambdaConfigType:
    pre_sign_up = pre_sign_up: text,
    post_confirmation = post_confirmation: text,
    pre_authentication = pre_authentication: text,
    post_authentication = post_authentication: text,
    pre_token_generation = pre_token_generation: text,
    custom_message = custom_message: text,
    define_auth_challenge = define_auth_challenge: text,
    create_auth_challenge = create_auth_challenge: text,
    verify_auth_challenge_response = verify_auth_challenge_response: text,
    user_migration = user_migration: text,
    kms_key = kms_key_id: text;
    // Each has a version beside its function.
    but pre_token_generation_version, inbound_federation, custom_sms_sender, custom_email_sender
}

/// The function in one of the members that have a version beside it.
macro_rules! function_in {
    ($member:expr) => {
        $member
            .map(|it| it.lambda_arn())
            .filter(|it| !it.is_empty())
            .map(ToOwned::to_owned)
    };
}

/// The member that has a version beside its function; of an empty one none.
macro_rules! versioned {
    ($type:ident, $function:expr, $version:expr) => {
        $function
            .as_ref()
            .filter(|it| !it.is_empty())
            .map(|it| {
                $type::builder()
                    .lambda_arn(it)
                    .lambda_version($version.into())
                    .build()
            })
            .transpose()
            .map_err(|error| Error::internal("a trigger is incomplete").source(error))?
    };
}

/// What AWS has.
pub(super) fn of(config: Option<&LambdaConfigType>) -> Triggers {
    let none = LambdaConfigType::builder().build();
    let config = config.unwrap_or(&none);
    let plain = read(config);
    let token = config.pre_token_generation_config();
    Triggers {
        // The one with a version repeats the plain one.
        pre_token_generation: function_in!(token).or(plain.pre_token_generation),
        pre_token_generation_version: token.map(|it| it.lambda_version().as_str().to_owned()),
        inbound_federation: function_in!(config.inbound_federation()),
        custom_sms_sender: function_in!(config.custom_sms_sender()),
        custom_email_sender: function_in!(config.custom_email_sender()),
        ..plain
    }
    .versioned()
}

/// All that AWS is to have.
pub(super) fn config(triggers: &Triggers) -> Result<LambdaConfigType> {
    let mut config = LambdaConfigType::builder().build();
    write(&mut config, triggers);
    let version = triggers.pre_token_generation_version.as_deref();
    let version = version.unwrap_or(FIRST_VERSION);
    config.pre_token_generation_config = versioned!(Token, triggers.pre_token_generation, version);
    config.custom_sms_sender = versioned!(Sms, triggers.custom_sms_sender, FIRST_VERSION);
    config.custom_email_sender = versioned!(Email, triggers.custom_email_sender, FIRST_VERSION);
    config.inbound_federation = versioned!(Federation, triggers.inbound_federation, FIRST_VERSION);
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_trigger_reads_back_and_each_goes_where_it_is_not_named() {
        let tree = crate::spec::to_tree(&Triggers::default()).unwrap();
        assert_eq!(tree, serde_json::json!({}));
        let all: Triggers = toml::from_str(
            "pre_sign_up = 'a'\npost_confirmation = 'b'\npre_authentication = 'c'\npost_authentication = 'd'
            pre_token_generation = 'e'\npre_token_generation_version = 'V2_0'\ncustom_message = 'f'
            define_auth_challenge = 'g'\ncreate_auth_challenge = 'h'\nverify_auth_challenge_response = 'i'
            user_migration = 'j'\ninbound_federation = 'k'\ncustom_sms_sender = 'l'\ncustom_email_sender = 'm'
            kms_key = 'n'",
        )
        .unwrap();
        assert_eq!(all.functions().count(), 13);
        assert_eq!(of(Some(&config(&all).unwrap())), all);
        let none = config(&Triggers::default()).unwrap();
        assert_eq!(none, LambdaConfigType::builder().build());
    }

    #[test]
    fn a_trigger_of_the_older_form_is_of_the_first_version() {
        let older = LambdaConfigType::builder()
            .pre_token_generation("e")
            .build();
        let read = of(Some(&older));
        assert_eq!(read.pre_token_generation_version.as_deref(), Some("V1_0"));
        let token = config(&read).unwrap().pre_token_generation_config.unwrap();
        assert_eq!(
            (token.lambda_arn(), token.lambda_version().as_str()),
            ("e", "V1_0")
        );
    }
}
