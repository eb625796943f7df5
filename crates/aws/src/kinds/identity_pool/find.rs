//! Which identity pools are the stack's, and one as AWS describes it.

use crate::{
    aws::{Aws, Reads, absent, pages},
    error::Result,
    kinds::{by_tag::ByTag, tags},
    owner::Tags,
    spec::{
        arn::partition,
        identity_pool::{IdentityPool, IdentityPoolOutputs},
    },
};
use aws_sdk_cognitoidentity::{
    operation::describe_identity_pool::DescribeIdentityPoolOutput,
    types::IdentityPoolShortDescription,
};
use std::sync::Arc;

/// The most that a page may have (service model).
const PAGE: i32 = 60;

impl ByTag for IdentityPool {
    const MARKER: &'static str = ":identitypool/";

    fn name(&self) -> &str {
        &self.name
    }

    fn outputs_by_arn(_: &Aws, arn: &str, id: &str, name: &str) -> IdentityPoolOutputs {
        IdentityPoolOutputs {
            id: id.to_owned(),
            arn: arn.to_owned(),
            name: name.to_owned(),
        }
    }

    fn id_and_name(outputs: &IdentityPoolOutputs) -> (&str, &str) {
        (&outputs.id, &outputs.name)
    }

    async fn ids(aws: &Aws, name: &str) -> Result<Vec<String>> {
        // One that is to be written down may be named by its id.
        let is_meant = |it: &IdentityPoolShortDescription| {
            [it.identity_pool_name(), it.identity_pool_id()].contains(&Some(name))
        };
        let meant = all(aws).await?.into_iter().filter(is_meant);
        Ok(meant.filter_map(|it| it.identity_pool_id).collect())
    }

    async fn ask(reads: &Reads, id: &str) -> Result<Option<(Tags, IdentityPoolOutputs)>> {
        let pool = describe(reads, id).await?;
        let Some(pool) = pool.as_ref() else {
            return Ok(None);
        };
        let account = reads.account().await?;
        let outputs = outputs(&reads.aws, &account, id, &pool.identity_pool_name);
        Ok(Some((tags(pool), outputs)))
    }
}

/// Every one of the account and region.
pub(crate) async fn all(aws: &Aws) -> Result<Vec<IdentityPoolShortDescription>> {
    let all = pages(|token| async move {
        let request = aws.identity.list_identity_pools().max_results(PAGE);
        let request = request.set_next_token(token);
        let page = aws
            .read("cognito-identity:ListIdentityPools", || {
                request.clone().send()
            })
            .await?;
        Ok((page.identity_pools.unwrap_or_default(), page.next_token))
    });
    all.await
}

/// One as `DescribeIdentityPool` has it, asked once in an observation; `None` when there is none with this id.
pub(super) async fn describe(
    reads: &Reads,
    id: &str,
) -> Result<Arc<Option<DescribeIdentityPoolOutput>>> {
    let key = format!("identity_pool/{id}");
    reads.memo(&key, ask(&reads.aws, id)).await
}

/// Asks for one afresh.
pub(super) async fn ask(aws: &Aws, id: &str) -> Result<Option<DescribeIdentityPoolOutput>> {
    let send = || {
        let request = aws.identity.describe_identity_pool();
        request.identity_pool_id(id).send()
    };
    absent(
        aws.read("cognito-identity:DescribeIdentityPool", send)
            .await,
    )
}

/// All of its tags, ours and AWS's included.
pub(super) fn tags(pool: &DescribeIdentityPoolOutput) -> Tags {
    tags::of(pool.identity_pool_tags())
}

/// AWS tells no ARN (service model).
pub(crate) fn arn(aws: &Aws, account: &str, id: &str) -> String {
    let region = &aws.region;
    let partition = partition(region);
    format!("arn:{partition}:cognito-identity:{region}:{account}:identitypool/{id}")
}

pub(super) fn outputs(aws: &Aws, account: &str, id: &str, name: &str) -> IdentityPoolOutputs {
    IdentityPoolOutputs {
        id: id.to_owned(),
        arn: arn(aws, account, id),
        name: name.to_owned(),
    }
}
