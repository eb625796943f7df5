//! User pools and what is in them.

use crate::support::{
    bench::{Bench, Made},
    samples::{Samples, of_pools},
};
use serde_json::json;
use wsctl::spec::{
    branding::Branding, client::Client, custom_domain::CustomDomain, domain::Domain, group::Group,
    identity_pool::IdentityPool, risk_configuration::RiskConfiguration, user::User,
    user_pool::UserPool,
};

pub(crate) async fn a_user_pool(bench: &Bench) {
    let function = |name: &str| format!("arn:aws:lambda:eu-west-1:123456789012:function:{name}");
    let key = "arn:aws:kms:eu-west-1:123456789012:key/00000000-0000-4000-8000-000000000001";
    let sample = json!({
        "name": "contract",
        "sign_in": ["email"],
        "case_sensitive": false,
        "self_registration": true,
        "required_attributes": ["email", "name"],
        "standard_attributes": {
            "family_name": { "mutable": false, "max": 100 },
            "name": { "required": true, "min": 2, "max": 50 },
        },
        "custom_attributes": { "tenant": { "type": "string", "mutable": true, "min": 1, "max": 20 } },
        "password_policy": { "minimum_length": 10, "require_symbols": true, "temporary_password_validity_days": 3 },
        "auto_verify": ["email"],
        "keep_until_verified": ["email"],
        "devices": { "remember": "opt_in", "challenge_new_devices": true },
        "account_recovery": ["verified_email"],
        "first_factors": ["PASSWORD", "WEB_AUTHN"],
        "mfa": {
            "mode": "off",
            "passkeys": { "relying_party": "example.com", "user_verification": "preferred", "multi_factor": false },
        },
        "feature_plan": "ESSENTIALS",
        "deletion_protection": false,
        "email": { "sender": "COGNITO_DEFAULT" },
        "verification_message": { "email_subject": "Your code", "email_message": "It is {####}." },
        "invitation_message": { "email_subject": "Come", "email_message": "{username}: {####}" },
        "triggers": {
            "pre_sign_up": function("one"), "post_confirmation": function("one"),
            "pre_token_generation": function("one"), "pre_token_generation_version": "V2_0",
            "custom_email_sender": function("one"), "kms_key": key,
        },
        "tags": { "team": "a", "old": "x" },
    });
    let changed = json!({
        "name": "renamed",
        "self_registration": false,
        "custom_attributes": { "seats": { "type": "number", "mutable": true, "min": 0, "max": 9 } },
        "password_policy": { "minimum_length": 12 },
        "keep_until_verified": [],
        "devices": { "remember": "always", "challenge_new_devices": false },
        "threat_protection": "AUDIT",
        "account_recovery": ["admin_only"],
        "mfa": {
            "mode": "optional", "totp": true,
            "email": true, "email_subject": "A code", "email_message": "{####}",
            "passkeys": { "user_verification": "required", "multi_factor": true },
        },
        "email": {
            "sender": "DEVELOPER",
            "ses_source_arn": format!("arn:aws:ses:eu-west-1:{}:identity/example.com", bench.account),
        },
        "feature_plan": "PLUS",
        "deletion_protection": true,
        "verification_message": { "email_subject": "Your new code" },
        "triggers": {
            "pre_sign_up": function("two"), "pre_token_generation": function("one"),
            "pre_token_generation_version": "V1_0", "user_migration": function("two"),
        },
        "tags": { "team": "b", "new": "y" },
    });
    bench
        .keeps::<UserPool>(None, "user_pool", sample, changed)
        .await;
}

async fn pool(bench: &Bench) -> Made {
    bench
        .make::<UserPool>(None, "user_pool", json!({ "name": "contract" }))
        .await
}

pub(crate) async fn a_group(bench: &Bench) {
    let pool = pool(bench).await;
    let sample = json!({ "description": "May look", "precedence": 20 });
    bench
        .keeps::<Group>(Some(&pool), "readers", sample, json!({ "precedence": 0 }))
        .await;
    let sample = json!({ "precedence": 20 });
    bench
        .keeps::<Group>(
            Some(&pool),
            "editors",
            sample,
            json!({ "description": "May change" }),
        )
        .await;
}

pub(crate) async fn every_part(bench: &Bench) {
    every_part_of(bench, &pool(bench).await, of_pools()).await;
}

