//! What can go wrong with a statement or a connection. Pure.

use crate::answer::Refusal;
use std::{error::Error as _, io};
use tokio_postgres::{Error, error::SqlState};

/// Why a statement failed. The texts are for the log: they never quote a row.
#[derive(Debug, PartialEq)]
pub(crate) enum Failure {
    /// The connection is gone, or must go: another one may do better.
    Lost(String),
    /// The server does not take this user and password.
    LoginRefused,
    /// Another row has this value already: the name of the constraint.
    Taken(String),
    Unavailable(String),
    Internal(String),
}

impl Failure {
    /// What the caller is told.
    pub(crate) fn refusal(self) -> Refusal {
        match self {
            Self::Taken(constraint) => {
                Refusal::new(409, format!("{} is already in use", field(&constraint)))
            }
            Self::Internal(cause) => Refusal::internal(cause),
            other => super::unavailable(other.cause()),
        }
    }

    /// What the log is told.
    pub(crate) fn cause(self) -> String {
        match self {
            Self::LoginRefused => "the server refuses the user or the password".to_owned(),
            Self::Lost(cause)
            | Self::Unavailable(cause)
            | Self::Internal(cause)
            | Self::Taken(cause) => cause,
        }
    }
}

fn field(constraint: &str) -> &'static str {
    ["email", "cognito_sub"]
        .into_iter()
        .find(|it| constraint.contains(it))
        .unwrap_or("a value")
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        let Some(said) = error.as_db_error() else {
            return without_answer(&error);
        };
        // The detail is left out: it quotes the values.
        let cause = format!("SQLSTATE {}: {}", said.code().code(), said.message());
        match said.code() {
            &SqlState::INVALID_PASSWORD | &SqlState::INVALID_AUTHORIZATION_SPECIFICATION => {
                Self::LoginRefused
            }
            &SqlState::UNIQUE_VIOLATION => {
                Self::Taken(said.constraint().unwrap_or_default().to_owned())
            }
            code => by_class(code.code(), cause),
        }
    }
}

/// Decides by PostgreSQL's table of codes (appendix A of its manual).
fn by_class(code: &str, cause: String) -> Failure {
    match code {
        // The server ends, restarts or drops the connection; after a failover the old one only reads.
        "57P01" | "57P02" | "57P03" | "57P05" | "25006" => Failure::Lost(cause),
        // The statement took too long, or waited for a lock.
        "57014" | "55P03" | "40001" | "40P01" => Failure::Unavailable(cause),
        _ if code.starts_with("08") => Failure::Lost(cause),
        // Too many connections, no memory, disk full; a database that is not there.
        _ if code.starts_with("53") || code == "3D000" => Failure::Unavailable(cause),
        _ => Failure::Internal(cause),
    }
}

fn without_answer(error: &Error) -> Failure {
    let mut cause = error.to_string();
    let mut next = error.source();
    let mut is_io = false;
    while let Some(source) = next {
        is_io |= source.is::<io::Error>();
        cause = format!("{cause}: {source}");
        next = source.source();
    }
    if error.is_closed() || is_io {
        Failure::Lost(cause)
    } else {
        Failure::Internal(cause)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_in_use_is_a_conflict_that_names_the_field() {
        let refusal = Failure::Taken("users_email_key".into()).refusal();
        assert_eq!(
            (refusal.status, refusal.message.as_str()),
            (409, "email is already in use")
        );
    }

    #[test]
    fn a_server_that_goes_away_is_tried_again_and_a_slow_one_is_not() {
        let by = |code| by_class(code, String::new());
        assert!(matches!(by("57P01"), Failure::Lost(_)));
        assert!(matches!(by("08006"), Failure::Lost(_)));
        assert!(matches!(by("57014"), Failure::Unavailable(_)));
        assert!(matches!(by("53300"), Failure::Unavailable(_)));
        assert!(matches!(by("42P01"), Failure::Internal(_)));
    }

    #[test]
    fn an_internal_fault_is_500_and_an_absent_server_503() {
        assert_eq!(Failure::Internal(String::new()).refusal().status, 500);
        assert_eq!(Failure::Lost(String::new()).refusal().status, 503);
        assert_eq!(Failure::LoginRefused.refusal().status, 503);
    }
}
