//! examples/spa in a browser: from the hosted login to the database and back.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

mod support;

use serde_json::json;
use std::{
    fs,
    io::{BufRead, BufReader},
    path::Path,
    process::{Child, Command, Stdio},
};
use support::{http, npm, sandbox::Sandbox, user};

/// Runs the server until standard input ends, which it does with the test process.
const TETHERED: &str = "process.stdin.on('end', () => process.exit()).resume(); await import('./serve.js')";

/// The example's own server.
struct Server(Child);

impl Server {
    fn start(folder: &Path, port: u16) -> Self {
        let mut node = Command::new("node");
        node.args(["--input-type=module", "-e", TETHERED]).current_dir(folder).env("PORT", port.to_string());
        let mut child = node.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
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
    std::net::TcpListener::bind(("localhost", 0)).unwrap().local_addr().unwrap().port()
}

#[tokio::test]
async fn a_person_signs_in_edits_the_own_row_and_signs_out_for_good() {
    let Some(chromium) = npm::chromium().filter(|_| npm::is_here()) else { return };
    let sandbox = Sandbox::new();
    let port = free_port();
    sandbox.edit("http://localhost:3000", &format!("http://localhost:{port}"));
    sandbox.apply();
    let outputs = sandbox.outputs();
    let (pool, client, api) =
        (outputs.get("user_pool_id"), outputs.get("client_id_spa"), outputs.get("api_url"));
    let aws = outputs.aws().await;
    user::id_token(&aws, &pool, &client, "ann@example.com").await;
    let bob = user::id_token(&aws, &pool, &client, "bob@example.com").await;
    assert_eq!(http::call("POST", &format!("{api}/users"), Some(&bob), "{}").0, 201);

    let app = npm::installed("examples/spa");
    let base = api.split("/restapis").next().unwrap();
    let (callback, root) = (format!("http://localhost:{port}/callback"), format!("http://localhost:{port}/"));
    let config = json!({
        "authority": outputs.get("issuer"), "client_id": client, "redirect_uri": callback,
        "post_logout_redirect_uri": root, "scope": "openid email phone",
        "login_url": outputs.get("login_url_spa"), "logout_url": format!("{base}/logout"), "api_url": api,
    });
    fs::write(app.join("config.json"), config.to_string()).unwrap();
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
