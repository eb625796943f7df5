//! `wsctl drift`: what is not as the file says, for a person or a nightly job.

use super::{print, print_json, session::load};
use crate::{
    cli::{DriftArgs, Global},
    drift::Drift,
    engine::Proposal,
    error::Result,
    view,
};

/// Exit code 2 when there is any, 1 when that could not be found out.
pub(super) async fn run(global: &Global, args: &DriftArgs) -> Result<u8> {
    let loaded = load(global)?;
    let packages = loaded.packages(&args.building)?;
    let session = loaded.connect(global).await?.with_packages(packages);
    let Proposal { observed, plan } = session.measure().await?;
    let drift = Drift::of(&plan);
    if global.json {
        print_json(&drift)?;
    } else {
        print(&view::drift(&drift, &session.place(&observed)))?;
    }
    session.tell_calls();
    Ok(if drift.count() == 0 { 0 } else { 2 })
}
