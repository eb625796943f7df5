//! An HTTP client under the SDK that notes every request and fails those it is told to.

use aws_smithy_runtime_api::{
    client::{
        http::{
            HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings,
            SharedHttpClient, SharedHttpConnector,
        },
        orchestrator::{HttpRequest, HttpResponse},
        result::ConnectorError,
        runtime_components::RuntimeComponents,
    },
    http::StatusCode,
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use std::{
    fmt, mem,
    sync::{Arc, Mutex},
};

/// One request as it went over the wire.
#[derive(Clone, Debug)]
pub(crate) struct Asked {
    /// As the signature has it: `cognito-idp`, `apigateway`, `lambda`, `logs`, `iam`,
    /// `secretsmanager`, `tagging`, `sts`.
    pub(crate) service: String,
    /// `CreateUserPool`; for API Gateway and Lambda, which have only paths, `POST /restapis`.
    pub(crate) operation: String,
    pub(crate) body: String,
}

/// A request and what came back: `None` when no reply reached the SDK.
#[derive(Clone, Debug)]
pub(crate) struct Exchange {
    pub(crate) asked: Asked,
    pub(crate) status: Option<u16>,
}

/// What becomes of a request.
pub(crate) enum Verdict {
    Pass,
    /// It never arrives.
    RefuseConnection,
    /// It takes effect, but the reply does not arrive.
    LoseReply,
    /// It takes effect, and is answered with this status.
    FailAfter(u16),
    /// It arrives twice, as if a process that died had sent it too; this is the second reply.
    Repeat,
    /// It takes effect, and no reply ever comes.
    Stall,
    /// It does not arrive; this is the reply: status, body, headers.
    Answer(u16, String, Vec<(String, String)>),
    /// It arrives with this body instead of its own.
    Send(String),
    /// It arrives; of a successful reply, this is made of the body.
    Alter(Box<dyn FnOnce(String) -> String + Send>),
}

impl Verdict {
    /// An answer of 200 in JSON.
    pub(crate) fn json(body: &serde_json::Value) -> Self {
        Self::Answer(200, body.to_string(), vec![])
    }

    /// A service's refusal with this code.
    pub(crate) fn refusal(status: u16, code: &str) -> Self {
        let header = ("x-amzn-errortype".to_owned(), code.to_owned());
        Self::Answer(
            status,
            serde_json::json!({ "message": "answered by the test" }).to_string(),
            vec![header],
        )
    }
}

type Judge = Box<dyn FnMut(&Asked) -> Verdict + Send>;

#[derive(Default)]
struct State {
    exchanges: Mutex<Vec<Exchange>>,
    judge: Mutex<Option<Judge>>,
    headers: Mutex<Vec<(String, String)>>,
    waves: Mutex<Option<Arc<Waves>>>,
}

/// The tests' end of the wire.
#[derive(Clone, Default)]
pub(crate) struct Wire(Arc<State>);

impl Wire {
    /// A wire, and the client to give to the SDK: plain HTTP only, as the emulators speak it.
    pub(crate) fn new() -> (Self, SharedHttpClient) {
        Self::over(aws_smithy_http_client::Builder::new().build_http())
    }

    /// A wire to what `inner` reaches.
    pub(crate) fn over(inner: SharedHttpClient) -> (Self, SharedHttpClient) {
        let wire = Self::default();
        let client = SharedHttpClient::new(Client {
            wire: wire.clone(),
            inner,
        });
        (wire, client)
    }

    /// Everything sent since the last time, in the order of sending.
    pub(crate) fn take(&self) -> Vec<Exchange> {
        mem::take(&mut *self.0.exchanges.lock().unwrap())
    }

    /// Decides every request from now on.
    pub(crate) fn on(&self, judge: impl FnMut(&Asked) -> Verdict + Send + 'static) {
        *self.0.judge.lock().unwrap() = Some(Box::new(judge));
    }

    /// Makes moto see every request as this account's.
    pub(crate) fn in_moto_account(&self, account: &str) {
        self.0
            .headers
            .lock()
            .unwrap()
            .push(("x-moto-account-id".into(), account.into()));
    }

    /// Holds every reply back until no further request comes, then lets them all go at once: a wave.
    pub(crate) fn in_waves(&self) -> Arc<Waves> {
        let waves = Arc::new(Waves::default());
        *self.0.waves.lock().unwrap() = Some(Arc::clone(&waves));
        waves
    }

    fn judge(&self, asked: &Asked) -> Verdict {
        self.0
            .judge
            .lock()
            .unwrap()
            .as_mut()
            .map_or(Verdict::Pass, |judge| judge(asked))
    }

    /// Notes the request; what came back is filled in later, at this index while nobody took it.
    fn note(&self, asked: &Asked) -> usize {
        let mut exchanges = self.0.exchanges.lock().unwrap();
        exchanges.push(Exchange {
            asked: asked.clone(),
            status: None,
        });
        exchanges.len() - 1
    }

    fn answered(&self, index: usize, status: u16) {
        if let Some(exchange) = self.0.exchanges.lock().unwrap().get_mut(index) {
            exchange.status = Some(status);
        }
    }
}

/// Requests that wait for one another.
#[derive(Default)]
pub(crate) struct Waves {
    /// How many requests came so far, and how many waves went.
    state: Mutex<(usize, usize)>,
}

impl Waves {
    pub(crate) fn count(&self) -> usize {
        self.state.lock().unwrap().1
    }

    /// Returns when the wave goes in which the caller is: none came for a while.
    async fn wait(&self) {
        let mine = {
            let mut state = self.state.lock().unwrap();
            state.0 += 1;
            state.1
        };
        loop {
            let before = self.state.lock().unwrap().0;
            tokio::time::sleep(std::time::Duration::from_secs(1)).await;
            let mut state = self.state.lock().unwrap();
            if state.1 > mine {
                return;
            }
            if state.0 == before {
                state.1 += 1;
                return;
            }
        }
    }
}

impl Asked {
    /// Whether it changes something, as far as its name tells.
    pub(crate) fn writes(&self) -> bool {
        let operation = self.operation.as_str();
        let verb = operation.strip_prefix("Admin").unwrap_or(operation);
        !["Get", "List", "Describe", "GET ", "HEAD "]
            .iter()
            .any(|it| verb.starts_with(it))
    }

    /// `service:operation`.
    pub(crate) fn name(&self) -> String {
        format!("{}:{}", self.service, self.operation)
    }

    fn of(request: &HttpRequest) -> Self {
        let body = String::from_utf8_lossy(request.body().bytes().unwrap_or_default()).into_owned();
        let service = request
            .headers()
            .get("authorization")
            .and_then(|it| it.split('/').nth(3));
        let target = request
            .headers()
            .get("x-amz-target")
            .and_then(|it| it.split('.').next_back());
        let action = body
            .strip_prefix("Action=")
            .and_then(|it| it.split('&').next());
        let path = request
            .uri()
            .split("://")
            .last()
            .and_then(|it| it.split_once('/'));
        let path = path.map_or("", |(_, path)| path);
        let by_path = || format!("{} /{path}", request.method());
        let operation = target.or(action).map_or_else(by_path, ToOwned::to_owned);
        Self {
            service: service.unwrap_or_default().to_owned(),
            operation,
            body,
        }
    }
}

struct Client {
    wire: Wire,
    inner: SharedHttpClient,
}

struct Connector {
    wire: Wire,
    inner: SharedHttpConnector,
}

impl HttpClient for Client {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Connector {
            wire: self.wire.clone(),
            inner,
        })
    }
}

