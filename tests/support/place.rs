//! An empty account of one of the emulators, and the wire to it.

use super::{deviations, memory, wire::Wire};
use std::sync::Arc;
use wsctl::aws::{Aws, Credentials, Target, emulators_keys};

/// What stands in for AWS.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Emulator {
    MiniStack,
    Moto,
    Memory,
}

/// An account that no other test of this process has.
pub(crate) struct Place {
    pub(crate) emulator: Emulator,
    pub(crate) account: String,
    pub(crate) aws: Arc<Aws>,
    pub(crate) wire: Wire,
}

impl Place {
    pub(crate) async fn new(emulator: Emulator) -> Self {
        let account = super::account();
        let (wire, client) = match emulator {
            Emulator::Memory => Wire::over(memory::at_once(&account).await),
            _ => Wire::new(),
        };
        let endpoint = match emulator {
            Emulator::MiniStack => super::ministack().await,
            Emulator::Moto => super::moto().await,
            Emulator::Memory => "http://memory.invalid",
        };
        if deviations::wants_account_header(emulator) {
            wire.in_moto_account(&account);
        }
        wire.on(deviations::judge(emulator));
        let key = match emulator {
            Emulator::MiniStack => super::key(),
            _ => "test",
        };
        let target = Target {
            region: super::REGION.into(),
            endpoint_url: Some(endpoint.to_owned()),
            credentials: Credentials::Emulator(emulators_keys(&account, key)),
            http_client: Some(client),
            ..Target::default()
        };
        let aws = Arc::new(Aws::connect(target).await);
        Self {
            emulator,
            account,
            aws,
            wire,
        }
    }
}
