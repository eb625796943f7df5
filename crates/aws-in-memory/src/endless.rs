//! A server whose answers have no end: whoever asks it has to stop by itself.

use std::{
    io::{BufRead, BufReader, Write},
    net::{TcpListener, TcpStream},
    thread,
    time::Duration,
};
use tokio::sync::mpsc;

/// What the head of an answer may say of how long it is.
pub const LENGTHS: [&str; 3] = [
    "",
    "Content-Length: 1099511627776\r\n",
    "Transfer-Encoding: chunked\r\n",
];

/// Bytes that the kernel and the client's own buffers hold beside the answer.
pub const BETWEEN: usize = 16 << 20;

/// A server that begins an answer to each request and never ends it.
pub struct Endless {
    pub port: u16,
    sent: mpsc::UnboundedReceiver<usize>,
}

impl Endless {
    /// One whose answers say of their length what is in `length`.
    ///
    /// # Panics
    /// Where there is no free port.
    pub fn with(length: &'static str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port is free");
        let port = listener.local_addr().expect("it has a port").port();
        let (sender, sent) = mpsc::unbounded_channel();
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let sender = sender.clone();
                thread::spawn(move || sender.send(send(&stream, length)));
            }
        });
        Self { port, sent }
    }

    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// How many bytes the next connection took before it was closed.
    ///
    /// # Panics
    /// Where none was closed within a minute.
    pub async fn sent(&mut self) -> usize {
        let sent = tokio::time::timeout(Duration::from_secs(60), self.sent.recv()).await;
        sent.ok().flatten().expect("nobody has closed it")
    }
}

fn send(mut stream: &TcpStream, length: &str) -> usize {
    BufReader::new(stream)
        .lines()
        .map_while(Result::ok)
        .take_while(|line| !line.is_empty())
        .for_each(drop);
    let head = format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{length}\r\n");
    let spaces = " ".repeat(1 << 16);
    let part = if length.contains("chunked") {
        format!("10000\r\n{spaces}\r\n")
    } else {
        spaces
    };
    let mut sent = 0;
    let mut next = head.as_bytes();
    while stream.write_all(next).is_ok() {
        sent += next.len();
        next = part.as_bytes();
    }
    sent
}
