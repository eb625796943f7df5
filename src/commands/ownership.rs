//! `wsctl adopt` and `wsctl release`: whose a resource is from now on. Only its tags change.

use super::{
    confirm::confirm,
    given, print, print_json,
    session::{Session, load},
};
use crate::{
    cli::{AdoptArgs, Global, ReleaseArgs},
    engine::Observed,
    error::{Error, Result},
    owner::{Owner, Retag},
    plain::plain,
    spec::{Live, Produces, role::Role, traits_of},
    value::Address,
};
use serde_json::json;
use std::fmt::Write;

pub(super) async fn adopt(global: &Global, args: &AdoptArgs) -> Result<u8> {
    let session = load(global)?.connect(global).await?;
    check_adoptable(&session, &args.address)?;
    let observed = session.observe().await?;
    let live = candidate(&observed, &args.address, args.id.as_deref())?;
    let all: Vec<_> = [live]
        .into_iter()
        .chain(belongings(&session, &observed, &args.address))
        .collect();
    if !global.json {
        print(&shown(
            "From now on the stack would own",
            &session,
            &observed,
            &all,
        ))?;
        print(&undeclared(&session, &observed, live))?;
    }
    let tags = |live: &Live| Retag::owned(session.stack.name(), &live.address);
    let then = format!(
        "`{}` shows what differs from stack.toml.",
        given::command("wsctl plan")
    );
    go_ahead(global, &session, args.yes, ("Adopt it?", &then), &all, tags).await
}

/// With what can be released.
fn nothing_to_release(address: &Address, owned: &[&Live]) -> Error {
    let owned: Vec<_> = owned.iter().map(|it| it.address.to_string()).collect();
    let hint = match owned.is_empty() {
        true => "there is nothing to release: the stack owns nothing at all".to_owned(),
        false => format!(
            "name one of what can be released, each with all that is in it: {}",
            owned.join(", ")
        ),
    };
    Error::usage(format!("{address}: nothing there can be released")).hint(hint)
}

/// What `release` lets go with a function: its log group, and its role, whose path still says whose
/// it is.
fn belongings<'a>(
    session: &Session,
    observed: &'a Observed,
    address: &Address,
) -> impl Iterator<Item = &'a Live> {
    let is_declared = |live: &&Live| {
        session
            .stack
            .desired
            .iter()
            .any(|it| it.address == live.address)
    };
    let is_below = |live: &&Live| live.parent.is_none() && live.address != *address;
    let is_free = |live: &&Live| live.kind == Role::NAME || live.spec["owned"] == false;
    let all = observed
        .live
        .iter()
        .filter(|it| it.address.is_within(address));
    all.filter(is_below).filter(is_free).filter(is_declared)
}

pub(super) async fn release(global: &Global, args: &ReleaseArgs) -> Result<u8> {
    let session = load(global)?.connect(global).await?;
    let observed = session.observe().await?;
    // A function's role and log group would otherwise go when its table does.
    let owned = observed
        .live
        .iter()
        .filter(|it| it.parent.is_none() && it.owner == Owner::Ours);
    let (live, others): (Vec<_>, Vec<_>) =
        owned.partition(|it| it.address.is_within(&args.address));
    if live.is_empty() {
        return Err(nothing_to_release(&args.address, &others));
    }
    if !global.json {
        print(&shown(
            "From now on the stack would no longer own",
            &session,
            &observed,
            &live,
        ))?;
    }
    let can_be_used = |it: &Live| traits_of(it.kind).is_some_and(|it| it.attachable);
    let then = match live.iter().any(|it| can_be_used(it)) {
        true => {
            "Remove its table from stack.toml, or write existing = true in it: as it is, plan refuses it."
        }
        false => "Remove its table from stack.toml: as it is, plan refuses it.",
    };
    go_ahead(
        global,
        &session,
        args.yes,
        ("Release it?", then),
        &live,
        |_| Retag::released(),
    )
    .await
}

/// Only what carries tags and is declared can be adopted.
fn check_adoptable(session: &Session, address: &Address) -> Result<()> {
    let place = |message: &str| Error::refused(format!("{address}: {message}"));
    let Some(desired) = session
        .stack
        .desired
        .iter()
        .find(|it| it.address == *address)
    else {
        return Err(place("stack.toml does not declare it").hint("declare it first, then adopt it"));
    };
    if let Some(parent) = &desired.parent {
        return Err(place("it belongs to another resource").hint(format!("wsctl adopt {parent}")));
    }
    if desired.lifecycle.existing {
        return Err(place("it is attached (existing = true)")
            .hint("remove that line first: what is attached stays somebody else's"));
    }
    if desired.kind == Role::NAME {
        return Err(place(
            "a role cannot be adopted: wsctl knows its own by their path, which never changes",
        )
        .hint("set `role` of the function to its ARN: then the function runs as it"));
    }
    Ok(())
}

