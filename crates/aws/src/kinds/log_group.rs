//! The calls of a log group of CloudWatch Logs.
//!
//! Lambda makes `/aws/lambda/NAME` by itself on the first invocation, without tags or retention:
//! such a group, where stack.toml wants it, is taken over instead of refused. Facts: docs/aws.md §9.

use super::tags::{as_map, retag};
use crate::{
    aws::{Aws, Reads, absent, pages},
    diff::{Change, any_touches},
    error::{Error, Result},
    kind::{Declared, Kind, Listed},
    owner::{ADDRESS_TAG, Owner, Retag, STACK_TAG, StackOutputs, Tags, declared, owner},
    spec::{
        Found, Obstacle,
        arn::partition,
        log_group::{LogGroup, LogGroupOutputs},
        rest_api::ONLY_API,
    },
    value::Address,
};
use aws_sdk_cloudwatchlogs::types::{LogGroup as Seen, SubscriptionFilter};
use futures::future::try_join_all;

impl Kind for LogGroup {
    async fn find(
        reads: &Reads,
        _: &StackOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let by_name = wanted.iter().filter(|(_, spec)| !spec.name.contains("${"));
        let named = try_join_all(by_name.map(async |(key, spec)| {
            let seen = describe(&reads.aws, &spec.name).await?;
            Ok::<_, Error>(seen.map(|seen| (Some((key.as_str(), spec)), seen)))
        }));
        let (named, tagged) = futures::try_join!(named, reads.tagged_after(":log-group:"))?;
        let named: Vec<_> = named.into_iter().flatten().collect();
        let is_named = |name: &str| {
            named
                .iter()
                .any(|(_, seen)| seen.log_group_name() == Some(name))
        };
        let others = tagged
            .iter()
            .map(|tail| tail.trim_end_matches(":*"))
            .filter(|name| !is_named(name));
        let others = try_join_all(others.map(|name| describe(&reads.aws, name))).await?;
        let others = others.into_iter().flatten().map(|seen| (None, seen));
        let all: Vec<_> = named.iter().cloned().chain(others).collect();
        let found = try_join_all(all.iter().map(|(key, seen)| found(reads, *key, seen))).await?;
        Ok(found.into_iter().flatten().map(Listed::Full).collect())
    }

    async fn create(
        &self,
        aws: &Aws,
        parent: &StackOutputs,
        name: &str,
    ) -> Result<LogGroupOutputs> {
        let tags = owner(parent, name, self.tags.as_ref());
        aws.create("logs:CreateLogGroup", || {
            aws.logs
                .create_log_group()
                .log_group_name(&self.name)
                .set_tags(Some(tags.clone()))
                .send()
        })
        .await?;
        put_retention(self, aws).await?;
        Ok(LogGroupOutputs {
            arn: arn(parent, &self.name),
            name: self.name.clone(),
        })
    }

    async fn update(
        &self,
        aws: &Aws,
        parent: &StackOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        if any_touches(changes, &["retention_days"]) {
            put_retention(self, aws).await?;
        }
        let mut tags = Retag::of(changes);
        if any_touches(changes, &["owned"]) {
            tags.set.insert(STACK_TAG.into(), parent.name.clone());
            tags.set.insert(ADDRESS_TAG.into(), live.name.clone());
        }
        retag(aws, &live.outputs.arn, tags).await
    }

    async fn delete(aws: &Aws, _: &StackOutputs, live: &LogGroupOutputs) -> Result<()> {
        let deleted = aws.write("logs:DeleteLogGroup", || {
            aws.logs
                .delete_log_group()
                .log_group_name(&live.name)
                .send()
        });
        absent(deleted.await).map(drop)
    }

    async fn doors(reads: &Reads, live: &Found<Self>) -> Result<Vec<String>> {
        let aws = &reads.aws;
        let all = pages(|token| async move {
            let request = aws
                .logs
                .describe_subscription_filters()
                .log_group_name(&live.outputs.name);
            let request = request.set_next_token(token);
            let page = aws
                .read("logs:DescribeSubscriptionFilters", || {
                    request.clone().send()
                })
                .await;
            let page = absent(page)?;
            Ok(page
                .map(|it| (it.subscription_filters.unwrap_or_default(), it.next_token))
                .unwrap_or_default())
        });
        Ok(all.await?.iter().map(subscription).collect())
    }

