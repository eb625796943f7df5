//! What a failed request means: whether to repeat it, and what to tell the user.
//!
//! AWS errors are matched by code, here and nowhere else; by message only where the code is
//! ambiguous (docs/aws.md §1.3, §8).

use super::{hints, skew};
use crate::error::{Error, ErrorKind, innermost};
use aws_smithy_runtime_api::client::{orchestrator::HttpResponse, result::SdkError};
use aws_smithy_types::error::{
    ErrorMetadata, display::DisplayErrorContext, metadata::ProvideErrorMetadata,
};
use std::time::{Duration, SystemTime};

/// Why a request failed, as far as repeating it goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// Refused for its rate; it had no effect.
    Throttled,
    /// A quota that answers like a throttle (API Gateway's LimitExceededException, docs/aws.md §1.3).
    Quota,
    /// Another write was under way; it had no effect. AWS says the same of some things that stay so,
    /// so that it is believed only for so long.
    Concurrent(Duration),
    /// A new role is not known everywhere yet; it had no effect.
    Propagation,
    /// No connection came about; it had no effect.
    Unsent,
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
const ABSENT: &[&str] = &[
    "ResourceNotFoundException",
    "NotFoundException",
    "NoSuchEntity",
    "NoSuchEntityException",
];

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

/// How long it is believed that another write is under way. API Gateway says so too of an API that is
/// gone (recorded; docs/aws.md §1.3), so the engine looks in between; IAM of what is in use for good.
const BUSY: Duration = Duration::from_secs(120);
const BUSY_GATEWAY: Duration = Duration::from_secs(20);
const BUSY_IAM: Duration = Duration::from_secs(30);

const EXPIRED: &[&str] = &["ExpiredToken", "ExpiredTokenException"];

const UNKNOWN_KEYS: &[&str] = &[
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "MissingAuthenticationToken",
];

const DENIED: &[&str] = &[
    "AccessDenied",
    "AccessDeniedException",
    "UnauthorizedOperation",
    "NotAuthorizedException",
    "ForbiddenException",
];

/// Codes, and messages of InvalidParameterValueException, while a new role spreads (terraform-provider-aws;
/// docs/aws.md §2, §8), each with what is to be done where the role is not new.
const PROPAGATION: [(&str, &str); 6] = [
    (
        "InvalidSmsRoleTrustRelationshipException",
        "the trust policy of the role for text messages has to let cognito-idp.amazonaws.com assume it, with the \
         external id that the pool tells",
    ),
    (
        "InvalidSmsRoleAccessPolicyException",
        "give the role for text messages the permission sns:Publish",
    ),
    (
        "cannot be assumed by Lambda",
        "the trust policy of that role has to let lambda.amazonaws.com assume it; a role that was made a \
         moment ago is known everywhere some seconds later: run the same command again then",
    ),
    (
        "role ARN does not have required permissions",
        "the role has to let apigateway.amazonaws.com assume it, and have AmazonAPIGatewayPushToCloudWatchLogs",
    ),
    (
        "execution role does not have permissions",
        "give the function's role the permission that AWS names",
    ),
    (
        "KMS key is invalid for CreateGrant",
        "the function's role was made anew under its old name: set another role for the function and back",
    ),
];

/// The status of a throttle.
const TOO_MANY: u16 = 429;

/// Whether the error means that the thing is not there.
pub(super) fn is_absent(error: &Error) -> bool {
    error
        .code
        .as_deref()
        .is_some_and(|code| ABSENT.contains(&code))
}

/// Whether it is no operation of this service, as in a region that does not have it yet.
pub(crate) fn is_unknown(error: &Error) -> bool {
    ["UnknownOperationException", "InvalidAction"]
        .iter()
        .any(|code| error.has_code(code))
}

/// Whether the error means that the caller may not ask this.
pub(crate) fn is_denied(error: &Error) -> bool {
    error
        .code
        .as_deref()
        .is_some_and(|code| DENIED.contains(&code))
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
    const WORDS: [&str; 3] = [
        "already exist",
        "already has this name",
        "already associated",
    ];
    CODES.iter().any(|code| error.has_code(code))
        || (error.code.is_some() && WORDS.iter().any(|words| error.message.contains(words)))
}

/// What is in API Gateway's message where another write is under way, or the API is gone.
const CONCURRENTLY: &str = "concurrent modification";

/// What is in messages of a code of [`CONCURRENT`] that will be no other the next time.
const PERMANENT: [&str; 2] = ["already exist", "state: Failed"];

