//! The sandbox's life: it starts, stays, ends, and keeps what is in it.

mod strangers;

use crate::support;
use rustix::process::{Pid, Signal, kill_process};
use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::{Duration, Instant},
};
use tempfile::TempDir;
use wsctl::{
    aws::{Aws, Reads},
    owner::STACK_TAG,
    private::Private,
    sandbox::{Host, Running, Sandbox},
};

/// A sandbox in a folder of its own; it ends with the test, also when that fails.
struct Own {
    sandbox: Sandbox,
    _folder: TempDir,
}

impl Own {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let sandbox = Sandbox::within(folder.path(), Host::from_env().unwrap()).unwrap();
        Self {
            sandbox,
            _folder: folder,
        }
    }

    async fn start(&self) -> Running {
        self.sandbox.start(&|_| {}).await.unwrap()
    }

    async fn aws(&self) -> Aws {
        Aws::connect(self.start().await.target(support::REGION)).await
    }
}

impl Drop for Own {
    fn drop(&mut self) {
        if let Ok(Some(running)) = self.sandbox.status() {
            kill(running.pid, Signal::KILL);
        }
    }
}

fn kill(pid: u32, signal: Signal) {
    let pid = Pid::from_raw(i32::try_from(pid).unwrap()).unwrap();
    kill_process(pid, signal).unwrap();
}

