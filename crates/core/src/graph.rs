//! The stack as a picture: its resources, and an arrow from each to what it needs. Pure.

mod dot;
mod layout;
mod mermaid;
mod svg;

use crate::{
    plain::plain,
    plan::{Action, Desired, Plan},
    spec::{rest_api::APIS, traits_of},
    value::Address,
};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet};

/// One resource.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Node {
    pub address: Address,
    pub kind: &'static str,
    /// The table of stack.toml that it stands in: `functions.users`.
    pub group: Address,
    pub state: State,
}

/// What the plan does with a resource; `Unknown` without a plan.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    Unknown,
    Unchanged,
    Create,
    Update,
    Replace,
    Delete,
}

/// The picture. Arrows are pairs of positions in `nodes`: the first needs the second.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Graph {
    pub nodes: Vec<Node>,
    pub arrows: BTreeSet<(usize, usize)>,
    /// What the first names once the second is there: such arrows may lead back.
    #[serde(skip_serializing_if = "BTreeSet::is_empty")]
    pub late: BTreeSet<(usize, usize)>,
}

impl Graph {
    /// Everything declared, and what the plan deletes. With `all`, also what says little.
    pub fn of(desired: &[Desired], plan: Option<&Plan>, all: bool) -> Self {
        let needs = needs(desired, plan);
        let is_drawn = |node: &Node| all || !is_fine(node) || is_touched(node);
        let nodes: Vec<_> = nodes(desired, plan).into_iter().filter(is_drawn).collect();
        let position: BTreeMap<_, _> = nodes.iter().map(|it| &it.address).zip(0..).collect();
        let mut arrows = BTreeSet::new();
        for (address, from) in &position {
            let drawn = drawn_needs(address, &needs, &position);
            arrows.extend(
                drawn
                    .into_iter()
                    .map(|to| (*from, to))
                    .filter(|(from, to)| from != to),
            );
        }
        let arrows = without_detours(&arrows, nodes.len());
        let named = desired
            .iter()
            .flat_map(|it| it.needs_late().into_iter().map(|to| (&it.address, to)));
        let late = named
            .filter_map(|(from, to)| Some((*position.get(from)?, *position.get(&to)?)))
            .collect();
        Self {
            nodes,
            arrows,
            late,
        }
    }

    /// As Mermaid, which GitHub and many editors draw.
    pub fn mermaid(&self) -> String {
        mermaid::write(self)
    }

    /// As DOT, the language of Graphviz.
    pub fn dot(&self) -> String {
        dot::write(self)
    }

    /// As a picture that needs no other program.
    pub fn svg(&self) -> String {
        svg::write(self)
    }

    /// The nodes of each group, in order.
    fn groups(&self) -> BTreeMap<&Address, Vec<usize>> {
        let mut groups: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (index, node) in self.nodes.iter().enumerate() {
            groups.entry(&node.group).or_default().push(index);
        }
        groups
    }
}

impl Node {
    /// What stands in the box: the last word of the address, with the plan's sign.
    fn label(&self) -> String {
        let name = self.address.segments().last().map_or("", String::as_str);
        format!("{}{}", self.state.sign(), plain(name))
    }
}

impl State {
    const ALL: [Self; 6] = [
        Self::Unknown,
        Self::Unchanged,
        Self::Create,
        Self::Update,
        Self::Replace,
        Self::Delete,
    ];

    fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Unchanged => "unchanged",
            Self::Create => "create",
            Self::Update => "update",
            Self::Replace => "replace",
            Self::Delete => "delete",
        }
    }

    /// The meaning never depends on the colour alone. No space after it: Mermaid takes `+ x` and `- x`
    /// for lists.
    fn sign(self) -> &'static str {
        match self {
            Self::Unknown | Self::Unchanged => "",
            Self::Create => "+",
            Self::Update => "~",
            Self::Replace => "±",
            Self::Delete => "-",
        }
    }

    /// The colours of a box: inside and edge.
    fn colours(self) -> (&'static str, &'static str) {
        match self {
            Self::Unknown => ("#eef3fb", "#3b5b92"),
            Self::Unchanged => ("#f2f2f2", "#777777"),
            Self::Create => ("#dff3e0", "#1f7a2e"),
            Self::Update => ("#fff3cd", "#9a6b00"),
            Self::Replace => ("#f3e0f5", "#7b1f88"),
            Self::Delete => ("#fbdfdf", "#a12020"),
        }
    }

    /// The inside of a box on a dark page, on which text is light.
    fn inside_in_the_dark(self) -> &'static str {
        match self {
            Self::Unknown => "#1c2a44",
            Self::Unchanged => "#2a2e34",
            Self::Create => "#12331c",
            Self::Update => "#3d3000",
            Self::Replace => "#35163b",
            Self::Delete => "#431a1a",
        }
    }
}

fn is_touched(node: &Node) -> bool {
    matches!(node.state, State::Update | State::Replace | State::Delete)
}

/// What says little is drawn only when it is asked for, or when the plan touches it.
fn is_fine(node: &Node) -> bool {
    let name = node.address.segments().last().map_or("", String::as_str);
    traits_of(node.kind)
        .and_then(|it| it.says_little)
        .is_some_and(|says_little| says_little(name))
}

fn nodes(desired: &[Desired], plan: Option<&Plan>) -> Vec<Node> {
    let steps: BTreeMap<_, _> = plan
        .iter()
        .flat_map(|plan| &plan.steps)
        .map(|it| (&it.address, it))
        .collect();
    let state = |address: &Address| match (plan, steps.get(address).map(|it| it.action)) {
        (None, _) => State::Unknown,
        (_, None) => State::Unchanged,
        (_, Some(Action::Create)) => State::Create,
        (_, Some(Action::Update)) => State::Update,
        (_, Some(Action::Replace)) => State::Replace,
        (_, Some(Action::Delete)) => State::Delete,
    };
    let declared = desired.iter().map(|it| (&it.address, it.kind));
    let deleted = steps
        .values()
        .filter(|it| it.action == Action::Delete)
        .map(|it| (&it.address, it.kind));
    let all: BTreeMap<_, _> = declared.chain(deleted).collect();
    let node = |(address, kind): (&Address, _)| Node {
        address: address.clone(),
        kind,
        group: group(address),
        state: state(address),
    };
    all.into_iter().map(node).collect()
}

/// `functions.users.role` stands with `functions.users`; everything else with its first word.
fn group(address: &Address) -> Address {
    let take = match address.segments().first().map(String::as_str) {
        Some("functions" | APIS) => 2,
        _ => 1,
    };
    Address::new(address.segments().iter().take(take).cloned())
}

type Needs = BTreeMap<Address, BTreeSet<Address>>;

fn needs(desired: &[Desired], plan: Option<&Plan>) -> Needs {
    let steps = plan.iter().flat_map(|plan| &plan.steps);
    let deleted = steps.filter(|it| it.action == Action::Delete);
    let deleted = deleted.map(|it| (it.address.clone(), it.parent.iter().cloned().collect()));
    deleted
        .chain(desired.iter().map(|it| (it.address.clone(), it.needs())))
        .collect()
}

/// What a node needs among the drawn ones; through what is not drawn, what that needs.
fn drawn_needs(
    address: &Address,
    needs: &Needs,
    position: &BTreeMap<&Address, usize>,
) -> BTreeSet<usize> {
    let (mut found, mut seen) = (BTreeSet::new(), BTreeSet::from([address.clone()]));
    let mut waiting: Vec<_> = needs.get(address).into_iter().flatten().collect();
    while let Some(next) = waiting.pop() {
        match position.get(next) {
            Some(to) => drop(found.insert(*to)),
            None if seen.insert(next.clone()) => {
                waiting.extend(needs.get(next).into_iter().flatten())
            }
            None => {}
        }
    }
    found
}

