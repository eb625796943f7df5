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
        role::{Role, RoleOutputs, trust_policy},
    },
};
pub(crate) use place::owner_by;
use serde_json::Value;
use std::collections::BTreeSet;

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
        let trust = trust_policy(service(self)).to_string();
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
        if any_touches(changes, &["service"]) {
            write::trust(aws, role, &trust_policy(service(self))).await?;
        }
        if any_touches(changes, &["description"]) {
            write::describe(aws, role, self.description.as_deref().unwrap_or_default()).await?;
        }
        // A boundary only forbids: it is there before anything more is allowed.
        if any_touches(changes, &["permissions_boundary"]) {
            write::bound(aws, role, boundary(self)).await?;
        }
        update_policies(self, aws, role, changes).await?;
        if any_touches(changes, &["attached"]) {
            update_attached(self, aws, role, &live.spec).await?;
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

fn service(spec: &Role) -> &str {
    spec.service.as_deref().unwrap_or("lambda.amazonaws.com")
}

fn boundary(spec: &Role) -> Option<&str> {
    spec.permissions_boundary
        .as_deref()
        .filter(|arn| !arn.is_empty())
}

/// Policies are put before others are removed, so that nothing is missing in between.
async fn update_policies(spec: &Role, aws: &Aws, role: &str, changes: &[Change]) -> Result<()> {
    let names = changes
        .iter()
        .filter_map(|change| change.path.strip_prefix("policies."));
    let (put, delete): (BTreeSet<_>, BTreeSet<_>) = names.partition(|name| {
        spec.policies
            .as_ref()
            .is_some_and(|all| all.contains_key(*name))
    });
    for name in put {
        let document = spec
            .policies
            .as_ref()
            .and_then(|all| all.get(name))
            .unwrap_or(&Value::Null);
        write::put_policy(aws, role, name, document).await?;
    }
    for name in delete {
        write::delete_policy(aws, role, name).await?;
    }
    Ok(())
}

/// wsctl attaches none itself, so that nobody has to let it.
async fn update_attached(spec: &Role, aws: &Aws, role: &str, live: &Role) -> Result<()> {
    let none = BTreeSet::new();
    let wanted = spec.attached.as_ref().unwrap_or(&none);
    let there = live.attached.as_ref().unwrap_or(&none);
    for policy in there.difference(wanted) {
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
