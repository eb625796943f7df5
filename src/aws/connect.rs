//! The clients of one account and region.

use super::{call::Calls, pace::Pace};
use aws_config::{BehaviorVersion, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::{collections::BTreeMap, path::PathBuf, sync::RwLock, time::Duration};

/// Where to send requests, and as whom.
#[derive(Clone, Default)]
pub struct Target {
    pub region: String,
    /// Another endpoint than AWS's own: an emulator.
    pub endpoint_url: Option<String>,
    pub credentials: Credentials,
    /// The HTTP client to use instead of the SDK's own; tests count and break requests in it.
    pub http_client: Option<SharedHttpClient>,
}

/// Whose credentials sign the requests.
#[derive(Clone, Debug, Default)]
pub enum Credentials {
    /// The SDK's default chain: environment, profiles, SSO, instance roles.
    #[default]
    Chain,
    /// The default chain with this profile.
    Profile(String),
    /// Made-up ones, for an emulator; nothing of the user's is read.
    Sandbox,
}

/// The clients of every service wsctl talks to, in one account and region.
pub struct Aws {
    pub cognito: aws_sdk_cognitoidentityprovider::Client,
    pub apigateway: aws_sdk_apigateway::Client,
    pub lambda: aws_sdk_lambda::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
    pub iam: aws_sdk_iam::Client,
    pub secrets: aws_sdk_secretsmanager::Client,
    pub tagging: aws_sdk_resourcegroupstagging::Client,
    pub sts: aws_sdk_sts::Client,
    pub region: String,
    /// Whether requests go to an endpoint that is not AWS's own.
    pub is_emulator: bool,
    /// Where the zip with this base64 SHA-256 lies; a function's spec carries only the digest.
    pub zips: RwLock<BTreeMap<String, PathBuf>>,
    pub(super) calls: Calls,
    pub(super) pace: Pace,
    notice: RwLock<Option<Box<dyn Fn(&str) + Send + Sync>>>,
}

impl Aws {
    pub async fn connect(target: Target) -> Self {
        let config = config(&target).await;
        let region = config.region().map_or(target.region, ToString::to_string);
        Self {
            cognito: aws_sdk_cognitoidentityprovider::Client::new(&config),
            apigateway: aws_sdk_apigateway::Client::new(&config),
            lambda: aws_sdk_lambda::Client::new(&config),
            logs: aws_sdk_cloudwatchlogs::Client::new(&config),
            iam: aws_sdk_iam::Client::new(&config),
            secrets: aws_sdk_secretsmanager::Client::new(&config),
            tagging: aws_sdk_resourcegroupstagging::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
            region,
            is_emulator: config.endpoint_url().is_some(),
            zips: RwLock::default(),
            calls: Calls::default(),
            pace: Pace::default(),
            notice: RwLock::default(),
        }
    }

    /// How many requests went out so far, retries included.
    pub fn calls(&self) -> &Calls {
        &self.calls
    }

    /// Whom to tell when work waits for AWS: "waiting until Lambda may assume the role".
    pub fn on_notice(&self, tell: impl Fn(&str) + Send + Sync + 'static) {
        *self.notice.write().expect("no panic while held") = Some(Box::new(tell));
    }

    pub(crate) fn notify(&self, what: &str) {
        if let Some(tell) = &*self.notice.read().expect("no panic while held") {
            tell(what);
        }
    }
}

async fn config(target: &Target) -> SdkConfig {
    let region = Region::new(target.region.clone());
    let timeouts = TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(Duration::from_secs(60))
        .build();
    let mut loader = aws_config::defaults(BehaviorVersion::latest())
        .region(region)
        // `call` alone repeats requests: it knows which creates must not be repeated blindly.
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts);
    match &target.credentials {
        Credentials::Chain => {}
        Credentials::Profile(name) => loader = loader.profile_name(name),
        Credentials::Sandbox => {
            // An empty set of profile files keeps the user's own from being read.
            let none = aws_config::profile::profile_file::ProfileFiles::builder()
                .with_contents(aws_config::profile::profile_file::ProfileFileKind::Config, "")
                .build();
            loader = loader.test_credentials().profile_files(none);
        }
    }
    if let Some(url) = &target.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    if let Some(client) = &target.http_client {
        loader = loader.http_client(client.clone());
    }
    loader.load().await
}
