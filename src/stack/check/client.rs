//! App clients. Pure.

use super::{Findings, below, is_open};
use crate::{
    duration::Duration,
    kinds::{
        client::{Client, Grant},
        user_pool::{FeaturePlan, UserPool},
    },
    stack::{schema::closest, source::Path},
};
use std::collections::BTreeSet;

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;

/// AWS's flow names (Cognito API reference, ExplicitAuthFlows).
const FLOWS: [&str; 6] = [
    "ALLOW_USER_AUTH",
    "ALLOW_USER_SRP_AUTH",
    "ALLOW_USER_PASSWORD_AUTH",
    "ALLOW_ADMIN_USER_PASSWORD_AUTH",
    "ALLOW_CUSTOM_AUTH",
    "ALLOW_REFRESH_TOKEN_AUTH",
];

pub(super) fn check(found: &mut Findings<'_>, place: &Path, client: &Client, pool: &UserPool) {
    flows(found, place, client, pool);
    validities(found, place, client);
    grants(found, place, client);
    for (list, urls) in [("callback_urls", &client.callback_urls), ("logout_urls", &client.logout_urls)] {
        for url in urls.iter().flatten() {
            if let Some((message, help)) = mistake_in_url(url) {
                found.error(found.item(&below(place, list), url), message, help);
            }
        }
    }
    if let (Some(default), Some(urls)) = (&client.default_redirect_uri, &client.callback_urls)
        && !urls.contains(default)
    {
        let message = format!("default_redirect_uri {default} is not one of callback_urls");
        found.error(
            below(place, "default_redirect_uri"),
            message,
            "add it to callback_urls, or name one of them",
        );
    }
}

fn flows(found: &mut Findings<'_>, place: &Path, client: &Client, pool: &UserPool) {
    for flow in client.auth_flows.iter().flatten() {
        let at = found.item(&below(place, "auth_flows"), flow);
        if flow == "ADMIN_NO_SRP_AUTH" {
            found.error(at, "ADMIN_NO_SRP_AUTH is the old name", "write ALLOW_ADMIN_USER_PASSWORD_AUTH");
        } else if !is_open(flow) && !FLOWS.contains(&flow.as_str()) {
            let help = match closest(flow, &FLOWS.map(String::from)) {
                Some(close) => format!("did you mean \"{close}\"?"),
                None => format!("write one of: {}", FLOWS.join(", ")),
            };
            found.error(at, format!("there is no auth flow {flow}"), help);
        } else if flow == "ALLOW_USER_AUTH" && pool.feature_plan == Some(FeaturePlan::Lite) {
            found.error(
                at,
                "ALLOW_USER_AUTH needs a feature plan above LITE",
                "set feature_plan = \"ESSENTIALS\" in [user_pool]",
            );
        }
    }
}

/// Ranges of the Cognito API reference (dossier §3).
fn validities(found: &mut Findings<'_>, place: &Path, client: &Client) {
    let mut within = |key: &str, value: &Option<Duration>, least: u64, most: u64, words: &str| {
        if let Some(value) = value.as_ref().filter(|it| !(least..=most).contains(&it.seconds())) {
            found.error(
                below(place, key),
                format!("{key} is {value}, outside {words}"),
                format!("write {words}"),
            );
        }
    };
    within(
        "auth_session_validity",
        &client.auth_session_validity,
        3 * MINUTE,
        15 * MINUTE,
        "\"3m\" to \"15m\"",
    );
    within("access_token_validity", &client.access_token_validity, 5 * MINUTE, DAY, "\"5m\" to \"1d\"");
    within("id_token_validity", &client.id_token_validity, 5 * MINUTE, DAY, "\"5m\" to \"1d\"");
    within("refresh_token_validity", &client.refresh_token_validity, HOUR, 3650 * DAY, "\"1h\" to \"3650d\"");
    let whole_minutes = client.auth_session_validity.as_ref().is_none_or(|it| it.seconds() % MINUTE == 0);
    if !whole_minutes {
        found.error(
            below(place, "auth_session_validity"),
            "auth_session_validity takes whole minutes",
            "write \"3m\", say",
        );
    }
}

fn grants(found: &mut Findings<'_>, place: &Path, client: &Client) {
    let Some(grants) = &client.oauth_grants else { return };
    let has = |grant: Grant| grants.contains(&grant);
    let none = |set: &Option<BTreeSet<String>>| set.as_ref().is_none_or(BTreeSet::is_empty);
    let at = below(place, "oauth_grants");
    if has(Grant::Implicit) {
        let help = "use \"code\" (with PKCE) alone unless an old front end needs implicit";
        found.warn(at.clone(), "implicit puts tokens into the browser's address bar and history", help);
    }
    if has(Grant::ClientCredentials) && grants.len() > 1 {
        found.error(
            at.clone(),
            "client_credentials cannot be combined with other grants",
            "give it a client of its own",
        );
    }
    if has(Grant::ClientCredentials) && client.secret != Some(true) {
        found.error(at.clone(), "client_credentials needs a client with a secret", "add secret = true");
    }
    if (has(Grant::Code) || has(Grant::Implicit)) && none(&client.callback_urls) {
        found.error(
            at.clone(),
            "these grants need a callback URL",
            "add callback_urls = [\"http://localhost:3000/callback\"]",
        );
    }
    if !grants.is_empty() && none(&client.oauth_scopes) {
        found.error(at, "these grants need scopes", "add oauth_scopes = [\"openid\", \"email\", \"phone\"]");
    }
}

/// Absolute, no fragment, https unless it is this machine or an app's own scheme (dossier §3).
fn mistake_in_url(url: &str) -> Option<(String, &'static str)> {
    if is_open(url) {
        return None;
    }
    let Some((scheme, rest)) = url.split_once("://") else {
        return Some((
            format!("`{url}` is not an absolute URL"),
            "write https://…, or http://localhost:… on your own machine",
        ));
    };
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let is_local = ["localhost", "127.0.0.1", "[::1]"]
        .iter()
        .any(|name| host.strip_prefix(name).is_some_and(|port| port.is_empty() || port.starts_with(':')));
    if url.contains('#') {
        Some((format!("`{url}` has a fragment"), "remove everything from the # on"))
    } else if url.contains(char::is_whitespace) || url.contains('*') {
        Some((format!("`{url}` has a space or a wildcard"), "write each URL out in full"))
    } else if host.is_empty() {
        Some((format!("`{url}` has no host"), "write https://HOST/PATH"))
    } else if scheme == "http" && !is_local {
        Some((
            format!("`{url}` is neither https nor on this machine"),
            "write https://; AWS takes http:// only for localhost, 127.0.0.1 and [::1]",
        ))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::mistake_in_url;

    #[test]
    fn urls_that_aws_takes_are_taken() {
        for url in [
            "https://example.com",
            "http://localhost:3000/callback",
            "http://127.0.0.1",
            "http://[::1]:8080/",
            "myapp://signin",
        ] {
            assert_eq!(mistake_in_url(url), None, "{url}");
        }
    }

    #[test]
    fn urls_that_aws_refuses_are_refused() {
        for url in [
            "example.com/cb",
            "http://example.com",
            "https://example.com/#x",
            "http://localhost.example.com/",
            "https://*.example.com",
            "https://",
        ] {
            assert!(mistake_in_url(url).is_some(), "{url}");
        }
    }
}
