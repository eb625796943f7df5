//! Tokens that `--save` keeps, beside stack.toml, for their owner's eyes only.

use crate::{
    cli::Global,
    commands::tell,
    error::{Error, Result},
    identity::{SecretString, SignInTarget, Tokens},
    private::Private,
    value,
};
use serde_json::{Value, json};
use std::{
    fs::File,
    path::{Path, PathBuf},
};

pub(super) struct SavedToken {
    pub(super) user: String,
    /// The client's name in stack.toml, or its id.
    pub(super) client: String,
    pub(super) pool_id: String,
    pub(super) client_id: String,
    pub(super) id_token: SecretString,
    pub(super) access_token: SecretString,
    pub(super) refresh_token: Option<SecretString>,
    pub(super) expires_at: i64,
    /// When it was kept, in seconds since 1970.
    kept_at: i64,
}

impl SavedToken {
    pub(super) fn of(
        target: &SignInTarget,
        client: &str,
        user: &str,
        tokens: &Tokens,
        now: i64,
    ) -> Self {
        Self {
            user: user.to_owned(),
            client: client.to_owned(),
            pool_id: target.pool_id.clone(),
            client_id: target.client_id.clone(),
            id_token: tokens.id.clone(),
            access_token: tokens.access.clone(),
            refresh_token: tokens.refresh.clone(),
            expires_at: now + i64::from(tokens.expires_in),
            kept_at: now,
        }
    }

    pub(super) fn write(&self, global: &Global) -> Result<PathBuf> {
        let (folder, name) = (folder(global), self.name());
        folder.write(&name, self.json().to_string().as_bytes())?;
        Ok(folder.file(&name))
    }

    fn json(&self) -> Value {
        json!({
            "user": self.user,
            "client": self.client,
            "kept_at": self.kept_at,
            "user_pool_id": self.pool_id,
            "client_id": self.client_id,
            "id_token": self.id_token.expose(),
            "access_token": self.access_token.expose(),
            "refresh_token": self.refresh_token.as_ref().map(SecretString::expose),
            "expires_at": self.expires_at,
        })
    }

    /// One process at a time renews what is kept, until it drops this: where a client rotates its refresh tokens, the
    /// second to use one would be refused. None where nothing is kept.
    pub(super) async fn turn(global: &Global) -> Result<Option<File>> {
        let folder = folder(global);
        if !folder.exists()? {
            return Ok(None);
        }
        let waiting = || tell("waiting for another wsctl that renews the sign-in");
        folder.lock(TURN, waiting).await.map(Some)
    }

    /// All that are kept here, the last one first. What cannot be read is none.
    pub(super) fn all(global: &Global) -> Result<Vec<Self>> {
        let folder = folder(global);
        let names = folder.names()?.into_iter();
        let read = names.filter(|it| it.ends_with(ENDING)).filter_map(|it| {
            let bytes = folder.read(&it, LARGEST).ok().flatten()?;
            // serde's message could quote a token.
            Self::parsed(&serde_json::from_slice(&bytes).ok()?)
        });
        let mut all: Vec<_> = read.collect();
        all.sort_by_key(|it| std::cmp::Reverse(it.kept_at));
        Ok(all)
    }

    /// The last one of a client.
    pub(super) fn read(global: &Global, client: &str) -> Result<Self> {
        let found = Self::all(global)?
            .into_iter()
            .find(|it| it.client == client);
        found.ok_or_else(|| {
            Error::refused(format!(
                "no tokens of `{client}` were kept in {}",
                folder(global).path().display()
            ))
            .hint("sign in with wsctl token USER --save first")
        })
    }

    fn parsed(saved: &Value) -> Option<Self> {
        let text = |name: &str| saved[name].as_str().map(ToOwned::to_owned);
        Some(Self {
            user: text("user")?,
            client: text("client")?,
            pool_id: text("user_pool_id")?,
            client_id: text("client_id")?,
            id_token: SecretString::new(text("id_token")?),
            access_token: SecretString::new(text("access_token")?),
            refresh_token: text("refresh_token").map(SecretString::new),
            expires_at: saved["expires_at"].as_i64()?,
            kept_at: saved["kept_at"].as_i64()?,
        })
    }

    /// A file for each user and client. Names of users are anything, so that it has a digest of them.
    fn name(&self) -> String {
        let digest = value::digest(&json!(self.user));
        format!("{}-{}{ENDING}", self.client, &digest[..16])
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

const ENDING: &str = ".json";
const TURN: &str = "turn";
