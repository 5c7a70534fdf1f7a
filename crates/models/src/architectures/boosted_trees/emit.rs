//! Trees as a node of a graph.

use brasa_onnx::{Attribute, Operator, Value};

use super::walk::Walk;
use super::{BoostedTrees, Link};
use crate::{Emitter, ModelError, Result, read_back};

/// The attributes of a `TreeEnsembleRegressor`, a row for each node and for each leaf.
#[derive(Default)]
struct Table {
    trees: Vec<i64>,
    nodes: Vec<i64>,
    features: Vec<i64>,
    thresholds: Vec<f32>,
    modes: Vec<String>,
    left: Vec<i64>,
    right: Vec<i64>,
    leaf_trees: Vec<i64>,
    leaf_nodes: Vec<i64>,
    leaf_sums: Vec<i64>,
    leaf_values: Vec<f32>,
}

impl BoostedTrees {
    /// Its nodes in a graph.
    pub(super) fn emit(&self, emitter: &mut Emitter<'_>, input: &Value) -> Result<Value> {
        let input = emitter.node("Flatten", &[input], [("axis", 1.into())]);
        let nodes = read_back(self.nodes.val(), "the nodes of trees")?;
        let trees = read_back(self.trees.val(), "the trees")?;
        let base = read_back(self.base.val(), "the sums of trees")?;
        let mut table = Table::default();
        let are_trees = Walk::new(&nodes, &trees, &base).each_node(|tree, sum, node| {
            let (tree, place) = (tree as i64, node.place as i64);
            table.trees.push(tree);
            table.nodes.push(place);
            table.features.push(node.feature as i64);
            table.thresholds.push(node.threshold);
            table.modes.push(if node.left == 0 { "LEAF" } else { "BRANCH_LT" }.into());
            table.left.push(node.left as i64);
            table.right.push(if node.left == 0 { 0 } else { node.left as i64 + 1 });
            if node.left == 0 {
                table.leaf_trees.push(tree);
                table.leaf_nodes.push(place);
                table.leaf_sums.push(sum as i64);
                table.leaf_values.push(node.value);
            }
        });
        if !are_trees {
            return Err(ModelError::Config {
                key: "trees",
                expected: "nodes with one parent each".into(),
                found: "others".into(),
            });
        }
        let Table { trees, nodes, features, thresholds, modes, left, right, .. } = table;
        let attributes: Vec<(&str, Attribute)> = vec![
            ("n_targets", (base.len() as i64).into()),
            ("base_values", base.clone().into()),
            ("nodes_treeids", trees.into()),
            ("nodes_nodeids", nodes.into()),
            ("nodes_featureids", features.into()),
            ("nodes_values", thresholds.into()),
            ("nodes_modes", modes.into()),
            ("nodes_truenodeids", left.into()),
            ("nodes_falsenodeids", right.into()),
            ("target_treeids", table.leaf_trees.into()),
            ("target_nodeids", table.leaf_nodes.into()),
            ("target_ids", table.leaf_sums.into()),
            ("target_weights", table.leaf_values.into()),
        ];
        let sums = emitter.graph().node(Operator::ml("TreeEnsembleRegressor"), &[&input], attributes);
        Ok(match self.link {
            Link::Identity => sums,
            Link::LogOdds => {
                let zero = emitter.number(0.0);
                let zeros = emitter.node("Mul", &[&sums, &zero], []);
                emitter.node("Concat", &[&zeros, &sums], [("axis", 1.into())])
            }
            Link::OneAgainstRest => {
                // The logarithm of a sigmoid, as minus a softplus.
                let negative = emitter.node("Neg", &[&sums], []);
                let soft = emitter.node("Softplus", &[&negative], []);
                emitter.node("Neg", &[&soft], [])
            }
        })
    }
}
