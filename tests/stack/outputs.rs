//! `wsctl outputs` in each of its formats, read by what it is for.

use crate::support::{http, sandbox::Sandbox};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde_json::Value;
use std::{collections::BTreeMap, process::Command};

fn applied() -> Sandbox {
    let sandbox = Sandbox::new();
    sandbox.apply();
    sandbox
}

fn outputs(sandbox: &Sandbox, more: &[&str]) -> String {
    sandbox.answer(0, &[&["outputs"], more].concat(), &[]).out
}

fn json(sandbox: &Sandbox, more: &[&str]) -> Value {
    serde_json::from_str(&outputs(sandbox, more)).unwrap()
}

#[test]
fn a_shell_evaluates_the_env_format_to_the_values_of_the_json() {
    let sandbox = applied();
    let mut values = json(&sandbox, &["--format", "json"]);
    assert_eq!(
        values.as_object_mut().unwrap().remove("version"),
        Some(1.into())
    );
    let values: BTreeMap<String, String> = serde_json::from_value(values).unwrap();
    let text = outputs(&sandbox, &["--format", "env"]);
    assert_eq!(text, outputs(&sandbox, &["--env"]));
    assert!(
        values["login_url_spa"].contains('&'),
        "something needs quotes"
    );
    for (name, value) in values {
        let script = format!("eval \"$OUTPUTS\"; printf %s \"${}\"", name.to_uppercase());
        let shell = Command::new("sh")
            .args(["-euc", &script])
            .env("OUTPUTS", &text)
            .output()
            .unwrap();
        let error = String::from_utf8_lossy(&shell.stderr);
        assert_eq!(
            (String::from_utf8_lossy(&shell.stdout), error),
            (value.into(), "".into()),
            "{name}"
        );
    }
}

#[test]
fn the_json_format_has_what_a_script_needs_and_no_secret() {
    let sandbox = applied();
    let values = json(&sandbox, &["--format", "json"]);
    assert_eq!(values, json(&sandbox, &["--json"]));
    let names: Vec<_> = values
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        names,
        [
            "version",
            "region",
            "user_pool_id",
            "user_pool_arn",
            "issuer",
            "client_id_spa",
            "login_url_spa",
            "api_id",
            "api_url",
            "function_users",
        ]
    );
    assert_eq!(values["region"], "ap-southeast-1");
    assert!(
        values["issuer"]
            .as_str()
            .unwrap()
            .ends_with(values["user_pool_id"].as_str().unwrap())
    );
}

#[test]
fn the_oidc_format_has_every_setting_that_the_example_application_reads() {
    let sandbox = applied();
    let config = json(&sandbox, &["--format", "oidc"]);
    let application = include_str!("../../examples/spa/app.js");
    let read = application.split("config.").skip(1).map(|rest| {
        let end = rest
            .find(|letter: char| !letter.is_alphanumeric() && letter != '_')
            .unwrap();
        &rest[..end]
    });
    let read: Vec<_> = read.filter(|name| *name != "json").collect();
    assert!(read.len() >= 5, "{read:?}");
    for name in read {
        assert!(config[name].is_string(), "{name} in {config:#}");
    }
    let values = json(&sandbox, &["--json"]);
    for (name, output) in [
        ("authority", "issuer"),
        ("client_id", "client_id_spa"),
        ("api_url", "api_url"),
        ("login_url", "login_url_spa"),
    ] {
        assert_eq!(config[name], values[output], "{name}");
    }
    assert_eq!(config["scope"], "email openid phone");
    assert_eq!(config["redirect_uri"], "http://localhost:3000/callback");
    let unknown = sandbox
        .answer(
            1,
            &["outputs", "--format", "oidc", "--client", "other"],
            &[],
        )
        .err;
    assert!(unknown.contains("no such app client"), "{unknown}");
}

#[test]
fn before_the_first_apply_there_are_none_which_is_an_error() {
    let sandbox = Sandbox::new();
    sandbox.answer(0, &["sandbox", "start"], &[]);
    let said = sandbox.answer(1, &["outputs", "--env"], &[]);
    assert!(
        said.out.is_empty() && said.err.contains("run wsctl apply --sandbox first"),
        "{}",
        said.err
    );
}

