//! Finding and reading roles, by the stack's path.

use super::place;
use crate::{
    aws::{Aws, Reads, absent, is_denied},
    error::{Error, Result},
    kind::{Declared, Listed},
    owner::{Owner, Tags, declared},
    spec::{
        Found,
        role::{Role, RoleOutputs, decode, trusted},
    },
};
use aws_sdk_iam::types::{Role as Seen, Tag};
use futures::future::try_join_all;
use serde_json::Value;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Every role of the stack: they are the roles under its path. And, where one is to be made, whoever's
/// role has its name, which is one role's in the whole account, whatever its path (docs/aws.md §10).
pub(super) async fn find(reads: &Reads, wanted: &Declared<Role>) -> Result<Vec<Listed<Role>>> {
    let listed = listed(reads).await?;
    let is_listed = |name: &str| {
        listed
            .iter()
            .any(|it| it.role_name().eq_ignore_ascii_case(name))
    };
    let is_missing = |spec: &Role| !spec.name.contains("${") && !is_listed(&spec.name);
    let missing = wanted
        .iter()
        .filter(|(_, spec)| reads.is_to_make() && is_missing(spec));
    let missing = try_join_all(
        missing.map(async |(key, spec)| Ok::<_, Error>((key, asked(reads, &spec.name).await?))),
    );
    let missing = missing.await?;
    let named = missing
        .iter()
        .filter_map(|(key, role)| Some((*key, role.as_ref().as_ref()?)));
    let address = |role: &Seen| place::address(&reads.aws.region, &reads.stack, role.path());
    // The list may not have a new one of ours yet.
    let (late, others): (Vec<_>, Vec<_>) = named.partition(|(_, role)| address(role).is_some());
    let ours = listed.iter().chain(late.into_iter().map(|(_, role)| role));
    let ours = ours.filter_map(|role| Some((address(role)?, outputs(role))));
    let placed = try_join_all(ours.map(|(at, role)| place_of(reads, wanted, at, role))).await?;
    let placed = placed
        .into_iter()
        .flatten()
        .map(|(at, role)| Listed::id(at, role));
    let others = others
        .into_iter()
        .map(|(key, role)| Listed::Full(foreign(reads, key, role)));
    Ok(placed.chain(others).collect())
}

/// A role that only has the name: nothing else of it matters.
fn foreign(reads: &Reads, address: &str, role: &Seen) -> Found<Role> {
    let owner = match reads.owner_of(&tags(role.tags())) {
        Owner::Stack(other) => Owner::Stack(other),
        _ => Owner::Nobody,
    };
    let spec = Role {
        name: role.role_name().to_owned(),
        ..Role::default()
    };
    Found {
        owner,
        ..Found::child(address, spec, outputs(role))
    }
}

/// Where a role belongs. Its path cannot change, so where the path names nothing that is wanted,
/// its tags tell: it may have been moved to another address, or released.
///
/// ListRoles tells no tags (docs/aws.md §10); they are asked for only where they matter.
async fn place_of(
    reads: &Reads,
    wanted: &Declared<Role>,
    address: String,
    role: RoleOutputs,
) -> Result<Option<(String, RoleOutputs)>> {
    let is_declared = |it: &Role| it.permissions_boundary.is_some();
    if reads.is_for_a_file() || wanted.get(&address).is_some_and(is_declared) {
        ask_boundary(reads, &role.name).await?;
    }
    let is_wanted = |spec: &Role| spec.tags.is_none() && spec.name.eq_ignore_ascii_case(&role.name);
    if wanted.get(&address).is_some_and(is_wanted) {
        return Ok(Some((address, role)));
    }
    let tags = role_tags(reads, &role.name).await?;
    let Some(tags) = tags.as_ref() else {
        return Ok(None);
    };
    let is_ours = reads.owner_of(tags) == Owner::Ours;
    Ok(is_ours.then(|| (reads.address_of(tags, None, &address), role)))
}

/// What the list left out: the role's policies.
pub(super) async fn read(
    reads: &Reads,
    address: &str,
    outputs: &RoleOutputs,
) -> Result<Option<Found<Role>>> {
    let listed = listed(reads).await?;
    let asked = match listed.iter().any(|role| role.role_name() == outputs.name) {
        true => Arc::new(None),
        false => asked(reads, &outputs.name).await?,
    };
    let mut seen = listed.iter().chain(asked.as_ref());
    let Some(role) = seen.find(|role| role.role_name() == outputs.name) else {
        return Ok(None);
    };
    let tags = known_tags(reads, &outputs.name).await?;
    let (policies, attached) = futures::try_join!(
        policies(&reads.aws, &outputs.name),
        attached(&reads.aws, &outputs.name)
    )?;
    let permissions_boundary = known_boundary(reads, &outputs.name).await?;
    let spec = Role {
        permissions_boundary,
        ..spec(role, policies, attached, tags.as_ref())
    };
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
        assumed_by: Some(trusted(
            role.assume_role_policy_document().unwrap_or_default(),
        )),
        description: Some(role.description().unwrap_or_default().to_owned()),
        policies: Some(policies),
        attached: Some(attached),
        permissions_boundary: None,
        tags: tags.map(declared),
    }
}

fn outputs(role: &Seen) -> RoleOutputs {
    RoleOutputs {
        arn: role.arn().to_owned(),
        name: role.role_name().to_owned(),
    }
}

fn tags(tags: &[Tag]) -> Tags {
    tags.iter()
        .map(|tag| (tag.key().to_owned(), tag.value().to_owned()))
        .collect()
}

