//! The authorization code grant with PKCE, as far as it is only text. Pure but for the dice.
//!
//! RFC 6749 §4.1, RFC 7636 (PKCE), RFC 8252 §7.3 (loopback callbacks), OpenID Connect Core §3.1.

use super::{SecretString, SignInTarget, Tokens, http::Request};
use crate::error::{Error, ErrorKind, Result};
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use rand::RngExt;
use serde_json::Value;
use sha2::{Digest, Sha256};
use urlencoding::{decode, encode};

/// One sign-in through the hosted login.
pub struct AuthorizationRequest {
    /// Comes back with the code, and so proves that the code answers this attempt.
    pub state: String,
    /// Comes back in the ID token, and so proves that the token does.
    pub nonce: String,
    /// Proves to the token endpoint that it is the same program that asks.
    verifier: SecretString,
    /// Where the browser comes back to.
    pub callback: String,
}

/// What the browser brought back.
#[derive(Debug, PartialEq, Eq)]
pub enum CallbackResult {
    Code(SecretString),
    /// The login's own error: `access_denied`.
    Refusal(String),
    /// Not the answer to this attempt.
    Other,
}

impl AuthorizationRequest {
    pub fn new(callback: &str) -> Self {
        let [state, nonce, verifier] =
            [(); 3].map(|()| URL_SAFE_NO_PAD.encode(rand::rng().random::<[u8; 32]>()));
        Self {
            state,
            nonce,
            verifier: SecretString::new(verifier),
            callback: callback.to_owned(),
        }
    }

    /// Where the browser goes.
    pub fn url(&self, login_url: &str, client_id: &str, scope: &str) -> String {
        let challenge = URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.expose()));
        let query = form(&[
            ("response_type", "code"),
            ("client_id", client_id),
            ("redirect_uri", &self.callback),
            ("scope", scope),
            ("state", &self.state),
            ("nonce", &self.nonce),
            ("code_challenge", &challenge),
            ("code_challenge_method", "S256"),
        ]);
        format!("{login_url}/oauth2/authorize?{query}")
    }

    /// Reads the query of the URL that the browser came back to.
    pub fn brought(&self, query: &str) -> CallbackResult {
        let get = |name: &str| {
            let value = query
                .split('&')
                .find_map(|it| it.strip_prefix(name)?.strip_prefix('='))?;
            decode(&value.replace('+', " ")).ok().map(String::from)
        };
        if get("state").as_deref() != Some(self.state.as_str()) {
            return CallbackResult::Other;
        }
        match (get("code"), get("error")) {
            (Some(code), None) if !code.is_empty() => CallbackResult::Code(SecretString::new(code)),
            (_, Some(error)) => CallbackResult::Refusal(
                get("error_description").map_or(error.clone(), |it| format!("{error}: {it}")),
            ),
            _ => CallbackResult::Other,
        }
    }

    /// The request that turns the code into tokens.
    pub fn exchange(&self, login_url: &str, target: &SignInTarget, code: &SecretString) -> Request {
        let body = form(&[
            ("grant_type", "authorization_code"),
            ("client_id", &target.client_id),
            ("code", code.expose()),
            ("redirect_uri", &self.callback),
            ("code_verifier", self.verifier.expose()),
        ]);
        let request = Request::new("POST", format!("{login_url}/oauth2/token"));
        let request = request.body("application/x-www-form-urlencoded", body);
        match &target.client_secret {
            Some(secret) => {
                let basic = STANDARD.encode(format!("{}:{}", target.client_id, secret.expose()));
                request.header("Authorization", format!("Basic {basic}"))
            }
            None => request,
        }
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

/// A callback URL on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loopback {
    pub url: String,
    pub host: String,
    pub port: u16,
    pub path: String,
}

impl Loopback {
    /// Of `http://localhost:3000/callback` and the like; `None` of other URLs.
    pub fn parse(url: &str) -> Option<Self> {
        let (authority, path) = match url.strip_prefix("http://")?.split_once('/') {
            Some((authority, path)) => (
                authority,
                format!("/{}", path.split('?').next().unwrap_or_default()),
            ),
            None => (url.strip_prefix("http://")?, "/".to_owned()),
        };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (authority, 80),
        };
        let is_here = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
        is_here.then(|| Self {
            url: url.to_owned(),
            host: host.to_owned(),
            port,
            path,
        })
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    let fields = fields
        .iter()
        .map(|(name, value)| format!("{name}={}", encode(value)));
    fields.collect::<Vec<_>>().join("&")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn attempt() -> AuthorizationRequest {
        AuthorizationRequest {
            state: "S".into(),
            nonce: "N".into(),
            // The verifier of RFC 7636, appendix B.
            verifier: SecretString::new("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            callback: "http://localhost:3000/callback".into(),
        }
    }

    #[test]
    fn the_challenge_is_that_of_the_rfcs_example_and_the_verifier_stays_here() {
        let url = attempt().url("https://login.example.com", "client", "openid email");
        assert!(
            url.contains("code_challenge=E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"),
            "{url}"
        );
        assert!(
            url.contains("code_challenge_method=S256") && url.contains("scope=openid%20email"),
            "{url}"
        );
        assert!(
            url.contains("redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback"),
            "{url}"
        );
        assert!(!url.contains("dBjftJeZ4CVP"), "{url}");
    }

    #[test]
    fn no_two_attempts_are_the_same() {
        let (one, other) = (
            AuthorizationRequest::new("x"),
            AuthorizationRequest::new("x"),
        );
        assert!(
            one.state != other.state && one.nonce != other.nonce && one.verifier != other.verifier
        );
        assert!(one.state != one.nonce && one.verifier.expose().len() == 43);
    }

    #[test]
    fn only_an_answer_with_this_attempts_state_counts() {
        assert_eq!(
            attempt().brought("code=a%2Bb&state=S"),
            CallbackResult::Code(SecretString::new("a+b"))
        );
        assert_eq!(
            attempt().brought("error=access_denied&error_description=not+now&state=S"),
            CallbackResult::Refusal("access_denied: not now".into())
        );
        for other in [
            "",
            "code=a",
            "code=a&state=T",
            "state=S",
            "code=&state=S",
            "code=a&xstate=S",
        ] {
            assert_eq!(attempt().brought(other), CallbackResult::Other, "{other}");
        }
    }

    #[test]
    fn callbacks_on_this_machine_are_told_from_others() {
        let parse = |url: &str| Loopback::parse(url).map(|it| (it.host, it.port, it.path));
        let found = |host: &str, port, path: &str| Some((host.to_owned(), port, path.to_owned()));
        assert_eq!(
            parse("http://localhost:3000/callback"),
            found("localhost", 3000, "/callback")
        );
        assert_eq!(
            parse("http://127.0.0.1:8765"),
            found("127.0.0.1", 8765, "/")
        );
        assert_eq!(parse("http://[::1]:1/a"), found("[::1]", 1, "/a"));
        assert_eq!(parse("http://[::1]/a"), found("[::1]", 80, "/a"));
        for other in [
            "https://localhost/",
            "http://localhost.example.com/",
            "myapp://x",
            "http://localhost:x/",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }

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
