#![doc = include_str!("../README.md")]

mod check;
mod error;
mod keys;
mod loopback;
mod pkce;
mod secret;
mod srp;
mod token;

pub use check::{Expected, TokenCheck, Use, What, check, pool_of, span};
pub use error::Error;
pub use keys::Keys;
pub use loopback::Loopback;
pub use pkce::{AuthorizationRequest, CallbackResult, FORM, TokenRequest};
pub use secret::SecretString;
pub use srp::{Challenge, Srp, TIMESTAMP, secret_hash};
pub use token::Token;
