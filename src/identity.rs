//! Users and tokens: everything between a password and an answer of the API.
//!
//! What is there is found in live AWS by [`EndpointsQuery`]; nobody is asked for ids. `hidden`, `token`,
//! `check`, `srp`, `oauth` and `contact` are pure, but for the dice.

pub mod authorizer;
mod callback;
pub mod check;
pub mod contact;
mod hidden;
pub mod http;
mod keys;
mod log;
pub mod oauth;
mod place;
mod sign_in;
mod srp;
mod token;
mod users;

pub use callback::Callback;
pub use check::{Expected, TokenCheck, Use, What, check};
pub use hidden::SecretString;
pub use http::{Http, Request, Response};
pub use keys::Keys;
pub use log::{Line, Log};
pub use place::{Api, Endpoints, EndpointsQuery, Part, Pool, PoolClient, keys_url};
pub use sign_in::{
    ChallengeResponder, Flow, NonInteractive, SignInTarget, Tokens, refresh, sign_in,
};
pub use token::Token;
pub use users::{Attributes, Delivery, NewUser, User, Users, confirm, resend, sign_up};
