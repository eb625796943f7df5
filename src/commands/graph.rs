//! `wsctl graph`: the stack as a picture.

use super::{print_json, session::load, write_stdout};
use crate::{
    cli::{Format, Global, GraphArgs},
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
    if global.json {
        return print_json(graph);
    }
    let text = match args.format {
        Format::Mermaid => graph.mermaid(),
        Format::Dot => graph.dot(),
        Format::Svg => graph.svg(),
    };
    write_stdout(text.as_bytes())
}
