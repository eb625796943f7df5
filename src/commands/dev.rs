//! `wsctl dev`: the stack in the sandbox as the files are, from one save to the next, with what the functions
//! write.

use super::{
    change::Change,
    clock::now,
    confirm::interrupts,
    logs,
    outputs::{self, There, front_end},
    print, say,
    session::{Session, load},
    tell_error,
};
use crate::{
    bounded,
    cli::{DevArgs, Global, Waiting},
    engine::{Done, Goal, Proof},
    error::{Context, Error, ErrorKind, Result},
    identity::Log,
    stack::{File, Program},
};
use ignore::WalkBuilder;
use std::{
    collections::BTreeMap,
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    sync::OnceLock,
    time::{Duration, SystemTime},
};

/// How often it is looked whether something was saved, and how long nothing has to change before it is
/// believed to be whole: an editor writes several files.
const LOOK: Duration = Duration::from_millis(200);

/// How often the functions' logs are read.
const READ: Duration = Duration::from_secs(1);

/// What is never a source: it would change with every build.
const NEVER: [&str; 5] = [".git", ".wsctl", "target", "node_modules", "__pycache__"];

/// More than these are hardly one's own sources.
const MOST: usize = 10_000;

/// The files that decide what is served, each with its time and size.
type Seen = BTreeMap<PathBuf, (SystemTime, u64)>;

pub(super) async fn run(global: &Global, args: &DevArgs) -> Result<u8> {
    if !global.sandbox {
        return Err(Error::usage("dev works on the sandbox alone")
            .hint("leave out what names another place; wsctl apply is for AWS"));
    }
    Box::pin(watch(global, args)).await?;
    say("the sandbox runs on; wsctl sandbox stop ends it");
    Ok(0)
}

/// Until Ctrl-C, which is its usual end. What is under way then is waited for, as in an apply.
async fn watch(global: &Global, args: &DevArgs) -> Result<()> {
    let mut sources = Sources::default();
    let mut served: Option<Seen> = None;
    let mut session: Option<Session> = None;
    let mut written = now() * 1000;
    let mut since_read = READ;
    while pause().await {
        let seen = sources.look(global);
        if served.as_ref() != Some(&seen) {
            if !pause().await || sources.look(global) != seen {
                continue;
            }
            let saved = latest_change(served.as_ref(), &seen);
            served = Some(seen);
            match serve(global, args).await {
                Ok(now_served) => {
                    let took = saved.and_then(|it| it.elapsed().ok());
                    tell_served(took, session.is_none());
                    session = Some(now_served);
                }
                // What is wrong is mended by the next save.
                Err(error) if error.kind == ErrorKind::Interrupted => return Err(error),
                Err(error) => tell_error(&error),
            }
        }
        since_read += LOOK;
        if let Some(session) = session.as_ref().filter(|_| since_read >= READ) {
            since_read = Duration::ZERO;
            written = tell_logs(session, written).await?;
        }
    }
    Ok(())
}

/// Waits until it is time to look again; no after Ctrl-C.
async fn pause() -> bool {
    let mut stops = interrupts();
    tokio::select! {
        () = tokio::time::sleep(LOOK) => true,
        Ok(_) = stops.wait_for(|is_so| *is_so) => false,
    }
}

/// Seconds from the save until everything answers as the files are.
fn tell_served(took: Option<Duration>, is_first: bool) {
    match took.filter(|_| !is_first) {
        Some(took) => say(&format!(
            "served {:.1} s after the save",
            took.as_secs_f64()
        )),
        None => say("served; watching the files (Ctrl-C ends it)"),
    }
}

/// Builds what changed and applies it.
async fn serve(global: &Global, args: &DevArgs) -> Result<Session> {
    let loaded = load(global)?;
    let packages = loaded.packages(&args.building)?;
    let session = loaded.connect(global).await?.with_packages(packages);
    let change = Change {
        session: &session,
        question: ("Apply this plan?", "yes"),
        consent: &args.consent,
        replaceable: &args.allow_replace,
        is_saved: false,
        is_shown: !global.json,
        proof: Proof::Read,
        began: OnceLock::new(),
    };
    let done = change
        .carry_out(Goal::Declared, &Waiting::default(), None)
        .await?;
    let Done {
        proposal, report, ..
    } = done;
    super::apply::finish(&report)?;
    if let Some(folder) = &args.spa {
        let there = There::applied(&session, &proposal.observed, &report);
        let outputs = outputs::collect(&session, &proposal.observed.stack, &there);
        let config = front_end::oidc(&there, &outputs, args.client.as_deref())?;
        let path = folder.join("config.json");
        let cannot = || format!("{}: cannot be written", path.display());
        let text = format!("{config:#}\n");
        // A link there, in a folder that was cloned, is not followed.
        bounded::replace(&path, text.as_bytes(), Permissions::from_mode(0o644))
            .context(ErrorKind::Input, cannot())?;
    }
    Ok(session)
}

