//! The language of Graphviz. Pure.

use super::Graph;
use std::fmt::Write;

pub(super) fn write(graph: &Graph) -> String {
    let mut text = "digraph stack {\n  rankdir=LR;\n  node [shape=box, style=\"rounded,filled\", fontname=\"sans-serif\"];\n".to_owned();
    for (number, (group, nodes)) in graph.groups().into_iter().enumerate() {
        let _ = writeln!(
            text,
            "  subgraph cluster_{number} {{\n    label={};",
            quoted(&group.to_string())
        );
        for index in nodes {
            let node = &graph.nodes[index];
            let (inside, edge) = node.state.colours();
            let label = quoted(&format!("{}\n{}", node.label(), node.kind));
            let _ = writeln!(
                text,
                "    n{index} [label={label}, fillcolor=\"{inside}\", color=\"{edge}\"];"
            );
        }
        text.push_str("  }\n");
    }
    for (from, to) in &graph.arrows {
        let _ = writeln!(text, "  n{from} -> n{to};");
    }
    for (from, to) in &graph.late {
        let _ = writeln!(text, "  n{from} -> n{to} [style=dashed];");
    }
    text.push_str("}\n");
    text
}

fn quoted(text: &str) -> String {
    // Graphviz reads HTML's entities in every text.
    let text = text
        .replace('&', "&amp;")
        .replace('\\', "\\\\")
        .replace('"', "\\\"");
    format!("\"{}\"", text.replace('\n', "\\n"))
}
