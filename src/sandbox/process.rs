//! The emulator's process: starts it, waits for it, ends it.

use super::{ACCOUNT, Database, Host, MINISTACK, Running, Tell, folder::Folder, health, install};
use crate::error::{Context, Error, ErrorKind, Result};
use rustix::process::{Pid, Signal, kill_process, kill_process_group};
use std::{
    fs::{self, File},
    net::TcpListener,
    os::unix::process::CommandExt,
    path::Path,
    process::{Child, Command, Stdio},
    time::Duration,
};
use tokio::time::Instant;

/// What MiniStack is amended with, and what starts it: one program.
const LAUNCHER: &str = concat!(
    include_str!("amend.py"),
    include_str!("triggers.py"),
    include_str!("identities.py"),
    include_str!("usage.py"),
    include_str!("domain_names.py"),
    include_str!("integrations.py"),
    include_str!("definitions.py"),
    include_str!("signing_up.py"),
    include_str!("guard.py"),
    include_str!("launch.py")
);
const LAUNCHER_FILE: &str = "launch.py";
const HEALTH: &str = "/_ministack/health";

/// The services that a stack uses, by MiniStack's names; the others answer that they are unknown.
const SERVICES: &str =
    "apigateway,cognito-identity,cognito-idp,iam,lambda,logs,secretsmanager,sts,tagging";

/// What the emulator inherits of this process's environment. No more: the functions in it see
/// all of that, and the user's AWS credentials must not reach them.
const INHERITED: &[&str] = &["PATH", "LANG", "LC_ALL", "TZ"];

const START_BUDGET: Duration = Duration::from_secs(60);
const STOP_BUDGET: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(20);

/// A sandbox that ends with this value, or with this process.
#[derive(Debug)]
pub struct Tethered {
    pub running: Running,
    child: Child,
}

impl Tethered {
    pub(super) fn new(running: Running, child: Child) -> Self {
        Self { running, child }
    }
}

impl Drop for Tethered {
    fn drop(&mut self) {
        // The other end of this pipe is what the emulator lives by.
        drop(self.child.stdin.take());
        // Nothing is left to do about a child that cannot be waited for.
        let _ = self.child.wait();
    }
}

impl Running {
    /// Itself, once it answers.
    pub(super) async fn answering(self) -> Result<Self> {
        let deadline = Instant::now() + STOP_BUDGET;
        while !health::answers(self.port, HEALTH).await {
            if Instant::now() > deadline {
                let message = format!(
                    "the sandbox (process {}) runs but does not answer",
                    self.pid
                );
                return Err(Error::input(message).hint(format!(
                    "see {}; `wsctl sandbox stop` ends it",
                    self.log.display()
                )));
            }
            tokio::time::sleep(POLL).await;
        }
        Ok(self)
    }
}

pub(super) fn runs_already(running: &Running) -> Error {
    Error::input(format!(
        "the sandbox runs already (process {})",
        running.pid
    ))
    .hint("end it first: `wsctl sandbox stop`")
}

/// How one is started.
#[derive(Clone, Copy)]
pub(super) struct How {
    /// Whether it ends with this process.
    pub(super) is_tethered: bool,
    /// The port that it has to have.
    pub(super) port: Option<u16>,
}

/// Starts the emulator and waits until it answers; the folder's lock is held by the caller.
pub(super) async fn start(
    folder: &Folder,
    host: &Host,
    how: How,
    tell: Tell<'_>,
) -> Result<(Running, Child)> {
    let venv = MINISTACK.install(host, tell).await?;
    tell("starting the sandbox");
    let mut last = None;
    // Between finding a free port and its use another program may take it.
    for _ in 0..3 {
        let port = match how.port {
            Some(port) => wanted_port(port)?,
            None => free_port(last.map_or(folder.last_port(), |_| None))?,
        };
        folder.key()?;
        folder.private().write(LAUNCHER_FILE, LAUNCHER.as_bytes())?;
        let mut child = spawn(folder, &venv, port, how.is_tethered).context(
            ErrorKind::Input,
            format!(
                "{}: the sandbox cannot be started in it",
                folder.path().display()
            ),
        )?;
        match ready(folder, &mut child, port).await {
            Ok(()) => return Ok((folder.describe(child.id(), port)?, child)),
            Err(error) if error.message.contains("already in use") => last = Some(error),
            Err(error) => return Err(error),
        }
    }
    Err(last.unwrap_or_else(|| Error::internal("the sandbox was not started")))
}

/// A port that somebody has chosen: no other one will do.
fn wanted_port(port: u16) -> Result<u16> {
    TcpListener::bind(("127.0.0.1", port))
        .map(|_| port)
        .map_err(|error| {
            Error::input(format!("port {port} of 127.0.0.1 cannot be had"))
                .source(error)
                .hint("end what listens there, or choose another with --port")
        })
}

