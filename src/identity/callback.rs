//! The loopback web server that the browser comes back to after the hosted login.

use super::oauth::{AuthorizationRequest, CallbackResult, Loopback};
use crate::error::{Error, ErrorKind, Result};
use rustix::io::Errno;
use std::{sync::Arc, time::Duration};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// Larger than any browser's request for a callback.
const LONGEST: usize = 16 * 1024;

/// Where the browser can come back to, from now on.
pub struct Callback {
    listeners: Vec<TcpListener>,
    loopback: Loopback,
}

impl Callback {
    /// Listens on this machine only, at every address that a browser takes for the callback's: where
    /// another program listened at one of them, it would get the code.
    ///
    /// # Errors
    /// [`ErrorKind::Input`] where one of them is taken.
    pub async fn listen(loopback: &Loopback) -> Result<Self> {
        // A browser takes either for localhost, and often tries the last one first.
        let addresses: &[&str] = match loopback.host.as_str() {
            "127.0.0.1" => &["127.0.0.1"],
            "[::1]" => &["[::1]"],
            _ => &["127.0.0.1", "[::1]"],
        };
        let mut listeners = vec![];
        for address in addresses {
            let address = format!("{address}:{}", loopback.port);
            match TcpListener::bind(&address).await {
                Ok(listener) => listeners.push(listener),
                // Without IPv6 nobody else listens there either.
                Err(error) if !listeners.is_empty() && has_no_such_address(&error) => {}
                Err(error) => return Err(busy(loopback, &address, &error)),
            }
        }
        Ok(Self {
            listeners,
            loopback: loopback.clone(),
        })
    }

    /// Waits for the browser; requests for anything else are turned away.
    pub async fn wait(self, attempt: Arc<AuthorizationRequest>) -> Result<CallbackResult> {
        let (sender, mut receiver) = mpsc::channel(1);
        let mut servers = tokio::task::JoinSet::new();
        for listener in self.listeners {
            let (sender, path, attempt) = (
                sender.clone(),
                self.loopback.path.clone(),
                Arc::clone(&attempt),
            );
            servers.spawn(serve(listener, path, attempt, sender));
        }
        drop(sender);
        receiver
            .recv()
            .await
            .ok_or_else(|| Error::internal("the callback's servers ended"))
    }
}

/// Whether this machine has no address of that kind.
fn has_no_such_address(error: &std::io::Error) -> bool {
    [
        Errno::ADDRNOTAVAIL,
        Errno::AFNOSUPPORT,
        Errno::PROTONOSUPPORT,
    ]
    .iter()
    .any(|it| error.raw_os_error() == Some(it.raw_os_error()))
}

fn busy(loopback: &Loopback, address: &str, error: &std::io::Error) -> Error {
    Error::new(ErrorKind::Input, format!("cannot listen on {address} for {}: {error}", loopback.url)).hint(
        "whoever listens there would get the sign-in's code; stop it, or name another of the client's callback \
         URLs with --callback",
    )
}

/// A browser opens connections ahead of need, so each is read by itself.
async fn serve(
    listener: TcpListener,
    path: String,
    attempt: Arc<AuthorizationRequest>,
    sender: mpsc::Sender<CallbackResult>,
) {
    let mut connections = tokio::task::JoinSet::new();
    while let Ok((stream, _)) = listener.accept().await {
        let (path, attempt, sender) = (path.clone(), Arc::clone(&attempt), sender.clone());
        connections.spawn(async move {
            let answered =
                tokio::time::timeout(Duration::from_secs(10), answer(stream, &path, &attempt))
                    .await;
            if let Ok(Some(brought)) = answered {
                let _ = sender.send(brought).await;
            }
        });
    }
}

/// Answers one request; `Some` when it is the one that is waited for.
async fn answer(
    mut stream: TcpStream,
    path: &str,
    attempt: &AuthorizationRequest,
) -> Option<CallbackResult> {
    let head = head(&mut stream).await?;
    let target = head.strip_prefix("GET ")?.split(' ').next()?;
    let (asked, query) = target.split_once('?').unwrap_or((target, ""));
    let brought = if asked == path {
        attempt.brought(query)
    } else {
        CallbackResult::Other
    };
    let (status, text) = match &brought {
        CallbackResult::Code(_) => ("200 OK", "You are signed in. You can close this page."),
        CallbackResult::Refusal(_) => ("200 OK", "You are not signed in. The terminal says why."),
        CallbackResult::Other => ("404 Not Found", "There is nothing here."),
    };
    let page = format!("<!doctype html><meta charset=utf-8><title>wsctl</title><p>{text}");
    // The address has the code in it: nobody is told where the browser came from.
    let answer = format!(
        "HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\nContent-Length: {}\r\n\
         Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\nConnection: close\r\n\r\n{page}",
        page.len()
    );
    let _ = stream.write_all(answer.as_bytes()).await;
    let _ = stream.shutdown().await;
    (brought != CallbackResult::Other).then_some(brought)
}

