//! The attacks: what a page in the browser, another user of the machine and a cloned repository try
//! to get out of a sandbox.

use super::{Own, zip};
use crate::support::{self, npm};
use aws_sdk_lambda::types::FunctionCode;
use serde_json::json;
use std::{
    fs,
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
    process::{Command, Stdio},
};
use wsctl::{
    aws::{Aws, Credentials, Target, emulators_keys},
    sandbox::{Host, Running, Sandbox},
};

/// Sends these very bytes: status, head and body of the answer.
fn send(running: &Running, request: &str) -> (u16, String, String) {
    let mut stream = TcpStream::connect(("127.0.0.1", running.port)).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = vec![];
    stream.read_to_end(&mut answer).unwrap();
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
    let status = head
        .split(' ')
        .nth(1)
        .and_then(|it| it.parse().ok())
        .unwrap_or(0);
    (status, head.to_ascii_lowercase(), body.to_owned())
}

fn request(line: &str, host: &str, headers: &[&str], body: &str) -> String {
    let headers: String = headers.iter().map(|it| format!("{it}\r\n")).collect();
    let length = body.len();
    format!(
        "{line} HTTP/1.1\r\nHost: {host}\r\n{headers}Content-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
}

/// Requests that control the sandbox, each with what could make it look like one that does not.
const CONTROL: [(&str, &[&str]); 22] = [
    ("POST /2015-03-31/functions", &[]),
    ("GET /2015-03-31/functions", &["Origin: http://127.0.0.1:1"]),
    (
        "POST /2015-03-31/functions/users/invocations",
        &["Content-Type: text/plain"],
    ),
    ("POST /2015-03-31/functions?x=/oauth2/token", &[]),
    ("POST /2015-03-31/functions/../../login", &[]),
    ("POST //2015-03-31/functions", &[]),
    (
        "POST /2015-03-31/functions",
        &["X-Amz-Target: AWSCognitoIdentityProviderService.SignUp"],
    ),
    (
        "POST /",
        &["X-Amz-Target: AWSCognitoIdentityProviderService.CreateUserPool"],
    ),
    (
        "POST /",
        &["X-Amz-Target: AWSCognitoIdentityProviderService.AdminCreateUser"],
    ),
    (
        "POST /?Action=CreateRole",
        &["X-Amz-Target: AWSCognitoIdentityProviderService.SignUp"],
    ),
    (
        "POST /",
        &[
            "X-Amz-Target: secretsmanager.GetSecretValue",
            "X-Amz-Target: AWSCognitoIdentityProviderService.SignUp",
        ],
    ),
    (
        "POST /",
        &[
            "X-Amz-Target: secretsmanager.GetSecretValue",
            "Origin: http://localhost:3000",
        ],
    ),
    ("POST /", &["X-Amz-Target: Logs_20140328.DescribeLogGroups"]),
    (
        "POST /?Action=ListRoles&Version=2010-05-08",
        &["Content-Type: application/x-www-form-urlencoded"],
    ),
    ("GET /restapis", &[]),
    ("POST /restapis", &["Content-Type: text/plain"]),
    ("GET /restapis/_user_request_", &[]),
    ("POST /_ministack/reset", &[]),
    ("POST /_ministack/config", &["Content-Type: text/plain"]),
    (
        "GET /_ministack/lambda-code/000000000000/eu-west-1/users",
        &[],
    ),
    (
        "GET /_ministack/lambda-code/000000000000/eu-west-1/users?X-Amz-Signature=ministack-local-presigned",
        &[],
    ),
    (
        "OPTIONS /2015-03-31/functions",
        &[
            "Origin: http://evil.example",
            "Access-Control-Request-Method: POST",
        ],
    ),
];

#[tokio::test]
async fn without_the_key_nothing_that_controls_it_is_answered() {
    let own = Own::new();
    let running = own.start().await;
    let host = format!("127.0.0.1:{}", running.port);
    let forged = "Authorization: AWS4-HMAC-SHA256 Credential=000000000000/20250101/eu-west-1/lambda/aws4_request, \
                  SignedHeaders=host;x-amz-date, Signature=00";
    let body = r#"{"FunctionName":"users"}"#;
    for (line, headers) in CONTROL {
        for more in [
            &[][..],
            &[forged, "X-Amz-Date: 20250101T000000Z"],
            &[forged],
        ] {
            let headers: Vec<_> = headers.iter().chain(more).copied().collect();
            let (status, head, answer) = send(&running, &request(line, &host, &headers, body));
            assert_eq!(status, 403, "{line} {headers:?}: {answer}");
            assert!(
                !head.contains("access-control-"),
                "{line} {headers:?}: {head}"
            );
        }
    }
    let wrong = Target {
        credentials: Credentials::Emulator(emulators_keys("000000000000", "test")),
        ..running.target(support::REGION)
    };
    let refused = Aws::connect(wrong)
        .await
        .lambda
        .list_functions()
        .send()
        .await
        .unwrap_err();
    assert!(
        format!("{refused:?}").contains("another key"),
        "{refused:?}"
    );
    assert!(
        own.aws()
            .await
            .lambda
            .list_functions()
            .send()
            .await
            .unwrap()
            .functions()
            .is_empty()
    );
}

/// A page whose own name leads to this machine is of the same origin as the sandbox.
#[tokio::test]
async fn another_name_for_it_is_answered_nothing_at_all() {
    let own = Own::new();
    let running = own.start().await;
    let port = running.port;
    for host in [
        "evil.example",
        &format!("evil.example:{port}"),
        "127.0.0.1",
        "a.localhost",
        "",
    ] {
        for line in [
            "GET /_ministack/health",
            "GET /login",
            "GET /restapis/a/dev/_user_request_/users",
        ] {
            let (status, _, answer) = send(&running, &request(line, host, &[], ""));
            assert!(
                [400, 403].contains(&status),
                "{line} at {host:?}: {status} {answer}"
            );
        }
    }
    for host in [format!("127.0.0.1:{port}"), format!("localhost:{port}")] {
        assert_eq!(
            send(&running, &request("GET /_ministack/health", &host, &[], "")).0,
            200
        );
    }
}

#[tokio::test]
async fn what_is_public_on_aws_is_public_here() {
    let own = Own::new();
    let (running, aws) = (own.start().await, own.aws().await);
    let host = format!("127.0.0.1:{}", running.port);
    let pool = aws
        .cognito
        .create_user_pool()
        .pool_name("users")
        .send()
        .await
        .unwrap();
    let pool = pool.user_pool.unwrap().id.unwrap();
    for path in ["jwks.json", "openid-configuration"] {
        let line = format!("GET /{pool}/.well-known/{path}");
        assert_eq!(
            send(&running, &request(&line, &host, &[], "")).0,
            200,
            "{path}"
        );
    }
    let unknown = request(
        "POST /",
        &host,
        &[
            "X-Amz-Target: AWSCognitoIdentityProviderService.SignUp",
            "Content-Type: application/x-amz-json-1.1",
        ],
        r#"{"ClientId":"none","Username":"ann","Password":"Synthetic-1"}"#,
    );
    let (status, _, answer) = send(&running, &unknown);
    assert!(
        status == 400 && answer.contains("ResourceNotFoundException"),
        "{status} {answer}"
    );
    let (status, _, answer) = send(
        &running,
        &request("GET /restapis/a/dev/_user_request_/x", &host, &[], ""),
    );
    assert_ne!(status, 403, "{answer}");
}

/// AWS's link to a function's code works for who was given it, and for nothing else.
#[tokio::test]
async fn a_link_to_one_functions_code_is_none_to_anothers() {
    let own = Own::new();
    let (running, aws) = (own.start().await, own.aws().await);
    for name in ["users", "other"] {
        let code = FunctionCode::builder().zip_file(zip().into()).build();
        let function = aws.lambda.create_function().function_name(name).code(code);
        let function = function
            .role("arn:aws:iam::000000000000:role/handler")
            .handler("bootstrap");
        function
            .runtime("provided.al2023".into())
            .send()
            .await
            .unwrap();
    }
    let function = aws
        .lambda
        .get_function()
        .function_name("users")
        .send()
        .await
        .unwrap();
    let link = function.code.unwrap().location.unwrap();
    let path = link.split_once(&running.port.to_string()).unwrap().1;
    let host = format!("127.0.0.1:{}", running.port);
    assert_eq!(
        send(&running, &request(&format!("GET {path}"), &host, &[], "")).0,
        200
    );
    let other = path.replace("/users", "/other");
    assert_eq!(
        send(&running, &request(&format!("GET {other}"), &host, &[], "")).0,
        403
    );
}

/// A page on another origin, in a real browser, does what such a page can.
#[tokio::test]
async fn a_page_in_the_browser_makes_no_function_and_reads_nothing() {
    let chromium = npm::chromium();
    let own = Own::new();
    let running = own.start().await;
    let input = json!({ "browser": chromium, "sandbox": running.endpoint_url });
    let said = npm::run(&npm::installed("tests/node"), "stranger.js", &input);
    let read: Vec<String> = serde_json::from_str(&said).unwrap();
    assert_eq!(read, Vec::<String>::new());
    assert!(
        own.aws()
            .await
            .lambda
            .list_functions()
            .send()
            .await
            .unwrap()
            .functions()
            .is_empty()
    );
}

/// Every port that the sandbox's processes listen on, asked by another user of this machine.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn another_user_gets_neither_the_key_nor_an_event() {
    let own = Own::new();
    let (running, aws) = (own.start().await, own.aws().await);
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&own.sandbox.folder()), 0o700);
    assert_eq!(mode(&own.sandbox.folder().join("key")), 0o600);
    // A function that asks for events and never answers any: its port stays open.
    let program = "#!/bin/sh\nexec python3 -c '\nimport os, urllib.request\n\
                   urllib.request.urlopen(\"http://\" + os.environ[\"AWS_LAMBDA_RUNTIME_API\"] \
                   + \"/2018-06-01/runtime/invocation/next\").read()\nimport time; time.sleep(20)'\n";
    let code = FunctionCode::builder()
        .zip_file(packed(program).into())
        .build();
    let function = aws
        .lambda
        .create_function()
        .function_name("users")
        .code(code)
        .timeout(5);
    let function = function
        .role("arn:aws:iam::000000000000:role/handler")
        .handler("bootstrap");
    function
        .runtime("provided.al2023".into())
        .send()
        .await
        .unwrap();
    let invoked = tokio::spawn(async move {
        let payload = aws_sdk_lambda::primitives::Blob::new(br#"{"token":"synthetic"}"#);
        aws.lambda
            .invoke()
            .function_name("users")
            .payload(payload)
            .send()
            .await
    });
    let mut ports = vec![];
    super::until("the function's port is open", || {
        ports = super::listening(running.pid)
            .iter()
            .map(|it| it.rsplit(':').next().unwrap().to_owned())
            .collect();
        ports.len() > 1
    })
    .await;
    for port in ports
        .iter()
        .map(|it| u16::from_str_radix(it, 16).unwrap())
        .filter(|it| *it != running.port)
    {
        let host = format!("127.0.0.1:{port}");
        let next = "GET /2018-06-01/runtime/invocation/next";
        let page = [
            "Sec-Fetch-Site: cross-site",
            "Origin: http://127.0.0.1:1",
            "Referer: http://localhost/",
        ];
        for (host, headers) in page
            .iter()
            .map(|it| (host.as_str(), vec![*it]))
            .chain([("evil.example", vec![])])
        {
            let other = Running {
                port,
                ..running.clone()
            };
            let (status, _, answer) = send(&other, &request(next, host, &headers, ""));
            assert!(
                status == 403 && !answer.contains("synthetic"),
                "{host} {headers:?}: {status} {answer}"
            );
        }
        // Only root can become another user here.
        if rustix::process::geteuid().is_root() {
            let answer = as_nobody(port, &request(next, &host, &[], ""));
            assert!(
                answer.contains(" 403 ") && !answer.contains("synthetic"),
                "{answer}"
            );
        }
    }
    invoked.abort();
}

