//! App clients. Pure.

use super::{
    Check, Findings, attributes, below, is_open,
    providers::{self, OWN},
    scopes,
    user_pool::ABOVE_LITE,
};
use crate::{
    duration::{Duration, Unit},
    spec::{
        client::{Client, Grant},
        user_pool::UserPool,
    },
    stack::{schema::closest, source::Path},
};
use std::collections::BTreeSet;

/// The field of the flows.
pub(super) const FLOWS: &str = "auth_flows";
/// The field of what it may ask for.
pub(super) const SCOPES: &str = "oauth_scopes";
/// The field of whose users may sign in.
pub(super) const PROVIDERS: &str = "identity_providers";
const CALLBACKS: &str = "callback_urls";

/// The flow in which a refresh token is good until it ends.
pub(super) const REFRESH: &str = "ALLOW_REFRESH_TOKEN_AUTH";

/// The old names, with the new ones. AWS takes them still, but not beside new ones.
const OLD_FLOWS: [(&str, &str); 3] = [
    ("ADMIN_NO_SRP_AUTH", "ALLOW_ADMIN_USER_PASSWORD_AUTH"),
    ("CUSTOM_AUTH_FLOW_ONLY", "ALLOW_CUSTOM_AUTH"),
    ("USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH"),
];

/// The scopes that every pool has; any other is `SERVER/SCOPE` (Cognito developer guide, "Scopes").
const POOL_SCOPES: [&str; 5] = [
    "openid",
    "email",
    "phone",
    "profile",
    "aws.cognito.signin.user.admin",
];

/// Attributes that every user has beside those that a pool can require.
const GIVEN: [&str; 4] = [
    "sub",
    "email_verified",
    "phone_number_verified",
    "identities",
];

pub(super) fn check(found: &mut Findings<'_>, place: &Path, client: &Client, pool: &UserPool) {
    together(found, place, client, pool);
    validities(found, place, client);
    habits(found, place, client);
    oauth_scopes(found, place, client);
    identity_providers(found, place, client);
    for (list, names) in [
        ("read_attributes", &client.read_attributes),
        ("write_attributes", &client.write_attributes),
    ] {
        for name in names.iter().flatten() {
            let at = found.item(&below(place, list), name);
            attributes::known(found, at, name, pool, &GIVEN);
        }
    }
    for (list, urls) in [
        (CALLBACKS, client.callbacks().collect::<Vec<_>>()),
        ("logout_urls", client.logout_urls.iter().flatten().collect()),
    ] {
        for url in urls {
            let at = found.item(&below(place, list), url);
            if let Some((message, help)) = mistake_in_url(url) {
                found.error(at, message, help);
            } else if url.contains('*') {
                let help = "write each address out: Cognito compares them letter by letter";
                found.warn(
                    Check::WildcardUrl,
                    at,
                    format!("`*` in `{url}` stands for itself"),
                    help,
                );
            }
        }
    }
}

/// What has to fit together in a client and its pool, wherever it comes from.
pub(super) fn together(found: &mut Findings<'_>, place: &Path, client: &Client, pool: &UserPool) {
    user_context(found, place, client);
    flows(found, place, client, pool);
    // What is not declared of a pool that is there may be in AWS.
    let callbacks = match &client.callback_urls {
        None if found.may_be_there => None,
        declared => Some(declared.clone().unwrap_or_default()),
    };
    let has_no_callback = callbacks.as_ref().is_some_and(BTreeSet::is_empty);
    grants(found, place, client, has_no_callback);
    let key = "default_redirect_uri";
    let default = client.default_redirect_uri.as_deref();
    if let (Some(default), Some(callbacks)) = (default.filter(|it| !it.is_empty()), callbacks)
        && !callbacks.contains(default)
    {
        let message = format!("{key} {default} is not one of {CALLBACKS}");
        let help = format!("add it to {CALLBACKS}, or name one of them");
        found.error(below(place, key), message, help);
    }
}

fn flows(found: &mut Findings<'_>, place: &Path, client: &Client, pool: &UserPool) {
    let rotates = client
        .refresh_token_rotation
        .as_ref()
        .is_some_and(|it| it.enabled);
    let flows = || client.flows();
    if rotates && flows().next().is_none() && !found.may_be_there {
        found.error(
            below(place, "refresh_token_rotation"),
            format!(
                "a client without {FLOWS} has {REFRESH}, and refresh tokens that are rotated take none"
            ),
            format!("add {FLOWS} = [\"ALLOW_USER_SRP_AUTH\"], say"),
        );
    }
    let new_name = |flow: &String| {
        OLD_FLOWS
            .iter()
            .find(|(old, _)| old == flow)
            .map(|(_, new)| new)
    };
    let has_new = flows().any(|flow| new_name(flow).is_none());
    for flow in flows().filter(|flow| !is_open(flow)) {
        let at = found.item(&below(place, FLOWS), flow);
        if let Some(new) = new_name(flow) {
            let help = format!("write {new}");
            match has_new {
                true => found.error(
                    at,
                    format!("{flow} is the old name, which cannot stand beside new ones"),
                    help,
                ),
                false => found.warn(Check::OldFlow, at, format!("{flow} is the old name"), help),
            }
        } else if flow == REFRESH && rotates {
            found.error(
                at,
                format!("refresh tokens that are rotated take no {REFRESH}"),
                "remove it: rotation needs no flow; or write enabled = false",
            );
        } else if flow == "ALLOW_USER_AUTH" && pool.is_lite() {
            found.error(
                at,
                "ALLOW_USER_AUTH needs a feature plan above LITE",
                format!("set {ABOVE_LITE} in [user_pool]"),
            );
        }
    }
}

