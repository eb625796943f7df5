//! `wsctl logs`: what a function wrote.

use super::{
    clock::{local_millis, now},
    print_to_reader,
    session::load,
    tell,
};
use crate::{
    cli::{Global, token::LogsArgs},
    error::{Error, ErrorKind, Result},
    identity::{Line, Log},
    plain::json,
    stack::File,
};
use std::time::Duration;

pub(super) async fn run(global: &Global, args: &LogsArgs) -> Result<u8> {
    let session = load(global)?.connect(global).await?;
    let name = function(&session.stack.file, args.function.as_deref())?;
    let since = i64::try_from(args.since.seconds()).unwrap_or(i64::MAX / 2_000);
    let group = format!("/aws/lambda/{name}");
    let mut log = Log::new(
        &session.aws,
        &group,
        args.filter.as_deref(),
        (now() - since).max(0) * 1000,
    );
    let lines = log.new_lines().await?;
    if lines.is_empty() && !args.follow {
        tell(&format!(
            "{name} wrote nothing in the last {}; --since looks further back",
            args.since
        ));
    }
    let is_heard = show(global, &lines)?;
    let code = match args.follow && is_heard {
        true => follow(global, &mut log).await?,
        false => 0,
    };
    session.tell_calls();
    Ok(code)
}

/// Goes on until Ctrl-C, which is its usual end, or until nobody reads on (`| head`).
async fn follow(global: &Global, log: &mut Log<'_>) -> Result<u8> {
    let more = async {
        loop {
            tokio::time::sleep(Duration::from_secs(2)).await;
            if !show(global, &log.new_lines().await?)? {
                return Ok(0);
            }
        }
    };
    tokio::select! {
        ended = more => ended,
        _ = tokio::signal::ctrl_c() => Ok(Error::new(ErrorKind::Interrupted, "").exit_code()),
    }
}

/// The function's name in AWS, by its name in stack.toml; without a name, the only one.
fn function<'a>(file: &'a File, key: Option<&str>) -> Result<&'a str> {
    let keys = || {
        file.functions
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let found = match key {
        Some(key) => file.functions.get(key),
        None if file.functions.len() > 1 => {
            return Err(Error::usage("the stack has several functions")
                .hint(format!("name one of: {}", keys())));
        }
        None => file.functions.values().next(),
    };
    let found = found.map(|it| it.settings.name.as_str());
    found.ok_or_else(|| {
        Error::usage("stack.toml has no such function").hint(format!("it has: {}", keys()))
    })
}

/// Whether somebody still reads. With `--json`, a line of JSON each, so that it can be followed too.
fn show(global: &Global, lines: &[Line]) -> Result<bool> {
    for line in lines {
        let text = match global.json {
            true => serde_json::to_string(line)
                .map(|text| json(&text).into_owned())
                .map_err(|error| Error::internal("a line has no JSON").source(error))?,
            false => shown(line, ""),
        };
        if !print_to_reader(&format!("{text}\n"))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A line as a person reads it, behind what says whose it is. Only what begins with a time is a line of its own.
pub(super) fn shown(line: &Line, whose: &str) -> String {
    let message = line.message.replace('\n', "\n    ");
    format!("{}  {whose}{message}", local_millis(line.time))
}
