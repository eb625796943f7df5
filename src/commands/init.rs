//! `wsctl init`: a commented stack.toml to start from, and the function that it packs.

use super::{fmt, print, tell};
use crate::{
    aws,
    cli::{Global, InitArgs, Template, typed},
    error::{Context, Error, ErrorKind, Result},
    plain::plain,
    stack::{Inputs, Stack},
};
use std::{
    fs::{self, OpenOptions},
    io::{IsTerminal, Write},
    path::{Path, PathBuf},
};

/// What is asked, with what stands for it in a template.
struct Answers {
    name: String,
    region: String,
    /// The page that calls the API.
    origin: String,
}

const REGION: &str = "eu-west-1";
const ORIGIN: &str = "http://localhost:3000";
const FUNCTION: &str = "function/index.mjs";

impl Template {
    fn text(self) -> &'static str {
        match self {
            Self::Workshop => include_str!("init/workshop.toml"),
            Self::PublicRead => include_str!("init/public-read.toml"),
            Self::MachineToMachine => include_str!("init/machine-to-machine.toml"),
            Self::Node => include_str!("init/node.toml"),
            Self::Attach => include_str!("init/attach.toml"),
        }
    }

    /// The files that its stack.toml names, by their paths beside it.
    fn files(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::Attach => &[],
            _ => &[(FUNCTION, include_str!("init/index.mjs"))],
        }
    }
}

pub(super) async fn run(global: &Global, args: &InitArgs) -> Result<u8> {
    let file = global.typed_file();
    let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
    let files = args.from.files().iter();
    let mut made: Vec<(PathBuf, &str)> = files
        .map(|(path, text)| (folder.join(path), *text))
        .collect();
    for path in [&file].into_iter().chain(made.iter().map(|it| &it.0)) {
        if path.symlink_metadata().is_ok() {
            return Err(there(path));
        }
    }
    let answers = answers(global, args, &folder).await?;
    let text = answers.filled(args.from.text());
    check(&file, &text)?;
    let text = fmt::formatted(&file.display().to_string(), &text)?;
    made.insert(0, (file.clone(), &text));
    for (path, text) in &made {
        write(path, text)?;
        print(&format!("wrote {}\n", path.display()))?;
    }
    let next = match args.from {
        Template::Attach => "write your API's and function's names into it, then: wsctl plan",
        _ => "next: wsctl apply --sandbox (on this machine, without an account), or wsctl plan",
    };
    tell(&format!("hint: {next}"));
    Ok(0)
}

fn there(path: &Path) -> Error {
    let path = path.display();
    Error::input(format!("{path} is there already; nothing was written"))
        .hint("go to an empty folder, or name another file with --file")
}

/// What was given; the rest is asked, or taken for granted with `--yes`.
async fn answers(global: &Global, args: &InitArgs, folder: &Path) -> Result<Answers> {
    let template = typed(&args.from);
    let name = global.stack_name.clone();
    let region = match &global.region {
        Some(region) => region.clone(),
        None => aws::default_region(global.profile.as_deref())
            .await
            .unwrap_or_else(|| REGION.to_owned()),
    };
    let usual_name = name.clone().unwrap_or_else(|| of_folder(folder, &template));
    if args.yes {
        return Ok(Answers {
            name: usual_name,
            region,
            origin: args.origin.clone().unwrap_or_else(|| ORIGIN.to_owned()),
        });
    }
    if !std::io::stdin().is_terminal() {
        return Err(Error::refused("there is no terminal to ask on").hint(
            "add --yes to take what is usual; --stack-name, --region and --origin say otherwise",
        ));
    }
    let ask_unless = |given: Option<String>, question: &str, usual: &str| match given {
        Some(given) => Ok(given),
        None => ask(question, usual),
    };
    Ok(Answers {
        name: ask_unless(name, "The stack's name", &usual_name)?,
        region: ask_unless(global.region.clone(), "The region", &region)?,
        origin: ask_unless(args.origin.clone(), "The page that calls the API", ORIGIN)?,
    })
}

