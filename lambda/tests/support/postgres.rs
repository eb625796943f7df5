//! A PostgreSQL server with TLS, and databases on it.

mod certificate;
mod programs;

use super::tether;
use std::{
    fs,
    net::TcpListener,
    path::{Path, PathBuf},
    process::{Child, Command},
    sync::{
        Mutex, OnceLock,
        atomic::{AtomicU64, Ordering},
    },
    thread,
    time::{Duration, Instant},
};
use tokio::runtime::{Builder, Runtime};
use tokio_postgres::{Client, NoTls, SimpleQueryMessage};

/// The server refuses to run as root: then it runs as nobody.
const NOBODY: u32 = 65_534;

/// Runs a program, and ends it and removes its folder ($0) when told to (TERM, which the kernel
/// sends when the tests end), or ends it alone (USR1).
const WATCHED: &str = r#"
"$@" & child=$!
trap 'kill -QUIT $child; wait $child; cd /; rm -rf "$0"; exit' TERM INT
trap 'kill -INT $child; wait $child; exit' USR1
wait $child"#;

/// A server of its own folder.
pub(crate) struct Cluster {
    folder: PathBuf,
    port: u16,
    process: Mutex<Option<Child>>,
}

/// A database and the one role that owns it.
pub(crate) struct Database {
    pub(crate) name: String,
    pub(crate) user: String,
    pub(crate) password: String,
    pub(crate) port: u16,
    /// The certificate (PEM file) of the authority that the server's was signed by.
    pub(crate) authority: PathBuf,
}

