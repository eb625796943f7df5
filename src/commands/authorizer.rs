//! `wsctl authorizer test`: whether the API's authorizer would let a token in.

use super::{
    api::chosen,
    clock::now,
    entrance, print, print_json,
    session::{Session, load},
    tell,
    token::{kept, read, told},
};
use crate::{
    cli::{
        Global,
        token::{AuthorizerCommand, CallerArgs},
    },
    error::{Error, Result},
    identity::{
        self, Api, Expected, Part, Pool, SecretString, Token, TokenCheck, Use,
        authorizer::{Verdict, test},
        check, fetch_keys,
    },
    plain::plain,
    spec::authorizer::AUTHORIZATION,
    stack::Api as Table,
};
use serde_json::json;
use std::fmt::Write;

pub(super) async fn run(global: &Global, command: &AuthorizerCommand) -> Result<u8> {
    let AuthorizerCommand::Test(args) = command;
    let session = load(global)?.connect(global).await?;
    let place = session.find(&[Part::Pool, Part::Api]).await?;
    let wanted = args.authorizer.as_deref();
    let has_it = |it: &Table<'_>| match wanted {
        Some(key) => it.authorizers.contains_key(key),
        None => !it.authorizers.is_empty(),
    };
    let table = chosen(&session.stack.file, args.api.as_deref(), has_it)?;
    let (pool, api) = (place.pool()?, place.api(&table.address)?.0);
    let (key, id) = authorizer(api, wanted)?;
    let token = match &args.token {
        Some(token) => read(token)?,
        None => identity::token(
            id_token(&session, global, pool, &args.caller)
                .await?
                .expose(),
        )?,
    };
    let asked = test(&session.aws, &api.id, id, &header(&table, key), token.raw()).await?;
    session.tell_calls();
    match asked {
        Some(verdict) => {
            let failed = match verdict.lets_in() {
                true => None,
                false => match local_checks(&session, &table, pool, key, &token).await {
                    Ok(checks) => checks.into_iter().find(|it| !it.passed),
                    Err(error) => {
                        tell(&format!("which check failed cannot be told: {error}"));
                        None
                    }
                },
            };
            show_verdict(global, key, &verdict, failed.as_ref())
        }
        None => show_checks(
            global,
            key,
            &local_checks(&session, &table, pool, key, &token).await?,
        ),
    }
}

/// Of who is named, or is signed in.
async fn id_token(
    session: &Session,
    global: &Global,
    pool: &Pool,
    caller: &CallerArgs,
) -> Result<SecretString> {
    if let Some(kept) = kept(session, global, pool, caller).await? {
        return Ok(kept.id);
    }
    let user = caller.user.as_deref().ok_or_else(|| {
        Error::usage("whose token?")
            .hint("add --as USER, or --token -; or sign in once: wsctl login --save")
    })?;
    Ok(entrance::sign_in_as(session, pool, user, caller).await?.id)
}

/// The authorizer of this name in stack.toml; without a name, the only one.
fn authorizer<'a>(api: &'a Api, key: Option<&'a str>) -> Result<(&'a str, &'a str)> {
    let keys = || {
        api.authorizers
            .keys()
            .map(String::as_str)
            .collect::<Vec<_>>()
            .join(", ")
    };
    let found = match key {
        Some(key) => api.authorizers.get_key_value(key),
        None if api.authorizers.len() > 1 => {
            return Err(Error::usage("the API has several authorizers")
                .hint(format!("add --authorizer, one of: {}", keys())));
        }
        None => api.authorizers.iter().next(),
    };
    let (key, id) = found.ok_or_else(|| {
        Error::usage("the API has no such authorizer of this stack")
            .hint(format!("it has: {}", keys()))
    })?;
    Ok((key, id))
}

/// The header in which the authorizer looks for the token.
pub(super) fn header(api: &Table<'_>, key: &str) -> String {
    let authorizer = api.authorizers.get(key);
    let header = authorizer.and_then(|it| it.token_header());
    header.unwrap_or(AUTHORIZATION).into()
}

/// What API Gateway looks at, looked at here.
async fn local_checks(
    session: &Session,
    api: &Table<'_>,
    pool: &Pool,
    key: &str,
    token: &Token,
) -> Result<Vec<TokenCheck>> {
    let scoped = api.routes.values();
    let wants_access = scoped
        .filter(|it| it.authorizer == key)
        .any(|it| !it.scopes.is_empty());
    let expected = Expected {
        issuer: Some(pool.issuer.clone()),
        clients: vec![],
        token_use: (!wants_access).then_some(Use::Id),
    };
    let keys = fetch_keys(&session.http(), &pool.keys_url).await?;
    Ok(check(token, &keys, &expected, now()))
}

/// What the authorizer says; where it refuses, with the first check that fails here too.
fn show_verdict(
    global: &Global,
    key: &str,
    verdict: &Verdict,
    failed: Option<&TokenCheck>,
) -> Result<u8> {
    let lets_in = verdict.lets_in();
    if global.json {
        print_json(&json!({
            "authorizer": key, "by": "TestInvokeAuthorizer", "lets_in": lets_in,
            "status": verdict.status, "claims": verdict.claims, "latency_ms": verdict.latency, "failed": failed,
        }))?;
    } else {
        let word = if lets_in {
            "lets the token in"
        } else {
            "does not let the token in"
        };
        let key = plain(key);
        let status = match verdict.status {
            // AWS names none where it did not come to one.
            0 => String::new(),
            status => format!("status {status}, "),
        };
        let mut text = format!("{key} {word}: {status}{} ms\n", verdict.latency);
        if let Some(failed) = failed {
            text.push_str(&told(std::slice::from_ref(failed)));
        }
        let width = verdict
            .claims
            .keys()
            .map(String::len)
            .max()
            .unwrap_or_default();
        for (name, value) in &verdict.claims {
            let _ = writeln!(text, "  {:width$}  {}", plain(name), plain(value));
        }
        print(&text)?;
    }
    Ok(if lets_in { 0 } else { 2 })
}

fn show_checks(global: &Global, key: &str, checks: &[TokenCheck]) -> Result<u8> {
    let lets_in = checks.iter().all(|it| it.passed);
    tell("the target has no TestInvokeAuthorizer; these are the same checks, made here");
    if global.json {
        print_json(
            &json!({ "authorizer": key, "by": "local checks", "lets_in": lets_in, "checks": checks }),
        )?;
    } else {
        let word = if lets_in {
            "would let the token in"
        } else {
            "would not let the token in"
        };
        print(&format!("{} {word}\n{}", plain(key), told(checks)))?;
    }
    Ok(if lets_in { 0 } else { 2 })
}
