//! A callback on this machine: where a program without a server of its own has the browser come back
//! (RFC 8252 §7.3). Pure.

/// A callback URL on this machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Loopback {
    pub url: String,
    pub host: String,
    pub port: u16,
    pub path: String,
}

impl Loopback {
    /// Of `http://localhost:3000/callback` and the like; `None` of other URLs.
    pub fn parse(url: &str) -> Option<Self> {
        let (authority, path) = match url.strip_prefix("http://")?.split_once('/') {
            Some((authority, path)) => (
                authority,
                format!("/{}", path.split('?').next().unwrap_or_default()),
            ),
            None => (url.strip_prefix("http://")?, "/".to_owned()),
        };
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port.parse().ok()?),
            _ => (authority, 80),
        };
        let is_here = ["localhost", "127.0.0.1", "[::1]"].contains(&host);
        is_here.then(|| Self {
            url: url.to_owned(),
            host: host.to_owned(),
            port,
            path,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn callbacks_on_this_machine_are_told_from_others() {
        let parse = |url: &str| Loopback::parse(url).map(|it| (it.host, it.port, it.path));
        let found = |host: &str, port, path: &str| Some((host.to_owned(), port, path.to_owned()));
        assert_eq!(
            parse("http://localhost:3000/callback"),
            found("localhost", 3000, "/callback")
        );
        assert_eq!(
            parse("http://127.0.0.1:8765"),
            found("127.0.0.1", 8765, "/")
        );
        assert_eq!(parse("http://[::1]:1/a"), found("[::1]", 1, "/a"));
        assert_eq!(parse("http://[::1]/a"), found("[::1]", 80, "/a"));
        for other in [
            "https://localhost/",
            "http://localhost.example.com/",
            "myapp://x",
            "http://localhost:x/",
        ] {
            assert_eq!(parse(other), None, "{other}");
        }
    }
}
