//! The Resource Groups Tagging API: an index that learns late of what is new and of what is gone
//! (docs/aws.md §1.1). IAM roles are not in it.

use crate::{
    call::{Answer, Call},
    cloud::{Cloud, Tags, texts, unknown},
    gateway::{domain_name, usage},
};
use serde_json::{Value, json};

pub(crate) fn answer(cloud: &Cloud, call: &Call) -> Answer {
    match call.operation.as_str() {
        "GetResources" => Ok(resources(cloud, call)),
        _ => unknown(call),
    }
}

fn resources(cloud: &Cloud, call: &Call) -> Value {
    let filters = call
        .get("TagFilters")
        .as_array()
        .cloned()
        .unwrap_or_default();
    let fits = |tags: &Tags| {
        filters.iter().all(|filter| {
            let value = tags.get(filter["Key"].as_str().unwrap_or_default());
            let wanted = texts(&filter["Values"]);
            value.is_some_and(|value| wanted.is_empty() || wanted.contains(value))
        })
    };
    let there = all(cloud).into_iter().filter(|(_, tags)| fits(tags));
    let found: Vec<_> = there
        .map(|(arn, tags)| {
            let tags: Vec<_> = tags
                .iter()
                .map(|(key, value)| json!({ "Key": key, "Value": value }))
                .collect();
            json!({ "ResourceARN": arn, "Tags": tags })
        })
        .collect();
    json!({ "ResourceTagMappingList": found, "PaginationToken": "" })
}

fn all(cloud: &Cloud) -> Vec<(String, Tags)> {
    let pools = cloud
        .cognito
        .pools
        .values()
        .map(|it| (it.made, it.arn(), it.tags()));
    let identities = cloud.identity.pools.values();
    let identities = identities.map(|it| (it.made, it.arn(cloud), it.tags.clone()));
    let apis = cloud
        .gateway
        .apis
        .iter()
        .map(|(id, it)| (it.made, it.arn(cloud, id), it.tags.clone()));
    let usage = &cloud.gateway.usage;
    let keys = usage.keys.iter().map(|it| ("apikeys", it));
    let usage = keys.chain(usage.plans.iter().map(|it| ("usageplans", it)));
    let usage =
        usage.map(|(table, (id, it))| (it.made, usage::arn(cloud, table, id), it.tags.clone()));
    let domains = cloud.gateway.domains.iter();
    let domains =
        domains.map(|(name, it)| (it.made, domain_name::arn(cloud, name), it.tags.clone()));
    let functions = cloud
        .lambda
        .functions
        .values()
        .map(|it| (it.made, it.arn(), it.tags.clone()));
    let groups = cloud.logs.groups.iter();
    let groups = groups.map(|(name, it)| (it.made, crate::logs::arn(cloud, name), it.tags.clone()));
    let secrets = cloud
        .secrets
        .secrets
        .values()
        .map(|it| (it.made, it.arn.clone(), it.tags.clone()));
    let there = pools
        .chain(identities)
        .chain(apis)
        .chain(usage)
        .chain(domains)
        .chain(functions)
        .chain(groups)
        .chain(secrets);
    let there = there
        .filter(|(made, ..)| cloud.is_listed(*made))
        .map(|(_, arn, tags)| (arn, tags));
    let ghosts = cloud.ghosts.iter().filter(|(until, ..)| cloud.now < *until);
    let ghosts = ghosts.map(|(_, arn, tags)| (arn.clone(), tags.clone()));
    there
        .chain(ghosts)
        .filter(|(_, tags)| !tags.is_empty())
        .collect()
}
