//! `wsctl show ADDRESS`: one resource as AWS has it.

use super::{
    print, print_json,
    session::{Session, load},
};
use crate::{
    cli::{Global, ShowArgs},
    engine::Observed,
    error::{Error, Result},
    owner::Owner,
    spec::Live,
    value::Address,
    view::{self, Shown},
};

pub(super) async fn run(global: &Global, args: &ShowArgs) -> Result<u8> {
    let address: Address = args.address.parse()?;
    let session = load(global)?.connect(global).await?;
    let observed = session.observe().await?;
    let live = find(&observed, &address).ok_or_else(|| missing(&session, &observed, &address))?;
    let shown = shown(&session, live);
    session.tell_calls();
    if global.json {
        return print_json(&session.placed(&shown)?);
    }
    print(&view::live(&shown))?;
    Ok(0)
}

/// Ours before another of the same name.
fn find<'a>(observed: &'a Observed, address: &Address) -> Option<&'a Live> {
    let there = || observed.live.iter().filter(|it| it.address == *address);
    there()
        .find(|it| it.owner == Owner::Ours)
        .or_else(|| there().next())
}

fn shown(session: &Session, live: &Live) -> Shown {
    let kinds = session.kinds.iter().map(|kind| kind.traits());
    let hidden = kinds
        .filter(|it| it.name == live.kind)
        .flat_map(|it| it.hidden.iter().chain(it.veiled))
        .copied();
    let declared = session
        .stack
        .desired
        .iter()
        .find(|it| it.address == live.address)
        .map(|it| &*it.spec);
    Shown::of(live, &hidden.collect::<Vec<_>>(), declared)
}

fn missing(session: &Session, observed: &Observed, address: &Address) -> Error {
    let is_declared = session
        .stack
        .desired
        .iter()
        .any(|it| it.address == *address);
    let error = match is_declared {
        true => Error::input(format!("{address}: it is in stack.toml, but not in AWS")),
        false => Error::usage(format!("{address}: there is no such resource")),
    };
    let mut there: Vec<_> = observed
        .live
        .iter()
        .map(|it| it.address.to_string())
        .collect();
    // AWS lists things in any order.
    there.sort();
    let none = || format!("nothing of the stack {} is there", session.stack.name());
    error.hint(match is_declared {
        true => "run wsctl apply first; wsctl plan shows what it would make".to_owned(),
        false => did_you_mean(&address.to_string(), &there).unwrap_or_else(none),
    })
}

/// What was meant, and what else there is; `None` where nothing is.
pub(super) fn did_you_mean(wanted: &str, there: &[String]) -> Option<String> {
    let near = |it: &str| strsim::jaro_winkler(it, wanted);
    let closest = there.iter().max_by(|a, b| near(a).total_cmp(&near(b)))?;
    Some(format!(
        "did you mean '{closest}'? There are: {}",
        there.join(", ")
    ))
}
