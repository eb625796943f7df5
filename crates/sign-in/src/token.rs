//! A JSON Web Token taken apart; nothing in it is to be believed yet. Pure.

use crate::{error::Error, secret::SecretString};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{
    Deserialize, Deserializer,
    de::{Error as _, MapAccess, Visitor},
};
use serde_json::{Map, Value};
use std::fmt;

/// Larger than any token that API Gateway takes in a header.
const LONGEST: usize = 16 * 1024;

/// A token's parts, as its sender wrote them.
#[derive(Clone)]
pub struct Token {
    raw: SecretString,
    pub header: Map<String, Value>,
    pub claims: Map<String, Value>,
}

impl Token {
    /// Takes a token apart, with or without `Bearer ` in front.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim();
        let text = text.strip_prefix("Bearer ").unwrap_or(text).trim();
        let parts: Vec<_> = text.split('.').collect();
        let (header, claims) = match parts.as_slice() {
            _ if text.len() > LONGEST => return Err(Error::NotAToken("is too long to be one")),
            [header, claims, signature] if !signature.is_empty() => (header, claims),
            [_, _, _, _, _] => {
                return Err(Error::NotAToken(
                    "is an encrypted one, such as a refresh token",
                ));
            }
            _ => {
                return Err(Error::NotAToken(
                    "does not have three parts with dots between them",
                ));
            }
        };
        let header = object(header).ok_or(Error::NotAToken(
            "has no readable header with each name once",
        ))?;
        let claims = object(claims).ok_or(Error::NotAToken(
            "has no readable claims with each name once",
        ))?;
        Ok(Self {
            raw: SecretString::new(text),
            header,
            claims,
        })
    }

    pub fn raw(&self) -> &SecretString {
        &self.raw
    }

    /// A claim that is text.
    pub fn text(&self, name: &str) -> Option<&str> {
        self.claims.get(name).and_then(Value::as_str)
    }

    /// A claim that is a number: seconds since 1970, for times.
    pub fn number(&self, name: &str) -> Option<i64> {
        self.claims.get(name).and_then(Value::as_i64)
    }

    /// What is signed, and the signature.
    pub(crate) fn signed(&self) -> (&str, &str) {
        self.raw.expose().rsplit_once('.').unwrap_or_default()
    }
}

fn object(part: &str) -> Option<Map<String, Value>> {
    let bytes = URL_SAFE_NO_PAD.decode(part).ok()?;
    serde_json::from_slice(&bytes)
        .ok()
        .map(|Members(members)| members)
}

/// An object in which no name is there twice: of two `aud`, others may believe the other one (RFC 7519, 4).
struct Members(Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Object;

        impl<'de> Visitor<'de> for Object {
            type Value = Members;

            fn expecting(&self, text: &mut fmt::Formatter<'_>) -> fmt::Result {
                text.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = Map::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a name is there twice"));
                    }
                }
                Ok(Members(members))
            }
        }

        from.deserialize_map(Object)
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use serde_json::json;

    /// A token with these claims and a signature that is none.
    pub(crate) fn unsigned(header: &Value, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        format!(
            "{}.{}.{}",
            part(header),
            part(claims),
            URL_SAFE_NO_PAD.encode("none")
        )
    }

    #[test]
    fn its_parts_are_read_also_after_the_word_bearer() {
        let text = unsigned(
            &json!({ "alg": "RS256" }),
            &json!({ "sub": "ann", "exp": 5 }),
        );
        for text in [
            text.clone(),
            format!("Bearer {text}"),
            format!("  {text}\n"),
        ] {
            let token = Token::parse(&text).unwrap();
            assert_eq!(
                (token.text("sub"), token.number("exp")),
                (Some("ann"), Some(5))
            );
        }
    }

    #[test]
    fn a_name_that_is_there_twice_is_read_in_neither_way() {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        let once = r#"{"alg":"RS256"}"#;
        for twice in [
            r#"{"aud":"a","aud":"b"}"#,
            r#"{"aud":"a","x":1,"\u0061ud":"a"}"#,
        ] {
            for (header, claims) in [(once, twice), (twice, once)] {
                let text = format!("{}.{}.c2ln", part(header), part(claims));
                let error = Token::parse(&text).err().unwrap();
                assert!(error.to_string().contains("each name once"), "{error}");
            }
        }
        assert!(Token::parse(&format!("{}.{}.c2ln", part(once), part(once))).is_ok());
    }

    #[test]
    fn what_is_no_token_is_refused_and_not_repeated() {
        let secret = "Correct-horse-1";
        let five = format!("{secret}.b.c.d.e");
        let long = secret.repeat(2000);
        for text in [
            "",
            secret,
            "a.b",
            "a.b.c",
            "a.b.",
            five.as_str(),
            long.as_str(),
            "W10.W10.c",
        ] {
            let error = Token::parse(text).err().unwrap();
            assert!(!error.to_string().contains(secret), "{error}");
        }
    }
}
