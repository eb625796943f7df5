//! `wsctl doctor`: what is missing on this machine or in the account, and what to do about it. It changes
//! nothing of the stack, and starts nothing.

use super::{
    document::print_json,
    given, print, profile,
    session::{Loaded, endpoint, load, target},
};
use crate::{
    aws::{Aws, Reads},
    cli::{FILE, Global},
    error::{Error, Result},
    identity::oauth::Loopback,
    inventory::{self, regions::REGIONS},
    process::is_on_path,
    sandbox::{Database, Host, Sandbox, lack},
    stack::Program,
    view::{self, Finding, Health},
};
use serde_json::json;
use std::{collections::BTreeSet, net::TcpListener, sync::Arc};

/// Exit code 1 where something is wrong.
pub(super) async fn run(global: &Global) -> Result<u8> {
    let loaded = global.file.exists().then(|| load(global));
    let mut findings = vec![file(global, loaded.as_ref())];
    let loaded = loaded.and_then(Result::ok);
    findings.extend(of_machine(global, loaded.as_ref()).await);
    if !global.sandbox {
        findings.extend(Box::pin(of_account(global, loaded.as_ref())).await);
    }
    let is_wrong = findings.iter().any(|it| it.health == Health::Wrong);
    match global.json {
        true => drop(print_json(&json!({ "checks": findings }))?),
        false => print(&view::findings(&findings))?,
    }
    Ok(u8::from(is_wrong))
}

fn file(global: &Global, loaded: Option<&Result<Loaded>>) -> Finding {
    let name = global.file.display();
    match loaded {
        None => new(
            FILE,
            Health::Warning,
            "there is none here, nor in a folder above",
            "wsctl init writes one to start from",
        ),
        Some(Ok(loaded)) => {
            let count = loaded.stack.desired.len();
            well(FILE, format!("{name} is valid: {count} resources"))
        }
        Some(Err(error)) => Finding {
            hint: given::complete_hint("wsctl validate shows each mistake at its line"),
            ..of(FILE, Health::Wrong, error)
        },
    }
}

/// What the sandbox, the building of functions and the login need here.
async fn of_machine(global: &Global, loaded: Option<&Loaded>) -> Vec<Finding> {
    let of_sandbox = if global.sandbox {
        Health::Wrong
    } else {
        Health::Warning
    };
    let mut findings = vec![];
    findings.push(match python().await {
        Ok(version) => well("Python", format!("{version}, for the sandbox")),
        Err(error) => of("Python", of_sandbox, &error),
    });
    findings.push(match Database::is_installed() {
        true => well("PostgreSQL", "is there, for the sandbox's database"),
        false => new(
            "PostgreSQL",
            Health::Warning,
            "is not there: in the sandbox a function has no database",
            "sudo apt-get install postgresql, brew install postgresql; WSCTL_POSTGRES names another folder",
        ),
    });
    if let Ok(Some(running)) = Sandbox::beside(&global.file).and_then(|it| it.status()) {
        findings.push(well("sandbox", format!("runs at {}", running.endpoint_url)));
    }
    let Some(loaded) = loaded else {
        return findings;
    };
    let functions = loaded.stack.file.functions.values();
    let programs: Vec<_> = functions
        .filter_map(|it| Some((it, it.program()?)))
        .collect();
    if programs.iter().any(|it| matches!(it.1, Program::Crate(_))) {
        findings.push(match is_on_path("cargo") {
            true => well("cargo", "is there, for the functions with a crate"),
            false => new(
                "cargo",
                Health::Wrong,
                "is not there, and a function has a crate",
                "install Rust, or name a zip in the place of the crate",
            ),
        });
    }
    let runtimes: BTreeSet<_> = programs.iter().map(|it| it.0.runtime()).collect();
    let lacks = runtimes.iter().filter_map(|it| lack(it));
    findings.extend(lacks.map(|why| new("runtime", Health::Warning, why, "")));
    findings.extend(ports(loaded));
    findings
}

async fn python() -> Result<String> {
    Host::from_env()?.python_version().await
}