/// The role of this name, wherever it is.
async fn asked(reads: &Reads, name: &str) -> Result<Arc<Option<Seen>>> {
    let ask = async {
        let answer = reads.aws.read("iam:GetRole", || {
            reads.aws.iam.get_role().role_name(name).send()
        });
        match absent(answer.await) {
            // Who may not ask is told by AWS's refusal to make a second one.
            Err(error) if is_denied(&error) => Ok(None),
            answer => Ok(answer?.and_then(|answer| answer.role)),
        }
    };
    reads.memo(&format!("iam/role/{name}"), ask).await
}

/// The roles under the stack's path.
async fn listed(reads: &Reads) -> Result<Arc<Vec<Seen>>> {
    let prefix = place::prefix(&reads.aws.region, &reads.stack);
    reads.memo("iam/roles", list(&reads.aws, &prefix)).await
}

async fn list(aws: &Aws, prefix: &str) -> Result<Vec<Seen>> {
    let (mut found, mut marker) = (vec![], None);
    loop {
        let page = aws
            .read("iam:ListRoles", || {
                aws.iam
                    .list_roles()
                    .path_prefix(prefix)
                    .max_items(1000)
                    .set_marker(marker.clone())
                    .send()
            })
            .await?;
        found.extend(page.roles().iter().cloned());
        marker = page
            .marker()
            .filter(|_| page.is_truncated())
            .map(ToOwned::to_owned);
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
            reads
                .aws
                .iam
                .list_role_tags()
                .role_name(name)
                .max_items(100)
                .send()
        });
        Ok(absent(answer.await)?.map(|answer| tags(answer.tags())))
    };
    reads.memo(&tags_key(name), ask).await
}

/// The tags of a listed role, where [`find`] had a reason to ask for them.
async fn known_tags(reads: &Reads, name: &str) -> Result<Option<Tags>> {
    let known = reads
        .memo(&tags_key(name), async { Ok(None::<Tags>) })
        .await?;
    Ok(known.as_ref().clone())
}

/// Asks for a role's boundary, which ListRoles does not tell, and keeps it for [`known_boundary`].
async fn ask_boundary(reads: &Reads, name: &str) -> Result<Arc<Option<String>>> {
    let ask = async {
        let answer = reads.aws.read("iam:GetRole", || {
            reads.aws.iam.get_role().role_name(name).send()
        });
        let role = match absent(answer.await) {
            // A file can be written without it.
            Err(error) if reads.is_for_a_file() && is_denied(&error) => return Ok(None),
            answer => answer?.and_then(|answer| answer.role),
        };
        let boundary = role
            .and_then(|it| it.permissions_boundary)
            .and_then(|it| it.permissions_boundary_arn);
        Ok(Some(boundary.unwrap_or_default()))
    };
    reads.memo(&boundary_key(name), ask).await
}

/// The boundary of a listed role, empty for none, where [`find`] had a reason to ask for it.
async fn known_boundary(reads: &Reads, name: &str) -> Result<Option<String>> {
    let known = reads
        .memo(&boundary_key(name), async { Ok(None::<String>) })
        .await?;
    Ok(known.as_ref().clone())
}

fn boundary_key(name: &str) -> String {
    format!("iam/role-boundary/{name}")
}

fn tags_key(name: &str) -> String {
    format!("iam/role-tags/{name}")
}

/// The inline policies by name.
async fn policies(aws: &Aws, role: &str) -> Result<BTreeMap<String, Value>> {
    let names = policy_names(aws, role).await?;
    let documents = try_join_all(names.iter().map(|name| document(aws, role, name))).await?;
    let pairs = names.into_iter().zip(documents);
    Ok(pairs
        .filter_map(|(name, document)| Some((name, document?)))
        .collect())
}

async fn document(aws: &Aws, role: &str, name: &str) -> Result<Option<Value>> {
    let answer = aws.read("iam:GetRolePolicy", || {
        aws.iam
            .get_role_policy()
            .role_name(role)
            .policy_name(name)
            .send()
    });
    Ok(absent(answer.await)?.map(|answer| decode(answer.policy_document())))
}

pub(super) async fn policy_names(aws: &Aws, role: &str) -> Result<Vec<String>> {
    let (mut found, mut marker) = (vec![], None);
    loop {
        let page = aws.read("iam:ListRolePolicies", || {
            aws.iam
                .list_role_policies()
                .role_name(role)
                .set_marker(marker.clone())
                .send()
        });
        let Some(page) = absent(page.await)? else {
            return Ok(found);
        };
        found.extend(page.policy_names().iter().cloned());
        marker = page
            .marker()
            .filter(|_| page.is_truncated())
            .map(ToOwned::to_owned);
        if marker.is_none() {
            return Ok(found);
        }
    }
}

pub(super) async fn attached(aws: &Aws, role: &str) -> Result<BTreeSet<String>> {
    let (mut found, mut marker) = (BTreeSet::new(), None);
    loop {
        let page = aws.read("iam:ListAttachedRolePolicies", || {
            aws.iam
                .list_attached_role_policies()
                .role_name(role)
                .set_marker(marker.clone())
                .send()
        });
        let Some(page) = absent(page.await)? else {
            return Ok(found);
        };
        found.extend(
            page.attached_policies()
                .iter()
                .filter_map(|it| it.policy_arn().map(ToOwned::to_owned)),
        );
        marker = page
            .marker()
            .filter(|_| page.is_truncated())
            .map(ToOwned::to_owned);
        if marker.is_none() {
            return Ok(found);
        }
    }
}
