//! What an attendee made in the console, by an AWS client that is not wsctl's: boto3, which moto
//! brings along.

use serde_json::Value;
use std::path::PathBuf;

pub(crate) struct Console {
    python: PathBuf,
    account: String,
    endpoint: String,
}

impl Console {
    pub(crate) async fn of(account: &str) -> Self {
        let (python, endpoint) = (
            super::moto::python().await,
            super::ministack().await.to_owned(),
        );
        Self {
            python,
            account: account.to_owned(),
            endpoint,
        }
    }

    /// Makes the API, the function, its role and its secret.
    pub(crate) async fn make(&self) {
        self.run("make").await;
    }

    /// Makes a user pool with a client, a domain and a group; answers its id and the client's secret.
    pub(crate) async fn make_pool(&self) -> Value {
        self.run("pool").await
    }

    /// Everything of it, but for times and revision ids.
    pub(crate) async fn snapshot(&self) -> Value {
        self.run("snapshot").await
    }

    /// Everything is as in an earlier snapshot.
    pub(crate) async fn is_as(&self, before: &Value) {
        let after = self.snapshot().await;
        for (key, value) in before.as_object().unwrap() {
            assert_eq!(&after[key], value, "{key} is not as it was");
        }
    }

    async fn run(&self, command: &str) -> Value {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/support/console.py");
        let mut python = tokio::process::Command::new(&self.python);
        python.args([
            script,
            &self.endpoint,
            super::REGION,
            &self.account,
            command,
        ]);
        python
            .env("AWS_SECRET_ACCESS_KEY", super::key())
            .env("AWS_EC2_METADATA_DISABLED", "true");
        let output = python.output().await.unwrap();
        let error = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{error}");
        serde_json::from_slice(&output.stdout).unwrap()
    }
}