/// AWS takes a scope of a resource server only after that server has it.
fn oauth_scopes(found: &mut Findings<'_>, place: &Path, client: &Client) {
    for scope in client.scopes().filter(|scope| !is_open(scope)) {
        let at = found.item(&below(place, SCOPES), scope);
        if POOL_SCOPES.contains(&scope.as_str()) {
            continue;
        }
        if !scope.contains('/') {
            let help = match closest(scope, &POOL_SCOPES.map(String::from)) {
                Some(close) => format!("did you mean \"{close}\"?"),
                None => {
                    format!(
                        "write one of {}, or SERVER/SCOPE of a resource server",
                        POOL_SCOPES.join(", ")
                    )
                }
            };
            found.error(at, format!("no pool has the scope `{scope}`"), help);
        } else if let Some(unknown) = scopes::unknown(found, scope) {
            if unknown.is_certain || found.is_all_declared() {
                found.error(at, unknown.message, unknown.help);
            } else if !found.is_pool_existing() {
                // Somebody may have made it: the plan knows.
                found.warn(Check::UnknownScope, at, unknown.message, unknown.help);
            }
        }
    }
}

/// AWS takes a provider only after the pool has it.
fn identity_providers(found: &mut Findings<'_>, place: &Path, client: &Client) {
    let names = client.identity_providers.iter().flatten();
    for name in names.filter(|name| !is_open(name)) {
        let known = providers::names(found.tree);
        if name == OWN || known.contains(name) {
            continue;
        }
        let at = found.item(&below(place, PROVIDERS), name);
        let message = format!("the pool has no identity provider `{name}`");
        let help = providers::instead_of(name, &known);
        if name.eq_ignore_ascii_case(OWN) || found.is_all_declared() {
            found.error(at, message, help);
        } else if !found.is_pool_existing() {
            found.warn_of_pool(at, message, help);
        }
    }
}

/// How long a token may be good for unless it is meant: nobody can take an access or ID token back.
const LONG: Duration = Duration::new(12, Unit::Hours);
const LONG_REFRESH: Duration = Duration::new(365, Unit::Days);

/// What AWS takes and few want.
fn habits(found: &mut Findings<'_>, place: &Path, client: &Client) {
    for (key, validity, most) in [
        ("access_token_validity", client.access_token_validity, LONG),
        ("id_token_validity", client.id_token_validity, LONG),
        (
            "refresh_token_validity",
            client.refresh_token_validity,
            LONG_REFRESH,
        ),
    ] {
        if let Some(validity) = validity.filter(|it| *it > most) {
            let message = format!("who gets hold of the token has its use for {validity}");
            let help = format!("write \"{most}\" or less");
            found.warn(Check::LongToken, below(place, key), message, help);
        }
    }
    if client.prevent_user_existence_errors == Some(false) {
        found.warn(
            Check::LegacyErrors,
            below(place, "prevent_user_existence_errors"),
            "a failed sign-in tells whether the person has an account",
            "write true",
        );
    }
}

/// A refresh token cannot end before those that it is for (docs/aws.md §3).
fn validities(found: &mut Findings<'_>, place: &Path, client: &Client) {
    let key_of_refresh = "refresh_token_validity";
    let access_and_id = [
        ("access_token_validity", client.access_token_validity),
        ("id_token_validity", client.id_token_validity),
    ];
    for (key, token) in access_and_id {
        if let (Some(refresh), Some(token)) = (client.refresh_token_validity, token)
            && refresh < token
        {
            let message = format!("{key_of_refresh} {refresh} is shorter than {key} {token}");
            let help = format!("write \"{token}\" or more, or a shorter {key}");
            found.error(below(place, key_of_refresh), message, help);
        }
    }
}

fn grants(found: &mut Findings<'_>, place: &Path, client: &Client, has_no_callback: bool) {
    let Some(grants) = &client.oauth_grants else {
        return;
    };
    let has_no_scope = match &client.oauth_scopes {
        Some(scopes) => scopes.is_empty(),
        None => !found.may_be_there,
    };
    let key = "oauth_grants";
    let at = below(place, key);
    if client.has(Grant::Implicit) {
        let help = "use \"code\" (with PKCE) alone unless an old front end needs implicit";
        found.warn(
            Check::ImplicitGrant,
            at.clone(),
            "implicit puts tokens into the browser's address bar and history",
            help,
        );
    }
    if client.has(Grant::ClientCredentials) {
        if grants.len() > 1 {
            found.error(
                at.clone(),
                "client_credentials cannot be combined with other grants",
                format!("write {key} = [\"client_credentials\"], and give the others a client of their own"),
            );
        }
        return client_credentials(found, place, at, client, has_no_scope);
    }
    if (client.has(Grant::Code) || client.has(Grant::Implicit)) && has_no_callback {
        found.error(
            at.clone(),
            "these grants need a callback URL",
            format!("add {CALLBACKS} = [\"http://localhost:3000/callback\"]"),
        );
    }
    if !grants.is_empty() && has_no_scope {
        found.error(
            at,
            "these grants need scopes",
            format!("add {SCOPES} = [\"openid\", \"email\", \"phone\"]"),
        );
    }
}

