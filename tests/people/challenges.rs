//! What Cognito may ask after a password, answered by the program as its user runs it: from the
//! terminal, stdin and the environment, by an administrator and with SRP.

use crate::support::{
    self,
    sandbox::answered,
    script::{Script, challenge, refusal, tokens},
};
use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use std::process::Command;

const ANN: &str = "ann@example.com";
/// Ann, as Cognito names her.
const SUB: &str = "4928bdea-9307-4ebf-801b-71b45bb99751";
const PASSWORD: &str = "Correct-horse-1";
const SECRET: &str = "the-clients-secret";
const CLIENT: &str = "workshopclient";

const FLOWS: [&[&str]; 2] = [&[], &["--srp"]];

/// With SRP, the first answer is a challenge about the password.
fn after_password(flow: &[&str], answers: &[Value]) -> Script {
    let srp = json!({
        "USER_ID_FOR_SRP": SUB, "USERNAME": SUB, "SALT": "a1b2c3", "SRP_B": "1f".repeat(384),
        "SECRET_BLOCK": STANDARD.encode("block"),
    });
    let first = (!flow.is_empty()).then(|| challenge("PASSWORD_VERIFIER", srp));
    Script::of(first.into_iter().chain(answers.iter().cloned()))
}

/// `wsctl token` for Ann at the script's endpoint, in no folder of a stack. An administrator needs
/// credentials; with SRP there are none.
fn token(script: &Script, flow: &[&str], arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsctl"));
    command
        .env_clear()
        .env("HOME", "/nonexistent")
        .env("PASSWORD", PASSWORD)
        .env("CODE", "654321");
    command.env("SECRET", SECRET);
    if flow.is_empty() {
        command
            .env("AWS_ACCESS_KEY_ID", "123456789012")
            .env("AWS_SECRET_ACCESS_KEY", "test");
    }
    command
        .args(["--endpoint-url", &script.endpoint, "token", ANN])
        .args(flow)
        .args(arguments);
    command.args([
        "--user-pool-id",
        "eu-west-1_Workshop1",
        "--client-id",
        CLIENT,
    ]);
    command
}

fn signs_in(script: &Script, flow: &[&str], lines: &[&str]) -> Value {
    let said = answered(token(script, flow, &["--password-stdin"]), lines);
    assert_eq!(
        (said.code, said.out.as_str()),
        (0, "the-id-token\n"),
        "{}",
        said.err
    );
    script.last()
}

/// What Cognito expects as `SECRET_HASH` of a request about this user.
fn hash(user: &str) -> String {
    use aws_lc_rs::hmac;
    let key = hmac::Key::new(hmac::HMAC_SHA256, SECRET.as_bytes());
    STANDARD.encode(hmac::sign(&key, format!("{user}{CLIENT}").as_bytes()))
}

#[test]
fn every_second_factor_is_asked_for_and_sent_under_its_own_name() {
    let sent_to =
        |place: &str| json!({ "USER_ID_FOR_SRP": SUB, "CODE_DELIVERY_DESTINATION": place });
    for flow in FLOWS {
        for (name, parameters, answer) in [
            (
                "SOFTWARE_TOKEN_MFA",
                json!({ "FRIENDLY_DEVICE_NAME": "phone" }),
                "SOFTWARE_TOKEN_MFA_CODE",
            ),
            ("SMS_MFA", sent_to("+*******0100"), "SMS_MFA_CODE"),
            ("EMAIL_OTP", sent_to("a***@e***"), "EMAIL_OTP_CODE"),
        ] {
            let script = after_password(flow, &[challenge(name, parameters), tokens()]);
            let sent = signs_in(&script, flow, &[PASSWORD, "654321"]);
            assert_eq!(sent["ChallengeName"], name);
            assert_eq!(sent["Session"], format!("session-of-{name}"));
            assert_eq!(sent["ChallengeResponses"][answer], "654321");
            let operation = if flow.is_empty() {
                "AdminRespondToAuthChallenge"
            } else {
                "RespondToAuthChallenge"
            };
            assert_eq!(script.operations().last().unwrap(), operation);
        }
    }
}

