//! Every block of code in README.md, CONTRIBUTING.md, docs/ and the examples' READMEs: what is shown as
//! typed at a terminal is typed at one, in order, and answers as shown; whatever else names wsctl can be
//! typed. docs/tour.md goes on where README.md stops.

use crate::support::sandbox::{Sandbox, installed_postgres};
use clap::Parser;
use rexpect::session::{PtySession, spawn_command};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};
use wsctl::{
    cli::Cli,
    graph::Graph,
    stack::{Inputs, Stack},
};

/// What a reader of the tour types where a password is asked for.
const PASSWORD: &str = "Workshop-2026";
/// A line that stands for any lines.
const ANY_LINES: &str = "…";

/// A fenced block.
struct Block {
    file: PathBuf,
    language: String,
    lines: Vec<String>,
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every text that a user reads, README.md first.
fn texts() -> Vec<PathBuf> {
    let mut found = vec![root().join("README.md"), root().join("CONTRIBUTING.md")];
    let mut folders = vec![root().join("docs"), root().join("examples")];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<_> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        entries.sort();
        for path in entries
            .into_iter()
            .filter(|path| !path.ends_with("node_modules"))
        {
            match path.is_dir() {
                true => folders.push(path),
                false if path.extension().is_some_and(|it| it == "md") => found.push(path),
                false => {}
            }
        }
    }
    found
}

fn blocks() -> Vec<Block> {
    let mut blocks = vec![];
    for file in texts() {
        let text = fs::read_to_string(&file).unwrap();
        let mut open: Option<Block> = None;
        for line in text.lines() {
            match (line.trim_start().strip_prefix("```"), &mut open) {
                (Some(_), Some(_)) => blocks.extend(open.take()),
                (Some(language), None) => {
                    let (file, language) = (file.clone(), language.trim().to_owned());
                    open = Some(Block {
                        file,
                        language,
                        lines: vec![],
                    });
                }
                (None, Some(block)) => block.lines.push(line.to_owned()),
                (None, None) => {}
            }
        }
        assert!(open.is_none(), "{}: a block is not closed", file.display());
    }
    blocks
}

/// A command of a console block, and what it answers.
struct Step {
    command: String,
    answer: Vec<String>,
}

fn steps(block: &Block) -> Vec<Step> {
    let mut steps: Vec<Step> = vec![];
    for line in &block.lines {
        match (line.strip_prefix("$ "), steps.last_mut()) {
            (Some(command), _) => steps.push(Step {
                command: command.to_owned(),
                answer: vec![],
            }),
            (None, Some(step)) => step.answer.push(line.clone()),
            (None, None) => panic!("{}: {line:?} answers nothing", block.file.display()),
        }
    }
    steps
}

/// A shell in the folder of a stack.toml, with a wsctl.
struct Shell {
    sandbox: Sandbox,
    /// Where the API is now; the block shows where it was once.
    api_url: Option<String>,
}

impl Shell {
    fn command(&self, command: &str) -> Command {
        let mut shell = Command::new("sh");
        let programs = Path::new(env!("CARGO_BIN_EXE_wsctl")).parent().unwrap();
        let path = std::env::var("PATH").unwrap();
        shell
            .env("PATH", format!("{}:{path}", programs.display()))
            .env("NO_COLOR", "1");
        shell.env("WSCTL_POSTGRES", installed_postgres());
        shell
            .args(["-c", &format!("{command} 2>&1")])
            .current_dir(self.sandbox.folder());
        shell
    }

    fn run(&mut self, step: &Step) -> Vec<String> {
        let command = self.here(&step.command);
        let said = match step.answer.iter().any(|line| is_prompt(line)) {
            true => self.answered(&command, step),
            false => {
                let output = self
                    .command(&command)
                    .stdin(Stdio::null())
                    .output()
                    .unwrap();
                String::from_utf8(output.stdout).unwrap()
            }
        };
        let line = said.lines().find_map(|line| line.strip_prefix("api_url"));
        self.api_url = line
            .and_then(|it| it.split_once("= "))
            .map(|it| it.1.to_owned())
            .or(self.api_url.take());
        said.lines()
            .map(|line| line.trim_end().to_owned())
            .collect()
    }

    /// The command with the API where it is now.
    fn here(&self, command: &str) -> String {
        match (command.find("http://127.0.0.1:"), &self.api_url) {
            (Some(start), Some(url)) => {
                let (_, path) = command.split_once("/_user_request_").unwrap();
                format!("{}{url}{path}", &command[..start])
            }
            _ => command.to_owned(),
        }
    }

    /// At a terminal, which passwords are asked on.
    fn answered(&self, command: &str, step: &Step) -> String {
        let mut session: PtySession = spawn_command(self.command(command), Some(60_000)).unwrap();
        let mut said = String::new();
        for prompt in step.answer.iter().filter(|line| is_prompt(line)) {
            said += session.exp_string(prompt).unwrap().trim_start();
            said += &format!("{prompt}\n");
            session.send_line(PASSWORD).unwrap();
        }
        said += session.exp_eof().unwrap().trim_start();
        said.replace('\r', "")
    }
}

fn is_prompt(line: &str) -> bool {
    line.starts_with("Password") && line.ends_with(':')
}

