//! Running one line of the user's in a shell, and hearing what it says.

use crate::{
    error::{Context, Error, ErrorKind, Result},
    package::inputs::Environment,
};
use std::{
    collections::VecDeque,
    io::{BufRead, BufReader, Read},
    path::Path,
    process::{Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::Duration,
};

/// As many of the last lines, and of their characters, as an error shows; all of them were shown before.
const LINES: usize = 20;
const CHARACTERS: usize = 700;

/// How long is waited for more lines of what is still running behind a command that has ended.
const REST: Duration = Duration::from_millis(300);

/// Runs `command` in `folder`. `progress` hears what it writes, to whichever of its streams.
pub(super) fn run(
    command: &str,
    folder: &Path,
    environment: &Environment,
    progress: &mut dyn FnMut(&str),
) -> Result<()> {
    let mut child = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .env_clear()
        .envs(environment)
        .spawn()
        .context(ErrorKind::Input, "sh, which runs `build`, cannot be run")?;
    let (sender, lines) = channel();
    listen(child.stdout.take(), sender.clone());
    listen(child.stderr.take(), sender);
    let mut last = VecDeque::new();
    let mut status = None;
    while let Some(line) = next(&lines, status.is_some()) {
        if let Some(line) = line {
            progress(line.trim_end());
            last.push_back(line);
            if last.len() > LINES {
                last.pop_front();
            }
        } else {
            status = child.try_wait().context(ErrorKind::Input, "sh was lost")?;
        }
    }
    let status = match status {
        Some(status) => status,
        None => child.wait().context(ErrorKind::Input, "sh was lost")?,
    };
    if status.success() {
        Ok(())
    } else {
        Err(failed(status, &Vec::from(last).join("\n")))
    }
}

/// The next line, or that there is none for now; none at the end of all.
fn next(lines: &Receiver<String>, has_ended: bool) -> Option<Option<String>> {
    match lines.recv_timeout(REST) {
        Ok(line) => Some(Some(line)),
        Err(RecvTimeoutError::Timeout) if !has_ended => Some(None),
        Err(_) => None,
    }
}

fn listen(stream: Option<impl Read + Send + 'static>, to: Sender<String>) {
    thread::spawn(move || {
        let lines = stream
            .into_iter()
            .flat_map(|it| BufReader::new(it).split(b'\n'));
        for line in lines.map_while(std::result::Result::ok) {
            if to
                .send(String::from_utf8_lossy(&line).into_owned())
                .is_err()
            {
                return;
            }
        }
    });
}

fn failed(status: ExitStatus, said: &str) -> Error {
    let how = match status.code() {
        Some(code) => format!("the build ended with exit code {code}; nothing was changed"),
        None => "the build was killed; nothing was changed".to_owned(),
    };
    let from = said
        .char_indices()
        .rev()
        .nth(CHARACTERS - 1)
        .map_or(0, |it| it.0);
    Error::of_lines(
        ErrorKind::Input,
        [&*how].into_iter().chain(said[from..].lines()),
    )
    .hint("correct what it says, then run the same command again")
}
