//! The question before anything is changed, and the ear for Ctrl-C while it is.

use super::tell;
use crate::{
    error::{Error, ErrorKind, Result},
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
    signal::unix::{Signal, SignalKind, signal},
    sync::watch,
};

/// Asks for `word`; anything else is a no. Without a terminal there is nobody to ask.
pub(super) fn confirm(question: &str, word: &str) -> Result<()> {
    if !std::io::stdin().is_terminal() {
        return Err(
            Error::refused("nothing was changed: there is no terminal to ask on")
                .hint("add --yes to go ahead without being asked"),
        );
    }
    let _ = write!(
        anstream::stderr(),
        "\n{} Type {word} to go ahead: ",
        lines(question)
    );
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    IS_ASKING.store(true, Ordering::SeqCst);
    let read = std::io::stdin().read_line(&mut answer);
    IS_ASKING.store(false, Ordering::SeqCst);
    if read.is_err() || answer.trim() != word {
        return Err(Error::new(
            ErrorKind::Refused,
            "nothing was changed: not confirmed",
        ));
    }
    Ok(())
}

/// Whether somebody is being asked: nothing is under way then, and Ctrl-C is an answer.
static IS_ASKING: AtomicBool = AtomicBool::new(false);

/// Turns true at the first Ctrl-C, or when the process is told to end, also by a terminal that is closed.
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
    let Ok(mut end) = signal(SignalKind::terminate()) else {
        return;
    };
    // Who started it with nohup wants it to go on.
    let mut closed = if ignores_hangup() {
        None
    } else {
        signal(SignalKind::hangup()).ok()
    };
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => {}
            _ = end.recv() => {}
            _ = hung_up(&mut closed) => {}
        }
        if IS_ASKING.load(Ordering::SeqCst) {
            tell("\nnothing was changed");
            std::process::exit(Error::new(ErrorKind::Interrupted, "").exit_code().into());
        }
        if !sender.send_replace(true) {
            tell("\nstopping: waiting for the requests under way; nothing new is started");
        }
    }
}

async fn hung_up(closed: &mut Option<Signal>) {
    match closed {
        Some(closed) => drop(closed.recv().await),
        None => std::future::pending().await,
    }
}

/// Whether the process was started so that the end of its terminal is nothing to it (proc_pid_status(5),
/// `SigIgn`).
fn ignores_hangup() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let ignored = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    ignored
        .and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok())
        .is_some_and(|mask| mask & 1 == 1)
}