#[test]
fn later_answers_name_the_user_as_cognito_does_and_not_by_the_address() {
    for flow in FLOWS {
        let first = challenge("SMS_MFA", json!({ "USER_ID_FOR_SRP": SUB }));
        let second = challenge("SOFTWARE_TOKEN_MFA", json!({}));
        let script = after_password(flow, &[first, second, tokens()]);
        let command = token(
            &script,
            flow,
            &["--password-stdin", "--client-secret-env", "SECRET"],
        );
        assert_eq!(answered(command, &[PASSWORD, "1", "2"]).code, 0);
        let responses = &script.last()["ChallengeResponses"];
        assert_eq!(
            (&responses["USERNAME"], &responses["SECRET_HASH"]),
            (&SUB.into(), &hash(SUB).into())
        );
    }
}

#[test]
fn of_several_second_factors_one_that_is_set_up_is_chosen() {
    for (listed, chosen) in [
        ("[\"SMS_MFA\",\"SOFTWARE_TOKEN_MFA\"]", "SOFTWARE_TOKEN_MFA"),
        ("[\"EMAIL_OTP\",\"SMS_MFA\"]", "EMAIL_OTP"),
    ] {
        let choice = challenge("SELECT_MFA_TYPE", json!({ "MFAS_CAN_CHOOSE": listed }));
        let script = Script::of([choice, refusal("NotAuthorizedException", "enough")]);
        answered(token(&script, &[], &["--password-stdin"]), &[PASSWORD]);
        assert_eq!(script.last()["ChallengeResponses"]["ANSWER"], chosen);
    }
}

#[test]
fn what_cannot_be_answered_here_is_refused_with_what_to_do() {
    for (name, parameters, next) in [
        (
            "MFA_SETUP",
            json!({ "MFAS_CAN_SETUP": "[\"SOFTWARE_TOKEN_MFA\"]" }),
            "whose page sets one up",
        ),
        ("SELECT_MFA_TYPE", json!({}), "wsctl login"),
        ("CUSTOM_CHALLENGE", json!({}), "wsctl login"),
        ("DEVICE_SRP_AUTH", json!({}), "wsctl login"),
    ] {
        let script = Script::of([challenge(name, parameters)]);
        let said = answered(token(&script, &[], &["--password-stdin"]), &[PASSWORD]);
        assert_eq!((said.code, said.out.as_str()), (14, ""));
        let err = said.err.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(err.contains(name) && err.contains(next), "{err}");
    }
}

#[test]
fn a_wrong_code_is_told_with_what_to_do_and_is_not_shown() {
    let refused = refusal("CodeMismatchException", "Invalid code received for user");
    let script = Script::of([challenge("SOFTWARE_TOKEN_MFA", json!({})), refused]);
    let said = answered(
        token(
            &script,
            &[],
            &["--password-env", "PASSWORD", "--code-env", "CODE"],
        ),
        &[],
    );
    assert_eq!(said.code, 1);
    assert!(
        said.err.contains("CodeMismatchException") && said.err.contains("sign in again"),
        "{}",
        said.err
    );
    assert!(
        !said.err.contains("654321") && !said.err.contains(PASSWORD),
        "{}",
        said.err
    );
    assert_eq!(
        script.operations(),
        ["AdminInitiateAuth", "AdminRespondToAuthChallenge"],
        "it is sent once"
    );
}