    async fn mark(aws: &Aws, live: &LogGroupOutputs, tags: Retag) -> Result<()> {
        retag(aws, &live.arn, tags).await
    }
}

async fn put_retention(spec: &LogGroup, aws: &Aws) -> Result<()> {
    let Some(days) = spec.retention_days else {
        return Ok(());
    };
    aws.write("logs:PutRetentionPolicy", || {
        let request = aws.logs.put_retention_policy().log_group_name(&spec.name);
        request
            .retention_in_days(i32::try_from(days).unwrap_or(i32::MAX))
            .send()
    })
    .await
    .map(drop)
}

/// What stands before an API's id, a slash and a stage in the name of the group to which API Gateway logs
/// what it does; it makes that itself, without tags (docs/aws.md §6).
pub(crate) const EXECUTION_LOG: &str = "API-Gateway-Execution-Logs_";

/// The address of the execution logs of APIs, of one stage of one.
pub(crate) const EXECUTION_ADDRESS: [&str; 2] = [ONLY_API, "execution_log_group"];

/// The execution logs of an API of the stack's, with the stack's tags from now on.
pub(super) async fn claim_execution_logs(
    aws: &Aws,
    stack: &StackOutputs,
    api: &str,
) -> Result<Vec<LogGroupOutputs>> {
    let prefix = format!("{EXECUTION_LOG}{api}/");
    let mut found = vec![];
    for seen in all(aws, &prefix).await? {
        let name = seen.log_group_name().unwrap_or_default().to_owned();
        let stage = name.strip_prefix(&prefix).unwrap_or_default();
        let address = Address::new(EXECUTION_ADDRESS).join(&format!("{api}-{stage}"));
        let outputs = LogGroupOutputs {
            arn: arn_of(&seen),
            name,
        };
        retag(aws, &outputs.arn, Retag::owned(&stack.name, &address)).await?;
        found.push(outputs);
    }
    Ok(found)
}

/// Every group whose name begins so.
async fn all(aws: &Aws, prefix: &str) -> Result<Vec<Seen>> {
    let (mut found, mut next) = (vec![], None::<String>);
    loop {
        let page = aws
            .read("logs:DescribeLogGroups", || {
                let request = aws
                    .logs
                    .describe_log_groups()
                    .log_group_name_prefix(prefix)
                    .limit(50);
                request.set_next_token(next.clone()).send()
            })
            .await?;
        next = page.next_token().map(ToOwned::to_owned);
        found.extend(page.log_groups.unwrap_or_default());
        if next.is_none() {
            return Ok(found);
        }
    }
}

/// CreateLogGroup answers nothing, so its ARN is put together (docs/aws.md §1.5 has the form).
fn arn(parent: &StackOutputs, name: &str) -> String {
    format!(
        "arn:{}:logs:{}:{}:log-group:{name}",
        partition(&parent.region),
        parent.region,
        parent.account
    )
}

async fn retag(aws: &Aws, arn: &str, retag: Retag) -> Result<()> {
    retag!(aws, retag, as_map,
        "logs:TagResource": aws.logs.tag_resource().resource_arn(arn),
        "logs:UntagResource": aws.logs.untag_resource().resource_arn(arn)
    )
}

/// The group of exactly this name: the service only filters by prefix.
async fn describe(aws: &Aws, name: &str) -> Result<Option<Seen>> {
    let mut next: Option<String> = None;
    loop {
        let page = aws
            .read("logs:DescribeLogGroups", || {
                let request = aws
                    .logs
                    .describe_log_groups()
                    .log_group_name_prefix(name)
                    .limit(50);
                request.set_next_token(next.clone()).send()
            })
            .await?;
        if let Some(group) = page
            .log_groups()
            .iter()
            .find(|group| group.log_group_name() == Some(name))
        {
            return Ok(Some(group.clone()));
        }
        next = page.next_token().map(ToOwned::to_owned);
        if next.is_none() {
            return Ok(None);
        }
    }
}

fn arn_of(seen: &Seen) -> String {
    let arn = seen.log_group_arn().or(seen.arn()).unwrap_or_default();
    arn.strip_suffix(":*").unwrap_or(arn).to_owned()
}

