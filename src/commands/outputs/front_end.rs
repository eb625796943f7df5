//! What a front end has to know to sign users in with a client; nothing in it is a secret.

use super::{Outputs, There, answer_of};
use crate::{
    commands::session::Session,
    error::{Error, Result},
    spec::{
        Produces,
        client::Client,
        group::Group,
        user_pool::{Mode, UserPool},
    },
};
use serde_json::{Map, Value, json};

/// The client that is named, or the only one.
pub(in crate::commands) fn client<'a>(
    there: &'a There,
    wanted: Option<&str>,
) -> Result<(&'a String, &'a Client)> {
    let mut clients = there
        .clients
        .iter()
        .filter(|(key, _)| wanted.is_none_or(|wanted| wanted == key.as_str()));
    let names = || there.clients.keys().cloned().collect::<Vec<_>>().join(", ");
    let found = clients.next().ok_or_else(|| {
        Error::usage("the stack has no such app client").hint(format!("it has: {}", names()))
    })?;
    match clients.next() {
        None => Ok(found),
        Some(_) => Err(Error::usage("the stack has several app clients")
            .hint(format!("add --client, one of: {}", names()))),
    }
}

/// Where the hosted login is: the address without a path; none where the client has none.
fn login<'a>(outputs: &'a Outputs, key: &str) -> Option<&'a str> {
    let url = outputs.text(&format!("login_url_{key}"))?;
    Some(url.split_once("/oauth2/authorize")?.0)
}

/// The settings of an OpenID Connect client.
pub(in crate::commands) fn oidc(
    there: &There,
    outputs: &Outputs,
    wanted: Option<&str>,
) -> Result<Value> {
    let (key, client) = client(there, wanted)?;
    let base = login(outputs, key);
    let url = outputs.text(&format!("login_url_{key}"));
    Ok(json!({
        "authority": outputs.text("issuer"),
        "client_id": outputs.text(&format!("client_id_{key}")),
        "redirect_uri": client.callback(),
        "post_logout_redirect_uri": client.logout_urls.iter().flatten().next(),
        "response_type": answer_of(client).unwrap_or("code"),
        "scope": client.scope(),
        "login_url": url,
        "logout_url": base.map(|base| format!("{base}/logout")),
        "api_url": outputs.text("api_url"),
    }))
}

/// The version of Amplify's form (aws-amplify/amplify-backend, `client-config`).
const AMPLIFY: &str = "1.2";

/// `amplify_outputs.json`, which Amplify's libraries are configured with.
pub(super) fn amplify(
    session: &Session,
    there: &There,
    outputs: &Outputs,
    wanted: Option<&str>,
) -> Result<Value> {
    let (key, client) = client(there, wanted)?;
    let file = &session.stack.file;
    let region = outputs.text("region");
    let mut auth = json!({
        "aws_region": region,
        "user_pool_id": outputs.text("user_pool_id"),
        "user_pool_client_id": outputs.text(&format!("client_id_{key}")),
    });
    if let Some(id) = outputs.text("identity_pool_id") {
        auth["identity_pool_id"] = id.into();
        let lets_guests_in = file
            .identity_pool
            .as_ref()
            .and_then(|it| it.settings.allow_unauthenticated);
        auth["unauthenticated_identities_enabled"] = lets_guests_in.unwrap_or_default().into();
    }
    if let Some(pool) = &file.user_pool {
        of_pool(&mut auth, &pool.settings);
        let groups = session
            .stack
            .desired
            .iter()
            .filter(|it| it.kind == Group::NAME);
        let groups = groups.map(|it| match &it.spec["precedence"] {
            Value::Null => json!({ &it.name: {} }),
            precedence => json!({ &it.name: { "precedence": precedence } }),
        });
        auth["groups"] = groups.collect();
    }
    if let Some(base) = login(outputs, key) {
        auth["oauth"] = oauth(client, base);
    }
    let mut all = json!({ "version": AMPLIFY, "auth": auth });
    let apis = apis(outputs, region);
    if !apis.is_empty() {
        all["custom"] = json!({ "API": apis });
    }
    Ok(all)
}

fn of_pool(auth: &mut Value, pool: &UserPool) {
    if let Some(names) = &pool.sign_in {
        auth["username_attributes"] = json!(names);
    }
    if let Some(names) = &pool.required_attributes {
        auth["standard_required_attributes"] = json!(names);
    }
    if let Some(names) = &pool.auto_verify {
        auth["user_verification_types"] = json!(names);
    }
    if let Some(policy) = &pool.password_policy {
        let must = |it: Option<bool>| it.unwrap_or_default();
        auth["password_policy"] = json!({
            "min_length": policy.minimum_length,
            "require_lowercase": must(policy.require_lowercase),
            "require_uppercase": must(policy.require_uppercase),
            "require_numbers": must(policy.require_numbers),
            "require_symbols": must(policy.require_symbols),
        });
    }
    if let Some(mfa) = &pool.mfa {
        auth["mfa_configuration"] = match mfa.mode {
            Mode::Off => "NONE",
            Mode::Optional => "OPTIONAL",
            Mode::On => "REQUIRED",
        }
        .into();
        let methods = [("TOTP", mfa.totp == Some(true)), ("SMS", mfa.sms.is_some())];
        let methods = methods.iter().filter(|it| it.1).map(|it| it.0);
        auth["mfa_methods"] = json!(methods.collect::<Vec<_>>());
    }
}

/// Amplify writes the domain without its scheme, which is https; the sandbox's is not.
fn oauth(client: &Client, base: &str) -> Value {
    let providers = client.identity_providers.iter().flatten();
    let providers = providers.filter_map(|name| match name.as_str() {
        "Google" => Some("GOOGLE"),
        "Facebook" => Some("FACEBOOK"),
        "LoginWithAmazon" => Some("LOGIN_WITH_AMAZON"),
        "SignInWithApple" => Some("SIGN_IN_WITH_APPLE"),
        _ => None,
    });
    json!({
        "identity_providers": providers.collect::<Vec<_>>(),
        "domain": base.strip_prefix("https://").unwrap_or(base),
        "scopes": client.oauth_scopes.iter().flatten().collect::<Vec<_>>(),
        "redirect_sign_in_uri": client.callback_urls.iter().flatten().collect::<Vec<_>>(),
        "redirect_sign_out_uri": client.logout_urls.iter().flatten().collect::<Vec<_>>(),
        "response_type": answer_of(client).unwrap_or("code"),
    })
}

/// What `Amplify.configure` takes REST APIs from, by their names here: `api`, `api_NAME`.
fn apis(outputs: &Outputs, region: Option<&str>) -> Map<String, Value> {
    let urls = outputs.values.iter().filter_map(|(name, url)| {
        let end = name.strip_prefix("api_url")?;
        let api = json!({ "endpoint": url, "region": region, "apiName": format!("api{end}") });
        Some((format!("api{end}"), api))
    });
    urls.collect()
}