#[test]
fn without_anybody_to_ask_for_a_code_it_says_how_to_give_one() {
    let script = Script::of([challenge("SOFTWARE_TOKEN_MFA", json!({}))]);
    let said = answered(token(&script, &[], &["--password-env", "PASSWORD"]), &[]);
    assert_eq!(said.code, 14);
    assert!(
        said.err.contains("code from the authenticator app") && said.err.contains("--help"),
        "{}",
        said.err
    );
    let script = Script::of([challenge("SOFTWARE_TOKEN_MFA", json!({}))]);
    let said = answered(token(&script, &[], &["--password-stdin"]), &[PASSWORD]);
    assert!(
        said.err.contains("each answer on a line of its own"),
        "{}",
        said.err
    );
}

#[test]
fn a_new_password_is_asked_for_on_the_terminal_with_what_the_pool_requires() {
    let required =
        json!({ "USER_ID_FOR_SRP": SUB, "requiredAttributes": "[\"userAttributes.name\"]" });
    for flow in FLOWS {
        let script = after_password(
            flow,
            &[
                challenge("NEW_PASSWORD_REQUIRED", required.clone()),
                tokens(),
            ],
        );
        let mut terminal =
            rexpect::session::spawn_command(token(&script, flow, &[]), Some(20_000)).unwrap();
        terminal
            .exp_string(&format!("Password of {ANN}: "))
            .unwrap();
        terminal.send_line("Temporary-horse-3").unwrap();
        terminal
            .exp_string("New password in place of the temporary one: ")
            .unwrap();
        terminal.send_line(PASSWORD).unwrap();
        terminal.exp_string("again: ").unwrap();
        terminal.send_line(PASSWORD).unwrap();
        terminal.exp_string("Name: ").unwrap();
        terminal.send_line("Ann").unwrap();
        let shown = terminal.exp_eof().unwrap();
        assert!(
            shown.contains("the-id-token") && !shown.contains(PASSWORD),
            "{shown}"
        );
        let responses = &script.last()["ChallengeResponses"];
        assert_eq!(
            (
                &responses["NEW_PASSWORD"],
                &responses["userAttributes.name"]
            ),
            (&PASSWORD.into(), &"Ann".into())
        );
    }
}

#[test]
fn a_code_is_asked_for_on_the_terminal_and_not_shown() {
    let place = json!({ "CODE_DELIVERY_DESTINATION": "+*******0100" });
    let script = Script::of([challenge("SMS_MFA", place), tokens()]);
    let command = token(&script, &[], &["--password-env", "PASSWORD"]);
    let mut terminal = rexpect::session::spawn_command(command, Some(20_000)).unwrap();
    terminal
        .exp_string("Code from a text message to +*******0100: ")
        .unwrap();
    terminal.send_line("654321").unwrap();
    let shown = terminal.exp_eof().unwrap();
    assert!(
        shown.contains("the-id-token") && !shown.contains("654321"),
        "{shown}"
    );
}

#[test]
fn a_clients_secret_goes_along_with_every_request() {
    for flow in FLOWS {
        let script = after_password(flow, &[tokens()]);
        let command = token(
            &script,
            flow,
            &["--password-stdin", "--client-secret-env", "SECRET"],
        );
        assert_eq!(answered(command, &[PASSWORD]).code, 0);
        let sent = script.last();
        let (parameters, user) = match flow.is_empty() {
            true => (&sent["AuthParameters"], ANN),
            false => (&sent["ChallengeResponses"], SUB),
        };
        assert_eq!(parameters["SECRET_HASH"], hash(user));
    }
    let lacking = refusal(
        "NotAuthorizedException",
        "Client x is configured with secret but SECRET_HASH was not received",
    );
    let script = Script::of([lacking]);
    let said = answered(
        token(&script, &["--srp"], &["--password-stdin"]),
        &[PASSWORD],
    );
    assert!(said.err.contains("--client-secret-env"), "{}", said.err);
}

/// An answer of a client that rotates its refresh tokens: the used one ends, this is the next.
fn rotated(next: &str) -> Value {
    let mut answer = tokens();
    answer["AuthenticationResult"]["RefreshToken"] = json!(next);
    answer
}

