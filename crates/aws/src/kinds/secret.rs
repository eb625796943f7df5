//! The calls of a secret. Its value is set once, when it is made, and never read.
//!
//! Facts: docs/aws.md §11.

mod value;

use super::tags::retag;
use crate::{
    aws::{Aws, Reads, absent, told},
    diff::{Change, any_touches},
    error::{Error, Result},
    kind::{Declared, Kind, Listed},
    owner::{Owner, Retag, STACK_TAG, StackOutputs, Tags, declared, owner},
    spec::{
        Found, Obstacle,
        role::canonical_policy,
        secret::{Secret, SecretOutputs},
    },
    value::Address,
};
use aws_sdk_secretsmanager::{operation::describe_secret::DescribeSecretOutput, types::Tag};
use aws_smithy_types::date_time::Format;
use futures::future::try_join_all;
use serde_json::Value;

impl Kind for Secret {
    /// A secret of ours that waits for its deletion counts as absent: [`Kind::create`] restores it.
    async fn find(
        reads: &Reads,
        _: &StackOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let by_name = wanted.iter().filter(|(_, spec)| !spec.name.contains("${"));
        let named = try_join_all(by_name.map(async |(key, spec)| {
            let seen = describe(&reads.aws, &spec.name).await?;
            Ok::<_, Error>(seen.map(|it| (Some(key.as_str()), it)))
        }));
        let (named, tagged) = futures::try_join!(named, reads.tagged_after(":secret:"))?;
        let named: Vec<_> = named.into_iter().flatten().collect();
        let others = tagged
            .iter()
            .filter(|tail| !named.iter().any(|(_, it)| is_arn_of(it, tail)));
        let arns = arns_ending(reads, others).await?;
        let others = try_join_all(arns.iter().map(|arn| describe(&reads.aws, arn))).await?;
        let seen = named
            .into_iter()
            .chain(others.into_iter().flatten().map(|it| (None, it)));
        Ok(seen
            .filter_map(|(key, it)| found(reads, key, &it))
            .map(Listed::Full)
            .collect())
    }

    async fn create(&self, aws: &Aws, parent: &StackOutputs, name: &str) -> Result<SecretOutputs> {
        let value = value::value(self).map_err(|error| error.at(name))?;
        value
            .iter()
            .flat_map(value::parts)
            .for_each(|secret| aws.hide(&secret));
        let made = aws
            .create("secretsmanager:CreateSecret", || {
                let request = aws.secrets.create_secret().name(&self.name);
                let request = request.client_request_token(value::version(&parent.name, name));
                let request = request.set_description(self.description.clone());
                let request =
                    request.set_tags(Some(tags(&owner(parent, name, self.tags.as_ref()))));
                request
                    .set_secret_string(value.as_ref().map(|it| it.0.clone()))
                    .send()
            })
            .await;
        match made {
            Ok(made) => Ok(SecretOutputs {
                arn: told(made.arn(), "secretsmanager:CreateSecret")?,
                name: self.name.clone(),
            }),
            Err(error) => match pending(aws, &error, &self.name).await? {
                Some(seen) => restore(self, aws, parent, name, &seen).await,
                None => Err(error),
            },
        }
    }

    async fn update(
        &self,
        aws: &Aws,
        _: &StackOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        let arn = &live.outputs.arn;
        if any_touches(changes, &["description"]) {
            describe_as_declared(self, aws, arn).await?;
        }
        retag(aws, arn, Retag::of(changes)).await
    }

    /// Deletes it with AWS's shortest recovery window, seven days, in which it can be restored.
    async fn delete(aws: &Aws, _: &StackOutputs, live: &SecretOutputs) -> Result<()> {
        let deleted = aws
            .write("secretsmanager:DeleteSecret", || {
                aws.secrets
                    .delete_secret()
                    .secret_id(&live.arn)
                    .recovery_window_in_days(7)
                    .send()
            })
            .await;
        match absent(deleted) {
            Err(error) if pending(aws, &error, &live.arn).await?.is_some() => Ok(()),
            other => other.map(drop),
        }
    }

