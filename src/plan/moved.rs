//! Renames: what `moved_from` names is what its new address declares. Pure.

use super::Desired;
use crate::{
    kind::{Live, Owner},
    value::Address,
};
use std::collections::BTreeMap;

/// The roots that have a new address, with their old one; their tags have to be changed.
pub(super) type Moved = BTreeMap<Address, Address>;

/// Gives everything at an address that `moved_from` names, and below it, its new address. What is
/// at the new address already has moved before.
pub(super) fn follow(desired: &[Desired], live: Vec<Live>) -> (Vec<Live>, Moved) {
    let is_there = |at: &Address| live.iter().any(|it| it.owner == Owner::Ours && it.address == *at);
    let moves = desired.iter().filter_map(|it| Some((it.fate.moved_from.as_ref()?, it)));
    let moves: Vec<_> = moves.filter(|(from, to)| is_there(from) && !is_there(&to.address)).collect();
    let mut moved = Moved::new();
    let live = live.into_iter().map(|it| match moves.iter().find(|(from, _)| it.address.is_within(from)) {
        Some((from, to)) if it.owner == Owner::Ours => renamed(it, from, to, &mut moved),
        _ => it,
    });
    (live.collect(), moved)
}

fn renamed(live: Live, from: &Address, to: &Desired, moved: &mut Moved) -> Live {
    let place = |old: &Address| {
        let below = &old.segments()[from.segments().len()..];
        Address::new(to.address.segments().iter().chain(below).cloned())
    };
    let address = place(&live.address);
    let name = match &live.parent {
        None => address.to_string(),
        Some(_) if live.address == *from => to.name.clone(),
        Some(_) => live.name,
    };
    if live.parent.is_none() {
        moved.insert(address.clone(), live.address);
    }
    let parent = live.parent.map(|it| if it.is_within(from) { place(&it) } else { it });
    Live { address, name, parent, ..live }
}