/// Prints what the functions wrote since then, in milliseconds since 1970; the time to go on from.
async fn tell_logs(session: &Session, since: i64) -> Result<i64> {
    let mut last = since;
    for (key, function) in &session.stack.file.functions {
        let group = format!("/aws/lambda/{}", function.settings.name);
        // Just behind the last line: each is told once.
        let mut log = Log::new(&session.aws, &group, None, since + 1);
        for line in log.new_lines().await? {
            last = last.max(line.time);
            let text = logs::shown(&line, &format!("{key}  "));
            print(&format!("{text}\n"))?;
        }
    }
    Ok(last)
}

/// Of what was saved since, the moment of the last save; nothing where nothing was seen before.
fn latest_change(before: Option<&Seen>, now: &Seen) -> Option<SystemTime> {
    let before = before?;
    let changed = now.iter().filter(|it| before.get(it.0) != Some(it.1));
    changed.map(|it| it.1.0).max()
}

/// What is watched: stack.toml, the files of variables, what stack.toml names, and the programs of the functions.
#[derive(Default)]
struct Sources {
    /// The files that say which others there are, as they were when they were read.
    files: Seen,
    others: Vec<PathBuf>,
}

impl Sources {
    fn look(&mut self, global: &Global) -> Seen {
        let mut seen = Seen::new();
        let files = [&global.file].into_iter().chain(&global.variable_files);
        files.for_each(|it| note(&mut seen, it));
        if self.files != seen {
            // While something is wrong it is tried again: any of the files may mend it.
            if let Ok(loaded) = load(global) {
                self.files = seen.clone();
                let folder = global.file.parent().unwrap_or(Path::new(""));
                let programs = programs(&loaded.stack.file);
                let programs = programs.map(|it| folder.join(it));
                self.others = programs.chain(loaded.named).collect();
            }
        }
        self.others.iter().for_each(|it| note_all(&mut seen, it));
        seen
    }
}

fn programs(file: &File) -> impl Iterator<Item = &str> {
    let programs = file.functions.values().filter_map(|it| it.program());
    programs.map(|it| match it {
        Program::Crate(path) | Program::Folder(path) | Program::File(path) | Program::Zip(path) => {
            path
        }
    })
}

fn note(seen: &mut Seen, path: &Path) {
    if let Ok(there) = fs::metadata(path)
        && let Ok(time) = there.modified()
    {
        seen.insert(path.to_owned(), (time, there.len()));
    }
}

/// A file, or every source in a folder.
fn note_all(seen: &mut Seen, path: &Path) {
    let is_source = |entry: &ignore::DirEntry| {
        let name = entry.file_name().to_str();
        !name.is_some_and(|it| NEVER.contains(&it))
    };
    let walk = WalkBuilder::new(path)
        .hidden(false)
        .require_git(false)
        .filter_entry(is_source)
        .build();
    let files = walk
        .flatten()
        .filter(|it| it.file_type().is_some_and(|it| it.is_file()));
    files.take(MOST).for_each(|it| note(seen, it.path()));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_built_is_no_source_and_the_last_save_counts() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in ["src", "target", "node_modules"] {
            fs::create_dir(at(name)).unwrap();
        }
        for name in ["src/a.rs", "target/b", "node_modules/c", "ignored"] {
            fs::write(at(name), "1").unwrap();
        }
        fs::write(at(".gitignore"), "ignored\n").unwrap();
        let look = || {
            let mut seen = Seen::new();
            note_all(&mut seen, folder.path());
            seen
        };
        let before = look();
        let names: Vec<_> = before.keys().filter_map(|it| it.file_name()).collect();
        assert_eq!(names, [".gitignore", "a.rs"]);
        assert_eq!(latest_change(None, &before), None);
        fs::write(at("src/a.rs"), "22").unwrap();
        let after = look();
        assert_ne!(before, after);
        let saved = fs::metadata(at("src/a.rs")).unwrap().modified().unwrap();
        assert_eq!(latest_change(Some(&before), &after), Some(saved));
    }
}
