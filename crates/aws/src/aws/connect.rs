//! The clients of one account and region.

use super::{answers, call::Calls, clock::Clock, hidden::HiddenTexts, pace::Pace, trace::Trace};
use crate::error::Result;
use aws_config::{
    BehaviorVersion, ConfigLoader, Region, SdkConfig, retry::RetryConfig, timeout::TimeoutConfig,
};
pub use aws_sdk_sts::config::Credentials as Keys;
use aws_sdk_sts::config::SharedCredentialsProvider;
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use std::{
    collections::BTreeMap,
    path::PathBuf,
    sync::{Arc, OnceLock, RwLock},
    time::Duration,
};

/// Where to send requests, and as whom.
#[derive(Clone, Default)]
pub struct Target {
    pub region: String,
    /// Another endpoint than AWS's own: an emulator.
    pub endpoint_url: Option<String>,
    pub credentials: Credentials,
    /// The HTTP client to use instead of the SDK's own; tests count and break requests in it.
    pub http_client: Option<SharedHttpClient>,
    /// What passes the time; tests have a clock that need not be waited for.
    pub clock: Clock,
    /// Where every request and its answer are written down.
    pub trace: Option<Arc<Trace>>,
}

/// Whose credentials sign the requests.
#[derive(Clone, Debug, Default)]
pub enum Credentials {
    /// The SDK's default chain: environment, profiles, SSO, instance roles.
    #[default]
    Chain,
    /// The default chain with this profile.
    Profile(String),
    /// These, for an emulator; nothing of the user's is read.
    Emulator(Keys),
}

/// What signs an emulator's requests. MiniStack takes the access key id, 12 digits, for the
/// account, and keeps each account's resources apart.
pub fn emulators_keys(account: &str, key: &str) -> Keys {
    Keys::new(account, key, None, None, "an emulator's")
}

type Notice = Box<dyn Fn(&str) + Send + Sync>;

/// The clients of every service wsctl talks to, in one account and region.
pub struct Aws {
    pub cognito: aws_sdk_cognitoidentityprovider::Client,
    pub identity: aws_sdk_cognitoidentity::Client,
    pub apigateway: aws_sdk_apigateway::Client,
    pub lambda: aws_sdk_lambda::Client,
    pub logs: aws_sdk_cloudwatchlogs::Client,
    pub iam: aws_sdk_iam::Client,
    pub secrets: aws_sdk_secretsmanager::Client,
    pub tagging: aws_sdk_resourcegroupstagging::Client,
    pub sts: aws_sdk_sts::Client,
    pub region: String,
    /// Where requests go when not to AWS itself: an emulator, without a slash at the end.
    pub endpoint_url: Option<String>,
    /// Where the zip with this base64 SHA-256 lies; a function's spec carries only the digest.
    pub zips: RwLock<BTreeMap<String, PathBuf>>,
    pub(super) calls: Calls,
    pub(super) hidden: HiddenTexts,
    pub(super) pace: Pace,
    pub(super) clock: Clock,
    pub(super) trace: Option<Arc<Trace>>,
    /// An ARN's partition and account, once one was seen.
    whose: OnceLock<(String, String)>,
    notice: RwLock<Option<Notice>>,
}

impl Aws {
    pub async fn connect(target: Target) -> Self {
        let config = answers::prepared(&config(&target).await, target.trace.clone());
        let region = config
            .region()
            .map_or(target.region.clone(), ToString::to_string);
        Self {
            cognito: aws_sdk_cognitoidentityprovider::Client::new(&config),
            identity: aws_sdk_cognitoidentity::Client::new(&config),
            apigateway: aws_sdk_apigateway::Client::new(&config),
            lambda: aws_sdk_lambda::Client::new(&config),
            logs: aws_sdk_cloudwatchlogs::Client::new(&config),
            iam: aws_sdk_iam::Client::new(&config),
            secrets: aws_sdk_secretsmanager::Client::new(&config),
            tagging: aws_sdk_resourcegroupstagging::Client::new(&config),
            sts: aws_sdk_sts::Client::new(&config),
            region,
            endpoint_url: config
                .endpoint_url()
                .map(|it| it.trim_end_matches('/').to_owned()),
            zips: RwLock::default(),
            calls: Calls::default(),
            hidden: HiddenTexts::default(),
            pace: Pace::default(),
            clock: target.clock,
            trace: target.trace,
            whose: OnceLock::new(),
            notice: RwLock::default(),
        }
    }

    /// How many requests went out so far, retries included.
    pub fn calls(&self) -> &Calls {
        &self.calls
    }

    /// Whether requests go to an endpoint that is not AWS's own.
    pub fn is_emulator(&self) -> bool {
        self.endpoint_url.is_some()
    }

