//! A plan that somebody has seen, saved or on the screen, is carried out only while it is right.

use crate::support::{self, program::Place};
use aws_sdk_cognitoidentityprovider::types::{PasswordPolicyType, UserPoolPolicyType};
use rexpect::session::{PtySession, spawn_command};
use wsctl::aws::Aws;

/// Somebody else changes the pool's password policy.
async fn interfere(aws: &Aws) {
    let pools = aws
        .cognito
        .list_user_pools()
        .max_results(60)
        .send()
        .await
        .unwrap();
    let policy = PasswordPolicyType::builder().minimum_length(20).build();
    let policies = UserPoolPolicyType::builder()
        .password_policy(policy)
        .build();
    let update = aws
        .cognito
        .update_user_pool()
        .user_pool_id(pools.user_pools()[0].id().unwrap());
    update.policies(policies).send().await.unwrap();
}

async fn applied() -> (Place, std::sync::Arc<Aws>) {
    let place = Place::new().await;
    let run = place.run(&["apply", "--yes"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let aws = support::connect(place.account.clone(), None).await;
    (place, aws)
}

#[tokio::test]
async fn a_saved_plan_is_done_without_a_question_while_it_is_right() {
    let place = Place::new().await;
    let planned = place.run(&["plan", "--out", "plan.json"]);
    assert!(
        planned.err.contains("wsctl apply --plan plan.json"),
        "{}",
        planned.err
    );
    let applied = place.run(&["apply", "--plan", "plan.json"]);
    assert_eq!(applied.code, 0, "{}", applied.err);
    assert!(applied.err.contains("[23/23]"), "{}", applied.err);
    let again = place.run(&["apply", "--plan", "plan.json"]);
    assert_eq!(again.code, 14);
    assert!(
        again.err.contains("nothing is left of this plan to do")
            && again.err.contains("applied already"),
        "{}",
        again.err
    );
    place.edit("minimum_length = 8", "minimum_length = 12");
    let other = place.run(&["apply", "--plan", "plan.json"]);
    assert_eq!(other.code, 14);
    assert!(
        other.err.contains("stack.toml is no longer what it was"),
        "{}",
        other.err
    );
}

#[tokio::test]
async fn a_saved_plan_of_another_version_is_refused() {
    let place = Place::new().await;
    assert_eq!(place.run(&["plan", "--out", "plan.json"]).code, 0);
    let path = place.folder.path().join("plan.json");
    let mut saved: serde_json::Value =
        serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    saved["wsctl"] = "0.0.1".into();
    std::fs::write(&path, saved.to_string()).unwrap();
    let other = place.run(&["apply", "--plan", "plan.json"]);
    assert_eq!(other.code, 14);
    assert!(other.err.contains("is from wsctl 0.0.1"), "{}", other.err);
}

#[tokio::test]
async fn a_saved_plan_is_refused_with_what_changed_since() {
    let (place, aws) = applied().await;
    place.edit("precedence = 1", "precedence = 2");
    assert_eq!(place.run(&["plan", "--out", "plan.json"]).code, 0);
    interfere(&aws).await;
    let refused = place.run(&["apply", "--plan", "plan.json"]);
    assert_eq!(refused.code, 14);
    for words in [
        "user_pool: now to update",
        // An update that says one thing leaves the others out, and AWS takes those back.
        "deletion_protection: now false → true",
    ] {
        assert!(
            refused.err.contains(words),
            "no {words:?} in {}",
            refused.err
        );
    }
    let plan = place.run(&["plan", "--json"]).json();
    assert_eq!(
        plan["steps"].as_array().unwrap().len(),
        2,
        "nothing was changed"
    );
    assert_eq!(place.run(&["plan", "--out", "plan.json"]).code, 0);
    assert_eq!(place.run(&["apply", "--plan", "plan.json"]).code, 0);
    assert_eq!(place.run(&["plan", "--detailed-exitcode"]).code, 0);
}

#[tokio::test]
async fn what_is_no_saved_plan_is_refused_before_anything_is_asked_of_aws() {
    let place = Place {
        endpoint: "http://127.0.0.1:1".into(),
        ..Place::new().await
    };
    std::fs::write(place.folder.path().join("other.json"), "{\"a\": 1}").unwrap();
    for (file, words) in [
        ("none.json", "cannot read none.json"),
        ("other.json", "this is not a saved plan"),
    ] {
        let refused = place.run(&["apply", "--plan", file]);
        assert_eq!(refused.code, 1);
        assert!(
            refused.err.contains(words) && refused.err.contains("wsctl plan --out"),
            "{}",
            refused.err
        );
    }
}

fn at_terminal(place: &Place, arguments: &[&str]) -> PtySession {
    let mut session = spawn_command(place.command(arguments), Some(60_000)).unwrap();
    session.exp_string("Type yes to go ahead: ").unwrap();
    session
}

#[tokio::test]
async fn who_said_yes_to_a_plan_that_is_no_longer_right_is_asked_again() {
    let (place, aws) = applied().await;
    place.edit("precedence = 1", "precedence = 2");
    let mut session = at_terminal(&place, &["apply"]);
    interfere(&aws).await;
    session.send_line("yes").unwrap();
    session
        .exp_string("changed since the plan was shown")
        .unwrap();
    session.exp_string("user_pool: now to update").unwrap();
    session.exp_string("Type yes to go ahead: ").unwrap();
    let open = place.run(&["plan", "--json"]).json();
    assert_eq!(
        open["steps"].as_array().unwrap().len(),
        2,
        "nothing was changed yet"
    );
    session.send_line("yes").unwrap();
    session.exp_string("[2/2]").unwrap();
    session.exp_eof().unwrap();
    assert_eq!(place.run(&["plan", "--detailed-exitcode"]).code, 0);
}

#[tokio::test]
async fn who_says_no_changes_nothing_and_holds_no_lock_meanwhile() {
    let (place, _aws) = applied().await;
    place.edit("precedence = 1", "precedence = 2");
    let mut session = at_terminal(&place, &["apply"]);
    assert!(place.run(&["unlock"]).out.contains("is not locked"));
    session.send_line("no").unwrap();
    session.exp_string("not confirmed").unwrap();
    session.exp_eof().unwrap();
    assert_eq!(place.run(&["plan", "--detailed-exitcode"]).code, 2);
}

/// Of another place: refused before anything is asked of this one, whose endpoint nobody answers.
#[tokio::test]
async fn a_plan_of_another_place_is_refused_before_any_request() {
    let place = Place::new().await;
    assert_eq!(place.run(&["plan", "--out", "plan.json"]).code, 0);
    let path = place.folder.path().join("plan.json");
    let saved: serde_json::Value = serde_json::from_slice(&std::fs::read(&path).unwrap()).unwrap();
    let dead = "http://127.0.0.1:1";
    let of = |target: serde_json::Value| {
        let mut plan = saved.clone();
        plan["place"]["target"] = target;
        std::fs::write(&path, plan.to_string()).unwrap();
    };
    let run = |more: &[&str]| {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wsctl"));
        command
            .args(["apply", "--plan", "plan.json"])
            .args(more)
            .env("AWS_ACCESS_KEY_ID", &place.account);
        command
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env_remove("AWS_ENDPOINT_URL");
        support::program::Run::of(command, place.folder.path())
    };
    let here = serde_json::json!({ "endpoint": dead });
    for (target, options, words) in [
        (
            serde_json::json!("sandbox"),
            &["--endpoint-url", dead][..],
            "for the sandbox, not for http://127.0.0.1:1",
        ),
        (
            serde_json::json!("sandbox"),
            &[],
            "for the sandbox, not for AWS",
        ),
        (
            serde_json::json!("aws"),
            &["--sandbox"],
            "for AWS, not for the sandbox",
        ),
        (
            here.clone(),
            &["--sandbox"],
            "for http://127.0.0.1:1, not for the sandbox",
        ),
        (here.clone(), &[], "for http://127.0.0.1:1, not for AWS"),
        (
            serde_json::json!("aws"),
            &["--endpoint-url", dead],
            "for AWS, not for http://127.0.0.1:1",
        ),
        (
            here.clone(),
            &["--endpoint-url", "http://127.0.0.1:2"],
            "for http://127.0.0.1:1, not for http://127.0.0.1:2",
        ),
        (
            here.clone(),
            &["--endpoint-url", dead, "--region", "us-east-1"],
            "for the region eu-west-1, not for the region us-east-1",
        ),
        (
            here.clone(),
            &["--endpoint-url", dead, "--stack-name", "b"],
            "for the stack workshop, not for the stack b",
        ),
    ] {
        of(target);
        let refused = run(options);
        assert_eq!(refused.code, 14, "{options:?}");
        assert!(
            refused.err.contains(words) && refused.err.contains("nothing was changed"),
            "{}",
            refused.err
        );
        assert!(
            place
                .run(&["sandbox", "status"])
                .out
                .contains("not running"),
            "{options:?}"
        );
    }
    std::fs::write(&path, saved.to_string()).unwrap();
    let mut other = place.command(&["apply", "--plan", "plan.json", "-v"]);
    other.env("AWS_ACCESS_KEY_ID", support::account());
    let refused = support::program::Run::of(other, place.folder.path());
    assert_eq!(refused.code, 14);
    assert!(
        refused.err.contains("this plan is for the account"),
        "{}",
        refused.err
    );
    assert_eq!(place.run(&["apply", "--plan", "plan.json"]).code, 0);
}
