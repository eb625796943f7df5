//! Which pools are the stack's: by tag and by name, since neither tells everything.

use super::{UserPool, UserPoolOutputs, live};
use crate::{
    aws::{Aws, Reads, absent},
    error::Result,
    kind::{Owner, Sighting, Wanted},
};
use aws_sdk_cognitoidentityprovider::types::UserPoolType;
use futures::future::{try_join, try_join_all};
use std::{collections::BTreeMap, sync::Arc};

/// The one address that a pool of a stack has.
const ADDRESS: &str = "user_pool";
/// What stands before the id in a pool's ARN.
const MARKER: &str = ":userpool/";

/// A pool as `DescribeUserPool` has it, asked once in an observation; `None` when there is none
/// with this id.
pub(crate) async fn describe(reads: &Reads, id: &str) -> Result<Arc<Option<UserPoolType>>> {
    reads.once(&format!("user_pool/{id}"), ask(&reads.aws, id)).await
}

/// The stack's pools; where it has none, those of the wanted name, whoever's they are.
///
/// The tagging API knows of a pool late, and of a deleted one for up to 30 days (dossier §1.1).
/// So pools are listed beside it: what both know is sure, and the rest is looked at more closely.
/// Otherwise a pool made moments ago would be made again.
pub(super) async fn find(reads: &Reads, wanted: &Wanted<UserPool>) -> Result<Vec<Sighting<UserPool>>> {
    let name = wanted.values().next().map(|spec| spec.name.as_str());
    let (tagged, names) = try_join(tagged(reads), names(reads, name.is_some())).await?;
    let (sure, unsure): (Vec<_>, Vec<_>) =
        tagged.into_iter().partition(|(_, outputs)| names.contains_key(&outputs.id));
    let is_stranger = |id: &str| sure.iter().chain(&unsure).all(|(_, outputs)| outputs.id != id);
    let strangers = names.iter().filter(|(id, it)| Some(it.as_str()) == name && is_stranger(id));
    let closer = unsure.iter().map(|(_, outputs)| &outputs.id).chain(strangers.map(|(id, _)| id));
    let (ours, others) = look(reads, closer, name).await?;

    let mut seen: Vec<_> = sure.into_iter().chain(ours).collect();
    if seen.is_empty() {
        seen = others;
    }
    Ok(seen.into_iter().map(|(name, outputs)| Sighting::glimpse(name, outputs)).collect())
}

/// Pools by address. A pool of another address than `user_pool` is one that a file of this stack's
/// name once declared so.
type Pools = Vec<(String, UserPoolOutputs)>;

/// The pools that the tagging API has as the stack's.
async fn tagged(reads: &Reads) -> Result<Pools> {
    let all = reads.tagged().await?;
    let pools = all.iter().filter_map(|it| Some((it, it.arn.split_once(MARKER)?.1)));
    Ok(pools
        .map(|(it, id)| {
            let outputs = UserPoolOutputs {
                id: id.to_owned(),
                arn: it.arn.clone(),
                issuer: live::issuer(&reads.aws.region, id, false),
                ..Default::default()
            };
            (reads.address_of(&it.tags, None, ADDRESS), outputs)
        })
        .collect())
}

/// Every pool's name by id; none when no pool is wanted.
async fn names(reads: &Reads, is_wanted: bool) -> Result<BTreeMap<String, String>> {
    let (mut names, mut next) = (BTreeMap::new(), None);
    if !is_wanted {
        return Ok(names);
    }
    loop {
        let page = reads
            .aws
            .read("cognito-idp:ListUserPools", || {
                reads.aws.cognito.list_user_pools().max_results(60).set_next_token(next.clone()).send()
            })
            .await?;
        let pools = page.user_pools.unwrap_or_default();
        names.extend(pools.into_iter().filter_map(|it| Some((it.id?, it.name?))));
        next = page.next_token;
        if next.is_none() {
            return Ok(names);
        }
    }
}

/// Those of `ids` that are there: the stack's own, and others of the wanted name.
async fn look(
    reads: &Reads,
    ids: impl Iterator<Item = &String>,
    name: Option<&str>,
) -> Result<(Pools, Pools)> {
    let (mut ours, mut others) = (vec![], vec![]);
    let pools = try_join_all(ids.map(|id| describe(reads, id))).await?;
    for pool in pools.iter().filter_map(|it| it.as_ref().as_ref()) {
        let tags = live::tags(pool);
        let seen = (reads.address_of(&tags, None, ADDRESS), live::outputs(pool, &reads.aws.region));
        if reads.owner_of(&tags) == Owner::Ours {
            ours.push(seen);
        } else if pool.name() == name {
            others.push(seen);
        }
    }
    Ok((ours, others))
}

/// Asks for a pool afresh.
pub(super) async fn ask(aws: &Aws, id: &str) -> Result<Option<UserPoolType>> {
    let send = || aws.cognito.describe_user_pool().user_pool_id(id).send();
    let answer = absent(aws.read("cognito-idp:DescribeUserPool", send).await)?;
    Ok(answer.and_then(|it| it.user_pool))
}
