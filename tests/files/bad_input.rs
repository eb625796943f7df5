//! What wsctl says of a bad stack.toml: the place, the line, what is wrong and what to write. No
//! request is made for any of them.

mod cases;

use cases::{CASES, CODE, Case};
use std::{
    fmt::Write,
    fs,
    net::TcpListener,
    path::Path,
    process::Stdio,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};
use tempfile::TempDir;
use tokio::{process::Command, time::timeout};

/// A small file without a mistake.
const BASE: &str = r#"[stack]
name = "demo"
region = "eu-west-1"

[user_pool]
name = "people"
sign_in = ["email"]

[user_pool.clients.web]
name = "web"
oauth_grants = ["code"]
oauth_scopes = ["openid"]
callback_urls = ["http://localhost:3000/callback"]

[functions.users]
name = "users"
zip = "users.zip"

[api]
name = "users"

[api.stage]
name = "dev"

[api.authorizers.people]
name = "people"

[api.routes]
"GET /users" = { function = "users", authorizer = "people" }
"#;

/// An address that counts who connects, and hangs up at once.
struct Counter {
    url: String,
    count: Arc<AtomicUsize>,
}

impl Counter {
    fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let count = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&count);
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                counted.fetch_add(1, Ordering::SeqCst);
                drop(connection);
            }
        });
        Self { url, count }
    }

    fn count(&self) -> usize {
        self.count.load(Ordering::SeqCst)
    }
}

struct Output {
    code: Option<i32>,
    stdout: String,
    stderr: String,
}

/// Runs wsctl in `folder`, where it has to end; no AWS settings of the machine reach it.
#[tokio::main(flavor = "current_thread")]
async fn run(folder: &Path, arguments: &[&str], endpoint: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_wsctl"));
    command
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::null())
        .kill_on_drop(true);
    let credentials = ["AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"].map(|name| (name, "test"));
    command
        .env("AWS_ENDPOINT_URL", endpoint)
        .envs(credentials)
        .args(arguments);
    let output = timeout(Duration::from_secs(60), command.output()).await;
    let output = output.expect("it ends").unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    Output {
        code: output.status.code(),
        stdout: text(output.stdout),
        stderr: text(output.stderr),
    }
}

fn folder(text: &[u8]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("stack.toml"), text).unwrap();
    folder
}

/// The base with the case's edits, and the place of the mark in it, `stack.toml:LINE:COLUMN`.
fn edited(edits: &[(&str, &str)]) -> (String, String, String) {
    let mut text = BASE.to_owned();
    for (from, to) in edits {
        match *from {
            "" => text.push_str(to),
            from => {
                assert!(text.contains(from), "the base has no {from:?}");
                text = text.replacen(from, to, 1);
            }
        }
    }
    let at = text.find('¦').expect("an edit marks the place with ¦");
    let start = text[..at].rfind('\n').map_or(0, |it| it + 1);
    let place = format!(
        "stack.toml:{}:{}",
        text[..at].matches('\n').count() + 1,
        text[start..at].chars().count() + 1
    );
    let text = text.replacen('¦', "", 1);
    let line = text[start..].lines().next().unwrap_or_default().to_owned();
    (text, place, line)
}

/// What is missing in the output, with the output; empty when all is well.
fn faults(case: &Case, command: &str, endpoint: &str) -> String {
    let (text, place, line) = edited(case.edits);
    let folder = folder(text.as_bytes());
    if let Some(zip) = case.zip {
        fs::write(folder.path().join("users.zip"), zip()).unwrap();
    }
    let output = run(folder.path(), &[command], endpoint);
    let mut faults = String::new();
    let mut expect = |is_so: bool, what: &str| {
        if !is_so {
            let _ = writeln!(faults, "  {what}");
        }
    };
    expect(
        output.code == Some(11),
        &format!("exit code {:?}, not 11", output.code),
    );
    expect(output.stdout.is_empty(), "something on stdout");
    let places = output.stderr.matches("--> ").count();
    expect(places == 1, &format!("{places} places shown, not one"));
    let has = |words: &str| output.stderr.contains(words);
    expect(has(&format!("--> {place}\n")), &format!("not at {place}"));
    // A long line is shown in part.
    expect(
        line.len() > 140 || has(line.trim_end()),
        "the line is not shown",
    );
    expect(has(case.message), &format!("no words {:?}", case.message));
    let help = output.stderr.split("help: ").nth(1).unwrap_or_default();
    expect(
        help.contains(case.help),
        &format!("no help {:?}", case.help),
    );
    match faults.is_empty() {
        true => faults,
        false => format!("{} ({command}):\n{faults}{}\n", case.name, output.stderr),
    }
}

