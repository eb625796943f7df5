//! `wsctl call`: one request to the deployed API.

mod why;

use super::{
    api::chosen,
    authorizer::header,
    clock::now,
    entrance, print_as_it_is,
    session::{Session, load},
    tell,
    token::{Kept, kept, read},
    write_stdout,
};
use crate::{
    bounded,
    cli::{Global, token::CallArgs},
    error::{Context, Error, ErrorKind, Result},
    identity::{self, Endpoints, Part, Request, Response, SecretString, api_key},
    plain::{json, plain},
    spec::route::{NOBODY, Route},
    stack::{Api, route_for},
};
use serde_json::Value;
use std::{
    fmt::Write,
    io::{IsTerminal, Read},
    path::Path,
};

/// Exit codes: 0 below 400, 4 for 4xx, 5 for 5xx.
pub(super) async fn run(global: &Global, args: &CallArgs) -> Result<u8> {
    let mut request = Request::new(method(&args.method)?, "");
    for line in &args.headers {
        let (name, value) = line.split_once(':').ok_or_else(|| {
            Error::usage(format!("--header {line:?} has no colon")).hint("write NAME: VALUE")
        })?;
        request = request.header(name.trim(), value.trim());
    }
    if let Some(data) = &args.data {
        request = match has_header(args, "Content-Type") {
            true => request.bare_body(body(data)?),
            false => request.body("application/json", body(data)?),
        };
    }
    let session = load(global)?.connect(global).await?;
    let file = &session.stack.file;
    let api = chosen(file, args.api.as_deref(), |it| route(it, args).is_some())?;
    let key = key(&session, &api, args)?;
    let is_signed = wants_token(&api, args);
    let parts = [
        Some(Part::Api),
        is_signed.then_some(Part::Pool),
        key.map(|_| Part::ApiKeys),
    ];
    let parts: Vec<_> = parts.into_iter().flatten().collect();
    let place = session.find(&parts).await?;
    let url = place.api(&api.address)?.1;
    request.url = format!("{url}/{}", args.path.trim_start_matches('/'));
    let credential = credential(&session, global, &api, &place, args).await?;
    if let Some((name, token)) = &credential {
        request = request.token(name, token);
    }
    if let Some(key) = key {
        let value = value_of_key(&session, &place, key).await?;
        request = request.header(api_key::HEADER, value.expose());
    }
    let answer = session.http().send(request).await?;
    if matches!(answer.status, 401 | 403) {
        let token = credential.and_then(|it| identity::token(it.1.expose()).ok());
        let why = explained(&session, &api, args, token.as_ref(), &answer).await;
        why.iter()
            .for_each(|why| tell(&format!("why: {}", plain(why))));
    }
    session.tell_calls();
    show(global, args, &answer)
}

/// Why it was not let in, as far as that can be told from here.
async fn explained(
    session: &Session,
    api: &Api<'_>,
    args: &CallArgs,
    token: Option<&identity::Token>,
    answer: &Response,
) -> Option<String> {
    let found = match token {
        Some(_) => session.find(&[Part::Pool]).await.ok(),
        None => None,
    };
    let pool = found.as_ref().and_then(|it| it.pool().ok());
    why::why(
        answer,
        &why::Sent {
            api,
            route: route(api, args),
            token,
            issuer: pool.map(|it| it.issuer.as_str()),
            now: now(),
        },
    )
}

fn method(text: &str) -> Result<String> {
    let is_word = !text.is_empty() && text.bytes().all(|it| it.is_ascii_alphabetic());
    let odd = || {
        Error::usage(format!("{text:?} is not an HTTP method"))
            .hint("write GET, POST, PUT, DELETE, …")
    };
    is_word.then(|| text.to_uppercase()).ok_or_else(odd)
}

/// The body: as typed, from a file, or from stdin.
fn body(data: &str) -> Result<String> {
    match data.strip_prefix('@') {
        Some(file) => {
            let bytes = bounded::beginning(Path::new(file), LARGEST + 1);
            whole(bytes.context(ErrorKind::Input, format!("cannot read {file}"))?)
        }
        None if data == "-" => {
            let mut bytes = vec![];
            let read = std::io::stdin().take(LARGEST + 1).read_to_end(&mut bytes);
            read.context(ErrorKind::Input, "stdin cannot be read")?;
            whole(bytes)
        }
        None => Ok(data.to_owned()),
    }
}

/// Bytes of a request's body that API Gateway takes (its quotas: 10 MB).
const LARGEST: u64 = 10 << 20;

fn whole(bytes: Vec<u8>) -> Result<String> {
    if bytes.len() as u64 > LARGEST {
        return Err(
            Error::usage(format!("the body has more than {LARGEST} bytes"))
                .hint("API Gateway takes no larger one"),
        );
    }
    String::from_utf8(bytes).context(ErrorKind::Input, "the body is not UTF-8 text")
}

/// Whether whoever calls says this header.
fn has_header(args: &CallArgs, name: &str) -> bool {
    let is_it = |line: &String| {
        let said = line.split(':').next().unwrap_or_default();
        said.trim().eq_ignore_ascii_case(name)
    };
    args.headers.iter().any(is_it)
}