    async fn doors(reads: &Reads, live: &Found<Self>) -> Result<Vec<String>> {
        let aws = &reads.aws;
        let answer = aws.read("secretsmanager:GetResourcePolicy", || {
            aws.secrets
                .get_resource_policy()
                .secret_id(&live.outputs.arn)
                .send()
        });
        let policy = absent(answer.await)?.and_then(|it| it.resource_policy);
        let text = |it: String| {
            let policy = serde_json::from_str(&it)
                .map(canonical_policy)
                .unwrap_or(Value::String(it));
            format!("its resource policy says who else may use it: {policy}")
        };
        Ok(policy
            .filter(|it| !it.is_empty())
            .map(text)
            .into_iter()
            .collect())
    }

    async fn mark(aws: &Aws, live: &SecretOutputs, tags: Retag) -> Result<()> {
        retag(aws, &live.arn, tags).await
    }
}

/// Takes a secret of ours back from its pending deletion; its value stays as it was.
async fn restore(
    spec: &Secret,
    aws: &Aws,
    parent: &StackOutputs,
    name: &str,
    seen: &DescribeSecretOutput,
) -> Result<SecretOutputs> {
    let before = live_tags(seen);
    if before.get(STACK_TAG) != Some(&parent.name) {
        return Err(taken(name, &spec.name, seen));
    }
    let arn = seen.arn().unwrap_or_default().to_owned();
    aws.notify(&format!(
        "restoring secret {} from its pending deletion, with its old value",
        spec.name
    ));
    aws.write("secretsmanager:RestoreSecret", || {
        aws.secrets.restore_secret().secret_id(&arn).send()
    })
    .await?;
    let wanted = owner(parent, name, spec.tags.as_ref());
    let is_stale = |key: &&String| spec.tags.is_some() && !wanted.contains_key(*key);
    let unset = declared(&before).keys().filter(is_stale).cloned().collect();
    let is_new = wanted
        .iter()
        .any(|(key, value)| before.get(key) != Some(value));
    let set = wanted.into_iter().filter(|_| is_new).collect();
    retag(aws, &arn, Retag { set, unset }).await?;
    if spec.description.is_some() && spec.description.as_deref() != seen.description() {
        describe_as_declared(spec, aws, &arn).await?;
    }
    Ok(SecretOutputs {
        arn,
        name: spec.name.clone(),
    })
}

async fn describe_as_declared(spec: &Secret, aws: &Aws, arn: &str) -> Result<()> {
    // An empty description clears it; a missing one would keep it (docs/aws.md §11).
    let description = spec.description.clone().unwrap_or_default();
    aws.write("secretsmanager:UpdateSecret", || {
        aws.secrets
            .update_secret()
            .secret_id(arn)
            .description(&description)
            .send()
    })
    .await
    .map(drop)
}

fn taken(address: &str, name: &str, seen: &DescribeSecretOutput) -> Error {
    let until = seen
        .deleted_date()
        .and_then(|date| date.fmt(Format::DateTime).ok())
        .unwrap_or_default();
    Error::refused(format!(
        "{address}: the name {name} belongs to another secret that was deleted and can still be restored"
    ))
    .hint(format!(
        "use another name, or wait until AWS has removed it (deletion date {until}), or restore it with \
         `aws secretsmanager restore-secret --secret-id {name}` and adopt it"
    ))
}

/// The secret, where a refused request means that it waits for its deletion.
///
/// CreateSecret and DeleteSecret answer InvalidRequestException then, but for much else too
/// (docs/aws.md §11); the secret's own deletion date tells, not the message.
async fn pending(aws: &Aws, error: &Error, id: &str) -> Result<Option<DescribeSecretOutput>> {
    let may_be = ["InvalidRequestException", "ResourceExistsException"];
    if !may_be.iter().any(|code| error.has_code(code)) {
        return Ok(None);
    }
    Ok(describe(aws, id)
        .await?
        .filter(|seen| seen.deleted_date().is_some()))
}

async fn describe(aws: &Aws, id: &str) -> Result<Option<DescribeSecretOutput>> {
    let asked = aws
        .read("secretsmanager:DescribeSecret", || {
            aws.secrets.describe_secret().secret_id(id).send()
        })
        .await;
    absent(asked)
}

