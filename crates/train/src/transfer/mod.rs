//! Weights that others trained, in a network that goes on learning.

mod cache;
mod freeze;

use brasa_data::{DataError, Files, Limit, read_regular, sha256_hex};
use brasa_models::{LoadOptions, Network, NetworkConfig, StoredWeights, load_stored_weights};

use crate::Result;
use crate::pretrained::weights_file;
use crate::recipe::{CheckedRecipe, RecipeError};

pub(crate) use cache::{Cached, cached};
pub(crate) use freeze::Frozen;
use freeze::means;

/// Whether the file of weights that the recipe names is there: better told before data are read than after.
///
/// # Errors
/// [`TrainError::WeightsNotThere`](crate::TrainError::WeightsNotThere).
pub(crate) fn check_pretrained(recipe: &CheckedRecipe, files: &Files) -> Result<()> {
    match recipe.recipe().transfer.as_ref().and_then(|transfer| transfer.file()) {
        Some(file) => weights_file(file, files).map(drop),
        None => Ok(()),
    }
}

/// SHA-256 of the file of weights that the recipe names, if it names one.
pub(crate) fn weights_sum(recipe: &CheckedRecipe, files: &Files) -> Result<Option<String>> {
    let Some(file) = recipe.recipe().transfer.as_ref().and_then(|transfer| transfer.file()) else {
        return Ok(None);
    };
    let path = weights_file(file, files)?;
    let bytes = read_regular(&path, Limit::Weights.room()).map_err(|source| DataError::Io {
        action: "read",
        path: path.clone(),
        source,
    })?;
    Ok(Some(sha256_hex(&bytes)))
}

/// `network` with the weights that the recipe names, found among `files`; unchanged where it names none.
pub(crate) fn load_pretrained(
    network: Network,
    config: &NetworkConfig,
    recipe: &CheckedRecipe,
    files: &Files,
) -> Result<Network> {
    let Some(transfer) = &recipe.recipe().transfer else { return Ok(network) };
    let Some(file) = transfer.file() else { return Ok(network) };
    let stored = StoredWeights::open(&weights_file(file, files)?)?;
    let mut renames = transfer.renames();
    renames.extend(recipe.recipe().model.architecture.kind().foreign_names());
    let (names, head) = (config.torch_names(), config.head());
    let options =
        LoadOptions { renames: &renames, torch_names: &names, new_head: &head, drop_head: transfer.new_head };
    let loaded = load_stored_weights(network, &stored, options)?;
    let ignored = |name: &String| transfer.ignore.iter().any(|pattern| means(pattern, name));
    match loaded.unexpected.iter().find(|name| !ignored(name)) {
        Some(first) => {
            let expected = format!(
                "names of all tensors that the network has no place for; `{first}` of {} is one ({} in all)",
                stored.path().display(),
                loaded.unexpected.len()
            );
            let found = format!("{:?}", transfer.ignore);
            Err(recipe.recipe().locate(RecipeError::value("transfer.ignore", expected, found)).into())
        }
        None => Ok(loaded.network),
    }
}
