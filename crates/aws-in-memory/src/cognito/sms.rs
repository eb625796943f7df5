//! The role that a pool sends text messages with (docs/aws.md §2, "Messages").

use crate::{
    call::{Call, Refusal},
    cloud::Cloud,
    cognito::Pool,
    iam::Role,
};

/// What Cognito says of the role that a request names, which it tries. Of roles that stacks made alone: others are
/// not in this account.
pub(super) fn role_fault(cloud: &Cloud, call: &Call) -> Option<Refusal> {
    let of_pool = call.get("SmsConfiguration");
    let of_factor = &call.get("SmsMfaConfiguration")["SmsConfiguration"];
    let sent = [of_pool, of_factor].into_iter().find(|it| !it.is_null())?;
    let arn = sent["SnsCallerArn"].as_str()?;
    if !arn.contains(":role/wsctl/") {
        return None;
    }
    let role = cloud.iam.roles.values().find(|it| it.arn(cloud) == arn);
    let role = role.filter(|it| cloud.now >= it.made + cloud.strict.role_delay);
    let external_id = sent["ExternalId"].as_str().unwrap_or_default();
    // A stack's role asks for one, so that a pool which tells none does not get it.
    let told = format!("\"{external_id}\"");
    let trusts =
        |it: &&Role| it.trust.contains("cognito-idp.amazonaws.com") && it.trust.contains(&told);
    let publishes = |it: &Role| it.policies.values().any(|it| it.contains("sns:Publish"));
    let (code, message) = match role.filter(trusts) {
        None => (
            "InvalidSmsRoleTrustRelationshipException",
            "Role does not have a trust relationship allowing Cognito to assume the role",
        ),
        Some(role) if !publishes(role) => (
            "InvalidSmsRoleAccessPolicyException",
            "Role does not have permission to publish with SNS",
        ),
        Some(_) => return None,
    };
    Some(Refusal {
        status: 400,
        code,
        message: message.into(),
    })
}

impl Cloud {
    /// The role of a stack's that a pool sends text messages with, and that is not there.
    pub(crate) fn without_sms_role(&self, pool: &Pool) -> Option<String> {
        let arn = pool.get("SmsConfiguration")["SnsCallerArn"].as_str()?;
        let is_gone = !self.iam.roles.values().any(|it| it.arn(self) == arn);
        let is_gone = is_gone && arn.contains(":role/wsctl/");
        is_gone.then(|| {
            format!(
                "the pool {} sends texts as {arn}, which is not there",
                pool.get("Name")
            )
        })
    }
}