/// All that `wsctl validate` says of a case.
pub(crate) fn told(name: &str) -> String {
    let case = CASES.iter().chain(CODE).find(|case| case.name == name);
    let case = case.unwrap_or_else(|| panic!("no case {name:?}"));
    let folder = folder(edited(case.edits).0.as_bytes());
    if let Some(zip) = case.zip {
        fs::write(folder.path().join("users.zip"), zip()).unwrap();
    }
    run(folder.path(), &["validate"], "http://127.0.0.1:9").stderr
}

#[test]
fn every_mistake_is_shown_at_its_place_with_what_to_write() {
    let counter = Counter::new();
    let faults: String = CASES
        .iter()
        .map(|case| faults(case, "validate", &counter.url))
        .collect();
    assert!(faults.is_empty(), "\n{faults}");
    assert_eq!(counter.count(), 0, "requests were made");
}

#[test]
fn plan_and_apply_make_no_request_for_a_bad_file() {
    let counter = Counter::new();
    let mut found = String::new();
    for case in CASES.iter().step_by(7).chain(CODE) {
        for command in ["plan", "apply"] {
            found += &faults(case, command, &counter.url);
        }
    }
    assert!(found.is_empty(), "\n{found}");
    assert_eq!(counter.count(), 0, "requests were made");
}

#[test]
fn a_good_file_does_reach_for_aws() {
    let counter = Counter::new();
    let folder = folder(b"[stack]\nname = \"demo\"\nregion = \"eu-west-1\"\n");
    let output = run(folder.path(), &["plan"], &counter.url);
    assert_eq!(output.code, Some(1), "{}", output.stderr);
    assert!(counter.count() > 0);
}

#[test]
fn the_base_is_valid() {
    let folder = folder(BASE.as_bytes());
    let output = run(folder.path(), &["validate"], "http://127.0.0.1:1");
    assert_eq!(
        (output.code, output.stderr.matches("warning[").count()),
        (Some(0), 1)
    );
    assert!(
        output
            .stderr
            .contains("users.zip is not there\n  --> stack.toml:17:7"),
        "{}",
        output.stderr
    );
    assert!(
        output.stdout.starts_with("stack.toml is valid: "),
        "{}",
        output.stdout
    );
}

#[test]
fn validate_opens_the_zip_that_is_there() {
    let faults: String = CODE
        .iter()
        .filter(|it| it.zip.is_some())
        .map(|it| faults(it, "validate", "http://127.0.0.1:1"))
        .collect();
    assert!(faults.is_empty(), "\n{faults}");
}

#[test]
fn a_runtime_that_is_newer_than_wsctl_is_a_warning() {
    let edits = [(
        "zip =",
        "runtime = ¦\"nodejs26.x\"\nhandler = \"index.handler\"\nzip =",
    )];
    let (text, place, _) = edited(&edits);
    let output = run(
        folder(text.as_bytes()).path(),
        &["validate"],
        "http://127.0.0.1:1",
    );
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    for words in [
        "warning[unknown-runtime]: wsctl does not know the runtime nodejs26.x",
        &place,
    ] {
        assert!(output.stderr.contains(words), "{words}: {}", output.stderr);
    }
}

#[test]
fn the_implicit_grant_is_a_warning() {
    let (text, place, _) = edited(&[("oauth_grants = [", "oauth_grants = ¦[\"implicit\", ")]);
    let output = run(
        folder(text.as_bytes()).path(),
        &["validate"],
        "http://127.0.0.1:1",
    );
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    for words in [
        "warning[implicit-grant]: implicit puts tokens into the browser's address bar",
        &place,
        "with PKCE",
    ] {
        assert!(output.stderr.contains(words), "{words}: {}", output.stderr);
    }
}

