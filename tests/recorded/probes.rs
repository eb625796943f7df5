//! The questions, each with its probe.

use aws_sdk_apigateway::{
    error::ProvideErrorMetadata,
    primitives::Blob,
    types::{AuthorizerType, IntegrationType, Op, PatchOperation, PutMode},
};
use aws_sdk_cognitoidentityprovider::types::{
    DeletionProtectionType, ExplicitAuthFlowsType, UserPoolType, VerifiedAttributeType,
};
use aws_sdk_resourcegroupstagging::types::TagFilter;
use std::{
    fmt::Debug,
    future::Future,
    pin::Pin,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};
use wsctl::aws::Aws;

type Answer = Result<String, String>;
type Probe = fn(Arc<Bench>) -> Pin<Box<dyn Future<Output = Answer> + Send>>;

/// What is not asked, and why.
pub(super) const LEFT_OUT: [(&str, &str); 3] = [
    (
        "UpdateUserPool without LambdaConfig",
        "it needs a function and a role, which outlive a failure",
    ),
    (
        "a second client secret, DCR configuration, terms",
        "wsctl sends none of them",
    ),
    (
        "what TestInvokeAuthorizer answers to a good token",
        "it needs a user who has signed in",
    ),
];

/// How long AWS is asked whether a list has what was made.
const PATIENCE: Duration = Duration::from_secs(90);

macro_rules! probes {
    ($($question:literal => $probe:ident,)*) => {
        /// Every question with its probe.
        pub(super) fn all() -> Vec<(&'static str, Probe)> {
            vec![$(($question, |bench| Box::pin($probe(bench)))),*]
        }
    };
}

probes! {
    "how far lists lag behind" => lists_lag,
    "what UpdateUserPool resets that it is not sent" => update_resets,
    "whether an embed of methods is whole, and in which order it comes" => embeds,
    "whether a method set to NONE loses its authorizer" => method_opened,
    "whether AWS_IAM is taken beside an authorizer" => method_to_iam,
    "a header in an integration response that the method response lacks" => undeclared_header,
    "responseTransferMode, as read back" => transfer_mode,
    "what TestInvokeAuthorizer answers to a token that is none" => test_invoke,
    "whether UpdateGroup without a precedence keeps it" => group_precedence,
    "a callback URL with one slash" => one_slash,
    "a carriage return in a message" => carriage_return,
    "a client without ALLOW_REFRESH_TOKEN_AUTH" => without_refresh,
    "whether PutRestApi in merge mode touches what its body does not name" => merge,
    "how long the index of tags lags behind" => tags_lag,
}

/// One pool and one API, made to be asked about.
pub(super) struct Bench {
    aws: Arc<Aws>,
    name: String,
    made: Mutex<Made>,
}

#[derive(Clone, Default)]
struct Made {
    pool: String,
    pool_arn: String,
    client: String,
    api: String,
    root: String,
    authorizer: String,
    since: Option<Instant>,
}

fn told<E: ProvideErrorMetadata + Debug>(error: &aws_sdk_apigateway::error::SdkError<E>) -> String {
    match error.code() {
        Some(code) => format!("{code}: {}", error.message().unwrap_or_default()),
        None => format!("{error:?}"),
    }
}

/// Sends, and says what a refusal was.
macro_rules! send {
    ($request:expr) => {
        $request.send().await.map_err(|error| told(&error))
    };
}

impl Bench {
    pub(super) fn new(aws: Arc<Aws>) -> Self {
        let name = format!("wsctl-probe-{:08x}", rand::random::<u32>());
        Self {
            aws,
            name,
            made: Mutex::default(),
        }
    }

    fn made(&self) -> Made {
        self.made.lock().unwrap().clone()
    }

    fn note(&self, change: impl FnOnce(&mut Made)) {
        change(&mut self.made.lock().unwrap());
    }