/// Whether it has a secret, as far as the file knows.
fn may_have_secret(found: &Findings<'_>, client: &Client) -> bool {
    client.secret.unwrap_or(found.may_be_there)
}

/// What a server tells of its users is believed only with the client's secret (docs/aws.md §3).
fn user_context(found: &mut Findings<'_>, place: &Path, client: &Client) {
    if client.additional_user_context == Some(true) && !may_have_secret(found, client) {
        found.error(
            below(place, "additional_user_context"),
            "a client without a secret tells nothing of its users",
            "add secret = true, or remove additional_user_context",
        );
    }
}

/// The grant without a user: alone, with a secret, and with no scope that is about a user
/// (docs/aws.md §3).
fn client_credentials(
    found: &mut Findings<'_>,
    place: &Path,
    at: Path,
    client: &Client,
    has_no_scope: bool,
) {
    if !may_have_secret(found, client) {
        return found.error(
            at,
            "client_credentials needs a client with a secret",
            "add secret = true",
        );
    }
    if has_no_scope {
        let help = scopes_of_a_server("add", found);
        found.error(
            at,
            "client_credentials needs scopes of a resource server",
            help,
        );
    }
    for scope in client
        .scopes()
        .filter(|it| POOL_SCOPES.contains(&it.as_str()))
    {
        let at = found.item(&below(place, SCOPES), scope);
        let message = format!("`{scope}` is about a user, and client_credentials has none");
        let help = scopes_of_a_server("write", found);
        found.error(at, message, help);
    }
}

/// How a client gets scopes that are about no user: those of the file, if it has some.
fn scopes_of_a_server(verb: &str, found: &Findings<'_>) -> String {
    match scopes::any(found) {
        Some(scope) => format!("{verb} {SCOPES} = [{scope:?}]"),
        None => format!(
            "{verb} {SCOPES} = [\"SERVER/SCOPE\"], and declare [user_pool.resource_servers.SERVER] with \
             scopes = {{ SCOPE = \"What it is for\" }}"
        ),
    }
}

/// An absolute address without a fragment: https, http of this machine, or of an app's own scheme
/// (docs/aws.md §3).
fn mistake_in_url(url: &str) -> Option<(String, &'static str)> {
    if is_open(url) || url.is_empty() {
        return None;
    }
    let no_address = || {
        let help =
            "write https://…, http://localhost:… on your own machine, or myapp://… of an app";
        Some((format!("`{url}` is not an absolute URL"), help))
    };
    let Some((scheme, rest)) = url.split_once(':') else {
        return no_address();
    };
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+.-".contains(c));
    if !is_scheme {
        return no_address();
    }
    if url.contains('#') {
        return Some((
            format!("`{url}` has a fragment"),
            "remove everything from the # on",
        ));
    }
    let is_web = scheme.eq_ignore_ascii_case("https") || scheme.eq_ignore_ascii_case("http");
    if !is_web {
        // `localhost:3000` has no scheme: what follows the colon is a port.
        return if rest.starts_with(|c: char| c.is_ascii_digit()) {
            no_address()
        } else {
            None
        };
    }
    let Some(rest) = rest.strip_prefix("//") else {
        return no_address();
    };
    let host = rest.split(['/', '?']).next().unwrap_or_default();
    if host.is_empty() {
        Some((format!("`{url}` has no host"), "write https://HOST/PATH"))
    } else if let Some((_, host)) = host.rsplit_once('@') {
        // `http://localhost:3000@evil.example/` is read as this machine's, and is not.
        Some((
            format!("`{url}` leads to {host}: what stands before @ is a user's name"),
            "write https://HOST/PATH without it",
        ))
    } else if scheme.eq_ignore_ascii_case("http") && !is_local(host) {
        Some((
            format!("`{url}` is neither https nor on this machine"),
            "write https://; AWS takes http:// only for localhost, 127.0.0.1 and [::1]",
        ))
    } else {
        None
    }
}

fn is_local(host: &str) -> bool {
    let is = |name| {
        host.strip_prefix(name)
            .is_some_and(|port: &str| port.is_empty() || port.starts_with(':'))
    };
    ["localhost", "127.0.0.1", "[::1]"].into_iter().any(is)
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
            "myapp://",
            "com.example.app:/callback",
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
            "myapp://#x",
            "http://localhost.example.com/",
            "localhost:3000/callback",
            "https://",
            "https:example.com",
            "/callback",
        ] {
            assert!(mistake_in_url(url).is_some(), "{url}");
        }
    }
}
