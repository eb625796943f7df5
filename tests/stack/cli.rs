//! The program as its user runs it.

use crate::support::{
    self,
    program::{Place, Run},
    script::{Script, refusal},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use std::process::Command;

#[tokio::test]
async fn from_plan_to_destroy_with_exit_codes_and_json() {
    let place = Place::new().await;
    let plan = place.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 2, "{}", plan.err);
    assert!(
        plan.out.ends_with("23 to create; 0 unchanged.\n"),
        "{}",
        plan.out
    );
    assert!(!plan.out.contains('\u{1b}'), "no colour without a terminal");

    let asked = place.run(&["apply"]);
    assert_eq!(asked.code, 14);
    assert!(
        asked.err.contains("no terminal to ask on") && asked.err.contains("--yes"),
        "{}",
        asked.err
    );
    assert_eq!(
        place.run(&["plan", "--detailed-exitcode"]).code,
        2,
        "nothing was made"
    );

    let applied = place.run(&["apply", "--yes", "-v"]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    assert!(
        applied.err.contains("[23/23]") && applied.err.contains("requests:"),
        "{}",
        applied.err
    );
    for word in ["user_pool_id", "client_id_spa", "login_url_spa", "api_url"] {
        assert!(applied.out.contains(word), "no {word} in {}", applied.out);
    }

    let plan = place.run(&["plan", "--detailed-exitcode", "--json"]);
    assert_eq!(plan.code, 0, "{}", plan.out);
    assert_eq!(plan.json()["steps"], serde_json::json!([]));
    assert_eq!(plan.json()["unchanged"], 23);

    let outputs = place.run(&["outputs", "--json"]).json();
    assert!(
        outputs["user_pool_id"]
            .as_str()
            .unwrap()
            .starts_with("eu-west-1_")
    );
    let one = place.run(&["outputs", "user_pool_id"]);
    assert_eq!(
        one.out.trim_end(),
        outputs["user_pool_id"].as_str().unwrap()
    );
    assert_eq!(
        place.run(&["outputs", "user_pool_id", "--json"]).json(),
        outputs["user_pool_id"]
    );
    let none = place.run(&["outputs", "pool_id"]);
    assert_eq!((none.code, none.out.as_str()), (10, ""));
    assert!(
        none.err.contains("did you mean 'user_pool_id'?"),
        "{}",
        none.err
    );
    let env = place.run(&["outputs", "--env"]);
    assert!(env.out.contains(&format!(
        "USER_POOL_ID={}",
        outputs["user_pool_id"].as_str().unwrap()
    )));

    place.edit("minimum_length = 8", "minimum_length = 12");
    let applied = place.run(&["apply", "--yes", "--json"]).json();
    assert_eq!(applied["results"][0]["outcome"], "done");
    assert_eq!(
        applied["plan"]["steps"][0]["changes"][0]["path"],
        "password_policy.minimum_length"
    );

    let refused = place.run(&["destroy", "--yes"]);
    assert_eq!(refused.code, 14);
    assert!(
        refused.err.contains("--lift-deletion-protection"),
        "{}",
        refused.err
    );
    assert_eq!(
        place.run(&["plan", "--detailed-exitcode"]).code,
        0,
        "all of it is still there"
    );

    let destroyed = place.run(&["destroy", "--yes", "--lift-deletion-protection"]);
    assert_eq!(destroyed.code, 0, "{}", destroyed.err);
    assert!(
        destroyed.out.contains("Nothing of the stack is left."),
        "{}",
        destroyed.out
    );
    let again = place.run(&["destroy", "--yes"]);
    assert_eq!(again.code, 0, "{}", again.err);
    assert!(again.out.contains("Nothing to do."), "{}", again.out);
    let none = place.run(&["outputs"]);
    assert_eq!(none.code, 1);
    assert!(none.err.contains("wsctl apply"), "{}", none.err);
}

#[tokio::test]
async fn another_machine_with_the_same_file_sees_the_same_stack() {
    let place = Place::new().await;
    assert_eq!(place.run(&["apply", "--yes"]).code, 0);
    let text = std::fs::read(place.folder.path().join("stack.toml")).unwrap();
    let other = Place {
        folder: tempfile::tempdir().unwrap(),
        ..place
    };
    std::fs::write(other.folder.path().join("stack.toml"), text).unwrap();
    let plan = other.run(&["plan", "--detailed-exitcode"]);
    assert_eq!(plan.code, 0, "{}{}", plan.out, plan.err);
}

#[tokio::test]
async fn a_pool_with_users_goes_only_when_it_is_named() {
    let place = Place::new().await;
    assert_eq!(place.run(&["apply", "--yes"]).code, 0);
    let aws = support::connect(place.account.clone(), None).await;
    let pool = place.run(&["outputs", "--json"]).json()["user_pool_id"]
        .as_str()
        .unwrap()
        .to_owned();
    aws.cognito
        .admin_create_user()
        .user_pool_id(&pool)
        .username("ann@example.com")
        .send()
        .await
        .unwrap();
    let refused = place.run(&["destroy", "--yes", "--lift-deletion-protection"]);
    assert_eq!(refused.code, 14);
    assert!(
        refused.err.contains("1 user") && refused.err.contains("--delete-users workshop-user-pool"),
        "{}",
        refused.err
    );
    let wrong = [
        "destroy",
        "--yes",
        "--lift-deletion-protection",
        "--delete-users",
        "another",
    ];
    assert_eq!(place.run(&wrong).code, 14);
    let named = [
        "destroy",
        "--yes",
        "--lift-deletion-protection",
        "--delete-users",
        "workshop-user-pool",
    ];
    let destroyed = place.run(&named);
    assert_eq!(destroyed.code, 0, "{}", destroyed.err);
}

#[tokio::test]
async fn the_wrong_account_is_refused_where_the_file_names_it() {
    let place = Place::new().await;
    place.edit("# account = \"123456789012\"", "account = \"123456789012\"");
    let refused = place.run(&["apply", "--yes"]);
    assert_eq!(refused.code, 11);
    assert!(
        refused.err.contains(&place.account) && refused.err.contains("stack.toml:15:"),
        "{}",
        refused.err
    );
}

#[tokio::test]
async fn a_namesake_that_is_not_ours_is_refused_and_left_alone() {
    let place = Place::new().await;
    let aws = support::connect(place.account.clone(), None).await;
    aws.cognito
        .create_user_pool()
        .pool_name("workshop-user-pool")
        .send()
        .await
        .unwrap();
    aws.apigateway
        .create_rest_api()
        .name("workshop-user-api")
        .send()
        .await
        .unwrap();
    let refused = place.run(&["apply", "--yes"]);
    assert_eq!(refused.code, 14);
    for word in [
        "user_pool: a user pool named `workshop-user-pool`",
        "api: a REST API named",
        "hint:",
    ] {
        assert!(refused.err.contains(word), "no {word:?} in {}", refused.err);
    }
    assert!(
        aws.lambda
            .list_functions()
            .send()
            .await
            .unwrap()
            .functions()
            .is_empty(),
        "nothing was made"
    );
}

#[test]
fn without_credentials_one_error_says_what_was_tried() {
    let folder = tempfile::tempdir().unwrap();
    let text = include_str!("../../examples/pool-only.toml");
    std::fs::write(folder.path().join("stack.toml"), text).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsctl"));
    command
        .arg("plan")
        .env_clear()
        .env("HOME", folder.path())
        .env("PATH", "/usr/bin:/bin");
    let refused = Run::of(command, folder.path());
    assert_eq!(refused.code, 12);
    assert_eq!(refused.err.matches("error:").count(), 1, "{}", refused.err);
    for word in ["credentials", "AWS_PROFILE", "aws sso login", "--sandbox"] {
        assert!(refused.err.contains(word), "no {word:?} in {}", refused.err);
    }
}

#[test]
fn usage_errors_exit_with_10_and_help_with_0() {
    let folder = tempfile::tempdir().unwrap();
    for (arguments, code) in [
        (&["plna"][..], 10),
        (&["plan", "--nope"], 10),
        (&["--help"], 0),
        (&["plan", "--help"], 0),
        (&["--version"], 0),
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wsctl"));
        command.args(arguments);
        assert_eq!(Run::of(command, folder.path()).code, code, "{arguments:?}");
    }
}

#[test]
fn completions_and_the_schema_are_printed() {
    let folder = tempfile::tempdir().unwrap();
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wsctl"));
        command.args(arguments);
        Run::of(command, folder.path())
    };
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            run(&["completions", shell]).out.contains("wsctl"),
            "{shell}"
        );
    }
    let schema = run(&["schema"]).json();
    assert_eq!(
        schema["properties"]["user_pool"]["type"]
            .as_str()
            .or(schema["properties"]["user_pool"]["$ref"].as_str())
            .map(|_| ()),
        Some(())
    );
    assert!(schema["$defs"]["Route"]["properties"]["authorizer"]["description"].is_string());
    assert!(run(&["man"]).out.contains(".TH wsctl"));
}

