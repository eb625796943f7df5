//! The sandbox's PostgreSQL: a server of this machine, with its data beside the sandbox's own. On AWS
//! its place is taken by RDS.
//!
//! It listens on 127.0.0.1 only, where any user of this machine can come. So it lets in one user, to
//! one database, with a password that was made here, and that user is no superuser, who could run
//! programs as whom the server runs as. As RDS does, the password stands in a secret, which the
//! sandbox's Secrets Manager has without anybody making it.

use super::{Tell, folder::Folder};
use crate::{
    error::{Context, Error, ErrorKind, Result},
    private::Private,
};
use rand::seq::IndexedRandom;
use serde_json::json;
use std::{
    collections::BTreeMap,
    fs,
    io::Write,
    net::TcpListener,
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

/// Whom the server lets in.
const USER: &str = "workshop";
/// The database that every server has from the start.
const NAME: &str = "postgres";
/// The superuser, whom it lets in from nowhere.
const SUPERUSER: &str = "postgres";
/// The secret of the user's password, for whoever asks the sandbox's Secrets Manager (`amend.py`).
const SECRET: &str = "arn:aws:secretsmanager:sandbox:000000000000:secret:rds!db-sandbox-000000";

/// Who runs the server when this process is root, which PostgreSQL refuses to run as: `nobody`.
const NOBODY: u32 = 65534;

const PORT_FILE: &str = "postgres.port";
const LOGIN_FILE: &str = "postgres.json";
const DATA_FILE: &str = "postgres.folder";

/// The database of one sandbox, running or not.
#[derive(Clone, Debug)]
pub struct Database {
    /// The folder of the server's programs.
    programs: PathBuf,
    folder: Private,
    data: PathBuf,
    port: u16,
}

impl Database {
    /// Whether the machine has PostgreSQL.
    pub fn is_installed() -> bool {
        programs().is_some()
    }

    /// The sandbox's database; `None` where the machine has no PostgreSQL.
    pub(super) fn of(folder: &Folder) -> Result<Option<Self>> {
        let Some(programs) = programs() else {
            return Ok(None);
        };
        let folder = folder.private();
        let port = match text_in(folder, PORT_FILE)?.and_then(|text| text.parse().ok()) {
            Some(port) => port,
            None => {
                let port = free_port()?;
                folder.write(PORT_FILE, port.to_string().as_bytes())?;
                port
            }
        };
        Ok(Some(Self {
            programs,
            data: data_folder(folder)?,
            folder: folder.clone(),
            port,
        }))
    }

    /// The same, where there ever was one.
    pub(super) fn known(folder: &Folder) -> Result<Option<Self>> {
        if folder.private().read(PORT_FILE, 1)?.is_some() {
            Self::of(folder)
        } else {
            Ok(None)
        }
    }

    /// Where the sandbox's Secrets Manager finds the user and the password.
    pub(super) fn login_file(folder: &Folder) -> PathBuf {
        folder.private().file(LOGIN_FILE)
    }

    /// What `${var.db_…}` is in the sandbox. The port stays the same, so that a plan does not
    /// change from one start to the next.
    pub fn variables(&self) -> BTreeMap<String, String> {
        let port = self.port.to_string();
        let pairs = [
            ("db_host", "127.0.0.1"),
            ("db_port", &port),
            ("db_name", NAME),
            ("db_tls", "off"),
            ("db_secret", SECRET),
        ];
        pairs
            .map(|(name, value)| (name.to_owned(), value.to_owned()))
            .into()
    }

    /// Starts the server unless it runs; makes its data the first time.
    pub(super) fn start(&self, tell: Tell<'_>) -> Result<()> {
        if !self.data.join(READY).exists() {
            tell("making the sandbox's database (only this once)");
            self.make()?;
        }
        if self.runs() {
            return Ok(());
        }
        let options = format!(
            "-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''",
            self.port
        );
        let log = self.data.join("server.log");
        self.program(
            "pg_ctl",
            &["-w", "-s", "-l", &text(&log), "-o", &options, "start"],
        )
        .map_err(|error| error.hint(format!("its log is {}", log.display())))?;
        Ok(())
    }

    /// Ends the server, if it runs.
    pub(super) fn stop(&self) -> Result<()> {
        if self.runs() {
            self.program("pg_ctl", &["-w", "-s", "-m", "fast", "stop"])
                .map(drop)
        } else {
            Ok(())
        }
    }

    /// Ends the server and deletes its data.
    pub(super) fn forget(&self) -> Result<()> {
        self.stop()?;
        match fs::remove_dir_all(&self.data) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(error).context(
                ErrorKind::Input,
                format!("cannot delete {}", self.data.display()),
            ),
            _ => Ok(()),
        }
    }

    fn runs(&self) -> bool {
        self.data.join("postmaster.pid").exists()
            && self
                .run("pg_ctl", &["-D", &text(&self.data), "status"])
                .is_ok_and(|it| it.status.success())
    }

    fn make(&self) -> Result<()> {
        let _ = fs::remove_dir_all(&self.data);
        fs::create_dir(&self.data).context(ErrorKind::Input, cannot_write(&self.data))?;
        if is_root() {
            std::os::unix::fs::chown(&self.data, Some(NOBODY), Some(NOBODY))
                .context(ErrorKind::Input, cannot_write(&self.data))?;
        }
        let arguments = [
            "-U",
            SUPERUSER,
            "--auth=reject",
            "--encoding=UTF8",
            "--locale=C",
            "--no-sync",
        ];
        self.program("initdb", &arguments)?;
        let password = password();
        self.make_user(&password)?;
        let write = |name: &str, text: String| {
            let path = self.data.join(name);
            fs::write(&path, text).context(ErrorKind::Input, cannot_write(&path))
        };
        write(
            "pg_hba.conf",
            format!("host {NAME} {USER} 127.0.0.1/32 scram-sha-256\n"),
        )?;
        let login = json!({ "username": USER, "password": password });
        self.folder
            .write(LOGIN_FILE, login.to_string().as_bytes())?;
        // Last: what lacks this file is not complete, whatever ended the work.
        write(READY, String::new())
    }

    /// Without a server, which lets nobody in who could make one.
    fn make_user(&self, password: &str) -> Result<()> {
        let statements = format!(
            "CREATE ROLE {USER} LOGIN PASSWORD '{password}'\nGRANT CREATE ON SCHEMA public TO {USER}\n"
        );
        let mut command = self.command("postgres");
        command
            .args(["--single", "-D", &text(&self.data), NAME])
            .current_dir("/");
        command
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(Stdio::piped());
        let mut run = || {
            let mut child = command.spawn()?;
            if let Some(mut input) = child.stdin.take() {
                input.write_all(statements.as_bytes())?;
            }
            child.wait_with_output()
        };
        let output = run().context(ErrorKind::Input, "cannot run postgres")?;
        let said = String::from_utf8_lossy(&output.stderr);
        // It goes on after a statement that fails; and it quotes that, so what it says is not shown.
        if output.status.success() && !said.contains("ERROR:") && !said.contains("FATAL:") {
            return Ok(());
        }
        Err(
            Error::input("the sandbox's database: its user cannot be made")
                .hint("`wsctl sandbox reset` makes a new one"),
        )
    }

    /// Runs a program on the data folder; it has to succeed.
    fn program(&self, program: &str, arguments: &[&str]) -> Result<Output> {
        let data = text(&self.data);
        let all: Vec<_> = ["-D", &data]
            .into_iter()
            .chain(arguments.iter().copied())
            .collect();
        let output = self.run(program, &all)?;
        if output.status.success() {
            return Ok(output);
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(Error::new(
            ErrorKind::Input,
            format!("the sandbox's database: {program} failed: {said}"),
        )
        .hint("`wsctl sandbox reset` makes a new one"))
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<Output> {
        let mut command = self.command(program);
        // A server that kept this process's pipes would keep whoever reads them waiting.
        command
            .args(arguments)
            .current_dir("/")
            .stdin(Stdio::null())
            .stdout(Stdio::null());
        command
            .output()
            .context(ErrorKind::Input, format!("cannot run {program}"))
    }

    fn command(&self, program: &str) -> Command {
        let path = self.programs.join(program);
        if !is_root() {
            return Command::new(path);
        }
        let mut command = Command::new("setpriv");
        let nobody = NOBODY.to_string();
        command
            .args(["--reuid", &nobody, "--regid", &nobody, "--clear-groups"])
            .arg(path);
        command
    }
}

/// Where the server's programs are: `WSCTL_POSTGRES`, the search path, or Debian's folders, the
/// newest version first.
fn programs() -> Option<PathBuf> {
    let given = std::env::var_os("WSCTL_POSTGRES").map(PathBuf::from);
    if given.is_some() {
        return given.filter(|folder| folder.join("initdb").exists());
    }
    let mut debian: Vec<_> = fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            Some((
                entry.file_name().to_str()?.parse::<u32>().ok()?,
                entry.path().join("bin"),
            ))
        })
        .collect();
    debian.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = debian
        .into_iter()
        .rev()
        .map(|(_, folder)| folder)
        .chain(std::env::split_paths(&path));
    folders
        .into_iter()
        .find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}