#[test]
fn what_can_be_and_is_hardly_meant_is_a_warning() {
    let login = "[user_pool.custom_domain]\nname = \"auth.example.com\"\n\
        certificate_arn = \"arn:aws:acm:us-east-1:123456789012:certificate/a\"\n";
    let passkeys = "first_factors = [\"WEB_AUTHN\"]\n[user_pool.mfa]\nmode = \"off\"\n[user_pool.mfa.passkeys]\n";
    let name = "¦[domain_names.public]\nname = \"api.example.com\"\n\
        certificate_arn = \"arn:aws:acm:eu-west-1:123456789012:certificate/a\"\n";
    let audit = "feature_plan = \"PLUS\"\nthreat_protection = \"AUDIT\"\n\
        risk_configuration = ¦{ blocked_ip_ranges = [\"192.0.2.0/24\"] }\n";
    let of_other = format!("{passkeys}relying_party = ¦\"example.com\"\n{login}");
    let of_login = format!("{passkeys}relying_party = \"auth.example.com\"\n{login}");
    let weak = format!("{passkeys}multi_factor = true\nuser_verification = ¦\"preferred\"\n");
    for (added, warning, help) in [
        (
            &*of_other,
            "the login's pages take passkeys of their own name alone",
            "write \"auth.example.com\"",
        ),
        (
            &*weak,
            "counts as both factors",
            "write user_verification = \"required\"",
        ),
        (
            audit,
            "with AUDIT it is only noted down",
            "set threat_protection = \"ENFORCED\"",
        ),
        (name, "no API answers at this name", "set base_paths to"),
    ] {
        let sign_in = "sign_in = [\"email\"]";
        let more = format!("{sign_in}\n{added}");
        let (text, place, _) = edited(&[(sign_in, more.as_str())]);
        let output = run(
            folder(text.as_bytes()).path(),
            &["validate"],
            "http://127.0.0.1:1",
        );
        assert_eq!(output.code, Some(0), "{}", output.stderr);
        for words in ["warning[", warning, help, &place] {
            assert!(output.stderr.contains(words), "{words}: {}", output.stderr);
        }
    }
    let text = BASE.replace(
        "sign_in = [\"email\"]",
        &format!("sign_in = [\"email\"]\n{of_login}"),
    );
    let output = run(
        folder(text.as_bytes()).path(),
        &["validate"],
        "http://127.0.0.1:1",
    );
    assert_eq!(output.code, Some(0), "{}", output.stderr);
    let said = &output.stderr;
    assert!(!said.contains("passkeys of their own name"), "{said}");
}

#[test]
fn several_mistakes_are_shown_from_the_top_down() {
    let (text, ..) = edited(&[
        ("people", "people¦"),
        ("openid\"]", "openid\"]\nsecrets = true"),
    ]);
    let text = text
        .replace("[\"email\"]", "[\"emial\"]")
        .replace("name = \"dev\"", "name = \"a b\"");
    let output = run(
        folder(text.as_bytes()).path(),
        &["validate"],
        "http://127.0.0.1:1",
    );
    assert!(
        output
            .stderr
            .starts_with("error: stack.toml has 3 mistakes"),
        "{}",
        output.stderr
    );
    let places: Vec<_> = output
        .stderr
        .lines()
        .filter_map(|line| line.trim().strip_prefix("--> "))
        .collect();
    assert_eq!(
        places,
        ["stack.toml:7:12", "stack.toml:13:1", "stack.toml:24:8"]
    );
}

#[test]
fn lines_that_end_as_on_windows_have_the_same_places() {
    let (text, place, _) = edited(&[("sign_in", "¦sing_in")]);
    let output = run(
        folder(text.replace('\n', "\r\n").as_bytes()).path(),
        &["validate"],
        "http://[::1]:1",
    );
    assert!(output.stderr.contains(&place), "{}", output.stderr);
}

/// Runs `validate` with these arguments; the error has to have these words.
fn refuses(folder: &Path, arguments: &[&str], words: &[&str]) {
    let arguments: Vec<_> = ["validate"].iter().chain(arguments).copied().collect();
    let output = run(folder, &arguments, "http://127.0.0.1:1");
    assert!(matches!(output.code, Some(10 | 11)), "{:?}", output.code);
    assert_eq!(output.stdout, "");
    for words in words {
        assert!(output.stderr.contains(words), "{words}: {}", output.stderr);
    }
}

#[test]
fn a_file_that_is_no_stack_toml_is_named_with_what_to_do() {
    let folder = folder(b"[stack]\nname = \"\xff\"\n");
    refuses(
        folder.path(),
        &[],
        &[
            "stack.toml:2:9: this is not UTF-8 text",
            "hint: save the file as UTF-8",
        ],
    );
    refuses(
        folder.path(),
        &["-f", "none.toml"],
        &["cannot read none.toml", "hint: run wsctl in the folder"],
    );
    refuses(
        folder.path(),
        &["-f", "."],
        &[
            ". is a folder",
            "hint: name the file in it: --file ./stack.toml",
        ],
    );
    fs::write(folder.path().join("empty.toml"), "").unwrap();
    refuses(
        folder.path(),
        &["-f", "empty.toml"],
        &["the file lacks `stack`", "--> empty.toml:1:1"],
    );
    fs::write(folder.path().join("large.toml"), "#".repeat(2 << 20)).unwrap();
    refuses(
        folder.path(),
        &["-f", "large.toml"],
        &["larger than 1 MiB", "is this the right file?"],
    );
}

#[test]
fn a_bad_region_on_the_command_line_is_not_the_files_mistake() {
    let folder = folder(BASE.as_bytes());
    refuses(
        folder.path(),
        &["--region", "europe"],
        &[
            "--region europe: this is not an AWS region",
            "ap-southeast-1",
        ],
    );
}
