//! The question before anything is changed, and the ear for Ctrl-C while it is.

use super::tell;
use crate::error::{Error, Kind, Result};
use std::io::{IsTerminal, Write};
use tokio::sync::watch;

/// Asks for `word`; anything else is a no. Without a terminal there is nobody to ask.
pub(super) fn confirm(question: &str, word: &str) -> Result<()> {
    if !std::io::stdin().is_terminal() {
        return Err(Error::refused("nothing was changed: there is no terminal to ask on")
            .hint("add --yes to go ahead without being asked"));
    }
    let _ = write!(anstream::stderr(), "\n{question} Type {word} to go ahead: ");
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let read = std::io::stdin().read_line(&mut answer);
    if read.is_err() || answer.trim() != word {
        return Err(Error::new(Kind::Refused, "nothing was changed: not confirmed"));
    }
    Ok(())
}

/// Turns true at the first Ctrl-C.
pub(super) fn interrupts() -> watch::Receiver<bool> {
    let (sender, receiver) = watch::channel(false);
    tokio::spawn(async move {
        if tokio::signal::ctrl_c().await.is_ok() {
            tell("\nstopping: waiting for the requests under way; nothing new is started");
            let _ = sender.send(true);
            // Kept for as long as the process lives, so that the receiver never sees it closed.
            std::future::pending::<()>().await;
        }
    });
    receiver
}
