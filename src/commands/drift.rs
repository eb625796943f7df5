//! `wsctl drift`: what is not as the file says, for a person or a nightly job.

use super::{print, print_json, session::load, write_stdout};
use crate::{
    cli::{DriftArgs, DriftFormat, Global},
    drift::Drift,
    engine::Proposal,
    error::Result,
    value::Address,
    view,
};

/// Exit code 2 when there is any, 1 when that could not be found out.
pub(super) async fn run(global: &Global, args: &DriftArgs) -> Result<u8> {
    let loaded = load(global)?;
    let packages = loaded.packages(&args.building)?;
    let session = loaded.connect(global).await?.with_packages(packages);
    let Proposal { observed, plan } = session.measure().await?;
    let drift = Drift::of(&plan);
    let shown = match args.format {
        DriftFormat::Text if !global.json => print(&view::drift(&drift, &session.place(&observed))),
        DriftFormat::Text | DriftFormat::Json => print_json(&session.placed(&drift)?).map(drop),
        DriftFormat::Junit => write_stdout(view::drift_as_junit(&drift).as_bytes()).map(drop),
        DriftFormat::Github => {
            let place = |address: &Address| session.stack.line_of(address);
            write_stdout(view::drift_for_github(&drift, &place).as_bytes()).map(drop)
        }
    };
    shown?;
    session.tell_calls();
    Ok(if drift.count() == 0 { 0 } else { 2 })
}
