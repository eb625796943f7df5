//! The five routes of the users API: deployed by the program into its sandbox, with the sandbox's
//! own PostgreSQL, called with real ID tokens.

use crate::support::{
    http,
    sandbox::{Database, Sandbox},
    user,
};
use serde_json::{Value, json};

fn data(answer: (u16, String), status: u16) -> Value {
    assert_eq!(answer.0, status, "{}", answer.1);
    let body: Value = serde_json::from_str(&answer.1).unwrap();
    assert_eq!(body["success"], status < 300, "{body}");
    body["data"].clone()
}

#[tokio::test]
async fn the_five_routes_answer_a_signed_in_user_from_a_real_database() {
    let sandbox = Sandbox::new();
    sandbox.apply();
    assert_eq!(
        sandbox
            .run(&["plan", "--sandbox", "--detailed-exitcode"])
            .code,
        0
    );
    let outputs = sandbox.outputs();
    let output = |name: &str| outputs.get(name);
    let (pool, client, api) = (
        output("user_pool_id"),
        output("client_id_spa"),
        output("api_url"),
    );
    let aws = outputs.aws().await;
    let ann = user::id_token(&aws, &pool, &client, "ann@example.com").await;
    let bob = user::id_token(&aws, &pool, &client, "bob@example.com").await;
    let call = |method: &str, path: &str, token: Option<&str>, body: &str| {
        http::call(method, &format!("{api}{path}"), token, body)
    };

    for (method, path) in [
        ("GET", "/users"),
        ("POST", "/users"),
        ("GET", "/users/1"),
        ("PUT", "/users/1"),
        ("DELETE", "/users/1"),
    ] {
        assert_eq!(
            call(method, path, None, "").0,
            401,
            "{method} {path} without a token"
        );
    }
    assert_eq!(data(call("GET", "/users", Some(&ann), ""), 200), json!([]));
    let row = data(call("POST", "/users", Some(&ann), "{}"), 201);
    assert_eq!(
        (&row["email"], &row["role"]),
        (&json!("ann@example.com"), &json!("user"))
    );
    assert_eq!(
        call("POST", "/users", Some(&ann), "{}").0,
        200,
        "it is there already"
    );
    let bobs = data(call("POST", "/users", Some(&bob), "{}"), 201);
    let (mine, his) = (
        format!("/users/{}", row["id"]),
        format!("/users/{}", bobs["id"]),
    );
    assert_eq!(
        data(call("GET", "/users", Some(&bob), ""), 200)
            .as_array()
            .unwrap()
            .len(),
        2
    );
    assert_eq!(
        data(call("GET", &mine, Some(&bob), ""), 200)["email"],
        "ann@example.com"
    );

    let changed = data(
        call(
            "PUT",
            &mine,
            Some(&ann),
            r#"{"phoneNumber": "+15555550101"}"#,
        ),
        200,
    );
    assert_eq!(
        (&changed["phone_number"], &changed["email"]),
        (&json!("+15555550101"), &json!("ann@example.com"))
    );
    assert_eq!(call("PUT", &his, Some(&ann), r#"{"username": "x"}"#).0, 403);
    assert_eq!(call("DELETE", &his, Some(&ann), "").0, 403);
    let join = aws
        .cognito
        .admin_add_user_to_group()
        .user_pool_id(&pool)
        .username("ann@example.com");
    join.group_name("admin").send().await.unwrap();
    let admin = user::sign_in(&aws, &pool, &client, "ann@example.com").await;
    assert_eq!(
        data(
            call("PUT", &his, Some(&admin), r#"{"role": "teacher"}"#),
            200
        )["role"],
        "teacher"
    );
    assert_eq!(call("DELETE", &his, Some(&admin), "").0, 200);
    assert_eq!(call("GET", &his, Some(&ann), "").0, 404);
    assert_eq!(call("GET", "/users/abc", Some(&ann), "").0, 400);
    let database = outputs.database();
    strangers_get_nothing(&database).await;
}

/// Whoever is on this machine reaches the database's port: nobody gets in without the password, and
/// who has it runs no program.
async fn strangers_get_nothing(database: &Database) {
    for user in ["postgres", "workshop", "nobody", "root", ""] {
        for password in ["", "workshop", "postgres"] {
            for name in ["postgres", "template1", "workshop"] {
                assert!(
                    database.connect(user, password, name).await.is_err(),
                    "{user} {password} {name}"
                );
            }
        }
    }
    let (user, password) = database.login();
    assert!(
        database
            .connect(&user, &password, "template1")
            .await
            .is_err()
    );
    let client = database
        .connect(&user, &password, "postgres")
        .await
        .unwrap();
    for statement in [
        "COPY (SELECT 1) TO PROGRAM 'id'",
        "COPY (SELECT 1) TO '/tmp/wsctl-never'",
        "SELECT pg_read_file('/etc/passwd')",
        "ALTER ROLE workshop SUPERUSER",
        "CREATE ROLE other LOGIN",
        "CREATE DATABASE other",
        "ALTER SYSTEM SET archive_command = 'id'",
        "CREATE EXTENSION adminpack",
        "GRANT pg_execute_server_program TO workshop",
    ] {
        let refused = client.batch_execute(statement).await.unwrap_err();
        let code = refused.code().map(|it| it.code().to_owned());
        assert!(
            ["42501", "0A000", "58P01"].contains(&code.as_deref().unwrap_or_default()),
            "{statement}: {refused}"
        );
    }
    client
        .batch_execute("SELECT count(*) FROM users")
        .await
        .unwrap();
}

/// An e-mail address in other letters is the same user, unless the pool says otherwise.
#[test]
fn a_users_name_counts_in_any_case_where_the_pool_says_so() {
    const PASSWORD: &str = "Correct-horse-1";
    for is_sensitive in [false, true] {
        let sandbox = Sandbox::new();
        sandbox.edit(
            "self_registration = true",
            &format!("self_registration = true\ncase_sensitive = {is_sensitive}"),
        );
        sandbox.apply();
        let sign_up = |user: &str, code: i32| {
            let arguments = [
                "user",
                "sign-up",
                user,
                "--name",
                "Ann",
                "--phone",
                "+15555550100",
                "--password-stdin",
            ];
            sandbox.answer(code, &arguments, &[PASSWORD])
        };
        sign_up("Ann@Example.com", 0);
        let said = sign_up("ann@example.COM", i32::from(!is_sensitive)).err;
        assert_eq!(
            said.contains("UsernameExistsException"),
            !is_sensitive,
            "{said}"
        );
        sandbox.answer(0, &["user", "confirm", "Ann@Example.com", "--admin"], &[]);
        for flow in [&[][..], &["--srp"]] {
            let token = ["token", "aNN@eXAMPLE.com", "--password-stdin"];
            sandbox.answer(
                i32::from(is_sensitive),
                &[&token[..], flow].concat(),
                &[PASSWORD],
            );
        }
        sandbox.answer(
            i32::from(is_sensitive),
            &["user", "show", "ANN@EXAMPLE.COM"],
            &[],
        );
        sandbox.answer(
            0,
            &["token", "Ann@Example.com", "--password-stdin"],
            &[PASSWORD],
        );
    }
}
