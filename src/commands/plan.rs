//! `wsctl plan`: what apply would do.

use super::{
    given, print, print_json, saved,
    session::{check_kept, load},
    tell, write_stdout,
};
use crate::{
    cli::{Global, PlanArgs, PlanFormat},
    engine::{Goal, Proposal},
    error::Result,
    graph::Graph,
    view,
};

/// Exit code 2 with `--detailed-exitcode` when there are changes, as Terraform has it.
pub(super) async fn run(global: &Global, args: &PlanArgs) -> Result<u8> {
    let loaded = load(global)?;
    let digest = loaded.digest.clone();
    let packages = loaded.packages(&args.building)?;
    let session = loaded.connect(global).await?.with_packages(packages);
    let Proposal { observed, plan } = session.propose(Goal::Declared).await?;
    if let Some(file) = &args.out {
        saved::write(file, global, &digest, &observed.stack, &plan)?;
    }
    let place = session.place(&observed);
    let shown = match args.format {
        PlanFormat::Text if !global.json => print(&view::plan(&plan, &place, session.detail())),
        PlanFormat::Text | PlanFormat::Json => print_json(&session.placed(&plan)?).map(drop),
        PlanFormat::Markdown => write_stdout(view::markdown(&plan, &place).as_bytes()).map(drop),
        PlanFormat::Html => {
            let picture = Graph::of(&session.stack.desired, Some(&plan), false).svg();
            write_stdout(view::html(&plan, &place, &picture).as_bytes()).map(drop)
        }
    };
    shown?;
    if let Some(file) = &args.out {
        let apply = format!(
            "wsctl apply --plan {}",
            given::quoted(&file.display().to_string())
        );
        let (file, apply) = (file.display(), given::command(&apply));
        tell(&format!(
            "saved in {file}: {apply} does it, if it is still right then"
        ));
    }
    if args.out.is_none() && args.format == PlanFormat::Text && !plan.is_empty() {
        tell(&format!("next: {}", given::command("wsctl apply")));
    }
    session.tell_calls();
    check_kept(&plan)?;
    Ok(if args.detailed_exitcode && !plan.is_empty() {
        2
    } else {
        0
    })
}
