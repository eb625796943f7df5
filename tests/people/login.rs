//! `wsctl login` on the sandbox: through a real browser, without one, and refused.

use crate::support::{http, npm, program::Run, sandbox::Sandbox, user};
use serde_json::json;
use std::{
    fs,
    io::{BufRead, BufReader, Write},
    net::TcpListener,
    os::unix::fs::PermissionsExt,
    path::Path,
    process::{Child, Command, Stdio},
    thread::JoinHandle,
};

const ANN: &str = "ann@example.com";

/// A stack with a callback URL on a free port.
struct Place {
    sandbox: Sandbox,
    callback: String,
}

impl Place {
    fn new() -> Self {
        let sandbox = Sandbox::new();
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let callback = format!("http://localhost:{port}/callback");
        sandbox.edit("http://localhost:3000/callback", &callback);
        sandbox.apply();
        Self { sandbox, callback }
    }

    /// `wsctl login` with only these programs to open an address with; the sandbox itself needs more
    /// of them, and is running already.
    fn login(&self, openers: &Path) -> Command {
        let outputs = self.sandbox.outputs();
        let api = outputs.get("api_url");
        let endpoint = api.split("/restapis").next().unwrap();
        let mut command = self.sandbox.command(&["login", "--endpoint-url", endpoint]);
        command
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", outputs.key())
            .env("PATH", openers);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command
    }

    /// A sign-in that waits, its address, and whoever reads what it says after.
    fn login_without_browser(&self) -> (Child, String, JoinHandle<String>) {
        let nothing = tempfile::tempdir().unwrap();
        let mut child = self.login(nothing.path()).spawn().unwrap();
        let (url, rest) = address(&mut child);
        (child, url, rest)
    }

    /// The browser comes back with this query.
    fn back(&self, query: &str) -> u16 {
        http::call(
            "GET",
            &format!(
                "{}?{query}",
                self.callback.replace("localhost", "127.0.0.1")
            ),
            None,
            "",
        )
        .0
    }
}

/// The address that the program tells, and whoever reads what it says after.
fn address(child: &mut Child) -> (String, JoinHandle<String>) {
    let mut lines = BufReader::new(child.stderr.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let url = lines
        .by_ref()
        .find(|line| line.starts_with("http://"))
        .expect("no address");
    (
        url,
        std::thread::spawn(move || lines.collect::<Vec<_>>().join("\n")),
    )
}

fn state(url: &str) -> &str {
    url.split('&')
        .find_map(|it| it.strip_prefix("state="))
        .unwrap()
}

/// A folder with an opener of addresses that does what a script of tests/node does.
fn opener(script: &str) -> tempfile::TempDir {
    let openers = tempfile::tempdir().unwrap();
    let opener = openers.path().join("xdg-open");
    let script = npm::installed("tests/node").join(script);
    let path = std::env::var("PATH").unwrap();
    let text = format!(
        "#!/bin/sh\nPATH='{path}' exec node '{}' \"$1\"\n",
        script.display()
    );
    fs::write(&opener, text).unwrap();
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o700)).unwrap();
    openers
}

/// Signs in through the browser as a script does, and shows the token's checks.
fn decoded(place: &Place, script: &str) -> String {
    let openers = opener(script);
    let picture = std::env::var("WSCTL_PICTURE").ok();
    let person = json!({
        "browser": npm::chromium(), "email": ANN, "password": user::PASSWORD, "picture": picture,
    });
    let mut login = place.login(openers.path());
    let said = Run::from(login.env("PERSON", person.to_string()).output().unwrap());
    assert_eq!(said.code, 0, "{}", said.err);
    assert!(
        said.err.contains("the browser has the login"),
        "{}",
        said.err
    );
    let token = said.out.trim();
    place
        .sandbox
        .answer(0, &["token", "decode", "-"], &[token])
        .out
}

#[tokio::test]
async fn a_person_signs_in_in_the_browser_that_was_opened() {
    let place = Place::new();
    let outputs = place.sandbox.outputs();
    let (pool, client) = (outputs.get("user_pool_id"), outputs.get("client_id_spa"));
    user::id_token(&outputs.aws().await, &pool, &client, ANN).await;
    let decoded = decoded(&place, "login.js");
    assert!(
        decoded.contains(ANN) && decoded.matches("passed").count() == 5,
        "{decoded}"
    );
}

#[test]
fn a_person_signs_up_in_the_browser_and_is_signed_in() {
    let place = Place::new();
    let decoded = decoded(&place, "sign-up.js");
    assert!(
        decoded.contains(ANN) && decoded.matches("passed").count() == 5,
        "{decoded}"
    );
    let there = place.sandbox.answer(0, &["user", "show", ANN], &[]).out;
    assert!(
        there.contains("CONFIRMED") && there.contains("<script>"),
        "{there}"
    );
}

