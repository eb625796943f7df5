//! Names that AWS gives once: what is to be made under a name that another resource of the stack has
//! would be refused in the middle of an apply, so it is refused here, with what to write. Pure.

use super::{Action, Desired, Step, not_ours, renamed::can_move, traits};
use crate::{
    error::{Error, ErrorKind, Result},
    owner::Owner,
    spec::{Live, Traits},
    value::Address,
};

/// Something that is to be made, and what has its name.
struct Taken<'a> {
    step: &'a Step,
    name: &'a str,
    /// Who has it.
    by: &'a Live,
    traits: &'a Traits,
}

/// Refuses what is to be made under a name that is still another's then: what is replaced or deleted
/// goes only after everything is made.
pub(super) fn check(
    steps: &[Step],
    all: &[Live],
    desired: &[Desired],
    kinds: &[Traits],
) -> Result<()> {
    let taken: Vec<_> = steps
        .iter()
        .filter_map(|step| taken(step, all, kinds))
        .collect();
    // A function's role and log group go the way of their function.
    let is_along = |it: &Taken<'_>| {
        taken.iter().any(|of| {
            let (step, by) = (&of.step.address, &of.by.address);
            *step != it.step.address
                && it.step.address.is_within(step)
                && it.by.address.is_within(by)
        })
    };
    let told: Vec<_> = taken.iter().filter(|it| !is_along(it)).collect();
    if told.is_empty() {
        return Ok(());
    }
    let messages: Vec<_> = told.iter().map(|it| it.message()).collect();
    let mut hints: Vec<_> = told.iter().map(|it| it.hint(desired)).collect();
    hints.dedup();
    Err(Error::of_lines(ErrorKind::Refused, messages).hints(hints))
}

fn taken<'a>(step: &'a Step, all: &'a [Live], kinds: &'a [Traits]) -> Option<Taken<'a>> {
    let traits = traits(kinds, step.kind);
    let is_made = matches!(step.action, Action::Create | Action::Replace);
    if !is_made || step.parent.is_some() || !traits.rename_on.contains(&"name") {
        return None;
    }
    let name = step.planned["name"].as_str()?;
    let is_same =
        |other: &str| other == name || (traits.caseless && other.eq_ignore_ascii_case(name));
    let is_itself = |it: &Live| it.owner == Owner::Ours && it.address == step.address;
    let has_it = |it: &&Live| {
        it.kind == step.kind && !is_itself(it) && it.spec["name"].as_str().is_some_and(is_same)
    };
    Some(Taken {
        step,
        name,
        by: all.iter().find(has_it)?,
        traits,
    })
}

impl Taken<'_> {
    fn message(&self) -> String {
        let Self {
            step,
            name,
            by,
            traits,
        } = self;
        if by.owner != Owner::Ours {
            return not_ours(by, traits).to_string();
        }
        format!(
            "{}: the {} `{name}` is {} of this stack",
            step.address, step.kind, by.address
        )
    }

    fn hint(&self, desired: &[Desired]) -> String {
        if self.by.owner != Owner::Ours {
            return not_ours(self.by, self.traits).hint.unwrap_or_default();
        }
        let (new, old) = (table(&self.step.address), table(&self.by.address));
        let is_declared = desired.iter().any(|it| it.address == old);
        let has_its_own = self.step.action == Action::Replace || new == old;
        let line = |table: &Address, from: &Address| {
            format!("moved_from = {:?} in [{table}]", from.to_string())
        };
        if !can_move(&new) || has_its_own && !is_declared {
            format!("AWS gives a name once: choose another for {new}, or apply without {old} first")
        } else if is_declared {
            format!(
                "if the tables changed places, write {} and {}; otherwise choose another name",
                line(&new, &old),
                line(&old, &new)
            )
        } else {
            format!("to keep what is there, write {}", line(&new, &old))
        }
    }
}

/// The table that declares what is at `address`.
fn table(address: &Address) -> Address {
    Address::new(address.segments().iter().take(2).cloned())
}
