//! Boosted trees: grown elsewhere, held and answered like a network.

mod config;
mod emit;
mod recipe;
#[cfg(test)]
mod tests;
mod walk;

use burn::module::{Module, Param};
use burn::tensor::{Device, Tensor, TensorData};

use crate::{Input, Model, ModelError, Result, read_back};

pub use config::{BoostedTreesConfig, Link};
pub use recipe::BoostedTreesRecipe;
use walk::Walk;

/// A decision tree that is to be held.
#[derive(Debug, Clone, PartialEq)]
pub struct Tree {
    /// Which sum its value is added to, from 0.
    pub sum: usize,
    /// Its nodes, the root first, children behind their parent.
    pub nodes: Vec<TreeNode>,
}

/// A node of a [`Tree`].
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum TreeNode {
    /// Where a sample ends, with the value that the tree adds.
    Leaf(f32),
    /// Where a sample goes left or right.
    Split {
        /// Column of the sample, from 0.
        feature: usize,
        /// Samples whose number is below go left.
        threshold: f32,
        /// Place of the left child in [`Tree::nodes`].
        left: usize,
        /// Place of the right child.
        right: usize,
    },
}

/// Sums of decision trees over the numbers of a sample, as gradient boosting grows them
/// ([Friedman 2001](https://doi.org/10.1214/aos/1013203451)). Its trees are tensors, saved and loaded like weights, but not
/// trained by gradients; samples are walked through them on the host, whatever the device.
///
/// ```
/// use brasa_models::{BoostedTrees, BoostedTreesConfig, Model, Tree, TreeNode};
/// use burn::tensor::{Device, Tensor};
///
/// let device = Device::default();
/// let nodes = vec![
///     TreeNode::Split { feature: 1, threshold: 0.5, left: 1, right: 2 },
///     TreeNode::Leaf(-1.0),
///     TreeNode::Leaf(2.0),
/// ];
/// let config = BoostedTreesConfig::new(2, 1);
/// let trees = BoostedTrees::of(&config, &[10.0], &[Tree { sum: 0, nodes }], &device)?;
/// let outputs = trees.forward(&Tensor::<2>::from_floats([[7.0, 0.0], [7.0, 1.0]], &device).into());
/// assert_eq!(outputs.into_data().as_slice::<f32>().unwrap(), [9.0, 12.0]);
/// # Ok::<(), brasa_models::ModelError>(())
/// ```
#[derive(Module, Debug)]
pub struct BoostedTrees {
    /// A row for each node: its feature, its threshold, how far behind it its left child stands (its right child is the next;
    /// 0 for a leaf), its value.
    nodes: Param<Tensor<2>>,
    /// A row for each tree: the place of its root, the sum that it belongs to.
    trees: Param<Tensor<2>>,
    /// What each sum begins with.
    base: Param<Tensor<1>>,
    #[module(skip)]
    outputs: usize,
    #[module(skip)]
    link: Link,
}

/// Numbers of a node and of a tree.
const NODE: usize = 4;
const TREE: usize = 2;

impl BoostedTrees {
    /// Nodes of all trees at most: whole numbers up to this are exact in 32 bits of a float.
    pub const MOST_NODES: usize = 1 << 24;

    /// These trees; `base` is what each sum begins with.
    ///
    /// # Errors
    /// [`ModelError::Config`] for trees that no sample can be walked through, and for sums that do not go with the outputs.
    pub fn of(config: &BoostedTreesConfig, base: &[f32], trees: &[Tree], device: &Device) -> Result<Self> {
        config.check()?;
        let wrong = |expected: String, found: String| ModelError::Config { key: "trees", expected, found };
        let sums = config.link.sums(config.outputs);
        if base.len() != sums || trees.iter().any(|tree| tree.sum >= sums) {
            return Err(wrong(format!("trees of {sums} sums"), format!("{} sums", base.len())));
        }
        let (mut nodes, mut roots) = (Vec::new(), Vec::with_capacity(trees.len() * TREE));
        for tree in trees {
            let place = nodes.len() / NODE;
            roots.extend([place as f32, tree.sum as f32]);
            lay_out(tree, config.inputs, &mut nodes).ok_or_else(|| {
                wrong(
                    "nodes whose children stand behind them, over columns of the data".into(),
                    format!("{tree:?}"),
                )
            })?;
        }
        if nodes.len() / NODE > Self::MOST_NODES {
            return Err(wrong(
                format!("at most {} nodes", Self::MOST_NODES),
                (nodes.len() / NODE).to_string(),
            ));
        }
        // A module without any would have tensors without elements.
        if trees.is_empty() {
            nodes.extend([0.0; NODE]);
            roots.extend([0.0; TREE]);
        }
        let table = |values: Vec<f32>, width: usize| {
            let shape = [values.len() / width, width];
            Param::from_tensor(Tensor::<2>::from_data(TensorData::new(values, shape), device))
        };
        Ok(Self {
            nodes: table(nodes, NODE),
            trees: table(roots, TREE),
            base: Param::from_tensor(Tensor::from_data(TensorData::new(base.to_vec(), [sums]), device)),
            outputs: config.outputs,
            link: config.link,
        })
    }

    /// Without any tree: every sum is 0.
    fn empty(config: &BoostedTreesConfig, device: &Device) -> Self {
        let sums = config.link.sums(config.outputs);
        Self {
            nodes: Param::from_tensor(Tensor::zeros([config.nodes.max(1), NODE], device)),
            trees: Param::from_tensor(Tensor::zeros([config.trees.max(1), TREE], device)),
            base: Param::from_tensor(Tensor::zeros([sums], device)),
            outputs: config.outputs,
            link: config.link,
        }
    }

    /// Outputs on the host for `rows`, row-major.
    fn answers(&self, features: &[f32], rows: usize) -> Result<Vec<f32>> {
        let nodes = read_back(self.nodes.val(), "the nodes of trees")?;
        let trees = read_back(self.trees.val(), "the trees")?;
        let base = read_back(self.base.val(), "the sums of trees")?;
        let sums = Walk::new(&nodes, &trees, &base).sums(features, rows);
        Ok(self.link.outputs(&sums))
    }
}

/// Appends the nodes of a tree in an order in which siblings stand next to each other; `None` for a tree that is none.
fn lay_out(tree: &Tree, inputs: usize, into: &mut Vec<f32>) -> Option<()> {
    // What stands at each place, in the order of places.
    let mut order = vec![0];
    let mut next = 0;
    while let Some(&place) = order.get(next) {
        match *tree.nodes.get(place)? {
            TreeNode::Leaf(value) => into.extend([0.0, 0.0, 0.0, value]),
            TreeNode::Split { feature, threshold, left, right } => {
                if left <= place || right <= place || feature >= inputs || order.len() > tree.nodes.len() {
                    return None;
                }
                into.extend([feature as f32, threshold, (order.len() - next) as f32, 0.0]);
                order.extend([left, right]);
            }
        }
        next += 1;
    }
    Some(())
}

impl Model for BoostedTrees {
    fn forward(&self, input: &Input) -> Tensor<2> {
        let flat = input.flat();
        let (device, [rows, _]) = (flat.device(), flat.dims());
        let outputs = read_back(flat, "the samples").and_then(|features| self.answers(&features, rows));
        // A device that fails says nothing.
        let outputs = outputs.unwrap_or_else(|_| vec![f32::NAN; rows * self.outputs]);
        Tensor::from_data(TensorData::new(outputs, [rows, self.outputs]), &device)
    }
}
