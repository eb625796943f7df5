//! Which functions the local AWS runs. Looks at this machine, changes nothing.

use crate::{process::is_on_path, spec::function::runtime::Family};

/// Why functions of a runtime cannot be called here; none where they can.
pub fn lack(runtime: &str) -> Option<String> {
    let why = match Family::of(runtime)? {
        // Python is what the emulator itself runs on.
        Family::Provided | Family::Python => return None,
        Family::Node if is_on_path("node") => return None,
        Family::Node => {
            "no Node.js on this machine, so calls of it fail here; install it \
             (sudo apt-get install nodejs, brew install node)"
        }
        Family::Dotnet | Family::Java | Family::Ruby => {
            "the sandbox has no such runtime, so calls of it fail here; on AWS they do not"
        }
    };
    Some(format!("{runtime}: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_emulator_cannot_run_is_said() {
        for runtime in ["provided.al2023", "python3.13"] {
            assert_eq!(lack(runtime), None);
        }
        for runtime in ["java21", "dotnet8", "ruby3.4"] {
            let said = lack(runtime).unwrap();
            assert!(said.starts_with(runtime) && said.contains("calls of it fail here"));
        }
        assert_eq!(lack("nodejs22.x").is_none(), is_on_path("node"));
    }
}
