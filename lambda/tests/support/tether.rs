//! Starting programs that end with this process.

use std::{
    process::{Child, Command},
    sync::{
        OnceLock,
        mpsc::{Sender, channel},
    },
    thread,
};

type Order = (Command, Sender<std::io::Result<Child>>);

/// Starts a program from a thread that lives as long as this process: the kernel's parent-death
/// signal, which `setpriv --pdeathsig` asks for, is sent when the *thread* ends.
pub(crate) fn spawn(command: Command) -> Child {
    static SPAWNER: OnceLock<Sender<Order>> = OnceLock::new();
    let spawner = SPAWNER.get_or_init(|| {
        let (orders, inbox) = channel::<Order>();
        thread::spawn(move || {
            for (mut command, reply) in inbox {
                reply.send(command.spawn()).unwrap();
            }
        });
        orders
    });
    let (reply, started) = channel();
    spawner.send((command, reply)).unwrap();
    started.recv().unwrap().unwrap()
}

/// Sends a signal such as `TERM`.
pub(crate) fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .args(["-s", name, &child.id().to_string()])
        .status()
        .unwrap();
    assert!(status.success(), "signal {name}");
}
