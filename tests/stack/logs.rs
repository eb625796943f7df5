//! `wsctl logs` on the sandbox, with what the real function writes.

use crate::support::{http, sandbox::Sandbox, user};
use aws_sdk_cloudwatchlogs::types::InputLogEvent;
use rustix::process::{Pid, Signal, kill_process};
use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader, Read},
    process::Stdio,
    sync::mpsc::{Receiver, channel},
    time::{Duration, SystemTime},
};

const GROUP: &str = "/aws/lambda/workshop-lambda-sm-rds";

/// The next line that has this in it; everything on the way is kept.
fn next(lines: &Receiver<String>, wanted: &str, seen: &mut Vec<String>) {
    loop {
        seen.push(
            lines
                .recv_timeout(Duration::from_secs(30))
                .unwrap_or_else(|_| panic!("no {wanted}: {seen:?}")),
        );
        if seen.last().unwrap().contains(wanted) {
            return;
        }
    }
}

#[tokio::test]
async fn followed_new_lines_come_once_each_until_ctrl_c() {
    let sandbox = Sandbox::new();
    sandbox.apply();
    let outputs = sandbox.outputs();
    let (pool, client) = (outputs.get("user_pool_id"), outputs.get("client_id_spa"));
    let token = user::id_token(&outputs.aws().await, &pool, &client, "ann@example.com").await;
    let call = |path: &str| {
        http::call(
            "GET",
            &format!("{}{path}", outputs.get("api_url")),
            Some(&token),
            "",
        )
    };
    call("/users");

    let mut command = sandbox.command(&["logs", "--follow", "--sandbox", "-v"]);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let (sender, lines) = channel();
    let out = BufReader::new(child.stdout.take().unwrap());
    std::thread::spawn(move || {
        out.lines()
            .map_while(Result::ok)
            .try_for_each(|line| sender.send(line))
    });
    let mut seen = vec![];
    next(&lines, "\"route\":\"/users\"", &mut seen);
    for _ in 0..2 {
        call("/users/1");
        next(&lines, "\"route\":\"/users/{id}\"", &mut seen);
        next(&lines, "REPORT RequestId", &mut seen);
    }
    kill_process(Pid::from_child(&child), Signal::INT).unwrap();
    let status = child.wait().unwrap();
    seen.extend(lines);
    assert_eq!(status.code(), Some(130));
    let mut told = String::new();
    child
        .stderr
        .take()
        .unwrap()
        .read_to_string(&mut told)
        .unwrap();
    assert!(
        told.contains("logs:FilterLogEvents") && !told.contains("error"),
        "{told}"
    );
    assert_eq!(
        seen.iter().collect::<BTreeSet<_>>().len(),
        seen.len(),
        "a line came twice: {seen:#?}"
    );
    for (word, count) in [("START ", 3), ("END ", 3), ("REPORT ", 3), ("\"route\"", 3)] {
        assert_eq!(
            seen.iter().filter(|line| line.contains(word)).count(),
            count,
            "{word}: {seen:#?}"
        );
    }
}

#[tokio::test]
async fn who_reads_only_the_beginning_ends_the_following() {
    let sandbox = Sandbox::new();
    sandbox.apply();
    let mut command = sandbox.command(&["logs", "--follow", "--sandbox"]);
    let mut child = command.stdout(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    write(&sandbox, &[("a line", Duration::ZERO)]).await;
    assert_eq!(child.wait().unwrap().code(), Some(0));
}

/// Writes lines of some time ago into the function's log.
async fn write(sandbox: &Sandbox, lines: &[(&str, Duration)]) {
    let logs = sandbox.outputs().aws().await.logs.clone();
    logs.create_log_stream()
        .log_group_name(GROUP)
        .log_stream_name("test")
        .send()
        .await
        .unwrap();
    let event = |(message, ago): &(&str, Duration)| {
        let time = (SystemTime::now() - *ago)
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap();
        let event = InputLogEvent::builder().message(*message);
        event
            .timestamp(i64::try_from(time.as_millis()).unwrap())
            .build()
            .unwrap()
    };
    let put = logs
        .put_log_events()
        .log_group_name(GROUP)
        .log_stream_name("test");
    put.set_log_events(Some(lines.iter().map(event).collect()))
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn since_and_filter_choose_the_lines() {
    let sandbox = Sandbox::new();
    sandbox.apply();
    let (hours, minutes) = (Duration::from_secs(2 * 3600), Duration::from_secs(5 * 60));
    write(
        &sandbox,
        &[
            ("ERROR long ago", hours),
            ("ERROR just now", minutes),
            ("all is well", minutes),
        ],
    )
    .await;
    let logs = |more: &[&str]| sandbox.answer(0, &[&["logs"], more].concat(), &[]).out;
    let recent = logs(&[]);
    assert!(
        recent.contains("just now") && recent.contains("all is well"),
        "{recent}"
    );
    assert!(!recent.contains("long ago"), "{recent}");
    let all = logs(&["--since", "3h"]);
    assert!(
        all.find("long ago").unwrap() < all.find("just now").unwrap(),
        "{all}"
    );
    let errors = logs(&["--since", "3h", "--filter", "ERROR"]);
    assert!(
        errors.lines().count() == 2 && !errors.contains("all is well"),
        "{errors}"
    );
    let nothing = sandbox.answer(0, &["logs", "--since", "1m", "users"], &[]);
    assert!(
        nothing.out.is_empty() && nothing.err.contains("--since looks further back"),
        "{}",
        nothing.err
    );
    let unknown = sandbox.answer(10, &["logs", "other"], &[]).err;
    assert!(unknown.contains("it has: users"), "{unknown}");
}
