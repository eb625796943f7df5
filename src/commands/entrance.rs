//! Which app client a command means, and signing a user in through it.

use super::{
    ask::{self, SecretSource},
    session::Session,
};
use crate::{
    cli::token::CallerArgs,
    error::{Error, Result},
    identity::{
        ChallengeResponder, Flow, Pool, PoolClient, SecretString, SignInTarget, Tokens, sign_in,
    },
    stack::{Diagnostic, path},
};
use std::collections::BTreeMap;

/// Signs in the user whom `--as` names.
pub(super) async fn sign_in_as(
    session: &Session,
    pool: &Pool,
    user: &str,
    args: &CallerArgs,
) -> Result<Tokens> {
    let flow = if args.srp {
        Flow::Srp
    } else {
        Flow::AdminPassword
    };
    let client = pool.client(args.client.as_deref())?;
    check_flow(session, client, flow)?;
    let source = SecretSource::from(&args.password);
    let password = source.ask(&format!("password of {user}"))?;
    let mut person = Terminal {
        new_password: later(&source),
        code: later(&source),
    };
    sign_in(
        &session.aws,
        &SignInTarget::of(&session.aws, pool, client).await?,
        flow,
        user,
        &password,
        &mut person,
    )
    .await
}

/// Refuses a flow that the client does not allow, with the line that decides it.
pub(super) fn check_flow(session: &Session, client: &PoolClient, flow: Flow) -> Result<()> {
    let wanted = flow.allowed_by();
    if client.live.allows(wanted) {
        return Ok(());
    }
    let tables = session
        .stack
        .file
        .user_pool
        .iter()
        .flat_map(|pool| &pool.clients);
    let declared = tables
        .into_iter()
        .find(|it| *it.0 == client.key)
        .map(|it| it.1);
    let message = format!(
        "the app client `{}` does not let users sign in this way",
        client.key
    );
    if declared.is_some_and(|it| it.allows(wanted)) {
        return Err(Error::refused(message).hint("stack.toml says it should: run wsctl apply"));
    }
    let place = path(["user_pool", "clients", &client.key, "auth_flows"]);
    let help = format!("add \"{wanted}\", then run wsctl apply");
    Err(session
        .stack
        .refuse(Diagnostic::error(place, message, help)))
}

/// The person at the terminal, or behind a pipe.
pub(super) struct Terminal {
    pub(super) new_password: SecretSource,
    pub(super) code: SecretSource,
}

/// Where the answers after the password come from: not from the password's own variable.
pub(super) fn later(password: &SecretSource) -> SecretSource {
    match password {
        SecretSource::Stdin => SecretSource::Stdin,
        _ => SecretSource::Terminal,
    }
}

impl ChallengeResponder for Terminal {
    fn new_password(
        &mut self,
        missing: &[String],
    ) -> Result<(SecretString, BTreeMap<String, String>)> {
        let password = self
            .new_password
            .ask_new("new password in place of the temporary one")?;
        let ask = |name: &String| {
            let shown = name.strip_prefix("userAttributes.").unwrap_or(name);
            Ok((name.clone(), ask::visible(shown)?))
        };
        Ok((password, missing.iter().map(ask).collect::<Result<_>>()?))
    }

    fn code(&mut self, from: &str) -> Result<SecretString> {
        self.code.ask(&format!("code from {from}"))
    }
}
