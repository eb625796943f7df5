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
            has_layers: is_existing || function.has_layers(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::{Inputs, Stack};

    #[test]
    fn a_layer_that_is_declared_may_have_the_handler() {
        let read = |layers: &str| {
            let text = format!(
                "[stack]\nname = \"a\"\nregion = \"eu-west-1\"\n[functions.f]\nname = \"f\"\nruntime = \"python3.13\"\n\
                 handler = \"wrapper.handler.handler\"\nfile = \"app.py\"\n{layers}"
            );
            Stack::parse("stack.toml", &text, &Inputs::default())
        };
        let layer = "layers = [\"arn:aws:lambda:eu-west-1:123456789012:layer:wrapper:1\"]";
        let stack = read(layer).unwrap();
        let function = &stack.file.functions["f"];
        assert!(Start::of(function, false).has_layers);
        for without in ["", "layers = []"] {
            let error = read(without).err().unwrap();
            assert!(
                error
                    .message
                    .contains("the handler is in wrapper/handler.py"),
                "{error}"
            );
        }
    }
}
