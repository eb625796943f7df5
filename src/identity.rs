//! Users and tokens: everything between a password and an answer of the API.
//!
//! What is there is found in live AWS by [`EndpointsQuery`]; nobody is asked for ids. The sign-in protocol, as
//! far as it sends nothing, is a crate of its own, [`cognito_sign_in`]; here, `oauth` and `contact` are pure.

pub mod api_key;
pub mod authorizer;
mod callback;
pub mod contact;
pub mod http;
mod keys;
mod log;
pub mod oauth;
mod place;
mod sign_in;
mod users;

use crate::error::{Error, ErrorKind, Result};

pub use callback::Callback;
pub use cognito_sign_in::{
    Expected, Keys, SecretString, Token, TokenCheck, Use, What, check, pool_of, span,
};
pub use http::{Http, Request, Response};
pub use keys::fetch_keys;
pub use log::{Line, Log};
pub use place::{Api, Endpoints, EndpointsQuery, Part, Pool, PoolClient, keys_url};
pub use sign_in::{
    ChallengeResponder, Flow, NonInteractive, SignInTarget, Tokens, refresh, sign_in,
};
pub use users::{Attributes, Delivery, NewUser, User, Users, confirm, resend, sign_up};

/// Takes a token apart, with or without `Bearer ` in front.
pub fn token(text: &str) -> Result<Token> {
    Token::parse(text).map_err(ours)
}

/// What the protocol says is wrong, with what to do next.
fn ours(error: cognito_sign_in::Error) -> Error {
    match error {
        cognito_sign_in::Error::NotAToken(_) => Error::input(error.to_string())
            .hint("give an ID or access token, as `wsctl token` prints it"),
        cognito_sign_in::Error::Parameter(_) => Error::new(ErrorKind::Aws, error.to_string())
            .hint("is this really Cognito that answers? check the endpoint"),
    }
}

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn what_is_not_a_token_is_refused_with_what_is_one() {
        let error = token("Correct-horse-1").err().unwrap();
        assert!(error.hint.unwrap().contains("wsctl token"));
    }
}
