//! Who is signed in: the tokens that `--save` kept, refreshed when they are over.

use super::saved::SavedToken;
use crate::{
    cli::{Global, token::CallerArgs},
    commands::{clock::now, session::Session, tell},
    error::{Error, Result},
    identity::{Pool, SecretString, SignInTarget, Tokens, refresh},
};

/// How long a token has to be good still, in seconds: a request takes a moment.
const LEAST: i64 = 30;

/// Somebody's tokens.
pub(in crate::commands) struct Kept {
    pub id: SecretString,
    pub access: SecretString,
}

/// Those of the user who is named, or who signed in last, by a client of the pool; none where nobody did, or where
/// a password was given.
///
/// # Errors
/// Where they are over and cannot be refreshed.
pub(in crate::commands) async fn kept(
    session: &Session,
    global: &Global,
    pool: &Pool,
    args: &CallerArgs,
) -> Result<Option<Kept>> {
    if args.password.password_stdin || args.password.password_env.is_some() || args.srp {
        return Ok(None);
    }
    let is_meant = |it: &SavedToken| {
        let client = pool
            .clients
            .get(&it.client)
            .filter(|client| client.id == it.client_id);
        it.pool_id == pool.id
            && client.is_some()
            && args.client.as_ref().is_none_or(|name| *name == it.client)
            && args.user.as_ref().is_none_or(|user| *user == it.user)
    };
    let Some(saved) = SavedToken::all(global)?.into_iter().find(is_meant) else {
        return Ok(None);
    };
    if args.user.is_none() {
        tell(&format!(
            "as {}, who is signed in",
            crate::plain::plain(&saved.user)
        ));
    }
    if let Some(kept) = good(&saved) {
        return Ok(Some(kept));
    }
    let _turn = SavedToken::turn(global).await?;
    // Another process may have renewed it before it was this one's turn.
    let is_same = |it: &SavedToken| it.user == saved.user && it.client_id == saved.client_id;
    let renewed = SavedToken::all(global)?.into_iter().find(is_same);
    let saved = renewed.unwrap_or(saved);
    if let Some(kept) = good(&saved) {
        return Ok(Some(kept));
    }
    refreshed(session, global, pool, saved).await.map(Some)
}

/// Those that are good still.
fn good(saved: &SavedToken) -> Option<Kept> {
    (saved.expires_at > now() + LEAST).then(|| Kept {
        id: saved.id_token.clone(),
        access: saved.access_token.clone(),
    })
}

/// What is kept is new then too: where the client rotates its refresh tokens, the old one is over.
async fn refreshed(
    session: &Session,
    global: &Global,
    pool: &Pool,
    saved: SavedToken,
) -> Result<Kept> {
    let over = || {
        Error::refused(format!(
            "the sign-in of {} that was kept is over",
            saved.user
        ))
        .hint(format!(
            "sign in again: wsctl token {} --save, or wsctl login --save",
            saved.user
        ))
    };
    let token = saved.refresh_token.as_ref().ok_or_else(over)?;
    let client = pool.client(Some(&saved.client))?;
    let target = SignInTarget::of(&session.aws, pool, client).await?;
    let renewed = refresh(&session.aws, &target, token).await;
    let renewed = renewed.map_err(|error| match error.code.as_deref() {
        Some("NotAuthorizedException" | "RefreshTokenReuseException") => over(),
        _ => error,
    })?;
    let tokens = Tokens {
        refresh: renewed.refresh.or_else(|| Some(token.clone())),
        ..renewed
    };
    SavedToken::of(&target, &saved.client, &saved.user, &tokens, now()).write(global)?;
    Ok(Kept {
        id: tokens.id,
        access: tokens.access,
    })
}
