//! The text of stack.toml, where each value stands in it, and how a mistake is shown. Pure.

mod unclosed;

use super::checks::Check;
use crate::{
    error::{Error, ErrorKind, Mistake},
    plan::Remark,
    value::Address,
};
use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde_json::Value;
use std::{collections::BTreeMap, iter, ops::Range};
use toml::de::{DeTable, DeValue};
use unclosed::{Unclosed, unclosed};

/// The way to a value: table and key names, and positions in arrays, as text.
pub type Path = Vec<String>;

/// Makes a [`Path`] from parts.
pub fn path<S: Into<String>>(parts: impl IntoIterator<Item = S>) -> Path {
    parts.into_iter().map(Into::into).collect()
}

/// Whether a mistake keeps the file from being used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Severity {
    Error,
    Warning,
}

/// One thing to say about a place in stack.toml.
#[derive(Clone, Debug, PartialEq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// Of a warning: what it is about, by which it can be let be.
    pub check: Option<Check>,
    pub path: Path,
    /// Whether the key is meant rather than its value.
    pub at_key: bool,
    pub message: String,
    /// What to write instead.
    pub help: String,
    /// Of a warning: the resource that may have what is missing; while it is not made yet, it has
    /// not, and the warning is an error.
    pub unless_there: Option<Address>,
}

impl Diagnostic {
    pub fn error(path: Path, message: impl Into<String>, help: impl Into<String>) -> Self {
        let (message, help) = (message.into(), help.into());
        Self {
            severity: Severity::Error,
            check: None,
            path,
            at_key: false,
            message,
            help,
            unless_there: None,
        }
    }

    pub fn warning(
        check: Check,
        path: Path,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Warning,
            check: Some(check),
            ..Self::error(path, message, help)
        }
    }

    /// A mistake that is only a warning where `address` is there, which may have what is missing.
    pub fn unless_there(self, address: Address) -> Self {
        Self {
            severity: Severity::Warning,
            unless_there: Some(address),
            ..self
        }
    }

    pub fn as_error(self) -> Self {
        Self {
            severity: Severity::Error,
            ..self
        }
    }

    /// As a plan has it.
    pub fn remark(&self) -> Remark {
        let id = self.check.map(|it| format!(" [{}]", it.id()));
        Remark {
            address: Address::new(self.path.clone()),
            text: format!("{}; {}{}", self.message, self.help, id.unwrap_or_default()),
        }
    }

    pub fn at_key(self) -> Self {
        Self {
            at_key: true,
            ..self
        }
    }
}

/// A parsed file: its text, and the bytes that each key and value takes.
pub struct Source {
    name: String,
    text: String,
    /// Where each line begins.
    lines: Vec<usize>,
    spans: BTreeMap<Path, Span>,
}

struct Span {
    key: Range<usize>,
    value: Range<usize>,
    /// Whether the value takes more than a line.
    is_long: bool,
}

/// How large a file may be, in bytes: far above any real one.
pub const LARGEST: u64 = 1 << 20;
/// How many mistakes are shown at once, and how many characters of one: a person reads them.
const SHOWN: usize = 20;
const LONGEST: usize = 1000;
/// More syntax errors than these are one, and what the parser made of the rest.
const RELATED: usize = 3;

/// The text in a file's bytes.
pub fn text<'a>(name: &str, bytes: &'a [u8]) -> Result<&'a str, Error> {
    let largest = LARGEST as usize;
    if bytes.len() > largest {
        let place = place(name, &bytes[..largest]);
        return Err(
            Error::new(ErrorKind::File, format!("{place}: larger than 1 MiB"))
                .hint("is this the right file?"),
        );
    }
    std::str::from_utf8(bytes).map_err(|error| {
        let place = place(name, &bytes[..error.valid_up_to()]);
        Error::new(ErrorKind::File, format!("{place}: this is not UTF-8 text"))
            .hint("save the file as UTF-8, as every editor can; or is this the right file?")
    })
}

