//! A pool's public keys, with which its tokens are verified.

mod rs256;

use crate::token::Token;
use jsonwebtoken::{Algorithm, DecodingKey, crypto};
use serde::Deserialize;

/// A JSON Web Key Set, as a pool publishes it.
#[derive(Clone, Debug, Deserialize)]
pub struct Keys {
    keys: Vec<Key>,
    /// Why there are none.
    #[serde(skip)]
    missing: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
struct Key {
    kid: String,
    kty: String,
    #[serde(default)]
    n: String,
    #[serde(default)]
    e: String,
}

impl Keys {
    /// No keys, for this reason; no signature holds.
    pub fn none(why: impl Into<String>) -> Self {
        Self {
            keys: vec![],
            missing: Some(why.into()),
        }
    }

    /// Why the signature does not hold; `Ok` names the key with which it does.
    ///
    /// Only RS256, which is all that Cognito signs with: an algorithm that the token's sender
    /// chooses is how others were fooled (RFC 8725 §3.1).
    pub fn verify(&self, token: &Token) -> Result<String, String> {
        if let Some(why) = &self.missing {
            return Err(why.clone());
        }
        let header = |name: &str| {
            token
                .header
                .get(name)
                .and_then(|it| it.as_str())
                .unwrap_or_default()
        };
        // RFC 7515, 4.1.11: who does not know what it asks for does not take the token.
        if token.header.contains_key("crit") {
            return Err("its header asks for an extension (crit), and there is none".into());
        }
        if header("alg") != "RS256" {
            return Err(format!("signed with {:?}, not RS256", header("alg")));
        }
        let kid = header("kid");
        let key = self
            .keys
            .iter()
            .find(|key| key.kid == kid && key.kty == "RSA");
        let key = key.ok_or_else(|| format!("the pool has no key {kid:?}"))?;
        let key = DecodingKey::from_rsa_components(&key.n, &key.e);
        let key = key.map_err(|_| format!("the pool's key {kid:?} is unreadable"))?;
        rs256::install();
        let (message, signature) = token.signed();
        match crypto::verify(signature, message.as_bytes(), &key, Algorithm::RS256) {
            Ok(true) => Ok(kid.to_owned()),
            _ => Err(format!("the pool's key {kid:?} did not sign this")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jsonwebtoken::Algorithm;
    use serde_json::json;

    /// The RS256 example of RFC 7515, appendix A.2.
    const SIGNED: &str = "eyJhbGciOiJSUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ.cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";
    const MODULUS: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";

    fn keys(kid: &str) -> Keys {
        let key = json!({ "kid": kid, "kty": "RSA", "n": MODULUS, "e": "AQAB", "use": "sig", "alg": "RS256" });
        serde_json::from_value(json!({ "keys": [key] })).unwrap()
    }

    /// The example's header names no key, so the key has to have no name either.
    #[test]
    fn the_signature_of_the_rfcs_example_holds_and_any_change_breaks_it() {
        assert!(keys("").verify(&Token::parse(SIGNED).unwrap()).is_ok());
        let (signed, signature) = SIGNED.rsplit_once('.').unwrap();
        let (header, claims) = signed.split_once('.').unwrap();
        let other_claims = crate::token::tests::unsigned(&json!({}), &json!({ "iss": "eve" }));
        let other_claims = other_claims.split('.').nth(1).unwrap();
        let reversed: String = signature.chars().rev().collect();
        for (claims, signature) in [
            (other_claims, signature),
            (claims, &reversed),
            (claims, "AAAA"),
        ] {
            let token = Token::parse(&format!("{header}.{claims}.{signature}")).unwrap();
            assert!(
                keys("")
                    .verify(&token)
                    .unwrap_err()
                    .contains("did not sign this")
            );
        }
        assert!(
            keys("other")
                .verify(&Token::parse(SIGNED).unwrap())
                .unwrap_err()
                .contains("has no key")
        );
    }

    #[test]
    fn an_algorithm_of_the_senders_choice_is_refused() {
        let (_, rest) = SIGNED.split_once('.').unwrap();
        for algorithm in ["none", "HS256", "RS512", ""] {
            let header = crate::token::tests::unsigned(&json!({ "alg": algorithm }), &json!({}));
            let header = header.split('.').next().unwrap();
            let token = Token::parse(&format!("{header}.{rest}")).unwrap();
            assert!(
                keys("").verify(&token).unwrap_err().contains("not RS256"),
                "{algorithm}"
            );
        }
        let header = crate::token::tests::unsigned(
            &json!({ "alg": "RS256", "crit": ["exp"], "exp": 1 }),
            &json!({}),
        );
        let header = header.split('.').next().unwrap();
        let token = Token::parse(&format!("{header}.{rest}")).unwrap();
        assert!(keys("").verify(&token).unwrap_err().contains("crit"));
        rs256::install();
        let key = DecodingKey::from_secret(b"secret");
        assert!(crypto::verify("AAAA", b"", &key, Algorithm::HS256).is_err());
    }
}
