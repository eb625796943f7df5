//! Pools: made with defaults, updated field by field, deleted with care (docs/aws.md §2).

use super::{Pool, children::User, find, mfa, sms, triggers, wrong};
use crate::{
    call::{Answer, Call, Refusal, refuse},
    cloud::{Cloud, MOST_TAGS, in_part, tags_of, texts, without},
};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;

const STANDARD: [&str; 18] = [
    "sub",
    "address",
    "birthdate",
    "email",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "picture",
    "preferred_username",
    "profile",
    "updated_at",
    "website",
    "zoneinfo",
];

/// What `UpdateUserPool` takes and resets where it is left out, as measured or as the model says.
const RESET: [&str; 14] = [
    "DeletionProtection",
    "LambdaConfig",
    "AutoVerifiedAttributes",
    "VerificationMessageTemplate",
    "SmsAuthenticationMessage",
    "DeviceConfiguration",
    "EmailConfiguration",
    "SmsConfiguration",
    "UserPoolTags",
    "AdminCreateUserConfig",
    "UserPoolAddOns",
    "AccountRecoverySetting",
    "KeyConfiguration",
    "IssuerConfiguration",
];

/// What it keeps where it is left out: measured, or known from Terraform.
const KEPT: [&str; 4] = [
    "UserAttributeUpdateSettings",
    "UserPoolTier",
    "MfaConfiguration",
    "AcrConfiguration",
];

fn default_of(field: &str) -> Option<Value> {
    Some(match field {
        "DeletionProtection" => json!("INACTIVE"),
        "LambdaConfig" | "UserPoolTags" => json!({}),
        "VerificationMessageTemplate" => json!({ "DefaultEmailOption": "CONFIRM_WITH_CODE" }),
        "EmailConfiguration" => json!({ "EmailSendingAccount": "COGNITO_DEFAULT" }),
        "AdminCreateUserConfig" => json!({ "AllowAdminCreateUserOnly": false }),
        "UserPoolTier" => json!("ESSENTIALS"),
        "MfaConfiguration" => json!("OFF"),
        "Policies" => json!({
            "PasswordPolicy": {
                "MinimumLength": 8, "RequireUppercase": true, "RequireLowercase": true, "RequireNumbers": true,
                "RequireSymbols": true, "TemporaryPasswordValidityDays": 7,
            },
            "SignInPolicy": { "AllowedFirstAuthFactors": ["PASSWORD"] },
        }),
        _ => return None,
    })
}

pub(super) fn create(cloud: &mut Cloud, call: &Call) -> Answer {
    if let Some(fault) = sms::role_fault(cloud, call) {
        return Err(fault);
    }
    if !call.get("UsernameAttributes").is_null() && !call.get("AliasAttributes").is_null() {
        return wrong(
            "Only one of the aliasAttributes or usernameAttributes can be set in a user pool.",
        );
    }
    if cloud.strict.mfa && !matches!(call.text("MfaConfiguration"), "" | "OFF") {
        return wrong(
            "SMS configuration and Auto verification for phone_number are required when MFA is required/optional",
        );
    }
    let id = cloud.fresh("P", 9);
    let id = format!("{}_{id}", cloud.region);
    let mut tree = Map::new();
    tree.insert("Id".into(), json!(id));
    tree.insert("Name".into(), call.get("PoolName").clone());
    tree.insert(
        "Arn".into(),
        json!(cloud.arn("cognito-idp", &format!("userpool/{id}"))),
    );
    tree.insert("CreationDate".into(), json!(cloud.date()));
    tree.extend(without(&call.input, &["PoolName", "Policies", "Schema"]));
    for field in RESET.iter().chain(&KEPT).chain(&["Policies"]) {
        if let (false, Some(default)) = (tree.contains_key(*field), default_of(field)) {
            tree.insert((*field).into(), default);
        }
    }
    merge_policies(&mut tree, call.get("Policies"));
    tree.insert("SchemaAttributes".into(), schema(call.get("Schema")));
    triggers::settle(&mut tree)?;
    check(&tree, call)?;
    let pool = Pool {
        made: cloud.now,
        tree,
        factors: Map::new(),
        risks: Map::new(),
        clients: BTreeMap::new(),
        parts: BTreeMap::new(),
        users: BTreeMap::new(),
        brandings: BTreeMap::new(),
    };
    let answer = json!({ "UserPool": shown(cloud, &pool) });
    cloud.cognito.pools.insert(id, pool);
    Ok(answer)
}

