//! What a failed request means: whether to repeat it, and what to tell the user.
//!
//! AWS errors are matched by code, here and nowhere else; by message only where the dossier says
//! that the code is ambiguous.

use super::hints;
use crate::error::{Error, Kind, innermost};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::{display::DisplayErrorContext, metadata::ProvideErrorMetadata};
use std::time::Duration;

/// Why a request failed, as far as repeating it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Refused for its rate; it had no effect.
    Throttled,
    /// A quota that answers like a throttle (API Gateway's LimitExceededException, dossier §1.3).
    Quota,
    /// Another write was under way; it had no effect.
    Concurrent,
    /// A new role is not known everywhere yet; it had no effect.
    Propagation,
    /// It may or may not have had an effect: no reply, or a 5xx.
    Unclear,
    /// Refused for good.
    Final,
}

pub(super) struct Failure {
    pub(super) class: Class,
    pub(super) error: Error,
    /// How long AWS asks to wait before the next try.
    pub(super) retry_after: Option<Duration>,
}

/// Codes that mean "that does not exist", in all the services.
const ABSENT: &[&str] =
    &["ResourceNotFoundException", "NotFoundException", "NoSuchEntity", "NoSuchEntityException"];

const THROTTLED: &[&str] = &[
    "TooManyRequestsException",
    "Throttling",
    "ThrottlingException",
    "ThrottledException",
    "RequestThrottled",
    "RequestThrottledException",
    "RequestLimitExceeded",
    "SlowDown",
    "EC2ThrottledException",
    "PriorRequestNotComplete",
];

const CONCURRENT: &[&str] = &[
    "ConcurrentModificationException",
    "ConcurrentModification",
    "ResourceConflictException",
    "OperationAbortedException",
    "DeleteConflict",
    "DeleteConflictException",
];

const EXPIRED: &[&str] = &[
    "ExpiredToken",
    "ExpiredTokenException",
    "RequestExpired",
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
];

const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "NotAuthorizedException",
    "ForbiddenException",
];

/// Messages of InvalidParameterValueException while a new role spreads (terraform-provider-aws;
/// dossier §8), and of API Gateway while its logging role does (§6).
const PROPAGATION: &[&str] = &[
    "cannot be assumed by Lambda",
    "execution role does not have permissions",
    "KMS key is invalid for CreateGrant",
    "does not have required permissions",
    "Invalid principal in policy",
];

/// Whether the error means that the thing is not there.
pub(super) fn is_absent(error: &Error) -> bool {
    error.code.as_deref().is_some_and(|code| ABSENT.contains(&code))
}

/// Whether the error means that something of this name is there. Each service has its own code for
/// it, and API Gateway, Lambda and Cognito's domains one that means other things too.
pub(crate) fn is_there_already(error: &Error) -> bool {
    const CODES: [&str; 5] = [
        "EntityAlreadyExists",
        "GroupExistsException",
        "ManagedLoginBrandingExistsException",
        "ResourceAlreadyExistsException",
        "ResourceExistsException",
    ];
    const WORDS: [&str; 3] = ["already exist", "already has this name", "already associated"];
    CODES.iter().any(|code| error.has_code(code))
        || (error.code.is_some() && WORDS.iter().any(|words| error.message.contains(words)))
}

pub(super) fn explain<E>(operation: &str, failed: &SdkError<E, HttpResponse>) -> Failure
where
    E: ProvideErrorMetadata + std::error::Error + 'static,
{
    match failed {
        SdkError::ServiceError(answer) => {
            let status = answer.raw().status().as_u16();
            let code = answer.err().code().unwrap_or("").to_owned();
            let message = answer.err().message().unwrap_or("").to_owned();
            let retry_after = answer.raw().headers().get("retry-after").and_then(|it| it.parse().ok());
            Failure {
                retry_after: retry_after.map(Duration::from_secs),
                ..answered(operation, status, code, &message)
            }
        }
        SdkError::ConstructionFailure(_) => no_credentials(operation, failed)
            .unwrap_or_else(|| lost(operation, Class::Final, Kind::Internal, failed)),
        SdkError::DispatchFailure(_) => no_credentials(operation, failed)
            .unwrap_or_else(|| lost(operation, Class::Unclear, Kind::Ambiguous, failed)),
        _ => lost(operation, Class::Unclear, Kind::Ambiguous, failed),
    }
}

