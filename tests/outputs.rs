//! `wsctl outputs` in each of its formats, read by what it is for.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use serde_json::Value;
use std::{collections::BTreeMap, process::Command};
use support::sandbox::Sandbox;

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
    let values: BTreeMap<String, String> =
        serde_json::from_value(json(&sandbox, &["--format", "json"])).unwrap();
    let text = outputs(&sandbox, &["--format", "env"]);
    assert_eq!(text, outputs(&sandbox, &["--env"]));
    assert!(values["login_url_spa"].contains('&'), "something needs quotes");
    for (name, value) in values {
        let script = format!("eval \"$OUTPUTS\"; printf %s \"${}\"", name.to_uppercase());
        let shell = Command::new("sh").args(["-euc", &script]).env("OUTPUTS", &text).output().unwrap();
        let error = String::from_utf8_lossy(&shell.stderr);
        assert_eq!((String::from_utf8_lossy(&shell.stdout), error), (value.into(), "".into()), "{name}");
    }
}

#[test]
fn the_json_format_has_what_a_script_needs_and_no_secret() {
    let sandbox = applied();
    let values = json(&sandbox, &["--format", "json"]);
    assert_eq!(values, json(&sandbox, &["--json"]));
    let names: Vec<_> = values.as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
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
    assert!(values["issuer"].as_str().unwrap().ends_with(values["user_pool_id"].as_str().unwrap()));
}

#[test]
fn the_oidc_format_has_every_setting_that_the_example_application_reads() {
    let sandbox = applied();
    let config = json(&sandbox, &["--format", "oidc"]);
    let application = include_str!("../examples/spa/app.js");
    let read = application.split("config.").skip(1).map(|rest| {
        let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_').unwrap();
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
    let unknown = sandbox.answer(1, &["outputs", "--format", "oidc", "--client", "other"], &[]).err;
    assert!(unknown.contains("no such app client"), "{unknown}");
}

#[test]
fn before_the_first_apply_there_are_none_which_is_an_error() {
    let sandbox = Sandbox::new();
    let said = sandbox.answer(1, &["outputs", "--env"], &[]);
    assert!(said.out.is_empty() && said.err.contains("run wsctl apply first"), "{}", said.err);
}
