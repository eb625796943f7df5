//! How it starts: what the settings ask for, and what is missing.

use crate::support::{
    World,
    event::{claims, get, post, request},
    function::{Function, Reply},
};
use serde_json::{Value, json};

fn list(function: &Function) -> Reply {
    function.invoke(&get(&claims("ana"), "/users"))
}

#[test]
fn without_a_database_the_answer_says_so() {
    let function = Function::start([]);
    let reply = list(&function);
    assert_eq!(reply.status, 503);
    assert!(
        reply.error().starts_with("No database is configured"),
        "{}",
        reply.error()
    );
    assert_eq!(function.invoke(&get(&Value::Null, "/users")).status, 401);
}

#[test]
fn without_a_database_the_claims_are_echoed_where_that_is_asked_for() {
    let function = Function::start([("ECHO_CLAIMS".to_owned(), "true".to_owned())]);
    for (method, path) in [
        ("GET", "/users"),
        ("DELETE", "/users/1"),
        ("PATCH", "/elsewhere"),
    ] {
        let reply = function.invoke(&request(&claims("ana"), method, path, None));
        assert_eq!(reply.status, 200);
        assert_eq!(
            reply.body,
            json!({ "success": true, "data": { "claims": claims("ana") } })
        );
    }
    let nobody = function.invoke(&get(&Value::Null, "/users"));
    assert_eq!(
        nobody.body,
        json!({ "success": true, "data": { "claims": null } })
    );
}

#[test]
fn with_a_database_no_claims_are_echoed() {
    let world = World::new();
    assert_eq!(
        list(&world.function_with(&[("ECHO_CLAIMS", "true")])).body["data"],
        json!([])
    );
}

#[test]
fn wrong_settings_are_told_to_the_log_alone() {
    let world = World::new();
    for (settings, cause) in [
        (("SECRET_NAME", ""), "SECRET_NAME is not"),
        (("DB_TLS", "of"), "DB_TLS is neither on nor off"),
        (("DB_CA_FILE", "/nowhere.pem"), "DB_CA_FILE cannot be read"),
    ] {
        let function = world.function_with(&[settings, ("ECHO_CLAIMS", "true")]);
        let reply = list(&function);
        assert_eq!(
            (reply.status, reply.error()),
            (503, "The database is not configured correctly")
        );
        assert!(function.log().join("\n").contains(cause));
    }
}

#[test]
fn a_server_whose_certificate_is_not_trusted_is_refused() {
    let world = World::new();
    let function = world.function_with(&[("DB_CA_FILE", "")]);
    assert_eq!(list(&function).status, 503);
    assert!(
        function.log().join("\n").contains("UnknownIssuer"),
        "{:?}",
        function.log()
    );
}

#[test]
fn a_certificate_for_another_host_is_refused() {
    let world = World::new();
    // The server listens there as well, but its certificate does not name it.
    let function = world.function_with(&[("DB_HOST", "127.0.0.2")]);
    assert_eq!(list(&function).status, 503);
    assert!(
        function.log().join("\n").contains("not valid for name"),
        "{:?}",
        function.log()
    );
}

#[test]
fn a_plain_connection_is_for_this_machine_only() {
    let world = World::new();
    assert_eq!(
        list(&world.function_with(&[("DB_TLS", "off"), ("DB_HOST", "127.0.0.1")])).status,
        200
    );
    for host in ["db.example.com", "10.0.0.1", "0.0.0.0"] {
        let function = world.function_with(&[("DB_TLS", "off"), ("DB_HOST", host)]);
        assert_eq!(list(&function).status, 503);
        assert!(
            function.log().join("\n").contains("DB_TLS=off is refused"),
            "{:?}",
            function.log()
        );
    }
}

#[test]
fn the_connection_is_encrypted() {
    let world = World::new();
    let function = world.function();
    assert_eq!(list(&function).status, 200);
    let sql = "SELECT bool_and(ssl) FROM pg_stat_ssl NATURAL JOIN pg_stat_activity
        WHERE application_name = 'users-handler' AND datname = current_database()";
    assert_eq!(world.database.query(sql), [[Some("t".to_owned())]]);
}

#[test]
fn the_secret_may_tell_where_the_server_is_and_the_workshops_name_may() {
    let world = World::new();
    assert_eq!(
        list(&world.function_with(&[("DB_HOST", ""), ("RDS_HOST", "localhost")])).status,
        200
    );
    let database = &world.database;
    let secret = json!({ "username": database.user, "password": database.password, "host": "localhost",
        "port": database.port, "dbname": database.name });
    world.secrets.set(&secret.to_string());
    let none = [("DB_HOST", ""), ("DB_PORT", ""), ("DB_NAME", "")];
    assert_eq!(list(&world.function_with(&none)).status, 200);
}

#[test]
fn the_secret_is_fetched_once() {
    let world = World::new();
    let function = world.function();
    for _ in 0..20 {
        assert_eq!(list(&function).status, 200);
    }
    assert_eq!(world.secrets.calls(), 1);
}

#[test]
fn without_the_secret_the_answer_is_503_until_it_is_back() {
    let world = World::new();
    world.secrets.go_down();
    let function = world.function();
    let reply = list(&function);
    assert_eq!(
        (reply.status, reply.error()),
        (503, "The database's secret is unavailable, try again later")
    );
    assert!(function.log().join("\n").contains("InternalServiceError"));
}

#[test]
fn a_secret_that_makes_no_sense_is_never_quoted() {
    let world = World::new();
    world.secrets.set("hunter2-is-not-json");
    let function = world.function();
    let reply = list(&function);
    assert_eq!(reply.status, 503);
    let log = function.log().join("\n");
    assert!(
        log.contains("the secret is not JSON") && !log.contains("hunter2"),
        "{log}"
    );
}

#[test]
fn functions_that_start_together_make_one_table() {
    let world = World::new();
    let functions: Vec<_> = (0..6)
        .map(|_| world.function_with(&[("DEMO_ROWS", "true")]))
        .collect();
    for function in &functions {
        function.wait_until_ready();
        assert!(function.log().is_empty(), "{:?}", function.log());
    }
    assert_eq!(
        world.database.rows().len(),
        2,
        "the demo rows are there once"
    );
}

#[test]
fn the_demo_rows_are_for_an_empty_table_only() {
    let world = World::new();
    assert_eq!(
        world
            .function()
            .invoke(&post(&claims("ana"), &json!({})))
            .status,
        201
    );
    assert_eq!(
        list(&world.function_with(&[("DEMO_ROWS", "true")])).body["data"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
}

#[test]
fn a_table_that_is_there_needs_no_right_to_make_one() {
    let world = World::new();
    let database = &world.database;
    assert_eq!(list(&world.function()).status, 200);
    let user = &database.user;
    database.query(&format!(
        "ALTER DATABASE {user} OWNER TO postgres; REVOKE CREATE ON SCHEMA public FROM PUBLIC"
    ));
    assert_eq!(list(&world.function()).status, 200);
}
