//! Secrets from where the user keeps them: the terminal without echo, stdin, the environment.

use crate::{
    cli::secrets::{CodeArgs, PasswordArgs},
    error::{Context, Error, ErrorKind, Result},
    identity::SecretString,
    plain::plain,
};
use rustix::termios::{
    LocalModes, OptionalActions, SpecialCodeIndex, Termios, tcgetattr, tcsetattr,
};
use std::io::{BufRead, IsTerminal, Write, stdin};

/// Where a secret comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum SecretSource {
    Terminal,
    /// The next line of it.
    Stdin,
    Environment(String),
}

impl From<&PasswordArgs> for SecretSource {
    fn from(args: &PasswordArgs) -> Self {
        Self::of(args.password_stdin, args.password_env.as_deref())
    }
}

impl From<&CodeArgs> for SecretSource {
    fn from(args: &CodeArgs) -> Self {
        Self::of(args.code_stdin, args.code_env.as_deref())
    }
}

impl SecretSource {
    pub(super) fn of(stdin: bool, variable: Option<&str>) -> Self {
        match (stdin, variable) {
            (_, Some(name)) => Self::Environment(name.to_owned()),
            (true, None) => Self::Stdin,
            (false, None) => Self::Terminal,
        }
    }

    /// Asks for something that exists.
    pub(super) fn ask(&self, what: &str) -> Result<SecretString> {
        let answer = match self {
            Self::Terminal => typed(what)?,
            Self::Stdin => line()?,
            Self::Environment(name) => variable(name)?,
        };
        match answer.is_empty() {
            true => Err(Error::input(format!("the {what} is empty"))),
            false => Ok(answer),
        }
    }

    /// Asks for something new: twice, where it cannot be seen while it is typed.
    pub(super) fn ask_new(&self, what: &str) -> Result<SecretString> {
        let first = self.ask(what)?;
        if *self == Self::Terminal && typed(&format!("{what} again"))? != first {
            return Err(Error::input("the two are not the same").hint("run the same command again"));
        }
        Ok(first)
    }
}

/// A line of what may be seen: typed on the terminal, or piped in.
pub(super) fn visible(what: &str) -> Result<String> {
    if stdin().is_terminal() {
        prompt(what);
    }
    Ok(line()?.expose().to_owned())
}

fn variable(name: &str) -> Result<SecretString> {
    let missing = |_| Error::input(format!("the environment variable {name} is not set"));
    std::env::var(name).map(SecretString::new).map_err(missing)
}

fn line() -> Result<SecretString> {
    let mut text = String::new();
    let count = stdin()
        .lock()
        .read_line(&mut text)
        .context(ErrorKind::Input, "stdin cannot be read")?;
    if count == 0 {
        return Err(Error::input("stdin ended before the answer")
            .hint("give each answer on a line of its own: the password, then a new one or a code if asked"));
    }
    Ok(SecretString::new(text.trim_end_matches(['\r', '\n'])))
}

fn prompt(what: &str) {
    let mut letters = what.chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    let _ = write!(
        anstream::stderr(),
        "{}: ",
        plain(&(first + letters.as_str()))
    );
    let _ = std::io::stderr().flush();
}

/// Reads a line that the terminal does not show.
fn typed(what: &str) -> Result<SecretString> {
    if !stdin().is_terminal() {
        return Err(Error::refused(format!("there is no terminal to ask for the {what} on")).hint(
            "pipe it in (--password-stdin, --code-stdin) or name an environment variable; see --help",
        ));
    }
    let quiet = Quiet::new()?;
    prompt(what);
    let mut input = stdin().lock();
    let read = input
        .fill_buf()
        .context(ErrorKind::Input, "the terminal cannot be read")?;
    let (text, length) = (String::from_utf8(read.to_vec()), read.len());
    input.consume(length);
    drop(quiet);
    let _ = writeln!(anstream::stderr());
    match text.as_deref() {
        Ok("") => Err(Error::input(format!("no {what} was given"))),
        Ok(text) if text.ends_with(INTERRUPT) => Err(Error::new(ErrorKind::Interrupted, "stopped")),
        Ok(text) => Ok(SecretString::new(text.trim_end_matches(['\r', '\n']))),
        Err(_) => Err(Error::input(format!("the {what} is not UTF-8 text"))),
    }
}

/// Ctrl-C.
const INTERRUPT: char = '\u{3}';

/// A terminal that does not show what is typed, until this is dropped.
///
/// Ctrl-C ends the line instead of the process, which would leave the terminal mute.
struct Quiet(Termios);

impl Quiet {
    fn new() -> Result<Self> {
        let before =
            tcgetattr(stdin()).context(ErrorKind::Input, "the terminal cannot be silenced")?;
        let mut quiet = before.clone();
        quiet
            .local_modes
            .remove(LocalModes::ECHO | LocalModes::ISIG);
        quiet.special_codes[SpecialCodeIndex::VEOL] = INTERRUPT as u8;
        tcsetattr(stdin(), OptionalActions::Flush, &quiet)
            .context(ErrorKind::Input, "the terminal cannot be silenced")?;
        Ok(Self(before))
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        let _ = tcsetattr(stdin(), OptionalActions::Now, &self.0);
    }
}
