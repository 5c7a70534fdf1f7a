//! What a kind of network says of itself in a recipe.

use brasa_keys::Fault;

use super::NetworkConfig;
use crate::KeyRename;

/// What the data decide of a network.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DataSizes {
    /// Shape of one sample.
    pub shape: Vec<usize>,
    /// Classes, or numbers to predict.
    pub outputs: usize,
    /// Words of the vocabulary; 0 where the samples are no titles.
    pub words: usize,
    /// Where tokens of other kinds follow the words: how many words the vocabulary and how many a title has, which are the first ones.
    pub plain: Option<[usize; 2]>,
    /// The levels of each column of a table, 0 where it holds numbers; empty where no column has levels.
    pub levels: Vec<usize>,
    /// Whether the last channel of a time series tells which of its steps are padding.
    pub masked: bool,
}

impl DataSizes {
    /// The levels of each column of a table, 0 where it holds numbers.
    pub(crate) fn columns(&self) -> Vec<usize> {
        match self.levels.as_slice() {
            [] => vec![0; self.shape.iter().product()],
            levels => levels.to_vec(),
        }
    }
}

/// Whether samples of this shape are the columns of a table, which the kind `name` is over.
pub(crate) fn check_columns(name: &str, shape: &[usize]) -> std::result::Result<(), Fault> {
    check_rank::<1>(name, "the columns of a table", shape)
}

/// Whether samples of this shape have as many axes as those that the kind `name` is over, which are `what`.
pub(super) fn check_rank<const RANK: usize>(
    name: &str,
    what: &str,
    shape: &[usize],
) -> std::result::Result<(), Fault> {
    match shape.len() == RANK {
        true => Ok(()),
        false => {
            let found = format!("samples of the shape {shape:?}");
            Err(Fault::value("kind", format!("{what} for \"{name}\""), found))
        }
    }
}

/// What every kind of network can do.
pub trait ArchitectureKind {
    /// The network for data of these sizes, with vectors of `dims` numbers where it reads titles.
    fn network(&self, sizes: &DataSizes, dims: usize) -> NetworkConfig;

    /// Checks what the range of one key does not say.
    ///
    /// # Errors
    /// The first key that does not go with another.
    fn check(&self) -> std::result::Result<(), Fault> {
        Ok(())
    }

    /// Whether it can be over samples of this shape, where its layers do not say.
    ///
    /// # Errors
    /// The key `kind`, with the samples that it takes.
    fn check_shape(&self, shape: &[usize]) -> std::result::Result<(), Fault> {
        let _ = shape;
        Ok(())
    }

    /// Whether its samples are titles.
    fn reads_titles(&self) -> bool {
        false
    }

    /// Whether it tells categories from numbers: the codes of their levels are no numbers to reckon with.
    fn takes_levels(&self) -> bool {
        false
    }

    /// Whether it is trained batch by batch, or at once on all rows.
    fn learns_in_steps(&self) -> bool {
        true
    }

    /// How others than PyTorch's own collection call the parameters: rules that lead their names to those of
    /// [`NetworkConfig::torch_names`].
    fn foreign_names(&self) -> Vec<KeyRename> {
        Vec::new()
    }

    /// Whether it flattens its samples, so that any shape will do to check it with.
    fn takes_any_shape(&self) -> bool {
        false
    }
}