    /// Keeps a secret that will be sent out of every error, and out of the trace.
    pub fn hide(&self, secret: &str) {
        self.hidden.add(secret);
        if let Some(trace) = &self.trace {
            trace.hide(secret);
        }
    }

    /// Learns from an ARN which partition and account this is; API Gateway's name no account.
    pub(super) fn learn(&self, arn: &str) {
        let mut parts = arn.split(':').skip(1);
        if let (Some(partition), Some(account)) =
            (parts.next(), parts.nth(2).filter(|it| !it.is_empty()))
        {
            let _ = self.whose.set((partition.to_owned(), account.to_owned()));
        }
    }

    /// The ARN of something of this account and region, where the account is known.
    pub(super) fn arn(&self, service: &str, resource: &str) -> Option<String> {
        let (partition, account) = self.whose.get()?;
        Some(format!(
            "arn:{partition}:{service}:{}:{account}:{resource}",
            self.region
        ))
    }

    /// The account of the credentials, asked of STS (which needs no permission).
    pub(crate) async fn caller_account(&self) -> Result<String> {
        let answer = self.read("sts:GetCallerIdentity", || {
            self.sts.get_caller_identity().send()
        });
        let answer = answer.await?;
        self.learn(answer.arn().unwrap_or_default());
        Ok(answer.account().unwrap_or_default().to_owned())
    }

    /// The account, where an ARN told it by now.
    pub(crate) fn known_account(&self) -> Option<&str> {
        self.whose.get().map(|(_, account)| account.as_str())
    }

    /// Whom to tell when work waits for AWS: "waiting until Lambda may assume the role".
    pub fn on_notice(&self, tell: impl Fn(&str) + Send + Sync + 'static) {
        *self.notice.write().expect("no panic while held") = Some(Box::new(tell));
    }

    /// Says what only those want to know who look at each request.
    pub(crate) fn detail(&self, what: &str) {
        if let Some(trace) = &self.trace {
            trace.say(what);
        }
    }

    pub(crate) fn notify(&self, what: &str) {
        if let Some(tell) = &*self.notice.read().expect("no panic while held") {
            tell(what);
        }
    }
}

/// The region that the AWS CLI would take: from the environment, or from the profile.
pub async fn default_region(profile: Option<&str>) -> Option<String> {
    let mut chain = aws_config::default_provider::region::Builder::default();
    if let Some(profile) = profile {
        chain = chain.profile_name(profile);
    }
    chain.build().region().await.map(|it| it.to_string())
}

async fn config(target: &Target) -> SdkConfig {
    match &target.credentials {
        Credentials::Chain => users(target, aws_config::defaults(BehaviorVersion::latest())).await,
        Credentials::Profile(name) => {
            users(
                target,
                aws_config::defaults(BehaviorVersion::latest()).profile_name(name),
            )
            .await
        }
        Credentials::Emulator(keys) => made_up(target, keys.clone()),
    }
}

/// The user's own configuration: environment, `~/.aws`, instance metadata.
async fn users(target: &Target, mut loader: ConfigLoader) -> SdkConfig {
    // `call` alone repeats requests: it knows which creates must not be repeated blindly.
    loader = loader
        .region(region(target))
        .retry_config(RetryConfig::disabled())
        .timeout_config(timeouts());
    loader = loader.sleep_impl(target.clock.sleep.clone());
    if let Some(url) = &target.endpoint_url {
        loader = loader.endpoint_url(url);
    }
    if let Some(client) = &target.http_client {
        loader = loader.http_client(client.clone());
    }
    loader.load().await
}

/// Nothing but what the target says: no loader, so neither files nor environment nor network are
/// asked for anything.
fn made_up(target: &Target, keys: Keys) -> SdkConfig {
    let mut config = SdkConfig::builder()
        .behavior_version(BehaviorVersion::latest())
        .region(region(target))
        .credentials_provider(SharedCredentialsProvider::new(keys))
        .retry_config(RetryConfig::disabled())
        .sleep_impl(target.clock.sleep.clone())
        .timeout_config(timeouts());
    config.set_endpoint_url(target.endpoint_url.clone());
    // The user's proxy is for the internet; the sandbox is on this machine, without TLS.
    let plain = || aws_smithy_http_client::Builder::new().build_http();
    config.set_http_client(Some(target.http_client.clone().unwrap_or_else(plain)));
    config.build()
}

fn region(target: &Target) -> Region {
    Region::new(target.region.clone())
}

fn timeouts() -> TimeoutConfig {
    TimeoutConfig::builder()
        .connect_timeout(Duration::from_secs(5))
        .operation_attempt_timeout(Duration::from_secs(60))
        .build()
}