/// All of a kind's fields at once, and then each after all others were declared.
pub(crate) async fn every_part_of(bench: &Bench, parent: &Made, kinds: Vec<Samples>) {
    assert!(!kinds.is_empty());
    for it in kinds {
        let (one, other) = (it.all(0), it.all(1));
        bench
            .keeps_its_contract(it.kind, Some(parent), "all", one.clone(), other)
            .await;
        for (field, values) in &it.fields {
            if it.kind.replace_on.contains(&field.as_str()) {
                continue;
            }
            let mut others = one.clone();
            if !it.needs(field) {
                others.as_object_mut().unwrap().remove(field);
            }
            let mut changed = json!({ field: values[1] });
            let fixed = it.kind.replace_on.iter().copied();
            let followers = it.followers.iter().filter(|(_, leader)| leader == field);
            for kept in fixed.chain(followers.map(|(name, _)| name.as_str())) {
                changed[kept] = one[kept].clone();
            }
            let name = field.replace('_', "");
            bench
                .keeps_its_contract(it.kind, Some(parent), &name, others, changed)
                .await;
        }
    }
}

pub(crate) async fn a_client(bench: &Bench) {
    let pool = pool(bench).await;
    let sample = json!({
        "name": "contract",
        "secret": true,
        "auth_flows": ["ALLOW_USER_SRP_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"],
        "auth_session_validity": "3m",
        "access_token_validity": "15m",
        "id_token_validity": "1h",
        "refresh_token_validity": "5d",
        "oauth_grants": ["code"],
        "oauth_scopes": ["openid", "email"],
        "callback_urls": ["https://example.com/a", "https://example.com/b"],
        "logout_urls": ["https://example.com/"],
        "default_redirect_uri": "https://example.com/a",
        "identity_providers": ["COGNITO"],
        "prevent_user_existence_errors": true,
        "token_revocation": true,
        "refresh_token_rotation": { "enabled": false, "retry_grace_period": "0s" },
        "read_attributes": ["email", "name"],
        "write_attributes": ["name"],
    });
    let changed = json!({
        "name": "renamed",
        "access_token_validity": "5m",
        "auth_flows": ["ALLOW_USER_SRP_AUTH"],
        "refresh_token_rotation": { "enabled": true, "retry_grace_period": "20s" },
        "refresh_token_validity": "8h",
        "oauth_scopes": ["openid"],
        "callback_urls": ["https://example.com/b"],
        "default_redirect_uri": "https://example.com/b",
        "prevent_user_existence_errors": false,
        "write_attributes": ["name", "email"],
    });
    bench
        .keeps::<Client>(Some(&pool), "web", sample, changed)
        .await;
}

pub(crate) async fn a_branding(bench: &Bench) {
    let pool = pool(bench).await;
    let client = bench
        .make::<Client>(Some(&pool), "web", json!({ "name": "contract" }))
        .await;
    bench
        .keeps::<Branding>(
            Some(&client),
            "",
            json!({
                "settings": { "categories": { "global": { "colorSchemeMode": "LIGHT", "spacingDensity": "REGULAR" } },
                              "componentClasses": { "buttons": { "borderRadius": 8.5 } } },
                "assets": { "FORM_LOGO": "data:image/svg+xml;base64,PHN2Zy8+" },
            }),
            json!({
                "settings": { "categories": { "global": { "colorSchemeMode": "DARK" } } },
                "assets": { "FORM_LOGO": "data:image/png;base64,AAAA",
                            "PAGE_BACKGROUND_DARK": "data:image/jpeg;base64,BBBB" },
            }),
        )
        .await;
}

pub(crate) async fn a_domain(bench: &Bench) {
    let pool = pool(bench).await;
    let prefix = format!("contract-{}", bench.account);
    let sample = json!({ "prefix": prefix, "managed_login_version": 1 });
    let changed = json!({ "prefix": prefix, "managed_login_version": 2 });
    bench
        .keeps::<Domain>(Some(&pool), "", sample, changed)
        .await;
}