    pub(super) async fn set_up(&self) -> Result<(), String> {
        let tags = ("wsctl-probe".to_owned(), self.name.clone());
        let pool = self.aws.cognito.create_user_pool().pool_name(&self.name);
        let pool = pool
            .deletion_protection(DeletionProtectionType::Active)
            .user_pool_tags(&tags.0, &tags.1);
        let pool = send!(pool.auto_verified_attributes(VerifiedAttributeType::Email))?
            .user_pool
            .unwrap();
        self.note(|it| {
            it.pool = pool.id().unwrap().to_owned();
            it.pool_arn = pool.arn().unwrap_or_default().to_owned();
            it.since = Some(Instant::now());
        });
        let api = send!(
            self.aws
                .apigateway
                .create_rest_api()
                .name(&self.name)
                .tags(tags.0, tags.1)
        )?;
        self.note(|it| {
            it.api = api.id().unwrap().to_owned();
            it.root = api.root_resource_id().unwrap().to_owned();
        });
        let Made {
            pool,
            pool_arn,
            api,
            ..
        } = self.made();
        let client = send!(
            self.aws
                .cognito
                .create_user_pool_client()
                .user_pool_id(pool)
                .client_name(&self.name)
        )?;
        let authorizer = self
            .aws
            .apigateway
            .create_authorizer()
            .rest_api_id(api)
            .name("probe");
        let authorizer = authorizer
            .r#type(AuthorizerType::CognitoUserPools)
            .provider_arns(pool_arn);
        let authorizer = send!(authorizer.identity_source("method.request.header.Authorization"))?;
        self.note(|it| {
            it.client = client
                .user_pool_client()
                .and_then(|it| it.client_id())
                .unwrap_or_default()
                .to_owned();
            it.authorizer = authorizer.id().unwrap_or_default().to_owned();
        });
        Ok(())
    }

    /// Deletes what was made; what cannot be deleted is named.
    pub(super) async fn clean_up(&self) -> Vec<String> {
        let Made { pool, api, .. } = self.made();
        let mut left = vec![];
        if !pool.is_empty() {
            let open = self.aws.cognito.update_user_pool().user_pool_id(&pool);
            let _ = open
                .deletion_protection(DeletionProtectionType::Inactive)
                .send()
                .await;
            if let Err(error) = send!(self.aws.cognito.delete_user_pool().user_pool_id(&pool)) {
                left.push(format!("user pool {pool}: {error}"));
            }
        }
        if !api.is_empty()
            && let Err(error) = send!(self.aws.apigateway.delete_rest_api().rest_api_id(&api))
        {
            left.push(format!("REST API {api}: {error}"));
        }
        left
    }

    async fn pool(&self) -> Result<UserPoolType, String> {
        let described = send!(
            self.aws
                .cognito
                .describe_user_pool()
                .user_pool_id(self.made().pool)
        )?;
        described.user_pool.ok_or_else(|| "no pool".to_owned())
    }

    /// A new resource with a MOCK behind GET.
    async fn mock(&self, part: &str) -> Result<String, String> {
        let Made { api, root, .. } = self.made();
        let gateway = &self.aws.apigateway;
        let resource = send!(
            gateway
                .create_resource()
                .rest_api_id(&api)
                .parent_id(root)
                .path_part(part)
        )?;
        let id = resource.id().unwrap_or_default().to_owned();
        let method = gateway
            .put_method()
            .rest_api_id(&api)
            .resource_id(&id)
            .http_method("GET");
        send!(method.authorization_type("NONE"))?;
        let integration = gateway
            .put_integration()
            .rest_api_id(&api)
            .resource_id(&id)
            .http_method("GET");
        let integration = integration.r#type(IntegrationType::Mock);
        send!(integration.request_templates("application/json", "{\"statusCode\":200}"))?;
        let response = gateway
            .put_method_response()
            .rest_api_id(&api)
            .resource_id(&id)
            .http_method("GET");
        send!(response.status_code("200"))?;
        Ok(id)
    }

    async fn patch(&self, resource: &str, values: &[(&str, &str)]) -> Answer {
        let operations = values.iter().map(|(path, value)| {
            PatchOperation::builder()
                .op(Op::Replace)
                .path(*path)
                .value(*value)
                .build()
        });
        let request = self
            .aws
            .apigateway
            .update_method()
            .rest_api_id(self.made().api)
            .resource_id(resource);
        let request = request
            .http_method("GET")
            .set_patch_operations(Some(operations.collect()));
        let method = send!(request)?;
        Ok(format!(
            "{:?} with authorizer {:?}",
            method.authorization_type(),
            method.authorizer_id().is_some()
        ))
    }
}

