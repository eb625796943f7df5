//! The user pool, and what belongs to it. Pure.

use super::{
    draft::Draft,
    fields::{As, Field, Properties, list, not_said},
    other::name,
    places::{CLIENT, DOMAIN, GROUP, IDENTITY_PROVIDER, Places, RESOURCE_SERVER, USER_POOL, snake},
    template::{Resource, Template},
    values::{Scope, is_open, text},
};
use crate::{duration::Unit, spec::user_pool::STANDARD};
use serde_json::{Map, Value, json};

/// How the properties of one kind are put at a place.
type Convert = fn(&mut Draft, &Scope<'_>, &Resource, &[String], Properties);

pub(super) fn put(draft: &mut Draft, template: &Template, places: &Places) {
    let scope = Scope { template, places };
    let kinds: [(&str, Convert); 6] = [
        (USER_POOL, pool),
        (CLIENT, client),
        (GROUP, group),
        (RESOURCE_SERVER, resource_server),
        (IDENTITY_PROVIDER, identity_provider),
        (DOMAIN, domain),
    ];
    for (kind, convert) in kinds {
        for resource in template.of_kind(kind) {
            if let Some(place) = places.path_of(resource) {
                draft.table(place);
                let mut properties = Properties::new(scope.properties(&resource.properties));
                properties.take("UserPoolId");
                convert(draft, &scope, resource, place, properties);
            }
        }
    }
}

const POOL: [Field; 43] = [
    ("UserPoolName", "name", As::Text),
    ("UsernameAttributes", "sign_in", As::List),
    ("AliasAttributes", "aliases", As::List),
    (
        "UsernameConfiguration.CaseSensitive",
        "case_sensitive",
        As::Flag,
    ),
    (
        "AdminCreateUserConfig.AllowAdminCreateUserOnly",
        "self_registration",
        As::Not,
    ),
    ("AutoVerifiedAttributes", "auto_verify", As::List),
    (
        "UserAttributeUpdateSettings.AttributesRequireVerificationBeforeUpdate",
        "keep_until_verified",
        As::List,
    ),
    (
        "Policies.SignInPolicy.AllowedFirstAuthFactors",
        "first_factors",
        As::List,
    ),
    ("UserPoolTier", "feature_plan", As::Text),
    (
        "UserPoolAddOns.AdvancedSecurityMode",
        "threat_protection",
        As::Text,
    ),
    (
        "DeletionProtection",
        "deletion_protection",
        As::Is("ACTIVE"),
    ),
    ("UserPoolTags", "tags", As::Map),
    (
        "Policies.PasswordPolicy.MinimumLength",
        "password_policy.minimum_length",
        As::Number,
    ),
    (
        "Policies.PasswordPolicy.RequireLowercase",
        "password_policy.require_lowercase",
        As::Flag,
    ),
    (
        "Policies.PasswordPolicy.RequireUppercase",
        "password_policy.require_uppercase",
        As::Flag,
    ),
    (
        "Policies.PasswordPolicy.RequireNumbers",
        "password_policy.require_numbers",
        As::Flag,
    ),
    (
        "Policies.PasswordPolicy.RequireSymbols",
        "password_policy.require_symbols",
        As::Flag,
    ),
    (
        "Policies.PasswordPolicy.TemporaryPasswordValidityDays",
        "password_policy.temporary_password_validity_days",
        As::Number,
    ),
    (
        "Policies.PasswordPolicy.PasswordHistorySize",
        "password_policy.history",
        As::Number,
    ),
    (
        "AdminCreateUserConfig.UnusedAccountValidityDays",
        "password_policy.temporary_password_validity_days",
        As::Number,
    ),
    ("SmsAuthenticationMessage", "mfa.sms.message", As::Text),
    (
        "WebAuthnRelyingPartyID",
        "mfa.passkeys.relying_party",
        As::Text,
    ),
    (
        "WebAuthnUserVerification",
        "mfa.passkeys.user_verification",
        As::Text,
    ),
    (
        "DeviceConfiguration.ChallengeRequiredOnNewDevice",
        "devices.challenge_new_devices",
        As::Flag,
    ),
    (
        "EmailConfiguration.EmailSendingAccount",
        "email.sender",
        As::Text,
    ),
    (
        "EmailConfiguration.SourceArn",
        "email.ses_source_arn",
        As::Text,
    ),
    ("EmailConfiguration.From", "email.from", As::Text),
    (
        "EmailConfiguration.ReplyToEmailAddress",
        "email.reply_to",
        As::Text,
    ),
    (
        "EmailConfiguration.ConfigurationSet",
        "email.configuration_set",
        As::Text,
    ),
    (
        "EmailVerificationSubject",
        "verification_message.email_subject",
        As::Text,
    ),
    (
        "EmailVerificationMessage",
        "verification_message.email_message",
        As::Text,
    ),
    (
        "SmsVerificationMessage",
        "verification_message.sms_message",
        As::Text,
    ),
    (
        "VerificationMessageTemplate.DefaultEmailOption",
        "verification_message.email_option",
        As::Text,
    ),
    (
        "VerificationMessageTemplate.EmailSubject",
        "verification_message.email_subject",
        As::Text,
    ),
    (
        "VerificationMessageTemplate.EmailMessage",
        "verification_message.email_message",
        As::Text,
    ),
    (
        "VerificationMessageTemplate.EmailSubjectByLink",
        "verification_message.email_subject_by_link",
        As::Text,
    ),
    (
        "VerificationMessageTemplate.EmailMessageByLink",
        "verification_message.email_message_by_link",
        As::Text,
    ),
    (
        "VerificationMessageTemplate.SmsMessage",
        "verification_message.sms_message",
        As::Text,
    ),
    (
        "AdminCreateUserConfig.InviteMessageTemplate.EmailSubject",
        "invitation_message.email_subject",
        As::Text,
    ),
    (
        "AdminCreateUserConfig.InviteMessageTemplate.EmailMessage",
        "invitation_message.email_message",
        As::Text,
    ),
    (
        "AdminCreateUserConfig.InviteMessageTemplate.SMSMessage",
        "invitation_message.sms_message",
        As::Text,
    ),
    ("LambdaConfig.KMSKeyID", "triggers.kms_key", As::Text),
    (
        "LambdaConfig.PreTokenGenerationConfig.LambdaVersion",
        "triggers.pre_token_generation_version",
        As::Text,
    ),
];

fn pool(
    draft: &mut Draft,
    scope: &Scope<'_>,
    resource: &Resource,
    place: &[String],
    mut properties: Properties,
) {
    if !properties.has("UsernameAttributes") {
        draft.put(&below(place, "sign_in"), json!(["username"]));
    }
    if !properties.has("UsernameConfiguration") {
        // Cognito's own default through the API (docs/aws.md §2).
        draft.put(&below(place, "case_sensitive"), true.into());
    }
    schema(draft, place, properties.take("Schema"));
    let mfas = properties.take("EnabledMfas");
    properties.fill(draft, place, &[("MfaConfiguration", "mfa.mode", As::Word)]);
    for mfa in mfas
        .as_ref()
        .and_then(list)
        .iter()
        .flat_map(|it| it.as_array().cloned().unwrap_or_default())
    {
        match mfa.as_str() {
            Some("SOFTWARE_TOKEN_MFA") => draft.put(&path(place, "mfa.totp"), true.into()),
            Some("EMAIL_OTP") => draft.put(&path(place, "mfa.email"), true.into()),
            Some("SMS_MFA") => draft.table(&path(place, "mfa.sms")),
            _ => draft.comment(place, not_said("EnabledMfas", &mfa)),
        }
    }
    sms(draft, scope, resource, place, &mut properties);
    recovery(
        draft,
        place,
        properties.take("AccountRecoverySetting.RecoveryMechanisms"),
    );
    if let Some(asks) = properties.take("DeviceConfiguration.DeviceOnlyRememberedOnUserPrompt") {
        let remember = if text(&asks).as_deref() == Some("true") {
            "opt_in"
        } else {
            "always"
        };
        draft.put(&path(place, "devices.remember"), remember.into());
    }
    properties.fill(draft, place, &POOL);
    name(draft, resource, place);
    triggers(draft, place, &mut properties);
    properties.rest(draft, place);
}

/// What every pool has, and nobody declares.
const GIVEN: [&str; 3] = ["sub", "email_verified", "phone_number_verified"];

fn schema(draft: &mut Draft, place: &[String], schema: Option<Value>) {
    let mut required = vec![];
    for attribute in schema.iter().filter_map(Value::as_array).flatten() {
        let Some(name) = text(&attribute["Name"]) else {
            draft.comment(place, not_said("Schema", attribute));
            continue;
        };
        let name = name.strip_prefix("custom:").unwrap_or(&name).to_owned();
        if GIVEN.contains(&name.as_str()) {
            continue;
        }
        let is = |key: &str| text(&attribute[key]).as_deref() == Some("true");
        let is_fixed = text(&attribute["Mutable"]).as_deref() == Some("false");
        let bound = |table: &str, key: &str| {
            let value = text(&attribute[table][key])?;
            value.parse::<i64>().ok()
        };
        let min = bound("StringAttributeConstraints", "MinLength")
            .or(bound("NumberAttributeConstraints", "MinValue"));
        let max = bound("StringAttributeConstraints", "MaxLength")
            .or(bound("NumberAttributeConstraints", "MaxValue"));
        let is_standard = STANDARD.contains(&name.as_str());
        let mut table = Map::new();
        let mut add = |key: &str, value: Value| {
            table.insert(key.to_owned(), value);
        };
        if is_standard {
            if is("Required") {
                required.push(name.clone());
            }
            if is_fixed {
                add("mutable", false.into());
            }
            // What every text has anyway.
            if let Some(min) = min.filter(|it| *it != 0) {
                add("min", min.into());
            }
            if let Some(max) = max.filter(|it| *it != 2048) {
                add("max", max.into());
            }
        } else {
            let of = text(&attribute["AttributeDataType"]).unwrap_or_else(|| "String".to_owned());
            add(
                "type",
                if of == "DateTime" {
                    "datetime".into()
                } else {
                    of.to_lowercase().into()
                },
            );
            if is_fixed {
                add("mutable", false.into());
            }
            if is("DeveloperOnlyAttribute") {
                add("developer_only", true.into());
            }
            for (key, value) in [("min", min), ("max", max)] {
                if let Some(value) = value {
                    add(key, value.into());
                }
            }
        }
        let kind = if is_standard {
            "standard_attributes"
        } else {
            "custom_attributes"
        };
        if !table.is_empty() {
            draft.put(&below(&below(place, kind), &name), table.into());
        }
    }
    if !required.is_empty() {
        draft.put(&below(place, "required_attributes"), required.into());
    }
}

/// A role for text messages that the same definition makes is wsctl's to make.
fn sms(
    draft: &mut Draft,
    scope: &Scope<'_>,
    resource: &Resource,
    place: &[String],
    properties: &mut Properties,
) {
    let Some(written) = resource.properties.get("SmsConfiguration") else {
        return;
    };
    properties.take("SmsConfiguration.SnsRegion");
    let (arn, id) = (
        properties.take("SmsConfiguration.SnsCallerArn"),
        properties.take("SmsConfiguration.ExternalId"),
    );
    let sms = path(place, "mfa.sms");
    if draft.get(&path(place, "mfa.mode")).is_none() {
        draft.put(&path(place, "mfa.mode"), "off".into());
    }
    draft.table(&sms);
    match scope.template.referred(written.get("SnsCallerArn")) {
        Some(_) => draft.comment(&sms, "wsctl makes the role with which Cognito sends them."),
        None => {
            for (key, value) in [("role_arn", arn), ("external_id", id)] {
                if let Some(value) = value {
                    draft.put(&below(&sms, key), value);
                }
            }
        }
    }
}

fn recovery(draft: &mut Draft, place: &[String], mechanisms: Option<Value>) {
    let Some(Value::Array(mut mechanisms)) = mechanisms else {
        return;
    };
    mechanisms.sort_by_key(|it| text(&it["Priority"]).and_then(|it| it.parse::<u8>().ok()));
    let names: Vec<_> = mechanisms.iter().map(|it| it["Name"].clone()).collect();
    draft.put(&below(place, "account_recovery"), names.into());
}

fn triggers(draft: &mut Draft, place: &[String], properties: &mut Properties) {
    for name in [
        "CustomSMSSender",
        "CustomEmailSender",
        "PreTokenGenerationConfig",
    ] {
        properties.take(&format!("LambdaConfig.{name}.LambdaVersion"));
        if let Some(arn) = properties.take(&format!("LambdaConfig.{name}.LambdaArn")) {
            let key = snake(name.trim_end_matches("Config"));
            draft.put(&path(place, &format!("triggers.{key}")), function(&arn));
        }
    }
    if let Some(Value::Object(all)) = properties.take("LambdaConfig") {
        for (name, arn) in all {
            draft.put(
                &path(place, &format!("triggers.{}", snake(&name))),
                function(&arn),
            );
        }
    }
}

/// A function of the file by its name there.
fn function(arn: &Value) -> Value {
    let inner = arn
        .as_str()
        .and_then(|it| it.strip_prefix("${functions.")?.split('.').next());
    inner.map_or_else(|| arn.clone(), Value::from)
}

const OF_CLIENT: [Field; 15] = [
    ("ClientName", "name", As::Text),
    ("GenerateSecret", "secret", As::Flag),
    ("ExplicitAuthFlows", "auth_flows", As::List),
    (
        "AuthSessionValidity",
        "auth_session_validity",
        As::Time(Unit::Minutes),
    ),
    ("AllowedOAuthFlows", "oauth_grants", As::List),
    ("AllowedOAuthScopes", "oauth_scopes", As::List),
    ("CallbackURLs", "callback_urls", As::List),
    ("LogoutURLs", "logout_urls", As::List),
    ("DefaultRedirectURI", "default_redirect_uri", As::Text),
    ("SupportedIdentityProviders", "identity_providers", As::List),
    (
        "PreventUserExistenceErrors",
        "prevent_user_existence_errors",
        As::Is("ENABLED"),
    ),
    ("EnableTokenRevocation", "token_revocation", As::Flag),
    (
        "EnablePropagateAdditionalUserContextData",
        "additional_user_context",
        As::Flag,
    ),
    ("ReadAttributes", "read_attributes", As::List),
    ("WriteAttributes", "write_attributes", As::List),
];

fn client(
    draft: &mut Draft,
    scope: &Scope<'_>,
    resource: &Resource,
    place: &[String],
    mut properties: Properties,
) {
    properties.take("AllowedOAuthFlowsUserPoolClient");
    for (token, otherwise) in [
        ("AccessToken", Unit::Hours),
        ("IdToken", Unit::Hours),
        ("RefreshToken", Unit::Days),
    ] {
        let unit = match properties
            .text(&format!("TokenValidityUnits.{token}"))
            .as_deref()
        {
            Some("seconds") => Unit::Seconds,
            Some("minutes") => Unit::Minutes,
            Some("hours") => Unit::Hours,
            Some("days") => Unit::Days,
            _ => otherwise,
        };
        let key = format!("{}_validity", snake(token));
        let count = properties
            .take(&format!("{token}Validity"))
            .and_then(|it| text(&it))
            .and_then(|it| it.parse().ok());
        if let Some(count) = count.filter(|it: &u64| *it > 0) {
            draft.put(
                &below(place, &key),
                crate::duration::Duration::new(count, unit)
                    .to_string()
                    .into(),
            );
        }
    }
    if let Some(feature) = properties.text("RefreshTokenRotation.Feature") {
        draft.put(
            &path(place, "refresh_token_rotation.enabled"),
            (feature == "ENABLED").into(),
        );
        let grace = (
            "RefreshTokenRotation.RetryGracePeriodSeconds",
            "refresh_token_rotation.retry_grace_period",
            As::Time(Unit::Seconds),
        );
        properties.fill(draft, place, &[grace]);
    }
    // A provider of the file is named by the key that it has there.
    let raw = resource
        .properties
        .get("SupportedIdentityProviders")
        .and_then(Value::as_array);
    if let Some(raw) = raw {
        let each = raw.iter().map(|it| {
            let provider = scope
                .template
                .referred(Some(it))
                .and_then(|it| scope.places.path_of(it));
            provider
                .and_then(<[String]>::last)
                .map_or_else(|| scope.value(it), |it| it.clone().into())
        });
        let each: Vec<_> = each.collect();
        properties.take("SupportedIdentityProviders");
        draft.put(&below(place, "identity_providers"), each.into());
    }
    if let Some(scopes) = all_scopes(scope, resource.properties.get("AllowedOAuthScopes")) {
        properties.take("AllowedOAuthScopes");
        draft.put(&below(place, "oauth_scopes"), scopes);
    }
    properties.fill(draft, place, &OF_CLIENT);
    name(draft, resource, place);
    properties.rest(draft, place);
}

/// Of Terraform's `scope_identifiers`: every scope of a resource server.
fn all_scopes(scope: &Scope<'_>, written: Option<&Value>) -> Option<Value> {
    let server = scope
        .template
        .referred(written)
        .filter(|it| it.kind == RESOURCE_SERVER)?;
    let properties = scope.properties(&server.properties);
    let identifier = properties.get("Identifier").and_then(text)?;
    let scopes = properties.get("Scopes")?.as_array()?.iter();
    let names: Option<Vec<_>> = scopes.map(|it| text(&it["ScopeName"])).collect();
    Some(
        names?
            .iter()
            .map(|it| Value::from(format!("{identifier}/{it}")))
            .collect(),
    )
}

fn group(
    draft: &mut Draft,
    _: &Scope<'_>,
    _: &Resource,
    place: &[String],
    mut properties: Properties,
) {
    properties.take("GroupName");
    properties.fill(
        draft,
        place,
        &[
            ("Description", "description", As::Text),
            ("Precedence", "precedence", As::Number),
            ("RoleArn", "role", As::Text),
        ],
    );
    properties.rest(draft, place);
}

fn resource_server(
    draft: &mut Draft,
    _: &Scope<'_>,
    _: &Resource,
    place: &[String],
    mut properties: Properties,
) {
    properties.take("Identifier");
    properties.fill(draft, place, &[("Name", "name", As::Text)]);
    for scope in properties
        .take("Scopes")
        .as_ref()
        .and_then(Value::as_array)
        .into_iter()
        .flatten()
    {
        match text(&scope["ScopeName"]) {
            Some(name) => draft.put(
                &below(&below(place, "scopes"), &name),
                scope["ScopeDescription"].clone(),
            ),
            None => draft.comment(place, not_said("Scopes", scope)),
        }
    }
    properties.rest(draft, place);
}

/// Google's fields and the others', which are one map there.
const OF_PROVIDER: [Field; 20] = [
    ("ProviderType", "type", As::Text),
    ("ProviderDetails.client_id", "client_id", As::Text),
    ("ProviderDetails.team_id", "team_id", As::Text),
    ("ProviderDetails.key_id", "key_id", As::Text),
    ("ProviderDetails.oidc_issuer", "issuer", As::Text),
    (
        "ProviderDetails.attributes_request_method",
        "attributes_request_method",
        As::Text,
    ),
    ("ProviderDetails.authorize_url", "authorize_url", As::Text),
    ("ProviderDetails.token_url", "token_url", As::Text),
    ("ProviderDetails.attributes_url", "attributes_url", As::Text),
    ("ProviderDetails.jwks_uri", "jwks_uri", As::Text),
    ("ProviderDetails.api_version", "api_version", As::Text),
    ("ProviderDetails.MetadataURL", "metadata_url", As::Text),
    ("ProviderDetails.MetadataFile", "metadata", As::Text),
    ("ProviderDetails.IDPSignout", "sign_out", As::Flag),
    ("ProviderDetails.IDPInit", "idp_initiated", As::Flag),
    (
        "ProviderDetails.EncryptedResponses",
        "encrypted_responses",
        As::Flag,
    ),
    ("AttributeMapping", "attribute_mapping", As::Map),
    ("IdpIdentifiers", "idp_identifiers", As::List),
    (
        "ProviderDetails.attributes_url_add_attributes",
        "",
        As::Text,
    ),
    ("ProviderName", "", As::Text),
];

fn identity_provider(
    draft: &mut Draft,
    _: &Scope<'_>,
    _: &Resource,
    place: &[String],
    mut properties: Properties,
) {
    let name = snake(place.last().map_or("", String::as_str)).to_uppercase();
    for (property, key) in [
        ("client_secret", "client_secret"),
        ("private_key", "private_key"),
    ] {
        // A secret is in no file: it comes from the environment.
        if properties
            .take(&format!("ProviderDetails.{property}"))
            .is_some()
        {
            let variable = format!(
                "{name}_{}",
                key.trim_start_matches("client_").to_uppercase()
            );
            draft.put(&below(place, key), format!("${{env.{variable}}}").into());
            draft.comment(
                &below(place, key),
                "From an environment variable: secrets stand in no file.",
            );
        }
    }
    if let Some(scopes) = properties.text("ProviderDetails.authorize_scopes") {
        let scopes: Vec<_> = scopes
            .split([' ', ','])
            .filter(|it| !it.is_empty())
            .map(Value::from)
            .collect();
        draft.put(&below(place, "scopes"), scopes.into());
    }
    properties.take("AttributeMapping.username");
    for (property, key, form) in OF_PROVIDER {
        match key {
            "" => drop(properties.take(property)),
            _ => properties.fill(draft, place, &[(property, key, form)]),
        }
    }
    properties.rest(draft, place);
}

fn domain(
    draft: &mut Draft,
    _: &Scope<'_>,
    _: &Resource,
    place: &[String],
    mut properties: Properties,
) {
    let is_custom = properties.has("CustomDomainConfig");
    let name = if is_custom { "name" } else { "prefix" };
    let value = properties.take("Domain").unwrap_or_default();
    match is_open(&value) || value.is_null() {
        true => draft.comment(place, not_said("Domain", &value)),
        false => draft.put(&below(place, name), value),
    }
    properties.fill(
        draft,
        place,
        &[
            (
                "CustomDomainConfig.CertificateArn",
                "certificate_arn",
                As::Text,
            ),
            ("ManagedLoginVersion", "managed_login_version", As::Number),
        ],
    );
    properties.rest(draft, place);
}

pub(super) fn below(place: &[String], key: &str) -> Vec<String> {
    place.iter().cloned().chain([key.to_owned()]).collect()
}

/// A path below `place`, with dots.
pub(super) fn path(place: &[String], keys: &str) -> Vec<String> {
    place
        .iter()
        .cloned()
        .chain(keys.split('.').map(ToOwned::to_owned))
        .collect()
}

/// A resource's own name, without Terraform's kind before it.
pub(super) fn last(id: &str) -> String {
    snake(id.rsplit('.').next().unwrap_or(id)).replace('_', "-")
}