/// The folder's name, where a stack can have it.
pub(super) fn of_folder(folder: &Path, otherwise: &str) -> String {
    let whole = fs::canonicalize(if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    });
    let name = whole
        .ok()
        .and_then(|it| Some(it.file_name()?.to_str()?.to_lowercase()));
    let is_name = |it: &String| {
        let is_well = |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit();
        it.len() <= 20
            && it.starts_with(|letter: char| letter.is_ascii_lowercase())
            && !it.ends_with('-')
            && it.chars().all(|letter| is_well(letter) || letter == '-')
            // A domain's prefix may not have them.
            && !["aws", "amazon", "cognito"].iter().any(|word| it.contains(word))
    };
    name.filter(is_name).unwrap_or_else(|| otherwise.to_owned())
}

fn ask(question: &str, usual: &str) -> Result<String> {
    let _ = write!(anstream::stderr(), "{question} [{}]: ", plain(usual));
    let _ = std::io::stderr().flush();
    let mut answer = String::new();
    let read = std::io::stdin()
        .read_line(&mut answer)
        .context(ErrorKind::Input, "the terminal cannot be read")?;
    if read == 0 {
        return Err(Error::refused(
            "nothing was written: the questions were not answered",
        ));
    }
    Ok(match answer.trim() {
        "" => usual.to_owned(),
        answer => answer.to_owned(),
    })
}

impl Answers {
    fn filled(&self, template: &str) -> String {
        let origin = self.origin.trim_end_matches('/');
        [
            ("@name@", self.name.as_str()),
            ("@region@", &self.region),
            ("@origin@", origin),
        ]
        .into_iter()
        .fold(template.to_owned(), |text, (word, value)| {
            text.replace(word, &escaped(value))
        })
    }
}

/// As it stands between the quotes of a TOML string.
fn escaped(text: &str) -> String {
    // A text in JSON is one in TOML too.
    let quoted = serde_json::Value::from(text.replace("${", "$${")).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// An answer that no stack.toml can have is told before anything is written.
fn check(file: &Path, text: &str) -> Result<()> {
    let inputs = Inputs::default();
    let read = Stack::parse(&file.display().to_string(), text, &inputs);
    read.map(drop).map_err(|error| {
        let lines = error
            .mistakes
            .iter()
            .map(|it| format!("{}: {}", it.key, it.message));
        let told = Error::of_lines(
            ErrorKind::Usage,
            ["nothing was written, since this would be no stack.toml:".to_owned()]
                .into_iter()
                .chain(lines),
        );
        told.hint("answer otherwise: --stack-name, --region, --origin")
    })
}

/// Writes a file that is not there yet.
fn write(path: &Path, text: &str) -> Result<()> {
    let cannot = || format!("{} cannot be written", path.display());
    if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        fs::create_dir_all(folder).context(ErrorKind::Input, cannot())?;
    }
    let opened = OpenOptions::new().write(true).create_new(true).open(path);
    let mut opened = opened.context(ErrorKind::Input, cannot())?;
    opened
        .write_all(text.as_bytes())
        .context(ErrorKind::Input, cannot())
}

#[cfg(test)]
mod tests {
    use super::*;
    use clap::ValueEnum;

    #[test]
    fn every_template_is_a_stack_whatever_its_page_is() {
        for template in Template::value_variants() {
            for origin in ["http://localhost:3000", "https://example.com/"] {
                let answers = Answers {
                    name: "my-stack".into(),
                    region: "eu-west-1".into(),
                    origin: origin.into(),
                };
                let text = answers.filled(template.text());
                assert!(!text.contains('@'), "{text}");
                check(Path::new("stack.toml"), &text).unwrap_or_else(|error| panic!("{error}"));
            }
        }
    }

    #[test]
    fn an_answer_that_no_file_can_have_is_told() {
        let answers = Answers {
            name: "a \"b\\".into(),
            region: "eu-west-1".into(),
            origin: ORIGIN.into(),
        };
        let error = check(
            Path::new("stack.toml"),
            &answers.filled(Template::Node.text()),
        );
        let error = error.unwrap_err();
        assert_eq!(error.kind, ErrorKind::Usage);
        assert!(error.message.contains("stack.name: "), "{error}");
    }
}