fn answered(operation: &str, status: u16, code: String, message: &str) -> Failure {
    let class = classify(operation, status, &code, message);
    let kind = if class == Class::Unclear { Kind::Ambiguous } else { Kind::Aws };
    let name = if code.is_empty() { format!("HTTP {status}") } else { code.clone() };
    let mut error = Error::new(kind, format!("{operation}: {name}: {message}"));
    if let Some(hint) = hints::hint(operation, &code, message) {
        error = error.hint(hint);
    } else if EXPIRED.contains(&code.as_str()) {
        error = error.hint(
            "the credentials are expired or wrong: renew them (`aws sso login`, or new keys) and run again",
        );
    } else if DENIED.contains(&code.as_str()) {
        error = error.hint(format!("the caller needs permission for {operation} on this resource"));
    } else if class == Class::Quota {
        error = error.hint(
            "an account quota is used up; ask for more in Service Quotas, or delete what is not needed",
        );
    } else if class == Class::Throttled {
        error = error.hint("AWS asked for less speed for minutes; run the same command again to go on");
    }
    Failure { class, error: if code.is_empty() { error } else { error.code(code) }, retry_after: None }
}

fn classify(operation: &str, status: u16, code: &str, message: &str) -> Class {
    if PROPAGATION.iter().any(|part| message.contains(part)) {
        Class::Propagation
    } else if code == "LimitExceededException" && operation.starts_with("apigateway:") {
        Class::Quota
    } else if THROTTLED.contains(&code) || (status == 429 && code != "LimitExceededException") {
        Class::Throttled
    } else if (CONCURRENT.contains(&code) && !message.contains("already exist"))
        || (code == "ConflictException" && message.contains("concurrent modification"))
    {
        Class::Concurrent
    } else if status >= 500 {
        Class::Unclear
    } else {
        Class::Final
    }
}

fn lost<E>(operation: &str, class: Class, kind: Kind, failed: &SdkError<E, HttpResponse>) -> Failure
where
    E: std::error::Error + 'static,
{
    let cause = innermost(failed);
    let error = Error::new(kind, format!("{operation}: no answer: {cause}")).hint(
        "check the network and the endpoint, then run the same command again; it goes on from where it was",
    );
    Failure { class, error, retry_after: None }
}

/// Missing credentials reach us as a dispatch or construction failure, known only by its text.
fn no_credentials<E>(operation: &str, failed: &SdkError<E, HttpResponse>) -> Option<Failure>
where
    E: std::error::Error + 'static,
{
    let text = DisplayErrorContext(failed).to_string();
    let is_about = ["credential", "identity resolver", "no providers in chain", "SSO", "sso"];
    if !is_about.iter().any(|word| text.contains(word)) {
        return None;
    }
    let error = Error::new(Kind::Input, format!("{operation}: no AWS credentials: {}", innermost(failed)))
        .hint(
            "tried, in this order: environment variables, the profile in ~/.aws (SSO and \
         credential_process included), web identity, container and instance roles; run `aws sso login` \
         or set AWS_PROFILE or --profile, or try --sandbox, which needs none",
        );
    Some(Failure { class: Class::Final, error, retry_after: None })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn api_gateways_limit_is_a_quota_and_not_a_throttle() {
        let class = classify(
            "apigateway:CreateResource",
            429,
            "LimitExceededException",
            "Maximum number of Resources",
        );
        assert_eq!(class, Class::Quota);
        assert_eq!(classify("iam:CreateRole", 409, "LimitExceededException", ""), Class::Final);
    }

    #[test]
    fn a_conflict_is_worth_a_repeat_only_when_another_write_was_under_way() {
        let busy = "Unable to complete operation due to concurrent modification. Please try again later.";
        assert_eq!(classify("apigateway:PutMethod", 409, "ConflictException", busy), Class::Concurrent);
        assert_eq!(
            classify("apigateway:PutMethod", 409, "ConflictException", "Method already exists"),
            Class::Final
        );
        let there = "Function already exist: users";
        assert_eq!(classify("lambda:CreateFunction", 409, "ResourceConflictException", there), Class::Final);
        let update = "The operation cannot be performed at this time. An update is in progress for resource";
        assert_eq!(
            classify("lambda:UpdateFunctionCode", 409, "ResourceConflictException", update),
            Class::Concurrent
        );
    }

    #[test]
    fn a_role_not_assumable_yet_is_propagation() {
        let message = "The role defined for the function cannot be assumed by Lambda.";
        let class = classify("lambda:CreateFunction", 400, "InvalidParameterValueException", message);
        assert_eq!(class, Class::Propagation);
    }

    #[test]
    fn a_server_error_leaves_the_effect_unclear() {
        assert_eq!(classify("cognito-idp:CreateUserPool", 500, "InternalErrorException", ""), Class::Unclear);
        // A gateway between answers 503 also for what it passed on.
        assert_eq!(classify("cognito-idp:CreateUserPool", 503, "", ""), Class::Unclear);
        assert_eq!(classify("lambda:CreateFunction", 503, "ThrottlingException", ""), Class::Throttled);
    }
}
