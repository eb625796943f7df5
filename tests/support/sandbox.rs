//! The program in a folder of its own, with its own sandbox and the sandbox's PostgreSQL.

#[path = "../../lambda/tests/support/postgres/programs.rs"]
mod programs;

use super::{program::Run, story::handler};
use serde_json::Value;
use std::{
    io::Write,
    path::Path,
    process::{Command, Stdio},
};
use wsctl::{
    aws::{Aws, Credentials, Target},
    sandbox::{Host, Running},
};

/// PostgreSQL's programs have to be readable for whom the server runs as.
fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

/// Where PostgreSQL's programs are.
pub(crate) fn installed_postgres() -> &'static Path {
    programs::folder()
}

/// A stack folder whose sandbox ends with the test.
pub(crate) struct Sandbox(tempfile::TempDir);

/// Runs a command with these lines on its standard input.
pub(crate) fn answered(mut command: Command, lines: &[&str]) -> Run {
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let input: String = lines.iter().map(|line| format!("{line}\n")).collect();
    // It may not read all of it.
    let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
    Run::from(child.wait_with_output().unwrap())
}

impl Sandbox {
    /// With the repository's own stack.toml; nothing is applied yet.
    pub(crate) fn new() -> Self {
        let text = include_str!("../../stack.toml");
        let text = text.replace("crate = \"lambda\"", &format!("zip = {:?}", handler().path));
        Self::of(&text, &[])
    }

    /// With nothing in its folder.
    pub(crate) fn empty() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    /// With this stack.toml and these files beside it, by their paths; nothing is applied yet.
    pub(crate) fn of(stack: &str, files: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for (name, text) in [&[("stack.toml", stack)], files].concat() {
            let path = folder.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        Self(folder)
    }

    pub(crate) fn folder(&self) -> &Path {
        self.0.path()
    }

    /// Changes stack.toml, wherever `old` is in it.
    pub(crate) fn edit(&self, old: &str, new: &str) {
        let path = self.folder().join("stack.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "no {old:?} in stack.toml");
        std::fs::write(path, text.replace(old, new)).unwrap();
    }

    /// The program with these arguments, to be run.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wsctl"));
        command
            .args(arguments)
            .current_dir(self.folder())
            .stdin(Stdio::null());
        command.env("WSCTL_POSTGRES", programs::folder());
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        let said = Run::from(self.command(arguments).output().unwrap());
        if said.code != 0 {
            eprintln!("{}{}", said.out, said.err);
        }
        said
    }

    /// Runs it in the sandbox with these lines on its standard input; it has to end with this code, where 1
    /// stands for any error.
    #[track_caller]
    pub(crate) fn answer(&self, code: i32, arguments: &[&str], lines: &[&str]) -> Run {
        let said = answered(self.command(&[arguments, &["--sandbox"]].concat()), lines);
        assert!(
            said.ended_with(code),
            "{arguments:?}: {} instead of {code}\n{}{}",
            said.code,
            said.out,
            said.err
        );
        said
    }

    pub(crate) fn apply(&self) {
        assert_eq!(self.run(&["apply", "--sandbox", "--yes"]).code, 0);
    }

    /// What is there is as the file has it.
    pub(crate) fn plan_is_empty(&self) {
        let said = self.run(&["plan", "--sandbox", "--detailed-exitcode"]);
        assert_eq!(said.code, 0, "{}{}", said.out, said.err);
    }

    /// The outputs of what is applied.
    pub(crate) fn outputs(&self) -> Outputs {
        self.outputs_with("WSCTL_TEST", "")
    }

    /// The same, of a file that needs this variable.
    pub(crate) fn outputs_with(&self, variable: &str, value: &str) -> Outputs {
        let mut command = self.command(&["outputs", "--sandbox", "--json"]);
        let said = Run::from(command.env(variable, value).output().unwrap());
        let values = said.json();
        let sandbox =
            wsctl::sandbox::Sandbox::within(self.folder(), Host::from_env().unwrap()).unwrap();
        let running = sandbox.status().unwrap().unwrap();
        Outputs {
            values,
            running,
            sandbox,
        }
    }
}

impl Drop for Sandbox {
    fn drop(&mut self) {
        self.run(&["sandbox", "reset", "--yes"]);
    }
}

pub(crate) struct Outputs {
    values: Value,
    running: Running,
    sandbox: wsctl::sandbox::Sandbox,
}

/// The sandbox's database, as whoever is on this machine reaches it.
pub(crate) struct Database {
    port: u16,
    login: Value,
}

impl Database {
    /// The user and the password that the sandbox's secret holds.
    pub(crate) fn login(&self) -> (String, String) {
        let text = |name: &str| self.login[name].as_str().unwrap().to_owned();
        (text("username"), text("password"))
    }

    pub(crate) async fn connect(
        &self,
        user: &str,
        password: &str,
        name: &str,
    ) -> Result<tokio_postgres::Client, tokio_postgres::Error> {
        let mut config = tokio_postgres::Config::new();
        config
            .host("127.0.0.1")
            .port(self.port)
            .user(user)
            .password(password)
            .dbname(name);
        let (client, connection) = config.connect(tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        Ok(client)
    }
}

impl Outputs {
    pub(crate) fn get(&self, name: &str) -> String {
        self.values[name]
            .as_str()
            .unwrap_or_else(|| panic!("no output {name}"))
            .to_owned()
    }

    pub(crate) fn database(&self) -> Database {
        let read = |name: &str| std::fs::read_to_string(self.sandbox.folder().join(name)).unwrap();
        Database {
            port: read("postgres.port").parse().unwrap(),
            login: serde_json::from_str(&read("postgres.json")).unwrap(),
        }
    }

    /// What signs the sandbox's requests.
    pub(crate) fn key(&self) -> &str {
        self.running.keys.secret_access_key()
    }

    /// Clients of the sandbox's AWS.
    pub(crate) async fn aws(&self) -> Aws {
        let endpoint_url = Some(self.running.endpoint_url.clone());
        let (region, credentials) = (
            self.get("region"),
            Credentials::Emulator(self.running.keys.clone()),
        );
        Aws::connect(Target {
            region,
            endpoint_url,
            credentials,
            ..Target::default()
        })
        .await
    }
}
