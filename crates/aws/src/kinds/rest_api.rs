//! The calls of a REST API.
//!
//! Several APIs may have one name, so ours is known by its tags (docs/aws.md §1.1).

mod definition;
mod doors;
pub(crate) mod wire;

use super::{
    log_group,
    rows::{blank, name, only_on, patched_rows},
    stage::deployment,
    tags::{self, as_map, retag},
};
use crate::{
    aws::{Aws, Reads, absent, pages, told},
    diff::{Change, any_touches},
    error::Result,
    kind::{Child, Declared, Kind, Listed},
    owner::{Owner, Retag, StackOutputs, Tags, declared, owner, ownership_tags},
    spec::{
        Found, Spec,
        log_group::LogGroup,
        rest_api::{ONLY_API, PRIVATE, REGIONAL, RestApi, RestApiOutputs},
    },
};
use aws_sdk_apigateway::types::{
    EndpointConfiguration, EndpointType, Op, PatchOperation, PutMode, RestApi as AwsApi,
};
use aws_smithy_types::Blob;
use futures::future::try_join_all;
use std::collections::{BTreeSet, HashMap};
use wire::{PAGE, escaped, replace_set};

patched_rows! { RestApi in AwsApi:
    name = name @ "/name": name,
    description = description @ "/description": blank,
    endpoint = endpoint_configuration @ "/endpointConfiguration/types/0": endpoint,
    policy = policy @ "/policy": policy,
    url_disabled = disable_execute_api_endpoint @ "/disableExecuteApiEndpoint": only_on;
    // By calls of their own, and by a place of its own for each.
    but tags, binary_media_types, vpc_endpoints
}

/// From where it is served: one of three words.
mod endpoint {
    use super::{EndpointConfiguration, EndpointType};

    pub(super) fn read(live: &Option<EndpointConfiguration>) -> Option<String> {
        let endpoint = live.iter().flat_map(EndpointConfiguration::types).next();
        Some(endpoint.map_or("EDGE", EndpointType::as_str).to_owned())
    }

    pub(super) fn write(live: &mut Option<EndpointConfiguration>, declared: &Option<String>) {
        if let Some(endpoint) = declared {
            let types = EndpointType::from(endpoint.as_str());
            *live = Some(EndpointConfiguration::builder().types(types).build());
        }
    }
}

/// A policy, which API Gateway answers with its quotes escaped once more (docs/aws.md §5).
mod policy {
    pub(super) use crate::kinds::rows::text::write;

    pub(super) fn read(live: &Option<String>) -> Option<String> {
        let policy = live.as_ref().filter(|it| !it.is_empty())?;
        Some(policy.replace("\\\"", "\""))
    }
}

/// Each stands in a patch under its own name, with its slash escaped, and without a value (docs/aws.md §5).
fn binary_media_types(declared: &RestApi, live: &RestApi) -> Vec<PatchOperation> {
    let set = |spec: &RestApi| spec.binary_media_types.clone().unwrap_or_default();
    let (old, new) = (set(live), set(declared));
    let operation = |op: Op, it: &String| {
        let path = format!("/binaryMediaTypes/{}", escaped(it));
        PatchOperation::builder().op(op).path(path).build()
    };
    let added = new.difference(&old).map(|it| operation(Op::Add, it));
    added
        .chain(old.difference(&new).map(|it| operation(Op::Remove, it)))
        .collect()
}

/// Those by which a private API is called.
fn vpc_endpoints(declared: &RestApi, live: &RestApi) -> Vec<PatchOperation> {
    let old = live.vpc_endpoints.clone().unwrap_or_default();
    let endpoint = declared.endpoint.as_deref();
    let new = match &declared.vpc_endpoints {
        _ if endpoint.is_some_and(|it| it != PRIVATE) => BTreeSet::new(),
        Some(declared) => declared.clone(),
        None => old.clone(),
    };
    replace_set("/endpointConfiguration/vpcEndpointIds", &old, &new)
}

