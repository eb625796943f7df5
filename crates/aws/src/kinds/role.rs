//! The calls of an IAM role.
//!
//! The tagging API does not know roles (docs/aws.md §1.1), so wsctl makes them under a path of their
//! own, `/wsctl/REGION/STACK/KEY/`, and finds them by it. Facts: docs/aws.md §10.

mod place;
mod read;
mod write;

use crate::{
    aws::{Aws, Reads, told},
    diff::{Change, any_touches},
    error::{Error, Result},
    kind::{Declared, Kind, Listed},
    owner::{Retag, StackOutputs, owner},
    spec::{
        Found,
        role::{MOST_ATTACHED, MOST_INLINE, Role, RoleOutputs, size, trust_policy},
    },
};
pub(crate) use place::{owner_by, prefix};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
pub(super) use write::attach;

impl Kind for Role {
    async fn find(
        reads: &Reads,
        _: &StackOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        read::find(reads, wanted).await
    }

    async fn read(
        reads: &Reads,
        _: &StackOutputs,
        name: &str,
        outputs: &RoleOutputs,
    ) -> Result<Option<Found<Self>>> {
        read::read(reads, name, outputs).await
    }

    async fn create(&self, aws: &Aws, parent: &StackOutputs, name: &str) -> Result<RoleOutputs> {
        let path = place::path(&aws.region, &parent.name, name);
        let tags = write::tags(&owner(parent, name, self.tags.as_ref()))?;
        let trust = trust_policy(trusted(self)).to_string();
        let made = aws.create("iam:CreateRole", || {
            let request = aws.iam.create_role().role_name(&self.name).path(&path);
            let request = request
                .assume_role_policy_document(&trust)
                .set_tags(Some(tags.clone()));
            let request = request.set_permissions_boundary(boundary(self).map(ToOwned::to_owned));
            request
                .set_description(self.description.clone().filter(|text| !text.is_empty()))
                .send()
        });
        let made = made.await.map_err(|error| explain(error, &self.name))?;
        let arn = told(made.role().map(|role| role.arn()), "iam:CreateRole")?;
        for (policy, document) in self.policies.iter().flatten() {
            write::put_policy(aws, &self.name, policy, document).await?;
        }
        for policy in self.attached.iter().flatten() {
            write::attach(aws, &self.name, policy).await?;
        }
        Ok(RoleOutputs {
            arn,
            name: self.name.clone(),
        })
    }

    async fn update(
        &self,
        aws: &Aws,
        _: &StackOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        let role = &live.outputs.name;
        if any_touches(changes, &["assumed_by"]) {
            write::trust(aws, role, &trust_policy(trusted(self))).await?;
        }
        if any_touches(changes, &["description"]) {
            write::describe(aws, role, self.description.as_deref().unwrap_or_default()).await?;
        }
        // A boundary only forbids: it is there before anything more is allowed, and until less is.
        let is_other = any_touches(changes, &["permissions_boundary"]);
        let boundary = boundary(self);
        if is_other && boundary.is_some() {
            write::bound(aws, role, boundary).await?;
        }
        update_policies(self, aws, live, changes).await?;
        if any_touches(changes, &["attached"]) {
            update_attached(self, aws, live).await?;
        }
        if is_other && boundary.is_none() {
            write::bound(aws, role, boundary).await?;
        }
        write::retag(aws, role, Retag::of(changes)).await
    }

    async fn delete(aws: &Aws, _: &StackOutputs, live: &RoleOutputs) -> Result<()> {
        write::delete(aws, &live.name).await
    }

    async fn mark(aws: &Aws, live: &RoleOutputs, tags: Retag) -> Result<()> {
        write::retag(aws, &live.name, tags).await
    }
}

fn trusted(spec: &Role) -> &str {
    spec.assumed_by.as_deref().unwrap_or("lambda.amazonaws.com")
}

fn boundary(spec: &Role) -> Option<&str> {
    spec.permissions_boundary
        .as_deref()
        .filter(|arn| !arn.is_empty())
}

/// Policies are put before others are removed, so that nothing is missing in between; but where all of them
/// together would be too long for that.
async fn update_policies(
    spec: &Role,
    aws: &Aws,
    live: &Found<Role>,
    changes: &[Change],
) -> Result<()> {
    let (role, none) = (&live.outputs.name, BTreeMap::new());
    let wanted = spec.policies.as_ref().unwrap_or(&none);
    let there = live.spec.policies.as_ref().unwrap_or(&none);
    let names = changes
        .iter()
        .filter_map(|it| it.path.strip_prefix("policies."));
    let (put, gone): (Vec<_>, Vec<_>) = names.partition(|name| wanted.contains_key(*name));
    let long = |name: &str| wanted.get(name).or(there.get(name)).map_or(0, size);
    let all: BTreeSet<_> = there.keys().chain(wanted.keys()).collect();
    let is_too_long = all.into_iter().map(|it| long(it)).sum::<usize>() > MOST_INLINE;
    let (first, last) = if is_too_long {
        (gone, vec![])
    } else {
        (vec![], gone)
    };
    for name in first {
        write::delete_policy(aws, role, name).await?;
    }
    for (name, document) in shrinking_first(put, wanted, there) {
        write::put_policy(aws, role, name, document).await?;
    }
    for name in last {
        write::delete_policy(aws, role, name).await?;
    }
    Ok(())
}

/// What becomes shorter makes room for what becomes longer.
fn shrinking_first<'a>(
    put: Vec<&'a str>,
    wanted: &'a BTreeMap<String, Value>,
    there: &BTreeMap<String, Value>,
) -> Vec<(&'a str, &'a Value)> {
    let mut put: Vec<_> = put
        .into_iter()
        .filter_map(|name| Some((name, wanted.get(name)?)))
        .collect();
    let longer = |name: &str, document: &Value| {
        size(document).cast_signed() - there.get(name).map_or(0, size).cast_signed()
    };
    put.sort_by_key(|(name, document)| longer(name, document));
    put
}

/// Attached before others are taken off, where there is room for all.
async fn update_attached(spec: &Role, aws: &Aws, live: &Found<Role>) -> Result<()> {
    let (role, none) = (&live.outputs.name, BTreeSet::new());
    let wanted = spec.attached.as_ref().unwrap_or(&none);
    let there = live.spec.attached.as_ref().unwrap_or(&none);
    let gone = || there.difference(wanted);
    let has_room = there.union(wanted).count() <= MOST_ATTACHED;
    for policy in gone().filter(|_| !has_room) {
        write::detach(aws, role, policy).await?;
    }
    for policy in wanted.difference(there) {
        write::attach(aws, role, policy).await?;
    }
    for policy in gone().filter(|_| has_room) {
        write::detach(aws, role, policy).await?;
    }
    Ok(())
}

/// A role of that name is there since the look, or its name differs in its case.
fn explain(error: Error, name: &str) -> Error {
    if !error.has_code("EntityAlreadyExists") {
        return error;
    }
    error.hint(format!(
        "the role `{name}` was not made for this stack: choose another role_name, or set role to its ARN to use it"
    ))
}
