//! Tests of the requests: nothing is lost, what is declared wins, what would be refused is left out.

use super::*;
use crate::kinds::user_pool::{
    fields::{overlay, spec as read},
    mfa, password,
};
use aws_sdk_cognitoidentityprovider::{
    Client, Config,
    config::BehaviorVersion,
    operation::create_user_pool::CreateUserPoolInput,
    types::{
        AccountRecoverySettingType, AcrLevelConfigType, AdminCreateUserConfigType,
        AdvancedSecurityModeType, DeletionProtectionType, DeviceConfigurationType,
        EmailConfigurationType, IssuerConfigurationType, IssuerType, KeyConfigurationType,
        LambdaConfigType, RecoveryOptionType, SmsConfigurationType,
        UserAttributeUpdateSettingsType, UserPoolAddOnsType, UserPoolMfaType, UserPoolPolicyType,
        UserPoolTierType, VerifiedAttributeType,
    },
};

/// A pool in which every field that an update can carry is set.
fn full() -> UserPoolType {
    let recovery = RecoveryOptionType::builder()
        .priority(1)
        .name("verified_email".into())
        .build()
        .unwrap();
    let acr = AcrLevelConfigType::builder()
        .acr_value("level")
        .build()
        .unwrap();
    let pool = UserPoolType::builder()
        .id("p_1")
        .name("before")
        .policies(
            UserPoolPolicyType::builder()
                .password_policy(password::unset().unwrap())
                .build(),
        )
        .deletion_protection(DeletionProtectionType::Active)
        .lambda_config(LambdaConfigType::builder().pre_sign_up("arn").build())
        .auto_verified_attributes(VerifiedAttributeType::Email)
        .email_verification_message("older {####}")
        .sms_authentication_message("sms {####}")
        .mfa_configuration(UserPoolMfaType::Optional)
        .email_configuration(
            EmailConfigurationType::builder()
                .from("a@example.com")
                .build(),
        )
        .sms_configuration(
            SmsConfigurationType::builder()
                .sns_caller_arn("arn")
                .build(),
        )
        .user_pool_tags("team", "a");
    let pool = pool
        .user_attribute_update_settings(UserAttributeUpdateSettingsType::builder().build())
        .device_configuration(DeviceConfigurationType::builder().build())
        .admin_create_user_config(AdminCreateUserConfigType::builder().build())
        .user_pool_add_ons(
            UserPoolAddOnsType::builder()
                .advanced_security_mode(AdvancedSecurityModeType::Audit)
                .build()
                .unwrap(),
        )
        .account_recovery_setting(
            AccountRecoverySettingType::builder()
                .recovery_mechanisms(recovery)
                .build(),
        );
    pool.user_pool_tier(UserPoolTierType::Plus)
        .key_configuration(KeyConfigurationType::builder().build())
        .issuer_configuration(
            IssuerConfigurationType::builder()
                .r#type(IssuerType::Updated)
                .build(),
        )
        .acr_configuration("LEVEL", acr)
        .build()
}

/// A client that nothing is sent with.
fn client() -> Client {
    Client::from_conf(
        Config::builder()
            .behavior_version(BehaviorVersion::latest())
            .build(),
    )
}

fn create(spec: &UserPool) -> CreateUserPoolInput {
    let request = create_request(client().create_user_pool(), spec, HashMap::new()).unwrap();
    request.as_input().clone().build().unwrap()
}

fn declared(toml: &str) -> UserPool {
    toml::from_str(&format!("name = \"after\"\n{toml}")).unwrap()
}

/// The spec that reads back when the pool is updated with `spec`.
fn read_back(spec: &UserPool) -> UserPool {
    read(
        &overlay(full(), spec).unwrap(),
        &mfa::no_factors(),
        "eu-west-1",
    )
    .unwrap()
}

#[test]
fn every_field_of_the_update_is_carried() {
    let pool = overlay(full(), &declared("")).unwrap();
    let input = update_request(client().update_user_pool(), pool).pool_name("after");
    let input = input.as_input().clone().build().unwrap();
    // The template carries what these three have; see `template`. A field that a newer SDK adds
    // shows up here.
    let older = [
        "sms_verification_message",
        "email_verification_message",
        "email_verification_subject",
    ];
    assert_eq!(left_out(&format!("{input:#?}")), older);
    assert_eq!(
        input
            .verification_message_template()
            .and_then(|it| it.email_message()),
        Some("older {####}")
    );
}

#[test]
fn every_field_of_the_creation_is_known() {
    let spec = declared(
        "sign_in = ['email']\naliases = ['email']\nrequired_attributes = ['name']\nauto_verify = ['email']
        deletion_protection = true\nself_registration = true\naccount_recovery = ['verified_email']
        feature_plan = 'LITE'\npassword_policy = {}\nemail = {}\nverification_message = {}
        triggers = {pre_sign_up = 'arn'}\nkeep_until_verified = ['email']\nthreat_protection = 'AUDIT'
        devices = {remember = 'opt_in'}
        mfa = {mode = 'off', sms = {role_arn = 'arn', message = 'sms {####}'}}",
    );
    let input = create(&spec);
    let undeclarable = [
        "sms_verification_message",
        "email_verification_message",
        "email_verification_subject",
        "mfa_configuration",
        "key_configuration",
        "issuer_configuration",
        "acr_configuration",
    ];
    assert_eq!(left_out(&format!("{input:#?}")), undeclarable);
}

#[test]
fn a_new_pool_ignores_case_and_leaves_mfa_off() {
    let input = create(&declared("mfa = {mode = 'on'}"));
    assert!(!input.username_configuration().unwrap().case_sensitive());
    assert_eq!(input.mfa_configuration(), None);
    assert!(input.policies().is_none() && input.schema.is_none());
}

#[test]
fn what_is_declared_reads_back() {
    let spec = declared(
        "self_registration = false\npassword_policy = {minimum_length = 12, require_symbols = false, history = 3}
        first_factors = ['PASSWORD', 'WEB_AUTHN']\nauto_verify = ['email', 'phone_number']
        account_recovery = ['verified_phone_number', 'verified_email']\nfeature_plan = 'ESSENTIALS'
        deletion_protection = false
        email = {sender = 'DEVELOPER', ses_source_arn = 'arn', reply_to = 'b@example.com'}
        verification_message = {email_option = 'CONFIRM_WITH_LINK', email_subject = 'hello'}
        invitation_message = {sms_message = '{username} {####}'}
        triggers = {post_confirmation = 'arn', pre_token_generation = 'arn', pre_token_generation_version = 'V2_0'}",
    );
    let (live, spec) = (
        serde_json::to_value(read_back(&spec)).unwrap(),
        serde_json::to_value(&spec).unwrap(),
    );
    let changes = crate::diff::diff(&live, &spec, &[]);
    // The name and the tags are not the overlay's.
    assert_eq!(
        changes
            .iter()
            .map(|it| it.path.as_str())
            .collect::<Vec<_>>(),
        ["name"]
    );
}

#[test]
fn what_is_not_declared_stays() {
    let before = read(&full(), &mfa::no_factors(), "eu-west-1").unwrap();
    assert_eq!(read_back(&declared("")), before);
    let email = read_back(&declared("email = {reply_to = 'b@example.com'}"))
        .email
        .unwrap();
    assert_eq!(email.from.as_deref(), Some("a@example.com"));
}

#[test]
fn an_empty_text_removes_the_live_one() {
    assert_eq!(
        read_back(&declared("email = {from = ''}"))
            .email
            .unwrap()
            .from
            .as_deref(),
        Some("")
    );
}
