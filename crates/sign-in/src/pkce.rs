//! The authorization code grant with PKCE, as far as it is only text. Pure but for the dice.
//!
//! RFC 6749 §4.1, RFC 7636 (PKCE), OpenID Connect Core §3.1.

use crate::secret::SecretString;
use base64::{
    Engine,
    engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD},
};
use rand::RngExt;
use sha2::{Digest, Sha256};
use urlencoding::{decode, encode};

/// The content type of [`TokenRequest::body`].
pub const FORM: &str = "application/x-www-form-urlencoded";

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

/// A POST to the token endpoint.
pub struct TokenRequest {
    /// Of the type [`FORM`].
    pub body: SecretString,
    /// The header `Authorization`, for a client with a secret.
    pub authorization: Option<SecretString>,
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

    /// Where the browser goes; the scopes stand in `scope` with blanks between them.
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

    /// The request that turns the code into tokens, to be sent to `LOGIN/oauth2/token`.
    pub fn exchange(
        &self,
        client_id: &str,
        client_secret: Option<&SecretString>,
        code: &SecretString,
    ) -> TokenRequest {
        let body = form(&[
            ("grant_type", "authorization_code"),
            ("client_id", client_id),
            ("code", code.expose()),
            ("redirect_uri", &self.callback),
            ("code_verifier", self.verifier.expose()),
        ]);
        let basic = |secret: &SecretString| {
            let pair = STANDARD.encode(format!("{client_id}:{}", secret.expose()));
            SecretString::new(format!("Basic {pair}"))
        };
        TokenRequest {
            body: SecretString::new(body),
            authorization: client_secret.map(basic),
        }
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
    fn the_code_goes_with_the_verifier_and_a_secret_only_in_the_header() {
        let (code, secret) = (SecretString::new("a+b"), SecretString::new("s"));
        let asked = attempt().exchange("client", None, &code);
        assert!(asked.authorization.is_none());
        let fields: Vec<_> = asked.body.expose().split('&').collect();
        assert_eq!(
            fields,
            [
                "grant_type=authorization_code",
                "client_id=client",
                "code=a%2Bb",
                "redirect_uri=http%3A%2F%2Flocalhost%3A3000%2Fcallback",
                "code_verifier=dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
            ]
        );
        let asked = attempt().exchange("client", Some(&secret), &code);
        assert_eq!(asked.authorization.unwrap().expose(), "Basic Y2xpZW50OnM=");
        assert_eq!(asked.body.expose().split('&').count(), fields.len());
    }
}
