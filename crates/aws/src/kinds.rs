//! The calls of the kinds of AWS resources, one file each.

use crate::{
    kind::{AnyKind, Kind, erased},
    spec::every_kind,
};

pub mod api_key;
pub mod authorizer;
pub mod base_path_mapping;
pub mod branding;
mod by_tag;
pub mod client;
pub mod custom_domain;
pub mod domain;
pub mod domain_name;
pub mod function;
pub mod gateway_response;
pub mod group;
pub mod identity_pool;
pub mod identity_provider;
pub mod log_group;
pub mod model;
mod people;
pub mod permission;
pub mod request_validator;
pub mod resource;
pub mod resource_server;
pub mod rest_api;
pub mod risk_configuration;
pub mod role;
pub mod route;
mod rows;
pub mod secret;
pub mod stage;
pub(crate) mod tags;
pub mod usage_plan;
pub mod user;
pub mod user_pool;

/// The calls of every kind, in the order of [`spec::all`](crate::spec::all).
pub fn all() -> Vec<Box<dyn AnyKind>> {
    fn boxed<K: Kind>() -> Box<dyn AnyKind> {
        Box::new(erased::<K>())
    }
    every_kind!(boxed)
}
