//! Why API Gateway did not let a call in: from the token that was sent, and the file. Pure.

use crate::{
    identity::{Response, Token},
    spec::route::Route,
    stack::Api,
};
use serde_json::Value;

/// What a call was, as far as it decides who is let in.
pub(super) struct Sent<'a> {
    pub(super) api: &'a Api<'a>,
    /// The route of the file that it was to.
    pub(super) route: Option<&'a Route>,
    pub(super) token: Option<&'a Token>,
    /// The issuer of the pool's tokens, where it is known.
    pub(super) issuer: Option<&'a str>,
    /// Seconds since 1970.
    pub(super) now: i64,
}

/// What API Gateway says of a path or method that a stage does not have (docs/aws.md §5).
const NO_ROUTE: &str = "Missing Authentication Token";

/// The reason and what to do, where this answer is API Gateway's refusal and not the function's.
pub(super) fn why(answer: &Response, sent: &Sent<'_>) -> Option<String> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    let message = body["message"].as_str().or(body["Message"].as_str())?;
    match (answer.status, message) {
        (403, NO_ROUTE) => Some(no_route(sent)),
        (403, "Forbidden") if wants_key(sent) => Some(
            "this route wants an API key, and a good one was not sent: add --api-key NAME".to_owned(),
        ),
        (403, _) if message.contains("explicit deny") => {
            Some("a policy denies it: the API's resource policy, or what the authorizer's function answers".to_owned())
        }
        (401, "Unauthorized") => of_token(sent),
        (401, message) if message.contains("expired") => of_token(sent),
        _ => None,
    }
}

fn wants_key(sent: &Sent<'_>) -> bool {
    sent.route
        .is_some_and(|it| it.api_key_required == Some(true))
}

fn no_route(sent: &Sent<'_>) -> String {
    if sent.route.is_some() {
        return "the API's stage has no such path or method, though stack.toml has: wsctl apply deploys it".to_owned();
    }
    let routes: Vec<_> = sent.api.routes.keys().map(String::as_str).collect();
    format!(
        "that is what API Gateway says of a path or method that the API does not have; it has: {}",
        routes.join(", ")
    )
}

fn of_token(sent: &Sent<'_>) -> Option<String> {
    let Some(token) = sent.token else {
        return Some("no token was sent: add --as USER, or --token - with one on stdin".to_owned());
    };
    let scopes = sent.route.map(|it| &it.scopes);
    let wants_access = scopes.is_some_and(|it| !it.is_empty());
    let token_use = token.text("token_use").unwrap_or_default();
    if let Some(expired) = token.number("exp").filter(|it| *it <= sent.now) {
        let ago = sent.now - expired;
        return Some(format!(
            "the token is over since {ago} s: sign in again, or --refresh"
        ));
    }
    if let (Some(wanted), Some(issuer)) = (sent.issuer, token.text("iss"))
        && wanted != issuer
    {
        return Some(format!(
            "the token is of another pool: {issuer}, not {wanted}"
        ));
    }
    match (wants_access, token_use) {
        (false, "access") => Some(
            "an access token was sent, and a route without scopes takes an ID token: --token-use id, or wsctl token --id"
                .to_owned(),
        ),
        (true, "id") => Some(
            "an ID token was sent, and a route with scopes takes an access token: --token-use access, or wsctl \
             token --access"
                .to_owned(),
        ),
        (true, "access") => {
            let has = token.text("scope").unwrap_or_default();
            let wanted: Vec<_> = scopes.into_iter().flatten().map(String::as_str).collect();
            let has_one = has.split(' ').any(|it| wanted.contains(&it));
            (!has_one).then(|| {
                format!(
                    "the token has the scopes {has:?}, and this route wants one of: {}",
                    wanted.join(", ")
                )
            })
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::{Inputs, Stack};
    use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
    use serde_json::json;
    use std::time::Duration;

    const FILE: &str = r#"
[stack]
name = "a"
region = "eu-west-1"

[user_pool]
name = "a"

[functions.f]
name = "a"
zip = "a.zip"

[api]
name = "a"

[api.stage]
name = "dev"

[api.authorizers.pool]
name = "pool"

[api.routes]
"GET /plain" = { function = "f", authorizer = "pool" }
"GET /keyed" = { function = "f", authorizer = "pool", api_key_required = true }
"GET /scoped" = { function = "f", authorizer = "pool", scopes = ["aws.cognito.signin.user.admin"] }
"#;

    fn token(claims: &Value) -> Token {
        let part = |it: &Value| URL_SAFE_NO_PAD.encode(it.to_string());
        let text = format!("{}.{}.c2ln", part(&json!({ "alg": "RS256" })), part(claims));
        crate::identity::token(&text).unwrap()
    }

    fn told(status: u16, message: &str, path: &str, claims: Option<Value>) -> Option<String> {
        let stack = Stack::parse("stack.toml", FILE, &Inputs::default()).unwrap();
        let api = stack.file.apis().next().unwrap();
        let token = claims.map(|it| token(&it));
        let answer = Response {
            status,
            headers: vec![],
            body: json!({ "message": message }).to_string().into_bytes(),
            took: Duration::ZERO,
        };
        let sent = Sent {
            api: &api,
            route: crate::stack::route_for(api.table, "GET", path),
            token: token.as_ref(),
            issuer: Some("https://pool"),
            now: 1000,
        };
        why(&answer, &sent)
    }

    #[test]
    fn every_refusal_of_the_gateway_has_its_reason() {
        let claims = |token_use: &str| json!({ "iss": "https://pool", "exp": 2000, "token_use": token_use, "scope": "openid" });
        let with = |name: &str, value: Value| {
            let mut claims = claims("id");
            claims[name] = value;
            Some(claims)
        };
        let refused = "Unauthorized";
        for (status, message, path, claims, words) in [
            (
                403,
                NO_ROUTE,
                "/nothing",
                None,
                "it has: GET /keyed, GET /plain, GET /scoped",
            ),
            (403, NO_ROUTE, "/plain", None, "wsctl apply deploys it"),
            (403, "Forbidden", "/keyed", None, "--api-key"),
            (
                403,
                "User is not authorized to access this resource with an explicit deny",
                "/plain",
                None,
                "a policy denies it",
            ),
            (401, refused, "/plain", None, "no token was sent"),
            (
                401,
                refused,
                "/plain",
                Some(claims("access")),
                "takes an ID token",
            ),
            (
                401,
                refused,
                "/scoped",
                Some(claims("id")),
                "takes an access token",
            ),
            (
                401,
                refused,
                "/scoped",
                Some(claims("access")),
                "wants one of: aws.cognito.signin.user.admin",
            ),
            (
                401,
                "The incoming token has expired",
                "/plain",
                with("exp", json!(990)),
                "over since 10 s",
            ),
            (
                401,
                refused,
                "/plain",
                with("iss", json!("https://other")),
                "of another pool",
            ),
        ] {
            let told = told(status, message, path, claims);
            assert!(
                told.as_ref().is_some_and(|it| it.contains(words)),
                "{message} {path}: {told:?}"
            );
        }
    }

    #[test]
    fn what_the_function_answers_is_its_own() {
        for (status, message) in [
            (403, "Not your row"),
            (401, "sign in first"),
            (200, "Unauthorized"),
            (403, "Forbidden"),
        ] {
            assert_eq!(told(status, message, "/plain", None), None, "{message}");
        }
    }
}
