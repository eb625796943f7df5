//! Where each box stands: columns by how much stands on it, from left to right. Pure.

use super::Graph;

/// A box's column and its row in it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Spot {
    pub(super) column: usize,
    pub(super) row: usize,
}

/// One spot a node. What is needed stands to the right of all that need it.
pub(super) fn layout(graph: &Graph) -> Vec<Spot> {
    let columns = columns(graph);
    let mut spots = vec![Spot::default(); graph.nodes.len()];
    let count = columns.iter().max().map_or(0, |last| last + 1);
    for column in 0..count {
        let mut members: Vec<_> = (0..spots.len())
            .filter(|node| columns[*node] == column)
            .collect();
        members.sort_by(|a, b| height(graph, &spots, *a).total_cmp(&height(graph, &spots, *b)));
        for (row, node) in members.into_iter().enumerate() {
            spots[node] = Spot { column, row };
        }
    }
    spots
}

/// The longest way to each node. Steps of a plan have no circle, and a way no more steps than nodes.
fn columns(graph: &Graph) -> Vec<usize> {
    let mut columns = vec![0; graph.nodes.len()];
    for _ in 0..graph.nodes.len() {
        for (from, to) in &graph.arrows {
            columns[*to] = columns[*to].max(columns[*from] + 1).min(graph.nodes.len());
        }
    }
    columns
}

/// The mean row of what points at a node, so that arrows cross little; alone, it keeps its order.
fn height(graph: &Graph, spots: &[Spot], node: usize) -> f64 {
    let rows: Vec<_> = graph
        .arrows
        .iter()
        .filter(|it| it.1 == node)
        .map(|it| spots[it.0].row as f64)
        .collect();
    if rows.is_empty() {
        node as f64
    } else {
        rows.iter().sum::<f64>() / rows.len() as f64
    }
}
