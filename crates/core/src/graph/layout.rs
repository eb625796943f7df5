//! Where each box stands, and each line goes: a lane for each group, in it columns by how much stands on a box, from
//! left to right. Lines turn in the gaps between rows and columns alone, so that none goes through a box. Pure.

use super::Graph;
use crate::value::Address;

pub(super) const WIDTH: usize = 210;
pub(super) const HEIGHT: usize = 44;
const GAP_X: usize = 70;
const GAP_Y: usize = 20;
pub(super) const MARGIN: usize = 20;
/// What a lane has above its first row, for its name.
const HEAD: usize = 36;
/// Between two lanes.
const LANE_GAP: usize = 14;

/// A point, in pixels from the top left.
pub(super) type Point = (usize, usize);

/// The whole picture.
pub(super) struct Layout<'a> {
    /// The top left of each node's box.
    pub(super) boxes: Vec<Point>,
    columns: Vec<usize>,
    pub(super) lanes: Vec<Lane<'a>>,
    pub(super) width: usize,
    pub(super) height: usize,
}

/// A group's band.
pub(super) struct Lane<'a> {
    pub(super) group: &'a Address,
    pub(super) top: usize,
    pub(super) height: usize,
}

/// What is needed stands to the right of all that need it.
pub(super) fn layout(graph: &Graph) -> Layout<'_> {
    let columns = columns(graph);
    let mut boxes = vec![(0, 0); graph.nodes.len()];
    let mut lanes = vec![];
    let mut top = MARGIN;
    for (group, members) in graph.groups() {
        let mut rows = vec![0; graph.nodes.len() + 1];
        for node in members {
            let column = columns[node];
            let row = rows[column];
            rows[column] += 1;
            let left = MARGIN + GAP_X / 2 + column * (WIDTH + GAP_X);
            boxes[node] = (left, top + HEAD + row * (HEIGHT + GAP_Y));
        }
        let most = rows.into_iter().max().unwrap_or_default();
        let height = HEAD + most * (HEIGHT + GAP_Y);
        lanes.push(Lane { group, top, height });
        top += height + LANE_GAP;
    }
    let last = columns.iter().max().map_or(1, |it| it + 1);
    Layout {
        boxes,
        columns,
        lanes,
        width: 2 * MARGIN + last * (WIDTH + GAP_X),
        height: top,
    }
}

impl Layout<'_> {
    /// The corners of a line from one box's right to another's left. `number` tells lines apart that turn in the same
    /// gap.
    pub(super) fn line(&self, from: usize, to: usize, number: usize) -> Vec<Point> {
        let apart = (number % 7) * 3;
        let start = (self.boxes[from].0 + WIDTH, self.boxes[from].1 + HEIGHT / 2);
        let end = (self.boxes[to].0, self.boxes[to].1 + HEIGHT / 2);
        let out = start.0 + 12 + apart;
        if self.columns[to] == self.columns[from] + 1 {
            return vec![start, (out, start.1), (out, end.1), end];
        }
        // Along the gap above the row that it leads to.
        let (along, into) = (
            self.boxes[to].1 - 2 - apart.min(GAP_Y - 6),
            end.0 - 30 + apart,
        );
        vec![
            start,
            (out, start.1),
            (out, along),
            (into, along),
            (into, end.1),
            end,
        ]
    }
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

#[cfg(test)]
mod tests {
    use super::{
        super::{Node, State},
        *,
    };
    use proptest::prelude::*;

    /// Whether a horizontal or vertical line touches the inside of a box.
    fn crosses(a: Point, b: Point, (left, top): Point) -> bool {
        let (x, y) = ((a.0.min(b.0), a.0.max(b.0)), (a.1.min(b.1), a.1.max(b.1)));
        x.0 < left + WIDTH
            && left < x.1.max(x.0 + 1)
            && y.0 < top + HEIGHT
            && top < y.1.max(y.0 + 1)
    }

    proptest! {
        #[test]
        fn no_line_goes_through_a_box(
            groups in prop::collection::vec(0..4_usize, 1..14),
            arrows in prop::collection::btree_set((0..14_usize, 0..14_usize), 0..30),
            late in prop::collection::btree_set((0..14_usize, 0..14_usize), 0..4),
        ) {
            let count = groups.len();
            let node = |(index, group): (usize, &usize)| Node {
                address: Address::new([format!("g{group}"), format!("n{index}")]),
                kind: "route",
                group: Address::new([format!("g{group}")]),
                state: State::Unknown,
            };
            let graph = Graph {
                nodes: groups.iter().enumerate().map(node).collect(),
                arrows: arrows.into_iter().filter(|(a, b)| a < b && *b < count).collect(),
                late: late.into_iter().filter(|(a, b)| a != b && *a < count && *b < count).collect(),
            };
            let layout = layout(&graph);
            for (number, (from, to)) in graph.arrows.iter().chain(&graph.late).enumerate() {
                let line = layout.line(*from, *to, number);
                for (a, b) in line.iter().zip(&line[1..]) {
                    prop_assert!(a.0 == b.0 || a.1 == b.1, "a corner is missing: {a:?} {b:?}");
                    let hit = layout.boxes.iter().position(|it| crosses(*a, *b, *it));
                    prop_assert!(hit.is_none(), "{from} to {to} through {hit:?}");
                }
            }
            for (index, a) in layout.boxes.iter().enumerate() {
                for b in &layout.boxes[..index] {
                    let apart = a.0.abs_diff(b.0) >= WIDTH || a.1.abs_diff(b.1) >= HEIGHT;
                    prop_assert!(apart, "two boxes lie on each other");
                }
                prop_assert!(a.0 + WIDTH <= layout.width && a.1 + HEIGHT <= layout.height);
            }
        }
    }
}
