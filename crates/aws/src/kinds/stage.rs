//! The calls of a stage of a REST API.
//!
//! A deployment is an immutable snapshot of the API; its description carries a digest of the API as
//! declared, so that an undeployed change is seen on the next plan. Deployments are never deleted:
//! they are the history from which a person can roll back, as in the console.

mod account;
pub(super) mod deployment;
mod settings;

use super::rest_api::wire::replace;
use crate::{
    aws::{Aws, Reads, absent, is_denied},
    diff::{Change, any_touches},
    error::{Error, Result},
    kind::{Declared, Kind, Listed},
    spec::{
        Found, Lack,
        rest_api::RestApiOutputs,
        stage::{OFF, Stage, StageOutputs},
    },
};
use aws_sdk_apigateway::types::{Deployment, PatchOperation, Stage as AwsStage};

impl Kind for Stage {
    async fn find(
        reads: &Reads,
        parent: &RestApiOutputs,
        wanted: &Declared<Self>,
    ) -> Result<Vec<Listed<Self>>> {
        let key = format!("deployments of {}", parent.id);
        let deployments = reads.memo(&key, deployment::list(&reads.aws, &parent.id));
        let (stages, deployments) = tokio::try_join!(list(&reads.aws, &parent.id), deployments)?;
        let mut found = vec![];
        for stage in &stages {
            let (name, region) = (stage.stage_name().unwrap_or_default(), &reads.aws.region);
            let served = deployment_of(stage);
            let deployments =
                deployment::with_served(&reads.aws, &parent.id, &deployments, served).await?;
            let spec = live_spec(stage, &deployments);
            let outputs = StageOutputs::new(region, &parent.id, name, served);
            found.push(Listed::Full(Found::child(
                name_of(name, wanted),
                spec,
                outputs,
            )));
        }
        Ok(found)
    }

    /// Logs need the account's role for them, the one of API Gateway's settings that belongs to no API.
    async fn lacks(&self, reads: &Reads) -> Result<Option<Lack>> {
        if !writes_logs(self) {
            return Ok(None);
        }
        match reads
            .memo("apigateway/account", account::logging_role(&reads.aws))
            .await
        {
            Ok(role) if role.is_some() => Ok(None),
            Ok(_) if self.sets_logging_role => Ok(Some(to_be_set())),
            Ok(_) => Ok(Some(lack(NO_ROLE.to_owned(), false))),
            Err(error) if is_denied(&error) => {
                let text =
                    "whether the account has the role that API Gateway's logs need cannot be read";
                Ok(Some(lack(text.to_owned(), true)))
            }
            Err(error) => Err(error),
        }
    }

    /// One call makes the deployment and the stage on it, so that neither is left without the other.
    async fn create(
        &self,
        aws: &Aws,
        parent: &RestApiOutputs,
        _name: &str,
    ) -> Result<StageOutputs> {
        have_logging_role(self, aws).await?;
        let deployment_id = deployment::create_with_stage(aws, &parent.id, self).await?;
        patch_stage(aws, &parent.id, &self.name, settings::declared(self)).await?;
        Ok(StageOutputs::new(
            &aws.region,
            &parent.id,
            &self.name,
            &deployment_id,
        ))
    }

    async fn update(
        &self,
        aws: &Aws,
        parent: &RestApiOutputs,
        live: &Found<Self>,
        changes: &[Change],
    ) -> Result<()> {
        let mut operations = vec![];
        if any_touches(changes, &["deployment"]) {
            let id = deployment_for(self, aws, &parent.id, live, changes).await?;
            operations.push(replace("/deploymentId", id));
        }
        if let Some(id) = self
            .deployment_id
            .as_ref()
            .filter(|_| any_touches(changes, &["deployment_id"]))
        {
            let id = deployment::former(aws, &parent.id, &live.outputs.deployment_id, id).await?;
            operations.push(replace("/deploymentId", id));
        }
        if any_touches(changes, &NEED_ROLE) {
            have_logging_role(self, aws).await?;
        }
        operations.extend(settings::changed(self, &live.spec, changes));
        patch_stage(aws, &parent.id, &live.outputs.name, operations).await
    }

    async fn delete(aws: &Aws, parent: &RestApiOutputs, live: &StageOutputs) -> Result<()> {
        let request = aws
            .apigateway
            .delete_stage()
            .rest_api_id(&parent.id)
            .stage_name(&live.name);
        let deleted = aws
            .write("apigateway:DeleteStage", || request.clone().send())
            .await;
        absent(deleted).map(drop)
    }
}

fn writes_logs(stage: &Stage) -> bool {
    let methods = stage.methods.iter().flat_map(|it| it.values());
    let levels = methods
        .map(|it| &it.logging_level)
        .chain([&stage.logging_level]);
    stage.access_logs.is_some() || levels.flatten().any(|level| level != OFF)
}

/// Before the stage is told to write logs: AWS refuses that without a role.
async fn have_logging_role(stage: &Stage, aws: &Aws) -> Result<()> {
    match writes_logs(stage) && stage.sets_logging_role {
        true => account::have_logging_role(aws).await,
        false => Ok(()),
    }
}

/// The fields that need the account's role.
const NEED_ROLE: [&str; 3] = ["access_logs", "logging_level", "methods"];

