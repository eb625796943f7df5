//! Secrets that are planted stay where they are: no command writes one anywhere, whether it works
//! or fails, for people or for programs.

use crate::support::{
    self,
    program::{Place, Run},
    story::{self, Story, uncalled},
    user,
    wire::Verdict,
};
use clap::CommandFactory;
use std::{
    collections::BTreeSet,
    fs,
    path::Path,
    process::{Command, Stdio},
    time::Duration,
};
use tempfile::NamedTempFile;
use tokio::time::timeout;
use wsctl::{aws::Aws, cli::Cli};

const STACK: &str = r#"
[stack]
name = "canary"
region = "eu-west-1"

[user_pool]
name = "people"
sign_in = ["email"]

[user_pool.clients.server]
name = "server"
secret = true
auth_flows = ["ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

[user_pool.clients.spa]
name = "spa"
auth_flows = ["ALLOW_ADMIN_USER_PASSWORD_AUTH", "ALLOW_USER_PASSWORD_AUTH", "ALLOW_REFRESH_TOKEN_AUTH"]

[secrets.made]
name = "made"
generate = ["password"]

[secrets.given]
name = "given"
from_env = "CANARY_GIVEN"

[functions.users]
name = "users"
zip = "users.zip"
environment = { TOKEN = "${env.CANARY_FUNCTION}", PLACE = "here" }
"#;

const PLANTED: [(&str, &str); 2] = [
    ("CANARY_GIVEN", "canary-given-to-a-secret"),
    ("CANARY_FUNCTION", "canary-in-a-function"),
];

/// Everything that was planted or made, and everything that was written.
struct Aviary {
    place: Place,
    canaries: BTreeSet<String>,
    written: Vec<(String, String)>,
}

impl Aviary {
    async fn new() -> Self {
        let place = Place::new().await;
        fs::copy(&uncalled().path, place.folder.path().join("users.zip")).unwrap();
        fs::write(place.folder.path().join("stack.toml"), STACK).unwrap();
        // What signs the requests is one too.
        let mut canaries = BTreeSet::from(PLANTED.map(|(_, secret)| secret.to_owned()));
        canaries.insert(support::key().to_owned());
        Self {
            place,
            canaries,
            written: vec![],
        }
    }

    /// Runs a command plainly, as JSON, and telling all it can tell.
    fn run(&mut self, arguments: &[&str], code: i32) {
        let trace = format!("trace-{}.jsonl", self.written.len());
        for more in [&[][..], &["--json"], &["-v"], &["--trace", &trace]] {
            let arguments = [arguments, more].concat();
            let run = Run::from(self.command(&arguments).output().unwrap());
            let is_usage = run.err.contains("cannot be used with");
            assert!(
                (run.code == 0) == (code == 0) || is_usage,
                "{arguments:?}: {}\n{}",
                run.out,
                run.err
            );
            self.written
                .push((format!("{arguments:?}"), run.out + &run.err));
        }
    }

    /// Runs every command there is as it stands, also those that these tests do not know. Most say
    /// what they lack; one that waits for something is ended.
    async fn run_all(&mut self) {
        for words in commands(&Cli::command())
            .into_iter()
            .filter(|it| it[0] != "sandbox")
        {
            let words: Vec<_> = words.iter().map(String::as_str).collect();
            let mut command = self.command(&words);
            let said = NamedTempFile::new().unwrap();
            let written = said.reopen().unwrap();
            command.stdout(written.try_clone().unwrap()).stderr(written);
            let ends = tokio::process::Command::from(command)
                .kill_on_drop(true)
                .status();
            if let Ok(ended) = timeout(Duration::from_secs(10), ends).await {
                ended.unwrap();
            }
            let said = std::fs::read(said.path()).unwrap();
            self.written.push((
                format!("{words:?}"),
                String::from_utf8_lossy(&said).into_owned(),
            ));
        }
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.place.command(arguments);
        command
            .envs(PLANTED)
            .env("RUST_LOG", "trace")
            .env("RUST_BACKTRACE", "full")
            .stdin(Stdio::null());
        command
    }

    fn edit(&self, old: &str, new: &str) {
        self.place.edit(old, new);
    }

    /// What AWS made or gives out: a client's secret, a password, a user's tokens.
    async fn catch(&mut self, aws: &Aws) {
        let pools = aws
            .cognito
            .list_user_pools()
            .max_results(60)
            .send()
            .await
            .unwrap();
        let pool = pools.user_pools()[0].id().unwrap();
        let list = aws
            .cognito
            .list_user_pool_clients()
            .user_pool_id(pool)
            .max_results(60);
        let clients = list.send().await.unwrap();
        let id = |name: &str| {
            let client = clients
                .user_pool_clients()
                .iter()
                .find(|it| it.client_name() == Some(name));
            client.unwrap().client_id().unwrap().to_owned()
        };
        let server = aws
            .cognito
            .describe_user_pool_client()
            .user_pool_id(pool)
            .client_id(id("server"));
        let server = server.send().await.unwrap().user_pool_client.unwrap();
        self.canaries
            .insert(server.client_secret().unwrap().to_owned());
        let made = aws
            .secrets
            .get_secret_value()
            .secret_id("made")
            .send()
            .await
            .unwrap();
        let made: serde_json::Value = serde_json::from_str(made.secret_string().unwrap()).unwrap();
        self.canaries
            .insert(made["password"].as_str().unwrap().to_owned());
        let token = user::id_token(aws, pool, &id("spa"), "ann@example.com").await;
        self.canaries.insert(token);
    }

    /// Every place where a canary is seen: what was printed, and the files beside stack.toml.
    fn seen(&self) -> Vec<String> {
        let mut texts = self.written.clone();
        for file in files(self.place.folder.path()) {
            let text = String::from_utf8_lossy(&fs::read(&file).unwrap()).into_owned();
            texts.push((file.display().to_string(), text));
        }
        let sees = |text: &str| self.canaries.iter().find(|canary| text.contains(*canary));
        let seen = texts
            .iter()
            .filter_map(|(place, text)| Some(format!("{} in {place}: {text}", sees(text)?)));
        seen.collect()
    }
}

/// Every command with its subcommands, as one types them.
fn commands(of: &clap::Command) -> Vec<Vec<String>> {
    let below = of
        .get_subcommands()
        .filter(|it| it.get_name() != "help")
        .flat_map(|command| {
            let name = vec![command.get_name().to_owned()];
            let longer = commands(command)
                .into_iter()
                .map(|rest| [name.clone(), rest].concat());
            if command.has_subcommands() {
                longer.collect()
            } else {
                vec![name]
            }
        });
    below.collect()
}

fn files(folder: &Path) -> Vec<std::path::PathBuf> {
    let entries = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
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

#[tokio::test]
async fn no_secret_is_in_anything_that_any_command_writes() {
    let mut aviary = Aviary::new().await;
    let aws = support::connect(aviary.place.account.clone(), None).await;
    aviary.run(&["plan", "--out", "plan.json"], 0);
    aviary.run(&["apply"], 1);
    aviary.run(&["apply", "--yes"], 0);
    aviary.catch(&aws).await;
    aviary.run_all().await;
    for command in ["validate", "plan", "outputs", "package", "unlock"] {
        aviary.run(&[command], 0);
    }
    aviary.run(&["outputs", "--env"], 0);
    aviary.run(&["apply", "--plan", "plan.json"], 1);
    // The function's live environment and the file's differ.
    aviary.edit(
        "TOKEN = \"${env.CANARY_FUNCTION}\"",
        "TOKEN = \"${env.CANARY_GIVEN}\"",
    );
    aviary.run(&["plan", "--out", "update.json"], 0);
    // Mistakes of which the environment is a part, a refusal, and an AWS that does not answer.
    aviary.edit(
        "PLACE = \"here\" }",
        "PLACE = \"here\" }\nmemory = \"${env.CANARY_FUNCTION}\"",
    );
    aviary.run(&["validate"], 1);
    aviary.edit("memory = \"${env", "timeout = \"${env");
    aviary.run(&["plan"], 1);
    aviary.edit(
        "timeout = \"${env.CANARY_FUNCTION}\"",
        "architecture = \"${env.CANARY_FUNCTION}\"",
    );
    aviary.run(&["apply", "--yes"], 1);
    aviary.edit("architecture = \"${env.CANARY_FUNCTION}\"\n", "\n");
    aviary.run(&["destroy", "--yes"], 1);
    let endpoint = std::mem::replace(&mut aviary.place.endpoint, "http://127.0.0.1:1".into());
    aviary.run(&["outputs"], 1);
    aviary.place.endpoint = endpoint;
    aviary.run(&["destroy", "--yes", "--delete-users", "people"], 0);
    let seen = aviary.seen();
    assert!(seen.is_empty(), "{}", seen.join("\n"));
}

/// AWS may quote what it refuses.
#[tokio::test]
async fn an_answer_that_quotes_a_secret_is_told_without_it() {
    let text = STACK.replace(
        "TOKEN = \"${env.CANARY_FUNCTION}\"",
        "TOKEN = \"${env.PLANTED}\"",
    );
    let text = text.replace(
        "zip = \"users.zip\"",
        &format!("zip = {:?}", uncalled().path),
    );
    let text = text.replace(
        "[secrets.given]\nname = \"given\"\nfrom_env = \"CANARY_GIVEN\"\n",
        "",
    );
    let story = Story::of(&text).await;
    let sent = std::sync::Arc::new(std::sync::Mutex::new(vec![]));
    let noted = std::sync::Arc::clone(&sent);
    story.wire.on(move |asked| {
        let quotes = asked.operation == "CreateSecret" || asked.operation == "POST /2015-03-31/functions";
        if !quotes {
            return Verdict::Pass;
        }
        noted.lock().unwrap().push(asked.body.clone());
        let body = serde_json::json!({ "__type": "InvalidParameterValueException", "message": asked.body });
        Verdict::Answer(400, body.to_string(), vec![])
    });
    let report = story.try_apply().await;
    let told = format!("{:?} {:?}", report.results, wsctl::view::results(&report))
        + &wsctl::view::failures(&report);
    let sent = sent.lock().unwrap().join("\n");
    assert!(
        sent.contains(story::PLANTED.1) && sent.contains("password"),
        "{sent}"
    );
    assert!(told.contains("(hidden)"), "{told}");
    assert!(!told.contains(story::PLANTED.1), "{told}");
    let sent: serde_json::Value =
        serde_json::from_str(sent.lines().find(|it| it.contains("password")).unwrap()).unwrap();
    let made: serde_json::Value =
        serde_json::from_str(sent["SecretString"].as_str().unwrap()).unwrap();
    assert!(!told.contains(made["password"].as_str().unwrap()), "{told}");
}
