//! The single writes of a role. IAM has one call for each part of it (docs/aws.md §10).

use super::read;
use crate::{
    aws::{Aws, absent},
    error::{Error, ErrorKind, Result},
    kinds::tags::retag,
    owner::{Retag, Tags},
};
use aws_sdk_iam::types::Tag;
use serde_json::Value;

pub(super) fn tags<'a>(
    tags: impl IntoIterator<Item = (&'a String, &'a String)>,
) -> Result<Vec<Tag>> {
    tags.into_iter()
        .map(|(key, value)| {
            let tag = Tag::builder().key(key).value(value).build();
            tag.map_err(|error| Error::internal("a tag has no key or value").source(error))
        })
        .collect()
}

fn as_tags(set: Tags) -> Result<Vec<Tag>> {
    tags(&set)
}

pub(super) async fn trust(aws: &Aws, role: &str, document: &Value) -> Result<()> {
    let document = document.to_string();
    aws.write("iam:UpdateAssumeRolePolicy", || {
        aws.iam
            .update_assume_role_policy()
            .role_name(role)
            .policy_document(&document)
            .send()
    })
    .await
    .map(drop)
}

/// An empty description clears it.
pub(super) async fn describe(aws: &Aws, role: &str, description: &str) -> Result<()> {
    aws.write("iam:UpdateRole", || {
        aws.iam
            .update_role()
            .role_name(role)
            .description(description)
            .send()
    })
    .await
    .map(drop)
}

pub(super) async fn put_policy(aws: &Aws, role: &str, name: &str, document: &Value) -> Result<()> {
    let document = document.to_string();
    aws.write("iam:PutRolePolicy", || {
        let request = aws.iam.put_role_policy().role_name(role).policy_name(name);
        request.policy_document(&document).send()
    })
    .await
    .map(drop)
}

pub(super) async fn delete_policy(aws: &Aws, role: &str, name: &str) -> Result<()> {
    let deleted = aws.write("iam:DeleteRolePolicy", || {
        aws.iam
            .delete_role_policy()
            .role_name(role)
            .policy_name(name)
            .send()
    });
    absent(deleted.await).map(drop)
}

/// Sets the role's boundary, or takes it away.
pub(super) async fn bound(aws: &Aws, role: &str, arn: Option<&str>) -> Result<()> {
    let Some(arn) = arn else {
        let deleted = aws.write("iam:DeleteRolePermissionsBoundary", || {
            aws.iam
                .delete_role_permissions_boundary()
                .role_name(role)
                .send()
        });
        return absent(deleted.await).map(drop);
    };
    aws.write("iam:PutRolePermissionsBoundary", || {
        aws.iam
            .put_role_permissions_boundary()
            .role_name(role)
            .permissions_boundary(arn)
            .send()
    })
    .await
    .map(drop)
}

/// Nothing where it is attached already.
pub(in crate::kinds) async fn attach(aws: &Aws, role: &str, arn: &str) -> Result<()> {
    let attached = aws.write("iam:AttachRolePolicy", || {
        aws.iam
            .attach_role_policy()
            .role_name(role)
            .policy_arn(arn)
            .send()
    });
    attached.await.map(drop).map_err(|error| {
        // The role was there a moment ago.
        match error.has_code("NoSuchEntity") {
            true => error.hint(format!(
                "managed_policies names {arn}: make that policy first, or correct its ARN"
            )),
            false => error,
        }
    })
}

pub(super) async fn detach(aws: &Aws, role: &str, arn: &str) -> Result<()> {
    let detached = aws.write("iam:DetachRolePolicy", || {
        aws.iam
            .detach_role_policy()
            .role_name(role)
            .policy_arn(arn)
            .send()
    });
    absent(detached.await).map(drop)
}

pub(super) async fn retag(aws: &Aws, role: &str, retag: Retag) -> Result<()> {
    retag!(aws, retag, as_tags,
        "iam:TagRole": aws.iam.tag_role().role_name(role),
        "iam:UntagRole": aws.iam.untag_role().role_name(role)
    )
}

/// Deletes the role in the order that IAM insists on: managed policies, inline policies, role.
pub(super) async fn delete(aws: &Aws, role: &str) -> Result<()> {
    let (profiles, attached, inline) = futures::try_join!(
        profiles(aws, role),
        read::attached(aws, role),
        read::policy_names(aws, role)
    )?;
    if let Some(profile) = profiles.first() {
        return Err(Error::new(
            ErrorKind::Refused,
            format!("role {role} is in the instance profile {profile}"),
        )
        .hint(
            "something outside this stack uses the role: take it out of the instance profile, then \
                 run again",
        ));
    }
    for arn in attached {
        detach(aws, role, &arn).await?;
    }
    for name in inline {
        delete_policy(aws, role, &name).await?;
    }
    let deleted = aws.write("iam:DeleteRole", || {
        aws.iam.delete_role().role_name(role).send()
    });
    absent(deleted.await).map(drop)
}

async fn profiles(aws: &Aws, role: &str) -> Result<Vec<String>> {
    let answer = aws.read("iam:ListInstanceProfilesForRole", || {
        aws.iam
            .list_instance_profiles_for_role()
            .role_name(role)
            .send()
    });
    let profiles = absent(answer.await)?.map(|answer| answer.instance_profiles().to_vec());
    Ok(profiles
        .into_iter()
        .flatten()
        .map(|it| it.instance_profile_name().to_owned())
        .collect())
}
