//! What layers that do not learn make of the samples, computed once.

use std::sync::Arc;

use brasa_data::{DataError, Labelled, Samples, Values};
use brasa_models::{Network, Sequential, read_back};
use burn::module::Module;
use burn::tensor::Device;

use super::Frozen;
use crate::Result;
use crate::evaluate::input;
use crate::prepared::{Prepared, seen};
use crate::recipe::{CheckedRecipe, RecipeError};
use crate::update::kernels_of;

/// A network that begins behind its first layers, and the data as those leave them.
pub(crate) struct Cached {
    pub(crate) network: Network,
    pub(crate) prepared: Prepared,
}

/// `network` over features of the training and the validation rows, where the recipe wants it so; the test rows are not
/// looked at.
pub(crate) fn cached(
    recipe: &CheckedRecipe,
    prepared: &Prepared,
    network: &Network,
    frozen: Option<&Frozen>,
    device: &Device,
) -> Result<Option<Cached>> {
    let Some(frozen) = frozen.filter(|frozen| frozen.keeps_features()) else { return Ok(None) };
    let refused = |found: &str| {
        let expected = "false for a network whose first layers all learn, or that is no list of layers";
        recipe.recipe().locate(RecipeError::value("transfer.cache", expected, found))
    };
    let Network::Sequential(sequential) = network else { return Err(refused("true").into()) };
    let Some(layers) = sequential.still_layers(|name| frozen.learns(name, 1)) else {
        return Err(refused("true").into());
    };
    let _kernels = kernels_of(recipe);
    let features = Features { network: &sequential.valid(), layers, prepared, device };
    let data = features.of(&seen(&prepared.split), recipe.recipe().training.workers)?;
    let prepared = prepared.over(Arc::new(data));
    Ok(Some(Cached { network: Network::Sequential(sequential.clone().behind(layers)), prepared }))
}

struct Features<'a> {
    network: &'a Sequential,
    layers: usize,
    prepared: &'a Prepared,
    device: &'a Device,
}

impl Features<'_> {
    /// The data with features in the place of samples; those of other rows than `rows` are zeros.
    fn of(&self, rows: &[usize], workers: usize) -> Result<Labelled> {
        let data = &self.prepared.data;
        let mut values: Vec<f32> = Vec::new();
        let mut width = 0;
        let mut rest = rows;
        for mut batch in self.prepared.eval_loader(rows, workers)?.epoch(0) {
            let (own, later) = rest.split_at_checked(batch.len()).unwrap_or((rest, &[]));
            rest = later;
            let input = input(&mut batch, data.samples.shape(), self.device);
            let features = self.network.features(input.flat(), self.layers);
            [_, width] = features.dims();
            if values.is_empty() {
                values = room(data.samples.len(), width)?;
            }
            let features = read_back(features, "the features")?;
            for (row, features) in own.iter().zip(features.chunks_exact(width.max(1))) {
                if let Some(place) = values.get_mut(row * width..(row + 1) * width) {
                    place.copy_from_slice(features);
                }
            }
        }
        let samples = Samples::new(vec![width.max(1)], Values::F32(values))?;
        Ok(Labelled { samples, ..Labelled::clone(data) })
    }
}

/// Zeros for every sample, where there is memory for them.
fn room(samples: usize, width: usize) -> Result<Vec<f32>> {
    let numbers = samples.checked_mul(width);
    let mut values = Vec::new();
    let reserved = numbers.and_then(|numbers| values.try_reserve_exact(numbers).ok().map(|()| numbers));
    match reserved {
        Some(numbers) => {
            values.resize(numbers, 0.0);
            Ok(values)
        }
        None => {
            let problem = format!("there is no memory for {width} features of each of {samples} samples");
            Err(DataError::Refused { action: "transfer.cache".into(), problem }.into())
        }
    }
}