/// Without the arrows that say what a longer way says too.
fn without_detours(arrows: &BTreeSet<(usize, usize)>, count: usize) -> BTreeSet<(usize, usize)> {
    let next = |from| arrows.range((from, 0)..(from + 1, 0)).map(|(_, to)| *to);
    let reached = |from| {
        let (mut seen, mut waiting) = (BTreeSet::new(), next(from).collect::<Vec<_>>());
        while let Some(node) = waiting.pop() {
            if seen.insert(node) {
                waiting.extend(next(node));
            }
        }
        seen
    };
    let reach: Vec<_> = (0..count).map(reached).collect();
    let is_needed =
        |(from, to): &(usize, usize)| !next(*from).any(|via| via != *to && reach[via].contains(to));
    arrows.iter().copied().filter(is_needed).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stack::{Inputs, Stack};

    fn workshop(all: bool) -> Graph {
        let text = include_str!("../../../stack.toml");
        let stack = Stack::parse("stack.toml", text, &Inputs::default()).unwrap();
        Graph::of(&stack.desired, None, all)
    }

    fn arrows(graph: &Graph, from: &str) -> Vec<String> {
        let from = graph
            .nodes
            .iter()
            .position(|it| it.address.to_string() == from)
            .unwrap();
        let to = graph
            .arrows
            .iter()
            .filter(|it| it.0 == from)
            .map(|it| graph.nodes[it.1].address.to_string());
        to.collect()
    }

    #[test]
    fn a_route_points_at_its_authorizer_and_function_and_not_at_what_they_need() {
        let graph = workshop(false);
        assert_eq!(
            arrows(&graph, r#"api.routes."GET /users""#),
            ["api.authorizers.cognito", "functions.users"]
        );
        assert_eq!(
            arrows(&graph, "api.authorizers.cognito"),
            ["api", "user_pool"]
        );
    }

    #[test]
    fn what_is_named_late_has_an_arrow_of_its_own_that_may_lead_back() {
        let text = "[stack]\nname = \"a\"\nregion = \"eu-west-1\"\n[user_pool]\nname = \"a\"\n\
            [user_pool.triggers]\npost_confirmation = \"users\"\n\
            [functions.users]\nname = \"a\"\nzip = \"a.zip\"\nenvironment = { POOL = \"${user_pool.id}\" }\n";
        let stack = Stack::parse("stack.toml", text, &Inputs::default()).unwrap();
        let graph = Graph::of(&stack.desired, None, false);
        let [(pool, function)] = graph.late.iter().copied().collect::<Vec<_>>()[..] else {
            panic!("{:?}", graph.late)
        };
        assert_eq!(graph.nodes[pool].address.to_string(), "user_pool");
        assert!(
            graph.arrows.contains(&(function, pool)) && !graph.arrows.contains(&(pool, function))
        );
        assert!(
            graph
                .mermaid()
                .contains(&format!("n{pool} -.-> n{function}"))
        );
        assert!(
            graph
                .dot()
                .contains(&format!("n{pool} -> n{function} [style=dashed]"))
        );
        // The line, and the legend's.
        assert_eq!(graph.svg().matches("stroke-dasharray").count(), 2);
        assert!(graph.svg().contains("names it afterwards"));
    }

    #[test]
    fn paths_and_preflights_are_drawn_only_when_asked_for() {
        let (some, all) = (workshop(false), workshop(true));
        assert!(some.nodes.iter().all(|it| !is_fine(it)) && all.nodes.iter().any(is_fine));
        assert_eq!(all.nodes.len(), 23);
    }

    #[test]
    fn every_format_has_every_node() {
        let graph = workshop(true);
        for (format, text) in [
            ("Mermaid", graph.mermaid()),
            ("DOT", graph.dot()),
            ("SVG", graph.svg()),
        ] {
            for node in &graph.nodes {
                let label = node.label().replace('{', "&#123;");
                let (plain, escaped) = (node.label(), label);
                assert!(
                    text.contains(&plain) || text.contains(&escaped),
                    "{format} lacks {plain}"
                );
            }
        }
    }
}
