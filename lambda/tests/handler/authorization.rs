//! Who may do what.

use crate::support::{
    World,
    event::{admin, claims, delete, get, post, put, request},
};
use serde_json::{Value, json};

#[test]
fn without_claims_or_a_sub_nobody_is_served() {
    let world = World::new();
    let function = world.function();
    let nobody =
        json!({ "email": "ana@example.com", "cognito:username": "ana", "cognito:groups": "admin" });
    for claims in [
        Value::Null,
        json!({}),
        nobody,
        json!("sub"),
        json!({ "sub": "" }),
        json!({ "sub": ["x"] }),
    ] {
        for event in [
            get(&claims, "/users"),
            get(&claims, "/users/1"),
            post(&claims, &json!({})),
            put(&claims, &json!(1), &json!({})),
            delete(&claims, &json!(1)),
        ] {
            assert_eq!(function.invoke(&event).status, 401, "{event}");
        }
    }
    assert!(world.database.rows().is_empty());
}

#[test]
fn a_row_is_never_made_with_a_default_for_a_missing_claim() {
    let world = World::new();
    let function = world.function();
    for name in ["sub", "email", "cognito:username"] {
        let mut claims = claims("ana");
        claims.as_object_mut().unwrap().remove(name);
        let reply = function.invoke(&post(&claims, &json!({})));
        assert_eq!(reply.status, 401);
        assert!(reply.error().contains(name), "{}", reply.error());
    }
    assert!(world.database.rows().is_empty());
}

#[test]
fn only_an_admin_gives_a_role_other_than_user() {
    let world = World::new();
    let function = world.function();
    assert_eq!(
        function
            .invoke(&post(&claims("ana"), &json!({ "role": "admin" })))
            .status,
        403
    );
    assert!(world.database.rows().is_empty());
    assert_eq!(
        function
            .invoke(&post(&claims("ana"), &json!({ "role": "user" })))
            .status,
        201
    );
    assert_eq!(
        function
            .invoke(&put(&claims("ana"), &json!(1), &json!({ "role": "admin" })))
            .status,
        403
    );
    let mixed = json!({ "username": "x", "role": "editor" });
    assert_eq!(
        function
            .invoke(&put(&claims("ana"), &json!(1), &mixed))
            .status,
        403
    );
    assert!(
        world.database.rows()[0].contains(r#""username":"ana""#),
        "nothing of a refused change happens"
    );

    assert_eq!(
        function
            .invoke(&post(&admin(), &json!({ "role": "admin" })))
            .body["data"]["role"],
        "admin"
    );
    let given = function.invoke(&put(&admin(), &json!(1), &json!({ "role": "editor" })));
    assert_eq!(
        (given.status, &given.body["data"]["role"]),
        (200, &json!("editor"))
    );
}

#[test]
fn a_user_who_sends_its_role_back_unchanged_sets_nothing() {
    let world = World::new();
    let function = world.function();
    function.invoke(&post(&claims("ana"), &json!({})));
    function.invoke(&put(&admin(), &json!(1), &json!({ "role": "editor" })));
    let kept = function.invoke(&put(
        &claims("ana"),
        &json!(1),
        &json!({ "username": "Ana", "role": "editor" }),
    ));
    assert_eq!(
        (kept.status, &kept.body["data"]["role"]),
        (200, &json!("editor"))
    );
    let lowered = function.invoke(&put(&claims("ana"), &json!(1), &json!({ "role": "user" })));
    assert_eq!(
        (lowered.status, &lowered.body["data"]["role"]),
        (200, &json!("user"))
    );
    assert_eq!(
        function
            .invoke(&put(
                &claims("ana"),
                &json!(1),
                &json!({ "role": "editor" })
            ))
            .status,
        403
    );
}

#[test]
fn somebody_elses_row_is_an_admins_to_change() {
    let world = World::new();
    let function = world.function();
    function.invoke(&post(&claims("ana"), &json!({})));
    let before = world.database.rows();
    for caller in [claims("eve"), {
        let mut it = claims("eve");
        it["cognito:groups"] = json!("administrators");
        it
    }] {
        assert_eq!(
            function
                .invoke(&put(&caller, &json!(1), &json!({ "username": "x" })))
                .status,
            403
        );
        assert_eq!(function.invoke(&delete(&caller, &json!(1))).status, 403);
    }
    assert_eq!(world.database.rows(), before);

    let renamed = function.invoke(&put(&admin(), &json!(1), &json!({ "username": "x" })));
    assert_eq!(
        (renamed.status, &renamed.body["data"]["username"]),
        (200, &json!("x"))
    );
    assert_eq!(function.invoke(&delete(&admin(), &json!(1))).status, 200);
}

#[test]
fn claims_in_the_body_or_the_headers_are_nobodys() {
    let world = World::new();
    let function = world.function();
    let mut event = request(
        &Value::Null,
        "POST",
        "/users",
        Some(r#"{"claims":{"sub":"sub-ana"},"sub":"sub-ana"}"#),
    );
    event["headers"]["sub"] = json!("sub-ana");
    event["authorizer"] = json!({ "claims": claims("ana") });
    assert_eq!(function.invoke(&event).status, 401);
}
