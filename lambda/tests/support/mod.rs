//! What the tests and the benchmark drive: the real `bootstrap` behind a Runtime API of their
//! own, a real PostgreSQL, and a small Secrets Manager. All of it listens on 127.0.0.1 only and
//! ends with the process that started it, also when that is killed.

pub(crate) mod event;
pub(crate) mod function;
mod http;
pub(crate) mod postgres;
pub(crate) mod secrets;
pub(crate) mod tether;

use function::Function;
use postgres::{Cluster, Database};
use secrets::Secrets;

/// The name of the secret in every test.
pub(crate) const SECRET: &str = "workshop/db";

/// A database of its own, the secret that opens it, and the settings to reach it.
pub(crate) struct World {
    pub(crate) database: Database,
    pub(crate) secrets: Secrets,
}

impl World {
    /// On the PostgreSQL that all tests of this process share.
    pub(crate) fn new() -> Self {
        Self::on(Cluster::shared())
    }

    pub(crate) fn on(cluster: &Cluster) -> Self {
        let database = cluster.database();
        let secrets = Secrets::start(&database.user, &database.password);
        Self { database, secrets }
    }

    /// The environment of a function that is set up as it should be.
    pub(crate) fn settings(&self) -> Vec<(String, String)> {
        let cluster = self.database.authority.display().to_string();
        let settings = [
            ("DB_HOST", "localhost".to_owned()),
            ("DB_PORT", self.database.port.to_string()),
            ("DB_NAME", self.database.name.clone()),
            ("DB_CA_FILE", cluster),
            ("SECRET_NAME", SECRET.to_owned()),
            ("AWS_ENDPOINT_URL", self.secrets.url.clone()),
            (
                "ALLOWED_ORIGINS",
                "https://app.example.com,http://localhost:3000".to_owned(),
            ),
        ];
        settings
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect()
    }

    /// A function that is set up as it should be.
    pub(crate) fn function(&self) -> Function {
        self.function_with(&[])
    }

    /// A function with some settings of its own; an empty value takes one away.
    pub(crate) fn function_with(&self, settings: &[(&str, &str)]) -> Function {
        let own = settings
            .iter()
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Function::start(self.settings().into_iter().chain(own))
    }
}