pub(crate) async fn a_custom_domain(bench: &Bench) {
    let pool = pool(bench).await;
    let spec = |certificate: &str, version: u8| {
        json!({
            "name": "auth.example.com",
            "certificate_arn": format!("arn:aws:acm:us-east-1:123456789012:certificate/{certificate}"),
            "managed_login_version": version,
            "security_policy": if version == 1 { "TLS_V1_2_2021" } else { "TLS_V1_3_2025" },
        })
    };
    bench
        .keeps::<CustomDomain>(Some(&pool), "", spec("one", 1), spec("other", 2))
        .await;
}

pub(crate) async fn a_risk_configuration(bench: &Bench) {
    let spec =
        json!({ "name": "contract", "feature_plan": "PLUS", "threat_protection": "ENFORCED" });
    let pool = bench.make::<UserPool>(None, "user_pool", spec).await;
    let ses =
        |name: &str| format!("arn:aws:ses:eu-west-1:123456789012:identity/{name}@example.com");
    let email = |text: &str| json!({ "subject": text, "text_body": "In {city}" });
    let sample = json!({
        "compromised_credentials": { "action": "BLOCK", "events": ["SIGN_IN"] },
        "account_takeover": {
            "low": { "action": "NO_ACTION", "notify": false },
            "high": { "action": "BLOCK", "notify": true },
            "notify": { "ses_source_arn": ses("a"), "from": "a@example.com", "block_email": email("No") },
        },
        "blocked_ip_ranges": ["192.0.2.0/24"],
        "skipped_ip_ranges": ["198.51.100.0/24"],
    });
    let changed = json!({
        "compromised_credentials": { "action": "NO_ACTION" },
        "account_takeover": {
            "medium": { "action": "MFA_REQUIRED", "notify": true },
            "notify": { "ses_source_arn": ses("b"), "reply_to": "b@example.com", "mfa_email": email("Yes") },
        },
        "blocked_ip_ranges": ["192.0.2.0/24", "203.0.113.0/24"],
        "skipped_ip_ranges": [],
    });
    bench
        .keeps::<RiskConfiguration>(Some(&pool), "", sample, changed)
        .await;
}

pub(crate) async fn an_identity_pool(bench: &Bench) {
    let pool = pool(bench).await;
    let client = bench
        .make::<Client>(Some(&pool), "web", json!({ "name": "contract" }))
        .await;
    let web = format!("{}:{}", pool.output("id"), client.output("id"));
    let role = |name: &str| format!("arn:aws:iam::123456789012:role/{name}");
    let arn = |kind: &str| format!("arn:aws:iam::123456789012:{kind}/contract");
    let rule =
        json!({ "claim": "custom:tenant", "match": "contains", "value": "a", "role": role("a") });
    let sample = json!({
        "name": "contract",
        "allow_unauthenticated": true,
        "allow_classic_flow": true,
        "clients": [web],
        "server_side_token_check": true,
        "login_providers": { "accounts.google.com": "1.example", "www.amazon.com": "2.example" },
        "openid_connect_providers": [arn("oidc-provider")],
        "saml_providers": [arn("saml-provider")],
        "developer_provider": "login.example.com",
        "authenticated_role": role("signed-in"),
        "unauthenticated_role": role("guests"),
        "role_mappings": [{ "provider": web, "rules": [rule], "otherwise": "deny" }],
        "tags": { "team": "a", "old": "x" },
    });
    let changed = json!({
        "name": "renamed",
        "allow_unauthenticated": false,
        "server_side_token_check": false,
        "login_providers": { "accounts.google.com": "3.example" },
        "saml_providers": [],
        "unauthenticated_role": "",
        "role_mappings": [{ "provider": web, "otherwise": "authenticated_role" }],
        "tags": { "team": "b", "new": "y" },
    });
    bench
        .keeps::<IdentityPool>(None, "identity_pool", sample, changed)
        .await;
}

pub(crate) async fn a_user(bench: &Bench) {
    let pool = pool(bench).await;
    for group in ["one", "two"] {
        bench.make::<Group>(Some(&pool), group, json!({})).await;
    }
    let sample = json!({
        "attributes": { "email": "ann@example.com", "name": "Ann" },
        "groups": ["one"],
        "password": "Correct-Horse-7-Battery",
        "has_password": true,
    });
    let changed = json!({ "attributes": { "email": "ann@example.com" }, "groups": ["one", "two"] });
    bench
        .keeps::<User>(Some(&pool), "ann@example.com", sample, changed)
        .await;
}