/// The pool with the older message fields, which repeat the template (docs/aws.md §2), with the days that
/// the password policy has taken over, and with as many users as it had a while ago.
fn shown(cloud: &Cloud, pool: &Pool) -> Value {
    let mut tree = pool.tree.clone();
    let is_counted = |it: &&User| cloud.now >= it.made + cloud.strict.estimate_lag;
    tree.insert(
        "EstimatedNumberOfUsers".into(),
        json!(pool.users.values().filter(is_counted).count()),
    );
    let days = pool.get("Policies")["PasswordPolicy"]["TemporaryPasswordValidityDays"].clone();
    if let (Some(config), false) = (
        tree["AdminCreateUserConfig"].as_object_mut(),
        days.is_null(),
    ) {
        config.insert("UnusedAccountValidityDays".into(), days);
    }
    let template = pool.get("VerificationMessageTemplate").clone();
    for (old, new) in [
        ("EmailVerificationMessage", "EmailMessage"),
        ("EmailVerificationSubject", "EmailSubject"),
        ("SmsVerificationMessage", "SmsMessage"),
    ] {
        if !template[new].is_null() {
            tree.insert(old.into(), template[new].clone());
        }
    }
    Value::Object(tree)
}

/// All standard attributes, the declared ones as declared, and custom ones with their prefix.
fn schema(declared: &Value) -> Value {
    let declared: Vec<_> = declared.as_array().cloned().unwrap_or_default();
    let standard = STANDARD.iter().map(|name| {
        let own = declared.iter().find(|it| it["Name"] == *name);
        let said = |member: &str| own.map_or(&Value::Null, |it| &it[member]);
        let required = said("Required") == true || *name == "sub";
        let mutable = said("Mutable") != false && *name != "sub";
        let mut attribute = json!({
            "Name": name, "AttributeDataType": "String", "Mutable": mutable, "Required": required,
            "DeveloperOnlyAttribute": false,
        });
        let (member, usual) = match *name {
            "updated_at" => ("NumberAttributeConstraints", json!({ "MinValue": "0" })),
            "birthdate" => (
                "StringAttributeConstraints",
                json!({ "MinLength": "10", "MaxLength": "10" }),
            ),
            _ => (
                "StringAttributeConstraints",
                json!({ "MinLength": "0", "MaxLength": "2048" }),
            ),
        };
        if *name == "updated_at" {
            attribute["AttributeDataType"] = json!("Number");
        }
        attribute[member] = match said(member) {
            Value::Null => usual,
            said => said.clone(),
        };
        attribute
    });
    let own = declared
        .iter()
        .filter(|it| !STANDARD.iter().any(|name| it["Name"] == *name))
        .map(custom);
    standard.chain(own).collect()
}

/// Bounds are strings, and there are some where none were given (docs/aws.md §2).
fn custom(declared: &Value) -> Value {
    let mut tree = declared.clone();
    let developers = match declared["DeveloperOnlyAttribute"] == true {
        true => "dev:",
        false => "",
    };
    tree["Name"] = json!(format!(
        "{developers}custom:{}",
        declared["Name"].as_str().unwrap_or_default()
    ));
    tree["Required"] = json!(false);
    if tree["AttributeDataType"].is_null() {
        tree["AttributeDataType"] = json!("String");
    }
    if tree["Mutable"].is_null() {
        tree["Mutable"] = json!(true);
    }
    tree
}

