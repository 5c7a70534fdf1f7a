//! The names of a graph's values: the caller's first, and such ones for the rest as nobody has taken.

use std::collections::HashSet;

use crate::Graph;
use crate::graph::Origin;

/// The names of all values, and the outputs for which a value is copied, as it has a name already.
pub(crate) struct Names {
    pub values: Vec<String>,
    pub copies: Vec<(usize, String)>,
}

impl Graph {
    /// Names what is not named yet.
    pub(crate) fn names(&mut self) -> Names {
        let mut taken = HashSet::new();
        let mut names: Vec<Option<String>> = Vec::with_capacity(self.values.len());
        for origin in &self.values {
            names.push(match origin {
                Origin::Named(name) => Some(name.clone()),
                _ => None,
            });
        }
        let mut given = names.iter().flatten().chain(self.outputs.iter().map(|output| &output.name));
        let refused = given.find(|name| name.is_empty() || !taken.insert((*name).clone()));
        if let Some(name) = refused {
            let found = if name.is_empty() { "none".to_owned() } else { format!("{name:?} twice") };
            let expected = "one of its own for each input, initialiser and output";
            self.fail("names".to_owned(), expected, found);
        }
        let mut copies = Vec::new();
        for output in &self.outputs {
            match names.get_mut(output.value) {
                Some(name @ None) => *name = Some(output.name.clone()),
                _ => copies.push((output.value, output.name.clone())),
            }
        }
        let values = names.into_iter().enumerate().map(|(value, name)| {
            name.unwrap_or_else(|| {
                let mut name = self.generated(value);
                while !taken.insert(name.clone()) {
                    name.push('_');
                }
                name
            })
        });
        Names { values: values.collect(), copies }
    }

    fn generated(&self, value: usize) -> String {
        match self.values.get(value) {
            Some(Origin::Node { node, output }) => {
                let name = self.node_name(*node);
                match self.nodes.get(*node).is_some_and(|node| node.outputs.len() > 1) {
                    true => format!("{name}_{output}"),
                    false => name,
                }
            }
            _ => format!("constant_{value}"),
        }
    }

    /// Nodes have names apart from those of values.
    pub(crate) fn node_name(&self, node: usize) -> String {
        let operator = self.nodes.get(node).map_or("", |node| &node.operator.name);
        format!("{operator}_{node}")
    }
}
