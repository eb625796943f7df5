//! What API Gateway's Lambda proxy integration sends, taken as leniently as possible: whatever
//! is not as it should be becomes an answer, never an error of the runtime. Pure.

use crate::answer::Refusal;
use base64::{Engine, prelude::BASE64_STANDARD};
use serde_json::Value;

/// One request.
pub(crate) struct Request {
    event: Value,
    pub(crate) route: Route,
}

/// Which resource the request is for.
#[derive(Debug, PartialEq)]
pub(crate) enum Route {
    /// `/users`
    Users,
    /// `/users/{id}`, the id as it was sent.
    User(String),
    Other,
}

impl Request {
    /// Reads an event (JSON).
    pub(crate) fn parse(event: &str) -> Result<Self, Refusal> {
        let event = serde_json::from_str(event)
            .map_err(|error| Refusal::bad(format!("the event cannot be read: {error}")))?;
        Ok(Self {
            route: route(&event),
            event,
        })
    }

    /// The method; empty where the event is not one of API Gateway's.
    pub(crate) fn method(&self) -> &str {
        self.event["httpMethod"].as_str().unwrap_or_default()
    }

    /// What the authorizer found in the token.
    pub(crate) fn claims(&self) -> Option<&Value> {
        let claims = &self.event["requestContext"]["authorizer"]["claims"];
        claims.is_object().then_some(claims)
    }

    /// The page that asks, as its browser says.
    pub(crate) fn origin(&self) -> Option<&str> {
        let headers = self.event["headers"].as_object()?;
        headers
            .iter()
            .find(|(name, _)| name.eq_ignore_ascii_case("origin"))?
            .1
            .as_str()
    }

    /// What stands behind `?`, by its name; of several, API Gateway tells the last.
    pub(crate) fn parameter(&self, name: &str) -> Option<&str> {
        self.event["queryStringParameters"].get(name)?.as_str()
    }

    pub(crate) fn body(&self) -> Result<Vec<u8>, Refusal> {
        let text = self.event["body"].as_str().unwrap_or_default();
        if self.event["isBase64Encoded"] != Value::Bool(true) {
            return Ok(text.as_bytes().to_vec());
        }
        BASE64_STANDARD
            .decode(text)
            .map_err(|_| Refusal::bad("the body is not valid base64"))
    }
}

impl Route {
    /// As API Gateway writes the resource; what was sent may hold anything.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Users => "/users",
            Self::User(_) => "/users/{id}",
            Self::Other => "other",
        }
    }
}

/// The path may start with the stage or with a custom domain's base path.
fn route(event: &Value) -> Route {
    if let Some(id) = event["pathParameters"]["id"].as_str() {
        return Route::User(id.to_owned());
    }
    let path = event["path"].as_str().unwrap_or_default();
    let mut segments = path
        .split('/')
        .filter(|it| !it.is_empty())
        .skip_while(|it| *it != "users")
        .skip(1);
    match (
        path.split('/').any(|it| it == "users"),
        segments.next(),
        segments.next(),
    ) {
        (true, None, _) => Route::Users,
        (true, Some(id), None) => Route::User(id.to_owned()),
        _ => Route::Other,
    }
}

/// The id in a path: `None` for an integer so large that no row can have it. 400 for anything
/// that is not an integer.
pub(crate) fn id(text: &str) -> Result<Option<i32>, Refusal> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|it| it.is_ascii_digit()) {
        return Err(Refusal::bad("the user id must be an integer"));
    }
    Ok(text.parse().ok())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn request(event: Value) -> Request {
        Request::parse(&event.to_string()).expect("a request")
    }

    #[test]
    fn a_path_names_its_resource_wherever_the_api_is_mounted() {
        for (path, route) in [
            ("/users", Route::Users),
            ("/users/", Route::Users),
            ("/dev/users", Route::Users),
            ("/users/7", Route::User("7".into())),
            ("/base/users/x%20y", Route::User("x%20y".into())),
            ("/users/7/8", Route::Other),
            ("/user", Route::Other),
            ("/", Route::Other),
        ] {
            assert_eq!(request(json!({ "path": path })).route, route, "{path}");
        }
        let event = json!({ "path": "/elsewhere", "pathParameters": { "id": "9" } });
        assert_eq!(request(event).route, Route::User("9".into()));
    }

    #[test]
    fn only_an_integer_is_an_id() {
        assert_eq!(id("7"), Ok(Some(7)));
        assert_eq!(id("-1"), Ok(Some(-1)));
        assert_eq!(id("99999999999999999999"), Ok(None));
        for text in ["", "-", "+1", "1.0", "abc", "1 OR 1=1", "٣", "1e3"] {
            assert_eq!(id(text).expect_err(text).status, 400);
        }
    }

    #[test]
    fn an_event_of_another_kind_is_a_request_without_claims() {
        for event in [
            json!({ "key1": "value1" }),
            json!([]),
            json!(null),
            json!("x"),
        ] {
            let request = request(event);
            assert_eq!(
                (request.method(), request.claims(), request.origin()),
                ("", None, None)
            );
            assert_eq!(request.body(), Ok(vec![]));
        }
    }

    #[test]
    fn an_event_that_is_not_text_is_refused() {
        assert_eq!(
            Request::parse(r#"{"body":"\ud800"}"#)
                .err()
                .map(|it| it.status),
            Some(400)
        );
    }

    #[test]
    fn a_body_may_come_in_base64() {
        let event = json!({ "body": "eyJhIjoxfQ==", "isBase64Encoded": true });
        assert_eq!(request(event).body().as_deref(), Ok(&b"{\"a\":1}"[..]));
        let event = json!({ "body": "%%%", "isBase64Encoded": true });
        assert_eq!(request(event).body().expect_err("a refusal").status, 400);
    }

    #[test]
    fn the_origins_header_is_found_in_any_case() {
        let event = json!({ "headers": { "oRiGiN": "https://a.example.com" } });
        assert_eq!(request(event).origin(), Some("https://a.example.com"));
    }
}
