//! The bracket, brace or quote that a file opens and does not close. Pure.
//!
//! A TOML parser reads on behind it and takes all that follows for a part of it, so that one missing
//! character is hundreds of mistakes, none of them at its place. Here the next key or table tells that
//! something should have ended.

use std::ops::Range;

/// What is open, and how it is closed.
pub(super) struct Unclosed {
    pub(super) span: Range<usize>,
    pub(super) message: &'static str,
    pub(super) help: &'static str,
}

/// The first of them in a text that is not valid TOML.
pub(super) fn unclosed(text: &str) -> Option<Unclosed> {
    Scan {
        text,
        at: 0,
        open: vec![],
        begins_line: true,
        wants_more: false,
    }
    .run()
}

struct Scan<'a> {
    text: &'a str,
    at: usize,
    /// Where each bracket and brace is that is open here.
    open: Vec<usize>,
    /// Whether nothing but blanks is before this in its line.
    begins_line: bool,
    /// Whether the last thing was a comma or an opening bracket.
    wants_more: bool,
}

impl Scan<'_> {
    fn run(mut self) -> Option<Unclosed> {
        while let Some(letter) = self.rest().chars().next() {
            if self.begins_line && !letter.is_whitespace() {
                if self.is_cut_off() {
                    break;
                }
                if self.open.is_empty() && letter == '[' {
                    self.skip_line();
                    continue;
                }
            }
            match letter {
                '\n' => (self.begins_line, self.at) = (true, self.at + 1),
                '#' => self.skip_line(),
                '"' | '\'' => {
                    if let Err(found) = self.text_value(letter) {
                        return found;
                    }
                    (self.begins_line, self.wants_more) = (false, false);
                }
                ']' | '}' => {
                    if !self.close(letter)? {
                        break;
                    }
                    self.step(letter, false);
                }
                '[' | '{' => {
                    self.open.push(self.at);
                    self.step(letter, true);
                }
                ',' => self.step(letter, true),
                blank if blank.is_whitespace() => self.at += blank.len_utf8(),
                other => self.step(other, false),
            }
        }
        self.open.last().map(|at| self.bracket(*at))
    }

    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn step(&mut self, letter: char, wants_more: bool) {
        self.at += letter.len_utf8();
        (self.begins_line, self.wants_more) = (false, wants_more);
    }

    fn skip_line(&mut self) {
        self.at += self.rest().find('\n').unwrap_or(self.rest().len());
    }

    fn opener(&self) -> Option<u8> {
        self.open.last().map(|at| self.text.as_bytes()[*at])
    }

    /// Whether the next statement of the file begins in this line, inside of something.
    fn is_cut_off(&self) -> bool {
        let line = self.rest().lines().next().unwrap_or_default();
        match self.opener() {
            Some(b'[') => is_header(line) || is_key(line),
            Some(_) => is_header(line) || (is_key(line) && !self.wants_more),
            None => false,
        }
    }

    /// Closes what is open; no where something else is. `None`: nothing is that this could close, so
    /// this is what is wrong.
    fn close(&mut self, letter: char) -> Option<bool> {
        let wanted = if letter == ']' { b'[' } else { b'{' };
        if self.opener() == Some(wanted) {
            self.open.pop();
            return Some(true);
        }
        self.open
            .iter()
            .any(|at| self.text.as_bytes()[*at] == wanted)
            .then_some(false)
    }

    /// Goes behind a text; the text itself where it does not end. Nothing for one that breaks off with
    /// its line, which the parser tells well.
    fn text_value(&mut self, quote: char) -> Result<(), Option<Unclosed>> {
        let (start, three) = (self.at, quote.to_string().repeat(3));
        let is_long = self.rest().starts_with(&three);
        let quotes = if is_long { 3 } else { 1 };
        let Some(length) = end_of_text(&self.rest()[quotes..], quote, is_long) else {
            return Err(is_long.then(|| text_at(start..start + quotes)));
        };
        let body = &self.text[start + quotes..start + quotes + length];
        self.at = start + quotes + length + quotes;
        // A long text may end with quotes of its own.
        while is_long && self.rest().starts_with(quote) {
            self.at += 1;
        }
        match is_long && self.has_swallowed(body) {
            true => Err(Some(text_at(start..start + quotes))),
            false => Ok(()),
        }
    }

    /// Whether the quotes behind a text are those that the next one begins with.
    fn has_swallowed(&self, body: &str) -> bool {
        let Some((before, last)) = body.rsplit_once('\n') else {
            return false;
        };
        let next = self
            .rest()
            .trim_start_matches([' ', '\t', '\r'])
            .chars()
            .next();
        let goes_on = next.is_some_and(|it| !"\n#,]}=.".contains(it));
        let is_next_key = is_key(last) && last.trim_end().ends_with('=');
        is_next_key
            || (goes_on
                && before
                    .lines()
                    .skip(1)
                    .any(|line| is_header(line) || is_key(line)))
    }

    fn bracket(&self, at: usize) -> Unclosed {
        let (message, help) = match self.text.as_bytes()[at] {
            b'[' => ("this list is not closed", "write ] behind its last item"),
            _ => ("this table is not closed", "write } behind its last value"),
        };
        Unclosed {
            span: at..at + 1,
            message,
            help,
        }
    }
}

