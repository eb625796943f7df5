//! Columns that line up. Pure.

use super::{BOLD, styled};
use std::fmt::Write;

/// The rows under their heads; the last column may be as wide as it likes.
pub(super) fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let width = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count());
        cells.chain([heads[column].len()]).max().unwrap_or_default()
    };
    let widths: Vec<_> = (0..heads.len()).map(width).collect();
    let line = |cells: &[String]| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let heads: Vec<_> = heads.iter().map(ToString::to_string).collect();
    let mut text = format!("{}\n", styled(BOLD, &line(&heads)));
    for row in rows {
        let _ = writeln!(text, "{}", line(row));
    }
    text
}