/// Whether API Gateway has said for long enough that another write is under way.
pub(crate) fn is_said_to_be_busy(error: &Error) -> bool {
    error.has_code("ConflictException") && error.message.contains(CONCURRENTLY)
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
            // A throttle is told by its status too: what is in front of a service may have no form for it.
            let is_known = !code.is_empty() || status == TOO_MANY;
            if let (false, Some(cause)) = (is_known, unread(answer.err())) {
                return unreadable(operation, status, &cause);
            }
            let header = |name: &str| answer.raw().headers().get(name);
            let retry_after = header("retry-after").and_then(|it| it.parse().ok());
            let hint = skew::hint(&code, &message, header("date"), SystemTime::now());
            Failure {
                retry_after: retry_after.map(Duration::from_secs),
                ..answered(operation, status, code, &message, hint)
            }
        }
        SdkError::ConstructionFailure(_) => {
            no_credentials(operation, failed).unwrap_or_else(|| unmade(operation, failed))
        }
        SdkError::DispatchFailure(_) => no_credentials(operation, failed).unwrap_or_else(|| {
            let text = DisplayErrorContext(failed).to_string();
            let class = if text.contains(NO_CONNECTION) {
                Class::Unsent
            } else {
                Class::Unclear
            };
            lost(operation, class, failed)
        }),
        // The body is there, so it came whole, and some operations' readers say so that it is not right.
        SdkError::ResponseError(answer) if answer.raw().body().bytes().is_some() => unreadable(
            operation,
            answer.raw().status().as_u16(),
            &innermost(failed),
        ),
        _ => lost(operation, Class::Unclear, failed),
    }
}

/// What hyper says, and nothing else tells, of a connection that never came about.
const NO_CONNECTION: &str = "client error (Connect)";

fn answered(
    operation: &str,
    status: u16,
    code: String,
    message: &str,
    skew: Option<String>,
) -> Failure {
    let class = classify(operation, status, &code, message);
    let is_of_credentials = [EXPIRED, UNKNOWN_KEYS]
        .iter()
        .any(|codes| codes.contains(&code.as_str()));
    let kind = match class {
        Class::Unclear => ErrorKind::Ambiguous,
        _ if is_of_credentials => ErrorKind::Credentials,
        _ => ErrorKind::Aws,
    };
    let name = if code.is_empty() {
        format!("HTTP {status}")
    } else {
        code.clone()
    };
    let what = if message.is_empty() {
        name
    } else {
        format!("{name}: {message}")
    };
    let mut error = Error::new(kind, format!("{operation}: {what}"));
    let of_role = of_new_role(&code, message);
    if let Some(hint) = hints::hint(operation, &code, message) {
        error = error.hint(hint);
    } else if let Some(hint) = skew {
        error = error.hint(hint);
    } else if EXPIRED.contains(&code.as_str()) {
        error = error.hint(
            "the credentials are expired: renew them (`aws sso login`, or new keys), then run the same \
             command again",
        );
    } else if UNKNOWN_KEYS.contains(&code.as_str()) {
        error = error.hint(
            "AWS does not know these credentials, or the secret key is another key's: check the profile or \
             AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY; in a region that the account has not turned on, \
             good ones are not known either",
        );
    } else if let Some(hint) = of_role {
        error = error.hint(hint);
    } else if DENIED.contains(&code.as_str()) {
        error = error.hint(format!(
            "the caller needs permission for {operation} on this resource"
        ));
    } else if class == Class::Quota {
        error = error.hint(
            "an account quota is used up; ask for more in Service Quotas, or delete what is not needed",
        );
    } else if class == Class::Throttled {
        error =
            error.hint("AWS asked for less speed for minutes; run the same command again to go on");
    }
    Failure {
        class,
        error: if code.is_empty() {
            error
        } else {
            error.code(code)
        },
        retry_after: None,
    }
}

/// What is to be done about a role that AWS refuses, where that is not because it is new.
fn of_new_role(code: &str, message: &str) -> Option<&'static str> {
    let is_it = |part: &str| code == part || message.contains(part);
    let found = PROPAGATION.iter().find(|(part, _)| is_it(part));
    found.map(|(_, hint)| *hint)
}

fn classify(operation: &str, status: u16, code: &str, message: &str) -> Class {
    if of_new_role(code, message).is_some() {
        Class::Propagation
    } else if code == "LimitExceededException" && operation.starts_with("apigateway:") {
        Class::Quota
    } else if THROTTLED.contains(&code) || (status == TOO_MANY && code != "LimitExceededException")
    {
        Class::Throttled
    } else if (CONCURRENT.contains(&code) && !PERMANENT.iter().any(|part| message.contains(part)))
        || (code == "ConflictException" && message.contains(CONCURRENTLY))
    {
        Class::Concurrent(match operation.split(':').next() {
            Some("apigateway") => BUSY_GATEWAY,
            Some("iam") => BUSY_IAM,
            _ => BUSY,
        })
    } else if status >= 500 {
        Class::Unclear
    } else {
        Class::Final
    }
}

