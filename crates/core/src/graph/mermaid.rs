//! Mermaid's flowcharts, as GitHub draws them in Markdown. Pure.

use super::{Graph, State};
use std::{collections::BTreeSet, fmt::Write};

pub(super) fn write(graph: &Graph) -> String {
    let mut text = "flowchart LR\n".to_owned();
    for (number, (group, nodes)) in graph.groups().into_iter().enumerate() {
        let _ = writeln!(
            text,
            "  subgraph g{number}[\"{}\"]",
            escaped(&group.to_string())
        );
        for index in nodes {
            let node = &graph.nodes[index];
            let _ = writeln!(
                text,
                "    n{index}[\"{}<br/><small>{}</small>\"]",
                escaped(&node.label()),
                node.kind
            );
        }
        text.push_str("  end\n");
    }
    for (from, to) in &graph.arrows {
        let _ = writeln!(text, "  n{from} --> n{to}");
    }
    for (from, to) in &graph.late {
        let _ = writeln!(text, "  n{from} -.-> n{to}");
    }
    let there: BTreeSet<_> = graph.nodes.iter().map(|node| node.state).collect();
    for state in State::ALL.into_iter().filter(|it| there.contains(it)) {
        let (inside, edge) = state.colours();
        let members = graph
            .nodes
            .iter()
            .enumerate()
            .filter(|(_, it)| it.state == state);
        let members: Vec<_> = members.map(|(index, _)| format!("n{index}")).collect();
        let _ = writeln!(
            text,
            "  classDef {} fill:{inside},stroke:{edge},color:#111",
            state.name()
        );
        let _ = writeln!(text, "  class {} {}", members.join(","), state.name());
    }
    text
}

/// What can have a meaning in Mermaid, also inside quotes: HTML, entities (`#`), its Markdown, formulas
/// (`$$`), and directives (`%%{init: …}%%`), which are taken out of the text wherever they stand.
const ACTIVE: &str = "&\"<>#%`$*\\;";

fn escaped(text: &str) -> String {
    text.chars().fold(String::new(), |mut out, letter| {
        match ACTIVE.contains(letter) {
            true => drop(write!(out, "#{};", u32::from(letter))),
            false => out.push(letter),
        }
        out
    })
}
