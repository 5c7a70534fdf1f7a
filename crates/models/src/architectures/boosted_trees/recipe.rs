//! Boosted trees in a recipe.

use brasa_keys::{Bounds, Fault, Table};

use super::BoostedTreesConfig;
use crate::architectures::kind::check_columns;
use crate::{ArchitectureKind, DataSizes, NetworkConfig};

brasa_keys::table! {
    /// Gradient-boosted trees over the columns of a table, grown level by level on histograms, each on a share of the rows and the
    /// columns, until the validation rows are told no better for a while
    /// ([Chen and Guestrin 2016](https://doi.org/10.1145/2939672.2939785)). They are grown at once and not in epochs:
    /// `[optimizer]`, `[schedule]` and `training.epochs` say nothing to them. They minimise `cross-entropy` or `mse`; several
    /// classes are told one against the rest. Levels of a category are numbers in their order.
    pub struct BoostedTreesRecipe = "boosted-trees" {
        /// Trees of each class or number, at most.
        trees: usize = 3_000, Bounds::within(1.0, 100_000.0);
        /// Share of its value that each tree adds.
        learning_rate: f64 = 0.05, Bounds::above(0.0);
        /// Leaves of a tree, at most.
        leaves: usize = 31, Bounds::within(2.0, 10_000.0);
        /// Splits from the root to a leaf, at most.
        depth: usize = 12, Bounds::within(1.0, 100.0);
        /// Least weight of a leaf: rows for numbers, rows times `p (1 - p)` for classes.
        leaf_weight: f64 = 1.0, Bounds::at_least(0.0);
        /// What the weight of each leaf is increased by before its value is computed.
        l2: f64 = 1.0, Bounds::at_least(0.0);
        /// Share of the rows that each tree sees.
        rows: f64 = 0.8, Bounds::within(0.01, 1.0);
        /// Share of the columns that each tree sees.
        columns: f64 = 0.6, Bounds::within(0.01, 1.0);
        /// Trees without a better validation figure before growing ends.
        patience: usize = 50, Bounds::within(1.0, 100_000.0);
    }
}

impl ArchitectureKind for BoostedTreesRecipe {
    fn network(&self, sizes: &DataSizes, _: usize) -> NetworkConfig {
        let inputs = sizes.shape.iter().product();
        NetworkConfig::BoostedTrees(BoostedTreesConfig::new(inputs, sizes.outputs))
    }

    fn check_shape(&self, shape: &[usize]) -> std::result::Result<(), Fault> {
        check_columns(Self::NAME, shape)
    }

    fn takes_levels(&self) -> bool {
        true
    }

    fn learns_in_steps(&self) -> bool {
        false
    }
}