/// `file:line:column` of what follows `before`.
fn place(name: &str, before: &[u8]) -> String {
    let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
    let last = before
        .rsplit(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    format!(
        "{name}:{line}:{}",
        String::from_utf8_lossy(last).chars().count() + 1
    )
}

/// Reads TOML into a tree. Every syntax error is reported at once, but not what follows from another.
///
/// A checkout on Windows may end its lines otherwise; texts of several lines are the same in both
/// (TOML v1.0.0, "String": a parser may normalise newlines). A `\r` that is written out stays.
pub fn parse(name: &str, text: &str) -> Result<(Source, Value), Error> {
    let text = &text.replace("\r\n", "\n");
    let mut source = Source {
        name: name.to_owned(),
        text: text.clone(),
        lines: iter::once(0)
            .chain(text.match_indices('\n').map(|(end, _)| end + 1))
            .collect(),
        spans: BTreeMap::new(),
    };
    let (table, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        return Err(source.invalid(&errors));
    }
    let tree = source.table(&mut vec![], table.get_ref());
    Ok((source, tree))
}

impl Source {
    /// The error for text that is not TOML.
    fn invalid(&self, errors: &[toml::de::Error]) -> Error {
        let help = "this is not valid TOML; see https://toml.io";
        let mut mistakes: Vec<_> = errors
            .iter()
            .map(|error| (error.span().unwrap_or(0..0), error.message(), help))
            .collect();
        mistakes.sort_by_key(|it| it.0.start);
        // What is wrong with the lines behind a mistake is most likely the same one.
        let mut last = None;
        mistakes.retain(|it| {
            let before = last.replace(it.0.start);
            before.is_none_or(|before| self.text[before..it.0.start].matches('\n').nth(1).is_some())
        });
        match unclosed(&self.text) {
            Some(Unclosed {
                span,
                message,
                help,
            }) => {
                let line = self.line(span.start).1;
                mistakes.retain(|it| it.0.start < line);
                mistakes.push((span, message, help));
            }
            // The parser lost its way at the first.
            None if mistakes.len() > RELATED => mistakes.truncate(1),
            None => {}
        }
        let shown = mistakes
            .iter()
            .map(|it| self.snippet(Severity::Error, None, it.0.clone(), it.1, it.2));
        let shown: Vec<_> = shown.take(SHOWN).collect();
        let places = mistakes
            .iter()
            .map(|it| self.mistake(&it.0, &[], it.1, it.2));
        self.mistakes(places.collect(), &shown, UNCHANGED)
    }

    fn table(&mut self, path: &mut Path, table: &DeTable<'_>) -> Value {
        let mut map = serde_json::Map::new();
        for (key, value) in table {
            path.push(key.get_ref().to_string());
            self.note(path, key.span(), value.span());
            let value = self.value(path, value.get_ref());
            map.insert(key.get_ref().to_string(), value);
            path.pop();
        }
        Value::Object(map)
    }

    fn note(&mut self, path: &Path, key: Range<usize>, value: Range<usize>) {
        let is_long = self
            .text
            .get(value.clone())
            .is_some_and(|text| text.contains('\n'));
        self.spans.insert(
            path.clone(),
            Span {
                key,
                value,
                is_long,
            },
        );
    }

    fn value(&mut self, path: &mut Path, value: &DeValue<'_>) -> Value {
        match value {
            DeValue::String(text) => Value::String(text.to_string()),
            // Beyond 64 bits it is too large for every key, which the schema says of a float too.
            DeValue::Integer(number) => i64::from_str_radix(number.as_str(), number.radix())
                .map_or_else(|_| float(number.as_str()), Value::from),
            DeValue::Float(number) => float(number.as_str()),
            DeValue::Boolean(flag) => Value::Bool(*flag),
            DeValue::Datetime(datetime) => Value::String(datetime.to_string()),
            DeValue::Table(table) => self.table(path, table),
            DeValue::Array(items) => {
                let items = items.iter().enumerate().map(|(index, item)| {
                    path.push(index.to_string());
                    self.note(path, item.span(), item.span());
                    let item = self.value(path, item.get_ref());
                    path.pop();
                    item
                });
                items.collect()
            }
        }
    }

    /// From the top of the file to its end.
    pub fn in_order<'a>(&self, diagnostics: &'a [Diagnostic]) -> Vec<&'a Diagnostic> {
        let mut sorted: Vec<_> = diagnostics.iter().collect();
        sorted.sort_by_cached_key(|it| self.span(&it.path, it.at_key).start);
        sorted
    }

    /// The bytes of a place; where it is missing, those of the nearest table around it. A table's
    /// span holds all of it: its name alone is the better place to point at.
    fn span(&self, path: &[String], at_key: bool) -> Range<usize> {
        match self.spans.get(path) {
            Some(span) if at_key || span.is_long => span.key.clone(),
            Some(span) => span.value.clone(),
            None if path.is_empty() => 0..0,
            None => self.span(&path[..path.len() - 1], true),
        }
    }

    /// `file:line:column: message`, the line, and what to write instead.
    pub fn show(&self, diagnostic: &Diagnostic) -> String {
        let span = self.span(&diagnostic.path, diagnostic.at_key);
        self.snippet(
            diagnostic.severity,
            diagnostic.check,
            span,
            &diagnostic.message,
            &diagnostic.help,
        )
    }

    fn snippet(
        &self,
        severity: Severity,
        check: Option<Check>,
        span: Range<usize>,
        message: &str,
        help: &str,
    ) -> String {
        let level = match severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        // The renderer goes through all of its text, so it gets no more than what it shows.
        let span = self.visible(span);
        let (line, start) = self.line(span.start);
        let text = self.text[start..].lines().next().unwrap_or_default();
        let place = Snippet::source(text)
            .line_start(line)
            .path(&self.name)
            .annotation(AnnotationKind::Primary.span(span.start - start..span.end - start));
        let (message, help) = (brief(message), brief(help));
        let title = level.primary_title(message);
        let title = match check {
            Some(check) => title.id(check.id()),
            None => title,
        };
        let group = title.element(place).element(Level::HELP.message(help));
        Renderer::plain().render(&[group])
    }

    /// The number of the line that a byte is in, from 1, and where that begins.
    fn line(&self, at: usize) -> (usize, usize) {
        let number = self.lines.partition_point(|begin| *begin <= at);
        (number, self.lines[number - 1])
    }

    /// At least one character, and no more than its own line.
    fn visible(&self, span: Range<usize>) -> Range<usize> {
        let rest = self.text.get(span.start..).unwrap_or_default();
        let line = rest.find(['\r', '\n']).unwrap_or(rest.len());
        let first = rest.chars().next().map_or(0, char::len_utf8);
        span.start..span.start + span.len().max(first).min(line)
    }

    /// The error that stops a command for these diagnostics.
    pub fn refuse(&self, diagnostics: &[Diagnostic]) -> Error {
        let ordered = self.in_order(diagnostics);
        let shown: Vec<_> = ordered.iter().take(SHOWN).map(|it| self.show(it)).collect();
        let is_strict = ordered.iter().any(|it| it.check.is_some());
        let places = ordered.into_iter().map(|it| self.place_of(it));
        let hint = match is_strict {
            true => STRICT,
            false => UNCHANGED,
        };
        self.mistakes(places.collect(), &shown, hint)
    }

    /// A diagnostic for programs.
    pub fn place_of(&self, diagnostic: &Diagnostic) -> Mistake {
        let Diagnostic {
            path,
            at_key,
            check,
            message,
            help,
            ..
        } = diagnostic;
        let place = self.mistake(&self.span(path, *at_key), path, message, help);
        Mistake {
            check: check.map(Check::id),
            ..place
        }
    }

    fn mistake(&self, span: &Range<usize>, path: &[String], message: &str, hint: &str) -> Mistake {
        let (line, start) = self.line(span.start);
        Mistake {
            file: self.name.clone(),
            line,
            column: self.text[start..span.start].chars().count() + 1,
            key: Address::new(path.iter().cloned()).to_string(),
            message: brief(message),
            hint: brief(hint),
            check: None,
        }
    }

    fn mistakes(&self, places: Vec<Mistake>, shown: &[String], hint: &str) -> Error {
        let count = match places.len() {
            1 => "a mistake".to_owned(),
            count if count > SHOWN => format!("{count} mistakes; the first {SHOWN} are"),
            count => format!("{count} mistakes"),
        };
        let text = format!("{} has {count}\n\n{}", self.name, shown.join("\n\n"));
        let mut error = Error::of_lines(ErrorKind::File, text.lines()).hint(hint);
        error.mistakes = places.into();
        error
    }
}

