//! Plain HTTP requests: to a deployed API, for a pool's public keys, to the login's endpoints.
//!
//! They go through the SDK's own connector, so there is one TLS stack and one way to find proxies.
//! Redirects are answers like others: whoever wants to follow one does.

use super::SecretString;
use crate::{
    aws::body,
    error::{Error, ErrorKind, Result, innermost},
};
use aws_smithy_http_client::{
    Connector,
    proxy::ProxyConfig,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector, HttpConnectorSettings},
    orchestrator::HttpRequest,
};
use aws_smithy_types::body::SdkBody;
use std::time::{Duration, Instant};

/// Longer than API Gateway waits for a function.
const PATIENCE: Duration = Duration::from_secs(40);

/// What sends requests.
pub struct Http {
    connector: Connector,
    /// The one origin that may be asked, where there is an emulator.
    only: Option<String>,
}

/// A request. It may carry a token, so it has no `Debug`.
#[derive(Clone)]
pub struct Request {
    pub method: String,
    pub url: String,
    pub headers: Vec<(String, SecretString)>,
    pub body: SecretString,
}

impl Request {
    pub fn new(method: impl Into<String>, url: impl Into<String>) -> Self {
        Self {
            method: method.into(),
            url: url.into(),
            headers: vec![],
            body: SecretString::new(""),
        }
    }

    pub fn get(url: impl Into<String>) -> Self {
        Self::new("GET", url)
    }

    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), SecretString::new(value)));
        self
    }

    /// With a token in the header that carries it.
    pub fn token(self, header: &str, token: &SecretString) -> Self {
        self.header(header, format!("Bearer {}", token.expose()))
    }

    pub fn body(self, content_type: &str, body: impl Into<String>) -> Self {
        self.bare_body(body).header("Content-Type", content_type)
    }

    /// With a body of whose media type a header tells already.
    pub fn bare_body(mut self, body: impl Into<String>) -> Self {
        self.body = SecretString::new(body);
        self
    }
}

/// An answer, whatever its status. It may carry a token, so it has no `Debug`.
pub struct Response {
    pub status: u16,
    /// In the order in which they came, the names in small letters.
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
    pub took: Duration,
}

impl Response {
    /// The first header of this name, whose case does not matter.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers
            .iter()
            .find(|it| it.0.eq_ignore_ascii_case(name))
            .map(|it| it.1.as_str())
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }
}

impl Http {
    /// To AWS, or to nothing but the emulator at this endpoint.
    pub fn to(endpoint: Option<&str>) -> Self {
        let only = endpoint.and_then(origin).map(ToOwned::to_owned);
        let settings = HttpConnectorSettings::builder()
            .connect_timeout(Duration::from_secs(5))
            .build();
        let builder = Connector::builder().connector_settings(settings);
        let connector = match &only {
            // On this machine, without TLS; the user's proxy is for the internet.
            Some(origin) if origin.starts_with("http://") => builder.build_http(),
            _ => builder
                .proxy_config(ProxyConfig::from_env())
                .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
                .build(),
        };
        Self { connector, only }
    }

    /// Sends a request once; a status that tells of an error is an answer, not an error.
    pub async fn send(&self, request: Request) -> Result<Response> {
        self.check(&request.url)?;
        let place = format!("{} {}", request.method, without_query(&request.url));
        let started = Instant::now();
        let answer = tokio::time::timeout(PATIENCE, self.exchange(request)).await;
        let late = |_| {
            Error::new(
                ErrorKind::Aws,
                format!("no answer after {} s", PATIENCE.as_secs()),
            )
        };
        let answer = answer.map_err(late).and_then(|answer| answer);
        let answer = answer.map_err(|error| {
            error
                .at(place)
                .hint("check the network and the URL; is the stack still there?")
        })?;
        Ok(Response {
            took: started.elapsed(),
            ..answer
        })
    }

    async fn exchange(&self, request: Request) -> Result<Response> {
        let answer = self.connector.call(wire(&request)?).await;
        let answer = answer.map_err(|error| Error::new(ErrorKind::Aws, innermost(&error)))?;
        let headers = answer
            .headers()
            .iter()
            .map(|(name, value)| (name.to_owned(), value.to_owned()));
        let (status, headers) = (answer.status().as_u16(), headers.collect());
        let body = body::whole(answer.into_body(), body::LARGEST).await;
        let body = body.map_err(|why| Error::new(ErrorKind::Aws, why))?;
        Ok(Response {
            status,
            headers,
            body,
            took: Duration::ZERO,
        })
    }

