//! Which pools are the stack's: by tag and by name, since neither tells everything.

use super::live;
use crate::{
    aws::{Aws, Reads, absent},
    error::{Error, ErrorKind, Result},
    kind::{Declared, Listed},
    owner::Owner,
    spec::user_pool::{UserPool, UserPoolOutputs},
};
use aws_sdk_cognitoidentityprovider::types::{UserPoolDescriptionType, UserPoolType};
use futures::future::try_join_all;
use std::{collections::BTreeSet, sync::Arc};

/// The one address that a pool of a stack has.
const ADDRESS: &str = "user_pool";
/// What stands before the id in a pool's ARN.
const MARKER: &str = ":userpool/";

/// A pool as `DescribeUserPool` has it, asked once in an observation; `None` when there is none
/// with this id.
pub(crate) async fn describe(reads: &Reads, id: &str) -> Result<Arc<Option<UserPoolType>>> {
    reads
        .memo(&format!("user_pool/{id}"), ask(&reads.aws, id))
        .await
}

/// The stack's pools as the tagging API has them; where it has none, those of the wanted name,
/// whoever's they are.
pub(super) async fn find(
    reads: &Reads,
    wanted: &Declared<UserPool>,
) -> Result<Vec<Listed<UserPool>>> {
    let name = wanted.values().next().map(|spec| spec.name.as_str());
    let mut seen = tagged(reads, name.unwrap_or_default()).await?;
    if let (true, Some(name)) = (seen.is_empty(), name) {
        let (ours, others) = named(reads, name).await?;
        seen = if ours.is_empty() { others } else { ours };
    }
    Ok(seen
        .into_iter()
        .map(|(name, outputs)| Listed::id(name, outputs))
        .collect())
}

/// Makes sure that a pool which the tagging API has, and Cognito has not, leaves none to be found.
///
/// That index names a deleted pool for up to 30 days and learns of a new one late (docs/aws.md §1.1).
/// When the pool of this name was just made anew, to go on would make it once more.
pub(super) async fn confirm_gone(reads: &Reads, gone: &UserPoolOutputs) -> Result<()> {
    if gone.name.is_empty() {
        return Ok(());
    }
    let known: BTreeSet<_> = tagged(reads, "")
        .await?
        .into_iter()
        .map(|(_, outputs)| outputs.id)
        .collect();
    let (ours, _) = named(reads, &gone.name).await?;
    match ours
        .iter()
        .find(|(_, outputs)| !known.contains(&outputs.id))
    {
        None => Ok(()),
        Some((_, new)) => Err(Error::new(
            ErrorKind::Aws,
            format!(
                "the pool {} is this stack's, but AWS's index of tags does not have it yet",
                new.id
            ),
        )
        .hint("wait a minute, then run the same command again")),
    }
}

/// Pools by address. A pool of another address than `user_pool` is one that a file of this stack's
/// name once declared so.
type Pools = Vec<(String, UserPoolOutputs)>;

/// The pools that the tagging API has as the stack's; `name` is what they should be called.
async fn tagged(reads: &Reads, name: &str) -> Result<Pools> {
    let all = reads.tagged().await?;
    let pools = all
        .iter()
        .filter_map(|it| Some((it, it.arn.split_once(MARKER)?.1)));
    Ok(pools
        .map(|(it, id)| {
            let outputs = UserPoolOutputs {
                id: id.to_owned(),
                arn: it.arn.clone(),
                name: name.to_owned(),
                issuer: live::issuer(&reads.aws, id, false),
                ..Default::default()
            };
            (reads.address_of(&it.tags, None, ADDRESS), outputs)
        })
        .collect())
}

/// The pools of this name: the stack's own, and others.
async fn named(reads: &Reads, name: &str) -> Result<(Pools, Pools)> {
    let ids = reads
        .memo("user pools by name", ids_of(&reads.aws, name))
        .await?;
    let pools = try_join_all(ids.iter().map(|id| describe(reads, id))).await?;
    let (mut ours, mut others) = (vec![], vec![]);
    for pool in pools.iter().filter_map(|it| it.as_ref().as_ref()) {
        let tags = live::tags(pool);
        let seen = (
            reads.address_of(&tags, None, ADDRESS),
            live::outputs(pool, &reads.aws),
        );
        let pools = if reads.owner_of(&tags) == Owner::Ours {
            &mut ours
        } else {
            &mut others
        };
        pools.push(seen);
    }
    Ok((ours, others))
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
