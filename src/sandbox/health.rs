//! Asks an emulator on this machine whether it is there: one plain HTTP request.

use std::time::Duration;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    time::timeout,
};

/// More than the emulator says; whoever else listens there may never stop.
const LONGEST: u64 = 64 * 1024;

/// Whether something at this port answers 200 to a GET of this path within two seconds.
pub(super) async fn answers(port: u16, path: &str) -> bool {
    let answer = timeout(Duration::from_secs(2), status_line(port, path)).await;
    matches!(answer, Ok(Ok(line)) if line.starts_with("HTTP/1.1 200"))
}

async fn status_line(port: u16, path: &str) -> std::io::Result<String> {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
    let request =
        format!("GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).await?;
    let mut answer = vec![];
    stream.take(LONGEST).read_to_end(&mut answer).await?;
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_in_memory::endless::{BETWEEN, Endless, LENGTHS};

    #[tokio::test]
    async fn what_never_stops_answering_is_heard_for_a_moment() {
        for length in LENGTHS {
            let mut server = Endless::with(length);
            assert!(answers(server.port, "/health").await);
            assert!(server.sent().await < BETWEEN);
        }
    }
}
