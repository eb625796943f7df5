//! The one error type: what is wrong, where, and what to do next. Pure.

use crate::plain::{lines, plain};
use serde::Serialize;
use std::fmt;

/// What sort of trouble it is; decides the exit code and whether a repeat may help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum ErrorKind {
    /// What was typed names nothing that there is, or does not go together.
    Usage,
    /// stack.toml, or a file that it names, has mistakes; nothing was changed.
    File,
    /// The surroundings are wrong: a file that is not there, a program that is missing; nothing was changed.
    Input,
    /// There are no credentials, or AWS does not take them.
    Credentials,
    /// Somebody else is changing the stack; nothing was changed.
    Locked,
    /// A safety rule stopped the work: not owned, would lose users, not confirmed.
    Refused,
    /// AWS answered with an error.
    Aws,
    /// It may have taken effect: the reply to a request that is not to be sent twice never came.
    Ambiguous,
    /// Half of it has taken effect: something was made, and a second request about it failed.
    Half,
    /// Some steps of a plan are done, and others failed.
    Partly,
    /// The user pressed Ctrl-C.
    Interrupted,
    /// A mistake of wsctl itself.
    Internal,
}

/// An error of wsctl. `message` starts lower-case, address first; `hint` says what to do next.
#[derive(Debug)]
pub struct Error {
    pub kind: ErrorKind,
    pub message: String,
    pub hint: Option<String>,
    /// AWS's own error code, where AWS answered with one.
    pub code: Option<String>,
    /// What is wrong in a file of wsctl's, place by place; the message shows the same.
    pub mistakes: Box<[Mistake]>,
    source: Option<anyhow::Error>,
}

/// One mistake, or one thing to be warned of, in a file that wsctl reads.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Mistake {
    pub file: String,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The table and key, such as `user_pool.domain`; empty where the text is not TOML.
    pub key: String,
    pub message: String,
    pub hint: String,
    /// Of what is only warned of: its id, by which `[checks] allow` lets it be.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<&'static str>,
}

pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The same once more, for another that it is true of; without what caused it.
    #[must_use]
    pub fn again(&self) -> Self {
        Self {
            hint: self.hint.clone(),
            code: self.code.clone(),
            ..Self::new(self.kind, &self.message)
        }
    }

    /// The message is one line: what it quotes may be anybody's, and could begin a line that looks like
    /// one of ours.
    pub fn new(kind: ErrorKind, message: impl AsRef<str>) -> Self {
        Self::of_lines(kind, [message])
    }

    /// One whose message is several lines.
    pub fn of_lines<S: AsRef<str>>(kind: ErrorKind, lines: impl IntoIterator<Item = S>) -> Self {
        Self {
            kind,
            message: on_lines(lines),
            hint: None,
            code: None,
            mistakes: Box::default(),
            source: None,
        }
    }

    pub fn usage(message: impl AsRef<str>) -> Self {
        Self::new(ErrorKind::Usage, message)
    }

    pub fn input(message: impl AsRef<str>) -> Self {
        Self::new(ErrorKind::Input, message)
    }

    pub fn refused(message: impl AsRef<str>) -> Self {
        Self::new(ErrorKind::Refused, message)
    }

    pub fn internal(message: impl AsRef<str>) -> Self {
        Self::new(ErrorKind::Internal, message).hint("this is a mistake in wsctl; please report it")
    }

    /// Adds what to do next; the first hint given stays.
    pub fn hint(self, hint: impl AsRef<str>) -> Self {
        self.hints([hint])
    }

    /// The same for several, a line each.
    pub fn hints<S: AsRef<str>>(mut self, hints: impl IntoIterator<Item = S>) -> Self {
        self.hint.get_or_insert_with(|| on_lines(hints));
        self
    }

    /// Says that something is there now that was not before.
    pub fn half_done(self) -> Self {
        Self {
            kind: ErrorKind::Half,
            ..self
        }
    }

    pub fn code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    pub fn source(mut self, source: impl Into<anyhow::Error>) -> Self {
        self.source = Some(source.into());
        self
    }

    /// Puts where it happened (an address, a path) in front of the message.
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.message = format!("{}: {}", plain(&place.to_string()), self.message);
        self
    }

    /// Whether AWS answered with this error code.
    pub fn has_code(&self, code: &str) -> bool {
        self.code.as_deref() == Some(code)
    }

    /// The process's exit code.
    pub fn exit_code(&self) -> u8 {
        self.kind.exit_code()
    }
}

impl ErrorKind {
    /// docs/commands.md has the table. 2 is left for "there are differences", what is below 10 for what
    /// single commands find out, and 130 is what shells have for Ctrl-C.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Input | Self::Aws | Self::Ambiguous | Self::Half | Self::Internal => 1,
            Self::Usage => 10,
            Self::File => 11,
            Self::Credentials => 12,
            Self::Locked => 13,
            Self::Refused => 14,
            Self::Partly => 15,
            Self::Interrupted => 130,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if let Some(source) = &self.source {
            write!(f, ": {}", lines(&format!("{source:#}")))?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

fn on_lines<S: AsRef<str>>(lines: impl IntoIterator<Item = S>) -> String {
    lines
        .into_iter()
        .map(|line| plain(line.as_ref()).into_owned())
        .collect::<Vec<_>>()
        .join("\n")
}

/// Turns any other error into one of ours, with what was being done.
pub trait Context<T> {
    fn context(self, kind: ErrorKind, message: impl AsRef<str>) -> Result<T>;
}

impl<T, E: Into<anyhow::Error>> Context<T> for std::result::Result<T, E> {
    fn context(self, kind: ErrorKind, message: impl AsRef<str>) -> Result<T> {
        self.map_err(|source| Error::new(kind, message).source(source))
    }
}

/// What is at the bottom of an error: the cause that a person can do something about.
pub fn innermost(error: &dyn std::error::Error) -> String {
    let mut last = error;
    while let Some(source) = last.source() {
        last = source;
    }
    last.to_string()
}
