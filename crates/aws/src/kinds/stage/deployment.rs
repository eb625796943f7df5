//! The deployments of a REST API, and the digest in their descriptions.

use crate::{
    aws::{Aws, absent, pages, told},
    error::{Error, Result},
    kinds::rest_api::wire::PAGE,
    spec::stage::Stage,
};
use aws_sdk_apigateway::types::Deployment;

/// What the console shows as the deployment's description, in the workshop's words.
const TEXT: &str = "Added Cognito authentication";
const REMOVED: &str = "Removed Cognito authentication";
const MARK: &str = "(wsctl:";

pub(super) async fn list(aws: &Aws, api: &str) -> Result<Vec<Deployment>> {
    pages(|position| async move {
        let request = aws.apigateway.get_deployments().rest_api_id(api);
        let request = request.limit(PAGE).set_position(position);
        let page = aws
            .read("apigateway:GetDeployments", || request.clone().send())
            .await?;
        Ok((page.items.unwrap_or_default(), page.position))
    })
    .await
}

/// These, and the one that a stage serves, which is asked for where they lack it: by its digest it is
/// known what is deployed.
pub(super) async fn with_served(
    aws: &Aws,
    api: &str,
    listed: &[Deployment],
    served: &str,
) -> Result<Vec<Deployment>> {
    let mut all = listed.to_vec();
    if served.is_empty() || all.iter().any(|it| it.id() == Some(served)) {
        return Ok(all);
    }
    let request = aws
        .apigateway
        .get_deployment()
        .rest_api_id(api)
        .deployment_id(served);
    if let Some(it) = absent(
        aws.read("apigateway:GetDeployment", || request.clone().send())
            .await,
    )? {
        let served = Deployment::builder()
            .set_id(it.id)
            .set_description(it.description);
        all.push(served.set_created_date(it.created_date).build());
    }
    Ok(all)
}

/// Takes a snapshot of the API as it is now. Every method needs an integration (docs/aws.md §6), and AWS
/// takes one an account in five seconds (docs/aws.md §7).
pub(super) async fn create(aws: &Aws, api: &str, digest: &str) -> Result<String> {
    let request = aws
        .apigateway
        .create_deployment()
        .rest_api_id(api)
        .description(describe(digest));
    let made = aws
        .create("apigateway:CreateDeployment", || request.clone().send())
        .await
        .map_err(explain)?;
    told(made.id(), "apigateway:CreateDeployment")
}

/// The same, and makes the stage that serves the snapshot.
pub(super) async fn create_with_stage(aws: &Aws, api: &str, stage: &Stage) -> Result<String> {
    let request = aws
        .apigateway
        .create_deployment()
        .rest_api_id(api)
        .description(describe(&stage.deployment));
    let request = request
        .stage_name(&stage.name)
        .set_stage_description(stage.description.clone());
    let made = aws
        .create("apigateway:CreateDeployment", || request.clone().send())
        .await
        .map_err(explain)?;
    told(made.id(), "apigateway:CreateDeployment")
}

/// The deployment to give an attached stage back with: the one that it had. Where that is gone, or
/// where somebody has deployed since, whose snapshot has what wsctl had bound: a new one.
pub(super) async fn former(aws: &Aws, api: &str, current: &str, id: &str) -> Result<String> {
    let there = list(aws, api).await?;
    let is_ours = there
        .iter()
        .any(|it| it.id() == Some(current) && digest_of(it).is_some());
    if is_ours && there.iter().any(|it| it.id() == Some(id)) {
        return Ok(id.to_owned());
    }
    let request = aws
        .apigateway
        .create_deployment()
        .rest_api_id(api)
        .description(REMOVED);
    let made = aws
        .create("apigateway:CreateDeployment", || request.clone().send())
        .await
        .map_err(explain)?;
    told(made.id(), "apigateway:CreateDeployment")
}

/// Deletes the deployments that wsctl made, but for one that a stage serves.
pub(in crate::kinds) async fn delete_ours(aws: &Aws, api: &str) -> Result<()> {
    for made in list(aws, api)
        .await?
        .iter()
        .filter(|it| digest_of(it).is_some())
    {
        let request = aws
            .apigateway
            .delete_deployment()
            .rest_api_id(api)
            .deployment_id(made.id().unwrap_or_default());
        let deleted = absent(
            aws.write("apigateway:DeleteDeployment", || request.clone().send())
                .await,
        );
        match deleted {
            // "Active stages pointing to this deployment must be moved or deleted" (docs/aws.md §6).
            Err(error) if error.has_code("BadRequestException") => {
                aws.notify(&format!(
                    "deployment {} is left: a stage serves it",
                    made.id().unwrap_or_default()
                ));
            }
            other => drop(other?),
        }
    }
    Ok(())
}

/// The newest deployment's id, if it has this digest and is newer than `current`.
pub(super) fn newer_with<'a>(
    there: &'a [Deployment],
    digest: &str,
    current: &str,
) -> Option<&'a str> {
    let newest = newest(there).filter(|newest| digest_of(newest) == Some(digest))?;
    newest.id().filter(|id| *id != current)
}

/// By time; of two in one second, which only an emulator allows, the one that is listed last.
fn newest(there: &[Deployment]) -> Option<&Deployment> {
    there
        .iter()
        .max_by_key(|it| it.created_date().map(|date| date.as_nanos()))
}

fn describe(digest: &str) -> String {
    format!("{TEXT} {MARK}{digest})")
}

/// The digest in a deployment's description.
pub(super) fn digest_of(deployment: &Deployment) -> Option<&str> {
    let (_, rest) = deployment.description()?.rsplit_once(MARK)?;
    rest.split_once(')')
        .map(|(digest, _)| digest)
        .filter(|digest| !digest.is_empty())
}

fn explain(error: Error) -> Error {
    if !error.has_code("BadRequestException") {
        return error;
    }
    error.hint(
        "AWS deploys only an API that has a method, and in which every method has an integration; \
         `wsctl plan` shows a route without one",
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use aws_smithy_types::DateTime;

    fn deployment(id: &str, description: &str, seconds: i64) -> Deployment {
        let date = DateTime::from_secs(seconds);
        Deployment::builder()
            .id(id)
            .description(description)
            .created_date(date)
            .build()
    }

    #[test]
    fn a_digest_reads_back_from_the_description() {
        let made = deployment("d", &describe("0a1b"), 0);
        assert_eq!(
            made.description(),
            Some("Added Cognito authentication (wsctl:0a1b)")
        );
        assert_eq!(digest_of(&made), Some("0a1b"));
    }

    #[test]
    fn a_description_without_digest_has_none() {
        for text in ["", "by hand", "(wsctl:", "(wsctl:)", "wsctl:abc"] {
            assert_eq!(digest_of(&deployment("d", text, 0)), None, "{text:?}");
        }
        assert_eq!(digest_of(&Deployment::builder().id("d").build()), None);
    }

    #[test]
    fn the_newest_deployment_is_used_again_only_with_our_digest() {
        let there = [
            deployment("new", &describe("b"), 20),
            deployment("old", &describe("a"), 10),
        ];
        assert_eq!(newer_with(&there, "b", "old"), Some("new"));
        assert_eq!(newer_with(&there, "b", "new"), None);
        assert_eq!(newer_with(&there, "a", "new"), None);
        assert_eq!(newer_with(&[], "a", "new"), None);
    }
}