fn text_at(span: Range<usize>) -> Unclosed {
    Unclosed {
        span,
        message: "this text is not closed",
        help: "write the same quotes at its end",
    }
}

/// Where the closing quotes begin; a short text ends in its line.
fn end_of_text(text: &str, quote: char, is_long: bool) -> Option<usize> {
    let closing = quote.to_string().repeat(if is_long { 3 } else { 1 });
    let mut is_escaped = false;
    for (at, letter) in text.char_indices() {
        match letter {
            '\n' if !is_long => return None,
            _ if is_escaped => is_escaped = false,
            '\\' if quote == '"' => is_escaped = true,
            _ if text[at..].starts_with(&closing) => return Some(at),
            _ => {}
        }
    }
    None
}

/// `[a.b]`, alone in its line.
fn is_header(line: &str) -> bool {
    let line = line.trim();
    let inner = line.strip_prefix('[').and_then(|rest| rest.split_once(']'));
    let is_alone = |rest: &str| {
        matches!(
            rest.trim_start_matches(']').trim_start().chars().next(),
            None | Some('#')
        )
    };
    inner.is_some_and(|(inner, rest)| {
        let inner = inner.trim_start_matches('[');
        inner.starts_with(|it: char| it.is_ascii_alphabetic())
            && !inner.contains(',')
            && is_alone(rest)
    })
}

/// `key = …`, with the key bare, dotted or in quotes.
fn is_key(line: &str) -> bool {
    let line = line.trim_start();
    let end = match line.chars().next() {
        Some(quote @ ('"' | '\'')) => line[1..].find(quote).map(|end| end + 2),
        _ => line
            .find(|it: char| !it.is_ascii_alphanumeric() && !"_-.".contains(it))
            .filter(|end| *end > 0),
    };
    end.is_some_and(|end| line[end..].trim_start().starts_with('='))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_open_is_found_where_it_begins() {
        for (text, at) in [
            ("a = [1, 2\nb = 3\n", Some("[1")),
            ("a = [\n  1,\n  2,\n[b]\nc = [1]\n", Some("[\n  1")),
            ("a = { b = [1, 2 }\n", Some("[1, 2 }")),
            ("a = { b = 1\nc = 2\n", Some("{ b")),
            ("a = { b = [\"]\"],\n  c = 2 }\nd = [", Some("[")),
            ("a = \"x\nb = [1\n", None),
            (
                "a = \"\"\"\nx\n\"\"\nb = 1\nc = \"\"\"\ny\n\"\"\"\n",
                Some("\"\"\"\nx"),
            ),
            ("a = [ # [\n 1 ]\n[b]\nc = '['\n", None),
            ("a = 1]\nb = 2\n", None),
        ] {
            let found = unclosed(text).map(|it| it.span.start);
            let wanted = at.map(|at| {
                if at == "[" {
                    text.len() - 1
                } else {
                    text.find(at).unwrap()
                }
            });
            assert_eq!(found, wanted, "{text}");
        }
    }
}