/// How long until `ask` says yes.
async fn until<F: Future<Output = Result<bool, String>>>(ask: impl Fn() -> F) -> Answer {
    let began = Instant::now();
    while began.elapsed() < PATIENCE {
        if ask().await? {
            return Ok(format!("{} ms", began.elapsed().as_millis()));
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    Ok(format!("not within {} s", PATIENCE.as_secs()))
}

async fn lists_lag(bench: Arc<Bench>) -> Answer {
    let (aws, made) = (&bench.aws, bench.made());
    let pools = until(async || {
        let page = send!(aws.cognito.list_user_pools().max_results(60))?;
        Ok(page
            .user_pools()
            .iter()
            .any(|it| it.id() == Some(&made.pool)))
    });
    let pools = pools.await?;
    let apis = until(async || {
        Ok(send!(aws.apigateway.get_rest_apis().limit(500))?
            .items()
            .iter()
            .any(|it| it.id() == Some(&made.api)))
    });
    let apis = apis.await?;
    let clients = until(async || {
        let page = send!(
            aws.cognito
                .list_user_pool_clients()
                .user_pool_id(&made.pool)
                .max_results(60)
        )?;
        Ok(page
            .user_pool_clients()
            .iter()
            .any(|it| it.client_id() == Some(&made.client)))
    });
    let since = made.since.map_or(0, |it| it.elapsed().as_millis());
    Ok(format!(
        "pools {pools}, APIs {apis}, clients {} ({since} ms after the pool)",
        clients.await?
    ))
}

async fn tags_lag(bench: Arc<Bench>) -> Answer {
    let filter = TagFilter::builder()
        .key("wsctl-probe")
        .values(&bench.name)
        .build();
    let seen = until(async || {
        let page = send!(
            bench
                .aws
                .tagging
                .get_resources()
                .tag_filters(filter.clone())
        )?;
        Ok(page.resource_tag_mapping_list().len() == 2)
    });
    let waited = seen.await?;
    let since = bench.made().since.map_or(0, |it| it.elapsed().as_secs());
    Ok(format!(
        "both are there {waited} later, {since} s after they were made"
    ))
}

async fn update_resets(bench: Arc<Bench>) -> Answer {
    let before = bench.pool().await?;
    send!(
        bench
            .aws
            .cognito
            .update_user_pool()
            .user_pool_id(bench.made().pool)
    )?;
    let after = bench.pool().await?;
    let kept = |is: bool| if is { "kept" } else { "reset" };
    Ok(format!(
        "DeletionProtection {}, UserPoolTags {}, AutoVerifiedAttributes {}, Policies {}, AdminCreateUserConfig {}",
        kept(before.deletion_protection() == after.deletion_protection()),
        kept(before.user_pool_tags() == after.user_pool_tags()),
        kept(before.auto_verified_attributes() == after.auto_verified_attributes()),
        kept(before.policies() == after.policies()),
        kept(before.admin_create_user_config() == after.admin_create_user_config()),
    ))
}

async fn embeds(bench: Arc<Bench>) -> Answer {
    for part in ["b", "a", "c"] {
        bench.mock(part).await?;
    }
    let api = bench.made().api;
    let listed = send!(
        bench
            .aws
            .apigateway
            .get_resources()
            .rest_api_id(&api)
            .embed("methods")
    )?;
    let mut differ = vec![];
    for resource in listed.items() {
        for (verb, embedded) in resource.resource_methods().into_iter().flatten() {
            let id = resource.id().unwrap_or_default();
            let alone = bench
                .aws
                .apigateway
                .get_method()
                .rest_api_id(&api)
                .resource_id(id)
                .http_method(verb);
            let alone = send!(alone)?;
            let is_same = alone.method_integration() == embedded.method_integration()
                && alone.method_responses() == embedded.method_responses()
                && alone.authorization_type() == embedded.authorization_type();
            if !is_same {
                differ.push(format!("{verb} {}", resource.path().unwrap_or_default()));
            }
        }
    }
    let paths: Vec<_> = listed.items().iter().filter_map(|it| it.path()).collect();
    Ok(format!(
        "made /b /a /c, listed {paths:?}; embedded otherwise than alone: {differ:?}"
    ))
}

async fn method_opened(bench: Arc<Bench>) -> Answer {
    let (id, authorizer) = (bench.mock("opened").await?, bench.made().authorizer);
    let guarded = bench
        .patch(
            &id,
            &[
                ("/authorizationType", "COGNITO_USER_POOLS"),
                ("/authorizerId", &authorizer),
            ],
        )
        .await?;
    let opened = bench.patch(&id, &[("/authorizationType", "NONE")]).await?;
    Ok(format!("{guarded}, then {opened}"))
}

async fn method_to_iam(bench: Arc<Bench>) -> Answer {
    let (id, authorizer) = (bench.mock("iam").await?, bench.made().authorizer);
    bench
        .patch(
            &id,
            &[
                ("/authorizationType", "COGNITO_USER_POOLS"),
                ("/authorizerId", &authorizer),
            ],
        )
        .await?;
    let alone = bench.patch(&id, &[("/authorizationType", "AWS_IAM")]).await;
    let with = bench
        .patch(
            &id,
            &[("/authorizationType", "AWS_IAM"), ("/authorizerId", "")],
        )
        .await;
    Ok(format!(
        "alone: {alone:?}; with an empty /authorizerId: {with:?}"
    ))
}

async fn undeclared_header(bench: Arc<Bench>) -> Answer {
    let id = bench.mock("header").await?;
    let request = bench
        .aws
        .apigateway
        .put_integration_response()
        .rest_api_id(bench.made().api);
    let request = request
        .resource_id(id)
        .http_method("GET")
        .status_code("200");
    let request = request.response_parameters("method.response.header.X-Probe", "'x'");
    Ok(send!(request).map_or_else(|refusal| refusal, |_| "taken".to_owned()))
}

async fn transfer_mode(bench: Arc<Bench>) -> Answer {
    let id = bench.mock("mode").await?;
    let request = bench
        .aws
        .apigateway
        .get_integration()
        .rest_api_id(bench.made().api)
        .resource_id(id);
    Ok(format!(
        "{:?}",
        send!(request.http_method("GET"))?.response_transfer_mode()
    ))
}

async fn test_invoke(bench: Arc<Bench>) -> Answer {
    let Made {
        api, authorizer, ..
    } = bench.made();
    let request = bench
        .aws
        .apigateway
        .test_invoke_authorizer()
        .rest_api_id(api)
        .authorizer_id(authorizer);
    let answer = send!(request.headers("Authorization", "no-token"))?;
    let log = answer.log().map(str::len);
    Ok(format!(
        "clientStatus {}, a log of {log:?} bytes, claims {:?}",
        answer.client_status(),
        answer.claims()
    ))
}

async fn group_precedence(bench: Arc<Bench>) -> Answer {
    let (cognito, pool) = (&bench.aws.cognito, bench.made().pool);
    send!(
        cognito
            .create_group()
            .user_pool_id(&pool)
            .group_name("probe")
            .precedence(7)
    )?;
    let updated = cognito
        .update_group()
        .user_pool_id(&pool)
        .group_name("probe")
        .description("changed");
    let updated = send!(updated)?;
    Ok(format!(
        "{:?} of 7",
        updated.group().and_then(|it| it.precedence())
    ))
}

async fn one_slash(bench: Arc<Bench>) -> Answer {
    let request = bench
        .aws
        .cognito
        .create_user_pool_client()
        .user_pool_id(bench.made().pool);
    let request = request
        .client_name("one-slash")
        .callback_urls("com.example.app:/cb");
    Ok(send!(request).map_or_else(|refusal| refusal, |_| "taken".to_owned()))
}

async fn carriage_return(bench: Arc<Bench>) -> Answer {
    let pool = bench.pool().await?;
    let request = bench
        .aws
        .cognito
        .update_user_pool()
        .user_pool_id(bench.made().pool);
    let request = request.set_deletion_protection(pool.deletion_protection);
    let sent = "line one\r\n{####}";
    if let Err(refusal) = send!(request.email_verification_message(sent)) {
        return Ok(refusal);
    }
    let read = bench.pool().await?;
    Ok(format!(
        "sent {sent:?}, read {:?}",
        read.email_verification_message()
    ))
}

async fn without_refresh(bench: Arc<Bench>) -> Answer {
    let request = bench
        .aws
        .cognito
        .create_user_pool_client()
        .user_pool_id(bench.made().pool);
    let request = request
        .client_name("no-refresh")
        .explicit_auth_flows(ExplicitAuthFlowsType::AllowUserSrpAuth);
    let made = match send!(request) {
        Ok(made) => made,
        Err(refusal) => return Ok(refusal),
    };
    let flows = made
        .user_pool_client()
        .map(|it| it.explicit_auth_flows().to_vec());
    Ok(format!("{flows:?}"))
}

async fn merge(bench: Arc<Bench>) -> Answer {
    bench.mock("stays").await?;
    let api = bench.made().api;
    let body = format!(
        "{{\"openapi\":\"3.0.1\",\"info\":{{\"title\":\"{}\",\"version\":\"1\"}},\"paths\":{{\"/merged\":{{\"get\":\
         {{\"responses\":{{}},\"x-amazon-apigateway-integration\":{{\"type\":\"mock\"}}}}}}}}}}",
        bench.name
    );
    let request = bench
        .aws
        .apigateway
        .put_rest_api()
        .rest_api_id(&api)
        .mode(PutMode::Merge);
    send!(request.body(Blob::new(body)))?;
    let listed = send!(
        bench
            .aws
            .apigateway
            .get_resources()
            .rest_api_id(&api)
            .embed("methods")
    )?;
    let stays = listed.items().iter().find(|it| it.path() == Some("/stays"));
    let methods = stays
        .and_then(|it| it.resource_methods())
        .map(|it| it.len());
    let authorizers = send!(bench.aws.apigateway.get_authorizers().rest_api_id(&api))?
        .items()
        .len();
    Ok(format!(
        "/stays has {methods:?} methods, the API {authorizers} authorizers"
    ))
}