/// What the SDK's parser said of an answer that it could not read.
fn unread(error: &(dyn std::error::Error + 'static)) -> Option<String> {
    // An error that is only not in the model has its own metadata for a source.
    let source = error
        .source()
        .filter(|source| !source.is::<ErrorMetadata>())?;
    Some(innermost(source))
}

/// An answer that came and is not what the service's model says. A write that was answered so may have
/// taken effect, and to ask again would bring the same.
fn unreadable(operation: &str, status: u16, cause: &str) -> Failure {
    let message = format!("{operation}: the answer (HTTP {status}) cannot be read: {cause}");
    let (class, kind, hint) = match status {
        200..=299 => (
            Class::Final,
            ErrorKind::Ambiguous,
            "AWS answered in a form that this version of wsctl does not know; run the command again with \
             --trace FILE and report what that file has: secrets and addresses are masked in it",
        ),
        500.. => (Class::Unclear, ErrorKind::Ambiguous, NOT_AWS),
        _ => (Class::Final, ErrorKind::Aws, NOT_AWS),
    };
    Failure {
        class,
        error: Error::new(kind, message).hint(hint),
        retry_after: None,
    }
}

/// AWS's own refusals are in the form of its model.
const NOT_AWS: &str = "this is not an error of AWS's own: something between may have answered, such as a proxy; check \
     HTTPS_PROXY and the endpoint";

fn lost<E>(operation: &str, class: Class, failed: &SdkError<E, HttpResponse>) -> Failure
where
    E: std::error::Error + 'static,
{
    let cause = innermost(failed);
    let kind = if class == Class::Unsent {
        ErrorKind::Aws
    } else {
        ErrorKind::Ambiguous
    };
    let error = Error::new(kind, format!("{operation}: no answer: {cause}")).hint(
        "check the network and the endpoint, then run the same command again; it goes on from where it was",
    );
    Failure {
        class,
        error,
        retry_after: None,
    }
}

/// No request could be made of it, whatever the network is like.
fn unmade<E>(operation: &str, failed: &SdkError<E, HttpResponse>) -> Failure
where
    E: std::error::Error + 'static,
{
    let error = Error::new(
        ErrorKind::Internal,
        format!("{operation}: not sent: {}", innermost(failed)),
    );
    let error = error.hint(
        "check --endpoint-url and AWS_ENDPOINT_URL where one is set; otherwise this is a mistake in wsctl; \
         please report it",
    );
    Failure {
        class: Class::Final,
        error,
        retry_after: None,
    }
}

/// Missing credentials reach us as a dispatch or construction failure, known only by its text.
fn no_credentials<E>(operation: &str, failed: &SdkError<E, HttpResponse>) -> Option<Failure>
where
    E: std::error::Error + 'static,
{
    let text = DisplayErrorContext(failed).to_string();
    let is_about = [
        "credential",
        "identity resolver",
        "no providers in chain",
        "SSO",
        "sso",
    ];
    if !is_about.iter().any(|word| text.contains(word)) {
        return None;
    }
    let error = Error::new(ErrorKind::Credentials, format!("{operation}: no AWS credentials: {}", innermost(failed)))
        .hint(
            "tried, in this order: environment variables, the profile in ~/.aws (SSO and \
         credential_process included), web identity, container and instance roles; run `aws sso login` \
         or set AWS_PROFILE or --profile, or try --sandbox, which needs none",
        );
    Some(Failure {
        class: Class::Final,
        error,
        retry_after: None,
    })
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
        assert_eq!(
            classify("iam:CreateRole", 409, "LimitExceededException", ""),
            Class::Final
        );
    }

    #[test]
    fn a_conflict_is_worth_a_repeat_only_when_another_write_was_under_way() {
        let busy =
            "Unable to complete operation due to concurrent modification. Please try again later.";
        assert_eq!(
            classify("apigateway:PutMethod", 409, "ConflictException", busy),
            Class::Concurrent(BUSY_GATEWAY)
        );
        assert_eq!(
            classify(
                "apigateway:PutMethod",
                409,
                "ConflictException",
                "Method already exists"
            ),
            Class::Final
        );
        let there = "Function already exist: users";
        assert_eq!(
            classify(
                "lambda:CreateFunction",
                409,
                "ResourceConflictException",
                there
            ),
            Class::Final
        );
        let update =
            "The operation cannot be performed at this time. An update is in progress for resource";
        assert_eq!(
            classify(
                "lambda:UpdateFunctionCode",
                409,
                "ResourceConflictException",
                update
            ),
            Class::Concurrent(BUSY)
        );
        let failed = "The function is currently in the following state: Failed";
        let class = classify(
            "lambda:UpdateFunctionCode",
            409,
            "ResourceConflictException",
            failed,
        );
        assert_eq!(class, Class::Final, "it stays failed");
    }

    #[test]
    fn a_role_not_assumable_yet_is_propagation() {
        let message = "The role defined for the function cannot be assumed by Lambda.";
        let class = classify(
            "lambda:CreateFunction",
            400,
            "InvalidParameterValueException",
            message,
        );
        assert_eq!(class, Class::Propagation);
    }

    #[test]
    fn a_server_error_leaves_the_effect_unclear() {
        assert_eq!(
            classify(
                "cognito-idp:CreateUserPool",
                500,
                "InternalErrorException",
                ""
            ),
            Class::Unclear
        );
        // A gateway between answers 503 also for what it passed on.
        assert_eq!(
            classify("cognito-idp:CreateUserPool", 503, "", ""),
            Class::Unclear
        );
        assert_eq!(
            classify("lambda:CreateFunction", 503, "ThrottlingException", ""),
            Class::Throttled
        );
    }
}