async fn until(what: &str, mut is_so: impl FnMut() -> bool) {
    let deadline = Instant::now() + Duration::from_secs(20);
    while !is_so() {
        assert!(Instant::now() < deadline, "not so after 20 s: {what}");
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}

#[tokio::test]
async fn it_starts_answers_and_ends() {
    let own = Own::new();
    assert_eq!(own.sandbox.status().unwrap(), None);
    let aws = own.aws().await;
    let reads = Reads::new(aws.into(), "workshop");
    assert_eq!(reads.caller_account().await.unwrap(), "000000000000");
    assert!(own.sandbox.stop().await.unwrap());
    assert_eq!(own.sandbox.status().unwrap(), None);
    assert!(!own.sandbox.stop().await.unwrap());
}

#[tokio::test]
async fn a_second_start_joins_the_one_that_runs() {
    let own = Own::new();
    let (first, second) = tokio::join!(own.start(), own.start());
    assert_eq!(first, second);
    assert_eq!(own.sandbox.status().unwrap(), Some(first));
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn it_listens_on_one_port_of_the_loopback_only() {
    let own = Own::new();
    let running = own.start().await;
    own.aws()
        .await
        .cognito
        .list_user_pools()
        .max_results(1)
        .send()
        .await
        .unwrap();
    assert_eq!(
        listening(running.pid),
        [format!("0100007F:{:04X}", running.port)]
    );
}

/// The local addresses of the process's listening sockets, as /proc/net has them; UDP included.
#[cfg(target_os = "linux")]
fn listening(pid: u32) -> Vec<String> {
    let links = fs::read_dir(format!("/proc/{pid}/fd")).unwrap().flatten();
    let links = links.filter_map(|link| fs::read_link(link.path()).ok());
    let sockets: Vec<_> = links.map(|link| link.display().to_string()).collect();
    let mut found = vec![];
    for (table, state) in [("tcp", "0A"), ("tcp6", "0A"), ("udp", "07"), ("udp6", "07")] {
        let Ok(text) = fs::read_to_string(format!("/proc/{pid}/net/{table}")) else {
            continue;
        };
        for line in text.lines().skip(1) {
            let fields: Vec<_> = line.split_whitespace().collect();
            if fields[3] == state && sockets.contains(&format!("socket:[{}]", fields[9])) {
                found.push(fields[1].to_owned());
            }
        }
    }
    found
}

/// Makes one root of every kind that the tagging API lists, and a role; returns the pool's id.
async fn fill(aws: &Aws) -> String {
    let tag = || std::collections::HashMap::from([(STACK_TAG.to_owned(), "workshop".to_owned())]);
    let pool = aws
        .cognito
        .create_user_pool()
        .pool_name("users")
        .set_user_pool_tags(Some(tag()));
    let pool = pool.send().await.unwrap().user_pool.unwrap().id.unwrap();
    aws.apigateway
        .create_rest_api()
        .name("api")
        .set_tags(Some(tag()))
        .send()
        .await
        .unwrap();
    aws.logs
        .create_log_group()
        .log_group_name("/wsctl")
        .set_tags(Some(tag()))
        .send()
        .await
        .unwrap();
    let secret_tag = aws_sdk_secretsmanager::types::Tag::builder()
        .key(STACK_TAG)
        .value("workshop")
        .build();
    let secret = aws
        .secrets
        .create_secret()
        .name("db")
        .secret_string("made up");
    secret.tags(secret_tag).send().await.unwrap();
    let role = aws.iam.create_role().role_name("handler");
    let role = role.assume_role_policy_document(r#"{"Version":"2012-10-17","Statement":[]}"#);
    let role = role.send().await.unwrap().role.unwrap();
    let code = aws_sdk_lambda::types::FunctionCode::builder()
        .zip_file(zip().into())
        .build();
    let function = aws
        .lambda
        .create_function()
        .function_name("users")
        .role(role.arn)
        .code(code);
    let function = function
        .runtime("provided.al2023".into())
        .handler("bootstrap")
        .set_tags(Some(tag()));
    function.send().await.unwrap();
    pool
}

fn zip() -> Vec<u8> {
    use std::io::Write;
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(vec![]));
    zip.start_file(
        "bootstrap",
        zip::write::SimpleFileOptions::default().unix_permissions(0o755),
    )
    .unwrap();
    zip.write_all(b"#!/bin/sh\n").unwrap();
    zip.finish().unwrap().into_inner()
}

/// The services in the ARNs that the tagging API lists for the stack.
async fn tagged(aws: Aws) -> Vec<String> {
    let reads = Reads::new(aws.into(), "workshop");
    let mut services: Vec<_> = reads
        .tagged()
        .await
        .unwrap()
        .iter()
        .map(|it| it.arn.clone())
        .collect();
    services
        .iter_mut()
        .for_each(|arn| *arn = arn.split(':').nth(2).unwrap().to_owned());
    services.sort();
    services
}

const TAGGABLE: [&str; 5] = [
    "apigateway",
    "cognito-idp",
    "lambda",
    "logs",
    "secretsmanager",
];

/// Everything that [`fill`] made is there, the function's code included.
async fn is_full(aws: Aws, pool: &str) {
    let described = aws
        .cognito
        .describe_user_pool()
        .user_pool_id(pool)
        .send()
        .await
        .unwrap();
    assert_eq!(described.user_pool.unwrap().name.as_deref(), Some("users"));
    aws.iam
        .get_role()
        .role_name("handler")
        .send()
        .await
        .unwrap();
    let secret = aws
        .secrets
        .get_secret_value()
        .secret_id("db")
        .send()
        .await
        .unwrap();
    assert_eq!(secret.secret_string(), Some("made up"));
    let function = aws
        .lambda
        .get_function()
        .function_name("users")
        .send()
        .await
        .unwrap();
    let size = function.configuration.unwrap().code_size;
    assert_eq!(size, i64::try_from(zip().len()).unwrap());
    assert_eq!(tagged(aws).await, TAGGABLE);
}

#[tokio::test]
async fn what_is_in_it_survives_a_stop() {
    let own = Own::new();
    let first = own.start().await;
    let pool = fill(&own.aws().await).await;
    assert!(own.sandbox.stop().await.unwrap());
    let second = own.start().await;
    assert_eq!(first.endpoint_url, second.endpoint_url);
    assert_ne!(first.pid, second.pid);
    is_full(own.aws().await, &pool).await;
}

#[tokio::test]
async fn what_is_in_it_survives_a_kill_a_moment_after_the_last_write() {
    let own = Own::new();
    let pool = fill(&own.aws().await).await;
    let saved = own.sandbox.folder().join("state/lambda.json");
    until("the function is saved", || {
        fs::read_to_string(&saved).is_ok_and(|it| it.contains("users"))
    })
    .await;
    // All services are saved in one go, and requests wait for it: this answer is behind the last file.
    own.aws()
        .await
        .lambda
        .get_function()
        .function_name("users")
        .send()
        .await
        .unwrap();
    kill(own.sandbox.status().unwrap().unwrap().pid, Signal::KILL);
    until("it is gone", || own.sandbox.status().unwrap().is_none()).await;
    is_full(own.aws().await, &pool).await;
}

#[tokio::test]
async fn a_stale_process_file_is_neither_joined_nor_killed() {
    let own = Own::new();
    let mut bystander = Command::new("sleep")
        .arg("60")
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    Private::at(&own.sandbox.folder()).unwrap().make().unwrap();
    let stale = format!(r#"{{"pid": {}, "port": 1}}"#, bystander.id());
    fs::write(own.sandbox.folder().join("process.json"), stale).unwrap();
    assert!(!own.sandbox.stop().await.unwrap());
    let running = own.start().await;
    assert_ne!((running.pid, running.port), (bystander.id(), 1));
    assert!(bystander.try_wait().unwrap().is_none());
    bystander.kill().unwrap();
    bystander.wait().unwrap();
}

#[tokio::test]
async fn a_reset_empties_it() {
    let own = Own::new();
    fill(&own.aws().await).await;
    assert!(own.sandbox.reset().await.unwrap());
    assert_eq!(own.sandbox.status().unwrap(), None);
    assert_eq!(tagged(own.aws().await).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_tethered_one_ends_when_it_is_let_go() {
    let own = Own::new();
    let tethered = own.sandbox.start_tethered(&|_| {}).await.unwrap();
    assert_eq!(
        own.sandbox.status().unwrap().as_ref(),
        Some(&tethered.running)
    );
    let error = own.sandbox.start_tethered(&|_| {}).await.unwrap_err();
    assert!(
        error.to_string().starts_with("the sandbox runs already"),
        "{error}"
    );
    drop(tethered);
    assert_eq!(own.sandbox.status().unwrap(), None);
}

#[tokio::test]
async fn the_users_environment_does_not_reach_it() {
    let own = Own::new();
    let running = own.start().await;
    let Ok(environment) = fs::read(format!("/proc/{}/environ", running.pid)) else {
        return;
    };
    let names = environment
        .split(|byte| *byte == 0)
        .map(|it| String::from_utf8_lossy(it).into_owned());
    let names: Vec<_> = names
        .filter(|it| it.starts_with("CARGO") || it.starts_with("AWS_"))
        .collect();
    assert_eq!(names, Vec::<String>::new());
}

#[tokio::test]
async fn a_missing_python_is_named_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let host = Host {
        python: "/nonexistent/python3".into(),
        cache: folder.path().join("cache"),
    };
    let sandbox = Sandbox::within(folder.path(), host).unwrap();
    let error = sandbox.start(&|_| {}).await.unwrap_err();
    assert_eq!(
        error.to_string(),
        "/nonexistent/python3: not found; the sandbox needs Python 3.10 or newer"
    );
    let hint = error.hint.unwrap();
    assert!(
        hint.contains("sudo apt-get install python3 python3-venv"),
        "{hint}"
    );
    assert!(
        hint.contains("brew install python") && hint.contains("WSCTL_PYTHON"),
        "{hint}"
    );
}

#[tokio::test]
async fn its_log_is_in_the_error_when_it_does_not_start() {
    let own = Own::new();
    let state = own.sandbox.folder();
    Private::at(&state).unwrap().make().unwrap();
    fs::create_dir(state.join("process.json")).unwrap();
    let error = own.sandbox.start(&|_| {}).await.unwrap_err();
    assert!(error.to_string().contains("process.json"), "{error}");
    assert!(Path::new(&state).exists());
    fs::remove_dir(state.join("process.json")).unwrap();
}

#[tokio::test]
async fn accounts_of_the_tests_emulator_are_apart() {
    let (one, other) = (support::aws().await, support::aws().await);
    fill(&one).await;
    assert_eq!(
        one.cognito
            .list_user_pools()
            .max_results(9)
            .send()
            .await
            .unwrap()
            .user_pools()
            .len(),
        1
    );
    assert_eq!(
        other
            .cognito
            .list_user_pools()
            .max_results(9)
            .send()
            .await
            .unwrap()
            .user_pools()
            .len(),
        0
    );
    assert!(
        other
            .iam
            .get_role()
            .role_name("handler")
            .send()
            .await
            .is_err()
    );
    let reads = Reads::new(other, "workshop");
    assert!(reads.tagged().await.unwrap().is_empty());
}
