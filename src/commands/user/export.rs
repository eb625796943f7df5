//! `wsctl user export`: all users of a pool, as a list.

use super::{Desk, list};
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
        // Asked before all users are read.
        let mut file = args.output.as_deref().map(new_file).transpose()?;
        let everybody = users.everybody().await?;
        let format = list::format(args.format, args.output.as_deref());
        let text = list::write(&everybody, format)?;
        let Some((file, path)) = file.as_mut().zip(args.output.as_deref()) else {
            return print(&text).map(|()| 0);
        };
        let unwritten = || format!("{} cannot be written", path.display());
        file.write_all(text.as_bytes())
            .context(ErrorKind::Input, unwritten())?;
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
    made.map_err(|error| {
        let is_there = error.kind() == IoKind::AlreadyExists;
        let error = Error::input(format!("{} cannot be made", path.display())).source(error);
        match is_there {
            true => error.hint("name a file that is not there yet, or move that one away"),
            false => error,
        }
    })
}
