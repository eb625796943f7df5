//! What the function does behind a user pool's trigger `post_confirmation`.

use crate::support::{
    World,
    event::{claims, get, post},
};
use serde_json::{Value, json};

fn event(source: &str, name: &str) -> Value {
    json!({
        "version": "1",
        "triggerSource": source,
        "region": "eu-west-1",
        "userPoolId": "eu-west-1_example",
        "userName": name,
        "callerContext": { "awsSdkVersion": "aws-sdk-unknown-unknown", "clientId": "example" },
        "request": { "userAttributes": {
            "sub": format!("sub-{name}"),
            "email": format!("{name}@example.com"),
            "phone_number": "+15555550100",
            "cognito:user_status": "CONFIRMED",
        } },
        "response": {},
    })
}

#[test]
fn who_confirms_has_a_row_once_and_the_event_goes_back_as_it_came() {
    let world = World::new();
    let function = world.function();
    let signed_up = event("PostConfirmation_ConfirmSignUp", "ana");
    for _ in 0..2 {
        assert_eq!(function.hear(&signed_up), signed_up);
    }
    let rows = function.invoke(&get(&claims("eve"), "/users"));
    let row = json!({ "id": 1, "cognito_sub": "sub-ana", "username": "ana", "email": "ana@example.com",
        "role": "user", "phone_number": "+15555550100" });
    assert_eq!(rows.body["data"], json!([row]));
    let own = function.invoke(&post(&claims("ana"), &json!({})));
    assert_eq!((own.status, &own.body["data"]), (200, &row));
}

#[test]
fn other_events_of_a_pool_make_no_row() {
    let world = World::new();
    let function = world.function();
    for source in [
        "PostConfirmation_ConfirmForgotPassword",
        "PreSignUp_SignUp",
        "",
    ] {
        let event = event(source, "ana");
        assert_eq!(function.hear(&event), event);
    }
    let rows = function.invoke(&get(&claims("eve"), "/users"));
    assert_eq!(rows.body["data"], json!([]));
}

#[test]
fn whose_row_cannot_be_made_is_confirmed_all_the_same() {
    let world = World::new();
    let function = world.function();
    function.invoke(&post(&claims("ana"), &json!({})));
    let mut same_email = event("PostConfirmation_ConfirmSignUp", "bob");
    same_email["request"]["userAttributes"]["email"] = json!("ana@example.com");
    let mut without = event("PostConfirmation_ConfirmSignUp", "eve");
    without["request"]["userAttributes"] = json!({});
    for event in [same_email, without] {
        assert_eq!(function.hear(&event), event);
        let log = function.log();
        let line = log.last().unwrap();
        assert!(line.contains("\"level\":\"error\""), "{line}");
        assert!(!line.contains("@example.com"), "{line}");
    }
    let rows = function.invoke(&get(&claims("eve"), "/users"));
    assert_eq!(rows.body["data"].as_array().map(Vec::len), Some(1));
}