#[tokio::test]
async fn they_are_what_aws_has_and_not_what_the_file_says() {
    let sandbox = applied();
    let before = json(&sandbox, &["--json"]);
    let callback = |values: &Value| {
        values["login_url_spa"]
            .as_str()
            .unwrap()
            .rsplit_once('=')
            .unwrap()
            .1
            .to_owned()
    };
    assert_eq!(
        callback(&before),
        "http%3A%2F%2Flocalhost%3A3000%2Fcallback"
    );
    sandbox.edit(
        "http://localhost:3000/callback",
        "https://example.com/from-the-file",
    );
    assert_eq!(
        json(&sandbox, &["--json"]),
        before,
        "nobody has applied the file"
    );

    let aws = sandbox.outputs().aws().await;
    let (pool, client) = (
        before["user_pool_id"].as_str().unwrap(),
        before["client_id_spa"].as_str().unwrap(),
    );
    let update = aws
        .cognito
        .update_user_pool_client()
        .user_pool_id(pool)
        .client_id(client);
    let update = update
        .client_name("workshop-cognito-SPA")
        .callback_urls("https://example.com/from-aws");
    let update = update
        .allowed_o_auth_flows(aws_sdk_cognitoidentityprovider::types::OAuthFlowType::Implicit);
    let update = update
        .allowed_o_auth_scopes("openid")
        .allowed_o_auth_flows_user_pool_client(true);
    update
        .supported_identity_providers("COGNITO")
        .send()
        .await
        .unwrap();
    let after = json(&sandbox, &["--json"]);
    assert_eq!(callback(&after), "https%3A%2F%2Fexample.com%2Ffrom-aws");
    assert!(
        after["login_url_spa"]
            .as_str()
            .unwrap()
            .contains("response_type=token"),
        "{after}"
    );
    let oidc = json(&sandbox, &["--format", "oidc"]);
    let fields =
        ["redirect_uri", "response_type", "scope"].map(|name| oidc[name].as_str().unwrap());
    assert_eq!(fields, ["https://example.com/from-aws", "token", "openid"]);

    let delete = aws
        .cognito
        .delete_user_pool_domain()
        .user_pool_id(pool)
        .domain("workshop-000000000000");
    delete.send().await.unwrap();
    let after = json(&sandbox, &["--json"]);
    assert!(
        after["login_url_spa"].is_null() && after["client_id_spa"].is_string(),
        "{after}"
    );
}

#[test]
fn the_login_url_answers_and_the_issuer_is_the_same_everywhere() {
    let sandbox = applied();
    let values = json(&sandbox, &["--json"]);
    let (status, page) = http::call("GET", values["login_url_spa"].as_str().unwrap(), None, "");
    assert_eq!(status, 200, "{page}");
    let issuer = values["issuer"].as_str().unwrap();
    assert_eq!(json(&sandbox, &["--format", "oidc"])["authority"], issuer);
    let discovered = http::call(
        "GET",
        &format!("{issuer}/.well-known/openid-configuration"),
        None,
        "",
    )
    .1;
    let discovered: Value = serde_json::from_str(&discovered).unwrap();
    assert_eq!(discovered["issuer"], issuer);
    let keys = http::call("GET", discovered["jwks_uri"].as_str().unwrap(), None, "");
    assert_eq!(keys.0, 200, "{}", keys.1);

    let create = [
        "user",
        "create",
        "ann@example.com",
        "--name",
        "Ann",
        "--phone",
        "+15555550100",
    ];
    let create = [&create[..], &["--permanent", "--password-stdin"]].concat();
    sandbox.answer(0, &create, &["Correct-horse-1"]);
    for more in [&[][..], &["--access"]] {
        let token = sandbox
            .answer(
                0,
                &[&["token", "ann@example.com", "--password-stdin"], more].concat(),
                &["Correct-horse-1"],
            )
            .out;
        let claims = URL_SAFE_NO_PAD
            .decode(token.split('.').nth(1).unwrap())
            .unwrap();
        assert_eq!(
            serde_json::from_slice::<Value>(&claims).unwrap()["iss"],
            issuer
        );
        for decode in [&["token", "decode"][..], &["token", "decode", "--any-pool"]] {
            assert_eq!(
                sandbox
                    .answer(0, decode, &[token.trim()])
                    .out
                    .matches("passed")
                    .count(),
                5
            );
        }
    }
}
