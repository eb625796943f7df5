//! The sandbox's PostgreSQL: a server of this machine, with its data beside the sandbox's own.
//!
//! It listens on 127.0.0.1 only and lets in the user `workshop` without a password: nothing in it
//! is worth one. On AWS its place is taken by RDS.

use super::{Tell, folder::Folder};
use crate::error::{Context, Error, Kind, Result};
use std::{
    collections::BTreeMap,
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Command, Output},
};

/// The user that the server is made with.
const USER: &str = "workshop";
/// The database that every server has from the start.
const NAME: &str = "postgres";

/// Who runs the server when this process is root, which PostgreSQL refuses to run as: `nobody`.
const NOBODY: &str = "65534";

/// The database of one sandbox, running or not.
#[derive(Clone, Debug)]
pub struct Database {
    /// The folder of the server's programs.
    programs: PathBuf,
    data: PathBuf,
    port: u16,
}

impl Database {
    /// The sandbox's database; `None` where the machine has no PostgreSQL.
    pub(super) fn of(folder: &Folder) -> Result<Option<Self>> {
        let Some(programs) = programs() else { return Ok(None) };
        let port_file = folder.path().join("postgres.port");
        let known = fs::read_to_string(&port_file).ok().and_then(|text| text.trim().parse().ok());
        let port = match known {
            Some(port) => port,
            None => {
                let port = free_port()?;
                folder.make()?;
                fs::write(&port_file, port.to_string()).context(Kind::Input, cannot_write(&port_file))?;
                port
            }
        };
        Ok(Some(Self { programs, data: data_folder(folder.path()), port }))
    }

    /// What `${var.db_…}` is in the sandbox. The port stays the same, so that a plan does not
    /// change from one start to the next.
    pub fn variables(&self) -> BTreeMap<String, String> {
        let port = self.port.to_string();
        let pairs = [
            ("db_host", "127.0.0.1"),
            ("db_port", &port),
            ("db_name", NAME),
            ("db_user", USER),
            ("db_tls", "off"),
        ];
        pairs.map(|(name, value)| (name.to_owned(), value.to_owned())).into()
    }

    /// Starts the server unless it runs; makes its data the first time.
    pub(super) fn start(&self, tell: Tell<'_>) -> Result<()> {
        if !self.data.join("PG_VERSION").exists() {
            tell("making the sandbox's database (only this once)");
            self.make()?;
        }
        if self.runs() {
            return Ok(());
        }
        let options = format!("-p {} -c listen_addresses=127.0.0.1 -c unix_socket_directories=''", self.port);
        let log = self.data.join("server.log");
        self.program("pg_ctl", &["-w", "-s", "-l", &text(&log), "-o", &options, "start"])
            .map_err(|error| error.hint(format!("its log is {}", log.display())))?;
        Ok(())
    }

    /// Ends the server, if it runs.
    pub(super) fn stop(&self) -> Result<()> {
        if self.runs() {
            self.program("pg_ctl", &["-w", "-s", "-m", "fast", "stop"]).map(drop)
        } else {
            Ok(())
        }
    }

    /// Ends the server and deletes its data.
    pub(super) fn forget(&self) -> Result<()> {
        self.stop()?;
        match fs::remove_dir_all(&self.data) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                Err(error).context(Kind::Input, format!("cannot delete {}", self.data.display()))
            }
            _ => Ok(()),
        }
    }

    fn runs(&self) -> bool {
        self.data.join("postmaster.pid").exists()
            && self.run("pg_ctl", &["-D", &text(&self.data), "status"]).is_ok_and(|it| it.status.success())
    }

    fn make(&self) -> Result<()> {
        let parent = self.data.parent().unwrap_or(Path::new("/"));
        fs::create_dir_all(&self.data).context(Kind::Input, cannot_write(parent))?;
        if is_root() {
            let owner = Some(65534);
            std::os::unix::fs::chown(&self.data, owner, owner)
                .context(Kind::Input, cannot_write(&self.data))?;
        }
        let arguments = ["-U", USER, "--auth=trust", "--encoding=UTF8", "--locale=C", "--no-sync"];
        self.program("initdb", &arguments).map(drop)
    }

    /// Runs a program on the data folder; it has to succeed.
    fn program(&self, program: &str, arguments: &[&str]) -> Result<Output> {
        let data = text(&self.data);
        let all: Vec<_> = ["-D", &data].into_iter().chain(arguments.iter().copied()).collect();
        let output = self.run(program, &all)?;
        if output.status.success() {
            return Ok(output);
        }
        let said = String::from_utf8_lossy(&output.stderr).trim().to_owned();
        Err(Error::new(Kind::Input, format!("the sandbox's database: {program} failed: {said}"))
            .hint("`wsctl sandbox reset` makes a new one"))
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Result<Output> {
        let path = self.programs.join(program);
        let mut command = if is_root() {
            let mut command = Command::new("setpriv");
            command.args(["--reuid", NOBODY, "--regid", NOBODY, "--clear-groups"]).arg(path);
            command
        } else {
            Command::new(path)
        };
        // A server that kept this process's pipes would keep whoever reads them waiting.
        let null = std::process::Stdio::null;
        command.args(arguments).current_dir("/").stdin(null()).stdout(null());
        command.output().context(Kind::Input, format!("cannot run {program}"))
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
            Some((entry.file_name().to_str()?.parse::<u32>().ok()?, entry.path().join("bin")))
        })
        .collect();
    debian.sort();
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = debian.into_iter().rev().map(|(_, folder)| folder).chain(std::env::split_paths(&path));
    folders.into_iter().find(|folder| folder.join("initdb").exists() && folder.join("pg_ctl").exists())
}

/// Beside the sandbox; for root, where `nobody` can go: a folder of its own under the system's
/// temporary one, named by the sandbox's.
fn data_folder(sandbox: &Path) -> PathBuf {
    if !is_root() {
        return sandbox.join("postgres");
    }
    let name = crate::value::digest(&text(sandbox).into());
    std::env::temp_dir().join(format!("wsctl-postgres-{name}"))
}

fn is_root() -> bool {
    rustix::process::geteuid().is_root()
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind("127.0.0.1:0").context(Kind::Input, "no port is free on 127.0.0.1")?;
    Ok(listener.local_addr().context(Kind::Input, "no port is free on 127.0.0.1")?.port())
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

fn cannot_write(path: &Path) -> String {
    format!("cannot write to {}", path.display())
}