/// Every command that prints, offline and of a stack that is there.
const PRINTS: [&[&str]; 20] = [
    &["--help"],
    &["--version"],
    &["user", "--help"],
    &["schema"],
    &["completions", "bash"],
    &["man"],
    &["permissions", "plan"],
    &["validate"],
    &["validate", "--json"],
    &["graph"],
    &["package"],
    &["plan"],
    &["plan", "--json"],
    &["drift"],
    &["show", "user_pool"],
    &["outputs"],
    &["outputs", "--format", "oidc"],
    &["list"],
    &["unlock"],
    &["user", "list"],
];

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_result_on_a_full_disk_is_an_error_and_a_reader_who_has_seen_enough_is_none() {
    use std::process::Stdio;
    let place = Place::new().await;
    assert_eq!(place.run(&["apply", "--yes"]).code, 0);
    for arguments in PRINTS {
        let full = std::fs::OpenOptions::new()
            .write(true)
            .open("/dev/full")
            .unwrap();
        let output = place
            .command(arguments)
            .stdin(Stdio::null())
            .stdout(full)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}: {said}");
        assert!(
            said.contains("could not be written: No space left"),
            "{arguments:?}: {said}"
        );

        let (reader, writer) = std::io::pipe().unwrap();
        drop(reader);
        let output = place
            .command(arguments)
            .stdin(Stdio::null())
            .stdout(writer)
            .output()
            .unwrap();
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(
            (output.status.code(), said.as_str()),
            (Some(0), ""),
            "{arguments:?}"
        );
    }
    let saved = place.run(&["plan", "--out", "/dev/full"]);
    assert_eq!(saved.code, 1);
    assert!(
        saved.err.contains("cannot write /dev/full: No space left"),
        "{}",
        saved.err
    );
    // What could not be shown is not carried out.
    let full = std::fs::OpenOptions::new()
        .write(true)
        .open("/dev/full")
        .unwrap();
    place.edit("minimum_length = 8", "minimum_length = 12");
    let applied = place
        .command(&["apply", "--yes"])
        .stdin(Stdio::null())
        .stdout(full)
        .output()
        .unwrap();
    assert_eq!(applied.status.code(), Some(1));
    assert_eq!(place.run(&["plan", "--detailed-exitcode"]).code, 2);
    assert!(place.run(&["unlock"]).out.contains("is not locked"));
}

