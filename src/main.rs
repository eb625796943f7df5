//! The program: see [`wsctl::commands::main`].

use std::process::ExitCode;

fn main() -> ExitCode {
    wsctl::commands::main()
}
