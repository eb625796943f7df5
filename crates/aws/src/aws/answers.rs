//! Every answer before the SDK reads it: whole, of a bounded size, without blanks, and in the trace.
//!
//! AWS answers an empty mapping template with null, `"responseTemplates": {"application/json": null}`
//! (recorded; docs/aws.md §5), and the SDK refuses all of an answer that has a null in a map or a list. A
//! null and nothing say the same in every answer that wsctl reads, so there are none in what the SDK
//! gets.

mod blanks;

use super::{
    body,
    trace::{Entry, Trace},
};
use aws_config::SdkConfig;
use aws_smithy_http_client::{
    Builder, Connector as Connection,
    proxy::ProxyConfig,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{
    connector_metadata::ConnectorMetadata,
    http::{
        HttpClient, HttpConnector, HttpConnectorFuture, HttpConnectorSettings, SharedHttpClient,
        SharedHttpConnector,
    },
    orchestrator::{HttpRequest, HttpResponse},
    result::ConnectorError,
    runtime_components::RuntimeComponents,
};
use aws_smithy_types::body::SdkBody;
use std::{io, sync::Arc};

/// The same configuration with an HTTP client that prepares answers. The credentials' own requests
/// do not go through it: the trace must not have them.
pub(super) fn prepared(config: &SdkConfig, trace: Option<Arc<Trace>>) -> SdkConfig {
    let inner = config.http_client().unwrap_or_else(over_tls);
    config
        .to_builder()
        .http_client(SharedHttpClient::new(Client { inner, trace }))
        .build()
}

/// The client that the SDK would make by itself: TLS, and the proxy that the environment names.
fn over_tls() -> SharedHttpClient {
    Builder::new().build_with_connector_fn(|settings, components| {
        let mut connection = Connection::builder()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .proxy_config(ProxyConfig::from_env());
        connection.set_connector_settings(settings.cloned());
        connection.set_sleep_impl(components.and_then(RuntimeComponents::sleep_impl));
        connection.build()
    })
}

#[derive(Debug)]
struct Client {
    inner: SharedHttpClient,
    trace: Option<Arc<Trace>>,
}

#[derive(Debug)]
struct Connector {
    inner: SharedHttpConnector,
    trace: Option<Arc<Trace>>,
}

impl HttpClient for Client {
    fn http_connector(
        &self,
        settings: &HttpConnectorSettings,
        components: &RuntimeComponents,
    ) -> SharedHttpConnector {
        let inner = self.inner.http_connector(settings, components);
        SharedHttpConnector::new(Connector {
            inner,
            trace: self.trace.clone(),
        })
    }

    fn connector_metadata(&self) -> Option<ConnectorMetadata> {
        self.inner.connector_metadata()
    }
}

impl HttpConnector for Connector {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let entry = self
            .trace
            .as_ref()
            .map(|trace| Entry::begin(trace, &request));
        let answer = self.inner.call(request);
        HttpConnectorFuture::new(async move {
            let answer = match answer.await {
                Ok(answer) => gathered(answer).await,
                Err(error) => Err(error),
            };
            if let Some(entry) = entry {
                entry.end(&answer);
            }
            answer.map(without_blanks)
        })
    }
}

/// The answer with its whole body in memory.
async fn gathered(mut answer: HttpResponse) -> Result<HttpResponse, ConnectorError> {
    let body = body::whole(answer.take_body(), body::LARGEST)
        .await
        .map_err(broken)?;
    if is_cut_off(&body) {
        return Err(broken("the answer broke off".into()));
    }
    *answer.body_mut() = SdkBody::from(body);
    Ok(answer)
}

/// Whether XML ends before its root does. The SDK would take what is there for all: a list of roles
/// without its end for a list of none.
fn is_cut_off(body: &[u8]) -> bool {
    let text = String::from_utf8_lossy(body);
    let mut root = text.trim();
    while let Some((_, rest)) = root.strip_prefix("<?").and_then(|it| it.split_once("?>")) {
        root = rest.trim_start();
    }
    let name = |it: char| it.is_ascii_alphanumeric();
    let Some(tag) = root.strip_prefix('<').filter(|it| it.starts_with(name)) else {
        return false;
    };
    let tag = tag.split(|it| !name(it)).next().unwrap_or_default();
    !root.ends_with(&format!("</{tag}>")) && !root.ends_with("/>")
}

/// One that is cut off is no JSON, and so keeps the length that its header promises, by which the SDK
/// knows it.
fn without_blanks(mut answer: HttpResponse) -> HttpResponse {
    let Some(fewer) = answer.body().bytes().and_then(blanks::without) else {
        return answer;
    };
    if answer.headers().contains_key("content-length") {
        answer
            .headers_mut()
            .insert("content-length", fewer.len().to_string());
    }
    *answer.body_mut() = SdkBody::from(fewer);
    answer
}

fn broken(how: String) -> ConnectorError {
    ConnectorError::io(io::Error::other(how).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn xml_without_its_end_is_cut_off_and_nothing_else_is() {
        let whole =
            "<?xml version=\"1.0\"?>\n<GetRoleResponse xmlns=\"x\"><a/>b</GetRoleResponse>\n";
        assert!(!is_cut_off(whole.as_bytes()));
        for end in 40..whole.trim_end().len() {
            assert!(
                is_cut_off(&whole.as_bytes()[..end]) || whole[..end].ends_with("/>"),
                "{}",
                &whole[..end]
            );
        }
        for other in ["", "{", "text", "<!doctype html><p>"] {
            assert!(!is_cut_off(other.as_bytes()), "{other}");
        }
    }
}
