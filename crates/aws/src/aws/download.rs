//! Fetching what AWS gives a presigned URL of. The URL itself is a credential: it is never shown.

use super::{Aws, body, call::Purpose};
use crate::error::{Error, ErrorKind, Result};
use aws_smithy_http_client::{
    Connector,
    tls::{Provider, rustls_provider::CryptoMode},
};
use aws_smithy_runtime_api::client::{http::HttpConnector, orchestrator::HttpRequest};
use aws_smithy_types::body::SdkBody;
use std::time::Duration;

/// As long as the URL is good. It may have a lot behind it, and be far away.
const PATIENCE: Duration = Duration::from_secs(600);

impl Aws {
    /// Fetches `what`, of at most so many bytes, from a presigned URL.
    pub(crate) async fn download(&self, what: &str, url: &str, most: usize) -> Result<Vec<u8>> {
        let failed = || {
            Error::new(ErrorKind::Aws, format!("{what} cannot be fetched"))
                .hint("the URL that AWS gave is good for ten minutes; run the same command again")
        };
        let mut request = HttpRequest::new(SdkBody::empty());
        request.set_uri(url).map_err(|_| failed())?;
        self.calls.count(Purpose::Read, "lambda:download");
        let fetched = async {
            let answer = connector(url).call(request).await.map_err(|_| failed())?;
            if !answer.status().is_success() {
                return Err(failed());
            }
            body::whole(answer.into_body(), most).await.map_err(|why| {
                Error::new(ErrorKind::Aws, format!("{what} cannot be fetched: {why}"))
            })
        };
        tokio::time::timeout(PATIENCE, fetched)
            .await
            .map_err(|_| failed())?
    }
}

/// AWS's URLs are https; only an emulator's are not.
fn connector(url: &str) -> Connector {
    match url.starts_with("https:") {
        true => Connector::builder()
            .tls_provider(Provider::Rustls(CryptoMode::AwsLc))
            .build(),
        false => Connector::builder().build_http(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::aws::{Credentials, Target, emulators_keys};
    use aws_in_memory::endless::{BETWEEN, Endless, LENGTHS};

    #[tokio::test]
    async fn a_download_that_never_ends_is_an_error_that_does_not_show_the_url() {
        let credentials = Credentials::Emulator(emulators_keys("000000000000", "key"));
        let aws = Aws::connect(Target {
            credentials,
            ..Target::default()
        })
        .await;
        for length in LENGTHS {
            let mut server = Endless::with(length);
            let url = format!("{}/?signature=canary", server.url());
            let error = aws
                .download("the code", &url, 3 << 20)
                .await
                .unwrap_err()
                .to_string();
            assert_eq!(
                error,
                "the code cannot be fetched: the answer has more than 3 MB"
            );
            assert!(server.sent().await <= (3 << 20) + BETWEEN);
        }
    }
}
