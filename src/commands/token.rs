//! `wsctl token`: the tokens of a user who signs in with a password.

mod decode;
mod kept;
mod saved;

use super::{
    ask::SecretSource,
    clock, entrance, print_json,
    session::{Session, load, reach},
    tell, write_stdout,
};
use crate::{
    cli::{
        Global,
        token::{ClientArgs, GetTokenArgs, TokenArgs, TokenCommand, TokenOutputArgs},
    },
    error::{Error, Result},
    identity::{Flow, Part, SecretString, SignInTarget, Tokens, refresh, sign_in},
};
pub(super) use decode::{read, told};
pub(super) use kept::{Kept, kept};
use saved::SavedToken;
use serde_json::json;
use std::sync::Arc;

pub(super) async fn run(global: &Global, args: &TokenArgs) -> Result<u8> {
    match &args.command {
        Some(TokenCommand::Decode(args)) => decode::run(global, args).await,
        None => get(global, &args.get).await,
    }
}

async fn get(global: &Global, args: &GetTokenArgs) -> Result<u8> {
    let flow = if args.srp {
        Flow::Srp
    } else {
        Flow::AdminPassword
    };
    let entry = Entry::find(global, &args.client, args.user.as_ref().map(|_| flow)).await?;
    let _turn = match args.refresh {
        true => SavedToken::turn(global).await?,
        false => None,
    };
    let (user, tokens) = match &args.user {
        Some(user) => (user.clone(), entry.by_password(user, flow, args).await?),
        None => entry.by_refresh_token(global, args).await?,
    };
    give(
        global,
        &args.output,
        &entry.name,
        &entry.target,
        &user,
        &tokens,
    )
}

/// Prints the tokens that were asked for, and keeps them if that was.
pub(super) fn give(
    global: &Global,
    output: &TokenOutputArgs,
    client: &str,
    target: &SignInTarget,
    user: &str,
    tokens: &Tokens,
) -> Result<u8> {
    if output.save {
        let place = SavedToken::of(target, client, user, tokens, clock::now()).write(global)?;
        tell(&format!("kept in {}", place.display()));
    }
    if global.json {
        return print_json(&json!({
            "id_token": tokens.id.expose(),
            "access_token": tokens.access.expose(),
            "refresh_token": tokens.refresh.as_ref().map(SecretString::expose),
            "expires_in": tokens.expires_in,
            "token_type": "Bearer",
        }));
    }
    let token = if output.access {
        &tokens.access
    } else {
        &tokens.id
    };
    write_stdout(format!("{}\n", token.expose()).as_bytes())
}

/// The client through which somebody signs in.
struct Entry {
    aws: Arc<crate::aws::Aws>,
    target: SignInTarget,
    /// Its name in stack.toml, or its id.
    name: String,
}

impl Entry {
    /// Found by stack.toml, or named by ids; then neither a file nor AWS credentials are needed.
    async fn find(global: &Global, args: &ClientArgs, flow: Option<Flow>) -> Result<Self> {
        if let (Some(pool_id), Some(client_id)) = (&args.user_pool_id, &args.client_id) {
            let region = pool_id
                .split_once('_')
                .map(|it| it.0)
                .filter(|it| crate::stack::is_region(it));
            let region = region.ok_or_else(|| {
                Error::usage(format!("{pool_id:?} is not a pool id"))
                    .hint("write one such as ap-southeast-1_AbCdEf123")
            })?;
            let reached = reach(global, region).await?;
            let secret = args
                .client_secret_env
                .clone()
                .map(SecretSource::Environment);
            let client_secret = secret.map(|it| it.ask("client's secret")).transpose()?;
            let (pool_id, name) = (pool_id.clone(), client_id.clone());
            let target = SignInTarget {
                pool_id,
                client_id: name.clone(),
                client_secret,
            };
            return Ok(Self {
                aws: reached.aws,
                target,
                name,
            });
        }
        let session = load(global)?.connect(global).await?;
        Self::of_stack(&session, args.client.as_deref(), flow).await
    }

    async fn of_stack(session: &Session, client: Option<&str>, flow: Option<Flow>) -> Result<Self> {
        let place = session.find(&[Part::Pool]).await?;
        let pool = place.pool()?;
        let client = pool.client(client)?;
        if let Some(flow) = flow {
            entrance::check_flow(session, client, flow)?;
        }
        let target = SignInTarget::of(&session.aws, pool, client).await?;
        Ok(Self {
            aws: Arc::clone(&session.aws),
            target,
            name: client.key.clone(),
        })
    }

    async fn by_password(&self, user: &str, flow: Flow, args: &GetTokenArgs) -> Result<Tokens> {
        let source = SecretSource::from(&args.password);
        let later = |variable: &Option<String>| match variable {
            Some(name) => SecretSource::Environment(name.clone()),
            None => entrance::later(&source),
        };
        let (new_password, code) = (later(&args.new_password_env), later(&args.code_env));
        let mut person = entrance::Terminal { new_password, code };
        let password = source.ask(&format!("password of {user}"))?;
        sign_in(&self.aws, &self.target, flow, user, &password, &mut person).await
    }

    async fn by_refresh_token(
        &self,
        global: &Global,
        args: &GetTokenArgs,
    ) -> Result<(String, Tokens)> {
        let (user, token) = match args.refresh_stdin {
            true => (String::new(), SecretSource::Stdin.ask("refresh token")?),
            false => {
                let saved = SavedToken::read(global, &self.name)?;
                saved.check(&self.target)?;
                let none =
                    || Error::refused("no refresh token was kept").hint("sign in with --save");
                (saved.user, saved.refresh_token.ok_or_else(none)?)
            }
        };
        let mut tokens = refresh(&self.aws, &self.target, &token).await?;
        match &tokens.refresh {
            Some(new) if new.expose() != token.expose() => {
                self.keep_rotated(global, args, &user, &token, &tokens)?;
            }
            // What is kept has to stay complete: Cognito gives a new one only where it rotates.
            None if args.refresh => tokens.refresh = Some(token),
            _ => {}
        }
        Ok((user, tokens))
    }

    /// Where a client rotates its refresh tokens, the one that was used ends, and who loses the new
    /// one has to sign in again. So it takes the old one's place wherever that was kept, and is kept
    /// where nothing would show it.
    fn keep_rotated(
        &self,
        global: &Global,
        args: &GetTokenArgs,
        user: &str,
        used: &SecretString,
        tokens: &Tokens,
    ) -> Result<()> {
        if args.output.save {
            return Ok(());
        }
        let kept = SavedToken::read(global, &self.name).ok();
        let is_anothers = kept.as_ref().is_some_and(|it| !it.holds(used));
        if is_anothers && !global.json {
            tell(
                "Cognito replaced the refresh token; the new one is not shown, and the file of kept tokens has \
                 another: use --json or --save with a client that rotates them",
            );
        } else if !is_anothers && (kept.is_some() || !global.json) {
            let user = kept.map_or_else(|| user.to_owned(), |it| it.user);
            let place = SavedToken::of(&self.target, &self.name, &user, tokens, clock::now())
                .write(global)?;
            tell(&format!(
                "Cognito replaced the refresh token; the new one is kept in {}",
                place.display()
            ));
        }
        Ok(())
    }
}
