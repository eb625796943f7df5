//! One line of JSON per request and per fault, on standard output. Tokens, e-mail addresses,
//! bodies and passwords are never in one.

use serde_json::{Value, json};
use std::{io::Write, time::Duration};

/// What is said of a request.
pub(crate) struct Served<'a> {
    pub(crate) request_id: &'a str,
    pub(crate) method: &'a str,
    pub(crate) route: &'a str,
    pub(crate) status: u16,
    pub(crate) took: Duration,
    pub(crate) sub: Option<&'a str>,
    /// Why it failed inside, where it did.
    pub(crate) cause: Option<&'a str>,
}

impl Served<'_> {
    pub(crate) fn line(&self) -> Value {
        let Self {
            request_id,
            method,
            route,
            status,
            took,
            sub,
            cause,
        } = self;
        let line = json!({
            "request_id": request_id,
            "method": known(method),
            "route": route,
            "status": status,
            "duration_ms": (took.as_secs_f64() * 100_000.0).round() / 100.0,
            "sub": sub,
        });
        levelled(line, *cause)
    }
}

/// How it went to make the row of a new user.
pub(crate) fn welcome(
    request_id: &str,
    sub: Option<&str>,
    status: u16,
    cause: Option<&str>,
) -> Value {
    let line = json!({
        "request_id": request_id,
        "trigger": "post_confirmation",
        "status": status,
        "sub": sub,
    });
    levelled(line, cause)
}

/// A line is an error's where something went wrong inside.
fn levelled(mut line: Value, cause: Option<&str>) -> Value {
    line["level"] = json!(if cause.is_some() { "error" } else { "info" });
    if let Some(cause) = cause {
        line["error"] = json!(cause);
    }
    line
}

/// A fault outside a request.
pub(crate) fn fault(message: &str) {
    write(&json!({ "level": "error", "error": message }));
}

/// Something worth knowing, outside a request or within one.
pub(crate) fn notice(message: &str) {
    write(&json!({ "level": "info", "message": message }));
}

/// A log that cannot be written is no reason to fail.
pub(crate) fn write(line: &Value) {
    let _ = writeln!(std::io::stdout().lock(), "{line}");
}

/// A method is the caller's text until it is one of HTTP's.
fn known(method: &str) -> &str {
    const METHODS: [&str; 7] = ["GET", "POST", "PUT", "DELETE", "OPTIONS", "HEAD", "PATCH"];
    METHODS
        .into_iter()
        .find(|it| *it == method)
        .unwrap_or("other")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_holds_what_was_asked_and_how_it_went() {
        let served = Served {
            request_id: "r1",
            method: "ana@example.com",
            route: "/users",
            status: 400,
            took: Duration::from_micros(1_234),
            sub: Some("a1"),
            cause: None,
        };
        let wanted = json!({"level":"info","request_id":"r1","method":"other","route":"/users",
            "status":400,"duration_ms":1.23,"sub":"a1"});
        assert_eq!(served.line(), wanted);
    }
}
