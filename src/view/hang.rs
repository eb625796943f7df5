//! Text as wide as a terminal: what is longer goes on below, where its last column begins. Pure.

use unicode_width::UnicodeWidthChar;

/// Each line within `width` columns, but for single words that are longer: an ARN stays in one piece.
pub fn hang(text: &str, width: usize) -> String {
    let lines = text.split('\n').map(|line| hung(line, width));
    lines.collect::<Vec<_>>().join("\n")
}

/// A character of a line, with the column that it stands in; escapes take none.
struct Placed {
    at: usize,
    char: char,
    column: usize,
}

fn hung(line: &str, width: usize) -> String {
    let (placed, columns) = placed(line);
    if columns <= width || is_source(line) || is_command(line) {
        return line.to_owned();
    }
    let indent = indent(&placed, width);
    let mut text = String::new();
    let (mut start, mut begins) = (0, 0);
    // How many columns of this line are the indent's.
    let mut before = 0;
    let mut blank: Option<&Placed> = None;
    for (index, it) in placed.iter().enumerate() {
        if it.char == ' ' {
            let is_end = placed.get(index + 1).is_none_or(|next| next.char != ' ');
            if is_end && it.column + 1 > indent {
                blank = Some(it);
            }
            continue;
        }
        let beyond = before + it.column + it.char.width().unwrap_or(0) - begins > width;
        if let Some(at) = blank.take_if(|_| beyond) {
            text.push_str(line[start..at.at].trim_end());
            text.push('\n');
            text.push_str(&" ".repeat(indent));
            (start, begins, before) = (at.at + 1, at.column + 1, indent);
        }
    }
    text.push_str(&line[start..]);
    text
}

/// A line of a file, or what points into it from below: `16 | name = "a"`.
fn is_source(line: &str) -> bool {
    let rest = line
        .trim_start()
        .trim_start_matches(|it: char| it.is_ascii_digit());
    rest.trim_start().starts_with('|')
}

/// A line with something to be copied and run: in two it would be two commands.
fn is_command(line: &str) -> bool {
    ["wsctl ", "aws "].iter().any(|it| line.contains(it))
}

/// The characters that are seen, and how many columns they take.
fn placed(line: &str) -> (Vec<Placed>, usize) {
    let (mut placed, mut column, mut is_escape) = (vec![], 0, false);
    for (at, char) in line.char_indices() {
        match char {
            '\u{1b}' => is_escape = true,
            // A colour ends with a letter.
            _ if is_escape => is_escape = !char.is_ascii_alphabetic(),
            _ => {
                placed.push(Placed { at, char, column });
                column += char.width().unwrap_or(0);
            }
        }
    }
    (placed, column)
}

/// Where a line goes on: at the last column of a table that leaves a third of the width, or a little further in than
/// the line began.
fn indent(placed: &[Placed], width: usize) -> usize {
    let is_blank = |it: &Placed| it.char == ' ';
    let began = placed
        .iter()
        .find(|it| !is_blank(it))
        .map_or(0, |it| it.column);
    let columns = placed
        .windows(3)
        .filter(|it| is_blank(&it[0]) && is_blank(&it[1]) && !is_blank(&it[2]));
    let last = columns
        .map(|it| it[2].column)
        .rfind(|it| *it > began && *it <= width * 2 / 3);
    last.unwrap_or((began + 4).min(width / 2))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn seen(text: &str) -> String {
        anstream::adapter::strip_str(text).to_string()
    }

    #[test]
    fn a_line_goes_on_below_its_last_column() {
        assert_eq!(
            hang("  name  one two three", 12),
            "  name  one\n        two\n        three"
        );
        assert_eq!(hang("- a line of words", 10), "- a line\n    of\n    words");
        assert_eq!(hang("short\n", 10), "short\n");
        for whole in ["hint: wsctl apply --yes", "16 | name = \"a\" # b c"] {
            assert_eq!(hang(whole, 10), whole);
        }
        let arn = "role = arn:aws:iam::123456789012:role/one";
        assert_eq!(
            hang(arn, 20),
            "role =\n    arn:aws:iam::123456789012:role/one"
        );
        let red = "\u{1b}[31mone two\u{1b}[0m three";
        assert_eq!(hang(red, 8), "\u{1b}[31mone two\u{1b}[0m\n    three");
    }

    proptest! {
        #[test]
        fn no_word_is_lost_and_only_a_long_one_is_wider(
            words in prop::collection::vec("[a-zé語]{1,12}| {1,4}|\u{1b}\\[3[0-7]m", 0..40),
            width in 20..60_usize,
        ) {
            let text = words.concat();
            let hung = hang(&text, width);
            let words = |text: &str| seen(text).split_whitespace().map(ToOwned::to_owned).collect::<Vec<_>>();
            prop_assert_eq!(words(&hung), words(&text));
            for line in seen(&hung).lines() {
                let (_, columns) = placed(line.trim_end());
                let (_, last) = placed(line.split_whitespace().next_back().unwrap_or_default());
                // What goes on below has a third of the width at least.
                prop_assert!(columns <= width || last > width / 3, "{line:?} is wider than {width}");
            }
        }
    }
}