/// The one resource that is there under the declared name and is nobody's.
fn candidate<'a>(observed: &'a Observed, address: &Address, id: Option<&str>) -> Result<&'a Live> {
    let is_meant = |live: &&Live| {
        id.is_none_or(|id| [&live.outputs["id"], &live.outputs["arn"]].contains(&&json!(id)))
    };
    let there = observed
        .live
        .iter()
        .filter(|live| live.address == *address)
        .filter(is_meant);
    let there: Vec<_> = there.collect();
    match there.as_slice() {
        [] => Err(
            Error::refused(format!("{address}: nothing of that name is there"))
                .hint("the name in stack.toml has to be the name in AWS"),
        ),
        [live] => match &live.owner {
            Owner::Nobody => Ok(live),
            Owner::Ours => Err(
                Error::refused(format!("{address}: the stack owns it already")).hint(
                    "there is nothing to adopt: wsctl plan shows what differs from stack.toml",
                ),
            ),
            Owner::Stack(other) => Err(Error::refused(format!(
                "{address}: it belongs to the wsctl stack `{other}`"
            ))
            .hint(format!(
                "release it there first, with the file of `{other}`"
            ))),
            Owner::Attached => Err(Error::refused(format!(
                "{address}: it is attached to this stack"
            ))
            .hint("give it back first: wsctl destroy, with existing = true")),
        },
        several => {
            let ids: Vec<_> = several.iter().map(|live| id_of(live)).collect();
            Err(Error::refused(format!(
                "{address}: {} have that name: {}",
                several.len(),
                ids.join(", ")
            ))
            .hint("say which one is meant with --id"))
        }
    }
}

fn id_of(live: &Live) -> String {
    let id = ["id", "arn", "name"]
        .iter()
        .find_map(|key| live.outputs[*key].as_str());
    id.unwrap_or(&live.name).to_owned()
}

/// The resources, and what belongs to each of them.
fn shown(what: &str, session: &Session, observed: &Observed, live: &[&Live]) -> String {
    let mut text = format!("{what}, in {}\n", session.place(observed));
    for root in live {
        let name = root.spec["name"].as_str().unwrap_or_default();
        let (name, id) = (plain(name), id_of(root));
        let _ = writeln!(
            text,
            "  {} ({} `{name}`, {})",
            root.address,
            root.kind,
            plain(&id)
        );
        for below in below(observed, root) {
            let _ = writeln!(text, "    {} ({})", below.address, below.kind);
        }
    }
    text
}

fn below<'a>(observed: &'a Observed, root: &'a Live) -> impl Iterator<Item = &'a Live> {
    observed
        .live
        .iter()
        .filter(|it| it.parent.is_some() && it.address.is_within(&root.address))
}

/// What the next apply would delete of it.
fn undeclared(session: &Session, observed: &Observed, root: &Live) -> String {
    let is_declared = |live: &&Live| {
        session
            .stack
            .desired
            .iter()
            .any(|it| it.address == live.address)
    };
    let extra: Vec<_> = below(observed, root)
        .filter(|it| !is_declared(it))
        .collect();
    if extra.is_empty() {
        return String::new();
    }
    let mut text =
        "Not in stack.toml, so that the next apply deletes it, unless undeclared = \"warn\":\n"
            .to_owned();
    extra.iter().for_each(|it| {
        let _ = writeln!(text, "  {}", it.address);
    });
    text
}

async fn go_ahead(
    global: &Global,
    session: &Session,
    yes: bool,
    (question, then): (&str, &str),
    live: &[&Live],
    tags: impl Fn(&Live) -> Retag,
) -> Result<u8> {
    if !yes {
        confirm(question, "yes")?;
    }
    for root in live {
        session.retag(root, tags(root)).await?;
    }
    session.tell_calls();
    if global.json {
        let changed = live
            .iter()
            .map(|it| json!({ "address": it.address, "kind": it.kind, "id": id_of(it) }));
        return print_json(&json!({ "changed": changed.collect::<Vec<_>>() }));
    }
    print(&format!("Done. {then}\n"))?;
    Ok(0)
}