/// A group's tags. The tagging API's copy lags behind, so it serves only where stack.toml
/// declares no tags of its own and just the ownership counts.
async fn tags_of(reads: &Reads, arn: &str, declares_tags: bool) -> Result<Tags> {
    let tagged = reads.tagged().await?;
    if let Some(known) = tagged
        .iter()
        .find(|it| !declares_tags && it.arn.trim_end_matches(":*") == arn)
    {
        return Ok(known.tags.clone());
    }
    let answer = reads.aws.read("logs:ListTagsForResource", || {
        reads
            .aws
            .logs
            .list_tags_for_resource()
            .resource_arn(arn)
            .send()
    });
    let answer = absent(answer.await)?;
    Ok(answer
        .and_then(|it| it.tags().cloned())
        .into_iter()
        .flatten()
        .collect())
}

/// The group as AWS has it; `None` for one that is neither wanted nor ours.
async fn found(
    reads: &Reads,
    wanted: Option<(&str, &LogGroup)>,
    seen: &Seen,
) -> Result<Option<Found<LogGroup>>> {
    let outputs = LogGroupOutputs {
        arn: arn_of(seen),
        name: seen.log_group_name().unwrap_or_default().to_owned(),
    };
    let declares_tags = wanted.is_none_or(|(_, spec)| spec.tags.is_some());
    let tags = tags_of(reads, &outputs.arn, declares_tags).await?;
    let by_tag = reads.owner_of(&tags);
    if wanted.is_none() && by_tag != Owner::Ours {
        return Ok(None);
    }
    let fallback = Address::new(["log_groups", &outputs.name]).to_string();
    let is_lambdas = by_tag == Owner::Nobody && outputs.name.starts_with("/aws/lambda/");
    let address = reads.address_of(&tags, wanted.map(|(key, _)| key), &fallback);
    let spec = spec(seen, &tags, by_tag == Owner::Ours);
    Ok(Some(Found {
        notes: if is_lambdas {
            vec!["made by Lambda itself; to be taken over".into()]
        } else {
            vec![]
        },
        owner: if is_lambdas { Owner::Ours } else { by_tag },
        set_elsewhere: set_elsewhere(seen),
        obstacles: obstacles(seen, &reads.aws.region),
        ..Found::child(address, spec, outputs)
    }))
}

fn set_elsewhere(seen: &Seen) -> Vec<String> {
    let is_open = seen.bearer_token_authentication_enabled().unwrap_or(false);
    is_open
        .then(|| "whoever has a bearer token of the account's may write to it".to_owned())
        .into_iter()
        .collect()
}

fn subscription(filter: &SubscriptionFilter) -> String {
    let (name, to) = (
        filter.filter_name().unwrap_or_default(),
        filter.destination_arn().unwrap_or_default(),
    );
    format!("its lines go to {to} too (subscription filter {name})")
}

/// Its owner set deletion protection, which wsctl never does: DeleteLogGroup is refused then.
fn obstacles(seen: &Seen, region: &str) -> Vec<Obstacle> {
    let is_protected = seen.deletion_protection_enabled().unwrap_or(false);
    let obstacle = || Obstacle {
        what: "its deletion protection".to_owned(),
        command: format!(
            "aws logs put-log-group-deletion-protection --region {region} --log-group-identifier {} \
             --no-deletion-protection-enabled",
            seen.log_group_name().unwrap_or_default()
        ),
    };
    is_protected.then(obstacle).into_iter().collect()
}

fn spec(seen: &Seen, tags: &Tags, is_ours: bool) -> LogGroup {
    LogGroup {
        name: seen.log_group_name().unwrap_or_default().to_owned(),
        retention_days: seen
            .retention_in_days()
            .and_then(|days| u32::try_from(days).ok()),
        tags: Some(declared(tags)),
        owned: Some(is_ours),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_arn_loses_its_star() {
        let seen = Seen::builder()
            .arn("arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/a:*")
            .build();
        assert_eq!(
            arn_of(&seen),
            "arn:aws:logs:eu-west-1:123456789012:log-group:/aws/lambda/a"
        );
        let parent = StackOutputs {
            region: "eu-west-1".into(),
            account: "123456789012".into(),
            ..Default::default()
        };
        assert_eq!(arn(&parent, "/aws/lambda/a"), arn_of(&seen));
    }

    #[test]
    fn a_group_without_retention_keeps_lines_forever() {
        let spec = spec(
            &Seen::builder().log_group_name("a").build(),
            &Tags::new(),
            false,
        );
        assert_eq!(spec.retention_days, None);
        assert_eq!(spec.owned, Some(false));
    }
}
