//! The commands around users and tokens, as their user runs them on the sandbox; and that none of
//! them leaves a password or a token anywhere.

use crate::support::{
    program::Run,
    sandbox::{Sandbox, answered},
};
use serde_json::Value;
use std::{
    collections::BTreeSet,
    fs,
    io::{BufRead, BufReader, Write},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex,
        atomic::{AtomicBool, Ordering},
    },
    thread::JoinHandle,
    time::Duration,
};
use wsctl::identity::{Http, Request};

const ANN: &str = "ann@example.com";
const PASSWORD: &str = "Correct-horse-1";
const WRONG: &str = "Wrong-horse-1";
const NEXT: &str = "Another-horse-2";
const TEMPORARY: &str = "Temporary-horse-3";
const SIGN_UP: [&str; 8] = [
    "user",
    "sign-up",
    ANN,
    "--name",
    "Ann",
    "--phone",
    "+15555550100",
    "--password-stdin",
];

/// The program in a sandbox, with everything remembered that it says and is started with.
struct Watched {
    sandbox: Sandbox,
    home: tempfile::TempDir,
    said: Mutex<Vec<String>>,
    watch: Watch,
}

impl Watched {
    fn new() -> Self {
        let (sandbox, home) = (Sandbox::new(), tempfile::tempdir().unwrap());
        Self {
            sandbox,
            home,
            said: Mutex::default(),
            watch: Watch::start(),
        }
    }

    fn start(&self, arguments: &[&str]) -> Child {
        let mut command = self.command(arguments);
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.sandbox.command(arguments);
        command
            .args(["--sandbox", "-v"])
            .env("TMPDIR", self.home.path())
            .env("PASSWORD", PASSWORD);
        command
    }

    /// Runs it with these lines on its standard input.
    fn run(&self, arguments: &[&str], lines: &[&str]) -> Run {
        answered(self.command(arguments), lines)
    }

    /// Runs it, and remembers what it says.
    #[track_caller]
    fn told(&self, code: i32, arguments: &[&str], lines: &[&str]) -> Run {
        let said = self.run(arguments, lines);
        assert!(
            said.ended_with(code),
            "{arguments:?}: {}\n{}{}",
            said.code,
            said.out,
            said.err
        );
        self.said
            .lock()
            .unwrap()
            .extend([said.out.clone(), said.err.clone()]);
        said
    }

    /// Runs what prints a token: only what it says beside that is remembered.
    fn token(&self, arguments: &[&str], lines: &[&str]) -> String {
        let said = self.run(arguments, lines);
        assert_eq!(said.code, 0, "{arguments:?}\n{}", said.err);
        self.said.lock().unwrap().push(said.err);
        said.out.trim().to_owned()
    }

    /// Every place that holds one of these secrets and should not: what was said, the arguments of
    /// any process, and files, but for the sandbox's own state, which is AWS here.
    fn leaks(&self, secrets: &[String]) -> Vec<String> {
        let holds = |text: &str| secrets.iter().any(|secret| text.contains(secret.as_str()));
        let said = self.said.lock().unwrap();
        let mut found: Vec<_> = said
            .iter()
            .filter(|it| holds(it))
            .map(|it| format!("said: {it}"))
            .collect();
        found.extend(
            self.watch
                .seen()
                .into_iter()
                .filter(|it| holds(it))
                .map(|it| format!("arguments: {it}")),
        );
        let state = self.sandbox.folder().join(".wsctl/sandbox/state");
        let kept = self.sandbox.folder().join(".wsctl/tokens");
        for file in files(self.sandbox.folder())
            .into_iter()
            .chain(files(self.home.path()))
        {
            let text = fs::read(&file)
                .map(|it| String::from_utf8_lossy(&it).into_owned())
                .unwrap_or_default();
            if !file.starts_with(&state) && !file.starts_with(&kept) && holds(&text) {
                found.push(format!("file: {}", file.display()));
            }
        }
        found
    }
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .flatten()
        .map(|it| it.path());
    entries
        .flat_map(|path| {
            if path.is_dir() {
                files(&path)
            } else {
                vec![path]
            }
        })
        .collect()
}

