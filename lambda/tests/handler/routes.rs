//! What each route answers.

use crate::support::{
    World,
    event::{admin, claims, delete, get, post, put, request},
};
use serde_json::{Value, json};
use std::thread;

#[test]
fn a_user_makes_its_own_row_out_of_its_claims() {
    let world = World::new();
    let function = world.function();
    let made = function.invoke(&post(
        &claims("ana"),
        &json!({ "role": "user", "email": "other@example.com" }),
    ));
    assert_eq!(made.status, 201);
    let row = json!({ "id": 1, "cognito_sub": "sub-ana", "username": "ana", "email": "ana@example.com",
        "role": "user", "phone_number": "+15555550100" });
    assert_eq!(made.body, json!({ "success": true, "data": row }));

    let again = function.invoke(&post(&claims("ana"), &json!({})));
    assert_eq!(again.status, 200);
    assert_eq!(
        again.body,
        json!({ "success": true, "data": row, "error": "User already exists" })
    );
}

#[test]
fn an_empty_post_makes_a_row_too_and_the_phone_number_may_be_missing() {
    let world = World::new();
    let mut claims = claims("ana");
    claims.as_object_mut().unwrap().remove("phone_number");
    let made = world
        .function()
        .invoke(&request(&claims, "POST", "/users", None));
    assert_eq!(
        (made.status, &made.body["data"]["phone_number"]),
        (201, &Value::Null)
    );
}

#[test]
fn everybody_who_is_signed_in_reads_everything() {
    let world = World::new();
    let function = world.function();
    assert_eq!(
        function.invoke(&get(&claims("ana"), "/users")).body["data"],
        json!([])
    );
    for name in ["bob", "ana"] {
        function.invoke(&post(&claims(name), &json!({})));
    }
    let all = function.invoke(&get(&claims("eve"), "/users"));
    assert_eq!(all.status, 200);
    let names: Vec<_> = all.body["data"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| &it["username"])
        .collect();
    assert_eq!(names, ["bob", "ana"], "ordered by id");
    let one = function.invoke(&get(&claims("eve"), "/users/2"));
    assert_eq!(
        (one.status, &one.body["data"]["username"]),
        (200, &json!("ana"))
    );
}

/// A request for a list, with what stands behind `?`.
fn list(query: &Value) -> Value {
    let mut event = get(&claims("eve"), "/users");
    event["queryStringParameters"] = query.clone();
    event
}

#[test]
fn a_list_of_any_length_is_answered_in_pages_without_a_gap() {
    let world = World::new();
    let function = world.function();
    // As long as the columns take them, and of characters that are seven in an answer.
    let fill = "INSERT INTO users (cognito_sub, username, email, role, phone_number)
        SELECT rpad(n::text, 255, E'\\x01'), repeat(E'\\x01', 255), rpad(n::text, 255, E'\\x01'), 'user', NULL
        FROM generate_series(1, 2750) n";
    function.wait_until_ready();
    world.database.session().query(fill);
    world
        .database
        .session()
        .query("DELETE FROM users WHERE id % 7 = 3");
    let rows = world
        .database
        .session()
        .query("SELECT id FROM users ORDER BY id");
    let all: Vec<i64> = rows
        .iter()
        .map(|row| row[0].as_ref().unwrap().parse().unwrap())
        .collect();
    for limit in [
        json!(null),
        json!("500"),
        json!("499"),
        json!("1000"),
        json!("100"),
    ] {
        let (mut seen, mut after, mut pages) = (vec![], Value::Null, 0);
        let most = limit.as_str().map_or(500, |it| it.parse().unwrap());
        loop {
            let page = function.invoke(&list(&json!({ "after": after, "limit": limit })));
            if most > 500 {
                assert_eq!(page.status, 400);
                break;
            }
            assert_eq!(page.status, 200, "{}", page.error());
            let rows = page.body["data"].as_array().unwrap();
            assert!(!rows.is_empty() && rows.len() <= most);
            seen.extend(rows.iter().map(|row| row["id"].as_i64().unwrap()));
            pages += 1;
            match &page.body["next"] {
                Value::Null => break,
                next => after = json!(next.to_string()),
            }
        }
        if most <= 500 {
            assert_eq!((seen, pages), (all.clone(), all.len().div_ceil(most)));
        }
    }
    let wrong = [
        json!({ "after": "x" }),
        json!({ "limit": "0" }),
        json!({ "after": "1; DROP TABLE users" }),
    ];
    for query in wrong {
        assert_eq!(function.invoke(&list(&query)).status, 400, "{query}");
    }
    // What API Gateway never sends is as if nothing stood there.
    for query in [
        json!([]),
        json!("after=1"),
        json!({ "after": 7 }),
        json!({ "after": null }),
    ] {
        assert_eq!(function.invoke(&list(&query)).status, 200, "{query}");
    }
}

