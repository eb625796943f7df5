//! What goes back: the envelope `{success, data?, error?}` in API Gateway's proxy format. Pure.

use crate::cors::Origins;
use serde::Serialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Bytes of body. Lambda carries at most 6 MB (6,291,556 bytes) of answer, headers included.
const LARGEST: usize = 6_000_000;

/// A request that was done.
#[derive(Debug, PartialEq)]
pub(crate) struct Done {
    pub(crate) status: u16,
    pub(crate) data: Value,
    /// Something to say although it went well.
    pub(crate) note: Option<&'static str>,
    /// Where a list that is longer goes on: the `after` of the next request.
    pub(crate) next: Option<i32>,
}

impl Done {
    pub(crate) fn new(status: u16, data: Value) -> Self {
        Self {
            status,
            data,
            note: None,
            next: None,
        }
    }
}

/// A request that was not done, and why.
#[derive(Debug, PartialEq)]
pub(crate) struct Refusal {
    pub(crate) status: u16,
    /// For the caller.
    pub(crate) message: String,
    /// For the log alone: what went wrong inside. Never a row, a token or a password.
    pub(crate) cause: Option<String>,
}

impl Refusal {
    pub(crate) fn new(status: u16, message: impl Into<String>) -> Self {
        Self {
            status,
            message: message.into(),
            cause: None,
        }
    }

    /// 400: the request itself is wrong.
    pub(crate) fn bad(message: impl Into<String>) -> Self {
        Self::new(400, message)
    }

    /// 503: something that the answer needs cannot be had just now.
    pub(crate) fn unavailable(message: &str, cause: impl Into<String>) -> Self {
        Self {
            cause: Some(cause.into()),
            ..Self::new(503, message)
        }
    }

    /// 500: a fault of this function or of its table, whose nature is nobody's business.
    pub(crate) fn internal(cause: impl Into<String>) -> Self {
        Self {
            cause: Some(cause.into()),
            ..Self::new(500, "Internal error")
        }
    }
}

/// The answer as API Gateway's Lambda proxy integration takes it.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Reply {
    pub(crate) status_code: u16,
    headers: BTreeMap<&'static str, String>,
    body: String,
    is_base64_encoded: bool,
}

impl Reply {
    /// The reply to a page of the origin `asked`.
    pub(crate) fn new(
        result: &Result<Done, Refusal>,
        origins: &Origins,
        asked: Option<&str>,
    ) -> Self {
        let (mut status_code, mut body) = envelope(result);
        if carried(&body) > LARGEST {
            (status_code, body) =
                envelope(&Err(Refusal::new(500, "The answer is larger than 6 MB")));
        }
        let mut headers = BTreeMap::from([("Content-Type", "application/json".to_owned())]);
        headers.extend(
            origins
                .headers(asked)
                .into_iter()
                .map(|(name, value)| (name, value.to_owned())),
        );
        Self {
            status_code,
            headers,
            body,
            is_base64_encoded: false,
        }
    }
}

/// The body's size as a string within JSON, where these two characters are written as two.
fn carried(body: &str) -> usize {
    body.len()
        + body
            .bytes()
            .filter(|byte| matches!(byte, b'"' | b'\\'))
            .count()
}

fn envelope(result: &Result<Done, Refusal>) -> (u16, String) {
    let (status, envelope) = match result {
        Ok(Done {
            status,
            data,
            note,
            next,
        }) => {
            let mut envelope = json!({ "success": true, "data": data });
            if let Some(note) = note {
                envelope["error"] = json!(note);
            }
            if let Some(next) = next {
                envelope["next"] = json!(next);
            }
            (*status, envelope)
        }
        Err(Refusal {
            status,
            message,
            cause: _,
        }) => (*status, json!({ "success": false, "error": message })),
    };
    (status, envelope.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(result: &Result<Done, Refusal>) -> Value {
        let reply = Reply::new(result, &Origins::parse("*"), None);
        serde_json::from_str(&reply.body).expect("JSON")
    }

    #[test]
    fn an_internal_cause_never_leaves() {
        let refusal = Err(Refusal::internal("relation does not exist"));
        assert_eq!(
            body(&refusal),
            json!({ "success": false, "error": "Internal error" })
        );
    }

    #[test]
    fn data_and_note_are_both_in_the_envelope() {
        let done = Done {
            note: Some("User already exists"),
            ..Done::new(200, json!({ "id": 1 }))
        };
        let wanted =
            json!({ "success": true, "data": { "id": 1 }, "error": "User already exists" });
        assert_eq!(body(&Ok(done)), wanted);
    }

    #[test]
    fn an_answer_that_lambda_cannot_carry_is_an_error_instead() {
        let done = Ok(Done::new(200, json!("\"".repeat(LARGEST / 4))));
        assert_eq!(
            Reply::new(&done, &Origins::parse(""), None).status_code,
            500
        );
    }

    #[test]
    fn every_reply_is_json_with_cors_headers() {
        let reply = Reply::new(
            &Err(Refusal::bad("no")),
            &Origins::parse("https://a.example.com"),
            None,
        );
        let reply = serde_json::to_value(reply).expect("JSON");
        assert_eq!(reply["statusCode"], 400);
        assert_eq!(reply["headers"]["Content-Type"], "application/json");
        assert_eq!(
            reply["headers"]["Access-Control-Allow-Origin"],
            "https://a.example.com"
        );
        assert_eq!(reply["isBase64Encoded"], false);
    }
}