/// What another user of this machine is answered.
fn as_nobody(port: u16, request: &str) -> String {
    let script = format!("exec 3<>/dev/tcp/127.0.0.1/{port}; printf '%s' \"$1\" >&3; cat <&3");
    let mut command = Command::new("setpriv");
    command.args([
        "--reuid",
        "65534",
        "--regid",
        "65534",
        "--clear-groups",
        "bash",
        "-c",
        &script,
        "bash",
        request,
    ]);
    String::from_utf8_lossy(&command.current_dir("/").output().unwrap().stdout).into_owned()
}

fn packed(program: &str) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(vec![]));
    zip.start_file(
        "bootstrap",
        zip::write::SimpleFileOptions::default().unix_permissions(0o755),
    )
    .unwrap();
    zip.write_all(program.as_bytes()).unwrap();
    zip.finish().unwrap().into_inner()
}

/// What a stranger's repository holds as `.wsctl`, cloned from a bundle, and run.
#[tokio::test]
async fn a_cloned_repository_kills_deletes_and_overwrites_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (victim, precious) = (folder.path().join("victim"), folder.path().join("precious"));
    fs::write(&victim, "mine").unwrap();
    fs::create_dir(&precious).unwrap();
    fs::write(precious.join("file"), "mine").unwrap();
    let mut bystander = Command::new("sleep")
        .arg("60")
        .stdin(Stdio::null())
        .spawn()
        .unwrap();
    let source = folder.path().join("source");
    let inside = source.join(".wsctl/sandbox");
    fs::create_dir_all(&inside).unwrap();
    fs::write(
        source.join("stack.toml"),
        "[stack]\nname = \"a\"\nregion = \"eu-west-1\"\n",
    )
    .unwrap();
    fs::write(
        inside.join("process.json"),
        format!(r#"{{"pid":{},"port":1}}"#, bystander.id()),
    )
    .unwrap();
    for (link, target) in [
        ("state", &precious),
        ("tmp", &precious),
        ("launch.py", &victim),
        ("ministack.log", &victim),
        ("lock", &victim),
    ] {
        symlink(target, inside.join(link)).unwrap();
    }
    for link in ["tokens", "applied", "packages"] {
        symlink(&precious, source.join(".wsctl").join(link)).unwrap();
    }
    symlink(&victim, source.join(".wsctl/.gitignore")).unwrap();
    git(&source, &["init", "-q"]);
    git(&source, &["add", "-A", "-f"]);
    git(
        &source,
        &[
            "-c",
            "user.name=a",
            "-c",
            "user.email=a@example.com",
            "commit",
            "-qm",
            "a",
        ],
    );
    let bundle = folder.path().join("bundle").display().to_string();
    git(&source, &["bundle", "create", "-q", &bundle, "HEAD"]);
    let clone = folder.path().join("clone");
    git(folder.path(), &["clone", "-q", &bundle, "clone"]);
    for arguments in [
        &["sandbox", "stop"][..],
        &["apply", "--sandbox", "--yes"],
        &["sandbox", "reset", "--yes"],
    ] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wsctl"));
        command
            .args(arguments)
            .current_dir(&clone)
            .stdin(Stdio::null());
        let output = command.output().unwrap();
        assert!(
            output.status.success(),
            "{arguments:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
    assert_eq!(fs::read_to_string(&victim).unwrap(), "mine");
    assert_eq!(fs::read_dir(&precious).unwrap().count(), 1);
    assert!(
        bystander.try_wait().unwrap().is_none(),
        "the bystander was killed"
    );
    bystander.kill().unwrap();
    bystander.wait().unwrap();
    let sandbox = Sandbox::within(&clone, Host::from_env().unwrap()).unwrap();
    assert_eq!(sandbox.status().unwrap(), None);
}

fn git(folder: &Path, arguments: &[&str]) {
    let output = Command::new("git")
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        output.status.success(),
        "{arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// A listener that was there first is not taken for the sandbox's own.
#[tokio::test]
async fn a_port_that_somebody_else_has_is_not_asked() {
    let own = Own::new();
    let first = own.start().await;
    assert!(own.sandbox.stop().await.unwrap());
    let _held = TcpListener::bind(("127.0.0.1", first.port)).unwrap();
    assert_ne!(own.start().await.port, first.port);
}
