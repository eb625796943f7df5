//! The program: see [`wsctl::commands::main`].

use std::process::ExitCode;

#[tokio::main]
async fn main() -> ExitCode {
    wsctl::commands::main().await
}
