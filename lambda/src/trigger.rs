//! What a user pool sends to the function behind its trigger `post_confirmation`, once somebody has confirmed
//! the address: the row is made before the first sign-in. The event goes back as it came, which tells Cognito
//! that all went well (Amazon Cognito developer guide, "Post confirmation Lambda trigger"). Pure.

use serde::Deserialize;
use serde_json::{Value, json, value::RawValue};

/// Somebody has confirmed a sign-up; a new password is confirmed as well, by a user who has a row.
const SIGN_UP: &str = "PostConfirmation_ConfirmSignUp";

/// An event of a pool.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Trigger {
    trigger_source: String,
    user_name: Option<String>,
    #[serde(default)]
    request: Request,
}

#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Request {
    user_attributes: Value,
}

impl Trigger {
    /// The event, where it is one of a pool.
    pub(crate) fn parse(event: &RawValue) -> Option<Self> {
        serde_json::from_str(event.get()).ok()
    }

    /// The new user as a token would tell of it; `None` for every other event.
    pub(crate) fn new_user(&self) -> Option<Value> {
        let has_signed_up = self.trigger_source == SIGN_UP;
        let attribute = |name: &str| &self.request.user_attributes[name];
        has_signed_up.then(|| {
            json!({
                "sub": attribute("sub"),
                "cognito:username": self.user_name,
                "email": attribute("email"),
                "phone_number": attribute("phone_number"),
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(event: &Value) -> Option<Trigger> {
        Trigger::parse(&serde_json::value::to_raw_value(event).expect("JSON"))
    }

    #[test]
    fn who_has_signed_up_is_known_as_a_token_would_tell() {
        let attributes =
            json!({ "sub": "a1", "email": "ana@example.com", "cognito:user_status": "CONFIRMED" });
        let mut event = json!({
            "triggerSource": SIGN_UP, "userName": "ana", "request": { "userAttributes": attributes }, "response": {},
        });
        let user = json!({ "sub": "a1", "cognito:username": "ana", "email": "ana@example.com", "phone_number": null });
        assert_eq!(parse(&event).and_then(|it| it.new_user()), Some(user));
        event["triggerSource"] = json!("PostConfirmation_ConfirmForgotPassword");
        assert_eq!(parse(&event).map(|it| it.new_user()), Some(None));
    }

    #[test]
    fn a_request_of_an_api_is_no_event_of_a_pool() {
        for event in [
            json!({ "httpMethod": "GET", "body": "{\"triggerSource\":\"PostConfirmation_ConfirmSignUp\"}" }),
            json!({ "triggerSource": 7 }),
            json!([]),
            json!(null),
        ] {
            assert!(parse(&event).is_none(), "{event}");
        }
    }
}
