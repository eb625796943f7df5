//! Columns that line up. Pure.

use super::{BOLD, styled};
use crate::plain::plain;
use std::{borrow::Cow, fmt::Write};

/// The rows under their heads; the last column may be as wide as it likes.
pub fn table(heads: &[&str], rows: &[Vec<String>]) -> String {
    let rows: Vec<Vec<_>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| plain(cell)).collect())
        .collect();
    let width = |column: usize| {
        let cells = rows
            .iter()
            .filter_map(|row| row.get(column))
            .map(|cell| cell.chars().count());
        cells.chain([heads[column].len()]).max().unwrap_or_default()
    };
    let widths: Vec<_> = (0..heads.len()).map(width).collect();
    let line = |cells: &[Cow<'_, str>]| {
        let padded = cells
            .iter()
            .zip(&widths)
            .map(|(cell, width)| format!("{cell:width$}"));
        padded.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    let heads: Vec<_> = heads.iter().map(|head| Cow::Borrowed(*head)).collect();
    let mut text = format!("{}\n", styled(BOLD, &line(&heads)));
    for row in &rows {
        let _ = writeln!(text, "{}", line(row));
    }
    text
}
