//! The one connection to PostgreSQL: opened at the start, kept between requests, opened again
//! when it is lost.

mod connect;
mod failure;
mod schema;
mod tls;

use crate::{
    answer::Refusal,
    log,
    secret::{Login, Secret, Stage},
    settings::Server,
};
use connect::Connection;
pub(crate) use failure::Failure;
use std::{
    sync::{
        Mutex,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};
use tokio::time::{sleep, timeout};
use tokio_postgres::Client;
use tokio_postgres_rustls::MakeRustlsConnect;

/// The server ends a statement after this, the handler soon after.
const STATEMENT: Duration = Duration::from_secs(3);
const GRACE: Duration = Duration::from_millis(500);
/// A connection idle for longer is tried before it is used: a frozen execution environment
/// hears nothing of connections that die meanwhile.
const IDLE: Duration = Duration::from_secs(20);
const PING: Duration = Duration::from_millis(500);
/// How often work is tried on a new connection.
const ATTEMPTS: usize = 3;
/// How often both stages of the secret are tried, and the pause in between.
const ROUNDS: usize = 3;
const PAUSE: Duration = Duration::from_millis(150);

/// The database, reached or not.
pub(crate) struct Database {
    server: Server,
    secret: Secret,
    tls: Option<MakeRustlsConnect>,
    /// Taken out while it is in use, so that work that is given up never leaves one in doubt.
    idle: Mutex<Option<Connection>>,
    is_migrated: AtomicBool,
}

impl Database {
    /// Prepares to reach the server; an error says what is wrong with the settings.
    pub(crate) fn new(server: Server) -> Result<Self, String> {
        let tls = if server.plain {
            None
        } else {
            Some(tls::connector(server.ca_file.as_deref())?)
        };
        let secret = Secret::new(&server.secret);
        if let Some(username) = server.user.clone() {
            secret.remember(Login {
                username,
                password: String::new(),
                host: None,
                port: None,
                database: None,
            });
        }
        Ok(Self {
            server,
            secret,
            tls,
            idle: Mutex::new(None),
            is_migrated: AtomicBool::new(false),
        })
    }

    /// Opens the connection before the first request, when Lambda gives the most time.
    pub(crate) async fn start(&self) -> Result<(), Refusal> {
        let connection = self.open().await?;
        self.keep(connection);
        Ok(())
    }

    /// Does `work`, once more where the connection turns out to be lost: all work here may be
    /// repeated. Beware of a `DELETE` whose reply is lost: the second time there is no row.
    pub(crate) async fn run<T>(
        &self,
        work: impl AsyncFn(&Client) -> Result<T, Failure>,
    ) -> Result<T, Refusal> {
        for _ in 1..ATTEMPTS {
            match self.attempt(&work).await? {
                Err(Failure::Lost(cause)) => {
                    log::notice(&format!("the connection is lost: {cause}"))
                }
                result => return result.map_err(Failure::refusal),
            }
        }
        self.attempt(&work).await?.map_err(Failure::refusal)
    }

    async fn attempt<T>(
        &self,
        work: &impl AsyncFn(&Client) -> Result<T, Failure>,
    ) -> Result<Result<T, Failure>, Refusal> {
        let connection = self.take().await?;
        let Ok(result) = timeout(STATEMENT + GRACE, work(connection.client())).await else {
            return Ok(Err(Failure::Unavailable(
                "the server did not answer in time".to_owned(),
            )));
        };
        match &result {
            Err(Failure::Lost(_)) => {}
            // Whatever is wrong with the table, the next connection starts with a look at it.
            Err(Failure::Internal(_)) => self.is_migrated.store(false, Ordering::Relaxed),
            _ => self.keep(connection),
        }
        Ok(result)
    }

    async fn take(&self) -> Result<Connection, Refusal> {
        let idle = self.idle.lock().ok().and_then(|mut idle| idle.take());
        if let Some(connection) = idle
            && is_alive(&connection).await
        {
            return Ok(connection);
        }
        self.open().await
    }

    fn keep(&self, mut connection: Connection) {
        connection.touch();
        if let Ok(mut idle) = self.idle.lock() {
            *idle = Some(connection);
        }
    }

    /// Connects with the login that worked last, then with the secret's current value, then with
    /// the one that a rotation in progress is about to make current.
    async fn open(&self) -> Result<Connection, Refusal> {
        let mut refused: Vec<Login> = vec![];
        if let Some(connection) = self.offer(self.secret.known(), &mut refused).await? {
            return Ok(connection);
        }
        for round in 0..ROUNDS {
            if round > 0 {
                sleep(PAUSE).await;
            }
            for stage in [Stage::Current, Stage::Pending] {
                let login = self.secret.fetch(stage).await?;
                if let Some(connection) = self.offer(login, &mut refused).await? {
                    return Ok(connection);
                }
            }
        }
        Err(unavailable(
            "the server refuses the secret's user or password".to_owned(),
        ))
    }

    /// Tries one login, but none that was refused before; `None` where the server refuses it.
    async fn offer(
        &self,
        login: Option<Login>,
        refused: &mut Vec<Login>,
    ) -> Result<Option<Connection>, Refusal> {
        let Some(login) = login.filter(|login| !refused.contains(login)) else {
            return Ok(None);
        };
        match self.connect(&login).await {
            Ok(connection) => {
                self.secret.remember(login);
                Ok(Some(connection))
            }
            Err(Failure::LoginRefused) => {
                log::notice("the server refuses the password: it is fetched again");
                refused.push(login);
                Ok(None)
            }
            Err(failure) => Err(unavailable(failure.cause())),
        }
    }

    async fn connect(&self, login: &Login) -> Result<Connection, Failure> {
        let connection = connect::connect(&self.server, login, self.tls.clone()).await?;
        let migrate = !self.is_migrated.load(Ordering::Relaxed);
        let prepare = schema::prepare(connection.client(), migrate, self.server.demo_rows);
        timeout(STATEMENT + GRACE, prepare)
            .await
            .map_err(|_| Failure::Unavailable("the table was not ready in time".to_owned()))??;
        self.is_migrated.store(true, Ordering::Relaxed);
        Ok(connection)
    }
}

async fn is_alive(connection: &Connection) -> bool {
    let client = connection.client();
    if client.is_closed() {
        return false;
    }
    connection.idle() < IDLE || matches!(timeout(PING, client.check_connection()).await, Ok(Ok(())))
}

fn unavailable(cause: String) -> Refusal {
    Refusal::unavailable("The database is unavailable, try again later", cause)
}
