//! Which pools are the stack's, and a pool as Cognito describes it.

use super::live;
use crate::{
    aws::{Aws, Reads, absent},
    error::Result,
    kinds::by_tag::ByTag,
    owner::Tags,
    spec::user_pool::{UserPool, UserPoolOutputs},
};
use aws_sdk_cognitoidentityprovider::types::{UserPoolDescriptionType, UserPoolType};
use std::sync::Arc;

impl ByTag for UserPool {
    const MARKER: &'static str = ":userpool/";

    fn name(&self) -> &str {
        &self.name
    }

    fn outputs_by_arn(aws: &Aws, arn: &str, id: &str, name: &str) -> UserPoolOutputs {
        UserPoolOutputs {
            id: id.to_owned(),
            arn: arn.to_owned(),
            name: name.to_owned(),
            issuer: live::issuer(aws, id, false),
            ..Default::default()
        }
    }

    fn id_and_name(outputs: &UserPoolOutputs) -> (&str, &str) {
        (&outputs.id, &outputs.name)
    }

    async fn ids(aws: &Aws, name: &str) -> Result<Vec<String>> {
        ids_of(aws, name).await
    }

    async fn ask(reads: &Reads, id: &str) -> Result<Option<(Tags, UserPoolOutputs)>> {
        let pool = describe(reads, id).await?;
        let told = |pool: &UserPoolType| (live::tags(pool), live::outputs(pool, &reads.aws));
        Ok(pool.as_ref().as_ref().map(told))
    }
}

/// A pool as `DescribeUserPool` has it, asked once in an observation; `None` when there is none
/// with this id.
pub(crate) async fn describe(reads: &Reads, id: &str) -> Result<Arc<Option<UserPoolType>>> {
    reads
        .memo(&format!("user_pool/{id}"), ask(&reads.aws, id))
        .await
}

async fn ids_of(aws: &Aws, name: &str) -> Result<Vec<String>> {
    let (mut ids, mut next) = (vec![], None);
    loop {
        let page = aws
            .read("cognito-idp:ListUserPools", || {
                aws.cognito
                    .list_user_pools()
                    .max_results(60)
                    .set_next_token(next.clone())
                    .send()
            })
            .await?;
        let pools = page.user_pools.unwrap_or_default();
        // An existing pool may be named by its id.
        let is_meant = |it: &UserPoolDescriptionType| [it.name(), it.id()].contains(&Some(name));
        ids.extend(pools.into_iter().filter(is_meant).filter_map(|it| it.id));
        next = page.next_token;
        if next.is_none() {
            return Ok(ids);
        }
    }
}

/// Asks for a pool afresh.
pub(super) async fn ask(aws: &Aws, id: &str) -> Result<Option<UserPoolType>> {
    let send = || aws.cognito.describe_user_pool().user_pool_id(id).send();
    let answer = absent(aws.read("cognito-idp:DescribeUserPool", send).await)?;
    Ok(answer.and_then(|it| it.user_pool))
}
