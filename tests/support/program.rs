//! The program as its user runs it: a folder with a stack.toml, and an account of MiniStack.

use super::story::uncalled;
use serde_json::Value;
use std::{
    path::Path,
    process::{Command, Output, Stdio},
};
use tempfile::TempDir;

/// A folder with a stack.toml, and an account of MiniStack.
pub(crate) struct Place {
    pub(crate) folder: TempDir,
    pub(crate) account: String,
    pub(crate) endpoint: String,
}

impl Place {
    /// With the repository's own stack.toml.
    pub(crate) async fn new() -> Self {
        Self::of(include_str!("../../stack.toml")).await
    }

    /// With this stack.toml; its functions are never called.
    pub(crate) async fn of(text: &str) -> Self {
        Self::in_account(text, super::account()).await
    }

    pub(crate) async fn in_account(text: &str, account: String) -> Self {
        let text = text.replace("ap-southeast-1", super::REGION);
        let zip = format!("zip = {:?}", uncalled().path);
        let text = text
            .replace("crate = \"lambda\"", &zip)
            .replace("crate = \"../lambda\"", &zip);
        let text = text.replace("crate = \"../../lambda\"", &zip);
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("stack.toml"), text).unwrap();
        Self {
            folder,
            account,
            endpoint: super::ministack().await.to_owned(),
        }
    }

    pub(crate) fn edit(&self, old: &str, new: &str) {
        let path = self.folder.path().join("stack.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(old), "no {old:?}");
        std::fs::write(path, text.replacen(old, new, 1)).unwrap();
    }

    /// wsctl with these arguments, in the folder, on the account.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_wsctl"));
        command
            .args(["--endpoint-url", &self.endpoint])
            .args(arguments)
            .current_dir(self.folder.path());
        command
            .env("AWS_ACCESS_KEY_ID", &self.account)
            .env("AWS_SECRET_ACCESS_KEY", super::key());
        command.env("AWS_EC2_METADATA_DISABLED", "true");
        command.env_remove("WSCTL_SANDBOX").env("WSCTL_CONFIG", "");
        // What examples/social-login.toml names.
        for name in ["GOOGLE_CLIENT_SECRET", "COMPANY_CLIENT_SECRET"] {
            command.env(name, "not-a-real-secret");
        }
        command
    }

    pub(crate) fn run(&self, arguments: &[&str]) -> Run {
        Run::of(self.command(arguments), self.folder.path())
    }
}

pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Run {
    pub(crate) fn of(mut command: Command, folder: &Path) -> Self {
        command
            .current_dir(folder)
            .stdin(Stdio::null())
            .env("AWS_EC2_METADATA_DISABLED", "true");
        Self::from(command.output().unwrap())
    }

    pub(crate) fn from(output: Output) -> Self {
        let Output {
            status,
            stdout,
            stderr,
        } = output;
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Self {
            code: status.code().unwrap(),
            out: text(stdout),
            err: text(stderr),
        }
    }

    /// Whether its exit code is this one, where 1 stands for any error.
    pub(crate) fn ended_with(&self, code: i32) -> bool {
        self.code == code || (code == 1 && self.code >= 10)
    }

    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}: {}\n{}", self.out, self.err))
    }
}
