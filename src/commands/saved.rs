//! A plan in a file: `plan --out` writes it, `apply --plan` reads it.

use super::{
    given,
    session::{Loaded, Session, endpoint},
};
use crate::{
    bounded,
    cli::Global,
    engine::Goal,
    error::{Context, Error, ErrorKind, Result},
    owner::StackOutputs,
    plain::plain,
    plan::{ApprovedPlan, Plan},
    stack::Stack,
};
use jiff::{Timestamp, Unit};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Far above any real plan, in bytes.
const LARGEST: u64 = 16 << 20;

/// A plan that somebody has seen, and where it was made.
#[derive(Serialize, Deserialize)]
pub(super) struct SavedPlan {
    /// The version that wrote it: another one may do the same steps otherwise.
    wsctl: String,
    /// When it was made.
    time: Timestamp,
    /// SHA-256 of stack.toml.
    file: String,
    place: PlanOrigin,
    pub(super) agreed: ApprovedPlan,
}

/// What a plan is for. In any other place the same steps would be somebody else's.
#[derive(Serialize, Deserialize)]
struct PlanOrigin {
    target: Target,
    stack: String,
    region: String,
    account: String,
}

/// Who is asked.
#[derive(PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Target {
    Aws,
    /// Whatever its port is now.
    Sandbox,
    Endpoint(String),
}

impl Target {
    fn of(global: &Global) -> Self {
        match endpoint(global) {
            _ if global.sandbox => Self::Sandbox,
            Some(url) => Self::Endpoint(url),
            None => Self::Aws,
        }
    }

    fn shown(&self) -> &str {
        match self {
            Self::Aws => "AWS",
            Self::Sandbox => "the sandbox",
            Self::Endpoint(url) => url,
        }
    }
}

const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Saves a plan that was made of the file with this digest.
pub(super) fn write(
    path: &Path,
    global: &Global,
    file: &str,
    stack: &StackOutputs,
    plan: &Plan,
) -> Result<()> {
    let StackOutputs {
        name,
        region,
        account,
    } = stack.clone();
    let place = PlanOrigin {
        target: Target::of(global),
        stack: name,
        region,
        account,
    };
    let now = Timestamp::now();
    let saved = SavedPlan {
        wsctl: VERSION.into(),
        time: now.round(Unit::Second).unwrap_or(now),
        file: file.to_owned(),
        place,
        agreed: ApprovedPlan::to(plan)?,
    };
    let text = serde_json::to_string_pretty(&saved);
    let text = text.map_err(|error| Error::internal("a plan has no JSON").source(error))?;
    std::fs::write(path, text + "\n")
        .context(ErrorKind::Input, format!("cannot write {}", path.display()))
}

pub(super) fn read(path: &Path) -> Result<SavedPlan> {
    let shown = path.display();
    let bytes =
        bounded::beginning(path, LARGEST).context(ErrorKind::Input, format!("cannot read {shown}"));
    let hint = write_another(path);
    let bytes = bytes.map_err(|error| error.hint(&hint))?;
    let saved = serde_json::from_slice(&bytes);
    saved.map_err(|_| Error::input(format!("{shown}: this is not a saved plan")).hint(&hint))
}

fn write_another(path: &Path) -> String {
    format!(
        "write one with wsctl plan --out {}",
        given::quoted(&path.display().to_string())
    )
}

impl SavedPlan {
    /// Refuses a plan of another place, file or version, before anything is asked of this one.
    pub(super) fn check(&self, path: &Path, global: &Global, loaded: &Loaded) -> Result<()> {
        self.check_place(path, global, &loaded.stack)?;
        let shown = path.display();
        let message = if self.wsctl != VERSION {
            let by = plain(&self.wsctl);
            format!("{shown}: this plan is from wsctl {by}, and this is wsctl {VERSION}")
        } else if self.file != loaded.digest {
            let (file, time) = (global.file.display(), self.time);
            format!("{shown}: {file} is no longer what it was when this plan was made, {time}")
        } else {
            return Ok(());
        };
        let hint = format!("nothing was changed; {}", write_another(path));
        Err(Error::refused(message).hint(hint))
    }

    fn check_place(&self, path: &Path, global: &Global, stack: &Stack) -> Result<()> {
        let (here, place) = (Target::of(global), &self.place);
        let table = &stack.file.stack;
        let account = table.account.as_ref().unwrap_or(&place.account);
        let pairs = [
            (place.target.shown(), here.shown()),
            (&place.stack, &table.name),
            (&place.region, &table.region),
            (&place.account, account),
        ];
        match ["", "the stack ", "the region ", "the account "]
            .iter()
            .zip(pairs)
            .find(|(_, (then, now))| then != now)
        {
            None => Ok(()),
            Some((what, (then, now))) => Err(elsewhere(path, what, then, now)),
        }
    }

    /// Refuses a plan of another account than that of the credentials. Only AWS can tell whose they
    /// are, which is the first thing that it is asked.
    pub(super) async fn check_account(&self, path: &Path, session: &Session) -> Result<()> {
        // The sandbox has one account.
        if session.sandbox.is_some() {
            return Ok(());
        }
        let (then, now) = (
            &self.place.account,
            session.reads(Goal::Declared).caller_account().await?,
        );
        if *then == now {
            Ok(())
        } else {
            Err(elsewhere(path, "the account ", then, &now))
        }
    }
}

fn elsewhere(path: &Path, what: &str, then: &str, now: &str) -> Error {
    let message = format!(
        "{}: this plan is for {what}{then}, not for {what}{now}",
        path.display()
    );
    let hint = format!(
        "nothing was changed; go there with the options that the plan was made with, or {}",
        write_another(path)
    );
    Error::refused(message).hint(hint)
}