impl Kind for RestApi {
    async fn find(
        reads: &Reads,
        parent: &StackOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let account = async {
            if parent.account.is_empty() {
                reads.account().await
            } else {
                Ok(parent.account.clone())
            }
        };
        let (listed, account) = tokio::try_join!(list(&reads.aws), account)?;
        let apis =
            try_join_all(listed.into_iter().map(|api| completed(reads, wanted, api))).await?;
        let found = apis
            .iter()
            .map(|api| found(reads, &account, wanted, api))
            .collect();
        Ok(candidates(found, wanted)
            .into_iter()
            .map(Listed::Full)
            .collect())
    }

    async fn create(&self, aws: &Aws, parent: &StackOutputs, name: &str) -> Result<RestApiOutputs> {
        let mut wanted = AwsApi::builder().build();
        endpoint::write(
            &mut wanted.endpoint_configuration,
            &Some(REGIONAL.to_owned()),
        );
        write(&mut wanted, self);
        if let Some(endpoint) = &mut wanted.endpoint_configuration {
            endpoint.vpc_endpoint_ids = self.vpc_endpoints.clone().map(Vec::from_iter);
        }
        let request = aws
            .apigateway
            .create_rest_api()
            .set_name(wanted.name)
            .set_description(wanted.description)
            .set_endpoint_configuration(wanted.endpoint_configuration)
            .set_policy(wanted.policy)
            .set_binary_media_types(self.binary_media_types.clone().map(Vec::from_iter))
            .set_tags(Some(owner(parent, name, self.tags.as_ref())));
        let made = aws
            .create("apigateway:CreateRestApi", || request.clone().send())
            .await?;
        let of = |value| told(value, "apigateway:CreateRestApi");
        let (id, root) = (of(made.id())?, of(made.root_resource_id())?);
        Ok(RestApiOutputs::new(
            &aws.region,
            &parent.account,
            &id,
            &root,
            &self.name,
        ))
    }

    /// Merged, so that what it does not name stays as it is (docs/aws.md §5).
    async fn define(aws: &Aws, outputs: &RestApiOutputs, children: &[Child]) -> Result<()> {
        let definition = definition::definition(&outputs.name, &aws.region, children)?;
        let request = aws.apigateway.put_rest_api().rest_api_id(&outputs.id);
        let request = request
            .mode(PutMode::Merge)
            .body(Blob::new(definition.to_string()));
        aws.create("apigateway:PutRestApi", || request.clone().send())
            .await
            .map(drop)
    }

    async fn update(
        &self,
        aws: &Aws,
        _within: &StackOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        let endpoints = vpc_endpoints(self, &live.spec).into_iter();
        let (gone, new): (Vec<_>, Vec<_>) = endpoints.partition(|it| it.op() == Some(&Op::Remove));
        let fields = patch(self, &live.spec, |field| any_touches(changes, &[field]));
        // None is left when the API ends to be private, and none comes before it is.
        let mut operations = [gone, fields, new].concat();
        if any_touches(changes, &["binary_media_types"]) {
            operations.extend(binary_media_types(self, &live.spec));
        }
        if !operations.is_empty() {
            let request = aws
                .apigateway
                .update_rest_api()
                .rest_api_id(&live.outputs.id);
            let request = request.set_patch_operations(Some(operations));
            aws.write("apigateway:UpdateRestApi", || request.clone().send())
                .await?;
        }
        retag(aws, &live.outputs.arn, Retag::of(changes)).await
    }

    /// Its execution logs, which AWS made along, go with it. They are given the stack's tag before: a
    /// destroy that is cut off in between leaves nothing that the next one could not find.
    async fn delete(aws: &Aws, parent: &StackOutputs, live: &RestApiOutputs) -> Result<()> {
        let logs = log_group::claim_execution_logs(aws, parent, &live.id).await;
        let logs = logs.unwrap_or_else(|error| {
            aws.notify(&format!(
                "the execution logs of the API {} are left: {error}",
                live.id
            ));
            vec![]
        });
        let request = aws.apigateway.delete_rest_api().rest_api_id(&live.id);
        absent(
            aws.write("apigateway:DeleteRestApi", || request.clone().send())
                .await,
        )?;
        for group in &logs {
            LogGroup::delete(aws, parent, group).await?;
        }
        Ok(())
    }

