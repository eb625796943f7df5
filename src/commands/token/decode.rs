//! `wsctl token decode`: what a token says, and whether it is to be believed.

use crate::{
    cli::{Global, token::DecodeArgs},
    commands::{
        ask::SecretSource,
        clock::{local, now},
        print, print_json,
        session::{load, reach},
    },
    error::Result,
    identity::{
        self, Expected, Http, Keys, Part, Token, TokenCheck, Use, What, check, fetch_keys,
        keys_url, pool_of, span,
    },
    plain::plain,
    stack::is_region,
};
use anstyle::AnsiColor;
use serde_json::{Value, json};
use std::fmt::Write;

pub(super) async fn run(global: &Global, args: &DecodeArgs) -> Result<u8> {
    let token = read(&args.token)?;
    let (expected, keys) = if args.any_pool {
        any_pool(global, &token).await?
    } else {
        stack(global, &token).await?
    };
    let expected = Expected {
        clients: args
            .client_id
            .clone()
            .map_or(expected.clients, |id| vec![id]),
        token_use: args
            .token_use
            .as_deref()
            .map(|it| if it == "id" { Use::Id } else { Use::Access }),
        ..expected
    };
    let checks = check(&token, &keys, &expected, now());
    if global.json {
        let verified = checks.iter().all(|it| it.passed);
        let (header, claims) = (&token.header, &token.claims);
        print_json(
            &json!({ "verified": verified, "checks": checks, "header": header, "claims": claims }),
        )?;
    } else {
        print(&format!("{}\n{}", told(&checks), contents(&token, now())))?;
    }
    Ok(code(&checks))
}

/// A token that was typed, or `-` for one on stdin.
pub(in crate::commands) fn read(text: &str) -> Result<Token> {
    match text {
        "-" => identity::token(SecretSource::Stdin.ask("token")?.expose()),
        text => identity::token(text),
    }
}

/// What the stack's own pool demands.
async fn stack(global: &Global, token: &Token) -> Result<(Expected, Keys)> {
    let session = load(global)?.connect(global).await?;
    let place = session.find(&[Part::Pool]).await?;
    let pool = place.pool()?;
    let clients = pool.clients.values().map(|it| it.id.clone()).collect();
    let expected = Expected {
        issuer: Some(pool.issuer.clone()),
        clients,
        token_use: None,
    };
    let keys = match token.text("iss") {
        Some(issuer) if issuer == pool.issuer => {
            fetch_keys(&session.http(), &pool.keys_url).await?
        }
        _ => Keys::none("not looked for: it is another pool's (--any-pool asks that one)"),
    };
    Ok((expected, keys))
}

/// What the token's own pool says. Only Cognito is asked, whatever the token names.
async fn any_pool(global: &Global, token: &Token) -> Result<(Expected, Keys)> {
    let none = || {
        Ok((
            Expected::default(),
            Keys::none("not looked for: its issuer is not a Cognito user pool"),
        ))
    };
    let issuer = token.text("iss").unwrap_or_default();
    let Some(region) = region_of(issuer) else {
        return none();
    };
    match reach(global, region).await?.endpoint {
        None if pool_of(issuer).is_none() => none(),
        None => Ok((
            Expected::default(),
            fetch_keys(&Http::to(None), &keys_url(issuer)).await?,
        )),
        // The one emulator that is asked: no other may say that it made the token.
        Some(endpoint) => {
            let pool = issuer.rsplit('/').next().unwrap_or_default();
            let expected = Expected {
                issuer: Some(format!("{endpoint}/{pool}")),
                ..Expected::default()
            };
            let keys = fetch_keys(
                &Http::to(Some(&endpoint)),
                &keys_url(&format!("{endpoint}/{pool}")),
            )
            .await?;
            Ok((expected, keys))
        }
    }
}

/// The region that an issuer's pool id begins with.
fn region_of(issuer: &str) -> Option<&str> {
    let pool = issuer.rsplit_once('/')?.1;
    pool.split_once('_')
        .map(|it| it.0)
        .filter(|it| is_region(it))
}

/// 0, or the number of the first check that failed, from 2 on.
fn code(checks: &[TokenCheck]) -> u8 {
    let number = |what: What| match what {
        What::Signature => 2,
        What::Issuer => 3,
        What::Audience => 4,
        What::Expiry => 5,
        What::TokenUse => 6,
    };
    checks
        .iter()
        .find(|it| !it.passed)
        .map_or(0, |it| number(it.what))
}

/// Header and claims, times in local time: behind the verdict, since anybody can have written them.
fn contents(token: &Token, now: i64) -> String {
    let mut text = String::new();
    for (title, part) in [("Header", &token.header), ("Claims", &token.claims)] {
        let _ = writeln!(text, "{title}");
        let names: Vec<_> = part.keys().map(|name| claim(name)).collect();
        let width = names
            .iter()
            .map(|name| name.chars().count())
            .max()
            .unwrap_or_default();
        for (shown_name, (name, value)) in names.iter().zip(part) {
            let _ = writeln!(
                text,
                "  {shown_name:width$}  {}",
                plain(&shown(name, value, now))
            );
        }
    }
    text
}

/// A claim's name; in quotes where it is none of an ordinary form, and could look like a verdict.
fn claim(name: &str) -> String {
    let is_ordinary = |it: char| it.is_ascii_alphanumeric() || "_-.:/".contains(it);
    if name.chars().all(is_ordinary) {
        name.to_owned()
    } else {
        format!("{name:?}")
    }
}

fn shown(name: &str, value: &Value, now: i64) -> String {
    match (name, value.as_i64()) {
        ("exp" | "iat" | "auth_time" | "nbf", Some(time)) => {
            let (ahead, behind) = (time.saturating_sub(now), now.saturating_sub(time));
            let when = if ahead > 0 {
                format!("in {}", span(ahead))
            } else {
                format!("{} ago", span(behind))
            };
            format!("{time}  {}, {when}", local(time))
        }
        _ => value
            .as_str()
            .map_or_else(|| value.to_string(), ToOwned::to_owned),
    }
}

/// The checks, a line each.
pub(in crate::commands) fn told(checks: &[TokenCheck]) -> String {
    let line = |it: &TokenCheck| {
        let (sign, colour) = if it.passed {
            ("✔", AnsiColor::Green)
        } else {
            ("✘", AnsiColor::Red)
        };
        let (style, word) = (
            colour.on_default(),
            if it.passed { "passed" } else { "failed" },
        );
        format!(
            "  {style}{sign} {:10}{style:#} {word}  {}\n",
            named(it.what),
            plain(&it.detail)
        )
    };
    format!("Checks\n{}", checks.iter().map(line).collect::<String>())
}

fn named(what: What) -> String {
    let name = serde_json::to_value(what).ok();
    name.as_ref()
        .and_then(Value::as_str)
        .unwrap_or_default()
        .to_owned()
}
