//! The login's token endpoint: what it is asked, and what it answers. Pure; the rest of the grant is in
//! [`cognito_sign_in`].

use super::{SecretString, SignInTarget, Tokens, http::Request};
use crate::error::{Error, ErrorKind, Result};
use cognito_sign_in::FORM;
use serde_json::Value;

pub use cognito_sign_in::{AuthorizationRequest, CallbackResult, Loopback};

/// The request that turns the code into tokens.
pub fn exchange(
    attempt: &AuthorizationRequest,
    login_url: &str,
    target: &SignInTarget,
    code: &SecretString,
) -> Request {
    let asked = attempt.exchange(&target.client_id, target.client_secret.as_ref(), code);
    let request = Request::new("POST", format!("{login_url}/oauth2/token"));
    let request = request.body(FORM, asked.body.expose());
    match asked.authorization {
        Some(basic) => request.header("Authorization", basic.expose()),
        None => request,
    }
}

/// Reads the token endpoint's answer.
pub fn tokens(status: u16, body: &[u8]) -> Result<Tokens> {
    let answer: Value = serde_json::from_slice(body).unwrap_or_default();
    let text = |name: &str| answer[name].as_str().map(SecretString::new);
    match (status, text("id_token"), text("access_token")) {
        (200, Some(id), Some(access)) => {
            let expires_in = answer["expires_in"]
                .as_i64()
                .and_then(|it| i32::try_from(it).ok());
            Ok(Tokens {
                id,
                access,
                refresh: text("refresh_token"),
                expires_in: expires_in.unwrap_or_default(),
            })
        }
        (200, None, Some(_)) => Err(Error::refused("the login gave no ID token")
            .hint("add \"openid\" to oauth_scopes of the client in stack.toml, then wsctl apply")),
        _ => {
            let error = answer["error"].as_str().unwrap_or("no reason given");
            Err(Error::new(
                ErrorKind::Aws,
                format!("the token endpoint refused the code: HTTP {status}: {error}"),
            )
            .hint("run wsctl login again: a code can be used once, within five minutes"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_token_endpoints_refusal_is_told_without_what_was_sent() {
        let error = tokens(400, br#"{"error":"invalid_grant"}"#).unwrap_err();
        assert!(
            error.to_string().contains("invalid_grant") && error.hint.is_some(),
            "{error}"
        );
        let error = tokens(200, br#"{"access_token":"a","token_type":"Bearer"}"#).unwrap_err();
        assert!(error.hint.unwrap().contains("openid"));
        assert!(tokens(200, b"{").is_err());
    }
}
