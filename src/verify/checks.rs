//! Every check: the step of the workshop's page that it belongs to, and what to look at when it
//! fails. Pure.

/// A check by name; it is made of one thing or of several.
#[derive(Debug, PartialEq, Eq)]
pub struct Check {
    pub name: &'static str,
    /// The page has some numbers twice; the second ones are marked.
    pub step: &'static str,
    pub look_at: &'static str,
}

macro_rules! checks {
    ($($constant:ident = $name:literal, $step:expr, $look_at:literal;)*) => {
        $(pub const $constant: Check = Check { name: $name, step: $step, look_at: $look_at };)*
        /// All of them, in the page's order.
        pub const ALL: &[&Check] = &[$(&$constant),*];
    };
}

/// The step of what the page does not have.
pub const BEYOND: &str = "not on the page";

checks! {
    POOL = "user-pool", "1.3–1.5",
        "[user_pool]: wsctl plan shows the difference, wsctl apply mends it";
    DOMAIN = "domain", "1.3–1.5",
        "[user_pool.domain]: wsctl plan shows the difference, wsctl apply mends it";
    IDENTITY_POOL = "identity-pool", BEYOND,
        "[identity_pool]: wsctl plan shows the difference, wsctl apply mends it";
    USER = "user", "2.2, 3.3",
        "[user_pool]: its required attributes and password policy; the caller's permissions";
    USER_DETAILS = "user-details", "4.1–4.2",
        "the caller's permissions for AdminGetUser and ListUsers";
    GROUP = "group", "4.2",
        "[user_pool.groups]: wsctl plan shows the difference, wsctl apply mends it";
    TOKENS = "tokens", "5.1",
        "auth_flows of the client in stack.toml, and the client in the Cognito console";
    TOKEN_CLAIMS = "token-claims", "5.2",
        "the pool's issuer and keys: do the tokens come from this stack's pool and client?";
    AUTHORIZER = "authorizer", "6.1",
        "[api.authorizers]: its user pool and token source; wsctl plan shows the difference";
    AUTHORIZER_TEST = "authorizer-test", "6.2",
        "API Gateway console, Authorizers, Test: the authorizer's user pool and token source";
    METHODS = "methods", "“5.3”",
        "[api.routes]: the authorizer of each method; wsctl apply puts it back and deploys";
    DEPLOYMENT = "deployment", "“5.4”",
        "the stage serves another deployment than the file's: wsctl apply deploys again";
    API = "api", "5.2.6",
        "[api]: wsctl plan shows the difference, wsctl apply mends it";
    NO_TOKEN = "without-token", "second 6.1",
        "the route's authorizer in [api.routes], and whether the stage was deployed since";
    BAD_TOKEN = "bad-token", "second 6.1",
        "the authorizer's user pool in [api.authorizers]; a decision may be remembered for its ttl";
    GOOD_TOKEN = "good-token", "second 6.2",
        "401: the authorizer's user pool. 403: the stage. 5xx: the function's log (wsctl logs), its \
         permission for API Gateway, its database";
    CLIENT = "client", "7.1–7.4",
        "[user_pool.clients]: wsctl plan shows the difference, wsctl apply mends it";
    CALLBACK = "callback", "7.5",
        "callback_urls and logout_urls of the client: each has to be there to the letter";
    FUNCTION = "function", "8.1",
        "[functions]: wsctl plan shows the difference, wsctl apply mends it";
    PERMISSION = "permission", "8.1",
        "the function's policy: without it API Gateway answers 500; wsctl apply puts it back";
    SUB_LOGGED = "sub-logged", "8.2",
        "the function's log group, and its role's leave to write to it";
    WRITES = "writes", "8.3",
        "the function's log (wsctl logs) and its database";
    PREFLIGHT = "preflight", "8.3",
        "[api.cors] in stack.toml; the OPTIONS methods, and whether the stage was deployed since";
    CORS_HEADERS = "cors-headers", "8.3",
        "[api.cors] for API Gateway's own errors, ALLOWED_ORIGINS of the function for its answers";
    CLEANED_UP = "cleaned-up", "5.2.9",
        "remove what is left by hand: its name begins with wsctl-verify-";
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_check_has_a_name_of_its_own_a_step_and_a_place_to_look_at() {
        let names: BTreeSet<_> = ALL.iter().map(|check| check.name).collect();
        assert_eq!(names.len(), ALL.len());
        for check in ALL {
            assert!(
                !check.step.is_empty() && !check.look_at.is_empty(),
                "{}",
                check.name
            );
        }
    }
}
