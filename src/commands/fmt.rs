//! `wsctl fmt`: stack.toml in one form, its comments kept.

use super::{print, print_json, session::read, write_stdout};
use crate::{
    bounded,
    cli::{FmtArgs, Global},
    error::{Context, Error, ErrorKind, Result},
    stack,
};
use serde_json::json;
use std::{fs, io::Read, path::Path};
use taplo::formatter::{Options, format};

/// What stands for stdin.
const STDIN: &str = "-";

/// Exit code 2 with `--check` where the file is not in order.
pub(super) fn run(global: &Global, args: &FmtArgs) -> Result<u8> {
    let is_stdin = args.file.as_deref() == Some(Path::new(STDIN));
    let file = args.file.as_ref().unwrap_or(&global.file);
    let (name, bytes) = match is_stdin {
        true => ("stdin".to_owned(), from_stdin()?),
        false => (file.display().to_string(), read(file, MISSING)?),
    };
    let text = stack::text(&name, &bytes)?;
    let formatted = formatted(&name, text)?;
    let is_well = formatted == text;
    if args.check {
        let (word, code) = if is_well { ("is", 0) } else { ("is not", 2) };
        match global.json {
            true => print_json(&json!({ "file": name, "formatted": is_well }))?,
            false => print(&format!("{name} {word} in order\n")).map(|()| 0)?,
        };
        return Ok(code);
    }
    if is_stdin {
        return write_stdout(formatted.as_bytes());
    }
    if !is_well {
        replace(file, &formatted)?;
    }
    match global.json {
        true => print_json(&json!({ "file": name, "changed": !is_well })),
        false if is_well => print(&format!("{name} is in order already\n")).map(|()| 0),
        false => print(&format!("{name} is in order now\n")).map(|()| 0),
    }
}

const MISSING: &str = "name the file, or - for stdin; wsctl init writes one";

fn from_stdin() -> Result<Vec<u8>> {
    let mut bytes = vec![];
    let read = std::io::stdin()
        .take(stack::LARGEST + 1)
        .read_to_end(&mut bytes);
    read.context(ErrorKind::Input, "stdin cannot be read")?;
    Ok(bytes)
}

/// The text in order: the same values and comments.
pub(super) fn formatted(name: &str, text: &str) -> Result<String> {
    let before = stack::tree(name, text)?;
    let options = Options {
        align_comments: true,
        array_auto_expand: false,
        allowed_blank_lines: 1,
        array_auto_collapse: false,
        column_width: 120,
        indent_string: " ".repeat(4),
        ..Options::default()
    };
    let formatted = format(text, options);
    let is_same = stack::tree(name, &formatted).is_ok_and(|after| after == before);
    match is_same {
        true => Ok(formatted),
        false => Err(Error::internal(format!(
            "{name}: it would not say the same any more"
        ))),
    }
}

/// Moves a new file over the old one, which may be a link to it: half a file is never there.
fn replace(file: &Path, text: &str) -> Result<()> {
    let cannot = || format!("{} cannot be written", file.display());
    let target = fs::canonicalize(file).context(ErrorKind::Input, cannot())?;
    let permissions = fs::metadata(&target).map(|it| it.permissions());
    permissions
        .and_then(|it| bounded::replace(&target, text.as_bytes(), it))
        .context(ErrorKind::Input, cannot())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn comments_stay_and_the_second_time_nothing_changes() {
        let text = "# One\n[stack]   # two\nname='a'\n\n\n\nregion   = \"eu-west-1\" # three\n";
        let once = formatted("a", text).unwrap();
        for part in ["# One\n", "# two\n", "# three\n", "name = 'a'\n"] {
            assert!(once.contains(part), "{once}");
        }
        assert_eq!(formatted("a", &once).unwrap(), once);
    }

    #[test]
    fn our_own_file_is_in_order() {
        let text = include_str!("../../stack.toml");
        assert_eq!(formatted("stack.toml", text).unwrap(), text);
    }

    proptest! {
        #[test]
        fn what_is_no_toml_is_refused_and_what_is_says_the_same(text in "[a-c=\\[\\]{}#\" \n.,1]{0,40}") {
            match stack::tree("a", &text) {
                Ok(_) => {
                    let once = formatted("a", &text).unwrap();
                    prop_assert_eq!(formatted("a", &once).unwrap(), once);
                }
                Err(_) => prop_assert!(formatted("a", &text).is_err()),
            }
        }
    }
}
