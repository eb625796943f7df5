//! `wsctl login`: signing in through the hosted login, in the browser.

use super::{
    clock::now,
    say,
    session::{Session, load},
    tell,
    token::give,
};
use crate::{
    cli::{Global, token::LoginArgs},
    error::{Error, ErrorKind, Result},
    identity::{
        self, Callback, Expected, Part, Pool, PoolClient, SignInTarget, Tokens, Use, check,
        fetch_keys,
        oauth::{self, AuthorizationRequest, CallbackResult, Loopback},
    },
    spec::client::Grant,
    stack::{Diagnostic, path},
};
use std::{sync::Arc, time::Duration};
use tokio::sync::mpsc;

pub(super) async fn run(global: &Global, args: &LoginArgs) -> Result<u8> {
    let session = load(global)?.connect(global).await?;
    let place = session.find(&[Part::Login]).await?;
    let pool = place.pool()?;
    let client = pool.client(args.client.as_deref())?;
    let login = Login {
        session: &session,
        pool,
        client,
        url: login_url(&session, pool)?,
    };
    let target = SignInTarget::of(&session.aws, pool, client).await?;
    let (attempt, tokens) = login.sign_in(&target, args).await?;
    let user = login.verified(&tokens, &attempt).await?;
    session.tell_calls();
    give(global, &args.output, &client.key, &target, &user, &tokens)
}

fn login_url<'a>(session: &Session, pool: &'a Pool) -> Result<&'a str> {
    pool.login_url.as_deref().ok_or_else(|| {
        let place = path(["user_pool", "domain"]);
        let help = "add [user_pool.domain] with a prefix, then run wsctl apply";
        session.stack.refuse(Diagnostic::error(
            place,
            "the pool has no hosted login",
            help,
        ))
    })
}

struct Login<'a> {
    session: &'a Session,
    pool: &'a Pool,
    client: &'a PoolClient,
    url: &'a str,
}