/// The key of the file to call with: the one that is named, or the only one where the route wants one and no
/// header has it.
fn key<'a>(session: &'a Session, api: &Api<'_>, args: &'a CallArgs) -> Result<Option<&'a str>> {
    let keys: Vec<_> = session.stack.file.api_keys.keys().collect();
    let names = || {
        let names: Vec<_> = keys.iter().map(|it| it.as_str()).collect();
        names.join(", ")
    };
    if let Some(name) = &args.api_key {
        return match keys.contains(&name) {
            true => Ok(Some(name)),
            false => Err(
                Error::usage(format!("there is no API key `{name}` in this file"))
                    .hint(format!("there are: {}", names())),
            ),
        };
    }
    let wants_key = route(api, args).is_some_and(|it| it.api_key_required == Some(true));
    if !wants_key || args.anonymous || has_header(args, api_key::HEADER) {
        return Ok(None);
    }
    match keys.as_slice() {
        [] => Ok(None),
        [only] => Ok(Some(only)),
        _ => {
            Err(Error::usage("with which API key?")
                .hint(format!("add --api-key, one of: {}", names())))
        }
    }
}

async fn value_of_key(session: &Session, place: &Endpoints, key: &str) -> Result<SecretString> {
    let value = match place.api_keys.get(key) {
        Some(id) => api_key::value(&session.aws, id).await?,
        None => None,
    };
    value.ok_or_else(|| {
        Error::input(format!("api_keys.{key}: it is not there yet")).hint("run wsctl apply first")
    })
}

/// The route of the file that the call is to.
fn route<'a>(api: &Api<'a>, args: &CallArgs) -> Option<&'a Route> {
    route_for(api.table, &args.method, &args.path)
}

/// The header and the token that the route wants, from whoever calls.
async fn credential(
    session: &Session,
    global: &Global,
    api: &Api<'_>,
    place: &Endpoints,
    args: &CallArgs,
) -> Result<Option<(String, SecretString)>> {
    let route = route(api, args);
    let name = route.map_or_else(
        || "Authorization".into(),
        |route| header(api, &route.authorizer),
    );
    if args.anonymous {
        return Ok(None);
    }
    if let Some(token) = &args.token {
        return Ok(Some((name, read(token)?.raw().clone())));
    }
    if !wants_token(api, args) {
        return Ok(None);
    }
    let pool = place.pool()?;
    let (id, access) = match (
        kept(session, global, pool, &args.caller).await?,
        &args.caller.user,
    ) {
        (Some(Kept { id, access }), _) => (id, access),
        (None, Some(user)) => {
            let tokens = entrance::sign_in_as(session, pool, user, &args.caller).await?;
            (tokens.id, tokens.access)
        }
        (None, None) => {
            return Err(
                Error::usage("who calls? this route lets in only who is signed in").hint(
                    "add --as USER, --token - or --anonymous; or sign in once: wsctl login --save",
                ),
            );
        }
    };
    let wants_access = match args.token_use.as_deref() {
        Some(token_use) => token_use == "access",
        None => route.is_some_and(|route| !route.scopes.is_empty()),
    };
    Ok(Some((name, if wants_access { access } else { id })))
}

/// Whether a user's token is to be sent: somebody is named, or the route lets in only who is signed in.
fn wants_token(api: &Api<'_>, args: &CallArgs) -> bool {
    let is_open = |it: &Route| it.authorizer == NOBODY || is_by_function(api, it);
    let is_other = args.anonymous || args.token.is_some();
    !is_other && (args.caller.user.is_some() || !route(api, args).is_some_and(is_open))
}

/// Whether a function looks at the request's headers, whatever they are.
fn is_by_function(api: &Api<'_>, route: &Route) -> bool {
    let by = api.authorizers.get(&route.authorizer);
    by.is_some_and(|it| !it.is_of_user_pools())
}

/// The status beside the result; the body as the result, JSON indented.
fn show(global: &Global, args: &CallArgs, answer: &Response) -> Result<u8> {
    let method = args.method.to_uppercase();
    tell(&format!(
        "{method} {}: HTTP {} in {} ms",
        args.path,
        answer.status,
        answer.took.as_millis()
    ));
    if global.verbose > 0 {
        let headers = answer
            .headers
            .iter()
            .fold(String::new(), |mut text, (name, value)| {
                let _ = writeln!(text, "  {}: {}", plain(name), plain(value));
                text
            });
        tell(headers.trim_end());
    }
    match serde_json::from_slice::<Value>(&answer.body) {
        Ok(value) => print_as_it_is(&json(&format!("{value:#}\n")))?,
        // A person reads it; a file or a program gets it as it is.
        Err(_) if std::io::stdout().is_terminal() => {
            print_as_it_is(&String::from_utf8_lossy(&answer.body))?
        }
        Err(_) => drop(write_stdout(&answer.body)?),
    }
    Ok(match answer.status {
        0..400 => 0,
        400..500 => 4,
        _ => 5,
    })
}