/// `wsctl token` in a folder, at the script's endpoint, with what `line` says on stdin.
fn renew(
    folder: &std::path::Path,
    script: &Script,
    arguments: &[&str],
    line: &str,
) -> support::program::Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsctl"));
    command
        .current_dir(folder)
        .env_clear()
        .env("HOME", "/nonexistent");
    command
        .args(["--endpoint-url", &script.endpoint, "token"])
        .args(arguments);
    command.args([
        "--user-pool-id",
        "eu-west-1_Workshop1",
        "--client-id",
        CLIENT,
    ]);
    let run = answered(command, &[line]);
    assert_eq!(run.code, 0, "{arguments:?}: {}", run.err);
    run
}

fn kept(folder: &std::path::Path) -> Value {
    let all = std::fs::read_dir(folder.join(".wsctl/tokens"))
        .into_iter()
        .flatten();
    let file = all.map(|it| it.unwrap().path()).next().unwrap_or_default();
    std::fs::read(file).map_or(Value::Null, |bytes| serde_json::from_slice(&bytes).unwrap())
}

#[test]
fn a_rotated_refresh_token_takes_the_place_of_the_kept_one_in_every_form() {
    let forms: [&[&str]; 4] = [&[], &["--access"], &["--json"], &["--save"]];
    let folder = tempfile::tempdir().unwrap();
    let script = Script::of([rotated("first")]);
    renew(
        folder.path(),
        &script,
        &["--refresh-stdin", "--save"],
        "zeroth",
    );
    let mut last = "first".to_owned();
    for (turn, form) in forms.iter().cycle().take(8).enumerate() {
        let next = format!("next-{turn}");
        let script = Script::of([rotated(&next)]);
        let from_stdin = turn >= 4;
        let how = if from_stdin {
            "--refresh-stdin"
        } else {
            "--refresh"
        };
        let run = renew(folder.path(), &script, &[&[how], *form].concat(), &last);
        assert_eq!(script.operations(), ["GetTokensFromRefreshToken"]);
        assert_eq!(
            script.last()["RefreshToken"],
            last.as_str(),
            "the one that is good is sent"
        );
        assert_eq!(
            kept(folder.path())["refresh_token"],
            next.as_str(),
            "{how} {form:?}"
        );
        assert!(!run.err.contains(&next), "{}", run.err);
        assert_eq!(run.out.contains(&next), *form == ["--json"], "{}", run.out);
        last = next;
    }
}

#[test]
fn a_rotated_refresh_token_from_stdin_is_kept_where_nothing_shows_it_and_never_over_anothers() {
    let folder = tempfile::tempdir().unwrap();
    renew(
        folder.path(),
        &Script::of([rotated("b")]),
        &["--refresh-stdin", "--json"],
        "a",
    );
    assert_eq!(kept(folder.path()), Value::Null, "--json shows it");
    renew(
        folder.path(),
        &Script::of([rotated("c")]),
        &["--refresh-stdin"],
        "b",
    );
    assert_eq!(kept(folder.path())["refresh_token"], "c");
    let run = renew(
        folder.path(),
        &Script::of([rotated("z")]),
        &["--refresh-stdin"],
        "somebody-elses",
    );
    assert_eq!(kept(folder.path())["refresh_token"], "c");
    assert!(run.err.contains("use --json or --save"), "{}", run.err);
}

#[test]
fn a_refresh_token_that_is_not_rotated_stays() {
    let folder = tempfile::tempdir().unwrap();
    let mut same = tokens();
    same["AuthenticationResult"]
        .as_object_mut()
        .unwrap()
        .remove("RefreshToken");
    renew(
        folder.path(),
        &Script::of([rotated("first")]),
        &["--refresh-stdin", "--save"],
        "zeroth",
    );
    for form in [&["--refresh"][..], &["--refresh", "--save"]] {
        renew(folder.path(), &Script::of([same.clone()]), form, "");
        assert_eq!(kept(folder.path())["refresh_token"], "first");
    }
}
