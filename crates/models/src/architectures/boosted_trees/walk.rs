//! Samples on their way through trees.

use super::{NODE, TREE};

/// A node, ready to be walked through.
#[derive(Debug, Clone, Copy)]
struct Node {
    feature: usize,
    threshold: f32,
    /// Place of the left child, 0 for a leaf.
    left: usize,
    value: f32,
}

/// A node that is told of.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told {
    /// Among all nodes.
    pub(super) place: usize,
    pub(super) feature: usize,
    pub(super) threshold: f32,
    /// Place of the left child, behind which the right one stands; 0 for a leaf.
    pub(super) left: usize,
    pub(super) value: f32,
}

/// Trees on the host. Whatever numbers they were made of, every walk ends: a child stands behind its parent.
#[derive(Debug)]
pub(super) struct Walk<'a> {
    nodes: Vec<Node>,
    /// The root of each tree and its sum.
    trees: Vec<(usize, usize)>,
    base: &'a [f32],
}

/// Walks that are worth a thread.
const WALKS_PER_THREAD: usize = 1 << 16;

impl<'a> Walk<'a> {
    pub(super) fn new(nodes: &[f32], trees: &[f32], base: &'a [f32]) -> Self {
        let node = |(place, node): (usize, &[f32])| match *node {
            // A negative number or none at all becomes 0.
            [feature, threshold, left, value] => {
                let left = if left >= 1.0 { place.saturating_add(left as usize) } else { 0 };
                Node { feature: feature as usize, threshold, left, value }
            }
            _ => Node { feature: 0, threshold: 0.0, left: 0, value: 0.0 },
        };
        let tree = |tree: &[f32]| match *tree {
            [root, sum] => (root as usize, sum as usize),
            _ => (0, 0),
        };
        Self {
            nodes: nodes.chunks(NODE).enumerate().map(node).collect(),
            trees: trees.chunks(TREE).map(tree).collect(),
            base,
        }
    }

    /// The sums of `rows` samples, row-major; each is added up in the order of the trees, whatever the threads.
    pub(super) fn sums(&self, features: &[f32], rows: usize) -> Vec<f64> {
        let width = self.base.len();
        let mut sums = vec![0.0; rows * width];
        if rows == 0 || width == 0 {
            return sums;
        }
        let columns = features.len() / rows;
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let worth = (rows * self.trees.len()).div_ceil(WALKS_PER_THREAD).clamp(1, threads);
        let share = rows.div_ceil(worth);
        let mut parts = sums.chunks_mut(share * width).zip(features.chunks(share * columns.max(1)));
        let first = parts.next();
        std::thread::scope(|scope| {
            for (sums, features) in parts {
                scope.spawn(move || self.add(features, columns, sums));
            }
            if let Some((sums, features)) = first {
                self.add(features, columns, sums);
            }
        });
        sums
    }

    fn add(&self, features: &[f32], columns: usize, sums: &mut [f64]) {
        let rows = features.chunks(columns.max(1));
        for (row, sums) in rows.zip(sums.chunks_mut(self.base.len())) {
            sums.iter_mut().zip(self.base).for_each(|(sum, &base)| *sum = f64::from(base));
            for &(root, sum) in &self.trees {
                if let Some(sum) = sums.get_mut(sum) {
                    *sum += f64::from(self.value(root, row));
                }
            }
        }
    }

    /// Hands each node of each tree to `tell`, with the numbers of the tree and of its sum. False where they are no trees: a node
    /// has two parents, is not there, or adds to a sum that is not there.
    pub(super) fn each_node(&self, mut tell: impl FnMut(usize, usize, Told)) -> bool {
        let mut seen = vec![false; self.nodes.len()];
        for (tree, &(root, sum)) in self.trees.iter().enumerate() {
            let mut waiting = vec![root];
            while let Some(place) = waiting.pop() {
                let (Some(node), Some(seen)) = (self.nodes.get(place), seen.get_mut(place)) else {
                    return false;
                };
                if std::mem::replace(seen, true) || sum >= self.base.len() {
                    return false;
                }
                let Node { feature, threshold, left, value } = *node;
                tell(tree, sum, Told { place, feature, threshold, left, value });
                if left > 0 {
                    waiting.extend([left.saturating_add(1), left]);
                }
            }
        }
        true
    }

    fn value(&self, root: usize, row: &[f32]) -> f32 {
        let mut place = root;
        while let Some(node) = self.nodes.get(place) {
            if node.left == 0 {
                return node.value;
            }
            // What is no number goes right, as in growing.
            let below = row.get(node.feature).is_some_and(|number| *number < node.threshold);
            place = if below { node.left } else { node.left.saturating_add(1) };
        }
        0.0
    }
}