#[test]
fn a_profile_that_is_not_there_is_told_with_those_that_are() {
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("stack.toml"),
        include_str!("../../examples/pool-only.toml"),
    )
    .unwrap();
    let run = |arguments: &[&str], variables: &[(&str, &str)]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wsctl"));
        command
            .args(arguments)
            .env_clear()
            .env("HOME", folder.path())
            .envs(variables.iter().copied());
        Run::of(command, folder.path())
    };
    let said = run(&["plan", "--profile", "nope"], &[]);
    assert_eq!(said.code, 12);
    for words in [
        "--profile nope: there is no profile",
        ".aws/config (which is not there)",
        "aws configure --profile nope",
    ] {
        assert!(said.err.contains(words), "no {words:?} in {}", said.err);
    }
    std::fs::create_dir(folder.path().join(".aws")).unwrap();
    std::fs::write(
        folder.path().join(".aws/config"),
        "[default]\nregion = eu-west-1\n[profile work]\n",
    )
    .unwrap();
    let elsewhere = folder.path().join("keys");
    std::fs::write(
        &elsewhere,
        "[home]\naws_access_key_id = x\naws_secret_access_key = y\n",
    )
    .unwrap();
    let keys = ("AWS_SHARED_CREDENTIALS_FILE", elsewhere.to_str().unwrap());
    for command in [
        &["plan"][..],
        &["list"],
        &["outputs"],
        &["import"],
        &["destroy", "--stack", "x"],
        &["user", "list"],
    ] {
        let said = run(&[command, &["--profile", "nope"]].concat(), &[keys]);
        assert_eq!(said.code, 12, "{command:?}");
        assert!(
            said.err.contains("no profile of this name in") && said.err.contains("/keys"),
            "{}",
            said.err
        );
        assert!(
            said.err.contains("there are: default, home, work"),
            "{}",
            said.err
        );
    }
    let said = run(&["plan"], &[keys, ("AWS_PROFILE", "nope")]);
    assert!(
        said.err.contains("AWS_PROFILE=nope: there is no profile"),
        "{}",
        said.err
    );
    for profile in ["home", "work"] {
        let said = run(
            &[
                "plan",
                "--profile",
                profile,
                "--endpoint-url",
                "http://127.0.0.1:1",
            ],
            &[keys],
        );
        assert!(!said.err.contains("no profile"), "{}", said.err);
    }
}

/// What somebody writes who wants to be taken for the program.
const ATTACK: &str =
    "\u{1b}[2J\u{1b}[32m✔ signature\u{1b}[0m\u{9b}31m\u{202e}\u{7f}\r\n  ✔ signature  passed";