const UNCHANGED: &str = "nothing was changed";
const STRICT: &str =
    "nothing was changed: with --strict a warning is a mistake, unless [checks] allow lets it be";

/// The beginning of a text that is too long to be read.
fn brief(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// A number as JSON has it: `128.0` is 128, and `inf` and `nan` are none.
fn float(text: &str) -> Value {
    match text.parse::<f64>() {
        Ok(number) if number.fract() == 0.0 && number.abs() < 1e15 => Value::from(number as i64),
        Ok(number) => Value::from(number),
        Err(_) => Value::Null,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "[user_pool]\nname = \"x\"\n\n[user_pool.clients.spa]\nurls = [\"a\", \"b\"]\n";

    #[test]
    fn a_mistake_is_shown_with_its_line_and_column() {
        let (source, _) = parse("stack.toml", TEXT).unwrap();
        let shown = source.show(&Diagnostic::error(
            path(["user_pool", "name"]),
            "too short",
            "write more",
        ));
        assert!(shown.contains("stack.toml:2:8"), "{shown}");
        assert!(
            shown.contains("name = \"x\"") && shown.contains("write more"),
            "{shown}"
        );
    }

    #[test]
    fn an_item_of_an_array_has_a_place_of_its_own() {
        let (source, tree) = parse("stack.toml", TEXT).unwrap();
        assert_eq!(tree["user_pool"]["clients"]["spa"]["urls"][1], "b");
        let item = path(["user_pool", "clients", "spa", "urls", "1"]);
        assert!(
            source
                .show(&Diagnostic::error(item, "m", "h"))
                .contains("stack.toml:5:14")
        );
    }

    #[test]
    fn what_is_missing_is_shown_at_the_table_around_it() {
        let (source, _) = parse("stack.toml", TEXT).unwrap();
        let missing = path(["user_pool", "clients", "spa", "name"]);
        assert!(
            source
                .show(&Diagnostic::error(missing, "m", "h"))
                .contains("stack.toml:4:")
        );
    }

    #[test]
    fn every_syntax_error_is_reported_at_once() {
        let error = parse("stack.toml", "a = \nb = 1\nc = [\n").err().unwrap();
        assert!(
            error.message.contains("stack.toml:1:") && error.message.contains("mistakes"),
            "{error}"
        );
    }
}
