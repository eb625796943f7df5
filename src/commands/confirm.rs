//! The question before anything is changed, and the ear for Ctrl-C while it is.

use super::tell;
use crate::{
    error::{Error, Kind, Result},
    plain::lines,
};
use std::{
    io::{IsTerminal, Write},
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
};
use tokio::{
    signal::unix::{SignalKind, signal},
    sync::watch,
};

/// Asks for `word`; anything else is a no. Without a terminal there is nobody to ask.
pub(super) fn confirm(question: &str, word: &str) -> Result<()> {
    if !std::io::stdin().is_terminal() {
        return Err(Error::refused("nothing was changed: there is no terminal to ask on")
            .hint("add --yes to go ahead without being asked"));
    }
    let _ = write!(anstream::stderr(), "\n{} Type {word} to go ahead: ", lines(question));
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    IS_ASKING.store(true, Ordering::SeqCst);
    let read = std::io::stdin().read_line(&mut answer);
    IS_ASKING.store(false, Ordering::SeqCst);
    if read.is_err() || answer.trim() != word {
        return Err(Error::new(Kind::Refused, "nothing was changed: not confirmed"));
    }
    Ok(())
}

/// Whether somebody is being asked: nothing is under way then, and Ctrl-C is an answer.
static IS_ASKING: AtomicBool = AtomicBool::new(false);

/// Turns true at the first Ctrl-C, or when the process is told to end.
pub(super) fn interrupts() -> watch::Receiver<bool> {
    static EAR: OnceLock<watch::Receiver<bool>> = OnceLock::new();
    EAR.get_or_init(|| {
        let (sender, receiver) = watch::channel(false);
        tokio::spawn(listen(sender));
        receiver
    })
    .clone()
}

async fn listen(sender: watch::Sender<bool>) {
    let Ok(mut end) = signal(SignalKind::terminate()) else { return };
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = end.recv() => {}
        }
        if IS_ASKING.load(Ordering::SeqCst) {
            tell("\nnothing was changed");
            std::process::exit(Error::new(Kind::Interrupted, "").exit_code().into());
        }
        if !sender.send_replace(true) {
            tell("\nstopping: waiting for the requests under way; nothing new is started");
        }
    }
}