/// Nothing in it steers a terminal, and no line of it looks like one of the program's.
fn is_harmless(text: &str) -> bool {
    let steers = |it: char| {
        (it.is_control() && it != '\n')
            || matches!(it, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    !text.contains(steers) && !text.lines().any(|line| line.starts_with("  ✔ signature"))
}

#[test]
fn a_strangers_token_gives_itself_no_verdict() {
    let part = |it: serde_json::Value| URL_SAFE_NO_PAD.encode(it.to_string());
    let header = part(serde_json::json!({ "alg": ATTACK, "kid": ATTACK }));
    let claims = part(serde_json::json!({
        "iss": ATTACK, "aud": ATTACK, "token_use": ATTACK, "exp": 4_000_000_000_i64, ATTACK: ATTACK, "a": [ATTACK], "✔ signature": "passed",
    }));
    let token = format!("{header}.{claims}.AAAA");
    for options in [&["--any-pool"][..], &["--any-pool", "--json"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wsctl"));
        command
            .args(["token", "decode", &token])
            .args(options)
            .env_clear();
        let said = Run::of(command, std::env::temp_dir().as_path());
        assert_eq!(said.code, 2, "{}", said.err);
        assert!(
            is_harmless(&said.out) && is_harmless(&said.err),
            "{:?}",
            said.out
        );
        match said.out.starts_with('{') {
            true => assert_eq!(said.json()["claims"]["iss"], ATTACK),
            false => assert!(
                said.out.starts_with("Checks\n  ✘ signature  failed"),
                "{}",
                said.out
            ),
        }
    }
}

#[test]
fn an_endpoint_that_answers_with_an_attack_is_quoted_harmlessly() {
    let script = Script::of(std::iter::repeat_n(
        refusal("InvalidParameterException", ATTACK),
        200,
    ));
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(
        folder.path().join("stack.toml"),
        include_str!("../../examples/pool-only.toml"),
    )
    .unwrap();
    for arguments in [
        &["plan"][..],
        &["list"],
        &["user", "list"],
        &["drift", "--json"],
        &["unlock", "--yes"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wsctl"));
        command
            .args(["--endpoint-url", &script.endpoint])
            .args(arguments)
            .env_clear();
        command.envs([
            ("AWS_ACCESS_KEY_ID", "test"),
            ("AWS_SECRET_ACCESS_KEY", "test"),
        ]);
        command.env("HOME", folder.path());
        let said = Run::of(command, folder.path());
        assert!(said.ended_with(1), "{arguments:?}: {}", said.out);
        assert!(
            said.err.contains("✔ signature"),
            "{arguments:?}: {}",
            said.err
        );
        assert!(
            is_harmless(&said.out) && is_harmless(&said.err),
            "{arguments:?}: {:?}",
            said.err
        );
    }
}

/// A crate whose build script writes down what it is told, as a stranger's would send it away.
#[test]
fn a_build_script_gets_no_credentials_and_runs_not_at_all_where_nothing_is_to_be_built() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    std::fs::create_dir_all(folder.path().join("f/src")).unwrap();
    write(
        "f/Cargo.toml",
        "[package]\nname = \"f\"\nedition = \"2024\"\n[[bin]]\nname = \"bootstrap\"\npath = \"src/main.rs\"\n[workspace]",
    );
    write("f/src/main.rs", "fn main() {}");
    write(
        "f/build.rs",
        "fn main() { std::fs::write(\"heard\", format!(\"{:?}\", std::env::vars())).unwrap() }",
    );
    write(
        "stack.toml",
        "[stack]\nname = \"s\"\nregion = \"eu-west-1\"\n[functions.f]\nname = \"f\"\ncrate = \"f\"\n\
         environment = { TEXT = \"x${env.MY_SECRET}\" }\n",
    );
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wsctl"));
        command
            .args(["--endpoint-url", "http://127.0.0.1:1"])
            .args(arguments);
        for name in [
            "AWS_ACCESS_KEY_ID",
            "AWS_SECRET_ACCESS_KEY",
            "AWS_SESSION_TOKEN",
            "aws_profile_key",
            "MY_SECRET",
        ] {
            command.env(name, "canary");
        }
        Run::of(command, folder.path())
    };
    let heard = folder.path().join("f/heard");
    let refused = run(&["plan", "--no-build"]);
    assert!(
        refused.err.contains("not built yet") && refused.err.contains("wsctl package"),
        "{}",
        refused.err
    );
    assert!(!heard.exists(), "nothing was run");
    let packed = run(&["package"]);
    let told = std::fs::read_to_string(&heard).unwrap_or_else(|_| panic!("{}", packed.err));
    assert!(told.contains("PATH") && !told.contains("canary"), "{told}");
    std::fs::remove_file(&heard).unwrap();
    write(
        "f/build.rs",
        "fn main() { std::fs::write(\"heard\", \"again\").unwrap() }",
    );
    let planned = run(&["plan", "--no-build"]);
    assert!(
        planned.code == 1 && !planned.err.contains("not built yet"),
        "{}",
        planned.err
    );
    assert!(
        !heard.exists(),
        "what was built last is taken: {}",
        planned.err
    );
}