pub(super) fn describe(cloud: &mut Cloud, call: &Call) -> Answer {
    let domains = cloud.cognito.domains.iter();
    let domains = domains.filter(|(_, it)| it.pool == call.text("UserPoolId"));
    let domains: Vec<_> = domains
        .map(|(name, it)| (name.clone(), it.certificate.is_some()))
        .collect();
    let incomplete = cloud.strict.incomplete;
    find(cloud, call)?;
    let mut tree = shown(cloud, &cloud.cognito.pools[call.text("UserPoolId")]);
    for (name, is_custom) in domains {
        let member = if is_custom { "CustomDomain" } else { "Domain" };
        tree[member] = json!(name);
    }
    let late = ["Domain", "CustomDomain", "MfaConfiguration"];
    Ok(json!({ "UserPool": in_part(&tree, incomplete, &late) }))
}

pub(super) fn list(cloud: &Cloud) -> Value {
    let pools = cloud
        .cognito
        .pools
        .values()
        .filter(|it| cloud.is_listed(it.made));
    let pools = pools.map(|it| json!({ "Id": it.get("Id"), "Name": it.get("Name") }));
    json!({ "UserPools": pools.collect::<Vec<_>>() })
}

pub(super) fn update(cloud: &mut Cloud, call: &Call) -> Answer {
    if let Some(fault) = sms::role_fault(cloud, call) {
        return Err(fault);
    }
    let resets = cloud.strict.resets;
    let is_strict = cloud.strict.mfa;
    let pool = find(cloud, call)?;
    let mut tree = pool.tree.clone();
    if is_strict
        && !matches!(call.text("MfaConfiguration"), "" | "OFF")
        && !mfa::has_factor(&pool.factors)
    {
        return wrong("Enable at least one MFA factor before turning MFA on.");
    }
    for field in RESET {
        match (call.get(field), default_of(field)) {
            (Value::Null, Some(default)) if resets => tree.insert(field.into(), default),
            (Value::Null, None) if resets => tree.remove(field),
            (Value::Null, _) => None,
            (value, _) => tree.insert(field.into(), value.clone()),
        };
    }
    for field in KEPT.iter().filter(|field| !call.get(field).is_null()) {
        tree.insert((*field).into(), call.get(field).clone());
    }
    if !call.get("PoolName").is_null() {
        tree.insert("Name".into(), call.get("PoolName").clone());
    }
    merge_policies(&mut tree, call.get("Policies"));
    triggers::settle(&mut tree)?;
    check(&tree, call)?;
    if is_strict
        && mfa::has_weak_passkeys(
            &tree,
            pool.factors
                .get("WebAuthnConfiguration")
                .unwrap_or(&Value::Null),
        )
    {
        return wrong("MFA cannot be required with passkeys of one factor as a first factor.");
    }
    pool.tree = tree;
    Ok(json!({}))
}

/// Of the two policies, the one that is left out is kept (docs/aws.md §2, measured).
fn merge_policies(tree: &mut Map<String, Value>, sent: &Value) {
    let policies = tree.entry("Policies").or_insert(json!({}));
    for (name, policy) in sent.as_object().into_iter().flatten() {
        policies[name.as_str()] = policy.clone();
    }
}

