//! What is wrong with a request, and what the log says.

use crate::support::{
    World,
    event::{admin, claims, delete, get, post, put, request},
};
use serde_json::json;

#[test]
fn an_id_that_is_no_integer_is_400() {
    let world = World::new();
    let function = world.function();
    for path in [
        "/users/abc",
        "/users/1.5",
        "/users/1%20OR%201=1",
        "/users/0x1",
    ] {
        for method in ["GET", "PUT", "DELETE"] {
            let reply = function.invoke(&request(&admin(), method, path, Some("{}")));
            assert_eq!(
                (reply.status, reply.error()),
                (400, "the user id must be an integer")
            );
        }
    }
}

#[test]
fn a_malformed_body_is_400_with_the_position_and_a_wrong_type_with_the_field() {
    let world = World::new();
    let function = world.function();
    for (method, path, body, said) in [
        ("POST", "/users", "{\"role\": }", "line 1 column 10"),
        (
            "PUT",
            "/users/1",
            "{\"email\": \"a\",\n}",
            "line 2 column 1",
        ),
        ("PUT", "/users/1", "", "line 1 column 0"),
        (
            "POST",
            "/users",
            "[]",
            "must be a JSON object, not an array",
        ),
        (
            "POST",
            "/users",
            "{\"role\":1}",
            "role must be a string, not a number",
        ),
        (
            "PUT",
            "/users/1",
            "{\"phoneNumber\":{}}",
            "phoneNumber must be a string, not an object",
        ),
        (
            "PUT",
            "/users/1",
            "{\"username\":null}",
            "username must be a string, not null",
        ),
    ] {
        let reply = function.invoke(&request(&claims("ana"), method, path, Some(body)));
        assert_eq!(reply.status, 400);
        assert!(reply.error().contains(said), "{}", reply.error());
    }
}

#[test]
fn an_email_in_use_is_409() {
    let world = World::new();
    let function = world.function();
    for name in ["ana", "bob"] {
        function.invoke(&post(&claims(name), &json!({})));
    }
    let taken = json!({ "email": "bob@example.com" });
    let put = function.invoke(&put(&claims("ana"), &json!(1), &taken));
    assert_eq!((put.status, put.error()), (409, "email is already in use"));
    let mut twin = claims("eve");
    twin["email"] = json!("bob@example.com");
    let post = function.invoke(&post(&twin, &json!({})));
    assert_eq!(
        (post.status, post.error()),
        (409, "email is already in use")
    );
}

#[test]
fn a_fault_of_the_table_is_told_to_the_log_alone_and_mended() {
    let world = World::new();
    let function = world.function();
    function.invoke(&post(&claims("ana"), &json!({})));
    world.database.query("ALTER TABLE users RENAME TO hidden");
    let reply = function.invoke(&get(&claims("ana"), "/users"));
    assert_eq!((reply.status, reply.error()), (500, "Internal error"));
    let log = function.log().join("\n");
    assert!(
        log.contains("SQLSTATE 42P01") && log.contains("request-1"),
        "{log}"
    );
    assert_eq!(function.invoke(&get(&claims("ana"), "/users")).status, 200);
}

#[test]
fn a_lock_that_is_held_costs_three_seconds_and_not_the_function() {
    let world = World::new();
    let function = world.function();
    function.invoke(&post(&claims("ana"), &json!({})));
    let (database, event) = (&world.database, delete(&claims("ana"), &json!(1)));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            database.query("BEGIN; SELECT * FROM users FOR UPDATE; SELECT pg_sleep(4); COMMIT")
        });
        while database.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()").is_empty() {}
        let reply = function.invoke(&event);
        assert_eq!(reply.status, 503);
    });
    assert!(function.log().join("\n").contains("SQLSTATE 57014"));
    assert_eq!(function.invoke(&event).status, 200);
}

#[test]
fn a_request_is_answered_within_the_functions_time() {
    let world = World::new();
    let function = world.function();
    function.invoke(&post(&claims("ana"), &json!({})));
    let database = &world.database;
    std::thread::scope(|scope| {
        scope.spawn(|| database.query("BEGIN; LOCK TABLE users; SELECT pg_sleep(3); COMMIT"));
        while database.query("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'PgSleep' AND datname = current_database()").is_empty() {}
        let start = std::time::Instant::now();
        let event = get(&claims("ana"), "/users").to_string().into_bytes();
        let reply = function.invoke_within(event, std::time::Duration::from_secs(1));
        assert_eq!(
            (reply.status, reply.error()),
            (503, "The request took too long")
        );
        assert!(start.elapsed() < std::time::Duration::from_secs(1));
    });
    assert_eq!(function.invoke(&get(&claims("ana"), "/users")).status, 200);
}

#[test]
fn an_event_of_another_kind_is_answered_too() {
    let world = World::new();
    let function = world.function();
    for event in ["{}", "null", "[1]", r#"{"key1":"value1"}"#] {
        assert_eq!(function.invoke_raw(event.into()).status, 401, "{event}");
    }
    assert_eq!(
        function.invoke_raw(br#"{"body":"\ud800"}"#.to_vec()).status,
        400
    );
}

#[test]
fn a_line_of_the_log_tells_the_request_and_never_the_caller() {
    let world = World::new();
    let function = world.function();
    let body = json!({ "username": "body-of-ana", "phoneNumber": "+15555550199" });
    function.invoke(&post(&claims("ana"), &json!({})));
    function.invoke(&put(&claims("ana"), &json!(1), &body));
    function.invoke(&get(&claims("ana"), "/users/ana@example.com"));
    function.wait_until_ready();
    let log = function.log();
    let line: serde_json::Value = serde_json::from_str(&log[1]).unwrap();
    assert!(line["duration_ms"].as_f64().unwrap() > 0.0);
    for (field, value) in [
        ("level", json!("info")),
        ("request_id", json!("request-1")),
        ("method", json!("PUT")),
        ("route", json!("/users/{id}")),
        ("status", json!(200)),
        ("sub", json!("sub-ana")),
    ] {
        assert_eq!(line[field], value);
    }
    let log = log.join("\n");
    for secret in [
        "very-secret-token",
        "@example.com",
        "body-of-ana",
        "+1555",
        "pa'ss",
    ] {
        assert!(!log.contains(secret), "{secret} is in the log: {log}");
    }
}
