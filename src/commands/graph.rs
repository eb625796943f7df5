//! `wsctl graph`: the stack as a picture.

use super::{print_json, session::load, write_stdout};
use crate::{
    cli::{Global, GraphArgs},
    engine::Goal,
    error::Result,
    graph::Graph,
};

/// Offline, unless the plan is to colour it.
pub(super) async fn run(global: &Global, args: &GraphArgs) -> Result<u8> {
    let loaded = load(global)?;
    if !args.plan {
        return write(
            global,
            args,
            &Graph::of(&loaded.stack.desired, None, args.all),
        );
    }
    let packages = loaded.packages(&args.building)?;
    let session = loaded.connect(global).await?.with_packages(packages);
    let observed = session.observe().await?;
    let plan = session.plan(&observed, Goal::Declared)?;
    session.tell_calls();
    write(
        global,
        args,
        &Graph::of(&session.stack.desired, Some(&plan), args.all),
    )
}

fn write(global: &Global, args: &GraphArgs, graph: &Graph) -> Result<u8> {
    match global.json {
        true => print_json(graph),
        false => write_stdout(graph.write(args.format).as_bytes()),
    }
}
