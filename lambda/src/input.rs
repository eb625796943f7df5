//! The bodies of POST and PUT, checked against the table's columns. Pure.

use crate::answer::Refusal;
use serde_json::{Map, Value};

/// Bytes. A row of the table needs fewer than 4,000.
const LARGEST_BODY: usize = 65_536;

/// What POST takes from its body.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct NewUser {
    pub(crate) role: Option<String>,
}

/// What PUT changes: what is `None` stays as it is.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Changes {
    pub(crate) username: Option<String>,
    pub(crate) email: Option<String>,
    pub(crate) role: Option<String>,
    /// `Some(None)` clears it.
    pub(crate) phone_number: Option<Option<String>>,
}

/// The columns' sizes in characters.
pub(crate) const SUB: usize = 255;
pub(crate) const USERNAME: usize = 255;
pub(crate) const EMAIL: usize = 255;
const ROLE: usize = 50;
pub(crate) const PHONE_NUMBER: usize = 20;

/// Which rows of a list are asked for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Page {
    /// Those with an id above this one.
    pub(crate) after: i64,
    /// As many as this, at most.
    pub(crate) limit: u16,
}

/// The most rows of one answer, and how many come where nobody says.
const MOST_ROWS: u16 = 500;

impl Page {
    /// Reads `?after=ID&limit=ROWS`, either of which may be left out: the parameter `name`, for each.
    pub(crate) fn of<'a>(parameter: impl Fn(&str) -> Option<&'a str>) -> Result<Self, Refusal> {
        let wrong =
            || Refusal::bad("after must be a user's id, as `next` of the answer before has it");
        let after =
            parameter("after").map_or(Ok(i64::MIN), |text| text.parse().map_err(|_| wrong()))?;
        let wrong = || {
            Refusal::bad(format!(
                "limit must be a whole number from 1 to {MOST_ROWS}"
            ))
        };
        let limit =
            parameter("limit").map_or(Ok(MOST_ROWS), |text| text.parse().map_err(|_| wrong()))?;
        if (1..=MOST_ROWS).contains(&limit) {
            Ok(Self { after, limit })
        } else {
            Err(wrong())
        }
    }
}

impl NewUser {
    /// Reads POST's body. An empty one asks for nothing in particular.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        if body.trim_ascii().is_empty() {
            return Ok(Self::default());
        }
        Ok(Self {
            role: required(&object(body)?, "role", ROLE)?,
        })
    }
}

impl Changes {
    /// Reads PUT's body. Fields that cannot be changed (`id`, `cognito_sub`) may be in it, since
    /// a page sends back the row that it got; they change nothing.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, Refusal> {
        let fields = object(body)?;
        Ok(Self {
            username: required(&fields, "username", USERNAME)?,
            email: required(&fields, "email", EMAIL)?,
            role: required(&fields, "role", ROLE)?,
            phone_number: phone_number(&fields)?,
        })
    }
}

/// Refuses text that a column of `size` characters cannot hold.
pub(crate) fn check(name: &str, text: &str, size: usize) -> Result<(), Refusal> {
    if text.contains('\0') {
        return Err(Refusal::bad(format!(
            "{name} contains the character U+0000"
        )));
    }
    if text.chars().count() > size {
        return Err(Refusal::bad(format!(
            "{name} is longer than {size} characters"
        )));
    }
    Ok(())
}

fn object(body: &[u8]) -> Result<Map<String, Value>, Refusal> {
    if body.len() > LARGEST_BODY {
        return Err(Refusal::new(
            413,
            format!("the body is larger than {LARGEST_BODY} bytes"),
        ));
    }
    match serde_json::from_slice(body) {
        Ok(Value::Object(fields)) => Ok(fields),
        Ok(other) => Err(Refusal::bad(format!(
            "the body must be a JSON object, not {}",
            kind(&other)
        ))),
        Err(error) => Err(Refusal::bad(format!("the body is not valid JSON: {error}"))),
    }
}

/// A field that may be left out, but not emptied.
fn required(
    fields: &Map<String, Value>,
    name: &str,
    size: usize,
) -> Result<Option<String>, Refusal> {
    match fields.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if text.is_empty() => {
            Err(Refusal::bad(format!("{name} must not be empty")))
        }
        Some(value) => text(name, value, size).map(Some),
    }
}

/// Both spellings are taken; the two must not differ where both are sent.
fn phone_number(fields: &Map<String, Value>) -> Result<Option<Option<String>>, Refusal> {
    let read = |name| {
        fields
            .get(name)
            .map(|value| nullable(name, value, PHONE_NUMBER))
            .transpose()
    };
    match (read("phoneNumber")?, read("phone_number")?) {
        (Some(one), Some(other)) if one != other => Err(Refusal::bad(
            "phoneNumber and phone_number differ: send one of them",
        )),
        (one, other) => Ok(one.or(other)),
    }
}

fn nullable(name: &str, value: &Value, size: usize) -> Result<Option<String>, Refusal> {
    if value.is_null() {
        Ok(None)
    } else {
        text(name, value, size).map(Some)
    }
}

