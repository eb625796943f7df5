//! Whether a token is to be believed: the checks that AWS's guide asks for, each by itself. Pure.
//!
//! See "Verifying JSON web tokens" in the Amazon Cognito developer guide.

use crate::{keys::Keys, token::Token};
use serde::Serialize;

/// What is looked at. Their order is that of [`check`]'s answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum What {
    Signature,
    Issuer,
    Audience,
    Expiry,
    TokenUse,
}

/// One check, and how it went.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TokenCheck {
    pub what: What,
    pub passed: bool,
    /// What was found, for a person.
    pub detail: String,
}

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Use {
    Id,
    Access,
}

impl Use {
    pub fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Access => "access",
        }
    }
}

/// What a token has to be.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// Its pool's issuer; without one, any Cognito pool's.
    pub issuer: Option<String>,
    /// The clients for which it may be; empty for any.
    pub clients: Vec<String>,
    /// Which sort; without one, either.
    pub token_use: Option<Use>,
}

/// Looks at everything, whatever the first check says. `now` is in seconds since 1970.
pub fn check(token: &Token, keys: &Keys, expected: &Expected, now: i64) -> Vec<TokenCheck> {
    let checks = [
        (
            What::Signature,
            keys.verify(token)
                .map(|kid| format!("signed by the pool's key {kid:?}")),
        ),
        (What::Issuer, issuer(token, expected)),
        (What::Audience, audience(token, expected)),
        (What::Expiry, expiry(token, now)),
        (What::TokenUse, token_use(token, expected)),
    ];
    let checks = checks.into_iter().map(|(what, result)| TokenCheck {
        what,
        passed: result.is_ok(),
        detail: result.unwrap_or_else(|why| why),
    });
    checks.collect()
}

type CheckResult = Result<String, String>;

fn issuer(token: &Token, expected: &Expected) -> CheckResult {
    let issuer = token.text("iss").ok_or("it names no issuer")?;
    match &expected.issuer {
        Some(wanted) if wanted != issuer => Err(format!("{issuer}, not {wanted}")),
        None if pool_of(issuer).is_none() => Err(format!("{issuer} is not a Cognito user pool")),
        _ => Ok(issuer.to_owned()),
    }
}

/// An ID token names the client in `aud`, an access token in `client_id`.
fn audience(token: &Token, expected: &Expected) -> CheckResult {
    let claim = if token.text("token_use") == Some("access") {
        "client_id"
    } else {
        "aud"
    };
    let client = token
        .text(claim)
        .ok_or_else(|| format!("it has no {claim}"))?;
    if expected.clients.is_empty() || expected.clients.iter().any(|it| it == client) {
        return Ok(format!("{claim} {client}"));
    }
    Err(format!(
        "{claim} {client}, not {}",
        expected.clients.join(" or ")
    ))
}

/// Both ends of the time in which it is good (RFC 7519, 4.1.4 and 4.1.5).
fn expiry(token: &Token, now: i64) -> CheckResult {
    let expiry = token.number("exp").ok_or("it has no exp")?;
    if expiry <= now {
        return Err(format!("expired {} ago", span(now.saturating_sub(expiry))));
    }
    match token.claims.get("nbf").map(|it| it.as_i64()) {
        Some(None) => Err("its nbf is not a time".into()),
        Some(Some(start)) if start > now => Err(format!(
            "good only in {} (nbf)",
            span(start.saturating_sub(now))
        )),
        _ => Ok(format!("expires in {}", span(expiry.saturating_sub(now)))),
    }
}

fn token_use(token: &Token, expected: &Expected) -> CheckResult {
    let found = token.text("token_use").ok_or("it has no token_use")?;
    match expected.token_use {
        Some(wanted) if wanted.name() != found => Err(format!("{found}, not {}", wanted.name())),
        None if !["id", "access"].contains(&found) => {
            Err(format!("{found}, neither id nor access"))
        }
        _ => Ok(found.to_owned()),
    }
}

/// The region and the pool id in a Cognito issuer's URL.
pub fn pool_of(issuer: &str) -> Option<(&str, &str)> {
    let (host, pool) = issuer
        .strip_prefix("https://cognito-idp.")?
        .split_once('/')?;
    let region = host
        .strip_suffix(".amazonaws.com")
        .or_else(|| host.strip_suffix(".amazonaws.com.cn"))?;
    let is_plain = |text: &str| {
        text.bytes()
            .all(|it| it.is_ascii_alphanumeric() || it == b'-')
    };
    let of_region = pool.strip_prefix(region)?.strip_prefix('_')?;
    (!region.is_empty() && is_plain(region) && !of_region.is_empty() && is_plain(of_region))
        .then_some((region, pool))
}

