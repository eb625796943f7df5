//! The sandbox: an emulator of AWS (MiniStack) that wsctl installs, starts and stops by itself.
//! Effects only.
//!
//! One per stack folder. All of it lies in the user's cache, and nothing in the stack's folder, which
//! may be a stranger's repository, says where or what. It outlives the command that started it, so
//! that today's `apply` is there for tomorrow's `plan`.

mod database;
mod folder;
mod health;
mod host;
mod install;
mod installed;
mod process;
mod runtimes;

pub use database::Database;
pub use host::Host;
pub use install::Venv;
pub use process::Tethered;
pub use runtimes::lack;

use crate::{
    aws::{Credentials, Keys, Target},
    error::{Error, Result},
};
use folder::Folder;
use std::path::{Path, PathBuf};

/// The account of everything in the sandbox.
pub const ACCOUNT: &str = "000000000000";

/// Whom to tell what takes time.
pub type Tell<'a> = &'a (dyn Fn(&str) + Send + Sync);

/// The emulator's packages, each at one version.
pub const MINISTACK: Venv = Venv {
    name: "ministack-1.5.33",
    requirements: include_str!("sandbox/ministack.txt"),
};

/// The sandbox of one stack folder, running or not.
#[derive(Clone, Debug)]
pub struct Sandbox {
    folder: Folder,
    host: Host,
}

/// A sandbox that runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Running {
    /// `http://127.0.0.1:PORT`; the port stays the same from one start to the next while it is free.
    pub endpoint_url: String,
    pub pid: u32,
    pub port: u16,
    /// What the emulator and the functions in it print.
    pub log: PathBuf,
    /// What signs requests to it; nobody else gets anything but what is public on AWS too.
    pub keys: Keys,
}

impl Sandbox {
    /// The sandbox beside this stack file.
    pub fn beside(stack_file: &Path) -> Result<Self> {
        let parent = stack_file.parent().unwrap_or(Path::new(""));
        Self::within(parent, Host::from_env()?)
    }

    /// The sandbox of the stack file in this folder.
    pub fn within(parent: &Path, host: Host) -> Result<Self> {
        Ok(Self {
            folder: Folder::within(parent, &host.cache)?,
            host,
        })
    }

    /// Where all of it lies.
    pub fn folder(&self) -> PathBuf {
        self.folder.path()
    }

    /// Starts it, or joins the one that runs already; installs the emulator the first time.
    /// It runs until [`Sandbox::stop`].
    pub async fn start(&self, tell: Tell<'_>) -> Result<Running> {
        self.start_at(None, tell).await
    }

    /// The same at a port of one's choice.
    ///
    /// # Errors
    /// Where the port is taken, or the sandbox runs at another one.
    pub async fn start_at(&self, port: Option<u16>, tell: Tell<'_>) -> Result<Running> {
        let _lock = self.folder.lock(tell).await?;
        match self.status()? {
            Some(running) if port.is_some_and(|port| port != running.port) => {
                Err(process::runs_already(&running))
            }
            Some(running) => running.answering().await,
            None => {
                sweep(&self.host.cache)?;
                let how = process::How {
                    is_tethered: false,
                    port,
                };
                let (running, _) = process::start(&self.folder, &self.host, how, tell).await?;
                Ok(running)
            }
        }
    }

    /// The one that runs, once it answers; for commands that only look.
    ///
    /// # Errors
    /// Where none runs: to look at nothing, none is started.
    pub async fn join(&self) -> Result<Running> {
        match self.status()? {
            Some(running) => running.answering().await,
            None => Err(Error::input("the sandbox does not run").hint(
                "wsctl sandbox start starts it, with what was in it before; wsctl apply --sandbox makes the \
                 stack in it",
            )),
        }
    }

    /// Every sandbox of this user, with its stack's folder.
    pub fn all(host: &Host) -> Result<Vec<(PathBuf, Self)>> {
        let folders = folder::everyone(&host.cache)?.into_iter();
        let all = folders.map(|folder| {
            let of = folder.stack_folder().to_owned();
            let host = host.clone();
            (of, Self { folder, host })
        });
        Ok(all.collect())
    }

    /// Starts one that ends, without saving, when the value is dropped or this process is gone,
    /// however it went; fails if one runs already.
    pub async fn start_tethered(&self, tell: Tell<'_>) -> Result<Tethered> {
        let _lock = self.folder.lock(tell).await?;
        if let Some(running) = self.status()? {
            return Err(process::runs_already(&running));
        }
        let how = process::How {
            is_tethered: true,
            port: None,
        };
        let (running, child) = process::start(&self.folder, &self.host, how, tell).await?;
        Ok(Tethered::new(running, child))
    }

    /// Its database, running or not; `None` where the machine has no PostgreSQL.
    pub fn database(&self) -> Result<Option<Database>> {
        Database::of(&self.folder)
    }

    /// Starts its database too, unless it runs.
    pub async fn start_database(&self, database: &Database, tell: Tell<'_>) -> Result<()> {
        let _lock = self.folder.lock(tell).await?;
        database.start(tell)
    }

    /// Ends it in peace, its state saved; false if none was running.
    pub async fn stop(&self) -> Result<bool> {
        if !self.folder.exists()? {
            return Ok(false);
        }
        let _lock = self.folder.lock(&|_| {}).await?;
        if let Some(database) = self.database()? {
            database.stop()?;
        }
        process::stop(&self.folder).await
    }

    /// The one that runs, if any.
    pub fn status(&self) -> Result<Option<Running>> {
        self.folder.running()
    }

    /// Ends it and deletes everything that was in it; false if there was nothing.
    pub async fn reset(&self) -> Result<bool> {
        if !self.folder.exists()? {
            return Ok(false);
        }
        let _lock = self.folder.lock(&|_| {}).await?;
        if let Some(database) = self.database()? {
            database.forget()?;
        }
        let stopped = process::stop(&self.folder).await?;
        Ok(self.folder.forget()? || stopped)
    }
}

/// Deletes what is left of sandboxes that nobody can reach any more.
fn sweep(cache: &Path) -> Result<()> {
    // Another command that does so leaves nothing to do, and takes away what is looked at here.
    let Some(_turn) = folder::try_sweep(cache)? else {
        return Ok(());
    };
    for folder in folder::orphans(cache)? {
        // One that a command is just about to use has its lock.
        if folder.running()?.is_none()
            && let Some(_lock) = folder.try_lock()?
        {
            if let Some(database) = Database::known(&folder)? {
                database.forget()?;
            }
            folder.private().remove()?;
        }
    }
    Ok(())
}

impl Running {
    /// How to reach it: its own key, and nothing of the user's AWS configuration.
    pub fn target(&self, region: impl Into<String>) -> Target {
        Target {
            region: region.into(),
            endpoint_url: Some(self.endpoint_url.clone()),
            credentials: Credentials::Emulator(self.keys.clone()),
            ..Target::default()
        }
    }
}
