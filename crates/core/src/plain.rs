//! Text that somebody else wrote, made harmless where a person reads it: a token's claims, a user's name,
//! a log's line, an answer's body. What would steer a terminal, or show letters in another order than
//! they are in, is written out. Pure.

use std::{borrow::Cow, fmt::Write};

/// On one line: a break in it could begin a line that looks like one of ours.
pub fn plain(text: &str) -> Cow<'_, str> {
    written_out(text, |_| false, rust)
}

/// The same, but it keeps its lines and its tabs.
pub fn lines(text: &str) -> Cow<'_, str> {
    written_out(text, is_layout, rust)
}

/// The same for JSON, which says the same afterwards: only strings can hold such characters.
pub fn json(text: &str) -> Cow<'_, str> {
    written_out(text, is_layout, |out, letter| {
        let _ = write!(out, "\\u{:04x}", u32::from(letter));
    })
}

/// The last thing before a terminal: whole texts, with the colours that wsctl gives them and nothing else.
pub fn coloured(text: &str) -> Cow<'_, str> {
    if !text.contains(ESCAPE) {
        return lines(text);
    }
    let mut pieces = text.split(ESCAPE);
    let mut out = lines(pieces.next().unwrap_or_default()).into_owned();
    for piece in pieces {
        let end = colour(piece);
        out.push_str(if end > 0 { "\u{1b}" } else { "\\u{1b}" });
        out.push_str(&piece[..end]);
        out.push_str(&lines(&piece[end..]));
    }
    Cow::Owned(out)
}

const ESCAPE: char = '\u{1b}';

/// How long the colour is that a text behind an escape begins with (ECMA-48, SGR); 0 for none.
fn colour(text: &str) -> usize {
    let Some(rest) = text.strip_prefix('[') else {
        return 0;
    };
    let end = rest
        .find(|it: char| !it.is_ascii_digit() && it != ';')
        .unwrap_or(rest.len());
    if rest[end..].starts_with('m') {
        end + 2
    } else {
        0
    }
}

fn is_layout(letter: char) -> bool {
    matches!(letter, '\n' | '\t')
}

/// Whether a terminal obeys it, or shows what follows elsewhere: C0, DEL and C1; the line breaks of
/// Unicode; what has Unicode's property `Bidi_Control`, and its older relatives.
pub fn steers(letter: char) -> bool {
    letter.is_control()
        || matches!(
            letter,
            '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}'
        )
        || matches!(letter, '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}')
}

fn written_out(text: &str, keeps: fn(char) -> bool, write: fn(&mut String, char)) -> Cow<'_, str> {
    let is_odd = |letter: char| steers(letter) && !keeps(letter);
    if !text.contains(is_odd) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len() + 16);
    for letter in text.chars() {
        if is_odd(letter) {
            write(&mut out, letter)
        } else {
            out.push(letter)
        }
    }
    Cow::Owned(out)
}

fn rust(out: &mut String, letter: char) {
    match letter {
        '\n' | '\r' | '\t' => out.extend(letter.escape_default()),
        other => out.extend(other.escape_unicode()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn ordinary_text_of_any_script_stays_as_it_is() {
        for text in [
            "Ann Müller",
            "日本語",
            "שלום",
            "👩‍💻 e\u{301}",
            "$ \\ \" ' < >",
        ] {
            assert!(matches!(plain(text), Cow::Borrowed(_)), "{text}");
            assert_eq!(coloured(text), text);
        }
    }

    #[test]
    fn what_steers_a_terminal_is_written_out() {
        for (text, shown) in [
            ("a\u{1b}[2Jb", "a\\u{1b}[2Jb"),
            ("\u{9b}31mred\u{7f}\u{0}", "\\u{9b}31mred\\u{7f}\\u{0}"),
            ("one\r\ntwo\t3", "one\\r\\ntwo\\t3"),
            (
                "\u{202e}gpj.exe\u{2066}\u{200f}\u{2028}",
                "\\u{202e}gpj.exe\\u{2066}\\u{200f}\\u{2028}",
            ),
        ] {
            assert_eq!(plain(text), shown);
        }
        assert_eq!(lines("one\n\ttwo\r"), "one\n\ttwo\\r");
        assert_eq!(json("\"\u{9b}\u{202e}\"\n"), "\"\\u009b\\u202e\"\n");
    }

    #[test]
    fn only_colours_get_through_to_the_terminal() {
        assert_eq!(
            coloured("\u{1b}[1mbold\u{1b}[0m\n"),
            "\u{1b}[1mbold\u{1b}[0m\n"
        );
        for text in [
            "\u{1b}]0;title\u{7}",
            "\u{1b}[2J",
            "\u{1b}[1",
            "\u{1b}",
            "\u{1b}[?1m",
            "\u{1b}]8;;https://x\u{1b}\\",
        ] {
            assert!(!coloured(text).contains(ESCAPE), "{text:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_keeps_anything_that_steers(text in any::<String>(), odd in "[\0-\u{a0}\u{2000}-\u{206f}]{0,9}") {
            let text = format!("{odd}{text}{odd}");
            prop_assert!(!plain(&text).contains(steers));
            prop_assert!(!lines(&text).contains(|it| steers(it) && !is_layout(it)));
            let in_json = serde_json::to_string(&text).unwrap();
            prop_assert!(!json(&in_json).contains(steers));
            prop_assert_eq!(serde_json::from_str::<String>(&json(&in_json)).unwrap(), text.clone());
            let stripped = anstream::adapter::strip_str(&coloured(&text)).to_string();
            prop_assert!(!stripped.contains(|it| steers(it) && !is_layout(it)));
        }
    }
}