/// The deployment to move to: one that is there already and was never moved to (a run was cut off
/// between the two, or someone moved the stage back), otherwise a new one.
///
/// A change whose `old` is not what the stage really has asks for a new deployment: the API was
/// corrected in this run, so that no snapshot made before has what is declared.
async fn deployment_for(
    spec: &Stage,
    aws: &Aws,
    api: &str,
    live: &Found<Stage>,
    changes: &[Change],
) -> Result<String> {
    let seen = &live.spec.deployment;
    let old = changes
        .iter()
        .find(|it| it.path == "deployment")
        .map(|it| it.old.as_str().unwrap_or(""));
    if *seen != spec.deployment && old == Some(seen.as_str()) {
        let there = deployment::list(aws, api).await?;
        let newest = deployment::newer_with(&there, &spec.deployment, &live.outputs.deployment_id);
        if let Some(id) = newest {
            return Ok(id.to_owned());
        }
    }
    deployment::create(aws, api, &spec.deployment).await
}

async fn patch_stage(
    aws: &Aws,
    api: &str,
    name: &str,
    operations: Vec<PatchOperation>,
) -> Result<()> {
    if operations.is_empty() {
        return Ok(());
    }
    let request = aws
        .apigateway
        .update_stage()
        .rest_api_id(api)
        .stage_name(name);
    let request = request.set_patch_operations(Some(operations));
    let patched = aws
        .write("apigateway:UpdateStage", || request.clone().send())
        .await;
    patched.map(drop).map_err(explain)
}

const NO_ROLE: &str = "the account has no role with which API Gateway could write its logs";

/// How to give API Gateway the one role per account and Region that it logs with (docs/aws.md §6).
const SET_ROLE: &str = "API Gateway logs with one role for the whole account and Region, which wsctl does not set \
     unasked, since other APIs share it. Let it, with [account] api_gateway_logging = true, or set it once, with a role that \
     apigateway.amazonaws.com may assume and that has the policy AmazonAPIGatewayPushToCloudWatchLogs: aws apigateway update-account \
     --patch-operations op=replace,path=/cloudwatchRoleArn,value=ROLE_ARN";

fn lack(text: String, is_doubt: bool) -> Lack {
    Lack {
        fields: &NEED_ROLE,
        text,
        hint: SET_ROLE.to_owned(),
        is_doubt,
    }
}

/// The file lets wsctl set one.
fn to_be_set() -> Lack {
    Lack {
        fields: &NEED_ROLE,
        text: format!(
            "{NO_ROLE}: apply makes `{}` and sets it for the whole account and region",
            account::ROLE
        ),
        hint: "destroy leaves both, since other APIs may log with them by then".to_owned(),
        is_doubt: true,
    }
}

/// Where the role could not be asked for in time.
fn explain(error: Error) -> Error {
    match error
        .message
        .contains("CloudWatch Logs role ARN must be set")
    {
        true => error.hint(SET_ROLE),
        false => error,
    }
}

async fn list(aws: &Aws, api: &str) -> Result<Vec<AwsStage>> {
    let request = aws.apigateway.get_stages().rest_api_id(api);
    let stages = aws
        .read("apigateway:GetStages", || request.clone().send())
        .await?;
    Ok(stages.item.unwrap_or_default())
}

fn deployment_of(stage: &AwsStage) -> &str {
    stage.deployment_id().unwrap_or_default()
}

/// The wanted stage has no name below its parent, being the only one; any other has AWS's.
fn name_of(name: &str, wanted: &Declared<Stage>) -> String {
    let key = wanted
        .iter()
        .find(|(_, spec)| spec.name == name)
        .map(|(key, _)| key.clone());
    key.unwrap_or_else(|| name.to_owned())
}

fn live_spec(stage: &AwsStage, deployments: &[Deployment]) -> Stage {
    let on = deployments
        .iter()
        .find(|it| it.id() == Some(deployment_of(stage)));
    let digest = on.and_then(deployment::digest_of).unwrap_or_default();
    Stage {
        name: stage.stage_name().unwrap_or_default().to_owned(),
        description: Some(stage.description().unwrap_or_default().to_owned()),
        deployment: digest.to_owned(),
        deployment_id: Some(deployment_of(stage).to_owned()),
        ..settings::live(stage)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::ErrorKind;

    #[test]
    fn the_wanted_stage_is_the_only_one_and_others_keep_their_names() {
        let wanted = Declared::from([(
            String::new(),
            Stage {
                name: "dev".into(),
                ..Default::default()
            },
        )]);
        assert_eq!(name_of("dev", &wanted), "");
        assert_eq!(name_of("old", &wanted), "old");
    }

    #[test]
    fn a_stage_on_a_deployment_that_wsctl_did_not_make_has_no_digest() {
        let stage = AwsStage::builder()
            .stage_name("dev")
            .deployment_id("d1")
            .build();
        let by_hand = Deployment::builder()
            .id("d1")
            .description("by hand")
            .build();
        assert_eq!(live_spec(&stage, &[by_hand]).deployment, "");
        let ours = Deployment::builder()
            .id("d1")
            .description("x (wsctl:ab12)")
            .build();
        assert_eq!(live_spec(&stage, &[ours]).deployment, "ab12");
    }

    #[test]
    fn the_missing_logging_role_comes_with_the_command_that_sets_it() {
        let message = "CloudWatch Logs role ARN must be set in account settings to enable logging";
        let hint = explain(Error::new(ErrorKind::Aws, message)).hint.unwrap();
        assert!(hint.contains("op=replace,path=/cloudwatchRoleArn,value=ROLE_ARN"));
        assert_eq!(explain(Error::new(ErrorKind::Aws, "other")).hint, None);
    }
}
