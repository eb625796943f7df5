//! `wsctl unlock`: removes the lock of an apply that died.

use super::{confirm::confirm, print, print_json, session::load, tell};
use crate::{
    aws::Holder,
    cli::{Global, UnlockArgs},
    engine::Goal,
    error::{Error, Result},
    plain::plain,
};
use serde_json::json;

pub(super) async fn run(global: &Global, args: &UnlockArgs) -> Result<u8> {
    let session = load(global)?.connect(global).await?;
    session.guard(&session.reads(Goal::Declared)).await?;
    let stack = session.stack.name();
    let Some(holder) = Holder::of(&session.aws, stack).await? else {
        return say(global, false, &format!("stack {stack} is not locked"));
    };
    tell(&plain(&holder.to_string()));
    if let Some(pid) = holder.alive_here() {
        return Err(Error::refused(format!(
            "the lock was not removed: process {pid} of this machine still runs"
        ))
        .hint(format!(
            "wait for it to end, or end it first (kill {pid}): it gives the lock back itself"
        )));
    }
    if !args.yes {
        tell("if that process still runs, two could now change the stack at once");
        confirm("Remove this lock?", "yes")?;
    }
    if Holder::of(&session.aws, stack)
        .await?
        .is_some_and(|now| now != holder)
    {
        return Err(
            Error::refused("the lock was not removed: somebody else has it now")
                .hint("run wsctl unlock again if that one is dead too"),
        );
    }
    holder.remove(&session.aws).await?;
    session.tell_calls();
    say(global, true, &format!("stack {stack} is unlocked"))
}

fn say(global: &Global, was_locked: bool, what: &str) -> Result<u8> {
    if global.json {
        return print_json(&json!({ "removed": was_locked, "message": what }));
    }
    print(&format!("{what}\n"))?;
    Ok(0)
}