/// A line without what is otherwise in every run: ids, ports, process numbers and times. The order in
/// which steps of a plan end is one of those.
fn normal(line: &str) -> String {
    let line = after(line, "http://127.0.0.1:", |it| it.is_ascii_digit(), "PORT");
    let line = after(&line, "/restapis/", |it| it.is_ascii_alphanumeric(), "ID");
    let line = after(
        &line,
        "ap-southeast-1_",
        |it| it.is_ascii_alphanumeric(),
        "ID",
    );
    let line = after(&line, "(process ", |it| it.is_ascii_digit(), "N");
    let line = after(&line, "client_id=", |it| it.is_ascii_alphanumeric(), "ID");
    let line = match line.split_once(" = ") {
        Some((name, _)) if name.starts_with("client_id_") || name.starts_with("api_id") => {
            format!("{name} = ID")
        }
        _ => line,
    };
    let line = match line
        .split_once(" in ")
        .map(|(what, took)| (what, took.split_once(' ')))
    {
        Some((what, Some((number, unit)))) if number.parse::<f64>().is_ok() => {
            format!("{what} in T {unit}")
        }
        _ => line,
    };
    match line
        .split_once("] + ")
        .map(|(_, what)| what.split_once(' '))
    {
        Some(Some((_, rest))) if line.starts_with('[') => format!("[N] + ADDRESS {rest}"),
        _ => line,
    }
}

/// The line with a word in place of what stands behind each `mark`.
fn after(line: &str, mark: &str, is_part: impl Fn(char) -> bool, word: &str) -> String {
    let mut parts = line.split(mark);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |text, part| {
        let rest = part.trim_start_matches(&is_part);
        let word = if rest.len() < part.len() { word } else { "" };
        format!("{text}{mark}{word}{rest}")
    })
}

/// Whether these lines are those that are shown, with any at all where `…` stands.
fn is_as_shown(shown: &[String], said: &[String]) -> bool {
    match shown.split_first() {
        None => said.is_empty(),
        Some((first, rest)) if first == ANY_LINES => {
            (0..=said.len()).any(|skip| is_as_shown(rest, &said[skip..]))
        }
        Some((first, rest)) => said
            .split_first()
            .is_some_and(|(line, left)| line == first && is_as_shown(rest, left)),
    }
}

#[test]
fn what_is_shown_at_a_terminal_is_what_comes_of_it() {
    let mut shell = Shell {
        sandbox: Sandbox::new(),
        api_url: None,
    };
    // What the first start of a machine says besides.
    assert_eq!(shell.sandbox.run(&["sandbox", "start"]).code, 0);
    assert_eq!(shell.sandbox.run(&["sandbox", "stop"]).code, 0);
    let mut faults = vec![];
    let blocks = blocks()
        .into_iter()
        .filter(|block| block.language == "console");
    let steps: Vec<_> = blocks.flat_map(|block| steps(&block)).collect();
    assert!(steps.len() >= 10, "{}", steps.len());
    for step in steps {
        let said = shell.run(&step);
        let normal = |lines: &[String]| lines.iter().map(|line| normal(line)).collect::<Vec<_>>();
        if !is_as_shown(&normal(&step.answer), &normal(&said)) {
            let (shown, said) = (normal(&step.answer).join("\n"), normal(&said).join("\n"));
            faults.push(format!(
                "$ {}\n--- shown\n{shown}\n--- said\n{said}\n",
                step.command
            ));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The arguments of every wsctl in a line of a script, `cargo run --` being one too.
fn arguments(line: &str) -> Option<Vec<String>> {
    let line = line.replace("cargo run -- ", "wsctl ");
    let code = line
        .split(" #")
        .next()
        .unwrap_or_default()
        .split(" > ")
        .next()
        .unwrap_or_default();
    let words = shlex::split(code)?;
    (words.first()? == "wsctl").then_some(words)
}

#[test]
fn every_other_block_is_what_wsctl_takes_and_draws() {
    let (mut typed, mut drawn) = (0, 0);
    for Block {
        file,
        language,
        lines,
    } in blocks()
    {
        let file = file.display();
        let text: String = lines.iter().map(|line| format!("{line}\n")).collect();
        match language.as_str() {
            "console" => {}
            "sh" => {
                for arguments in lines.iter().filter_map(|line| arguments(line)) {
                    typed += 1;
                    Cli::try_parse_from(&arguments)
                        .unwrap_or_else(|error| panic!("{file}: {arguments:?}: {error}"));
                }
            }
            "toml" => {
                typed += 1;
                let stack = Stack::parse("the block", &text, &Inputs::default());
                stack.unwrap_or_else(|error| panic!("{file}: {error}"));
            }
            "mermaid" => {
                drawn += 1;
                let stack = include_str!("../../../stack.toml");
                let stack = Stack::parse("stack.toml", stack, &Inputs::default()).unwrap();
                assert_eq!(
                    Graph::of(&stack.desired, None, false).mermaid(),
                    text,
                    "{file}"
                );
            }
            other => panic!("{file}: a block of {other:?} is checked by nothing"),
        }
    }
    assert!(typed >= 4 && drawn == 1, "{typed} typed, {drawn} drawn");
}
