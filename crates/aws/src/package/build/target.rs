//! Which target a handler is built for, and whether this system can.

use crate::{
    error::{Error, Result},
    process::is_on_path,
};
use std::{
    env,
    path::Path,
    process::{Command, Stdio},
};

/// What to build for. Lambda runs Linux with glibc 2.34.
pub(super) struct Target {
    pub(super) architecture: &'static str,
    triple: &'static str,
    is_this_system: bool,
    /// Whether cargo-zigbuild is there for it, and no other linker in the environment.
    pub(super) links_with_zig: bool,
}

impl Target {
    /// The target for `x86_64` or `arm64`.
    ///
    /// # Errors
    /// Where the target is not installed: the command that installs it.
    pub(super) fn of(architecture: &str) -> Result<Self> {
        let (architecture, triple, machine) = match architecture {
            "x86_64" => ("x86_64", "x86_64-unknown-linux-gnu", "x86_64"),
            "arm64" => ("arm64", "aarch64-unknown-linux-gnu", "aarch64"),
            other => {
                return Err(Error::input(format!("Lambda has no architecture {other}"))
                    .hint("write \"x86_64\" or \"arm64\""));
            }
        };
        let is_this_system = env::consts::OS == "linux" && env::consts::ARCH == machine;
        let target = Self {
            architecture,
            triple,
            is_this_system,
            links_with_zig: false,
        };
        if is_this_system {
            Ok(target)
        } else {
            target.across()
        }
    }

    /// Makes sure of what building for another system needs. A linker may also be named in
    /// cargo's own configuration, so its absence is left to the build to find out.
    fn across(self) -> Result<Self> {
        let triple = self.triple;
        if !has_standard_library(triple) {
            return Err(
                Error::input(format!("the Rust target {triple} is not installed"))
                    .hint(format!("run `rustup target add {triple}`")),
            );
        }
        let links_with_zig = !has_linker(triple) && has_zigbuild();
        Ok(Self {
            links_with_zig,
            ..self
        })
    }

    /// What to pass as `--target`; nothing for this system itself.
    pub(super) fn triple(&self) -> Option<String> {
        (!self.is_this_system).then(|| self.triple.to_owned())
    }

    /// cargo-zigbuild's way to ask for the glibc of Lambda.
    pub(super) fn old_glibc(&self) -> String {
        format!("{}.2.34", self.triple)
    }
}

fn has_standard_library(triple: &str) -> bool {
    let rustc = env::var_os("RUSTC").unwrap_or("rustc".into());
    let asked = Command::new(rustc)
        .args(["--print", "target-libdir", "--target", triple])
        .stderr(Stdio::null())
        .output();
    asked.is_ok_and(|answer| Path::new(String::from_utf8_lossy(&answer.stdout).trim()).is_dir())
}

/// Whether cargo is told of a linker for `triple`, as it is in the environment.
fn has_linker(triple: &str) -> bool {
    let variable = format!(
        "CARGO_TARGET_{}_LINKER",
        triple.to_uppercase().replace('-', "_")
    );
    env::var_os(variable).is_some()
}

/// Whether cargo-zigbuild, which brings its own linker, can be run.
pub(super) fn has_zigbuild() -> bool {
    is_on_path("cargo-zigbuild")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_unknown_architecture_is_refused() {
        let error = Target::of("riscv").err().unwrap();
        assert_eq!(error.message, "Lambda has no architecture riscv");
    }

    #[test]
    #[cfg(all(target_os = "linux", target_arch = "x86_64"))]
    fn this_systems_own_architecture_is_a_plain_build() {
        let target = Target::of("x86_64").unwrap();
        assert_eq!(target.triple(), None);
        assert_eq!(target.old_glibc(), "x86_64-unknown-linux-gnu.2.34");
    }
}