fn text(name: &str, value: &Value, size: usize) -> Result<String, Refusal> {
    let Value::String(text) = value else {
        return Err(Refusal::bad(format!(
            "{name} must be a string, not {}",
            kind(value)
        )));
    };
    check(name, text, size)?;
    Ok(text.clone())
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "a string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(body: &str) -> String {
        let refusal = Changes::parse(body.as_bytes()).expect_err("a refusal");
        assert_eq!(refusal.status, 400);
        refusal.message
    }

    #[test]
    fn a_field_left_out_is_not_changed() {
        let changes = Changes::parse(br#"{"email":"ana@example.com","cognito_sub":"b2","id":9}"#);
        let wanted = Changes {
            email: Some("ana@example.com".into()),
            ..Changes::default()
        };
        assert_eq!(changes, Ok(wanted));
    }

    #[test]
    fn both_spellings_of_the_phone_number_are_taken() {
        for body in [
            r#"{"phoneNumber":"+15555550100"}"#,
            r#"{"phone_number":"+15555550100"}"#,
        ] {
            let changes = Changes::parse(body.as_bytes()).expect("changes");
            assert_eq!(changes.phone_number, Some(Some("+15555550100".into())));
        }
        let differing = r#"{"phoneNumber":"+15555550100","phone_number":null}"#;
        assert_eq!(
            refused(differing),
            "phoneNumber and phone_number differ: send one of them"
        );
    }

    #[test]
    fn null_clears_the_phone_number_and_nothing_else() {
        let changes = Changes::parse(br#"{"phone_number":null}"#).expect("changes");
        assert_eq!(changes.phone_number, Some(None));
        assert_eq!(
            refused(r#"{"username":null}"#),
            "username must be a string, not null"
        );
    }

    #[test]
    fn malformed_json_is_answered_with_the_position() {
        assert_eq!(
            refused("{\n\"email\": }"),
            "the body is not valid JSON: expected value at line 2 column 10"
        );
        assert!(refused("").ends_with("line 1 column 0"));
        let refusal = Changes::parse(b"{\"email\":\"\xff\"}").expect_err("a refusal");
        assert!(
            refusal
                .message
                .ends_with("invalid unicode code point at line 1 column 11")
        );
    }

    #[test]
    fn a_wrong_type_is_answered_with_the_fields_name() {
        assert_eq!(
            refused(r#"{"role":7}"#),
            "role must be a string, not a number"
        );
        assert_eq!(
            refused(r#"{"phoneNumber":[]}"#),
            "phoneNumber must be a string, not an array"
        );
        assert_eq!(
            refused("[]"),
            "the body must be a JSON object, not an array"
        );
    }

    #[test]
    fn what_a_column_cannot_hold_is_refused() {
        let long = "é".repeat(21);
        assert!(
            Changes::parse(format!(r#"{{"phoneNumber":"{}"}}"#, &long[2..]).as_bytes()).is_ok()
        );
        assert!(
            refused(&format!(r#"{{"phoneNumber":"{long}"}}"#))
                .ends_with("longer than 20 characters")
        );
        assert_eq!(
            refused(r#"{"email":"a\u0000b"}"#),
            "email contains the character U+0000"
        );
        assert_eq!(refused(r#"{"role":""}"#), "role must not be empty");
    }

    #[test]
    fn deep_json_does_not_end_the_process() {
        assert!(refused(&"[".repeat(60_000)).contains("recursion limit exceeded"));
    }

    #[test]
    fn a_huge_body_is_refused_before_it_is_read() {
        let refusal = Changes::parse(&vec![b'['; LARGEST_BODY + 1]).expect_err("a refusal");
        assert_eq!(refusal.status, 413);
    }

    #[test]
    fn a_page_is_bounded_whatever_is_asked() {
        let page = |after, limit| {
            Page::of(|name| if name == "after" { after } else { limit }).map_err(|it| it.status)
        };
        assert_eq!(
            page(None, None),
            Ok(Page {
                after: i64::MIN,
                limit: MOST_ROWS
            })
        );
        assert_eq!(
            page(Some("-3"), Some("1")),
            Ok(Page {
                after: -3,
                limit: 1
            })
        );
        for limit in [
            "0",
            "501",
            "65536",
            "-1",
            "",
            "1.0",
            "1;",
            "99999999999999999999",
        ] {
            assert_eq!(page(None, Some(limit)), Err(400), "{limit}");
        }
        for after in ["", "x", "1 OR 1=1", "9223372036854775808"] {
            assert_eq!(page(Some(after), None), Err(400), "{after}");
        }
    }

    #[test]
    fn an_empty_post_asks_for_nothing() {
        assert_eq!(NewUser::parse(b" \n"), Ok(NewUser { role: None }));
        assert_eq!(
            NewUser::parse(br#"{"role":"user"}"#),
            Ok(NewUser {
                role: Some("user".into())
            })
        );
    }
}
