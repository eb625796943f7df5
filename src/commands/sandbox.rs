//! `wsctl sandbox`: the local AWS.

use super::{
    confirm::confirm, given::quoted, print, print_json, session::load, stages::Stages, tell,
};
use crate::{
    cli::{Global, SandboxCommand},
    error::Result,
    plain::plain,
    sandbox::{Host, Running, Sandbox},
    view::table,
};
use serde_json::json;
use std::collections::BTreeMap;

pub(super) async fn run(global: &Global, command: &SandboxCommand) -> Result<u8> {
    let sandbox = Sandbox::beside(&global.file)?;
    match command {
        SandboxCommand::Start { detach: _, port } => {
            let stages = Stages::new(tell);
            let running = sandbox.start_at(*port, &|line| stages.begin(line)).await?;
            drop(stages);
            show(global, Some(&running))
        }
        SandboxCommand::Env => env(global, &sandbox).await,
        SandboxCommand::List => list(global),
        SandboxCommand::Stop { all: true } => stop_all(global).await,
        SandboxCommand::Status => show(global, sandbox.status()?.as_ref()),
        SandboxCommand::Stop { all: false } => {
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

/// The region where neither an option nor a file names one.
const REGION: &str = "eu-west-1";

/// What a shell evaluates, so that any SDK finds it: its own key and nothing of the user's.
async fn env(global: &Global, sandbox: &Sandbox) -> Result<u8> {
    let running = sandbox.join().await?;
    let region = match (&global.region, global.file.exists()) {
        (Some(region), _) => region.clone(),
        (None, true) => load(global)?.stack.file.stack.region,
        (None, false) => REGION.to_owned(),
    };
    let variables = [
        ("AWS_ENDPOINT_URL", running.endpoint_url.as_str()),
        ("AWS_ACCESS_KEY_ID", running.keys.access_key_id()),
        ("AWS_SECRET_ACCESS_KEY", running.keys.secret_access_key()),
        ("AWS_REGION", &region),
        ("AWS_DEFAULT_REGION", &region),
    ];
    if global.json {
        let variables: BTreeMap<_, _> = variables.into_iter().collect();
        return print_json(&json!({ "variables": variables }));
    }
    // What is set besides would count before these, or be sent along.
    let mut text = "unset AWS_PROFILE AWS_SESSION_TOKEN\n".to_owned();
    for (name, value) in variables {
        text.push_str(&format!("export {name}={}\n", quoted(value)));
    }
    print(&text)?;
    Ok(0)
}

fn list(global: &Global) -> Result<u8> {
    let mut all = vec![];
    for (folder, sandbox) in Sandbox::all(&Host::from_env()?)? {
        all.push((folder.display().to_string(), sandbox.status()?));
    }
    all.sort_by(|a, b| a.0.cmp(&b.0));
    if global.json {
        let all = all.iter().map(|(folder, running)| {
            let url = running.as_ref().map(|it| &it.endpoint_url);
            json!({ "folder": folder, "running": running.is_some(), "endpoint_url": url })
        });
        return print_json(&json!({ "sandboxes": all.collect::<Vec<_>>() }));
    }
    if all.is_empty() {
        return say(
            global,
            "there is none; wsctl sandbox start makes one for the stack here",
        );
    }
    let rows = all.into_iter().map(|(folder, running)| {
        let state = running.map_or_else(|| "stopped".to_owned(), |it| it.endpoint_url);
        vec![state, folder]
    });
    print(&table(&["STATE", "FOLDER"], &rows.collect::<Vec<_>>()))?;
    Ok(0)
}

async fn stop_all(global: &Global) -> Result<u8> {
    let mut stopped = vec![];
    for (folder, sandbox) in Sandbox::all(&Host::from_env()?)? {
        if sandbox.stop().await? {
            stopped.push(folder.display().to_string());
        }
    }
    if global.json {
        return print_json(&json!({ "stopped": stopped }));
    }
    for folder in &stopped {
        print(&format!("stopped: {}\n", plain(folder)))?;
    }
    match stopped.len() {
        0 => say(global, "none was running"),
        _ => Ok(0),
    }
}
