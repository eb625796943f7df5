//! The role with which API Gateway writes logs: one for an account and region, which all its APIs share
//! (docs/aws.md §6). What is set is never changed, nor taken away again: others may log with it by then.

use crate::{
    aws::{Aws, told},
    error::Result,
    kinds::{rest_api::wire::replace, role::attach},
    spec::{arn::partition, rest_api::PRINCIPAL, role::trust_policy},
};

/// What the role is called that wsctl sets where the account has none. Its path says that wsctl made it, and
/// for no stack.
pub(super) const ROLE: &str = "wsctl-api-gateway-logs";
const PATH: &str = "/wsctl/";

/// The role that is set.
pub(super) async fn logging_role(aws: &Aws) -> Result<Option<String>> {
    let account = aws
        .read("apigateway:GetAccount", || {
            aws.apigateway.get_account().send()
        })
        .await?;
    Ok(account.cloudwatch_role_arn.filter(|arn| !arn.is_empty()))
}

/// Makes and sets a role, unless one is set. Each step may be repeated: an apply that is cut off goes on here.
pub(super) async fn have_logging_role(aws: &Aws) -> Result<()> {
    if logging_role(aws).await?.is_some() {
        return Ok(());
    }
    let arn = role(aws).await?;
    let partition = partition(&aws.region);
    let policy = format!(
        "arn:{partition}:iam::aws:policy/service-role/AmazonAPIGatewayPushToCloudWatchLogs"
    );
    attach(aws, ROLE, &policy).await?;
    let request = aws
        .apigateway
        .update_account()
        .patch_operations(replace("/cloudwatchRoleArn", &arn));
    aws.write_as(&arn, "apigateway:UpdateAccount", || request.clone().send())
        .await
        .map(drop)
}

/// The ARN of wsctl's role for it, which may be there from another region or an apply that was cut off.
async fn role(aws: &Aws) -> Result<String> {
    let trust = trust_policy(PRINCIPAL).to_string();
    let made = aws.create("iam:CreateRole", || {
        let request = aws.iam.create_role().role_name(ROLE).path(PATH);
        request
            .assume_role_policy_document(&trust)
            .description("Lets API Gateway write logs of all APIs of this account; made by wsctl")
            .send()
    });
    match made.await {
        Ok(made) => told(made.role().map(|it| it.arn()), "iam:CreateRole"),
        Err(error) if error.has_code("EntityAlreadyExists") => {
            let there = aws.read("iam:GetRole", || aws.iam.get_role().role_name(ROLE).send());
            told(there.await?.role().map(|it| it.arn()), "iam:GetRole")
        }
        Err(error) => Err(error),
    }
}