#[test]
fn nobody_signs_up_where_an_administrator_makes_the_users_or_for_another_address() {
    let place = Place::new();
    let outputs = place.sandbox.outputs();
    let (client, api) = (outputs.get("client_id_spa"), outputs.get("api_url"));
    let endpoint = api.split("/restapis").next().unwrap();
    let page = |callback: &str| {
        let callback = urlencoding::encode(callback).into_owned();
        let query = format!("client_id={client}&response_type=code&redirect_uri={callback}");
        http::call("GET", &format!("{endpoint}/signup?{query}"), None, "").0
    };
    assert_eq!(page(&place.callback), 200);
    assert_eq!(page("https://evil.example/"), 400);
    let unknown = format!("{endpoint}/confirm");
    assert_eq!(
        http::call("POST", &unknown, None, "token=a&code=123456").0,
        400
    );
    place
        .sandbox
        .edit("self_registration = true", "self_registration = false");
    place.sandbox.apply();
    assert_eq!(page(&place.callback), 400);
}

#[test]
fn a_refusal_of_the_login_ends_the_wait_and_one_for_another_sign_in_does_not() {
    let place = Place::new();
    let (mut child, url, rest) = place.login_without_browser();
    let refusal = "error=access_denied&error_description=User+cancelled";
    assert_eq!(place.back(&format!("{refusal}&state=another")), 404);
    assert_eq!(place.back(refusal), 404);
    assert_eq!(place.back(&format!("{refusal}&state={}", state(&url))), 200);
    assert_eq!(child.wait().unwrap().code(), Some(14));
    let told = rest.join().unwrap();
    assert!(
        told.contains("error: the login refused: access_denied: User cancelled"),
        "{told}"
    );
    assert!(told.contains("hint: run the same command again"), "{told}");
}

#[test]
fn where_no_browser_can_be_opened_the_address_is_told_and_a_pasted_one_is_taken() {
    let place = Place::new();
    let (mut child, url, rest) = place.login_without_browser();
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "{}?code=x&state=another", place.callback).unwrap();
    writeln!(
        input,
        "{}?code=forged&state={}",
        place.callback,
        state(&url)
    )
    .unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(1));
    let told = rest.join().unwrap();
    assert!(told.contains("not the address of this sign-in"), "{told}");
    assert!(
        told.contains("the token endpoint refused the code: HTTP 400: invalid_grant"),
        "{told}"
    );
    assert!(!told.contains("forged"), "{told}");
}

#[test]
fn a_callback_that_the_client_has_not_names_the_line_to_change() {
    let place = Place::new();
    let unlisted = "http://localhost:9/other";
    let told = place
        .sandbox
        .answer(11, &["login", "--callback", unlisted], &[])
        .err;
    let text = fs::read_to_string(place.sandbox.folder().join("stack.toml")).unwrap();
    let line = 1 + text
        .lines()
        .position(|it| it.starts_with("callback_urls"))
        .unwrap();
    assert!(told.contains(&format!("stack.toml:{line}:")), "{told}");
    assert!(
        told.contains(&format!("add \"{unlisted}\", then run wsctl apply")),
        "{told}"
    );
    let elsewhere = place
        .sandbox
        .answer(
            1,
            &["login", "--callback", "https://example.com/callback"],
            &[],
        )
        .err;
    assert!(
        elsewhere.contains("not an http:// URL on this machine"),
        "{elsewhere}"
    );
}

/// Whichever of the addresses it is that another program, perhaps another user's, listens at.
#[test]
fn no_browser_is_opened_where_another_program_would_get_the_code() {
    let place = Place::new();
    let port = place.callback.split([':', '/']).nth(4).unwrap();
    let openers = tempfile::tempdir().unwrap();
    let (opener, opened) = (
        openers.path().join("xdg-open"),
        openers.path().join("opened"),
    );
    fs::write(&opener, format!("#!/bin/sh\n: > '{}'\n", opened.display())).unwrap();
    fs::set_permissions(&opener, fs::Permissions::from_mode(0o700)).unwrap();
    for address in ["127.0.0.1", "[::1]"] {
        // A machine without IPv6 has no such address for anybody.
        let Ok(_other) = TcpListener::bind(format!("{address}:{port}")) else {
            continue;
        };
        let said = Run::from(
            place
                .login(openers.path())
                .stdin(Stdio::null())
                .output()
                .unwrap(),
        );
        assert_eq!(said.code, 1, "{}", said.err);
        assert!(
            said.err
                .contains(&format!("cannot listen on {address}:{port} for http://")),
            "{}",
            said.err
        );
        assert!(
            said.err.contains("would get the sign-in's code"),
            "{}",
            said.err
        );
        assert!(
            !said.err.contains("code_challenge") && !opened.exists(),
            "{}",
            said.err
        );
    }
}