    fn check(&self, url: &str) -> Result<()> {
        let of = origin(url).ok_or_else(|| {
            Error::input(format!("{}: this is not a URL", without_query(url)))
                .hint("write https://HOST/PATH")
        })?;
        match &self.only {
            Some(only) if only != of => Err(Error::refused(format!(
                "{of} is not asked: only the emulator at {only} is"
            ))
            .hint("leave out --sandbox or --endpoint-url to reach other hosts")),
            _ => Ok(()),
        }
    }
}

fn wire(request: &Request) -> Result<HttpRequest> {
    // The URL and the headers may hold secrets, so the causes are not repeated.
    let cannot_be_sent = |what: &str| Error::input(format!("{what} cannot be sent over HTTP"));
    let mut wire = HttpRequest::new(SdkBody::from(request.body.expose()));
    wire.set_method(&request.method)
        .map_err(|_| cannot_be_sent("the method").hint("write one such as GET"))?;
    wire.set_uri(request.url.as_str()).map_err(|_| {
        cannot_be_sent("the URL").hint("write special characters as %XX: a space is %20")
    })?;
    for (name, value) in &request.headers {
        let set = wire
            .headers_mut()
            .try_insert(name.clone(), value.expose().to_owned());
        set.map_err(|_| {
            cannot_be_sent(&format!("the header {name:?}")).hint("write NAME: VALUE, in ASCII")
        })?;
    }
    Ok(wire)
}

/// `http://HOST:PORT` of a URL.
fn origin(url: &str) -> Option<&str> {
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| url.starts_with(scheme))?;
    let end = url[scheme.len()..]
        .find(['/', '?', '#'])
        .map_or(url.len(), |end| scheme.len() + end);
    (end > scheme.len()).then(|| &url[..end])
}

/// A query may hold a code or a token.
fn without_query(url: &str) -> &str {
    url.split(['?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn with_an_emulator_no_other_host_is_asked() {
        let http = Http::to(Some("http://127.0.0.1:4566/"));
        for url in [
            "https://example.com/?code=secret",
            "http://127.0.0.1:45667/",
            "http://127.0.0.1:4566@example.com/",
        ] {
            let error = http.send(Request::get(url)).await.err().unwrap();
            assert_eq!(error.kind, ErrorKind::Refused, "{url}: {error}");
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn an_origin_ends_where_the_path_begins() {
        assert_eq!(
            origin("https://a.example.com?x=/"),
            Some("https://a.example.com")
        );
        assert_eq!(origin("http://127.0.0.1:80/x"), Some("http://127.0.0.1:80"));
        assert_eq!(origin("ftp://a"), None);
        assert_eq!(origin("https:///x"), None);
    }

    #[tokio::test]
    async fn an_unreachable_host_is_named_without_the_query() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        drop(listener);
        let url = format!("http://{address}/path?code=secret");
        let error = Http::to(Some(&format!("http://{address}")))
            .send(Request::get(url))
            .await
            .err()
            .unwrap();
        assert!(
            error
                .to_string()
                .starts_with(&format!("GET http://{address}/path: ")),
            "{error}"
        );
        assert!(!error.to_string().contains("secret"), "{error}");
    }

    /// An API, a login and a pool's keys are all asked so.
    #[tokio::test]
    async fn an_answer_that_never_ends_is_an_error_and_no_more_of_it_is_read() {
        use aws_in_memory::endless::{BETWEEN, Endless, LENGTHS};
        for length in LENGTHS {
            let mut server = Endless::with(length);
            let url = format!("{}/keys?code=canary", server.url());
            let error = Http::to(Some(&server.url()))
                .send(Request::get(&url))
                .await
                .err()
                .unwrap();
            assert_eq!(
                error.to_string(),
                format!("GET {}/keys: the answer has more than 64 MB", server.url())
            );
            assert!(server.sent().await <= body::LARGEST + BETWEEN, "{length:?}");
            let error = crate::identity::fetch_keys(&Http::to(Some(&server.url())), &url)
                .await
                .err()
                .unwrap();
            assert!(error.to_string().contains("more than 64 MB"), "{error}");
        }
    }

    #[tokio::test]
    async fn a_token_with_a_line_break_is_refused_and_not_shown() {
        let request = Request::get("http://127.0.0.1:1/")
            .token("Authorization", &SecretString::new("a\r\nb-secret"));
        let error = Http::to(Some("http://127.0.0.1:1"))
            .send(request)
            .await
            .err()
            .unwrap();
        assert!(!format!("{error:?}").contains("secret"), "{error:?}");
    }
}