#[test]
fn a_row_that_is_not_there_is_404() {
    let world = World::new();
    let function = world.function();
    for id in [json!(7), json!(-1), json!(99_999_999_999_999_i64)] {
        let path = format!("/users/{id}");
        for event in [
            get(&admin(), &path),
            put(&admin(), &id, &json!({ "role": "x" })),
            delete(&admin(), &id),
        ] {
            let reply = function.invoke(&event);
            assert_eq!((reply.status, reply.error()), (404, "User not found"));
        }
    }
}

#[test]
fn put_changes_only_the_fields_that_are_sent() {
    let world = World::new();
    let function = world.function();
    let row = function.invoke(&post(&claims("ana"), &json!({}))).body["data"].clone();
    let mut wanted = row.clone();
    for (body, field, value) in [
        (json!({ "username": "Ana" }), "username", json!("Ana")),
        (
            json!({ "phoneNumber": "+15555550101" }),
            "phone_number",
            json!("+15555550101"),
        ),
        (
            json!({ "phone_number": "+15555550102" }),
            "phone_number",
            json!("+15555550102"),
        ),
        (
            json!({ "email": "new@example.com" }),
            "email",
            json!("new@example.com"),
        ),
        (json!({ "phone_number": null }), "phone_number", Value::Null),
        (json!({}), "phone_number", Value::Null),
    ] {
        let reply = function.invoke(&put(&claims("ana"), &json!(1), &body));
        wanted[field] = value;
        assert_eq!((reply.status, &reply.body["data"]), (200, &wanted));
    }
}

#[test]
fn put_cannot_touch_whose_row_it_is() {
    let world = World::new();
    let function = world.function();
    let row = function.invoke(&post(&claims("ana"), &json!({}))).body["data"].clone();
    let body = json!({ "cognito_sub": "sub-eve", "cognitoSub": "sub-eve", "id": 9 });
    let reply = function.invoke(&put(&admin(), &json!(1), &body));
    assert_eq!((reply.status, &reply.body["data"]), (200, &row));
}

#[test]
fn delete_answers_with_the_row_that_was() {
    let world = World::new();
    let function = world.function();
    let row = function.invoke(&post(&claims("ana"), &json!({}))).body["data"].clone();
    let reply = function.invoke(&delete(&claims("ana"), &json!(1)));
    assert_eq!(reply.status, 200);
    assert_eq!(
        reply.body["data"],
        json!({ "message": "User deleted", "user": row })
    );
    assert_eq!(
        function.invoke(&get(&claims("ana"), "/users/1")).status,
        404
    );
}

#[test]
fn a_method_without_its_id_or_that_is_not_there_is_400() {
    let world = World::new();
    let function = world.function();
    for (method, path) in [
        ("PUT", "/users"),
        ("DELETE", "/users"),
        ("DELETE", "/users/"),
        ("PATCH", "/users/1"),
        ("POST", "/users/1"),
        ("HEAD", "/users"),
    ] {
        assert_eq!(
            function
                .invoke(&request(&admin(), method, path, Some("{}")))
                .status,
            400,
            "{method} {path}"
        );
    }
    assert_eq!(function.invoke(&get(&admin(), "/elsewhere")).status, 404);
}

#[test]
fn the_allowed_page_may_read_every_answer() {
    let world = World::new();
    let function = world.function();
    for event in [
        get(&claims("ana"), "/users"),
        get(&Value::Null, "/users"),
        get(&admin(), "/users/x"),
    ] {
        let headers = function.invoke(&event).headers;
        assert_eq!(
            headers["Access-Control-Allow-Origin"],
            "http://localhost:3000"
        );
        assert_eq!(headers["Vary"], "Origin");
        assert!(headers["Access-Control-Allow-Headers"].contains("Authorization"));
    }
    assert_eq!(
        function
            .invoke(&request(&Value::Null, "OPTIONS", "/users", None))
            .status,
        200
    );
}

#[test]
fn of_two_posts_at_once_one_makes_the_row_and_the_other_finds_it() {
    let world = World::new();
    let functions = [world.function(), world.function()];
    functions
        .iter()
        .for_each(super::support::function::Function::wait_until_ready);
    for round in 0..40 {
        let event = post(&claims(&format!("user{round}")), &json!({}));
        let mut statuses = thread::scope(|scope| {
            let running = functions
                .each_ref()
                .map(|function| scope.spawn(|| function.invoke(&event).status));
            running.map(|it| it.join().unwrap())
        });
        statuses.sort_unstable();
        assert_eq!(statuses, [200, 201], "round {round}");
    }
    assert_eq!(world.database.rows().len(), 40);
}
