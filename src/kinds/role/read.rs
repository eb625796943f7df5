//! Finding and reading roles, by the stack's path.

use super::{Role, RoleOutputs, place, policy};
use crate::{
    aws::{Aws, Reads, Tags, absent, declared},
    error::Result,
    kind::{Found, Owner, Wanted},
};
use aws_sdk_iam::types::{Role as Seen, Tag};
use futures::future::try_join_all;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Every role of the stack, by address: they are the roles under its path. A role of a wanted name
/// elsewhere is not looked for; to make one of its name fails (see [`super::explain`]).
pub(super) async fn find(reads: &Reads, wanted: &Wanted<Role>) -> Result<Vec<(String, RoleOutputs)>> {
    let listed = listed(reads).await?;
    let seen = listed.iter().filter_map(|role| {
        let address = place::address(&reads.aws.region, &reads.stack, role.path())?;
        Some((address, outputs(role)))
    });
    let placed = try_join_all(seen.map(|(at, role)| place_of(reads, wanted, at, role))).await?;
    Ok(placed.into_iter().flatten().collect())
}

/// Where a role belongs. Its path cannot change, so where the path names nothing that is wanted,
/// its tags tell: it may have been moved to another address, or released.
///
/// ListRoles tells no tags (dossier §10); they are asked for only where they matter.
async fn place_of(
    reads: &Reads,
    wanted: &Wanted<Role>,
    address: String,
    role: RoleOutputs,
) -> Result<Option<(String, RoleOutputs)>> {
    if wanted.get(&address).is_some_and(|spec| spec.tags.is_none()) {
        return Ok(Some((address, role)));
    }
    let tags = role_tags(reads, &role.name).await?;
    let Some(tags) = tags.as_ref() else { return Ok(None) };
    let is_ours = reads.owner_of(tags) == Owner::Ours;
    Ok(is_ours.then(|| (reads.address_of(tags, None, &address), role)))
}

/// What the list left out: the role's policies.
pub(super) async fn read(reads: &Reads, address: &str, outputs: &RoleOutputs) -> Result<Option<Found<Role>>> {
    let listed = listed(reads).await?;
    let Some(role) = listed.iter().find(|role| role.role_name() == outputs.name) else { return Ok(None) };
    let tags = known_tags(reads, &outputs.name).await?;
    let (policies, attached) =
        futures::try_join!(policies(&reads.aws, &outputs.name), attached(&reads.aws, &outputs.name))?;
    let spec = spec(role, policies, attached, tags.as_ref());
    Ok(Some(Found::child(address, spec, outputs.clone())))
}

fn spec(
    role: &Seen,
    policies: BTreeMap<String, Value>,
    attached: BTreeSet<String>,
    tags: Option<&Tags>,
) -> Role {
    Role {
        name: role.role_name().to_owned(),
        service: Some(policy::trusted_service(role.assume_role_policy_document().unwrap_or_default())),
        description: Some(role.description().unwrap_or_default().to_owned()),
        policies: Some(policies),
        attached: Some(attached),
        tags: tags.map(declared),
    }
}

fn outputs(role: &Seen) -> RoleOutputs {
    RoleOutputs { arn: role.arn().to_owned(), name: role.role_name().to_owned() }
}

fn tags(tags: &[Tag]) -> Tags {
    tags.iter().map(|tag| (tag.key().to_owned(), tag.value().to_owned())).collect()
}

/// The roles under the stack's path.
async fn listed(reads: &Reads) -> Result<Arc<Vec<Seen>>> {
    let prefix = place::prefix(&reads.aws.region, &reads.stack);
    reads.once("iam/roles", list(&reads.aws, &prefix)).await
}

async fn list(aws: &Aws, prefix: &str) -> Result<Vec<Seen>> {
    let (mut found, mut marker) = (vec![], None);
    loop {
        let page = aws
            .read("iam:ListRoles", || {
                aws.iam.list_roles().path_prefix(prefix).max_items(1000).set_marker(marker.clone()).send()
            })
            .await?;
        found.extend(page.roles().iter().cloned());
        marker = page.marker().filter(|_| page.is_truncated()).map(ToOwned::to_owned);
        if marker.is_none() {
            return Ok(found);
        }
    }
}

/// Asks for a role's tags and keeps the answer for [`known_tags`].
async fn role_tags(reads: &Reads, name: &str) -> Result<Arc<Option<Tags>>> {
    let ask = async {
        // A role has at most 50 tags: one page.
        let answer = reads.aws.read("iam:ListRoleTags", || {
            reads.aws.iam.list_role_tags().role_name(name).max_items(100).send()
        });
        Ok(absent(answer.await)?.map(|answer| tags(answer.tags())))
    };
    reads.once(&tags_key(name), ask).await
}

/// The tags of a listed role, where [`find`] had a reason to ask for them.
async fn known_tags(reads: &Reads, name: &str) -> Result<Option<Tags>> {
    let known = reads.once(&tags_key(name), async { Ok(None::<Tags>) }).await?;
    Ok(known.as_ref().clone())
}

fn tags_key(name: &str) -> String {
    format!("iam/role-tags/{name}")
}

/// The inline policies by name.
async fn policies(aws: &Aws, role: &str) -> Result<BTreeMap<String, Value>> {
    let names = policy_names(aws, role).await?;
    let documents = try_join_all(names.iter().map(|name| document(aws, role, name))).await?;
    let pairs = names.into_iter().zip(documents);
    Ok(pairs.filter_map(|(name, document)| Some((name, document?))).collect())
}

async fn document(aws: &Aws, role: &str, name: &str) -> Result<Option<Value>> {
    let answer =
        aws.read("iam:GetRolePolicy", || aws.iam.get_role_policy().role_name(role).policy_name(name).send());
    Ok(absent(answer.await)?.map(|answer| policy::decode(answer.policy_document())))
}

pub(super) async fn policy_names(aws: &Aws, role: &str) -> Result<Vec<String>> {
    let (mut found, mut marker) = (vec![], None);
    loop {
        let page = aws.read("iam:ListRolePolicies", || {
            aws.iam.list_role_policies().role_name(role).set_marker(marker.clone()).send()
        });
        let Some(page) = absent(page.await)? else { return Ok(found) };
        found.extend(page.policy_names().iter().cloned());
        marker = page.marker().filter(|_| page.is_truncated()).map(ToOwned::to_owned);
        if marker.is_none() {
            return Ok(found);
        }
    }
}

pub(super) async fn attached(aws: &Aws, role: &str) -> Result<BTreeSet<String>> {
    let (mut found, mut marker) = (BTreeSet::new(), None);
    loop {
        let page = aws.read("iam:ListAttachedRolePolicies", || {
            aws.iam.list_attached_role_policies().role_name(role).set_marker(marker.clone()).send()
        });
        let Some(page) = absent(page.await)? else { return Ok(found) };
        found.extend(page.attached_policies().iter().filter_map(|it| it.policy_arn().map(ToOwned::to_owned)));
        marker = page.marker().filter(|_| page.is_truncated()).map(ToOwned::to_owned);
        if marker.is_none() {
            return Ok(found);
        }
    }
}