/// Says in the data folder that it is whole.
const READY: &str = "wsctl.ready";

/// Beside the sandbox; for root, where `nobody` can go: a folder under the system's temporary one
/// whose name nobody could know beforehand.
fn data_folder(folder: &Private) -> Result<PathBuf> {
    if !is_root() {
        return Ok(folder.file("postgres"));
    }
    let known = text_in(folder, DATA_FILE)?.map(PathBuf::from);
    let is_ours = |path: &PathBuf| match fs::symlink_metadata(path) {
        Ok(it) => it.is_dir() && it.uid() == NOBODY,
        Err(_) => false,
    };
    if let Some(path) = known.filter(is_ours) {
        return Ok(path);
    }
    let path = std::env::temp_dir().join(format!("wsctl-postgres-{}", password()));
    folder.write(DATA_FILE, text(&path).as_bytes())?;
    Ok(path)
}

/// Letters and digits only: it stands in SQL and in a path.
fn password() -> String {
    const LETTERS: &[u8] = b"abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";
    let mut random = rand::rng();
    (0..32)
        .filter_map(|_| LETTERS.choose(&mut random).copied().map(char::from))
        .collect()
}

fn text_in(folder: &Private, name: &str) -> Result<Option<String>> {
    let bytes = folder.read(name, 4096)?;
    Ok(bytes
        .and_then(|it| String::from_utf8(it).ok())
        .map(|it| it.trim().to_owned()))
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0")
        .context(ErrorKind::Input, "no port is free on 127.0.0.1")?;
    Ok(listener
        .local_addr()
        .context(ErrorKind::Input, "no port is free on 127.0.0.1")?
        .port())
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write to {}", path.display())
}