    async fn is_there(aws: &Aws, live: &RestApiOutputs) -> Result<bool> {
        let request = aws.apigateway.get_rest_api().rest_api_id(&live.id);
        let seen = aws
            .read("apigateway:GetRestApi", || request.clone().send())
            .await;
        Ok(absent(seen)?.is_some())
    }

    async fn detach(aws: &Aws, live: &Found<Self>) -> Result<()> {
        deployment::delete_ours(aws, &live.outputs.id).await
    }

    async fn doors(reads: &Reads, live: &Found<Self>) -> Result<Vec<String>> {
        doors::domains(reads, &live.outputs.id).await
    }

    async fn mark(aws: &Aws, live: &RestApiOutputs, tags: Retag) -> Result<()> {
        retag(aws, &live.arn, tags).await
    }
}

/// Sets and removes tags of anything of API Gateway's.
pub(super) async fn retag(aws: &Aws, arn: &str, retag: Retag) -> Result<()> {
    retag!(aws, retag, as_map,
        "apigateway:TagResource": aws.apigateway.tag_resource().resource_arn(arn),
        "apigateway:UntagResource": aws.apigateway.untag_resource().resource_arn(arn)
    )
}

async fn list(aws: &Aws) -> Result<Vec<AwsApi>> {
    pages(|position| async move {
        let request = aws
            .apigateway
            .get_rest_apis()
            .limit(PAGE)
            .set_position(position);
        let page = aws
            .read("apigateway:GetRestApis", || request.clone().send())
            .await?;
        Ok((page.items.unwrap_or_default(), page.position))
    })
    .await
}

/// A listed API; one that is the stack's, or may be, and that the list has in part, is asked for by
/// itself. That it has none of our tags is believed where AWS's index of tags has none either.
async fn completed(reads: &Reads, wanted: &Declared<RestApi>, listed: AwsApi) -> Result<AwsApi> {
    let Some(id) = listed.id() else {
        return Ok(listed);
    };
    let end = format!("/restapis/{id}");
    let is_tagged = reads
        .tagged()
        .await?
        .iter()
        .any(|it| it.arn.ends_with(&end));
    let is_meant = wanted
        .values()
        .any(|it| listed.name() == Some(&it.name) || it.name == id);
    let endpoint = listed
        .endpoint_configuration()
        .is_some_and(|it| !it.types().is_empty());
    let has_parts = listed.root_resource_id().is_some() && endpoint;
    let lacks_tags = is_tagged && listed.tags().is_none_or(HashMap::is_empty);
    if !(is_tagged || is_meant) || (has_parts && !lacks_tags) {
        return Ok(listed);
    }
    let request = reads.aws.apigateway.get_rest_api().rest_api_id(id);
    let asked = absent(
        reads
            .aws
            .read("apigateway:GetRestApi", || request.clone().send())
            .await,
    )?;
    Ok(asked.map_or_else(
        || listed.clone(),
        |it| {
            AwsApi::builder()
                .set_id(it.id)
                .set_name(it.name)
                .set_description(it.description)
                .set_created_date(it.created_date)
                .set_endpoint_configuration(it.endpoint_configuration)
                .set_tags(it.tags)
                .set_root_resource_id(it.root_resource_id)
                .set_policy(it.policy)
                .set_binary_media_types(it.binary_media_types)
                .disable_execute_api_endpoint(it.disable_execute_api_endpoint)
                .build()
        },
    ))
}

fn found(reads: &Reads, account: &str, wanted: &Declared<RestApi>, api: &AwsApi) -> Found<RestApi> {
    let tags = tags::of(api.tags());
    let (id, root) = (
        api.id().unwrap_or_default(),
        api.root_resource_id().unwrap_or_default(),
    );
    let name = api.name().unwrap_or_default();
    // One that no tag and no table has an address for is `[api]`.
    let meant = wanted
        .iter()
        .find(|it| it.1.name == name || it.1.name == id);
    let only = wanted.iter().next().filter(|_| wanted.len() == 1);
    let key = meant.or(only).map(|it| it.0.as_str());
    Found {
        name: reads.address_of(&tags, key, ONLY_API),
        spec: live_spec(api, &tags),
        outputs: RestApiOutputs::new(&reads.aws.region, account, id, root, name),
        owner: reads.owner_of(&tags),
        notes: vec![],
        set_elsewhere: vec![],
        obstacles: vec![],
        holds: None,
        protected: false,
        ownership_tags: ownership_tags(&tags),
        was: None,
    }
}