fn as_tags(set: Tags) -> Result<Vec<Tag>> {
    Ok(tags(&set))
}

async fn retag(aws: &Aws, arn: &str, retag: Retag) -> Result<()> {
    retag!(aws, retag, as_tags,
        "secretsmanager:TagResource": aws.secrets.tag_resource().secret_id(arn),
        "secretsmanager:UntagResource": aws.secrets.untag_resource().secret_id(arn)
    )
}

fn tags<'a>(tags: impl IntoIterator<Item = (&'a String, &'a String)>) -> Vec<Tag> {
    tags.into_iter()
        .map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect()
}

fn live_tags(seen: &DescribeSecretOutput) -> Tags {
    let pair = |tag: &Tag| {
        Some((
            tag.key()?.to_owned(),
            tag.value().unwrap_or_default().to_owned(),
        ))
    };
    seen.tags().iter().filter_map(pair).collect()
}

fn is_arn_of(seen: &DescribeSecretOutput, tail: &str) -> bool {
    seen.arn()
        .is_some_and(|arn| arn.ends_with(&format!(":secret:{tail}")))
}

/// The whole ARNs of the tagged secrets with these tails.
async fn arns_ending<'a>(
    reads: &Reads,
    tails: impl Iterator<Item = &'a String>,
) -> Result<Vec<String>> {
    let tails: Vec<_> = tails.map(|tail| format!(":secret:{tail}")).collect();
    let tagged = reads.tagged().await?;
    let arns = tagged.iter().map(|it| &it.arn);
    Ok(arns
        .filter(|arn| tails.iter().any(|tail| arn.ends_with(tail)))
        .cloned()
        .collect())
}

/// The secret as AWS has it; `None` while it is ours and waits for its deletion, and for another
/// stack's that only a stale tag index named.
fn found(reads: &Reads, key: Option<&str>, seen: &DescribeSecretOutput) -> Option<Found<Secret>> {
    let tags = live_tags(seen);
    let owner = reads.owner_of(&tags);
    let is_ours = owner == Owner::Ours;
    if (is_ours && seen.deleted_date().is_some()) || (!is_ours && key.is_none()) {
        return None;
    }
    let name = seen.name().unwrap_or_default().to_owned();
    let address = reads.address_of(&tags, key, &Address::new(["secrets", &name]).to_string());
    let notes = if is_ours {
        value::notes(seen, &reads.stack, &address)
    } else {
        vec![]
    };
    let spec = Secret {
        name: name.clone(),
        description: Some(seen.description().unwrap_or_default().to_owned()),
        json: None,
        generate: None,
        password_length: None,
        from_env: None,
        tags: Some(declared(&tags)),
    };
    let outputs = SecretOutputs {
        arn: seen.arn().unwrap_or_default().to_owned(),
        name,
    };
    let (set_elsewhere, obstacles) = (set_elsewhere(seen), obstacles(seen));
    Some(Found {
        owner,
        notes,
        set_elsewhere,
        obstacles,
        ..Found::child(address, spec, outputs)
    })
}

fn replicas(seen: &DescribeSecretOutput) -> Vec<&str> {
    seen.replication_status()
        .iter()
        .filter_map(|it| it.region())
        .collect()
}

fn set_elsewhere(seen: &DescribeSecretOutput) -> Vec<String> {
    let regions = replicas(seen);
    let text = || {
        format!(
            "it is copied to {}, where it can be read too",
            regions.join(", ")
        )
    };
    (!regions.is_empty()).then(text).into_iter().collect()
}

/// Secrets Manager refuses to delete a secret that has replicas (docs/aws.md §11).
fn obstacles(seen: &DescribeSecretOutput) -> Vec<Obstacle> {
    let regions = replicas(seen);
    let arn = seen.arn().unwrap_or_default();
    let region = arn.split(':').nth(3).unwrap_or_default();
    let obstacle = || Obstacle {
        what: format!("its copies in {}", regions.join(", ")),
        command: format!(
            "aws secretsmanager remove-regions-from-replication --region {region} --secret-id {arn} \
             --remove-replica-regions {}",
            regions.join(" ")
        ),
    };
    (!regions.is_empty()).then(obstacle).into_iter().collect()
}
