//! Opening a connection: TLS with a verified certificate, or plain to this very machine.

use super::Failure;
use crate::{secret::Login, settings::Server};
use std::{
    net::IpAddr,
    time::{Duration, Instant},
};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::JoinHandle,
    time::timeout,
};
use tokio_postgres::{
    Client, Config, NoTls,
    config::SslMode,
    tls::{MakeTlsConnect, TlsConnect},
};
use tokio_postgres_rustls::MakeRustlsConnect;

/// For everything together: name, TCP, TLS and login.
const CONNECT: Duration = Duration::from_secs(2);
const DEFAULT_PORT: u16 = 5432;

/// An open connection and the task that drives it.
pub(super) struct Connection {
    client: Client,
    driver: JoinHandle<()>,
    used: Instant,
}

impl Connection {
    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// How long nothing was asked of it.
    pub(super) fn idle(&self) -> Duration {
        self.used.elapsed()
    }

    pub(super) fn touch(&mut self) {
        self.used = Instant::now();
    }
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

/// Connects within two seconds.
pub(super) async fn connect(
    server: &Server,
    login: &Login,
    tls: Option<MakeRustlsConnect>,
) -> Result<Connection, Failure> {
    let connecting = async {
        let host = server.host.as_ref().or(login.host.as_ref());
        let host = host.ok_or_else(|| missing("DB_HOST"))?;
        let port = server.port.or(login.port).unwrap_or(DEFAULT_PORT);
        let config = config(server, login)?;
        match tls {
            Some(tls) => encrypted(config, host, port, tls).await,
            None => plain(config, host, port).await,
        }
    };
    timeout(CONNECT, connecting).await.map_err(|_| {
        Failure::Unavailable("the server did not accept a connection in time".to_owned())
    })?
}

fn config(server: &Server, login: &Login) -> Result<Config, Failure> {
    let database = server
        .name
        .as_ref()
        .or(login.database.as_ref())
        .ok_or_else(|| missing("DB_NAME"))?;
    let mut config = Config::new();
    config
        .user(&login.username)
        .password(&login.password)
        .dbname(database);
    config.application_name("users-handler");
    Ok(config)
}

fn missing(setting: &str) -> Failure {
    Failure::Unavailable(format!(
        "neither {setting} nor the secret tells where the database is"
    ))
}

async fn encrypted(
    mut config: Config,
    host: &str,
    port: u16,
    mut tls: MakeRustlsConnect,
) -> Result<Connection, Failure> {
    config.ssl_mode(SslMode::Require);
    let stream = stream(host, port).await?;
    let Ok(tls) = MakeTlsConnect::<TcpStream>::make_tls_connect(&mut tls, host);
    open(config, stream, tls).await
}

async fn plain(mut config: Config, host: &str, port: u16) -> Result<Connection, Failure> {
    let refused =
        || Failure::Unavailable("DB_TLS=off is refused: the host is not this machine".to_owned());
    if !is_loopback(host) {
        return Err(refused());
    }
    config.ssl_mode(SslMode::Disable);
    let stream = stream(host, port).await?;
    match stream.peer_addr() {
        Ok(peer) if peer.ip().is_loopback() => open(config, stream, NoTls).await,
        _ => Err(refused()),
    }
}

fn is_loopback(host: &str) -> bool {
    host == "localhost"
        || host
            .parse::<IpAddr>()
            .is_ok_and(|address| address.is_loopback())
}

async fn stream(host: &str, port: u16) -> Result<TcpStream, Failure> {
    let stream = TcpStream::connect((host, port)).await;
    stream
        .and_then(|stream| stream.set_nodelay(true).map(|()| stream))
        .map_err(|error| Failure::Unavailable(format!("the server cannot be reached: {error}")))
}

async fn open<T>(config: Config, stream: TcpStream, tls: T) -> Result<Connection, Failure>
where
    T: TlsConnect<TcpStream>,
    T::Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (client, connection) = config.connect_raw(stream, tls).await?;
    // How it ended is told to whoever asks next.
    let driver = tokio::spawn(async {
        let _ = connection.await;
    });
    Ok(Connection {
        client,
        driver,
        used: Instant::now(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_may_be_reached_without_tls() {
        assert!(
            ["localhost", "127.0.0.1", "127.9.9.9", "::1"]
                .into_iter()
                .all(is_loopback)
        );
        let others = [
            "db.example.com",
            "10.0.0.1",
            "0.0.0.0",
            "127.0.0.1.example.com",
            "localhost.",
            "",
        ];
        assert!(!others.into_iter().any(is_loopback));
    }
}
