//! `wsctl logs`: what a function wrote.

use super::{
    clock::{local_millis, now},
    print,
    session::load,
    tell, write_stdout,
};
use crate::{
    cli::{Global, token::LogsArgs},
    error::{Error, Result},
    identity::{Line, Log},
    stack::File,
};
use std::time::Duration;

pub(super) async fn run(global: &Global, args: &LogsArgs) -> Result<u8> {
    let session = load(global)?.connect(global).await?;
    let name = function(&session.stack.file, args.function.as_deref())?;
    let since = i64::try_from(args.since.seconds()).unwrap_or(i64::MAX / 2_000);
    let group = format!("/aws/lambda/{name}");
    let mut log = Log::new(&session.aws, &group, args.filter.as_deref(), (now() - since).max(0) * 1000);
    let mut lines = log.new_lines().await?;
    if lines.is_empty() && !args.follow {
        tell(&format!("{name} wrote nothing in the last {}; --since looks further back", args.since));
    }
    loop {
        lines.iter().try_for_each(|line| show(global, line))?;
        if !args.follow {
            session.tell_calls();
            return Ok(0);
        }
        tokio::time::sleep(Duration::from_secs(2)).await;
        lines = log.new_lines().await?;
    }
}

/// The function's name in AWS, by its name in stack.toml; without a name, the only one.
fn function<'a>(file: &'a File, key: Option<&str>) -> Result<&'a str> {
    let keys = || file.functions.keys().map(String::as_str).collect::<Vec<_>>().join(", ");
    let found = match key {
        Some(key) => file.functions.get(key),
        None if file.functions.len() > 1 => {
            return Err(
                Error::input("the stack has several functions").hint(format!("name one of: {}", keys()))
            );
        }
        None => file.functions.values().next(),
    };
    let found = found.map(|it| it.name.as_str());
    found.ok_or_else(|| Error::input("stack.toml has no such function").hint(format!("it has: {}", keys())))
}

/// With `--json`, a line of JSON each, so that it can be followed too.
fn show(global: &Global, line: &Line) -> Result<()> {
    if global.json {
        let text = serde_json::to_string(line);
        let text = text.map_err(|error| Error::internal("a line has no JSON").source(error))?;
        return write_stdout(format!("{text}\n").as_bytes()).map(drop);
    }
    print(&format!("{}  {}\n", local_millis(line.time), line.message));
    Ok(())
}
