//! Renames: what `moved_from` names is what its new address declares. Pure.

use super::Desired;
use crate::{owner::Owner, spec::Live, value::Address};
use std::collections::BTreeMap;

/// The roots that have a new address, with their old one; their tags have to be changed.
pub(super) type Moved = BTreeMap<Address, Address>;

/// Gives everything at an address that `moved_from` names, and below it, its new address. What is
/// at the new address already has moved before; where two tables changed places, and some of it has
/// moved before, the names in AWS tell what is which.
pub(super) fn follow(desired: &[Desired], live: Vec<Live>) -> (Vec<Live>, Moved) {
    let moves: Vec<_> = desired
        .iter()
        .filter_map(|it| Some((it.lifecycle.moved_from.as_ref()?, it)))
        .collect();
    let roots = Roots {
        desired,
        live: &live,
    };
    let way = |it: &Live| {
        let root = roots.of(it);
        let goes = |from: &Address, to: &Desired| match to.parent {
            None => roots.goes(root, from, to),
            Some(_) => roots.is_there(from) && !roots.is_there(&to.address),
        };
        moves.iter().find(|(from, to)| {
            it.owner == Owner::Ours && it.address.is_within(from) && goes(from, to)
        })
    };
    let ways: Vec<_> = live.iter().map(way).collect();
    let mut moved = Moved::new();
    let live = live.iter().cloned().zip(ways);
    let live = live.map(|(it, way)| match way {
        Some((from, to)) => renamed(it, from, to, &mut moved),
        None => it,
    });
    (live.collect(), moved)
}

/// What is there, to tell which of it moves.
struct Roots<'a> {
    desired: &'a [Desired],
    live: &'a [Live],
}

impl<'a> Roots<'a> {
    fn is_there(&self, at: &Address) -> bool {
        self.live
            .iter()
            .any(|it| it.owner == Owner::Ours && it.address == *at)
    }

    /// The root that it belongs to, or is.
    fn of(&self, it: &'a Live) -> &'a Live {
        let parent = self
            .live
            .iter()
            .find(|of| it.parent.as_ref() == Some(&of.address) && it.is_in(of));
        parent.map_or(it, |parent| self.of(parent))
    }

    /// Whether a root of `from` goes to its place in `to`: because it has the name that is
    /// declared there, or because it is the only one and nothing is there yet.
    fn goes(&self, root: &Live, from: &Address, to: &Desired) -> bool {
        let place = place(&root.address, from, to);
        let declared = self
            .desired
            .iter()
            .find(|it| it.address == place && it.kind == root.kind);
        let has_its_name = declared.is_some_and(|it| it.spec["name"] == root.spec["name"]);
        let is_only = self
            .live
            .iter()
            .filter(|it| it.address == root.address)
            .count()
            == 1;
        has_its_name || (is_only && !self.is_there(&place))
    }
}

fn place(old: &Address, from: &Address, to: &Desired) -> Address {
    let below = old
        .segments()
        .get(from.segments().len()..)
        .unwrap_or_default();
    Address::new(to.address.segments().iter().chain(below).cloned())
}

fn renamed(live: Live, from: &Address, to: &Desired, moved: &mut Moved) -> Live {
    let place = |old: &Address| place(old, from, to);
    let address = place(&live.address);
    let name = match &live.parent {
        None => address.to_string(),
        Some(_) if live.address == *from => to.name.clone(),
        Some(_) => live.name,
    };
    if live.parent.is_none() {
        moved.insert(address.clone(), live.address);
    }
    let parent = live
        .parent
        .map(|it| if it.is_within(from) { place(&it) } else { it });
    Live {
        address,
        name,
        parent,
        ..live
    }
}
