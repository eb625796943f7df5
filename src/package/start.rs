//! How Lambda starts a program. Pure.

use crate::{
    spec::function::runtime::{HANDLER, RUNTIME},
    stack::FunctionTable,
};

/// What a zip has to be for.
#[derive(Clone, Copy, Debug)]
pub struct Start<'a> {
    pub runtime: &'a str,
    /// What the runtime calls.
    pub handler: &'a str,
    /// `x86_64` or `arm64`.
    pub architecture: &'a str,
    /// Whether layers may hold what is not in the zip.
    pub has_layers: bool,
}

impl<'a> Start<'a> {
    /// Of a native program, which is called `bootstrap`.
    pub const fn native(architecture: &'a str) -> Self {
        Self {
            runtime: RUNTIME,
            handler: HANDLER,
            architecture,
            has_layers: false,
        }
    }

    /// Of the program of this table; one that is there already may have layers that the file does not tell.
    pub fn of(function: &'a FunctionTable, is_existing: bool) -> Self {
        Self {
            runtime: function.runtime(),
            handler: function.handler(),
            architecture: function.architecture(),
            has_layers: is_existing,
        }
    }
}
