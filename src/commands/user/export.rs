//! `wsctl user export`: all users of a pool, as a list.

use super::{Desk, list, named};
use crate::{
    cli::user::ExportArgs,
    commands::{print, tell},
    error::{Context, Error, ErrorKind, Result},
    identity::Users,
};
use std::{
    fs::OpenOptions,
    io::{ErrorKind as IoKind, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

impl Desk<'_> {
    pub(super) async fn export(&self, args: &ExportArgs) -> Result<u8> {
        let users = Users {
            aws: &self.session.aws,
            pool_id: args.pool.as_deref().unwrap_or(&self.pool.id),
        };
        // Told before all users are read; made after, so that no empty file is left where that fails.
        if let Some(path) = args.output.as_deref().filter(|it| it.exists()) {
            return Err(not_new(path));
        }
        let everybody = named(users.pool_id, users.everybody().await)?;
        let format = list::format(args.format, args.output.as_deref());
        let text = list::write(&everybody, format)?;
        let Some(path) = args.output.as_deref() else {
            return print(&text).map(|()| 0);
        };
        new_file(path)?.write_all(text.as_bytes()).context(
            ErrorKind::Input,
            format!("{} cannot be written", path.display()),
        )?;
        let count = everybody.len();
        tell(&format!(
            "{count} users are in {}; passwords and second factors are not: nobody can read them",
            path.display()
        ));
        Ok(0)
    }
}

/// A new file that only its owner can read: all that is known of people is in it.
fn new_file(path: &Path) -> Result<std::fs::File> {
    let made = OpenOptions::new()
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path);
    made.map_err(|error| match error.kind() {
        IoKind::AlreadyExists => not_new(path),
        _ => Error::input(format!("{} cannot be made", path.display())).source(error),
    })
}

fn not_new(path: &Path) -> Error {
    Error::input(format!("{} is there already", path.display()))
        .hint("name a file that is not there yet, or move that one away")
}