/// The wanted port of 127.0.0.1 if it is free, otherwise one that is.
fn free_port(wanted: Option<u16>) -> Result<u16> {
    let wanted = wanted.and_then(|port| TcpListener::bind(("127.0.0.1", port)).ok());
    let listener = wanted.map_or_else(|| TcpListener::bind(("127.0.0.1", 0)), Ok);
    let port = listener
        .and_then(|listener| listener.local_addr())
        .context(ErrorKind::Input, "no port is free")?;
    Ok(port.port())
}

fn spawn(folder: &Folder, venv: &Path, port: u16, tethered: bool) -> std::io::Result<Child> {
    let launcher = folder.private().file(LAUNCHER_FILE);
    // What functions unpacked in an earlier run.
    let _ = fs::remove_dir_all(folder.temporary());
    fs::create_dir_all(folder.temporary())?;
    fs::create_dir_all(folder.state())?;
    let log = File::create(folder.log())?;
    let mut command = Command::new(install::python(venv));
    // Nothing is added to what was installed, which is compared at each start.
    command
        .args(["-I", "-B"])
        .arg(launcher)
        .current_dir(folder.path());
    environment(&mut command, folder, port);
    if tethered {
        command.env("WSCTL_TETHERED", "1").stdin(Stdio::piped());
    } else {
        command.stdin(Stdio::null());
    }
    // A group of its own, which Ctrl-C in this terminal does not reach.
    command
        .stdout(log.try_clone()?)
        .stderr(log)
        .process_group(0)
        .spawn()
}

fn environment(command: &mut Command, folder: &Folder, port: u16) {
    let inherited = INHERITED
        .iter()
        .filter_map(|name| Some((name, std::env::var_os(name)?)));
    command.env_clear().envs(inherited);
    command
        .env("HOME", folder.path())
        .env("TMPDIR", folder.temporary());
    command
        .env("WSCTL_PROCESS_FILE", folder.process_file())
        .env("WSCTL_KEY_FILE", folder.key_file());
    command
        .env("WSCTL_DATABASE_FILE", Database::login_file(folder))
        .env("WSCTL_STACK_FOLDER", folder.stack_folder());
    // On this machine's loopback only: MiniStack's default is every interface.
    command
        .env("BIND_HOST", "127.0.0.1")
        .env("MINISTACK_HOST", "127.0.0.1");
    command.env("GATEWAY_PORT", port.to_string());
    command.envs([
        ("IOT_MTLS_ENABLED", "0"),
        ("SFTP_ENABLED", "0"),
        ("SERVICES", SERVICES),
    ]);
    // Functions run as processes of this machine: no Docker is needed, and none is looked for.
    command.envs([
        ("LAMBDA_EXECUTOR", "local"),
        ("DOCKER_HOST", "unix:///nonexistent"),
    ]);
    command
        .env("PERSIST_STATE", "1")
        .env("STATE_DIR", folder.state());
    command.env("MINISTACK_ACCOUNT_ID", ACCOUNT);
}

async fn ready(folder: &Folder, child: &mut Child, port: u16) -> Result<()> {
    let deadline = Instant::now() + START_BUDGET;
    loop {
        let ended = child
            .try_wait()
            .context(ErrorKind::Internal, "the sandbox's process is lost")?;
        if ended.is_some() {
            return Err(failed("ended at once", folder));
        }
        if health::answers(port, HEALTH).await {
            return Ok(());
        }
        if Instant::now() > deadline {
            let _ = child.kill();
            return Err(failed(
                &format!("did not answer within {} s", START_BUDGET.as_secs()),
                folder,
            ));
        }
        tokio::time::sleep(POLL).await;
    }
}

fn failed(how: &str, folder: &Folder) -> Error {
    Error::of_lines(
        ErrorKind::Input,
        format!("the sandbox {how}:{}", folder.log_tail()).lines(),
    )
    .hint(format!("the whole log is {}", folder.log().display()))
}

/// Ends the emulator, by force if it takes too long; the folder's lock is held by the caller.
pub(super) async fn stop(folder: &Folder) -> Result<bool> {
    let Some(running) = folder.running()? else {
        return Ok(false);
    };
    signal(folder, Signal::TERM)?;
    if !gone(folder).await? {
        signal(folder, Signal::KILL)?;
        if !gone(folder).await? {
            return Err(Error::input(format!(
                "the sandbox (process {}) cannot be ended",
                running.pid
            )));
        }
    }
    Ok(true)
}

async fn gone(folder: &Folder) -> Result<bool> {
    let deadline = Instant::now() + STOP_BUDGET;
    while folder.running()?.is_some() {
        if Instant::now() > deadline {
            return Ok(false);
        }
        tokio::time::sleep(POLL).await;
    }
    Ok(true)
}

/// The process may be gone by now, which is what a signal is for: failures say nothing new.
fn signal(folder: &Folder, signal: Signal) -> Result<()> {
    let pid = folder
        .process()?
        .and_then(|pid| i32::try_from(pid).ok())
        .and_then(Pid::from_raw);
    let _ = pid.map(|pid| match signal {
        // The functions it runs are in its group and get no chance to outlive it.
        Signal::KILL => kill_process_group(pid, signal),
        _ => kill_process(pid, signal),
    });
    Ok(())
}