impl Login<'_> {
    async fn sign_in(
        &self,
        target: &SignInTarget,
        args: &LoginArgs,
    ) -> Result<(Arc<AuthorizationRequest>, Tokens)> {
        self.check_grant()?;
        let loopback = self.loopback(args.callback.as_deref())?;
        let callback = Callback::listen(&loopback).await?;
        let attempt = Arc::new(AuthorizationRequest::new(&loopback.url));
        let scope = self.client.live.scope();
        show(
            &attempt.url(self.url, &self.client.id, &scope),
            args.print_url,
        );
        let patience = Duration::from_secs(args.timeout.seconds());
        let brought = tokio::select! {
            brought = callback.wait(Arc::clone(&attempt)) => brought?,
            brought = pasted(&attempt) => brought,
            () = tokio::time::sleep(patience) => return Err(late(args)),
        };
        let code = match brought {
            CallbackResult::Code(code) => code,
            CallbackResult::Refusal(why) => {
                return Err(
                    Error::new(ErrorKind::Refused, format!("the login refused: {why}"))
                        .hint("run the same command again, and sign in as a user of this pool"),
                );
            }
            CallbackResult::Other => {
                return Err(Error::internal("the callback let something else through"));
            }
        };
        let answer = self
            .session
            .http()
            .send(oauth::exchange(&attempt, self.url, target, &code))
            .await?;
        let tokens = oauth::tokens(answer.status, &answer.body)?;
        Ok((attempt, tokens))
    }

    fn check_grant(&self) -> Result<()> {
        if self.client.live.has(Grant::Code) {
            return Ok(());
        }
        let message = format!("the app client `{}` has no code grant", self.client.key);
        Err(self.refuse(
            "oauth_grants",
            &message,
            "write [\"code\"], then run wsctl apply",
        ))
    }

    /// The callback URL: one on this machine that the client has.
    fn loopback(&self, wanted: Option<&str>) -> Result<Loopback> {
        let mut urls = self.client.live.callbacks();
        let refuse = |message: &str, help: &str| self.refuse("callback_urls", message, help);
        match wanted {
            Some(url) if Loopback::parse(url).is_none() => Err(Error::usage(format!(
                "--callback {url}: this is not an http:// URL on this machine"
            ))
            .hint("write one such as http://localhost:8765/callback")),
            Some(url) if !urls.any(|it| it == url) => {
                let message = format!(
                    "{url} is not a callback URL of the app client `{}`",
                    self.client.key
                );
                let help = format!("add \"{url}\", then run wsctl apply");
                Err(refuse(&message, &help))
            }
            Some(url) => {
                Loopback::parse(url).ok_or_else(|| Error::internal("a loopback URL is none"))
            }
            None => urls.find_map(|it| Loopback::parse(it)).ok_or_else(|| {
                let message = format!(
                    "the app client `{}` has no callback URL on this machine",
                    self.client.key
                );
                let help = "add \"http://localhost:8765/callback\", then run wsctl apply";
                refuse(&message, help)
            }),
        }
    }

    fn refuse(&self, key: &str, message: &str, help: &str) -> Error {
        let place = path(["user_pool", "clients", &self.client.key, key]);
        self.session
            .stack
            .refuse(Diagnostic::error(place, message, help))
    }

    /// Believes the ID token only after every check, its nonce included; gives the user's name.
    async fn verified(&self, tokens: &Tokens, attempt: &AuthorizationRequest) -> Result<String> {
        let token = identity::token(tokens.id.expose())?;
        let keys = fetch_keys(&self.session.http(), &self.pool.keys_url).await?;
        let expected = Expected {
            issuer: Some(self.pool.issuer.clone()),
            clients: vec![self.client.id.clone()],
            token_use: Some(Use::Id),
        };
        let failed = check(&token, &keys, &expected, now())
            .into_iter()
            .find(|it| !it.passed);
        let hint = "nothing was kept; is this the right login? check the endpoint and this machine's clock";
        if let Some(failed) = failed {
            return Err(Error::refused(format!(
                "the ID token is not to be believed: {}",
                failed.detail
            ))
            .hint(hint));
        }
        if token.text("nonce") != Some(attempt.nonce.as_str()) {
            return Err(Error::refused(
                "the ID token is the answer to another sign-in: its nonce differs",
            )
            .hint(hint));
        }
        let name = token.text("email").or(token.text("cognito:username"));
        Ok(name.unwrap_or_default().to_owned())
    }
}

/// Opens the browser, or says where to go. Also where one is opened: the opener is the desktop's,
/// and does not say when it finds none.
fn show(url: &str, print_only: bool) {
    let is_open = !print_only && open::that_detached(url).is_ok();
    let start = if is_open {
        "the browser has the login; if it shows none, open"
    } else {
        "open"
    };
    say(&format!(
        "{start} this in a browser:\n\n{url}\n\nif that is on another machine, paste here the address that it \
         ends at (Ctrl-C to stop)"
    ));
}

/// The address that the user pastes; waits for ever where nobody does.
async fn pasted(attempt: &AuthorizationRequest) -> CallbackResult {
    let mut lines = lines();
    while let Some(line) = lines.recv().await {
        let query = line
            .trim()
            .split_once('?')
            .map(|it| it.1)
            .unwrap_or_default();
        match attempt.brought(query) {
            CallbackResult::Other if line.trim().is_empty() => {}
            CallbackResult::Other => {
                tell("that is not the address of this sign-in; paste all of it, from http:// on")
            }
            brought => return brought,
        }
    }
    std::future::pending().await
}

/// The lines of stdin. A thread of its own reads them: the runtime would wait at its end for one
/// of its own that still reads.
fn lines() -> mpsc::Receiver<String> {
    let (sender, receiver) = mpsc::channel(1);
    std::thread::spawn(move || {
        for line in std::io::stdin().lines().map_while(std::result::Result::ok) {
            if sender.blocking_send(line).is_err() {
                break;
            }
        }
    });
    receiver
}

fn late(args: &LoginArgs) -> Error {
    Error::new(
        ErrorKind::Refused,
        format!("nobody signed in within {}", args.timeout),
    )
    .hint("run the same command again; --timeout gives more time")
}