async fn head(stream: &mut TcpStream) -> Option<String> {
    let mut bytes = vec![];
    while !bytes.windows(4).any(|it| it == b"\r\n\r\n") {
        let mut part = [0; 1024];
        let count = stream
            .read(&mut part)
            .await
            .ok()
            .filter(|count| *count > 0)?;
        bytes.extend_from_slice(&part[..count]);
        if bytes.len() > LONGEST {
            return None;
        }
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    async fn get(port: u16, target: &str) -> String {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await.unwrap();
        stream
            .write_all(format!("GET {target} HTTP/1.1\r\nHost: localhost\r\n\r\n").as_bytes())
            .await
            .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.unwrap();
        answer
    }

    async fn free() -> (Loopback, Callback) {
        let port = TcpListener::bind("127.0.0.1:0")
            .await
            .unwrap()
            .local_addr()
            .unwrap()
            .port();
        let loopback = Loopback::parse(&format!("http://127.0.0.1:{port}/callback")).unwrap();
        let callback = Callback::listen(&loopback).await.unwrap();
        (loopback, callback)
    }

    #[tokio::test]
    async fn only_the_right_path_with_the_right_state_ends_the_wait() {
        let (loopback, callback) = free().await;
        let attempt = Arc::new(AuthorizationRequest::new(&loopback.url));
        let waiting = tokio::spawn(callback.wait(Arc::clone(&attempt)));
        // A connection on which nothing comes does not hold up the others.
        let _idle = TcpStream::connect(("127.0.0.1", loopback.port))
            .await
            .unwrap();
        let right = format!("code=c&state={}", attempt.state);
        for other in [
            "/favicon.ico".into(),
            "/callback?code=c&state=forged".into(),
            format!("/other?{right}"),
        ] {
            assert!(
                get(loopback.port, &other).await.starts_with("HTTP/1.1 404"),
                "{other}"
            );
        }
        let page = get(loopback.port, &format!("/callback?{right}")).await;
        assert!(
            page.starts_with("HTTP/1.1 200") && !page.contains("state="),
            "{page}"
        );
        assert_eq!(
            waiting.await.unwrap().unwrap(),
            CallbackResult::Code(super::super::SecretString::new("c"))
        );
    }

    /// Each place at which another program may wait for the code, and what a browser would be sent to.
    #[tokio::test]
    async fn where_somebody_listens_already_no_browser_is_waited_for() {
        let reached = [
            ("127.0.0.1", &["localhost", "127.0.0.1"][..]),
            ("0.0.0.0", &["localhost", "127.0.0.1"]),
            ("[::1]", &["localhost", "[::1]"]),
            ("[::]", &["localhost", "[::1]"]),
        ];
        for (taken, hosts) in reached {
            // Without IPv6 nobody listens there.
            let Ok(other) = std::net::TcpListener::bind(format!("{taken}:0")) else {
                assert!(taken.starts_with('['));
                continue;
            };
            let port = other.local_addr().unwrap().port();
            for host in hosts {
                let loopback = Loopback::parse(&format!("http://{host}:{port}/callback")).unwrap();
                let error = Callback::listen(&loopback).await.err();
                let error = error.unwrap_or_else(|| panic!("{host} with {taken} taken"));
                assert!(
                    error
                        .to_string()
                        .contains(&format!(":{port} for http://{host}:{port}/")),
                    "{error}"
                );
                assert!(error.hint.unwrap().contains("--callback"));
            }
        }
    }

    #[test]
    fn only_a_machine_without_such_addresses_need_not_listen_there() {
        let error = |it: Errno| std::io::Error::from_raw_os_error(it.raw_os_error());
        assert!(has_no_such_address(&error(Errno::ADDRNOTAVAIL)));
        assert!(has_no_such_address(&error(Errno::AFNOSUPPORT)));
        for other in [Errno::ADDRINUSE, Errno::ACCESS, Errno::MFILE, Errno::PERM] {
            assert!(!has_no_such_address(&error(other)), "{other}");
        }
    }
}
