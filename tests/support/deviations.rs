//! Where the emulators do otherwise than AWS, and how the tests step around it. wsctl itself
//! knows of none of this.

mod cognito;
mod gateway;

use super::{
    place::Emulator,
    wire::{Asked, Verdict},
};

/// One difference from AWS.
pub(crate) struct Deviation {
    of: Emulator,
    /// What it does otherwise.
    #[expect(dead_code, reason = "for the reader: why the entry is there")]
    what: &'static str,
    around: Around,
}

/// How it is stepped around.
enum Around {
    /// In every account, requests are answered or changed on the wire.
    Wire(fn() -> Stub),
    /// tests/contract.rs leaves these fields out of what it changes of a kind.
    Unchanged(&'static str, &'static [&'static str]),
    /// tests/contract.rs does not look for one that is not declared.
    Undeclared(&'static str),
}

/// Decides some requests of one account.
type Stub = Box<dyn FnMut(&Asked) -> Option<Verdict> + Send>;

const DEVIATIONS: &[Deviation] = &[
    Deviation {
        of: Emulator::Moto,
        what: "has no managed login branding",
        around: Around::Wire(cognito::branding),
    },
    Deviation {
        of: Emulator::Moto,
        what: "forgets a domain's managed login version",
        around: Around::Wire(cognito::managed_login_version),
    },
    Deviation {
        of: Emulator::Moto,
        what: "forgets what only CreateUserPool sets at the first UpdateUserPool",
        around: Around::Wire(cognito::fixed_fields),
    },
    Deviation {
        of: Emulator::Moto,
        what: "forgets the stage's description in CreateDeployment",
        around: Around::Wire(gateway::stage_description),
    },
];

/// Decides every request of one account: the first stub with an opinion does.
pub(super) fn judge(emulator: Emulator) -> impl FnMut(&Asked) -> Verdict + Send + 'static {
    let mut stubs: Vec<_> = of(emulator)
        .filter_map(|it| match it.around {
            Around::Wire(stub) => Some(stub()),
            _ => None,
        })
        .collect();
    move |asked| stubs.iter_mut().find_map(|stub| stub(asked)).unwrap_or(Verdict::Pass)
}

/// The fields of a kind that the emulator cannot change.
pub(crate) fn unchanged(emulator: Emulator, kind: &str) -> Vec<&'static str> {
    let fields = of(emulator).filter_map(|it| match it.around {
        Around::Unchanged(of, fields) if of == kind => Some(fields),
        _ => None,
    });
    fields.flatten().copied().collect()
}

/// Whether the emulator tells of a resource that is not declared.
pub(crate) fn tells_undeclared(emulator: Emulator, kind: &str) -> bool {
    !of(emulator).any(|it| matches!(it.around, Around::Undeclared(of) if of == kind))
}

fn of(emulator: Emulator) -> impl Iterator<Item = &'static Deviation> {
    DEVIATIONS.iter().filter(move |it| it.of == emulator)
}
