//! The database's user and password, from Secrets Manager: fetched once, and again when the
//! server refuses them, since RDS rotates them.

use crate::answer::Refusal;
use aws_config::{
    BehaviorVersion, environment::region::EnvironmentVariableRegionProvider, retry::RetryConfig,
    timeout::TimeoutConfig,
};
use aws_sdk_secretsmanager::{
    Client, error::SdkError, operation::get_secret_value::GetSecretValueError,
};
use serde_json::Value;
use std::{error::Error, sync::Mutex, time::Duration};
use tokio::sync::OnceCell;

/// A secret's value while RDS rotates it: the new one is staged before the server gets it.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Stage {
    Current,
    Pending,
}

/// What the secret tells. It has no `Debug`, since it holds the password.
#[derive(Clone, PartialEq)]
pub(crate) struct Login {
    pub(crate) username: String,
    pub(crate) password: String,
    pub(crate) host: Option<String>,
    pub(crate) port: Option<u16>,
    pub(crate) database: Option<String>,
}

/// One secret and what was last read of it.
pub(crate) struct Secret {
    id: String,
    client: OnceCell<Client>,
    known: Mutex<Option<Login>>,
}

impl Secret {
    pub(crate) fn new(id: &str) -> Self {
        Self {
            id: id.to_owned(),
            client: OnceCell::new(),
            known: Mutex::new(None),
        }
    }

    /// The login that worked last, without asking again.
    pub(crate) fn known(&self) -> Option<Login> {
        self.known.lock().ok()?.clone()
    }

    /// Remembers a login that worked.
    pub(crate) fn remember(&self, login: Login) {
        if let Ok(mut known) = self.known.lock() {
            *known = Some(login);
        }
    }

    /// Asks Secrets Manager. `None` where the secret has no value of this stage.
    pub(crate) async fn fetch(&self, stage: Stage) -> Result<Option<Login>, Refusal> {
        let client = self.client.get_or_init(connect).await;
        let mut request = client.get_secret_value().secret_id(&self.id);
        if let Stage::Pending = stage {
            request = request.version_stage("AWSPENDING");
        }
        match (request.send().await, stage) {
            (Ok(output), _) => login(output.secret_string()).map(Some).map_err(unavailable),
            // No rotation is in progress, or has just ended.
            (Err(SdkError::ServiceError(_)), Stage::Pending) => Ok(None),
            (Err(error), _) => Err(unavailable(describe(&error))),
        }
    }
}

/// Every attempt and both together end long before the function does.
async fn connect() -> Client {
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(1))
        .operation_attempt_timeout(Duration::from_millis(1_500))
        .operation_timeout(Duration::from_millis(2_500));
    let config = aws_config::defaults(BehaviorVersion::latest())
        .region(EnvironmentVariableRegionProvider::new())
        .timeout_config(timeouts.build())
        .retry_config(RetryConfig::standard().with_max_attempts(2));
    Client::new(&config.load().await)
}

fn unavailable(cause: String) -> Refusal {
    Refusal::unavailable(
        "The database's secret is unavailable, try again later",
        cause,
    )
}

/// Says what went wrong. An answer that cannot be read may hold the password, so the SDK's own
/// `Debug` text is not for the log.
fn describe(error: &SdkError<GetSecretValueError>) -> String {
    let mut said = "the secret cannot be fetched".to_owned();
    let mut next = match error {
        SdkError::ResponseError(_) => None,
        other => Some(other as &dyn Error),
    };
    while let Some(error) = next {
        said.push_str(": ");
        said.push_str(&error.to_string());
        next = error.source();
    }
    said
}

/// Reads the secret's text. What is wrong with it is said without quoting it.
fn login(text: Option<&str>) -> Result<Login, String> {
    let text = text.ok_or("the secret's value is not text")?;
    let value: Value = serde_json::from_str(text).map_err(|_| "the secret is not JSON")?;
    let key = |name: &str| {
        value[name]
            .as_str()
            .filter(|it| !it.is_empty())
            .map(ToOwned::to_owned)
    };
    Ok(Login {
        username: key("username").ok_or("the secret has no key username")?,
        password: key("password").ok_or("the secret has no key password")?,
        host: key("host"),
        port: port(&value["port"])?,
        database: key("dbname").or_else(|| key("database")),
    })
}

/// A number, or one in quotes as the console writes it.
fn port(value: &Value) -> Result<Option<u16>, String> {
    let port = match value {
        Value::Null => return Ok(None),
        Value::String(text) => text.parse().ok(),
        other => other.as_u64().and_then(|it| u16::try_from(it).ok()),
    };
    port.map(Some)
        .ok_or_else(|| "the secret's port is not a port number".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: Option<&str>) -> String {
        login(text).err().expect("a refusal")
    }

    #[test]
    fn the_secret_that_rds_makes_has_a_user_and_a_password_only() {
        let login = login(Some(r#"{"username":"postgres","password":"p"}"#)).expect("a login");
        assert_eq!(
            (login.username.as_str(), login.password.as_str()),
            ("postgres", "p")
        );
        assert!(login.host.is_none() && login.port.is_none() && login.database.is_none());
    }

    #[test]
    fn a_secret_of_ones_own_tells_where_the_server_is() {
        for port in ["5433", "\"5433\""] {
            let text = format!(
                r#"{{"username":"u","password":"p","host":"db.example.com","port":{port},"dbname":"d"}}"#
            );
            let login = login(Some(&text)).expect("a login");
            assert_eq!(
                (login.port, login.database.as_deref()),
                (Some(5433), Some("d"))
            );
        }
    }

    #[test]
    fn a_secret_that_is_none_is_refused_without_quoting_it() {
        assert_eq!(refused(None), "the secret's value is not text");
        assert_eq!(refused(Some("hunter2")), "the secret is not JSON");
        assert_eq!(
            refused(Some(r#"{"username":"u"}"#)),
            "the secret has no key password"
        );
        let text = r#"{"username":"u","password":"p","port":"x"}"#;
        assert_eq!(
            refused(Some(text)),
            "the secret's port is not a port number"
        );
    }
}
