//! The kinds of AWS resources, one line each, in the order in which they are made.

use crate::kind::{AnyKind, erased};

pub mod authorizer;
pub mod branding;
pub mod client;
pub mod domain;
pub mod function;
pub mod gateway_response;
pub mod group;
pub mod log_group;
pub mod permission;
pub mod resource;
pub mod rest_api;
pub mod role;
pub mod route;
pub mod secret;
pub mod stage;
pub mod user_pool;

/// Every kind. Leftovers are deleted in the reverse of this order.
pub fn all() -> Vec<Box<dyn AnyKind>> {
    vec![]
}
