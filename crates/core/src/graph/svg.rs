//! A picture for browsers and documents. Pure.

use super::{
    Graph,
    layout::{Spot, layout},
};
use std::fmt::Write;

const WIDTH: usize = 210;
const HEIGHT: usize = 44;
const GAP_X: usize = 70;
const GAP_Y: usize = 16;
const MARGIN: usize = 20;

pub(super) fn write(graph: &Graph) -> String {
    let spots = layout(graph);
    let width = spots.iter().map(|it| left(*it) + WIDTH).max().unwrap_or(0) + MARGIN;
    let height = spots.iter().map(|it| top(*it) + HEIGHT).max().unwrap_or(0) + MARGIN;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" role=\"img\">\n\
         <title>The resources of the stack, and what each needs</title>\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" \
         markerHeight=\"8\" orient=\"auto\"><path d=\"M0 0 8 4 0 8z\" fill=\"#555\"/></marker></defs>\n\
         <rect width=\"100%\" height=\"100%\" fill=\"#fff\"/>\n"
    );
    for (from, to) in &graph.arrows {
        text.push_str(&arrow(spots[*from], spots[*to], ""));
    }
    for (from, to) in &graph.late {
        let dashed = " stroke-dasharray=\"4 3\"";
        text.push_str(&arrow(spots[*from], spots[*to], dashed));
    }
    for (index, spot) in spots.iter().enumerate() {
        text.push_str(&drawn(graph, index, *spot));
    }
    text.push_str("</svg>\n");
    text
}

fn left(spot: Spot) -> usize {
    MARGIN + spot.column * (WIDTH + GAP_X)
}

fn top(spot: Spot) -> usize {
    MARGIN + spot.row * (HEIGHT + GAP_Y)
}

fn arrow(from: Spot, to: Spot, style: &str) -> String {
    let (x1, y1) = (left(from) + WIDTH, top(from) + HEIGHT / 2);
    let (x2, y2) = (left(to), top(to) + HEIGHT / 2);
    let bend = GAP_X / 2;
    let (c1, c2) = (x1 + bend, x2.saturating_sub(bend));
    format!(
        "<path d=\"M{x1} {y1}C{c1} {y1} {c2} {y2} {x2} {y2}\" fill=\"none\" stroke=\"#888\"{style} marker-end=\"url(#tip)\"/>\n"
    )
}

fn drawn(graph: &Graph, index: usize, spot: Spot) -> String {
    let node = &graph.nodes[index];
    let (inside, edge) = node.state.colours();
    let (x, y) = (left(spot), top(spot));
    let mut text = format!(
        "<g><title>{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" height=\"{HEIGHT}\" rx=\"6\" \
         fill=\"{inside}\" stroke=\"{edge}\"/>",
        escaped(&node.address.to_string())
    );
    for (line, size, down) in [(node.label(), 14, 19), (node.kind.to_owned(), 11, 35)] {
        let (x, y) = (x + 10, y + down);
        let _ = write!(
            text,
            "<text x=\"{x}\" y=\"{y}\" font-size=\"{size}\" fill=\"#111\">{}</text>",
            escaped(&short(&line))
        );
    }
    text.push_str("</g>\n");
    text
}

/// What fits into a box.
fn short(text: &str) -> String {
    const FITS: usize = 27;
    match text.char_indices().nth(FITS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
