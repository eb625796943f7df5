//! A plan in a file: `plan --out` writes it, `apply --plan` reads it.

use super::{
    given,
    session::{Session, endpoint},
};
use crate::{
    bounded,
    cli::Global,
    engine::Goal,
    error::{Context, Error, ErrorKind, Result},
    owner::StackOutputs,
    plan::{ApprovedPlan, Plan},
    stack::Stack,
};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Far above any real plan, in bytes.
const LARGEST: u64 = 16 << 20;

/// A plan that somebody has seen, and where it was made.
#[derive(Serialize, Deserialize)]
pub(super) struct SavedPlan {
    /// The version that wrote it.
    wsctl: String,
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

pub(super) fn write(path: &Path, global: &Global, stack: &StackOutputs, plan: &Plan) -> Result<()> {
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
    let saved = SavedPlan {
        wsctl: env!("CARGO_PKG_VERSION").into(),
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
    /// Refuses a plan of another place, before anything is asked of this one.
    pub(super) fn check_place(&self, path: &Path, global: &Global, stack: &Stack) -> Result<()> {
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
