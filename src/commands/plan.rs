//! `wsctl plan`: what apply would do.

use super::{
    given, print, print_json, saved,
    session::{check_kept, load},
    tell,
};
use crate::{
    cli::{Global, PlanArgs},
    engine::{Goal, Proposal},
    error::Result,
    view,
};

/// Exit code 2 with `--detailed-exitcode` when there are changes, as Terraform has it.
pub(super) async fn run(global: &Global, args: &PlanArgs) -> Result<u8> {
    let loaded = load(global)?;
    let packages = loaded.packages(&args.building)?;
    let session = loaded.connect(global).await?.with_packages(packages);
    let Proposal { observed, plan } = session.propose(Goal::Declared).await?;
    if let Some(file) = &args.out {
        saved::write(file, global, &observed.stack, &plan)?;
    }
    if global.json {
        print_json(&plan)?;
    } else {
        print(&view::plan(&plan, &session.place(&observed)))?;
    }
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
    session.tell_calls();
    check_kept(&plan)?;
    Ok(if args.detailed_exitcode && !plan.is_empty() {
        2
    } else {
        0
    })
}
