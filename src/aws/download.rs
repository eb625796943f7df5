//! Fetching what AWS gives a presigned URL of. The URL itself is a credential: it is never shown.

use super::{Aws, call::Purpose};
use crate::error::{Error, Kind, Result};
use aws_smithy_http_client::{
    Connector,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{http::HttpConnector, orchestrator::HttpRequest};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};

impl Aws {
    /// Fetches `what` from a presigned URL.
    pub(crate) async fn download(&self, what: &str, url: &str) -> Result<Vec<u8>> {
        let failed = || {
            Error::new(Kind::Aws, format!("{what} cannot be fetched"))
                .hint("the URL that AWS gave is good for ten minutes; run the same command again")
        };
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri(url).map_err(|_| failed())?;
        self.calls.count(Purpose::Read, "lambda:download");
        let answer = connector(url).call(request).await.map_err(|_| failed())?;
        if !answer.status().is_success() {
            return Err(failed());
        }
        let body = ByteStream::new(answer.into_body()).collect().await.map_err(|_| failed())?;
        Ok(body.to_vec())
    }
}

/// AWS's URLs are https; only an emulator's are not.
fn connector(url: &str) -> Connector {
    match url.starts_with("https:") {
        true => Connector::builder().tls_provider(Provider::Rustls(CryptoMode::AwsLc)).build(),
        false => Connector::builder().build_http(),
    }
}