impl HttpConnector for Connector {
    fn call(&self, mut request: HttpRequest) -> HttpConnectorFuture {
        let (wire, inner) = (self.wire.clone(), self.inner.clone());
        HttpConnectorFuture::new(async move {
            let asked = Asked::of(&request);
            let index = wire.note(&asked);
            for (name, value) in wire.0.headers.lock().unwrap().clone() {
                request.headers_mut().insert(name, value);
            }
            let reply = match wire.judge(&asked) {
                Verdict::Pass => inner.call(request).await,
                Verdict::RefuseConnection => Err(broken("connection refused by the test")),
                Verdict::LoseReply => {
                    let _ = inner.call(request).await;
                    Err(broken("reply lost by the test"))
                }
                Verdict::FailAfter(status) => {
                    let _ = inner.call(request).await;
                    Ok(answer(status, "{}".into(), vec![]))
                }
                Verdict::Repeat => {
                    let _ = inner.call(request.try_clone().unwrap()).await;
                    inner.call(request).await
                }
                Verdict::Stall => {
                    let _ = inner.call(request).await;
                    std::future::pending().await
                }
                Verdict::Answer(status, body, headers) => Ok(answer(status, body, headers)),
                Verdict::Send(body) => inner.call(with_body(request, body)).await,
                Verdict::Alter(alter) => altered(inner.call(request).await?, alter).await,
            };
            let waves = wire.0.waves.lock().unwrap().clone();
            if let Some(waves) = waves {
                waves.wait().await;
            }
            reply.inspect(|reply| wire.answered(index, reply.status().as_u16()))
        })
    }
}

fn broken(how: &'static str) -> ConnectorError {
    ConnectorError::io(std::io::Error::new(std::io::ErrorKind::ConnectionReset, how).into())
}

fn with_body(mut request: HttpRequest, body: String) -> HttpRequest {
    request
        .headers_mut()
        .insert("content-length", body.len().to_string());
    *request.body_mut() = SdkBody::from(body);
    request
}

async fn altered(
    reply: HttpResponse,
    alter: Box<dyn FnOnce(String) -> String + Send>,
) -> Result<HttpResponse, ConnectorError> {
    let status = reply.status().as_u16();
    let headers = reply
        .headers()
        .iter()
        .filter(|(name, _)| *name != "content-length");
    let headers: Vec<_> = headers
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    let body = ByteStream::new(reply.into_body()).collect().await;
    let body = body
        .map_err(|_| broken("the reply has no body"))?
        .into_bytes();
    let body = String::from_utf8_lossy(&body).into_owned();
    let body = if status < 300 { alter(body) } else { body };
    Ok(answer(status, body, headers))
}

fn answer(status: u16, body: String, headers: Vec<(String, String)>) -> HttpResponse {
    let mut response =
        HttpResponse::new(StatusCode::try_from(status).unwrap(), SdkBody::from(body));
    for (name, value) in headers {
        response.headers_mut().insert(name, value);
    }
    response
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Client")
    }
}

impl fmt::Debug for Connector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Connector")
    }
}
