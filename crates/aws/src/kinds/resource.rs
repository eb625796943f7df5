//! The calls of a resource of a REST API.

use super::rest_api::wire::{PAGE, replace};
use crate::{
    aws::{Aws, Reads, absent, pages, told},
    diff::Change,
    error::{Error, Result},
    kind::{Declared, Kind, Listed},
    spec::{
        Found,
        resource::{Resource, ResourceOutputs},
        rest_api::RestApiOutputs,
    },
};
use aws_sdk_apigateway::types::Resource as AwsResource;
use std::sync::Arc;

impl Kind for Resource {
    async fn find(
        reads: &Reads,
        parent: &RestApiOutputs,
        _wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let resources = resources_of(reads, parent).await?;
        Ok(resources
            .iter()
            .filter_map(|it| found(it, &resources))
            .map(Listed::Full)
            .collect())
    }

    async fn create(
        &self,
        aws: &Aws,
        parent: &RestApiOutputs,
        name: &str,
    ) -> Result<ResourceOutputs> {
        let request = aws.apigateway.create_resource().rest_api_id(&parent.id);
        let request = request
            .parent_id(&self.parent_id)
            .path_part(&self.path_part);
        let made = aws
            .create("apigateway:CreateResource", || request.clone().send())
            .await?;
        let id = told(made.id(), "apigateway:CreateResource")?;
        Ok(ResourceOutputs {
            id,
            path: name.to_owned(),
        })
    }

    /// Its part of the path can be renamed in place; what is below it stays below it (docs/aws.md §5).
    async fn update(
        &self,
        aws: &Aws,
        parent: &RestApiOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        if changes.iter().any(|change| change.path != "path_part") {
            return Err(Error::internal(format!(
                "the resource {} cannot change its place",
                live.name
            )));
        }
        let request = aws.apigateway.update_resource().rest_api_id(&parent.id);
        let request = request.resource_id(&live.outputs.id);
        let request = request.patch_operations(replace("/pathPart", &self.path_part));
        aws.write("apigateway:UpdateResource", || request.clone().send())
            .await
            .map(drop)
    }

    async fn delete(aws: &Aws, parent: &RestApiOutputs, live: &ResourceOutputs) -> Result<()> {
        let request = aws
            .apigateway
            .delete_resource()
            .rest_api_id(&parent.id)
            .resource_id(&live.id);
        let deleted = aws
            .write("apigateway:DeleteResource", || request.clone().send())
            .await;
        absent(deleted).map(drop)
    }
}

/// Every resource of an API with its methods in it, asked for once in an observation.
pub(crate) async fn resources_of(
    reads: &Reads,
    api: &RestApiOutputs,
) -> Result<Arc<Vec<AwsResource>>> {
    let ask = pages(|position| async move {
        let request = reads
            .aws
            .apigateway
            .get_resources()
            .rest_api_id(&api.id)
            .embed("methods");
        let request = request.limit(PAGE).set_position(position);
        let page = reads
            .aws
            .read("apigateway:GetResources", || request.clone().send())
            .await?;
        Ok((page.items.unwrap_or_default(), page.position))
    });
    reads.memo(&format!("resources of {}", api.id), ask).await
}

/// A listed resource; where it does not say what it is below, its path tells.
fn found(resource: &AwsResource, all: &[AwsResource]) -> Option<Found<Resource>> {
    let path = resource.path().filter(|path| *path != "/")?;
    let (above, last) = path.rsplit_once('/')?;
    let above = if above.is_empty() { "/" } else { above };
    let parent = || {
        all.iter()
            .find(|it| it.path() == Some(above))
            .and_then(AwsResource::id)
    };
    let spec = Resource {
        parent_id: resource
            .parent_id()
            .or_else(parent)
            .unwrap_or_default()
            .to_owned(),
        path_part: resource.path_part().unwrap_or(last).to_owned(),
    };
    let outputs = ResourceOutputs {
        id: resource.id().unwrap_or_default().to_owned(),
        path: path.to_owned(),
    };
    Some(Found::child(path, spec, outputs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_no_resource_to_declare() {
        let at = |path: &str| {
            AwsResource::builder()
                .id("r1")
                .path(path)
                .path_part("users")
                .build()
        };
        assert!(found(&at("/"), &[]).is_none());
        let users = found(&at("/users"), &[]).unwrap();
        assert_eq!(
            (users.name.as_str(), users.outputs.id.as_str()),
            ("/users", "r1")
        );
    }

    #[test]
    fn a_path_tells_what_a_resource_does_not_say_of_its_place() {
        let at = |id: &str, path: &str| AwsResource::builder().id(id).path(path).build();
        let all = [at("c", "/users/{id}"), at("a", "/"), at("b", "/users")];
        let place = |resource| {
            let spec = found(resource, &all).unwrap().spec;
            (spec.parent_id, spec.path_part)
        };
        assert_eq!(place(&all[0]), ("b".to_owned(), "{id}".to_owned()));
        assert_eq!(place(&all[2]), ("a".to_owned(), "users".to_owned()));
    }
}
