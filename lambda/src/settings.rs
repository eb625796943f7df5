//! What the function is told by its environment. Pure, but for [`Settings::from_environment`].

use crate::cors::Origins;
use std::path::PathBuf;

/// Everything that the environment decides.
pub(crate) struct Settings {
    /// `ALLOWED_ORIGINS`, separated by commas.
    pub(crate) origins: Origins,
    /// `ECHO_CLAIMS=true`: without a database, answer every route with the caller's claims.
    pub(crate) echo_claims: bool,
    pub(crate) database: DatabaseSettings,
}

/// Whether there is a database, and how it is reached.
pub(crate) enum DatabaseSettings {
    /// No setting speaks of one.
    Absent,
    /// The settings contradict each other or lack one: what is wrong with them.
    Wrong(String),
    Present(Server),
}

/// The PostgreSQL server. What is `None` here comes from the secret.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Server {
    /// `SECRET_NAME` or `SECRET_ARN`: the name or ARN of the secret with the user and password.
    /// Empty where `user` is there instead.
    pub(crate) secret: String,
    /// `DB_USER`: a user without a password, which only a plain connection on this machine may have.
    pub(crate) user: Option<String>,
    /// `DB_HOST`, or `RDS_HOST` as the workshop calls it.
    pub(crate) host: Option<String>,
    /// `DB_PORT`.
    pub(crate) port: Option<u16>,
    /// `DB_NAME`.
    pub(crate) name: Option<String>,
    /// `DB_TLS=off`: a plain connection, which only a host on this very machine may have.
    pub(crate) plain: bool,
    /// `DB_CA_FILE`: certificates (PEM) to trust besides those of RDS.
    pub(crate) ca_file: Option<PathBuf>,
    /// `DEMO_ROWS=true`: two rows for an empty table.
    pub(crate) demo_rows: bool,
}

impl Settings {
    pub(crate) fn from_environment() -> Self {
        Self::read(|name| std::env::var(name).ok())
    }

    /// Reads the settings through `variable`; an empty one counts as not set.
    pub(crate) fn read(variable: impl Fn(&str) -> Option<String>) -> Self {
        let set = |name: &str| {
            variable(name)
                .map(|it| it.trim().to_owned())
                .filter(|it| !it.is_empty())
        };
        Self {
            origins: Origins::parse(&set("ALLOWED_ORIGINS").unwrap_or_default()),
            echo_claims: is_true(set("ECHO_CLAIMS")),
            database: database(&set),
        }
    }
}

fn database(set: &impl Fn(&str) -> Option<String>) -> DatabaseSettings {
    let host = set("DB_HOST").or_else(|| set("RDS_HOST"));
    let secret = set("SECRET_NAME").or_else(|| set("SECRET_ARN"));
    let user = set("DB_USER").filter(|_| secret.is_none());
    let is_plain = set("DB_TLS").as_deref() == Some("off");
    let secret = match (secret, &host, &user) {
        (Some(secret), _, _) => secret,
        (None, None, _) => return DatabaseSettings::Absent,
        (None, Some(_), Some(_)) if is_plain => String::new(),
        (None, Some(_), Some(_)) => {
            return DatabaseSettings::Wrong(
                "DB_USER goes only with DB_TLS=off; set SECRET_NAME".to_owned(),
            );
        }
        (None, Some(_), None) => {
            return DatabaseSettings::Wrong("DB_HOST is set, but SECRET_NAME is not".to_owned());
        }
    };
    match server(secret, user, host, set) {
        Ok(server) => DatabaseSettings::Present(server),
        Err(wrong) => DatabaseSettings::Wrong(wrong),
    }
}

fn server(
    secret: String,
    user: Option<String>,
    host: Option<String>,
    set: &impl Fn(&str) -> Option<String>,
) -> Result<Server, String> {
    let port = set("DB_PORT").map(|it| {
        it.parse()
            .map_err(|_| "DB_PORT is not a port number".to_owned())
    });
    let plain = match set("DB_TLS").as_deref() {
        None | Some("on") => false,
        Some("off") => true,
        Some(_) => return Err("DB_TLS is neither on nor off".to_owned()),
    };
    Ok(Server {
        secret,
        user,
        host,
        port: port.transpose()?,
        name: set("DB_NAME"),
        plain,
        ca_file: set("DB_CA_FILE").map(PathBuf::from),
        demo_rows: is_true(set("DEMO_ROWS")),
    })
}

fn is_true(setting: Option<String>) -> bool {
    setting.as_deref() == Some("true")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn database(variables: &[(&str, &str)]) -> DatabaseSettings {
        let find = |name: &str| {
            variables
                .iter()
                .find(|it| it.0 == name)
                .map(|it| it.1.to_owned())
        };
        Settings::read(find).database
    }

    fn present(variables: &[(&str, &str)]) -> Server {
        match database(variables) {
            DatabaseSettings::Present(server) => server,
            DatabaseSettings::Absent => panic!("absent"),
            DatabaseSettings::Wrong(wrong) => panic!("{wrong}"),
        }
    }

    fn wrong(variables: &[(&str, &str)]) -> String {
        match database(variables) {
            DatabaseSettings::Wrong(wrong) => wrong,
            _ => panic!("nothing is wrong"),
        }
    }

    #[test]
    fn the_workshops_own_names_are_understood() {
        let server = present(&[
            ("RDS_HOST", "db.example.com"),
            ("DB_NAME", "workshopdb"),
            ("SECRET_NAME", "s"),
        ]);
        assert_eq!(server.host.as_deref(), Some("db.example.com"));
        assert_eq!(server.name.as_deref(), Some("workshopdb"));
        assert!(!server.plain && !server.demo_rows);
    }

    #[test]
    fn an_arn_names_the_secret_too_and_tells_the_rest() {
        let server = present(&[("SECRET_ARN", "arn:aws:secretsmanager:…"), ("DB_HOST", " ")]);
        assert_eq!(
            server,
            Server {
                secret: "arn:aws:secretsmanager:…".into(),
                ..Default::default()
            }
        );
    }

    #[test]
    fn a_user_without_a_password_goes_only_with_a_plain_connection() {
        let local = [("DB_HOST", "127.0.0.1"), ("DB_USER", "workshop")];
        assert_eq!(
            wrong(&local),
            "DB_USER goes only with DB_TLS=off; set SECRET_NAME"
        );
        let server = present(&[local[0], local[1], ("DB_TLS", "off")]);
        assert_eq!(
            (server.user.as_deref(), server.secret.as_str()),
            (Some("workshop"), "")
        );
        let server = present(&[local[0], local[1], ("SECRET_NAME", "s")]);
        assert_eq!((server.user, server.secret.as_str()), (None, "s"));
    }

    #[test]
    fn without_any_setting_there_is_no_database() {
        assert!(matches!(
            database(&[("ECHO_CLAIMS", "true")]),
            DatabaseSettings::Absent
        ));
    }

    #[test]
    fn a_setting_that_cannot_be_meant_is_named() {
        assert_eq!(
            wrong(&[("DB_HOST", "h")]),
            "DB_HOST is set, but SECRET_NAME is not"
        );
        assert_eq!(
            wrong(&[("SECRET_NAME", "s"), ("DB_PORT", "x")]),
            "DB_PORT is not a port number"
        );
        assert_eq!(
            wrong(&[("SECRET_NAME", "s"), ("DB_TLS", "maybe")]),
            "DB_TLS is neither on nor off"
        );
    }
}
