//! A picture for browsers and documents, light or dark as they are. Pure.

use super::{
    Graph, State,
    layout::{HEIGHT, MARGIN, Point, WIDTH, layout},
};
use crate::plain::plain;
use std::fmt::Write;

/// How high the line is that says what the signs mean.
const LEGEND: usize = 30;

pub(super) fn write(graph: &Graph) -> String {
    let layout = layout(graph);
    let legend = legend(graph, layout.height + 4);
    let width = layout.width.max(600);
    let height = layout.height + LEGEND;
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" \
         viewBox=\"0 0 {width} {height}\" font-family=\"sans-serif\" role=\"img\">\n\
         <title>The resources of the stack, and what each needs</title>\n\
         <style>{}</style>\n\
         <defs><marker id=\"tip\" viewBox=\"0 0 8 8\" refX=\"8\" refY=\"4\" markerWidth=\"8\" \
         markerHeight=\"8\" orient=\"auto\"><path class=\"tip\" d=\"M0 0 8 4 0 8z\"/></marker></defs>\n\
         <rect class=\"page\" width=\"100%\" height=\"100%\"/>\n",
        style()
    );
    for lane in &layout.lanes {
        let (x, name) = (MARGIN / 2, escaped(&plain(&lane.group.to_string())));
        let _ = writeln!(
            text,
            "<rect class=\"lane\" x=\"{x}\" y=\"{}\" width=\"{}\" height=\"{}\" rx=\"8\"/>\
             <text class=\"name\" x=\"{}\" y=\"{}\" font-size=\"12\">{name}</text>",
            lane.top,
            width - MARGIN,
            lane.height,
            x + 10,
            lane.top + 17
        );
    }
    let lines = graph.arrows.iter().map(|it| (it, ""));
    let late = graph
        .late
        .iter()
        .map(|it| (it, " stroke-dasharray=\"4 3\""));
    for (number, ((from, to), style)) in lines.chain(late).enumerate() {
        text.push_str(&line(&layout.line(*from, *to, number), style));
    }
    for (index, place) in layout.boxes.iter().enumerate() {
        text.push_str(&drawn(graph, index, *place));
    }
    text.push_str(&legend);
    text.push_str("</svg>\n");
    text
}

/// Every colour once, for a light page and a dark one.
fn style() -> String {
    let mut light = ".page{fill:#fff}.lane{fill:#f7f8fa;stroke:#d5d9e0}.name{fill:#555}.line{fill:none;stroke:#7a7f87}\
        .tip{fill:#7a7f87}.box text,.legend{fill:#111}"
        .to_owned();
    let mut dark = ".page{fill:#0d1117}.lane{fill:#161b22;stroke:#30363d}.name{fill:#9aa4af}.line{stroke:#8b949e}\
        .tip{fill:#8b949e}.box text,.legend{fill:#e6edf3}"
        .to_owned();
    for state in State::ALL {
        let (inside, edge) = state.colours();
        let _ = write!(light, ".{}{{fill:{inside};stroke:{edge}}}", state.name());
        let _ = write!(
            dark,
            ".{}{{fill:{};stroke:{edge}}}",
            state.name(),
            state.inside_in_the_dark()
        );
    }
    // Within a page, of the picture alone.
    let own = |rules: &str| {
        format!(
            "svg {}",
            rules.trim_end_matches('}').replace("}.", "}svg .")
        ) + "}"
    };
    format!(
        "{}@media(prefers-color-scheme:dark){{{}}}",
        own(&light),
        own(&dark)
    )
}

fn line(corners: &[Point], style: &str) -> String {
    let points: Vec<_> = corners.iter().map(|(x, y)| format!("{x} {y}")).collect();
    format!(
        "<path class=\"line\" d=\"M{}\"{style} stroke-linejoin=\"round\" marker-end=\"url(#tip)\"/>\n",
        points.join("L")
    )
}

fn drawn(graph: &Graph, index: usize, (x, y): Point) -> String {
    let node = &graph.nodes[index];
    let mut text = format!(
        "<g class=\"box\"><title>{}</title><rect class=\"{}\" x=\"{x}\" y=\"{y}\" width=\"{WIDTH}\" \
         height=\"{HEIGHT}\" rx=\"6\"/>",
        escaped(&node.address.to_string()),
        node.state.name()
    );
    for (line, size, down) in [(node.label(), 14, 19), (node.kind.to_owned(), 11, 35)] {
        let _ = write!(
            text,
            "<text x=\"{}\" y=\"{}\" font-size=\"{size}\">{}</text>",
            x + 10,
            y + down,
            escaped(&short(&line))
        );
    }
    text.push_str("</g>\n");
    text
}

/// What the signs mean that are there.
fn legend(graph: &Graph, top: usize) -> String {
    let (mut text, mut x) = (String::new(), MARGIN);
    let states = State::ALL.into_iter().filter(|it| *it != State::Unknown);
    for state in states.filter(|state| graph.nodes.iter().any(|it| it.state == *state)) {
        let words = format!("{} {}", state.sign(), state.name());
        let _ = write!(
            text,
            "<rect class=\"{}\" x=\"{x}\" y=\"{top}\" width=\"14\" height=\"14\" rx=\"3\"/>\
             <text class=\"legend\" x=\"{}\" y=\"{}\" font-size=\"12\">{}</text>",
            state.name(),
            x + 20,
            top + 12,
            words.trim()
        );
        x += 40 + 8 * words.len();
    }
    let mut lines = vec![(!graph.arrows.is_empty(), "", "needs")];
    lines.push((
        !graph.late.is_empty(),
        " stroke-dasharray=\"4 3\"",
        "names it afterwards",
    ));
    for (_, style, words) in lines.into_iter().filter(|it| it.0) {
        let middle = top + 7;
        let _ = write!(
            text,
            "<path class=\"line\" d=\"M{x} {middle}L{} {middle}\"{style} marker-end=\"url(#tip)\"/>\
             <text class=\"legend\" x=\"{}\" y=\"{}\" font-size=\"12\">{words}</text>",
            x + 26,
            x + 32,
            top + 12
        );
        x += 52 + 8 * words.len();
    }
    text + "\n"
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
