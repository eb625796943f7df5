//! What to do next when Cognito refuses something about a user. Pure.

/// What is in the names of the operations on users, everyone's and administrators'.
const OF_USERS: [&str; 5] = ["SignUp", "ConfirmationCode", "Auth", "RefreshToken", "User"];

/// The hint for an error of an operation on users; none where the general hints say it better.
pub(super) fn hint(operation: &str, code: &str, message: &str) -> Option<&'static str> {
    let name = operation.strip_prefix("cognito-idp:")?;
    if name.contains("UserPool") || !OF_USERS.iter().any(|it| name.contains(it)) {
        return None;
    }
    Some(match code {
        "NotAuthorizedException" => return not_authorized(name, message),
        "UserNotFoundException" => "see who is there: wsctl user list",
        "ResourceNotFoundException" if name.contains("Group") => {
            "add the group to [user_pool.groups] in stack.toml, then wsctl apply"
        }
        "UserNotConfirmedException" => {
            "confirm the user first: wsctl user confirm USER with the code from the e-mail, or with --admin"
        }
        "UsernameExistsException" => "choose another name, or see wsctl user show USER",
        "AliasExistsException" => {
            "another confirmed user has this e-mail address or phone number; see wsctl user list --filter"
        }
        "CodeMismatchException" | "ExpiredCodeException" if name.contains("Challenge") => {
            "sign in again, and type the newest code; each is good once and not for long"
        }
        "CodeMismatchException" => "type the newest code; wsctl user resend USER has another sent",
        "ExpiredCodeException" => "have another one sent: wsctl user resend USER",
        "InvalidPasswordException" => {
            "choose one that keeps to [user_pool.password_policy] in stack.toml"
        }
        "PasswordHistoryPolicyViolationException" => "choose one that was not used before",
        "PasswordResetRequiredException" => "set a new one: wsctl user set-password USER",
        "CodeDeliveryFailureException" => {
            "is the address right? and look at [user_pool.email]: Cognito's own sender is limited to 50 a day"
        }
        "LimitExceededException" | "TooManyFailedAttemptsException" => {
            "Cognito counts the tries of a user: wait for a quarter of an hour"
        }
        "UserLambdaValidationException" | "UnexpectedLambdaException" => {
            "a Lambda trigger of the pool refused it; see that function's log"
        }
        "InvalidParameterException" if message.contains("not enabled for") => {
            "add the flow to auth_flows of the client in stack.toml, then wsctl apply"
        }
        "InvalidParameterException" if name == "ListUsers" => {
            "a filter is a name, = or ^=, and a value in quotes: 'email ^= \"ann\"'"
        }
        "InvalidParameterException" => "see [user_pool] in stack.toml for what the pool takes",
        _ => return None,
    })
}

/// The one code stands for a wrong password, a used-up code and a disabled user; an administrator
/// without the permission gets AccessDeniedException.
fn not_authorized(name: &str, message: &str) -> Option<&'static str> {
    let is = |part: &str| message.to_lowercase().contains(part);
    Some(if is("disabled") {
        "the user is disabled; enable it in the console, or make another"
    } else if is("expired") && name.contains("InitiateAuth") {
        "set another temporary one: wsctl user set-password USER --temporary"
    } else if is("session") {
        "it took too long; sign in again"
    } else if is("attempts exceeded") {
        "Cognito counts the tries of a user: wait for a quarter of an hour"
    } else if is("was not received") {
        "name the environment variable that holds the client's secret: --client-secret-env VARIABLE"
    } else if is("secret") {
        "the client has another secret than the one that was used: where --client-secret-env names it, correct \
         that variable; without it wsctl asks AWS for the secret, and running again does so afresh"
    } else if is("refresh token") || name == "GetTokensFromRefreshToken" {
        "the refresh token is expired, revoked or another client's; sign in again: wsctl token USER"
    } else if is("current status is confirmed") {
        "the user is confirmed already: wsctl token USER signs in"
    } else if is("signup is not permitted") {
        "self_registration is off in stack.toml; an administrator can: wsctl user create"
    } else if is("username or password") {
        "is the name right? an administrator sets another password with wsctl user set-password USER"
    } else {
        return None;
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wrong_password_is_not_taken_for_a_missing_permission() {
        let message = "Incorrect username or password.";
        for operation in ["AdminInitiateAuth", "RespondToAuthChallenge"] {
            let hint = hint(
                &format!("cognito-idp:{operation}"),
                "NotAuthorizedException",
                message,
            );
            assert!(hint.unwrap().contains("set-password"), "{operation}");
        }
        assert_eq!(
            hint(
                "cognito-idp:UpdateUserPool",
                "NotAuthorizedException",
                message
            ),
            None
        );
        assert_eq!(
            hint("iam:CreateUser", "NotAuthorizedException", message),
            None
        );
    }

    #[test]
    fn every_refusal_of_a_user_says_what_to_do() {
        for code in [
            "UserNotFoundException",
            "UserNotConfirmedException",
            "UsernameExistsException",
            "AliasExistsException",
            "CodeMismatchException",
            "ExpiredCodeException",
            "InvalidPasswordException",
            "PasswordResetRequiredException",
            "CodeDeliveryFailureException",
            "LimitExceededException",
        ] {
            assert!(
                hint("cognito-idp:AdminCreateUser", code, "").is_some(),
                "{code}"
            );
            assert!(hint("cognito-idp:SignUp", code, "").is_some(), "{code}");
        }
    }
}