/// Looks at the arguments of every process, again and again.
struct Watch {
    seen: Arc<Mutex<BTreeSet<String>>>,
    ends: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Watch {
    fn start() -> Self {
        let (seen, ends) = (
            Arc::new(Mutex::new(BTreeSet::new())),
            Arc::new(AtomicBool::new(false)),
        );
        let (all, end) = (Arc::clone(&seen), Arc::clone(&ends));
        let thread = std::thread::spawn(move || {
            while !end.load(Ordering::Relaxed) {
                for process in fs::read_dir("/proc").into_iter().flatten().flatten() {
                    let line = fs::read(process.path().join("cmdline")).unwrap_or_default();
                    all.lock()
                        .unwrap()
                        .insert(String::from_utf8_lossy(&line).replace('\0', " "));
                }
                std::thread::sleep(Duration::from_millis(2));
            }
        });
        Self {
            seen,
            ends,
            thread: Some(thread),
        }
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().iter().cloned().collect()
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        self.ends.store(true, Ordering::Relaxed);
        let _ = self.thread.take().map(JoinHandle::join);
    }
}

#[test]
fn from_sign_up_to_the_api_and_no_secret_is_left_anywhere() {
    let place = Watched::new();
    place.told(0, &["apply", "--yes"], &[]);

    let said = place.told(0, &SIGN_UP, &[PASSWORD]);
    assert!(
        said.out.starts_with(&format!("{ANN} is signed up")),
        "{}",
        said.out
    );
    assert!(
        place
            .told(1, &SIGN_UP, &[PASSWORD])
            .err
            .contains("wsctl user show"),
        "a second time"
    );
    let early = place.told(1, &["token", ANN, "--password-stdin"], &[PASSWORD]);
    assert!(early.err.contains("wsctl user confirm"), "{}", early.err);
    place.told(0, &["user", "confirm", ANN, "--admin"], &[]);
    let wrong = place.told(1, &["token", ANN, "--srp", "--password-stdin"], &[WRONG]);
    assert!(
        wrong.err.contains("NotAuthorizedException") && wrong.err.contains("hint:"),
        "{}",
        wrong.err
    );

    let id = place.token(&["token", ANN, "--password-stdin"], &[PASSWORD]);
    let access = place.token(
        &[
            "token",
            ANN,
            "--srp",
            "--access",
            "--password-env",
            "PASSWORD",
        ],
        &[],
    );
    let all = place.token(
        &["token", ANN, "--json", "--save", "--password-stdin"],
        &[PASSWORD],
    );
    let all: Value = serde_json::from_str(&all).unwrap();
    let kept = fs::read_dir(place.sandbox.folder().join(".wsctl/tokens")).unwrap();
    let kept = kept.map(|it| it.unwrap().path()).next().unwrap();
    assert_eq!(
        fs::metadata(&kept).unwrap().permissions().mode() & 0o777,
        0o600
    );
    let fresh = place.token(&["token", "--refresh", "--save"], &[]);
    assert_ne!(fresh, all["id_token"].as_str().unwrap());
    let again = place.token(&["token", "--refresh"], &[]);
    let refresh = all["refresh_token"].as_str().unwrap();
    let by_hand = place.token(&["token", "--refresh-stdin"], &[refresh]);

    let decoded = place.told(0, &["token", "decode", "-"], &[&id]);
    for word in ["cognito:username", "passed", "expires in", "RS256"] {
        assert!(decoded.out.contains(word), "no {word} in {}", decoded.out);
    }
    assert_eq!(
        place
            .told(0, &["token", "decode", "--any-pool"], &[&access])
            .out
            .matches("passed")
            .count(),
        5
    );
    let (signed, signature) = id.rsplit_once('.').unwrap();
    let forged = format!("{signed}.{}", signature.chars().rev().collect::<String>());
    let judged = place
        .told(2, &["token", "decode", "-", "--json"], &[&forged])
        .json();
    assert_eq!(
        (&judged["verified"], &judged["checks"][0]["what"]),
        (&false.into(), &"signature".into())
    );
    assert_eq!(
        place
            .told(4, &["token", "decode", "-", "--client-id", "other"], &[&id])
            .out
            .matches("failed")
            .count(),
        1
    );
    place.told(
        6,
        &["token", "decode", "-", "--token-use", "id"],
        &[&access],
    );

    let tested = place.told(0, &["authorizer", "test", "--token", "-"], &[&id]);
    assert!(
        tested.out.contains("cognito lets the token in") && tested.out.contains(ANN),
        "{}",
        tested.out
    );
    place.told(2, &["authorizer", "test", "--token", "-"], &[&access]);

    let refused = place.told(4, &["call", "GET", "/users", "--anonymous"], &[]);
    assert!(
        refused.out.contains("Unauthorized") && refused.err.contains("HTTP 401"),
        "{}",
        refused.err
    );
    place.told(4, &["call", "GET", "/users", "--token", "-"], &[&access]);
    let listed = place.told(0, &["call", "GET", "/users", "--token", "-"], &[&id]);
    assert_eq!(listed.json()["success"], true, "{}", listed.out);
    let as_ann = ["--as", ANN, "--password-stdin"];
    let made = [
        &["call", "post", "users", "--data", "{}"],
        as_ann.as_slice(),
    ]
    .concat();
    let row = place.told(0, &made, &[PASSWORD]).json();
    assert_eq!(row["data"]["email"], ANN, "{row}");
    let sub = row["data"]["cognito_sub"].as_str().unwrap();
    let asked_again = place.told(0, &["logs", "--since", "1h", "--filter", "POST"], &[]);
    assert!(asked_again.out.contains(sub), "{}", asked_again.out);

    let set = [
        "user",
        "set-password",
        ANN,
        "--temporary",
        "--password-stdin",
    ];
    place.told(0, &set, &[TEMPORARY]);
    let renewed = place.token(&["token", ANN, "--password-stdin"], &[TEMPORARY, NEXT]);
    place.told(0, &["user", "group", "add", ANN, "admin"], &[]);
    assert!(
        place
            .told(0, &["user", "show", ANN], &[])
            .out
            .contains("admin")
    );
    let found = place
        .told(
            0,
            &["user", "list", "--filter", "email ^= \"ann\"", "--json"],
            &[],
        )
        .json();
    assert_eq!(found["users"].as_array().unwrap().len(), 1);
    place.told(14, &["user", "delete", ANN], &[]);
    place.told(0, &["user", "delete", ANN, "--yes"], &[]);
    assert!(
        place
            .told(1, &["user", "show", ANN], &[])
            .err
            .contains("wsctl user list")
    );

    let mut secrets = vec![
        id,
        access,
        fresh,
        again,
        by_hand,
        renewed,
        forged,
        refresh.to_owned(),
    ];
    secrets.extend([PASSWORD, WRONG, NEXT, TEMPORARY].map(ToOwned::to_owned));
    secrets.extend(["id_token", "access_token"].map(|name| all[name].as_str().unwrap().to_owned()));
    assert_eq!(place.leaks(&secrets), Vec::<String>::new());
}

/// Reads what the program says until the login's address, then goes on reading.
fn login_address(child: &mut Child) -> String {
    let mut lines = BufReader::new(child.stderr.take().unwrap())
        .lines()
        .map_while(Result::ok);
    let url = lines
        .by_ref()
        .find(|line| line.starts_with("http://"))
        .expect("no address");
    std::thread::spawn(move || lines.for_each(drop));
    url
}

/// Signs in on the hosted page at this address: where the browser is sent.
async fn sign_in_at(url: &str) -> String {
    let (base, query) = url.split_once("/oauth2/authorize?").unwrap();
    let http = Http::to(Some(base));
    assert_eq!(http.send(Request::get(url)).await.unwrap().status, 200);
    let form = format!(
        "{query}&username={}&password={PASSWORD}",
        urlencoding::encode(ANN)
    );
    let post = Request::new("POST", format!("{base}/login"));
    let answer = http
        .send(post.body("application/x-www-form-urlencoded", form))
        .await
        .unwrap();
    assert_eq!(answer.status, 302, "{}", answer.text());
    answer.header("location").unwrap().to_owned()
}

#[tokio::test]
async fn a_login_in_the_browser_comes_back_to_the_terminal() {
    let place = Watched::new();
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .unwrap()
        .local_addr()
        .unwrap()
        .port();
    let callback = format!("http://localhost:{port}/callback");
    place
        .sandbox
        .edit("http://localhost:3000/callback", &callback);
    place.told(0, &["apply", "--yes"], &[]);
    let create = [
        "user",
        "create",
        ANN,
        "--name",
        "Ann",
        "--phone",
        "+15555550100",
        "--no-invitation",
        "--permanent",
    ];
    place.told(
        0,
        &[create.as_slice(), &["--password-stdin"]].concat(),
        &[PASSWORD],
    );

    // The browser comes back by itself; a forged answer before does not count.
    let mut child = place.start(&["login", "--print-url"]);
    let back = sign_in_at(&login_address(&mut child)).await;
    assert!(back.starts_with(&callback), "{back}");
    let http = Http::to(Some(&format!("http://localhost:{port}")));
    let forged = http
        .send(Request::get(format!("{callback}?code=x&state=forged")))
        .await
        .unwrap();
    assert_eq!(forged.status, 404);
    assert_eq!(http.send(Request::get(back)).await.unwrap().status, 200);
    let said = Run::from(child.wait_with_output().unwrap());
    assert_eq!(said.code, 0);
    let token = said.out.trim();
    assert!(
        place
            .told(0, &["token", "decode", "-"], &[token])
            .out
            .contains("nonce")
    );

    // On another machine: its address is pasted.
    let mut child = place.start(&["login", "--print-url", "--json", "--callback", &callback]);
    let back = sign_in_at(&login_address(&mut child)).await;
    let mut input = child.stdin.take().unwrap();
    writeln!(input, "http://localhost/?state=other\n{back}").unwrap();
    let pasted = Run::from(child.wait_with_output().unwrap()).json();
    let tokens = ["id_token", "access_token", "refresh_token"]
        .map(|it| pasted[it].as_str().unwrap().to_owned());
    assert_eq!(
        place.leaks(&[tokens.as_slice(), &[token.to_owned(), PASSWORD.to_owned()]].concat()),
        Vec::<String>::new()
    );

    let foreign = place.told(
        11,
        &["login", "--callback", "http://localhost:9/other"],
        &[],
    );
    assert!(
        foreign.err.contains("stack.toml:") && foreign.err.contains("callback_urls"),
        "{}",
        foreign.err
    );
    let late = place.told(1, &["login", "--print-url", "--timeout", "1s"], &[]);
    assert!(
        late.err.contains("nobody signed in within 1s"),
        "{}",
        late.err
    );
}

#[test]
fn what_cannot_work_is_said_with_its_place_and_before_anything_is_sent() {
    let place = Watched::new();
    place.told(1, &["user", "list"], &[]);
    place.told(0, &["apply", "--yes"], &[]);
    let no_email = place.told(
        1,
        &["user", "sign-up", "ann", "--password-stdin"],
        &[PASSWORD],
    );
    assert!(
        no_email.err.contains("not an e-mail address"),
        "{}",
        no_email.err
    );
    let mut phone = SIGN_UP;
    phone[6] = "+84 0123456789";
    assert!(place.told(1, &phone, &[PASSWORD]).err.contains("E.164"));
    let weak = place.told(1, &SIGN_UP, &["password123"]);
    assert!(weak.err.contains("password_policy"), "{}", weak.err);
    let lacking = place.told(
        1,
        &["user", "sign-up", ANN, "--password-stdin"],
        &[PASSWORD],
    );
    assert!(
        lacking.err.contains("--name NAME --phone NUMBER"),
        "{}",
        lacking.err
    );
    let unset = place.told(
        1,
        &["token", ANN, "--password-env", "NO_SUCH_VARIABLE"],
        &[],
    );
    assert!(
        unset.err.contains("NO_SUCH_VARIABLE is not set"),
        "{}",
        unset.err
    );
    let nobody = place.told(1, &["token", ANN], &[]);
    assert!(
        nobody.err.contains("no terminal") && nobody.err.contains("--password-stdin"),
        "{}",
        nobody.err
    );
    let unsaved = place.told(1, &["token", "--refresh"], &[]);
    assert!(unsaved.err.contains("--save"), "{}", unsaved.err);
    assert!(
        place
            .told(1, &["token", "decode", "-"], &[PASSWORD])
            .err
            .contains("not a JSON Web Token")
    );
    assert!(
        place
            .told(1, &["call", "GET", "/users"], &[])
            .err
            .contains("--as USER")
    );

    let asked = || {
        let mut command = place.command(&["token", ANN, "--srp"]);
        // The terminal's own, once there is one.
        command
            .stdin(Stdio::inherit())
            .stdout(Stdio::inherit())
            .stderr(Stdio::inherit());
        let mut terminal = rexpect::session::spawn_command(command, Some(20_000)).unwrap();
        terminal
            .exp_string(&format!("Password of {ANN}: "))
            .unwrap();
        terminal
    };
    let mut terminal = asked();
    terminal.send_line(PASSWORD).unwrap();
    let shown = terminal.exp_eof().unwrap();
    assert!(
        shown.contains("cognito-idp:RespondToAuthChallenge") && !shown.contains(PASSWORD),
        "{shown}"
    );
    let mut terminal = asked();
    terminal.send_control('c').unwrap();
    assert!(terminal.exp_eof().unwrap().contains("stopped"));

    place
        .sandbox
        .edit("\"ALLOW_ADMIN_USER_PASSWORD_AUTH\",", "");
    place.told(0, &["apply", "--yes"], &[]);
    let refused = place.told(1, &["token", ANN, "--password-stdin"], &[PASSWORD]);
    let line = "stack.toml:62:1";
    assert!(
        refused.err.contains(line) && refused.err.contains("ALLOW_ADMIN_USER_PASSWORD_AUTH"),
        "{}",
        refused.err
    );
    assert_eq!(
        place.leaks(&[PASSWORD.to_owned(), "password123".to_owned()]),
        Vec::<String>::new()
    );
}