/// The ports that `wsctl login` waits at.
fn ports(loaded: &Loaded) -> Vec<Finding> {
    let pool = loaded.stack.file.user_pool.iter();
    let clients = pool.flat_map(|it| it.clients.values());
    let urls = clients.flat_map(|it| it.settings.callback_urls.iter().flatten());
    let ports: BTreeSet<_> = urls
        .filter_map(|url| Some(Loopback::parse(url)?.port))
        .collect();
    let is_free = |port: &u16| TcpListener::bind(("127.0.0.1", *port)).is_ok();
    let one = |port: u16| {
        let what = format!("port {port}");
        match is_free(&port) {
            true => new(what, Health::Well, "is free, for wsctl login", ""),
            false => new(
                what,
                Health::Warning,
                "is taken, so that wsctl login cannot wait there",
                "end what listens there while you sign in with wsctl login",
            ),
        }
    };
    ports.into_iter().map(one).collect()
}

/// Who is asking AWS, where, and what of it may be read.
async fn of_account(global: &Global, loaded: Option<&Loaded>) -> Vec<Finding> {
    if let Err(error) = profile::check(global) {
        return vec![of("credentials", Health::Wrong, &error)];
    }
    let mut findings = vec![];
    let region = match super::reach::region(global).await {
        Ok(region) => region,
        Err(error) => return vec![of("region", Health::Wrong, &error)],
    };
    findings.push(match REGIONS.contains(&region.as_str()) {
        true => well("region", region.as_str()),
        false => new(
            "region",
            Health::Warning,
            format!("{region} is none that this version of wsctl knows"),
            "is it spelt right?",
        ),
    });
    if let Some(url) = endpoint(global) {
        findings.push(well("endpoint", format!("{url}, in the place of AWS")));
    }
    let aws = Arc::new(Aws::connect(target(global, None, &region)).await);
    let account = match Reads::new(Arc::clone(&aws), "doctor")
        .caller_account()
        .await
    {
        Ok(account) => account,
        Err(error) => {
            findings.push(of("credentials", Health::Wrong, &error));
            return findings;
        }
    };
    let source = source(global);
    findings.push(well(
        "credentials",
        format!("of account {account}, {source}"),
    ));
    // An answer to a signed request says that the clocks agree within five minutes.
    findings.push(well("clock", "agrees with AWS's"));
    let wanted = loaded.and_then(|it| it.stack.file.stack.account.as_ref());
    if let Some(wanted) = wanted.filter(|it| **it != account) {
        findings.push(new(
            "account",
            Health::Wrong,
            format!("stack.toml is for account {wanted}"),
            "use credentials of that one: --profile NAME, or AWS_PROFILE",
        ));
    }
    let inventory = inventory::read(&aws).await;
    let unread = inventory.unread.iter();
    findings.extend(unread.map(|error| of("permissions", Health::Warning, error)));
    if inventory.unread.is_empty() {
        findings.push(well("permissions", "all that wsctl lists may be read"));
    }
    findings
}

/// Where the credentials come from, in the SDK's order.
fn source(global: &Global) -> String {
    let is_set = |name: &str| std::env::var_os(name).is_some_and(|it| !it.is_empty());
    let profile = global
        .profile
        .clone()
        .or_else(|| std::env::var("AWS_PROFILE").ok());
    match profile {
        Some(profile) if global.profile.is_some() => format!("from the profile {profile}"),
        _ if is_set("AWS_ACCESS_KEY_ID") => "from the environment".to_owned(),
        Some(profile) => format!("from the profile {profile}"),
        None => "from the default profile, or from this machine".to_owned(),
    }
}

fn new(what: impl Into<String>, health: Health, detail: impl Into<String>, hint: &str) -> Finding {
    Finding {
        what: what.into(),
        health,
        detail: detail.into(),
        hint: given::complete_hint(hint),
    }
}

fn well(what: &str, detail: impl Into<String>) -> Finding {
    new(what, Health::Well, detail, "")
}

fn of(what: &str, health: Health, error: &Error) -> Finding {
    let first = error.to_string();
    let first = first.lines().next().unwrap_or_default();
    new(
        what,
        health,
        first,
        error.hint.as_deref().unwrap_or_default(),
    )
}