/// Seconds as a person says them: `59 min 12 s`.
pub fn span(seconds: i64) -> String {
    let units = [("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1)];
    let mut left = seconds.max(0);
    let parts = units.map(|(unit, length)| {
        let count = left / length;
        left %= length;
        (count, unit)
    });
    let told: Vec<_> = parts
        .iter()
        .filter(|it| it.0 > 0)
        .take(2)
        .map(|it| format!("{} {}", it.0, it.1))
        .collect();
    if told.is_empty() {
        "0 s".into()
    } else {
        told.join(" ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::token::tests::unsigned;
    use serde_json::{Value, json};

    const ISSUER: &str = "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_Workshop1";

    fn claims(changes: &Value) -> Value {
        let mut claims = json!({ "iss": ISSUER, "aud": "client", "exp": 2000, "token_use": "id" });
        for (name, value) in changes.as_object().unwrap() {
            claims[name] = value.clone();
        }
        claims
    }

    /// The checks that fail for a token with these changes.
    fn failing(changes: Value, expected: &Expected) -> Vec<What> {
        let token = Token::parse(&unsigned(
            &json!({ "alg": "RS256", "kid": "k" }),
            &claims(&changes),
        ))
        .unwrap();
        let keys = serde_json::from_value(json!({ "keys": [] })).unwrap();
        let failed = check(&token, &keys, expected, 1000)
            .into_iter()
            .filter(|it| !it.passed);
        // Nobody signed it.
        failed
            .map(|it| it.what)
            .filter(|it| *it != What::Signature)
            .collect()
    }

    fn expected() -> Expected {
        Expected {
            issuer: Some(ISSUER.into()),
            clients: vec!["client".into()],
            token_use: Some(Use::Id),
        }
    }

    #[test]
    fn each_check_fails_by_itself() {
        assert_eq!(failing(json!({}), &expected()), []);
        assert_eq!(
            failing(json!({ "iss": "https://example.com" }), &expected()),
            [What::Issuer]
        );
        assert_eq!(
            failing(json!({ "aud": "other" }), &expected()),
            [What::Audience]
        );
        assert_eq!(
            failing(json!({ "aud": null, "client_id": "client" }), &expected()),
            [What::Audience]
        );
        for exp in [json!(1000), json!(999), json!(null), json!("2000")] {
            assert_eq!(
                failing(json!({ "exp": exp }), &expected()),
                [What::Expiry],
                "{exp}"
            );
        }
        for times in [
            json!({ "exp": i64::MIN }),
            json!({ "exp": i64::MIN + 1 }),
            json!({ "exp": 1.0e300 }),
            json!({ "exp": i64::MAX, "nbf": i64::MAX }),
            json!({ "nbf": 1001 }),
            json!({ "nbf": "0" }),
        ] {
            assert_eq!(
                failing(times.clone(), &expected()),
                [What::Expiry],
                "{times}"
            );
        }
        for times in [
            json!({ "exp": i64::MAX, "nbf": i64::MIN }),
            json!({ "nbf": 1000 }),
        ] {
            assert_eq!(failing(times.clone(), &expected()), [], "{times}");
        }
        let access = json!({ "token_use": "access", "aud": null, "client_id": "client" });
        assert_eq!(failing(access, &expected()), [What::TokenUse]);
    }

    #[test]
    fn without_expectations_any_cognito_pool_and_client_will_do() {
        let any = Expected::default();
        assert_eq!(failing(json!({}), &any), []);
        assert_eq!(
            failing(json!({ "token_use": "access", "client_id": "x" }), &any),
            []
        );
        assert_eq!(
            failing(json!({ "token_use": "refresh" }), &any),
            [What::TokenUse]
        );
        assert_eq!(
            failing(json!({ "iss": "https://example.com/eu-west-1_x" }), &any),
            [What::Issuer]
        );
    }

    #[test]
    fn only_cognitos_own_hosts_are_issuers() {
        assert_eq!(pool_of(ISSUER), Some(("eu-west-1", "eu-west-1_Workshop1")));
        for other in [
            "http://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x",
            "https://cognito-idp.eu-west-1.amazonaws.com.example.com/eu-west-1_x",
            "https://cognito-idp.example.com/.amazonaws.com/eu-west-1_x",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-2_x",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_x/../y",
            "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_",
            "https://cognito-idp..amazonaws.com/_x",
        ] {
            assert_eq!(pool_of(other), None, "{other}");
        }
    }

    #[test]
    fn spans_are_in_two_units() {
        assert_eq!(
            [0, 59, 3600, 3661, 90_061].map(span),
            ["0 s", "59 s", "1 h", "1 h 1 min", "1 d 1 h"]
        );
    }
}