impl Cluster {
    /// The server that all tests of this process share.
    pub(crate) fn shared() -> &'static Self {
        static SHARED: OnceLock<Cluster> = OnceLock::new();
        SHARED.get_or_init(Self::start)
    }

    /// Another server, to be restarted at will.
    pub(crate) fn start() -> Self {
        let folder = tempfile::Builder::new()
            .prefix("users-handler-")
            .tempdir()
            .unwrap()
            .keep();
        certificate::write(&folder);
        give_away(&folder);
        let mut initdb = Command::new("setpriv");
        privileges(&mut initdb);
        initdb
            .arg(programs::folder().join("initdb"))
            .arg("-D")
            .arg(folder.join("data"));
        initdb.args([
            "-U",
            "postgres",
            "-A",
            "trust",
            "-E",
            "UTF8",
            "--no-locale",
            "--no-sync",
        ]);
        let output = initdb.current_dir(&folder).output().unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        let access = "local all all trust\nhost all postgres 127.0.0.1/32 trust\n\
            host all all 127.0.0.1/32 scram-sha-256\nhost all all ::1/128 scram-sha-256\n";
        fs::write(folder.join("data/pg_hba.conf"), access).unwrap();
        let port = TcpListener::bind(("127.0.0.1", 0))
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let cluster = Self {
            folder,
            port,
            process: Mutex::new(None),
        };
        cluster.run();
        cluster
    }

    /// Ends the server, as a restart or a failover of RDS does: connections are cut.
    pub(crate) fn stop(&self) {
        let mut process = self
            .process
            .lock()
            .unwrap()
            .take()
            .expect("a running server");
        tether::signal(&process, "USR1");
        process.wait().unwrap();
    }

    /// Starts the server, and waits until it answers.
    pub(crate) fn run(&self) {
        let mut command = Command::new("setpriv");
        command.args(["--pdeathsig", "TERM"]);
        privileges(&mut command);
        command.args(["sh", "-c", WATCHED]).arg(&self.folder);
        command
            .arg(programs::folder().join("postgres"))
            .arg("-D")
            .arg(self.folder.join("data"));
        let tls = |name: &str| self.folder.join(name).display().to_string();
        for setting in [
            format!("port={}", self.port),
            "listen_addresses=127.0.0.1,127.0.0.2".to_owned(),
            format!("unix_socket_directories={}", self.folder.display()),
            "ssl=on".to_owned(),
            format!("ssl_cert_file={}", tls("server.pem")),
            format!("ssl_key_file={}", tls("server.key")),
            "fsync=off".to_owned(),
        ] {
            command.arg("-c").arg(setting);
        }
        let log = fs::File::create(self.folder.join("server.log")).unwrap();
        command
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .current_dir(&self.folder);
        *self.process.lock().unwrap() = Some(tether::spawn(command));
        self.wait_until_ready();
    }

    fn wait_until_ready(&self) {
        let start = Instant::now();
        while let Err(error) = try_query(self.port, "postgres", "SELECT 1") {
            let log = || fs::read_to_string(self.folder.join("server.log")).unwrap_or_default();
            assert!(
                start.elapsed() < Duration::from_secs(30),
                "{error}: {}",
                log()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// A new, empty database.
    pub(crate) fn database(&self) -> Database {
        static NEXT: AtomicU64 = AtomicU64::new(1);
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let database = Database {
            user: name.clone(),
            password: format!("pa'ss \"{name}"),
            port: self.port,
            authority: self.folder.join("ca.pem"),
            name,
        };
        let Database { name, .. } = &database;
        try_query(self.port, "postgres", &format!("CREATE ROLE {name} LOGIN")).unwrap();
        database.set_password(&database.password);
        try_query(
            self.port,
            "postgres",
            &format!("CREATE DATABASE {name} OWNER {name}"),
        )
        .unwrap();
        database
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut process) = self.process.lock().unwrap().take() {
            tether::signal(&process, "TERM");
            let _ = process.wait();
        }
        let _ = fs::remove_dir_all(&self.folder);
    }
}

impl Database {
    /// Runs statements as the server's superuser; the rows of all of them, as text.
    pub(crate) fn query(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        try_query(self.port, &self.name, sql).unwrap()
    }

    pub(crate) fn session(&self) -> Session {
        Session::open(self.port, &self.name).unwrap()
    }

    /// The whole table, a line a row.
    pub(crate) fn rows(&self) -> Vec<String> {
        let rows = self.query("SELECT row_to_json(users) FROM users ORDER BY id");
        rows.into_iter()
            .map(|row| row[0].clone().unwrap())
            .collect()
    }

    /// Changes the role's password on the server.
    pub(crate) fn set_password(&self, password: &str) {
        let password = password.replace('\'', "''");
        let sql = format!("ALTER ROLE {} PASSWORD '{password}'", self.user);
        try_query(self.port, "postgres", &sql).unwrap();
    }

    /// Cuts the handlers' connections.
    pub(crate) fn cut_connections(&self) {
        let sql = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'users-handler'";
        self.query(&format!("{sql} AND datname = current_database()"));
    }
}

/// A connection of the server's superuser.
pub(crate) struct Session {
    runtime: Runtime,
    client: Client,
}

impl Session {
    fn open(port: u16, database: &str) -> Result<Self, tokio_postgres::Error> {
        let runtime = Builder::new_current_thread().enable_all().build().unwrap();
        let mut config = tokio_postgres::Config::new();
        config
            .host("127.0.0.1")
            .port(port)
            .user("postgres")
            .dbname(database);
        let (client, connection) = runtime.block_on(config.connect(NoTls))?;
        runtime.spawn(connection);
        Ok(Self { runtime, client })
    }

    /// Runs statements; the rows of all of them, as text.
    pub(crate) fn query(&self, sql: &str) -> Vec<Vec<Option<String>>> {
        self.runtime.block_on(rows(&self.client, sql)).unwrap()
    }
}

fn try_query(
    port: u16,
    database: &str,
    sql: &str,
) -> Result<Vec<Vec<Option<String>>>, tokio_postgres::Error> {
    let session = Session::open(port, database)?;
    session.runtime.block_on(rows(&session.client, sql))
}

async fn rows(
    client: &Client,
    sql: &str,
) -> Result<Vec<Vec<Option<String>>>, tokio_postgres::Error> {
    let messages = client.simple_query(sql).await?;
    let rows = messages.into_iter().filter_map(|message| match message {
        SimpleQueryMessage::Row(row) => Some(row),
        _ => None,
    });
    Ok(rows
        .map(|row| {
            (0..row.len())
                .map(|at| row.get(at).map(ToOwned::to_owned))
                .collect()
        })
        .collect())
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output().unwrap();
    id.stdout.trim_ascii() == b"0"
}

fn privileges(command: &mut Command) {
    if is_root() {
        let nobody = NOBODY.to_string();
        command.args(["--reuid", &nobody, "--regid", &nobody, "--clear-groups"]);
    }
}

/// Makes the folder the server's own.
fn give_away(folder: &Path) {
    if !is_root() {
        return;
    }
    let files = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    for path in files.chain([folder.to_owned()]) {
        std::os::unix::fs::chown(path, Some(NOBODY), Some(NOBODY)).unwrap();
    }
}