fn live_spec(api: &AwsApi, tags: &Tags) -> RestApi {
    let endpoints = api.endpoint_configuration();
    let endpoints = endpoints.map_or(&[][..], |it| it.vpc_endpoint_ids());
    RestApi {
        tags: Some(declared(tags)),
        binary_media_types: Some(api.binary_media_types().iter().cloned().collect()),
        vpc_endpoints: Some(endpoints.iter().cloned().collect()),
        ..read(api)
    }
    .normal()
}

/// Ours, and what we attached, by their tags; and, where none of ours has the wanted address,
/// those that have its name or id.
fn candidates(found: Vec<Found<RestApi>>, wanted: &Declared<RestApi>) -> Vec<Found<RestApi>> {
    let is_known = |it: &Found<RestApi>| matches!(it.owner, Owner::Ours | Owner::Attached);
    let (mut kept, others): (Vec<_>, Vec<_>) = found.into_iter().partition(is_known);
    for (key, spec) in wanted {
        if !kept.iter().any(|ours| ours.name == *key) {
            let is_meant = |other: &&Found<RestApi>| {
                other.spec.name == spec.name || other.outputs.id == spec.name
            };
            let meant = others.iter().filter(is_meant).cloned();
            kept.extend(meant.map(|it| Found {
                name: key.clone(),
                ..it
            }));
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn api(name: &str, owner: Owner) -> Found<RestApi> {
        let spec = RestApi {
            name: name.into(),
            ..Default::default()
        };
        let outputs = RestApiOutputs::new("eu-west-1", "123456789012", "a1", "r1", name);
        Found {
            owner,
            ..Found::child(ONLY_API, spec, outputs)
        }
    }

    fn wanted(name: &str) -> Declared<RestApi> {
        Declared::from([(
            ONLY_API.to_owned(),
            RestApi {
                name: name.into(),
                ..Default::default()
            },
        )])
    }

    fn names(found: Vec<Found<RestApi>>) -> Vec<(String, Owner)> {
        found
            .into_iter()
            .map(|it| (it.spec.name, it.owner))
            .collect()
    }

    #[test]
    fn ours_is_found_whatever_its_name_and_hides_others_of_the_wanted_name() {
        let there = vec![api("old", Owner::Ours), api("new", Owner::Nobody)];
        assert_eq!(
            names(candidates(there, &wanted("new"))),
            [("old".to_owned(), Owner::Ours)]
        );
    }

    #[test]
    fn an_untagged_api_of_the_wanted_name_is_found_and_others_are_not() {
        let there = vec![
            api("a", Owner::Nobody),
            api("b", Owner::Nobody),
            api("a", Owner::Stack("x".into())),
        ];
        let kept = names(candidates(there, &wanted("a")));
        assert_eq!(
            kept,
            [
                ("a".into(), Owner::Nobody),
                ("a".into(), Owner::Stack("x".into()))
            ]
        );
    }

    #[test]
    fn one_patch_carries_every_changed_field() {
        let change = |path: &str| Change {
            path: path.into(),
            old: json!("a"),
            new: json!("b"),
        };
        let spec = RestApi {
            name: "n".into(),
            endpoint: Some("EDGE".into()),
            ..Default::default()
        };
        let changes = [change("name"), change("endpoint"), change("tags.team")];
        let operations = patch(&spec, &spec, |field| any_touches(&changes, &[field]));
        let paths: Vec<_> = operations.iter().filter_map(PatchOperation::path).collect();
        assert_eq!(paths, ["/name", "/endpointConfiguration/types/0"]);
    }

    #[test]
    fn the_arns_of_an_api_have_the_form_of_awss() {
        let outputs = RestApiOutputs::new("eu-west-1", "123456789012", "a1", "r1", "n");
        assert_eq!(outputs.arn, "arn:aws:apigateway:eu-west-1::/restapis/a1");
        assert_eq!(
            outputs.execute_arn,
            "arn:aws:execute-api:eu-west-1:123456789012:a1"
        );
    }
}