/// What no pool can be.
fn check(tree: &Map<String, Value>, call: &Call) -> Result<(), Refusal> {
    let sent = call.get("AdminCreateUserConfig");
    let days = &call.get("Policies")["PasswordPolicy"]["TemporaryPasswordValidityDays"];
    if !sent["UnusedAccountValidityDays"].is_null() && !days.is_null() {
        return wrong(
            "Please use TemporaryPasswordValidityDays in PasswordPolicy instead of UnusedAccountValidityDays",
        );
    }
    let verified = tree
        .get("AutoVerifiedAttributes")
        .map(texts)
        .unwrap_or_default();
    let has_sms = tree
        .get("SmsConfiguration")
        .is_some_and(|it| !it["SnsCallerArn"].is_null());
    if verified.contains(&"phone_number".to_owned()) && !has_sms {
        return wrong(
            "SMS configuration is required when phone_number is selected for auto verification",
        );
    }
    let kept =
        &call.get("UserAttributeUpdateSettings")["AttributesRequireVerificationBeforeUpdate"];
    let kept = texts(kept);
    if kept.iter().any(|it| !verified.contains(it)) {
        return wrong(
            "AttributesRequireVerificationBeforeUpdate must be a subset of AutoVerifiedAttributes.",
        );
    }
    let mode = tree
        .get("UserPoolAddOns")
        .map_or(&Value::Null, |it| &it["AdvancedSecurityMode"]);
    if !mode.is_null() && mode != "OFF" && tree["UserPoolTier"] != "PLUS" {
        return refuse(
            "FeatureUnavailableInTierException",
            "Threat protection is in the PLUS plan alone.",
        );
    }
    let factors = texts(&tree["Policies"]["SignInPolicy"]["AllowedFirstAuthFactors"]);
    if tree["UserPoolTier"] == "LITE" && factors.iter().any(|it| it != "PASSWORD") {
        return refuse(
            "FeatureUnavailableInTierException",
            "Choice-based sign-in is not in the LITE plan.",
        );
    }
    if tree["MfaConfiguration"] == "ON"
        && factors
            .iter()
            .any(|it| it == "EMAIL_OTP" || it == "SMS_OTP")
    {
        return wrong("MFA cannot be required with one-time passwords as a first factor.");
    }
    Ok(())
}

pub(super) fn retag(cloud: &mut Cloud, call: &Call) -> Answer {
    let arn = call.text("ResourceArn").to_owned();
    let Some(pool) = cloud.cognito.pools.values_mut().find(|it| it.arn() == arn) else {
        return refuse(
            "ResourceNotFoundException",
            format!("{arn} does not exist."),
        );
    };
    let mut tags = pool.tags();
    tags.extend(tags_of(call.get("Tags")));
    let gone = texts(call.get("TagKeys"));
    tags.retain(|key, _| !gone.contains(key));
    if tags.len() > MOST_TAGS {
        return wrong(format!("A resource can have at most {MOST_TAGS} tags."));
    }
    pool.tree.insert("UserPoolTags".into(), json!(tags));
    Ok(json!({}))
}

pub(super) fn add_attributes(cloud: &mut Cloud, call: &Call) -> Answer {
    let pool = find(cloud, call)?;
    let there = pool.tree["SchemaAttributes"]
        .as_array_mut()
        .expect("a schema");
    for added in call
        .get("CustomAttributes")
        .as_array()
        .into_iter()
        .flatten()
        .map(custom)
    {
        if there.iter().any(|it| it["Name"] == added["Name"]) {
            return wrong("The custom attribute already exists.");
        }
        there.push(added);
    }
    Ok(json!({}))
}

pub(super) fn delete(cloud: &mut Cloud, call: &Call) -> Answer {
    let id = call.text("UserPoolId");
    let is_strict = cloud.strict.pool_deletion;
    let has_domain = cloud.cognito.domains.values().any(|it| it.pool == id);
    let pool = find(cloud, call)?;
    if is_strict && pool.get("DeletionProtection") == "ACTIVE" {
        return wrong("The user pool cannot be deleted because deletion protection is activated.");
    }
    if is_strict && has_domain {
        return wrong(
            "User pool cannot be deleted. It has a domain configured that should be deleted first.",
        );
    }
    let (arn, tags) = (pool.arn(), pool.tags());
    cloud.cognito.pools.remove(id);
    cloud.bury(arn, tags);
    Ok(json!({}))
}
