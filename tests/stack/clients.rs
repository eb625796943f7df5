//! Programs that are not wsctl's own, against a stack that wsctl made: examples/spa in a browser, and
//! two of npm's Cognito clients.

use crate::support::{http, npm, program::Run, sandbox::Sandbox, user};
use serde_json::{Value, json};
use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};

/// Runs the server until standard input ends, which it does with the test process.
const TETHERED: &str =
    "process.stdin.on('end', () => process.exit()).resume(); await import('./serve.js')";

/// The example's own server.
struct Server(Child);

impl Server {
    fn start(folder: &Path, port: u16) -> Self {
        let mut node = Command::new("node");
        node.args(["--input-type=module", "-e", TETHERED])
            .current_dir(folder)
            .env("PORT", port.to_string());
        let mut child = node
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap())
            .read_line(&mut line)
            .unwrap();
        assert_eq!(line, format!("http://localhost:{port}/\n"));
        Self(child)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn free_port() -> u16 {
    std::net::TcpListener::bind(("localhost", 0))
        .unwrap()
        .local_addr()
        .unwrap()
        .port()
}

#[tokio::test]
async fn a_person_signs_in_edits_the_own_row_and_signs_out_for_good() {
    let chromium = npm::chromium();
    let sandbox = Sandbox::new();
    let port = free_port();
    sandbox.edit("http://localhost:3000", &format!("http://localhost:{port}"));
    sandbox.apply();
    let outputs = sandbox.outputs();
    let (pool, client, api) = (
        outputs.get("user_pool_id"),
        outputs.get("client_id_spa"),
        outputs.get("api_url"),
    );
    let aws = outputs.aws().await;
    user::id_token(&aws, &pool, &client, "ann@example.com").await;
    let bob = user::id_token(&aws, &pool, &client, "bob@example.com").await;
    assert_eq!(
        http::call("POST", &format!("{api}/users"), Some(&bob), "{}").0,
        201
    );

    let app = npm::installed("examples/spa");
    // The variable says what the option does.
    let mut outputs = sandbox.command(&["outputs", "--format", "oidc"]);
    let config = Run::from(outputs.env("WSCTL_SANDBOX", "1").output().unwrap()).out;
    fs::write(app.join("config.json"), config).unwrap();
    let _server = Server::start(&app, port);
    let screenshots = Path::new(env!("CARGO_TARGET_TMPDIR")).join("screenshots");
    fs::create_dir_all(&screenshots).unwrap();
    let story = json!({
        "browser": chromium,
        "app": format!("http://localhost:{port}/"),
        "email": "ann@example.com",
        "other": "bob@example.com",
        "password": user::PASSWORD,
        "screenshots": screenshots,
    });
    npm::run(&npm::installed("tests/node"), "browser.js", &story);
}

#[tokio::test]
async fn other_clients_verify_our_tokens_and_sign_in_to_our_pool() {
    npm::needed();
    let sandbox = Sandbox::new();
    sandbox.apply();
    let outputs = sandbox.outputs();
    let (pool, client, issuer) = (
        outputs.get("user_pool_id"),
        outputs.get("client_id_spa"),
        outputs.get("issuer"),
    );
    let aws = outputs.aws().await;
    user::id_token(&aws, &pool, &client, "ann@example.com").await;
    let mut token = sandbox.command(&["token", "ann@example.com", "--srp", "--sandbox", "--json"]);
    let said = token
        .args(["--password-env", "PASSWORD"])
        .env("PASSWORD", user::PASSWORD)
        .output()
        .unwrap();
    let tokens: Value = serde_json::from_slice(&said.stdout).unwrap();

    let node = npm::installed("tests/node");
    let keys = http::call("GET", &format!("{issuer}/.well-known/jwks.json"), None, "").1;
    let keys: Value = serde_json::from_str(&keys).unwrap();
    let (id, access) = (&tokens["id_token"], &tokens["access_token"]);
    let given =
        json!({ "issuer": issuer, "client": client, "keys": keys, "id": id, "access": access });
    let subjects: Vec<String> =
        serde_json::from_str(&npm::run(&node, "verify.js", &given)).unwrap();

    let endpoint = issuer.rsplit_once('/').unwrap().0;
    let given = json!({
        "pool": pool, "client": client, "endpoint": format!("{endpoint}/"),
        "email": "ann@example.com", "password": user::PASSWORD,
    });
    let claims: Value = serde_json::from_str(&npm::run(&node, "sign-in.js", &given)).unwrap();
    assert_eq!(claims["email"], "ann@example.com");
    let sub = claims["sub"].as_str().unwrap();
    assert_eq!(subjects, [sub, sub]);
}
