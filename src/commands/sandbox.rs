//! `wsctl sandbox`: the local AWS.

use super::{confirm::confirm, print, print_json, tell};
use crate::{
    cli::{Global, SandboxCommand},
    error::Result,
    sandbox::{Running, Sandbox},
};
use serde_json::json;

pub(super) async fn run(global: &Global, command: &SandboxCommand) -> Result<u8> {
    let sandbox = Sandbox::beside(&global.file)?;
    match command {
        SandboxCommand::Start => {
            let running = sandbox.start(&|line| tell(line)).await?;
            show(global, Some(&running))
        }
        SandboxCommand::Status => show(global, sandbox.status()?.as_ref()),
        SandboxCommand::Stop => {
            let was_running = sandbox.stop().await?;
            say(
                global,
                if was_running {
                    "stopped"
                } else {
                    "was not running"
                },
            )
        }
        SandboxCommand::Reset { yes } => {
            if !yes {
                confirm(
                    "Forget all that is in this folder's sandbox, its database too?",
                    "yes",
                )?;
            }
            sandbox.reset().await?;
            say(global, "empty: the next start begins afresh")
        }
    }
}

fn show(global: &Global, running: Option<&Running>) -> Result<u8> {
    let Some(running) = running else {
        return say(global, "not running");
    };
    if global.json {
        let state =
            json!({ "running": true, "endpoint_url": running.endpoint_url, "pid": running.pid });
        return print_json(&state);
    }
    print(&format!(
        "sandbox: {} (process {})\n",
        running.endpoint_url, running.pid
    ))?;
    Ok(0)
}

fn say(global: &Global, what: &str) -> Result<u8> {
    if global.json {
        return print_json(&json!({ "running": false, "message": what }));
    }
    print(&format!("sandbox: {what}\n"))?;
    Ok(0)
}
