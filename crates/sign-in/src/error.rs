//! What can be wrong with a text that claims to be of Cognito.

use std::fmt;

/// None of its messages repeats what was given: it may be a secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Error {
    /// A text is not a JSON Web Token: why not.
    NotAToken(&'static str),
    /// A parameter of a challenge cannot be what Cognito sent: its name.
    Parameter(&'static str),
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotAToken(why) => write!(f, "this is not a JSON Web Token: it {why}"),
            Self::Parameter(name) => write!(f, "Cognito sent a {name} that cannot be"),
        }
    }
}

impl std::error::Error for Error {}
