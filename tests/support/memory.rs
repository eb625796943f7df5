//! AWS in this process's memory, strict as AWS is, and a clock that need not be waited for.

use super::moto;
use aws_in_memory::{Clock, Cloud, Memory, Strict, model::Models};
use aws_smithy_runtime_api::client::http::SharedHttpClient;
use tokio::sync::OnceCell;

/// The services' models, which come with moto.
pub(crate) async fn models() -> &'static Models {
    static LOADED: OnceCell<Models> = OnceCell::const_new();
    LOADED
        .get_or_init(async || Models::load(&moto::botocore().await))
        .await
}

/// An empty account in which nothing takes time.
pub(crate) async fn at_once(account: &str) -> SharedHttpClient {
    let cloud = Cloud::new(account, super::REGION, Strict::at_once());
    SharedHttpClient::new(Memory::new(models().await, Clock::default(), cloud))
}
