//! Tokens that `--save` keeps, beside stack.toml, for their owner's eyes only.

use crate::{
    cli::Global,
    error::{Error, Result},
    identity::{SecretString, SignInTarget, Tokens},
    private::Private,
};
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

pub(super) struct SavedToken {
    pub(super) user: String,
    pool_id: String,
    client_id: String,
    id_token: SecretString,
    access_token: SecretString,
    pub(super) refresh_token: Option<SecretString>,
    expires_at: i64,
}

impl SavedToken {
    pub(super) fn of(target: &SignInTarget, user: &str, tokens: &Tokens, now: i64) -> Self {
        Self {
            user: user.to_owned(),
            pool_id: target.pool_id.clone(),
            client_id: target.client_id.clone(),
            id_token: tokens.id.clone(),
            access_token: tokens.access.clone(),
            refresh_token: tokens.refresh.clone(),
            expires_at: now + i64::from(tokens.expires_in),
        }
    }

    pub(super) fn write(&self, global: &Global, client: &str) -> Result<PathBuf> {
        let (folder, name) = (folder(global), name(client));
        folder.write(&name, self.json().to_string().as_bytes())?;
        Ok(folder.file(&name))
    }

    fn json(&self) -> Value {
        json!({
            "user": self.user,
            "user_pool_id": self.pool_id,
            "client_id": self.client_id,
            "id_token": self.id_token.expose(),
            "access_token": self.access_token.expose(),
            "refresh_token": self.refresh_token.as_ref().map(SecretString::expose),
            "expires_at": self.expires_at,
        })
    }

    pub(super) fn read(global: &Global, client: &str) -> Result<Self> {
        let (folder, name) = (folder(global), name(client));
        let none = || {
            Error::refused(format!(
                "no tokens of `{client}` were kept: there is no readable {}",
                folder.file(&name).display()
            ))
            .hint("sign in with wsctl token USER --save first")
        };
        let text = folder.read(&name, LARGEST)?.ok_or_else(none)?;
        // serde's message could quote a token.
        let saved: Value = serde_json::from_slice(&text).map_err(|_| none())?;
        let text = |name: &str| saved[name].as_str().unwrap_or_default().to_owned();
        Ok(Self {
            user: text("user"),
            pool_id: text("user_pool_id"),
            client_id: text("client_id"),
            id_token: SecretString::new(text("id_token")),
            access_token: SecretString::new(text("access_token")),
            refresh_token: Some(SecretString::new(text("refresh_token")))
                .filter(|it| !it.is_empty()),
            expires_at: saved["expires_at"].as_i64().unwrap_or_default(),
        })
    }

    /// Whether this is the refresh token in it.
    pub(super) fn holds(&self, token: &SecretString) -> bool {
        self.refresh_token
            .as_ref()
            .is_some_and(|it| it.expose() == token.expose())
    }

    /// Refuses tokens of a pool or client that is no longer the stack's.
    pub(super) fn check(&self, target: &SignInTarget) -> Result<()> {
        if (&self.pool_id, &self.client_id) == (&target.pool_id, &target.client_id) {
            return Ok(());
        }
        Err(
            Error::refused("the kept tokens are of another pool or app client")
                .hint("sign in again with wsctl token USER --save"),
        )
    }
}

/// More than any three tokens.
const LARGEST: u64 = 1 << 20;

fn folder(global: &Global) -> Private {
    Private::beside(global.file.parent().unwrap_or(Path::new("")), "tokens")
}

fn name(client: &str) -> String {
    format!("{client}.json")
}
