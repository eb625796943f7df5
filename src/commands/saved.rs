//! A plan in a file: `plan --out` writes it, `apply --plan` reads it.

use super::session::read_at_most;
use crate::{
    error::{Context, Error, Kind, Result},
    plan::{Agreed, Plan},
};
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Far above any real plan, in bytes.
const LARGEST: u64 = 16 << 20;

#[derive(Serialize, Deserialize)]
struct Saved {
    /// The version that wrote it.
    wsctl: String,
    agreed: Agreed,
}

pub(super) fn write(path: &Path, plan: &Plan) -> Result<()> {
    let saved = Saved { wsctl: env!("CARGO_PKG_VERSION").into(), agreed: Agreed::to(plan)? };
    let text = serde_json::to_string_pretty(&saved);
    let text = text.map_err(|error| Error::internal("a plan has no JSON").source(error))?;
    std::fs::write(path, text + "\n").context(Kind::Input, format!("cannot write {}", path.display()))
}

pub(super) fn read(path: &Path) -> Result<Agreed> {
    let shown = path.display();
    let bytes = read_at_most(path, LARGEST).context(Kind::Input, format!("cannot read {shown}"));
    let hint = format!("write one with wsctl plan --out {shown}");
    let bytes = bytes.map_err(|error| error.hint(&hint))?;
    let saved: Result<Saved, _> = serde_json::from_slice(&bytes);
    let saved = saved.map_err(|_| Error::input(format!("{shown}: this is no saved plan")).hint(&hint))?;
    Ok(saved.agreed)
}
