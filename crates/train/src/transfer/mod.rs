//! Weights that others trained, in a network that goes on learning.

mod cache;
mod freeze;

use brasa_data::Files;
use brasa_models::{LoadOptions, Network, NetworkConfig, StoredWeights, load_stored_weights};

use crate::Result;
use crate::recipe::CheckedRecipe;

pub(crate) use cache::{Cached, cached};
pub(crate) use freeze::Frozen;

/// `network` with the weights that the recipe names, found among `files`; unchanged where it names none.
pub(crate) fn load_pretrained(
    network: Network,
    config: &NetworkConfig,
    recipe: &CheckedRecipe,
    files: &Files,
) -> Result<Network> {
    let Some(transfer) = &recipe.recipe().transfer else { return Ok(network) };
    let Some(file) = transfer.file() else { return Ok(network) };
    let stored = StoredWeights::open(&files.path(file)?)?;
    let mut renames = transfer.renames();
    renames.extend(recipe.recipe().model.architecture.kind().foreign_names());
    let (names, head) = (config.torch_names(), config.head());
    let options = LoadOptions { renames: &renames, torch_names: &names, new_head: Some(&head) };
    Ok(load_stored_weights(network, &stored, options)?.network)
}
